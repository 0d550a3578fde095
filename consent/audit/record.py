"""One event, its place in the log, and the others of its receipt."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from operator import attrgetter
from typing import Any
from uuid import UUID

from sqlalchemy import Column, Select, select

from consent.audit.given import Kept
from consent.audit.proving import Check, check
from consent.audit.search import page
from consent.day import DAY_MS, date_of
from consent.errors import LogError, LogUnavailable
from consent.log.database import statements, tables
from consent.log.database.stream import fetch
from consent.log.export.selection import Selection
from consent.log.fields import fields_of
from consent.log.merkle import tree
from consent.log.merkle.checkpoint import claimed
from consent.log.merkle.logs import Name, origin_of
from consent.log.receipt import Evidence, receipt_file
from consent.log.sequence import in_order
from consent.log.store import NEWEST
from consent.log.trees import SHARD, Trees
from consent.log.uuid7 import floor

#: A place in a log, or several in a row.
_RANGE = re.compile(r"([0-9]{1,19})(?:-([0-9]{1,19}))?", re.ASCII)

_event, _leaf, _checkpoint = tables.event.c, tables.leaf.c, tables.checkpoint.c


@dataclass(frozen=True, slots=True)
class Place:
    """Where an event is sealed."""

    origin: str
    index: int
    size: int  #: leaves of that log now
    by: date | None  #: day of the first checkpoint that is kept and covers it


@dataclass(frozen=True, slots=True)
class Record:
    """One event as it is stored."""

    id: UUID
    body: bytes
    salt: bytes
    receipt: str | None
    place: Place | None  #: None: it is not sealed yet

    @property
    def event(self) -> dict[str, Any]:
        """The fields of the line; none if it was altered so that it is none."""
        return fields_of(self.body)

    @property
    def named(self) -> str:
        """What a note calls it, which stays when it is erased: never its id, which has to go."""
        return f"{self.place.origin} {self.place.index}" if self.place else "not sealed yet"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the log says to one record of a file."""

    number: int  #: from 1
    word: str  #: ``same``, ``differs``, ``erased``, ``gone``, ``unknown``, ``bad`` or ``foreign``
    id: UUID | None
    origin: str = ""
    index: int = 0
    named: str = ""  #: what a note calls the record; "": it is not there

    @property
    def is_good(self) -> bool:
        """Whether the log says, or said before an erasure, what the file says."""
        return self.word in ("same", "erased")


def record(trees: Trees, id: UUID) -> Record | None:
    """Return the event with this *id*, or None if there is none."""
    query = _event_of(trees, id.bytes, _event.body, _event.salt, _event.receipt)
    rows = fetch(trees.connection, query)
    if not rows:
        return None
    body, salt, receipt = rows[0]
    return Record(id, bytes(body), bytes(salt or b""), receipt, _place(trees, id))


def chain(trees: Trees, receipt: str, before: int | None = None) -> list[Record]:
    """
    Return the newest events of a *receipt*, in their order; where they are is not looked up.

    Those recorded *before* a time, in milliseconds since 1970 UTC; None: all of them.
    """
    query = select(_event.id, _event.body, _event.salt).where(
        statements.of_receipt(trees.site, SHARD, receipt, trees.connection.dialect)
    )
    if before is not None:
        query = query.where(_event.id < floor(before).bytes)
    rows = fetch(trees.connection, query.order_by(_event.id.desc()).limit(NEWEST))
    return [
        Record(UUID(bytes=bytes(id)), bytes(body), bytes(salt or b""), receipt, None)
        for id, body, salt in in_order(rows[::-1], attrgetter("body"))
    ]


def history(trees: Trees, receipt: str, day: int, newest: list[Record]) -> list[Record]:
    """
    Return the events of a *receipt*, in their order, that tell how it stood on a *day* since 1970.

    *newest* are those that :func:`chain` gives. Where there are more: the newest ones before that
    day, those up to its end, and these.
    """
    if len(newest) < NEWEST:
        return newest
    # No id is of a time before 1970.
    pieces = [chain(trees, receipt, max(one, 0) * DAY_MS) for one in (day, day + 1)]
    return list({one.id: one for piece in (*pieces, newest) for one in piece}.values())


def checked(trees: Trees, record: Record) -> Check | None:
    """Check the proof of a *record* anew, with its log's own key; None: it is not sealed yet."""
    proof = trees.proof(record.id.bytes, record.salt)
    if proof is None or record.place is None:
        return None
    try:
        vkey = str(trees.opening(record.place.origin)["key"])
    except LogUnavailable:
        raise
    except LogError:
        vkey = ""  # then no signature fits, which is what the check will say
    return check(str(record.id), record.body, record.salt, proof, vkey)


def proof_file(trees: Trees, record: Record) -> dict[str, object]:
    """Return what proves a *record* offline, as visitors get it with their receipt."""
    proof = trees.proof(record.id.bytes, record.salt)
    return receipt_file(record.receipt, [Evidence(record.body, record.salt, proof)])


