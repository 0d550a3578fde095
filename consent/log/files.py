"""
Files and folders of the log, as they are made.

What root makes belongs to whoever owns the folder that it lies in, as SQLite has it with the
files beside a database: a command that was run as root once, a check perhaps, must not take the
log away from the web server.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from errno import ENOENT
from pathlib import Path
from typing import BinaryIO

from consent.errors import LogError


def user() -> int | None:
    """Return the number of the user of this process; None: Windows, where users have none."""
    return int(os.geteuid()) if hasattr(os, "geteuid") else None


def opened(path: Path, flags: int, mode: int) -> int:
    """Open the file *path*, made with *mode* if there is none; return the descriptor."""
    with suppress(FileNotFoundError):
        return os.open(path, flags)
    with suppress(FileExistsError):
        return made(path, flags, mode)
    # Another process was first, or it is a link to where there is no file yet.
    return os.open(path, flags | os.O_CREAT, mode)


def made(path: Path, flags: int, mode: int) -> int:
    """Make the file *path* with *mode*; return the descriptor. Raises FileExistsError."""
    descriptor = os.open(path, flags | os.O_CREAT | os.O_EXCL, mode)
    # Only now: whoever owns the folder may put a link to another file in the place of an old one.
    _bequeath(descriptor, path.parent)
    return descriptor


@contextmanager
def complete_or_absent(path: Path, mode: int) -> Iterator[BinaryIO]:
    """
    Give a file with *mode* that gets the name *path*, durably, when the block ends without error.

    Whatever had that name is gone then. Raises OSError.
    """
    # Of several that write it at once none gets into the draft of another, nor can whoever owns
    # the folder lay a link in its way.
    draft = path.with_name(f"{path.name}.{secrets.token_hex(8)}.part")
    with completed(draft, made(draft, os.O_WRONLY, mode), path) as file:
        yield file
    sync_folder(path.parent)


@contextmanager
def completed(draft: Path, descriptor: int, path: Path) -> Iterator[BinaryIO]:
    """
    Give the file *draft*, open as *descriptor*, and name it *path* once it is on the disk.

    Nothing of it is left when the block ends with an error, or when it cannot be written.
    """
    try:
        with os.fdopen(descriptor, "wb") as file:
            yield file
            file.flush()
            os.fsync(descriptor)
        draft.replace(path)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise


def real(path: Path) -> Path:
    """Return where *path* leads by its links; one that leads back to itself is left as it is."""
    return Path(os.path.realpath(path))  # Path.resolve() raises RuntimeError there


def sync_folder(folder: Path) -> None:
    """Make the names in *folder* durable, where the system can."""
    if os.name == "posix":
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def unwritable(path: Path, error: OSError) -> LogError:
    """Return what to raise instead of *error*, by which a file beside the key was not written."""
    hint = "\n    hint: whoever seals has to be allowed to write into the folder of CONSENT_LOG_KEY"
    may_not = isinstance(error, PermissionError)
    return LogError(f"{path}: cannot be written: {error.strerror}{hint if may_not else ''}")


def make_folder(path: Path) -> None:
    """
    Make the folder *path*, and those above it that are missing, for its owner alone.

    Raises FileNotFoundError for a link that leads nowhere: what it leads to, a disk perhaps, may
    come back, with the log on it.
    """
    missing = [folder for folder in (path, *path.parents) if not folder.exists()]
    for folder in reversed(missing):
        if folder.is_symlink():
            raise FileNotFoundError(ENOENT, "it is a link that leads nowhere", str(folder))
        folder.mkdir(mode=0o700, exist_ok=True)
        _bequeath(folder, folder.parent)


def _bequeath(made: int | Path, folder: Path) -> None:
    """Give what root has *made* in *folder* to whoever owns that; no link is followed."""
    if user() == 0 and hasattr(os, "chown"):
        about = folder.stat()
        os.chown(made, about.st_uid, about.st_gid, follow_symlinks=isinstance(made, int))
