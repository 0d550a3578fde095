"""One page to print: what a period holds, what the log says of itself, and how to check it."""

from __future__ import annotations

from collections import Counter

import msgspec
from flask import Blueprint, Response, current_app, request

from consent.log.checkpoint import claimed
from consent.log.export.selection import DECISIONS, Selection
from consent.log.snapshot import Snapshot
from consent.web.desk.asking import AskedWronglyError, selection
from consent.web.desk.door import note
from consent.web.desk.shell import desk_page, language, say
from consent.web.site import EXTENSION, Site

STYLE = "css/desk/summary.css"


class _Line(msgspec.Struct):
    event: str
    recorded_at: str
    kind: str = ""


_line = msgspec.json.Decoder(_Line)


def add(routes: Blueprint) -> None:
    """Add the page."""
    routes.add_url_rule("/exports/summary", "summary", summary)


def summary() -> Response:
    """Show counts, period, roots and keys, and what to do with them."""
    site: Site = current_app.extensions[EXTENSION]
    title, problem, chosen = say()("summary.title"), None, Selection()
    try:
        chosen = selection(request.args)
    except AskedWronglyError as error:
        problem = str(error)
    note("look-up", f"summary {chosen.since or ''}..{chosen.until or ''}")
    with site.store.snapshot(*chosen.period) as now:
        counts, first, last = _counted(now)
        logs = [(log, claimed(log.checkpoint)) for log in now.logs()]
    return desk_page(
        "summary",
        title,
        status=400 if problem else 200,
        styles=(STYLE,),
        problem=problem,
        told_language=request.args.get("lang") and language(),
        chosen=chosen,
        counts=counts,
        decisions=DECISIONS,
        total=counts.total(),
        decided=sum(counts[kind] for kind in DECISIONS),
        first=first,
        last=last,
        logs=logs,
    )


def _counted(now: Snapshot) -> tuple[Counter[str], str, str]:
    """Return how many events there are of each kind or sort, and the times of the ends."""
    counts: Counter[str] = Counter()
    first = last = ""
    for body in now.events():
        line = _line.decode(body)
        counts[line.kind or line.event] += 1
        first = first or line.recorded_at
        last = line.recorded_at
    return counts, first, last
