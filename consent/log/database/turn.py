"""
Turns: who may write to an SQLite file next.

SQLite itself lets a waiting writer sleep and try again, and whoever happens to try at the right
moment goes on; under load one process can wait for seconds while others write thousands of rows.
So a writer takes a turn first: within the process by a lock, between processes by ``flock`` on a
file beside the database, which the kernel grants in the order of asking and takes back from a
process that dies. It keeps the order only. That no two write at once is up to SQLite, so nothing
is lost where there is no ``flock``.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from consent.log.files import opened

try:
    import fcntl as _fcntl
except ImportError:  # pragma: no cover - not on Windows
    _system: Any = None
else:
    _system = _fcntl


class Turns:
    """The queue of the writers to one SQLite file."""

    def __init__(self, file: str) -> None:
        self._file = Path(file + ".lock")
        self._inside = threading.Lock()
        self._process = os.getpid()

    @contextmanager
    def take(self, seconds: float) -> Iterator[None]:
        """
        Hold the turn while the block runs.

        Raises TimeoutError when no other thread of this process let go within *seconds*.
        One thread of each process may wait longer: for a process that was stopped halfway.
        """
        if self._process != os.getpid():
            # A lock that was held while the process forked is never released in the child.
            self._inside, self._process = threading.Lock(), os.getpid()
        inside = self._inside
        if not inside.acquire(timeout=seconds):
            raise TimeoutError(f"{self._file}: no turn within {seconds:g} seconds")
        try:
            if _system is None:
                yield
                return
            # Reading is all that flock needs, so that whoever may write to the database, as the
            # group at most, can also take a turn; and nobody else, who would keep it for good.
            file = opened(self._file, os.O_RDONLY, 0o640)
            try:
                with exclusive(file):
                    yield
            finally:
                os.close(file)
        finally:
            inside.release()


@contextmanager
def exclusive(file: int) -> Iterator[None]:
    """Hold the lock on an open *file* while the block runs, where the system has such locks."""
    if _system is None:
        yield
        return
    _system.flock(file, _system.LOCK_EX)
    try:
        yield
    finally:
        # Said explicitly, as a process that was forked meanwhile has the file open too.
        _system.flock(file, _system.LOCK_UN)
