"""The auditor's desk in a browser: by keyboard, on a phone, and for assistive technology."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from consent.web.desk.invite import invite
from tests.browser.test_axe import SIZES, WIDE, violations
from tests.browser.visitor import Visitor, follow

pytestmark = [
    pytest.mark.browser,
    pytest.mark.chromium("pages of plain markup and one style sheet, without any script"),
]

NAME = "Dr. Anna Prüfer"

#: Every page behind the door, by what it is. An area adds its own here.
PAGES = {
    "overview": "overview",
    "overview, wrong input": "overview?period=x",
    "accesses": "access",
    "accesses, wrong input": "access?before=x",
    "exports": "exports",
    "exports, counted": "exports?format=xlsx&kind=grant",
    "exports, wrong input": "exports?format=csv&since=x",
    "sample": "sample",
    "sample, drawn": "sample?nonce=x&number=3",
    "summary": "exports/summary",
    "nothing there": "nothing",
}


@pytest.fixture
def link(site, make_visitor) -> str:
    """A link to the desk of a site where somebody decided."""
    somebody = make_visitor()
    somebody.go()
    somebody.decide("accept")
    return invite(site.app.extensions["consentry"], NAME, 14, site.url, "Vorstand")[1]


@pytest.fixture
def pages(site) -> Iterator[dict[str, str]]:
    """All pages, those of a file that is ready and of one in the making among them."""
    shop, done = site.app.extensions["consentry"].workshop, threading.Event()

    def wait(path, tell):
        tell(3, 7)
        done.wait(60)
        path.touch()

    ready, work = shop.begin(NAME, "consent.zip", "application/zip", lambda path, _: path.touch())
    making, _ = shop.begin(NAME, "consent.zip", "application/zip", wait)
    work.join()
    yield PAGES | {
        "file, ready": f"exports/prepared/{ready}",
        "file, in the making": f"exports/prepared/{making}",
    }
    done.set()


def tour(
    visitor: Visitor, link: str, language: str, pages: dict[str, str]
) -> Iterator[tuple[str, Page]]:
    """Show every one of *pages* in *language*, from the link to what is left after signing out."""
    page, asked = visitor.page, f"lang={language}"
    page.goto(f"{link}?{asked}")
    yield "link", page
    follow(page.locator("main button"))
    desk = link.partition("/enter/")[0]
    for name, path in pages.items():
        page.goto(f"{desk}/{path}{'&' if '?' in path else '?'}{asked}")
        yield name, page
    follow(page.locator(".desk-who button"))
    yield "signed out", page
    page.goto(f"{link}?{asked}")
    yield "closed", page


@pytest.mark.parametrize(
    ("language", "media", "sizes"),
    [
        ("de", {"color_scheme": "light"}, SIZES),
        ("en", {"color_scheme": "dark"}, WIDE),
        pytest.param("de", {"forced_colors": "active"}, SIZES, marks=pytest.mark.thorough),
    ],
    ids=["German, light", "English, dark", "German, forced colours"],
)
def test_no_rule_is_broken(make_visitor, link, pages, language, media, sizes):
    """
    No page of the desk breaks a rule of axe, narrow or wide, in either language: structure,
    contrast, names, roles, sizes of targets, language (AX-01, AX-02, AX-06, AX-22, AX-23, AX-29).
    """
    found = []
    for name, page in tour(make_visitor(**media), link, language, pages):
        expect(page.locator("html")).to_have_attribute("lang", language)
        found += [f"{name}: {line}" for line in violations(page, sizes)]

    assert found == []


@pytest.mark.parametrize("language", ["de", "en"])
def test_nothing_is_scrolled_sideways(make_visitor, link, pages, language):
    """
    On the smallest phone, which is also a window zoomed to 400 percent, every page fits (AX-08).
    """
    visitor = make_visitor(viewport={"width": 320, "height": 568})
    wider = {
        name: width
        for name, page in tour(visitor, link, language, pages)
        if (width := page.evaluate("document.documentElement.scrollWidth")) > 320
    }

    assert wider == {}


def test_the_keyboard_leads_from_the_link_to_signing_out(plain_visitor, link):
    """
    Without mouse and script an auditor opens the link, passes the navigation by or uses it, and
    signs out (AX-12).
    """
    page = plain_visitor.page
    page.goto(link)

    def tab_to(text: str) -> None:
        for _ in range(20):
            page.keyboard.press("Tab")
            focus = page.locator(":focus")
            if focus.count() and focus.inner_text() == text:
                assert focus.bounding_box()["height"] >= 24
                return
        raise AssertionError(f"no Tab leads to {text}")

    tab_to("Prüfbereich öffnen")
    page.keyboard.press("Enter")
    expect(page.locator(".desk-who")).to_contain_text("Angemeldet: Dr. Anna Prüfer")
    tab_to("Zum Inhalt")
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()
    page.goto(page.url.partition("#")[0])  # begins at the top, which a reload may not
    tab_to("Zugriffe")
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_have_text("Zugriffe")
    tab_to("Abmelden")
    page.keyboard.press("Enter")

    expect(page.locator("main")).to_contain_text("Sie sind abgemeldet")
