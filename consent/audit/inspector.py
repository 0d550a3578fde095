"""
The inspector: it checks everything in the background when it is asked to, and keeps the result.

The result lies beside the key of the log, where all processes of a site find it and nobody reaches
it who only has the database: ``<key>.checked``, a JSON object by site, as several may have one key.
Where that cannot be written it is known to this process alone.
"""

from __future__ import annotations

import threading
import time
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path

import msgspec

from consent.audit.finding import Finding, Findings, broken
from consent.audit.inspection import inspect
from consent.audit.state import State
from consent.day import now_ms
from consent.errors import LogError, LogUnavailable
from consent.log.event import read_by
from consent.log.files import complete_or_absent
from consent.log.seal import Sealer
from consent.log.threads import start

#: Milliseconds without a sign of life after which a check was cut off.
DEAD_MS = 60_000

#: Seconds between two signs of life.
PULSE = 1.0

#: Of the time between two pieces, as much is rest as was work, and at least so many seconds.
REST = 0.002


@dataclass(frozen=True, slots=True)
class Inspection:
    """One check of everything; times are milliseconds since 1970 UTC."""

    began_at: int
    seen_at: int  #: the last sign of life
    ended_at: int | None = None  #: None: it goes on, or was cut off
    leaves: int = 0  #: how many were checked
    of: int = 0  #: how many there were when it began
    erased: int = 0
    findings: tuple[Finding, ...] = ()
    problem: str | None = None  #: what kept it from ending, in English

    @property
    def is_complete(self) -> bool:
        """Whether everything was checked."""
        return self.ended_at is not None and self.problem is None

    @property
    def is_unbroken(self) -> bool:
        """Whether it is complete and nothing was found that means otherwise."""
        return self.is_complete and not broken(self.findings)

    def is_running(self, now_ms: int) -> bool:
        """Tell whether it goes on; a sign of life from later is of a clock that was ahead."""
        return self.ended_at is None and abs(now_ms - self.seen_at) < DEAD_MS


#: What is kept: by site, the last complete check and the one that was begun last.
Kept = dict[str, dict[str, Inspection]]

_decoder = msgspec.json.Decoder(Kept)


@dataclass
class Inspector:
    """Checks the log of *sealer*."""

    sealer: Sealer
    _own: dict[str, Inspection] = field(default_factory=dict)  #: what could not be written
    _starting: threading.Lock = field(default_factory=threading.Lock)

    @property
    def path(self) -> Path:
        """The file with the result."""
        return self.sealer.key.with_suffix(".checked")

    def last(self) -> Inspection | None:
        """Return the last complete check, None if there was none."""
        return self._find("last")

    def current(self) -> Inspection | None:
        """Return the check that was begun last, None if none ever was."""
        return self._find("current")

    def start(self) -> bool:
        """
        Begin a check in a thread; return whether none was going on already.

        Raises LogUnavailable if there is no thread to spare.
        """
        with self._starting:
            current, now = self.current(), now_ms()
            if current and current.is_running(now):
                return False
            begun = self._begin(now)
        start(threading.Thread(target=self._run, args=(begun,), name="consent-check", daemon=True))
        return True

    def run(self) -> Inspection:
        """Check everything now, and return the result."""
        return self._run(self._begin(now_ms()))

    def _begin(self, now: int) -> Inspection:
        try:
            size = sum(log.size for log in self.sealer.store.logs())
        except LogUnavailable:
            raise
        except LogError:
            size = 0  # it cannot be told; what is wrong is what the check will find
        begun = Inspection(now, now, of=size)
        self.keep(begun)
        return begun

    def _run(self, begun: Inspection) -> Inspection:
        pulse = _Pulse(self, begun)
        try:
            seen = inspect(self.sealer, pulse.beat)
        except LogError as error:
            made = replace(begun, problem=str(error))
        else:
            made = replace(begun, leaves=seen.leaves, erased=seen.erased, findings=seen.findings)
        now = now_ms()
        made = replace(made, ended_at=now, seen_at=now)
        self.keep(made)
        return made

    def _find(self, name: str) -> Inspection | None:
        found = [each for each in (self._own.get(name), self._kept().get(name)) if each]
        return max(found, key=lambda each: (each.began_at, each.seen_at), default=None)

    def keep(self, made: Inspection) -> None:
        """Keep what is known of the check that was begun last."""
        kept = self._kept() | self._own | {"current": made}
        if made.is_complete:
            kept["last"] = made
        try:
            _write(self.path, _read(self.path) | {self.sealer.store.site: kept})
            self._own = {}
        except OSError:
            self._own = kept

    def _kept(self) -> dict[str, Inspection]:
        return _read(self.path).get(self.sealer.store.site, {})


@dataclass
class _Pulse:
    """Tells now and then how far a check is, and lets others work in between."""

    inspector: Inspector
    begun: Inspection
    _told: float = field(default_factory=time.monotonic)
    _worked: float = field(default_factory=time.monotonic)

    def beat(self, done: int) -> None:
        """Rest; *done* is how many leaves were checked."""
        now = time.monotonic()
        if now - self._told > PULSE:
            self._told = now
            self.inspector.keep(replace(self.begun, leaves=done, seen_at=now_ms()))
        time.sleep(max(now - self._worked, REST))
        self._worked = time.monotonic()


def _read(path: Path) -> Kept:
    # Where there is none, or somebody altered it, nothing was checked.
    with suppress(OSError):
        return read_by(_decoder, path.read_bytes()) or {}
    return {}


def _write(path: Path, kept: Kept) -> None:
    with complete_or_absent(path, 0o644) as file:
        file.write(msgspec.json.encode(kept))


def findings(
    seen: State, last: Inspection | None, current: Inspection | None, now_ms: int
) -> list[Finding]:
    """
    Return what is known at *now_ms*: by the look just now, and by the last check of all.

    *last* is the last complete check, *current* the one begun last; None: there was none.
    """
    found = Findings()
    for finding in last.findings if last else ():
        if finding.is_lasting:
            found.put(finding)
    for finding in seen.findings:
        found.put(finding)
    if current and current.ended_at is None and not current.is_running(now_ms):
        found.add("interrupted")
    return list(found)
