"""One page load in Chromium, and what the browser itself tells about it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

#: Collects what the browser tells while a page loads. Runs in every page alike.
OBSERVE = """
globalThis.seen = { shift: 0, tasks: 0, banner: null, paint: null };
const observe = (type, take) => {
  const observer = new PerformanceObserver((list) => list.getEntries().forEach(take));
  observer.observe({ type, buffered: true });
};
observe("layout-shift", (entry) => { if (!entry.hadRecentInput) seen.shift += entry.value; });
observe("longtask", () => { seen.tasks += 1; });
observe("element", (entry) => {
  if (entry.intersectionRect.height) seen.banner ??= entry.renderTime;
});
observe("paint", (entry) => {
  if (entry.name === "first-contentful-paint") seen.paint = entry.startTime;
});
addEventListener("click", (event) => { seen.click = event.timeStamp; }, true);
"""


@dataclass(frozen=True, slots=True)
class Load:
    """What a page needed until it was at rest."""

    cpu: float  #: milliseconds of the main thread's CPU
    script: float  #: milliseconds of them in scripts
    heap: float  #: KiB of JavaScript's heap that are in use after a collection
    shift: float  #: cumulative layout shift
    long_tasks: int
    first_paint: float  #: of any content, in milliseconds
    banner: float  #: when the banner was painted; infinite if it was not
    requests: int  #: for files of consentry that went to the server


@contextmanager
def open_browser(program: str) -> Iterator[Any]:
    """Give a browser."""
    from playwright.sync_api import sync_playwright

    options = ["--no-sandbox"] if os.getuid() == 0 else []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=options)
        try:
            yield browser
        finally:
            browser.close()


def load(context: Any, url: str, settle: int, slower: int = 1) -> Load:
    """Load *url* in a new page; *settle* is in milliseconds."""
    page = context.new_page()
    try:
        page.add_init_script(OBSERVE)
        session = context.new_cdp_session(page)
        requests = _count_requests(session)
        if slower > 1:
            session.send("Emulation.setCPUThrottlingRate", {"rate": slower})
        session.send("Performance.enable", {"timeDomain": "threadTicks"})
        before = _metrics(session)
        page.goto(url, wait_until="load")
        page.wait_for_timeout(settle * slower)
        after = _metrics(session)
        seen = page.evaluate("seen")
        session.send("HeapProfiler.collectGarbage")
        heap = _metrics(session)["JSHeapUsedSize"]
    finally:
        page.close()
    return Load(
        cpu=(after["TaskDuration"] - before["TaskDuration"]) * 1000,
        script=(after["ScriptDuration"] - before["ScriptDuration"]) * 1000,
        heap=heap / 1024,
        shift=seen["shift"],
        long_tasks=seen["tasks"],
        first_paint=seen["paint"] or 0.0,
        banner=float("inf") if seen["banner"] is None else seen["banner"],
        requests=len(requests),
    )


def script_time(context: Any, url: str, doing: str, settle: int) -> float:
    """
    Return the milliseconds that scripts of the page at *url* need for what *doing* sets off.

    *doing* is a function in JavaScript; *settle* is in milliseconds.
    """
    page = context.new_page()
    try:
        session = context.new_cdp_session(page)
        session.send("Performance.enable", {"timeDomain": "threadTicks"})
        page.goto(url, wait_until="load")
        page.wait_for_timeout(settle)
        before = _metrics(session)["ScriptDuration"]
        page.evaluate(doing)
        page.wait_for_timeout(settle)
        return (_metrics(session)["ScriptDuration"] - before) * 1000
    finally:
        page.close()


def accept(context: Any, url: str) -> float:
    """Accept on the page at *url*; return milliseconds from the click to the gated script."""
    page = context.new_page()
    try:
        page.add_init_script(OBSERVE)
        page.goto(url, wait_until="load")
        page.click("#consent button[value=accept]")
        page.wait_for_function("globalThis.started")
        return float(page.evaluate("started - seen.click"))
    finally:
        page.close()


def _metrics(session: Any) -> dict[str, float]:
    listed = session.send("Performance.getMetrics")["metrics"]
    return {metric["name"]: metric["value"] for metric in listed}


def _count_requests(session: Any) -> list[str]:
    """Return a list that grows with each answer for one of our files that no cache gave."""
    found: list[str] = []
    cached: set[str] = set()

    def answered(event: dict[str, Any]) -> None:
        response = event["response"]
        kept = response.get("fromDiskCache") or event["requestId"] in cached
        if "/consent/" in response["url"] and not kept:
            found.append(response["url"])

    session.on("Network.requestServedFromCache", lambda event: cached.add(event["requestId"]))
    session.on("Network.responseReceived", answered)
    session.send("Network.enable")
    return found
