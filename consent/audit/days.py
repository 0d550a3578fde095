"""
Days that can be passed over, as the counts of each day tell (``consent_daily``).

A day whose events have all been counted and that has no count of what is looked for holds
nothing of it. Erased events stay counted: such a day is looked at in vain.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, func, select

from consent.day import DAY_MS, DAYS
from consent.log.database import tables
from consent.log.database.cell import perhaps
from consent.log.database.stream import fetch
from consent.log.trees import Trees
from consent.log.uuid7 import time_of

#: Leaves that may be uncounted for days to be passed over at all.
LATE = 20_000

#: Days that are asked about at once.
CHUNK = 400

#: All days that there are; a table that somebody altered may have others.
ALL = range(DAYS)

_daily, _counted = tables.daily.c, tables.counted.c
_leaf, _pending, _checkpoint = tables.leaf.c, tables.pending.c, tables.checkpoint.c


@dataclass(frozen=True, slots=True)
class Mark:
    """A count: *what* has the *value*, in events of one of the *kinds*; none: of any."""

    what: str
    value: str
    kinds: tuple[str, ...] = ()


def known_days(trees: Trees, days: range = ALL, *, down: bool = False) -> Iterator[range]:
    """
    Give those of *days* that may have counts, :data:`CHUNK` at once, the latest first if *down*.

    It goes from one that has some to the next, however far that is.
    """
    while (edge := _edge(trees, days, down=down)) is not None:
        if down:
            yield range(max(days.start, edge + 1 - CHUNK), edge + 1)
            days = range(days.start, edge + 1 - CHUNK)
        else:
            yield range(edge, min(edge + CHUNK, days.stop))
            days = range(edge + CHUNK, days.stop)


def _edge(trees: Trees, days: range, *, down: bool) -> int | None:
    """Return the first of *days* that has counts, or the last."""
    here = trees.own(tables.daily), _daily.day.between(days.start, days.stop - 1)
    query = select((func.max if down else func.min)(perhaps(_daily.day))).where(*here)
    (row,) = fetch(trees.connection, query)
    return None if row[0] is None else int(row[0])


def first_uncounted(trees: Trees) -> int | None:
    """
    Return the first day, since 1970, of which an event may not have been counted.

    All days before it are counted as a whole; 0: perhaps none is. None: all are.
    """
    connection = trees.connection
    waiting = select(_pending.id).where(trees.own(tables.pending)).order_by(_pending.id).limit(1)
    oldest = [id for (id,) in fetch(connection, waiting)]
    counted = dict(fetch(connection, _leaves_counted(trees)))
    for log, size in fetch(connection, _sizes(trees)):
        done = counted.get(log, 0)
        if size - done > LATE:
            return 0
        if size > done:
            late = select(_leaf.id).where(
                trees.own(tables.leaf), _leaf.log == log, _leaf.leaf_index >= done
            )
            oldest += [id for (id,) in fetch(connection, late) if id is not None]
    return time_of(min(map(bytes, oldest))) // DAY_MS if oldest else None


def counted_days(
    trees: Trees, marks: tuple[Mark, ...], days: range, *, down: bool
) -> Iterator[range]:
    """Give the runs of *days* that have all *marks*, the latest first if *down*."""
    for asked in known_days(trees, days, down=down):
        both = set(asked)
        for mark in marks:
            both &= _with(trees, mark, asked)
        runs = list(_runs(sorted(both)))
        yield from reversed(runs) if down else runs


def _with(trees: Trees, mark: Mark, days: range) -> set[int]:
    # Named one by one, as the key begins with the day: the database jumps from one to the next.
    query = select(_daily.day).where(
        trees.own(tables.daily),
        _daily.day.in_(list(days)),
        _daily.what == mark.what,
        _daily.value == mark.value,
        _daily.count > 0,
    )
    if mark.kinds:
        query = query.where(_daily.kind.in_(mark.kinds))
    return {day for (day,) in fetch(trees.connection, query)}


def _runs(days: list[int]) -> Iterator[range]:
    start = None
    for place, day in enumerate(days):
        if start is None:
            start = day
        if place + 1 == len(days) or days[place + 1] != day + 1:
            yield range(start, day + 1)
            start = None


def _leaves_counted(trees: Trees) -> Select[Any]:
    return select(_counted.log, _counted.leaves).where(trees.own(tables.counted))


def _sizes(trees: Trees) -> Select[Any]:
    own = trees.own(tables.checkpoint)
    return select(_checkpoint.log, func.max(_checkpoint.size)).where(own).group_by(_checkpoint.log)
