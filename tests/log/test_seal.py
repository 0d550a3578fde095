"""What is sealed has its place for good, and whoever has a checkpoint can tell."""

from __future__ import annotations

import json
from base64 import b64decode
from itertools import count

import pytest
from sqlalchemy import select, text

from consent.day import day_of
from consent.errors import LogError
from consent.log import seal
from consent.log.database import tables
from consent.log.head import Head
from consent.log.leaves import every_leaf
from consent.log.merkle import tree
from consent.log.merkle.checkpoint import Checkpoint, claimed, open_checkpoint
from consent.log.merkle.logs import Name
from consent.log.merkle.note import parse_vkey
from consent.log.seal import Sealer
from consent.log.store import Store
from consent.log.verify import is_consistent
from tests.log.audit import note_of, proof_of_growth
from tests.log.samples import DAY, MS, NOW, RECEIPT, SITE, SOFTWARE, make, record, refuse

ORIGIN = f"{SITE}/consent/2026"
YEAR = 365 * DAY


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
            opening, *leaves = every_leaf(snapshot, ORIGIN)
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
            hashes = [leaf.hash for leaf in every_leaf(snapshot, ORIGIN)]

        assert (log.origin, log.folder, log.year, log.shard, log.size) == (
            ORIGIN, "2026", 2026, 0, 4,
        )  # fmt: skip
        assert checkpoint.size == 4
        whole = tree.node_hash(tree.node_hash(*hashes[:2]), tree.node_hash(*hashes[2:]))
        assert checkpoint.root == whole
        assert note_of(store, ORIGIN) == log.checkpoint
        assert sealer.anchors.newest(SITE) == {Name(2026): log.checkpoint}

    def test_sealing_again_goes_on(self, store, sealer):
        """
        What comes later is added behind, and the checkpoint before is proven to be its
        beginning (EV-08).
        """
        roots = {}
        for n in range(4):
            store.append(make(now_ns=NOW + n * MS))
            sealer.seal(NOW)
            roots[n + 2] = claimed(note_of(store, ORIGIN)).root

        for size, root in roots.items():
            old, *lines = proof_of_growth(store, ORIGIN, size).partition("\n\n")[0].splitlines()
            proof = [b64decode(line) for line in lines]
            assert old == f"old {size}"
            first, last = Checkpoint(ORIGIN, size, root), Checkpoint(ORIGIN, 5, roots[5])
            assert is_consistent(first, last, proof)

    def test_with_nothing_to_seal_nothing_is_written(self, store, sealer):
        """
        A site that nobody visits signs nothing; there is no checkpoint of an empty log.
        """
        assert sealer.seal(NOW) == 0
        assert store.logs() == []
        assert not sealer.key.exists()

    def test_a_backlog_is_sealed_in_batches(self, store, sealer, monkeypatch):
        """
        However many events wait, each transaction takes a bounded number of them, so that
        decisions come in between.
        """
        monkeypatch.setattr(seal, "BATCH", 2)
        for n in range(5):
            store.append(make(now_ns=NOW + n * MS))

        assert sealer.seal(NOW) == 5
        assert store.logs()[0].size == 6
        assert len(sealer.anchors.path.read_bytes().splitlines()) == 3

    def test_a_seal_ends_where_decisions_never_cease(self, store, sealer, monkeypatch):
        """
        What is recorded while a seal is at work is sealed by the next one, a second later, and not
        at once in a batch of its own for the few that came.
        """
        publish, later = sealer.publish, count(1)

        def meanwhile(note, now_ns):
            publish(note, now_ns)
            store.append(make(now_ns=NOW + next(later) * MS))

        store.append(make())
        monkeypatch.setattr(sealer, "publish", meanwhile)

        assert [sealer.seal(NOW), sealer.seal(NOW)] == [1, 1]
        assert store.is_waiting()

    def test_an_event_proves_itself(self, store, sealer):
        """
        The proof of an event leads from its bytes and its salt to the signed root, also after
        the log has grown; an event that is not sealed yet has none (EV-08, EV-10).
        """
        record(store, (refuse(now_ns=NOW + n * MS) for n in range(300)))
        store.append(make(now_ns=NOW + 300 * MS))
        [before] = store.evidence(RECEIPT)
        sealer.seal(NOW)
        [early] = store.evidence(RECEIPT)
        store.append(refuse(now_ns=NOW + 301 * MS))
        sealer.seal(NOW)
        [late] = store.evidence(RECEIPT)

        assert before.proof is None
        for evidence, size in ((early, 302), (late, 303)):
            head, _, note = evidence.proof.partition("\n\n")
            kind, extra, index, *path = head.splitlines()
            checkpoint = open_checkpoint(note, [parse_vkey(store.logs()[0].vkey)])
            assert kind == "c2sp.org/tlog-proof@v1"
            assert b64decode(extra.removeprefix("extra ")) == evidence.salt
            leaf = tree.leaf_hash(tree.commitment(evidence.salt, evidence.body))
            place = (int(index.removeprefix("index ")), size, [b64decode(line) for line in path])
            assert checkpoint.size == size
            assert tree.root_of_inclusion(leaf, *place) == checkpoint.root

    def test_a_new_year_is_a_new_log(self, store, sealer):
        """
        Each year has a log, which begins with the last checkpoint of the one before.
        """
        store.append(make())
        sealer.seal(NOW)
        store.append(make(now_ns=NOW + 40 * DAY))
        sealer.seal(NOW + 40 * DAY)
        old, new = store.logs()
        with store.snapshot() as snapshot:
            opening = snapshot.opening(new.origin)

        assert (old.year, old.size, new.year, new.size) == (2026, 2, 2027, 2)
        assert opening["previous"] == old.checkpoint
        assert (opening["reason"], opening["gap"]) == ("year", None)
        assert opening["key"] == new.vkey != old.vkey

    def test_a_clock_that_goes_back_changes_no_order(self, store, sealer):
        """
        If the clock of the machine is set back, even into another year, the log goes on, and the
        newest checkpoint is the one with the most leaves.
        """
        for n, now_ns in enumerate((NOW, NOW - 3 * DAY, NOW - 400 * DAY)):
            store.append(make(now_ns=now_ns))
            sealer.seal(now_ns)
            assert [log.size for log in store.logs()] == [n + 2]

    def test_one_checkpoint_is_kept_for_each_day(self, store, sealer):
        """
        What the log said about itself at the end of each day can be asked for.
        """
        for hours in (0, 1, 24):
            store.append(make(now_ns=NOW + hours * DAY // 24))
            sealer.seal(NOW + hours * DAY // 24)

        days = [day_of(NOW // 10**9) + n for n in (-1, 0, 1)]
        with store.snapshot() as now:
            kept = now.connection.execute(select(tables.checkpoint.c.size)).scalars().all()
            before, *found = (now.checkpoint_on(ORIGIN, day) for day in days)
        assert before is None
        assert [claimed(note).size for note in found] == sorted(kept) == [3, 4]

    def test_sites_in_one_database_have_their_own_logs(self, store, sealer, url):
        """
        The logs of two sites in one database with one key do not touch each other (EV-14).
        """
        other = Store(url, "other.example")
        other.append(make(site="other.example"))
        store.append(make())
        sealer.seal(NOW)
        Sealer(other, sealer.key, SOFTWARE).seal(NOW)

        assert [log.origin for log in store.logs()] == [ORIGIN]
        assert [log.origin for log in other.logs()] == ["other.example/consent/2026"]
        other.close()

    def test_no_proof_is_made_of_what_is_not_there(self, store, sealer):
        """
        Asking for a log or a size that never was is answered in words.
        """
        store.append(make())
        sealer.seal(NOW)

        assert note_of(store, f"{SITE}/consent/2025") is None
        for origin, size in ((ORIGIN, 0), (ORIGIN, 3), (f"{SITE}/consent/2025", 1)):
            with pytest.raises(LogError, match=origin):
                proof_of_growth(store, origin, size)

    def test_two_sealers_never_give_the_same_place(self, store, sealer, monkeypatch):
        """
        If another sealer was at work at the same time in spite of the lock, nothing is signed
        and nothing published (EV-08).
        """
        store.append(make())
        sealer.seal(NOW)
        store.append(make(now_ns=NOW + MS))
        add = Head.add

        def raced(head, events):
            add(head, events)
            head._connection.execute(text("UPDATE consent_head SET size = size + 1"))

        with monkeypatch.context() as patch:
            patch.setattr(Head, "add", raced)
            with pytest.raises(LogError, match="another sealer"):
                sealer.seal(NOW)
        assert store.logs()[0].size == 2
        assert sealer.seal(NOW) == 1

    @pytest.mark.parametrize("is_first", [True, False], ids=["the first", "of a new year"])
    def test_no_log_begins_with_nothing(self, store, sealer, monkeypatch, is_first):
        """
        Whoever comes a moment after another sealer, with the new year between them, or finds that
        what waited has been erased, begins no log: there is nothing to sign, and what is decided
        next has to find its place (EV-08).
        """
        if not is_first:
            store.append(make())
            sealer.seal(NOW)
        with monkeypatch.context() as patch:
            looks = iter([True, False])
            patch.setattr(store, "is_waiting", lambda: next(looks))
            assert sealer.seal(NOW + YEAR) == 0
        before = len(store.logs())
        store.append(make(now_ns=NOW + YEAR))

        assert (before, sealer.seal(NOW + YEAR)) == (0 if is_first else 1, 1)
        assert [log.size for log in store.logs()] == [2] * (before + 1)


class TestSealOnPostgreSQL(TestSeal):
    """The same promises on PostgreSQL."""

    @pytest.fixture
    def url(self, postgresql: str) -> str:
        return postgresql
