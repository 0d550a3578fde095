"""What an auditor takes along, and how it is checked without the site."""

from __future__ import annotations

import io
import json
import re
import subprocess
from base64 import b64decode
from collections import Counter
from contextlib import redirect_stdout
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from consent.audit.inspection import inspect
from consent.errors import noun
from consent.log import verify
from tests.evidence.bundles import Bundle
from tests.evidence.clock import Clock
from tests.evidence.operating import Operated
from tests.evidence.state import checkpoint_in, day_of, order
from tests.evidence.views import ids
from tests.log.bundles import b64, leaf_hash

#: By which the verifier takes two clocks for the same.
TOLERANCE = timedelta(minutes=5)


class Audited(Operated):
    """A site that an auditor looks at, again and again."""

    def __init__(self, folder: Path, clock: Clock, database: str | None = None) -> None:
        super().__init__(folder, clock, database)
        self.bundles: list[Bundle] = []
        self._files = 0

    def out(self, end: str) -> Path:
        """Return the name of a file that is not there yet."""
        self._files += 1
        return self.folder / f"out-{self._files}.{end}"

    def export(self, format: str, since: date | None, until: date | None) -> None:
        """Take a view along; it has every event of the days, and nothing that was erased."""
        path = self.out(format)
        name, *more = format.split("-")
        words = ["export", "--format", name, "--out", str(path), *(f"--{one}" for one in more)]
        words += [*_days(since, until), "--by", "DSB"]
        wanted = self.within(since, until)
        if since and until and since > until:
            self.command(*words, code=2)
            return
        if format == "jsonld":
            wanted = {id: e for id, e in wanted.items() if e["event"] == "decision"}
        done = self.command(*words)
        assert f"{len(wanted)} {noun(len(wanted), 'event')} written" in done.output
        self.look("export")
        assert self.newest()["rows"] == len(wanted)
        assert not [secret for secret in self.state.gone if secret in path.read_bytes()]
        assert Counter(ids(format, path)) == Counter(e["id"] for e in wanted.values())

    def bundle(
        self,
        since: date | None = None,
        until: date | None = None,
        previous: int | None = None,
        start: int | None = None,
        end: date | None = None,
    ) -> None:
        """Take a bundle along: of days, or from an earlier bundle on, to a day."""
        path = self.out("zip")
        words = ["export", "--format", "bundle", "--out", str(path), *_days(since, until)]
        old, begin = self._earlier(previous), self._earlier(start)
        words += ["--previous", str(old.note)] if old else []
        if begin:
            words += ["--from-checkpoint", str(begin.note if begin.is_of_days else begin.path)]
        words += ["--sealed-until", str(end)] if end else []
        waits = self.site.rows().waiting
        done = self.command(*words, code=None)
        if done.exit_code == 2:
            assert (since or date.min) > (until or date.max)
        elif not self.can_seal:
            self.refused(done)
        elif not waits and not self.state.sizes:
            self.refused(done, "nothing to take along")
        elif "a time stamp over a checkpoint" in done.output:
            assert self._has_other_stamp()
            self.refused(done, "never had")
        elif done.exit_code:
            self.look()
            strange = [b for b in (old, begin) if b and self.root(*b.end[:2]) != b.end[2]]
            why = (
                ("does not continue", "there is no log")
                if strange
                else ("later day", "ended before", "nothing was sealed then")
            )
            assert strange or end
            self.refused(done, *why)
        else:
            self.look("export")
            self._take(Bundle(path), old, begin)
        assert path.exists() is (done.exit_code == 0)

    def _has_other_stamp(self) -> bool:
        """Tell whether a checkpoint was stamped that is not of this past."""
        files = self.site.sealer.key.with_suffix(".stamps").rglob("*.txt")
        stamped = [checkpoint_in(file.read_text("utf-8")) for file in files]
        return any(self.root(origin, size) not in (None, root) for origin, size, root in stamped)

    def _earlier(self, number: int | None) -> Bundle | None:
        there = self.bundles if number is not None else []
        return there[number % len(there)] if there else None

    def _take(self, bundle: Bundle, old: Bundle | None, begin: Bundle | None) -> None:
        """Look at a bundle that was made just now."""
        about, waiting = bundle.about, self.site.rows().waiting
        assert about["logs"]  # one without any would fit every day
        for log in about["logs"]:
            assert self.root(log["origin"], log["size"]) == log["root"]
        bodies = set(bundle.bodies)
        sealed = {id: e for id, e in self.state.events.items() if id not in waiting}
        assert bodies <= {e["body"] for e in sealed.values()}
        if bundle.is_whole or bundle.is_of_days:
            days = (about[name] and date.fromisoformat(about[name]) for name in ("since", "until"))
            wanted = {e["body"] for id, e in self.within(*days).items() if id in sealed}
            assert wanted <= bodies
        kinds = (json.loads(body) for body in bundle.bodies)
        assert Counter(one.get("kind", one["event"]) for one in kinds) == Counter(about["counts"])
        for body in bundle.files.values():
            assert not [secret for secret in self.state.gone if secret in body]
        self.note_keys()
        if not about["logs"]:
            return
        after = ["--after", str(begin.path)] if begin and not begin.is_of_days else []
        more = ["--previous", str(old.note)] if old else []
        answer = self.verify(bundle.path, *after, *more)
        assert not answer["findings"]
        if old and old.end[0] in bundle.sizes:
            assert any("earlier checkpoint covers" in text for text in answer["proven"])
        self.bundles.append(bundle)

    def verify(self, path: Path, *words: str) -> dict[str, Any]:
        """Let the verifier look at a file with the keys that were noted."""
        keys = self.folder / "vkeys.txt"
        keys.write_text("".join(f"{key}\n" for key in self.keys))
        with redirect_stdout(io.StringIO()) as said:
            code = verify.main([str(path), "--vkeys", str(keys), "--json", "--lang", "en", *words])
        answer = json.loads(said.getvalue())
        assert code == (0 if answer["ok"] else 1)
        return answer

    def compare(self, older: int, newer: int) -> None:
        """Hold a bundle against the checkpoint of another one: a rollback is told as such."""
        one, two = self._earlier(older), self._earlier(newer)
        if one is None or two is None:
            return
        answer = self.verify(two.path, "--previous", str(one.note))
        origin, size, _ = one.end
        if origin not in two.sizes:
            wanted = {"old.gone"} if two.is_whole else set(_codes(answer))
        elif two.sizes[origin] < size:
            wanted = {"old.shrunk"}
        else:
            wanted = set() if two.continues(one.end) else {"old.fork"}
        assert set(_codes(answer)) == wanted

    def show(self, number: int) -> None:
        """Hold a receipt against the log: it is proven as long as that stands, erased or not."""
        if not self.downloads:
            return
        self.note_keys()
        path, held = self.downloads[number % len(self.downloads)]
        answer = self.verify(path)
        sealed = [record["proof"] for record in held["records"] if record["proof"]]
        assert (answer["findings"], len(answer["proven"])) == ([], len(sealed))
        for bundle in self.bundles[-3:]:
            if bundle.is_whole:
                self._meet(bundle, path, held)

    def _meet(self, bundle: Bundle, path: Path, held: dict[str, Any]) -> None:
        """Hold a receipt against a bundle: each record is found in it or missed."""
        answer = self.verify(bundle.path, str(path))
        proofs = [record["proof"] for record in held["records"]]
        ends = [proof and checkpoint_in(proof.split("\n\n")[1]) for proof in proofs]
        reached = [end for end in ends if end and bundle.sizes.get(end[0], 0) >= end[1]]
        is_other = not all(bundle.continues(end) for end in reached)
        assert ("old.fork" in _codes(answer)) is is_other
        leaves = {hash for hashes in bundle.hashes.values() for hash in hashes}
        latest = max(_at(body) for body in bundle.bodies)
        for number, record in enumerate(held["records"], 1):
            body = record["event"].encode()
            is_there = b64(leaf_hash(b64decode(record["salt"]), body)) in leaves
            end = ends[number - 1]
            is_closed = any(end and order(end[0]) < order(other) for other in bundle.sizes)
            missed = [f["text"] for f in answer["findings"] if f["code"] == "receipt.absent"]
            is_missed = any(re.search(rf"\brecord {number} ", text) for text in missed)
            if is_there or is_closed or latest > _at(body) + TOLERANCE:
                assert is_missed is not is_there

    def stats(self, since: date | None = None, until: date | None = None) -> None:
        """Let the figures be told; they are those of the log, and of what was counted in it."""
        first, last = since or date(2020, 1, 1), until or date(2040, 1, 1)
        done = self.command("stats", "--json", *_days(first, last), code=None)
        if first > last:
            assert done.exit_code == 2
            return
        self.look()
        said = json.loads(done.stdout)
        counted = self.state.events.keys() | self.state.counted
        events = [self.known[id] for id in counted if first <= day_of(self.known[id]["ms"]) <= last]
        kinds = Counter(_kind(e) for e in events if e["event"] == "decision")
        assert Counter({k: n for k, n in said["kinds"].items() if n}) == kinds
        found = {finding["what"] for finding in said["log"]["findings"]}
        assert found - {"waiting", "key", "unanchored"} == ({"anchor"} if self.refuses else set())
        assert said["log"]["entries"] == sum(self.state.sizes.values())

    def finish(self, by_shell: bool) -> None:
        """
        Bring everything in order, as an operator can, and look at all of it.

        *by_shell*: the last bundle with the shell's verifier, too, which takes long.
        """
        if self.is_cut:
            self.rotate()
        if self.refuses:
            self.reopen()
        if not self.has_key:
            self.lose_key()
            self.rotate_lost()
        self.seal()
        found = inspect(self.site.sealer).findings
        assert {finding.what for finding in found} <= {"unanchored"}
        self.bundle()
        for number in range(len(self.bundles)):
            self.compare(number, len(self.bundles) - 1)
        for number in range(len(self.downloads)):
            self.show(number)
        self.stats()
        self.expire()
        if self.bundles and by_shell:
            self._check_by_shell(self.bundles[-1])

    def _check_by_shell(self, bundle: Bundle) -> None:
        script = Path(verify.__file__).with_suffix(".sh")
        words = ["sh", str(script), "--leaves", "3", str(bundle.path), *self.keys]
        done = subprocess.run(words, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr


def _days(since: date | None, until: date | None) -> list[str]:
    words = [("--since", since), ("--until", until)]
    return [word for name, day in words if day for word in (name, str(day))]


def _codes(answer: dict[str, Any]) -> list[str]:
    return [finding["code"] for finding in answer["findings"]]


def _at(body: bytes) -> datetime:
    return datetime.fromisoformat(json.loads(body)["recorded_at"])


def _kind(event: dict[str, Any]) -> str:
    is_partial = event["kind"] == "grant" and (event["refused"] or event["undecided"])
    return "partial" if is_partial else event["kind"]
