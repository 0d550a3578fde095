"""The part of a log that an export of a period gives: the period, and what encloses it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, select

from consent.log.database import statements, tables
from consent.log.database.cell import perhaps
from consent.log.database.stream import fetch
from consent.log.merkle.logs import LogInfo
from consent.log.trees import Trees

_event, _leaf = tables.event.c, tables.leaf.c


@dataclass(frozen=True, slots=True)
class Period:
    """From *since* to before *until*, in milliseconds since 1970 UTC; None means open."""

    since: int | None
    until: int | None


def span(trees: Trees, origin: str, size: int, period: Period) -> range | None:
    """
    Return the leaves of the log *origin* that are given for *period*; None: nothing of it is there.

    They are the events of the period, all between them, and the nearest event before and after:
    so nothing of the period can be left out at its ends without being noticed. Without such an
    event they reach to the end of the log. Leaf 0 is given besides. A log of which only that is of
    the period begins it, so that no log is missing between two others.
    """
    if period == Period(None, None):
        return range(size)
    inside = []
    if period.since is not None:
        inside.append(_event.recorded_at >= period.since)
    if period.until is not None:
        inside.append(_event.recorded_at < period.until)
    bounds = (func.min(perhaps(_leaf.leaf_index)), func.max(perhaps(_leaf.leaf_index)))
    query = _events(trees, origin, *bounds).where(*inside)
    ((first, last),) = fetch(trees.connection, query.where(_leaf.leaf_index > 0))
    if first is None:
        ((first, last),) = fetch(trees.connection, query)
    if first is None:
        return None
    start, end = 0, size - 1
    if period.since is not None:
        before = and_(_leaf.leaf_index.between(1, first - 1), _event.recorded_at < period.since)
        start = _one(trees, origin, func.max(perhaps(_leaf.leaf_index)), before, start)
    if period.until is not None:
        after = and_(_leaf.leaf_index > last, _event.recorded_at >= period.until)
        end = _one(trees, origin, func.min(perhaps(_leaf.leaf_index)), after, end)
    return range(start, end + 1)


def quiet(trees: Trees, logs: Sequence[LogInfo], period: Period) -> tuple[LogInfo, range]:
    """
    Return the one of *logs* that shows that there is no event in *period*, and the leaves for it.

    They are the nearest event before the period and the one after it, of the newest log that has
    one before, or of the oldest. Where there is none, they reach to that end of the log.
    """
    start = -1
    for log in reversed(logs):
        if period.since is not None:
            earlier = _event.recorded_at < period.since
            start = _one(trees, log.origin, func.max(perhaps(_leaf.leaf_index)), earlier, start)
        if start >= 0:
            break
    start, end = max(0, start), log.size - 1
    if period.until is not None:
        later = and_(_leaf.leaf_index > start, _event.recorded_at >= period.until)
        end = _one(trees, log.origin, func.min(perhaps(_leaf.leaf_index)), later, end)
    return log, range(start, end + 1)


def beside(
    trees: Trees, logs: Sequence[LogInfo], chosen: Sequence[tuple[LogInfo, range]], period: Period
) -> list[tuple[LogInfo, range]]:
    """
    Return what is *chosen* of *logs* for *period*, and what encloses it in the logs beside it.

    Where the first of them has no event before the period, the log before it is there; so is the
    log after the last one where that has none after it, and so on until there is one, or a log of
    another key: whoever has noted the newest key alone can check all that is there.
    """
    found, (first, last) = list(chosen), [logs.index(log) for log, _ in (chosen[0], chosen[-1])]
    while period.since is not None and not _opens(trees, *found[0], period.since):
        first -= 1
        if first < 0 or not _same_key(logs[first], logs[first + 1]):
            break
        found.insert(0, quiet(trees, logs[first : first + 1], period))
    while period.until is not None and not _closes(trees, *found[-1], period.until):
        last += 1
        if last == len(logs) or not _same_key(logs[last - 1], logs[last]):
            break
        found.append(quiet(trees, logs[last : last + 1], period))
    return found


def _opens(trees: Trees, log: LogInfo, leaves: range, since: int) -> bool:
    """Tell whether the first event that is given of *log* beside leaf 0 is from before *since*."""
    first = _leaf.leaf_index == max(1, leaves.start)
    return _one(trees, log.origin, func.min(perhaps(_event.recorded_at)), first, since) < since


def _closes(trees: Trees, log: LogInfo, leaves: range, until: int) -> bool:
    """Tell whether the last event that is given of *log* beside leaf 0 is from *until* or later."""
    last = and_(_leaf.leaf_index == leaves.stop - 1, _leaf.leaf_index > 0)
    return _one(trees, log.origin, func.max(perhaps(_event.recorded_at)), last, until - 1) >= until


def _same_key(one: LogInfo, other: LogInfo) -> bool:
    return one.vkey.rpartition("+")[2] == other.vkey.rpartition("+")[2]


def held(trees: Trees, origin: str, leaves: range) -> int:
    """Return how many events of the log *origin* there are in *leaves*, without leaf 0."""
    inside = _leaf.leaf_index.between(max(1, leaves.start), leaves.stop - 1)
    ((count,),) = fetch(trees.connection, _events(trees, origin, func.count()).where(inside))
    return int(count)


def _one(trees: Trees, origin: str, what: Any, where: ColumnElement[bool], default: int) -> int:
    ((found,),) = fetch(trees.connection, _events(trees, origin, what).where(where))
    return default if found is None else int(found)


def _events(trees: Trees, origin: str, *what: Any) -> Select[Any]:
    joined = tables.leaf.join(tables.event, statements.same_event(tables.leaf))
    return select(*what).select_from(joined).where(trees.within(tables.leaf, origin))
