"""Takes pictures of views with Chromium, through Playwright."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, sync_playwright

from .view import View

#: How the visitor's own settings are played, beside a plain light screen.
DEVICES: dict[str, dict[str, Any]] = {
    "light": {"color_scheme": "light"},
    "dark": {"color_scheme": "dark"},
    "forced": {"forced_colors": "active"},
}

#: Layers that lie over a page, so that a picture of the window shows them whole.
OVER_A_PAGE = ("banner", "dialog")


@dataclass(frozen=True, slots=True)
class Picture:
    """One view as one device shows it."""

    view: View
    device: str = "light"
    height: int | None = None  #: of the window; None: what the view says

    @property
    def name(self) -> str:
        """The name that its file has in a folder of many."""
        view = self.view
        parts = (view.language, view.placement, view.theme, self.device, view.layer, view.width)
        return "-".join(parts) + ".png"


@contextmanager
def chromium() -> Iterator[Browser]:
    """Start the Chromium that the browser tests use."""
    with sync_playwright() as playwright:
        program = shutil.which("chromium") or shutil.which("google-chrome")
        options = ["--no-sandbox"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []
        browser = playwright.chromium.launch(executable_path=program, args=options)
        try:
            yield browser
        finally:
            browser.close()


def take(browser: Browser, url: str, pictures: Iterable[tuple[Picture, Path]]) -> None:
    """Take each picture from the demo at *url* and write it to its file."""
    windows: dict[tuple[str, str, int], Page] = {}
    for picture, file in pictures:
        view = picture.view
        height = picture.height or view.height
        key = (picture.device, view.width, height)
        if key not in windows:
            size: Any = {"width": int(view.width), "height": height}
            windows[key] = browser.new_page(viewport=size, **DEVICES[picture.device])
        window = windows[key]
        window.goto(url + view.path)
        if view.layer == "dialog":
            window.locator("dialog[open]").last.wait_for()
        whole = picture.height is None and view.layer not in OVER_A_PAGE
        window.screenshot(path=file, full_page=whole, animations="disabled")
    for window in windows.values():
        window.close()
