"""Health: is the database whole, and would it take a decision just now?"""

from __future__ import annotations

from sqlalchemy import Connection, insert

from consent.errors import LogUnavailable
from consent.log.database import tables
from consent.log.database.stream import fetch_plain
from consent.log.database.transaction import DAMAGED
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
            [(found,)] = fetch_plain(now.connection, "PRAGMA quick_check(1)", ())
        if found != "ok":
            raise LogUnavailable(f"{store.file}: {found.splitlines()[-1]}\n    hint: {DAMAGED}")
    store.transact(lambda connection: _try(connection, store.site))


def _try(connection: Connection, site: str) -> None:
    """Write an event that nobody sees, as it is taken back."""
    row = {"site": site, "shard": SHARD, "id": b"", "recorded_at": 0, "body": b"", "salt": b""}
    with connection.begin_nested() as attempt:
        connection.execute(insert(tables.event).values(row))
        attempt.rollback()
