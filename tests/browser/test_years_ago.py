"""
Browsers of years ago, on telephones that get no new one.

Chromium 84 does not know the language of our script: there all is done by forms, as without
JavaScript. Chromium 90 runs it, and lacks much of what style sheets and pages can do today.
"""

from __future__ import annotations

import os

import pytest
from playwright.sync_api import expect

from consent.web.assets import ROOT
from tests.browser.engines import Chromium
from tests.browser.visitor import follow
from tools.npm import CHROMIUM_84, CHROMIUM_90

ADAPTERS = sorted(path.stem for path in (ROOT / "static/js/adapters").iterdir())

PACKAGES = {"chromium 84": CHROMIUM_84, "chromium 90": CHROMIUM_90}

#: Whether a press in the middle of each of both buttons reaches it, and their looks.
BUTTONS = """() => ["reject", "accept"].map((value) => {
  const button = document.querySelector(`#consent [value=${value}]`);
  const { left, top, width, height } = button.getBoundingClientRect();
  const { color, backgroundColor, borderColor, fontSize, fontWeight } = getComputedStyle(button);
  return [
    document.elementFromPoint(left + width / 2, top + height / 2) === button,
    [width, height, color, backgroundColor, borderColor, fontSize, fontWeight].join(),
  ];
})"""

#: Where the first layer begins and ends, whether its ground hides the page, and whether that is
#: wider than the window.
PLACE = """() => {
  const layer = document.querySelector("#consent");
  const { top, bottom } = layer.getBoundingClientRect();
  const seen = getComputedStyle(layer).backgroundColor;
  const isWide = document.documentElement.scrollWidth > innerWidth;
  return [top, innerHeight - bottom, seen !== "rgba(0, 0, 0, 0)", isWide];
}"""

#: What Google has been told: the calls that are about consent.
CONSENT = "window.dataLayer.map((call) => [...call])"

SIGNALS = ("analytics_storage", "ad_storage", "ad_user_data", "ad_personalization")
STATISTICS_ALONE = [
    ["consent", "default", dict.fromkeys(SIGNALS, "denied")],
    ["consent", "update", {"analytics_storage": "granted"}],
]

#: Brings an adapter as the head of a page does where statistics are granted.
LOAD = """(src) => new Promise((resolve) => {
  const script = document.createElement("script");
  Object.assign(script, { src, onload: resolve });
  Object.assign(script.dataset, { service: src, purposes: "statistics" });
  document.head.append(script);
})"""

PHONES = [
    {"width": 360, "height": 640},
    {"width": 320, "height": 256},
    {"width": 640, "height": 360},
]


@pytest.fixture(scope="module", params=PACKAGES)
def browser(request, playwright, engines):
    """A browser of years ago, in the place of today's; one that hangs is ended like these."""
    package = PACKAGES[request.param]
    if not package.is_there:
        say = pytest.fail if os.environ.get("CI") else pytest.skip
        say(f"NO {request.param.upper()}: old telephones were not tried; make npm")
    engines[request.param] = Chromium(playwright, [package.folder / "chromium"])
    yield engines[request.param]
    engines.pop(request.param).close()


@pytest.mark.parametrize("size", PHONES, ids=lambda size: "{width}x{height}".format(**size))
def test_the_first_layer_can_be_read_and_pressed(site, make_visitor, size):
    """
    The bar is at the lower edge of the window and leaves some of the page, it lies over the page,
    both buttons can be pressed and are alike, and nothing scrolls sideways (FL-02, AX-08).
    """
    visitor = make_visitor(viewport=size)
    visitor.go()

    top, below, is_opaque, is_wide = visitor.page.evaluate(PLACE)
    reached, looks = zip(*visitor.page.evaluate(BUTTONS), strict=True)

    assert (top >= 72 - 1, below, is_opaque, is_wide) == (True, 0, True, False)
    assert reached == (True, True)
    assert len(set(looks)) == 1


