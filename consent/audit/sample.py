"""
Samples that neither side can steer.

Number the leaves of all logs, the oldest log first, from 0. The sample is the first *n* different

    SHA-256(root || LF || nonce || LF || k) mod leaves      for k = 1, 2, 3, …

with the root of the newest log as its checkpoint spells it, and *k* in decimal (FORMAT.md,
"Sample"). The auditor chooses the nonce when the root is fixed, so neither knows before what will
be drawn. ``verify.py --sample`` draws the same from a bundle of the whole log with the same
checkpoint: the state of the newest log, as every older one is closed. Drawing costs the same in a
log of any size.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from itertools import count
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import select

from consent.audit.reading import kind_of
from consent.errors import LogError
from consent.log.database import statements, tables
from consent.log.database.cell import perhaps
from consent.log.database.stream import fetch
from consent.log.fields import fields_of
from consent.log.merkle.checkpoint import claimed
from consent.log.merkle.logs import LogInfo, Name, name_of
from consent.log.snapshot import Snapshot
from consent.log.uuid7 import time_of

FORMAT = "consent-sample/1"

#: How many may be drawn, and how long a nonce may be, in characters.
MOST = 1000
LONGEST = 200

#: Rows that are asked for at once.
_TOGETHER = 250

_event, _leaf = tables.event.c, tables.leaf.c


class StateError(LogError):
    """There never was such a state of the logs."""


@dataclass(frozen=True, slots=True)
class State:
    """A log as it was with some number of leaves."""

    origin: str
    size: int
    root: bytes

    @property
    def root_text(self) -> str:
        """The root as checkpoints write it."""
        return b64encode(self.root).decode()


@dataclass(frozen=True, slots=True)
class Drawn:
    """A leaf of the sample; all but its place is None where the event is no longer there."""

    origin: str
    index: int
    id: UUID | None
    body: bytes | None
    salt: bytes | None
    proof: str | None  #: that it is in the log, up to the newest checkpoint
    is_erased: bool = False  #: whether it is not there because an erasure took it out

    @property
    def sort(self) -> str:
        """The kind of a decision, or the sort of another event; "" if it was erased or altered."""
        return kind_of(fields_of(self.body or b""))

    @property
    def at(self) -> int:
        """When it was recorded, in milliseconds since 1970 UTC; 0 if it was erased."""
        return time_of(self.id.bytes) if self.id else 0

    def line(self) -> bytes:
        """Return the leaf as a line of a file."""
        return msgspec.json.encode(
            {
                "log": self.origin,
                "index": self.index,
                "event": None if self.body is None else self.body.decode(errors="replace"),
                "salt": None if self.salt is None else b64encode(self.salt).decode(),
                "proof": self.proof,
            }
        )


def states(now: Snapshot, at: str | None = None) -> list[State]:
    """
    Return the logs that a sample is drawn from, oldest first.

    *at* is the state of the newest of them, ``2026@1234`` or the text of its checkpoint; None: as
    it is now. Raises StateError if there never was such a state.
    """
    logs = now.logs()
    if at is None or not logs:
        return [_whole(log) for log in logs]
    try:
        name, size = _named(now.site, at)
    except LogError:
        raise StateError("no state of a log") from None
    known = [name_of(now.site, log.origin) for log in logs]
    if name not in known or not 0 < size <= logs[known.index(name)].size:
        raise StateError("no such state of the log")
    place = known.index(name)
    newest = logs[place]
    state = State(newest.origin, size, now.root(newest.origin, size))
    if "\n" in at and claimed(at).root != state.root:
        raise StateError("no such state of the log")
    return [*map(_whole, logs[:place]), state]


def spelled(site: str, found: Sequence[State]) -> str:
    """Return the state that :func:`states` finds these by; "" for none."""
    return f"{name_of(site, found[-1].origin)}@{found[-1].size}" if found else ""


def draw(found: Sequence[State], nonce: str, number: int) -> list[tuple[str, int]]:
    """Return origin and index of *number* leaves, or of all there are, in the order of drawing."""
    leaves = sum(state.size for state in found)
    drawn: dict[int, None] = {}
    for k in count(1):
        if len(drawn) >= min(number, leaves):
            break
        drawn.setdefault(_hash(f"{found[-1].root_text}\n{nonce}\n{k}") % leaves)
    return [_place(found, one) for one in drawn]


def look(now: Snapshot, places: Sequence[tuple[str, int]]) -> Iterator[Drawn]:
    """Give what stands at *places*, in their order."""
    for start in range(0, len(places), _TOGETHER):
        some = places[start : start + _TOGETHER]
        rows: dict[tuple[str, int], Any] = {}
        for origin in sorted({origin for origin, _ in some}):
            indexes = [index for other, index in some if other == origin]
            rows |= {(origin, row.leaf_index): row for row in _rows(now, origin, indexes)}
        for origin, index in some:
            yield _drawn_at(now, origin, index, rows.get((origin, index)))


def _hash(text: str) -> int:
    return int.from_bytes(sha256(text.encode()).digest(), "big")


def _place(found: Sequence[State], one: int) -> tuple[str, int]:
    """Return the origin and the index of the leaf with the number *one*."""
    for state in found:
        if one < state.size:
            return state.origin, one
        one -= state.size
    raise LookupError(one)


def _rows(now: Snapshot, origin: str, indexes: list[int]) -> list[Any]:
    same = statements.same_event(tables.leaf)
    query = (
        select(_leaf.leaf_index, _leaf.id, perhaps(_event.body), _event.salt)
        .select_from(tables.leaf.outerjoin(tables.event, same))
        .where(now.within(tables.leaf, origin), _leaf.leaf_index.in_(indexes))
    )
    return fetch(now.connection, query)


def _drawn_at(now: Snapshot, origin: str, index: int, row: Any) -> Drawn:
    if row is None or row.body is None:
        is_erased = row is not None and row.id is None
        return Drawn(origin, index, None, None, None, None, is_erased)
    proof = now.proof(row.id, row.salt or b"")
    return Drawn(origin, index, UUID(bytes=row.id), row.body, row.salt, proof)


def _whole(log: LogInfo) -> State:
    return State(log.origin, log.size, claimed(log.checkpoint).root)


def _named(site: str, at: str) -> tuple[Name | None, int]:
    """Return which log *at* is about, and how many leaves it had. Raises LogError."""
    if "\n" in at:
        checkpoint = claimed(at)
        return name_of(site, checkpoint.origin), checkpoint.size
    name, _, size = at.partition("@")
    if not (size.isascii() and size.isdigit() and len(size) < 19):
        raise StateError("no such state of the log")
    return Name.parse(name), int(size)
