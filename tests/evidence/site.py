"""A site as its operator has it: commands, restarts, copies of the database, and faults."""

from __future__ import annotations

import io
import os
import resource
import shutil
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

import psycopg
from click.testing import Result
from flask import Flask
from flask.cli import ScriptInfo

from consent.cli import cli
from consent.log.seal import Sealer
from consent.web.site import Site
from tests import postgres
from tests.conftest import make_site

#: What a program does last before something is, or is not, on the disk.
DEEDS = frozenset({"execute", "commit", "fsync", "write", "link", "replace", "unlink", "fetchone"})


#: Seconds after which a process that is to be killed hangs.
PATIENCE = 120

#: What has methods of such names that do nothing to a disk.
IN_MEMORY = (str, bytes, date, io.StringIO, io.BytesIO)


def is_deed(called: Any) -> bool:
    """Tell whether a function of Python's own leaves something on the disk, or asks for it."""
    owner = getattr(called, "__self__", None)
    return called.__name__ in DEEDS and not isinstance(owner, IN_MEMORY)


class Row(NamedTuple):
    """An event in the database."""

    recorded_at: int
    receipt: str | None
    body: bytes
    salt: bytes


class Rows(NamedTuple):
    """The database, as somebody reads it who does not use the package."""

    events: dict[str, Row]  #: by id
    leaves: dict[tuple[str, int], str | None]  #: id by log and index; None: erased
    counted: dict[str, int]  #: how many leaves of each log
    waiting: set[str]  #: ids
    checkpoints: dict[str, str]  #: the newest of each log
    hashes: dict[str, bytes]  #: of the leaves of each log, one after the other


class Operated:
    """The site in *folder*; *database* None: an SQLite file in its instance folder."""

    def __init__(self, folder: Path, policy: str, database: str | None = None) -> None:
        self.folder, self.database = folder, database
        self.policy = folder / "consent.toml"
        self.policy.write_text(policy, encoding="utf-8")
        self.config: dict[str, Any] = {}
        if database:
            self.config["CONSENT_DATABASE"] = database
        self.apps: list[Flask] = []
        self.copies = 0
        self.start()

    @property
    def app(self) -> Flask:
        """The process that answers; there may be older ones."""
        return self.apps[-1]

    @property
    def site(self) -> Site:
        """What belongs to that process."""
        return self.app.extensions["consentry"]

    @property
    def sealer(self) -> Sealer:
        return self.site.sealer

    @property
    def file(self) -> Path:
        """The SQLite file, should it be one."""
        return self.folder / "instance" / "consent.sqlite3"

    def start(self, **config: Any) -> Flask:
        """Start another process; those that run go on."""
        self.config |= config
        self.apps.append(make_site(self.policy, language=None, **self.config))
        return self.app

    def restart(self, **config: Any) -> None:
        """End all processes and start one."""
        self.close()
        self.apps.clear()
        self.start(**config)

    def close(self) -> None:
        for app in self.apps:
            app.extensions["consentry"].store.close()
            app.extensions["consentry"].leaks.close()

    def run(self, *words: str) -> Result:
        """Run a command in a process of its own, as far as the package can tell."""
        apps: list[Flask] = []

        def load() -> Flask:
            apps.append(make_site(self.policy, language=None, **self.config))
            return apps[-1]

        try:
            runner = self.app.test_cli_runner()
            return runner.invoke(cli, words, obj=ScriptInfo(create_app=load))
        finally:
            for app in apps:
                app.extensions["consentry"].store.close()

    def rows(self) -> Rows:
        """Read the database."""
        tables = (
            "SELECT id, recorded_at, receipt, body, salt FROM consent_event ORDER BY id",
            "SELECT log, leaf_index, id FROM consent_leaf",
            "SELECT log, leaves FROM consent_counted",
            "SELECT id FROM consent_pending",
            "SELECT log, note FROM consent_checkpoint ORDER BY day",
            "SELECT log, hashes FROM consent_tile WHERE level = 0 ORDER BY log, number",
        )
        events, leaves, counted, waiting, notes, tiles = self._read(tables)
        hashes: dict[str, bytes] = {}
        for log, some in tiles:
            hashes[log] = hashes.get(log, b"") + bytes(some)
        return Rows(
            {bytes(i).hex(): Row(at, r, bytes(b), bytes(s)) for i, at, r, b, s in events},
            {(log, n): i and bytes(i).hex() for log, n, i in leaves},
            dict(counted),
            {bytes(i).hex() for (i,) in waiting},
            dict(notes),
            hashes,
        )

    def _read(self, queries: tuple[str, ...]) -> list[list[Any]]:
        try:
            if self.database:
                with psycopg.connect(self.database) as connection:
                    return [connection.execute(query).fetchall() for query in queries]
            with closing(sqlite3.connect(f"file:{self.file}?mode=ro", uri=True)) as connection:
                return [connection.execute(query).fetchall() for query in queries]
        except (psycopg.errors.UndefinedTable, sqlite3.OperationalError) as error:
            if "consent_" in str(error) or "unable to open" in str(error):
                return [[] for _ in queries]  # nobody has used it yet
            raise

    def copy(self) -> Path:
        """Copy the database as the documentation says; return the folder of the copy."""
        self.copies += 1
        folder = self.folder / f"copy-{self.copies}"
        folder.mkdir()
        if self.database:
            self._pg("pg_dump", "-Fc", "-f", str(folder / "dump"), self.database)
        elif self.file.exists():
            source, target = sqlite3.connect(self.file), sqlite3.connect(folder / "copy.sqlite3")
            with closing(source), closing(target):
                source.backup(target)
        return folder

    def restore(self, folder: Path) -> None:
        """Put a copy back, as the documentation says."""
        if self.database:
            self.close()
            self._pg(
                "pg_restore", "--clean", "--if-exists", "-d", self.database, str(folder / "dump")
            )
            return
        self.close()
        for end in ("-wal", "-shm"):
            self.file.with_name(self.file.name + end).unlink(missing_ok=True)
        draft = self.file.with_name("draft")
        shutil.copy(folder / "copy.sqlite3", draft)
        draft.replace(self.file)

    def _pg(self, program: str, *words: str) -> None:
        done = subprocess.run([str(postgres.programs() / program), *words], capture_output=True)
        assert done.returncode == 0, done.stderr

    def bytes_on_disk(self) -> bytes:
        """Return the database's files; nobody may have them open, as reading unlocks them."""
        self.close()
        names = (self.file.name, f"{self.file.name}-wal")
        files = [self.file.with_name(name) for name in names]
        return b"".join(file.read_bytes() for file in files if file.exists())

    @contextmanager
    def full_disk(self, size: int) -> Iterator[None]:
        """Let no file grow beyond *size* bytes."""
        soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
        try:
            yield
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))

    def kill(self, work: Callable[[], object], deeds: int) -> None:
        """Do *work* in a process that is killed once it has done so many *deeds*."""
        child = os.fork()
        if not child:
            left = deeds

            def look(frame: Any, event: str, deed: Any) -> None:
                nonlocal left
                if event == "c_call" and is_deed(deed):
                    left -= 1
                    if left < 0:
                        os.kill(os.getpid(), signal.SIGKILL)

            try:
                signal.signal(signal.SIGALRM, signal.SIG_DFL)
                signal.alarm(PATIENCE)
                sys.setprofile(look)
                work()
            finally:
                os._exit(0)
        _, status = os.waitpid(child, 0)
        assert status in (0, signal.SIGKILL)
