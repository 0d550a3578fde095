"""The commands ``flask consent auditor …``: who may see the auditor's desk."""

from __future__ import annotations

from urllib.parse import urlsplit

import click

from consent.audit.access import clean
from consent.commands.site import BY, site_of, taker, told
from consent.day import now_ms
from consent.log.event import timestamp
from consent.web.desk.invite import LONGEST
from consent.web.desk.invite import invite as invited
from consent.web.desk.invite import revoke as revoked
from consent.web.site import Site


@click.group()
def auditor() -> None:
    """Invite auditors to the desk of this site, list them, take it back."""


@auditor.command()
@click.argument("name")
@click.option(
    "--days",
    type=click.IntRange(1, LONGEST),
    default=14,
    show_default=True,
    help="How long they may come.",
)
@click.option("--site", "wanted", help="The site, as in its policy; stops if the app has another.")
@click.option(
    "--url",
    help="Where the site is: https://verein.example. Default: SERVER_NAME, or https:// and --site.",
)
@BY
@click.pass_context
def invite(
    context: click.Context,
    name: str,
    days: int,
    wanted: str | None,
    url: str | None,
    by: str | None,
) -> None:
    """
    Print a link that lets NAME see the log.

    It opens once, within a week, and what it opens ends after so many days. Send it in a way that
    only NAME can read.
    """
    site = site_of(context)
    wanted = wanted and wanted.lower()
    if wanted is not None and wanted != site.config.policy.site:
        raise click.UsageError(
            f"--site: found {wanted}, wanted {site.config.policy.site}, the site of this app"
        )
    if not clean(name):
        raise click.UsageError("the name is empty, wanted the one that stands in the log")
    base = _base(site, url, wanted)
    with told():
        made, link = invited(site, name, days, base, taker(by))
    site.recorded()
    for line in (
        f"for {made.name}",
        f"to be opened until {_minute(made.opens_until)}, once",
        f"ends {_minute(made.works_until)}",
        f"to take it back: flask consent auditor revoke {made.id}",
    ):
        click.echo(line, err=True)
    click.echo(link)


@auditor.command("list")
@click.pass_context
def list_(context: click.Context) -> None:
    """Print whom the site invited and what has become of it, the newest first."""
    site = site_of(context)
    with told():
        found = site.desk.access.invitations()
    if not found:
        click.echo("nobody was invited")
    now = now_ms()
    for one in found:
        state = one.state(now)
        word = {"waiting": "waits until", "opened": "opened, ends", "expired": "expired"}
        # As it is in the database, where others may write: a terminal shows it and obeys nothing.
        id, name = clean(one.id), clean(one.name)
        click.echo(f"{id}  {word.get(state, state)} {_minute(one.until)}  {name}")


@auditor.command()
@click.argument("id")
@BY
@click.pass_context
def revoke(context: click.Context, id: str, by: str | None) -> None:
    """End the invitation ID at once, opened or not; flask consent auditor list has the ids."""
    site = site_of(context)
    with told():
        # Ids are ASCII; a database cannot be asked for what is no text.
        found = revoked(site, id, taker(by)) if id.isascii() else None
    if found is None:
        raise click.ClickException(f"no invitation has the id {id[:40]!a}")
    site.recorded()
    click.echo(f"{clean(found.name)} is no longer invited")


def _base(site: Site, url: str | None, wanted: str | None) -> str | None:
    """Return where links lead: *url* if it can be used, None for SERVER_NAME."""
    if url is None:
        if site.app.config.get("SERVER_NAME"):
            return None
        if wanted is not None:
            return f"https://{wanted}"
        raise click.UsageError(
            "where the site is cannot be known here, wanted --site, --url or Flask's SERVER_NAME; "
            f"hint: --site {site.config.policy.site}"
        )
    if not _is_place(url):
        raise click.UsageError(
            f"--url: found {url}, wanted an address such as https://verein.example"
        )
    return url


def _is_place(url: str) -> bool:
    """Tell whether a link can begin with *url*; else an invitation would be made without one."""
    try:
        parts = urlsplit(url)
        host = (parts.hostname or "").encode("idna")
        known = parts.scheme in ("http", "https") and parts.port != 0 and "@" not in parts.netloc
    except ValueError:
        return False
    is_more = parts.query or parts.fragment or not url.isprintable() or " " in url
    return bool(host and known and not is_more)


def _minute(ms: int) -> str:
    """Return a time to the minute."""
    return timestamp(ms)[:16].replace("T", " ") + " UTC"
