"""
How often browsers refused another host, by day, origin and directive.

This is no evidence and holds nothing about visitors. It lies beside the log because there is a
database there, and it stays small whatever is reported: a day has no more than :data:`ROWS` rows,
and days are forgotten after :data:`DAYS`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, and_, delete, func, select, update

from consent.log.database import statements, tables
from consent.log.database.prepared import Prepared
from consent.log.database.transaction import attempt, writing

#: Different pairs of origin and directive that are kept for one day.
ROWS = 200

#: Days that are kept.
DAYS = 90

_leak = tables.leak.c


@dataclass(frozen=True, slots=True)
class Leak:
    """One origin under one directive, over several days."""

    origin: str
    directive: str
    count: int  #: at least so often
    first: int  #: day since 1970 UTC
    last: int


class LeakBook(Prepared):
    """
    The leaks of one site in the database at *url*.

    Making one opens nothing. Each method raises LogUnavailable when the database cannot do what
    was asked.
    """

    def count(
        self, leaks: Iterable[tuple[str, str]], day: int, may_add: Callable[[], bool] = lambda: True
    ) -> None:
        """
        Count each of *leaks*, an origin and a directive, for *day* (since 1970 UTC).

        *may_add* is asked before each that is new on that day.
        """
        self._make_ready()
        # In one order everywhere, so that two processes never wait for each other.
        found = sorted(leaks)
        attempt(self._engine, lambda: self._count(found, day, may_add))

    def since(self, day: int) -> list[Leak]:
        """Return what was refused from *day* on, the most frequent first."""
        self._make_ready()
        counted = func.sum(_leak["count"])
        query = (
            select(_leak.origin, _leak.directive, counted, func.min(_leak.day), func.max(_leak.day))
            .where(_leak.site == self.site, _leak.day >= day)
            .group_by(_leak.origin, _leak.directive)
            .order_by(counted.desc(), _leak.origin, _leak.directive)
        )
        return attempt(self._engine, lambda: self._read(query))

    def _read(self, query: Any) -> list[Leak]:
        with self._engine.connect() as connection:
            return [
                Leak(o, d, int(n), first, last)
                for o, d, n, first, last in connection.execute(query)
            ]

    def _count(self, leaks: list[tuple[str, str]], day: int, may_add: Callable[[], bool]) -> None:
        with writing(self._engine) as connection:
            for leak in leaks:
                self._add(connection, leak, day, may_add)

    def _add(
        self, connection: Connection, leak: tuple[str, str], day: int, may_add: Callable[[], bool]
    ) -> None:
        origin, directive = leak
        here = and_(_leak.site == self.site, _leak.day == day)
        one = and_(here, _leak.origin == origin, _leak.directive == directive)
        again = update(tables.leak).where(one).values(count=_leak["count"] + 1)
        if connection.execute(again).rowcount:
            return
        rows = connection.execute(
            select(func.count()).select_from(tables.leak).where(here)
        ).scalar()
        if rows == 0:
            old = and_(_leak.site == self.site, _leak.day <= day - DAYS)
            connection.execute(delete(tables.leak).where(old))
        if rows is not None and rows < ROWS and may_add():
            # Another process may have been first.
            new = statements.addition(tables.leak, "count", self._engine.dialect)
            connection.exec_driver_sql(new, (self.site, day, origin, directive, 1))
