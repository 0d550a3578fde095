"""Finding events: pages by key, what fits, and what is never looked at."""

from __future__ import annotations

import json
import os
import time
from datetime import date

import pytest
from sqlalchemy import insert, text

from benchmarks import rows
from consent.audit import days, search
from consent.audit.counter import Counter
from consent.audit.days import first_uncounted, known_days
from consent.audit.search import page
from consent.day import DAY_MS, number
from consent.log.database import tables
from consent.log.export.selection import Selection
from consent.log.seal import Sealer
from consent.log.store import Store
from tests.log.conftest import postgresql, sealer, server, store, url
from tests.log.samples import DAY, MS, NOW, make, record, refuse
from tests.plans import plans, statements

__all__ = ["postgresql", "sealer", "server", "store", "url"]  # fixtures

#: The last day of five from the first one on.
LAST = date(2026, 11, 29)

MANY = 1_000_000 if os.environ.get("CONSENTRY_LONG") else 3_000


def fill(store: Store, count: int = 120) -> list[bytes]:
    """Record decisions, one an hour: each tenth a refusal in English; all at once."""
    made = []
    for n in range(count):
        now = NOW + n * 3_600_000 * MS
        made.append(refuse(now_ns=now, language="en") if n % 10 == 9 else make(now_ns=now))
    record(store, made)
    return [event.body for event in made][::-1]


def found(store: Store, filter: Selection, **ends):
    """Return one page."""
    with store.snapshot() as now:
        return page(now, filter, **ends)


def walk(store: Store, filter: Selection) -> list[bytes]:
    """Return what all pages have, from the newest on."""
    bodies, before = [], None
    while True:
        one = found(store, filter, before=before)
        bodies += [row.body for row in one.rows]
        before = one.older
        if before is None:
            return bodies


def walk_up(store: Store, filter: Selection) -> list[bytes]:
    """Return what all pages have, from the oldest on."""
    bodies, after = [], 0
    while after is not None:
        one = found(store, filter, after=after)
        bodies = [row.body for row in one.rows] + bodies
        after = one.newer
    return bodies


def count(store: Store, days: dict[int, list[tuple[str, str, str]]], leaves: int) -> None:
    """Count days as the counter does: everything that is sealed."""
    key = {"site": store.site, "shard": 0}

    def write(connection):
        for day, marks in days.items():
            for what, value, kind in marks:
                row = {"day": day, "what": what, "value": value, "kind": kind, "count": 1}
                connection.execute(insert(tables.daily), {**key, **row})
        connection.execute(insert(tables.counted), {**key, "log": "2026", "leaves": leaves})

    store.transact(write)


