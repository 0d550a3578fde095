"""The first page of the desk: how people decided, and whether the log is unbroken."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from typing import Any

from babel.dates import format_date, format_timedelta
from babel.numbers import format_percent
from flask import Response, request

from consent.audit.figures import ANSWERS, KINDS, WHATS, What, figures
from consent.audit.inspector import findings
from consent.audit.period import CHOICES, Period, PeriodError, Step
from consent.audit.reading import language_name
from consent.audit.state import state
from consent.audit.versions import service_names
from consent.day import now_ms
from consent.errors import LogError
from consent.web.desk.door import note
from consent.web.desk.shell import (
    desk_page,
    language,
    locale,
    policy_names,
    say,
    url,
)
from consent.web.replies import lead_to
from consent.web.site import Site, current_site
from consent.web.wish import LAYERS

STYLE = "css/desk/overview.css"

#: Batches that are counted before the page is shown, at most; it would wait too long for more.
BATCHES = 2

#: Letters of a hash that tell one notice from another.
SHORT = 12


def overview() -> Response:
    """Show the figures of a period, and the state of the log."""
    site = current_site()
    name, problem = request.args.get("period", CHOICES[0]), None
    try:
        period = Period.chosen(name, today(), request.args)
    except PeriodError as error:
        name, problem = CHOICES[0], say()(error.reason)
        period = Period.chosen(name, today(), {})
    note("look-up", f"overview {period.since}..{period.until}")
    with suppress(LogError):  # the figures say up to when they count
        site.counter.catch_up(BATCHES)
    return desk_page(
        "overview",
        say()("overview.title"),
        status=400 if problem else 200,
        styles=(STYLE,),
        problem=problem,
        chosen=name,
        choices=CHOICES,
        **shown(site, period),
    )


def check() -> Response:
    """Begin a check of everything, unless one is going on."""
    site = current_site()
    note("look-up", "check of everything")
    site.inspector.start()
    return lead_to(url("overview", _anchor="state"))


def shown(site: Site, period: Period) -> dict[str, Any]:
    """Return what the templates of ``audit/overview/`` show about *period*, and how to write it."""
    from consent.audit.chart import columns, rows  # of all that a site does, needed only here

    found = figures(site.store, period)
    seen, last, current = state(site.sealer), site.inspector.last(), site.inspector.current()
    now = now_ms()
    values = found.values
    services = service_names(site.store, policy_names(), values["service"], values["notice"])
    told = findings(seen, last, current, now)
    bars, step = found.bars(), period.step
    return {
        "period": period,
        "figures": found,
        "bars": bars,
        "columns": columns([bar.kinds for bar in bars], KINDS),
        "kinds": KINDS,
        "answers": ANSWERS,
        "pictures": [(what, rows(found.values[what], _kinds(what))) for what in WHATS],
        "state": seen,
        "findings": told,
        "is_unbroken": not any(finding.is_broken for finding in told),
        "checked": last,
        "checking": current,
        "is_checking": current is not None and current.is_running(now),
        "age": lambda ms: age(now - ms),
        "percent": percent,
        "span": span,
        "cut_off": [span(part, step) for part in period.parts() if not part.is_whole(step)],
        "tick": tick,
        "named": lambda what, value: named(what, value, services),
    }


def today() -> date:
    """Return the day that it is in UTC."""
    return datetime.now(UTC).date()


def percent(share: float) -> str:
    """Return a *share* of one as the language of the page writes it."""
    pattern = "#,##0.0%" if locale().language == "en" else "#,##0.0\N{NO-BREAK SPACE}%"
    return str(format_percent(share, pattern, locale=locale()))


def age(ms: int) -> str:
    """Return how long ago it was, *ms* milliseconds before now, in one unit."""
    # Not "vor" and the words for a period: these would be in the wrong case.
    past = -timedelta(milliseconds=max(1000, ms))
    return str(format_timedelta(past, add_direction=True, locale=locale()))


def span(part: Period, step: Step) -> str:
    """Return what a part of a period is called."""
    pattern = {"month": "LLLL y", "year": "y"}.get(step, "medium")
    name = str(format_date(part.since, pattern, locale=locale()))
    if step == "week":
        name = say()("overview.days.week-of", day=name)
    if part.is_whole(step):
        return name
    return say()("overview.days.part", name=name, count=len(part.numbers))


def tick(part: Period, step: Step) -> str:
    """Return what a part of a period is called where there is little room."""
    pattern = {"month": "LLL yy", "year": "y"}.get(step)
    if pattern is None:
        pattern = "d MMM" if locale().language == "en" else "d. MMM"
    return str(format_date(part.since, pattern, locale=locale()))


def named(what: What, value: str, services: Mapping[str, str]) -> str:
    """Return what people call a *value* of the figures; *services* are called so."""
    if what == "notice":
        return value[:SHORT]
    if what == "service":
        return services.get(value, value)
    if what == "layer":
        return say()(f"overview.layer.{value}") if value in LAYERS else value
    return language_name(value, language())


def _kinds(what: What) -> tuple[str, ...]:
    return ANSWERS if what == "service" else KINDS
