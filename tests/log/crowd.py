"""
A crowd at one log: ``python -m tests.log.crowd URL KEY FOLDER SECONDS WRITERS SEALERS``.

Processes write and seal as fast as they can, and every moment one of them is killed as by a
power cut and replaced. A writer notes the id of each event that it was told is durable, in a
file of its own; the program prints how many processes were killed.
"""

from __future__ import annotations

import os
import random
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path

from consent.errors import LogError
from consent.log.seal import Sealer
from consent.log.store import Store
from tests.log.samples import SITE, SOFTWARE, make

#: Seconds between two kills.
MOMENT = 0.25


def write(url: str, key: Path, folder: Path) -> None:
    store = Store(url, SITE)
    with (folder / f"{os.getpid()}.ids").open("ab", buffering=0) as notes:
        while True:
            event = make(now_ns=time.time_ns())
            store.append(event)
            notes.write(event.id.bytes)


def seal(url: str, key: Path, folder: Path) -> None:
    sealer = Sealer(Store(url, SITE), key, SOFTWARE)
    while True:
        try:
            sealer.seal()
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
    _, status = os.waitpid(child, 0)
    if not os.WIFSIGNALED(status):
        raise SystemExit("a process ended by itself")


def main(url: str, key: Path, folder: Path, seconds: float, writers: int, sealers: int) -> None:
    first = Store(url, SITE)
    first.count()  # so that those who follow find everything imported
    first.close()
    works = [write] * writers + [seal] * sealers
    crowd = [(work, start(work, url, key, folder)) for work in works]
    stop, killed = time.monotonic() + seconds, 0
    while time.monotonic() < stop:
        time.sleep(MOMENT)
        work, child = crowd.pop(random.randrange(len(crowd)))
        end(child)
        killed += 1
        crowd.append((work, start(work, url, key, folder)))
    for _, child in crowd:
        end(child)
    print(killed)


if __name__ == "__main__":
    url, key, folder, *numbers = sys.argv[1:]
    seconds, writers, sealers = map(int, numbers)
    main(url, Path(key), Path(folder), seconds, writers, sealers)
