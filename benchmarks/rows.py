"""A table with many rows, filled the quick way."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from sqlalchemy import event as hook
from sqlalchemy import insert

from benchmarks.run import Run
from consent.choice.receipt import new_receipt
from consent.log import event
from consent.log.database import schema, tables
from consent.log.database.connection import connect
from consent.log.merkle import tree
from consent.log.seal import Sealer
from consent.log.store import Store
from consent.version import SOFTWARE

SITE = "kreisverband-musterland.example"
CHUNK = 10_000

#: Nanoseconds between two events: a million of them are half a year.
PAUSE = 15_000_000_000

_folders: dict[tuple[Path, int], Path] = {}


def one() -> event.Event:
    """Return a small event of just now."""
    return event.export(
        now_ns=time.time_ns(),
        site=SITE,
        by="benchmark",
        format="jsonl",
        since=None,
        until=None,
        rows=0,
        software=SOFTWARE,
    )


def full(run: Run) -> Path:
    """Return the folder of a site whose log has the rows of *run*, sealed, at the first call."""
    key = (run.folder, run.sizes.rows)
    if key not in _folders:
        folder = _folders[key] = run.new_folder()
        url = f"sqlite:///{folder}/consent.sqlite3"
        fill(url, run.sizes.rows)
        store = Store(url, SITE)
        Sealer(store, folder / "instance" / "consent.key", SOFTWARE).seal()
        store.close()
    return _folders[key]


def fill(url: str, rows: int) -> None:
    """Put *rows* events into the database at *url*, two thirds of them with a receipt."""
    started = time.perf_counter()
    engine = connect(url)
    is_sqlite = engine.dialect.name == "sqlite"
    if is_sqlite:
        hook.listen(engine, "connect", _hasten)
    schema.ensure(engine)
    source = _events(rows)
    with engine.begin() as connection:
        while chunk := list(islice(source, CHUNK)):
            connection.execute(insert(tables.event), chunk)
            connection.execute(insert(tables.pending), [_waiting(row) for row in chunk])
    if is_sqlite:
        with engine.connect() as connection:
            connection.exec_driver_sql("COMMIT")
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    engine.dispose()
    print(f"filled {rows:,} rows in {time.perf_counter() - started:.0f} s", file=sys.stderr)


def _hasten(connection: Any, _record: object) -> None:
    connection.execute("PRAGMA synchronous = OFF")
    connection.execute("PRAGMA cache_size = -800000")


def _events(rows: int) -> Iterator[dict[str, Any]]:
    start = time.time_ns() - rows * PAUSE
    for n in range(rows):
        made = _refusal(start + n * PAUSE) if n % 3 == 2 else _grant(start + n * PAUSE)
        yield {
            "site": SITE,
            "shard": 0,
            "id": made.id.bytes,
            "recorded_at": made.recorded_at,
            "receipt": made.receipt,
            "body": made.body,
            "salt": os.urandom(tree.LENGTH),
        }


def _waiting(row: dict[str, Any]) -> dict[str, object]:
    sealed = {name: row[name] for name in ("site", "shard", "id")}
    return {**sealed, "commitment": tree.commitment(row["salt"], row["body"])}


def _grant(now_ns: int) -> event.Event:
    return _event(
        now_ns,
        kind="grant",
        control="accept",
        granted=("matomo", "youtube"),
        refused=(),
        purposes={"statistics": "granted", "media": "granted"},
        receipt=new_receipt(),
    )


def _refusal(now_ns: int) -> event.Event:
    return _event(
        now_ns,
        kind="refusal",
        control="reject",
        granted=(),
        refused=("matomo", "youtube"),
        purposes={"statistics": "refused", "media": "refused"},
        receipt=None,
    )


def _event(now_ns: int, **fields: Any) -> event.Event:
    return event.decision(
        now_ns=now_ns,
        site=SITE,
        notice="5e" * 32,
        language="de",
        layer="banner",
        undecided=(),
        previous=None,
        valid_until="2027-05-24",
        software=SOFTWARE,
        **fields,
    )
