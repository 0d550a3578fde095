"""The commands ``flask consent notice …``: what visitors were shown, for those who look later."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import click
from flask import request

from consent.audit import shots
from consent.audit.shots import WIDTHS, Shot
from consent.commands.site import site_of, told
from consent.day import now_ms
from consent.errors import CheckError, noun
from consent.policy.notice import MEDIA_TYPE, Notice, read
from consent.web.assets import STYLES
from consent.web.desk.notices import inert
from consent.web.notices import styles
from consent.web.site import Site

if TYPE_CHECKING:
    from playwright.sync_api import Browser


@click.group()
def notice() -> None:
    """Look after the versions of what visitors are shown."""


@notice.command()
@click.option("--url", metavar="URL", help="Take them of the running site at URL instead.")
@click.option("--again", is_flag=True, help="Also of versions that have pictures.")
@click.pass_context
def shoot(context: click.Context, url: str | None, again: bool) -> None:
    """
    Take screenshots of the notices, for the auditor's desk.

    Of each version that was ever used, and of those that are shown now, in every language, on
    a phone and at a desk. They are kept in the log's database. Needs Chromium and the extra
    "check".

    With --url the page at URL is taken as a new visitor sees it, in each language of the policy
    that it answers in.
    """
    # Not when a site starts: the commands are there in every process, the browser's side is not.
    from consent.check.browser import chromium

    site = site_of(context)
    taken = 0
    with told(), site.imagine_request(), chromium() as browser:
        pictures = _stored(site, browser, again=again) if url is None else _live(site, browser, url)
        for shot, png in pictures:
            shots.keep(site.store, shot, png)
            click.echo(f"{shot.notice[:16]}  {shot.language}  {shot.width} px  {len(png)} bytes")
            taken += 1
    click.echo(f"{taken} {noun(taken, 'screenshot')} kept")


def _stored(site: Site, browser: Browser, *, again: bool) -> Iterator[tuple[Shot, bytes]]:
    from consent.check.shots import STYLE, stored

    for shown in _notices(site):
        done = set() if again else {shot.width for shot in shots.of(site.store, shown.hash)}
        for width in (width for width in WIDTHS if width not in done):
            page = inert(shown, "banner", STYLE)
            png = stored(browser, page, styles(site.store, shown, STYLES), width)
            yield _shot(shown.hash, shown.language, width, png), png


def _live(site: Site, browser: Browser, url: str) -> Iterator[tuple[Shot, bytes]]:
    from consent.check.shots import live

    known = {shown.hash for shown in _notices(site)}
    done: set[tuple[str, int]] = set()
    for language in site.config.policy.languages:
        answered = language
        for picture in live(browser, url, language, WIDTHS):
            answered = picture.language
            if picture.notice not in known:
                raise CheckError(
                    f"{url}: found the notice {picture.notice[:16]}, wanted one of this app; "
                    "hint: does the site run with the same policy, templates and address?"
                )
            if (picture.notice, picture.width) not in done:
                done.add((picture.notice, picture.width))
                kept = _shot(picture.notice, picture.language, picture.width, picture.png)
                yield kept, picture.png
        if answered != language:
            click.echo(f"not taken: {language}, since the page answers in another language")


def _notices(site: Site) -> Iterator[Notice]:
    """Give the notices that were used, and those of today."""
    seen = set()
    for document in site.store.documents(MEDIA_TYPE):
        used = read(document.body)
        seen.add(used.hash)
        yield used
    for language in site.config.policy.languages:
        now = site.notices.shown(language, request.root_path, request.scheme).notice
        if now.hash not in seen and now.terms:
            yield now


def _shot(hash: str, language: str, width: int, png: bytes) -> Shot:
    return Shot(hash, language, width, now_ms(), len(png))
