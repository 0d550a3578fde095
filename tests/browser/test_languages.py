"""The first layer in every language: as long as it gets, nothing is cut and nobody is favoured."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from consent.policy.wording import languages, texts
from tests.browser.engines import Chromium
from tests.browser.mirrored import MIRRORED, in_mirrored
from tests.conftest import IS_LONG

pytestmark = [pytest.mark.browser, pytest.mark.sampled]

GERMAN = texts("de")

#: A card and a dialog are as wide as their text allows, so two sizes show all there is.
SIZES = {
    "bar": ((320, 568), (320, 256), (768, 1024), (1280, 720)),
    "corner": ((320, 256), (1280, 720)),
    "modal": ((320, 256), (1280, 720)),
}

#: What is wrong with the first layer as it stands, in words.
LOOK = """() => {
  const found = [];
  const layer = document.getElementById("consent");
  layer.scrollTop = 0;
  const box = (node) => node.getBoundingClientRect();
  const [reject, accept] = ["reject", "accept"].map((value) =>
    layer.querySelector(`button[value=${value}]`));
  const a = box(reject), b = box(accept);
  if (Math.abs(a.width - b.width) > 1 || Math.abs(a.height - b.height) > 1)
    found.push(`buttons of ${a.width}x${a.height} and ${b.width}x${b.height}`);
  const differing = [...getComputedStyle(reject)].filter((name) =>
    !/^(inline-size|block-size|width|height|perspective-origin|transform-origin)$/.test(name) &&
    getComputedStyle(reject)[name] !== getComputedStyle(accept)[name]);
  if (differing.length) found.push(`unlike: ${differing}`);
  for (const r of [a, b]) {
    if (r.left < 0 || r.right > innerWidth || r.top < 0 || r.bottom > innerHeight + 0.5)
      found.push(`a button out of sight at ${Math.round(r.top)} to ${Math.round(r.bottom)}`);
    if (r.height < 44) found.push("a button that is too small");
  }
  if (document.documentElement.scrollWidth > innerWidth) found.push("the page is too wide");
  for (const node of [layer, ...layer.querySelectorAll("*")])
    if (node.scrollWidth > node.clientWidth + 1 && getComputedStyle(node).display !== "inline")
      found.push(`${node.tagName} is cut`);
  layer.scrollTop = layer.scrollHeight;
  const last = box(layer.querySelector(".cst-links").lastElementChild);
  if (last.bottom > innerHeight + 0.5) found.push("the last link cannot be reached");
  return found;
}"""


#: Where other engines may differ, and what stands for all in other places: what breaks lines,
#: letters of other alphabets, and the longest texts.
ELSEWHERE = ("de", "fi", "mt", "bg", "el", "de-simple")


def test_every_language_fits(spoken, make_visitor, engine):
    """
    In each language and at each size both buttons are alike, large enough and in sight,
    nothing is cut off or makes the page wider, and the links can be reached
    (FL-02, AX-08, AX-22, LA-08). The layer carries the language that it is written in,
    with heading, buttons and links in its words (FL-22, AX-23, LA-01).
    """
    page = make_visitor().page
    keys = ("banner.title", "button.reject", "button.accept", "link.privacy", "link.imprint")
    found = []
    everywhere = engine == Chromium.name and (IS_LONG or spoken.placement == "bar")
    for language in languages() if everywhere else ELSEWHERE:
        page.goto(f"{spoken.url}/{language}/", wait_until="load")
        shown = page.locator(f"#consent:lang({language})").inner_text()
        found += [f"{language}: no {key}" for key in keys if texts(language)[key] not in shown]
        for width, height in SIZES[spoken.placement]:
            page.set_viewport_size({"width": width, "height": height})
            found += [f"{language} {width}x{height}: {what}" for what in page.evaluate(LOOK)]

    assert found == []


#: Where the layer begins that is looked at: the right end of its text, and of its first box.
BEGINS = """(layer) => {
  const range = document.createRange();
  const end = (node) => (range.selectNodeContents(node), range.getBoundingClientRect().right);
  const side = (node) => node.getBoundingClientRect();
  const box = layer.querySelector("input[type=checkbox]:not([hidden])");
  const words = box?.closest("label").lastChild;
  return {
    heading: side(layer).right - end(layer.querySelector("h2")),
    box: box && words && side(box).left - end(words),
    over: layer.scrollWidth - layer.clientWidth,
  };
}"""


def test_a_language_from_right_to_left_begins_at_the_right(spoken, make_visitor):
    """
    In a language that the site brings and that is written from right to left, both layers fit
    at each size, begin at the right, and have each box at the right of its words (AX-08, FL-02).
    """
    page = make_visitor().page
    page.goto(f"{spoken.url}/{MIRRORED}/", wait_until="load")
    banner = page.locator(f"#consent:lang({MIRRORED})")
    expect(banner).to_have_attribute("dir", "rtl")
    expect(banner).to_contain_text(in_mirrored("Reject all"))
    found = []
    for width, height in SIZES[spoken.placement]:
        page.set_viewport_size({"width": width, "height": height})
        found += [f"{width}x{height}: {what}" for what in page.evaluate(LOOK)]
    page.set_viewport_size({"width": 320, "height": 568})
    begins = banner.evaluate(BEGINS)
    page.locator("#consent [data-consent-open]").first.click()
    settings = page.locator("dialog.cst-dialog")
    expect(settings).to_contain_text(in_mirrored("Save selection"))
    within = settings.evaluate(BEGINS)

    assert found == []
    assert 0 < begins["heading"] < 60
    assert 0 < within["heading"] < 60
    assert 0 <= within["box"] < 40
    assert (begins["over"], within["over"]) == (0, 0)


@pytest.mark.parametrize("spoken", ["bar"], indirect=True)
def test_the_answer_in_easy_to_read_german_looks_like_the_rest(spoken, make_visitor):
    """
    What is said after a decision has larger letters and one sentence to a line as well (LA-05).
    """
    page = make_visitor().page
    page.goto(f"{spoken.url}/de-simple/", wait_until="load")
    page.locator("#consent [value=reject]").click()
    said = page.get_by_role("status")
    expect(said).to_contain_text("freiwilligen Dienste sind aus")

    lines, size, usual = said.evaluate(
        """(node) => {
          const range = document.createRange();
          range.selectNodeContents(node);
          const sizes = [node, document.body].map((one) => getComputedStyle(one).fontSize);
          return [range.getClientRects().length, ...sizes.map(parseFloat)];
        }"""
    )
    assert lines >= 2
    assert size >= 1.2 * usual


class TestWhatIsTold:
    """Where the page speaks a language that the policy lacks."""

    @pytest.fixture
    def abroad(self, visitor):
        """Somebody on a page in French of a site that asks in German."""
        visitor.go("/fr")
        return visitor

    def test_a_decision(self, abroad):
        """
        What is said after a decision names its language, on the page that loads anew, too, and so
        does the way to the settings (AX-23).
        """
        told = abroad.page.get_by_role("status")
        abroad.decide("accept")
        expect(told).to_have_text(GERMAN["status.saved"])
        expect(told).to_have_attribute("lang", "de")
        abroad.withdraw()

        expect(told).to_have_text(GERMAN["status.withdrawn"])
        expect(told).to_have_attribute("lang", "de")
        expect(abroad.footer_link).to_have_attribute("lang", "de")

    @pytest.mark.parametrize("decision", ["accept", "reject"])
    def test_a_failure(self, abroad, decision):
        """
        What is said if the site does not answer names its language as well (AX-23).
        """
        abroad.page.route("**/choice", lambda route: route.abort())
        abroad.button(decision).click()

        told = abroad.page.get_by_role("alert" if decision == "accept" else "status")
        expect(told).to_have_text(
            GERMAN["error.network" if decision == "accept" else "status.unsaved"]
        )
        expect(told).to_have_attribute("lang", "de")
