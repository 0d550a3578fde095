"""
Which events are wanted: days, a kind, a notice, a service.

The database answers it from the bytes of the events (:mod:`consent.log.said`). A name between
``[`` or ``,`` and ``,`` or ``]`` is an item of a list.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, fields
from datetime import date, timedelta

from sqlalchemy import ColumnElement, and_, or_

from consent.errors import LogError
from consent.log.said import says

#: The kinds of decisions, and the sorts of the events that are none.
DECISIONS = ("grant", "change", "refusal", "withdrawal", "once")
SORTS = ("access", "erasure", "export", "key", "log")

_EPOCH = date(1970, 1, 1)
_DAY_MS = 86_400_000
_HASH = re.compile(r"[0-9a-f]{64}", re.ASCII)
_SERVICE = re.compile(r"[a-z][a-z0-9-]{0,31}", re.ASCII)


class SelectionError(LogError):
    """What is wanted cannot be; *field* says where."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(f"{field}: {message}")
        self.field = field


@dataclass(frozen=True, slots=True)
class Selection:
    """
    The events of whole days UTC, both included, of which all the rest is true as well.

    None leaves a field open. Raises SelectionError for what no event can be.

    >>> Selection(since=date(2026, 11, 1), kind="refusal").told()
    {'kind': 'refusal'}
    """

    since: date | None = None
    until: date | None = None
    kind: str | None = None  #: of a decision, or the sort of another event
    notice: str | None = None  #: hash of what was on screen
    service: str | None = None  #: id of one that was decided about

    def __post_init__(self) -> None:
        if self.since and self.until and self.since > self.until:
            raise SelectionError("since", f"found {self.since}, wanted a day up to {self.until}")
        if self.kind is not None and self.kind not in DECISIONS + SORTS:
            wanted = ", ".join(DECISIONS + SORTS)
            raise SelectionError("kind", f"found {self.kind[:64]!r}, wanted one of {wanted}")
        if self.notice is not None and not _HASH.fullmatch(self.notice):
            wanted = "the hash of a notice, 64 digits of 0-9 and a-f"
            raise SelectionError("notice", f"found {self.notice[:64]!r}, wanted {wanted}")
        if self.service is not None and not _SERVICE.fullmatch(self.service):
            wanted = "the id of a service such as matomo"
            raise SelectionError("service", f"found {self.service[:64]!r}, wanted {wanted}")

    @property
    def period(self) -> tuple[int | None, int | None]:
        """Where the days begin and end, in ms since 1970 UTC; None: open."""
        return milliseconds(self.since, self.until)

    @property
    def is_period(self) -> bool:
        """Whether nothing but days is asked for."""
        return not self.told()

    def told(self) -> dict[str, str]:
        """Return what is asked for besides days, for the record of an export."""
        named = {field.name: getattr(self, field.name) for field in fields(self)}
        return {name: value for name, value in named.items() if isinstance(value, str)}

    def condition(self, decisions: bool = False) -> ColumnElement[bool] | None:
        """
        Return what is true for the rows of events that are wanted, days aside; None: for all.

        *decisions*: nothing else is wanted anyway.
        """
        parts: list[ColumnElement[bool]] = []
        decisions = decisions or self.kind in DECISIONS or bool(self.notice or self.service)
        if decisions:
            parts.append(says('"event":"decision"'))
        if self.kind in DECISIONS:
            parts.append(says(f'"kind":"{self.kind}"'))
        elif self.kind:
            parts.append(says(f'"event":"{self.kind}"'))
        if self.notice:
            parts.append(says(f'"notice":"{self.notice}"'))
        if self.service:
            item = f'"{self.service}"'
            parts.append(or_(*(says(text) for text in (f"[{item}", f",{item},", f",{item}]"))))
        return and_(*parts) if parts else None


EVERYTHING = Selection()


def day(text: str) -> date:
    """Return the day that *text* spells as 2026-11-25. Raises ValueError for any other text."""
    if not re.fullmatch(r"\d{4}-\d\d-\d\d", text, re.ASCII):
        raise ValueError(text[:64])
    return date.fromisoformat(text)


def milliseconds(since: date | None, until: date | None) -> tuple[int | None, int | None]:
    """Return where the days from *since* to *until* begin and end, in ms since 1970 UTC."""
    first = None if since is None else max(_midnight(since), 0)
    end = None if until is None else max(_midnight(until) + _DAY_MS, 0)
    return first, end


def _midnight(day: date) -> int:
    return (day - _EPOCH) // timedelta(days=1) * _DAY_MS
