"""An export holds as much in memory whatever the size of the log is."""

from __future__ import annotations

import json
import subprocess
import sys
import tracemalloc
from pathlib import Path

import pytest

from benchmarks import rows
from consent.log import bundle
from consent.log.database.stream import CACHE, sparing
from consent.log.export import file
from consent.log.seal import Sealer
from consent.log.store import Store
from tests.log.samples import DAY, NOW, SOFTWARE

ROOT = Path(__file__).parents[2]

SIZES = (800, 4_800)

#: Bytes of a process that are ours, where a site writes a bundle: what is not in the libraries.
OURS = 6_800_000

#: Writes a bundle of the site in a folder; tells the bytes that takes beyond the libraries, and
#: which modules are loaded.
PROGRAM = """
import json, sys, time, tracemalloc
import babel.dates, babel.units, flask, msgspec, sqlalchemy.dialects.sqlite
import cryptography.hazmat.primitives.asymmetric.ed25519
tracemalloc.start()
from pathlib import Path
from benchmarks import rows, site
sealer = site.make(Path(sys.argv[1])).extensions["consentry"].sealer
sealer.store.append(rows.one())
from consent.log import bundle
bundle.to_file(sealer, Path(sys.argv[1], "b.zip"), bundle.Request("b", "b", time.time_ns()))
print(json.dumps([tracemalloc.get_traced_memory()[1], sorted(sys.modules)]))
"""

#: What a site has for its pages and its desk, for its first start, for other databases, for other
#: keys, and for other commands.
NEEDLESS = {
    "alembic",
    "consent.commands.auditor",
    "consent.commands.stats",
    "consent.log.verify",
    "consent.web.desk.pages",
    "consent.web.report.report",
    "cryptography.hazmat.primitives.serialization",
    "html.parser",
    "sqlalchemy.dialects.postgresql",
    "sqlalchemy.orm",
}


@pytest.fixture(scope="module")
def sealers(tmp_path_factory):
    """Two logs, of 800 and 4,800 events, which are 4 and 19 tiles."""
    made = []
    for size in SIZES:
        folder = tmp_path_factory.mktemp("log")
        rows.fill(f"sqlite:///{folder}/log.db", size)
        sealer = Sealer(Store(f"sqlite:///{folder}/log.db", rows.SITE), folder / "key", SOFTWARE)
        sealer.seal()
        made.append(sealer)
    yield made
    for sealer in made:
        sealer.store.close()


def export(sealer: Sealer, format: str, path: Path) -> int:
    if format == "bundle":
        return bundle.to_file(sealer, path, bundle.Request("Müller", SOFTWARE, NOW + 400 * DAY))
    asked = file.Request(format, "Müller", SOFTWARE, NOW + 400 * DAY, "https://example.org/consent")
    return file.to_file(sealer.store, path, asked)


@pytest.mark.parametrize("format", ["bundle", "jsonl", "csv"])
def test_six_times_the_events_take_the_same_memory(sealers, tmp_path, format):
    """
    Neither the 4,000 events more, three megabytes, nor their 200 kB of the tree are held (AU-13).
    """
    peaks = []
    for sealer, size in zip(sealers, SIZES, strict=True):
        export(sealer, format, tmp_path / "first")  # for what is made once, and kept
        tracemalloc.start()
        count = export(sealer, format, tmp_path / f"of {size}")
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()

        assert count > size
    assert peaks[1] - peaks[0] < 150_000, peaks


def test_little_of_the_file_is_kept_while_it_is_read(sealers):
    """
    What reads an SQLite file from end to end keeps few of its pages, and whoever comes next many.
    """
    with sealers[0].store.snapshot() as now:
        ask = now.connection.exec_driver_sql
        usual = ask("PRAGMA cache_size").scalar()
        with sparing(now.connection):
            meanwhile = ask("PRAGMA cache_size").scalar()

        assert meanwhile == -CACHE
        assert ask("PRAGMA cache_size").scalar() == usual < meanwhile


def test_a_site_that_exports_loads_what_it_needs(tmp_path):
    """
    Of the memory of a command that writes a bundle little is ours: what the desk, the first start,
    other databases or other keys need is not loaded, and the rest is bounded.
    """
    command = [sys.executable, "-c", PROGRAM, tmp_path]
    told = [
        json.loads(subprocess.run(command, cwd=ROOT, capture_output=True, check=True).stdout)
        for _ in ("to begin the log", "to measure")
    ]

    peak, modules = told[1]
    assert NEEDLESS & set(modules) == set()
    assert peak < OURS
