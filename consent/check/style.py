"""
Are refusing and accepting equally easy to see and to press, whatever the style sheets do?

A browser opens the first layer and the settings of a running site in every language, in
light, dark and forced colours, narrow and wide. In every state the two buttons are compared
property by property; contrast, size and place are measured (requirements FL-02, FL-04, AX-06,
AX-09, AX-18, AX-22). The browser sends no decision.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from consent.check.judging import Measured, changed, resting, ringed, usable
from consent.errors import CheckError

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

#: What each theme asks a browser for.
THEMES: dict[str, dict[str, Any]] = {
    "light": {"color_scheme": "light", "forced_colors": "none"},
    "dark": {"color_scheme": "dark", "forced_colors": "none"},
    "forced colours": {"color_scheme": "light", "forced_colors": "active"},
}

#: Windows, as width and height: a small phone and a desktop.
WINDOWS = ((320, 568), (1280, 720))

FIRST, SECOND = "#consent", "[data-consent-layer=settings]"

#: Milliseconds that a page may take.
PATIENCE = 15_000

_PROBE = (files("consent.check") / "probe.js").read_text(encoding="utf-8")


@dataclass(frozen=True, slots=True)
class Place:
    """Where something was looked at."""

    layer: str
    language: str
    theme: str = ""
    width: int = 0
    state: str = "normal"

    def __str__(self) -> str:
        return f"{self.language}, {self.theme}, {self.width} px, {self.state}"


@dataclass(slots=True)
class Report:
    """What was found, each thing with the places where it shows."""

    places: int = 0
    languages: set[str] = field(default_factory=set)
    missing: list[str] = field(default_factory=list)  #: languages that the site did not answer in
    found: dict[tuple[str, str], list[Place]] = field(default_factory=dict)

    def note(self, place: Place, findings: Iterable[str]) -> None:
        """Add what was found at one *place*."""
        self.places += 1
        for finding in findings:
            self.found.setdefault((place.layer, finding), []).append(place)

    def lines(self) -> list[str]:
        """Return one line for each finding, with the first of its places."""
        return [
            f"{layer}: {finding} ({places[0]}{_more(len(places) - 1)})"
            for (layer, finding), places in self.found.items()
        ]


def _more(count: int) -> str:
    return f"; and {count} more" if count else ""


def inspect(
    browser: Browser,
    url: str,
    languages: Iterable[str],
    themes: Iterable[str] = tuple(THEMES),
    windows: Iterable[tuple[int, int]] = WINDOWS,
) -> Report:
    """
    Look at the site at *url* and return what is unequal or hard to see.

    Raises CheckError if there is no first layer to look at.
    """
    report = Report()
    for language in languages:
        context = browser.new_context(locale=language)
        context.set_default_timeout(PATIENCE)
        try:
            _visit(context.new_page(), url, language, report, tuple(themes), tuple(windows))
        finally:
            context.close()
    return report


def _visit(
    page: Page,
    url: str,
    language: str,
    report: Report,
    themes: tuple[str, ...],
    windows: tuple[tuple[int, int], ...],
) -> None:
    """Look at both layers in one language, unless the site answers in one already seen."""
    for number, theme in enumerate(themes):
        page.emulate_media(**THEMES[theme])
        spoken = _open(page, url, language)
        if number == 0 and spoken in report.languages:
            report.missing.append(language)
            return
        report.languages.add(spoken)
        for window in windows:
            _resize(page, window)
            _look(page, report, Place("first layer", spoken, theme, window[0]), FIRST)
        _open_settings(page)
        for window in windows:
            _resize(page, window)
            _look(page, report, Place("settings", spoken, theme, window[0]), SECOND)


def _open(page: Page, url: str, language: str) -> str:
    """Open the page at *url*, if possible in *language*; return the language of the first layer."""
    from playwright.sync_api import Error

    mark = "&" if "?" in url else "?"
    try:
        page.goto(f"{url}{mark}lang={language}", wait_until="load")
    except Error as error:
        raise CheckError(
            f"{url}: {error.message.splitlines()[0]}, wanted a page of the running site; "
            "hint: start it with flask run, or name its address: flask consent check --style URL"
        ) from error
    try:
        page.wait_for_selector(FIRST, state="attached")
    except Error as error:
        raise CheckError(
            f'{url}: no first layer (id="consent") in the page, wanted one that is shown to new '
            "visitors; hint: name a page whose template has {{ consent.banner() }}"
        ) from error
    return str(page.locator(FIRST).get_attribute("lang"))


def _open_settings(page: Page) -> None:
    from playwright.sync_api import Error

    try:
        page.evaluate("document.querySelector('[data-consent-open]').click()")
        page.wait_for_selector(SECOND, state="attached")
    except Error as error:
        raise CheckError(
            f"{page.url}: the settings do not open, wanted the link with data-consent-open to "
            "lead to them"
        ) from error


def _resize(page: Page, window: tuple[int, int]) -> None:
    page.set_viewport_size({"width": window[0], "height": window[1]})


def _look(page: Page, report: Report, place: Place, selector: str) -> None:
    """Look at one layer in every state."""
    page.mouse.move(0, 0)
    page.evaluate("document.activeElement.blur()")
    normal = _measure(page, selector, whole=True)
    report.note(place, resting(normal, is_first=selector == FIRST))
    if not usable(normal):
        return
    for state, enter in _STATES.items():
        seen = {}
        for decision in ("reject", "accept"):
            button = f"{selector} button[name=decision][value={decision}]"
            with enter(page, button):
                seen[decision] = _measure(page, selector)
        report.note(replace(place, state=state), changed(seen["reject"], seen["accept"]))
        if state == "focus":
            report.note(replace(place, state=state), ringed(normal, seen))


def _measure(page: Page, selector: str, *, whole: bool = False) -> Measured:
    """Measure both buttons, and with *whole* what lies around them."""
    measured: Measured = json.loads(page.evaluate(_PROBE, [selector, whole]))
    return measured


@contextmanager
def _hover(page: Page, button: str) -> Iterator[None]:
    page.evaluate("(s) => document.querySelector(s).scrollIntoView({ block: 'nearest' })", button)
    box = page.locator(button).bounding_box() or {"x": 0, "y": 0, "width": 0, "height": 0}
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    yield
    page.mouse.move(0, 0)


@contextmanager
def _focus(page: Page, button: str) -> Iterator[None]:
    page.keyboard.press("Shift")  # focus that follows a key is shown
    page.evaluate("(s) => document.querySelector(s).focus({ focusVisible: true })", button)
    yield
    page.evaluate("document.activeElement.blur()")


@contextmanager
def _press(page: Page, button: str) -> Iterator[None]:
    """Make the button look pressed without pressing it: nothing may be decided."""
    inspector = page.context.new_cdp_session(page)
    inspector.send("DOM.enable")
    inspector.send("CSS.enable")
    root = inspector.send("DOM.getDocument")["root"]["nodeId"]
    node = inspector.send("DOM.querySelector", {"nodeId": root, "selector": button})["nodeId"]
    force = {"nodeId": node, "forcedPseudoClasses": ["hover", "active"]}
    inspector.send("CSS.forcePseudoState", force)
    yield
    inspector.detach()


_STATES = {"hover": _hover, "focus": _focus, "pressed": _press}
