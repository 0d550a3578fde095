"""
From the button that was pressed to what it means.

The browser says which button and which boxes; kind of decision and refused services are
derived here (requirements EV-02, FL-01), so that a record cannot contradict itself.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Literal, get_args

from consent.choice.choice import NOBODY, Choice, Standing

Control = Literal["accept", "reject", "save", "withdraw", "allow", "once"]
#: What was decided about a purpose, as its services tell.
Answer = Literal["granted", "refused", "partial", "undecided"]

Kind = Literal["grant", "change", "refusal", "withdrawal", "once"]

CONTROLS: tuple[Control, ...] = get_args(Control)

#: Controls of a placeholder: they speak of one service and leave the others alone.
SINGLE: frozenset[Control] = frozenset({"allow", "once"})


@dataclass(frozen=True, slots=True)
class Decision:
    """What one press of a button means."""

    kind: Kind
    control: Control
    before: frozenset[str]  #: what was granted until now
    choice: Choice  #: what holds from now on; for "once" what held already
    refused: frozenset[str]
    once: frozenset[str] = NOBODY  #: granted for this page view only

    @property
    def granted(self) -> frozenset[str]:
        """What this decision grants, "once" included."""
        return self.once or self.choice.granted

    @property
    def grants_more(self) -> bool:
        """Whether anything may run now that might not before."""
        return not self.granted <= self.before

    @property
    def withdraws(self) -> bool:
        """Whether anything that might run must stop."""
        return not self.once and not self.before <= self.choice.granted


def decide(
    control: Control,
    services: Collection[str],
    *,
    standing: Standing,
    notice: str,
    offered: Collection[str],
    today: int,
) -> Decision:
    """
    Return what pressing *control* with *services* ticked means under *notice* (its ref).

    *services* are known to be offered; for a control of a placeholder it is exactly one.
    """
    everything, ticked, before = frozenset(offered), frozenset(services), standing.granted
    if control == "once":
        return _once(ticked, standing, notice, today)
    undecided = NOBODY
    day = today
    if control == "accept":
        granted = everything
    elif control == "save":
        granted = ticked
    elif control == "allow":
        granted = before | ticked
        undecided = standing.undecided - ticked
        # One cookie has one day: speaking of one service must not prolong the others.
        day = standing.choice.day if standing.choice else today
    else:
        granted = NOBODY
    choice = Choice(notice, day, granted, undecided)
    return Decision(
        _kind(before, granted), control, before, choice, everything - granted - undecided
    )


def _once(ticked: frozenset[str], standing: Standing, notice: str, today: int) -> Decision:
    choice = standing.choice or Choice(notice, today, NOBODY, standing.undecided)
    return Decision("once", "once", standing.granted, choice, NOBODY, once=ticked)


def _kind(before: frozenset[str], granted: frozenset[str]) -> Kind:
    if not granted:
        return "withdrawal" if before else "refusal"
    return "change" if before and before != granted else "grant"


def by_purpose(
    purposes: Mapping[str, Collection[str]],
    granted: Collection[str],
    refused: Collection[str],
) -> dict[str, Answer]:
    """Return for every purpose whether it is granted, refused, partial or undecided."""
    return {
        purpose: _purpose(frozenset(services), frozenset(granted), frozenset(refused))
        for purpose, services in purposes.items()
    }


def _purpose(services: frozenset[str], granted: frozenset[str], refused: frozenset[str]) -> Answer:
    if services <= granted:
        return "granted"
    if services <= refused:
        return "refused"
    return "partial" if services & granted else "undecided"
