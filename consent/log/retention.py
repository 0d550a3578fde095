"""
Retention: which records are past the time that visitors were told.

- All events of a receipt go together, when the time has passed since the end of the year in
  which the consent ended: by withdrawal, or on the last day that it was valid.
- A refusal goes when it has expired. Nobody can name it, and it proves nothing any more.
- A consent for one page view, an export and a look-up count as ended on their day.
- What the log says about itself, and erasures, stay: without them the rest could not be checked.

What day it is is the clock's word, and what was erased too early never comes back. So the log has
to have come near to that day: a clock that is far ahead leaves a gap before the day that it says.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from itertools import groupby
from operator import itemgetter

from sqlalchemy import select

from consent.day import DAY_MS, date_of, milliseconds
from consent.errors import noun
from consent.log.database import tables
from consent.log.database.stream import stream
from consent.log.event import read_by
from consent.log.fields import DUE, Due
from consent.log.sequence import in_order
from consent.log.trees import Trees
from consent.log.uuid7 import floor, time_of

#: How long a clock is ahead at most before somebody notices, and how long nothing may be recorded.
UNNOTICED, SILENT = timedelta(days=31), timedelta(days=62)

#: Altered events that are named by their places.
NAMED = 5

_event = tables.event.c


def expired(
    trees: Trees, year: int | None, today: date, undue: list[bytes] | None = None
) -> Iterator[bytes]:
    """
    Give the ids of the events that are to be erased *today*.

    *year* is the last one whose ended consents are past their time; None: none is. *undue* gets
    those of the events that were altered so that nobody knows when they are due; they stay.
    """
    undue = [] if undue is None else undue
    yield from _without_receipt(trees, year, today, undue)
    if year is not None:
        yield from _with_receipt(trees, year, undue)


def left(trees: Trees, undue: Sequence[bytes]) -> str:
    """Return what is said of events that stay because they were altered: how many, and which."""
    number = len(undue)
    found = [f"{place.origin} {place.index}" for place in trees.find(undue[:NAMED])]
    names = ", ".join(found) or "not sealed yet"
    return (
        f"{number} {noun(number, 'event was', 'events were')} altered so that nobody can tell when"
        f" {noun(number, 'it is', 'they are')} due, and not erased: {names}"
        f"{', …' if number > NAMED else ''}\n"
        "    hint: all of a receipt goes with flask consent erase, whatever became of it"
    )


def before_a_gap(trees: Trees, today: date) -> date | None:
    """
    Return the last day on which something was recorded if there is a gap between it and *today*.

    What came lately tells nothing, as the same clock may have been ahead by then. None: there is no
    gap, or no log before.
    """
    noticed = today - UNNOTICED
    _, end = milliseconds(None, noticed)
    earlier = _event.id < floor(end or 0).bytes
    query = select(_event.id).where(trees.own(tables.event), earlier)
    newest = trees.connection.scalar(query.order_by(_event.id.desc()).limit(1))
    last = newest and date_of(time_of(bytes(newest)) // DAY_MS)
    return last if last and noticed - last > SILENT else None


def _with_receipt(trees: Trees, year: int, undue: list[bytes]) -> Iterator[bytes]:
    query = select(_event.receipt, _event.id).where(trees.own(tables.event))
    rows = stream(
        trees.connection,
        query.where(_event.receipt.is_not(None)).order_by(_event.receipt, _event.id),
    )
    for _, group in groupby(rows, key=itemgetter(0)):
        ids = [id for _, id in group]
        # What was recorded later ends later, and most goes on.
        if time_of(ids[-1]) >= _start(year + 1):
            continue
        events = in_order(trees.bodies(ids), itemgetter(1))
        lines = [(id, read_by(DUE, body)) for id, body in events]
        known = [line for _, line in lines if line]
        if len(known) < len(lines):
            undue += [id for id, line in lines if not line]
        elif _end(known).year <= year:
            yield from (id for id, _ in lines)


def _without_receipt(
    trees: Trees, year: int | None, today: date, undue: list[bytes]
) -> Iterator[bytes]:
    query = select(_event.id, _event.body).where(trees.own(tables.event), _event.receipt.is_(None))
    for id, body in stream(trees.connection, query.order_by(_event.id)):
        line = read_by(DUE, body)
        if line is None:
            undue.append(id)
            continue
        if line.event not in ("decision", "export", "access"):
            continue
        end = _end([line])
        if end < today if line.kind == "refusal" else year is not None and end.year <= year:
            yield id


def _end(lines: list[Due]) -> date:
    """Return the last day on which the decision of a receipt was valid."""
    if lines[-1].kind == "withdrawal":
        return lines[-1].recorded_at.date()
    return max(line.valid_until or line.recorded_at.date() for line in lines)


def _start(year: int) -> int:
    """Return the first millisecond of a *year*, since 1970 UTC."""
    return int(datetime(year, 1, 1, tzinfo=UTC).timestamp()) * 1000
