"""Records and notices on the auditor's desk in a browser, and the pictures that are taken."""

from __future__ import annotations

import io
from collections.abc import Iterator

import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from consent.audit import shots
from consent.web.desk.invite import invite
from tests.browser.test_axe import SIZES, WIDE, violations
from tests.browser.visitor import Visitor, follow

pytestmark = [
    pytest.mark.browser,
    pytest.mark.chromium("pages of plain markup and style sheets, without any script"),
]


@pytest.fixture
def link(site, make_visitor) -> str:
    """A link to the desk of a site where somebody agreed and somebody refused in English."""
    for decision, path in (("accept", "/"), ("reject", "/en/")):
        somebody = make_visitor()
        somebody.go(path)
        somebody.decide(decision)
    extension = site.app.extensions["consentry"]
    extension.sealer.seal()
    return invite(extension, "Dr. Anna Prüfer", 14, site.url, "Vorstand")[1]


def tour(visitor: Visitor, link: str, language: str) -> Iterator[tuple[str, Page]]:
    """Show every page about records and notices in *language*."""
    page, desk = visitor.page, link.partition("/enter/")[0]
    page.goto(link)
    follow(page.locator("main button"))
    page.goto(f"{desk}/find?lang={language}&kind=grant")
    yield "find", page
    follow(page.locator("tbody a").first)
    page.locator("[name=day]").fill("2026-01-01")
    follow(page.locator("#valid button"))
    follow(page.locator("#proof button"))
    yield "record", page
    page.goto(f"{desk}/place/2026/1?lang={language}")
    yield "place", page
    page.goto(f"{desk}/notices?lang={language}")
    yield "notices", page
    addresses = page.locator("tbody a").evaluate_all("links => links.map((one) => one.pathname)")
    new, old = (address.rpartition("/")[2] for address in addresses[:2])
    follow(page.locator("tbody a").first)
    yield "notice", page
    page.goto(f"{desk}/notices/compare?old={old}&new={new}&lang={language}")
    yield "comparison", page


@pytest.mark.parametrize(
    ("language", "media", "sizes"),
    [("de", {"color_scheme": "light"}, SIZES), ("en", {"color_scheme": "dark"}, WIDE)],
    ids=["German, light", "English, dark"],
)
def test_no_rule_is_broken_by_records_and_notices(make_visitor, link, language, media, sizes):
    """
    No page about records or notices breaks a rule of axe, and none is scrolled sideways on the
    smallest phone (AX-01, AX-02, AX-06, AX-08, AX-22).
    """
    found, wider = [], {}
    visitor = make_visitor(**media)
    for name, page in tour(visitor, link, language):
        expect(page.locator("html")).to_have_attribute("lang", language)
        page.set_viewport_size({"width": 320, "height": 568})
        if (width := page.evaluate("document.documentElement.scrollWidth")) > 320:
            wider[name] = width
        found += [f"{name}: {line}" for line in violations(page, sizes)]

    assert (found, wider) == ([], {})


#: The words that stand alone in a cell and take more than a line.
BROKEN = """(cells) => cells.filter((cell) => {
  const range = document.createRange();
  range.selectNodeContents(cell);
  return !/\\s/.test(cell.textContent.trim()) && range.getClientRects().length > 1;
}).map((cell) => cell.textContent)"""


def test_no_word_is_broken_where_there_is_room(visitor, link):
    """
    On a small screen the columns of what was found are as wide as their longest words.
    """
    page = next(page for name, page in tour(visitor, link, "de") if name == "find")
    page.set_viewport_size({"width": 800, "height": 600})
    cells = page.locator(".desk-table :is(th, td)")

    assert cells.count() >= 10
    assert cells.evaluate_all(BROKEN) == []


#: Gives whatever a site names itself a word longer than a column; returns whether anything is wider
#: than it may be. In one go: a page that waits for something loads itself anew.
RENAME = """() => {
  for (const name of document.querySelectorAll(".is-named, .desk-brand span span"))
    name.textContent = "Verwaltungsvorgangsbearbeitungssysteme".repeat(2);
  return document.documentElement.scrollWidth > innerWidth ||
    [...document.querySelectorAll(".desk-card .desk-table")].some((table) =>
      table.offsetWidth > table.parentElement.clientWidth);
}"""


@pytest.mark.parametrize("width", [320, 800])
def test_what_a_site_named_itself_may_be_long(visitor, link, width):
    """
    A controller, service or purpose with a very long word in its name leaves the desk as wide as
    the window, and each table in its card (AX-08).
    """
    wider = {}
    for name, page in tour(visitor, link, "de"):
        page.set_viewport_size({"width": width, "height": 600})
        wider[name] = page.evaluate(RENAME)

    assert len(wider) > 4
    assert [name for name, is_wide in wider.items() if is_wide] == []


def test_on_paper_no_card_is_empty_and_every_number_is_there(visitor, link):
    """
    Cards that only ask something are left out of a print, and beside a long word there is room for
    what it stands for.
    """
    for name, page in tour(visitor, link, "de"):
        page.set_viewport_size({"width": 700, "height": 900})
        page.emulate_media(media="print")
        empty = page.locator(".desk-card:visible").evaluate_all(
            """all => all.filter((card) => [...card.children].every((part) =>
              part.matches("h2") || !part.checkVisibility())).length"""
        )
        page.emulate_media(media="screen")
        page.locator(".desk-facts dt").evaluate_all(
            "all => all.forEach((one) => (one.textContent = 'Einwilligung '.repeat(9)))"
        )
        narrow = page.locator(".desk-facts dd").evaluate_all(
            "all => all.filter((one) => one.clientWidth < 40).length"
        )

        assert (empty, narrow) == (0, 0), name


