"""
Ids that sort by time, made without asking a database (UUID version 7, RFC 9562).

    bits    48               4        12                      2        62
          +----------------+--------+-----------------------+--------+--------+
          | milliseconds   | 0b0111 | fraction of the       | 0b10   | random |
          | since 1970 UTC |        | millisecond, in 1/4096|        |        |
          +----------------+--------+-----------------------+--------+--------+

The fraction is method 3 of section 6.2. The order of ids is the order of clocks, which is a
claim of the machine that made them; nothing relies on a clock that never goes back.
"""

from __future__ import annotations

from secrets import randbits
from uuid import UUID

_VERSION_AND_VARIANT = (7 << 76) | (2 << 62)


def uuid7(now_ns: int) -> UUID:
    """Return a new id for the time *now_ns*, in nanoseconds since 1970 UTC."""
    milliseconds, rest = divmod(now_ns, 1_000_000)
    fraction = (rest << 12) // 1_000_000
    return UUID(int=milliseconds << 80 | fraction << 64 | _VERSION_AND_VARIANT | randbits(62))


def floor(ms: int) -> UUID:
    """Return the lowest id of the millisecond *ms*, the start of a range of ids."""
    return UUID(int=ms << 80 | _VERSION_AND_VARIANT)


def time_of(id: bytes) -> int:
    """Return the time in an *id*, in milliseconds since 1970 UTC."""
    return int.from_bytes(id[:6], "big")
