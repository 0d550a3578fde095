"""The commands ``flask consent …``."""

from __future__ import annotations

import io
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import Any

import click

from consent.commands.site import site_of
from consent.day import day_of
from consent.errors import ConsentError
from consent.log.leaks import DAYS
from consent.policy import schema as schemas
from consent.web.leaks import explained

#: The room of each command that is not here. The group is in every process of a site, and most
#: of them serve pages: a command is loaded when somebody names it or asks what there is.
_ROOMS = {
    "auditor": "auditor",
    "check": "check",
    "documents": "documents",
    "erase": "erase",
    "expire": "erase",
    "export": "export",
    "log": "log",
    "notice": "notice",
    "report": "stats",
    "seal": "log",
    "services": "services",
    "stats": "stats",
    "texts": "texts",
}


class Commands(click.Group):
    """Our commands, and those that a site adds to them when it is made."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of all commands, in order."""
        return sorted({*super().list_commands(ctx), *_ROOMS})

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Load what is ours; look for what is not known once more when the site is there."""
        found = super().get_command(ctx, cmd_name)
        if found is None and cmd_name in _ROOMS:
            module = import_module(f"consent.commands.{_ROOMS[cmd_name]}")
            found = getattr(module, cmd_name)
            self.add_command(found)
        if found is None:
            site_of(ctx)
            found = super().get_command(ctx, cmd_name)
        return found

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Read the words of the command; ``--help`` prints at once."""
        with _told():
            return super().parse_args(ctx, args)

    def invoke(self, ctx: click.Context) -> Any:
        """Let no command fail for a character that its terminal or a pipe does not have."""
        if isinstance(sys.stdout, io.TextIOWrapper):
            sys.stdout.reconfigure(errors="replace")
        with _told():
            return super().invoke(ctx)


@contextmanager
def _told() -> Iterator[None]:
    """Let nothing end with a stack trace where what it prints fills the disk."""
    try:
        yield
    except BrokenPipeError:
        raise  # who reads has read enough
    except OSError as error:
        place = error.filename or "what is printed"
        raise click.ClickException(f"{place}: {error.strerror or error}") from error


@click.group("consent", cls=Commands)
def cli() -> None:
    """Cookie consent: check the set-up, list ready-made services, look after the log."""


@cli.command()
def schema() -> None:
    """Print the JSON Schema of the policy file, for editors."""
    click.echo(schemas.text().encode(), nl=False)


@cli.command()
@click.option(
    "--days", type=click.IntRange(1, DAYS), default=30, show_default=True, help="How far back."
)
@click.pass_context
def leaks(context: click.Context, days: int) -> None:
    """
    Print what browsers refused by the Content-Security-Policy, and which service explains it.

    Counts are the least that happened: reports are limited, and some browsers send none.
    """
    site = site_of(context)
    try:
        found = site.leaks.since(day_of(time.time()) - days + 1)
    except ConsentError as error:
        raise click.ClickException(str(error)) from error
    for line in explained(site, found):
        click.echo(line)
