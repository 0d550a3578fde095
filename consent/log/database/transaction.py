"""
Transactions: whole or not at all, durable when they return, and tried again where that helps.

Whatever goes wrong in the database leaves here as LogUnavailable, in words that hold no value of
any row.
"""

from __future__ import annotations

import weakref
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from sqlite3 import (
    SQLITE_BUSY,
    SQLITE_CANTOPEN,
    SQLITE_CORRUPT,
    SQLITE_IOERR,
    SQLITE_IOERR_GETTEMPPATH,
    SQLITE_NOTADB,
    SQLITE_READONLY,
)
from typing import Any, Protocol, TypeVar

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from consent.errors import LogError, LogUnavailable
from consent.log.database.connection import PATIENCE
from consent.log.database.turn import Turns

#: How often a transaction is tried that the database gave up in favour of another one.
TRIES = 4

_GIVEN_UP = frozenset({"40001", "40P01"})  # serialization failure, deadlock
_READ_ONLY = "25006"
_NOT_ALLOWED = "42501"

#: What to do about a file of which SQLite cannot read a page.
DAMAGED = (
    "the file of the log is damaged: stop the site, keep the file, and put the newest copy in its"
    ' place, see "Restored backups" in docs/log.md'
)

_MAY_WRITE = "whoever runs this has to be allowed to write the file and its folder, as the site is"

#: What helps, by the kind of trouble that SQLite has, or by the SQLSTATE of PostgreSQL.
_HINTS: dict[int | str | None, str] = {
    SQLITE_BUSY: "another program writes to the file; try again when it has ended",
    SQLITE_READONLY: _MAY_WRITE,
    SQLITE_CANTOPEN: _MAY_WRITE,
    SQLITE_CORRUPT: DAMAGED,
    SQLITE_NOTADB: DAMAGED,
    _NOT_ALLOWED: (
        "let a user do it who has the role for it, such as consent_owner for erase and expire, see"
        ' "Who could do what" in docs/log.md'
    ),
}

#: What SQLite says where it finds no folder for a temporary file; with an error of a disk it says
#: what was tried.
_NO_FOLDER = frozenset({SQLITE_IOERR, SQLITE_IOERR_GETTEMPPATH})
_FOLDER = "name a folder that can be written to, with room for the whole log, by SQLITE_TMPDIR"

_turns: weakref.WeakKeyDictionary[Engine, Turns] = weakref.WeakKeyDictionary()

Answer = TypeVar("Answer")


class Cursor(Protocol):
    """As much of a driver's cursor as appending and asking need."""

    connection: Any
    rowcount: int

    def execute(self, statement: str, values: tuple[object, ...], /) -> object:
        """Run *statement* with *values* in the places of its marks."""

    def fetchall(self) -> list[Any]:
        """Return the rows that it found."""


class _ConnectionLost(Exception):
    """The connection was gone; what became of the transaction is not known."""


def attempt(engine: Engine, work: Callable[[], Answer]) -> Answer:
    """
    Return what *work* returns, one transaction that may be done twice.

    It is done again when the database gave it up for another one, and once when the connection
    was lost, as one is that waits in the pool while the server restarts, or may only read. Raises
    LogUnavailable for all other trouble with the database.
    """
    lost = False
    for left in reversed(range(TRIES)):
        try:
            return work()
        except (SQLAlchemyError, OSError, _ConnectionLost, _driver_error(engine)) as error:
            is_read_only = _sqlstate(error) == _READ_ONLY or _sqlite(error) == SQLITE_READONLY
            first_loss = (_is_loss(error) or is_read_only) and not lost
            lost = lost or first_loss
            if is_read_only:
                # A connection stays so after file or server have become writable, or another is.
                engine.dispose()
            if not left or not (first_loss or _sqlstate(error) in _GIVEN_UP):
                raise unavailable(engine, error) from _quotable(error)
    raise AssertionError  # pragma: no cover - the last try returns or raises


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """Give a connection for one transaction, committed when the block ends without an error."""
    with _turn(engine), engine.connect() as connection:
        connection = connection.execution_options(immediate=True)
        with connection.begin():
            yield connection


@contextmanager
def appending(engine: Engine) -> Iterator[Cursor]:
    """
    Give a driver's cursor for one transaction, committed when the block ends without an error.

    Does what :func:`writing` does in half of the time, which is the time of a visitor.
    """
    with _turn(engine), _lent(engine) as cursor:
        if engine.dialect.name == "sqlite":
            cursor.execute("BEGIN IMMEDIATE", ())
        yield cursor
        cursor.connection.commit()


def ask(engine: Engine, statement: str, values: tuple[object, ...]) -> list[Any]:
    """Return the rows that *statement*, in the driver's own words, finds; as quick as appending."""
    with _lent(engine) as cursor, _by_itself(engine, cursor.connection):
        cursor.execute(statement, values)
        return cursor.fetchall()


def change(engine: Engine, statement: str, values: tuple[object, ...]) -> int:
    """Return how many rows *statement*, which is a transaction of its own, has changed."""
    with _lent(engine) as cursor, _by_itself(engine, cursor.connection):
        cursor.execute(statement, values)
        return cursor.rowcount


