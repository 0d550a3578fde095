"""
Anchors: what was published, kept outside the database.

A file that is added to, a line of canonical JSON for each checkpoint:

    {"at":"2026-11-25T03:50:00.123Z","checkpoint":"verein.example/consent/2026\\n…"}

Whoever restores an old database, or has another one, is found out by it: the log would then
have two continuations. The file is trusted: who can write it and the database can hide that.
Once it is long, only the last line of each log and day is kept, but on Windows.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from consent.canonical import canonical
from consent.errors import LogError
from consent.log.database.turn import exclusive
from consent.log.event import timestamp
from consent.log.files import complete_or_absent, make_folder, opened, sync_folder, unwritable
from consent.log.merkle.checkpoint import claimed
from consent.log.merkle.logs import Name, name_of

#: Bytes beyond which lines are dropped that a later one of the same log and day makes needless.
FULL = 4_000_000

#: Bytes at the end of the file in which the time of a checkpoint is looked for.
RECENT = 64_000

#: Whether another file can take the place of one that is open.
CAN_REPLACE = sys.platform != "win32"

#: The newest checkpoint of each log of a site, as a note; the one that grew last at the end.
Known = dict[Name, str]


class _Read(NamedTuple):
    """What was read of the file."""

    inode: int = 0
    size: int = 0
    newest: Mapping[str, str] = {}  #: checkpoints by origin; the one that grew last at the end


class Anchors:
    """The anchors in the file *path*, shared by all sites, processes and threads of a machine."""

    def __init__(self, path: Path) -> None:
        self.path = path
        # Exchanged as a whole, so that no thread sees what another one has half read: a log that is
        # not among what is known may be sealed in spite of it.
        self._read = _Read()

    def newest(self, site: str) -> Known:
        """Return what is known of the logs of *site*. Raises LogError if it cannot be read."""
        named = ((name_of(site, origin), note) for origin, note in self._all().items())
        return {name: note for name, note in named if name}

    def of_others(self, site: str) -> Mapping[str, str]:
        """Return the newest checkpoints of all logs that are not of *site*, by origin."""
        return {o: note for o, note in self._all().items() if name_of(site, o) is None}

    def _all(self) -> Mapping[str, str]:
        self._read = read = self._look(self._read)
        return read.newest

    def append(self, note: str, now_ms: int) -> None:
        """Add the checkpoint *note*; return when it is durable. Raises LogError if it cannot."""
        line = canonical({"at": timestamp(now_ms), "checkpoint": note}) + b"\n"
        try:
            make_folder(self.path.parent)
            with self._locked() as descriptor:
                if not os.fstat(descriptor).st_size:
                    sync_folder(self.path.parent)  # else a power cut takes a new file as a whole
                # Not os.fdopen: that of eventlet closes what it is to leave open.
                with open(descriptor, "ab", closefd=False) as file:
                    file.write(b"\n" + line if _is_cut(descriptor) else line)
                    file.flush()
                    os.fsync(descriptor)
                if CAN_REPLACE and os.fstat(descriptor).st_size > FULL:
                    self._thin()
        except OSError as error:
            raise unwritable(self.path, error) from None

    def _look(self, read: _Read) -> _Read:
        """Return what there is besides what was *read*; the whole of a file that is new."""
        try:
            with self.path.open("rb") as file:
                about = os.fstat(file.fileno())
                if read.inode != about.st_ino or read.size > about.st_size:
                    read = _Read(about.st_ino)
                file.seek(read.size)
                content = file.read()
        except FileNotFoundError:
            return _Read()
        except OSError as error:
            raise LogError(f"{self.path}: cannot be read: {error.strerror}") from None
        whole = content[: content.rfind(b"\n") + 1]
        newest = dict(read.newest)
        for note in filter(None, map(_note, whole.split(b"\n"))):
            checkpoint = claimed(note)
            before = newest.pop(checkpoint.origin, note)
            is_older = checkpoint.size < claimed(before).size
            newest[checkpoint.origin] = before if is_older else note
        return _Read(read.inode, read.size + len(whole), newest)

    @contextmanager
    def _locked(self) -> Iterator[int]:
        """Open the file for adding to it, while nobody else does."""
        while True:
            descriptor = opened(self.path, os.O_RDWR | os.O_APPEND, 0o600)
            try:
                with exclusive(descriptor):
                    if os.fstat(descriptor).st_ino == self.path.stat().st_ino:
                        yield descriptor
                        return
                    # Somebody has put a shorter file in its place meanwhile.
            finally:
                os.close(descriptor)

    def _thin(self) -> None:
        kept: dict[tuple[str, str], tuple[int, bytes]] = {}
        for line in self.path.read_bytes().splitlines():
            note = _note(line)
            if note:
                checkpoint = claimed(note)
                place = checkpoint.origin, json.loads(line)["at"][:10]
                # Of two that were published at once the older one may stand behind the newer.
                kept[place] = max((checkpoint.size, line), kept.pop(place, (0, b"")))
        with complete_or_absent(self.path, 0o600) as file:
            file.write(b"".join(line + b"\n" for _, line in kept.values()))


def moment(path: Path, note: str) -> int | None:
    """
    Return when the checkpoint *note* was published, in milliseconds since 1970 UTC.

    None: the file *path* does not say so among its last lines, or cannot be read.
    """
    try:
        with path.open("rb") as file:
            file.seek(max(0, os.fstat(file.fileno()).st_size - RECENT))
            lines = file.read().splitlines()
    except OSError:
        return None
    for line in reversed(lines):
        if _note(line) == note:
            try:
                at = datetime.fromisoformat(json.loads(line)["at"])
            except (ValueError, KeyError, TypeError):
                return None
            return round(at.timestamp() * 1000)
    return None


def _is_cut(descriptor: int) -> bool:
    """Tell whether the last line of a file has no end, as after a power cut."""
    if os.fstat(descriptor).st_size == 0:
        return False
    os.lseek(descriptor, -1, os.SEEK_END)
    return os.read(descriptor, 1) != b"\n"


def _note(line: bytes) -> str | None:
    """Return the checkpoint in a *line*, None for one that was cut off."""
    try:
        note = json.loads(line)["checkpoint"]
        claimed(note)
    except (ValueError, RecursionError, KeyError, TypeError, AttributeError, LogError):
        return None
    return str(note)
