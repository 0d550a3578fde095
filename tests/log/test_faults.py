"""
A fault at any step of a seal loses nothing, and publishes nothing that is not there.

Sunlight (a log for Certificate Transparency) names ten faults in its own test, TestSequenceErrors:
five steps, each of which fails before it took effect, or took effect and is reported as failed.
All ten are tried here, for the first seal of a log and for a later one, on both databases:

    Sunlight                          here, in STEPS
    lock upload, and persisted        "head": the compare-and-swap that only one sealer wins
    checkpoint upload, and persisted  "checkpoint": its row; "anchor": what makes it public
    staging upload, and persisted     "commit": the transaction that holds the batch as a whole
    data tile upload, and persisted   "leaves": which event has which place
    level 0 tile upload, and persisted  "tiles": the hashes of the leaves

Beyond them the queue, the signature, erasures and rotations. After each fault another process
goes on, and the whole log is looked at (:func:`tests.log.audit.audit`), as Sunlight's CheckLog
does: every tile and leaf is read again, head, checkpoints and anchors speak of one tree, sizes
grow. Faults of other kinds are tried elsewhere:

    any system call fails or kills    test_injected.py
    power is cut at any moment        test_powercut.py
    the database is lost or refuses   test_connection.py, test_transaction.py
    processes die, the server too     test_crowd.py
    an old database, a wrong clock    test_guard.py, test_seal.py
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import contextmanager

import pytest
from sqlalchemy import event as listening

from consent.errors import LogError, LogUnavailable
from consent.log import succession
from consent.log.anchor import Anchors
from consent.log.database import tables
from consent.log.erase import Eraser
from consent.log.head import Head
from consent.log.merkle.checkpoint import claimed
from consent.log.seal import Sealer
from consent.log.store import Store
from tests.log.audit import audit, note_of, published
from tests.log.samples import MS, NOW, RECEIPT, SITE, SOFTWARE, make, record, refuse

ORIGIN = f"{SITE}/consent/2026"

#: What a log is in, beside its events.
EMPTIED = (tables.head, tables.checkpoint, tables.tile, tables.leaf)

#: The steps of a seal: what does it, and for which table if there are several.
STEPS = {
    "taking from the queue": (Head, "take", None),
    "leaves": (Head, "add", None),
    "tiles": (Head, "_put", tables.tile),
    "checkpoint": (Head, "_put", tables.checkpoint),
    "signature": (Head, "sign", None),
    "head": (Head, "move", None),
    "commit": (Store, "transact", None),
    "anchor": (Anchors, "append", None),
}


@contextmanager
def failing(owner: type, name: str, table: object, *, stored: bool):
    """Let a step fail, before or after it took effect."""
    step: Callable = getattr(owner, name)

    def fail(self, *about, **more):
        if table is not None and about[0] is not table:
            return step(self, *about, **more)
        if stored:
            step(self, *about, **more)
        raise LogUnavailable("a fault")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(owner, name, fail)
        yield


@pytest.fixture
def later(url, sealer):
    """A process that starts afterwards."""
    stores = []

    def start() -> Sealer:
        stores.append(Store(url, SITE))
        return Sealer(stores[-1], sealer.key, SOFTWARE)

    yield start
    for store in stores:
        store.close()


class TestFaults:
    """On SQLite; the class below runs all of it on PostgreSQL."""

    @pytest.mark.parametrize("stored", [False, True], ids=["not stored", "stored"])
    @pytest.mark.parametrize("step", STEPS)
    def test_a_step_that_fails_loses_nothing(self, store, sealer, later, step, stored):
        """
        After a fault at any step the next process seals everything once, what was published
        before is the beginning of it, and time makes progress (EV-08).
        """
        for n in range(3):
            store.append(refuse(now_ns=NOW + n * MS))
        sealer.seal(NOW)
        record(store, (refuse(now_ns=NOW + n * MS) for n in range(3, 300)))

        with failing(*STEPS[step], stored=stored), pytest.raises(LogError, match="a fault"):
            sealer.seal(NOW)
        for note in published(sealer.anchors, ORIGIN):
            assert claimed(note).size <= claimed(note_of(store, ORIGIN)).size
        audit(store, sealer.anchors)
        later().seal(NOW)
        store.append(refuse(now_ns=NOW + 300 * MS))
        later().seal(NOW)
        assert len(audit(store, sealer.anchors)) == 302
        assert claimed(published(sealer.anchors, ORIGIN)[-1]).size == 302

    @pytest.mark.parametrize("stored", [False, True], ids=["not stored", "stored"])
    @pytest.mark.parametrize("step", STEPS)
    def test_a_first_seal_that_fails_is_done_again(self, store, sealer, later, step, stored):
        """
        If the first seal of all is cut off, the next process begins the log, once.
        """
        store.append(make())
        with failing(*STEPS[step], stored=stored), pytest.raises(LogError, match="a fault"):
            sealer.seal(NOW)
        store.append(make(now_ns=NOW + MS))
        later().seal(NOW)

        assert len(audit(store, sealer.anchors)) == 3
        assert len(store.logs()) == 1

    @pytest.mark.parametrize("work", ["seal", "erase", "rotate"])
    def test_what_was_cut_off_before_it_was_published_is_published_later(
        self, store, sealer, later, work
    ):
        """
        Who is killed between making a checkpoint durable and publishing it leaves that to the next
        process, which does it though nothing new was recorded, and never twice (EV-08).
        """
        store.append(make())
        if work != "seal":
            sealer.seal(NOW)
        done = {
            "seal": lambda sealer: sealer.seal(NOW),
            "erase": lambda sealer: Eraser(sealer, "x").erase_receipt(RECEIPT, "art-17", NOW),
            "rotate": lambda sealer: succession.rotate(sealer, "x", now_ns=NOW),
        }
        with failing(*STEPS["anchor"], stored=False), pytest.raises(LogError, match="a fault"):
            done[work](sealer)
        newest = store.logs()[-1]
        before = published(sealer.anchors, newest.origin)
        done["rotate" if work == "rotate" else "seal"](later())
        later().seal(NOW)

        assert newest.checkpoint not in before
        assert published(sealer.anchors, newest.origin) == [*before, newest.checkpoint]

    def test_what_could_not_be_published_is_published_by_the_same_process(self, store, sealer):
        """
        A disk that was full for a while leaves nothing unpublished until the next decision (EV-08).
        """
        for n in range(2):
            store.append(make(now_ns=NOW + n * MS))
            with failing(*STEPS["anchor"], stored=False), pytest.raises(LogError, match="a fault"):
                sealer.seal(NOW)
            assert sealer.seal(NOW) == 0
            assert published(sealer.anchors, ORIGIN)[-1] == note_of(store, ORIGIN)

    def test_what_was_done_though_its_end_was_not_heard_of_is_published(
        self, store, sealer, monkeypatch
    ):
        """
        A connection that is lost after the database has taken a seal lets it be done again, which
        finds nothing to seal; the checkpoint is published all the same (EV-08).
        """
        store.append(make())
        sealer.seal(NOW)
        store.append(make(now_ns=NOW + MS))
        transact = store.transact
        with monkeypatch.context() as patch:
            patch.setattr(store, "transact", lambda work: (transact(work), transact(work))[1])
            sealer.seal(NOW)

        assert store.logs()[0].size == 3
        assert published(sealer.anchors, ORIGIN)[-1] == note_of(store, ORIGIN)

    def test_nothing_is_published_that_is_not_sound(self, store, sealer, later):
        """
        A checkpoint that another key signed, or whose tree is not there, is published by nobody.
        """
        store.append(make())
        with failing(*STEPS["anchor"], stored=False), pytest.raises(LogError, match="a fault"):
            sealer.seal(NOW)
        sealer.key.unlink()

        with pytest.raises(LogError, match="the key of the log is gone"):
            later().seal(NOW)
        assert published(sealer.anchors, ORIGIN) == []

    def test_an_empty_database_is_told_though_nothing_waits(self, store, sealer, later, url):
        """
        Where an empty database has taken the place of the log, the next process says so at once,
        not only after the next decision (EV-08).
        """
        store.append(make())
        sealer.seal(NOW)
        store.transact(lambda connection: [connection.execute(t.delete()) for t in EMPTIED])

        with pytest.raises(LogError, match="the database has 0"):
            later().seal(NOW)

    def test_where_nothing_has_to_be_done_nobody_is_kept_waiting(self, store, sealer, later):
        """
        A sealer that starts on a log that is sealed and published writes nothing, so that it needs
        no turn.
        """
        store.append(make())
        sealer.seal(NOW)

        with failing(*STEPS["commit"], stored=False):
            assert later().seal(NOW) == 0

    @pytest.mark.parametrize("stored", [False, True], ids=["not stored", "stored"])
    @pytest.mark.parametrize("step", ["head", "commit", "anchor"])
    def test_an_erasure_that_fails_can_be_repeated(self, store, sealer, later, step, stored):
        """
        An erasure that is cut off has taken place with its event, or not at all (AU-09).
        """
        for n in range(3):
            store.append(make(now_ns=NOW + n * MS))
        sealer.seal(NOW)
        with failing(*STEPS[step], stored=stored), pytest.raises(LogError, match="a fault"):
            Eraser(sealer, "x").erase_receipt(RECEIPT, "art-17", NOW)
        left = len(store.history(RECEIPT))
        Eraser(later(), "x").erase_receipt(RECEIPT, "art-17", NOW)

        assert left in (0, 3)
        assert store.history(RECEIPT) == []
        assert later().seal(NOW) == 0
        assert store.count() == 2

    @pytest.mark.parametrize("stored", [False, True], ids=["not stored", "stored"])
    @pytest.mark.parametrize("step", ["head", "commit", "anchor"])
    def test_a_rotation_that_fails_can_be_repeated(self, store, sealer, later, step, stored):
        """
        A rotation that is cut off leaves one key that signs, after repeating it once.
        """
        store.append(make())
        sealer.seal(NOW)
        with failing(*STEPS[step], stored=stored), pytest.raises(LogError, match="a fault"):
            succession.rotate(sealer, "x", now_ns=NOW)
        succession.rotate(later(), "x", now_ns=NOW)
        store.append(make(now_ns=NOW + MS))
        later().seal(NOW)

        assert len(store.logs()) == 2
        audit(store, sealer.anchors)

    def test_a_refused_commit_publishes_nothing(self, store, sealer):
        """
        If the database refuses to make a seal durable, no anchor speaks of it, and everything
        waits for the next one (EV-08).
        """
        store.append(make())

        def refuse_commit(connection):
            raise LogUnavailable("no commit")

        listening.listen(store._engine, "commit", refuse_commit)
        with pytest.raises(LogUnavailable, match="no commit"):
            sealer.seal(NOW)
        listening.remove(store._engine, "commit", refuse_commit)
        assert not sealer.anchors.path.exists()
        assert store.logs() == []
        assert sealer.seal(NOW) == 1


class TestFaultsOnPostgreSQL(TestFaults):
    """The same promises on PostgreSQL."""

    @pytest.fixture
    def url(self, postgresql: str) -> str:
        return postgresql
