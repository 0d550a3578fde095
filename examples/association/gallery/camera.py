"""Takes pictures of views with Chromium, through Playwright."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PIL import Image
from playwright.sync_api import Browser, Page

from .view import View

#: How the visitor's own settings are played, beside a plain light screen.
DEVICES: dict[str, dict[str, Any]] = {
    "light": {"color_scheme": "light"},
    "dark": {"color_scheme": "dark"},
    "forced": {"forced_colors": "active"},
    "text": {},
}

#: Text that somebody has set to twice the usual size in the browser, in pixels.
LARGE_TEXT = {"standard": 32, "fixed": 26}

#: Layers that lie over a page, so that a picture of the window shows them whole.
OVER_A_PAGE = ("banner", "paused", "dialog")


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


def take(browser: Browser, url: str, pictures: Iterable[tuple[Picture, Path]]) -> None:
    """Take each picture from the demo at *url* and write it to its file."""
    windows: dict[str, Page] = {}
    for picture, file in pictures:
        device = picture.device
        if device not in windows:
            windows[device] = _window(browser, device)
        _show(windows[device], url, picture)
        windows[device].screenshot(path=file, animations="disabled")
    for window in windows.values():
        window.close()


def _window(browser: Browser, device: str) -> Page:
    window = browser.new_page(**DEVICES[device])
    if device == "text":
        session = window.context.new_cdp_session(window)
        session.send("Page.setFontSizes", {"fontSizes": LARGE_TEXT})
    return window


def _show(window: Page, url: str, picture: Picture) -> None:
    view = picture.view
    width, height = int(view.width), picture.height or view.height
    window.set_viewport_size({"width": width, "height": height})
    window.goto(url + view.path)
    if view.layer == "dialog":
        window.locator("dialog[open]").last.wait_for()
    if picture.height is None and view.layer not in OVER_A_PAGE:
        # Not Playwright's own way: what sticks to the window would lie over the text.
        height = window.evaluate("document.documentElement.scrollHeight")
        window.set_viewport_size({"width": width, "height": height})


def reduce(file: Path) -> None:
    """Write the picture again with 160 colours, which makes it a third as large."""
    with Image.open(file) as image:
        few = image.convert("RGB").quantize(160, kmeans=1, dither=Image.Dither.NONE)
    few.save(file, optimize=True)
