"""The commands that erase from the log: what somebody asked for, and what is past its time."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import click

from consent.audit.given import Unreadable
from consent.audit.given import receipt as spelled
from consent.commands.site import BY, DAY, DAY_LIKE, site_of, taker, told
from consent.day import milliseconds
from consent.errors import LogError, noun
from consent.log.erase import Eraser
from consent.log.fields import fields_of
from consent.log.retention import before_a_gap, expired, left
from consent.log.store import Store
from consent.policy.duration import last_year


@click.command()
@click.argument("receipt")
@click.option("--ground", required=True, help="Why, such as art-17.")
@BY
@click.pass_context
def erase(context: click.Context, receipt: str, ground: str, by: str | None) -> None:
    """
    Erase all events of RECEIPT: row, salt and id; their places in the log stay.

    The erasure itself becomes an event, without the receipt.
    """
    try:
        number = spelled(receipt)
    except Unreadable:
        raise click.ClickException(
            f"found {receipt[:40]!a}, wanted the number of a receipt: 26 letters and digits 2 to 7"
        ) from None
    if not ground.strip():
        raise click.UsageError("--ground: found nothing, wanted why, such as art-17")
    with told():
        until = _holds_until(site_of(context).store, number)
        rows = eraser_of(context, by).erase_receipt(number, ground)
    if not rows:
        raise click.ClickException("no event has this receipt")
    click.echo(f"{rows} {noun(rows, 'event')} erased", err=True)
    if until:
        click.echo(
            f"the consent holds on in its visitor's browser up to and including {until}, and"
            " nothing proves it now\n    hint: have it withdrawn there, at the end of each page",
            err=True,
        )


def _holds_until(store: Store, receipt: str) -> str | None:
    """Return the last day of a consent that goes on, None if there is no such consent."""
    events = reversed([*map(fields_of, store.history(receipt))])
    last = next((event for event in events if event.get("kind", "once") != "once"), None)
    until: str | None = last["valid_until"] if last and last["granted"] else None
    return until if until and until >= f"{datetime.now(UTC):%Y-%m-%d}" else None


@click.command()
@click.option("--dry-run", is_flag=True, help="Only say how many it would be.")
@click.option(
    "--today", "said", type=DAY, metavar=DAY_LIKE, help="What day it is, if the log cannot tell."
)
@BY
@click.pass_context
def expire(context: click.Context, dry_run: bool, said: datetime | None, by: str | None) -> None:
    """
    Erase what is past the retention of the policy, and refusals that have expired.

    Who was invited to the auditor's desk is forgotten after the same time.

    To be run once a day, at a quiet time. After months in which nothing was recorded say what day
    it is: as far as the log can tell the clock may be far ahead.
    """
    site, eraser = site_of(context), eraser_of(context, by)
    today = datetime.now(UTC).date()
    year = last_year(site.config.policy.retention, today)
    _, end = milliseconds(None, date(year, 12, 31)) if year else (None, None)
    undue: list[bytes] = []
    with told():
        if said is not None:
            _require_near(today, said)
        with site.store.snapshot() as snapshot:
            ids = list(expired(snapshot, year, today, undue))
            stays = left(snapshot, undue) if undue else None
            if ids and said is None:
                _require_no_gap(today, before_a_gap(snapshot, today))
        if dry_run:
            invited, rows = site.desk.access.ended(end or 0), len(ids)
        else:
            # First, so that what is wiped out of the database's files is both.
            invited = site.desk.access.forget(end or 0)
            rows = eraser.erase(ids, "retention") if ids else 0
    will = " would be" if dry_run else ""
    click.echo(f"{rows} {noun(rows, 'event')}{will} erased", err=True)
    if invited:
        invitations = noun(invited, "invitation")
        click.echo(f"{invited} {invitations} to the desk{will} forgotten", err=True)
    if stays:
        raise click.ClickException(stays)


def _require_near(today: date, said: datetime) -> None:
    """Raise LogError unless it is *today* somewhere on the day that somebody *said*."""
    if abs(today - said.date()) > timedelta(days=1):  # it is another zone
        raise LogError(
            f"--today: found {said:%Y-%m-%d}, wanted {today}, which the clock of this machine says"
            "\n    hint: set the clock"
        )


def _require_no_gap(today: date, last: date | None) -> None:
    """Raise LogError unless it is surely *today*, though nothing was recorded since *last*."""
    if last is not None:
        raise LogError(
            f"the clock of this machine: found {today}, wanted a day that the log comes near to;"
            f" nothing was recorded between {last} and a month ago, and what is erased too early"
            " never comes back\n    hint: set the clock; if it is right, say what day it is:"
            f" flask consent expire --today {DAY_LIKE}"
        )


def eraser_of(context: click.Context, by: str | None) -> Eraser:
    """Return what erases from the log of the site, and notes who did."""
    return Eraser(site_of(context).sealer, taker(by))
