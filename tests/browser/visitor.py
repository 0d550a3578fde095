"""Someone in front of a browser."""

from __future__ import annotations

import re
import time
from itertools import chain, repeat
from typing import Any

from playwright.sync_api import BrowserContext, Locator, Page, Response, expect

from tests.browser.engines import PATIENCE
from tests.browser.servers import LAST, Site, ThirdParties

#: Ask for an address and wait for the answer. Works where pages may not run JavaScript, too.
FETCH = """async (url) => { await fetch(url, { mode: "no-cors", cache: "no-store" }) }"""

#: Take away the end of an element; tell whether it was shown before and is shown then.
HALVE = """(whole) => {
  const before = whole.checkVisibility();
  whole.lastElementChild.remove();
  return [before, whole.checkVisibility()];
}"""


def until(page: Page, expression: str, arg: Any = None) -> None:
    """
    Wait until *expression* holds in *page*.

    Playwright's own way of waiting is stopped by a Content-Security-Policy without eval.
    """
    end = time.monotonic() + PATIENCE / 1000
    pauses = chain((10, 20, 40), repeat(80))  # each look costs the browser time, too
    while not page.evaluate(expression, arg):
        assert time.monotonic() < end, f"never came true: {expression}"
        page.wait_for_timeout(next(pauses))


def follow(control: Locator) -> None:
    """Press *control*, and wait for the page that it leads to."""
    with control.page.expect_event("load"):
        control.click()


class Visitor:
    """One profile with one window."""

    def __init__(self, context: BrowserContext, site: Site, third: ThirdParties) -> None:
        self.context = context
        blank = (page for page in context.pages if page.url == "about:blank")
        self.page: Page = next(blank, None) or context.new_page()
        self._site = site
        self._third = third
        self.complaints: list[str] = []  #: what the browser's console shows as an error
        self.page.on("console", lambda message: self._hear(message.type, message.text))
        self.page.on("pageerror", lambda error: self._hear("error", str(error)))

    def go(self, path: str = "/", **how: Any) -> Response:
        """Open a page of the site."""
        response = self.page.goto(self._site.url + path, **how)
        assert response is not None
        return response

    def back(self) -> None:
        """
        Go back to the page before.

        Playwright's own way waits for a load, which does not come where the page was kept. In
        such a page of Firefox its locators wait for ever: there use :meth:`until`.
        """
        with self.page.expect_console_message(lambda message: message.text == "shown"):
            self.page.evaluate("history.back()")

    @property
    def banner(self) -> Locator:
        """The first layer."""
        return self.page.locator("#consent")

    @property
    def dialog(self) -> Locator:
        """The settings over the page."""
        return self.page.locator("dialog")

    @property
    def focus(self) -> Locator:
        """What has the focus."""
        return self.page.locator(":focus")

    @property
    def footer_link(self) -> Locator:
        """The way to the settings that every page has."""
        return self.page.locator("footer [data-consent-open]")

    def button(self, decision: str) -> Locator:
        """A button of the banner."""
        return self.banner.locator(f"button[name=decision][value={decision}]")

    def placeholder(self, service: str) -> Locator:
        """What stands in the place of a service."""
        return self.page.locator(f"[data-consent-placeholder={service}]")

    def decide(self, decision: str) -> None:
        """Press a button of the banner and see it go."""
        self.button(decision).click()
        expect(self.banner).to_have_count(0)

    def open_settings(self) -> None:
        """Follow the link in the footer to the dialog."""
        self.footer_link.click()
        expect(self.dialog).to_be_visible()

    def withdraw(self) -> None:
        """Open the settings, press the one button and see the page load again."""
        self.open_settings()
        with self.page.expect_event("load"):
            self.dialog.locator("button[value=withdraw]").click()

    def cookie(self, name: str = "consent") -> str | None:
        """Return the value of a cookie, or None."""
        return next((c["value"] for c in self.context.cookies() if c["name"] == name), None)

    def wait_until_kept(self, *names: str) -> None:
        """
        Wait until the browser keeps exactly these cookies, for whatever page.

        Firefox lists what has run out, too, if a second ended just while it was taken away.
        """
        end = time.monotonic() + PATIENCE / 1000
        while {
            cookie["name"]
            for cookie in self.context.cookies()
            if not 0 <= cookie["expires"] <= time.time()
        } != set(names):
            assert time.monotonic() < end, f"kept: {self.context.cookies()}"
            self.page.wait_for_timeout(20)

    def ran(self) -> list[str]:
        """Return the scripts that ran on this page, in order."""
        return self.page.evaluate("window.ran ?? []")

    def wait_until_ran(self, *names: str) -> None:
        """Wait until exactly these scripts have run, in this order."""
        self.until(
            "names => JSON.stringify(window.ran ?? []) === JSON.stringify(names)", list(names)
        )

    def until(self, expression: str, arg: Any = None) -> None:
        """Wait until *expression* holds in the page."""
        until(self.page, expression, arg)

    def arrived(self) -> list[str]:
        """
        Return what has reached the third parties.

        A request of the test's own goes there last, so what was sent before it is there, too.
        """
        self.page.wait_for_load_state("load")
        self.page.evaluate(FETCH, self._third.url(LAST))
        return self._third.arrived

    def _hear(self, kind: str, text: str) -> None:
        # A notice is shown in a sandbox, where neither the script of these tests may run nor
        # the icon be fetched that Firefox asks for by itself.
        own = r"status of [45]\d\d|sandboxed and the 'allow-scripts'|/favicon\.ico"
        if kind == "error" and not re.search(own, text):
            self.complaints.append(text)
