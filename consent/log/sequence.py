"""
The order of a receipt's events.

Ids sort by the clock of the machine that made them, and a clock may be set back. Each event says
which one it follows, so a withdrawal comes after its consent, whatever the clock said.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import chain
from typing import TypeVar

import msgspec

from consent.log.event import read_by

Row = TypeVar("Row")


class _Link(msgspec.Struct):
    id: str | None = None
    previous: str | None = None


_decoder = msgspec.json.Decoder(_Link)


def in_order(rows: Sequence[Row], body: Callable[[Row], bytes]) -> list[Row]:
    """
    Return the *rows* of one receipt, given in the order of their ids, as they followed each other.

    *body* gives the event of a row. One that comes before the one that it follows is put after it;
    the others stay, what somebody made unreadable too.
    """
    links = [read_by(_decoder, body(row)) or _Link() for row in rows]
    there = {link.id for link in links if link.id}
    done: set[str | None] = set()
    waiting: dict[str | None, list[int]] = {}
    order: list[int] = []
    for number, link in enumerate(links):
        if link.previous in there and link.previous not in done:
            waiting.setdefault(link.previous, []).append(number)
            continue
        ready = [number]
        for one in ready:
            done.add(links[one].id)
            ready += waiting.pop(links[one].id, ())
        order += ready
    # What follows itself in a circle is forged.
    order += sorted(chain.from_iterable(waiting.values()))
    return [rows[number] for number in order]
