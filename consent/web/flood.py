"""
How often somebody did something lately, counted in memory.

The storage of ``limits`` begins a thread for nearly every count, which costs more than all the
rest of a decision, so only its way to write a rate is used.
"""

from __future__ import annotations

from collections import Counter
from threading import Lock
from time import monotonic

from limits import RateLimitItem


class Floodgate:
    """
    Lets through what keeps to a *rate*: so many of each, in a window that all share.

    A window begins with the first that comes after the one before has ended; then all that was
    counted is forgotten.
    """

    def __init__(self, rate: RateLimitItem) -> None:
        self._most, self._seconds = rate.amount, rate.get_expiry()
        self._counts: Counter[str] = Counter()
        self._end = float("-inf")
        self._one = Lock()

    def admits(self, who: str) -> bool:
        """Tell whether *who* keeps to the rate; counts this time."""
        with self._one:
            now = monotonic()
            if now >= self._end:
                self._counts.clear()
                self._end = now + self._seconds
            self._counts[who] += 1
            return self._counts[who] <= self._most
