"""What is sealed has its place for good, and whoever has a checkpoint can tell."""

from __future__ import annotations

import json

import pytest

from consent.log import tree
from consent.log.checkpoint import claimed, open_checkpoint
from consent.log.note import parse_vkey
from consent.log.seal import Sealer
from consent.log.store import Store
from tests.log.samples import MS, NOW, RECEIPT, SITE, SOFTWARE, make, refuse

ORIGIN = f"{SITE}/consent/2026"


@pytest.fixture
def sealer(store, tmp_path) -> Sealer:
    return Sealer(store, tmp_path / "keys" / "consent.key", SOFTWARE)


class TestSeal:
    """On SQLite; the class below runs all of it on PostgreSQL."""

    def test_events_get_their_places_in_order(self, store, sealer):
        """
        The first leaf opens the log, and the events follow in the order of their ids, each under
        the hash that its bytes and its salt give (EV-08).
        """
        events = [make(now_ns=NOW + n * MS) for n in range(5)]
        for event in reversed(events):
            store.append(event)

        assert sealer.seal(NOW) == 5
        with store.snapshot() as snapshot:
            opening, *leaves = snapshot.leaves(ORIGIN)
        assert json.loads(opening.body)["event"] == "log"
        assert [leaf.body for leaf in leaves] == [event.body for event in events]
        assert [leaf.index for leaf in leaves] == [1, 2, 3, 4, 5]
        for leaf in (opening, *leaves):
            assert leaf.hash == tree.leaf_hash(tree.commitment(leaf.salt, leaf.body))

    def test_the_checkpoint_is_over_all_leaves(self, store, sealer):
        """
        The signed checkpoint has the root of the tree over the leaves, by the key that the log
        names in its first leaf (EV-08).
        """
        for n in range(3):
            store.append(refuse(now_ns=NOW + n * MS))
        sealer.seal(NOW)
        [log] = store.logs()
        checkpoint = open_checkpoint(log.checkpoint, [parse_vkey(log.vkey)])
        with store.snapshot() as snapshot:
            hashes = [leaf.hash for leaf in snapshot.leaves(ORIGIN)]

        assert (log.origin, log.folder, log.year, log.shard, log.size) == (
            ORIGIN, "2026", 2026, 0, 4,
        )  # fmt: skip
        assert checkpoint.size == 4
        whole = tree.node_hash(tree.node_hash(*hashes[:2]), tree.node_hash(*hashes[2:]))
        assert checkpoint.root == whole
        assert store.checkpoint(ORIGIN) == store.checkpoint(ORIGIN, 4) == log.checkpoint
        assert store.checkpoint(ORIGIN, 3) is None
        assert sealer.anchors.newest(SITE)[claimed_name(log)] == log.checkpoint


def claimed_name(log):
    from consent.log.logs import name_of

    return name_of(SITE, claimed(log.checkpoint).origin)


class TestSealOnPostgreSQL(TestSeal):
    """The same promises on PostgreSQL."""

    @pytest.fixture
    def url(self, postgresql: str) -> str:
        return postgresql
