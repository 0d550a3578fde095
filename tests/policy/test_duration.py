"""Durations as they are written in the policy file."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consent.policy import duration, shelf
from consent.policy.model import Duration
from tests.each import each


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("session", Duration(0, "session")),
        ("persistent", Duration(0, "persistent")),
        ("1 minute", Duration(1, "minute")),
        ("30 minutes", Duration(30, "minute")),
        ("24 hours", Duration(24, "hour")),
        ("720 days", Duration(720, "day")),
        ("2 weeks", Duration(2, "week")),
        ("13 months", Duration(13, "month")),
        ("1 year", Duration(1, "year")),
    ],
)
def test_a_period_is_an_amount_and_a_unit(text, meant):
    """
    A stored item stays for the session, until it is deleted, or for a stated period (SL-03).
    """
    assert duration.parse(text) == meant


@given(st.integers(1, 99_999), st.sampled_from(duration.UNITS))
def test_singular_and_plural_mean_the_same(amount, unit):
    """
    Nobody has to think about grammar: with and without "s" is the same period.
    """
    assert duration.parse(f"{amount} {unit}") == duration.parse(f"{amount} {unit}s")


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "13",
        "months",
        "0 days",
        "-1 days",
        "1.5 years",
        "100000 days",
        "13  months",
        "13 months ",
        "13 months\n",
        "13 Monate",
        "sessions",
        "1 session",
        "persistents",
        "٣ days",
        "30 seconds",
    ],
)
def test_anything_else_is_no_period(text):
    """
    A period that two people could read differently is not taken.
    """
    with pytest.raises(ValueError, match=r'^found .*, wanted "session"'):
        duration.parse(text)


ENGLISH = "a whole number with its unit in English: minute, hour, day, week, month, year"


@pytest.mark.parametrize(
    ("given", "hint"),
    [
        ("13 Monate", '"13 months"'),
        ("1 Jahr", '"1 year"'),
        ("2 Wochen", '"2 weeks"'),
        ("30 Min.", '"30 minutes"'),
        ("24 Stunden", '"24 hours"'),
        ("13 mnths", '"13 months"'),
        ("13months", '"13 months"'),
        ("6-month", '"6 months"'),
        ("1 Days", '"1 day"'),
        ("Sitzung", '"session"'),
        ("Session", '"session"'),
        ("dauerhaft", '"persistent"'),
        (180, 'with a unit, such as "180 days"'),
        ("24h", '"24 hours"'),
        ("2 hrs", '"2 hours"'),
        ("1y", '"1 year"'),
        ("2 j", '"2 years"'),
        ("30d", '"30 days"'),
        ("3 T.", '"3 days"'),
        ("1W", '"1 week"'),
        ("6mo", '"6 months"'),
        ("ein Jahr", '"1 year"'),
        ("einen Monat", '"1 month"'),
        ("a year", '"1 year"'),
        ("Ende der Sitzung", '"session"'),
        ("bis der Browser geschlossen wird", '"session"'),
        ("sesion", '"session"'),
        ("für immer", '"persistent"'),
        ("never", '"persistent"'),
        ("ewig", None),
        ("2 m", ENGLISH),
        ("180", ENGLISH),
        ("1,5 Jahre", ENGLISH),
        ("60 Sekunden", ENGLISH),
        ("bis zu 2 Jahre", ENGLISH),
        ("12 Äpfel", ENGLISH),
        ([], None),
    ],
)
def test_what_was_meant_is_offered(given, hint):
    """
    A period in German, cut short or with a slip of the pen is answered with its right spelling,
    another one with a number in it with the units there are.
    """
    assert duration.hint(given) == hint


@each("id", shelf.names())
def test_every_period_of_the_catalogue_is_understood(id):
    """
    The ready-made services speak the same grammar.
    """
    entry = shelf.entry(id) or {}

    assert all(duration.parse(item["duration"]).unit for item in entry["items"])
