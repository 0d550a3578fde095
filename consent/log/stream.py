"""Rows: a few at once, or one after the other however many there are."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Connection, Select
from sqlalchemy.exc import SQLAlchemyError

from consent.log.transaction import unavailable

#: Rows that are held in memory at once.
CHUNK = 250


def fetch(connection: Connection, query: Select[Any]) -> list[Any]:
    """Return the rows of *query*, which are few."""
    try:
        return list(connection.execute(query))
    except SQLAlchemyError as error:
        raise unavailable(connection.engine, error) from error


def fetch_plain(connection: Connection, statement: str, values: tuple[object, ...]) -> list[Any]:
    """Do the same for a *statement* in the driver's own words, which takes half the time."""
    try:
        return list(connection.exec_driver_sql(statement, values))
    except SQLAlchemyError as error:
        raise unavailable(connection.engine, error) from error


def stream(connection: Connection, query: Select[Any]) -> Iterator[Any]:
    """
    Give the rows of *query*.

    PostgreSQL keeps the rest on the server; SQLite finds it when it is asked.
    """
    try:
        with connection.execute(query, execution_options={"yield_per": CHUNK}) as rows:
            for chunk in rows.partitions():
                yield from chunk
    except SQLAlchemyError as error:
        raise unavailable(connection.engine, error) from error
