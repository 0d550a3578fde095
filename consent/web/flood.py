"""
How often somebody did something lately, counted in memory.

Who has an address of IPv6 has a whole network of them, so what is counted is the network: 64
bits, the least that anybody is given (RFC 6177, section 2). Some of this is counted for a day, so
no address is kept for it: what stands for a network is a hash under a key that is made anew with
each window and known to nobody.

Rates are written as ``1000 per minute``, ``5/second`` or ``20 per 2 hours``.
"""

from __future__ import annotations

import re
from collections import Counter
from hashlib import blake2b
from ipaddress import IPv6Address
from math import ceil
from os import urandom
from threading import Lock
from time import monotonic
from typing import NamedTuple

_SECONDS = {"second": 1, "minute": 60, "hour": 3_600, "day": 86_400}

_RATE = re.compile(
    rf"\s*([1-9][0-9]{{0,8}})\s*(?:/|per\b)\s*([1-9][0-9]{{0,8}})?\s*({'|'.join(_SECONDS)})s?\s*",
    re.IGNORECASE | re.ASCII,
)


class Rate(NamedTuple):
    """So many in so many seconds."""

    most: int
    seconds: int


def read_rate(text: object) -> Rate:
    """
    Return what *text* says.

    Raises ValueError if it is no rate.

    >>> read_rate("20 per 2 hours")
    Rate(most=20, seconds=7200)
    """
    found = _RATE.fullmatch(text) if isinstance(text, str) else None
    if not found:
        raise ValueError("no rate")
    most, times, unit = found.groups()
    return Rate(int(most), int(times or 1) * _SECONDS[unit.lower()])


class Floodgate:
    """
    Lets through what keeps to a *rate*: so many of each, in a window that all share.

    A window begins with the first that comes after the one before has ended; then all that was
    counted is forgotten.
    """

    def __init__(self, rate: Rate) -> None:
        self._rate = rate
        self._counts: Counter[bytes] = Counter()
        self._key = b""
        self._end = float("-inf")
        self._one = Lock()

    def admits(self, who: str) -> bool:
        """Tell whether *who* keeps to the rate; counts this time."""
        network = _network(who).encode(errors="backslashreplace")
        with self._one:
            self._begin()
            mark = blake2b(network, key=self._key, digest_size=16).digest()
            self._counts[mark] += 1
            return self._counts[mark] <= self._rate.most

    def left(self) -> int:
        """Return the seconds, begun ones too, until what has been counted is forgotten."""
        return max(1, ceil(self._end - monotonic()))

    def _begin(self) -> None:
        """Forget what was counted if its window is over."""
        now = monotonic()
        if now >= self._end:
            self._counts.clear()
            self._key = urandom(32)
            self._end = now + self._rate.seconds


def _network(who: str) -> str:
    """Return what *who*, an address, counts as; itself unless it is of IPv6."""
    if ":" not in who:
        return who
    try:
        address = IPv6Address(who)
    except ValueError:
        return who
    # A server that listens to both writes all of IPv4 in one network.
    return str(address.ipv4_mapped or address.packed[:8].hex())
