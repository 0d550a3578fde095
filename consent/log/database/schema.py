"""
The schema of the log's database, brought up to date at the first use in a process.

Processes that start at the same time may all come here. On SQLite they take turns. On
PostgreSQL one of them makes the tables, and the others fail at that and look again.

While a site runs, its SQLite file can be taken away, or another one put in its place. Connections
go on with the old one, which nobody can open any more, so this is looked at before each use.
"""

from __future__ import annotations

import os
import threading
import weakref
from contextlib import suppress
from pathlib import Path

from sqlalchemy import Connection, Engine, column, inspect, select, table
from sqlalchemy.exc import IntegrityError, OperationalError, ProgrammingError

from consent.errors import LogError, LogUnavailable
from consent.log.database import tables
from consent.log.database.connection import connect, leave_to_the_parent
from consent.log.database.transaction import TRIES, attempt, writing
from consent.log.files import made, make_folder

#: The newest step in migrations/versions, written here so that a start needs no Alembic.
HEAD = "0004"

#: Which file it is, whatever its name.
_File = tuple[int, int]

_version = table(tables.VERSION_TABLE, column("version_num"))

# One migration at a time, as Alembic keeps it in variables of its modules; and by process, as a
# lock that another thread held during a fork is never released in the child.
_locks: dict[int, threading.Lock] = {}


class Prepared:
    """What is kept for one *site* in the database at *url*, whose tables the first use makes."""

    def __init__(self, url: str, site: str) -> None:
        self._engine = connect(url)
        # Who forgets a site, as tests do, leaves no connection open.
        weakref.finalize(self, self._engine.dispose).atexit = False
        self.site = site
        is_file = self._engine.dialect.name == "sqlite"
        #: The SQLite file, None for another database.
        self.file = Path(str(self._engine.url.database)) if is_file else None
        self._is_ready = False
        self._opened: _File | None = None

    def close(self) -> None:
        """Close the connections that are not in use. It can still be used."""
        self._engine.dispose()

    def _make_ready(self) -> None:
        leave_to_the_parent()
        here = _which(self.file)
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
        self._is_ready, self._opened = True, _which(self.file)


def _which(file: Path | None) -> _File | None:
    """Tell which *file* the database is; None: it is not there yet, or no file."""
    if file is None:
        return None
    with suppress(OSError):
        found = file.stat()
        return (found.st_dev, found.st_ino) if found.st_size else None
    return None


def ensure(engine: Engine) -> None:
    """
    Make the tables in the database of *engine*, or bring them up to date.

    Raises LogError for a database that a newer version of this package has been at.
    """
    with _locks.setdefault(os.getpid(), threading.Lock()):
        attempt(engine, lambda: _ensure(engine))


def _ensure(engine: Engine) -> None:
    if engine.dialect.name == "sqlite":
        file = Path(str(engine.url.database))
        make_folder(file.parent)
        # SQLite would let everybody read it, and receipts are in it; what it puts beside it is
        # like it. One that is there is not opened: SQLite's locks on it would go with closing it.
        if not file.exists():
            with suppress(FileExistsError):
                os.close(made(file, os.O_RDONLY, 0o640))
        # Writing may have to wait for another program, or be forbidden, and reading goes on.
        if _which(file):
            with suppress(OperationalError), engine.connect() as connection:
                if _found(connection) == HEAD:
                    return None
    for _ in range(TRIES - 1):
        # Somebody else made the same table meanwhile.
        with suppress(IntegrityError, ProgrammingError), writing(engine) as connection:
            return _migrate(connection)
    with writing(engine) as connection:
        return _migrate(connection)


def _migrate(connection: Connection) -> None:
    found = _found(connection)
    if found == HEAD:
        return
    from alembic import command
    from alembic.config import Config
    from alembic.script import ScriptDirectory

    config = Config()
    config.set_main_option("script_location", "consent.log.database:migrations")
    config.attributes["connection"] = connection
    known = {step.revision for step in ScriptDirectory.from_config(config).walk_revisions()}
    if found is not None and found not in known:
        raise LogError(
            "the database of the log is newer than this version of consentry:"
            f" found {found}, wanted {HEAD} or older"
        )
    command.upgrade(config, HEAD)


def _found(connection: Connection) -> str | None:
    if not inspect(connection).has_table(tables.VERSION_TABLE):
        return None
    version: str | None = connection.execute(select(_version.c.version_num)).scalar()
    return version
