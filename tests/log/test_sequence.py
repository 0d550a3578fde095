"""The events of a receipt follow each other, whatever the clock said."""

from __future__ import annotations

from datetime import date

import pytest

from consent.log.event import Event
from consent.log.retention import expired
from consent.log.sequence import in_order
from tests.log.samples import MS, NOW, make

HOUR = 3_600_000 * MS

GRANT = make(now_ns=NOW + HOUR)
CHANGE = make(now_ns=NOW, kind="change", granted={"matomo"}, previous=GRANT.id)
GONE = make(
    now_ns=NOW + 2 * MS, kind="withdrawal", control="withdraw", granted=(), previous=CHANGE.id
)
AGAIN = make(now_ns=NOW + 2 * HOUR, previous=GONE.id)


def ordered(*events: Event) -> list[bytes]:
    bodies = [event.body for event in sorted(events, key=lambda event: event.id)]
    return in_order(bodies, bytes)


def test_what_follows_comes_after():
    """
    A clock that was set back by an hour does not let a withdrawal come before its consent.
    """
    story = [GRANT, CHANGE, GONE, AGAIN]

    assert ordered(*story) == [event.body for event in story]


def test_what_follows_nothing_that_is_there_stays():
    """
    Where the clock was right, and where an event is gone, the order is that of the ids.
    """
    assert ordered(AGAIN, CHANGE) == [CHANGE.body, AGAIN.body]
    assert ordered(GRANT, AGAIN) == [GRANT.body, AGAIN.body]
    assert ordered() == []


@pytest.mark.parametrize(
    "bodies",
    [
        [b'{"id":"a","previous":"b"}', b'{"id":"b","previous":"a"}'],
        [b'{"id":"a","previous":"a"}', b"[]"],
        [b"\xff", b'{"id":"a","previous":7}', b"", b'{"id":"\xff"}', b'{"x":' + b"[" * 100_000],
    ],
    ids=["a circle", "itself", "unreadable"],
)
def test_what_was_forged_is_still_shown(bodies):
    """
    An auditor sees each event of a receipt, also those that somebody tampered with.
    """
    assert sorted(in_order(bodies, bytes)) == sorted(bodies)


class TestStore:
    """On SQLite; the class below runs all of it on PostgreSQL."""

    @pytest.fixture
    def told(self, store):
        """The log of a consent that was withdrawn after the clock was set back."""
        for event in (GRANT, CHANGE, GONE):
            store.append(event)
        return store

    def test_the_newest_event_is_the_withdrawal(self, told):
        """
        Site, visitor and auditor are told that a consent was withdrawn (EV-07, WD-12).
        """
        assert told.last(GRANT.receipt) == GONE.body
        assert told.history(GRANT.receipt) == [GRANT.body, CHANGE.body, GONE.body]
        assert [one.body for one in told.evidence(GRANT.receipt)] == told.history(GRANT.receipt)

    def test_a_long_story_makes_no_decision_slower(self, told, monkeypatch):
        """
        Whoever decides again and again with one receipt costs no more each time.
        """
        looked_at, before = [], GONE
        for number in range(1, 10):
            before = make(now_ns=NOW + number * HOUR, kind="change", previous=before.id)
            told.append(before)
        monkeypatch.setattr("consent.log.store.RECENT", 4)
        monkeypatch.setattr(
            "consent.log.store.in_order",
            lambda rows, body: looked_at.append(len(rows)) or in_order(rows, body),
        )

        assert told.last(GRANT.receipt) == before.body
        assert looked_at == [4]

    def test_the_time_to_keep_begins_with_the_withdrawal(self, told):
        """
        It is not prolonged to the day on which the consent would have ended (EV-15).
        """
        with told.snapshot() as now:
            due = set(expired(now, 2026, date(2030, 1, 1)))

        assert due == {event.id.bytes for event in (GRANT, CHANGE, GONE)}


class TestStoreOnPostgreSQL(TestStore):
    """The same promises on PostgreSQL."""

    @pytest.fixture
    def url(self, postgresql: str) -> str:
        return postgresql