def test_on_paper_a_record_has_what_was_shown(visitor, link):
    """
    Whoever prints a record for a file has on it what the visitor saw, on a phone and at a desk,
    each whole on one page (AU-05).
    """
    page = next(page for name, page in tour(visitor, link, "de") if name == "record")
    page.set_viewport_size({"width": 680, "height": 1000})
    page.emulate_media(media="print")

    frames = page.locator(".seen iframe")
    assert frames.count() == 2
    for number in range(2):
        banner = page.frame_locator(".seen iframe").nth(number).locator(".cst-banner")
        expect(banner).to_be_visible()
        box = frames.nth(number).bounding_box()
        assert 0 <= box["x"] < box["x"] + box["width"] <= 680
        assert box["width"] > 200
        assert box["height"] < 600
    avoided = page.locator(".seen figure").evaluate_all(
        "all => all.map((one) => getComputedStyle(one).breakInside)"
    )
    assert avoided == ["avoid", "avoid"]


@pytest.mark.chromium("no other engine prints into a file here")
def test_a_printed_record_leaves_no_page_nearly_empty(visitor, link):
    """
    A table that has no room on what is left of a page begins there all the same, and goes on with
    the next one.
    """
    page = next(page for name, page in tour(visitor, link, "de") if name == "record")
    margin = dict.fromkeys(("top", "right", "bottom", "left"), "15mm")
    printed = page.pdf(format="A4", margin=margin)
    page.emulate_media(media="print")
    boxes = page.locator(".desk-main, .desk-card:visible, .seen, .seen figure").evaluate_all(
        "all => [...new Set(all.map((one) => getComputedStyle(one).display))]"
    )

    assert 1 < printed.count(b"/Type /Page\n") < 7
    assert boxes == ["block"]  # a grid that a page ends in lays one thing over another


def test_a_record_is_looked_up_and_checked_with_the_keyboard(site, plain_visitor, link):
    """
    Without mouse and script an auditor enters a receipt, comes to its record and lets
    the proof be checked (AX-12).
    """
    page = plain_visitor.page
    receipt = next(event["receipt"] for event in site.events() if event["receipt"])
    page.goto(link)
    page.locator("main button").press("Enter")
    page.goto(f"{link.partition('/enter/')[0]}/find")

    def tab_to(selector: str) -> None:
        for _ in range(40):
            page.keyboard.press("Tab")
            if page.locator(selector).first.evaluate("e => e === document.activeElement"):
                return
        raise AssertionError(f"no Tab leads to {selector}")

    tab_to("[name=receipt]")
    page.keyboard.type(receipt)
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_contain_text("Einwilligung vom")
    tab_to("#proof button")
    page.keyboard.press("Enter")
    expect(page.locator("#result")).to_contain_text("Der Nachweis hält.")


def test_the_banner_is_seen_as_it_was(make_visitor, link):
    """
    The frame on the record page shows the banner with its style, at the bottom of a phone, and
    nothing in it can be pressed or sent.
    """
    visitor = make_visitor(viewport={"width": 1200, "height": 900})
    page = next(page for name, page in tour(visitor, link, "de") if name == "record")
    expect(page.locator("#result")).to_contain_text("Der Nachweis hält.")
    frame = page.frame_locator(".seen-phone iframe")

    banner = frame.locator("#consent")
    expect(banner).to_contain_text("Datenschutz-Einstellungen")
    assert banner.evaluate("e => getComputedStyle(e).position") == "fixed"
    assert banner.evaluate("e => innerWidth") == 360
    assert banner.evaluate("e => origin") == "null"
    assert frame.locator("button").first.evaluate("e => !e.closest('[inert]')") is False


def test_what_was_seen_can_be_read_by_who_does_not_see(visitor, link):
    """
    From the record page a link leads to the texts of both layers, which a screen reader reads out.
    """
    page = next(page for name, page in tour(visitor, link, "de") if name == "record")
    follow(page.get_by_role("link", name="Als Text lesen"))

    for layer in ("Erste Ebene", "Einstellungen im Einzelnen"):
        shown = page.get_by_role("group", name=layer, exact=True)
        expect(shown.get_by_role("heading", name="Datenschutz-Einstellungen")).to_be_visible()


@pytest.mark.slow
def test_pictures_are_taken_of_stored_notices_and_of_the_running_site(site, link):
    """
    The command takes each version once, on a phone and at a desk, and with an address what the
    running site shows, and says which language it does not; the desk has them with their dates
    (EV-12).
    """
    extension = site.app.extensions["consentry"]
    used = next(e["notice"] for e in site.events() if e["event"] == "decision")

    first = site.run("notice", "shoot")
    again = site.run("notice", "shoot")
    kept = shots.of(extension.store, used)
    sizes = [
        Image.open(io.BytesIO(shots.picture(extension.store, used, "de", shot.width))).size
        for shot in kept
    ]
    live = site.run("notice", "shoot", "--url", site.url)

    assert first.exit_code == 0, first.output
    assert (again.exit_code, again.output) == (0, "0 screenshots kept\n")
    assert sizes == [(360, 740), (1280, 800)]
    assert live.exit_code == 0, live.output
    assert live.output.endswith("2 screenshots kept\n")
    assert "not taken: en, since the page answers in another language" in live.output
    assert shots.of(extension.store, used)[0].taken_at > kept[0].taken_at


def test_without_the_extra_no_pictures_are_taken_and_it_is_said_why(site, monkeypatch):
    """
    A missing package is told with the command that installs it.
    """
    monkeypatch.setitem(__import__("sys").modules, "playwright.sync_api", None)

    answer = site.run("notice", "shoot")

    assert answer.exit_code == 1
    assert "hint: pip install 'consentry[check]'" in answer.output
