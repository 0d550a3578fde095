"""The commands about the figures: how people decided, as text, as JSON, as a file for a mail."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import Any

import click

from consent.audit.figures import KINDS, WHATS, Figures, figures
from consent.audit.inspector import Inspection, findings
from consent.audit.period import Period, PeriodError
from consent.audit.state import State, state
from consent.audit.wording import LANGUAGES
from consent.audit.wording import say as say_in
from consent.commands.site import DAY, DAY_LIKE, any_case, require_replaceable, site_of, told
from consent.errors import noun
from consent.log.event import timestamp
from consent.log.export.file import export_file
from consent.web.desk.overview import today
from consent.web.desk.report import report as written
from consent.web.site import Site

FORMAT = "consent-stats/1"

#: What stands where a rate is a share of nothing, as that of a withdrawal without a grant.
_NONE = "overview.rate.none"

SINCE = click.option(
    "--since", type=DAY, metavar=DAY_LIKE, help="First day (UTC). Default: of this month."
)
UNTIL = click.option(
    "--until", type=DAY, metavar=DAY_LIKE, help="Last day (UTC), included. Default: today."
)


@click.command()
@SINCE
@UNTIL
@click.option("--json", "as_json", is_flag=True, help="As JSON, for programs.")
@click.pass_context
def stats(
    context: click.Context, since: dt.datetime | None, until: dt.datetime | None, as_json: bool
) -> None:
    """
    Print how visitors decided in a period, and the state of the log.

    Visitors who do not decide are not counted: the rates are of decisions. Ends with 1 if the log
    is broken, which is printed, too.
    """
    site, period = site_of(context), _period(since, until)
    with told():
        site.counter.catch_up()
        found, seen = figures(site.store, period), state(site.sealer)
    known = _Known(site, found, seen)
    click.echo(json.dumps(known.plain(), indent=2) if as_json else "\n".join(known.lines()))
    context.exit(0 if seen.is_empty or known.is_unbroken else 1)


@click.command()
@SINCE
@UNTIL
@click.option(
    "--html",
    "out",
    type=click.Path(dir_okay=False, path_type=Path),
    required=True,
    help="The file to write; one of that name is replaced.",
)
@click.option(
    "--language",
    type=any_case(LANGUAGES),
    default=LANGUAGES[0],
    show_default=True,
    help="In which it is written.",
)
@click.pass_context
def report(
    context: click.Context,
    since: dt.datetime | None,
    until: dt.datetime | None,
    out: Path,
    language: str,
) -> None:
    """Write the overview as one file that needs nothing else, for a mail or an archive."""
    site, period = site_of(context), _period(since, until)
    require_replaceable(site, out)
    with told():
        site.counter.catch_up()
        text = written(site, period, language)
        with export_file(out, 0o666) as file:  # there is nobody's data in it
            file.write(text.encode())
    click.echo(f"{period.since} to {period.until} written to {out}", err=True)


def _period(since: dt.datetime | None, until: dt.datetime | None) -> Period:
    last = until.date() if until else today()
    try:
        return Period.between(since.date() if since else last.replace(day=1), last)
    except PeriodError as error:
        said = say_in("en", error.reason).partition(".")[0]
        raise click.UsageError(said) from None


class _Known:
    """What the command says about a site."""

    def __init__(self, site: Site, found: Figures, seen: State) -> None:
        self.site, self.found, self.seen = site, found, seen
        self.last = site.inspector.last()
        self.findings = findings(seen, self.last, site.inspector.current(), seen.seen_at)

    @property
    def is_unbroken(self) -> bool:
        return not any(finding.is_broken for finding in self.findings)

    def plain(self) -> dict[str, Any]:
        """Return everything as JSON values."""
        found, seen, behind = self.found, self.seen, self.found.behind
        return {
            "format": FORMAT,
            "site": self.site.store.site,
            "since": found.period.since.isoformat(),
            "until": found.period.until.isoformat(),
            "counted_until": _time(behind.until if behind else None),
            "not_counted": behind.leaves if behind else 0,
            "unreadable": found.unreadable,
            "decisions": found.total,
            "kinds": {kind: found.kinds[kind] for kind in KINDS},
            "partial_changes": found.partial_changes,
            "days": [
                {"day": day.isoformat(), **{kind: kinds[kind] for kind in KINDS}}
                for day, kinds in found.by_day()
            ],
            "rates": {
                rate.name: {"part": rate.part, "whole": rate.whole, "share": rate.share}
                for rate in found.rates()
            },
            **{what: {v: dict(k) for v, k in found.values[what].items()} for what in WHATS},
            "log": {
                "unbroken": None if seen.is_empty else self.is_unbroken,
                "findings": [finding.plain() for finding in self.findings],
                "entries": seen.leaves,
                "sampled": seen.sampled,
                "last_checkpoint": _time(seen.sealed_at),
                "waiting_since": _time(seen.waiting_since),
                "anchored_logs": seen.anchors,
                "keys": [log.vkey for log in seen.logs],
                "last_full_check": _inspection(self.last),
            },
        }

    def lines(self) -> list[str]:
        """Return it as lines to read."""
        found, seen = self.found, self.seen
        lines = [
            f"{self.site.store.site}, {found.period.since} to {found.period.until} (UTC)",
            f"{found.total:,} {noun(found.total, 'decision')}",
            *(f"  {say_in('en', f'overview.kind.{k}'):<14} {found.kinds[k]:>12,}" for k in KINDS),
        ]
        if found.total:
            lines.append(say_in("en", "overview.counted"))
        if found.behind:
            until = _time(found.behind.until) or "the beginning"
            later = found.behind.leaves
            entries = noun(later, "later entry is", "later entries are")
            lines.append(f"counted to {until}; {later:,} {entries} not")
        if found.unreadable:
            lines.append(say_in("en", "overview.behind.unreadable", count=found.unreadable))
        lines.append("rates, of decisions and not of visitors")
        for rate in found.rates():
            name = say_in("en", f"overview.rate.{rate.name}")
            share = "-" if rate.share is None else f"{rate.share:.1%}"
            of = f"{rate.part:,} of {rate.whole:,}" if rate.whole else say_in("en", _NONE)
            lines.append(f"  {name:<16} {share:>8}  {of}")
        for what in WHATS:
            lines.append(say_in("en", f"overview.by.{what}").lower())
            for value, kinds in found.values[what].items():
                each = ", ".join(f"{kind} {count:,}" for kind, count in sorted(kinds.items()))
                lines.append(f"  {value[:16]:<16} {sum(kinds.values()):>10,}  {each}")
        said = "empty" if seen.is_empty else "unbroken" if self.is_unbroken else "broken"
        lines.append(say_in("en", f"overview.state.{said}"))
        lines += [_told(finding.what, finding.origin) for finding in self.findings]
        checked = _time(self.last.ended_at if self.last else None)
        lines.append(
            f"  {seen.leaves:,} {noun(seen.leaves, 'entry', 'entries')},"
            f" {seen.sampled} looked at just now;"
            f" last checkpoint {_time(seen.sealed_at) or 'not known'};"
            f" everything checked {checked or 'never'}"
        )
        return lines


def _told(what: str, origin: str) -> str:
    return f"  {say_in('en', f'overview.finding.{what}')} {origin}".rstrip()


def _time(ms: int | None) -> str | None:
    return None if ms is None else timestamp(ms)


def _inspection(last: Inspection | None) -> dict[str, Any] | None:
    if last is None:
        return None
    return {
        "ended": _time(last.ended_at),
        "entries": last.leaves,
        "erased": last.erased,
        "unbroken": last.is_unbroken,
    }