def compared(trees: Trees, records: Sequence[Kept]) -> list[Verdict]:
    """Return what the log says to each of the *records* that somebody kept."""
    keys = {log.origin: log.vkey for log in trees.logs()}
    found = [_compared(trees, n, kept, keys) for n, kept in enumerate(records, 1)]
    return [
        replace(one, word="foreign") if kept.is_other and one.is_good else one
        for one, kept in zip(found, records, strict=True)
    ]


def _compared(trees: Trees, number: int, kept: Kept, keys: dict[str, str]) -> Verdict:
    try:
        id = UUID(json.loads(kept.event)["id"])
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
        return Verdict(number, "bad", None)
    found = record(trees, id)
    if found is not None:
        same = (found.body, found.salt) == (kept.event, kept.salt)
        return Verdict(number, "same" if same else "differs", id, named=found.named)
    if kept.proof is None:
        return Verdict(number, "unknown", id)
    # Its own claim says which log it is of, and that log's key what the claim is worth.
    tried = check(str(id), kept.event, kept.salt, kept.proof, "")
    key = keys.get(tried.origin)
    proven = check(str(id), kept.event, kept.salt, kept.proof, key) if key else tried
    if not proven.holds:
        return Verdict(number, "bad" if key or not tried.origin else "unknown", id)
    index = next(int(step.values["index"]) for step in proven.steps if step.name == "path")
    hash = tree.leaf_hash(tree.commitment(kept.salt, kept.event))
    word = "erased" if _is_erased(trees, proven.origin, index, hash) else "gone"
    return Verdict(number, word, id, proven.origin, index)


def _is_erased(trees: Trees, origin: str, index: int, hash: bytes) -> bool:
    """Tell whether the place *index* of a log still has the *hash*, and its event was erased."""
    rows = fetch(trees.connection, _leaf_at(trees, origin, index))
    return bool(rows) and rows[0].id is None and trees.leaf_hash(origin, index) == hash


def _event_of(trees: Trees, id: bytes, *columns: Column[Any]) -> Select[Any]:
    return select(*columns).where(trees.own(tables.event), _event.id == id)


def _leaf_at(trees: Trees, origin: str, index: int) -> Select[Any]:
    here = trees.within(tables.leaf, origin)
    return select(_leaf.id).where(here, _leaf.leaf_index == index)


@dataclass(frozen=True, slots=True)
class Leaf:
    """A place in a log, whether its event is still there or not."""

    origin: str
    index: int
    size: int
    id: UUID | None  #: None: erased, or altered into what no event is called
    hash: bytes
    holds: bool  #: whether the hash leads to the root of the signed checkpoint
    erased_by: UUID | None  #: the erasure that names it, if it is one of the last
    is_gone: bool  #: whether its event is away, although no erasure took it out


def leaf(trees: Trees, log: Name, index: int) -> Leaf | None:
    """Return the place *index* of a *log*, or None if there is none."""
    origin = origin_of(trees.site, log, SHARD)
    rows = fetch(trees.connection, _leaf_at(trees, origin, index))
    if not rows:
        return None
    size, note = trees.newest(origin)
    hash, path = trees.leaf_hash(origin, index), trees.path(origin, index, size)
    holds = tree.root_of_inclusion(hash, index, size, path) == claimed(note).root
    id = rows[0][0]
    return Leaf(
        origin,
        index,
        size,
        UUID(bytes=bytes(id)) if id and len(id) == 16 else None,
        hash,
        holds,
        None if id else _erasure(trees, origin, index),
        bool(id) and not fetch(trees.connection, _event_of(trees, bytes(id), _event.id)),
    )


def _erasure(trees: Trees, origin: str, index: int) -> UUID | None:
    """Return the last erasure that names a place, among those of one page of a search."""
    for row in page(trees, Selection(kind="erasure")).rows:
        event = fields_of(row.body)
        if event.get("log") == origin and _names(str(event.get("indexes")), index):
            return UUID(bytes=row.id)
    return None


def _names(ranges: str, index: int) -> bool:
    return any(int(first) <= index <= int(last or first) for first, last in _RANGE.findall(ranges))


def _place(trees: Trees, id: UUID) -> Place | None:
    query = select(_leaf.log, _leaf.leaf_index).where(*trees.rows(tables.leaf, [id.bytes]))
    rows = fetch(trees.connection, query)
    if not rows:
        return None
    log, index = rows[0]
    origin = origin_of(trees.site, Name.parse(log), SHARD)
    covers = select(_checkpoint.day).where(
        trees.within(tables.checkpoint, origin), _checkpoint.size > index
    )
    days = fetch(trees.connection, covers.order_by(_checkpoint.day).limit(1))
    day = date_of(days[0][0]) if days else None
    return Place(origin, index, trees.newest(origin)[0], day)
