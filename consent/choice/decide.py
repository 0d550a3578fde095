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
    before: frozenset[str]  #: what was granted until now, paused or not
    running: frozenset[str]  #: what of it was not paused
    choice: Choice  #: what holds from now on; for "once" what held already, all of "before"
    refused: frozenset[str]
    once: frozenset[str] = NOBODY  #: granted for this page view only

    @property
    def granted(self) -> frozenset[str]:
        """What this decision grants, "once" included."""
        return self.once or self.choice.granted

    @property
    def allowed(self) -> frozenset[str]:
        """What may run on this page from now on."""
        return self.once | self.running if self.once else self.choice.granted

    @property
    def grants_more(self) -> bool:
        """Whether anything may run now that might not before."""
        return not self.granted <= self.running

    @property
    def withdraws(self) -> bool:
        """Whether anything that might run must stop."""
        return not self.before <= self.choice.granted


def decide(
    control: Control,
    services: Collection[str],
    *,
    standing: Standing,
    notice: str,
    offered: Collection[str],
    today: int,
    about: Collection[str] = (),
    signal: bool = False,
) -> Decision:
    """
    Return what pressing *control* with *services* ticked means under *notice* (its ref).

    *services* are known to be offered; for a control of a placeholder it is exactly one.
    *about* are the services that the first layer asked about, if not about all. *signal*: the
    browser asks not to be followed.
    """
    everything, ticked = frozenset(offered), frozenset(services)
    if control == "once":
        return _once(ticked, standing, notice, today)
    before = standing.granted | standing.paused
    # Of what was asked about anew nothing runs, yet its consent stands on record until it is ended.
    recorded = standing.choice.granted if standing.choice else NOBODY
    if control == "allow" or about:
        granted, asked = _few(control, ticked, frozenset(about), standing.granted)
        undecided = standing.undecided & everything - asked
        # One cookie has one day: speaking of some services must not prolong consent to others. Who
        # has refused everything is left in peace for the whole time (requirements RP-01, RP-09).
        day = today if standing.since is None or not granted else standing.since
    else:
        granted = everything if control == "accept" else ticked if control == "save" else NOBODY
        undecided, day = NOBODY, today
    return Decision(
        _kind(before, granted, recorded, refuses=control == "reject"),
        control,
        before,
        standing.granted,
        Choice(notice, day, granted, undecided, despite_signal=signal and bool(granted)),
        everything - granted - undecided,
    )


def _few(
    control: Control, ticked: frozenset[str], about: frozenset[str], granted: frozenset[str]
) -> tuple[frozenset[str], frozenset[str]]:
    """Return what is granted after some services were asked about, and those services."""
    if control == "allow":
        return granted | ticked, ticked
    return (granted | about if control == "accept" else granted - about), about


def _once(ticked: frozenset[str], standing: Standing, notice: str, today: int) -> Decision:
    choice = standing.choice or Choice(notice, today, NOBODY, standing.undecided)
    running = standing.granted
    return Decision("once", "once", running, running, choice, NOBODY, once=ticked)


def _kind(
    before: frozenset[str], granted: frozenset[str], recorded: frozenset[str], *, refuses: bool
) -> Kind:
    """
    Name the decision; one that *refuses* what is new and keeps the rest is a change.

    *recorded* is what the last one granted, *before* what of it still counts.
    """
    if not granted:
        return "withdrawal" if recorded else "refusal"
    return "change" if before and (refuses or before != granted) else "grant"


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
