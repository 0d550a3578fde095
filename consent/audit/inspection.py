"""
The check of everything: each place of each log, each record, each hash, each checkpoint.

It reads in pieces and rests between them, so that a site goes on answering, and takes as long as
it takes. What is recorded meanwhile is left for the next one.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import msgspec
from sqlalchemy import Select, and_, select

from consent.audit.finding import Finding, Findings
from consent.audit.state import state
from consent.errors import LogError, LogUnavailable
from consent.log.database import statements, tables
from consent.log.database.cell import as_it_is, perhaps
from consent.log.database.stream import fetch, stream
from consent.log.event import read_by
from consent.log.merkle import tree
from consent.log.merkle.checkpoint import Checkpoint, open_checkpoint
from consent.log.merkle.logs import LogInfo
from consent.log.merkle.note import parse_vkey
from consent.log.merkle.tile import WIDTH, Edge
from consent.log.seal import Sealer
from consent.log.trees import Trees
from consent.log.uuid7 import time_of

#: Leaves that are read at once, in one transaction.
PIECE = 10 * WIDTH

#: What is known of a leaf: its record is gone; an erasure names it.
GONE, NAMED = 1, 2

_event, _leaf = tables.event.c, tables.leaf.c
_tile, _checkpoint = tables.tile.c, tables.checkpoint.c

_ERASURE = b'"event":"erasure"'
_RANGES = re.compile(r"\d+(?:-\d+)?(?: \d+(?:-\d+)?)*", re.ASCII)


class _Line(msgspec.Struct):
    id: str
    receipt: str | None = None


class _Erasure(msgspec.Struct):
    log: str
    indexes: str
    rows: int


_line_decoder = msgspec.json.Decoder(_Line)
_erasure_decoder = msgspec.json.Decoder(_Erasure)


@dataclass(frozen=True, slots=True)
class Inspected:
    """What a check of everything found."""

    leaves: int
    erased: int
    findings: tuple[Finding, ...]


def inspect(sealer: Sealer, progress: Callable[[int], None] = lambda _: None) -> Inspected:
    """
    Check everything that is sealed now; *progress* is told how many leaves are done.

    It is called after each piece and may sleep. Raises LogUnavailable when the database cannot
    be read now.
    """
    seen = state(sealer, sample=0)
    found = Findings()
    done, walks = 0, [_Walk(log, found) for log in seen.logs]
    for walk in walks:
        for start in range(0, walk.log.size, PIECE):
            with sealer.store.snapshot() as now:
                walk.piece(now, start, min(start + PIECE, walk.log.size))
            done = sum(each.done for each in walks)
            progress(done)
    if walks:
        with sealer.store.snapshot() as now:
            _compare_erasures(now, walks, found)
    for finding in seen.findings:  # last, as a walk would count what it meets once more
        found.put(finding)
    return Inspected(done, sum(walk.erased for walk in walks), tuple(found))


@dataclass
class _Walk:
    """A walk along one log, from its first leaf to where it ended when the walk began."""

    log: LogInfo
    found: Findings
    done: int = 0
    erased: int = 0
    marks: bytearray = field(init=False)  #: a byte for each leaf
    named: list[tuple[str, str]] = field(default_factory=list)  #: log and leaves of erasures
    _edge: Edge = field(init=False)
    _checkpoints: dict[int, str] | None = None

    def __post_init__(self) -> None:
        self.marks = bytearray(self.log.size)
        self._edge = Edge(0, lambda *_: b"")

    def piece(self, now: Trees, start: int, end: int) -> None:
        """Check the leaves from *start*, at the start of a tile, to before *end*."""
        if self._checkpoints is None:
            self._checkpoints = self._read_checkpoints(now)
        hashes = self._read_hashes(now, start, end)
        wanted = start
        for row in stream(now.connection, _rows(now, self.log.origin, start, end)):
            for gone in range(wanted, row.leaf_index):
                self.found.add("missing", self.log.origin, gone)
            wanted = row.leaf_index + 1
            self._leaf(row, hashes[row.leaf_index - start])
        for gone in range(wanted, end):
            self.found.add("missing", self.log.origin, gone)
        self._grow(now, hashes)
        self.done = end

    def _leaf(self, row: Any, hash: bytes) -> None:
        origin, index = self.log.origin, row.leaf_index
        if row.id is None:
            self.erased += 1
            self.marks[index] |= GONE
        elif row.body is None:
            self.found.add("record", origin, index)
        elif tree.leaf_hash(tree.commitment(row.salt or b"", row.body)) != hash:
            self.found.add("altered", origin, index)
        else:
            line, recorded_at = read_by(_line_decoder, row.body), time_of(row.id)
            said = (line.id.replace("-", ""), line.receipt, recorded_at) if line else None
            if said != (row.id.hex(), row.receipt, row.recorded_at):
                self.found.add("column", origin, index)
            self.named += filter(None, [_erasure(row.body)])

    def _read_hashes(self, now: Trees, start: int, end: int) -> list[bytes]:
        """Return what the tree says of the leaves; a hash that is not there is empty."""
        tiles = and_(now.within(tables.tile, self.log.origin), _tile.level == 0)
        numbers = _tile.number.between(start // WIDTH, (end - 1) // WIDTH)
        query = select(_tile.number, _tile.hashes).where(tiles, numbers)
        content = {row.number: bytes(row.hashes) for row in fetch(now.connection, query)}
        length = tree.LENGTH
        return [
            content.get(n // WIDTH, b"")[n % WIDTH * length :][:length] for n in range(start, end)
        ]

    def _grow(self, now: Trees, hashes: list[bytes]) -> None:
        """Make the tree anew over *hashes*; compare it with the one there, and its checkpoints."""
        if any(len(hash) != tree.LENGTH for hash in hashes):
            self.found.add("tree", self.log.origin, self._edge.size)
            hashes = [hash.ljust(tree.LENGTH, b"\0") for hash in hashes]
        start, end = self._edge.size, self._edge.size + len(hashes)
        stops = sorted(size for size in self._checkpoints or {} if start < size < end)
        made: dict[tuple[int, int], bytes] = {}
        for stop in [*stops, end]:
            part = hashes[self._edge.size - start : stop - start]
            made |= {(row, number): hash for row, number, hash in self._edge.append(part)}
            if stop in (self._checkpoints or {}):
                self._at_checkpoint(stop)
        try:
            there = now.tiles(self.log.origin, made)
        except LogUnavailable:
            raise
        except LogError as error:
            self.found.tell("tree", self.log.origin, str(error))
            return
        for place, content in made.items():
            # The last one of a row has grown since, perhaps.
            if there[place][: len(content)] != content:
                self.found.add("tree", self.log.origin, place[1] * WIDTH ** (place[0] + 1))

    def _read_checkpoints(self, now: Trees) -> dict[int, str]:
        here = now.within(tables.checkpoint, self.log.origin)
        query = select(_checkpoint.size, _checkpoint.note).where(here)
        rows = fetch(now.connection, query.where(_checkpoint.size <= self.log.size))
        return {row.size: row.note for row in rows}

    def _at_checkpoint(self, size: int) -> None:
        note, origin = (self._checkpoints or {})[size], self.log.origin
        try:
            checkpoint = open_checkpoint(note, [parse_vkey(self.log.vkey)])
        except LogError:
            self.found.add("signature", origin, size - 1)
            return
        if checkpoint != Checkpoint(origin, size, self._edge.root()):
            self.found.add("checkpoint", origin, size - 1)


def _rows(now: Trees, origin: str, start: int, end: int | None) -> Select[Any]:
    same = statements.same_event(tables.leaf)
    here = and_(now.within(tables.leaf, origin), _leaf.leaf_index >= start)
    columns = (_leaf.leaf_index, _leaf.id, as_it_is(_event.recorded_at))
    query = (
        select(*columns, as_it_is(_event.receipt), perhaps(_event.body), _event.salt)
        .select_from(tables.leaf.outerjoin(tables.event, same))
        .where(here)
        .order_by(_leaf.leaf_index)
    )
    return query if end is None else query.where(_leaf.leaf_index < end)


def _compare_erasures(now: Trees, walks: list[_Walk], found: Findings) -> None:
    """Hold what is gone against what erasures say, those too that came meanwhile."""
    known = {walk.log.origin: walk for walk in walks}
    named = [pair for walk in walks for pair in walk.named]
    for log in now.logs():
        start = known[log.origin].log.size if log.origin in known else 0
        for row in stream(now.connection, _rows(now, log.origin, start, None)):
            named += filter(None, [row.body and _erasure(row.body)])
    for origin, indexes in named:
        if origin in known:
            _mark(known[origin].marks, indexes)
    for origin, walk in known.items():
        for index in _marked(walk.marks, GONE):
            found.add("erased", origin, index)
        there = (index for index in _marked(walk.marks, NAMED) if _is_there(now, origin, index))
        for index in there:
            found.add("returned", origin, index)


def _erasure(body: bytes) -> tuple[str, str] | None:
    """Return of which log the event *body* erased which leaves; None: it is no erasure."""
    if _ERASURE not in body:
        return None
    line = read_by(_erasure_decoder, body)
    if line is None or not _RANGES.fullmatch(line.indexes):
        return None  # altered, which is told where it is checked
    if sum(last - first + 1 for first, last in _ranges(line.indexes)) != line.rows:
        return None  # contradicts itself, so it gives no reason for anything
    return line.log, line.indexes


def _ranges(indexes: str) -> Iterator[tuple[int, int]]:
    for part in indexes.split(" "):
        first, _, last = part.partition("-")
        yield int(first), int(last or first)


def _mark(marks: bytearray, indexes: str) -> None:
    for first, last in _ranges(indexes):
        for index in range(first, min(last + 1, len(marks))):
            marks[index] |= NAMED


def _marked(marks: bytearray, mark: int) -> Iterator[int]:
    """Give the leaves that have this mark and not the other one."""
    at = marks.find(mark)
    while at >= 0:
        yield at
        at = marks.find(mark, at + 1)


def _is_there(now: Trees, origin: str, index: int) -> bool:
    """Tell whether a record is still there: it may have been erased since it was read."""
    query = select(_leaf.id).where(now.within(tables.leaf, origin), _leaf.leaf_index == index)
    return any(row.id for row in fetch(now.connection, query))
