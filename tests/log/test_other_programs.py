"""What other programs, and people, do to the SQLite file of a log that is in use."""

from __future__ import annotations

import re
import shutil
import sqlite3
import subprocess
from contextlib import nullcontext
from pathlib import Path

import pytest

from consent.errors import LogError, LogUnavailable
from consent.log.document import Document
from consent.log.health import require_healthy
from consent.log.seal import Sealer
from consent.log.store import Store
from tests.log.samples import MS, NOW, RECEIPT, SITE, SOFTWARE, make

DOCS = Path(__file__).parents[2] / "docs" / "log.md"

NOTICE = Document("application/json", b'{"notice":1}')
FIRST = make()


@pytest.fixture
def file(store) -> Path:
    """The file of the log, which has one event."""
    store.append(FIRST, [NOTICE])
    return store.file


def put_back(backup: Path, file: Path) -> None:
    """Put *backup* in the place of *file*, as documented."""
    for beside in ("-wal", "-shm"):
        file.with_name(file.name + beside).unlink(missing_ok=True)
    backup.rename(file)


#: Whatever one can want of a log.
USES = (
    lambda store: store.append(make(now_ns=NOW + MS)),
    lambda store: store.last(RECEIPT),
    lambda store: store.history(RECEIPT),
    lambda store: store.count(),
    lambda store: store.transact(lambda connection: None),
    lambda store: store.maintain("PRAGMA wal_checkpoint"),
)


def test_a_log_that_was_taken_away_records_nothing(store, file):
    """
    What is written into a file that nobody can open any more is no evidence, nor is what is read
    from it, so nothing is granted or told while it is gone, and no new one takes its place by
    chance (EV-01).
    """
    away = file.rename(file.with_name("away"))
    for use in USES:
        with pytest.raises(LogUnavailable, match="the file of the log is gone"):
            use(store)
    assert not file.exists()

    put_back(away, file)
    store.append(make(now_ns=NOW + 2 * MS))
    assert store.count() == 2


def test_a_backup_that_is_put_back_is_recorded_into_at_once(store, file):
    """
    After a restore all that is decided is in the file that was restored, with what was shown,
    though the site was not started anew (EV-01, EV-03).
    """
    store.close()
    backup = file.with_name("backup")
    backup.write_bytes(file.read_bytes())
    with sqlite3.connect(backup) as connection:
        connection.execute("DELETE FROM consent_document")
    connection.close()
    store.append(make(now_ns=NOW + MS))
    put_back(backup, file)
    last = make(now_ns=NOW + 2 * MS)
    store.append(last, [NOTICE])

    again = Store(f"sqlite:///{file}", SITE)
    assert list(again.events()) == [FIRST.body, last.body]
    assert again.document(NOTICE.hash) == NOTICE
    again.close()


def test_only_a_backup_by_sqlite_is_of_one_moment(store, file, sealer, tmp_path):
    """
    The command of docs/log.md copies all that a running site has recorded, for nobody else to read.
    What copied the file and then the one beside it, while SQLite moved pages from there, has no log
    that could be gone on with, and a check says so (EV-01).
    """
    [command] = re.findall(r"(?m)^    (\(umask .*)$", DOCS.read_text(encoding="utf-8"))
    later = iter(range(1, 40))

    def go_on():
        for _ in range(10):
            store.append(make(now_ns=NOW + next(later) * MS))
        sealer.seal(NOW + 50 * MS)

    torn = tmp_path / "torn.sqlite3"
    go_on()
    shutil.copy(file, torn)
    go_on()
    store.maintain("PRAGMA wal_checkpoint(RESTART)")
    go_on()
    shutil.copy(f"{file}-wal", f"{torn}-wal")
    command = command.replace("instance/consent.sqlite3", str(file))
    subprocess.run(["sh", "-c", command], cwd=tmp_path, check=True)

    copy = tmp_path / "copy.sqlite3"
    assert copy.stat().st_mode & 0o077 == 0
    for path, is_whole in ((copy, True), (torn, False)):
        copied = Store(f"sqlite:///{path}", SITE)
        with nullcontext() if is_whole else pytest.raises(LogError):
            require_healthy(copied)
            Sealer(copied, sealer.key, SOFTWARE).require_sound()
            assert list(copied.events()) == list(store.events())
        copied.close()


def test_a_site_starts_and_reads_while_another_program_writes(store, file):
    """
    A backup or a long repair keeps new decisions waiting, not what is known already.
    """
    busy = sqlite3.connect(file, isolation_level=None)
    busy.execute("BEGIN IMMEDIATE")
    started = Store(f"sqlite:///{file}", SITE)

    assert started.document(NOTICE.hash) == NOTICE
    started.close()
    busy.execute("ROLLBACK")
    busy.close()
