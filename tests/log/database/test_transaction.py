"""When the log cannot be written, that is said quickly, nothing is half done, nobody is named."""

from __future__ import annotations

import sqlite3
import traceback
from contextlib import closing

import psycopg
import pytest
from psycopg.errors import DeadlockDetected, SerializationFailure
from sqlalchemy import event as listening
from sqlalchemy import text

from consent.errors import LogUnavailable
from consent.log.database import transaction
from consent.log.store import Store
from tests.log.processes import started
from tests.log.samples import RECEIPT, SITE, make

#: A column whose value must be in another table, which is looked at when COMMIT is asked for.
IMPOSSIBLE = (
    "CREATE TABLE owner (name TEXT PRIMARY KEY)",
    "ALTER TABLE consent_event ADD COLUMN owner TEXT DEFAULT 'nobody'"
    " REFERENCES owner (name) DEFERRABLE INITIALLY DEFERRED",
)


class TestTrouble:
    """On SQLite; the class below runs all of it on PostgreSQL."""

    def forbid_commits(self, store: Store) -> None:
        with store._engine.begin() as connection:
            for statement in IMPOSSIBLE:
                connection.execute(text(statement))
        store.close()
        if store._engine.dialect.name == "sqlite":
            listening.listen(
                store._engine, "connect", lambda c, _: c.execute("PRAGMA foreign_keys = ON")
            )

    def test_a_refused_commit_is_told_and_leaves_nothing(self, store):
        """
        If the database refuses to commit, nothing was recorded, and the caller learns it before
        anything is granted (EV-01).
        """
        store.count()
        self.forbid_commits(store)

        with pytest.raises(LogUnavailable):
            store.append(make())
        assert store.count() == 0

    def test_the_next_one_is_not_harmed(self, store):
        """
        A write that failed leaves a connection behind on which the next one succeeds.
        """
        store.count()
        self.forbid_commits(store)
        with pytest.raises(LogUnavailable):
            store.append(make())
        with store._engine.begin() as connection:
            connection.execute(text("INSERT INTO owner VALUES ('nobody')"))
        store.append(make())

        assert store.count() == 1

    def test_a_question_that_fails_leaves_transactions_whole(self, store):
        """
        After a look-up that failed a write is still all or nothing, over the same connection.
        """
        store.count()
        self._rename(store, "consent_event", "moved")
        with pytest.raises(LogUnavailable, match="consent_event"):
            store.last(RECEIPT)
        self._rename(store, "moved", "consent_event")
        self._rename(store, "consent_pending", "moved")

        with pytest.raises(LogUnavailable, match="consent_pending"):
            store.append(make())
        assert store.count() == 0

    def _rename(self, store: Store, table: str, name: str) -> None:
        with store._engine.begin() as connection:
            connection.execute(text(f"ALTER TABLE {table} RENAME TO {name}"))

    def test_a_message_names_the_database_and_no_visitor(self, store):
        """
        Whoever reads the server's log can act, and learns nothing about a visitor (EV-04).
        """
        store.count()
        self._rename(store, "consent_event", "moved")

        with pytest.raises(LogUnavailable, match="consent_event") as refused:
            store.append(make())
        with pytest.raises(LogUnavailable, match="consent_event") as unread:
            store.history(RECEIPT)
        with pytest.raises(LogUnavailable, match="consent_event") as unstreamed:
            list(store.events())
        for error in (refused.value, unread.value, unstreamed.value):
            assert store._engine.url.render_as_string() in str(error)
            assert RECEIPT not in "".join(traceback.format_exception(error))


