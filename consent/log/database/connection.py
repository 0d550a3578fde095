"""
Connections to the database of the log, SQLite or PostgreSQL, made so that COMMIT means durable.

Nothing is opened before it is needed, and a process that was forked opens its own connections.
"""

from __future__ import annotations

import os
import weakref
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

from consent.errors import ConfigError
from consent.log.database.cell import decoded

#: Seconds that a transaction waits for its turn, for another program, for a connection.
PATIENCE = 5

#: Seconds that PostgreSQL may take for one statement or for a lock, and the network for an answer.
SERVER_PATIENCE = 10

_KEY = "CONSENT_DATABASE: the URL"

_WANTED = "sqlite:///FILE or postgresql://USER:PASSWORD@HOST/DATABASE"

#: What SQLite understands as a database that is nowhere.
_NO_FILE = {None, "", ":memory:"}

#: The process that opened the connections.
_opened_by = {os.getpid()}

_engines: weakref.WeakSet[Engine] = weakref.WeakSet()


def connect(url: str | URL) -> Engine:
    """
    Return the engine for the database at *url*, without opening a connection.

    Raises ConfigError for a URL that names no database which can keep evidence.
    """
    parsed = _parsed(url)
    match parsed.drivername:
        case "sqlite" | "sqlite+pysqlite":
            engine = _sqlite(parsed)
        case "postgresql" | "postgres" | "postgresql+psycopg":
            engine = _postgresql(parsed.set(drivername="postgresql+psycopg"))
        case driver:
            raise ConfigError(f"{_KEY} begins with {driver}:, wanted {_WANTED}")
    _engines.add(engine)
    return engine


def file_in(folder: Path, name: str) -> URL:
    """
    Return the URL of the SQLite file *name*, a path that begins in *folder* or at the root.

    A text will not do: in it ``?`` and ``%20``, which a folder may have, are something else.
    """
    return URL.create("sqlite", database=str(Path(folder, name)))


def seen_from(folder: Path, url: str) -> URL:
    """Return *url* with the path of an SQLite file, if it is relative, taken from *folder*."""
    parsed = _parsed(url)
    if parsed.get_backend_name() != "sqlite" or parsed.database in _NO_FILE:
        return parsed
    return parsed.set(database=str(Path(folder, str(parsed.database))))


def _parsed(url: str | URL) -> URL:
    try:
        return make_url(url)
    except (ArgumentError, ValueError):
        # The text is not repeated, as it may hold a password.
        raise ConfigError(f"{_KEY} cannot be read, wanted {_WANTED}") from None


def _sqlite(url: URL) -> Engine:
    if url.database in _NO_FILE or url.host or url.query:
        raise ConfigError(f"{_KEY} names no file alone, wanted sqlite:///FILE")
    engine = create_engine(
        # Absolute, so that a program which changes its folder stays with the same file.
        url.set(database=str(Path(str(url.database)).absolute())),
        connect_args={"timeout": PATIENCE, "isolation_level": None},
        hide_parameters=True,
        pool_timeout=PATIENCE,
    )
    event.listen(engine, "connect", _set_up)
    event.listen(engine, "begin", _begin)
    return engine


def _set_up(connection: Any, _record: object) -> None:
    connection.text_factory = decoded
    cursor = connection.cursor()
    # In WAL mode only FULL waits for the disk at each commit; NORMAL can lose the last ones.
    cursor.execute("PRAGMA journal_mode = WAL")
    cursor.execute("PRAGMA synchronous = FULL")
    # What is deleted one day shall not stay readable in the file.
    cursor.execute("PRAGMA secure_delete = ON")
    # What a statement may have to take back would be in the temporary folder of the machine, and
    # a service may have none that it can write to: then no burst of decisions could be sealed.
    cursor.execute("PRAGMA temp_store = MEMORY")
    cursor.close()


def _begin(connection: Connection) -> None:
    # A transaction that begins by reading cannot write any more once another one has written.
    immediate = connection.get_execution_options().get("immediate")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if immediate else "BEGIN")


def _postgresql(url: URL) -> Engine:
    own = url.query.get("options", ())
    try:
        engine = create_engine(
            url.difference_update_query(["options"]),
            connect_args={
                "application_name": "consentry",
                "connect_timeout": 3,
                "options": own if isinstance(own, str) else " ".join(own),
                # Without it a server that vanished is waited for until TCP gives up.
                "tcp_user_timeout": SERVER_PATIENCE * 1000,
            },
            hide_parameters=True,
            pool_timeout=PATIENCE,
        )
    except ImportError:
        raise ConfigError(
            f"{_KEY} is of PostgreSQL, but its driver is missing\n"
            "    hint: pip install 'consentry[postgres]'"
        ) from None
    event.listen(engine, "connect", _set_up_server)
    return engine


def _set_up_server(connection: Any, _record: object) -> None:
    # Not among the options of the connection, which poolers refuse or leave out.
    connection.execute(
        "SET synchronous_commit = on;"
        f" SET statement_timeout = '{SERVER_PATIENCE}s'; SET lock_timeout = '{SERVER_PATIENCE}s'"
    )
    connection.commit()


def leave_to_the_parent() -> None:
    """
    Let go of connections that this process did not open but was forked with.

    Asked before each use, as uWSGI forks without telling Python. Those to a server are left open,
    as saying goodbye would end the parent's. Those to a file are closed, all before one is opened:
    SQLite believes that a process has the locks of another connection to the same file, and
    without them the parent, once it closes, takes away the file that the child writes to.
    """
    here = os.getpid()
    if _opened_by == {here}:
        return
    for engine in list(_engines):
        engine.dispose(close=engine.dialect.name == "sqlite")
    _opened_by.clear()
    _opened_by.add(here)