@contextmanager
def _lent(engine: Engine) -> Iterator[Cursor]:
    """Give a driver's cursor on a connection of the pool. What is not committed is rolled back."""
    connection = engine.raw_connection()
    try:
        cursor: Any = connection.cursor()
        yield cursor
        cursor.close()
    except _driver_error(engine) as error:
        if not engine.dialect.is_disconnect(error, connection.driver_connection, None):
            raise
        # The others in the pool have the same fate.
        connection.invalidate(error)
        engine.dispose()
        raise _ConnectionLost from error
    finally:
        # Returned to the pool, which rolls back.
        connection.close()


@contextmanager
def _by_itself(engine: Engine, driver: Any) -> Iterator[None]:
    """Let a statement be a transaction; BEGIN and ROLLBACK would be two more ways to a server."""
    if engine.dialect.name == "sqlite":
        yield
        return
    driver.autocommit = True
    try:
        yield
    finally:
        # One that is broken cannot be rolled back either, for which the pool gives it up.
        with suppress(_driver_error(engine)):
            driver.autocommit = False


def alone(engine: Engine, statement: str) -> Any:
    """
    Run a *statement* that no transaction may hold; return the first row of its answer, if any.

    It may take and wait as long as it takes. Raises LogError with what a server warns of: that is
    how PostgreSQL says that it has left something out.
    """
    warnings: list[str] = []

    def hear(notice: Any) -> None:
        if notice.severity_nonlocalized == "WARNING":
            warnings.append(notice.message_primary)

    with _turn(engine):
        connection = engine.raw_connection()
        try:
            driver: Any = connection.driver_connection
            if engine.dialect.name == "sqlite":
                # VACUUM writes all of the file into a temporary one.
                driver.execute("PRAGMA temp_store = FILE")
            else:
                driver.autocommit = True
                driver.execute("SET statement_timeout = 0")
                driver.execute("SET lock_timeout = 0")
                driver.add_notice_handler(hear)
            answer = driver.execute(statement)
            if warnings:
                raise LogError(f"{_place(engine)}: {warnings[0]}")
            return answer.fetchone() if answer.description else None
        finally:
            # Not set up as the others in the pool are, any more.
            connection.invalidate()


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """
    Give a connection that sees the database as it is just now, to the end of the block.

    Reading may take as long as it takes, but not wait for long. Raises LogUnavailable if there is
    no connection.
    """
    connection = attempt(engine, lambda: _looking(engine))
    try:
        yield connection
    finally:
        # One that is lost has nothing to roll back, and what was read is told by who read it.
        with suppress(SQLAlchemyError):
            connection.close()


def _looking(engine: Engine) -> Connection:
    connection = engine.connect()
    try:
        if engine.dialect.name == "sqlite":
            connection.exec_driver_sql("SELECT 1 FROM sqlite_schema LIMIT 1")
        else:
            connection = connection.execution_options(isolation_level="REPEATABLE READ")
            connection.exec_driver_sql("SELECT set_config('statement_timeout', '0', true)")
    except BaseException:
        connection.close()
        raise
    return connection


def unavailable(engine: Engine, error: BaseException) -> LogUnavailable:
    """Return what to raise instead of *error*: which database, what kind, its first line."""
    cause = _origin(error)
    first = next(iter(str(cause).splitlines()), "")
    kind = _sqlite(error) or _sqlstate(error)
    hint = _MAY_WRITE if isinstance(cause, PermissionError) else _HINTS.get(kind)
    if getattr(cause, "sqlite_errorcode", 0) in _NO_FOLDER:
        hint = _FOLDER
    text = f"{_place(engine)}: the log cannot be used just now: {type(cause).__name__}: {first}"
    return LogUnavailable(f"{text}\n    hint: {hint}" if hint else text)


def _place(engine: Engine) -> str:
    """Return which database it is, for an error."""
    # SQLAlchemy hides the password before the host, but not one that stands behind it.
    secret = [name for name in engine.url.query if "password" in name.lower()]
    return engine.url.difference_update_query(secret).render_as_string()


def _turn(engine: Engine) -> AbstractContextManager[None]:
    if engine.dialect.name != "sqlite":
        return nullcontext()
    turns = _turns.get(engine)
    if turns is None:
        turns = _turns.setdefault(engine, Turns(str(engine.url.database)))
    return turns.take(PATIENCE)


def _driver_error(engine: Engine) -> Any:
    return engine.dialect.loaded_dbapi.Error


def _origin(error: BaseException) -> BaseException:
    """Return the driver's own error behind *error*, if there is one."""
    if isinstance(error, DBAPIError) and error.orig is not None:
        return error.orig
    return error.__cause__ if isinstance(error, _ConnectionLost) and error.__cause__ else error


def _is_loss(error: BaseException) -> bool:
    return isinstance(error, _ConnectionLost) or getattr(error, "connection_invalidated", False)


def _sqlstate(error: BaseException) -> str | None:
    state: str | None = getattr(_origin(error), "sqlstate", None)
    return state


def _sqlite(error: BaseException) -> int:
    """Return the kind of trouble that SQLite has, without what it says of it further; 0: none."""
    return int(getattr(_origin(error), "sqlite_errorcode", 0)) & 0xFF


def _quotable(error: BaseException) -> BaseException | None:
    """Return *error* if it may stand in a server's log: PostgreSQL's details quote whole rows."""
    detail = getattr(getattr(_origin(error), "diag", None), "message_detail", None)
    return None if detail else error
