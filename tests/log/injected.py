"""
Faults of the system at each write and sync of a seal: ``python -m tests.log.injected FOLDER STEP``.

For each system call that the first seal of a log makes, and for each kind of fault, a process
seals under strace, which lets that call fail or kills the process there; every STEP-th is tried.
Then another process looks at the log, seals it and looks again. Prints how many faults were
tried; ends with a trace back if one of them did harm.
"""

from __future__ import annotations

import ctypes
import os
import shutil
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from consent.errors import LogError
from consent.log.seal import Sealer
from consent.log.store import Store
from tests.log.audit import audit, note_of, published
from tests.log.samples import MS, NOW, SITE, SOFTWARE, make

CALLS = "write,pwrite64,fsync,fdatasync,link,unlink,ftruncate"
FAULTS = ("signal=KILL", "error=EIO", "error=ENOSPC")
ORIGIN = f"{SITE}/consent/2026"
EVENTS = 3

_PR_SET_PTRACER, _ANY = 0x59616D61, -1


def sealer_of(folder: Path) -> Sealer:
    store = Store(f"sqlite:///{folder}/consent.db", SITE)
    return Sealer(store, folder / "consent.key", SOFTWARE)


def prepare(folder: Path) -> None:
    """Make a log with events that wait, and leave no connection open."""
    store = sealer_of(folder).store
    for n in range(EVENTS):
        store.append(make(now_ns=NOW + n * MS))
    store.close()


def in_a_process(work: Callable[[], object], trace: list[str] | None = None) -> int:
    """Do *work* in a process of its own, perhaps under strace; return how it ended."""
    child = os.fork()
    if not child:
        if trace is not None:
            ctypes.CDLL(None).prctl(_PR_SET_PTRACER, ctypes.c_ulong(_ANY), 0, 0, 0)
            while "TracerPid:\t0\n" in Path("/proc/self/status").read_text():
                time.sleep(0.002)
        try:
            work()
        except LogError:
            os._exit(3)
        finally:
            os._exit(0 if sys.exc_info()[0] is None else 1)
    if trace is None:
        return os.waitpid(child, 0)[1]
    with subprocess.Popen(["strace", "-qq", "-p", str(child), *trace], stderr=subprocess.PIPE):
        return os.waitpid(child, 0)[1]


def calls_of_a_seal(folder: Path) -> list[tuple[str, int]]:
    """Return the calls that a seal without fault makes: which, and the how manieth of its name."""
    log, seen = folder / "calls", Counter()
    in_a_process(sealer_of(folder).seal, ["-e", f"trace={CALLS}", "-o", str(log)])
    found = []
    for line in log.read_text().splitlines():
        name, bracket, _ = line.partition("(")
        if bracket:
            seen[name] += 1
            found.append((name, seen[name]))
    return found


def look(folder: Path) -> None:
    """Find nothing wrong before and after another seal."""
    sealer = sealer_of(folder)
    audit(sealer.store, sealer.anchors)
    newest = {log.origin: log.size for log in sealer.store.logs()}
    for note in published(sealer.anchors, ORIGIN):
        assert int(note.splitlines()[1]) <= newest[ORIGIN]
    sealer.seal()
    assert len(audit(sealer.store, sealer.anchors)) == EVENTS + 1
    assert published(sealer.anchors, ORIGIN)[-1] == note_of(sealer.store, ORIGIN)


def main(folder: Path, step: int) -> None:
    first = folder / "first"
    prepare(first)
    counted = folder / "counted"
    shutil.copytree(first, counted)
    calls = calls_of_a_seal(counted)
    points = [(*call, fault) for call in calls for fault in FAULTS][::step]
    for name, number, fault in points:
        place = folder / f"{name}-{number}-{fault}"
        shutil.copytree(first, place)
        trace = ["-e", f"trace={name}", "-e", f"inject={name}:{fault}:when={number}"]
        in_a_process(sealer_of(place).seal, [*trace, "-o", os.devnull])
        if in_a_process(lambda place=place: look(place)):
            raise SystemExit(f"{name} {number}, {fault}: {place}")
        shutil.rmtree(place)
    print(len(points))


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
