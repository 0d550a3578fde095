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
    ColumnElement,
    Dialect,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    SmallInteger,
    Table,
    Text,
    and_,
    select,
)

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
    Column("body", LargeBinary, nullable=False),
    # 32 random bytes. Once they are gone, the leaf tells nothing about the body.
    Column("salt", LargeBinary(32)),
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
    Column("body", LargeBinary, nullable=False),
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
    Column("commitment", LargeBinary(32), nullable=False),
    key=("id",),
    sqlite_with_rowid=False,
)

#: Which event has which place in which log. An id holds a time, so an erasure takes it away.
leaf = _sharded(
    "consent_leaf",
    Column("log", Text, nullable=False),
    Column("leaf_index", BigInteger, nullable=False),
    Column("id", LargeBinary(16)),
    key=("log", "leaf_index"),
    sqlite_with_rowid=False,
)

Index(
    "consent_leaf_id",
    leaf.c.site,
    leaf.c.shard,
    leaf.c.id,
)

#: The trees, as :mod:`consent.log.tile` describes them.
tile = _sharded(
    "consent_tile",
    Column("log", Text, nullable=False),
    Column("level", SmallInteger, nullable=False),
    Column("number", BigInteger, nullable=False),
    Column("hashes", LargeBinary, nullable=False),
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
    Column("body", LargeBinary, nullable=False),
    PrimaryKeyConstraint("site", "notice", "language", "width", name="consent_shot_pkey"),
)


def same_event(table: Table) -> ColumnElement[bool]:
    """Return what is true for an event and the row of another *table* that has its id."""
    return and_(*(event.c[name] == table.c[name] for name in ("site", "shard", "id")))


def of_receipt(site: str, shard: int, receipt: str) -> ColumnElement[bool]:
    """
    Return what is true for the events of a *receipt*.

    Their ids are asked for first: SQLite does not know how many events there are, and would
    rather look through all of them than look one up twice.
    """
    named = event.alias().c
    own = and_(named.site == site, named.shard == shard, named.receipt == receipt)
    ids = select(named.id).where(own)
    return and_(event.c.site == site, event.c.shard == shard, event.c.id.in_(ids))


def selection(table: Table, columns: str, keys: tuple[str, ...], dialect: Dialect) -> str:
    """Return the statement that gives *columns* of the rows in *table* with these *keys*."""
    mark = "?" if dialect.paramstyle == "qmark" else "%s"
    where = " AND ".join(f"{name} = {mark}" for name in keys)
    return f"SELECT {columns} FROM {table.name} WHERE {where}"  # noqa: S608


def replacement(table: Table, dialect: Dialect) -> str:
    """Return the statement that inserts a row into *table*, or writes it over the one it has."""
    keys = list(table.primary_key.columns.keys())
    rest = [f"{one.name} = excluded.{one.name}" for one in table.columns if not one.primary_key]
    conflict = f" ON CONFLICT ({', '.join(keys)}) DO UPDATE SET {', '.join(rest)}"
    return insertion(table, dialect) + conflict


def addition(table: Table, count: str, dialect: Dialect) -> str:
    """Return the statement that inserts a row, or adds its *count* to that of the row there."""
    keys = ", ".join(table.primary_key.columns.keys())
    more = f"{count} = {table.name}.{count} + excluded.{count}"
    return insertion(table, dialect) + f" ON CONFLICT ({keys}) DO UPDATE SET {more}"


def placing(dialect: Dialect) -> str:
    """
    Return the statement that gives events their places in a log.

    It takes how many there are, site, shard, log, the first place, and the ids as one text of
    bytes: giving each row to the driver takes several times as long.
    """
    numbers = "WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < ?)"
    text = (
        f"INSERT INTO {leaf.name} (site, shard, log, leaf_index, id) {numbers}"  # noqa: S608
        " SELECT ?, ?, ?, ? + i, substr(?, i * 16 + 1, 16) FROM n"
    )
    return text if dialect.paramstyle == "qmark" else text.replace("?", "%s")


def insertion(table: Table, dialect: Dialect) -> str:
    """Return the statement that inserts a row with all columns of *table* in their order."""
    mark = "?" if dialect.paramstyle == "qmark" else "%s"
    columns = table.columns.keys()
    # Nothing but names of our own tables is put together here.
    return (
        f"INSERT INTO {table.name} ({', '.join(columns)})"  # noqa: S608
        f" VALUES ({', '.join(mark for _ in columns)})"
    )
