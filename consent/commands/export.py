"""The command ``flask consent export``: the log in a file for others."""

from __future__ import annotations

import datetime as dt
import sys
import time
from pathlib import Path

import click

from consent.audit.versions import whole
from consent.commands.site import (
    BY,
    DAY,
    DAY_LIKE,
    any_case,
    require_replaceable,
    site_of,
    stoppable,
    taker,
    told,
)
from consent.errors import ConsentError, noun
from consent.log import bundle
from consent.log.export import file
from consent.log.export.selection import ANSWERS, KINDS, Answer, Selection, SelectionError
from consent.log.files import real
from consent.log.part import Part, last_checkpoint
from consent.version import SOFTWARE
from consent.web.site import Site

FORMATS = ("bundle", "jsonl", "csv", "xlsx", "parquet", "jsonld")


@click.command()
@click.option(
    "--format", type=any_case(FORMATS), required=True, help="A bundle is evidence; see above."
)
@click.option(
    "--out",
    type=click.Path(dir_okay=False, path_type=Path),
    required=True,
    help="The file to write; one of that name is replaced.",
)
@click.option("--since", type=DAY, metavar=DAY_LIKE, help="First day (UTC).")
@click.option("--until", type=DAY, metavar=DAY_LIKE, help="Last day (UTC), included.")
@click.option("--kind", type=any_case(KINDS), help="Events of this kind only.")
@click.option("--notice", metavar="HASH", help="Decisions under this notice only.")
@click.option("--language", metavar="TAG", help="Decisions in this language only.")
@click.option("--service", metavar="ID", help="Decisions about this service only.")
@click.option("--answer", type=any_case(ANSWERS), help="Only if the service was answered so.")
@click.option("--excel", is_flag=True, help="CSV as German spreadsheets expect it.")
@click.option(
    "--previous",
    multiple=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A checkpoint that the auditor has; the bundle proves that the log continues it.",
)
@click.option(
    "--from-checkpoint",
    "start",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Go on after this checkpoint, or after this earlier bundle.",
)
@click.option(
    "--sealed-until",
    "end",
    type=DAY,
    metavar=DAY_LIKE,
    help="End with the last checkpoint of that day (UTC); the next bundle can go on there.",
)
@BY
@click.pass_context
def export(
    context: click.Context,
    format: str,
    out: Path,
    since: dt.datetime | None,
    until: dt.datetime | None,
    kind: str | None,
    notice: str | None,
    language: str | None,
    service: str | None,
    answer: Answer | None,
    excel: bool,
    previous: tuple[Path, ...],
    start: Path | None,
    end: dt.datetime | None,
    by: str | None,
) -> None:
    """
    Write the events of the log to a file.

    A bundle is the evidence: a zip that an auditor checks without this site. It is always complete
    for its days, as one that leaves out by kind could hide anything. JSON Lines are the events
    alone; CSV, XLSX and Parquet are views of them, JSON-LD holds consent records per ISO/IEC TS
    27560.

    The export itself becomes an event: who, when, what of it, how many.
    """
    days = (since.date() if since else None, until.date() if until else None)
    site = site_of(context)
    chosen = _selected(site, *days, kind, notice, language, service, answer)
    if format == "bundle" and not chosen.is_period:
        raise click.UsageError("--format bundle goes with days alone, without --kind or another")
    if excel and format != "csv":
        raise click.UsageError("--excel goes with --format csv")
    if previous and format != "bundle":
        raise click.UsageError("--previous goes with --format bundle")
    if (start or end) and (format != "bundle" or since or until):
        raise click.UsageError(
            "--from-checkpoint and --sealed-until go with --format bundle, without --since, --until"
        )
    require_replaceable(site, out)
    _require_other(out, *previous, *([start] if start else ()))
    who = taker(by)
    try:
        if format == "bundle":
            notes = tuple(map(last_checkpoint, previous))
            part = Part(last_checkpoint(start) if start else None, end and end.date())
            asked = bundle.Request(who, SOFTWARE, time.time_ns(), *days, notes, part)
            with stoppable():
                rows = _bundle(site, out, asked)
        else:
            name = "csv-excel" if excel else format
            address = f"https://{site.config.policy.site}{site.config.prefix}"
            taken = file.Request(name, who, SOFTWARE, time.time_ns(), address, chosen)
            with stoppable():
                rows = _events(site, out, taken)
    except ConsentError as error:
        raise click.ClickException(str(error)) from error
    site.recorded()
    click.echo(f"{rows} {noun(rows, 'event')} written to {out}", err=True)


def _require_other(out: Path, *earlier: Path) -> None:
    """Raise UsageError if *out* would take the place of one of the *earlier* exports."""
    if real(out) in map(real, earlier):
        raise click.UsageError(
            f"--out: found {out}, which the bundle goes on after, wanted another name: nothing "
            "later takes the place of what an auditor holds the log against"
        )


def _selected(
    site: Site,
    since: dt.date | None,
    until: dt.date | None,
    kind: str | None,
    notice: str | None,
    language: str | None,
    service: str | None,
    answer: Answer | None,
) -> Selection:
    """Return the events that are asked for; a mistake in it is one of the command line."""
    with told():
        notice = notice and whole(site.store, notice)
    language, service = language and language.lower(), service and service.lower()
    try:
        return Selection(since, until, kind, notice, language, service, answer)
    except SelectionError as error:
        raise click.UsageError(f"--{error}") from error


def _bundle(site: Site, out: Path, asked: bundle.Request) -> int:
    total = sum(log.size for log in site.store.logs())
    with click.progressbar(length=total, label=str(out), file=sys.stderr) as bar:
        return bundle.to_file(site.sealer, out, asked, lambda done: bar.update(done - bar.pos))


def _events(site: Site, out: Path, asked: file.Request) -> int:
    with click.progressbar(length=0, label=str(out), file=sys.stderr) as bar:

        def tell(done: int, rows: int) -> None:
            bar.length = rows
            bar.update(done - bar.pos)

        return file.to_file(site.store, out, asked, tell, _tell_unreadable)


def _tell_unreadable(count: int) -> None:
    were = noun(count, "event was", "events were")
    click.echo(f"{count} {were} altered in the database, and marked as unreadable", err=True)
