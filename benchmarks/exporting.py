"""CPU time and memory of an export, in a fresh process for each: ``FOLDER FORMAT``."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from benchmarks import rows, site
from benchmarks.figure import Figure, at_least, at_most
from benchmarks.run import Run

ROOT = Path(__file__).parents[1]

#: What each is called, and rows per CPU second at least.
FORMATS = {
    "jsonl": ("JSON Lines", 200_000),
    "csv": ("CSV", 100_000),
}


def measure(run: Run) -> Iterator[Figure]:
    """Give the figures about exports."""
    folder = rows.full(run)
    for format, (name, limit) in FORMATS.items():
        told = told_by("-m", "benchmarks.exporting", folder, format)
        what = f"export of {told['rows']:,} rows, {name}"
        yield at_least(what, told["rows"] / told["seconds"], limit, "rows per CPU second")
        yield at_most(f"peak memory of it, {name}", told["peak"] / 1e6, 60, "MB", beside(told))


def told_by(*words: object) -> dict[str, float]:
    """
    Return what Python says in a fresh process.

    What is installed has its modules compiled, and compiling takes memory: so it is done before.
    """
    own = [sys.executable, "-m", "compileall", "-q", "consent", "benchmarks"]
    subprocess.run(own, cwd=ROOT, check=True)
    command = [sys.executable, *map(str, words)]
    done = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)
    answer: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return answer


def export(folder: Path, format: str) -> dict[str, float]:
    """Export the log of the site in *folder*; return rows, CPU seconds and bytes of memory."""
    from consent.log.export.file import Request, to_file

    store = site.make(folder).extensions["consentry"].store
    target = folder / f"export.{format}"
    before, start = peak(), time.process_time()
    asked = Request(format, "benchmark", "benchmark", time.time_ns(), "https://example.org/consent")
    written = to_file(store, target, asked)
    seconds = time.process_time() - start
    target.unlink()
    return {"rows": written, "seconds": seconds, **memory(before)}


def beside(told: dict[str, float]) -> str:
    """Return what is to be known about the peak of memory of an export."""
    shared, before = told["shared"] / 1e6, told["before"] / 1e6
    return f"{shared:.0f} of it libraries in files, {before:.0f} the site before it began"


def memory(before: int) -> dict[str, float]:
    """Return bytes: the peak, what of it others share, and the peak *before* the export."""
    return {"peak": peak(), "shared": peak("RssFile"), "before": before}


def peak(what: str = "VmHWM") -> int:
    """
    Return the most memory that this process had, in bytes, or another line of its status.

    Not getrusage: its value begins with what the parent had when it started us.
    """
    status = Path("/proc/self/status").read_text()
    line = next(line for line in status.splitlines() if line.startswith(f"{what}:"))
    return int(line.split()[1]) * 1024


if __name__ == "__main__":
    print(json.dumps(export(Path(sys.argv[1]), sys.argv[2])))
