"""The engines that Playwright drives: Chromium, and Firefox as Debian builds it."""

from __future__ import annotations

import os
import shutil
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Error, Page, Playwright, ViewportSize

from consent.check.browser import PROGRAMS, installed_chromium

#: Milliseconds. Only a failing test waits so long.
PATIENCE = 30_000

#: Notes violations of a Content-Security-Policy, shifts of the layout and our own events;
#: tells when a page is shown, new or as it was left.
WATCH = """
window.seen = [];
window.violations = [];
window.shifts = [];
window.painted = false;
addEventListener("securitypolicyviolation", (event) =>
  violations.push(`${event.effectiveDirective} ${event.blockedURI}`));
for (const name of ["consent:ready", "consent:change"])
  document.addEventListener(name, (event) => seen.push([name, event.detail]));
new PerformanceObserver((list) => shifts.push(...list.getEntries().map((entry) => entry.value)))
  .observe({ type: "layout-shift", buffered: true });
addEventListener("pageshow", () => console.debug("shown"));
addEventListener("load", () => requestAnimationFrame(() => setTimeout(() => (painted = true), 50)));
"""

VIEWPORT: ViewportSize = {"width": 1280, "height": 720}

#: Takes away what a page may have stored, where it may store anything.
FORGET = """async () => {
  try {
    localStorage.clear();
    sessionStorage.clear();
    for (const { name } of await indexedDB.databases()) indexedDB.deleteDatabase(name);
    for (const name of await caches.keys()) await caches.delete(name);
    const workers = await navigator.serviceWorker.getRegistrations();
    for (const worker of workers) await worker.unregister();
  } catch {}
}"""

#: Sent by a visitor whose browser is to run no script; the site then forbids them all.
NO_SCRIPTS = {"X-Scripts": "off"}


class Engine(ABC):
    """One browser for all tests of a worker; each visitor gets a profile of their own."""

    name: str
    missing: str

    def __init__(self, playwright: Playwright) -> None:
        self._playwright = playwright
        self._open: dict[tuple[tuple[str, Any], ...], Browser] = {}

    def new_context(self, **profile: Any) -> BrowserContext:
        """Make a fresh profile, watched; keyword arguments are Playwright's."""
        context = self._new_context(**profile)
        context.set_default_timeout(PATIENCE)
        context.add_init_script(WATCH)
        return context

    def release(self, context: BrowserContext) -> None:
        """Take a profile back that nobody needs any more."""
        context.close()

    @abstractmethod
    def _new_context(self, **profile: Any) -> BrowserContext: ...

    @abstractmethod
    def launch_keeping_pages(self) -> Browser:
        """Start one more, which the test closes. It keeps pages as they were for going back."""

    @abstractmethod
    def _launch(self, **options: Any) -> Browser: ...

    def close(self) -> None:
        """End what was started for :meth:`new_context`; it starts again when it is needed."""
        while self._open:
            self._open.popitem()[1].close()

    def forget(self) -> None:
        """Start again when it is needed; what was started has been ended by somebody else."""
        self._open.clear()

    def _browser(self, **options: Any) -> Browser:
        key = tuple(sorted(options.items()))
        if key not in self._open:
            # One with special wishes at a time: even idle ones slow the others down.
            for other, browser in list(self._open.items()):
                if other and not browser.contexts:
                    self._open.pop(other).close()
            self._open[key] = self._launch(**options)
        return self._open[key]

    def _found(self, path: str | None) -> str:
        """Return *path*. Without a program tests are skipped, in CI they fail."""
        if path is None or not Path(path).exists():
            say = pytest.fail if os.environ.get("CI") else pytest.skip
            say(f"NO {self.name.upper()}: nothing of what it does was tested; {self.missing}")
        return path


class Chromium(Engine):
    """Can everything that Playwright offers."""

    name = "chromium"
    missing = "apt install chromium"

    def __init__(self, playwright: Playwright, programs: Sequence[str | Path] = PROGRAMS) -> None:
        super().__init__(playwright)
        self._programs = programs

    def _new_context(self, **profile: Any) -> BrowserContext:
        return self._browser().new_context(**profile)

    def launch_keeping_pages(self) -> Browser:
        # The one without windows has no history to go back in.
        return self._launch(PROGRAMS[1:], ignore_default_args=["--disable-back-forward-cache"])

    def _launch(self, programs: Sequence[str | Path] | None = None, **options: Any) -> Browser:
        kind = self._playwright.chromium
        named = installed_chromium(programs or self._programs) or kind.executable_path
        root = hasattr(os, "geteuid") and os.geteuid() == 0
        return kind.launch(
            executable_path=self._found(named), args=["--no-sandbox"] if root else [], **options
        )


