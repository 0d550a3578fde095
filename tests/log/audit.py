"""Look at a whole log as an auditor with the database would, and find nothing wrong."""

from __future__ import annotations

import json
from collections import Counter
from operator import attrgetter

from sqlalchemy import select

from consent.log.anchor import Anchors
from consent.log.database import tables
from consent.log.leaves import every_leaf, every_place
from consent.log.merkle import tree
from consent.log.merkle.checkpoint import claimed, open_checkpoint
from consent.log.merkle.note import parse_vkey
from consent.log.merkle.tile import Edge
from consent.log.store import Store


def root_of(hashes: list[bytes]) -> bytes:
    """The root over *hashes*, level by level: an odd one out moves up."""
    while len(hashes) > 1:
        pairs = [hashes[n : n + 2] for n in range(0, len(hashes), 2)]
        hashes = [tree.node_hash(*pair) if len(pair) == 2 else pair[0] for pair in pairs]
    return hashes[0]


def audit(store: Store, anchors: Anchors) -> list[bytes]:
    """
    Return the ids of all sealed events in the order of their places.

    Every event has one place or waits for one; places are contiguous; each hash is that of its
    event; tiles, checkpoints and anchors all speak of the same trees.
    """
    sealed = []
    with store.snapshot() as now:
        for log in now.logs():
            places = list(every_place(now, log.origin))
            leaves = list(every_leaf(now, log.origin))
            assert [leaf.index for leaf in leaves] == list(range(log.size))
            for leaf in leaves:
                assert leaf.hash == tree.leaf_hash(tree.commitment(leaf.salt, leaf.body))
            checkpoint = open_checkpoint(log.checkpoint, [parse_vkey(log.vkey)])
            hashes = [leaf.hash for leaf in leaves]
            assert checkpoint.size == log.size
            assert checkpoint.root == root_of(hashes) == now.root(log.origin, log.size)
            notes = published(anchors, log.origin)
            known = [open_checkpoint(note, [parse_vkey(log.vkey)]) for note in notes]
            grown = Edge(0, lambda level, number: b"")
            for checkpoint in sorted(known, key=attrgetter("size")):
                list(grown.append(hashes[grown.size : checkpoint.size]))
                assert (grown.size, grown.root()) == (checkpoint.size, checkpoint.root)
            sealed += [place.id for place in places]
        here = now.connection
        events = here.execute(select(tables.event.c.id)).scalars().all()
        waiting = here.execute(select(tables.pending.c.id)).scalars().all()
    assert Counter(bytes(id) for id in events) == Counter([*sealed, *map(bytes, waiting)])
    return sealed


def note_of(store: Store, origin: str) -> str | None:
    """The newest checkpoint of a log."""
    with store.snapshot() as now:
        return now.checkpoint(origin)


def proof_of_growth(store: Store, origin: str, old_size: int) -> str:
    """The proof that a log continues what it was with *old_size* leaves, up to now."""
    with store.snapshot() as now:
        return now.consistency(origin, old_size, now.newest(origin)[1])


def published(anchors: Anchors, origin: str) -> list[str]:
    """All checkpoints of a log that its anchors name."""
    try:
        lines = anchors.path.read_text("utf-8").splitlines()
    except FileNotFoundError:
        return []
    notes = [json.loads(line)["checkpoint"] for line in lines if line.endswith("}")]
    return [note for note in notes if claimed(note).origin == origin]
