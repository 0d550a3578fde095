"""What stands in a column is looked at where rows are read, whoever wrote it there."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator

import pytest
from sqlalchemy import Column, LargeBinary, Text, func, select

from consent.errors import LogError
from consent.log.database import tables
from consent.log.database.cell import Bytes, as_it_is, decoded, perhaps, read

COLUMNS = [column for table in tables.metadata.tables.values() for column in table.columns]


class Text8(bytes):
    """What SQLite is told to take for a text, of whatever bytes it is."""


#: A name as a program writes it that does not know UTF-8.
LATIN = Text8("Max Müller".encode("latin-1"))

#: What SQLite keeps in a column of each kind though it cannot stand there, and what that is called.
WRONG = {
    "text": [(b"x", "bytes"), (LATIN, "a text that is not in UTF-8")],
    "number": [("x", "a text"), (b"x", "bytes"), (1.5, "a fraction")],
    "bytes": [("x", "a text"), (5, "a number"), (1.5, "a fraction")],
    "id": [("x", "a text"), (5, "a number"), (1.5, "a fraction"), (b"xyz", "3 bytes")],
    "content": [],
}

#: What may stand in a column of each kind.
RIGHT = {"text": "x", "number": 1, "bytes": b"x", "id": bytes(16), "content": b"x"}


def sort_of(column: Column) -> str:
    """Return what kind of values a *column* has."""
    kind = column.type.kind
    if isinstance(kind, Bytes):
        return "content"
    if isinstance(kind, LargeBinary):
        return "id" if kind.length else "bytes"
    return "text" if isinstance(kind, Text) else "number"


def wrong() -> Iterator[object]:
    """Give each column with each value that cannot stand in it, and what that is called."""
    for column in COLUMNS:
        # Without numbers of rows, SQLite has no way to write nothing into a key.
        is_fixed = column.primary_key and not column.table.dialect_options["sqlite"]["with_rowid"]
        nothing = [] if column.nullable or is_fixed else [(None, "nothing")]
        for value, name in [*WRONG[sort_of(column)], *nothing]:
            yield pytest.param(column, value, name, id=f"{column}-{name.replace(' ', '-')}")


@pytest.fixture
def keep(store):
    """Have one row of a table, with a value in a column whatever the table says about it."""

    def keep(column, value):
        list(store.events())  # makes the tables
        table = column.table
        row = [value if one is column else RIGHT[sort_of(one)] for one in table.columns]
        database = sqlite3.connect(store.file, isolation_level=None)
        database.execute("PRAGMA writable_schema = ON")
        change = "UPDATE sqlite_schema SET sql = replace(sql, 'NOT NULL', '') WHERE name = ?"
        database.execute(change, [table.name])
        database.execute("PRAGMA writable_schema = RESET")
        names = ", ".join(table.columns.keys())
        marks = ", ".join("CAST(? AS TEXT)" if isinstance(one, Text8) else "?" for one in row)
        database.execute(f"INSERT INTO {table.name} ({names}) VALUES ({marks})", row)
        database.close()

    return keep


def asked(store, query):
    """Return the one value that a *query* finds."""
    return store.transact(lambda connection: connection.execute(query).scalar_one())


@pytest.mark.parametrize(("column", "value", "name"), [*wrong()])
def test_no_column_is_read_as_what_it_is_not(store, keep, column, value, name):
    """
    What somebody wrote into a column by other means, and cannot stand there, is refused: named are
    the column, what was found, what was wanted, and how to see the rows.
    """
    keep(column, value)
    with pytest.raises(LogError) as error:
        asked(store, select(column))

    assert str(error.value).startswith(f"{column}: found {name}, wanted ")
    assert "Max" not in str(error.value)
    shown = re.search(r"SELECT .*(?= shows where)", str(error.value))
    with sqlite3.connect(store.file) as database:
        database.text_factory = bytes
        assert len(database.execute(shown[0]).fetchall()) == 1
    database.close()


@pytest.mark.parametrize(("column", "value", "name"), [*wrong()])
def test_nor_in_the_words_of_a_driver(column, value, name):
    """
    What is asked for often is asked for without SQLAlchemy, and refused in the same words.
    """
    given = decoded(value) if isinstance(value, Text8) else value
    with pytest.raises(LogError, match=f"^{column}: found {name}, wanted "):
        read([(given,)], column)


@pytest.mark.parametrize("column", [c for c in COLUMNS if sort_of(c) == "content"], ids=str)
@pytest.mark.parametrize(
    ("value", "wanted"),
    [("ä", "ä".encode()), (LATIN, LATIN), (5, b"5"), (1.5, b"1.5"), (b"x", b"x")],
    ids=["text", "text of no UTF-8", "number", "fraction", "bytes"],
)
def test_content_is_the_bytes_that_it_is(store, keep, column, value, wanted):
    """
    Content, which hashes prove or disprove, is given as bytes whatever it is: so what was altered
    is named by its place, and keeps nobody from the rest.
    """
    keep(column, value)

    assert asked(store, select(column)) == wanted


@pytest.mark.parametrize("text", ["x", "Müller", "日本 😀", "\ufffd"])
def test_a_text_may_be_in_any_language(store, keep, text):
    """
    Names of people and addresses come out as they were written.
    """
    keep(tables.auditor.c.name, text)

    assert asked(store, select(tables.auditor.c.name)) == text


@pytest.mark.parametrize("column", [c for c in COLUMNS if c.nullable], ids=str)
def test_nothing_may_be_where_it_may(store, keep, column):
    """
    What an erasure leaves, or never was there, is no alteration.
    """
    keep(column, None)

    assert asked(store, select(column)) is None


def test_of_rows_that_need_not_be_there_nothing_is_known(store, keep):
    """
    The highest of no numbers is nothing, and what somebody wrote among them is refused as ever.
    """
    list(store.events())
    highest = select(func.max(perhaps(tables.daily.c.day)))
    assert asked(store, highest) is None

    keep(tables.daily.c.day, "x")
    with pytest.raises(LogError, match="found a text, wanted a whole number"):
        asked(store, highest)


def test_who_looks_for_what_is_wrong_gets_it_as_it_is(store, keep):
    """
    A check of everything names the place of a record, and so reads what cannot stand there.
    """
    keep(tables.event.c.recorded_at, "yesterday")

    assert asked(store, select(as_it_is(tables.event.c.recorded_at))) == "yesterday"
