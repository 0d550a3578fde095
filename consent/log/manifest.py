"""What the signed list of a bundle says: sizes and hashes of its files, numbers of its logs."""

from __future__ import annotations

from base64 import b64encode
from dataclasses import dataclass
from hashlib import sha256
from typing import IO

import msgspec

from consent.log import event
from consent.log.merkle.checkpoint import claimed
from consent.log.merkle.logs import LogInfo


class Line(msgspec.Struct):
    """What the list counts of an event."""

    event: str = ""
    kind: str = ""
    notice: str = ""


class _Notice(msgspec.Struct):
    files: dict[str, str] = {}


_line = msgspec.json.Decoder(Line)
_notice = msgspec.json.Decoder(_Notice)


def read(body: bytes) -> Line:
    """
    Return what an event says; nothing for one that was altered beyond reading.

    The verifier finds what was altered, and whatever it is keeps nothing else from being proven.
    """
    return event.read_by(_line, body) or Line()


def files_of(notice: bytes) -> list[str]:
    """Return the hashes of the files that a *notice* names; none for what is no notice."""
    found = event.read_by(_notice, notice)
    return list(found.files.values()) if found else []


class Hashed:
    """A file that is hashed while it is written, in pieces that are worth it."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._pieces: list[bytes] = []
        self._waiting = 0
        self.size = 0
        self.digest = sha256()

    def write(self, data: bytes) -> None:
        """Write *data*, now or with what comes next."""
        self._pieces.append(data)
        self._waiting += len(data)
        if self._waiting > 1 << 16:
            self.flush()

    def flush(self) -> None:
        """Write what waits."""
        data = b"".join(self._pieces)
        self._pieces.clear()
        self.size += self._waiting
        self._waiting = 0
        self.digest.update(data)
        self._file.write(data)


@dataclass
class About:
    """What the manifest says about one log."""

    log: LogInfo
    events: int = 0
    erased: int = 0
    outside: int = 0
    first: int | None = None  #: the earliest time, milliseconds since 1970 UTC
    last: int | None = None

    def give(self, recorded_at: int) -> None:
        """Count an event that is given."""
        self.events += 1
        if self.first is None or self.last is None:
            self.first = self.last = recorded_at
        elif recorded_at > self.last:
            self.last = recorded_at
        elif recorded_at < self.first:
            self.first = recorded_at

    def told(self) -> dict[str, object]:
        """Return the entry of the log in the list."""
        checkpoint = claimed(self.log.checkpoint)
        return {
            "origin": self.log.origin,
            "folder": self.log.folder,
            "size": checkpoint.size,
            "root": b64encode(checkpoint.root).decode(),
            "events": self.events,
            "erased": self.erased,
            "outside": self.outside,
            "recorded_from": None if self.first is None else event.timestamp(self.first),
            "recorded_until": None if self.last is None else event.timestamp(self.last),
        }
