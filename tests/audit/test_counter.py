"""Every sealed leaf is in the figures once, whatever happens while they are made."""

from __future__ import annotations

from collections import Counter as Tally
from datetime import date
from itertools import count

import pytest
from sqlalchemy import select, text, update

from consent.audit import counter
from consent.audit.counter import Counter
from consent.day import number
from consent.errors import LogUnavailable
from consent.log.database import tables
from consent.log.erase import Eraser
from tests.log.processes import started
from tests.log.samples import DAY, MS, NOW, RECEIPT, SITE, make, refuse

TODAY = number(date(2026, 11, 25))


def figures(store, *, what: str = "all") -> dict:
    """Everything that is in the figures about one thing: counts by day, value and kind."""
    with store.snapshot() as now:
        daily = tables.daily.c
        rows = now.connection.execute(select(tables.daily).where(daily.what == what))
        return {(row.day, row.value, row.kind): row.count for row in rows}


def total(store) -> int:
    """How many events are in the figures."""
    return sum(figures(store).values())


def add(store, sealer, events) -> None:
    for event in events:
        store.append(event)
    sealer.seal(NOW)


def some(many: int, start: int = 0) -> list:
    return [make(now_ns=NOW + n * MS) for n in range(start, start + many)]


class TestCounter:
    """On SQLite; the class below runs all of it on PostgreSQL."""

    def test_each_kind_is_counted_on_its_day(self, store, sealer):
        """
        Each decision counts for its day UTC under its kind, and one that leaves something out
        as partial; what is no decision counts as what it is (AU-11).
        """
        some_only = {"granted": {"matomo"}, "refused": {"youtube"}}
        add(
            store,
            sealer,
            [
                make(),
                make(now_ns=NOW + 1),
                refuse(now_ns=NOW + 2),
                make(now_ns=NOW + 3, **some_only),
                make(now_ns=NOW + DAY, kind="change"),
                make(now_ns=NOW + DAY + 1, kind="change", **some_only),
                make(now_ns=NOW + DAY + 2, kind="withdrawal", granted=(), refused={"matomo"}),
                make(now_ns=NOW + DAY + 3, kind="once", granted={"youtube"}, undecided={"matomo"}),
            ],
        )
        Counter(store).catch_up()

        assert figures(store) == {
            (TODAY, "", "grant"): 2,
            (TODAY, "", "refusal"): 1,
            (TODAY, "", "partial"): 1,
            (TODAY, "", "log"): 1,
            (TODAY + 1, "", "change"): 1,
            (TODAY + 1, "", "partial change"): 1,
            (TODAY + 1, "", "withdrawal"): 1,
            (TODAY + 1, "", "once"): 1,
        }

    def test_it_is_known_where_and_under_what(self, store, sealer):
        """
        Language, notice, layer and each service are counted besides; allowing a film once says
        nothing about the other services (AU-11).
        """
        add(
            store,
            sealer,
            [
                make(language="en", notice="cd" * 32, layer="settings"),
                make(now_ns=NOW + 1, granted={"matomo"}, undecided={"youtube"}),
                refuse(now_ns=NOW + 2),
                make(now_ns=NOW + 3, kind="once", granted={"youtube"}, undecided={"matomo"}),
            ],
        )
        Counter(store).catch_up()

        assert figures(store, what="language") == {
            (TODAY, "en", "grant"): 1,
            (TODAY, "de", "partial"): 1,
            (TODAY, "de", "refusal"): 1,
            (TODAY, "de", "once"): 1,
        }
        assert figures(store, what="notice")[TODAY, "cd" * 32, "grant"] == 1
        assert figures(store, what="layer")[TODAY, "settings", "grant"] == 1
        assert figures(store, what="service") == {
            (TODAY, "matomo", "granted"): 2,
            (TODAY, "youtube", "granted"): 1,
            (TODAY, "youtube", "undecided"): 1,
            (TODAY, "matomo", "refused"): 1,
            (TODAY, "youtube", "refused"): 1,
            (TODAY, "youtube", "once"): 1,
        }

    def test_batches_join_without_gap_or_overlap(self, store, sealer):
        """
        However the leaves of a log that was there before are cut into batches, and whatever is
        sealed between them, each is counted once.
        """
        add(store, sealer, some(7))
        one = Counter(store)

        first = [one.batch(3), one.batch(3)]
        add(store, sealer, some(4, start=7))
        batches = [*first, *(one.batch(3) for _ in range(4))]

        assert [batch and (batch.start, batch.end) for batch in batches] == [
            *((0, 3), (3, 6), (6, 9), (9, 12)),
            *(None, None),
        ]
        assert total(store) == 12

    def test_counting_ends_where_decisions_never_cease(self, store, sealer, monkeypatch):
        """
        All that is sealed is counted in one go, in as many batches as that takes; what is sealed
        during a batch does not keep it going for ever.
        """
        monkeypatch.setattr(counter, "BATCH", 4)
        read, later = counter._next, count(9)

        def meanwhile(trees, most):
            batch = read(trees, most)
            add(store, sealer, some(1, start=next(later)))
            return batch

        add(store, sealer, some(9))
        monkeypatch.setattr(counter, "_next", meanwhile)
        pauses = len(list(Counter(store).batches()))

        assert (pauses, total(store)) == (2, 12)

    def test_all_logs_are_counted(self, store, sealer):
        """
        The log of each year is counted to its end, the older one first.
        """
        add(store, sealer, some(3))
        store.append(make(now_ns=NOW + 60 * DAY))
        sealer.seal(NOW + 60 * DAY)
        Counter(store).catch_up()

        assert total(store) == 3 + 1 + 1 + 1
        assert figures(store)[number(date(2027, 1, 24)), "", "grant"] == 1

    def test_two_that_count_the_same_count_it_once(self, store, sealer, monkeypatch):
        """
        If another process counts the same leaves between reading and writing, they are in the
        figures once (exactly once).
        """
        add(store, sealer, some(5))
        read = counter._next

        def overtaken(trees, most):
            batch = read(trees, most)
            monkeypatch.setattr(counter, "_next", read)
            Counter(store).batch(2)
            return batch

        monkeypatch.setattr(counter, "_next", overtaken)
        Counter(store).batch()
        assert total(store) == 2

        Counter(store).catch_up()
        assert total(store) == 6

    def test_what_is_cut_off_leaves_nothing(self, store, sealer, monkeypatch):
        """
        If counting is cut off after any of its statements, nothing of the batch is there, and
        the next one counts all of it.
        """
        add(store, sealer, some(5))
        for last in range(1, 4):
            with monkeypatch.context() as patch:
                patch.setattr(counter, "_add", cut_off(counter._add, last))
                with pytest.raises(KeyboardInterrupt):
                    Counter(store).batch()
            assert total(store) == 0
            with store.snapshot() as now:
                assert now.connection.execute(select(tables.counted)).all() == []

        Counter(store).catch_up()
        assert total(store) == 6

    @pytest.mark.slow
    def test_processes_that_are_killed_lose_and_double_nothing(self, store, sealer, url):
        """
        Two processes count the same log, and one is killed in the middle; another one that
        goes on leaves every leaf counted once.
        """
        add(store, sealer, some(60))
        with started("-m", "tests.audit.counting", url, times=2) as processes:
            for process in processes:
                assert process.hear() == "ready"
            for process in processes:
                process.say()
            killed, other = processes
            for _ in range(5):
                killed.hear()
            killed.kill()
            assert 5 <= total(store) <= 61
            assert other.end() == 0

        Counter(store).catch_up()
        assert total(store) == 61
        assert figures(store)[TODAY, "", "grant"] == 60

    def test_erased_events_stay_counted(self, store, sealer):
        """
        An erasure takes nothing out of the figures; what was erased before it was counted is
        not in them, and does not stop what comes after it (AU-09, AU-11).
        """
        add(store, sealer, [make(), refuse(now_ns=NOW + 1)])
        Counter(store).catch_up()
        Eraser(sealer, "Müller").erase_receipt(RECEIPT, "art-17", NOW + 2)
        add(store, sealer, [make(now_ns=NOW + 3)])
        Eraser(sealer, "Müller").erase_receipt(RECEIPT, "art-17", NOW + 4)
        Counter(store).catch_up()

        kinds = Tally({kind: count for (_, _, kind), count in figures(store).items()})
        assert kinds == {"log": 1, "grant": 1, "refusal": 1, "erasure": 2}

    def test_what_somebody_altered_does_not_stop_it(self, store, sealer):
        """
        Events that were altered in the database are counted as unreadable, or as what they say
        now, and the others as ever.
        """
        wrong = [
            b"{",
            b"\xff\xfe",
            b'{"event":"decision","recorded_at":"yesterday"}',
            b'{"event":"decision","recorded_at":"2026-11-25","granted":7}',
            b'{"event":"decision","recorded_at":"2026-11-25","kind":"\\u0000","language":"%s"}'
            % (b"x" * 9000),
        ]
        events = some(len(wrong) + 1)
        add(store, sealer, events)
        for event, body in zip(events, wrong, strict=False):
            altered = update(tables.event).where(tables.event.c.id == event.id.bytes)
            store.transact(lambda c, a=altered, b=body: c.execute(a.values(body=b)))
        Counter(store).catch_up()

        found = figures(store)
        assert found[TODAY, "", "unreadable"] == 3
        assert found[0, "", "unreadable"] == 1
        assert found[TODAY, "", "?"] == found[TODAY, "", "grant"] == 1
        assert figures(store, what="language")[TODAY, "x" * 100, "?"] == 1

    @pytest.mark.parametrize("recorded_at", [2**62, -(2**62), "yesterday"])
    def test_an_altered_time_does_not_stop_it(self, store, sealer, recorded_at):
        """
        An event of which time and line were altered, to whatever the database takes, is counted
        as unreadable, and the others as ever.
        """
        if isinstance(recorded_at, str) and store._engine.dialect.name != "sqlite":
            recorded_at = -1  # PostgreSQL has numbers alone in that column
        bad, good = some(2)
        add(store, sealer, [bad, good])
        altered = text("UPDATE consent_event SET recorded_at = :at, body = :body WHERE id = :id")
        values = {"at": recorded_at, "body": b"{", "id": bad.id.bytes}
        store.transact(lambda connection: connection.execute(altered, values))
        Counter(store).catch_up()

        found = figures(store)
        assert (found[0, "", "unreadable"], found[TODAY, "", "grant"]) == (1, 1)

    def test_trouble_with_the_database_is_told(self, store, sealer):
        """
        A database that cannot do it now is an error of the log, and nothing is lost by it.
        """
        add(store, sealer, some(2))
        store.transact(lambda c: c.execute(text("ALTER TABLE consent_daily RENAME TO gone")))
        with pytest.raises(LogUnavailable):
            Counter(store).batch()

        store.transact(lambda c: c.execute(text("ALTER TABLE gone RENAME TO consent_daily")))
        Counter(store).catch_up()
        assert total(store) == 3

    def test_sites_in_one_database_are_apart(self, store, sealer, url):
        """
        What one site counted is not the other's.
        """
        add(store, sealer, some(2))
        other = type(store)(url, "other.example")
        Counter(other).catch_up()
        assert total(store) == 0

        Counter(store).catch_up()
        with other.snapshot() as now:
            sites = now.connection.execute(select(tables.daily.c.site).distinct())
            assert sites.scalars().all() == [SITE]
        other.close()


class TestCounterOnPostgreSQL(TestCounter):
    """The same promises on the other database."""

    @pytest.fixture
    def url(self, postgresql):
        return postgresql


class Cut:
    """A connection that is gone after so many statements."""

    def __init__(self, connection, left: int) -> None:
        self._connection, self._left, self.dialect = connection, left, connection.dialect

    def execute(self, *statement):
        return self._do(self._connection.execute, statement)

    def exec_driver_sql(self, *statement):
        return self._do(self._connection.exec_driver_sql, statement)

    def _do(self, work, statement):
        done = work(*statement)
        self._left -= 1
        if not self._left:
            raise KeyboardInterrupt
        return done


def cut_off(add, last: int):
    """Return what adds a batch and is cut off after its statement number *last*."""
    return lambda connection, site, batch: add(Cut(connection, last), site, batch)
