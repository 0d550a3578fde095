"""
What events say, asked of the database by the bytes of their lines.

They are canonical JSON, in which a quote within a text is always escaped: so ``"kind":"grant"`` is
a field and nothing else, and ``"granted":[`` begins a list.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Boolean, ColumnElement, Integer, LargeBinary, and_, bindparam, func
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import GenericFunction

from consent.log.database import tables

_body = tables.event.c.body


def says(text: str) -> ColumnElement[bool]:
    """Return what is true for events whose line has *text*."""
    return _is_there(_place(_body, text))


def lists(name: str, value: str) -> ColumnElement[bool]:
    """Return what is true for events with *value* in the list *name*; no value has a bracket."""
    start = _place(_body, f'"{name}":[')
    tail = func.substr(_body, start)
    values = func.substr(tail, 1, _place(tail, "]"))
    return and_(_is_there(start), _is_there(_place(values, f'"{value}"')))


class _Place(GenericFunction[Any]):
    """Where bytes stand within other bytes, counted from 1; 0: nowhere."""

    inherit_cache = True
    name = "consent_place"
    type = Integer()


@compiles(_Place, "sqlite")
def _place_in_sqlite(place: _Place, compiler: SQLCompiler, **more: Any) -> str:
    body, part = (compiler.process(clause, **more) for clause in place.clauses)
    return f"instr({body}, {part})"


@compiles(_Place, "postgresql")
def _place_in_postgresql(place: _Place, compiler: SQLCompiler, **more: Any) -> str:
    body, part = (compiler.process(clause, **more) for clause in place.clauses)
    return f"position({part} in {body})"


def _place(body: ColumnElement[Any], text: str) -> _Place:
    return _Place(body, bindparam(None, text.encode(), LargeBinary, unique=True))


def _is_there(place: _Place) -> ColumnElement[bool]:
    there: ColumnElement[bool] = place.op(">", return_type=Boolean())(0)
    return there
