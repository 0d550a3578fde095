"""The leaves of a log are given by the tree, whatever somebody took out of the tables beside it."""

from __future__ import annotations

import pytest
from sqlalchemy import delete, insert

from consent.errors import LogError
from consent.log.database import tables
from consent.log.leaves import every_leaf, every_place
from consent.log.merkle.tile import WIDTH
from consent.log.trees import SHARD
from tests.log.samples import NOW, SITE, refuse

ORIGIN = f"{SITE}/consent/2026"
MANY = WIDTH + 5

_leaf, _tile = tables.leaf.c, tables.tile.c


class TestLeaves:
    """On SQLite; the class below runs all of it on PostgreSQL."""

    @pytest.fixture(autouse=True)
    def _sealed(self, store, sealer):
        """A log of more than one tile."""
        for number in range(MANY - 1):
            store.append(refuse(now_ns=NOW + number))
        sealer.seal(NOW)

    @pytest.fixture
    def alter(self, store):
        return lambda statement: store.transact(lambda connection: connection.execute(statement))

    def test_each_is_given_in_its_order(self, store):
        """
        All leaves have a place, a hash, and the event that they are about; or as many as are asked
        for.
        """
        with store.snapshot() as now:
            leaves, places = list(every_leaf(now, ORIGIN)), list(every_place(now, ORIGIN))
            first = list(every_leaf(now, ORIGIN, 3))

        assert [leaf.index for leaf in leaves] == list(range(MANY))
        assert sorted(leaf.body for leaf in leaves) == sorted(store.events())
        assert [(one.index, one.hash) for one in places] == [
            (one.index, one.hash) for one in leaves
        ]
        assert first == leaves[:3]

    @pytest.mark.parametrize("gone", [0, 7, MANY - 1], ids=["first", "between", "last"])
    def test_one_whose_row_is_gone_keeps_its_place(self, store, alter, gone):
        """
        Who takes a row away moves no other: its hash is given, and nothing of what it was about.
        """
        with store.snapshot() as now:
            before, places = list(every_leaf(now, ORIGIN)), list(every_place(now, ORIGIN))
        alter(delete(tables.leaf).where(_leaf.leaf_index == gone))
        with store.snapshot() as now:
            after, left = list(every_leaf(now, ORIGIN)), list(every_place(now, ORIGIN))

        assert (after[gone].hash, after[gone].body, after[gone].salt, after[gone].recorded_at) == (
            before[gone].hash, None, None, None,
        )  # fmt: skip
        assert (left[gone].hash, left[gone].id) == (places[gone].hash, None)
        assert after[:gone] + after[gone + 1 :] == before[:gone] + before[gone + 1 :]

    @pytest.mark.parametrize(("number", "missing"), [(0, 0), (1, WIDTH)])
    def test_a_hash_that_is_gone_is_told(self, store, alter, number, missing):
        """
        Without its hash a leaf is not given, nor are those behind it with each other's hashes.
        """
        alter(delete(tables.tile).where(_tile.level == 0, _tile.number == number))
        told = f"^{ORIGIN}: the hash of leaf {missing} is gone from the database$"
        with store.snapshot() as now:
            for ask in (every_leaf, every_place):
                with pytest.raises(LogError, match=told):
                    list(ask(now, ORIGIN))
            with pytest.raises(LogError, match=told):
                list(every_leaf(now, ORIGIN, missing + 1))

    def test_a_row_that_no_place_is_for_is_told(self, store, alter):
        """
        A leaf behind the end of the tree was written there by other means; one before its begin is
        none.
        """
        here = {"site": SITE, "shard": SHARD, "log": "2026", "id": None}
        alter(insert(tables.leaf).values(here | {"leaf_index": -1}))
        with store.snapshot() as now:
            assert len(list(every_leaf(now, ORIGIN))) == MANY
        alter(insert(tables.leaf).values(here | {"leaf_index": MANY + 3}))
        with (
            store.snapshot() as now,
            pytest.raises(LogError, match=f"the hash of leaf {MANY} is gone"),
        ):
            list(every_leaf(now, ORIGIN))


class TestLeavesOnPostgreSQL(TestLeaves):
    """The same promises on PostgreSQL."""

    @pytest.fixture
    def url(self, postgresql: str) -> str:
        return postgresql
