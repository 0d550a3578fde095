"""
The counter: it adds what is sealed to the figures of each day, every leaf once.

One batch reads the leaves that were not counted, and then, in one short transaction, moves the
cursor of that log from where it was and adds what was found. Whoever finds the cursor moved adds
nothing, so whatever is cut off, tried again or done by two at once leaves every leaf counted once.
Logs that are older than the figures are counted in the same way, from their first leaf.

Erased events that were counted stay counted, as a number is nobody's data. What was erased before
it was counted cannot be counted any more.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from sqlalchemy import Connection, and_, select, update

from consent.audit.tally import Tally, tally
from consent.log.database import statements, tables
from consent.log.database.cell import as_it_is, perhaps
from consent.log.database.stream import fetch_plain, stream
from consent.log.merkle.logs import Name
from consent.log.store import Store
from consent.log.trees import SHARD, Trees

#: Leaves that are counted in one transaction at most.
BATCH = 10_000

_event, _leaf = tables.event.c, tables.leaf.c
_counted = tables.counted.c


@dataclass(frozen=True, slots=True)
class Batch:
    """Leaves of one log from *start* to before *end*, and what they add."""

    log: str
    start: int
    end: int
    found: Tally
    rest: int  #: leaves that are left to be counted, as far as was known when it was read


@dataclass(frozen=True, slots=True)
class Counter:
    """Counts the sealed events of *store*."""

    store: Store

    def batch(self, most: int = BATCH) -> Batch | None:
        """
        Count up to *most* leaves of one log; return what was dealt with, None: all are counted.

        Raises LogUnavailable when the database cannot do it now.
        """
        with self.store.snapshot() as now:
            batch = _next(now, most)
        if batch is not None:
            self.store.transact(lambda connection: _add(connection, self.store.site, batch))
        return batch

    def batches(self) -> Iterator[None]:
        """
        Count all that is sealed, and stop between two batches, for others to have a turn.

        What is sealed meanwhile is left to the next time: where decisions never cease, it would
        not end. Raises what :meth:`batch` raises.
        """
        while (batch := self.batch(BATCH)) and batch.rest:
            yield

    def catch_up(self, batches: int | None = None) -> None:
        """Count all that is not counted yet, in so many *batches* at most; None: in any number."""
        for _ in islice(self.batches(), batches):
            pass


def uncounted(trees: Trees) -> dict[str, tuple[int, int]]:
    """Return the logs that are not counted to their end: how many leaves are, and how many are."""
    own, here = ("site", "shard"), (trees.site, SHARD)
    dialect = trees.connection.dialect
    done = statements.selection(tables.counted, "log, leaves", own, dialect)
    sealed = statements.selection(tables.checkpoint, "log, MAX(size)", own, dialect)
    known, kept = tables.counted.c, tables.checkpoint.c
    counted = dict(fetch_plain(trees.connection, done, here, known.log, known.leaves))
    sized = fetch_plain(trees.connection, f"{sealed} GROUP BY log", here, kept.log, kept.size)
    sizes = dict(sized)
    behind = {log: (counted.get(log, 0), size) for log, size in sizes.items()}
    return {log: behind[log] for log in sorted(behind, key=Name.parse) if _is_behind(*behind[log])}


def _is_behind(counted: int, size: int) -> bool:
    return counted < size


def _next(trees: Trees, most: int) -> Batch | None:
    behind = uncounted(trees)
    left = sum(size - start for start, size in behind.values())
    for log, (start, _) in behind.items():
        leaves = and_(trees.own(tables.leaf), _leaf.log == log, _leaf.leaf_index >= start)
        same = statements.same_event(tables.leaf)
        query = (
            select(_leaf.leaf_index, as_it_is(_event.recorded_at), perhaps(_event.body))
            .select_from(tables.leaf.outerjoin(tables.event, same))
            .where(leaves)
            .order_by(_leaf.leaf_index)
            .limit(most)
        )
        end, events = start, []
        for index, recorded_at, body in stream(trees.connection, query):
            end = index + 1
            if body is not None:
                events.append((recorded_at, body))
        if end > start:
            return Batch(log, start, end, tally(events), left - (end - start))
    return None


def _add(connection: Connection, site: str, batch: Batch) -> bool:
    """Write what a *batch* adds. Return whether nobody else had counted it."""
    dialect = connection.dialect
    first = statements.creation(tables.counted, dialect)
    connection.exec_driver_sql(first, (site, SHARD, batch.log, 0))
    here = and_(_counted.site == site, _counted.shard == SHARD, _counted.log == batch.log)
    moving = update(tables.counted).where(here, _counted.leaves == batch.start)
    if connection.execute(moving.values(leaves=batch.end)).rowcount != 1:
        return False
    # In one order everywhere, so that two processes never wait for each other.
    rows = [(site, SHARD, *key, count) for key, count in sorted(batch.found.items())]
    if rows:
        connection.exec_driver_sql(statements.addition(tables.daily, "count", dialect), rows)
    return True
