"""
Files and folders of the log, as they are made.

What root makes belongs to whoever owns the folder that it lies in, as SQLite has it with the
files beside a database: a command that was run as root once, a check perhaps, must not take the
log away from the web server.
"""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path


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
    if heir := _heir(path.parent):
        os.fchown(descriptor, *heir)
    return descriptor


def fresh(path: Path, mode: int) -> int:
    """
    Make the file *path* anew with *mode*, to be written; return the descriptor.

    What has its name is deleted before, whatever a run that was cut off left there, and never
    followed: whoever owns the folder would have root write where it leads. Raises OSError.
    """
    path.unlink(missing_ok=True)
    return made(path, os.O_WRONLY, mode)


def make_folder(path: Path) -> None:
    """Make the folder *path*, and those above it that are missing, for its owner alone."""
    missing = [folder for folder in (path, *path.parents) if not folder.exists()]
    for folder in reversed(missing):
        folder.mkdir(mode=0o700, exist_ok=True)
        if heir := _heir(folder.parent):
            os.lchown(folder, *heir)


def _heir(folder: Path) -> tuple[int, int] | None:
    """Return user and group that get what is made in *folder*; None: whoever makes it."""
    if os.name != "posix" or os.geteuid() != 0:
        return None
    about = folder.stat()
    return about.st_uid, about.st_gid
