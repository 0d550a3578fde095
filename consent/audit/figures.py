"""
Figures: how people decided in a period.

They come from the sums that the counter keeps for each day, so their cost does not grow with the
log. What the counter has not got to yet is counted on the spot if it is little; if it is much, the
figures say up to when they count.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal, get_args

from sqlalchemy import Select, Table, and_, func, select

from consent.audit.counter import uncounted
from consent.audit.period import Period
from consent.audit.tally import UNREADABLE, Tally, tally
from consent.day import date_of
from consent.log.database import statements, tables
from consent.log.database.cell import as_it_is
from consent.log.database.stream import fetch
from consent.log.store import Store
from consent.log.trees import Trees
from consent.log.uuid7 import time_of

#: Events that are counted on the spot at most.
FEW = 2_000

#: Kinds as they are shown, in the order of a stack from below; a change counts as one whether or
#: not it leaves something out.
KINDS = ("grant", "partial", "change", "refusal", "withdrawal", "once")

#: What somebody may have said about a service.
ANSWERS = ("granted", "refused", "undecided", "once")

What = Literal["language", "notice", "service", "layer"]
WHATS: tuple[What, ...] = get_args(What)

_event, _leaf = tables.event.c, tables.leaf.c
_pending, _daily = tables.pending.c, tables.daily.c

Kinds = Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Rate:
    """So many of so many; ``name`` is the part of a text's key."""

    name: str
    part: int
    whole: int

    @property
    def share(self) -> float | None:
        """From 0 to 1, or None if there is nothing to divide by. Withdrawals can exceed 1."""
        return self.part / self.whole if self.whole else None


@dataclass(frozen=True, slots=True)
class Bar:
    """What happened in a part of the period."""

    period: Period
    kinds: Kinds


@dataclass(frozen=True, slots=True)
class Behind:
    """What the figures do not hold yet."""

    leaves: int  #: sealed and not counted; 0: they wait to be sealed
    #: Up to when all is counted, in milliseconds since 1970 UTC; None: nothing is.
    until: int | None


@dataclass(frozen=True, slots=True)
class Figures:
    """The decisions of a *period*."""

    period: Period
    days: Mapping[int, Kinds]  #: by day, those with decisions alone
    kinds: Kinds  #: all of them by kind
    values: Mapping[What, Mapping[str, Kinds]]  #: by value, the most frequent first
    events: Kinds  #: all events, also those that are no decisions, as a tally has them
    behind: Behind | None  #: None: everything is in them

    @property
    def partial_changes(self) -> int:
        """How many changes leave something out."""
        return self.events.get("partial change", 0)

    @property
    def unreadable(self) -> int:
        """How many events were altered."""
        return self.events.get(UNREADABLE, 0)

    @property
    def total(self) -> int:
        """How many decisions there are."""
        return sum(self.kinds.values())

    def sums(self, what: What) -> Kinds:
        """Return what is counted by value, for all values together."""
        return _sum(self.values[what].values())

    def bars(self) -> list[Bar]:
        """Return the decisions in pieces of the period's step."""
        return [
            Bar(part, _sum(self.days[one] for one in part.numbers if one in self.days))
            for part in self.period.parts()
        ]

    def by_day(self) -> list[tuple[date, Kinds]]:
        """Return the decisions of each day that has some, in order."""
        return [(date_of(number), kinds) for number, kinds in self.days.items()]

    def rates(self) -> list[Rate]:
        """
        Return what share did what, each with what it is a share of.

        A grant, a partial one or a refusal answers the question, each time that it is put: on
        another device, after expiry, and to who refused before, of whom nothing is known.
        """
        kinds = self.kinds
        answers = kinds["grant"] + kinds["partial"] + kinds["refusal"]
        settings = sum(self.values["layer"].get("settings", {}).values())
        return [
            Rate("accepted", kinds["grant"] + kinds["partial"], answers),
            Rate("everything", kinds["grant"], answers),
            Rate("refused", kinds["refusal"], answers),
            Rate("withdrawn", kinds["withdrawal"], kinds["grant"] + kinds["partial"]),
            Rate("settings", settings, self.total),
        ]


