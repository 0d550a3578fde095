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

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import groupby
from operator import attrgetter, itemgetter

import msgspec
from sqlalchemy import func, select

from consent.errors import LogError
from consent.log.database import tables
from consent.log.database.stream import stream
from consent.log.day import DAY_MS, day, milliseconds
from consent.log.sequence import in_order
from consent.log.trees import Trees
from consent.log.uuid7 import floor, time_of

#: How long a clock is ahead at most before somebody notices, and how long nothing may be recorded.
UNNOTICED, SILENT = timedelta(days=31), timedelta(days=62)

_event = tables.event.c


class _Line(msgspec.Struct):
    event: str
    recorded_at: str
    kind: str = ""
    valid_until: str | None = None


_line = msgspec.json.Decoder(_Line)


def expired(trees: Trees, year: int | None, today: date) -> Iterator[bytes]:
    """
    Give the ids of the events that are to be erased *today*.

    *year* is the last one whose ended consents are past their time; None: none is.
    """
    yield from _without_receipt(trees, year, today)
    if year is not None:
        yield from _with_receipt(trees, year)


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
    last = newest and day(time_of(bytes(newest)) // DAY_MS)
    return last if last and noticed - last > SILENT else None


def _with_receipt(trees: Trees, year: int) -> Iterator[bytes]:
    own = trees.own(tables.event)
    # What was recorded later ends later.
    old = select(_event.receipt).where(own, _event.receipt.is_not(None))
    old = old.group_by(_event.receipt).having(func.max(_event.recorded_at) < _start(year + 1))
    query = select(_event.receipt, _event.id, _event.body).where(own, _event.receipt.in_(old))
    rows = stream(trees.connection, query.order_by(_event.receipt, _event.id))
    for _, group in groupby(rows, key=itemgetter(0)):
        events = in_order(list(group), attrgetter("body"))
        if _end([_read(event.body) for event in events]).year <= year:
            yield from (event.id for event in events)


def _without_receipt(trees: Trees, year: int | None, today: date) -> Iterator[bytes]:
    query = select(_event.id, _event.body).where(trees.own(tables.event), _event.receipt.is_(None))
    for id, body in stream(trees.connection, query.order_by(_event.id)):
        line = _read(body)
        if line.event not in ("decision", "export", "access"):
            continue
        end = _end([line])
        if end < today if line.kind == "refusal" else year is not None and end.year <= year:
            yield id


def _read(body: bytes) -> _Line:
    """Read what matters of an event. Raises LogError if somebody altered it beyond that."""
    try:
        return _line.decode(body)
    except msgspec.DecodeError as error:
        raise LogError(f"an event cannot be read: {error}") from None


def _end(lines: list[_Line]) -> date:
    """Return the last day on which the decision of a receipt was valid."""
    if lines[-1].kind == "withdrawal":
        return _day(lines[-1].recorded_at)
    return max(_day(line.valid_until or line.recorded_at) for line in lines)


def _day(text: str) -> date:
    return date.fromisoformat(text[:10])


def _start(year: int) -> int:
    """Return the first millisecond of a *year*, since 1970 UTC."""
    return int(datetime(year, 1, 1, tzinfo=UTC).timestamp()) * 1000
