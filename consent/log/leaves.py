"""The leaves of a log, one after the other: what stands in the tree, and what it is about."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

from sqlalchemy import Select, select

from consent.errors import LogError
from consent.log.database import statements, tables
from consent.log.database.cell import perhaps
from consent.log.database.stream import stream
from consent.log.merkle import tile, tree
from consent.log.trees import TILES, Place, Trees
from consent.log.uuid7 import time_of

_event, _leaf, _tile = tables.event.c, tables.leaf.c, tables.tile.c


@dataclass(frozen=True, slots=True)
class Leaf:
    """One place in a log; what was erased is None."""

    index: int
    hash: bytes
    salt: bytes | None
    body: bytes | None
    recorded_at: int | None  #: milliseconds since 1970 UTC, as the id has it


def every_leaf(trees: Trees, origin: str, size: int | None = None) -> Iterator[Leaf]:
    """
    Give all leaves of the log *origin*, in their order, or the first *size* of them.

    One whose row is gone is as one that was erased, except that no erasure names it. Raises
    LogError if a hash is gone.
    """
    same = statements.same_event(tables.leaf)
    query = select(_leaf.leaf_index, _leaf.id, _event.salt, perhaps(_event.body))
    query = query.select_from(tables.leaf.outerjoin(tables.event, same))
    if size is not None:
        query = query.where(_leaf.leaf_index < size)
    for index, hash, row in _along(trees, origin, query, size):
        _, id, salt, body = row or (index, None, None, None)
        yield Leaf(index, hash, salt, body, time_of(id) if id else None)


def every_place(trees: Trees, origin: str) -> Iterator[Place]:
    """Give all places of the log *origin*, in their order, as :func:`every_leaf` does."""
    for index, hash, row in _along(trees, origin, select(_leaf.leaf_index, _leaf.id)):
        yield Place(origin, index, hash, row and row.id)


def _along(
    trees: Trees, origin: str, query: Select[Any], size: int | None = None
) -> Iterator[tuple[int, bytes, Any]]:
    """Give each index with its hash and its row of *query*; None: the row is not there."""
    query = query.where(trees.within(tables.leaf, origin), _leaf.leaf_index >= 0)
    rows = stream(trees.connection, query.order_by(_leaf.leaf_index))
    row, end = next(rows, None), 0
    for index, hash in enumerate(islice(_hashes(trees, origin), size)):
        end, here = index + 1, row if row and row[0] == index else None
        yield index, hash, here
        row = next(rows, None) if here else row
    if row or end < (size or 0):
        raise LogError(f"{origin}: the hash of leaf {end} is gone from the database")


def _hashes(trees: Trees, origin: str) -> Iterator[bytes]:
    query = select(_tile.number, _tile.hashes)
    query = query.where(trees.within(tables.tile, origin), _tile.level == 0)
    given = 0
    for number, hashes in stream(trees.connection, query.order_by(_tile.number), TILES):
        if given != number * tile.WIDTH:
            return  # what follows a gap would be taken for the hashes of other leaves
        for start in range(0, len(hashes) - tree.LENGTH + 1, tree.LENGTH):
            given += 1
            yield hashes[start : start + tree.LENGTH]
