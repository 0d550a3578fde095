"""The page that says who was at the desk and what they looked at."""

from __future__ import annotations

import re
from uuid import UUID

from flask import Response, request

from consent.audit.acts import Act, acts
from consent.audit.reading import day_words, kind_name, worded
from consent.log.export.selection import ANSWERS, DECISION
from consent.web.desk.asking import SELECTING
from consent.web.desk.door import note
from consent.web.desk.shell import desk_page, language, number, say
from consent.web.site import current_site

#: Rows of one page.
ROWS = 50

#: From which day to which somebody looked or took along; one of them can be left open.
_DAYS = re.compile(r"(\d{4}-\d\d-\d\d)?\.\.(\d{4}-\d\d-\d\d)?", re.ASCII)


def access() -> Response:
    """List what was done with the log, the newest first."""
    site = current_site()
    title = say()("access.title")
    sent = request.args.get("before")
    try:
        before = UUID(sent) if sent else None
    except ValueError:
        problem = say()("access.before")
        return desk_page(
            "access", title, status=400, problem=problem, rows=[], older=None, newest=True
        )
    note("look-up", "access")
    found = acts(site.store, ROWS + 1, before)
    rows, rest = found[:ROWS], found[ROWS:]
    older = str(rows[-1].id) if rest else None
    return desk_page(
        "access", title, rows=rows, about=about, older=older, newest=before is not None
    )


def about(act: Act) -> str:
    """Return in words what somebody's act was about."""
    said = say()
    if act.invited:
        name, link, until = act.invited
        if until is None:
            return said("access.revoked", name=name, link=link)
        until = day_words(until, language())
        return said("access.invited", name=name, link=link, until=until)
    if act.rows is not None:
        group = "ground" if act.what == "erasure" else "as"
        count = said("exports.found", count=act.rows, number=number(act.rows))
        return f"{worded(said, group, act.head)}{_narrowed(act.rest)}: {count}"
    return (said("access.of." + act.page) if act.page else "") + _narrowed(act.rest)


def _narrowed(rest: str) -> str:
    """Say by what somebody narrowed what he asked for; what else is in *rest* stays as it is."""
    words: list[str] = []
    by: list[str] = []
    for part in rest.split(" "):
        name, _, value = part.partition("=")
        if value and name in SELECTING:
            by.append(say()("access.by." + name, value=_value(name, value)))
        elif days := _DAYS.fullmatch(part):
            words += _period(days[1], days[2])
        else:
            words.append(part)
    return " ".join([*words, ", ".join(by)] if by else words)


def _period(since: str | None, until: str | None) -> list[str]:
    """Say from when to when, or nothing if both ends are open."""
    ends = {"since": since, "until": until}
    told = {name: day_words(end, language()) for name, end in ends.items() if end}
    if len(told) == 2:
        return [say()("overview.range", **told)]
    return [say()("access.by." + name, value=value) for name, value in told.items()]


def _value(name: str, value: str) -> str:
    if name in ("since", "until"):
        return day_words(value, language())
    if name == "kind":
        return say()("asking.decision") if value == DECISION else kind_name(say(), value)
    if name == "answer" and value in ANSWERS:
        return say()("asking.answered." + value)
    return value
