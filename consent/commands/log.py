"""The commands about the evidence: seal it, look after its key, go on after a loss."""

from __future__ import annotations

import re
import time

import click

from consent.commands.copy import copy
from consent.commands.erase import eraser_of
from consent.commands.site import BY, site_of, taker, told
from consent.errors import LogError, noun
from consent.log import keys, succession
from consent.log.database import roles
from consent.log.merkle.logs import Name, origin_of
from consent.log.merkle.note import Signer
from consent.log.seal import year
from consent.log.stamp import Stamps
from consent.log.watch import PAUSE, seal_or_tell
from consent.log.wipe import wipe
from consent.web.site import Site

#: What needs no quotes as the name of a role.
ROLE = re.compile(r"[a-z_][a-z0-9_]{0,49}")


@click.command()
@click.option("--watch", is_flag=True, help="Go on until stopped.")
@click.pass_context
def seal(context: click.Context, watch: bool) -> None:
    """
    Seal what was recorded, and count it for the figures.

    With CONSENT_SEAL = "command" run it with --watch beside the site, as a user of its own who
    alone may read the key.
    """
    site = site_of(context)
    if watch:
        _watch(site)
    with told():
        site.sealer.require_sound()  # an old copy of the database is one even if nothing waits
        sealed = _seal(site)
    click.echo(f"{sealed} {noun(sealed, 'event')} sealed", err=True)


def _seal(site: Site) -> int:
    sealed = site.sealer.seal()
    site.counter.catch_up()
    return sealed


def _watch(site: Site) -> None:
    told = seal_or_tell(site.sealer.require_sound, _tell, "")
    while True:
        told = seal_or_tell(lambda: _seal(site), _tell, told)
        time.sleep(PAUSE)


def _tell(problem: LogError) -> None:
    click.echo(f"not sealed: {problem}", err=True)


@click.group()
def log() -> None:
    """Look after the log: its key, and what to do after a loss."""


log.add_command(copy)


@log.command()
@click.pass_context
def key(context: click.Context) -> None:
    """
    Print what verifies each log: the public keys, to be published or noted down.

    The newest comes last. Makes the key if there is none yet.
    """
    site = site_of(context)
    with told():
        logs = site.store.logs()
        if not logs:
            own = keys.load(site.config.log_key) or keys.make(site.config.log_key)
            origin = origin_of(site.store.site, Name(year(time.time_ns())))
            click.echo(Signer(origin, own).verifier.vkey)
    for each in logs:
        click.echo(each.vkey)


@log.command()
@click.option("--lost", is_flag=True, help="The old key is gone; nothing signs for the new one.")
@click.option(
    "--alone", is_flag=True, help="No other site needs the key, though it signed for one."
)
@BY
@click.pass_context
def rotate(context: click.Context, lost: bool, alone: bool, by: str | None) -> None:
    """
    Let a new key take the place of the old one.

    The old log ends with an event that names the new key, signed by the old one, and the next
    log begins. With --lost it begins without that: tell your auditors the new key yourself.
    """
    with told():
        origin = succession.rotate(site_of(context).sealer, taker(by), lost=lost, alone=alone)
    click.echo(f"the log goes on as {origin}; publish its key: flask consent log key", err=True)


@log.command()
@click.pass_context
def stamp(context: click.Context) -> None:
    """
    Have the newest checkpoint of each log stamped by the authority of CONSENT_TSA.

    To be run once a day. Bundles take the time stamps along.
    """
    site = site_of(context)
    authority = site.config.authority
    if authority is None:
        raise click.ClickException("CONSENT_TSA is not set, so there is nobody to ask")
    stamps = Stamps.beside(site.config.log_key)
    with told():
        for each in site.store.logs():
            at = stamps.add(each, authority)
            if at:
                size = f"{each.size} {noun(each.size, 'leaf', 'leaves')}"
                click.echo(f"{each.origin}: {size}, {at:%Y-%m-%dT%H:%M:%SZ}", err=True)


@log.command()
@click.pass_context
@BY
def reopen(context: click.Context, by: str | None) -> None:
    """
    Begin a new log where the database lacks what was published.

    Its first leaf says from where it goes on and what is missing. What was erased before and
    came back with a backup is erased again.
    """
    with told():
        eraser = eraser_of(context, by)
        origin = succession.reopen(eraser.sealer)
        rows = eraser.replay()
    events = noun(rows, "event")
    click.echo(f"the log goes on as {origin}; {rows} {events} erased again", err=True)


@log.command(name="roles")
@click.option(
    "--prefix", default="consent", show_default=True, help="What the names of the roles begin with."
)
@click.pass_context
def roles_(context: click.Context, prefix: str) -> None:
    """
    Print the SQL that keeps apart who may do what in PostgreSQL.

    For psql, as a superuser. Makes the tables if they are not there yet.
    """
    store = site_of(context).store
    if not ROLE.fullmatch(prefix):
        raise click.ClickException(
            f"--prefix: found {prefix!r}, wanted small letters, digits and underscores, 50 at most"
        )
    if store.file is not None:
        raise click.ClickException(
            "CONSENT_DATABASE is SQLite, which has no roles: whoever may write the file may do all"
        )
    with told():
        store.logs()
    click.echo(roles.statements(prefix), nl=False)


@log.command(name="wipe")
@click.pass_context
def wipe_(context: click.Context) -> None:
    """Remove from the database's files what was erased, where that could not be done at once."""
    with told():
        wipe(site_of(context).store)
    click.echo("what was erased is wiped from the database", err=True)
