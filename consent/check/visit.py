"""
What does the running site do before anybody has decided?

A browser opens a page as somebody new, goes to its end and follows the links of the site. Noted is
each host that is asked, by whatever in the page, and everything that is kept in the browser
(requirements GA-01, PS-03). It presses nothing and sends no form.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import urldefrag, urlsplit

from consent.errors import CheckError

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Page, Request, WebSocket

#: Pages that are opened at most.
PAGES = 25

#: Milliseconds that a page may take, and for which it is left to itself once it is there.
PATIENCE, REST = 15_000, 1_000

#: The links that anybody may follow.
_LINKS = """() => [...document.links]
  .filter((link) => !link.matches("[download], [rel~=nofollow], [data-consent-open]"))
  .map((link) => link.href)"""

#: Goes through the page, as what is far below may load only when it comes into view.
_SCROLL = """async () => {
  for (let y = 0; y < Math.min(document.documentElement.scrollHeight, 30000); y += innerHeight) {
    scrollTo(0, y);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}"""

#: What is kept beside cookies, as pairs of kind and name.
_KEPT = """async () => [
  ...Object.keys(localStorage).map((name) => ["local-storage", name]),
  ...Object.keys(sessionStorage).map((name) => ["session-storage", name]),
  ...(await indexedDB.databases()).map(({ name }) => ["indexed-db", name]),
  ...(window.caches ? await caches.keys() : []).map((name) => ["cache-storage", name]),
  ...(await navigator.serviceWorker?.getRegistrations() ?? [])
    .map(({ active, waiting, installing }) => (active ?? waiting ?? installing).scriptURL)
    .map((script) => ["service-worker", new URL(script).pathname]),
]"""

_WANTED = (
    "{}: found {}, wanted a page of the running site; hint: start it with flask run, or name its "
    "address: flask consent check --visit URL"
)

Tell = Callable[[str], object]


@dataclass(frozen=True, slots=True)
class Seen:
    """What was seen, each thing with the page on which it was first."""

    pages: list[str] = field(default_factory=list)
    asked: dict[str, str] = field(default_factory=dict)  #: addresses on whatever host
    kept: dict[tuple[str, str], str] = field(default_factory=dict)  #: kind and name; cookies, too


def wander(browser: Browser, url: str, language: str, most: int = PAGES, tell: Tell = str) -> Seen:
    """
    Open the page at *url* and those of the same host that it leads to, *most* at most.

    The browser prefers *language*, a BCP 47 tag. *tell* hears of each page before it is opened.
    Raises CheckError if the first one cannot be.
    """
    seen, context = Seen(), browser.new_context(locale=language)
    context.set_default_timeout(PATIENCE)
    try:
        _wander(context, url, most, seen, tell)
    finally:
        context.close()
    return seen


def _wander(context: BrowserContext, url: str, most: int, seen: Seen, tell: Tell) -> None:
    page = context.new_page()

    def note(made: Request | WebSocket) -> None:
        seen.asked.setdefault(made.url, page.url)

    context.on("request", note)
    page.on("websocket", note)
    waiting, known = [url], {urlsplit(url).path}
    while waiting and len(seen.pages) < most:
        tell(waiting[0])
        links = _open(page, waiting.pop(0), seen)
        here = urlsplit(seen.pages[0])  # where the site is: it may lead to another name of it
        for cookie in context.cookies():
            if f".{here.hostname}".endswith(f".{cookie.get('domain', '').lstrip('.')}"):
                seen.kept.setdefault(("cookie", cookie.get("name", "")), page.url)
        for link in links:
            place = urlsplit(link)
            # With another query it is the same page.
            if place[:2] == here[:2] and place.path not in known:
                known.add(place.path)
                waiting.append(urldefrag(link).url)


def _open(page: Page, url: str, seen: Seen) -> list[str]:
    """Open the page at *url*, note what it keeps, and return its links."""
    from playwright.sync_api import Error

    try:
        answer = page.goto(url, wait_until="load")
        _evaluate(page, _SCROLL)
        page.wait_for_timeout(REST)
        kept = _evaluate(page, _KEPT)
        links = _evaluate(page, _LINKS)
    except Error as error:
        if seen.pages:
            return []  # a file to be saved, say
        raise CheckError(_WANTED.format(url, error.message.splitlines()[0])) from error
    if not seen.pages and answer and answer.status >= 400:
        raise CheckError(_WANTED.format(url, answer.status))
    seen.pages.append(page.url)
    for kind, name in kept:
        seen.kept.setdefault((kind, name), page.url)
    return links


def _evaluate(page: Page, script: str) -> list[Any]:
    """Return what *script* returns, once more where the page has led to another one meanwhile."""
    from playwright.sync_api import Error

    try:
        found: list[Any] = page.evaluate(script)
    except Error as error:
        if "context was destroyed" not in error.message:
            raise
        page.wait_for_load_state("load")
        found = page.evaluate(script)
    return found
