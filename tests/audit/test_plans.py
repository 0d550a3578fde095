"""PostgreSQL finds records as quickly before it has counted how many there are."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from consent.audit import sample
from consent.audit.acts import acts
from consent.audit.counter import Counter
from consent.audit.figures import figures
from consent.audit.inspection import inspect
from consent.audit.period import Period
from consent.audit.state import state
from consent.log.bundle import Request, to_file
from consent.log.leaves import every_leaf
from consent.log.retention import expired
from consent.log.seal import Sealer
from consent.log.store import Store
from tests.log.samples import MS, NOW, SOFTWARE, make, record
from tests.plans import plans, statements

#: So many that they fill several pages of the table: those of one page are always read.
MANY = 500

TODAY = date(2026, 11, 25)


def export(sealer: Sealer, folder: Path) -> None:
    asked = Request("Anna", SOFTWARE, NOW + MANY * MS, since=TODAY, until=TODAY)
    to_file(sealer, folder / "bundle.zip", asked)


def draw(sealer: Sealer, _folder: Path) -> None:
    with sealer.store.snapshot() as now:
        assert list(sample.look(now, sample.draw(sample.states(now), "nonce", 9)))


def read_tree(sealer: Sealer, _folder: Path) -> None:
    with sealer.store.snapshot() as now:
        assert sum(1 for _ in every_leaf(now, now.logs()[0].origin)) > MANY


def find_expired(sealer: Sealer, _folder: Path) -> None:
    with sealer.store.snapshot() as now:
        assert len(list(expired(now, TODAY.year + 1, TODAY))) == MANY


WORK: dict[str, Callable[[Sealer, Path], object]] = {
    "counting": lambda sealer, _: Counter(sealer.store).catch_up(),
    "figures": lambda sealer, _: figures(sealer.store, Period(TODAY, TODAY)),
    "acts": lambda sealer, _: acts(sealer.store, 50),
    "overview": lambda sealer, _: state(sealer),
    "inspection": lambda sealer, _: inspect(sealer),
    "sample": draw,
    "bundle of a day": export,
    "leaves": read_tree,
    "expiry": find_expired,
}


@pytest.fixture
def url(postgresql: str) -> str:
    return postgresql


@pytest.mark.parametrize("work", WORK.values(), ids=WORK)
def test_no_record_is_compared_with_all_others(store: Store, sealer: Sealer, tmp_path, work):
    """
    In a database that was restored or copied a moment ago PostgreSQL does not know yet how many
    records there are; each is looked up by its key all the same, so that a log of a hundred
    thousand is exported and looked through as quickly as later.
    """
    record(store, (make(now_ns=NOW + n * MS) for n in range(MANY)))
    sealer.seal(NOW + MANY * MS)
    with statements(store._engine) as asked:
        work(sealer, tmp_path)
    steps = plans(store._engine, asked, lambda one: "consent_event" in one.text)

    assert [step for step in steps if "Join Filter" in step] == [], steps
    assert [step for step in steps if "Index Cond" in step and "(id = " in step], steps
