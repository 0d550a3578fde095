"""
Files that are put together before they can be taken: in the background, with progress.

Each lies in a folder of its own in the temporary folder of the machine, for its owner alone, so
that every process of a site finds it: the file, and beside it what is known of it. Whoever had it
made can take it for an hour; then it is deleted, at the latest by whoever is next.
"""

from __future__ import annotations

import os
import re
import secrets
import shutil
import stat
import tempfile
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from hashlib import sha256
from pathlib import Path

import msgspec
from msgspec.structs import replace

from consent.day import now_ms
from consent.errors import LogError
from consent.log.files import user
from consent.log.threads import start

#: Milliseconds for which a file can be taken, and without a sign of life after which its making
#: was cut off.
KEPT_MS, DEAD_MS = 3_600_000, 60_000

#: Seconds between two signs of life.
PULSE = 1.0

#: Seconds between two looks for what nobody may take any more, while there is something.
SWEEP = 60.0

_HINT = "\n    hint: a folder that the site alone may write, named by TMPDIR"

_ABOUT = "about.json"
_ID = re.compile(r"[A-Za-z0-9_-]{22}", re.ASCII)


class Prepared(msgspec.Struct, frozen=True):
    """What is known of one file; times are milliseconds since 1970 UTC."""

    id: str
    by: str  #: whose it is
    name: str
    media_type: str
    seen_at: int  #: the last sign of life
    done: int = 0
    of: int = 0  #: what *done* will be in the end, about
    size: int | None = None  #: bytes; None: it is not ready
    is_failed: bool = False

    def state(self, now_ms: int) -> str:
        """Return ``ready``, ``running``, or why it will never be: ``failed`` or ``cut_off``."""
        if self.size is not None:
            return "ready"
        if self.is_failed:
            return "failed"
        return "running" if abs(now_ms - self.seen_at) < DEAD_MS else "cut_off"


#: What makes a file: it writes to the path, and tells how much is done, and of how much. If it
#: cannot it raises something and has said why.
Make = Callable[[Path, Callable[[int, int], None]], None]


class Workshop:
    """Where the files of one *site* are made."""

    def __init__(self, site: str) -> None:
        self._one = threading.Lock()
        self._sweeper: threading.Thread | None = None
        # On Windows the temporary folder is the user's own.
        owner = "" if user() is None else f"{user()}-"
        self._name = f"consent-exports-{owner}{sha256(site.encode()).hexdigest()[:16]}"

    def begin(
        self, by: str, name: str, media_type: str, make: Make
    ) -> tuple[str, threading.Thread]:
        """
        Let *make* write a file in a thread; return the id of the file, and the thread.

        Raises LogError if there is no temporary folder, if it belongs to somebody else or
        cannot be written, or if there is no thread to spare.
        """
        self.clean()
        id = secrets.token_urlsafe(16)
        try:
            self._place.mkdir(mode=0o700, exist_ok=True)
            (self._root() / id).mkdir(mode=0o700)
            begun = Prepared(id, by, name, media_type, now_ms())
            self._keep(begun)
        except OSError as error:
            raise LogError(f"no file can be made for the auditor: {error}{_HINT}") from None
        thread = threading.Thread(
            target=self._run, args=(begun, make), name="consent-prepare", daemon=True
        )
        start(thread)
        return id, thread

    def find(self, id: str, by: str) -> Prepared | None:
        """Return what is known of the file *id*; None: there is none, or it is not *by*'s."""
        self.clean()
        found = self._read(id)
        return found if found and found.by == by else None

    def path(self, prepared: Prepared) -> Path:
        """Return where the file lies."""
        return self._root() / prepared.id / "file"

    def drop(self, id: str) -> None:
        """Delete a file, whoever reads it to the end just now."""
        shutil.rmtree(self._place / id, ignore_errors=True)

    def clean(self) -> None:
        """Delete what nobody may take any more."""
        with suppress(OSError):  # none was ever made, or somebody else deletes just now
            for entry in list(os.scandir(self._root())):
                found = self._read(entry.name)
                # What has no sign of life yet has just been begun.
                began = entry.stat(follow_symlinks=False).st_mtime * 1000
                # One from later than now is of a clock that was ahead.
                if abs(now_ms() - (found.seen_at if found else began)) > KEPT_MS:
                    shutil.rmtree(entry, ignore_errors=True)

    def _run(self, begun: Prepared, make: Make) -> None:
        told, path, made = [0, 0], self.path(begun), threading.Event()

        def tell(done: int, of: int) -> None:
            told[:] = done, of

        def work() -> None:
            with suppress(Exception):
                make(path, tell)
                made.set()

        # A server that stops waits for neither thread.
        hand = threading.Thread(target=work, name="consent-export", daemon=True)
        try:
            start(hand)
        except LogError:
            work()  # this thread was the last to spare, so there are no signs of life
        else:
            self._tell(begun, told, hand)
        if not made.is_set():
            path.unlink(missing_ok=True)
        size = path.stat().st_size if made.is_set() else None
        self._keep(replace(begun, size=size, is_failed=size is None, seen_at=now_ms()))
        with self._one, suppress(LogError):  # without it whoever is next deletes what is left
            if self._sweeper is None or not self._sweeper.is_alive():
                sweeper = threading.Thread(target=self._sweep, name="consent-sweep", daemon=True)
                start(sweeper)
                self._sweeper = sweeper

    def _tell(self, begun: Prepared, told: list[int], hand: threading.Thread) -> None:
        """Give signs of life while *hand* is at work, with how much is done as was *told* last."""
        hand.join(PULSE)
        while hand.is_alive():
            # They come whatever the work is about; one that cannot be given, as while somebody
            # reads the last one on Windows, is made up for by the next.
            done, of = told
            with suppress(OSError):
                self._keep(replace(begun, done=done, of=of, seen_at=now_ms()))
            hand.join(PULSE)

    def _sweep(self) -> None:
        """Delete what nobody may take any more, until there is nothing left to wait for."""
        while True:
            time.sleep(SWEEP)
            self.clean()
            with self._one:
                if not self._is_used():
                    self._sweeper = None
                    return

    def _is_used(self) -> bool:
        try:
            return any(self._root().iterdir())
        except OSError:
            return False

    @property
    def _place(self) -> Path:
        return Path(tempfile.gettempdir()) / self._name

    def _root(self) -> Path:
        """
        Return the folder of all files.

        Raises OSError for one that somebody else laid out, or can look into: everybody knows its
        name, and what lies there would be handed out, and be deleted.
        """
        about = self._place.lstat()
        is_own = user() is None or (about.st_uid == user() and not about.st_mode & 0o077)
        if not stat.S_ISDIR(about.st_mode) or not is_own:
            raise OSError(f"{self._name} belongs to somebody else")
        return self._place

    def _read(self, id: str) -> Prepared | None:
        if not _ID.fullmatch(id):
            return None
        try:
            body = (self._root() / id / _ABOUT).read_bytes()
            return msgspec.json.decode(body, type=Prepared)
        except (OSError, ValueError):
            return None

    def _keep(self, made: Prepared) -> None:
        path = self._root() / made.id / _ABOUT
        draft = path.with_suffix(".part")
        draft.write_bytes(msgspec.json.encode(made))
        draft.replace(path)
