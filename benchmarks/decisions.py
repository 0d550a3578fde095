"""CPU time of one recorded decision: the whole request, durable when it is answered."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from itertools import cycle
from pathlib import Path
from statistics import median

from benchmarks import rows, site, visitor
from benchmarks.clock import in_turns, ratio
from benchmarks.figure import Figure, at_most, shown
from benchmarks.run import Run

#: A folder in memory, where a write is never waited for.
MEMORY = Path("/dev/shm")


def measure(run: Run) -> Iterator[Figure]:
    """Give the figures about decisions on both databases."""
    apps = {"SQLite": site.make(run.new_folder())}
    if run.new_database:
        apps["PostgreSQL"] = site.make(run.new_folder(), run.new_database())
    limits = {"SQLite": 0.5, "PostgreSQL": 0.8}
    things = [accepting(app) for app in apps.values()] + [changing(app) for app in apps.values()]
    times = in_turns(things, run.sizes.rounds, run.sizes.calls)
    for name, series in zip(apps, times, strict=False):
        yield at_most(f"a decision on {name}", median(series) / 1000, limits[name], "ms")
    for name, series in zip(apps, times[len(apps) :], strict=True):
        yield shown(f"a change on {name}, with receipt", median(series) / 1000, "ms")
    for app in apps.values():
        app.extensions["consentry"].store.close()
    if MEMORY.is_dir():
        yield from _in_memory(run)


def _in_memory(run: Run) -> Iterator[Figure]:
    """
    Give what a decision takes where its log is in memory, so durable for nobody.

    The rest is what a processor takes that has slept while the disk wrote: all it goes on with has
    to be fetched anew.
    """
    with tempfile.TemporaryDirectory(dir=MEMORY) as folder:
        app = site.make(Path(folder))
        [series] = in_turns([accepting(app)], run.sizes.rounds, run.sizes.calls)
        site.leave()
    yield shown("the same on SQLite, in memory", median(series) / 1000, "ms", "not durable")


def measure_growth(run: Run) -> Iterator[Figure]:
    """Give the figures about decisions in a table that has grown."""
    empty, full = site.make(run.new_folder()), site.make(rows.full(run))
    things = [accepting(empty), accepting(full), changing(empty), changing(full)]
    times = in_turns(things, run.sizes.rounds, run.sizes.calls)
    beside = f"with {run.sizes.rows:,} rows, to the empty table"
    note = f"{median(times[1]) / 1000:.3f} to {median(times[0]) / 1000:.3f} ms"
    yield at_most(f"a decision {beside}", ratio(times[1], times[0]), 1.2, "x", note)
    note = f"{median(times[3]) / 1000:.3f} to {median(times[2]) / 1000:.3f} ms"
    yield shown(f"a change {beside}", ratio(times[3], times[2]), "x", note)
    for app in (empty, full):
        app.extensions["consentry"].store.close()


def accepting(app: site.Flask) -> Callable[[], object]:
    """Return what accepts once, as somebody new."""
    return visitor.decision(app, {"decision": "accept"})


def changing(app: site.Flask) -> Callable[[], object]:
    """Return what changes a decision once: its earlier event is looked up by the receipt."""
    cookie = visitor.with_receipt(app)
    changes = cycle(
        visitor.decision(app, {"decision": "save", "service": service}, cookie)
        for service in ("matomo", "youtube")
    )

    def change() -> object:
        return next(changes)()

    return change
