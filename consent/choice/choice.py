"""
What one visitor decided, and what that means today.

A :class:`Choice` is what the cookie says. A :class:`Standing` is what follows from it under
the notice of today: a decision about a service counts only as long as it is not expired and
the service's terms are the ones that were shown then. Everything else is undecided, and
undecided means off (requirements GA-01, RP-05, RP-10). A signal of the browser adds to that: see
:mod:`consent.choice.signal`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from consent.day import date_of
from consent.policy.model import Entry

NOBODY: frozenset[str] = frozenset()
NOTHING: Mapping[str, frozenset[Entry]] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Choice:
    """
    What one visitor decided. Never edited, only followed by a newer one.

    >>> Choice("9f2c", 20782, granted=frozenset({"matomo"})).granted
    frozenset({'matomo'})
    """

    notice: str  #: ref of the notice that was on screen
    day: int  #: days since 1970-01-01 UTC
    granted: frozenset[str] = NOBODY
    undecided: frozenset[str] = NOBODY  #: offered, but neither granted nor refused
    despite_signal: bool = False  #: granted although the browser sent a signal against it

    def stated(self) -> str:
        """
        Return what the cookie states, before it is signed.

        >>> Choice("9f2c", 20782, granted=frozenset({"youtube", "matomo"})).stated()
        '1.9f2c.20261125.matomo+youtube'
        """
        undecided = "?" + "+".join(sorted(self.undecided)) if self.undecided else ""
        day = date_of(self.day).strftime("%Y%m%d")
        despite = "!" if self.despite_signal else ""
        return f"1.{self.notice}.{day}.{'+'.join(sorted(self.granted))}{undecided}{despite}"


@dataclass(frozen=True, slots=True)
class Standing:
    """What holds for one visitor now; every service offered today is in exactly one set."""

    granted: frozenset[str]
    refused: frozenset[str]
    undecided: frozenset[str]
    choice: Choice | None = None  #: what it follows from; None if nothing counts
    paused: frozenset[str] = NOBODY  #: undecided ones that a signal has stopped
    asks: frozenset[str] = NOBODY  #: undecided ones that the first layer is about; may be none
    #: what the cookie states where everything is granted; empty if there is no cookie, else None
    told: str | None = None
    former: frozenset[Entry] = frozenset()  #: what services whose grant is void may have left
    #: services whose grant holds, each with what it may have left and nobody keeps today
    stale: tuple[tuple[str, frozenset[Entry]], ...] = ()
    extra: int = 0  #: days that decisions are kept for longer now than its visitor was told

    @property
    def since(self) -> int | None:
        """
        From which day on what is granted is kept for the lifetime of today, None if nothing counts.

        Of a choice whose visitor was told a shorter time it lies before: so it ends when they were
        told.

        >>> Standing(NOBODY, NOBODY, NOBODY, Choice("9f2c", 20782), extra=185).since
        20597
        """
        return None if self.choice is None else self.choice.day - self.extra

    def permits(self, service: str) -> bool:
        """
        Tell whether *service* may run. An unknown service may not.

        >>> Standing(frozenset(), frozenset(), frozenset({"matomo"})).permits("matomo")
        False
        """
        return service in self.granted


def stand(
    choice: Choice | None,
    *,
    today: int,
    lifetime: int,
    offered: Mapping[str, str],
    shown: Mapping[str, str] | None,
    left: Mapping[str, frozenset[Entry]] = NOTHING,
    promised: int | None = None,
    signal: bool = False,
) -> Standing:
    """
    Return what *choice* means *today*.

    *offered* are the terms of the services of today by id, *shown* those of the notice that
    the choice was made under; None if that notice is unknown. *left* is what each kept by that
    notice and nobody does today. *lifetime* is in days, *promised* the one that this
    notice says; None: the same. *signal*: the browser asks not to be followed.
    """
    everything = frozenset(offered)
    extra = 0 if promised is None else max(lifetime - promised, 0)
    if choice is None or shown is None or not lives(choice, today, lifetime - extra):
        return Standing(NOBODY, NOBODY, everything, asks=NOBODY if signal else everything)
    same = {service for service, terms in offered.items() if shown.get(service) == terms}
    granted = choice.granted & same
    refused = frozenset(same - choice.granted - choice.undecided)
    # Of services that are gone from the policy, or are not those that were granted any more.
    former = frozenset().union(*(left[id] for id in choice.granted - same if id in left))
    stale = tuple((id, left[id]) for id in sorted(granted & left.keys()))
    paused = granted if signal and not choice.despite_signal else NOBODY
    granted -= paused
    undecided = everything - granted - refused
    return Standing(
        granted,
        refused,
        undecided,
        choice,
        paused=paused,
        asks=paused if signal else undecided,
        told=None if signal or undecided or refused else choice.stated(),
        former=former,
        stale=stale,
        extra=extra,
    )


def lives(choice: Choice, today: int, lifetime: int) -> bool:
    """
    Tell whether *choice* is still valid.

    A choice from the future is none: only a clock that was set back can bring one, and then
    nobody knows how old it is. One day is allowed for servers that are not quite together.
    """
    return -1 <= today - choice.day < lifetime
