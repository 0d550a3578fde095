"""How long evidence is kept is counted from the end of a year."""

from __future__ import annotations

from datetime import date

import pytest

from consent.policy.duration import last_year, parse


@pytest.mark.parametrize(
    ("kept", "today", "year"),
    [
        ("3 years", "2029-12-31", 2025),
        ("3 years", "2030-01-01", 2026),
        ("18 months", "2028-06-30", 2025),
        ("18 months", "2028-07-01", 2026),
        ("90 days", "2027-03-31", 2025),
        ("90 days", "2027-04-01", 2026),
        ("2 weeks", "2027-01-14", 2025),
        ("2 weeks", "2027-01-15", 2026),
        ("1 day", "2027-01-01", 2025),
        ("9999 years", "2027-01-01", None),
        ("100 years", "2027-01-01", None),
    ],
)
def test_a_year_is_past_its_time_when_the_period_after_its_end_is_over(kept, today, year):
    """
    What ended in a year is kept for the whole period after its last day (EV-15).
    """
    assert last_year(parse(kept), date.fromisoformat(today)) == year