class TestTroubleOnPostgreSQL(TestTrouble):
    """The same promises on PostgreSQL, and some more."""

    @pytest.fixture
    def url(self, postgresql: str) -> str:
        return postgresql

    @pytest.mark.parametrize("error", [SerializationFailure, DeadlockDetected])
    def test_a_transaction_that_was_given_up_is_done_again(self, store, monkeypatch, error):
        """
        If the database gives up one of two transactions that were in each other's way, it is
        done again.
        """
        insert = store._appender.add
        failures = iter([error("given up")] * 3)

        def given_up(*about):
            for failure in failures:
                raise failure
            return insert(*about)

        monkeypatch.setattr(store._appender, "add", given_up)
        store.append(make())

        assert store.count() == 1

    def test_it_is_not_done_again_for_ever(self, store, monkeypatch):
        """
        After a few times in vain the visitor is told.
        """
        tries = []

        def given_up(*about):
            tries.append(about)
            raise SerializationFailure("given up")

        monkeypatch.setattr(store._appender, "add", given_up)

        with pytest.raises(LogUnavailable, match="SerializationFailure"):
            store.append(make())
        assert len(tries) == transaction.TRIES

    def test_what_may_take_long_makes_nothing_else_wait(self, store):
        """
        Maintenance may take as long as it takes; a visitor's decision after it may not, and is one
        transaction.
        """
        store.maintain("VACUUM consent_event")
        with store._engine.connect() as connection:
            limits = [
                connection.exec_driver_sql(f"SHOW {name}_timeout").scalar()
                for name in ("statement", "lock")
            ]
            assert limits == ["10s", "10s"]
            assert not connection.connection.driver_connection.autocommit

    def test_details_of_the_server_are_not_repeated(self, store, url):
        """
        PostgreSQL quotes a whole row where one is refused; that never reaches a log file
        (EV-04).
        """
        store.count()
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute("ALTER TABLE consent_event ADD CHECK (site = '')")

        with pytest.raises(LogUnavailable, match="CheckViolation") as refused:
            store.append(make())
        assert RECEIPT not in "".join(traceback.format_exception(refused.value))

    def test_a_server_that_ends_every_connection_is_unavailable(self, store, url, monkeypatch):
        """
        A connection that is lost a second time is not asked for a third one.
        """
        store.count()
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute(SUICIDE)

        with pytest.raises(LogUnavailable, match="AdminShutdown"):
            store.append(make())
        with psycopg.connect(url, autocommit=True) as connection:
            assert connection.execute("SELECT last_value FROM deaths").fetchone() == (2,)


#: Each insert ends its own connection, and is counted in a sequence, which no rollback undoes.
SUICIDE = """
CREATE SEQUENCE deaths;
CREATE FUNCTION die() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        PERFORM nextval('deaths');
        PERFORM pg_terminate_backend(pg_backend_pid());
        RETURN NEW;
    END
$$;
CREATE TRIGGER die BEFORE INSERT ON consent_event FOR EACH ROW EXECUTE FUNCTION die();
"""


def test_a_missing_server_is_told_at_once():
    """
    When the database server is down, the visitor is told, and does not wait.
    """
    store = Store("postgresql://user:secret@127.0.0.1:1/log", SITE)

    with pytest.raises(LogUnavailable, match="refused") as refused:
        store.append(make())
    assert "secret" not in "".join(traceback.format_exception(refused.value))


def test_a_folder_that_cannot_be_made_is_told(tmp_path):
    """
    When there is no place for the file, the log is unavailable.
    """
    (tmp_path / "file").touch()
    store = Store(f"sqlite:///{tmp_path}/file/consent.db", SITE)

    with pytest.raises(LogUnavailable, match=r"consent\.db"):
        store.append(make())


def test_a_file_that_is_no_database_is_told_and_left_alone(tmp_path):
    """
    A file that holds something else is not touched.
    """
    file = tmp_path / "consent.db"
    file.write_text("minutes of the annual meeting\n" * 100)
    before = file.read_bytes()
    store = Store(f"sqlite:///{file}", SITE)

    with pytest.raises(LogUnavailable, match="not a database"):
        store.append(make())
    store.close()
    assert file.read_bytes() == before


#: Append once, then as somebody who may not write the files, and say what became of it.
READ_ONLY = """
import os, sys
from pathlib import Path
from consent.errors import LogUnavailable
from consent.log.store import Store
from tests.log.samples import SITE, make

folder = Path(sys.argv[1])
url = f"sqlite:///{folder}/consent.db"
first = Store(url, SITE)
first.append(make())
first.close()
for file in folder.iterdir():
    file.chmod(0o444)
folder.chmod(0o555)
if os.getuid() == 0:
    os.setuid(65534)
try:
    Store(url, SITE).append(make())
except LogUnavailable as error:
    print(error)
"""

