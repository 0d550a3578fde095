"""
The tables of the log, for SQLite and PostgreSQL alike.

Every key begins with site and shard, and ids are made before a row is written. So the tables
can be spread over several machines by somebody else's means without a change to a statement.
The names have a prefix, as the log may live in the database of the site itself.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Column,
    Index,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    SmallInteger,
    Table,
    Text,
)

#: Where Alembic keeps the version of these tables, apart from the one of the site itself.
VERSION_TABLE = "consent_version"

metadata = MetaData()

#: Rows are added, and never changed.
event = Table(
    "consent_event",
    metadata,
    Column("site", Text, nullable=False),
    Column("shard", SmallInteger, nullable=False, server_default="0"),
    # The 16 bytes of a UUIDv7: both databases compare bytes from the left, so ids sort by time.
    Column("id", LargeBinary(16), nullable=False),
    Column("recorded_at", BigInteger, nullable=False),
    Column("receipt", Text),
    Column("body", LargeBinary, nullable=False),
    PrimaryKeyConstraint("site", "shard", "id", name="consent_event_pkey"),
    sqlite_with_rowid=False,
)

Index(
    "consent_event_receipt",
    event.c.site,
    event.c.shard,
    event.c.receipt,
    event.c.id,
    postgresql_where=event.c.receipt.is_not(None),
    sqlite_where=event.c.receipt.is_not(None),
)

#: What was shown: notices, style sheets, scripts. The key is the SHA-256 of the body, in hex.
document = Table(
    "consent_document",
    metadata,
    Column("site", Text, nullable=False),
    Column("hash", Text, nullable=False),
    Column("media_type", Text, nullable=False),
    Column("first_used", BigInteger, nullable=False),
    Column("body", LargeBinary, nullable=False),
    PrimaryKeyConstraint("site", "hash", name="consent_document_pkey"),
)
