"""
Wiping: what was deleted is gone from the files of the database, too.

SQLite overwrites deleted rows with zeros, but keeps older pages in its write-ahead log, and
perhaps a copy of a row that once moved to another page. So the log is emptied, the file is
searched (:mod:`consent.log.remains`), and only if something is left it is written anew, as
decisions have to wait for that. In PostgreSQL dead rows are removed; the server's own archive of
its log is the operator's.
"""

from __future__ import annotations

from collections.abc import Sequence

from consent.errors import LogError
from consent.log import remains, tables
from consent.log.store import Store

#: Secrets that are searched for; of more of them something is left anyway.
MANY = 20_000


def wipe(store: Store, secrets: Sequence[bytes] | None = None) -> None:
    """
    Remove what was deleted; of *secrets* nothing is left then. None: whatever it was.

    Raises LogError if somebody who reads the database keeps older pages in use.
    """
    file = store.file
    if file is None:
        for table in (tables.event, tables.act, tables.leaf, tables.pending):
            store.maintain(f"VACUUM {table.name}")
        return
    if secrets is not None:
        _empty_log(store)
        files = (file, file.with_name(f"{file.name}-wal"))
        if len(secrets) <= MANY and not remains.are_in(files, secrets):
            return
    store.maintain("VACUUM")
    _empty_log(store)


def _empty_log(store: Store) -> None:
    is_busy, *_ = store.maintain("PRAGMA wal_checkpoint(TRUNCATE)")
    if is_busy:
        raise LogError(
            "the records are erased, but an older copy of them is still in the write-ahead log of"
            " the database, as a program reads it just now\n"
            "    hint: end that program, perhaps an export, then: flask consent log wipe"
        )
