"""One page to print: what a period holds, what the log says of itself, and how to check it."""

from __future__ import annotations

from collections.abc import Mapping

from flask import Response, request

from consent.audit.figures import figures
from consent.audit.period import Period
from consent.audit.tally import counted_as
from consent.day import now_ms
from consent.log.export.selection import DECISIONS, SORTS, Selection
from consent.log.merkle.checkpoint import claimed
from consent.web.desk.asking import AskedWronglyError, selection
from consent.web.desk.door import note
from consent.web.desk.shell import desk_page, say
from consent.web.site import current_site

STYLE = "css/desk/summary.css"


def summary() -> Response:
    """Show counts, period, roots and keys, and what to do with them."""
    site = current_site()
    title, problem, chosen = say()("summary.title"), None, Selection()
    try:
        chosen = selection(request.args)
    except AskedWronglyError as error:
        problem = str(error)
    days = f" {chosen.since or ''}..{chosen.until or ''}" if chosen.since or chosen.until else ""
    note("look-up", f"summary{days}")
    with site.store.snapshot(*chosen.period) as now:
        ends = now.ends()
        logs = [(log, claimed(log.checkpoint)) for log in now.logs()]
    found = figures(site.store, Period.open(chosen.since, chosen.until))
    return desk_page(
        "summary",
        title,
        status=400 if problem else 200,
        styles=(STYLE,),
        problem=problem,
        made=now_ms(),
        chosen=chosen,
        counts=_counts(found.events),
        total=sum(found.events.values()),
        figures=found,
        ends=ends,
        logs=logs,
    )


def _counts(events: Mapping[str, int]) -> dict[str, int]:
    """Return how many *events* of a tally are of each kind, and of each sort that is there."""
    counts = {kind: sum(events.get(part, 0) for part in counted_as(kind)) for kind in DECISIONS}
    return counts | {sort: events[sort] for sort in SORTS if events.get(sort)}
