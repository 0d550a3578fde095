"""
Cells: what stands in a column, looked at wherever a row is read.

SQLite keeps whatever somebody writes into a column by other means: a text where a number is,
nothing where there has to be something, or a text of bytes that are none. It is refused here, once,
so that nobody who reads a row stumbles over it. Content, which hashes prove or disprove, is given
as the bytes that it is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal
from functools import cached_property
from typing import Any, cast

from sqlalchemy import (
    Column,
    ColumnElement,
    Dialect,
    LargeBinary,
    Table,
    TypeDecorator,
    type_coerce,
)
from sqlalchemy.types import TypeEngine

from consent.errors import LogError

#: What is wanted, by the type of Python that it has, and what SQLite calls it.
_WANTED = {str: ("a text", "text"), bytes: ("bytes", "blob"), int: ("a whole number", "integer")}

#: How the bytes of a text that are none are read (PEP 383), so that nothing of it is lost; and what
#: they begin with.
_AS_BYTES, _FIRST = "surrogateescape", 0xDC00

_FOUND = {str: "a text", bytes: "bytes", int: "a number", float: "a fraction"}

Read = Callable[[Any], Any]

#: Types as they were declared, by class and length: one for all columns, as each is much to keep.
_kinds: dict[tuple[type, int | None], TypeEngine[Any]] = {}


class Bytes(LargeBinary):
    """Content: SQLite has text or a number there where somebody altered it by hand."""


class Cell(TypeDecorator[Any]):
    """A type of a column as it was declared, and the refusal of what is not of it."""

    impl = TypeEngine
    cache_ok = True

    def __init__(self, kind: TypeEngine[Any], place: str, is_optional: bool) -> None:
        self.kind = kind
        self.impl = kind  # type: ignore[assignment] # a class is one for all columns
        self.place = place  #: table and column
        self.is_optional = is_optional

    @cached_property
    def read(self) -> Read:
        """What looks at a value of the column."""
        return _reading(self)

    def result_processor(self, _dialect: Dialect, _coltype: object) -> Read:
        """Return what looks at each value of the column; SQLAlchemy asks for it."""
        return self.read


def decoded(text: bytes) -> str:
    """Return a *text* of SQLite, of whatever bytes it is; Python's own error would quote it."""
    return text.decode(errors=_AS_BYTES)


def look_into(table: Table) -> None:
    """Have every column of a *table* looked at when it is read."""
    for column in table.columns:
        kind = column.type
        length = kind.length if isinstance(kind, LargeBinary) else None
        kind = _kinds.setdefault((type(kind), length), kind)
        column.type = Cell(kind, str(column), bool(column.nullable))


def perhaps(column: Column[Any]) -> ColumnElement[Any]:
    """Return a *column* of rows that need not be there, as in an outer join or for a maximum."""
    return type_coerce(column, Cell(_cell(column).kind, str(column), is_optional=True))


def as_it_is(column: Column[Any]) -> ColumnElement[Any]:
    """Return a *column* for whoever finds out what is wrong with it, and where."""
    return type_coerce(column, _cell(column).kind)


def read(rows: Iterable[Sequence[Any]], *columns: Column[Any]) -> list[tuple[Any, ...]]:
    """Return *rows* that a driver gave, whose values are of *columns*."""
    readers = [_cell(column).read for column in columns]
    return [tuple(one(value) for one, value in zip(readers, row, strict=True)) for row in rows]


def _cell(column: Column[Any]) -> Cell:
    return cast("Cell", column.type)


def _reading(cell: Cell) -> Read:
    kind = cell.kind
    wanted = kind.python_type
    length = kind.length if isinstance(kind, LargeBinary) and not isinstance(kind, Bytes) else None

    def read(value: Any) -> Any:
        # Most are as they have to be, and an export has millions.
        return value if type(value) is wanted else other(value)

    def read_id(value: Any) -> Any:
        return value if type(value) is bytes and len(value) == length else other(value)

    def read_text(value: Any) -> Any:
        return value if type(value) is str and _is_utf8(value) else other(value)

    def other(value: Any) -> Any:
        if value is None and cell.is_optional:
            return None
        if isinstance(kind, Bytes) and value is not None:
            return str(value).encode(errors=_AS_BYTES)
        if wanted is int and isinstance(value, Decimal):
            return int(value)  # of a sum on PostgreSQL
        raise _refusal(cell.place, wanted, length, value)

    return read_id if length else read_text if wanted is str else read


def _is_utf8(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _is_byte(character: str) -> bool:
    return _FIRST <= ord(character) < _FIRST + 0x100


def _refusal(place: str, wanted: type, length: int | None, value: object) -> LogError:
    table, column = place.split(".")
    words, name = _WANTED[wanted]
    found, where = _FOUND.get(type(value), "nothing"), f"typeof({column}) <> '{name}'"
    if length:
        words = f"{length} {words}"
        if isinstance(value, bytes):
            found, where = f"{len(value)} bytes", f"length({column}) <> {length}"
    elif isinstance(value, wanted):
        byte = next(ord(character) - _FIRST for character in str(value) if _is_byte(character))
        where = f"instr(CAST({column} AS BLOB), x'{byte:02X}')"
        found = f"{found} that is not in UTF-8"
    rows = f"SELECT * FROM {table} WHERE {where}"  # noqa: S608 - for people
    return LogError(
        f"{place}: found {found}, wanted {words}\n"
        f"    hint: somebody altered the database by other means; {rows} shows where; to bring back"
        ' what was there, see "Altered by hand" in docs/log.md'
    )
