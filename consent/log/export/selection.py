"""
Which events are wanted: days, a kind, a notice, a language, a service, an answer about it.

The database answers it from the bytes of the events (:mod:`consent.log.said`).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, fields
from datetime import date
from typing import Literal, get_args

from sqlalchemy import ColumnElement, and_, or_

from consent.day import milliseconds
from consent.errors import LogError
from consent.log.event import Kind
from consent.log.said import lists, says

#: Any kind of decision, their kinds, and the sorts of the events that are none.
DECISION = "decision"
DECISIONS: tuple[Kind, ...] = get_args(Kind)
SORTS = ("access", "erasure", "export", "key", "log")
KINDS = (DECISION, *DECISIONS, *SORTS)

Answer = Literal["granted", "refused", "undecided"]
ANSWERS: tuple[Answer, ...] = get_args(Answer)

_HASH = re.compile(r"[0-9a-f]{64}", re.ASCII)
_LANGUAGE = re.compile(r"[A-Za-z]{2,8}(?:-[A-Za-z0-9]{1,8}){0,3}", re.ASCII)
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
    kind: str | None = None  #: one of :data:`KINDS`
    notice: str | None = None  #: hash of what was on screen
    language: str | None = None  #: in which it was
    service: str | None = None  #: id of one that was decided about
    answer: Answer | None = None  #: what was answered about *service*

    def __post_init__(self) -> None:
        if self.since and self.until and self.since > self.until:
            raise SelectionError("since", f"found {self.since}, wanted a day up to {self.until}")
        for field, is_right, wanted in (
            ("kind", KINDS.__contains__, f"one of {', '.join(KINDS)}"),
            ("notice", _HASH.fullmatch, "the hash of a notice, or its first eight digits or more"),
            ("language", _LANGUAGE.fullmatch, "the tag of a language such as de"),
            ("service", _SERVICE.fullmatch, "the id of a service such as matomo"),
            ("answer", ANSWERS.__contains__, f"one of {', '.join(ANSWERS)}"),
        ):
            found = getattr(self, field)
            if found is not None and not is_right(found):
                raise SelectionError(field, f"found {found[:64]!r}, wanted {wanted}")
        if self.answer and not self.service:
            raise SelectionError("answer", f"found {self.answer}, wanted a service as well")

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
        of_decisions = self.kind in (DECISION, *DECISIONS)
        if decisions or of_decisions or self.notice or self.language or self.service:
            parts.append(says('"event":"decision"'))
        if self.kind in DECISIONS:
            parts.append(says(f'"kind":"{self.kind}"'))
        elif self.kind in SORTS:
            parts.append(says(f'"event":"{self.kind}"'))
        if self.notice:
            parts.append(says(f'"notice":"{self.notice}"'))
        if self.language:
            parts.append(says(f'"language":"{self.language}"'))
        if self.service:
            answers = (self.answer,) if self.answer else ANSWERS
            # Most lines do not name it at all, and to take a list out of a line takes longer.
            parts.append(says(f'"{self.service}"'))
            parts.append(or_(*(lists(answer, self.service) for answer in answers)))
        return and_(*parts) if parts else None


EVERYTHING = Selection()


def day(text: str) -> date:
    """Return the day that *text* spells as 2026-11-25. Raises ValueError for any other text."""
    if not re.fullmatch(r"\d{4}-\d\d-\d\d", text, re.ASCII):
        raise ValueError(text[:64])
    return date.fromisoformat(text)
