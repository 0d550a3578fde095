"""What the first page of the auditor's desk costs in a full log."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from statistics import median

from benchmarks import rows, site
from benchmarks.clock import in_turns
from benchmarks.figure import Figure, at_least, at_most
from benchmarks.run import Run
from consent.web.site import Site

OWN = {"Sec-Fetch-Site": "same-origin"}


def measure(run: Run) -> Iterator[Figure]:
    """Give the time of the page, and how fast a log is counted that was there before."""
    app = site.make(rows.full(run), CONSENT_AUDITOR=lambda: "benchmark")
    desk: Site = app.extensions["consentry"]
    leaves = sum(log.size for log in desk.store.logs())
    start = time.process_time()
    desk.counter.catch_up()
    rate = leaves / (time.process_time() - start)
    yield at_least("counting for the figures", rate, 50_000, "leaves per CPU second")
    client = app.test_client()
    client.post("/consent/audit/enter", headers=OWN)
    until: date = datetime.now(UTC).date()
    query = f"period=own&since={until - timedelta(days=200)}&until={until}"
    address = f"/consent/audit/overview?{query}"
    answer = client.get(address)
    if answer.status_code != 200 or 'id="days-title"' not in answer.text:
        raise RuntimeError("the overview shows no picture of the events that it is measured with")
    [times] = in_turns([lambda: client.get(address)], run.sizes.rounds // 4, 3)
    what = f"overview page at {run.sizes.rows:,} events"
    yield at_most(what, median(times) / 1000, 300, "ms", "CPU, with one recorded look-up")
