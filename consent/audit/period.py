"""
Periods: whole days UTC, the last one included, and how they are cut for a picture.

A day is a number, counted from 1970; the tables of the log count so, too.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal, Self, get_args

from consent.day import DAY_MS, EPOCH, date_of, number
from consent.errors import ConsentError
from consent.log.export import selection

#: The last day that may be asked for, so that no period has too many parts for a page.
LATEST = date(2199, 12, 31)

Choice = Literal["this-month", "last-month", "this-year", "own"]
CHOICES: tuple[Choice, ...] = get_args(Choice)

Step = Literal["day", "week", "month", "year"]

#: Days of the longest period that is drawn by day, by week, by month; a longer one is by year.
_LONGEST: dict[Step, int] = {"day": 45, "week": 400, "month": 3_700, "year": 100_000}


class PeriodError(ConsentError):
    """What somebody entered is no period; ``reason`` is the key of a text that says why."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(reason)


@dataclass(frozen=True, slots=True)
class Period:
    """From the day *since* to the day *until*, both included."""

    since: date
    until: date

    @classmethod
    def chosen(cls, name: str, today: date, given: Mapping[str, str]) -> Self:
        """
        Return the period with one of the names of :data:`CHOICES`; "own" takes *given* days.

        *given* are days ``since`` and ``until``; without ``until`` it is *today*, without
        ``since`` the first of that day's month. Raises PeriodError.
        """
        if name == "this-month":
            return cls(today.replace(day=1), today)
        if name == "last-month":
            last = today.replace(day=1) - timedelta(days=1)
            return cls(last.replace(day=1), last)
        if name == "this-year":
            return cls(today.replace(month=1, day=1), today)
        if name != "own":
            raise PeriodError("overview.problem.period")
        until = _date(given["until"]) if given.get("until") else today
        since = _date(given["since"]) if given.get("since") else until.replace(day=1)
        return cls.between(since, until)

    @classmethod
    def between(cls, since: date, until: date) -> Self:
        """Return the period from *since* to *until*. Raises PeriodError if it has no day."""
        if since > until:
            raise PeriodError("overview.problem.order")
        if since < EPOCH or until > LATEST:
            raise PeriodError("overview.problem.far")
        return cls(since, until)

    @classmethod
    def open(cls, since: date | None, until: date | None) -> Self:
        """Return the days from *since* to *until*; without one all before or after the other."""
        return cls(max(since or EPOCH, EPOCH), until or date.max)

    @classmethod
    def spanning(cls, first: int, last: int) -> Self:
        """Return the days of two times, in milliseconds since 1970 UTC, and those between."""
        return cls(date_of(first // DAY_MS), date_of(last // DAY_MS))

    @property
    def numbers(self) -> range:
        """The numbers of its days."""
        return range(number(self.since), number(self.until) + 1)

    @property
    def step(self) -> Step:
        """What one bar of a picture stands for."""
        days = len(self.numbers)
        return next(step for step, longest in _LONGEST.items() if days <= longest)

    def parts(self) -> Iterator[Self]:
        """Give the period in pieces of a step; the first and the last may be shorter."""
        start = self.since
        while True:
            end = min(_end(start, self.step), self.until)
            yield type(self)(start, end)
            if end == self.until:
                return
            start = end + timedelta(days=1)

    def is_whole(self, step: Step) -> bool:
        """Tell whether it is a *step* of the calendar from its first day to its last."""
        before = self.since - timedelta(days=1)
        return _end(before, step) == before and _end(self.since, step) == self.until


def _end(start: date, step: Step) -> date:
    """Return the last day of the calendar's step that *start* is in; weeks begin on Monday."""
    if step == "day":
        return start
    if step == "week":
        return start + timedelta(days=6 - start.weekday())
    if step == "month" and start.month < 12:
        return start.replace(month=start.month + 1, day=1) - timedelta(days=1)
    return date(start.year, 12, 31)


def _date(text: str) -> date:
    """Return the date that *text* spells as 2026-11-25. Raises PeriodError."""
    try:
        return selection.day(text)
    except ValueError:
        raise PeriodError("overview.problem.date") from None
