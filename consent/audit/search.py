"""
Finding events: a page at a time, newest first, by what their lines say.

A page begins where another one ended, at an id: the database goes straight there, however many
events there are. What a line says is looked for in its bytes, which are canonical: in a text,
where quotes are escaped, ``"kind":"grant"`` cannot be. Days on which nothing fits are passed over
as far as they have been counted (:mod:`consent.log.tables`, ``daily``), and one page looks at
:data:`LOOKS` events at most, so that it takes no longer in a log of ten millions.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Literal, get_args

from sqlalchemy import ColumnElement, and_, case, or_, select, true

from consent.audit.days import Mark, counted_days, first_uncounted
from consent.audit.period import DAY_MS, number
from consent.audit.tally import answered_as, counted_as
from consent.log import tables
from consent.log.export.selection import DECISIONS, SORTS
from consent.log.said import lists, says
from consent.log.stream import stream
from consent.log.trees import Trees
from consent.log.uuid7 import floor, time_of

_event = tables.event.c

Answer = Literal["granted", "refused", "undecided"]

#: Any kind of decision.
DECISION = "decision"
#: All kinds of events: what visitors decided, and what the log says about itself.
KINDS = (*DECISIONS, *SORTS)
ANSWERS: tuple[Answer, ...] = get_args(Answer)

#: Events on a page; events that are looked at for it, and pieces of the log, at most.
SIZE, LOOKS, PIECES = 50, 10_000, 200

#: Above every id.
_END = 1 << 128


@dataclass(frozen=True, slots=True)
class Filter:
    """Which events are wanted; None: whatever. Days are whole days UTC, both included."""

    since: date | None = None
    until: date | None = None
    kind: str | None = None  #: one of :data:`KINDS`, or :data:`DECISION`
    notice: str | None = None  #: its hash
    language: str | None = None
    service: str | None = None
    answer: Answer | None = None  #: what was answered about *service*; None: anything

    @property
    def marks(self) -> tuple[Mark, ...]:
        """What the counts of a day must have for it to be looked at."""
        kinds = counted_as(self.kind) if self.kind and self.kind != DECISION else ()
        found = []
        if self.notice:
            found.append(Mark("notice", self.notice, kinds))
        if self.language:
            found.append(Mark("language", self.language, kinds))
        if self.service:
            answers = answered_as(self.answer) if self.answer else ()
            found.append(Mark("service", self.service, answers))
        if kinds and not (self.notice or self.language):
            found.append(Mark("all", "", kinds))
        return tuple(found)


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
    filter: Filter
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
        body = case((matching(self.filter), _event.body))
        query = select(_event.id, body).where(*where).order_by(order).limit(LOOKS - self.looked)
        rows = stream(self.trees.connection, query)
        for id, fitting in rows:
            self.looked += 1
            self.last = int.from_bytes(id, "big")
            if fitting is not None:
                self.found.append(Found(bytes(id), bytes(fitting)))
                if self.is_full:
                    return
        if self.looked < LOOKS:
            self.last = low if self.down else high - 1

    def _spans(self) -> Iterator[tuple[int, int]]:
        """Give the pieces of what is to be looked through, in the direction of this walk."""
        marks = self.filter.marks
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
    trees: Trees, filter: Filter, *, before: int | None = None, after: int | None = None
) -> Page:
    """
    Return the events of *filter* that are nearest *before* an id, or *after* one.

    With neither the newest ones.
    """
    low, high = _bounds(filter)
    down = after is None
    if after is not None:
        low = max(low, after + 1)
    elif before is not None:
        high = min(high, before)
    walk = _Walk(trees, filter, low, high, down)
    if low < high:
        walk.walk()
    rows = tuple(walk.found[:SIZE])
    is_cut = walk.is_spent and not walk.is_full
    onward = int.from_bytes(rows[-1].id, "big") if walk.is_full else walk.last if is_cut else None
    if down:
        newer = None if before is None else _id(rows[0]) if rows else before - 1
        return Page(rows, onward, newer, walk.looked, is_cut)
    rows = rows[::-1]
    older = _id(rows[-1]) if rows else (after or 0) + 1
    return Page(rows, older, onward, walk.looked, is_cut)


def matching(filter: Filter) -> ColumnElement[bool]:
    """Return what is true for the lines that say what *filter* wants, whatever their time."""
    wanted = []
    if filter.kind:
        name = "kind" if filter.kind in DECISIONS else "event"
        wanted.append(says(f'"{name}":"{filter.kind}"'))
    if filter.notice:
        wanted.append(says(f'"notice":"{filter.notice}"'))
    if filter.language:
        wanted.append(says(f'"language":"{filter.language}"'))
    if filter.service:
        answers = (filter.answer,) if filter.answer else ANSWERS
        # Most lines do not name it at all, and to take a list out of a line takes longer.
        wanted.append(says(f'"{filter.service}"'))
        wanted.append(or_(*(lists(answer, filter.service) for answer in answers)))
    return and_(true(), *wanted)


def _bounds(filter: Filter) -> tuple[int, int]:
    low = 0 if filter.since is None else floor(number(filter.since) * DAY_MS).int
    high = _END if filter.until is None else floor((number(filter.until) + 1) * DAY_MS).int
    return low, high


def _between(low: int, high: int) -> Iterator[ColumnElement[bool]]:
    if low > 0:
        yield _event.id >= low.to_bytes(16, "big")
    if high < _END:
        yield _event.id < high.to_bytes(16, "big")


def _day(id: int) -> int:
    return (id >> 80) // DAY_MS


def _id(row: Found) -> int:
    return int.from_bytes(row.id, "big")
