"""
The schema of the log's database, brought up to date at the first use in a process.

Processes that start at the same time may all come here. On SQLite they take turns. On
PostgreSQL one of them makes the tables, and the others fail at that and look again.
"""

from __future__ import annotations

import os
import threading
from contextlib import suppress
from pathlib import Path

from sqlalchemy import Connection, Engine, NullPool, column, create_engine, inspect, select, table
from sqlalchemy.exc import IntegrityError, OperationalError, ProgrammingError

from consent.errors import LogError
from consent.log.database import tables
from consent.log.database.transaction import TRIES, attempt, writing
from consent.log.files import made, make_folder, real

#: The newest step in migrations/versions, written here so that a start needs no Alembic.
HEAD = "0004"

_version = table(tables.VERSION_TABLE, column("version_num"))

# One migration at a time, as Alembic keeps it in variables of its modules; and by process, as a
# lock that another thread held during a fork is never released in the child.
_locks: dict[int, threading.Lock] = {}


def ensure(engine: Engine) -> None:
    """
    Make the tables in the database of *engine*, or bring them up to date.

    Raises LogError for a database that a newer version of this package has been at.
    """
    with _locks.setdefault(os.getpid(), threading.Lock()):
        attempt(engine, lambda: _ensure(engine))


def version(engine: Engine) -> str | None:
    """
    Return the last step of the tables in the database of *engine*; None: there are none.

    Nothing is made or changed, as it may be the database of another program.
    """

    def look() -> str | None:
        with plain.connect() as connection:
            return _found(connection)

    plain = engine
    if engine.dialect.name == "sqlite":
        if not which(Path(str(engine.url.database))):
            return None
        # Ours are set up when they are opened, which a file keeps.
        plain = create_engine(engine.url, hide_parameters=True, poolclass=NullPool)
    return attempt(plain, look)


def _ensure(engine: Engine) -> None:
    if engine.dialect.name == "sqlite":
        file = Path(str(engine.url.database))
        make_folder(file.parent)
        # SQLite would let everybody read it, and receipts are in it; what it puts beside it is
        # like it. One that is there is not opened: SQLite's locks on it would go with closing it.
        if not file.exists():
            with suppress(FileExistsError):
                os.close(made(real(file), os.O_RDONLY, 0o640))
        # Writing may have to wait for another program, or be forbidden, and reading goes on.
        if which(file):
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
    if connection.dialect.name != "sqlite":
        # A step looks through all of the log, perhaps. How long it waits for a lock stays as it is.
        connection.exec_driver_sql("SELECT set_config('statement_timeout', '0', true)")
    command.upgrade(config, HEAD)


def _found(connection: Connection) -> str | None:
    if not inspect(connection).has_table(tables.VERSION_TABLE):
        return None
    version: str | None = connection.execute(select(_version.c.version_num)).scalar()
    return version


def which(file: Path | None) -> tuple[int, int] | None:
    """Tell which *file* it is, whatever its name; None: it is not there yet, or no file."""
    if file is None:
        return None
    with suppress(OSError):
        found = file.stat()
        return (found.st_dev, found.st_ino) if found.st_size else None
    return None
