"""
Signals by which a browser asks not to be followed: Global Privacy Control and Do Not Track.

An honoured signal stands for a refusal that nobody has to click: nothing is asked and nothing
is on. What a visitor allows here while sending it is more specific and counts; a signal that
comes after a consent pauses what was granted, and the visitor is asked (requirements SG-02,
SG-03, SG-05). Nothing about signals is recorded (SG-06).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Final

from consent.policy.model import Signal

#: Header of the request by signal.
HEADERS: Final[Mapping[Signal, str]] = {"gpc": "Sec-GPC", "dnt": "DNT"}

#: The day on which this software began to honour GPC, as its support resource tells.
SUPPORTED_SINCE: Final = "2026-11-25"


def is_sent(value: str | None) -> bool:
    """
    Tell whether a header of that *value* is the signal; None: there is no such header.

    Only "1" counts; a server joins several fields of one name by commas (GPC, section 3.2).

    >>> is_sent("1"), is_sent("0, 1"), is_sent("true"), is_sent(None)
    (True, True, False, False)
    """
    return value is not None and "1" in [part.strip(" \t") for part in value.split(",")]


def sent(header: Callable[[str], str | None], honoured: Iterable[Signal]) -> Signal | None:
    """Return the first *honoured* signal that a request's *header* of that name says, or None."""
    return next((signal for signal in honoured if is_sent(header(HEADERS[signal]))), None)
