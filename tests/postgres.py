"""
A PostgreSQL server of our own, thrown away afterwards.

    with Cluster() as cluster:
        url = cluster.database()  # a fresh database at each call

Tests use ``shared``: all processes of a test run have one server. It belongs to a process of its
own, which ends it when the last of them is gone, however that one went.
"""

from __future__ import annotations

import fcntl
import json
import os
import pwd
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Self

ROOT = Path(__file__).parents[1]

SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "autovacuum": "off",  # it takes numbers of transactions at moments of its own
    "max_connections": "60",
    "shared_buffers": "32MB",
    "timezone": "Pacific/Chatham",  # so that a time that is not UTC is seen
}


class NotInstalledError(Exception):
    """This machine has no PostgreSQL server."""


def programs() -> Path:
    """Return the folder of the newest PostgreSQL on this machine."""
    found = sorted(
        Path("/usr/lib/postgresql").glob("*/bin/initdb"),
        key=lambda path: float(path.parts[-3]),
    )
    on_path = shutil.which("initdb")
    if on_path:
        found.append(Path(on_path).resolve())
    if not found:
        raise NotInstalledError("no PostgreSQL server: neither /usr/lib/postgresql nor initdb")
    return found[-1].parent


class Cluster:
    """One server with its files; both end with the block."""

    def __init__(self) -> None:
        self.programs = programs()
        self.password = secrets.token_hex(16)
        self.port = 0

    def __enter__(self) -> Self:
        # Not below pytest's folders: those are closed to the user that the server runs as.
        self.folder = Path(tempfile.mkdtemp(prefix="consentry-postgres-"))
        # The server refuses to run as root, and there is no other user to ask for.
        self.user = _somebody() if os.getuid() == 0 else None
        try:
            if self.user:
                shutil.chown(self.folder, self.user)
            self._make()
            self._start()
        except BaseException:
            self.__exit__(None, None, None)
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if (self.folder / "data" / "postmaster.pid").exists():
            self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    @property
    def url(self) -> str:
        """The URL of the server's own database, for making others."""
        return url(self.port, self.password, "postgres")

    def database(self) -> str:
        """Make a fresh database and return its URL."""
        return database(self.url)

    def stop(self) -> None:
        """Stop the server as a machine that goes down does: without waiting for anybody."""
        self._run("pg_ctl", "-D", "data", "-m", "immediate", "-w", "stop")

    def start(self) -> None:
        """Start the server again, on the port that it had."""
        options = " ".join(f"-c {name}={value}" for name, value in SETTINGS.items())
        options += f" -c port={self.port} -c unix_socket_directories={self.folder}"
        self._run("pg_ctl", "-D", "data", "-l", "log", "-w", "-t", "60", "-o", options, "start")

    def _make(self) -> None:
        secret = self.folder / "password"
        secret.write_text(self.password)
        if self.user:
            shutil.chown(secret, self.user)
        secret.chmod(0o600)
        options = ["--auth=scram-sha-256", "--pwfile=password", "--username=consentry"]
        options += ["--encoding=UTF8", "--locale=C.UTF-8", "--no-sync", "--pgdata=data"]
        self._run("initdb", *options)

    def _start(self) -> None:
        for last in (False, False, True):
            self.port = _free_port()
            try:
                return self.start()
            except RuntimeError:  # somebody was quicker at that port
                if last:
                    raise

    def _run(self, program: str, *options: str) -> None:
        # What it says goes to a file, as the server would keep a pipe open.
        with (self.folder / f"{program}.out").open("wb") as said:
            answer = subprocess.run(
                [str(self.programs / program), *options],
                cwd=self.folder,
                user=self.user,
                group=pwd.getpwnam(self.user).pw_gid if self.user else None,
                extra_groups=[] if self.user else None,
                env={"PATH": os.defpath, "LC_ALL": "C.UTF-8"},
                stdin=subprocess.DEVNULL,
                stdout=said,
                stderr=subprocess.STDOUT,
            )
        if answer.returncode:
            files = sorted(self.folder.glob("*.out")) + sorted(self.folder.glob("log"))
            raise RuntimeError("\n".join([f"{program} failed", *(f.read_text() for f in files)]))


def url(port: int, password: str, name: str) -> str:
    """Return the URL of a database of the server at *port*."""
    return f"postgresql://consentry:{password}@127.0.0.1:{port}/{name}"


def database(server: str) -> str:
    """Make a fresh database on *server*, the URL of another one, and return its URL."""
    import psycopg

    name = f"log_{secrets.token_hex(6)}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    return f"{server.rpartition('/')[0]}/{name}"


@contextmanager
def shared(folder: Path) -> Iterator[str]:
    """
    Give the URL of the server that all processes with this *folder* share.

    Whoever uses it holds a shared lock. The owner waits for the lock alone: the kernel gives it
    when nobody is left, even if the last one was killed.
    """
    programs()
    folder.mkdir(exist_ok=True)
    with (folder / "users").open("a") as users, (folder / "start").open("a") as start:
        fcntl.flock(users, fcntl.LOCK_SH)
        fcntl.flock(start, fcntl.LOCK_EX)
        state = folder / "server.json"
        if not state.exists():
            _own(folder)
        fcntl.flock(start, fcntl.LOCK_UN)
        yield json.loads(state.read_text())["url"]


def _own(folder: Path) -> None:
    with (folder / "owner.err").open("wb") as said:
        owner = subprocess.Popen(
            [sys.executable, "-m", "tests.postgres", str(folder)],
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=said,
            start_new_session=True,  # an interrupt from the keyboard is for the tests
        )
    with owner.stdout:
        if owner.stdout.readline() != b"ready\n":
            owner.wait()
            raise RuntimeError((folder / "owner.err").read_text())
    owner.returncode = 0  # it outlives this process, and that is no reason for a warning


def main(folder: Path) -> None:
    """Own a server until nobody holds the lock on *folder* any more."""
    state = folder / "server.json"
    with Cluster() as cluster, (folder / "users").open("a") as users:
        draft = state.with_suffix(".part")
        draft.write_text(json.dumps({"url": cluster.url}))
        draft.rename(state)
        os.write(1, b"ready\n")
        os.close(1)
        fcntl.flock(users, fcntl.LOCK_EX)
        # Nobody can come in between: they wait for the lock, then find no server, and start one.
        state.unlink(missing_ok=True)
        cluster.stop()


def _somebody() -> str:
    names = {user.pw_name for user in pwd.getpwall()}
    return next(name for name in ("postgres", "nobody") if name in names)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


if __name__ == "__main__":
    main(Path(sys.argv[1]))