def test_a_refusal_holds(site, visitor, third):
    """
    Whoever refuses is asked no more, and nothing optional is asked for (FL-01).
    """
    visitor.go()
    visitor.button("reject").click()
    expect(visitor.banner).to_have_count(0)
    visitor.go("/andere")

    expect(visitor.banner).to_have_count(0)
    assert visitor.arrived() == []
    assert visitor.cookie()


def test_a_consent_starts_what_waited_and_its_withdrawal_ends_it(site, visitor, third):
    """
    What is granted comes, on this page and on the next; after the button in the footer nothing
    does (WD-02).
    """
    visitor.go()
    visitor.button("accept").click()
    expect(visitor.page.locator("iframe[title=Film]")).to_have_count(1)
    begun = visitor.arrived()

    follow(visitor.page.locator("footer button[value=withdraw]"))
    third.start_afresh()
    visitor.go()

    assert (sorted(begun), visitor.arrived()) == (["count.js", "film"], [])
    expect(visitor.placeholder("youtube")).to_be_visible()


def test_one_service_can_be_allowed_in_the_settings(site, visitor, third):
    """
    The settings open, as a page or over it, and store what is ticked (SL-01).
    """
    visitor.go()
    visitor.banner.locator("[data-consent-open]").first.click()
    form = visitor.page.locator("[data-consent-layer=settings]")
    form.locator("[name=service][value=youtube]").check()
    form.locator("button[value=save]").click()

    expect(visitor.page.locator("iframe[title=Film]")).to_have_count(1)
    assert (visitor.cookie() or "").split(".")[3] == "youtube"


def test_a_film_can_be_allowed_in_its_place(site, visitor):
    """
    The button in the place of a film shows it, and leaves the question open (GA-04).
    """
    visitor.go()
    visitor.page.add_style_tag(content="#consent { display: none }")
    visitor.placeholder("youtube").locator("button[value=allow]").click()

    expect(visitor.page.locator("iframe[title=Film]")).to_have_count(1)
    expect(visitor.banner).to_have_count(1)
    assert (visitor.cookie() or "").split(".")[3].startswith("youtube?")


def test_wherever_the_first_layer_is_it_can_be_answered(placed):
    """
    A card in the corner and a dialog are answered as a bar is (FL-02).
    """
    _, visitor = placed
    visitor.go()
    reached, looks = zip(*visitor.page.evaluate(BUTTONS), strict=True)

    visitor.button("accept").click()

    expect(visitor.page.locator("iframe[title=Film]")).to_have_count(1)
    expect(visitor.banner).to_have_count(0)
    expect(visitor.page.locator("[role=alert]")).to_have_count(0)
    assert (reached, len(set(looks))) == ((True, True), 1)


def test_providers_are_told_what_was_granted(site, visitor):
    """
    Each adapter is understood where our own script is not: Google hears of statistics alone that
    all else is denied, and again where two of its services are there (GA-09, GA-16).
    """
    visitor.go()
    unread = list(visitor.complaints)
    for adapter in ADAPTERS:
        visitor.page.evaluate(LOAD, f"/consent/static/js/adapters/{adapter}.js")
    visitor.page.evaluate(LOAD, "/consent/static/js/adapters/tell-google.js?again")

    assert visitor.complaints == unread
    assert visitor.page.evaluate(CONSENT) == STATISTICS_ALONE
    assert visitor.page.evaluate("_paq") == [["requireConsent"], ["setConsentGiven"]]
    assert visitor.page.evaluate("[uetq[0], clarity.q[0][0]]") == ["consent", "consentv2"]


@pytest.mark.parametrize("browser", ["chromium 90"], indirect=True)
def test_what_became_of_a_decision_is_read_out(site, visitor):
    """
    The message about a decision has its role as an attribute, by which screen readers find it:
    browsers of a few years ago know it in no other way (AX-31).
    """
    visitor.go()
    visitor.decide("reject")

    expect(visitor.page.locator("p[role=status]")).to_contain_text("Ablehnung")
    assert visitor.complaints == []
