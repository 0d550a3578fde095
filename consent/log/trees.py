"""The logs of a site as the database holds them: what is sealed, and proofs about it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, Table, and_, bindparam, select

from consent.errors import LogError
from consent.log import proof, tables, tile, tree
from consent.log.checkpoint import claimed
from consent.log.logs import LogInfo, Name, folder_of, name_of, origin_of
from consent.log.stream import fetch, stream

_event, _leaf = tables.event.c, tables.leaf.c
_tile, _checkpoint = tables.tile.c, tables.checkpoint.c

#: The only part of a site's log so far; a busy site may have several one day.
SHARD = 0


def _prepared(table: Table, wanted: Sequence[str], *keys: str) -> Select[Any]:
    """Return the query for some columns of a row; made once, as that takes longer than asking."""
    query = select(*(table.c[name] for name in wanted))
    return query.where(*(table.c[name] == bindparam(name) for name in ("site", "shard", *keys)))


_PLACE = _prepared(tables.leaf, ("log", "leaf_index"), "id")
_TILE = _prepared(tables.tile, ("hashes",), "log", "level", "number")
_NEWEST = _prepared(tables.checkpoint, ("size", "note"), "log")
_NEWEST = _NEWEST.order_by(_checkpoint.day.desc()).limit(1)


@dataclass(frozen=True, slots=True)
class Leaf:
    """One place in a log; what was erased is None."""

    index: int
    hash: bytes
    salt: bytes | None
    body: bytes | None
    recorded_at: int | None  #: milliseconds since 1970 UTC


@dataclass(frozen=True, slots=True)
class Place:
    """Where an event stands."""

    origin: str
    index: int
    hash: bytes
    id: bytes | None  #: None: erased


class Trees:
    """The sealed logs of one site, read through *connection*, in the order of their making."""

    def __init__(self, connection: Connection, site: str) -> None:
        self.connection = connection
        self.site = site
        self._key = {"site": site, "shard": SHARD}

    def logs(self) -> list[LogInfo]:
        """Return all logs, oldest first."""
        query = select(_checkpoint.log, _checkpoint.size, _checkpoint.note, _checkpoint.day)
        rows = self._rows(query.where(self.own(tables.checkpoint)).order_by(_checkpoint.day))
        newest = {Name.parse(log): (size, note) for log, size, note, _ in rows}
        return [self._info(name, *newest[name]) for name in sorted(newest)]

    def checkpoint(self, origin: str, size: int | None = None) -> str | None:
        """
        Return the newest checkpoint of the log *origin*, or the one with *size* leaves.

        None: there is none, or it is not kept, as only the last one of each day is.
        """
        query = select(_checkpoint.note).where(self.within(tables.checkpoint, origin))
        if size is not None:
            query = query.where(_checkpoint.size == size)
        rows = self._rows(query.order_by(_checkpoint.day.desc()).limit(1))
        return str(rows[0].note) if rows else None

    def checkpoint_on(self, origin: str, day: int) -> str | None:
        """Return the last checkpoint up to the end of *day* (since 1970 UTC), None if none is."""
        query = select(_checkpoint.note).where(self.within(tables.checkpoint, origin))
        query = query.where(_checkpoint.day <= day).order_by(_checkpoint.day.desc())
        rows = self._rows(query.limit(1))
        return str(rows[0].note) if rows else None

    def consistency(self, origin: str, old_size: int, note: str | None = None) -> str:
        """
        Return the file that shows that the log *origin* only grew since it had *old_size* leaves.

        Up to the checkpoint *note*, or to the newest. Raises LogError if it never had so many
        leaves, or none.
        """
        if note is None:
            size, note = self.newest(origin)
        else:
            size = claimed(note).size
        if not 0 < old_size <= size:
            raise LogError(f"{origin} has {size} leaves: no proof for {old_size}")
        return proof.consistency(
            old_size, tree.consistency(old_size, size, self._nodes(origin)), note
        )

    def proof(self, id: bytes, salt: bytes) -> str | None:
        """Return the file that shows that the event *id* is sealed; None: it is not yet."""
        rows = self._rows(_PLACE, {**self._key, "id": id})
        if not rows:
            return None
        origin, index = origin_of(self.site, Name.parse(rows[0].log), SHARD), rows[0].leaf_index
        size, note = self.newest(origin)
        path = tree.inclusion(index, size, self._nodes(origin))
        return proof.inclusion(index, salt, path, note)

    def root(self, origin: str, size: int) -> bytes:
        """Return the root that the log *origin* had with *size* leaves, which it must have."""
        return tree.root(size, self._nodes(origin))

    def leaves(self, origin: str, size: int | None = None) -> Iterator[Leaf]:
        """Give all leaves of the log *origin*, in their order, or the first *size* of them."""
        hashes = self._hashes(origin)
        same = [_event[name] == _leaf[name] for name in ("site", "shard", "id")]
        query = (
            select(_leaf.leaf_index, _event.salt, _event.body, _event.recorded_at)
            .select_from(tables.leaf.outerjoin(tables.event, and_(*same)))
            .where(self.within(tables.leaf, origin))
            .order_by(_leaf.leaf_index)
        )
        if size is not None:
            query = query.where(_leaf.leaf_index < size)
        for index, salt, body, recorded_at in stream(self.connection, query):
            yield Leaf(index, next(hashes), salt, body, recorded_at)

    def places(self, origin: str) -> Iterator[Place]:
        """Give all places of the log *origin*, in their order."""
        query = select(_leaf.leaf_index, _leaf.id).where(self.within(tables.leaf, origin))
        rows = stream(self.connection, query.order_by(_leaf.leaf_index))
        for (index, id), hash in zip(rows, self._hashes(origin), strict=True):
            yield Place(origin, index, hash, id)

    def find(self, ids: Sequence[bytes]) -> list[Place]:
        """Return the places of the events *ids*, as far as they are sealed."""
        query = select(_leaf.log, _leaf.leaf_index, _leaf.id)
        rows = self._rows(query.where(*self.rows(tables.leaf, ids)))
        logs = {log: origin_of(self.site, Name.parse(log), SHARD) for log, _, _ in rows}
        nodes = {log: self._nodes(origin) for log, origin in logs.items()}
        return [Place(logs[log], index, nodes[log](0, index), id) for log, index, id in rows]

    def opening(self, origin: str) -> dict[str, Any]:
        """Return the event with which the log *origin* began."""
        query = (
            select(_event.body)
            .where(self.own(tables.event))
            .join_from(
                tables.event,
                tables.leaf,
                and_(*(_event[name] == _leaf[name] for name in ("site", "shard", "id"))),
            )
        )
        rows = self._rows(query.where(self.within(tables.leaf, origin), _leaf.leaf_index == 0))
        if not rows:
            raise LogError(f"{origin}: the event with which it began is gone from the database")
        event: dict[str, Any] = json.loads(rows[0].body)
        return event

    def _info(self, name: Name, size: int, note: str) -> LogInfo:
        origin = origin_of(self.site, name, SHARD)
        key = self.opening(origin)["key"]
        return LogInfo(origin, folder_of(name, SHARD), name.year, SHARD, size, note, key)

    def newest(self, origin: str) -> tuple[int, str]:
        """Return size and newest checkpoint of the log *origin*, which there must be."""
        rows = self._rows(_NEWEST, {**self._key, "log": self._log(origin)})
        if not rows:
            raise LogError(f"there is no log {origin}")
        return rows[0].size, rows[0].note

    def _nodes(self, origin: str) -> tree.Nodes:
        kept: dict[tuple[int, int], bytes] = {}

        def read(level: int, number: int) -> bytes:
            if (level, number) not in kept:
                kept[level, number] = self.tile(origin, level, number)
            return kept[level, number]

        return lambda level, index: tile.node(level, index, read)

    def tile(self, origin: str, level: int, number: int) -> bytes:
        """Return the hashes of a tile. Raises LogError if it is not there."""
        place = {"log": self._log(origin), "level": level, "number": number}
        rows = self._rows(_TILE, self._key | place)
        if not rows:
            raise LogError(f"{origin}: tile {number} of level {level} is gone from the database")
        return bytes(rows[0].hashes)

    def _hashes(self, origin: str) -> Iterator[bytes]:
        query = select(_tile.hashes).where(self.within(tables.tile, origin), _tile.level == 0)
        for (hashes,) in stream(self.connection, query.order_by(_tile.number)):
            for start in range(0, len(hashes), tree.LENGTH):
                yield hashes[start : start + tree.LENGTH]

    def own(self, table: Table) -> ColumnElement[bool]:
        """Return what is true for the rows of *table* that are of this site."""
        return and_(table.c.site == self.site, table.c.shard == SHARD)

    def rows(self, table: Table, ids: Sequence[bytes]) -> tuple[ColumnElement[bool], ...]:
        """Return what is true for its rows in *table* that are about the events *ids*."""
        return self.own(table), table.c.id.in_(ids)

    def within(self, table: Table, origin: str) -> ColumnElement[bool]:
        """Return what is true for the rows of *table* that are of the log *origin*."""
        return and_(self.own(table), table.c.log == self._log(origin))

    def _log(self, origin: str) -> str:
        return str(name_of(self.site, origin))

    def _rows(self, query: Select[Any], values: dict[str, Any] | None = None) -> list[Any]:
        return fetch(self.connection, query, values)
