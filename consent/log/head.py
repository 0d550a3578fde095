"""
The head of the logs, held by one sealer at a time, and what only its holder may do.

Nothing here is seen by anybody before the transaction of *connection* is committed.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from os import urandom
from typing import Any

from sqlalchemy import Connection, Table, and_, delete, insert, update

from consent.day import DAY_MS
from consent.errors import LogError
from consent.log.database import statements, tables
from consent.log.database.cell import read
from consent.log.database.stream import CHUNK
from consent.log.event import Event
from consent.log.guard import BRING_BACK
from consent.log.merkle import tree
from consent.log.merkle.checkpoint import Checkpoint
from consent.log.merkle.logs import Name, origin_of
from consent.log.merkle.note import Signer
from consent.log.merkle.tile import Edge
from consent.log.trees import SHARD, Trees

_head, _pending = tables.head, tables.pending


class Head:
    """The log that grows, and how far it got."""

    def __init__(self, connection: Connection, site: str) -> None:
        """Wait for the head and hold it until the transaction ends."""
        self.trees = Trees(connection, site)
        self._connection = connection
        self._key = {"site": site, "shard": SHARD}
        self._put(_head, {"log": "", "size": 0}, instead=False)
        # A transaction that writes to SQLite holds all of it.
        hold = "" if connection.dialect.name == "sqlite" else " FOR UPDATE"
        (self._before,) = self._select(_head, "log, size", hold)
        log, self.size = self._before
        self.name = Name.parse(log) if log else None

    @property
    def origin(self) -> str:
        """The origin of the log that grows, which there must be."""
        if self.name is None:
            raise LogError("there is no log yet")
        return origin_of(self.trees.site, self.name, SHARD)

    def open(self, name: Name) -> None:
        """Go on with a new log."""
        self.name, self.size = name, 0
        self.edge = Edge(0, self._tile)

    def take(self, most: int) -> dict[bytes, bytes]:
        """Take about *most* events out of the queue, oldest first: commitments by id."""
        id, here = _pending.c.id, self.trees.own(_pending)
        last = self._select(_pending, "id", f" ORDER BY id LIMIT 1 OFFSET {most - 1}")
        # A range, as no plan for it can be a bad one. What is recorded meanwhile comes along.
        oldest = and_(here, id <= last[0][0]) if last else here
        taking = delete(_pending).where(oldest).returning(id, _pending.c.commitment)
        # No row is kept: to look through thousands takes the collector of cycles longer than all
        # the rest takes.
        found: dict[bytes, bytes] = {}
        for rows in self._connection.execute(taking).partitions(CHUNK):
            found.update(map(tuple, rows))
        return {id: found[id] for id in sorted(found)}

    def record(self, event: Event) -> None:
        """Write an *event* of the log about itself and give it the next place."""
        salt = urandom(tree.LENGTH)
        row = {"id": event.id.bytes, "recorded_at": event.recorded_at, "receipt": None}
        row |= {"body": event.body, "salt": salt}
        self._connection.execute(insert(tables.event).values(self._key | row))
        if event.is_act:
            act = {"id": event.id.bytes}
            self._connection.execute(insert(tables.act).values(self._key | act))
        self.add({event.id.bytes: tree.commitment(salt, event.body)})

    def add(self, events: Mapping[bytes, bytes]) -> None:
        """Give events the next places; *events* are commitments by id."""
        log = str(self.name)
        if events:
            values = (len(events), self.trees.site, SHARD, log, self.size, b"".join(events))
            self._connection.exec_driver_sql(statements.placing(self._connection.dialect), values)
        hashes = map(tree.leaf_hash, events.values())
        for level, number, content in self.edge.append(hashes):
            place = {"log": log, "level": level, "number": number}
            self._put(tables.tile, place | {"hashes": content})
        self.size = self.edge.size

    def sign(self, signer: Signer, now_ms: int) -> str:
        """Put the checkpoint of the log in its place and return it."""
        note = Checkpoint(self.origin, self.size, self.edge.root()).signed(signer)
        place = {"log": str(self.name), "day": max(now_ms // DAY_MS, self._last_day())}
        self._put(tables.checkpoint, place | {"size": self.size, "note": note})
        return note

    def move(self) -> None:
        """Move the head to where the log is now. Raises LogError if somebody else moved it."""
        log, size = self._before
        where = and_(self.trees.own(_head), _head.c.log == log, _head.c.size == size)
        moving = update(_head).where(where).values(log=str(self.name), size=self.size)
        if self._connection.execute(moving).rowcount != 1:
            raise LogError(f"{self.origin}: another sealer was at work at the same time")

    @cached_property
    def edge(self) -> Edge:
        """The right edge of the tree. Raises LogError if it is not in the database as a whole."""
        try:
            return Edge(self.size, self._tile)
        except IndexError as error:
            raise LogError(f"{self.origin}: {error}\n{BRING_BACK}") from None

    def _tile(self, level: int, number: int) -> bytes:
        return self.trees.tiles(self.origin, [(level, number)])[level, number]

    def _last_day(self) -> int:
        newest, log = " ORDER BY day DESC LIMIT 1", str(self.name)
        rows = self._select(tables.checkpoint, "day", newest, log=log)
        return rows[0][0] if rows else 0

    def _select(self, table: Table, columns: str, end: str, **keys: str) -> list[tuple[Any, ...]]:
        """Return *columns* of our rows in *table* with these *keys*."""
        own = self._key | keys
        one = statements.selection(table, columns, tuple(own), self._connection.dialect)
        rows = self._connection.exec_driver_sql(one + end, tuple(own.values()))
        return read(rows, *(table.c[name] for name in columns.split(", ")))

    def _put(self, table: Table, values: dict[str, Any], *, instead: bool = True) -> None:
        """Write a row, *instead* of one with the same key or only if there is none."""
        dialect, row = self._connection.dialect, self._key | values
        statement = statements.replacement if instead else statements.creation
        cells = tuple(row[column.name] for column in table.c)
        # The driver's own words, as composing them takes longer than the work.
        self._connection.exec_driver_sql(statement(table, dialect), cells)
