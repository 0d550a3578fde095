"""The browser that a check drives. It comes with the extra ``check`` and a Chromium."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from consent.errors import CheckError

if TYPE_CHECKING:
    from playwright.sync_api import Browser

#: Programs of Chromium, the first that is there is taken. The one without windows starts pages
#: in half the time and is what Playwright downloads, too.
PROGRAMS = ("chromium-headless-shell", "chromium", "google-chrome")


@contextmanager
def chromium() -> Iterator[Browser]:
    """Start a Chromium without a window. Raises CheckError if there is none."""
    try:
        from playwright.sync_api import Error, sync_playwright
    except ImportError as error:
        raise CheckError(
            "the package playwright is not installed, wanted to drive a browser; "
            "hint: pip install 'consentry[check]'"
        ) from error
    with sync_playwright() as playwright:
        path = Path(installed_chromium() or playwright.chromium.executable_path)
        if not path.exists():
            raise CheckError(
                "no Chromium found, wanted one to look at the site with; "
                "hint: apt install chromium, or: playwright install chromium"
            )
        # Chromium refuses to isolate its pages when root starts it.
        is_root = hasattr(os, "geteuid") and os.geteuid() == 0
        try:
            browser = playwright.chromium.launch(
                executable_path=path, args=["--no-sandbox"] if is_root else []
            )
        except Error as error:
            raise CheckError(f"{path} does not start: {error.message.splitlines()[0]}") from error
        yield browser
        browser.close()


def installed_chromium(programs: Iterable[str | Path] = PROGRAMS) -> str | None:
    """Return the path of the first of *programs* that is installed here, or None."""
    return next(filter(None, map(shutil.which, programs)), None)
