"""What a page of the desk costs does not grow with the log."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import event as hook

from benchmarks import rows, site
from benchmarks.desk import PAGES, record_in
from consent.audit import amount
from consent.log.seal import Sealer
from consent.log.store import Store
from consent.version import SOFTWARE
from tests.web.desk.reader import Reader

FEW, MANY = 4_000, 16_000

#: Steps of SQLite's machine that are counted as one.
STEPS = 50


@pytest.fixture(scope="module")
def readers(tmp_path_factory) -> list[Reader]:
    """Auditors of a log, and of one that is four times as long; all is sealed and counted."""
    found = []
    for many in (FEW, MANY):
        folder = tmp_path_factory.mktemp(f"log{many}")
        url = f"sqlite:///{folder}/consent.sqlite3"
        rows.fill(url, many)
        store = Store(url, rows.SITE)
        Sealer(store, folder / "instance" / "consent.key", SOFTWARE).seal()
        store.close()
        # Whoever seals beside it asks the same database.
        alone = {"CONSENT_AUDITOR": lambda: "Dr. Prüfer", "CONSENT_SEAL": "command"}
        reader = Reader(site.make(folder, **alone))
        reader.site.counter.catch_up()
        found.append(reader)
    return found


@contextmanager
def work(reader: Reader) -> Iterator[list[None]]:
    """Count what SQLite does in the block, in steps of its machine."""
    done: list[None] = []
    engine = reader.site.store._engine

    def begin(connection, _record, _proxy):
        connection.set_progress_handler(lambda: done.append(None), STEPS)

    hook.listen(engine, "checkout", begin)
    try:
        yield done
    finally:
        hook.remove(engine, "checkout", begin)


def least(reader: Reader, path: str, **fields: object) -> int:
    """Return the work for a page, the least of several: some is done but once."""
    costs = []
    for _ in range(3):
        with work(reader) as done:
            page = reader.get(path, **fields)
        assert page.status_code == 200
        costs.append(len(done))
    return min(costs)


@pytest.mark.parametrize("name", PAGES)
def test_a_page_costs_as_much_in_a_log_of_any_size(readers, name, monkeypatch):
    """
    With four times as many events the database has about as much to do.
    """
    monkeypatch.setattr(amount, "COUNTED", 100)
    path, fields = PAGES[name]
    costs = []
    for reader in readers:
        reader.get(path, **fields)
        costs.append(least(reader, path, **fields))

    assert costs[1] < 1.5 * costs[0] + 10


def test_an_event_costs_as_much_in_a_log_of_any_size(readers):
    """
    So has it for a record, its proof, and what came before and after it.
    """
    costs = [least(reader, record_in(reader.site)) for reader in readers]

    assert costs[1] < 1.5 * costs[0] + 10