class TestSearch:
    """On SQLite."""

    def test_pages_follow_each_other_in_both_directions(self, store):
        """
        All events are on exactly one page, newest first, whichever way one leafs.
        """
        all = fill(store)

        assert walk(store, Selection()) == all
        assert walk_up(store, Selection()) == all
        first = found(store, Selection())
        second = found(store, Selection(), before=first.older)
        back = found(store, Selection(), after=second.newer)
        assert (len(first.rows), back.rows, back.newer) == (search.SIZE, first.rows, None)

    @pytest.mark.parametrize(
        "filter",
        [
            Selection(kind="refusal"),
            Selection(kind="decision", language="en"),
            Selection(notice="ab" * 32, kind="refusal"),
            Selection(service="matomo", answer="refused"),
        ],
        ids=["kind", "language", "notice", "service"],
    )
    def test_a_filter_finds_what_fits_and_nothing_else(self, store, filter):
        """
        Kind, language, notice and the answer about a service are looked for in the line itself.
        """
        all = fill(store)

        assert walk(store, filter) == [body for body in all if b'"kind":"refusal"' in body]

    def test_a_text_is_not_taken_for_a_field(self, store):
        """
        What somebody wrote into a text never counts as a kind or as an answer.
        """
        from consent.log.event import export

        by = '"kind":"grant","granted":["matomo"]'
        about = {"by": by, "format": "csv", "since": None, "until": None, "rows": 0}
        store.append(export(now_ns=NOW, site=store.site, software="s", **about))

        assert walk(store, Selection(kind="grant")) == []
        assert walk(store, Selection(service="matomo")) == []
        assert walk(store, Selection(service="csv")) == []
        assert len(walk(store, Selection(kind="export"))) == 1

    def test_a_service_is_told_from_a_purpose_of_the_same_name(self, store):
        """
        Looking for a service finds decisions about it, not those about a purpose called so.
        """
        store.append(make(granted=["matomo"], purposes={"media": "granted"}))

        assert walk(store, Selection(service="media")) == []
        assert walk(store, Selection(service="matomo", answer="undecided")) == []

    def test_a_period_has_whole_days(self, store):
        """
        Both days of a period are part of it, in UTC.
        """
        all = fill(store)
        days = {"since": date(2026, 11, 26), "until": date(2026, 11, 27)}

        inside = [json.loads(body)["recorded_at"][:10] for body in walk(store, Selection(**days))]

        assert set(inside) == {"2026-11-26", "2026-11-27"}
        assert len(inside) == 48 < len(all)
        newest, oldest = found(store, Selection(**days), before=1 << 127), walk(store, Selection())
        assert {json.loads(row.body)["recorded_at"][:10] for row in newest.rows} == set(inside)
        upward = found(store, Selection(**days), after=int(json.loads(oldest[-1])["id"][:8], 16))
        assert {json.loads(row.body)["recorded_at"][:10] for row in upward.rows} == set(inside)

    def test_a_page_ends_when_it_has_looked_at_enough(self, store, monkeypatch):
        """
        A page that finds little says how much it looked at, and the next one goes on from there.
        """
        all = fill(store)
        monkeypatch.setattr(search, "LOOKS", 40)

        first = found(store, Selection(kind="refusal"))

        assert (len(first.rows), first.looked, first.is_cut) == (4, 40, True)
        assert walk(store, Selection(kind="refusal")) == [b for b in all if b'"refusal"' in b]
        assert walk_up(store, Selection(kind="refusal")) == [b for b in all if b'"refusal"' in b]

    def test_days_without_a_match_are_passed_over(self, store, sealer):
        """
        Where days have been counted, only those are looked at that have what is looked for; what
        has not been counted is looked at all the same.
        """
        fill(store)
        sealer.seal(NOW + 6 * DAY)
        today = NOW // DAY
        refused = [("all", "", "refusal"), ("service", "matomo", "refused")]
        count(store, {today: [("all", "", "grant")], today + 2: refused}, 121)

        both = found(store, Selection(kind="refusal", service="matomo", answer="refused"))
        fill(store, 10)  # not sealed, so not counted
        late = found(store, Selection(kind="refusal"))

        assert {row.at // DAY_MS for row in both.rows} == {today + 2}
        assert both.looked == 24
        assert {row.at // DAY_MS for row in late.rows} == {today + n for n in range(6)}

    @pytest.mark.parametrize(
        ("filter", "kinds"),
        [
            (Selection(kind="grant"), ["grant", "grant"]),
            (Selection(kind="change"), ["change", "change"]),
            (Selection(service="matomo", answer="granted"), ["once", "change", "grant", "grant"]),
            (Selection(service="youtube", answer="undecided"), ["change"]),
            (Selection(kind="grant", language="de"), ["grant", "grant"]),
            (Selection(language="de"), ["once", "change", "change", "grant", "grant"]),
            (Selection(service="youtube"), ["change", "change", "grant", "grant"]),
            (Selection(kind="once", until=LAST), ["once"]),
            (Selection(service="matomo", since=LAST, until=LAST), ["once"]),
        ],
    )
    def test_no_day_is_passed_over_for_how_it_is_counted(self, store, sealer, filter, kinds):
        """
        Grants that leave something out, changes that do and what was allowed once are counted as
        something of their own, and are found as what they are, to the last day of a period.
        """
        both = {"granted": ["matomo", "youtube"], "refused": []}
        events = [
            make(granted=["matomo"], refused=["youtube"]),
            make(**both),
            make(kind="change", granted=["matomo"], refused=[], undecided=["youtube"]),
            make(kind="change", granted=[], refused=["matomo", "youtube"]),
            make(kind="once", granted=["matomo"], refused=[]),
        ]
        for n, event in enumerate(events):  # each on a day of its own
            fields = json.loads(event.body)
            known = ("kind", "granted", "refused", "undecided")
            day = make(now_ns=NOW + n * DAY, **{name: fields[name] for name in known})
            store.append(day)
        sealer.seal(NOW + 6 * DAY)
        Counter(store).catch_up()

        rows = walk(store, filter)

        assert [json.loads(body)["kind"] for body in rows] == kinds
        assert found(store, filter).looked <= len(kinds) + 1

    def test_a_day_is_counted_only_when_all_its_events_are(self, store, sealer):
        """
        A day with an event that waits, or that is sealed and not counted, is never passed over.
        """
        fill(store, 30)
        sealer.seal(NOW + 2 * DAY)
        today = NOW // DAY
        count(store, {today: [("all", "", "grant")]}, 0)
        with store.snapshot() as now:
            assert first_uncounted(now) == today
        for leaves, first in ((21, today), (22, today + 1)):  # one event of the day, and none
            counted = text(f"UPDATE consent_counted SET leaves = {leaves}")
            store.transact(lambda c, counted=counted: c.execute(counted))
            with store.snapshot() as now:
                assert first_uncounted(now) == first
        store.transact(lambda c: c.execute(text("UPDATE consent_counted SET leaves = 31")))
        with store.snapshot() as now:
            assert first_uncounted(now) is None
        store.append(make(now_ns=NOW - 3 * DAY))
        with store.snapshot() as now:
            assert first_uncounted(now) == today - 3

    def test_each_direction_goes_on_where_days_end(self, store, sealer, monkeypatch):
        """
        Runs of days are looked at one by one in either direction, and few at a time.
        """
        all = fill(store, 120)
        sealer.seal(NOW + 6 * DAY)
        today = NOW // DAY
        wanted = [("all", "", "refusal")]
        count(store, {today + n: wanted if n % 2 == 0 else [("all", "", "grant")]
                      for n in range(6)}, 121)  # fmt: skip
        refusals = [body for body in all if b'"refusal"' in body]
        even = [body for body in refusals if number(_day(body)) % 2 == today % 2]
        for pieces, chunk in ((200, 400), (200, 2), (1, 2)):
            monkeypatch.setattr(search, "PIECES", pieces)
            monkeypatch.setattr(days, "CHUNK", chunk)

            assert walk(store, Selection(kind="refusal")) == even
            assert walk_up(store, Selection(kind="refusal")) == even


def _day(body: bytes) -> date:
    return date.fromisoformat(json.loads(body)["recorded_at"][:10])


class TestSearchOnPostgreSQL(TestSearch):
    """The same on the other database."""

    @pytest.fixture
    def url(self, postgresql):
        return postgresql


@pytest.fixture(scope="module")
def large(tmp_path_factory):
    """A log with many events, sealed and counted; CONSENTRY_LONG=1 makes it a million."""
    folder = tmp_path_factory.mktemp("many")
    url = f"sqlite:///{folder}/consent.db"
    rows.fill(url, MANY)
    store = Store(url, rows.SITE)
    Sealer(store, folder / "consent.key", "s").seal()
    yield store
    store.close()


PAGES = {
    "newest": ({}, {}),
    "old": ({}, {"before": "middle"}),
    "upwards": ({}, {"after": "middle"}),
    "kind": ({"kind": "refusal"}, {}),
    "nothing fits": ({"kind": "erasure"}, {}),
    "all filters": (
        {"kind": "grant", "notice": "5e" * 32, "language": "de", "service": "x"},
        {"before": "middle"},
    ),
}


@pytest.mark.parametrize("name", PAGES)
def test_a_page_of_a_large_log_is_found_by_its_key(large, name):
    """
    No page skips rows or reads a whole table, and each takes less than 300 ms of the processor.
    """
    wanted, ends = PAGES[name]
    with large.snapshot() as now:
        middle = now.connection.execute(
            text(f"SELECT id FROM consent_event ORDER BY id LIMIT 1 OFFSET {MANY // 2}")
        ).scalar_one()
        ends = {key: int.from_bytes(middle, "big") for key in ends}
        with statements(now.connection.engine) as asked:
            began = time.process_time()
            one = page(now, Selection(**wanted), **ends)
            took = time.process_time() - began
    steps = plans(now.connection.engine, asked)

    print(f"{name}: {took * 1000:.0f} ms, {one.looked} looked at, {len(one.rows)} found")
    assert asked
    # SQLAlchemy writes one for SQLite with every limit: it is none if it is 0.
    assert not [s for s in asked if "OFFSET" in s.text.upper() and s.values[-1] != 0]
    assert not [step for step in steps if step.startswith("SCAN") or "TEMP B-TREE" in step]
    assert took < 0.3


@pytest.mark.parametrize("down", [False, True], ids=["up", "down"])
@pytest.mark.parametrize("there", [range(3, 1_500), {7, 406, 407, 1_100}], ids=["all", "some"])
def test_each_day_is_asked_about_once(monkeypatch, there, down):
    """
    However many days a log has, none that has counts is left out or found twice, and none is asked
    about that is not wanted.
    """

    def edge(_, days, *, down):
        return (max if down else min)((day for day in days if day in there), default=None)

    monkeypatch.setattr(days, "_edge", edge)
    pieces = list(known_days(None, range(3, 1_400), down=down))
    given = [day for piece in (reversed(pieces) if down else pieces) for day in piece]

    assert given == sorted(set(given))
    assert set(there) & set(range(3, 1_400)) <= set(given) <= set(range(3, 1_400))
    assert max(map(len, pieces)) <= days.CHUNK