class Firefox(Engine):
    """
    Playwright takes every wish for a profile here, yet drops some without a word.

    What it drops is set in another way, or refused, so that no test holds for nothing.
    """

    name = "firefox"
    missing = "apt install firefox-esr"

    #: One process for all pages: those of a test are opened a sixth faster. Nobody watches, so
    #: that ten pictures a second are enough: they are a third of the work of opening a page.
    FRUGAL: Mapping[str, bool | int] = {
        "fission.autostart": False,
        "dom.ipc.processCount": 1,
        "dom.ipc.processPrelaunch.enabled": False,
        "layout.frame_rate": 10,
    }

    #: What is honoured; found by trying.
    HONOURED = frozenset({"locale", "viewport", "extra_http_headers", "user_agent", "offline"})

    #: What only a preference of the whole browser does; each set of them is one more browser.
    MEDIA: Mapping[tuple[str, str], dict[str, int]] = {
        ("color_scheme", "light"): {},
        ("color_scheme", "dark"): {"layout.css.prefers-color-scheme.content-override": 0},
        ("forced_colors", "none"): {},
        ("forced_colors", "active"): {"browser.display.document_color_use": 2},
        ("reduced_motion", "no-preference"): {},
        ("reduced_motion", "reduce"): {"ui.prefersReducedMotion": 1},
    }

    #: What nearly everybody comes with.
    USUAL: Mapping[str, Any] = {"locale": "de-DE"}

    def __init__(self, playwright: Playwright) -> None:
        super().__init__(playwright)
        self._usual: list[BrowserContext] = []  # those that can be used again
        self._spare: BrowserContext | None = None

    def new_context(self, **profile: Any) -> BrowserContext:
        if profile != self.USUAL:
            return super().new_context(**profile)
        context, self._spare = self._spare or super().new_context(**profile), None
        if context in self._usual:
            context.pages[0].bring_to_front()  # only one window has the focus
        else:
            self._usual.append(context)
            for spoiling in (context.add_init_script, context.set_extra_http_headers):
                setattr(context, spoiling.__name__, partial(self._spoil, context, spoiling))
            context.clock.install = partial(self._spoil, context, context.clock.install)
        return context

    def release(self, context: BrowserContext) -> None:
        """
        Take a profile back that nobody needs any more.

        One of the usual kind is emptied and given to the next who comes, as it takes half the
        time of a test to open a window.
        """
        if context in self._usual and self._spare is None and self._is_empty(context):
            self._spare = context
        else:
            context.close()

    def close(self) -> None:
        super().close()
        self.forget()

    def forget(self) -> None:
        super().forget()
        self._usual.clear()
        self._spare = None

    def _spoil(self, context: BrowserContext, change: Callable[..., Any], *how: Any) -> None:
        """Do what cannot be taken back."""
        if context in self._usual:
            self._usual.remove(context)
        change(*how)

    def _is_empty(self, context: BrowserContext) -> bool:
        """Empty the profile; return whether nothing is left of those who had it."""
        try:
            return self._empty(context)
        except Error:  # its page is on the way to another one, or gone
            return False

    def _empty(self, context: BrowserContext) -> bool:
        for page in context.pages[1:]:
            page.close()
        for page in context.pages:
            page.unroute_all()
            page.evaluate(FORGET)
            page.goto("about:blank")
            page.set_viewport_size(VIEWPORT)
        context.clear_cookies()
        # Tab may have led the focus out of the page, from where nothing brings it back.
        return [page.evaluate("document.hasFocus()") for page in context.pages] == [True]

    def _new_context(self, *, java_script_enabled: bool = True, **profile: Any) -> BrowserContext:
        preferences = {}
        for wish in {wish for wish, _ in self.MEDIA} & profile.keys():
            preferences |= self.MEDIA[wish, profile.pop(wish)]
        if unknown := profile.keys() - self.HONOURED:
            raise ValueError(f"Playwright cannot set these in Firefox: {unknown}")
        if not java_script_enabled:
            profile["extra_http_headers"] = profile.get("extra_http_headers", {}) | NO_SCRIPTS
        context = self._browser(**preferences).new_context(**profile)
        context.on("page", _refuse_to_pretend)
        return context

    def launch_keeping_pages(self) -> Browser:
        return self._launch()  # as everybody's does

    def _launch(self, **preferences: Any) -> Browser:
        path = self._found(shutil.which("firefox-esr") or shutil.which("firefox"))
        return self._playwright.firefox.launch(
            channel="moz-firefox",
            executable_path=path,
            firefox_user_prefs=self.FRUGAL | preferences,
        )


def _refuse_to_pretend(page: Page) -> None:
    def emulate_media(**_: Any) -> None:
        raise ValueError("has no effect in Firefox: give it to make_visitor() instead")

    page.emulate_media = emulate_media  # type: ignore[method-assign]


#: By name, in the order in which they are tried.
ENGINES: Mapping[str, type[Engine]] = {kind.name: kind for kind in (Chromium, Firefox)}
