"""Measure, and print what | measured | budget | met."""

from __future__ import annotations

import argparse
import os
import platform
import sqlite3
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from statistics import median

from benchmarks import (
    browser,
    bundling,
    decisions,
    desk,
    exporting,
    pages,
    rates,
    sealing,
    site,
    sizes,
    stored,
    waiting,
)
from benchmarks.clock import in_turns
from benchmarks.figure import Figure, table
from benchmarks.run import FULL, QUICK, Run, disk
from consent.check.browser import installed_chromium
from tests.postgres import Cluster, NotInstalledError

PARTS: dict[str, Callable[[Run], Iterator[Figure]]] = {
    "sizes": sizes.measure,
    "pages": pages.measure,
    "stored": stored.measure,
    "decisions": decisions.measure,
    "rates": rates.measure,
    "rows": decisions.measure_growth,
    "export": exporting.measure,
    "bundle": bundling.measure,
    "desk": desk.measure,
    "sealing": sealing.measure,
    "waiting": waiting.measure,
    "browser": browser.measure,
}

NO_POSTGRESQL = "*** NO POSTGRESQL: its figures are missing. On Debian: apt install postgresql"
NO_CHROMIUM = "*** NO CHROMIUM: the browser's figures are missing. On Debian: apt install chromium"


def main(arguments: list[str] | None = None) -> None:
    """Run what the command line asks for."""
    options = _options().parse_args(arguments)
    chosen = options.only.split(",") if options.only else list(PARTS)
    wanted = QUICK if options.quick else FULL
    if options.rows:
        wanted = replace(wanted, rows=options.rows)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(dir=disk())))
        new_database = None
        if {"decisions", "rates", "sealing"} & set(chosen):
            try:
                new_database = stack.enter_context(Cluster()).database
            except NotInstalledError:
                print(NO_POSTGRESQL)
        chromium = installed_chromium()
        if "browser" in chosen and not chromium:
            print(NO_CHROMIUM)
        stack.callback(site.leave)
        report(Run(wanted, folder, new_database, chromium), chosen)


def report(run: Run, chosen: list[str]) -> None:
    """Measure the *chosen* parts and print the table."""
    for line in _preface(run):
        print(line)
    figures = []
    for name in chosen:
        started = time.perf_counter()
        figures += PARTS[name](run)
        print(f"{name}: {time.perf_counter() - started:.0f} s", file=sys.stderr)
    print()
    for line in table(figures):
        print(line)
    missed = sum(figure.met is False for figure in figures)
    print(f"\n{missed} of {sum(f.met is not None for f in figures)} budgets not met")


def _preface(run: Run) -> Iterator[str]:
    load = os.getloadavg()[0]
    yield (
        f"Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}, "
        f"{os.cpu_count()} processors, load {load:.1f}, files in {run.folder.parent}"
    )
    yield (
        f"A SHA-256 over 65 bytes takes {hash_time():.2f} us of CPU just now, about 0.6 where "
        "nobody else is at work: by so much are CPU times longer, and rates lower"
    )
    yield (
        "Server figures are CPU time of direct WSGI calls, without server or test client; in "
        "turns, medians."
    )


def hash_time() -> float:
    """Return microseconds of CPU for one hash, by which runs and machines can be compared."""
    (times,) = in_turns([lambda: sha256(bytes(65)).digest()], 20, 1000)
    return median(times)


def _options() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="benchmarks", description=__doc__)
    parser.add_argument("--only", metavar="PART,…", help=f"of: {', '.join(PARTS)}")
    parser.add_argument("--quick", action="store_true", help="a look, not a measurement")
    parser.add_argument("--rows", type=int, help="rows of the full table")
    return parser


if __name__ == "__main__":
    main()
