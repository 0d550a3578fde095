"""
What a visitor's browser has to do, measured in Debian's Chromium.

Every first visit is made by a browser that has nothing yet. Pages with and without consentry
are loaded by turns; CPU time is that of the page's main thread. Both have a small script of the
site: what the first script of a page pays for all that follow is not ours, and is shown apart.
"""

from __future__ import annotations

from collections.abc import Iterator
from statistics import median
from typing import Any

from benchmarks.browser_site import served
from benchmarks.figure import Figure, at_most, shown
from benchmarks.loading import Load, accept, load, open_browser, script_time
from benchmarks.run import Run

#: Puts 5,000 nodes into a page one by one, a hundred in each task.
INSERT = """async () => {
  for (let batch = 0; batch < 50; batch++) {
    for (let n = 0; n < 100; n++) {
      const node = document.createElement("p");
      node.textContent = n;
      document.querySelector("main").append(node);
    }
    await new Promise((done) => setTimeout(done));
  }
}"""

#: Accepts, and waits until all is there.
ACCEPT = """async () => {
  document.querySelector("#consent [value=accept]").click();
  while (document.querySelectorAll("iframe").length < 100)
    await new Promise((done) => setTimeout(done, 20));
}"""

#: How much slower than this machine the visitor's is where the figure says so.
SLOW = 4


def measure(run: Run) -> Iterator[Figure]:
    """Give the figures about the browser."""
    if run.chromium is None:
        return
    with served(run.new_folder()) as address, open_browser(run.chromium) as browser:
        yield from _first_paint(run, browser, address)
        yield from _first_visit(run, browser, address)
        yield from _returning(run, browser, address)
        yield from _accept(run, browser, address)
        yield from _ordered(run, browser, address)
        yield from _many(run, browser, address)


def _first_paint(run: Run, browser: Any, address: str) -> Iterator[Figure]:
    slow, bare = [], []
    for _ in range(run.sizes.loads):
        slow.append(_fresh(run, browser, f"{address}/?timed", slower=SLOW))
        bare.append(_fresh(run, browser, f"{address}/bare", slower=SLOW))
    late = [one.banner - one.first_paint for one in slow]
    note = f"first paint after {median([one.first_paint for one in slow]):.0f} ms"
    yield at_most("banner after the first paint, 4x slower CPU", max(late), 0, "ms", note)
    yield at_most("layout shift (CLS), worst load", max(one.shift for one in slow), 0)
    tasks, others = (sum(one.long_tasks for one in loads) for loads in (slow, bare))
    note = f"{others} to {tasks} in {len(slow)} loads"
    yield at_most("long tasks added, 4x slower CPU", tasks - others, 0, "", note)


def _first_visit(run: Run, browser: Any, address: str) -> Iterator[Figure]:
    ours, bare = [], []
    for _ in range(run.sizes.loads):
        ours.append(_fresh(run, browser, f"{address}/?own"))
        bare.append(_fresh(run, browser, f"{address}/bare?own"))
    added, note = _added(ours, bare, "cpu")
    yield at_most("main-thread CPU added, first visit", added, 4, "ms", note)
    added, _ = _added(ours, bare, "script")
    yield shown("script time in it", added, "ms")
    added, note = _added(ours, bare, "heap")
    yield at_most("heap added", added, 30, "KiB", note)
    first = [_fresh(run, browser, f"{address}/{page}") for page in ("", "bare")]
    added, note = _added(first[:1], first[1:], "heap")
    yield shown("heap added, where the site has no script at all", added, "KiB", note)


def _returning(run: Run, browser: Any, address: str) -> Iterator[Figure]:
    ours, without, swept, bare = [], [], [], []
    context = browser.new_context()
    try:
        accept(context, f"{address}/")
        for _ in range(2):
            for page in ("", "without", "swept"):
                _load(run, context, f"{address}/{page}?own")
        for _ in range(run.sizes.loads):
            ours.append(_load(run, context, f"{address}/?own"))
            without.append(_load(run, context, f"{address}/without?own"))
            swept.append(_load(run, context, f"{address}/swept?own"))
            bare.append(_load(run, context, f"{address}/bare?own"))
    finally:
        context.close()
    added, note = _added(ours, without, "cpu")
    yield at_most("main-thread CPU added, returning visitor", added, 2, "ms", note)
    added, _ = _added(ours, without, "script")
    yield at_most("script time added, returning visitor", added, 1, "ms")
    added, note = _added(swept, bare, "script")
    yield at_most("script time added, with a look for what was left", added, 1, "ms", note)
    requests = max(one.requests for one in [*ours, *swept])
    yield at_most("requests of ours, returning visitor", requests, 0, "", "all loads: the worst")


def _accept(run: Run, browser: Any, address: str) -> Iterator[Figure]:
    times = _accepted(run, browser, f"{address}/")
    least = median(_accepted(run, browser, f"{address}/?prototype"))
    note = f"slowest {max(times):.1f}; {least:.1f} with the least script that does it"
    yield at_most("accept to gated script, recorded first", median(times), 30, "ms", note)


def _ordered(run: Run, browser: Any, address: str) -> Iterator[Figure]:
    three, slowest = (
        median(_accepted(run, browser, f"{address}/{page}")) for page in ("ordered", "slowest")
    )
    note = f"{three:.0f} ms to {slowest:.0f}"
    yield at_most("three scripts in order, to the slowest alone", three / slowest, 1.2, "", note)


def _many(run: Run, browser: Any, address: str) -> Iterator[Figure]:
    """Give what many nodes and many embeds cost."""
    ours, without, hundred = [], [], []
    for _ in range(run.sizes.loads):
        context = browser.new_context()
        try:
            pages = ((hundred, "hundred", ACCEPT), (ours, "", INSERT), (without, "without", INSERT))
            for times, page, doing in pages:
                times.append(script_time(context, f"{address}/{page}", doing, run.sizes.settle))
        finally:
            context.close()
    late = median([a - b for a, b in zip(ours, without, strict=True)])
    note = f"{median(without):.1f} to {median(ours):.1f}"
    yield at_most("5,000 nodes that come later, script time added", late, 5, "ms", note)
    yield shown("100 gated embeds, script time from accepting on", median(hundred), "ms")


def _accepted(run: Run, browser: Any, url: str) -> list[float]:
    times = []
    for n in range(run.sizes.loads + 1):
        context = browser.new_context()
        try:
            taken = accept(context, url)
        finally:
            context.close()
        if n:  # the very first one also stores the notice
            times.append(taken)
    return times


def _fresh(run: Run, browser: Any, url: str, slower: int = 1) -> Load:
    context = browser.new_context()
    try:
        return load(context, url, run.sizes.settle, slower)
    finally:
        context.close()


def _load(run: Run, context: Any, url: str) -> Load:
    return load(context, url, run.sizes.settle)


def _added(more: list[Load], less: list[Load], what: str) -> tuple[float, str]:
    """Return the median of the differences, and both medians in words."""
    pairs = [(getattr(a, what), getattr(b, what)) for a, b in zip(more, less, strict=True)]
    words = " to ".join(f"{median(side):.1f}" for side in zip(*pairs, strict=True))
    return median([a - b for a, b in pairs]), words
