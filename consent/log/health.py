"""Health: is the database whole, would it take a decision just now, and could that be sealed?"""

from __future__ import annotations

import os
from pathlib import Path
from tempfile import TemporaryFile

from sqlalchemy import Connection, insert, text

from consent.errors import LogUnavailable
from consent.log.anchor import Anchors
from consent.log.database import tables
from consent.log.database.stream import fetch
from consent.log.database.trouble import DAMAGED
from consent.log.files import real, unwritable
from consent.log.store import Store
from consent.log.trees import SHARD


def require_healthy(store: Store) -> None:
    """
    Raise LogUnavailable if pages of the database are damaged, or if nothing can be recorded.

    An SQLite file is read from end to end, which keeps nobody waiting. PostgreSQL looks after its
    files itself.
    """
    if store.file is not None:
        with store.snapshot() as now:
            [(found,)] = fetch(now.connection, text("PRAGMA quick_check(1)"))
        if found != "ok":
            raise LogUnavailable(f"{store.file}: {found.splitlines()[-1]}\n    hint: {DAMAGED}")
    store.transact(lambda connection: _try(connection, store.site))


def require_writable(anchors: Anchors) -> None:
    """
    Raise LogError if no checkpoint could be added to the *anchors*, beside which the key lies.

    Nothing is added, and no file is made that is not there.
    """
    path = anchors.path
    try:
        if path.exists():
            os.close(os.open(path, os.O_RDWR | os.O_APPEND))
        else:
            # What a link leads to is made by nobody: a disk that is away may come back.
            above = next(filter(Path.exists, path.parents))
            TemporaryFile(dir=real(path).parent if path.is_symlink() else above).close()
    except OSError as error:
        raise unwritable(path, error) from None


def _try(connection: Connection, site: str) -> None:
    """Write an event that nobody sees, as it is taken back."""
    row = {"site": site, "shard": SHARD, "id": b"", "recorded_at": 0, "body": b"", "salt": b""}
    with connection.begin_nested() as attempt:
        connection.execute(insert(tables.event).values(row))
        attempt.rollback()
