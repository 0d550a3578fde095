"""How long one decision waits while eight processes write to one SQLite file and a ninth seals."""

from __future__ import annotations

import multiprocessing
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from benchmarks import rows
from benchmarks.figure import Figure, at_most, shown
from benchmarks.rows import SITE
from benchmarks.run import Run
from consent.log.seal import Sealer
from consent.log.store import Store
from consent.version import SOFTWARE

WRITERS = 8


def measure(run: Run) -> Iterator[Figure]:
    """Give the longest wait, and that of most."""
    folder = run.new_folder()
    seconds = run.sizes.seconds * 5
    context = multiprocessing.get_context("spawn")
    start = context.Barrier(WRITERS + 1)
    told: Any = context.Queue()
    works = [_write] * WRITERS + [_seal]
    processes = [
        context.Process(target=work, args=(folder, seconds, start, told)) for work in works
    ]
    for process in processes:
        process.start()
    waits = sorted(wait for _ in range(WRITERS) for wait in told.get())
    for process in processes:
        process.join()
    note = f"99 of 100 within {waits[len(waits) * 99 // 100]:.3f} s, {len(waits):,} decisions"
    yield at_most("longest wait for one decision, 8 processes", waits[-1], 0.5, "s", note)
    yield shown("usual wait for one decision, 8 processes", waits[len(waits) // 2] * 1000, "ms")


def _write(folder: Path, seconds: float, start: Any, told: Any) -> None:
    store, waits = _store(folder), []
    start.wait()
    end = time.perf_counter() + seconds
    while (now := time.perf_counter()) < end:
        store.append(rows.one())
        waits.append(time.perf_counter() - now)
    told.put(waits)


def _seal(folder: Path, seconds: float, start: Any, _: Any) -> None:
    sealer = Sealer(_store(folder), folder / "consent.key", SOFTWARE)
    start.wait()
    end = time.perf_counter() + seconds
    while time.perf_counter() < end:
        sealer.seal()
        time.sleep(0.2)


def _store(folder: Path) -> Store:
    store = Store(f"sqlite:///{folder}/consent.sqlite3", SITE)
    store.append(rows.one())
    return store
