"""What a page of the desk costs does not grow with the log."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import event as hook

from benchmarks import rows, site
from consent.audit import amount
from consent.audit.sample import look
from consent.log.seal import Sealer
from consent.log.store import Store
from consent.version import SOFTWARE
from tests.web.desk.reader import Reader

FEW, MANY = 4_000, 16_000

#: Steps of SQLite's machine that are counted as one.
STEPS = 50

TODAY = datetime.now(UTC).date()
SINCE = {"since": str(TODAY - timedelta(days=30)), "until": str(TODAY)}
NOTICE = {"notice": "5e" * 32}

PAGES = {
    "overview": ("/overview", {"period": "own", **SINCE}),
    "newest events": ("/find", {}),
    "events of a kind": ("/find", {"kind": "refusal", **SINCE}),
    "events of a service": ("/find", {"service": "matomo", "answer": "refused"}),
    "events of a notice that nobody saw": ("/find", {"notice": "00" * 32}),
    "notices": ("/notices", {}),
    "sample": ("/sample", {"nonce": "7391", "number": "25"}),
    "how much everything is": ("/exports", {"format": "jsonl"}),
    "how much a selection is": ("/exports", {"format": "csv", "kind": "grant", **NOTICE}),
    "how much a bundle is": ("/exports", {"format": "bundle", **SINCE}),
    "summary": ("/exports/summary", {}),
    "accesses": ("/access", {}),
}


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
        reader = Reader(site.make(folder, CONSENT_AUDITOR=lambda: "Dr. Prüfer"))
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
        with work(reader) as done:
            page = reader.get(path, **fields)
        assert page.status_code == 200
        costs.append(len(done))

    print(name, costs)
    assert costs[1] < 1.5 * costs[0] + 10


def test_an_event_costs_as_much_in_a_log_of_any_size(readers):
    """
    So has it for a record, its proof, and what came before and after it.
    """
    costs = []
    for reader in readers:
        with reader.site.store.snapshot() as now:
            (drawn,) = look(now, [(now.logs()[-1].origin, FEW // 2)])
        with work(reader) as done:
            page = reader.get(f"/record/{drawn.id}")
        assert page.status_code == 200
        costs.append(len(done))

    print(costs)
    assert costs[1] < 1.5 * costs[0] + 10
