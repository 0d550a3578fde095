"""Rows: a few at once, or one after the other however many there are."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

from sqlalchemy import Column, Connection, Executable, Select
from sqlalchemy.exc import SQLAlchemyError

from consent.log.database.cell import read
from consent.log.database.trouble import unavailable

#: Rows that are held in memory at once.
CHUNK = 250

#: KiB of an SQLite file that are kept while it is read from end to end; by default it is 2000.
CACHE = 256


def fetch(connection: Connection, query: Executable) -> list[Any]:
    """Return the rows of *query*, which are few."""
    try:
        return list(connection.execute(query))
    except SQLAlchemyError as error:
        raise unavailable(connection.engine, error) from error


def fetch_plain(
    connection: Connection, statement: str, values: tuple[object, ...], *columns: Column[Any]
) -> list[tuple[Any, ...]]:
    """
    Do the same for a *statement* in the driver's own words, which takes half the time.

    Its values are of *columns*.
    """
    try:
        return read(connection.exec_driver_sql(statement, values), *columns)
    except SQLAlchemyError as error:
        raise unavailable(connection.engine, error) from error


def stream(connection: Connection, query: Select[Any], at_once: int | None = None) -> Iterator[Any]:
    """
    Give the rows of *query*, of which *at_once* are in memory, by default CHUNK.

    PostgreSQL keeps the rest on the server; SQLite finds it when it is asked.
    """
    try:
        options = {"yield_per": at_once or CHUNK}
        with connection.execute(query, execution_options=options) as rows:
            for chunk in rows.partitions():
                yield from chunk
    except SQLAlchemyError as error:
        raise unavailable(connection.engine, error) from error


@contextmanager
def sparing(connection: Connection) -> Iterator[None]:
    """Keep little of an SQLite file in memory during the block, as nothing is read twice in it."""
    if connection.dialect.name != "sqlite":
        yield
        return
    usual = connection.exec_driver_sql("PRAGMA cache_size").scalar()
    connection.exec_driver_sql(f"PRAGMA cache_size = -{CACHE}")
    try:
        yield
    finally:
        # The connection goes back to the pool, where a web server takes it for something else.
        with suppress(SQLAlchemyError):
            connection.exec_driver_sql(f"PRAGMA cache_size = {usual}")
