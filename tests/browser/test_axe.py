"""Every rule of axe-core, on everything of ours that a visitor sees."""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

pytestmark = [
    pytest.mark.browser,
    pytest.mark.chromium("axe reads markup and computed style, not the engine, and takes its time"),
]

#: Rules are off by default if they are new, experimental or of level AAA. Here all are on.
RUN_ALL = """async () => {
  const rules = Object.fromEntries(axe.getRules().map(({ ruleId }) => [ruleId, { enabled: true }]));
  return await axe.run(document, { rules, resultTypes: ["violations"] });
}"""

#: Rows of a table are alike, and so are the changes in a text: the first of them stand for all.
SHORTEN = """(most) => {
  for (const long of document.querySelectorAll("tbody, td, pre"))
    while (long.children.length > most) long.lastElementChild.remove();
}"""

LOOKS = pytest.mark.parametrize(
    "media",
    [{"color_scheme": "light"}, {"color_scheme": "dark"}, {"forced_colors": "active"}],
    ids=["light", "dark", "forced colours"],
)

SCRIPT = Axe().axe_script

WIDE = [(1280, 720)]
SIZES = [(320, 568), *WIDE]


def violations(page, sizes=SIZES) -> list[str]:
    """What axe finds on *page* in windows of these *sizes*: rule, element, and what is wrong."""
    found = []
    page.evaluate(SCRIPT)
    page.evaluate(SHORTEN, 12)
    for width, height in sizes:
        page.set_viewport_size({"width": width, "height": height})
        found += [
            f"{problem['id']}: at {width}: {node['html']}: {node['failureSummary']}"
            for problem in page.evaluate(RUN_ALL)["violations"]
            for node in problem["nodes"]
        ]
    return found


@LOOKS
class TestBothLayers:
    """AX-01, AX-02, AX-06 and so on are each a rule, or several, of axe."""

    def test_the_first_layer_and_placeholders(self, make_visitor, media):
        """
        On a page with banner and placeholder no rule is broken: alternatives, structure,
        contrast, names, roles, sizes of targets, language (AX-01, AX-02, AX-06, AX-21, AX-22,
        AX-23, AX-29).
        """
        visitor = make_visitor(**media)
        visitor.go()
        expect(visitor.banner).to_be_visible()

        assert violations(visitor.page) == []

    def test_the_second_layer(self, make_visitor, media):
        """
        With the settings over the page and everything in them unfolded no rule is broken
        (AX-01, AX-02, AX-06, AX-21, AX-22, AX-23, AX-29).
        """
        visitor = make_visitor(**media)
        visitor.go()
        visitor.open_settings()
        for summary in visitor.dialog.locator("summary").all():
            summary.click()

        assert violations(visitor.page) == []


@pytest.mark.parametrize(
    ("language", "scheme"),
    [("bg", "dark"), pytest.param("de-simple", "light", marks=pytest.mark.thorough)],
)
def test_every_placement_in_long_languages(spoken, make_visitor, language, scheme):
    """
    As bar, card and dialog, in a language with long words and in one with large letters, both
    layers break no rule (AX-01, AX-02, AX-06, AX-22, AX-23, AX-29, LA-08).
    """
    page = make_visitor(color_scheme=scheme).page
    page.goto(f"{spoken.url}/{language}/")
    expect(page.locator("#consent")).to_be_visible()
    first = violations(page)
    page.locator("#consent [data-consent-open]").first.click()
    expect(page.locator("dialog.cst-dialog")).to_be_visible()

    assert first == violations(page) == []


class TestPagesOfOurOwn:
    @pytest.mark.parametrize(
        ("path", "decision"),
        [
            ("/consent/settings", None),
            ("/consent/settings", "accept"),
            ("/consent/receipt", "accept"),
            ("/consent/notice/x", None),
        ],
        ids=["settings", "settings with a grant", "receipt", "error"],
    )
    def test_settings_receipt_and_error(self, visitor, path, decision):
        """
        The pages that need no JavaScript break no rule either (AX-01, AX-02, AX-06, AX-22).
        """
        visitor.go()
        if decision:
            visitor.decide(decision)
        visitor.go(path)

        assert violations(visitor.page) == []

    def test_the_table_of_the_privacy_page(self, site, visitor):
        """
        The table of services is one for assistive technology, narrow and wide (AX-02).
        """
        site.page("{{ consent.table() }}")
        visitor.go()

        assert violations(visitor.page) == []


def test_axe_finds_what_is_wrong(visitor):
    """
    The promises above can be broken: tiny links close together, a grey heading and a picture
    without text are noticed.
    """
    visitor.go()
    visitor.banner.evaluate("""(banner) => {
      banner.querySelector("h2").style.cssText = "color: #aaa; background: #fff";
      const links = banner.querySelector(".cst-links");
      links.append(new Image());
      Object.assign(links.style, { gap: 0, flexDirection: "column" });
      for (const link of links.querySelectorAll("a"))
        link.style.cssText = "font-size: 9px; line-height: 1; padding: 0";
    }""")

    rules = {line.partition(":")[0] for line in violations(visitor.page)}
    assert {"image-alt", "target-size", "color-contrast"} <= rules
