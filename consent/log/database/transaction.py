"""
Transactions: whole or not at all, durable when they return, and tried again where that helps.

Whatever goes wrong in the database leaves here as LogUnavailable, in words that hold no value of
any row.
"""

from __future__ import annotations

import weakref
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from sqlite3 import SQLITE_READONLY
from typing import Any, Protocol, TypeVar

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import SQLAlchemyError

from consent.errors import LogError
from consent.log.database.connection import PATIENCE
from consent.log.database.trouble import (
    ConnectionLostError,
    is_loss,
    place,
    quotable,
    sqlite_error,
    sqlstate,
    unavailable,
)
from consent.log.database.turn import Turns

#: How often a transaction is tried that the database gave up in favour of another one.
TRIES = 4

_GIVEN_UP = frozenset({"40001", "40P01"})  # serialization failure, deadlock
_READ_ONLY = "25006"

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
        except (SQLAlchemyError, OSError, ConnectionLostError, _driver_error(engine)) as error:
            is_read_only = sqlstate(error) == _READ_ONLY or sqlite_error(error) == SQLITE_READONLY
            first_loss = (is_loss(error) or is_read_only) and not lost
            lost = lost or first_loss
            if is_read_only:
                # A connection stays so after file or server have become writable, or another is.
                engine.dispose()
            if not left or not (first_loss or sqlstate(error) in _GIVEN_UP):
                raise unavailable(engine, error) from quotable(error)
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
        raise ConnectionLostError from error
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
                raise LogError(f"{place(engine.url)}: {warnings[0]}")
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


def _turn(engine: Engine) -> AbstractContextManager[None]:
    if engine.dialect.name != "sqlite":
        return nullcontext()
    turns = _turns.get(engine)
    if turns is None:
        turns = _turns.setdefault(engine, Turns(str(engine.url.database)))
    return turns.take(PATIENCE)


def _driver_error(engine: Engine) -> Any:
    return engine.dialect.loaded_dbapi.Error
