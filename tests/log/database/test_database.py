"""A database is one that can keep evidence, and it is set up so that it does."""

from __future__ import annotations

import gc
import os
import sqlite3
import subprocess
import sys
import threading
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import event

from consent.errors import ConfigError, LogUnavailable
from consent.log.database.connection import connect
from consent.log.database.trouble import unavailable
from consent.log.head import Head
from consent.log.seal import Sealer
from consent.log.store import Store
from tests.log.processes import ROOT
from tests.log.samples import MS, NOW, SITE, SOFTWARE, make

HERE = "postgresql://user:secret@127.0.0.1:5432/log"


@pytest.mark.parametrize(
    "url",
    [
        "",
        "consent.db",
        "postgresql://user:secret@host:port/log",
        "mysql://user:secret@host/log",
        "postgresql+psycopg2://user:secret@host/log",
        "sqlite+aiosqlite:///consent.db",
        "sqlite://",
        "sqlite:///:memory:",
        "sqlite:///file:consent.db?mode=memory&uri=true",
        "sqlite://host/consent.db",
    ],
    ids=[
        *("nothing", "no scheme", "no number", "other database", "other driver", "asynchronous"),
        *("no file", "memory", "memory by name", "host"),
    ],
)
def test_a_database_that_cannot_keep_evidence_stops_the_start(url):
    """
    A log that would be lost or cannot be reached is refused before the first visit, in words
    without the password.
    """
    with pytest.raises(ConfigError, match="wanted") as refused:
        Store(url, SITE)

    assert "secret" not in str(refused.value)


@pytest.mark.parametrize("more", ["password=secret&user=u", "sslpassword=secret"])
def test_a_database_that_is_away_is_named_without_its_password(more):
    """
    The server's log tells which database does not answer, and no password, wherever in the URL it
    stands.
    """
    with pytest.raises(LogUnavailable, match=r"//127\.0\.0\.1:1/") as away:
        Store(f"postgresql://127.0.0.1:1/x?{more}", SITE).count()

    assert "secret" not in str(away.value)


def test_a_missing_driver_stops_the_start_with_a_hint(monkeypatch):
    """
    Whoever sets PostgreSQL without its driver is told what to install.
    """
    monkeypatch.setitem(sys.modules, "psycopg", None)

    with pytest.raises(ConfigError, match=r"pip install 'consentry\[postgres\]'"):
        Store(HERE, SITE)


@pytest.mark.parametrize("scheme", ["postgresql", "postgres", "postgresql+psycopg"])
def test_every_usual_spelling_means_the_same_driver(scheme):
    """
    A URL as hosting companies hand it out can be used as it is.
    """
    engine = connect(HERE.replace("postgresql", scheme))

    assert engine.url.drivername == "postgresql+psycopg"
    assert engine.url.password == "secret"


def test_making_a_store_touches_nothing(tmp_path):
    """
    A site starts without its log being there; only a decision needs it.
    """
    Store(f"sqlite:///{tmp_path}/instance/consent.db", SITE)
    Store("postgresql://user:secret@127.0.0.1:1/log", SITE)

    assert list(tmp_path.iterdir()) == []


def test_a_path_is_taken_from_where_the_program_started(tmp_path, monkeypatch):
    """
    A program that changes its folder stays with the same file.
    """
    monkeypatch.chdir(tmp_path)

    assert connect("sqlite:///consent.db").url.database == str(tmp_path / "consent.db")


def test_who_forgets_a_log_leaves_no_connection_open(tmp_path):
    """
    In a process that makes many sites, as tests do, each closes its log, as Python 3.13 demands.
    """
    store, closed = Store(f"sqlite:///{tmp_path}/consent.db", SITE), []
    event.listen(store._engine, "close", lambda connection, record: closed.append(connection))
    store.count()
    del store
    gc.collect()

    assert closed


def test_the_folder_of_the_log_is_closed_to_others(tmp_path):
    """
    A folder that is made for the log can be read by its owner alone.
    """
    store = Store(f"sqlite:///{tmp_path}/a/b/consent.db", SITE)
    store.count()
    store.close()

    assert (tmp_path / "a" / "b").stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize(
    ("setting", "value"),
    [("journal_mode", "wal"), ("synchronous", 2), ("secure_delete", 1), ("busy_timeout", 5000)],
)
def test_sqlite_waits_for_the_disk(tmp_path, setting, value):
    """
    Each connection is set up so that what is committed survives a power cut (EV-01).
    """
    engine = connect(f"sqlite:///{tmp_path}/consent.db")
    with engine.connect() as connection:
        found = connection.exec_driver_sql(f"PRAGMA {setting}").scalar()
    engine.dispose()

    assert found == value


