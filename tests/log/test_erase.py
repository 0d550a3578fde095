"""What is erased is gone, what stays can be checked, and nothing vanishes without a word."""

from __future__ import annotations

import datetime as dt
import importlib
import json
import shutil
import sqlite3
import sys
from base64 import b64decode
from collections.abc import Iterator
from datetime import date, timedelta
from functools import partial
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import text, update

from consent.errors import LogError
from consent.log import erase, event, retention, succession
from consent.log import wipe as wiping
from consent.log.database import tables
from consent.log.erase import Eraser
from consent.log.leaves import every_leaf
from consent.log.merkle import tree
from consent.log.merkle.checkpoint import Checkpoint, claimed
from consent.log.retention import before_a_gap, expired, left
from consent.log.seal import Sealer
from consent.log.store import Store
from consent.log.verify import is_consistent
from tests import postgres
from tests.log.audit import note_of, proof_of_growth
from tests.log.samples import DAY, MS, NOW, RECEIPT, SITE, SOFTWARE, make, refuse
from tests.postgres import Cluster

ORIGIN = f"{SITE}/consent/2026"
OTHER = "zzzzyyyyxxxxwwwwvvvvuuuu77"


@pytest.fixture
def eraser(sealer) -> Eraser:
    return Eraser(sealer, "Datenschutzbeauftragte")


@pytest.fixture
def told(store, sealer) -> Store:
    """Six decisions, three of them of one receipt, sealed."""
    for n in range(6):
        store.append(make(now_ns=NOW + n * MS, receipt=RECEIPT if n in (1, 2, 4) else OTHER))
    sealer.seal(NOW)
    return store


def leaves(store: Store, origin: str = ORIGIN) -> list:
    with store.snapshot() as snapshot:
        return list(every_leaf(snapshot, origin))


