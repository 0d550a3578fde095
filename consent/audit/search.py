"""
Finding events: a page at a time, newest first, by what their lines say.

A page begins where another one ended, at an id: the database goes straight there, however many
events there are. What is wanted is a selection as exports know it. Days on which nothing fits are
passed over as far as they have been counted (:mod:`consent.log.database.tables`, ``daily``), and
one page looks at :data:`LOOKS` events at most, so that it takes no longer in a log of ten millions.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from sqlalchemy import ColumnElement, case, select

from consent.audit.days import Mark, counted_days, first_uncounted
from consent.audit.tally import answered_as, counted_as
from consent.day import DAY_MS
from consent.log.database import tables
from consent.log.database.cell import perhaps
from consent.log.database.stream import stream
from consent.log.export.selection import DECISION, Selection
from consent.log.trees import Trees
from consent.log.uuid7 import floor, time_of

_event = tables.event.c

#: Events on a page; events that are looked at for it, and pieces of the log, at most.
SIZE, LOOKS, PIECES = 50, 10_000, 200

#: Above every id.
_END = 1 << 128


@dataclass(frozen=True, slots=True)
class Found:
    """One event that fits."""

    id: bytes
    body: bytes

    @property
    def at(self) -> int:
        """When it was recorded, in milliseconds since 1970 UTC."""
        return time_of(self.id)


@dataclass(frozen=True, slots=True)
class Page:
    """At most :data:`SIZE` events, newest first, and where the pages beside it begin."""

    rows: tuple[Found, ...]
    older: int | None  #: the next page is before this id; None: it was the last one
    newer: int | None  #: the page above is after this id; None: there is none
    looked: int  #: events that were looked at
    is_cut: bool  #: whether it ended because it had looked at enough


@dataclass
class _Walk:
    """One page in the making; *down* is from newer to older."""

    trees: Trees
    wanted: Selection
    low: int  #: the lowest id that may be found
    high: int  #: the first one above
    down: bool
    found: list[Found] = field(default_factory=list)
    looked: int = 0
    pieces: int = 0
    last: int | None = None  #: where it has got to

    @property
    def is_full(self) -> bool:
        return len(self.found) > SIZE

    @property
    def is_spent(self) -> bool:
        return self.looked >= LOOKS or self.pieces >= PIECES

    def walk(self) -> None:
        for low, high in self._spans():
            if low < high:
                self._look(low, high)
            if self.is_full or self.is_spent:
                return

    def _look(self, low: int, high: int) -> None:
        """Look at the events from id *low* to before *high*, as many as may be."""
        self.pieces += 1
        order = _event.id.desc() if self.down else _event.id
        where = [self.trees.own(tables.event), *_between(low, high)]
        # Those that do not fit are given, too, without their line: so the last one is known.
        fits = self.wanted.condition()
        body = _event.body if fits is None else case((fits, perhaps(_event.body)))
        query = select(_event.id, body).where(*where).order_by(order).limit(LOOKS - self.looked)
        rows = stream(self.trees.connection, query)
        for id, fitting in rows:
            self.looked += 1
            self.last = int.from_bytes(id, "big")
            if fitting is not None:
                self.found.append(Found(id, fitting))
                if self.is_full:
                    return
        if self.looked < LOOKS:
            self.last = low if self.down else high - 1

    def _spans(self) -> Iterator[tuple[int, int]]:
        """Give the pieces of what is to be looked through, in the direction of this walk."""
        marks = _marks(self.wanted)
        if not marks:
            yield self.low, self.high
            return
        first = first_uncounted(self.trees)
        border = self.high if first is None else floor(first * DAY_MS).int
        border = min(max(border, self.low), self.high)
        if self.down:
            yield border, self.high
        days = range(_day(self.low), _day(border - 1) + 1) if border > self.low else range(0)
        for run in counted_days(self.trees, marks, days, down=self.down):
            low, high = floor(run.start * DAY_MS).int, floor(run.stop * DAY_MS).int
            yield max(low, self.low), min(high, border)
        if not self.down:
            yield border, self.high


def page(
    trees: Trees, wanted: Selection, *, before: int | None = None, after: int | None = None
) -> Page:
    """
    Return the *wanted* events that are nearest *before* an id, or *after* one.

    With neither the newest ones.
    """
    low, high = _bounds(wanted)
    down = after is None
    if after is not None:
        low = max(low, after + 1)
    elif before is not None:
        high = min(high, before)
    walk = _Walk(trees, wanted, low, high, down)
    if low < high:
        walk.walk()
    rows = tuple(walk.found[:SIZE])
    is_cut = walk.is_spent and not walk.is_full
    onward = int.from_bytes(rows[-1].id, "big") if walk.is_full else walk.last if is_cut else None
    if down:
        newer = None if before is None else _id(rows[0]) if rows else max(before - 1, 0)
        return Page(rows, onward, newer, walk.looked, is_cut)
    rows = rows[::-1]
    older = _id(rows[-1]) if rows else min((after or 0) + 1, _END - 1)
    return Page(rows, older, onward, walk.looked, is_cut)


def _marks(wanted: Selection) -> tuple[Mark, ...]:
    """Return what the counts of a day must have for it to be looked at."""
    kinds = counted_as(wanted.kind) if wanted.kind and wanted.kind != DECISION else ()
    found = []
    if wanted.notice:
        found.append(Mark("notice", wanted.notice, kinds))
    if wanted.language:
        found.append(Mark("language", wanted.language, kinds))
    if wanted.service:
        answers = answered_as(wanted.answer) if wanted.answer else ()
        found.append(Mark("service", wanted.service, answers))
    if kinds and not (wanted.notice or wanted.language):
        found.append(Mark("all", "", kinds))
    return tuple(found)


def _bounds(wanted: Selection) -> tuple[int, int]:
    first, end = wanted.period
    return 0 if first is None else floor(first).int, _END if end is None else floor(end).int


def _between(low: int, high: int) -> Iterator[ColumnElement[bool]]:
    if low > 0:
        yield _event.id >= low.to_bytes(16, "big")
    if high < _END:
        yield _event.id < high.to_bytes(16, "big")


def _day(id: int) -> int:
    return (id >> 80) // DAY_MS


def _id(row: Found) -> int:
    return int.from_bytes(row.id, "big")
