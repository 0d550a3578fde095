"""
Processes that write to the log: ``python -m tests.log.writer URL COUNT [PROCESSES]``.

The program says "ready" and waits for a line. Then each process appends COUNT events, and says
the id of each when it was told that the event is durable. At the end the program waits for
another line, or to be killed. Its exit code is 0 if all went well in all processes.
"""

from __future__ import annotations

import os
import sys
import time

from consent.log.store import Store
from tests.log.samples import SITE, make


def write(store: Store, count: int) -> None:
    for _ in range(count):
        event = make(now_ns=time.time_ns())
        store.append(event)
        os.write(1, f"{event.id}\n".encode())  # at once and whole, whoever else writes
    store.close()


def in_processes(store: Store, count: int, processes: int) -> int:
    """Return how many of the *processes* failed."""
    children = []
    for _ in range(processes):
        child = os.fork()
        if not child:
            failed = True
            try:
                write(store, count)
                failed = False
            finally:
                os._exit(failed)
        children.append(child)
    return sum(os.waitpid(child, 0)[1] != 0 for child in children)


def main(url: str, count: int, processes: int) -> int:
    store = Store(url, SITE)
    print("ready", flush=True)
    sys.stdin.readline()
    if processes == 1:
        write(store, count)
        failed = 0
    else:
        failed = in_processes(store, count, processes)
    sys.stdin.readline()
    return failed


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], int(sys.argv[2]), int((sys.argv[3:] or ["1"])[0])))
