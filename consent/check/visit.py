"""
What does the running site do before anybody has decided?

A browser opens a page as somebody new, goes to its end and follows the links of the site. Noted is
each host that is asked, by whatever in the page, and everything that is kept in the browser
(requirements GA-01, PS-03). It presses nothing and sends no form.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
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

#: What a browser shows before it has opened anything.
_NEW = "about:blank"

#: The links that anybody may follow, each with whether it leads to another language.
_LINKS = """() => [...document.links]
  .filter((link) => link.origin === location.origin)
  .filter((link) => !link.matches("[download], [rel~=nofollow], [data-consent-open]"))
  .map((link) => {
    const [here, there] = [document.documentElement.lang, link.hreflang || link.lang]
      .map((tag) => tag.toLowerCase().split("-")[0]);
    return [link.href, here && there ? here !== there : false];
  })"""

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
    waiting, known = [url], {urlsplit(url).path}
    others = list[str]()  # in other languages, which many sites have all of their pages in again
    while (waiting or others) and len(seen.pages) < most:
        opened = (waiting or others).pop(0)
        tell(opened)
        links = _open(context, opened, seen)
        known.add(urlsplit(seen.pages[-1]).path)
        here = urlsplit(seen.pages[0])  # where the site is: it may lead to another name of it
        for cookie in context.cookies():
            if f".{here.hostname}".endswith(f".{cookie.get('domain', '').lstrip('.')}"):
                seen.kept.setdefault(("cookie", cookie.get("name", "")), opened)
        for link, is_other in links:
            # With another query it is the same page.
            if (path := urlsplit(link).path) not in known:
                known.add(path)
                (others if is_other else waiting).append(urldefrag(link).url)


def _open(context: BrowserContext, url: str, seen: Seen) -> list[tuple[str, bool]]:
    """Open the page at *url*, note what it asks and what it keeps, and return its links."""
    from playwright.sync_api import Error

    # One that could not be opened would get in the way of the next.
    page = context.new_page()

    def note(made: Request | WebSocket) -> None:
        at = url if page.url == _NEW else page.url
        if _is_within(at, seen) and not _is_led(made, url):
            seen.asked.setdefault(made.url, at)

    context.on("request", note)
    page.on("websocket", note)
    try:
        return _looked_at(page, url, seen)
    except Error as error:
        if seen.pages:
            return []  # a file to be saved, say
        raise CheckError(_WANTED.format(url, error.message.splitlines()[0])) from error
    finally:
        context.remove_listener("request", note)
        for opened in context.pages:
            opened.close()


def _looked_at(page: Page, url: str, seen: Seen) -> list[tuple[str, bool]]:
    """Go through the page at *url*, note what it keeps, and return its links."""
    from playwright.sync_api import TimeoutError as Hanging

    answer = page.goto(url, wait_until="commit")
    with suppress(Hanging):  # whoever is asked may never answer
        page.wait_for_load_state("load")
    _evaluate(page, _SCROLL)
    page.wait_for_timeout(REST)
    kept = _evaluate(page, _KEPT)
    links: list[tuple[str, bool]] = _evaluate(page, _LINKS)
    if not _is_within(page.url, seen):
        return []
    if not seen.pages and answer and answer.status >= 400:
        raise CheckError(_WANTED.format(url, answer.status))
    seen.pages.append(page.url)
    made = answer.request if answer else None
    while made:  # each that led to the page is asked for by who comes here
        seen.asked.setdefault(made.url, page.url)
        made = made.redirected_from
    for kind, name in kept:
        seen.kept.setdefault((kind, name), page.url)
    return links


def _is_within(address: str, seen: Seen) -> bool:
    """Tell whether *address* is on the site, which is wherever the first page leads."""
    return not seen.pages or urlsplit(address)[:2] == urlsplit(seen.pages[0])[:2]


def _is_led(made: Request | WebSocket, url: str) -> bool:
    """Tell whether the server leads on to what is asked for from *url*, a link of the site."""
    first = made
    while before := getattr(first, "redirected_from", None):
        first = before
    return first is not made and first.url == url


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
