"""A snapshot: the events of a time as they were at one moment, whoever writes meanwhile."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeVar

from sqlalchemy import ColumnElement, Connection, Select, func, select
from sqlalchemy.exc import SQLAlchemyError

from consent.log import tables
from consent.log.transaction import unavailable

#: Rows that are held in memory at once.
CHUNK = 250

Value = TypeVar("Value")


class Snapshot:
    """What a log held when this was opened. Counting and reading agree with each other."""

    def __init__(self, connection: Connection, where: ColumnElement[bool]) -> None:
        self._connection = connection
        self._where = where

    def count(self) -> int:
        """Return how many events there are."""
        query = select(func.count()).select_from(tables.event).where(self._where)
        return next(stream(self._connection, query))

    def events(self) -> Iterator[bytes]:
        """Give the canonical JSON of each event, in the order of the ids."""
        query = select(tables.event.c.body).where(self._where).order_by(tables.event.c.id)
        return stream(self._connection, query)


def stream(connection: Connection, query: Select[Value]) -> Iterator[Value]:
    """
    Give the only column of *query*, row by row.

    PostgreSQL keeps the rest on the server; SQLite finds it when it is asked.
    """
    try:
        with connection.execute(query, execution_options={"yield_per": CHUNK}) as rows:
            for chunk in rows.partitions():
                for row in chunk:
                    yield row[0]
    except SQLAlchemyError as error:
        raise unavailable(connection.engine, error) from error
