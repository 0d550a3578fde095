"""How much an export would be: exact for few events, from the sums of days for many."""

from __future__ import annotations

import pytest

from consent.audit import amount as module
from consent.audit.amount import amount
from consent.audit.counter import Counter
from consent.log.erase import Eraser
from consent.log.export.selection import EVERYTHING, Selection, day
from tests.log.conftest import sealer, store, url
from tests.log.samples import DAY, NOW, RECEIPT, make, refuse

__all__ = ["sealer", "store", "url"]  # fixtures

#: Days of the events, two grants, a refusal and a film that was allowed once on each.
DAYS = 4
NOTICE = "0c" * 32

#: Events that are counted one by one where the sums shall tell.
FEW = 5


@pytest.fixture
def full(store, sealer):
    for n in range(DAYS):
        at = NOW + n * DAY
        store.append(make(now_ns=at, granted=["matomo", "youtube"], refused=[], notice=NOTICE))
        store.append(make(now_ns=at + 1, granted=["matomo"], refused=["youtube"], notice="1d" * 32))
        store.append(refuse(now_ns=at + 2))
        once = {"granted": ["youtube"], "refused": [], "receipt": None}
        store.append(make(now_ns=at + 3, kind="once", **once))
    sealer.seal(NOW + DAYS * DAY)
    Counter(store).catch_up()
    return store


WANTED = {
    "everything": EVERYTHING,
    "grants, partial ones too": Selection(kind="grant"),
    "refusals": Selection(kind="refusal"),
    "none of a sort": Selection(kind="erasure"),
    "decisions": Selection(kind="decision"),
    "a language": Selection(language="de"),
    "a language that nobody read": Selection(language="fr"),
    "a service that was granted": Selection(service="youtube", answer="granted"),
    "a service that was refused": Selection(service="youtube", answer="refused"),
    "a notice": Selection(notice=NOTICE),
    "grants under a notice": Selection(notice=NOTICE, kind="grant"),
    "a notice that nobody saw": Selection(notice="ff" * 32),
    "a service": Selection(service="youtube"),
    "a service that nobody knows": Selection(service="unknown"),
    "before all days": Selection(until=day("2020-01-01")),
}


@pytest.mark.parametrize("name", WANTED)
def test_the_sums_say_what_counting_says(full, monkeypatch, name):
    """
    Where one condition is set, both ways find as many.
    """
    counted = amount(full, WANTED[name])
    monkeypatch.setattr(module, "COUNTED", FEW)
    summed = amount(full, WANTED[name])

    assert summed.rows == counted.rows
    assert counted.is_counted
    assert not summed.is_counted or summed.rows == 0


@pytest.mark.parametrize("most", [FEW, 1_000])
def test_only_decisions_are_meant(full, monkeypatch, most):
    """
    A format for decisions alone leaves the log's own events out.
    """
    monkeypatch.setattr(module, "COUNTED", most)

    assert amount(full, EVERYTHING, decisions=True).rows == 4 * DAYS
    assert amount(full, Selection(kind="grant"), decisions=True).rows == 2 * DAYS
    assert amount(full, EVERYTHING).rows > 4 * DAYS


def test_several_conditions_promise_no_less_than_there_is(full, monkeypatch):
    """
    What the sums cannot tell together is the smallest of what each of them tells.
    """
    both = Selection(kind="refusal", service="youtube")
    exact = amount(full, both).rows
    monkeypatch.setattr(module, "COUNTED", FEW)

    assert exact <= amount(full, both).rows <= 4 * DAYS


def test_what_is_not_counted_yet_is_added(full, sealer, monkeypatch):
    """
    Events that the sums lack are promised as well, whatever they are.
    """
    monkeypatch.setattr(module, "COUNTED", FEW)
    before = amount(full, EVERYTHING).rows
    monkeypatch.setattr("consent.audit.figures.FEW", 3)
    for n in range(5):
        full.append(make(now_ns=NOW + DAYS * DAY + n))
    sealer.seal(NOW + DAYS * DAY + DAY)

    assert amount(full, EVERYTHING).rows == before + 5


def test_the_size_is_that_of_the_file(full):
    """
    Of what is counted the bytes of its lines are told, with their ends.
    """
    with full.snapshot() as now:
        lines = [body + b"\n" for body in now.events()]

    assert amount(full, EVERYTHING).size == sum(map(len, lines))


def test_erased_events_stay_in_the_sums(full, sealer, monkeypatch):
    """
    That is why a number from sums is called "about".
    """
    full.append(make(now_ns=NOW + DAYS * DAY, receipt=RECEIPT))
    Eraser(sealer, "Müller").erase_receipt(RECEIPT, "art-17", NOW + (DAYS + 1) * DAY)
    Counter(full).catch_up()
    exact = amount(full, Selection(kind="grant")).rows
    monkeypatch.setattr(module, "COUNTED", FEW)

    assert amount(full, Selection(kind="grant")).rows >= exact
