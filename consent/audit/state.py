"""
The state of the log: how large it is, how old its last signature, and whether it is unbroken.

That is looked at each time anew, in a bounded way whatever the size of the log: the signature of
each newest checkpoint, the root that the tree has now, the end of the log, the anchors outside the
database, how the logs join, and some leaves by chance, each with its record and its path up to
the signed root. What that cannot see, a check of everything does: :mod:`consent.audit.inspection`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from random import SystemRandom
from typing import Any

from sqlalchemy import and_, func, select

from consent.audit.finding import Finding, Findings, broken
from consent.day import now_ms
from consent.errors import LogError, LogUnavailable
from consent.log import guard, keys
from consent.log.anchor import Known, moment
from consent.log.database import statements, tables
from consent.log.database.cell import perhaps
from consent.log.database.stream import fetch
from consent.log.merkle import tree
from consent.log.merkle.checkpoint import claimed, open_checkpoint
from consent.log.merkle.logs import LogInfo, name_of
from consent.log.merkle.note import Signer, parse_vkey
from consent.log.seal import Sealer
from consent.log.trees import Trees

#: Leaves that are looked at by chance.
SAMPLE = 40

#: The newest places, of which none may be missing.
NEWEST = 2_000

#: Milliseconds that an event may wait to be sealed before that is said.
PATIENCE_MS = 600_000

_event, _leaf, _head = tables.event.c, tables.leaf.c, tables.head.c


@dataclass(frozen=True, slots=True)
class State:
    """What the log is like; times are milliseconds since 1970 UTC."""

    logs: tuple[LogInfo, ...]  #: oldest first
    sealed_at: int | None  #: when the newest checkpoint was published; None: that is not known
    waiting_since: int | None  #: when the oldest event was recorded that is not sealed
    anchors: int  #: logs that are known outside the database
    sampled: int  #: leaves that were looked at
    erased: int  #: those of them whose record was erased
    findings: tuple[Finding, ...]  #: the most serious first
    seen_at: int

    @property
    def leaves(self) -> int:
        """How many places the logs have."""
        return sum(log.size for log in self.logs)

    @property
    def is_unbroken(self) -> bool:
        """Whether nothing was found that means otherwise."""
        return not broken(self.findings)

    @property
    def is_empty(self) -> bool:
        """Whether nothing was sealed yet."""
        return not self.logs and self.is_unbroken


def state(sealer: Sealer, sample: int = SAMPLE) -> State:
    """
    Look at the log of *sealer*, and at so many leaves by chance.

    Raises LogUnavailable when the database cannot be read now.
    """
    looking = _Look(Findings(), now_ms())
    known = _known(sealer, looking)
    with sealer.store.snapshot() as now:
        try:
            logs = now.logs()
        except LogUnavailable:
            raise
        except LogError as error:
            looking.found.tell("opening", "", str(error))
            logs = []
        for before, log in zip([None, *logs], logs, strict=False):
            looking.at_log(now, log, before)
        looking.at_end(now, logs[-1] if logs else None)
        looking.at_anchors(now, known, logs)
        for log, places in _chosen(logs, sample):
            looking.at_leaves(now, log, places)
    looking.at_key(sealer, logs[-1] if logs else None)
    waiting = sealer.store.waiting_since()
    if waiting is not None and looking.now - waiting > PATIENCE_MS:
        looking.found.add("waiting")
    return State(
        tuple(logs),
        moment(sealer.anchors.path, logs[-1].checkpoint) if logs else None,
        waiting,
        len(known or ()),
        looking.sampled,
        looking.erased,
        tuple(looking.found),
        looking.now,
    )


def _known(sealer: Sealer, looking: _Look) -> Known | None:
    try:
        return sealer.anchors.newest(sealer.store.site)
    except LogError as error:
        looking.found.tell("unknown", "", str(error))
        return None


def _chosen(logs: list[LogInfo], sample: int) -> Iterable[tuple[LogInfo, list[int]]]:
    """Give the leaves to look at, by log: by chance, and the first of each log."""
    sizes = [log.size for log in logs]
    chance = SystemRandom()
    places = chance.sample(range(sum(sizes)), min(sample, sum(sizes)))
    start = 0
    for log, size in zip(logs, sizes, strict=True):
        here = {place - start for place in places if start <= place < start + size}
        yield log, sorted(here | {0})
        start += size


@dataclass
class _Look:
    """One look at the logs."""

    found: Findings
    now: int
    sampled: int = 0
    erased: int = 0

    def at_log(self, trees: Trees, log: LogInfo, before: LogInfo | None) -> None:
        """Look whether a log is what its newest checkpoint says, and follows the one *before*."""
        try:
            checkpoint = open_checkpoint(log.checkpoint, [parse_vkey(log.vkey)])
        except LogError as error:
            self.found.tell("signature", log.origin, str(error))
            return
        try:
            root = trees.root(log.origin, log.size)
        except LogUnavailable:
            raise
        except LogError as error:
            self.found.tell("tree", log.origin, str(error))
        else:
            if (checkpoint.origin, checkpoint.size, checkpoint.root) != (
                log.origin, log.size, root,
            ):  # fmt: skip
                self.found.add("checkpoint", log.origin)
        if trees.opening(log.origin)["previous"] != (before and before.checkpoint):
            self.found.add("chain", log.origin)

    def at_end(self, trees: Trees, last: LogInfo | None) -> None:
        """Look whether the last log ends where its checkpoint says, without a gap before it."""
        query = select(_head.log, _head.size).where(trees.own(tables.head))
        heads = [(row.log, row.size) for row in fetch(trees.connection, query) if row.log]
        wanted = [(str(name_of(trees.site, last.origin)), last.size)] if last else []
        if heads != wanted:
            self.found.add("head", last.origin if last else "")
        if last is None:
            return
        start = max(0, last.size - NEWEST)
        newest = and_(trees.within(tables.leaf, last.origin), _leaf.leaf_index >= start)
        columns: list[Any] = [func.count(), func.max(perhaps(_leaf.leaf_index))]
        ((there, end),) = fetch(trees.connection, select(*columns).where(newest))
        if (there, end) != (last.size - start, last.size - 1):
            self.found.add("missing", last.origin)

    def at_anchors(self, trees: Trees, known: Known | None, logs: list[LogInfo]) -> None:
        """Look whether the database reaches what was published from here."""
        if known is None:
            return
        if logs and name_of(trees.site, logs[-1].origin) not in known:
            self.found.add("unanchored", logs[-1].origin)
        try:
            gap = guard.unreached(trees, known)
        except LogUnavailable:
            raise
        except LogError as error:
            self.found.tell("anchor", "", str(error))
            return
        if gap:
            anchor = claimed(gap)
            self.found.add("anchor", anchor.origin, anchor.size)

    def at_leaves(self, trees: Trees, log: LogInfo, places: list[int]) -> None:
        """Look whether the records at *places* are those of the signed tree."""
        try:
            root = claimed(log.checkpoint).root
            proofs = trees.paths(log.origin, places, log.size)
        except LogUnavailable:
            raise
        except LogError as error:
            self.found.tell("tree", log.origin, str(error))
            return
        rows = _rows(trees, log.origin, places)
        for place, (hash, path) in zip(places, proofs, strict=True):
            self.sampled += 1
            if tree.root_of_inclusion(hash, place, log.size, path) != root:
                self.found.add("tree", log.origin, place)
            row = rows.get(place)
            if row is None:
                self.found.add("missing", log.origin, place)
            elif row.id is None:
                self.erased += 1
            elif row.body is None:
                self.found.add("record", log.origin, place)
            elif tree.leaf_hash(tree.commitment(row.salt or b"", row.body)) != hash:
                self.found.add("altered", log.origin, place)

    def at_key(self, sealer: Sealer, last: LogInfo | None) -> None:
        """Look whether the key at hand is the one of the last log; it may be elsewhere."""
        try:
            key = keys.load(sealer.key)
        except LogError:
            return  # another user seals, and this one may not read the key
        if key and last and Signer(last.origin, key).verifier.vkey != last.vkey:
            self.found.add("key", last.origin)


def _rows(trees: Trees, origin: str, places: list[int]) -> dict[int, Any]:
    same = statements.same_event(tables.leaf)
    query = (
        select(_leaf.leaf_index, _leaf.id, perhaps(_event.body), _event.salt)
        .select_from(tables.leaf.outerjoin(tables.event, same))
        .where(trees.within(tables.leaf, origin), _leaf.leaf_index.in_(places))
    )
    return {row.leaf_index: row for row in fetch(trees.connection, query)}
