"""
A database that is ready when it is asked: with its tables, and the one that is there now.

While a site runs, its SQLite file can be taken away, or another one put in its place. Connections
go on with the old one, which nobody can open any more, so this is looked at before each use.
"""

from __future__ import annotations

import weakref
from collections.abc import Callable
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Column, Connection, Engine, Select

from consent.errors import LogUnavailable
from consent.log.database.cell import read
from consent.log.database.connection import connect, leave_to_the_parent
from consent.log.database.schema import ensure, version, which
from consent.log.database.transaction import Answer, alone, ask, attempt, writing


class Prepared:
    """What is kept for one *site* in the database at *url*, whose tables the first use makes."""

    def __init__(self, url: str | URL, site: str) -> None:
        self._engine = connect(url)
        # Who forgets a site, as tests do, leaves no connection open.
        weakref.finalize(self, self._engine.dispose).atexit = False
        self.site = site
        is_file = self._engine.dialect.name == "sqlite"
        #: The SQLite file, None for another database.
        self.file = Path(str(self._engine.url.database)) if is_file else None
        self._is_ready = False
        self._opened: tuple[int, int] | None = None

    def close(self) -> None:
        """Close the connections that are not in use. It can still be used."""
        self._engine.dispose()

    def version(self) -> str | None:
        """Return the version of the tables, None if there are none; make and change nothing."""
        leave_to_the_parent()
        return version(self._engine)

    def maintain(self, statement: str) -> Any:
        """Run a *statement* about the database's own files; return the first row it answers."""
        self._make_ready()
        return attempt(self._engine, lambda: alone(self._engine, statement))

    def transact(self, work: Callable[[Connection], Answer]) -> Answer:
        """Return what *work* returns, done in one durable transaction, perhaps twice."""
        self._make_ready()
        return attempt(self._engine, lambda: _transact(self._engine, work))

    def _make_ready(self) -> None:
        leave_to_the_parent()
        here = which(self.file)
        if self._is_ready and here == self._opened:
            return
        if self._is_ready and here is None:
            # Nobody wants a new one by chance, least of all who is about to bring back a backup.
            raise LogUnavailable(
                f"{self.file}: the file of the log is gone\n"
                "    hint: bring it back; to begin a new one, start the site anew"
            )
        self._begin()

    def _begin(self) -> None:
        """Open the database, perhaps another one than before."""
        self._engine.dispose()
        ensure(self._engine)
        self._is_ready, self._opened = True, which(self.file)

    def _ask(
        self, statement: str, values: tuple[object, ...], *columns: Column[Any]
    ) -> list[tuple[Any, ...]]:
        """Return the rows of a *statement* in the driver's own words; they hold *columns*."""
        self._make_ready()
        return read(attempt(self._engine, lambda: ask(self._engine, statement, values)), *columns)

    def _all(self, query: Select[Any]) -> list[Any]:
        return [row[0] for row in self._rows(query)]

    def _rows(self, query: Select[Any]) -> list[Any]:
        self._make_ready()
        return attempt(self._engine, lambda: _fetch(self._engine, query))


def _transact(engine: Engine, work: Callable[[Connection], Answer]) -> Answer:
    with writing(engine) as connection:
        return work(connection)


def _fetch(engine: Engine, query: Select[Any]) -> list[Any]:
    with engine.connect() as connection:
        return list(connection.execute(query))
