"""
The tables of the log, for SQLite and PostgreSQL alike.

The key of all that belongs to a log begins with site and shard, any other with the site, and ids
are made before a row is written. So the tables can be spread over several machines by somebody
else's means without a change to a statement. The names have a prefix, as the log may live in the
database of the site itself.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    SmallInteger,
    Table,
    Text,
)

from consent.log.database.cell import Bytes, look_into

#: Where Alembic keeps the version of these tables, apart from the one of the site itself.
VERSION_TABLE = "consent_version"

metadata = MetaData()


def _sharded(
    name: str, *columns: Column[Any], key: tuple[str, ...] = (), sqlite_with_rowid: bool = True
) -> Table:
    """Make a table with *columns* whose key is site and shard, and then *key*."""
    return Table(
        name,
        metadata,
        Column("site", Text, nullable=False),
        Column("shard", SmallInteger, nullable=False, server_default="0"),
        *columns,
        PrimaryKeyConstraint("site", "shard", *key, name=f"{name}_pkey"),
        sqlite_with_rowid=sqlite_with_rowid,
    )


#: Rows are added, and never changed; an erasure removes them.
event = _sharded(
    "consent_event",
    # The 16 bytes of a UUIDv7: both databases compare bytes from the left, so ids sort by time.
    Column("id", LargeBinary(16), nullable=False),
    Column("recorded_at", BigInteger, nullable=False),
    Column("receipt", Text),
    Column("body", Bytes, nullable=False),
    # 32 random bytes. Once they are gone, the leaf tells nothing about the body.
    Column("salt", Bytes(32)),
    key=("id",),
    sqlite_with_rowid=False,
)

# The migrations make this one without rows that have no receipt, and the one of leaves without
# those that have no id. Saying so here loads the dialect of PostgreSQL: 2 MB in every process.
Index(
    "consent_event_receipt",
    event.c.site,
    event.c.shard,
    event.c.receipt,
    event.c.id,
)

#: What was shown: notices, style sheets, scripts. The key is the SHA-256 of the body, in hex.
document = Table(
    "consent_document",
    metadata,
    Column("site", Text, nullable=False),
    Column("hash", Text, nullable=False),
    Column("media_type", Text, nullable=False),
    Column("first_used", BigInteger, nullable=False),
    Column("body", Bytes, nullable=False),
    PrimaryKeyConstraint("site", "hash", name="consent_document_pkey"),
)

#: Which events tell what somebody did with the log, as they are few among many.
act = _sharded(
    "consent_act",
    Column("id", LargeBinary(16), nullable=False),
    key=("id",),
    sqlite_with_rowid=False,
)

#: Events that have no place in a log yet, with their commitment.
pending = _sharded(
    "consent_pending",
    Column("id", LargeBinary(16), nullable=False),
    Column("commitment", Bytes(32), nullable=False),
    key=("id",),
    sqlite_with_rowid=False,
)

#: Which event has which place in which log. An id holds a time, so an erasure takes it away.
leaf = _sharded(
    "consent_leaf",
    Column("log", Text, nullable=False),
    Column("leaf_index", BigInteger, nullable=False),
    # Of any length when it is read: what no event is called is told by its place.
    Column("id", LargeBinary),
    key=("log", "leaf_index"),
    sqlite_with_rowid=False,
)

Index(
    "consent_leaf_id",
    leaf.c.site,
    leaf.c.shard,
    leaf.c.id,
)

#: The trees, as :mod:`consent.log.merkle.tile` describes them.
tile = _sharded(
    "consent_tile",
    Column("log", Text, nullable=False),
    Column("level", SmallInteger, nullable=False),
    Column("number", BigInteger, nullable=False),
    Column("hashes", Bytes, nullable=False),
    key=("log", "level", "number"),
)

#: The log that grows, and how far it got: the only row that sealers wait for each other at.
head = _sharded(
    "consent_head",
    Column("log", Text, nullable=False),
    Column("size", BigInteger, nullable=False),
)

#: What each log said about itself last on each day, in days since 1970 UTC.
checkpoint = _sharded(
    "consent_checkpoint",
    Column("log", Text, nullable=False),
    Column("day", Integer, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("note", Text, nullable=False),
    key=("log", "day"),
)

#: What browsers refused to load: counts by day, and nothing about visitors.
leak = Table(
    "consent_leak",
    metadata,
    Column("site", Text, nullable=False),
    Column("day", Integer, nullable=False),
    Column("origin", Text, nullable=False),
    Column("directive", Text, nullable=False),
    Column("count", Integer, nullable=False),
    PrimaryKeyConstraint("site", "day", "origin", "directive", name="consent_leak_pkey"),
    sqlite_with_rowid=False,
)

#: Who may audit: invitations, each with a link that is opened once. Times are in ms since 1970.
auditor = Table(
    "consent_auditor",
    metadata,
    Column("site", Text, nullable=False),
    Column("id", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("made_at", BigInteger, nullable=False),
    Column("opens_until", BigInteger, nullable=False),
    Column("works_until", BigInteger, nullable=False),
    Column("opened_at", BigInteger),
    Column("revoked_at", BigInteger),
    PrimaryKeyConstraint("site", "id", name="consent_auditor_pkey"),
    sqlite_with_rowid=False,
)

#: Who is at the desk. The id is the SHA-256, in hex, of what the browser holds.
audit_session = Table(
    "consent_audit_session",
    metadata,
    Column("site", Text, nullable=False),
    Column("id", Text, nullable=False),
    Column("auditor", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("began_at", BigInteger, nullable=False),
    Column("seen_at", BigInteger, nullable=False),
    Column("ends_at", BigInteger, nullable=False),
    PrimaryKeyConstraint("site", "id", name="consent_audit_session_pkey"),
    sqlite_with_rowid=False,
)

#: How many events of each kind a day (since 1970 UTC) has, whatever is erased later.
daily = _sharded(
    "consent_daily",
    Column("day", Integer, nullable=False),
    Column("what", Text, nullable=False),
    Column("value", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("count", BigInteger, nullable=False),
    key=("day", "what", "value", "kind"),
    sqlite_with_rowid=False,
)

#: How many leaves of each log are in those numbers.
counted = _sharded(
    "consent_counted",
    Column("log", Text, nullable=False),
    Column("leaves", BigInteger, nullable=False),
    key=("log",),
    sqlite_with_rowid=False,
)

#: Pictures of what visitors were shown.
shot = Table(
    "consent_shot",
    metadata,
    Column("site", Text, nullable=False),
    Column("notice", Text, nullable=False),
    Column("language", Text, nullable=False),
    Column("width", Integer, nullable=False),
    Column("taken_at", BigInteger, nullable=False),
    Column("media_type", Text, nullable=False),
    Column("body", Bytes, nullable=False),
    PrimaryKeyConstraint("site", "notice", "language", "width", name="consent_shot_pkey"),
)

for _table in metadata.tables.values():
    look_into(_table)
