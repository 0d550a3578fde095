"""The engines that Playwright drives: Chromium, and Firefox as Debian builds it."""

from __future__ import annotations

import os
import shutil
from abc import ABC, abstractmethod
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Playwright

#: Sent by a visitor whose browser is to run no script; the site then forbids them all.
NO_SCRIPTS = {"X-Scripts": "off"}


class Engine(ABC):
    """One browser for all tests of a worker; each visitor gets a profile of their own."""

    name: str
    missing: str

    def __init__(self, playwright: Playwright) -> None:
        self._playwright = playwright
        self._open: dict[tuple[tuple[str, Any], ...], Browser] = {}

    @abstractmethod
    def new_context(self, **profile: Any) -> BrowserContext:
        """Make a fresh profile; keyword arguments are Playwright's."""

    @abstractmethod
    def launch_keeping_pages(self) -> Browser:
        """Start one more, which the test closes. It keeps pages as they were for going back."""

    @abstractmethod
    def _launch(self, **options: Any) -> Browser: ...

    def close(self) -> None:
        """End what was started for :meth:`new_context`."""
        for browser in self._open.values():
            browser.close()

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

    def new_context(self, **profile: Any) -> BrowserContext:
        return self._browser().new_context(**profile)

    def launch_keeping_pages(self) -> Browser:
        return self._launch(ignore_default_args=["--disable-back-forward-cache"])

    def _launch(self, **options: Any) -> Browser:
        kind = self._playwright.chromium
        named = shutil.which("chromium") or shutil.which("google-chrome") or kind.executable_path
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

    def new_context(self, *, java_script_enabled: bool = True, **profile: Any) -> BrowserContext:
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
            channel="moz-firefox", executable_path=path, firefox_user_prefs=preferences
        )


def _refuse_to_pretend(page: Page) -> None:
    def emulate_media(**_: Any) -> None:
        raise ValueError("has no effect in Firefox: give it to make_visitor() instead")

    page.emulate_media = emulate_media  # type: ignore[method-assign]


#: By name, in the order in which they are tried.
ENGINES: Mapping[str, type[Engine]] = {kind.name: kind for kind in (Chromium, Firefox)}
