"""
Anchors: what was published, kept outside the database.

A file that is only added to, a line of canonical JSON for each checkpoint:

    {"at":"2026-11-25T03:50:00.123Z","checkpoint":"verein.example/consent/2026\\n…"}

Whoever restores an old database, or has another one, is found out by it: the log would then
have two continuations. The file is trusted: who can write it and the database can hide that.
"""

from __future__ import annotations

import json
import os
from pathlib import Path

from consent.canonical import canonical
from consent.errors import LogError
from consent.log.checkpoint import claimed
from consent.log.event import timestamp
from consent.log.logs import Name, name_of

#: Bytes beyond which lines are dropped that a later one of the same log makes needless.
FULL = 4_000_000

Known = dict[Name, str]


class Anchors:
    """The anchors in the file *path*, shared by all sites and processes of a machine."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def newest(self, site: str) -> Known:
        """Return the newest checkpoint of each log of *site*, the one that grew last at the end."""
        known: Known = {}
        for line in self._lines():
            note = _note(line)
            checkpoint = claimed(note) if note else None
            name = name_of(site, checkpoint.origin) if checkpoint else None
            if note is None or checkpoint is None or name is None:
                continue
            before = known.pop(name, None)
            known[name] = before if before and claimed(before).size > checkpoint.size else note
        return known

    def append(self, note: str, now_ms: int) -> None:
        """Add the checkpoint *note*; return when it is durable. Raises LogError if it cannot."""
        line = canonical({"at": timestamp(now_ms), "checkpoint": note}) + b"\n"
        try:
            self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
            try:
                size = os.fstat(descriptor).st_size
                if size and os.pread(descriptor, 1, size - 1) != b"\n":
                    line = b"\n" + line  # after one that a power cut left without its end
                os.write(descriptor, line)
                os.fsync(descriptor)
            finally:
                os.close(descriptor)
        except OSError as error:
            raise LogError(f"{self.path}: cannot be written: {error.strerror}") from None

    def _lines(self) -> list[bytes]:
        try:
            return self.path.read_bytes().split(b"\n")
        except FileNotFoundError:
            return []
        except OSError as error:
            raise LogError(f"{self.path}: cannot be read: {error.strerror}") from None


def _note(line: bytes) -> str | None:
    """Return the checkpoint in a *line*, None for one that was cut off."""
    try:
        note = json.loads(line)["checkpoint"]
        claimed(note)
    except (ValueError, KeyError, TypeError, AttributeError, LogError):
        return None
    return str(note)
