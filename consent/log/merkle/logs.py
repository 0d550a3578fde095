"""
The logs of a site: one for each year UTC, and another one where one had to be given up.

    name    2026, then 2026.1, 2026.2 for further logs of that year
    origin  <site>/consent/<name>, with /<shard> after it where the shard is not 0
    folder  <name>, with -s<shard> after it where the shard is not 0
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Self

from consent.errors import LogError

_NAME = re.compile(r"([1-9][0-9]{3})(?:\.([1-9][0-9]{0,8}))?", re.ASCII)


@dataclass(frozen=True, slots=True, order=True)
class Name:
    """Which log of a site; later ones are greater."""

    year: int
    part: int = 0  #: how many there were before it in its year

    def __str__(self) -> str:
        return f"{self.year}.{self.part}" if self.part else str(self.year)

    @classmethod
    def parse(cls, text: str) -> Self:
        """Return the name that *text* spells. Raises LogError if it spells none."""
        match = _NAME.fullmatch(text)
        if match is None:
            raise LogError(f"found {text!r}, wanted the name of a log such as 2026 or 2026.1")
        return cls(int(match[1]), int(match[2] or 0))


@dataclass(frozen=True, slots=True)
class LogInfo:
    """One log; it has at least one leaf."""

    origin: str
    folder: str
    year: int
    shard: int
    size: int  #: leaves
    checkpoint: str  #: the newest, a signed note
    vkey: str  #: what verifies it


def origin_of(site: str, name: Name, shard: int = 0) -> str:
    """Return the origin of a log."""
    return f"{site}/consent/{name}" + (f"/{shard}" if shard else "")


def folder_of(name: Name, shard: int = 0) -> str:
    """Return what the folder of a log is called in an export."""
    return f"{name}-s{shard}" if shard else str(name)


def name_of(site: str, origin: str) -> Name | None:
    """Return which log of *site*, shard 0, has this *origin*; None: it is of another site."""
    start = f"{site}/consent/"
    rest = origin.removeprefix(start)
    if not origin.startswith(start) or not _NAME.fullmatch(rest):
        return None
    return Name.parse(rest)