def figures(store: Store, period: Period) -> Figures:
    """Return the figures of *period* as the database of *store* has them now."""
    with store.snapshot() as now:
        found = _kept(now, period)
        live, behind = _rest(now)
    numbers = period.numbers
    for key, count in live.items():
        if key[0] in numbers:
            found[key] += count
    return _figures(period, found, behind)


def _figures(period: Period, found: Tally, behind: Behind | None) -> Figures:
    days: dict[int, Counter[str]] = {}
    values: dict[What, dict[str, Counter[str]]] = {what: {} for what in WHATS}
    events: Counter[str] = Counter()
    for (number, what, value, kind), count in found.items():
        shown = "change" if kind == "partial change" else kind
        if what == "all":
            events[kind] += count
            if shown in KINDS:
                days.setdefault(number, Counter())[shown] += count
        elif known := _what(what):
            values[known].setdefault(value, Counter())[shown] += count
    ordered = {what: dict(sorted(values[what].items(), key=_frequent)) for what in WHATS}
    days = dict(sorted(days.items()))
    return Figures(period, days, _sum(days.values()), ordered, events, behind)


def _what(text: str) -> What | None:
    """Return what is counted by *text*, None if nothing is: somebody altered it."""
    return next((what for what in WHATS if what == text), None)


def _frequent(item: tuple[str, Counter[str]]) -> tuple[int, str]:
    return -item[1].total(), item[0]


def _sum(counts: Iterable[Kinds]) -> Kinds:
    total: Counter[str] = Counter()
    for one in counts:
        total.update(one)
    return total


def _kept(trees: Trees, period: Period) -> Tally:
    """Return what is kept of *period*: by day what concerns all, the rest in one."""
    days = period.numbers
    here = and_(trees.own(tables.daily), _daily.day.between(days.start, days.stop - 1))
    by_day = select(_daily.day, _daily.what, _daily.value, _daily.kind, _daily["count"])
    summed = select(_daily.what, _daily.value, _daily.kind, func.sum(_daily["count"]))
    summed = summed.where(here, _daily.what != "all")
    found: Tally = Counter()
    for number, what, value, kind, count in fetch(
        trees.connection, by_day.where(here, _daily.what == "all")
    ):
        found[number, what, value, kind] = count
    groups = summed.group_by(_daily.what, _daily.value, _daily.kind)
    for what, value, kind, count in fetch(trees.connection, groups):
        found[days.start, what, value, kind] = int(count)
    return found


def _rest(trees: Trees) -> tuple[Tally, Behind | None]:
    """Count what is not kept yet if it is little; else tell how far behind the figures are."""
    behind = uncounted(trees)
    leaves = sum(size - done for done, size in behind.values())
    if leaves > FEW:
        log, (done, _) = next(iter(behind.items()))
        return Counter(), Behind(leaves, _time(trees, log, done))
    events = [row for log, (done, _) in behind.items() for row in _after(trees, log, done)]
    waiting = _waiting(trees)
    found = tally((at, body) for at, body in (*events, *waiting[:FEW]))
    late = Behind(0, waiting[FEW - 1].recorded_at) if len(waiting) > FEW else None
    return found, late


def _after(trees: Trees, log: str, done: int) -> list[Any]:
    """Return the events of a *log* from leaf *done* on."""
    query = _joined(trees, tables.leaf).where(_leaf.log == log, _leaf.leaf_index >= done)
    return fetch(trees.connection, query)


def _waiting(trees: Trees) -> list[Any]:
    """Return the oldest events that wait to be sealed, one more than a few at most."""
    query = _joined(trees, tables.pending).order_by(_pending.id).limit(FEW + 1)
    return fetch(trees.connection, query)


def _joined(trees: Trees, table: Table) -> Select[Any]:
    same = statements.same_event(table)
    query = select(as_it_is(_event.recorded_at), _event.body).select_from(
        table.join(tables.event, same)
    )
    return query.where(trees.own(table))


def _time(trees: Trees, log: str, done: int) -> int | None:
    """Return when the last event before leaf *done* was recorded; None: there is none."""
    before = and_(trees.own(tables.leaf), _leaf.log == log, _leaf.leaf_index < done)
    query = select(_leaf.id).where(before, _leaf.id.is_not(None))
    rows = fetch(trees.connection, query.order_by(_leaf.leaf_index.desc()).limit(1))
    return time_of(rows[0].id) if rows else None