class TestErasure:
    """On SQLite; the class below runs all of it on PostgreSQL."""

    def test_records_go_and_their_places_stay(self, told, eraser):
        """
        Row and salt of an erased record are gone; the hash of its leaf is what it was, so the
        tree still has the root that was signed (AU-09).
        """
        before = leaves(told)

        assert eraser.erase_receipt(RECEIPT, "art-17", NOW) == 3
        after = leaves(told)
        assert told.history(RECEIPT) == []
        assert [leaf.hash for leaf in after[:7]] == [leaf.hash for leaf in before]
        assert [leaf.index for leaf in after if leaf.body is None] == [2, 3, 5]
        assert all(leaf.salt is None for leaf in after if leaf.body is None)
        _, *path = proof_of_growth(told, ORIGIN, 7).partition("\n\n")[0].splitlines()
        root = claimed(note_of(told, ORIGIN)).root
        old = tree.root(7, lambda level, index: _node(before, level, index))
        first, last = Checkpoint(ORIGIN, 7, old), Checkpoint(ORIGIN, 8, root)
        assert is_consistent(first, last, [b64decode(line) for line in path])

    def test_an_erasure_is_an_event(self, told, eraser):
        """
        The log says which places were erased, how many, why and by whom, and not whose record
        it was (AU-10, EV-15).
        """
        eraser.erase_receipt(RECEIPT, "art-17", NOW)
        last = leaves(told)[-1].body

        fields = json.loads(last)
        assert {name: fields[name] for name in ("event", "log", "indexes", "rows")} == {
            "event": "erasure", "log": ORIGIN, "indexes": "2-3 5", "rows": 3,
        }  # fmt: skip
        assert (fields["ground"], fields["by"]) == ("art-17", "Datenschutzbeauftragte")
        assert RECEIPT.encode() not in last

    def test_no_id_of_an_erased_record_is_left(self, told, eraser):
        """
        An id holds the millisecond of the decision, so it goes with the record (AU-09).
        """
        ids = told.ids(RECEIPT)
        eraser.erase_receipt(RECEIPT, "art-17", NOW)

        with told._engine.connect() as connection:
            left = connection.execute(text("SELECT id FROM consent_leaf")).scalars().all()
        assert not set(ids) & {bytes(id) for id in left if id}
        assert left.count(None) == 3

    def test_nor_of_an_act_that_was_erased(self, told, eraser):
        """
        Who did what with the log is noted beside the event, and goes with it (AU-09).
        """
        act = event.access(
            now_ns=NOW, site=SITE, by="Anna", what="look-up", about="x", software=SOFTWARE
        )
        told.append(act)
        eraser.erase([act.id.bytes], "retention", NOW)

        with told._engine.connect() as connection:
            left = connection.execute(text("SELECT id FROM consent_act")).scalars().all()
        assert len(left) == 1  # the erasure itself
        assert act.id.bytes not in map(bytes, left)

    def test_it_is_published(self, told, eraser, sealer):
        """
        A copy of the database from before an erasure is found out by the anchors (EV-08).
        """
        eraser.erase_receipt(RECEIPT, "art-17", NOW)

        assert [*sealer.anchors.newest(SITE).values()] == [note_of(told, ORIGIN)]

    def test_who_kept_the_receipt_can_still_prove_it(self, told, eraser):
        """
        The proof that a visitor took along before the erasure leads to the signed root (AU-09,
        EV-10).
        """
        kept = told.evidence(RECEIPT)[0]
        eraser.erase_receipt(RECEIPT, "art-17", NOW)

        hash = tree.leaf_hash(tree.commitment(kept.salt, kept.body))
        assert leaves(told)[2].hash == hash

    def test_what_is_not_sealed_yet_is_sealed_first(self, told, eraser):
        """
        A record that was made a moment ago is erased like every other, and has a place.
        """
        told.append(make(now_ns=NOW + 9 * MS))

        assert eraser.erase_receipt(RECEIPT, "art-17", NOW) == 4
        assert not told.is_waiting()
        assert told.history(RECEIPT) == []

    def test_records_in_two_logs_are_erased_in_both(self, told, eraser, sealer):
        """
        A consent that was withdrawn in the next year has places in two logs; each erasure names
        its log.
        """
        told.append(make(now_ns=NOW + 60 * DAY, kind="withdrawal", granted=()))

        assert eraser.erase_receipt(RECEIPT, "art-17", NOW + 61 * DAY) == 4
        events = [json.loads(leaf.body) for leaf in leaves(told, f"{SITE}/consent/2027")[2:]]
        assert [(e["log"][-4:], e["indexes"]) for e in events] == [("2026", "2-3 5"), ("2027", "1")]

    def test_many_are_erased_in_batches(self, told, eraser, monkeypatch):
        """
        However many records are erased, each transaction takes a bounded number, and each has
        its event.
        """
        monkeypatch.setattr(erase, "BATCH", 2)
        eraser.erase(told.ids(RECEIPT) + told.ids(OTHER), "retention", NOW)

        events = [json.loads(leaf.body) for leaf in leaves(told)[7:]]
        assert [event["rows"] for event in events] == [2, 2, 2]
        assert told.count() == 4  # these three, and the opening

    def test_an_unknown_receipt_erases_nothing(self, told, eraser):
        """
        Nothing is written where there is nothing to erase.
        """
        assert eraser.erase_receipt("b" * 26, "art-17", NOW) == 0
        assert len(leaves(told)) == 7

    def test_who_comes_second_begins_no_log(self, told, eraser, sealer):
        """
        Of two who erase the same at the turn of a year, the second finds nothing, and what is
        decided next has its place in the log of the new year (EV-08).
        """
        ids, later = told.ids(RECEIPT), NOW + 60 * DAY
        erased = [eraser.erase(ids, "art-17", at) for at in (NOW, later)]
        told.append(make(now_ns=later, receipt=OTHER))

        assert (erased, sealer.seal(later)) == ([3, 0], 1)
        assert [log.size for log in told.logs()] == [8, 2]

    def test_an_event_that_was_taken_out_of_the_queue_is_told(self, told, eraser):
        """
        An event that somebody kept from being sealed is not erased as if it had a place.
        """
        told.append(make(now_ns=NOW + 9 * MS, receipt="c" * 26))
        with told._engine.begin() as connection:
            connection.execute(text("DELETE FROM consent_pending"))

        with pytest.raises(LogError, match="has no place"):
            eraser.erase_receipt("c" * 26, "art-17", NOW)

    def test_while_sealing_refuses_nothing_is_erased(self, told, eraser, sealer):
        """
        An erasure that could not be recorded does not take place.
        """
        sealer.key.unlink()

        with pytest.raises(LogError, match="the key of the log is gone"):
            eraser.erase_receipt(RECEIPT, "art-17", NOW)
        assert len(told.history(RECEIPT)) == 3


