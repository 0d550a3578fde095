"""A snapshot: events and logs as they were at one moment, whoever writes meanwhile."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import ColumnElement, Connection, LargeBinary, cast, func, select

from consent.log.database import tables
from consent.log.database.statements import same_event
from consent.log.database.stream import fetch, stream
from consent.log.documents import asking
from consent.log.trees import Trees
from consent.log.uuid7 import time_of


class Snapshot(Trees):
    """
    What the log of a site held when this was opened. Counting and reading agree with each other.

    Counted and given are the events of *where*; the logs are whole.
    """

    def __init__(self, connection: Connection, site: str, where: ColumnElement[bool]) -> None:
        super().__init__(connection, site)
        self._where = where

    def count(self, most: int | None = None) -> int:
        """Return how many events there are, or *most* if there are more: no more are looked at."""
        some = select(tables.event.c.id).where(self._where).limit(most).subquery()
        query = select(func.count()).select_from(some)
        ((count,),) = stream(self.connection, query)
        return int(count)

    def waiting(self) -> int:
        """Return how many of the events wait to be sealed."""
        # For EXISTS or IN, PostgreSQL would compare each event with each that waits.
        event = select(tables.event.c.id).where(self._where, same_event(tables.pending)).limit(1)
        is_one = event.scalar_subquery().is_not(None)
        query = select(func.count()).where(self.own(tables.pending), is_one)
        ((count,),) = fetch(self.connection, query)
        return int(count)

    def extent(self) -> tuple[int, int]:
        """Return how many events there are, and how many bytes their lines have with their ends."""
        body = cast(tables.event.c.body, LargeBinary)  # of a text, letters would be counted
        query = select(func.count(), func.coalesce(func.sum(func.length(body) + 1), 0))
        ((rows, size),) = stream(self.connection, query.where(self._where))
        return int(rows), int(size)

    def ends(self) -> tuple[int, int] | None:
        """
        Return when the first and the last event were recorded; None: there is none.

        In milliseconds since 1970 UTC, as the ids have it.
        """
        id = tables.event.c.id
        query = select(id).where(self._where).limit(1)
        found = [fetch(self.connection, query.order_by(end)) for end in (id, id.desc())]
        if not all(found):
            return None
        first, last = (time_of(rows[0].id) for rows in found)
        return first, last

    def shown(self, hash: str) -> bytes | None:
        """Return what is kept under *hash*, be it altered or not; None: there is nothing."""
        rows = fetch(self.connection, asking(self.site, hash))
        return rows[0].body if rows else None

    def events(self) -> Iterator[bytes]:
        """Give the canonical JSON of each event, in the order of the ids."""
        query = select(tables.event.c.body).where(self._where).order_by(tables.event.c.id)
        for (body,) in stream(self.connection, query):
            yield body
