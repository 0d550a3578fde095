"""The log moves from one database to another one, and stays the log that it was."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing

import pytest
from sqlalchemy import inspect, select

from consent.errors import LogError
from consent.log.copy import copy
from consent.log.database import tables
from consent.log.document import Document
from consent.log.erase import Eraser
from consent.log.seal import Sealer
from consent.log.store import Store
from tests.log.samples import RECEIPT, SITE, SOFTWARE, make, refuse


@pytest.fixture
def other(postgresql) -> Iterator[Store]:
    """A database of the other kind, with nothing in it."""
    store = Store(postgresql, SITE)
    yield store
    store.close()


@pytest.fixture
def filled(store, sealer) -> Store:
    """A log with all that there can be: erased, sealed and waiting."""
    for _ in range(250):
        store.append(refuse(), [Document("text/css", b"a")])
    store.append(make(receipt="b" * 26))
    store.append(make())
    Eraser(sealer, "somebody").erase_receipt("b" * 26, "art-17")
    store.append(refuse())
    return store


def rows(store: Store) -> dict[str, list[tuple[object, ...]]]:
    with store.snapshot() as now:
        return {
            name: sorted(map(tuple, now.connection.execute(select(table))), key=repr)
            for name, table in tables.metadata.tables.items()
        }


def test_the_log_goes_on_in_another_database(filled, sealer, other, tmp_path):
    """
    Who has moved from SQLite to PostgreSQL, or back, has every record with its proof, and seals
    under the same key and anchors.
    """
    before, proven = rows(filled), filled.evidence(RECEIPT)
    back = Store(f"sqlite:///{tmp_path}/back.db", SITE)

    assert copy(filled, other) == copy(other, back) == len(before["consent_event"])
    assert rows(other) == rows(back) == before
    assert other.evidence(RECEIPT) == proven
    assert Sealer(other, sealer.key, SOFTWARE).seal() == 1
    back.close()


def test_where_a_log_is_nothing_is_copied(filled, other):
    """
    Nobody mixes two logs, or writes over one, by doing it twice.
    """
    copy(filled, other)
    before = rows(other)

    with pytest.raises(LogError, match=r"there is a log of verein\.example in the database"):
        copy(filled, other)
    assert rows(other) == before


def test_a_database_that_was_looked_at_before_is_as_good_as_none(filled, sealer, other):
    """
    Who has run the site's check on the new database first can go on.
    """
    Sealer(other, sealer.key.with_name("x.key"), SOFTWARE).require_sound()

    copy(filled, other)

    assert rows(other) == rows(filled)


def test_nothing_is_copied_from_nowhere(other, tmp_path):
    """
    A slip in the name of the old database makes no new one, and is told.
    """
    missing, empty = (Store(f"sqlite:///{tmp_path}/{n}.db", SITE) for n in ("missing", "empty"))
    empty.count()

    with pytest.raises(LogError, match=r"missing\.db: there is no database"):
        copy(missing, other)
    with pytest.raises(LogError, match=r"nothing of verein\.example"):
        copy(empty, other)
    assert not missing.file.exists()


def test_a_database_that_is_not_the_log_s_stays_as_it_is(store, other, tmp_path):
    """
    A slip in the address of the old database, as to that of another program, makes no tables in it.
    """
    empty = Store(f"sqlite:///{tmp_path}/empty.db", SITE)
    empty.file.touch()

    foreign = Store(f"sqlite:///{tmp_path}/foreign.db", SITE)
    with closing(sqlite3.connect(foreign.file)) as theirs:
        theirs.execute("CREATE TABLE kept (something)")
    before = foreign.file.read_bytes()

    for source in (other, empty, foreign):
        with pytest.raises(LogError, match=r"nothing of verein\.example"):
            copy(source, store)
    assert inspect(other._engine).get_table_names() == []
    assert empty.file.read_bytes() == b""
    assert foreign.file.read_bytes() == before


def test_another_site_in_the_same_database_stays_where_it_is(filled, other):
    """
    Of several sites in one database the one that moves is copied, and no other is touched.
    """
    neighbour, there = (Store(store._engine.url, "other.example") for store in (filled, other))
    neighbour.append(refuse(site="other.example"))
    there.append(refuse(site="other.example"))

    copy(filled, other)

    assert (neighbour.count(), there.count()) == (1, 1)
    assert other.count() == filled.count()
    neighbour.close()
    there.close()
