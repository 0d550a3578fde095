"""Days in UTC, as dates and as numbers counted from 1970, and moments in milliseconds since."""

from __future__ import annotations

import time
from datetime import date, timedelta

EPOCH = date(1970, 1, 1)

#: Seconds of a day, and milliseconds.
DAY = 86_400
DAY_MS = DAY * 1000

#: Days from 1970 on that a date can be.
DAYS = (date.max - EPOCH).days + 1

#: Milliseconds from 1970 on that RFC 3339 can write.
END = DAYS * DAY_MS


def number(day: date) -> int:
    """Return the number of a *day*."""
    return (day - EPOCH).days


def date_of(number: int) -> date:
    """
    Return the day with this *number*, or where there is none, the nearest from 1970 on.

    Whoever can write to the database can alter a day there, or an id, which holds a time.
    """
    return EPOCH + timedelta(days=min(max(number, 0), DAYS - 1))


def day_of(now: float) -> int:
    """Return the number of the day of a Unix time in seconds."""
    return int(now // DAY)


def now_ms() -> int:
    """Return what time it is by the clock of this machine, in milliseconds since 1970 UTC."""
    return time.time_ns() // 1_000_000


def told(ms: int) -> int:
    """
    Return *ms*, since 1970 UTC, or where that is of no year, the nearest that is.

    For what comes from the database, as in :func:`date_of`.
    """
    return min(max(ms, 0), END - 1)


def milliseconds(since: date | None, until: date | None) -> tuple[int | None, int | None]:
    """
    Return where the days from *since* to *until* begin and end, in ms since 1970 UTC.

    None leaves an end open. What is before 1970 is taken for its beginning.
    """
    first = None if since is None else max(number(since), 0) * DAY_MS
    end = None if until is None else max(number(until) + 1, 0) * DAY_MS
    return first, end
