"""What was done with the log: looked up, taken along, erased. The newest first."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Literal
from uuid import UUID

import msgspec
from sqlalchemy import select

from consent.log.database import statements, tables
from consent.log.database.stream import fetch
from consent.log.event import Access, read_by
from consent.log.store import Store
from consent.log.uuid7 import time_of

_act, _event = tables.act, tables.event.c

#: What a page of the desk is noted as, with the name of the text that says it.
_PAGES = {
    "access": "access",
    "check of everything": "check",
    "exports": "exports",
    "file": "file",
    "find": "find",
    "link": "link",
    "notice": "notice",
    "notices": "notices",
    "overview": "overview",
    "place": "place",
    "proof": "proof",
    "receipt": "receipt",
    "receipt file": "receipt_file",
    "receipt, none found": "receipt_none",
    "record": "record",
    "record, none found": "record_none",
    "summary": "summary",
}

_INVITED = re.compile(r"(?P<name>.+), link (?P<link>\S+?)(, until (?P<until>\d{4}-\d\d-\d\d))?")


@dataclass(frozen=True, slots=True)
class Act:
    """Somebody did something with the log."""

    id: UUID  #: of the event
    by: str
    what: str  #: what an access event says, or ``erasure`` or ``key``; "": the line was altered
    about: str  #: what of
    head: str = ""  #: the format of an export, or the ground of an erasure; about begins with it
    rows: int | None = None  #: how many events it took, with which about ends then

    @property
    def at(self) -> int:
        """When, in milliseconds since 1970 UTC."""
        return time_of(self.id.bytes)

    @property
    def page(self) -> str | None:
        """The name of the text that says what :attr:`about` begins with; None: it is no page."""
        return _PAGES.get(self._noted)

    @property
    def rest(self) -> str:
        """What :attr:`about` has besides that, :attr:`head` and :attr:`rows`: days or places."""
        end = "" if self.rows is None else f", {self.rows}"
        return self.about[len(self._noted or self.head) :].removesuffix(end)

    @property
    def invited(self) -> tuple[str, str, str | None] | None:
        """Who was invited, by which link, until which day; None: it is about no invitation."""
        found = _INVITED.fullmatch(self.about) if self.what in ("invite", "revoke") else None
        return found and (found["name"], found["link"], found["until"])

    @property
    def _noted(self) -> str:
        if self.what not in ("look-up", "export", "sign-in"):
            return ""
        begun = [noted for noted in _PAGES if f"{self.about} ".startswith(f"{noted} ")]
        return max(begun, key=len, default="")


class _Line(msgspec.Struct):
    by: str
    event: Literal["access", "erasure", "export", "key"]
    what: Literal[Access, ""] = ""
    about: str = ""
    format: str = msgspec.field(default="", name="as")
    since: str | None = None
    until: str | None = None
    rows: int = 0
    filter: dict[str, str] = {}
    ground: str = ""


_line = msgspec.json.Decoder(_Line)


def acts(store: Store, count: int, before: UUID | None = None) -> list[Act]:
    """Return the *count* newest acts, or those before the event *before*."""
    same = statements.same_event(_act)
    query: Any = select(_act.c.id, _event.body).join_from(_act, tables.event, same)
    with store.snapshot() as now:
        query = query.where(now.own(_act))
        if before is not None:
            query = query.where(_act.c.id < before.bytes)
        query = query.order_by(_act.c.id.desc()).limit(count)
        return [_read(UUID(bytes=id), body) for id, body in fetch(now.connection, query)]


def _read(id: UUID, body: bytes) -> Act:
    line = read_by(_line, body)
    if line is None:
        return Act(id, "", "", "")
    if line.event == "export":
        days = f" {line.since or ''}..{line.until or ''}" if line.since or line.until else ""
        only = "".join(f" {name}={value[:16]}" for name, value in line.filter.items())
        about = f"{line.format}{days}{only}, {line.rows}"
        return Act(id, line.by, "export", about, line.format, line.rows)
    if line.event == "erasure":
        about = f"{line.ground}, {line.rows}"
        return Act(id, line.by, "erasure", about, line.ground, line.rows)
    return Act(id, line.by, line.what or line.event, line.about)
