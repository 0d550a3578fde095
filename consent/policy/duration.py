"""
How long an item stays, as it is written in the policy file.

    duration = "session" / "persistent" / amount " " unit
    amount   = 1 to 99999
    unit     = minute, hour, day, week, month or year, with or without "s"
"""

from __future__ import annotations

import re
from datetime import MAXYEAR, date, timedelta
from typing import cast

from consent.policy.mistakes import nearest, shown
from consent.policy.model import Duration, Unit

UNITS = ("minute", "hour", "day", "week", "month", "year")

PATTERN = rf"session|persistent|[1-9][0-9]{{0,4}} ({'|'.join(UNITS)})s?"

WANTED = '"session", "persistent" or a period such as "13 months"'

#: What the units are called elsewhere, by the beginning of the word.
_OTHERWISE = {
    "min": "minute",
    "std": "hour",
    "stunde": "hour",
    "tag": "day",
    "woche": "week",
    "monat": "month",
    "jahr": "year",
}
#: What single letters mean. Of months and minutes nobody knows.
_LETTERS = {
    "h": ("hour",),
    "d": ("day",),
    "w": ("week",),
    "m": ("month", "minute"),
    "y": ("year",),
    "j": ("year",),
}
_WITHOUT_AMOUNT = {
    "sitzung": "session",
    "browsersitzung": "session",
    "sitzungsende": "session",
    "ende der sitzung": "session",
    "dauerhaft": "persistent",
    "unbegrenzt": "persistent",
    "unbefristet": "persistent",
    "permanent": "persistent",
    "unlimited": "persistent",
    "forever": "persistent",
}
#: Days of a unit, about.
_DAYS = {"day": 1, "week": 7, "month": 30, "year": 365}


def parse(text: str) -> Duration:
    """
    Return the duration that *text* spells. Raises ValueError if it spells none.

    >>> parse("13 months")
    Duration(amount=13, unit='month')
    """
    if re.fullmatch(PATTERN, text) is None:
        raise ValueError(f"found {shown(text)}, wanted {WANTED}")
    amount, _, unit = text.rpartition(" ")
    return Duration(int(amount or 0), cast("Unit", unit.removesuffix("s") if amount else unit))


def last_year(kept: Duration, today: date) -> int | None:
    """
    Return the last year since whose end the days, weeks, months or years *kept* have passed.

    None if that was before 1970.
    """
    years = reversed(range(1970, today.year))
    return next((year for year in years if _after(date(year + 1, 1, 1), kept) <= today), None)


def _after(day: date, kept: Duration) -> date:
    """Return the first of January *day*, so much later; far away the end of the calendar."""
    if kept.unit in ("day", "week"):
        days = kept.amount * (7 if kept.unit == "week" else 1)
        return day + timedelta(days)
    months = kept.amount * (12 if kept.unit == "year" else 1)
    year, month = day.year + months // 12, 1 + months % 12
    return date(year, month, 1) if year <= MAXYEAR else date.max


def hint(given: object) -> str | None:
    """Return how *given* was most likely meant to be written, or None."""
    if isinstance(given, int | float) or (isinstance(given, str) and given.strip().isdecimal()):
        return 'with a unit, such as "180 days"'
    meant = _meant(given) if isinstance(given, str) else ()
    return " or ".join(f'"{text}"' for text in meant) or None


def days(given: str) -> int | None:
    """Return about how many days *given* stands for, however it is spelled, or None."""
    meant = _meant(given)
    if len(meant) != 1:
        return None
    spelled = parse(meant[0])
    return spelled.amount * _DAYS.get(spelled.unit, 0) or None


def _meant(given: str) -> tuple[str, ...]:
    """Return the periods, rightly spelled, of which *given* may be meant to be one."""
    word = given.strip().lower()
    match = re.fullmatch(r"0*([1-9][0-9]{0,4})[\s-]*([a-zäöü]+)\.?", word)
    if match is None:
        near = _WITHOUT_AMOUNT.get(word) or nearest(word, ("session", "persistent"))
        return (near,) if near else ()
    amount, plural = match[1], "" if match[1] == "1" else "s"
    return tuple(f"{amount} {unit}{plural}" for unit in _units(match[2]))


def _units(word: str) -> tuple[str, ...]:
    if word in _LETTERS:
        return _LETTERS[word]
    for beginning, unit in _OTHERWISE.items():
        if word.startswith(beginning):
            return (unit,)
    near = nearest(word.removesuffix("s"), UNITS)
    return (near,) if near else ()
