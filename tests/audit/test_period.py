"""Periods: whole days, the last one included."""

from __future__ import annotations

from datetime import date
from itertools import pairwise

import pytest

from consent.audit.period import Period, PeriodError
from consent.day import date_of, number
from tests.each import each

TODAY = date(2026, 3, 26)


def chosen(name: str, **given: str) -> tuple[str, str]:
    period = Period.chosen(name, TODAY, given)
    return period.since.isoformat(), period.until.isoformat()


@each(
    "name, given, period",
    [
        ("this-month", {}, ("2026-03-01", "2026-03-26")),
        ("last-month", {}, ("2026-02-01", "2026-02-28")),
        ("this-year", {"since": "ignored"}, ("2026-01-01", "2026-03-26")),
        ("own", {"since": "2025-12-31", "until": "2026-01-01"}, ("2025-12-31", "2026-01-01")),
        ("own", {}, ("2026-03-01", "2026-03-26")),
        ("own", {"until": "2026-01-09"}, ("2026-01-01", "2026-01-09")),
        ("own", {"since": "2026-03-26", "until": ""}, ("2026-03-26", "2026-03-26")),
    ],
)
def test_a_period_is_chosen(name, given, period):
    """
    Months and years by name, and own days; what is left open is this day and its month.
    """
    assert chosen(name, **given) == period


@pytest.mark.parametrize(
    ("name", "given", "reason"),
    [
        ("", {}, "period"),
        ("x" * 10_000, {}, "period"),
        ("own", {"since": "2026-02-30"}, "date"),
        ("own", {"since": "26.3.2026"}, "date"),
        ("own", {"until": "2026-03-26T10:00"}, "date"),
        ("own", {"since": "٢٠٢٦-03-26"}, "date"),
        ("own", {"since": "20260326"}, "date"),
        ("own", {"since": "2026-W01-1"}, "date"),
        ("own", {"until": "-" * 10}, "date"),
        ("own", {"until": "9" * 10_000}, "date"),
        ("own", {"since": "2026-03-27", "until": "2026-03-26"}, "order"),
        ("own", {"since": "1969-12-31"}, "far"),
        ("own", {"since": "2026-01-01", "until": "2200-01-01"}, "far"),
    ],
    ids=["none", "huge", "no such day", "german", "a time", "arabic", "short", "a week", "dashes",
         "huge day", "backwards", "too early", "too late"],
)  # fmt: skip
def test_what_is_no_period_is_refused(name, given, reason):
    """
    Whatever is typed gets a reason that a page can say.
    """
    with pytest.raises(PeriodError) as refused:
        chosen(name, **given)

    assert refused.value.reason == f"overview.problem.{reason}"


@each(
    "since, until, step, parts, second",
    [
        ("2026-03-01", "2026-03-31", "day", 31, ("2026-03-02", "2026-03-02")),
        ("2026-01-01", "2026-12-31", "week", 53, ("2026-01-05", "2026-01-11")),
        ("2025-01-15", "2026-12-31", "month", 24, ("2025-02-01", "2025-02-28")),
        ("1970-01-01", "2199-12-31", "year", 230, ("1971-01-01", "1971-12-31")),
    ],
)
def test_a_long_period_is_cut_into_longer_parts(since, until, step, parts, second):
    """
    The parts are days, weeks from Monday, months or years, and together they are the period.
    """
    period = Period.between(date.fromisoformat(since), date.fromisoformat(until))
    cut = list(period.parts())

    assert (period.step, len(cut)) == (step, parts)
    assert (cut[1].since.isoformat(), cut[1].until.isoformat()) == second
    assert (cut[0].since, cut[-1].until) == (period.since, period.until)
    assert all(b.numbers.start == a.numbers.stop for a, b in pairwise(cut))


def test_days_are_counted_from_1970():
    """
    As the tables of the log count them.
    """
    assert number(date(1970, 1, 2)) == 1
    assert date_of(number(TODAY)) == TODAY
