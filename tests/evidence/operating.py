"""What an operator does with the log, and what goes wrong meanwhile."""

from __future__ import annotations

import copy
import re
from collections.abc import Collection
from datetime import date
from pathlib import Path

from click.testing import Result

from consent.errors import LogError, noun
from consent.policy.duration import last_year, parse
from tests.evidence.clock import Clock
from tests.evidence.state import Event, State
from tests.evidence.visitors import Visited
from tests.log.authority import Authority

#: The kinds of events that a command may record, by its first words.
RECORDS = {
    "seal": set(),
    "erase": {"erasure"},
    "expire": {"erasure"},
    "export": {"export"},
    "log rotate": {"key"},
    "log reopen": {"erasure"},
    "stats": set(),
    "auditor": {"access"},
}


class Operated(Visited):
    """A site whose operator types commands."""

    def __init__(self, folder: Path, clock: Clock, database: str | None = None) -> None:
        super().__init__(folder, clock, database)
        self.copies: list[tuple[Path, State]] = []
        self.keys: list[str] = []  #: vkeys that somebody noted
        self.authority: Authority | None = None

    def command(self, *words: str, code: int | None = 0) -> Result:
        """Run a command, and look at what any command keeps to."""
        done = self.site.run(*words)
        said = f"{words}: {done.exit_code} {done.output}"
        assert done.exception is None or isinstance(done.exception, SystemExit), said
        assert "Traceback" not in done.output, said
        assert not any(number in done.output for number in self.numbers.difference(words)), said
        assert code in (None, done.exit_code), said
        assert not done.exit_code or done.output.strip()
        return done

    def refused(self, done: Result, *why: str) -> None:
        """A command has done nothing, and said *why*, or what to do."""
        assert done.exit_code == 1
        assert any(word in done.output for word in why or ("log reopen", "log rotate")), done.output
        self.look()

    def seal(self) -> None:
        waits = self.site.rows().waiting
        done = self.command("seal", code=None)
        if (waits or self.state.sizes) and not self.can_seal:
            return self.refused(done)
        assert done.exit_code == 0, done.output
        assert not self.look().waiting
        assert self.command("seal").output == "0 events sealed\n"

    def seal_in_the_site(self) -> None:
        """Do what the thread of a site does, which also looks whether the newest is published."""
        waits, looks = self.site.rows().waiting, not self.site.site.sealer._is_published
        try:
            self.site.site._seal()
        except LogError:
            assert waits or looks
            assert not self.can_seal
        else:
            assert not waits or self.can_seal
        self.look()

    def erase(self, number: int) -> None:
        """Erase a receipt that there is, or was."""
        receipt = self.receipt(number)
        ids = {id for id, e in self.state.events.items() if e.get("receipt") == receipt}
        done = self.command("erase", receipt, "--ground", "art-17", code=None)
        if not ids:
            return self.refused(done, "no event has this receipt")
        self._erased(done, ids)

    def receipt(self, number: int) -> str:
        numbers = sorted(self.numbers) or ["A" * 26]
        return numbers[number % len(numbers)]

    def _erased(self, done: Result, ids: set[str]) -> None:
        if ids and not self.can_seal:
            return self.refused(done)
        assert (done.exit_code, f"{_events(ids)} erased" in done.output) == (0, True)
        self.look(*["erasure"] * self._fresh("erasure"), removes=ids)
        self.nothing_left()

    def _fresh(self, kind: str) -> int:
        """Return how many events of a *kind* are new."""
        rows, mark = self.site.rows().events, f'"event":"{kind}"'.encode()
        return sum(mark in rows[id].body for id in rows.keys() - self.state.events.keys())

    def nothing_left(self) -> None:
        """What was erased is nowhere in the files of the database."""
        if not self.site.database:
            content = self.site.bytes_on_disk()
            assert not [secret for secret in self.state.gone if secret in content]

    def expire(self) -> None:
        ids, words = self.due(), ["expire"]
        dry = self.command(*words, "--dry-run", code=None)
        if dry.exit_code:
            assert ids
            self.refused(dry, "wanted a day that the log comes near to")
            words += ["--today", str(self.clock.today)]
            dry = self.command(*words, "--dry-run")
        _require_erased(dry, f"{_events(ids)} would be erased")
        self.look()
        done = self.command(*words, code=None)
        if not ids:
            return _require_erased(done, "0 events erased")
        self._erased(done, ids)

    def due(self) -> set[str]:
        """Return what is past its time, as the documentation says it."""
        kept = parse(self.declared.get("retention", "3 years"))
        year = last_year(kept, self.clock.today) or 0
        groups: dict[str, list[tuple[str, Event]]] = {}
        for id, one in self.state.events.items():
            if one["event"] in ("decision", "export", "access"):
                groups.setdefault(one.get("receipt") or id, []).append((id, one))
        return {id for one in groups.values() if self._is_over(one, year) for id, _ in one}

    def _is_over(self, group: list[tuple[str, Event]], year: int) -> bool:
        *_, last = events = [one for _, one in group]
        if last.get("kind") == "refusal":
            return date.fromisoformat(last["valid_until"]) < self.clock.today
        days = [one.get("valid_until") or one["recorded_at"][:10] for one in events]
        end = last["recorded_at"] if last.get("kind") == "withdrawal" else max(days)
        return int(end[:4]) <= year

    def rotate(self) -> None:
        is_cut, could = self.is_cut, self.can_seal
        done = self.command("log", "rotate", code=None)
        if not self.state.sizes and done.exit_code:
            return self.refused(done, "no log yet", "log reopen")
        if not is_cut and not could:
            return self.refused(done)
        assert done.exit_code == 0, done.output
        self.look(*[] if is_cut else ["key"])
        assert self.has_key
        self.note_keys()

    def lose_key(self) -> None:
        self.site.sealer.key.unlink(missing_ok=True)

    def rotate_lost(self) -> None:
        is_there, is_cut = self.site.sealer.key.exists(), self.is_cut
        done = self.command("log", "rotate", "--lost", code=None)
        if is_there:
            return self.refused(done, "wanted a rotation without --lost")
        if not self.state.sizes:
            return self.refused(done, "no log yet", "log reopen")
        if self.refuses and not is_cut:
            return self.refused(done)
        assert done.exit_code == 0, done.output
        self.look()
        assert self.has_key
        self.note_keys()

    def note_keys(self) -> None:
        """Note what verifies the logs, as the operator publishes it."""
        said = self.command("log", "key").output.split()
        self.keys += [key for key in said if key not in self.keys]
        self.look()

    def copy(self) -> None:
        """Make a backup."""
        if self.state.events:
            self.copies.append((self.site.copy(), copy.deepcopy(self.state)))

    def restore(self, number: int, anchors: bool) -> None:
        """Put a backup back; without *anchors* what was published and erased is forgotten, too."""
        if not self.copies:
            return
        folder, state = self.copies[number % len(self.copies)]
        self.site.restore(folder)
        self.state = copy.deepcopy(state)
        if not anchors:
            for end in (".anchors", ".erased"):
                self.site.sealer.key.with_suffix(end).unlink(missing_ok=True)
        self.restart()

    def reopen(self) -> None:
        done = self.command("log", "reopen", code=None)
        if not self.refuses:
            return self.refused(done, "reaches all that was published")
        assert done.exit_code == 0, done.output
        again = self.state.events.keys() - self.site.rows().events.keys()
        assert f"{_events(again)} erased again" in done.output
        self.look(*["erasure"] * self._fresh("erasure"), removes=again)
        assert self.can_seal
        self.nothing_left()
        self.note_keys()

    def stamp(self) -> None:
        """Have the logs stamped."""
        if self.authority is None:
            self.authority = Authority(self.folder / "authority", "Chosen")
        with self.authority.served() as url:
            asked = {"CONSENT_TSA": url, "CONSENT_TSA_CERTIFICATES": str(self.authority.roots)}
            before, self.site.config = self.site.config, {**self.site.config, **asked}
            self.command("log", "stamp")
            again = self.command("log", "stamp")
            self.site.config = before
        assert not again.output
        self.look()

    def check(self) -> None:
        """Let the site look at itself."""
        done = self.command("check", code=None)
        assert done.exit_code == (1 if re.search("^problem: ", done.output, re.MULTILINE) else 0)
        self.look()

    def run_when_full(self, size: int, *words: str) -> None:
        """Run a command while no file may grow beyond *size* bytes."""
        before = set(self.folder.glob("*.part"))
        with self.site.full_disk(size):
            self.command(*words, code=None)
        self._settle(words)
        assert set(self.folder.glob("*.part")) == before

    def run_killed(self, deeds: int, *words: str) -> None:
        """Kill a command before it has done so many things."""
        self.site.close()
        self.site.kill(lambda: self.site.run(*words), deeds)
        self._settle(words)

    def _settle(self, words: tuple[str, ...]) -> None:
        """Take in what a command has done, whole or not at all."""
        command = next(name for name in RECORDS if " ".join(words).startswith(name))
        new = {kind: self._fresh(kind) for kind in ("key", "export", "erasure", "access")}
        assert {kind for kind in new if new[kind]} <= RECORDS[command]
        gone = self.state.events.keys() - self.site.rows().events.keys()
        assert not gone or new["erasure"]
        self.look(*(kind for kind, count in new.items() for _ in range(count)), removes=gone)


def _events(ids: Collection[str]) -> str:
    return f"{len(ids)} {noun(len(ids), 'event')}"


def _require_erased(done: Result, what: str) -> None:
    """Those who were invited long ago are forgotten, too, of whom nothing is in the log."""
    first, *more = done.output.splitlines()
    assert first == what
    assert len(more) == len([line for line in more if "to the desk" in line]) <= 1
