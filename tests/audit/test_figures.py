"""The figures say what the events say, however far the counter is."""

from __future__ import annotations

import random
from collections import Counter as Tally
from datetime import date, timedelta

import pytest
from sqlalchemy import update

from consent.audit import figures as module
from consent.audit.counter import Counter
from consent.audit.figures import KINDS, Behind, Rate, figures
from consent.audit.period import Period
from consent.audit.state import state
from consent.day import date_of, number
from consent.log.database import tables
from tests.log.samples import DAY, MS, NOW, make, refuse
from tests.plans import plans, statements

FIRST = date(2026, 11, 25)
WEEK = Period(FIRST, FIRST + timedelta(days=6))

#: How many of each kind are made, and how.
MADE = {
    "grant": (17, {}),
    "partial": (5, {"granted": {"matomo"}, "refused": {"youtube"}, "layer": "settings"}),
    "change": (3, {"kind": "change", "layer": "settings"}),
    "partial change": (
        2,
        {"kind": "change", "granted": {"matomo"}, "undecided": {"youtube"}, "layer": "settings"},
    ),
    "refusal": (11, None),
    "withdrawal": (4, {"kind": "withdrawal", "granted": (), "refused": {"matomo", "youtube"}}),
    "once": (1, {"kind": "once", "granted": {"youtube"}, "receipt": None}),
}


def known(days: int = 7) -> tuple[list, Tally]:
    """Events whose figures are known, in a mixed order, and how many there are of each day."""
    chance, events, by_day = random.Random(3), [], Tally()
    for kind, (count, fields) in MADE.items():
        for n in range(count):
            at = n % days
            language = "de" if n % 3 == 0 else "en"
            fresh = {"now_ns": NOW + at * DAY + len(events) * MS, "language": language}
            events.append(refuse(**fresh) if fields is None else make(**fields, **fresh))
            by_day[at, kind] += 1
    chance.shuffle(events)
    return events, by_day


def fill(store, sealer, events) -> None:
    for event in events:
        store.append(event)
    sealer.seal(NOW + 7 * DAY)


