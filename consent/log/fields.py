"""
The fields of an event, for whoever shows or follows one that lies in the database.

Whoever can write there can alter a line into anything. What is none of ours any more has no fields
at all, so that nobody stumbles over it; that it was altered is what its proof tells.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

import msgspec

from consent.log.event import FORMAT, NO_EVENT, Kind


class _Event(msgspec.Struct, tag_field="format", tag=FORMAT, kw_only=True):
    event: str
    id: UUID
    recorded_at: datetime
    granted: list[str] = []
    refused: list[str] = []
    undecided: list[str] = []
    purposes: dict[str, str] = {}
    language: str = ""
    notice: str | None = None


class _Decision(_Event, tag_field="format", tag=FORMAT, kw_only=True):
    kind: Kind
    granted: list[str]
    refused: list[str]
    undecided: list[str]
    purposes: dict[str, str]
    language: str
    notice: str
    receipt: str | None
    valid_until: date | None


class Due(msgspec.Struct):
    """What tells when an event is to be erased."""

    event: str
    recorded_at: datetime
    kind: str = ""
    valid_until: date | None = None


_event, _decision = msgspec.json.Decoder(_Event), msgspec.json.Decoder(_Decision)

#: Here and not where it is used, which is loaded late: in a test of a site that has its clock stand
#: still there may be other classes for days by then, and every event would count as altered.
DUE = msgspec.json.Decoder(Due)


def fields_of(body: bytes) -> dict[str, Any]:
    """Return the fields of a line; none if it was altered so that it is none."""
    try:
        if _event.decode(body).event == "decision":
            _decision.decode(body)
        fields = dict(msgspec.json.decode(body))
    except NO_EVENT:
        return {}
    # In another zone, or in none, it may be of no year that there is.
    return fields if fields["recorded_at"].endswith("Z") else {}
