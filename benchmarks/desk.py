"""What the pages of the auditor's desk cost in a full log."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from statistics import median

from flask.testing import FlaskClient
from sqlalchemy import Connection, delete

from benchmarks import rows, site
from benchmarks.clock import in_turns
from benchmarks.figure import Figure, at_least, at_most
from benchmarks.run import Run
from consent.audit.sample import look
from consent.log.database import tables
from consent.web.site import Site

OWN = {"Sec-Fetch-Site": "same-origin"}
DESK = "/consent/audit"

_TODAY = datetime.now(UTC).date()
_NOTICE = {"notice": "5e" * 32}


def _days(count: int) -> dict[str, str]:
    return {"since": str(_TODAY - timedelta(days=count)), "until": str(_TODAY)}


#: Pages by what they show: path and fields.
PAGES: Mapping[str, tuple[str, Mapping[str, str]]] = {
    "overview of a month": ("/overview", {"period": "own", **_days(30)}),
    "overview of a year": ("/overview", {"period": "own", **_days(365)}),
    "newest events": ("/find", {}),
    "events of a kind": ("/find", {"kind": "refusal", **_days(30)}),
    "events of a service": ("/find", {"service": "matomo", "answer": "refused"}),
    "events of a notice that nobody saw": ("/find", {"notice": "00" * 32}),
    "notices": ("/notices", {}),
    "sample": ("/sample", {"nonce": "7391", "number": "25"}),
    "how much everything is": ("/exports", {"format": "jsonl"}),
    "how much a selection is": ("/exports", {"format": "csv", "kind": "grant", **_NOTICE}),
    "how much a bundle is": ("/exports", {"format": "bundle", **_days(30)}),
    "summary": ("/exports/summary", {}),
    "accesses": ("/access", {}),
}


def measure(run: Run) -> Iterator[Figure]:
    """Give the time of each page, and how fast a log is counted that was there before."""
    app = site.make(rows.full(run), CONSENT_AUDITOR=lambda: "benchmark")
    desk: Site = app.extensions["consentry"]
    leaves = sum(log.size for log in desk.store.logs())
    desk.store.transact(_forget)  # a site that ran before may have counted them
    start = time.process_time()
    desk.counter.catch_up()
    rate = leaves / (time.process_time() - start)
    yield at_least("counting for the figures", rate, 50_000, "leaves per CPU second")
    client = app.test_client()
    client.post(f"{DESK}/enter", headers=OWN)
    about = f"at {run.sizes.rows:,} events"
    for name, (path, fields) in (*PAGES.items(), ("a record", (record_in(desk), {}))):
        took = _took(client, path, fields, run.sizes.rounds // 8 + 1)
        yield at_most(f"desk: {name} {about}", took, 300, "ms", "CPU, with one recorded look-up")


def record_in(desk: Site) -> str:
    """Return the path of a record in the middle of the newest log."""
    with desk.store.snapshot() as now:
        log = now.logs()[-1]
        (drawn,) = look(now, [(log.origin, log.size // 2)])
    return f"/record/{drawn.id}"


def _forget(connection: Connection) -> None:
    for table in (tables.counted, tables.daily):
        connection.execute(delete(table))


def _took(client: FlaskClient, path: str, fields: Mapping[str, str], rounds: int) -> float:
    def ask() -> None:
        answer = client.get(DESK + path, query_string=dict(fields))
        if answer.status_code != 200 or "desk-problem" in answer.text:
            raise RuntimeError(f"{path} cannot be measured: it answers {answer.status_code}")

    [times] = in_turns([ask], rounds, 1)
    return median(times) / 1000