@pytest.mark.skipif(sys.platform != "linux", reason="there is no list of open files")
def test_a_burst_is_sealed_without_a_temporary_folder(tmp_path, monkeypatch):
    """
    However many decisions wait, sealing them opens no file elsewhere: a service may write into the
    folder of the log alone (EV-01).
    """
    store = Store(f"sqlite:///{tmp_path}/consent.db", SITE)
    for n in range(1000):
        store.append(make(now_ns=NOW + n * MS))
    open_files: set[str] = set()

    def look(head: Head) -> None:
        open_files.update(map(os.path.realpath, Path("/proc/self/fd").iterdir()))
        move(head)

    move = Head.move
    monkeypatch.setattr(Head, "move", look)
    Sealer(store, tmp_path / "consent.key", SOFTWARE).seal(NOW)

    assert f"{tmp_path}/consent.db" in open_files
    assert not [name for name in open_files if "etilqs" in name]


@pytest.mark.parametrize(
    ("code", "is_told"),
    [
        (sqlite3.SQLITE_IOERR, True),
        (sqlite3.SQLITE_IOERR_GETTEMPPATH, True),
        (sqlite3.SQLITE_IOERR_WRITE, False),
    ],
)
def test_where_writing_the_file_anew_has_no_room_is_told(tmp_path, code, is_told):
    """
    Writing the whole file anew does need such a folder, and where there is none the operator reads
    how to name one; a disk that fails is something else.
    """
    engine = connect(f"sqlite:///{tmp_path}/consent.db")
    error = sqlite3.OperationalError("disk I/O error")
    error.sqlite_errorcode = code

    assert ("SQLITE_TMPDIR" in str(unavailable(engine, error))) == is_told


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("synchronous_commit", "on"),
        ("statement_timeout", "10s"),
        ("lock_timeout", "10s"),
        ("application_name", "consentry"),
        ("work_mem", "5MB"),
    ],
)
def test_postgresql_waits_for_the_disk(postgresql, setting, value):
    """
    The same on PostgreSQL, even if its administrator chose speed for this database; other
    options in the URL are kept (EV-01).
    """
    with psycopg.connect(postgresql, autocommit=True) as connection:
        name = postgresql.rpartition("/")[2]
        connection.execute(f"ALTER DATABASE {name} SET synchronous_commit = off")
    engine = connect(f"{postgresql}?options=-cwork_mem%3D5MB")
    with engine.connect() as connection:
        found = connection.exec_driver_sql(f"SHOW {setting}").scalar()
    engine.dispose()

    assert found == value


def test_a_pooler_is_asked_for_nothing_that_it_may_refuse(postgresql):
    """
    A connection that goes through pgBouncer begins without options, which it does not let through,
    and is set up all the same (EV-01).
    """
    engine = connect(postgresql)
    with engine.connect() as connection:
        begun = connection.connection.driver_connection.info.get_parameters()
        connection.rollback()
        found = connection.exec_driver_sql("SHOW synchronous_commit").scalar()
    engine.dispose()

    assert "options" not in begun
    assert found == "on"


def test_a_process_with_many_threads_keeps_five_connections(postgresql):
    """
    What administrators count against the connections of their server is what the docs say.
    """
    store = Store(postgresql, SITE)
    store.count()
    start = threading.Barrier(10)

    def decide(n: int) -> None:
        start.wait()
        for round in range(5):
            store.append(make(now_ns=NOW + (n * 5 + round) * MS))

    threads = [threading.Thread(target=decide, args=(n,)) for n in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    kept = store._engine.pool.checkedin()
    store.close()

    assert 2 <= kept <= 5


def test_options_may_be_given_more_than_once(postgresql):
    """
    Several options in the URL are all kept.
    """
    engine = connect(f"{postgresql}?options=-cwork_mem%3D5MB&options=-cjit%3Doff")
    with engine.connect() as connection:
        found = [
            connection.exec_driver_sql(f"SHOW {name}").scalar() for name in ("work_mem", "jit")
        ]
    engine.dispose()

    assert found == ["5MB", "off"]


def test_a_log_that_is_up_to_date_starts_with_what_it_needs(tmp_path):
    """
    A worker whose database needs no change does not load the tool for changes, nor what speaks to
    the other kind of database (AU-13).
    """
    url = f"sqlite:///{tmp_path}/consent.db"
    program = (
        "import sys; from consent.log.store import Store; store = Store(sys.argv[1], 'a.example');"
        "store.count(); store.close(); print('alembic' in sys.modules,"
        " 'sqlalchemy.dialects.postgresql' in sys.modules)"
    )
    command = [sys.executable, "-c", program, url]
    said = [
        subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
        for _ in range(2)
    ]

    assert [line.split() for line in said] == [["True", "True"], ["False", "False"]]
    assert Path(url.removeprefix("sqlite:///")).exists()
