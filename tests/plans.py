"""What the code asks a database, and how that goes about it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pytest
from sqlalchemy import Engine
from sqlalchemy import event as hook

from consent.log.database import transaction


@dataclass(frozen=True)
class Statement:
    """One statement with its values."""

    text: str
    values: Any


class Noting:
    """A driver's cursor that notes what it executes."""

    def __init__(self, cursor: Any, seen: list[Statement]) -> None:
        self._cursor, self._seen = cursor, seen

    def execute(self, statement: str, values: tuple[object, ...]) -> object:
        self._seen.append(Statement(statement, values))
        return self._cursor.execute(statement, values)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._cursor, name)


@contextmanager
def statements(engine: Engine) -> Iterator[list[Statement]]:
    """Gather what the block asks the database, by SQLAlchemy or in the driver's own words."""
    seen: list[Statement] = []
    lent = transaction._lent

    def note(_connection, _cursor, statement, parameters, *_more):
        seen.append(Statement(statement, parameters))

    @contextmanager
    def noting(engine: Engine):
        with lent(engine) as cursor:
            yield Noting(cursor, seen)

    hook.listen(engine, "before_cursor_execute", note)
    try:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(transaction, "_lent", noting)
            yield seen
    finally:
        hook.remove(engine, "before_cursor_execute", note)


def plans(
    engine: Engine, seen: list[Statement], only: Callable[[Statement], bool] = bool
) -> list[str]:
    """Return the steps of the database for the queries of our tables among *seen*."""
    explain = "EXPLAIN QUERY PLAN" if engine.dialect.name == "sqlite" else "EXPLAIN"
    with engine.connect() as connection:
        return [
            row[-1]
            for one in seen
            if one.text.startswith("SELECT") and "consent_" in one.text and only(one)
            for row in connection.exec_driver_sql(f"{explain} {one.text}", one.values)
        ]