def _node(before: list, level: int, index: int) -> bytes:
    hashes = [leaf.hash for leaf in before[index << level : (index + 1) << level]]
    while len(hashes) > 1:
        hashes = [tree.node_hash(*hashes[n : n + 2]) for n in range(0, len(hashes), 2)]
    return hashes[0]


class TestErasureOnPostgreSQL(TestErasure):
    """The same promises on PostgreSQL, and one more."""

    @pytest.fixture
    def url(self, postgresql: str) -> str:
        return postgresql

    def test_no_dead_rows_are_left(self, told, eraser, url):
        """
        After an erasure no table has dead rows from which the record, its salt, its id, or who did
        what could be read (AU-09).
        """
        told.append(make(now_ns=NOW + 9 * MS))
        eraser.erase_receipt(RECEIPT, "art-17", NOW)

        with psycopg.connect(url) as connection:
            connection.execute("CREATE EXTENSION IF NOT EXISTS pgstattuple")
            dead = [
                connection.execute(
                    f"SELECT dead_tuple_count FROM pgstattuple('consent_{name}')"
                ).fetchone()
                for name in ("event", "act", "leaf", "pending")
            ]
        assert dead == [(0,)] * 4

    def test_a_reader_that_ends_soon_is_waited_for(self, told, eraser, url, monkeypatch):
        """
        Whoever only looks something up just then makes nobody do it again.
        """
        with psycopg.connect(url) as reader:
            reader.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
            reader.execute("SELECT count(*) FROM consent_event").fetchone()
            monkeypatch.setattr(wiping.time, "sleep", lambda _: reader.rollback())
            assert eraser.erase_receipt(RECEIPT, "art-17", NOW) == 3


class TestAReaderOnPostgreSQL:
    """On a server without others, whose transactions count as what a reader may still see."""

    @pytest.fixture
    def url(self, monkeypatch) -> Iterator[str]:
        monkeypatch.setitem(postgres.SETTINGS, "max_prepared_transactions", "1")
        with Cluster() as cluster:
            yield cluster.database()

    def test_a_reader_that_keeps_old_rows_is_told(self, told, eraser, url):
        """
        While somebody reads an older state, dead rows stay: the erasure says so, and what to do
        (AU-09).
        """
        with psycopg.connect(url) as reader, pytest.MonkeyPatch.context() as patch:
            reader.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
            reader.execute("SELECT count(*) FROM consent_event").fetchone()
            patch.setattr(wiping, "PATIENCE", 0)
            with pytest.raises(LogError, match="flask consent log wipe"):
                eraser.erase_receipt(RECEIPT, "art-17", NOW)
        assert told.history(RECEIPT) == []

        with psycopg.connect(url) as later:
            later.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
            later.execute("SELECT count(*) FROM consent_event").fetchone()
            wiping.wipe(told)

    def test_a_transaction_that_somebody_forgot_is_told(self, told, eraser, url, monkeypatch):
        """
        So it is while one is prepared and neither committed nor rolled back, which no program does
        that one could end (AU-09).
        """
        monkeypatch.setattr(wiping, "PATIENCE", 0)
        with psycopg.connect(url) as other:
            other.execute("SELECT pg_current_xact_id()")
            other.execute("PREPARE TRANSACTION 'forgotten'")
        with pytest.raises(LogError, match="a prepared transaction"):
            eraser.erase_receipt(RECEIPT, "art-17", NOW)
        with psycopg.connect(url, autocommit=True) as other:
            other.execute("ROLLBACK PREPARED 'forgotten'")
        wiping.wipe(told)


