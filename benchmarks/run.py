"""What one run has to work with: sizes, a folder, a database server, a browser."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Sizes:
    """How much is measured."""

    rounds: int  #: turns of each side that CPU times are the median of
    calls: int  #: requests in a turn
    slices: int  #: turns of each side that rates are the median of
    seconds: float  #: length of such a turn
    rows: int  #: rows of the full table
    loads: int  #: page loads of each kind in the browser
    settle: int  #: milliseconds that a loaded page is left to finish


FULL = Sizes(rounds=60, calls=30, slices=9, seconds=0.8, rows=1_000_000, loads=21, settle=250)
QUICK = Sizes(rounds=15, calls=20, slices=3, seconds=0.5, rows=100_000, loads=7, settle=150)


@dataclass(frozen=True, slots=True)
class Run:
    """One run."""

    sizes: Sizes
    folder: Path
    new_database: Callable[[], str] | None  #: makes one on PostgreSQL; None: no server here
    chromium: str | None  #: its program; None: not here

    def new_folder(self) -> Path:
        """Make an empty folder within the one of this run."""
        return Path(tempfile.mkdtemp(dir=self.folder))


def disk() -> str | None:
    """
    Return a folder for temporary files that is on a disk, or None for the usual one.

    ``/tmp`` is often in memory, where a durable write costs nothing and a rate says nothing.
    """
    return "/var/tmp" if Path("/var/tmp").is_dir() else None
