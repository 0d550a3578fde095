"""What the code asks a database, and how SQLite goes about it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Engine
from sqlalchemy import event as hook


@dataclass(frozen=True)
class Statement:
    """One statement with its values."""

    text: str
    values: Any


@contextmanager
def statements(engine: Engine) -> Iterator[list[Statement]]:
    """Gather what the block asks the database."""
    seen: list[Statement] = []

    def note(_connection, _cursor, statement, parameters, *_more):
        seen.append(Statement(statement, parameters))

    hook.listen(engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        hook.remove(engine, "before_cursor_execute", note)


def plans(
    engine: Engine, seen: list[Statement], only: Callable[[Statement], bool] = bool
) -> list[str]:
    """Return the steps of SQLite for the queries of our tables among *seen*."""
    with engine.connect() as connection:
        return [
            row[-1]
            for one in seen
            if one.text.startswith("SELECT") and "consent_" in one.text and only(one)
            for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {one.text}", one.values)
        ]
