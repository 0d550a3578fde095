"""What stands in the columns of a view; the same ones in every view that has columns."""

from __future__ import annotations

from datetime import date, datetime
from typing import Literal

import msgspec

from consent.errors import LogError
from consent.log import event

COLUMNS = (
    *("recorded_at", "event", "kind", "control", "layer", "language"),
    *("granted", "refused", "undecided", "purposes", "valid_until"),
    *("receipt", "previous", "notice", "site", "id", "software", "details"),
)

#: What stands over them in a spreadsheet, whose times cannot say themselves that they are UTC.
HEADS = ("recorded_at (UTC)", *COLUMNS[1:])


class Line(msgspec.Struct):
    """An event as columns, with what is there for an event that has no such field."""

    recorded_at: str
    event: str
    site: str
    id: str
    software: str
    format: Literal["consent-event/1"]
    kind: str = ""
    control: str = ""
    layer: str = ""
    language: str = ""
    granted: list[str] = []
    refused: list[str] = []
    undecided: list[str] = []
    purposes: dict[str, str] = {}
    valid_until: str | None = None
    receipt: str | None = None
    previous: str | None = None
    notice: str = ""


_line = msgspec.json.Decoder(Line)
_NO_EVENT = (*event.NO_EVENT, LogError)

#: Stands in place of the sort of what somebody altered so that it is no event any more.
UNREADABLE = "unreadable"


def row(body: bytes) -> tuple[Line, str]:
    """
    Return the columns of an event, and its details: what it has beyond them, as JSON.

    One line that was altered keeps no other from whoever needs them: it is marked as unreadable,
    and its details are the line as it lies there.
    """
    try:
        line = _line.decode(body)
        return line, _details(line, body)
    except _NO_EVENT:
        return _unreadable(body)


def typed(body: bytes) -> tuple[Line, str, datetime | None, date | None]:
    """Return the same, when the event was recorded, and the last day on which it counts."""
    try:
        line = _line.decode(body)
        day = date.fromisoformat(line.valid_until) if line.valid_until else None
        return line, _details(line, body), datetime.fromisoformat(line.recorded_at), day
    except _NO_EVENT:
        return *_unreadable(body), None, None


def found(body: bytes) -> str:
    """Return what was found in the place of an event, as text."""
    return body.decode("utf-8", "replace")


def _unreadable(body: bytes) -> tuple[Line, str]:
    return Line("", UNREADABLE, "", "", "", "consent-event/1"), found(body)


def _details(line: Line, body: bytes) -> str:
    if line.event == "decision":
        return ""
    fields = msgspec.json.decode(body)
    rest = {name: fields[name] for name in fields if name not in Line.__struct_fields__}
    return event.spelled(rest).decode()
