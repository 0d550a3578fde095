"""What the commands have in common: the site that they are about, and how they fail."""

from __future__ import annotations

import getpass
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import click
from flask import Flask
from flask.cli import ScriptInfo

from consent.errors import ConsentError, SetupError
from consent.log.erase import Eraser
from consent.log.files import real, user
from consent.log.stamp import Stamps
from consent.web.site import EXTENSION, Site

#: A day, and how the help says what it looks like.
DAY, DAY_LIKE = click.DateTime(["%Y-%m-%d"]), "YYYY-MM-DD"

#: One of some words, in letters of any size, as people write DE and CSV.
any_case = partial(click.Choice, case_sensitive=False)

#: What is beside an SQLite file while it is used.
_BESIDE = ("", "-wal", "-shm", ".lock")

BY = click.option("--by", help="Who does this, for the log. Default: the user of this computer.")


def site_of(context: click.Context) -> Site:
    """Load the app; a mistake in the set-up is told without a stack trace."""
    try:
        app: Flask = context.ensure_object(ScriptInfo).load_app()
    except SetupError as error:
        raise click.ClickException(str(error)) from error
    site: Site | None = app.extensions.get(EXTENSION)
    if site is None:
        raise click.ClickException(
            "this app has no consent: call Consent(app) first; where it hands requests on to "
            "others, name one of those: flask --app 'app:create_site(\"name\")'"
        )
    return site


def require_replaceable(site: Site, out: Path) -> None:
    """Raise UsageError if *out*, which is to be written, is a file that the site needs, or none."""
    if str(out) == "-":
        raise click.UsageError(
            "-: wanted the name of a file: one that is complete is told from one that is not"
        )
    sealer, log = site.sealer, site.store.file
    stamps = real(Stamps.beside(sealer.key).path)
    own = [site.config.policy_file, sealer.key, sealer.anchors.path, site.inspector.path]
    own.append(Eraser(sealer, "").path)
    if log is not None:
        # SQLite has its files beside the file that a link leads to.
        own += [Path(f"{file}{end}") for file in {log, real(log)} for end in _BESIDE]
    found = real(out)
    if found in map(real, own) or found.is_relative_to(stamps):
        raise click.UsageError(
            f"{out}: found a file that the site needs, wanted another name: it would be replaced"
        )


def taker(by: str | None) -> str:
    """Return who is at work, for the log: *by*, or the user of this computer."""
    try:
        return by or getpass.getuser()
    except (ImportError, KeyError, OSError):  # as in a container that runs under a number alone
        if (number := user()) is None:
            raise click.UsageError("--by: found nothing, wanted who does this") from None
        return f"uid {number}"


@contextmanager
def stoppable() -> Iterator[None]:
    """Let whoever ends the process, as a service that is stopped, find nothing half done."""
    before = signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


@contextmanager
def told() -> Iterator[None]:
    """Let what goes wrong in the block end the command with its words and nothing else."""
    try:
        yield
    except ConsentError as error:
        raise click.ClickException(str(error)) from error
