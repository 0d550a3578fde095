"""
CPU time and memory of a bundle and of checking it, in a fresh process for each: ``FOLDER`` gets
the file ``bundle.zip``.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from benchmarks import rows, site
from benchmarks.exporting import ROOT, beside, memory, peak, told_by
from benchmarks.figure import Figure, at_least, at_most, shown
from benchmarks.run import Run


def measure(run: Run) -> Iterator[Figure]:
    """Give the figures about bundles."""
    folder = rows.full(run)
    told = told_by("-m", "benchmarks.bundling", folder)
    what = f"{told['rows']:,} rows"
    rate = told["rows"] / told["seconds"]
    yield shown(f"bundle of {what}", rate, "rows per CPU second")
    yield at_most("peak memory of it, bundle", told["peak"] / 1e6, 60, "MB", beside(told))
    yield shown("size of it, per event", told["bytes"] / told["rows"], "bytes")
    told = told_by("-I", "-c", CHECK, ROOT / "consent" / "log", folder / "bundle.zip")
    rate = told["rows"] / told["seconds"]
    note = f"{told['seconds'] / told['rows'] / told['hashing']:.1f} times the hashing of the leaves"
    yield at_least(f"checking it offline, {what}", rate, 150_000, "rows per CPU second", note)
    yield at_most("peak memory of it, checking", told["peak"] / 1e6, 60, "MB")


#: Checks a bundle as an auditor does, with nothing loaded but the one file.
CHECK = """
import contextlib, io, json, os, runpy, sys, time

sys.argv[1:] = [sys.argv[1], sys.argv[2], "--json", "--lang", "en"]
file = os.path.join(sys.argv.pop(1), "verify.py")
told, start = io.StringIO(), time.process_time()
with contextlib.redirect_stdout(told), contextlib.suppress(SystemExit):
    runpy.run_path(file, run_name="__main__")
seconds = time.process_time() - start
report = json.loads(told.getvalue())
assert not report["wrong"], report["findings"][0]
rows = sum(int(line.split(": ")[1].split()[0]) for line in report["proven"] if "sealed" in line)
status = open("/proc/self/status").read().split("VmHWM:")[1]
hashes = runpy.run_path(file)["leaf_hashes"]
salts, bodies = [os.urandom(32) for _ in range(1000)], [os.urandom(540) for _ in range(1000)]
start = time.process_time()
for _ in range(50):
    hashes(salts, bodies)
hashing = (time.process_time() - start) / 50_000
peak = int(status.split()[0]) * 1024
print(json.dumps({"rows": rows, "seconds": seconds, "hashing": hashing, "peak": peak}))
"""


def export(folder: Path) -> dict[str, float]:
    """Export the log of the site in *folder*; return rows, CPU seconds and bytes."""
    from consent.log import bundle

    sealer = site.make(folder).extensions["consentry"].sealer
    target = folder / "bundle.zip"
    asked = bundle.Request("benchmark", "benchmark", time.time_ns())
    before, start = peak(), time.process_time()
    written = bundle.to_file(sealer, target, asked)
    seconds = time.process_time() - start
    size = target.stat().st_size
    return {"rows": written, "seconds": seconds, **memory(before), "bytes": size}


if __name__ == "__main__":
    print(json.dumps(export(Path(sys.argv[1]))))
