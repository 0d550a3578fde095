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


def read(body: bytes) -> Line:
    """Return the columns of an event. Raises LogError for what is none of this format."""
    try:
        return _line.decode(body)
    except event.NO_EVENT as error:
        raise no_event(error) from None


def moment(line: Line) -> datetime:
    """Return when an event was recorded. Raises LogError as :func:`read` does."""
    try:
        return datetime.fromisoformat(line.recorded_at)
    except ValueError as error:
        raise no_event(error) from None


def last_day(line: Line) -> date | None:
    """
    Return the last day on which a decision counts; None: it is for one page view, or no decision.

    Raises LogError as :func:`read` does.
    """
    try:
        return date.fromisoformat(line.valid_until) if line.valid_until else None
    except ValueError as error:
        raise no_event(error) from None


def no_event(error: Exception) -> LogError:
    """Return what to raise for a line that somebody altered so that it is no event any more."""
    return LogError(f"an event of the log is not {event.FORMAT}: {error}")


def details(line: Line, body: bytes) -> str:
    """Return as JSON what *body* has beyond the columns of *line*; "" for a decision."""
    if line.event == "decision":
        return ""
    try:
        fields = msgspec.json.decode(body)
    except event.NO_EVENT as error:
        raise no_event(error) from None
    rest = {name: fields[name] for name in fields if name not in Line.__struct_fields__}
    return event.spelled(rest).decode()
