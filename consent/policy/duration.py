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
#: Units that are cut short, as in "24h"; "m" could be two.
_SHORT = {
    "h": "hour",
    "d": "day",
    "t": "day",
    "w": "week",
    "mo": "month",
    "y": "year",
    "j": "year",
}

_ONE = re.compile("(a|an|one|ein|eine|einen) ")

#: What is said of periods without an amount, by a part of it.
_WITHOUT_AMOUNT = {
    "session": "session",
    "sitzung": "session",
    "browser": "session",
    "dauerhaft": "persistent",
    "unbegrenzt": "persistent",
    "permanent": "persistent",
    "unlimited": "persistent",
    "forever": "persistent",
    "immer": "persistent",
    "never": "persistent",
    "unendlich": "persistent",
}

#: Days of a unit, where days are counted.
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
    return Duration(int(amount or 0), cast("Unit", unit.removesuffix("s")))


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
    if isinstance(given, int | float):
        return 'with a unit, such as "180 days"'
    if not isinstance(given, str):
        return None
    word = _ONE.sub("1 ", given.strip().lower())
    match = re.fullmatch(r"0*([1-9][0-9]{0,4})[\s-]*([a-zäöü]+)\.?", word)
    unit = _unit(match.group(2)) if match else None
    if match and unit:
        return f'"{match.group(1)} {unit}{"" if match.group(1) == "1" else "s"}"'
    if re.search("[0-9]", word):
        return f"a whole number with its unit in English: {', '.join(UNITS)}"
    part = next((part for part in _WITHOUT_AMOUNT if part in word), None)
    near = _WITHOUT_AMOUNT[part] if part else nearest(word, ("session", "persistent"))
    return f'"{near}"' if near else None


def days(text: str) -> int | None:
    """
    Return how many days *text* most likely means, or None.

    >>> days("6 Monate")
    180
    """
    meant = (hint(text) or "").strip('"')
    if re.fullmatch(PATTERN, meant) is None:
        return None
    kept = parse(meant)
    return kept.amount * _DAYS[kept.unit] if kept.unit in _DAYS else None


def _unit(word: str) -> str | None:
    if word in _SHORT:
        return _SHORT[word]
    for beginning, unit in _OTHERWISE.items():
        if word.startswith(beginning):
            return unit
    return nearest(word.removesuffix("s"), UNITS)