class TestFigures:
    """On SQLite; the class below runs all of it on PostgreSQL."""

    @pytest.mark.parametrize("how", ["waiting", "sealed", "half", "counted"])
    def test_they_are_what_the_events_say(self, store, sealer, how):
        """
        Days, kinds, rates, languages, services and places are right, whether the events wait,
        are sealed, are counted, or some of each; days stand in their order, and of languages and
        the like the most frequent first (AU-11).
        """
        events, by_day = known()
        events.sort(key=lambda event: event.id)
        for some in (events[20:], events[:20]):  # as where the clock was set back
            for event in some:
                store.append(event)
            if how != "waiting":
                sealer.seal(NOW + 7 * DAY)
        if how == "half":
            Counter(store).batch(20)
        if how == "counted":
            Counter(store).catch_up()
        found = figures(store, WEEK)

        assert found.total == sum(count for count, _ in MADE.values()) == 43
        assert found.kinds == {
            "grant": 17, "partial": 5, "change": 5, "refusal": 11, "withdrawal": 4, "once": 1,
        }  # fmt: skip
        assert (found.partial_changes, found.unreadable, found.behind) == (2, 0, None)
        for n, bar in enumerate(found.bars()):
            changes = by_day[n, "change"] + by_day[n, "partial change"]
            wanted = {kind: by_day[n, kind] for kind in KINDS} | {"change": changes}
            assert bar.kinds == Tally(wanted)
            assert bar.period.since == FIRST + timedelta(days=n)
        assert found.rates() == [
            Rate("accepted", 22, 33),
            Rate("everything", 17, 33),
            Rate("refused", 11, 33),
            Rate("withdrawn", 4, 22),
            Rate("settings", 10, 43),
        ]
        german = sum(-(-count // 3) for count, _ in MADE.values())
        counts = {value: kinds.total() for value, kinds in found.values["language"].items()}
        assert list(counts.items()) == [("en", 43 - german), ("de", german)]
        assert [day for day, _ in found.by_day()] == [bar.period.since for bar in found.bars()]
        assert found.values["service"] == {
            "matomo": {"granted": 27, "refused": 15},
            "youtube": {"granted": 20, "refused": 20, "undecided": 2, "once": 1},
        }
        assert list(found.values["service"]) == ["youtube", "matomo"]
        assert found.sums("layer").total() == 43
        assert found.values["notice"] == {"ab" * 32: found.kinds}

    def test_a_period_has_its_days_and_no_other(self, store, sealer):
        """
        The first and the last day count, those beside them do not.
        """
        events, by_day = known()
        fill(store, sealer, events)
        Counter(store).catch_up()
        two = Period(FIRST + timedelta(days=1), FIRST + timedelta(days=2))
        found = figures(store, two)

        assert [d for d, _ in found.by_day()] == [two.since, two.until]
        assert found.total == sum(n for (at, _), n in by_day.items() if at in (1, 2))
        assert figures(store, Period(date(2020, 1, 1), date(2020, 12, 31))).total == 0

    def test_figures_that_lag_say_up_to_when_they_count(self, store, sealer, monkeypatch):
        """
        If much is not counted yet, the figures say up to which event they count and how much
        is missing (AU-11).
        """
        monkeypatch.setattr(module, "FEW", 10)
        fill(store, sealer, [make(now_ns=NOW + n * MS) for n in range(30)])

        assert figures(store, WEEK).behind == Behind(31, None)
        Counter(store).batch(16)
        found = figures(store, WEEK)
        assert found.behind == Behind(15, NOW // MS + 14)
        assert found.total == 15

        Counter(store).batch(5)
        assert figures(store, WEEK).behind is None
        assert figures(store, WEEK).total == 30

    def test_events_that_wait_in_great_number_are_told(self, store, sealer, monkeypatch):
        """
        If sealing stopped, the figures reach as far as they can, and say so.
        """
        monkeypatch.setattr(module, "FEW", 10)
        for n in range(10):
            store.append(make(now_ns=NOW + n * MS))
        assert figures(store, WEEK).behind is None
        for n in range(10, 15):
            store.append(make(now_ns=NOW + n * MS))
        found = figures(store, WEEK)

        assert found.behind == Behind(0, NOW // MS + 9)
        assert found.total == 10

    @pytest.mark.parametrize("body", [b"{", b'{"x":' + b"[" * 100_000], ids=["cut", "nested"])
    def test_altered_events_are_told(self, store, sealer, body):
        """
        What cannot be read is missing from the figures, and that is said.
        """
        fill(store, sealer, [make(), make(now_ns=NOW + MS)])
        bad = update(tables.event).where(tables.event.c.recorded_at == NOW // MS + 1)
        store.transact(lambda c: c.execute(bad.values(body=body)))
        Counter(store).catch_up()
        found = figures(store, WEEK)

        assert (found.total, found.unreadable, found.partial_changes) == (1, 1, 0)


class TestFiguresOnPostgreSQL(TestFigures):
    """The same promises on the other database."""

    @pytest.fixture
    def url(self, postgresql):
        return postgresql


def test_counts_of_nothing_are_passed_over(store, sealer):
    """
    What somebody wrote into the counts that is counted by nothing is in no figure, and ends none.
    """
    events, _ = known()
    fill(store, sealer, events)
    Counter(store).catch_up()
    before = figures(store, WEEK)
    store.transact(
        lambda connection: connection.execute(
            update(tables.daily).where(tables.daily.c.what == "layer").values(what="evil")
        )
    )
    now = figures(store, WEEK)

    assert now.values == before.values | {"layer": {}}
    assert now.days == before.days


def test_a_rate_without_a_whole_has_no_share():
    """
    Nothing is divided by nothing.
    """
    assert Rate("accepted", 0, 0).share is None
    assert Rate("withdrawn", 3, 2).share == 1.5


def test_nothing_walks_through_the_events(store, sealer):
    """
    The overview reads sums and looks leaves up by their key: no statement of it goes through
    the events, the leaves, the tiles or what was counted on other days.
    """
    events, _ = known()
    fill(store, sealer, events)
    Counter(store).catch_up()
    with statements(store._engine) as asked:
        figures(store, WEEK)
        state(sealer)
    steps = plans(store._engine, asked)

    assert len(asked) < 40
    assert [step for step in steps if step.startswith("SCAN") and "CONSTANT" not in step] == []
    for table, key in (("leaf", "leaf_index"), ("event", "id"), ("daily", "day")):
        used = [step for step in steps if f"consent_{table} USING" in step]
        assert used
        assert [step for step in used if key not in step] == []


def test_days_of_the_figures_are_those_of_the_calendar():
    """
    A day of the figures is a day UTC.
    """
    assert date_of(NOW // DAY) == FIRST
    assert number(FIRST) == NOW // DAY
