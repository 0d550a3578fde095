"""Someone in front of WebKitGTK."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from selenium.webdriver import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webdriver import WebDriver
from selenium.webdriver.remote.webelement import WebElement

from tests.browser.servers import LAST, Site, ThirdParties

#: Seconds. Only a failing test waits so long.
PATIENCE = 20

#: Ask for an address and wait for the answer.
FETCH = """const [url, done] = arguments;
fetch(url, { mode: "no-cors", cache: "no-store" }).finally(done);"""

#: Bring an element to the middle, and tell whether it stays there: a click goes to a place.
REST = """const [element, done] = arguments;
element.scrollIntoView({ block: "center" });
const { x, y } = element.getBoundingClientRect();
requestAnimationFrame(() => requestAnimationFrame(() => {
  const now = element.getBoundingClientRect();
  done(now.x === x && now.y === y);
}));"""


def until(holds: Callable[[], bool], what: object = "") -> None:
    """Wait until *holds* says so; *what* it is about is told where that never happens."""
    end = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < end, f"never came true: {what}"


class Visitor:
    """One browser with one window."""

    def __init__(self, driver: WebDriver, site: Site, third: ThirdParties) -> None:
        self.driver = driver
        self._site = site
        self._third = third

    def go(self, path: str = "/") -> None:
        """Open a page of the site."""
        self.driver.get(self._site.url + path)

    def ask(self, expression: str, *given: Any) -> Any:
        """Return what *expression* is in the page; ``arguments`` are *given*."""
        return self.driver.execute_script(f"return {expression}", *given)

    def run(self, function: str) -> Any:
        """Return what an asynchronous *function* without parameters resolves to."""
        return self.driver.execute_async_script(f"({function})().then(arguments[0])")

    def until(self, expression: str, *given: Any) -> None:
        """Wait until *expression* holds in the page."""
        until(lambda: self.ask(expression, *given), f"{expression} in {self.driver.current_url}")

    def find(self, selector: str) -> WebElement:
        """Return the first element that is there, or comes soon."""
        self.until("document.querySelector(arguments[0])", selector)
        return self.driver.find_element(By.CSS_SELECTOR, selector)

    def count(self, selector: str) -> int:
        """Return how many of these elements the page has."""
        return self.ask("document.querySelectorAll(arguments[0]).length", selector)

    def press(self, *keys: str) -> None:
        """Press keys one after the other, whatever has the focus."""
        ActionChains(self.driver).send_keys(*keys).perform()

    def hold(self, key: str, *keys: str) -> None:
        """Press *keys* while *key* is held down."""
        ActionChains(self.driver).key_down(key).send_keys(*keys).key_up(key).perform()

    def click(self, selector: str) -> None:
        """Click at the middle of an element."""
        self.find(selector).click()

    def reach(self, selector: str) -> WebElement:
        """Return an element that was brought to the middle of its window and is at rest there."""
        found = self.find(selector)
        until(lambda: self.driver.execute_async_script(REST, found), f"{selector} at rest")
        return found

    def values(self, selector: str) -> list[str]:
        """Return the values of these fields."""
        return self.ask(
            "[...document.querySelectorAll(arguments[0])].map((a) => a.value)", selector
        )

    def cookies(self) -> dict[str, str]:
        """Return the cookies that the page is sent with."""
        return {cookie["name"]: cookie["value"] for cookie in self.driver.get_cookies()}

    def arrived(self) -> list[str]:
        """Return what has reached the third parties; the test's own request goes there last."""
        self.until("document.readyState === 'complete'")
        self.driver.execute_async_script(FETCH, self._third.url(LAST))
        return self._third.arrived

    def wait_until_ran(self, *names: str) -> None:
        """Wait until exactly these scripts have run, in this order."""
        self.until("JSON.stringify(window.ran ?? []) === JSON.stringify(arguments[0])", list(names))

    def until_told(self, selector: str, text: str) -> None:
        """Wait until an element says exactly this."""
        self.until(
            "document.querySelector(arguments[0])?.textContent === arguments[1]", selector, text
        )

    @property
    def is_asked(self) -> bool:
        """Whether the banner is there to be seen."""
        return self.ask("!!document.querySelector('#consent')?.checkVisibility()")

    def decide(self, decision: str) -> None:
        """Press a button of the banner and see it go."""
        self.click(f"#consent button[value={decision}]")
        self.until("!document.getElementById('consent')")

    def open_settings(self) -> None:
        """Follow the link in the footer to the dialog."""
        self.reach("footer [data-consent-open]").click()
        self.until("document.querySelector('dialog')?.matches(':modal')")

    def tick(self, *services: str) -> None:
        """Change what is ticked for these in the settings, and save."""
        self.open_settings()
        for service in services:
            self.reach(f"dialog input[value={service}]").click()
        self.click("dialog button[value=save]")

    def give_up(self, service: str) -> None:
        """Take *service* back in the settings and see the page come anew."""
        with self.anew():
            self.tick(service)

    @contextmanager
    def anew(self) -> Iterator[None]:
        """Do what loads the page anew, and see it come."""
        self.ask("void (window.old = true)")
        yield
        self.until("!window.old && document.readyState === 'complete'")

    def withdraw(self) -> None:
        """Take everything back in the settings and see the page come anew."""
        with self.anew():
            self.open_settings()
            self.click("dialog button[value=withdraw]")
