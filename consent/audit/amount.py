"""
How much an export would be, told before anybody begins it.

Few events are counted. Of many the sums of the days tell it (:mod:`consent.audit.figures`), as to
count them takes seconds in a log of millions; the export itself records how many it took along.
"""

from __future__ import annotations

from dataclasses import dataclass

from consent.audit.figures import Figures, figures
from consent.audit.period import Period
from consent.audit.tally import DECISIONS, answered_as, counted_as
from consent.log.export.selection import ANSWERS, DECISION, Selection
from consent.log.store import Store

#: Events of a period that are counted one by one at most.
COUNTED = 50_000


@dataclass(frozen=True, slots=True)
class Amount:
    """So many events."""

    rows: int
    size: int | None  #: bytes of their lines; None: *rows* comes from sums, and is about right

    @property
    def is_counted(self) -> bool:
        """Whether it is exactly so many."""
        return self.size is not None


def amount(store: Store, wanted: Selection, *, decisions: bool = False) -> Amount:
    """Return how many events are *wanted*; of those the *decisions*, if nothing else is taken."""
    with store.snapshot(*wanted.period) as now:
        ends = now.ends() if now.count(COUNTED + 1) > COUNTED else None
    if ends is None:
        with store.snapshot(*wanted.period, wanted.condition(decisions)) as now:
            return Amount(*now.extent())
    found = figures(store, Period.spanning(*ends))
    return Amount(_about(found, wanted, decisions), None)


def _about(found: Figures, wanted: Selection, decisions: bool) -> int:
    """Return how many events of the figures are *wanted*; more than that are not there."""
    kinds = counted_as(wanted.kind) if wanted.kind else tuple(found.events)
    if wanted.kind == DECISION or (decisions and not wanted.kind):
        kinds = DECISIONS
    answers = answered_as(wanted.answer) if wanted.answer else (*ANSWERS, "once")
    sums = [found.events]
    if wanted.notice:
        sums.append(found.values["notice"].get(wanted.notice, {}))
    if wanted.language:
        sums.append(found.values["language"].get(wanted.language, {}))
    counts = [sum(one.get(kind, 0) for kind in kinds) for one in sums]
    if wanted.service:
        about = found.values["service"].get(wanted.service, {})
        counts.append(sum(about.get(answer, 0) for answer in answers))
    return min(counts) + (found.behind.leaves if found.behind else 0)