#: Append until the disk is full, and say what became of it.
FULL = """
import resource, sys
from consent.errors import LogUnavailable
from consent.log.store import Store
from tests.log.samples import NOW, SITE, make

store = Store(sys.argv[1], SITE)
store.append(make())
resource.setrlimit(resource.RLIMIT_FSIZE, (400_000, 400_000))
told = 1
try:
    for step in range(1, 10_000):
        store.append(make(now_ns=NOW + step))
        told += 1
except LogUnavailable as error:
    print(told)
    print(error)
"""


def test_a_file_that_may_only_be_read_is_told(tmp_path):
    """
    When the rights at the file are wrong, the log is unavailable, and it is said what is needed.
    """
    folder = tmp_path / "instance"
    folder.mkdir()
    with started("-c", READ_ONLY, folder) as [process]:
        assert "the log cannot be used just now" in process.hear()
        assert "hint: whoever runs this has to be allowed to write the file" in process.hear()


def test_a_file_that_can_be_written_again_is(tmp_path):
    """
    Once the rights at the file are mended, the next decision is recorded, without a new start:
    SQLite's connections keep the rights with which they were opened.
    """
    store = Store(f"sqlite:///{tmp_path}/consent.db", SITE)
    store.count()
    store.close()
    rights = ["ON"]
    listening.listen(
        store._engine,
        "connect",
        lambda connection, _: connection.execute(f"PRAGMA query_only = {rights[0]}"),
    )
    with pytest.raises(LogUnavailable, match="attempt to write a readonly database"):
        store.append(make())
    assert store.count() == 0
    rights[0] = "OFF"
    store.append(make())

    assert store.count() == 1


def test_a_full_disk_is_told_and_nothing_that_was_told_is_lost(url, store):
    """
    When the disk is full, the decision is not recorded and the caller learns it; all earlier
    ones are there (EV-01). Where a user may have no more, for which SQLite blames the disk, that is
    said, too.
    """
    with started("-c", FULL, url) as [process]:
        told = int(process.hear())
        assert "the log cannot be used just now: OperationalError: disk I/O error" in process.hear()
        assert "hint: the quota of the site's user may be used up" in process.hear()

    assert told > 10
    assert store.count() == told


def test_who_reads_before_writing_is_not_overtaken(store):
    """
    No program, not even one that takes no turns, writes between what a transaction has read and
    what it writes: it would be given up, and the sealer has to read first.
    """

    def work(connection):
        assert connection.execute(text("SELECT count(*) FROM consent_event")).scalar() == 0
        other = sqlite3.connect(store.file, timeout=0, isolation_level=None)
        with closing(other), pytest.raises(sqlite3.OperationalError, match="locked"):
            other.execute("DELETE FROM consent_pending")
        connection.execute(text("DELETE FROM consent_pending"))

    store.transact(work)


def test_another_program_that_keeps_the_file_locked_is_told(tmp_path, monkeypatch):
    """
    When somebody works on the file with another program, a visitor waits for seconds at most.
    """
    monkeypatch.setattr("consent.log.database.connection.PATIENCE", 0.01)
    store = Store(f"sqlite:///{tmp_path}/consent.db", SITE)
    store.count()
    other = sqlite3.connect(tmp_path / "consent.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")

    with pytest.raises(LogUnavailable, match=r"locked\n.*another program"):
        store.append(make())
    other.close()
    store.append(make())
    assert store.count() == 1
    store.close()


def test_a_writer_that_hangs_is_told(url, store, monkeypatch):
    """
    When another thread does not finish, the visitor is told instead of left waiting.
    """
    monkeypatch.setattr(transaction, "PATIENCE", 0.01)
    store.count()

    with transaction._turn(store._engine), pytest.raises(LogUnavailable, match="no turn"):
        store.append(make())
