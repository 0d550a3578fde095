"""
Tallies: what events add to the figures of a day.

A tally counts by day (since 1970 UTC), what is looked at, its value, and kind:

    all       ""               each event: a kind of decision, else what it is (export, log, …)
    language  a language tag   each decision, by its kind
    notice    a notice's hash  each decision, by its kind
    layer     a layer          each decision, by its kind
    service   a service's id   granted, refused or undecided, or once, which speaks of it alone

A grant or change that leaves something out is counted as partial: its kind is ``partial`` in the
place of ``grant``, and ``partial change`` in the place of ``change``.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import date
from typing import NamedTuple

import msgspec

from consent.day import DAY_MS, END, number
from consent.log import event

#: Day since 1970 UTC, what, value, kind.
Key = tuple[int, str, str, str]
Tally = Counter[Key]

#: Kinds of decisions in a tally, in the order in which they are shown.
DECISIONS = ("grant", "partial", "change", "partial change", "refusal", "withdrawal", "once")

#: What is counted of an event that is not what was recorded: its bytes were altered.
UNREADABLE = "unreadable"

#: Letters of a value; what is longer was never recorded, and no index takes it.
LONGEST = 100

_PARTIAL = {"grant": "partial", "change": "partial change"}


class _Line(msgspec.Struct):
    event: str
    recorded_at: str
    kind: str = ""
    language: str = ""
    layer: str = ""
    notice: str = ""
    granted: tuple[str, ...] = ()
    refused: tuple[str, ...] = ()
    undecided: tuple[str, ...] = ()


class _Same(NamedTuple):
    """All that the figures know of an event; most events have much company."""

    day: str
    event: str
    kind: str
    language: str
    layer: str
    notice: str
    granted: tuple[str, ...]
    refused: tuple[str, ...]
    undecided: tuple[str, ...]


_decoder = msgspec.json.Decoder(_Line)


def tally(events: Iterable[tuple[int, bytes]]) -> Tally:
    """Count *events*: when each was recorded, in milliseconds since 1970 UTC, and its bytes."""
    same: Counter[_Same] = Counter()
    found: Tally = Counter()
    for recorded_at, body in events:
        line = event.read_by(_decoder, body)
        if line is None:
            found[_day(recorded_at), "all", "", UNREADABLE] += 1
            continue
        same[
            _Same(
                line.recorded_at[:10],
                line.event,
                line.kind,
                line.language,
                line.layer,
                line.notice,
                line.granted,
                line.refused,
                line.undecided,
            )
        ] += 1
    for one, count in same.items():
        for key in _keys(one):
            found[key] += count
    return found


def counted_as(kind: str) -> tuple[str, ...]:
    """Return the kinds of a tally that events of a *kind*, or sort, are counted under."""
    return (kind, _PARTIAL[kind]) if kind in _PARTIAL else (kind,)


def answered_as(answer: str) -> tuple[str, ...]:
    """Return the kinds of a tally under which a service has an *answer* in some event."""
    return (answer, "once") if answer == "granted" else (answer,)


def _day(recorded_at: object) -> int:
    """Return the day of a time; 0: somebody altered it to one that cannot be."""
    if isinstance(recorded_at, int) and 0 <= recorded_at < END:
        return recorded_at // DAY_MS
    return 0


def _keys(one: _Same) -> Iterable[Key]:
    try:
        day = number(date.fromisoformat(one.day))
    except ValueError:
        return [(0, "all", "", UNREADABLE)]
    keys = [(day, what, _plain(value), _plain(kind)) for what, value, kind in _counted(one)]
    return dict.fromkeys(keys)


def _counted(one: _Same) -> Iterable[tuple[str, str, str]]:
    if one.event != "decision":
        yield "all", "", one.event
        return
    leaves_out = one.refused or one.undecided
    kind = _PARTIAL.get(one.kind, one.kind) if leaves_out else one.kind
    yield "all", "", kind
    yield "language", one.language, kind
    yield "notice", one.notice, kind
    yield "layer", one.layer, kind
    if one.kind == "once":
        yield from (("service", service, "once") for service in one.granted)
        return
    for answer, services in (
        ("granted", one.granted),
        ("refused", one.refused),
        ("undecided", one.undecided),
    ):
        yield from (("service", service, answer) for service in services)


def _plain(text: str) -> str:
    """Return *text* as every database can keep it, should somebody have altered an event."""
    return text[:LONGEST].replace("\0", "?")
