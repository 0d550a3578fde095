"""
Wiping: what was deleted is gone from the files of the database, too.

SQLite overwrites deleted rows with zeros, but keeps older pages in its write-ahead log, and
perhaps a copy of a row that once moved to another page. So the log is emptied, the file is
searched (:mod:`consent.log.remains`), and only if something is left it is written anew, as
decisions have to wait for that. In PostgreSQL dead rows are removed, once nobody reads an older
state any more; the server's own archive of its log is the operator's.
"""

from __future__ import annotations

import time
from collections.abc import Sequence

from consent.errors import LogError, LogUnavailable
from consent.log import remains
from consent.log.database import tables
from consent.log.store import Store

#: Secrets that are searched for; of more of them something is left anyway.
MANY = 20_000

#: Seconds that whoever reads an older state in PostgreSQL has to end, and between two looks.
PATIENCE, PAUSE = 5, 0.1

#: Who may still see what an older transaction than {own} has deleted: programs that read in this
#: database, replicas that tell what is read there, and transactions that were prepared and left.
#: Whose they are does not matter: this much of them everybody may know.
_OLDER = """SELECT count(*) FROM (
    SELECT backend_xmin AS oldest FROM pg_stat_activity WHERE pid <> pg_backend_pid()
        AND (datname = current_database() OR datname IS NULL)
    UNION ALL SELECT xmin FROM pg_replication_slots
    UNION ALL SELECT transaction FROM pg_prepared_xacts WHERE database = current_database()
) AS reader WHERE age(oldest) > age('{own}'::xid)"""


def wipe(store: Store, secrets: Sequence[bytes] | None = None) -> None:
    """
    Remove what was deleted; of *secrets* nothing is left then. None: whatever it was.

    Raises LogError if somebody who reads the database keeps older pages in use, or if it is left to
    others, as PostgreSQL leaves it to who owns the tables.
    """
    file = store.file
    if file is None:
        _vacuum(store)
        return
    if secrets is not None:
        _empty_log(store)
        files = (file, file.with_name(f"{file.name}-wal"))
        if len(secrets) <= MANY and not remains.are_in(files, secrets):
            return
    store.maintain("VACUUM")
    _empty_log(store)


def _vacuum(store: Store) -> None:
    is_read = _is_read(store)
    for table in (tables.event, tables.act, tables.leaf, tables.pending):
        try:
            store.maintain(f"VACUUM {table.name}")
        except LogUnavailable:
            raise
        except LogError as error:
            raise LogError(
                f"the records are erased, but not removed from the database's files: {error}\n"
                "    hint: as who owns the tables: flask consent log wipe"
            ) from None
    if is_read:
        raise _left("the database")


def _is_read(store: Store) -> bool:
    """Tell whether somebody goes on reading a state from before now; what began later does not."""
    [own] = store.maintain("SELECT pg_current_xact_id()::xid::text")
    end = time.monotonic() + PATIENCE
    while store.maintain(_OLDER.format(own=own)) != (0,):
        if time.monotonic() > end:
            return True
        time.sleep(PAUSE)
    return False


def _empty_log(store: Store) -> None:
    is_busy, *_ = store.maintain("PRAGMA wal_checkpoint(TRUNCATE)")
    if is_busy:
        raise _left("the write-ahead log of the database")


def _left(place: str) -> LogError:
    return LogError(
        f"the records are erased, but an older copy of them is still in {place}, as a program"
        " reads it just now\n"
        "    hint: end that program, perhaps an export or on PostgreSQL a prepared transaction or a"
        " query of a replica, then: flask consent log wipe"
    )
