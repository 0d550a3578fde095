"""
Pictures of notices, taken by a browser: of stored ones, and of what a running site shows.

A stored notice is shown without scripts and without a network: all that its page may load is the
style sheet that comes with it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from consent.errors import CheckError

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page, Route, ViewportSize

#: Where the style sheet of a stored notice is, for its page. Nothing is ever asked for there.
STYLE = "https://notice.invalid/style.css"
_PAGE = "https://notice.invalid/"

#: Pixels, by width: what a phone and a desk show at once.
HEIGHTS = {360: 740, 1280: 800}
_HEIGHT = 800

#: Milliseconds that a site may take.
PATIENCE = 20_000


@dataclass(frozen=True, slots=True)
class Picture:
    """What a browser showed; *notice* is the hash that the page itself names."""

    notice: str
    language: str
    width: int
    png: bytes


def stored(browser: Browser, html: str, style: bytes, width: int) -> bytes:
    """Return a picture of a page that loads *style* from :data:`STYLE`, and nothing else."""

    def answer(route: Route) -> None:
        if route.request.url == _PAGE:
            route.fulfill(body=html, content_type="text/html; charset=utf-8")
        elif route.request.url == STYLE:
            route.fulfill(body=style, content_type="text/css; charset=utf-8")
        else:
            route.abort()

    context = browser.new_context(viewport=_viewport(width), java_script_enabled=False)
    try:
        context.route("**/*", answer)
        page = context.new_page()
        page.goto(_PAGE)
        return page.screenshot()
    finally:
        context.close()


def live(browser: Browser, url: str, language: str, widths: Sequence[int]) -> Iterator[Picture]:
    """
    Give pictures of the page at *url* as a new visitor sees it whose browser speaks *language*.

    Raises CheckError if it cannot be opened or asks nobody.
    """
    from playwright.sync_api import Error

    for width in widths:
        context = browser.new_context(viewport=_viewport(width), locale=language)
        try:
            page = context.new_page()
            page.set_default_timeout(PATIENCE)
            page.goto(url)
            yield _picture(page, url, width)
        except Error as error:
            raise CheckError(f"{url}: {error.message.splitlines()[0]}") from error
        finally:
            context.close()


def _picture(page: Page, url: str, width: int) -> Picture:
    banner = page.locator("#consent")
    if not banner.count():
        raise CheckError(f"{url}: found no banner, wanted one that asks a new visitor")
    hash = banner.locator("input[name=notice]").first.input_value()
    language = banner.get_attribute("lang") or ""
    return Picture(hash, language, width, page.screenshot())


def _viewport(width: int) -> ViewportSize:
    return {"width": width, "height": HEIGHTS.get(width, _HEIGHT)}
