"""
A crowd at one log: ``python -m tests.log.crowd URL KEY FOLDER SECONDS WRITERS SEALERS [PATIENT]``.

Processes write and seal as fast as they can, and every moment one of them is killed as by a
power cut and replaced. A writer notes the id of each event that it was told is durable, in a
file of its own; the program prints how many processes were killed. Who is told that the log is
not available tries again with something else, as visitors do. With PATIENT nobody is killed before
the end of the input.
"""

from __future__ import annotations

import os
import random
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path

from consent.errors import LogError, LogUnavailable
from consent.log.seal import Sealer
from consent.log.store import Store
from tests.log.samples import SITE, SOFTWARE, make

#: Seconds between two kills, and how many there are at least, however busy the machine is.
MOMENT, LEAST = 0.25, 6


def write(url: str, _key: Path, folder: Path) -> None:
    store = Store(url, SITE)
    with (folder / f"{os.getpid()}.ids").open("ab", buffering=0) as notes:
        while True:
            event = make(now_ns=time.time_ns())
            try:
                store.append(event)
            except LogUnavailable:
                (folder / f"{os.getpid()}.refused").touch()
                time.sleep(0.02)
            else:
                notes.write(event.id.bytes)


def seal(url: str, key: Path, folder: Path) -> None:
    sealer = Sealer(Store(url, SITE), key, SOFTWARE)
    while True:
        try:
            sealer.seal()
        except LogUnavailable:
            pass  # it waited too long for another one; nothing is lost by sealing later
        except LogError as error:
            (folder / f"{os.getpid()}.err").write_text(str(error))
            raise
        time.sleep(0.05)


def start(work: Callable[..., None], *about: object) -> int:
    child = os.fork()
    if not child:
        try:
            work(*about)
        finally:
            os._exit(1)
    return child


def end(child: int) -> None:
    os.kill(child, signal.SIGKILL)
    require_killed(child)


def require_killed(child: int) -> None:
    _, status = os.waitpid(child, 0)
    if not os.WIFSIGNALED(status):
        raise SystemExit("a process ended by itself")


def main(
    url: str,
    key: Path,
    folder: Path,
    seconds: float,
    writers: int,
    sealers: int,
    patient: bool,
) -> None:
    first = Store(url, SITE)
    first.count()  # so that those who follow find everything imported
    first.close()
    works = [write] * writers + [seal] * sealers
    crowd = [(work, start(work, url, key, folder)) for work in works]
    stop, killed = time.monotonic() + seconds, 0
    try:
        if patient:
            sys.stdin.read()
        while not patient and (time.monotonic() < stop or killed < LEAST):
            time.sleep(MOMENT)
            work, child = crowd.pop(random.randrange(len(crowd)))
            end(child)
            killed += 1
            crowd.append((work, start(work, url, key, folder)))
    finally:
        for _, child in crowd:
            os.kill(child, signal.SIGKILL)
    for _, child in crowd:
        require_killed(child)
    print(killed)


if __name__ == "__main__":
    url, key, folder, *numbers = sys.argv[1:]
    seconds, writers, sealers = map(int, numbers[:3])
    main(url, Path(key), Path(folder), seconds, writers, sealers, numbers[3:] == ["patient"])
