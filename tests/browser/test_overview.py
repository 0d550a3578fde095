"""The first page of the auditor's desk, and the report that it makes, in a browser."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from flask.cli import ScriptInfo
from playwright.sync_api import expect

from consent.cli import cli
from tests.browser.servers import served
from tests.browser.test_axe import violations
from tests.browser.visitor import follow
from tests.conftest import Visitor

pytestmark = [
    pytest.mark.browser,
    pytest.mark.chromium("the pages have neither script nor anything that engines do otherwise"),
]


@pytest.fixture
def audited(make_app):
    """A site with decisions of today, sealed, whose login lets Müller audit."""
    app = make_app(CONSENT_AUDITOR=lambda: "Müller")
    for button in ("accept", "reject", "accept"):
        Visitor(app).decide(button)
    visitor = Visitor(app)
    visitor.decide("save", "matomo")
    visitor.decide("withdraw")
    app.extensions["consentry"].sealer.seal()
    return app


@pytest.fixture
def desk(audited, browser):
    """Open the overview as the auditor, with a query and a profile of the browser."""
    contexts = []
    with served(audited) as port:

        def go(query: str = "", **profile):
            contexts.append(browser.new_context(locale="de-DE", **profile))
            page = contexts[-1].new_page()
            page.goto(f"http://127.0.0.1:{port}/consent/audit/enter{query}")
            follow(page.locator("main button"))
            page.goto(f"http://127.0.0.1:{port}/consent/audit/overview{query}")
            return page

        yield go
        for context in contexts:
            browser.release(context)


@pytest.mark.parametrize(
    ("language", "media"),
    [
        ("de", {"color_scheme": "light"}),
        ("en", {"color_scheme": "dark"}),
    ],
    ids=["german", "english and dark"],
)
def test_the_overview_breaks_no_rule(desk, language, media):
    """
    With every table open no rule of axe is broken, on a phone and a screen, and nothing has to
    be scrolled sideways (AX-01, AX-02, AX-23).
    """
    page = desk(f"?lang={language}", **media)
    for details in page.locator("details").all():
        details.locator("summary").click()

    assert page.locator("html").get_attribute("lang") == language
    assert violations(page) == []
    page.set_viewport_size({"width": 320, "height": 600})
    assert page.evaluate("document.documentElement.scrollWidth") == 320


def test_a_period_is_picked_with_the_keyboard(desk):
    """
    Who uses no mouse reaches the form, picks own days and sees them (AX-12).
    """
    page = desk()
    page.get_by_role("radio", name="dieser Monat").focus()
    for _ in range(3):
        page.keyboard.press("ArrowDown")
    expect(page.get_by_role("radio", name="eigene Tage")).to_be_checked()
    page.keyboard.press("Tab")
    expect(page.get_by_label("Erster Tag")).to_be_focused()
    page.get_by_label("Erster Tag").fill("2026-01-01")
    page.keyboard.press("Enter")

    expect(page.get_by_role("heading", name="01.01.2026 bis")).to_be_visible()
    expect(page.get_by_role("radio", name="eigene Tage")).to_be_checked()
    expect(page.get_by_role("img", name="Entscheidungen je")).to_be_visible()
    page.locator("summary", has_text="Tabelle dazu").first.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("columnheader", name="abgelehnt").first).to_be_visible()


def test_pictures_are_filled_in_every_colour_scheme(desk):
    """
    Each piece of a picture is painted by a pattern of its own, so that kinds differ without
    colour, and patterns are there where colours are forced (AX-04).
    """
    page = desk(forced_colors="active")
    fills = page.evaluate(
        """() => Object.fromEntries([...document.querySelectorAll("#days ~ figure .piece")].map(
          (piece) => [piece.getAttribute("fill"), document.querySelector(
            piece.getAttribute("fill").slice(4, -1)).innerHTML.replace(/ class="[^"]*"/g, "")]))"""
    )

    assert len(fills) == 4
    assert len(set(fills.values())) == 4


def test_the_report_needs_nothing_else(audited, browser, tmp_path):
    """
    The file opens without a server, asks for nothing, and breaks no rule (AX-01).
    """
    file = tmp_path / "report.html"
    runner = audited.test_cli_runner()
    words = ["report", "--html", str(file), "--since", f"{datetime.now(UTC):%Y}-01-01"]
    assert runner.invoke(cli, words, obj=ScriptInfo(create_app=lambda: audited)).exit_code == 0
    context, asked = browser.new_context(locale="de-DE"), []
    page = context.new_page()
    page.on("request", lambda request: asked.append(request.url))
    page.goto(file.as_uri())

    expect(page.get_by_text("Das Protokoll ist unversehrt.")).to_be_visible()
    assert asked == [file.as_uri()]
    assert violations(page) == []
    browser.release(context)


@pytest.mark.parametrize("kind", ["privacy", "register"])
def test_a_draft_is_read_on_a_phone(audited, browser, tmp_path, kind):
    """
    Long names of cookies widen neither the page of a drafted document nor its tables, and it
    breaks no rule (AX-08).
    """
    file = tmp_path / "draft.html"
    words = ["documents", kind, "--out", str(file)]
    loaded = ScriptInfo(create_app=lambda: audited)
    assert audited.test_cli_runner().invoke(cli, words, obj=loaded).exit_code == 0
    context = browser.new_context(locale="de-DE", viewport={"width": 320, "height": 600})
    page = context.new_page()
    page.goto(file.as_uri())

    assert page.evaluate("document.documentElement.scrollWidth") == 320
    assert violations(page) == []
    browser.release(context)