def everything(url: str) -> bytes:
    """All bytes of the database's files."""
    folder = Path(url.removeprefix("sqlite:///")).parent
    return b"".join(file.read_bytes() for file in folder.iterdir())


def test_nothing_is_left_in_the_files(store, sealer, eraser, url):
    """
    Neither receipt nor id nor salt of an erased record is anywhere in the database's files, also
    not of records that were moved between pages (AU-09).
    """
    for n in range(400):
        receipt = RECEIPT if n % 20 == 7 else f"{n:026}"
        store.append(make(now_ns=NOW + (n * 7919 % 400) * MS, receipt=receipt))
    sealer.seal(NOW)
    found = store.evidence(RECEIPT)
    ids = store.ids(RECEIPT)
    secrets = [RECEIPT.encode(), *ids, *(e.salt for e in found)]
    assert all(secret in everything(url) for secret in secrets)

    eraser.erase_receipt(RECEIPT, "art-17", NOW)
    assert [secret for secret in secrets if secret in everything(url)] == []


def test_a_copy_that_is_left_anywhere_is_gone_as_well(told, eraser, url, monkeypatch):
    """
    A copy of a record in a page that is not in use, as SQLite may leave one when it moves rows, is
    found, and gone when the command has ended (AU-09).
    """
    salt = told.evidence(RECEIPT)[0].salt
    with sqlite3.connect(url.removeprefix("sqlite:///"), isolation_level=None) as other:
        leave(other, salt[:20])
    other.close()
    asked = statements(told, monkeypatch)
    eraser.erase_receipt(RECEIPT, "art-17", NOW)

    assert "VACUUM" in asked
    assert salt[:20] not in everything(url)


def leave(other: sqlite3.Connection, piece: bytes) -> None:
    """Leave a copy of *piece* in a page that is not in use."""
    other.execute("PRAGMA secure_delete = OFF")
    other.execute("CREATE TABLE moved (piece BLOB)")
    other.execute("INSERT INTO moved VALUES (?)", (piece,))
    other.execute("DROP TABLE moved")


