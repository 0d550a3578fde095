"""
What a visitor's life on a site should look like: a small model of what was confirmed.

Written from what is promised (docs/, FORMAT.md), not from how it is done: it knows sets of services
and events, no cookie text and no page.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

Services = frozenset[str]
NONE: Services = frozenset()


@dataclass(frozen=True)
class Kept:
    """What the cookie says."""

    policy: str  #: whose first layer was on screen
    granted: Services
    undecided: Services
    despite: bool
    key: int


@dataclass(frozen=True)
class Stand:
    """What holds."""

    granted: Services
    refused: Services
    undecided: Services
    paused: Services = NONE
    asks: Services = NONE
    counts: bool = False  #: whether there is a decision at all


@dataclass
class Life:
    """What the server knows and what the browser keeps."""

    policies: Mapping[str, Mapping[str, int]]  #: by name, the version of each service's terms
    policy: str
    keys: tuple[int, ...] = (0,)  #: those that verify; the last one signs
    kept: Kept | None = None
    receipt: int | None = None  #: the number that the browser keeps
    receipt_key: int = 0
    ended: set[int] = field(default_factory=set)  #: numbers under which all was taken back
    signal: bool = False
    is_down: bool = False  #: whether nothing can be recorded
    recorded: set[str] = field(default_factory=set)  #: policies in the log
    #: Kind, what was granted and refused, and whether there is a number.
    log: list[tuple[str, tuple[str, ...], tuple[str, ...], bool]] = field(default_factory=list)

    @property
    def offered(self) -> Services:
        """What the policy of today asks about."""
        return frozenset(self.policies[self.policy])

    def stand(self) -> Stand:
        """Return what the cookie means now."""
        kept, everything = self.kept, self.offered
        is_known = kept and kept.policy in self.recorded | {self.policy}
        if kept is None or not is_known or kept.key not in self.keys:
            return Stand(NONE, NONE, everything, asks=NONE if self.signal else everything)
        shown, offered = self.policies[kept.policy], self.policies[self.policy]
        same = {one for one in everything if shown.get(one) == offered[one]}
        granted, refused = kept.granted & same, same - kept.granted - kept.undecided
        if not self.signal:
            rest = everything - granted - refused
            return Stand(granted, refused, rest, asks=rest, counts=True)
        paused = NONE if kept.despite else granted
        granted -= paused
        rest = everything - granted - refused
        return Stand(granted, refused, rest, paused, asks=paused, counts=True)

    def about(self) -> Services:
        """Return what the first layer asks about, if it does not ask about all."""
        asks = self.stand().asks
        if not self.stand().counts or (self.kept and asks <= self.kept.undecided):
            return NONE
        return asks

    def decide(self, control: str, services: Services, about: Services, shown: str) -> int:
        """Send a decision; return the status of the answer. *shown*: the policy on screen."""
        if shown != self.policy:
            if control not in ("reject", "withdraw") or (about and not about & self.offered):
                return 409
            about &= self.offered
        if not services | about <= self.offered:
            return 400
        now, everything = self.stand(), self.offered
        before = now.granted | now.paused
        if control == "once":
            if self.is_down and not services <= now.granted:
                return 503
            self._note("once", services, NONE)
            return 200
        if control == "allow" or about:
            asked = services if control == "allow" else about
            granted = now.granted - asked if control == "reject" else now.granted | asked
            undecided = now.undecided & everything - asked
        else:
            granted = {"accept": everything, "save": services}.get(control, NONE)
            undecided = NONE
        made = Kept(self.policy, granted, undecided, self.signal and bool(granted), self.keys[-1])
        refused = everything - granted - undecided
        is_same = now.counts and self.kept and replace(self.kept, key=made.key) == made
        grows = not granted <= now.granted
        if not is_same:
            if self.is_down and grows:
                left = before & granted
                if left != before:
                    asks = everything - left - refused
                    self._keep(replace(made, granted=left, undecided=asks), None)
                return 503
            number = self._note(self._kind(control, before, granted), granted, refused)
        if not is_same or not granted:
            self._keep(made, None if is_same else number)
        return 200

    @staticmethod
    def _kind(control: str, before: Services, granted: Services) -> str:
        if not granted:
            return "withdrawal" if before else "refusal"
        return "change" if before and (control == "reject" or before != granted) else "grant"

    def _note(self, kind: str, granted: Services, refused: Services) -> int | None:
        """Record a decision; return the number that it is under."""
        if self.is_down:
            return None
        number = self._held() if kind != "refusal" else None
        if number is None and kind in ("grant", "change"):
            number = len(self.log)
        if number is not None and kind == "withdrawal":
            self.ended.add(number)
        has_number = number is not None
        self.log.append((kind, tuple(sorted(granted)), tuple(sorted(refused)), has_number))
        self.recorded.add(self.policy)
        return number

    def _held(self) -> int | None:
        """Return the number that a decision continues."""
        counts = self.stand().counts and self.kept and self.kept.granted
        if not counts or self.receipt_key not in self.keys or self.receipt in self.ended:
            return None
        return self.receipt

    def _keep(self, made: Kept, number: int | None) -> None:
        self.kept = made
        if not made.granted:
            self.receipt = None
        elif number is not None:
            self.receipt, self.receipt_key = number, self.keys[-1]
