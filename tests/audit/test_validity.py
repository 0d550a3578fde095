"""What a receipt was good for on a day."""

from __future__ import annotations

from datetime import date

from consent.audit.validity import Shown, on

OLD, NEW = "aa" * 32, "bb" * 32
TERMS = {OLD: {"matomo": "1", "youtube": "1"}, NEW: {"matomo": "1", "youtube": "2"}}


def event(at: str, kind: str, *granted: str, until: str | None = "2026-06-30") -> dict:
    """Return as much of a decision as matters."""
    return {"recorded_at": at, "kind": kind, "granted": list(granted), "valid_until": until,
            "notice": OLD}  # fmt: skip


GRANT = event("2026-01-10T09:00:00.000Z", "grant", "matomo", "youtube")
LESS = event("2026-02-10T09:00:00.000Z", "change", "matomo", until="2026-07-30")
ONCE = event("2026-03-01T09:00:00.000Z", "once", "youtube", until=None)
GONE = event("2026-04-10T23:59:59.999Z", "withdrawal", until="2026-09-30")


def end(day: str, *events: dict, shown: Shown | None = None):
    """Return what stood at the end of *day*."""
    return on(date.fromisoformat(day), events, (None, shown), TERMS).end


def test_each_decision_stands_until_the_next_one():
    """
    Grant, change and withdrawal follow each other; before the first one nothing is granted.
    """
    all = (GRANT, LESS, ONCE, GONE)

    assert end("2026-01-09", *all).reason == "before"
    assert end("2026-01-10", *all).granted == ("matomo", "youtube")
    assert end("2026-02-10", *all).granted == ("matomo",)
    assert end("2026-04-09", *all).granted == ("matomo",)
    assert (end("2026-04-10", *all).reason, end("2026-04-10", *all).granted) == ("withdrawn", ())


def test_a_day_tells_what_stood_when_it_began():
    """
    On the day of a decision both are told: what stood in the morning and what in the evening.
    """
    day = on(date(2026, 2, 10), (GRANT, LESS), (None, None), TERMS)

    assert day.start.granted == ("matomo", "youtube")
    assert day.events == (LESS,)
    assert day.end.granted == ("matomo",)


def test_other_facts_in_the_course_of_a_day_take_nothing_from_its_beginning():
    """
    Where nobody had been shown other facts yet when the day began, the consent still stood then.
    """
    newer = Shown(TERMS[NEW], "2026-03-01T15:00:00.000Z")
    day = on(date(2026, 3, 1), (GRANT,), (None, newer), TERMS)

    assert (day.start.granted, day.end.granted) == (("matomo", "youtube"), ("matomo",))


def test_a_clock_that_was_set_back_does_not_undo_a_withdrawal():
    """
    A consent that is dated after its own withdrawal was given before it all the same.
    """
    ahead = event("2026-04-11T00:30:00.000Z", "grant", "matomo")

    assert end("2026-04-09", ahead, GONE).reason == "before"
    assert end("2026-04-10", ahead, GONE).reason == "withdrawn"
    assert end("2026-04-11", ahead, GONE).reason == "withdrawn"


def test_the_last_day_is_included():
    """
    A consent is valid to the end of its last day, and on the next one it is expired.
    """
    assert end("2026-06-30", GRANT).reason == "granted"
    assert (end("2026-07-01", GRANT).reason, end("2026-07-01", GRANT).granted) == ("expired", ())


def test_a_consent_for_one_page_view_changes_nothing():
    """
    What was loaded once is granted on no day.
    """
    assert end("2026-03-01", ONCE).reason == "before"
    assert end("2026-03-01", LESS, ONCE).granted == ("matomo",)


def test_other_material_facts_end_the_consent_for_their_service_alone():
    """
    Once a newer notice states other material facts, a decision counts no longer for that service;
    one made after it does.
    """
    newer = Shown(TERMS[NEW], "2026-03-01T00:00:00.000Z")
    found = end("2026-03-02", GRANT, shown=newer)
    only = event("2026-01-10T09:00:00.000Z", "grant", "youtube")

    assert (found.granted, found.changed) == (("matomo",), ("youtube",))
    assert end("2026-03-02", only, shown=newer).reason == "changed"
    earlier = Shown(TERMS[NEW], "2026-01-01T00:00:00.000Z")
    assert end("2026-03-02", GRANT, shown=earlier).granted == ("matomo", "youtube")
    unknown = {**GRANT, "notice": "cc" * 32}
    assert end("2026-03-02", unknown, shown=newer).granted == ("matomo", "youtube")


def test_a_shorter_time_counts_for_earlier_decisions_too():
    """
    What was shown since with a shorter time ends a consent by so much earlier; a longer one, or
    one that was shown before, does not move its end.
    """
    said = {OLD: 180}

    def until(lifetime: int | None, since: str = "2026-03-01T00:00:00.000Z", said=said):
        shown = Shown(TERMS[OLD], since, lifetime)
        return on(date(2026, 4, 1), (GRANT,), (None, shown), TERMS, said).end.until

    assert until(170) == "2026-06-20"
    assert until(200) == until(180) == until(None) == until(170, said={}) == "2026-06-30"
    assert until(30, "2026-01-01T00:00:00.000Z") == "2026-06-30"
    assert on(date(2026, 4, 1), (ONCE,), (None, None), TERMS).end.until is None


def test_a_grant_whose_last_day_is_not_said_counts_for_nothing():
    """
    Without a last day of its own there is none that a shorter time could bring forward, and nobody
    takes the grant for valid.
    """
    endless = event("2026-01-10T09:00:00.000Z", "grant", "matomo", until=None)
    shown = Shown(TERMS[OLD], "2026-03-01T00:00:00.000Z", 170)
    found = on(date(2026, 4, 1), (endless,), (None, shown), TERMS, {OLD: 180}).end

    assert (found.reason, found.granted, found.until) == ("expired", (), None)
