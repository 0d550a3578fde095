"""What was recorded stays, whatever happens to the process that recorded it."""

from __future__ import annotations

import json
import os
import sqlite3
from contextlib import closing
from dataclasses import astuple
from pathlib import Path
from uuid import UUID

import psycopg
import pytest
from sqlalchemy import delete, text
from sqlalchemy.exc import OperationalError

from consent.audit.record import chain
from consent.errors import LogError
from consent.log import store as store_module
from consent.log.database import tables
from consent.log.document import Document
from consent.log.store import Store
from tests.log.processes import started, writers
from tests.log.samples import MS, NOW, RECEIPT, SITE, make, record, refuse
from tests.plans import Statement, plans, statements

NOTICE = Document("application/json", b'{"notice":1}')
STYLE = Document("text/css", b"#consent{}")
SCRIPT = Document("text/javascript", b"export {}")

#: A grant, a change, a refusal in between, and a withdrawal, a millisecond apart.
STORY = (
    make(),
    refuse(now_ns=NOW + MS),
    make(now_ns=NOW + 2 * MS, kind="change"),
    make(now_ns=NOW + 3 * MS, kind="withdrawal", granted=()),
)


class TestStore:
    """On SQLite; the class below runs all of it on PostgreSQL."""

    @pytest.fixture
    def told(self, store: Store) -> Store:
        for event in STORY:
            store.append(event)
        return store

    def test_the_bytes_come_back_as_they_were_made(self, store):
        """
        What is read from the log is what was recorded, byte by byte.
        """
        event = make(language="\u2028\"'\\ä😀\x7f")
        store.append(event)

        assert list(store.events()) == [event.body]

    def test_a_refusal_is_recorded_without_a_receipt(self, store):
        """
        A refusal stands in the log like a grant, in a row without a receipt (EV-06).
        """
        event = refuse()
        store.append(event)

        assert list(store.events()) == [event.body]
        with store._engine.connect() as connection:
            assert connection.scalar(text("SELECT receipt FROM consent_event")) is None

    def test_an_event_is_visible_to_others_when_append_returns(self, store, url):
        """
        When a decision is answered, it is committed and not on its way.
        """
        store.append(make())
        other = Store(url, SITE)

        assert other.count() == 1
        other.close()

    def test_a_killed_process_loses_nothing_that_it_was_told_is_there(self, store, url):
        """
        A process that is killed right after it was told that the decision is durable has
        recorded it (EV-01).
        """
        with writers(url, 1) as [writer]:
            writer.say()
            id = writer.hear()
            writer.kill()

        assert [json.loads(body)["id"] for body in store.events()] == [id]

    def test_the_same_event_twice_is_one_event(self, store):
        """
        Whoever does not know whether it was recorded can try again.
        """
        event = make()
        store.append(event)
        store.append(event)

        assert list(store.events()) == [event.body]

    def test_another_event_with_the_same_id_is_refused(self, store, no_chance):
        """
        No event takes the place of another one (EV-07).
        """
        first, second = make(), make(language="en")
        store.append(first)

        with pytest.raises(LogError, match=str(second.id)):
            store.append(second)
        assert list(store.events()) == [first.body]

    def test_a_commit_whose_answer_was_lost_counts_once(self, store, monkeypatch):
        """
        If the connection is lost after the commit and before its answer, the decision is
        recorded once.
        """
        insert = store._appender.add
        losses = iter([True])

        def lossy(*about):
            inserted = insert(*about)
            if next(losses, False):
                raise OperationalError("", None, Exception(), connection_invalidated=True)
            return inserted

        monkeypatch.setattr(store._appender, "add", lossy)
        event = make()
        store.append(event)

        assert list(store.events()) == [event.body]

    def test_the_newest_event_of_a_receipt_is_found(self, told):
        """
        A change can name the record before it.
        """
        assert told.last(RECEIPT) == STORY[-1].body

    def test_the_history_of_a_receipt_is_complete_and_in_order(self, told):
        """
        All that became of a grant is there, in order, and nothing of anybody else (AU-05, EV-07).
        """
        assert told.history(RECEIPT) == [STORY[0].body, STORY[2].body, STORY[3].body]

    def test_an_unknown_receipt_finds_nothing(self, told):
        """
        A receipt opens its own record only (AU-06).
        """
        assert told.last("b" * 26) is None
        assert told.history("b" * 26) == []

    def test_events_come_in_the_order_of_their_ids(self, store):
        """
        The order is that of the decisions, not that of the processes that wrote them down.
        """
        for event in reversed(STORY):
            store.append(event)

        assert list(store.events()) == [event.body for event in STORY]

    @pytest.mark.parametrize(
        ("since", "until", "chosen"),
        [
            (None, None, STORY),
            (1, None, STORY[1:]),
            (None, 1, STORY[:1]),
            (1, 3, STORY[1:3]),
            (2, 2, ()),
            (4, None, ()),
        ],
        ids=["all", "open end", "open start", "within", "empty", "later"],
    )
    def test_a_time_is_chosen_by_its_first_and_one_after_its_last(self, told, since, until, chosen):
        """
        A period holds what was recorded from its first millisecond to before its end (AU-01).
        """
        bounds = [None if ms is None else NOW // MS + ms for ms in (since, until)]

        assert list(told.events(*bounds)) == [event.body for event in chosen]
        assert told.count(*bounds) == len(chosen)

    def test_many_events_come_one_by_one(self, store, monkeypatch):
        """
        However many events there are, only a few of them are in memory (AU-13).
        """
        monkeypatch.setattr("consent.log.database.stream.CHUNK", 2)
        for step in range(5):
            store.append(refuse(now_ns=NOW + step * MS))

        assert sum(1 for _ in store.events()) == 5

    def test_a_snapshot_does_not_see_what_comes_later(self, told):
        """
        The number of events and the events belong to the same moment.
        """
        with told.snapshot() as snapshot:
            told.append(make(now_ns=NOW - MS))
            told.append(make(now_ns=NOW + 9 * MS))

            assert snapshot.count() == len(STORY)
            assert list(snapshot.events()) == [event.body for event in STORY]
        assert told.count() == len(STORY) + 2

    def test_sites_in_one_database_do_not_see_each_other(self, told, url):
        """
        The log of a site is its own, even where several share a database (EV-14).
        """
        other = Store(url, "other.example")

        assert other.count() == 0
        assert other.history(RECEIPT) == []
        assert other.document(NOTICE.hash) is None
        other.close()

    def test_eight_processes_lose_nothing(self, store, url):
        """
        Every event that any of eight busy processes was told is durable is there, once.
        """
        with writers(url, 50, processes=8) as [program]:
            program.say()
            ids = [program.hear() for _ in range(400)]

            assert program.end() == 0
        assert [json.loads(body)["id"] for body in store.events()] == sorted(ids)
        assert len(set(ids)) == 400

    def test_a_closed_store_opens_again(self, store):
        """
        Closing gives back what is held, and is no end.
        """
        store.append(make())
        store.close()

        assert store.count() == 1

    @pytest.mark.parametrize("fork", ["os.fork", "ctypes.PyDLL(None).fork"])
    def test_parent_and_child_of_a_fork_both_write(self, store, url, fork):
        """
        A server that forks its workers after the first use of the log loses nothing, also if it
        does not tell Python, as uWSGI.
        """
        with started("-c", FORK.replace("os.fork", fork), url) as [process]:
            assert process.hear() == "done"

        assert store.count() == 101

    def test_the_order_of_documents_is_the_same_everywhere(self, store):
        """
        Documents are written in the order of their hashes, so that two processes which bring
        the same ones do not wait for each other.
        """
        store.append(make(), iter([SCRIPT, NOTICE, STYLE]))

        assert store._documents == {SCRIPT.hash, NOTICE.hash, STYLE.hash}

    def test_a_document_that_went_with_a_backup_comes_back(self, store, monkeypatch):
        """
        Where somebody brought a backup back into the database in use, from before a notice was
        first shown, the notice is there again soon, without a new start.
        """
        now = [0.0]
        monkeypatch.setattr("consent.log.store.monotonic", lambda: now[0])
        store.append(make(), [NOTICE])
        store.transact(lambda connection: connection.execute(delete(tables.document)))
        now[0] += store_module.KNOWN
        store.append(make(now_ns=NOW + MS), [NOTICE])

        assert store.document(NOTICE.hash) == NOTICE


def _chain(store):
    with store.snapshot() as now:
        chain(now, RECEIPT)


ask_for_receipt = pytest.mark.parametrize(
    "ask",
    [
        lambda store: store.last(RECEIPT),
        lambda store: store.history(RECEIPT),
        lambda store: store.ids(RECEIPT),
        lambda store: store.evidence(RECEIPT),
        lambda store: store.is_cut(RECEIPT, range(200)),
        _chain,
    ],
    ids=["newest", "history", "ids", "evidence", "cut", "chain"],
)


@ask_for_receipt
def test_a_receipt_is_found_without_looking_through_the_others(store, ask):
    """
    However many events there are, SQLite goes straight to those of a receipt: a withdrawal takes
    as long in a log of millions.
    """
    store.append(make())
    with statements(store._engine) as asked:
        ask(store)
    steps = plans(store._engine, asked, lambda one: "receipt = ?" in one.text)

    assert any("(site=? AND shard=? AND receipt=?)" in step for step in steps), steps
    assert [step for step in steps if "SCAN" in step or step.endswith("shard=?)")] == []


@pytest.mark.parametrize(
    "ask",
    [
        lambda store: store.last(RECEIPT),
        lambda store: store.history(RECEIPT),
        lambda store: store.evidence(RECEIPT),
        lambda store: store.is_cut(RECEIPT, range(200)),
    ],
    ids=["newest", "history", "evidence", "cut"],
)
def test_whoever_decides_again_and_again_makes_nothing_slower(store, url, ask):
    """
    To find the newest of its events takes as many steps for a receipt with a thousand, so that
    neither a decision nor a look at the record keeps the others waiting.
    """
    record(store, (make(now_ns=NOW + n * MS) for n in range(250)))
    with statements(store._engine) as asked:
        ask(store)
    [found] = (one for one in asked if "receipt = ?" in one.text)
    few = _steps(url, found)
    record(store, (make(now_ns=NOW + n * MS) for n in range(250, 1000)))

    assert 1000 < few < 1.1 * _steps(url, found) < 1.2 * few


def test_of_a_receipt_without_end_the_newest_events_are_shown(store):
    """
    A record of more than 200 decisions begins with the 200th before its end, and what is
    handed out is what is shown.
    """
    events = [make(now_ns=NOW + n * MS) for n in range(203)]
    record(store, events)

    assert store.history(RECEIPT) == [event.body for event in events[3:]]
    assert [one.body for one in store.evidence(RECEIPT)] == store.history(RECEIPT)


def _steps(url: str, asked: Statement) -> int:
    """Return how many steps SQLite's machine takes for a statement."""
    steps = []
    with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as connection:
        connection.set_progress_handler(lambda: steps.append(None), 1)
        connection.execute(*astuple(asked)).fetchall()
    return len(steps)


class TestStoreOnPostgreSQL(TestStore):
    """The same promises on PostgreSQL, and some more."""

    @pytest.fixture
    def url(self, postgresql: str) -> str:
        return postgresql

    @ask_for_receipt
    def test_a_receipt_is_found_at_once_in_a_table_that_has_just_grown(self, store, ask):
        """
        PostgreSQL goes straight to the events of a receipt before it has counted what there is: a
        withdrawal takes as long on the first busy day.
        """
        record(store, (make(now_ns=NOW + n * MS) for n in range(500)))
        with statements(store._engine) as asked:
            ask(store)
        steps = plans(store._engine, asked, lambda one: "receipt = %" in one.text)

        assert any("Index Cond" in step and "receipt = " in step for step in steps), steps
        assert [step for step in steps if "Loop" in step or "Join" in step] == []

    def test_a_role_that_may_only_add_and_read_is_enough(self, store, url):
        """
        Nothing in the log needs the right to change or delete a row, so that the database can
        withhold it (EV-07).
        """
        store.append(STORY[0])
        role = f"writer_{UUID(bytes=os.urandom(16)).hex}"
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute(f"CREATE ROLE {role} LOGIN PASSWORD 'secret'")
            connection.execute(f"GRANT SELECT, INSERT ON ALL TABLES IN SCHEMA public TO {role}")
        server = url.partition("@")[2]
        limited = Store(f"postgresql://{role}:secret@{server}", SITE)
        for event in STORY:
            limited.append(event, [NOTICE])

        assert limited.history(RECEIPT)[-1] == STORY[-1].body
        assert limited.document(NOTICE.hash) == NOTICE
        assert list(limited.events()) == [event.body for event in STORY]
        limited.close()

    def test_a_connection_that_died_in_the_pool_is_replaced(self, store, url):
        """
        After a restart of the database the next decision is recorded as if nothing had been.
        """
        store.append(STORY[0])
        _end_all_connections(url)
        store.append(STORY[1])
        _end_all_connections(url)

        assert store.last(RECEIPT) == STORY[0].body
        _end_all_connections(url)
        assert list(store.events()) == [event.body for event in STORY[:2]]


def _end_all_connections(url: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )


#: Use the log, fork, and use it on both sides. It says "done" when both went well.
FORK = """
import ctypes, os, sys, time
from consent.log.store import Store
from tests.log.samples import SITE, make

store = Store(sys.argv[1], SITE)
store.append(make(now_ns=time.time_ns()))
child = os.fork()
for _ in range(50):
    store.append(make(now_ns=time.time_ns()))
store.close()
if child:
    print("done" if os.waitpid(child, 0)[1] == 0 else "the child failed", flush=True)
"""


#: Fork after the log was used, end the use in the parent first, and in the child later.
OUTLIVE = """
import ctypes, os, sys, time
from consent.log.leaks import LeakBook
from consent.log.store import Store
from tests.log.samples import SITE, make

store, leaks = Store(sys.argv[1], SITE), LeakBook(sys.argv[1], SITE)
leaks.since(0)
store.append(make(now_ns=time.time_ns()))
begun, closed = os.pipe(), os.pipe()
if not os.fork():
    store.append(make(now_ns=time.time_ns()))
    os.write(begun[1], b"1")
    os.read(closed[0], 1)
    store.append(make(now_ns=time.time_ns()))
    print("written", flush=True)
    sys.stdin.read()
    os._exit(0)
os.read(begun[0], 1)
store.close()
leaks.close()
os.write(closed[1], b"1")
sys.stdin.read()
"""


@pytest.mark.parametrize("fork", ["os.fork", "ctypes.PyDLL(None).fork"])
def test_what_a_child_records_outlives_the_parents_connections(url, store, fork):
    """
    What a forked process records stays, also when the parent, which used the log before, closes
    its connections, and takes SQLite's files with the last one, as it thinks (EV-01).
    """
    with started("-c", OUTLIVE.replace("os.fork", fork), url) as [process]:
        assert process.hear() == "written"
        assert store.count() == 3


def test_deleted_content_does_not_stay_in_the_file(store, url):
    """
    What is removed from an SQLite file one day cannot be read from it afterwards.
    """
    store.append(make())
    file = url.removeprefix("sqlite:///")
    with store._engine.begin() as connection:
        connection.execute(text("DELETE FROM consent_event"))
    store.close()
    with sqlite3.connect(file) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()

    assert RECEIPT.encode() not in Path(file).read_bytes()
