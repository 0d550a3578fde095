"""
What a receipt was good for on a day.

Each decision of a receipt stands until the next one, at the longest to the end of its last day
(``valid_until``, included). A consent for one page view changes nothing that stands. A decision
about a service counts no longer once other material facts were shown for it: then the site asks
again (:mod:`consent.policy.terms`). So it does where a shorter time was shown since, by which all
decisions go. Days are whole days UTC.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import accumulate
from types import MappingProxyType
from typing import Any, Literal

from consent.policy.notice import last_day

#: Why nothing is granted, or that something is.
Reason = Literal["granted", "before", "withdrawn", "expired", "changed"]

Event = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class State:
    """What stands at one moment."""

    reason: Reason
    granted: tuple[str, ...]  #: services
    event: Event | None  #: the decision that stands, or the last one; None: there was none yet
    changed: tuple[str, ...] = ()  #: services of it that were shown with other facts since
    until: str | None = None  #: the last day of that decision, by the time that was shown since


@dataclass(frozen=True, slots=True)
class Day:
    """A day of a receipt: what stood when it began, what was decided, what stood at its end."""

    day: date
    start: State
    events: tuple[Event, ...]  #: of that day, in their order
    end: State


@dataclass(frozen=True, slots=True)
class Shown:
    """The newest notice at some moment: which terms it had, by service, since when, and a time."""

    terms: Mapping[str, str]
    since: str  #: RFC 3339
    lifetime: int | None = None  #: days until visitors are asked again; None: it is not known


def on(
    day: date,
    events: Sequence[Event],
    shown: tuple[Shown | None, Shown | None],
    terms: Mapping[str, Mapping[str, str]],
    lifetimes: Mapping[str, int] = MappingProxyType({}),
) -> Day:
    """
    Return what the *events* of one receipt, in their order, mean on a *day*.

    An event that is dated after the one that follows it was made by a clock that was set back
    since; it counts from the day of that one.

    *shown* are the newest notices when it began and at its end, None: it is not known; *terms* are
    those of each notice, by its hash, and *lifetimes* the days that it promised.
    """
    text = day.isoformat()
    latest = accumulate((event["recorded_at"][:10] for event in reversed(events)), min)
    dated = list(zip(events, reversed(list(latest)), strict=True))
    before = [event for event, since in dated if since < text]
    within = [event for event, since in dated if since == text]
    first, last = shown
    start = _state(day, before, first, terms, lifetimes)
    end = _state(day, before + within, last, terms, lifetimes)
    return Day(day, start, tuple(within), end)


def _state(
    day: date,
    events: Sequence[Event],
    shown: Shown | None,
    terms: Mapping[str, Mapping[str, str]],
    lifetimes: Mapping[str, int],
) -> State:
    lasting = [event for event in events if event.get("kind") != "once"]
    if not lasting:
        return State("before", (), None)
    last = lasting[-1]
    if not last["granted"]:
        return State("withdrawn", (), last)
    until = _until(last, shown, lifetimes.get(last["notice"]))
    if (until or "") < day.isoformat():
        return State("expired", (), last, until=until)
    changed = _changed(last, shown, terms.get(last["notice"]))
    granted = tuple(service for service in last["granted"] if service not in changed)
    return State("granted" if granted else "changed", granted, last, changed, until)


def _until(last: Event, shown: Shown | None, promised: int | None) -> str | None:
    """Return the last day of *last*, which a notice after it with a shorter time brings forward."""
    until: str | None = last["valid_until"]
    if until is None or shown is None or shown.since <= last["recorded_at"]:
        return until
    if shown.lifetime is None or promised is None:
        return until
    return str(last_day(date.fromisoformat(until), promised, shown.lifetime))


def _changed(last: Event, shown: Shown | None, own: Mapping[str, str] | None) -> tuple[str, ...]:
    """Return the services of *last* whose terms are others in a notice that came after it."""
    if shown is None or own is None or shown.since <= last["recorded_at"]:
        return ()
    return tuple(
        service for service in last["granted"] if shown.terms.get(service) != own.get(service)
    )
