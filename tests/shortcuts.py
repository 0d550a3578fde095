"""
What takes long and is not looked at: the start of sites, done once, waiting for disks, and the
stacks that a browser's driver notes with every call.
"""

from __future__ import annotations

import atexit
import gc
import inspect
import os
import shutil
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from jinja2 import Environment
from jinja2.bccache import Bucket, BytecodeCache
from sqlalchemy import Connection, event
from werkzeug.routing import Rule

from consent.log.database import schema

Migrate = Callable[[Connection], None]
CompileBuilder = Callable[..., Callable[..., tuple[str, str]]]

MEMORY = Path("/dev/shm")

#: Where temporary files are if nobody says anything.
USUAL = "/tmp"

#: Bytes; a run needs an eighth of it.
PLENTY = 4 << 30

#: Frames; from Playwright's inside to the line of the test that called it there are fewer.
NEAR = 16


def prepare() -> None:
    """Let this process and those that it starts be quick; called once, before tests are loaded."""
    gc.disable()  # until they are
    keep_bytecode()
    write_to_memory()


def write_to_memory() -> None:
    """
    Keep temporary files in memory where there is plenty: every decision waits for a disk.

    They are gone after the run. Who has said where they belong, with another TMPDIR than the
    usual one, keeps them there.
    """
    if (
        os.environ.get("TMPDIR", USUAL).rstrip("/") == USUAL
        and MEMORY.is_dir()
        and os.access(MEMORY, os.W_OK)
        and not os.statvfs(MEMORY).f_flag & os.ST_NOEXEC
        and shutil.disk_usage(MEMORY).free > PLENTY
    ):
        folder = Path(tempfile.mkdtemp(prefix="consentry-tests-", dir=MEMORY))
        folder.chmod(0o711)  # PostgreSQL runs as somebody else
        os.environ["TMPDIR"] = tempfile.tempdir = str(folder)
        atexit.register(_remove, folder, os.getpid())


def _remove(folder: Path, owner: int) -> None:
    if os.getpid() == owner:  # not a child that a test forked
        shutil.rmtree(folder, ignore_errors=True)


def keep_bytecode() -> None:
    """
    Compile every module once, and not again in each of the hundreds of processes of a run.

    So Python does unless it is told not to, as images for containers like to do. Then pytest
    also rewrites all tests in each of its workers.
    """
    sys.dont_write_bytecode = False
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)


def collect_rarely() -> None:
    """
    Look for unreachable objects seldom, and never among what all tests share.

    A site is tens of thousands of objects, so Python looks dozens of times while one is made: a
    quarter of the time of a run.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)
    gc.enable()


def nearest_frames(context: int = 1) -> list[inspect.FrameInfo]:
    """
    Return what :func:`inspect.stack` does without looking for sources, and only the frames near.

    Playwright asks for all with every call. Under pytest they are sixty, and for each one that
    comes from no file, as xdist's, every loaded module is searched.
    """
    frames: list[inspect.FrameInfo] = []
    frame = sys._getframe(1)
    while frame and len(frames) < NEAR:
        code = frame.f_code
        frames.append(
            inspect.FrameInfo(frame, code.co_filename, frame.f_lineno, code.co_name, None, None)
        )
        frame = frame.f_back
    return frames


class Compiled(BytecodeCache):
    """Templates that need not be compiled again."""

    def __init__(self) -> None:
        self._codes: dict[tuple[str, str], Any] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        bucket.code = self._codes.get((bucket.key, bucket.checksum))

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._codes[bucket.key, bucket.checksum] = bucket.code


def compile_once(compile_template: Callable[..., Any]) -> Callable[..., Any]:
    """Return a method of Jinja's environments that compiles a text without a name only once."""
    codes: dict[tuple[str, ...], Any] = {}

    def compile(environment: Environment, source: Any, name: str | None = None, *more, **options):
        if name is not None or more or not isinstance(source, str):
            return compile_template(environment, source, name, *more, **options)
        how = (repr(options), str(environment.is_async))
        key = (source, *how, *environment.extensions, "", *environment.filters)
        if key not in codes:
            codes[key] = compile_template(environment, source, **options)
        return codes[key]

    return compile


def build_once(compile_builder: CompileBuilder) -> CompileBuilder:
    """
    Return a method of routes that makes what builds their addresses once for all alike.

    Werkzeug writes two functions for each, as a syntax tree, and hands them the route when they
    are called. They depend on nothing but what is in the key.
    """
    builders: dict[Any, Callable[..., tuple[str, str]]] = {}

    def compile(rule: Rule, append_unknown: bool = True) -> Callable[..., tuple[str, str]]:
        if rule.defaults:
            return compile_builder(rule, append_unknown)
        key = (rule.rule, append_unknown, tuple(rule._trace))
        if key not in builders:
            builders[key] = compile_builder(rule, append_unknown)
        return builders[key]

    return compile


class Migrated:
    """Makes the tables of an empty database with the very statements that made the first ones."""

    def __init__(self, step_by_step: Migrate) -> None:
        self.step_by_step = step_by_step
        self._statements: dict[str, list[tuple[str, Any]]] = {}

    def __call__(self, connection: Connection) -> None:
        known = self._statements.get(connection.dialect.name)
        if schema._found(connection) is not None:
            self.step_by_step(connection)
        elif known is None:
            self._watch(connection)
        else:
            for statement, parameters in known:
                connection.exec_driver_sql(statement, parameters)

    def _watch(self, connection: Connection) -> None:
        seen = []

        def note(_connection, _cursor, statement, parameters, *_more) -> None:
            if statement.lstrip().startswith(("CREATE", "INSERT", "UPDATE", "ALTER")):
                seen.append((statement, parameters))

        event.listen(connection, "before_cursor_execute", note)
        try:
            self.step_by_step(connection)
        finally:
            event.remove(connection, "before_cursor_execute", note)
        self._statements[connection.dialect.name] = seen
