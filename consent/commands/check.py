"""The command ``flask consent check``: the policy, the set-up, and what a running site does."""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import partial
from typing import TypeVar

import click

from consent.check.browser import chromium
from consent.check.style import inspect
from consent.check.visit import PAGES, wander
from consent.commands.site import site_of
from consent.errors import ConsentError, noun
from consent.web.report.report import report
from consent.web.report.visited import findings
from consent.web.site import Site

#: Where flask run serves a site.
LOCAL = "http://127.0.0.1:5000/"

_Command = TypeVar("_Command", bound=Callable[..., object])


def _running(flag: str, does: str) -> Callable[[_Command], _Command]:
    """Return the option that looks at a running site in place of its set-up."""
    told = f"{does} the running site at URL in a browser instead. Default: {LOCAL}"
    return click.option(flag, metavar="[URL]", is_flag=False, flag_value=LOCAL, help=told)


@click.command()
@_running("--style", "Look at")
@_running("--visit", "Go through")
@click.option(
    "--pages",
    type=click.IntRange(1),
    help=f"With --visit: how many pages at most. Default: {PAGES}",
)
@click.pass_context
def check(context: click.Context, style: str | None, visit: str | None, pages: int | None) -> None:
    """
    Check the policy file and the set-up, and print what visitors are asked.

    With --style compare the two buttons of the running site as a browser shows them, in every
    language, theme, width and state. With --visit follow the links of the running site as somebody
    who has not decided, and tell who else is asked and what is kept. Both need Chromium and the
    extra "check".

    Ends with 1 if something has to be mended.
    """
    if pages is not None and visit is None:
        raise click.UsageError("--pages goes with --visit")
    site = site_of(context)
    if style is not None or visit is not None:
        is_well = True
        try:
            if style is not None:
                is_well &= _is_fair(style, site.config.policy.languages)
            if visit is not None:
                is_well &= _is_quiet(site, visit, pages or PAGES)
        except ConsentError as error:
            raise click.ClickException(str(error)) from error
        if not is_well:
            sys.exit(1)
        return
    with site.imagine_request():
        lines, problems = report(site)
    click.echo("\n".join(lines))
    for problem in problems:
        click.echo(f"problem: {problem}", err=True)
    if problems:
        sys.exit(1)
    click.echo("no problems found")


def _is_fair(url: str, languages: tuple[str, ...]) -> bool:
    with chromium() as browser:
        looked = inspect(browser, url, languages)
    for language in looked.missing:
        click.echo(f"not looked at: {language}, since the page answers in another language")
    for line in looked.lines():
        click.echo(line)
    if not looked.found:
        click.echo(f"fair: the buttons are alike in all {looked.places} states that were looked at")
    return not looked.found


def _is_quiet(site: Site, url: str, pages: int) -> bool:
    with chromium() as browser:
        language = site.config.policy.languages[0]
        seen = wander(browser, url, language, pages, partial(click.echo, err=True))
    found = list(findings(site, seen))
    for line in found:
        click.echo(line)
    opened = f"{len(seen.pages)} {noun(len(seen.pages), 'page')} opened"
    if not found:
        opened = f"quiet: {opened}, nobody else asked, nothing kept that the site does not need"
    click.echo(opened)
    return not found
