"""What the commands have in common: the site that they are about, and how they fail."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import click
from flask import Flask
from flask.cli import ScriptInfo

from consent.errors import ConsentError, SetupError
from consent.web.site import EXTENSION, Site


def site_of(context: click.Context) -> Site:
    """Load the app; a mistake in the set-up is told without a stack trace."""
    try:
        app: Flask = context.ensure_object(ScriptInfo).load_app()
    except SetupError as error:
        raise click.ClickException(str(error)) from error
    site: Site | None = app.extensions.get(EXTENSION)
    if site is None:
        raise click.ClickException("this app has no consent: call Consent(app) first")
    return site


@contextmanager
def told() -> Iterator[None]:
    """Let what goes wrong in the block end the command with its words and nothing else."""
    try:
        yield
    except ConsentError as error:
        raise click.ClickException(str(error)) from error
