"""
Durable decisions per second of two worker processes, beside a loop that does nothing else.

The loop writes one row of the same size per commit, with the driver alone, in one thread. Both
are measured in slices by turns, as the rate of a disk changes from second to second.
"""

from __future__ import annotations

import multiprocessing
import os
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection
from pathlib import Path
from statistics import median

from benchmarks import site
from benchmarks.decisions import accepting
from benchmarks.figure import Figure, at_least, shown
from benchmarks.rows import SITE
from benchmarks.run import Run

#: Seconds until all processes are awake and waiting for the start of a slice.
NOTICE = 0.03

#: Which columns a row has; it is as long as a row of the log.
_TABLE = "CREATE TABLE raw (id {blob}, site TEXT, at BIGINT, receipt TEXT, body {blob})"
_RECEIPT = "A" * 26
_BODY = b"x" * 560


def measure(run: Run) -> Iterator[Figure]:
    """Give the figures about rates on both databases."""
    folder = run.new_folder()
    pair = _pair(run, None, f"sqlite:{folder}/raw.sqlite3")
    ours, raw, share = pair
    note = f"{ours:,.0f} to {raw:,.0f} a second"
    yield at_least("decisions, two workers, of a raw SQLite loop", share * 100, 40, "%", note)
    if run.new_database:
        url = run.new_database()
        ours, raw, share = _pair(run, url, url)
        note = f"{ours:,.0f} to {raw:,.0f} a second"
        yield shown("decisions, two workers, of a raw psycopg loop", share * 100, "%", note)


def _pair(run: Run, database: str | None, raw: str) -> tuple[float, float, float]:
    """Return our rate, that of the loop, and the median of their ratios."""
    folder = str(run.new_folder())
    with (
        _process(_decide, folder, database) as first,
        _process(_decide, folder, database) as second,
        _process(_loop, raw) as loop,
    ):
        rates = []
        for _ in range(run.sizes.slices):
            ours = _slice([first, second], run.sizes.seconds)
            rates.append((ours, _slice([loop], run.sizes.seconds)))
    return (
        median([ours for ours, _ in rates]),
        median([raw for _, raw in rates]),
        median([ours / raw for ours, raw in rates]),
    )


def _slice(workers: list[Connection], seconds: float) -> float:
    """Let *workers* work for some *seconds* at the same time; return what they did per second."""
    start = time.monotonic() + NOTICE
    for worker in workers:
        worker.send((start, start + seconds))
    return sum(worker.recv() for worker in workers) / seconds


@contextmanager
def _process(make: Callable[..., Callable[[], object]], *about: str | None) -> Iterator[Connection]:
    """Give the line to a new process that does what *make* returns whenever it is told to."""
    context = multiprocessing.get_context("spawn")
    here, there = context.Pipe()
    process = context.Process(target=_work, args=(there, make, about))
    process.start()
    there.close()
    try:
        here.recv()
        yield here
        here.send(None)
    finally:
        here.close()
        process.join()


def _work(line: Connection, make: Callable[..., Callable[[], object]], about: list[str]) -> None:
    step = make(*about)
    for _ in range(20):
        step()
    line.send("ready")
    for start, end in iter(line.recv, None):
        time.sleep(max(0.0, start - time.monotonic()))
        done = 0
        while time.monotonic() < end:
            step()
            done += 1
        line.send(done)


def _decide(folder: str, database: str | None) -> Callable[[], object]:
    return accepting(site.make(Path(folder), database))


def _loop(database: str) -> Callable[[], object]:
    if database.startswith("sqlite:"):
        return _sqlite(database.removeprefix("sqlite:"))
    return _postgresql(database)


def _sqlite(file: str) -> Callable[[], object]:
    connection = sqlite3.connect(file, isolation_level=None)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute(_TABLE.format(blob="BLOB"))

    def step() -> None:
        connection.execute("INSERT INTO raw VALUES (?, ?, ?, ?, ?)", _row())

    return step


def _postgresql(url: str) -> Callable[[], object]:
    import psycopg

    connection = psycopg.connect(url)
    connection.execute(_TABLE.format(blob="BYTEA"))
    connection.commit()

    def step() -> None:
        connection.execute("INSERT INTO raw VALUES (%s, %s, %s, %s, %s)", _row())
        connection.commit()

    return step


def _row() -> tuple[bytes, str, int, str, bytes]:
    return os.urandom(16), SITE, time.time_ns() // 1_000_000, _RECEIPT, _BODY
