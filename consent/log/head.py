"""
The head of the logs, held by one sealer at a time, and what only its holder may do.

Nothing here is seen by anybody before the transaction of *connection* is committed.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from itertools import islice
from typing import Any

from sqlalchemy import Connection, Table, and_, delete, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from consent.errors import LogError
from consent.log import tables, tree
from consent.log.checkpoint import Checkpoint
from consent.log.event import Event
from consent.log.logs import Name, origin_of
from consent.log.note import Signer
from consent.log.stream import CHUNK
from consent.log.tile import Edge
from consent.log.trees import SHARD, Trees

_head, _pending = tables.head, tables.pending
_DAY_MS = 86_400_000


class Head:
    """The log that grows, and how far it got."""

    def __init__(self, connection: Connection, site: str) -> None:
        """Wait for the head and hold it until the transaction ends."""
        self.trees = Trees(connection, site)
        self._connection = connection
        self._key = {"site": site, "shard": SHARD}
        self._put(_head, {"log": "", "size": 0}, instead=False)
        query = select(_head.c.log, _head.c.size).where(self.trees.own(_head)).with_for_update()
        self._before = connection.execute(query).one()
        self.name = Name.parse(self._before.log) if self._before.log else None
        self.size: int = self._before.size

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

    def take(self, most: int) -> list[tuple[bytes, bytes]]:
        """Take about *most* events out of the queue, oldest first, as id and commitment."""
        id, here = _pending.c.id, self.trees.own(_pending)
        bound = select(id).where(here).order_by(id).offset(most - 1).limit(1)
        last = self._connection.scalar(bound)
        # A range, as no plan for it can be a bad one. What is recorded meanwhile comes along.
        oldest = here if last is None else and_(here, id <= last)
        taking = delete(_pending).where(oldest).returning(id, _pending.c.commitment)
        return sorted([(bytes(id), bytes(c)) for id, c in self._connection.execute(taking).all()])

    def record(self, event: Event, salt: bytes) -> None:
        """Write an *event* of the log about itself and give it the next place."""
        row = {"id": event.id.bytes, "recorded_at": event.recorded_at, "receipt": None}
        row |= {"body": event.body, "salt": salt}
        self._connection.execute(insert(tables.event).values(self._key | row))
        self.add([(event.id.bytes, tree.commitment(salt, event.body))])

    def add(self, events: Sequence[tuple[bytes, bytes]]) -> None:
        """Give *events*, as id and commitment, the next places."""
        start, log = self.size, str(self.name)
        site = self.trees.site
        rows = ((site, SHARD, log, index, id) for index, (id, _) in enumerate(events, start))
        # Straight to the driver, which is twice as fast for many rows; and few at once, or the
        # collector of cycles takes as long again to look through them.
        statement = tables.insertion(tables.leaf, self._connection.dialect)
        while some := list(islice(rows, CHUNK)):
            self._connection.exec_driver_sql(statement, some)
        hashes = [tree.leaf_hash(commitment) for _, commitment in events]
        for level, number, content in self.edge.append(hashes):
            place = {"log": log, "level": level, "number": number}
            self._put(tables.tile, place | {"hashes": content})
        self.size = self.edge.size

    def sign(self, signer: Signer, now_ms: int) -> str:
        """Put the checkpoint of the log in its place and return it."""
        note = Checkpoint(self.origin, self.size, self.edge.root()).signed(signer)
        place = {"log": str(self.name), "day": max(now_ms // _DAY_MS, self._last_day())}
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
        """The right edge of the tree. Raises LogError if it is not in the database."""
        return Edge(self.size, self._tile)

    def _tile(self, level: int, number: int) -> bytes:
        return self.trees.tiles(self.origin, [(level, number)])[level, number]

    def _last_day(self) -> int:
        days = tables.checkpoint.c
        query = select(days.day).where(
            self.trees.own(tables.checkpoint), days.log == str(self.name)
        )
        return self._connection.scalar(query.order_by(days.day.desc()).limit(1)) or 0

    def _put(self, table: Table, values: dict[str, Any], *, instead: bool = True) -> None:
        """Write a row, *instead* of one with the same key or only if there is none."""
        is_sqlite = self._connection.dialect.name == "sqlite"
        writing: Any = (sqlite if is_sqlite else postgresql).insert(table)
        writing = writing.values(self._key | values)
        keys = table.primary_key.columns.keys()
        if instead:
            rest = {name: value for name, value in values.items() if name not in keys}
            writing = writing.on_conflict_do_update(index_elements=keys, set_=rest)
        else:
            writing = writing.on_conflict_do_nothing()
        self._connection.execute(writing)
