"""The logs of a site as the database holds them: what is sealed, and proofs about it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Connection, Select, Table, and_, select

from consent.errors import LogError, noun
from consent.log.database import statements, tables
from consent.log.database.stream import fetch, fetch_plain
from consent.log.event import NO_EVENT
from consent.log.merkle import proof, tile, tree
from consent.log.merkle.checkpoint import claimed
from consent.log.merkle.logs import LogInfo, Name, folder_of, name_of, origin_of

_event, _leaf = tables.event.c, tables.leaf.c
_tile, _checkpoint = tables.tile.c, tables.checkpoint.c

#: The only part of a site's log so far; a busy site may have several one day.
SHARD = 0

#: Tiles that are read together: all that a proof needs in a log of sixteen million leaves.
TILES = 6

#: Events that are read together; more are a statement that takes long to read.
EVENTS = 50

Answer = TypeVar("Answer")


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

    def logs(self) -> list[LogInfo]:
        """Return all logs, oldest first."""
        query = select(_checkpoint.log, _checkpoint.size, _checkpoint.note, _checkpoint.day)
        rows = self._rows(query.where(self.own(tables.checkpoint)).order_by(_checkpoint.day))
        newest = {Name.parse(log): (size, note) for log, size, note, _ in rows}
        return [self._info(name, *newest[name]) for name in sorted(newest)]

    def checkpoint(self, origin: str) -> str | None:
        """Return the newest checkpoint of the log *origin*, or None if there is no such log."""
        rows = self._newest(origin)
        return str(rows[0][1]) if rows else None

    def checkpoint_on(self, origin: str, day: int) -> str | None:
        """Return the last checkpoint up to the end of *day* (since 1970 UTC), None if none is."""
        query = select(_checkpoint.note).where(self.within(tables.checkpoint, origin))
        query = query.where(_checkpoint.day <= day).order_by(_checkpoint.day.desc())
        rows = self._rows(query.limit(1))
        return str(rows[0].note) if rows else None

    def day_after(self, log: LogInfo) -> int | None:
        """Return the day of the first checkpoint that is kept after that of *log*, None if none."""
        query = select(_checkpoint.log, _checkpoint.size, _checkpoint.day)
        rows = self._rows(query.where(self.own(tables.checkpoint)))
        kept = sorted((Name.parse(name), size, day) for name, size, day in rows)
        here = (name_of(self.site, log.origin), log.size)
        return next((day for name, size, day in kept if (name, size) > here), None)

    def consistency(self, origin: str, old_size: int, note: str) -> str:
        """
        Return the file that shows that the log *origin* only grew since it had *old_size* leaves.

        Up to its checkpoint *note*. Raises LogError if it had fewer leaves then, or for none.
        """
        size = claimed(note).size
        if not 0 < old_size <= size:
            leaves = noun(size, "leaf", "leaves")
            raise LogError(f"{origin} has {size} {leaves}: no proof for {old_size}")
        path = self._answer(origin, lambda nodes: tree.consistency(old_size, size, nodes))
        return proof.consistency(old_size, path, note)

    def proof(self, id: bytes, salt: bytes) -> str | None:
        """Return the file that shows that the event *id* is sealed; None: it is not yet."""
        rows = self._find(tables.leaf, "log, leaf_index", "id", [(id,)])
        if not rows:
            return None
        log, index = rows[0]
        origin = origin_of(self.site, Name.parse(log), SHARD)
        size, note = self.newest(origin)
        return proof.inclusion(index, salt, self.path(origin, index, size), note)

    def path(self, origin: str, index: int, size: int) -> list[bytes]:
        """Return the hashes that lead from leaf *index* to the root over *size* leaves."""
        return self._answer(origin, lambda nodes: tree.inclusion(index, size, nodes))

    def leaf_hash(self, origin: str, index: int) -> bytes:
        """Return the hash of leaf *index*, which the log *origin* must have."""
        return self._answer(origin, lambda nodes: nodes(0, index))

    def root(self, origin: str, size: int) -> bytes:
        """Return the root that the log *origin* had with *size* leaves, which it must have."""
        return self._answer(origin, lambda nodes: tree.root(size, nodes))

    def paths(self, origin: str, places: list[int], size: int) -> list[tuple[bytes, list[bytes]]]:
        """Return the hash of each leaf of *places*, and its path in the tree of *size* leaves."""
        return self._answer(
            origin,
            lambda nodes: [(nodes(0, n), tree.inclusion(n, size, nodes)) for n in places],
        )

    def find(self, ids: Sequence[bytes]) -> list[Place]:
        """Return the places of the events *ids*, as far as they are sealed."""
        query = select(_leaf.log, _leaf.leaf_index, _leaf.id)
        rows = self._rows(query.where(*self.rows(tables.leaf, ids)))
        places = []
        for log in sorted({log for log, _, _ in rows}):
            origin = origin_of(self.site, Name.parse(log), SHARD)
            here = [(index, id) for other, index, id in rows if other == log]
            numbers = [n for n, _ in here]
            hashes = self._answer(origin, lambda nodes: [nodes(0, n) for n in numbers])  # noqa: B023
            places += [
                Place(origin, n, hash, id) for (n, id), hash in zip(here, hashes, strict=True)
            ]
        return places

    def bodies(self, ids: Sequence[bytes]) -> list[Any]:
        """
        Return id and body of the events *ids*, as far as they are there, in the order of ids.

        Each is asked for by its key: for a list of ids PostgreSQL looks through all events as long
        as it has not counted them.
        """
        rows: list[Any] = []
        for start in range(0, len(ids), EVENTS):
            keys = [(id,) for id in ids[start : start + EVENTS]]
            rows += self._find(tables.event, "id, body", "id", keys)
        return sorted(rows, key=itemgetter(0))

    def opening(self, origin: str) -> dict[str, Any]:
        """
        Return the event with which the log *origin* began.

        Raises LogError if it is gone from the database or was altered there.
        """
        query = select(_event.body).join_from(
            tables.leaf, tables.event, statements.same_event(tables.leaf)
        )
        rows = self._rows(query.where(self.within(tables.leaf, origin), _leaf.leaf_index == 0))
        if not rows:
            raise LogError(f"{origin}: the event with which it began is gone from the database")
        try:
            event: dict[str, Any] = json.loads(rows[0].body)
            if not isinstance(event["key"], str) or not {"gap", "previous"} <= event.keys():
                raise TypeError
        except (*NO_EVENT, TypeError, KeyError, AttributeError):
            raise LogError(f"{origin}: the event with which it began is another one") from None
        return event

    def newest(self, origin: str) -> tuple[int, str]:
        """Return size and newest checkpoint of the log *origin*. Raises LogError for no log."""
        rows = self._newest(origin)
        if not rows:
            raise LogError(f"there is no log {origin}")
        size, note = rows[0]
        return _counted(origin, size), note

    def _info(self, name: Name, size: int, note: str) -> LogInfo:
        origin = origin_of(self.site, name, SHARD)
        size = _counted(origin, size)
        key = self.opening(origin)["key"]
        return LogInfo(origin, folder_of(name, SHARD), name.year, SHARD, size, note, key)

    def _newest(self, origin: str) -> list[Any]:
        keys, last = [(self._log(origin),)], " ORDER BY day DESC LIMIT 1"
        return self._find(tables.checkpoint, "size, note", "log", keys, last)

    def _answer(self, origin: str, work: Callable[[tree.Nodes], Answer]) -> Answer:
        """
        Return what *work* makes of the nodes of the log *origin*; it is done twice.

        Raises LogError for a place behind the end, and for a tree of which a piece is gone.
        """
        try:
            tiles = self.tiles(origin, tile.needed(work))
            return work(lambda level, index: tile.node(level, index, lambda *place: tiles[place]))
        except IndexError as error:
            raise LogError(
                f"{origin}: the tree in the database has no such place: {error}"
            ) from None

    def tiles(self, origin: str, places: Iterable[tuple[int, int]]) -> dict[tuple[int, int], bytes]:
        """Return the hashes of tiles by level and number. Raises LogError if one is not there."""
        wanted, log, found = sorted(places), self._log(origin), {}
        for start in range(0, len(wanted), TILES):
            keys = [(log, *place) for place in wanted[start : start + TILES]]
            rows = self._find(tables.tile, "level, number, hashes", "log level number", keys)
            found.update({(level, number): hashes for level, number, hashes in rows})
        for level, number in wanted:
            if (level, number) not in found:
                raise LogError(
                    f"{origin}: tile {number} of level {level} is gone from the database"
                )
        return found

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

    def _rows(self, query: Select[Any]) -> list[Any]:
        return fetch(self.connection, query)

    def _find(
        self,
        table: Table,
        columns: str,
        names: str,
        keys: Sequence[tuple[object, ...]],
        end: str = "",
    ) -> list[Any]:
        """Return *columns* of the rows of *table* whose *names* are one of *keys*, all at once."""
        dialect = self.connection.dialect
        one = statements.selection(table, columns, ("site", "shard", *names.split()), dialect)
        values = tuple(value for key in keys for value in (self.site, SHARD, *key))
        found = [table.c[name] for name in columns.split(", ")]
        every = " UNION ALL ".join([one] * len(keys)) + end
        return fetch_plain(self.connection, every, values, *found)


def _counted(origin: str, size: int) -> int:
    """Return the *size* of a checkpoint as it is kept. Raises LogError for one that no log has."""
    if size < 1:
        raise LogError(f"{origin}: found a checkpoint with {size} leaves, wanted one at least")
    return size