def statements(store: Store, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return a list that will hold what is asked of the database's own files."""
    asked: list[str] = []
    maintain = store.maintain
    monkeypatch.setattr(store, "maintain", lambda words: (asked.append(words), maintain(words))[1])
    return asked


def test_a_file_is_not_written_anew_without_need(told, eraser, url, monkeypatch):
    """
    Where nothing is left of an erased record in the files, as is usual, decisions do not wait
    for all of the file to be written (AU-09).
    """
    secrets = [RECEIPT.encode(), *told.ids(RECEIPT), *(e.salt for e in told.evidence(RECEIPT))]
    asked = statements(told, monkeypatch)
    eraser.erase_receipt(RECEIPT, "art-17", NOW)

    assert [secret for secret in secrets if secret in everything(url)] == []
    assert asked == ["PRAGMA wal_checkpoint(TRUNCATE)"]


def test_very_many_are_not_searched_for(told, eraser, monkeypatch):
    """
    After an erasure of very many records the file is written anew at once.
    """
    monkeypatch.setattr(wiping, "MANY", 3)
    asked = statements(told, monkeypatch)
    eraser.erase_receipt(RECEIPT, "art-17", NOW)

    assert "VACUUM" in asked


def test_a_reader_that_keeps_old_pages_is_told(told, eraser, url):
    """
    While another program reads an older state of the file the erasure says what to do; done once
    the reader is through, it leaves nothing, even if that program keeps the file open (AU-09).
    """
    secrets = [RECEIPT.encode(), *(e.salt for e in told.evidence(RECEIPT))]
    with sqlite3.connect(url.removeprefix("sqlite:///"), isolation_level=None) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM consent_event").fetchone()
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("consent.log.database.connection.PATIENCE", 0.01)
            hasty = Store(url, SITE)
        hurried = Eraser(Sealer(hasty, eraser.sealer.key, SOFTWARE), "x")
        with pytest.raises(LogError, match="flask consent log wipe"):
            hurried.erase_receipt(RECEIPT, "art-17", NOW)
        hasty.close()
        assert all(secret in everything(url) for secret in secrets)
        reader.execute("COMMIT")
        leave(reader, secrets[-1])
        wiping.wipe(told)
        assert [secret for secret in secrets if secret in everything(url)] == []
    reader.close()
    assert told.history(RECEIPT) == []


def test_a_restored_backup_is_erased_again(told, eraser, sealer, url, tmp_path):
    """
    What comes back with an old copy of the database is erased again when the log is reopened,
    sealed or not, and the log says so (AU-09).
    """
    file = url.removeprefix("sqlite:///")
    told.append(make(now_ns=NOW + 9 * MS))
    told.close()
    shutil.copy(file, tmp_path / "backup")
    eraser.erase_receipt(RECEIPT, "art-17", NOW)
    told.close()
    shutil.copy(tmp_path / "backup", file)
    assert len(told.history(RECEIPT)) == 4

    succession.reopen(sealer, NOW)
    assert eraser.replay(NOW) == 4
    assert told.history(RECEIPT) == []
    assert RECEIPT.encode() not in everything(url)
    events = [json.loads(leaf.body) for leaf in leaves(told, f"{SITE}/consent/2026.1") if leaf.body]
    erasures = [(e["ground"], e["indexes"], e["log"][-6:]) for e in events[1:]]
    assert erasures == [("restore", "2-3 5", "t/2026"), ("restore", "1", "2026.1")]
    assert eraser.replay(NOW) == 0


def test_nothing_is_erased_from_an_old_copy(told, eraser, url, tmp_path):
    """
    A copy that took the database's place while the process ran is no log to sign an erasure in;
    what is to go is erased from the right one (EV-08).
    """
    file = url.removeprefix("sqlite:///")
    told.close()
    shutil.copy(file, tmp_path / "backup")
    told.append(make(now_ns=NOW + 9 * MS, receipt=OTHER))
    eraser.sealer.seal(NOW)
    told.close()
    shutil.copy(tmp_path / "backup", file)

    with pytest.raises(LogError, match="was published"):
        eraser.erase_receipt(RECEIPT, "art-17", NOW)
    assert len(told.history(RECEIPT)) == 3
    assert not eraser.path.exists()


def test_the_list_of_what_was_erased_names_nobody(told, eraser):
    """
    What is kept for restores is the hashes of the leaves, which stay in the tree anyway.
    """
    hashes = [leaves(told)[n].hash for n in (2, 3, 5)]
    eraser.erase_receipt(RECEIPT, "art-17", NOW)

    assert [b64decode(line) for line in eraser.path.read_bytes().split()] == hashes
    assert eraser.path.stat().st_mode & 0o777 == 0o600


def test_a_cut_line_in_the_list_does_no_harm(told, eraser):
    """
    A power cut while the list is written leaves what comes before and after readable.
    """
    eraser.path.parent.mkdir(exist_ok=True)
    eraser.path.write_bytes(b"AAAA")
    eraser.erase_receipt(RECEIPT, "art-17", NOW)

    assert len(eraser._kept()) == 3


def test_the_beginning_of_a_log_is_never_erased(told, eraser):
    """
    Whoever adds to the list the hash that every export has of leaf 0 does not break the log.
    """
    eraser._keep([leaves(told)[0].hash])

    assert eraser.replay(NOW) == 0
    assert leaves(told)[0].body is not None


def test_a_list_that_cannot_be_kept_stops_the_erasure(told, eraser):
    """
    What could come back with a backup unnoticed is not erased halfway.
    """
    eraser.path.mkdir(parents=True)

    with pytest.raises(LogError, match=r"consent\.erased: cannot be written"):
        eraser.erase_receipt(RECEIPT, "art-17", NOW)
    with pytest.raises(LogError, match=r"consent\.erased: cannot be read"):
        eraser.replay(NOW)
    assert len(told.history(RECEIPT)) == 3


class TestRetention:
    """On SQLite; the class below runs all of it on PostgreSQL."""

    def due(self, store: Store, year: int | None, today: str) -> set[bytes]:
        with store.snapshot() as snapshot:
            return set(expired(snapshot, year, date.fromisoformat(today)))

    @pytest.mark.parametrize(
        ("year", "today", "is_due"),
        [(2026, "2030-12-31", False), (2027, "2031-01-01", True), (None, "2031-01-01", False)],
    )
    def test_a_consent_is_kept_until_its_year_is_past(self, store, year, today, is_due):
        """
        A consent that was valid until May 2027 is kept while the time for 2027 is not past
        (EV-15).
        """
        grant = make(valid_until="2027-05-24")
        store.append(grant)

        assert self.due(store, year, today) == ({grant.id.bytes} if is_due else set())

    def test_a_clock_that_a_test_has_stopped_alters_no_event(self, store, monkeypatch):
        """
        A site's own test may have the clock stand still, for which freezegun and the like put
        classes of their own in the place of Python's, and only then run ``flask consent expire``.
        """
        store.append(make(valid_until="2027-05-24"))
        name = retention.__name__
        monkeypatch.setattr(name, retention)
        monkeypatch.delitem(sys.modules, name)
        for name_of_class in ("date", "datetime"):
            real = getattr(dt, name_of_class)
            monkeypatch.setattr(dt, name_of_class, type("Fake", (real,), {}))
        undue: list[bytes] = []
        with store.snapshot() as snapshot:
            late = importlib.import_module(name)
            [due] = late.expired(snapshot, 2027, dt.date(2031, 1, 1), undue)

        assert late is not retention
        assert (bool(due), undue) == (True, [])

    def test_a_receipt_with_an_event_that_was_altered_is_kept_whole(self, store):
        """
        Where nobody can tell when one event of a receipt is due, the others stay with it, and only
        that one is said to be altered (EV-15).
        """
        grant, change = make(), make(now_ns=NOW + MS, kind="change")
        for each in (grant, change):
            store.append(each)
        row = update(tables.event).where(tables.event.c.id == grant.id.bytes)
        store.transact(lambda connection: connection.execute(row.values(body=b"[]")))
        undue: list[bytes] = []
        with store.snapshot() as snapshot:
            due = list(expired(snapshot, 9998, date(9999, 1, 1), undue))

        assert (due, undue) == ([], [grant.id.bytes])

    @pytest.mark.parametrize(
        ("altered", "named"),
        [(1, [1]), (5, [1, 2, 3, 4, 5]), (6, [1, 2, 3, 4, 5, "…"])],
        ids=["one", "as many as are named", "more"],
    )
    def test_what_was_altered_is_named_by_its_place(self, store, sealer, altered, named):
        """
        Of events that stay because they were altered the first five are named by log and number,
        and it is said if there are more; before they are sealed they have no number (EV-15).
        """
        events = [make(now_ns=NOW + n * MS) for n in range(7)]
        for each in events:
            store.append(each)
        undue = [each.id.bytes for each in events[:altered]]
        with store.snapshot() as snapshot:
            before = left(snapshot, undue)
        sealer.seal(NOW)
        with store.snapshot() as snapshot:
            after = left(snapshot, undue)
        places = [f"{ORIGIN} {n}" if n != "…" else n for n in named]

        assert before.startswith(f"{altered} event")
        assert before.partition(" not erased: ")[2].startswith("not sealed yet")
        assert after.partition("\n")[0].partition(" not erased: ")[2] == ", ".join(places)

    def test_a_withdrawal_ends_the_consent(self, store):
        """
        All events of a consent that was withdrawn in 2026 go with that year, however long the
        consent would have been valid (EV-15).
        """
        grant = make(now_ns=NOW - 330 * DAY, valid_until="2027-05-24")
        withdrawn = make(now_ns=NOW + MS, kind="withdrawal", granted=(), valid_until="2027-05-24")
        for each in (grant, withdrawn):
            store.append(each)

        assert self.due(store, 2026, "2030-01-01") == {grant.id.bytes, withdrawn.id.bytes}
        assert self.due(store, 2025, "2029-12-31") == set()

    def test_a_consent_that_was_renewed_later_is_kept_whole(self, store):
        """
        The older events of a consent are kept as long as its newest one (EV-15).
        """
        store.append(make(valid_until="2026-12-24"))
        store.append(make(now_ns=NOW + 20 * DAY, kind="change", valid_until="2027-06-13"))
        store.append(make(now_ns=NOW + 300 * DAY, receipt=OTHER, valid_until="2028-06-13"))

        assert self.due(store, 2026, "2030-01-01") == set()
        assert len(self.due(store, 2027, "2031-01-01")) == 2

    @pytest.mark.parametrize(("today", "is_due"), [("2027-05-24", False), ("2027-05-25", True)])
    def test_a_refusal_goes_when_it_has_expired(self, store, today, is_due):
        """
        The note of a refusal is not kept longer than the refusal itself (EV-15, EV-06).
        """
        refusal = refuse(valid_until="2027-05-24")
        store.append(refusal)

        assert self.due(store, None, today) == ({refusal.id.bytes} if is_due else set())

    @pytest.mark.parametrize(
        ("ages", "gap"),
        [
            ([], None),
            ([93], None),
            ([94], 94),
            ([300, 94], 94),
            ([94, 30, 1, 0, -7], 94),
            ([94, 31], None),
            ([20], None),
        ],
    )
    def test_a_clock_that_is_far_ahead_leaves_a_gap(self, store, ages, gap):
        """
        What was recorded one to three months before bears out what day it is; what came lately
        does not, as the same clock may have been ahead by then (EV-15).
        """
        today = date(2026, 11, 25)
        for age in ages:
            store.append(make(now_ns=NOW - age * DAY))
        with store.snapshot() as snapshot:
            found = before_a_gap(snapshot, today)

        assert found == (None if gap is None else today - timedelta(days=gap))

    def test_a_clock_that_lost_its_time_is_borne_with(self, store):
        """
        A machine whose clock begins anew in 1970 gets an answer, too.
        """
        store.append(make())
        with store.snapshot() as snapshot:
            assert before_a_gap(snapshot, date(1970, 1, 1)) is None

    def test_what_has_no_end_ends_on_its_day(self, store):
        """
        A consent for one page view, an export, and a look at the desk with the name of who looked
        count for the year in which they were (EV-15).
        """
        once = make(kind="once", receipt=None, valid_until=None)
        taken = event.export(
            now_ns=NOW, site=SITE, by="x", format="csv", since=None, until=None, rows=0,
            software=SOFTWARE,
        )  # fmt: skip
        looked = event.access(
            now_ns=NOW, site=SITE, by="Anna", what="look-up", about="x", software=SOFTWARE
        )
        ended = (once, taken, looked)
        for each in ended:
            store.append(each)

        assert self.due(store, 2026, "2030-01-01") == {each.id.bytes for each in ended}
        assert self.due(store, 2025, "2029-12-31") == set()
        assert self.due(store, None, "2026-12-31") == set()

    def test_the_log_itself_stays(self, store, sealer):
        """
        What the log says about itself, and what was erased, is never past its time (AU-10).
        """
        store.append(make())
        eraser = Eraser(sealer, "x")
        eraser.erase_receipt(RECEIPT, "art-17", NOW)
        succession.rotate(sealer, "x", now_ns=NOW)

        assert self.due(store, 9998, "9999-01-01") == set()
        assert store.count() == 4  # two openings, the erasure, the change of the key

    def test_other_sites_keep_what_they_have(self, store, url):
        """
        Sites that share a database are each asked by their own time, and one that nobody visits
        is not taken for alive because of the others (EV-15).
        """
        other = Store(url, "other.example")
        old = NOW - 300 * DAY
        for each in (make, refuse, partial(make, receipt=None, kind="once", valid_until=None)):
            other.append(each(now_ns=old + DAY * 150, site="other.example"))
        store.append(make(now_ns=old))

        assert len(self.due(other, 9998, "9999-01-01")) == 3
        assert len(self.due(store, 9998, "9999-01-01")) == 1
        with store.snapshot() as snapshot:
            last = before_a_gap(snapshot, date(2026, 11, 25))
        assert last == date(2026, 11, 25) - timedelta(days=300)
        other.close()


class TestRetentionOnPostgreSQL(TestRetention):
    """The same promises on PostgreSQL."""

    @pytest.fixture
    def url(self, postgresql: str) -> str:
        return postgresql
