"""Events to test with."""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import Any

from sqlalchemy import Connection

from consent.log import event
from consent.log.database import statements, tables
from consent.log.event import Event
from consent.log.merkle import tree
from consent.log.store import Store
from consent.log.trees import SHARD

SITE = "verein.example"
SOFTWARE = "consentry/0.1.0"
RECEIPT = "aaaabbbbccccddddeeeeffff22"

#: 2026-11-25T03:50:00.123456789Z, in nanoseconds.
NOW = 1_795_578_600_123_456_789
MS = 1_000_000
DAY = 86_400_000 * MS


def make(**different: Any) -> Event:
    """Make the event of a grant, or of another decision by naming what is different."""
    fields: dict[str, Any] = {
        "now_ns": NOW,
        "site": SITE,
        "notice": "ab" * 32,
        "language": "de",
        "layer": "banner",
        "control": "accept",
        "kind": "grant",
        "granted": {"youtube", "matomo"},
        "refused": (),
        "undecided": (),
        "purposes": {"statistics": "granted", "media": "granted"},
        "receipt": RECEIPT,
        "previous": None,
        "valid_until": "2027-05-24",
        "software": SOFTWARE,
    }
    return event.decision(**{**fields, **different})


def refuse(**different: Any) -> Event:
    """Make the event of a refusal."""
    fields: dict[str, Any] = {
        "control": "reject",
        "kind": "refusal",
        "granted": (),
        "refused": ("matomo", "youtube"),
        "purposes": {"statistics": "refused", "media": "refused"},
        "receipt": None,
    }
    return make(**{**fields, **different})


def record(store: Store, decisions: Iterable[Event]) -> None:
    """Record *decisions* as appending one after the other does, in one transaction."""
    rows, waiting = [], []
    for made in decisions:
        id, salt = made.id.bytes, os.urandom(tree.LENGTH)
        rows.append((store.site, SHARD, id, made.recorded_at, made.receipt, made.body, salt))
        waiting.append((store.site, SHARD, id, tree.commitment(salt, made.body)))

    def write(connection: Connection) -> None:
        for table, values in ((tables.event, rows), (tables.pending, waiting)):
            insertion = statements.insertion(table, connection.dialect)
            connection.exec_driver_sql(insertion, values)

    store.transact(write)
