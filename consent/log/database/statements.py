"""
Conditions and statements that several modules ask the tables of the log with.

Those that are texts are for what is done often: putting a statement of SQLAlchemy together takes
longer than the database needs for it.
"""

from __future__ import annotations

from sqlalchemy import ColumnElement, Dialect, Table, and_, literal_column, select

from consent.log.database import tables


def same_event(table: Table) -> ColumnElement[bool]:
    """
    Return what is true for an event and the row of another *table* that has its id.

    A site that is put together cannot be that of a condition on *table*. With that one, PostgreSQL
    would take all events of the site for each row as long as it has not counted how many they are,
    as in a database that was restored or copied a moment ago: minutes for some ten thousand.
    """
    event, row = tables.event.c, table.c
    site = row.site.concat(literal_column("''"))
    return and_(event.site == site, event.shard == row.shard, event.id == row.id)


def of_receipt(
    site: str, shard: int, receipt: str, dialect: Dialect, newest: int | None = None
) -> ColumnElement[bool]:
    """
    Return what is true for the events of a *receipt*.

    If only the *newest* ones are wanted, SQLite looks at no more than so many.

    SQLite does not know how many events there are, and would rather look through all of them than
    look one up twice, so it is asked for their ids first. PostgreSQL, in a table that has grown
    since it was last counted, would compare each event with each of those ids.
    """
    event = tables.event.c
    if dialect.name != "sqlite":
        return and_(event.site == site, event.shard == shard, event.receipt == receipt)
    named = tables.event.alias().c
    own = and_(named.site == site, named.shard == shard, named.receipt == receipt)
    ids = select(named.id).where(own).order_by(named.id.desc()).limit(newest)
    return and_(event.site == site, event.shard == shard, event.id.in_(ids))


def newest_of_receipt(dialect: Dialect) -> str:
    """
    Return the statement that gives the newest events of a receipt, newest first.

    It takes site, shard, receipt, and how many at most; it looks at no more than that, however
    many the receipt has. It differs by database for the reasons above.
    """
    name = tables.event.name
    text = f"FROM {name} WHERE site = ? AND shard = ? AND receipt = ? ORDER BY id DESC LIMIT ?"
    if dialect.name != "sqlite":
        return f"SELECT body {text}".replace("?", "%s")
    keys = f"SELECT site, shard, id {text}"
    return f"SELECT body FROM {name} WHERE (site, shard, id) IN ({keys}) ORDER BY id DESC"  # noqa: S608


def selection(table: Table, columns: str, keys: tuple[str, ...], dialect: Dialect) -> str:
    """Return the statement that gives *columns* of the rows in *table* with these *keys*."""
    mark = "?" if dialect.paramstyle == "qmark" else "%s"
    where = " AND ".join(f"{name} = {mark}" for name in keys)
    return f"SELECT {columns} FROM {table.name} WHERE {where}"  # noqa: S608


def recording(dialect: Dialect) -> str | None:
    """
    Return the statement that inserts an event and its place in the queue, all or nothing.

    It takes the columns of the event, then its commitment, and counts one row if the event is new.
    None where the database has no such statement.
    """
    if dialect.name == "sqlite":
        return None
    event = creation(tables.event, dialect)
    keys = "site, shard, id"
    return (
        f"WITH new AS ({event} RETURNING {keys})"  # noqa: S608
        f" INSERT INTO {tables.pending.name} ({keys}, commitment) SELECT {keys}, %s FROM new"
    )


def creation(table: Table, dialect: Dialect) -> str:
    """Return the statement that inserts a row into *table* unless there is one with its key."""
    return insertion(table, dialect) + " ON CONFLICT DO NOTHING"


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
        f"INSERT INTO {tables.leaf.name} (site, shard, log, leaf_index, id) {numbers}"  # noqa: S608
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
