"""
Copying: the log of a site, as it is, from one database into another one.

Rows are copied and nothing is made anew: ids, salts, trees and signatures stay as they are. So the
log goes on where it was, under the same key and anchors, and what was proven of it still is.
"""

from __future__ import annotations

from sqlalchemy import Connection, delete, insert, select

from consent.errors import LogError
from consent.log.database import tables
from consent.log.database.schema import HEAD
from consent.log.database.stream import fetch, stream
from consent.log.store import Store

#: Rows that are written at once. Those of documents and pictures are large.
CHUNK = 100


def copy(source: Store, target: Store) -> int:
    """
    Copy what *source* has of the site into *target*; return how many events that were.

    What is recorded in *source* meanwhile stays behind, and nothing is changed there. Raises
    LogError, and copies nothing, if there is nothing to be copied, if its tables are those of an
    older version, or if *target* has a log of the site already.
    """
    if source.file and not source.file.exists():
        raise LogError(f"{source.file}: there is no database")
    # Where the address is a wrong one, nothing is made.
    version = source.version()
    if version is None:
        raise _nothing(source)
    if version < HEAD:
        raise LogError(
            f"the tables to be copied are of an older version: found {version}, wanted {HEAD}\n"
            "    hint: make a backup, let flask consent check bring them up to date, and copy again"
        )
    with source.snapshot() as now:
        events = now.count()
        if not events:
            raise _nothing(source)
        target.transact(lambda connection: _copy(now.connection, connection, source.site))
    return events


def _nothing(source: Store) -> LogError:
    return LogError(f"there is nothing of {source.site} in the database to be copied")


def _copy(source: Connection, target: Connection, site: str) -> None:
    for table in (tables.event, tables.leaf):
        if fetch(target, select(table.c.site).where(table.c.site == site).limit(1)):
            raise LogError(
                f"there is a log of {site} in the database already, wanted none\n"
                "    hint: if the site was started with it before the copy, stop it, keep what that"
                " recorded (flask consent export --format jsonl), empty it and copy again"
            )
    for table in tables.metadata.sorted_tables:
        # What a site writes before its first event, as what browsers reported, is as good as none.
        target.execute(delete(table).where(table.c.site == site))
        rows = []
        for row in stream(source, select(table).where(table.c.site == site), CHUNK):
            rows.append(row._asdict())
            if len(rows) == CHUNK:
                target.execute(insert(table), rows)
                rows = []
        if rows:
            target.execute(insert(table), rows)
