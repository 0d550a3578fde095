"""Records that somebody altered in the database."""

import json
from datetime import UTC, datetime
from uuid import UUID

import pytest
from sqlalchemy import update

from consent.audit import amount
from consent.day import DAY_MS
from consent.log.database import tables
from tests.conftest import Visitor

ALTERED = {
    "nothing": lambda _: b"",
    "no text": lambda _: b"\xff\xfe",
    "no object": lambda _: b"[]",
    "no event": lambda _: b"{}",
    "nested": lambda _: b"[" * 5000,
    "nested in a field": lambda event: spelled(event)[:-1] + b',"x":' + b"[" * 100_000,
    "no text in a field": lambda event: spelled(event).replace(b'"id": "', b'"id": "\xff'),
    "half a character": lambda event: spelled(event | {"id": "\ud800"}),
    "no id": lambda event: spelled(event | {"id": "x"}),
    "a field less": lambda event: spelled({k: v for k, v in event.items() if k != "notice"}),
    "another type": lambda event: spelled(event | {"granted": 5}),
    "an unknown kind": lambda event: spelled(event | {"kind": "x"}),
    "no day": lambda event: spelled(event | {"valid_until": "2026-13-01"}),
    "no time": lambda event: spelled(event | {"recorded_at": "yesterday"}),
    "no zone": lambda event: spelled(event | {"recorded_at": event["recorded_at"][:-1]}),
    "no year": lambda event: spelled(event | {"recorded_at": "9999-12-31T23:59:59-01:00"}),
    "another sort": lambda event: spelled(event | {"event": "log", "kind": None}),
}

PAGES = (
    *("find", "sample?nonce=abc&number=9", "sample/sample.jsonl?nonce=abc&number=9"),
    *("overview", "exports?format=csv", "exports/summary"),
)


def spelled(event):
    return json.dumps(event).encode()


def altered(site, sort):
    """Alter the newest event of a *sort* in one way after the other; give each and its id."""
    body = [one for one in site.store.events() if json.loads(one)["event"] == sort][-1]
    event = json.loads(body)
    row = update(tables.event).where(tables.event.c.id == UUID(event["id"]).bytes)
    for name, how in ALTERED.items():
        site.store.transact(lambda c, how=how: c.execute(row.values(body=how(event))))
        yield name, event["id"]


def test_every_page_of_the_desk_can_be_read(app, site, auditor):
    """
    Whatever somebody makes of a line in the database, the auditor sees all pages, and the check
    of that record says that it does not hold.
    """
    Visitor(app).decide("accept")
    site.sealer.seal()

    days = "2026-11-27", datetime.now(UTC).date()
    for name, id in altered(site, "decision"):
        of_record = (*(f"record/{id}?day={day}" for day in days), f"record/{id}/proof.json")
        for page in (*PAGES, *of_record):
            assert auditor.get(f"/{page}").status_code == 200, (name, page)
        assert "is-bad" in auditor.post(f"/record/{id}/check").text, name


@pytest.mark.parametrize("counted", [amount.COUNTED, 0], ids=["few", "many"])
def test_an_id_of_no_year_can_be_looked_at(app, site, auditor, monkeypatch, counted):
    """
    An id holds a time: one that somebody altered to a time that no calendar has keeps no page from
    being read, whether that record is sealed or waits, in a small log and in one that is too large
    to be counted.
    """
    monkeypatch.setattr(amount, "COUNTED", counted)
    site.sealer.seal()
    Visitor(app).decide("accept")
    *_, body = site.store.events()
    old, new = UUID(json.loads(body)["id"]), UUID(int=2**128 - 1)
    for table in (tables.event, tables.pending):
        change = update(table).where(table.c.id == old.bytes).values(id=new.bytes)
        site.store.transact(lambda c, change=change: c.execute(change))

    for is_sealed in (False, True):
        for page in (*PAGES, f"record/{new}"):
            assert auditor.get(f"/{page}").status_code == 200, (page, is_sealed)
        site.sealer.seal()


@pytest.mark.parametrize("day", [-1_000_000_000, 1_000_000_000], ids=["before", "after"])
def test_a_day_of_no_year_can_be_looked_at(app, site, auditor, run, day):
    """
    Days that somebody altered in the database to such that no calendar has keep no visitor from the
    notice, no auditor from the record and no operator from what browsers reported.
    """
    visitor = Visitor(app)
    visitor.decide("accept")
    event = json.loads([*site.store.events()][-1])
    site.sealer.seal()
    site.leaks.count([("https://far.example", "img-src")], 0)
    for change in (
        update(tables.document).values(first_used=day * DAY_MS),
        update(tables.checkpoint).values(day=day),
        update(tables.leak).values(day=day),
    ):
        site.store.transact(lambda c, change=change: c.execute(change))

    assert visitor.get(f"/consent/notice/{event['notice']}").status_code == 200
    assert auditor.get(f"/record/{event['id']}").status_code == 200
    assert run("leaks").exit_code == 0


def test_the_list_of_acts_can_be_read(site, auditor):
    """
    An act whose line was altered stands in the list with its time.
    """
    auditor.get("/access")

    for number, (name, _) in enumerate(altered(site, "access"), 3):
        assert auditor.get("/access").text.count("<tr") == 1 + number, name


def test_its_visitor_can_withdraw(app, site):
    """
    Who agreed can see their receipt and take it all back, whatever became of the record.
    """
    visitor = Visitor(app)
    visitor.decide("accept")
    granted = visitor.cookie(), visitor.cookie("__Secure-consent-receipt", "/consent")

    for name, _ in altered(site, "decision"):
        for cookie, path in zip(granted, ("/", "/consent"), strict=True):
            key = "__Host-consent" if path == "/" else "__Secure-consent-receipt"
            visitor.client.set_cookie(key, cookie, domain="kreisverband.example", path=path)
        assert visitor.get("/consent/receipt").status_code == 200, name
        assert visitor.get("/consent/receipt?format=json").status_code == 200, name
        assert visitor.decide("withdraw").status_code == 303, name
        assert visitor.cookie().split(".")[3] == "", name
