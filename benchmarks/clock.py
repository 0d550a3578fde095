"""CPU time of several things in turns, so that a busy machine is equally unfair to all of them."""

from __future__ import annotations

import gc
from collections.abc import Callable, Sequence
from statistics import median
from time import process_time_ns

Call = Callable[[], object]

#: Microseconds of CPU for a call, one value for each turn.
Series = list[float]


def in_turns(things: Sequence[Call], rounds: int, calls: int) -> list[Series]:
    """Do each of *things* *calls* times in each of *rounds*; return their times per call."""
    for call in things:
        for _ in range(max(3, calls // 4)):
            call()
    gc.collect()
    times: list[Series] = [[] for _ in things]
    order = list(range(len(things)))
    for _ in range(rounds):
        for n in order:
            times[n].append(_turn(things[n], calls))
        order.reverse()
    return times


def added(more: Series, less: Series) -> float:
    """Return the median of what *more* needs beyond *less*, turn by turn, in microseconds."""
    return median([a - b for a, b in zip(more, less, strict=True)])


def ratio(more: Series, less: Series) -> float:
    """Return the median of how many times *less* one *more* is, turn by turn."""
    return median([a / b for a, b in zip(more, less, strict=True)])


def _turn(call: Call, calls: int) -> float:
    start = process_time_ns()
    for _ in range(calls):
        call()
    return (process_time_ns() - start) / calls / 1000
