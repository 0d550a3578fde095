"""Findings: what does not agree with what was sealed, or is worth knowing about the log."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from operator import attrgetter
from typing import Any, Literal, get_args

#: What a finding can be, most serious first; the key of its text ends with it.
Broken = Literal[
    "signature",  # a checkpoint is not signed by the key of its log
    "checkpoint",  # what a checkpoint says is not what the tree is
    "head",  # where the log ends is not where its last checkpoint is
    "anchor",  # the database does not reach what was published
    "chain",  # a log does not name the end of the one before it
    "opening",  # the first event of a log is gone or another one
    "missing",  # a place has gone from the log
    "record",  # a record has gone, without an erasure
    "altered",  # a record is not the one that was sealed
    "tree",  # a hash of the tree is not the one that was signed
    "column",  # a record cannot be found under what it says
    "erased",  # a record was taken out, and no erasure says so
]
Remark = Literal[
    "waiting",  # events have waited long to be sealed
    "unanchored",  # nothing outside the database knows the log
    "unknown",  # the file with the anchors cannot be read
    "key",  # the key in the file is not the one that signs
    "returned",  # an erased record is back
    "interrupted",  # the last check of everything did not end
]
BROKEN: tuple[Broken, ...] = get_args(Broken)
REMARKS: tuple[Remark, ...] = get_args(Remark)

#: Places that are given of one finding.
PLACES = 5


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was found, in one log; ``count`` times."""

    what: Broken | Remark
    origin: str = ""  #: of the log; "": it is about all
    count: int = 1
    places: tuple[int, ...] = ()  #: the first leaves that it is about
    said: str = ""  #: what an error said, in English

    @property
    def is_broken(self) -> bool:
        """Whether it means that the log is not what was sealed."""
        return self.what in BROKEN

    @property
    def is_lasting(self) -> bool:
        """Whether it is told until everything is checked anew, as no look sees it by itself."""
        return self.is_broken or self.what == "returned"

    def plain(self) -> dict[str, Any]:
        """Return it as JSON values."""
        return {
            "what": self.what,
            "origin": self.origin,
            "count": self.count,
            "places": list(self.places),
            "said": self.said,
        }


@dataclass
class Findings:
    """Collects findings; many of one kind are one with a count."""

    _found: dict[tuple[str, str], Finding] = field(default_factory=dict)

    def add(self, what: Broken | Remark, origin: str = "", place: int | None = None) -> None:
        """Add a finding about the leaf *place*."""
        here = () if place is None else (place,)
        before = self._found.get((what, origin))
        if before is None:
            self._found[what, origin] = Finding(what, origin, 1, here)
            return
        places = (before.places + here)[:PLACES]
        self._found[what, origin] = Finding(what, origin, before.count + 1, places, before.said)

    def put(self, finding: Finding) -> None:
        """Add a finding that somebody else made; of the same twice, the one that counts more."""
        known = self._found.get((finding.what, finding.origin), finding)
        more = max(known, finding, key=attrgetter("count"))
        said = finding.said or known.said
        self._found[finding.what, finding.origin] = replace(more, said=said)

    def tell(self, what: Broken | Remark, origin: str, said: str) -> None:
        """Add a finding in the words of an error."""
        self._found[what, origin] = Finding(what, origin, said=said)

    def __iter__(self) -> Iterator[Finding]:
        return iter(sorted(self._found.values(), key=_weight))


def _weight(finding: Finding) -> tuple[int, str]:
    return [*BROKEN, *REMARKS].index(finding.what), finding.origin


def broken(findings: Iterable[Finding]) -> list[Finding]:
    """Return those of *findings* that mean that the log is not what was sealed."""
    return [finding for finding in findings if finding.is_broken]
