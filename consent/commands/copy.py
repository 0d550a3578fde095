"""The command ``flask consent log copy``: take the log along to another database."""

from __future__ import annotations

from pathlib import Path

import click

from consent.commands.site import site_of, told
from consent.errors import noun
from consent.log import copy as copying
from consent.log.database.connection import seen_from
from consent.log.store import Store


@click.command()
@click.argument("url")
@click.pass_context
def copy(context: click.Context, url: str) -> None:
    """
    Copy the log in the database at URL into that of CONSENT_DATABASE, which has none yet.

    Stop the site before: what is recorded meanwhile is not copied. The database at URL stays as it
    is.
    """
    site = site_of(context)
    with told():
        source = Store(seen_from(Path(site.app.instance_path), url), site.store.site)
        rows = copying.copy(source, site.store)
        source.close()
    click.echo(f"{rows} {noun(rows, 'event')} copied; the site can be started again", err=True)
