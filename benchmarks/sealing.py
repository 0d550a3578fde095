"""What the log costs: the commitment of an event, its seal, its proof."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from statistics import median

from benchmarks import rows
from benchmarks.clock import in_turns
from benchmarks.figure import Figure, at_least, at_most, shown
from benchmarks.rows import SITE
from benchmarks.run import Run
from consent.log.merkle import tree
from consent.log.seal import Sealer
from consent.log.store import Store
from consent.version import SOFTWARE


def measure(run: Run) -> Iterator[Figure]:
    """Give the figures about sealing on both databases, and about proofs in a full log."""
    body = b"x" * 560
    [times] = in_turns(
        [lambda: tree.commitment(os.urandom(tree.LENGTH), body)], run.sizes.rounds, 1000
    )
    yield at_most("salt and commitment of a decision", median(times), 10, "us")
    urls = {"SQLite": f"sqlite:///{run.new_folder()}/consent.sqlite3"}
    if run.new_database:
        urls["PostgreSQL"] = run.new_database()
    for name, url in urls.items():
        yield from _sealing(run, name, url)
    yield from _proving(run)


def _sealing(run: Run, name: str, url: str) -> Iterator[Figure]:
    store = Store(url, SITE)
    sealer = Sealer(store, run.new_folder() / "consent.key", SOFTWARE)
    store.append(rows.one())
    sealer.seal()  # the first time is longer
    rows.fill(url, run.sizes.rows // 20)  # the rate is the same for more
    cpu, wall = time.process_time(), time.perf_counter()
    sealed = sealer.seal()
    cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
    note = f"{sealed / wall:,.0f} a second"
    yield at_least(f"sealing on {name}", sealed / cpu, 50_000, "leaves per CPU second", note)
    waits = []
    for _ in range(run.sizes.calls * 10):
        store.append(rows.one())
        start = time.perf_counter()
        sealer.seal()
        waits.append((time.perf_counter() - start) * 1000)
    waits.sort()
    note = f"99 of 100 within {waits[len(waits) * 99 // 100]:.1f} ms"
    yield shown(f"a seal of one event on {name}", median(waits), "ms", note)
    store.close()


def _proving(run: Run) -> Iterator[Figure]:
    store = Store(f"sqlite:///{rows.full(run)}/consent.sqlite3", SITE)
    with store.snapshot() as snapshot:
        origin = snapshot.logs()[-1].origin
        some = [p.id for p in snapshot.places(origin) if p.id and p.index % 4999 == 1]
        ids, salt = iter(some * run.sizes.rounds * 10), bytes(tree.LENGTH)
        file = snapshot.proof(some[0], salt) or ""
        [times] = in_turns([lambda: snapshot.proof(next(ids), salt)], run.sizes.rounds, 20)
    beside = f"in a log of {run.sizes.rows:,}"
    yield at_most(f"a proof {beside}", median(times) / 1000, 1, "ms")
    yield at_most(f"its file {beside}", len(file.encode()), 1500, "bytes")
    store.close()
