"""
Wiping: what was deleted is gone from the files of the database, too.

SQLite overwrites deleted rows with zeros, but keeps older pages in its write-ahead log, and parts
of rows that once moved to another page; so the log is emptied and the file written anew. In
PostgreSQL dead rows are removed; the server's own archive of its log is the operator's.
"""

from __future__ import annotations

from consent.errors import LogError
from consent.log import tables
from consent.log.store import Store


def wipe(store: Store) -> None:
    """
    Remove what was deleted. Decisions wait meanwhile.

    Raises LogError if somebody who reads the database keeps older pages in use.
    """
    if not store.is_sqlite:
        for table in (tables.event, tables.leaf, tables.pending):
            store.maintain(f"VACUUM {table.name}")
        return
    store.maintain("VACUUM")
    is_busy, *_ = store.maintain("PRAGMA wal_checkpoint(TRUNCATE)")
    if is_busy:
        raise LogError(
            "the records are erased, but an older copy of them is still in the write-ahead log of"
            " the database, as a program reads it just now\n"
            "    hint: end that program, perhaps an export, then: flask consent log wipe"
        )
