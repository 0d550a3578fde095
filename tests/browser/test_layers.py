"""Both layers compared: the same ways out, everywhere and equally fast."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from consent.policy.wording import Say, texts
from tests.browser.test_banner import DIFFERENCE

pytestmark = [pytest.mark.browser, pytest.mark.sampled]

GERMAN = texts("de")

SIZES = [(320, 256), (320, 568), (768, 1024), (1280, 720), (2560, 1440)]

#: The controls of a layer: what each is, what it does, and whether it can be seen.
CONTROLS = """(layer) => [...layer.querySelectorAll("a, button, input:not([type=hidden]), summary")]
  .map((control) => [control.localName, control.value || control.pathname || "",
    control.hasAttribute("data-consent-open"), control.checkVisibility()])"""

#: Press a button; resolve with the milliseconds until the banner is gone.
PRESS = """(decision) => new Promise((resolve) => {
  const banner = document.getElementById("consent");
  const start = performance.now();
  new MutationObserver(() => banner.isConnected || resolve(performance.now() - start))
    .observe(document.body, { childList: true });
  banner.querySelector(`[value=${decision}]`).click();
})"""


#: Turn the page round, and our layers with it.
TURN = """() => {
  const ours = document.querySelectorAll("[data-consent-layer], [data-consent-placeholder]");
  for (const node of [document.documentElement, ...ours]) node.dir = "rtl";
}"""

#: How far the layer and what is pressed in it are from the left and from the right.
EDGES = """(layer) => [layer, ...layer.querySelectorAll("button, input:not([type=hidden])")]
  .map((node) => node.getBoundingClientRect())
  .map(({ left, right }) => [left, document.documentElement.clientWidth - right]
    .map(Math.round))"""


@pytest.mark.chromium("it reads the document, which is the same in every engine")
def test_every_size_and_language_offers_the_same(visitor):
    """
    On a watch-like window and a wide screen, in either language, the same controls do the
    same things, are all visible, and are called what the texts say (FL-22).
    """
    found = []
    for path in ("/", "/en"):
        words = texts(path.strip("/") or "de")
        visitor.go(path)
        for width, height in SIZES:
            visitor.page.set_viewport_size({"width": width, "height": height})
            found.append(visitor.banner.evaluate(CONTROLS))
        for decision in ("reject", "accept"):
            expect(visitor.button(decision)).to_have_accessible_name(words[f"button.{decision}"])

    assert [controls for controls in found if controls != found[0]] == []
    assert all(visible for *_, visible in found[0])
    assert [value for name, value, *_ in found[0] if name == "button"] == ["reject", "accept"]


@pytest.mark.chromium("it reads the document, which is the same in every engine")
def test_the_second_layer_offers_the_same_at_every_size(visitor):
    """
    The settings have the same controls in a small window as in a large one, and as a page of
    their own (FL-22).
    """
    found = []
    for width, height in SIZES:
        visitor.page.set_viewport_size({"width": width, "height": height})
        visitor.go()
        visitor.open_settings()
        # The box for a whole purpose works by a script of its own.
        expect(visitor.dialog.locator("[data-consent-all]")).to_be_visible()
        found.append(visitor.dialog.evaluate(CONTROLS))
    visitor.go("/consent/settings")
    page = visitor.page.locator("[data-consent-layer=settings]").evaluate(CONTROLS)
    close = found[0][0]

    assert [controls for controls in found if controls != found[0]] == []
    assert close[:2] == ["button", ""]
    assert [control[:2] for control in page] == [control[:2] for control in found[0]]


@pytest.mark.parametrize(
    "media",
    [{"color_scheme": "light"}, {"color_scheme": "dark"}, {"forced_colors": "active"}],
    ids=["light", "dark", "forced colours"],
)
def test_the_buttons_of_the_second_layer_are_alike_too(make_visitor, media):
    """
    Rejecting, saving and accepting share every property of their style (FL-02).
    """
    visitor = make_visitor(**media)
    visitor.go()
    visitor.open_settings()
    names = ("reject", "save", "accept")
    first, *others = (
        visitor.dialog.locator(f"button[value={name}]").element_handle() for name in names
    )

    for other in others:
        assert visitor.page.evaluate(DIFFERENCE, [first, other]) == []


@pytest.mark.chromium("steps are counted, which are the same in every engine")
def test_refusing_is_as_fast_as_accepting(visitor):
    """
    From the press until the banner is gone, refusing takes no 50 milliseconds longer than
    accepting; the best of five presses each (FL-23).
    """
    times = {"reject": [], "accept": []}
    for _ in range(5):
        for decision, taken in times.items():
            visitor.page.goto("about:blank")
            visitor.context.clear_cookies()
            visitor.go()
            taken.append(visitor.page.evaluate(PRESS, decision))

    assert min(times["reject"]) <= min(times["accept"]) + 50


@pytest.mark.chromium("it reads the document, which is the same in every engine")
def test_recipients_are_counted_and_listed(visitor):
    """
    The first layer says how many others receive data; its link leads in one click to the
    names of as many, with nothing more to be opened (FL-12).
    """
    visitor.go()
    visitor.banner.get_by_role("link", name=GERMAN["link.providers"]).click()
    expect(visitor.dialog).to_be_visible()
    shown = visitor.dialog.inner_text()
    names = visitor.dialog.locator("details dd:first-of-type").all_text_contents()
    listed = {name.split(", ")[0] for name in names}

    assert [name for name in listed if name not in shown] == []
    others = listed - {"Kreisverband Musterland e. V."}
    assert len(others) == 2
    said = Say(GERMAN, "de")("banner.recipients", count=len(others))
    expect(visitor.banner).to_contain_text(said)


class TestDepth:
    @pytest.mark.chromium("it reads the document, which is the same in every engine")
    def test_below_the_second_layer_there_is_no_third(self, visitor):
        """
        Everything to decide is on one level below the banner: its links lead to other
        people's pages and to the receipt, none to more settings (SL-10).
        """
        visitor.go()
        visitor.open_settings()
        decisions = visitor.dialog.locator("button[name=decision]").count()
        links = visitor.dialog.locator("a").evaluate_all(
            "(all) => all.filter((a) => a.origin === location.origin).map((a) => a.pathname)"
        )

        assert decisions == 3
        assert visitor.dialog.locator("[data-consent-open]").count() == 0
        assert set(links) == {"/consent/receipt"}

    @pytest.mark.chromium("it reads the document, which is the same in every engine")
    def test_the_dialog_has_a_way_back_and_a_rejection(self, visitor):
        """
        From the dialog one gets back without deciding, and rejects in one press (FL-01, SL-10).
        """
        visitor.go("/andere")
        visitor.open_settings()
        expect(visitor.dialog.locator("button[value=reject]")).to_be_visible()
        visitor.dialog.get_by_role("button", name=GERMAN["button.close"]).click()

        expect(visitor.banner).to_be_visible()
        assert visitor.cookie() is None

    @pytest.mark.chromium("it reads the document, which is the same in every engine")
    def test_so_has_the_page(self, plain_visitor):
        """
        Without JavaScript a link leads back to where one was, undecided (FL-01, SL-10).
        """
        plain_visitor.go("/andere?1")
        plain_visitor.footer_link.click()
        expect(plain_visitor.page.locator("main button[value=reject]")).to_be_visible()
        plain_visitor.page.get_by_role("link", name=GERMAN["link.back"]).click()
        plain_visitor.page.wait_for_url("**/andere?1")

        expect(plain_visitor.banner).to_be_visible()
        assert plain_visitor.cookie() is None

    def test_rejecting_in_the_second_layer_ends_the_asking(self, site, visitor):
        """
        Who went to look and rejects there is done: one press, no further question (FL-03,
        SL-10).
        """
        visitor.go()
        visitor.open_settings()
        visitor.dialog.locator("button[value=reject]").click()
        expect(visitor.dialog).to_have_count(0)

        expect(visitor.banner).to_have_count(0)
        assert [event["kind"] for event in site.events()] == ["refusal"]


def test_a_notice_is_shown_in_the_flow_of_its_page(visitor):
    """
    On the page that shows a notice again, the first layer stands where the page says, not over
    it, and the page looks like the others of ours.
    """
    visitor.go()
    visitor.decide("accept")
    visitor.go("/consent/receipt")
    width = visitor.page.evaluate("getComputedStyle(document.body).maxWidth")
    visitor.page.locator("main a[href*=notice]").first.click()
    visitor.page.wait_for_url("**/notice/*")
    expect(visitor.banner).to_be_visible()

    assert visitor.banner.evaluate("node => getComputedStyle(node).position") == "static"
    assert visitor.page.evaluate("getComputedStyle(document.body).maxWidth") == width != "none"


def test_a_notice_that_is_shown_can_be_read_and_not_used(site, visitor):
    """
    What was shown is there for who does not see it: both layers, named, with all that the second
    one unfolds. Its buttons and boxes are out of use (AX-02, AX-29).
    """
    visitor.go()
    visitor.decide("accept")
    visitor.go("/consent/receipt")
    visitor.page.locator("main a[href*=notice]").first.click()
    visitor.page.wait_for_url("**/notice/*")
    first, second = (
        visitor.page.get_by_role("group", name=GERMAN[f"notice.{layer}"], exact=True)
        for layer in ("banner", "settings")
    )

    expect(first.get_by_role("region", name=GERMAN["banner.title"])).to_be_visible()
    expect(second.get_by_role("term").filter(has_text=GERMAN["settings.stored"])).to_have_count(3)
    assert visitor.page.locator(".cst-shown :enabled, [inert]").count() == 0
    assert visitor.page.locator("button, input[type=checkbox]").count() > 5
    room = "getComputedStyle(document.body).paddingBottom"
    assert visitor.page.evaluate(room) == "16px"


def mirrored(layer, width: int) -> None:
    """Turn the page round and expect *layer* to be as before in a mirror, and wholly in view."""
    before = layer.evaluate(EDGES)
    layer.page.evaluate(TURN)

    assert layer.evaluate(EDGES) == [[right, left] for left, right in before]
    assert min(min(edges) for edges in before) >= 0
    assert layer.page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("width", [320, 1280])
def test_from_right_to_left_both_layers_are_as_in_a_mirror(visitor, width):
    """
    In a script that runs the other way all stands on the other side, nothing is out of the window,
    and no page is to be moved sideways.
    """
    visitor.page.set_viewport_size({"width": width, "height": 720})
    visitor.go()
    mirrored(visitor.banner, width)
    visitor.go()
    visitor.open_settings()
    mirrored(visitor.dialog, width)


def test_from_right_to_left_a_card_is_in_the_other_corner(placed):
    """
    So it is where the first layer is elsewhere.
    """
    _, visitor = placed
    visitor.page.set_viewport_size({"width": 1280, "height": 720})
    visitor.go()

    mirrored(visitor.banner, 1280)


@pytest.mark.chromium("style sheets")
def test_on_paper_a_notice_has_its_first_layer_and_a_page_has_none(visitor):
    """
    Who prints what was shown has all of it; on other pages the first layer would lie over texts.
    """
    visitor.go()
    visitor.page.emulate_media(media="print")
    expect(visitor.banner).to_be_hidden()
    visitor.page.emulate_media(media="screen")
    visitor.decide("accept")
    visitor.go("/consent/receipt")
    visitor.page.locator("main a[href*=notice]").first.click()
    visitor.page.wait_for_url("**/notice/*")
    visitor.page.emulate_media(media="print")

    expect(visitor.banner).to_be_visible()
    expect(visitor.page.locator(".cst-shown [data-consent-layer=settings]")).to_be_visible()


@pytest.mark.chromium("style sheets")
def test_pages_of_ours_hold_their_own_under_a_style_sheet_of_the_site(visitor):
    """
    A site may add its style sheet to our pages: what it says of its main part and footer, made
    for its own, leaves ours as wide as the window and their links to be read (AX-06, AX-08).
    """
    visitor.page.set_viewport_size({"width": 320, "height": 568})
    visitor.go("/consent/settings")
    visitor.page.evaluate("""() => {
      const sheet = new CSSStyleSheet();
      sheet.replaceSync(
        "main { float: left; width: 600px } footer { background: #fff; color: #eee }");
      document.adoptedStyleSheets = [sheet];
    }""")
    colours = "one => [getComputedStyle(one).color, getComputedStyle(one).backgroundColor]"

    assert visitor.page.evaluate("document.documentElement.scrollWidth") <= 320
    for link in visitor.page.locator("footer a").all():
        assert link.evaluate(colours) == ["rgb(0, 0, 0)", "rgba(0, 0, 0, 0)"]


@pytest.mark.chromium("style sheets")
@pytest.mark.parametrize("width", [320, 1280])
def test_a_long_name_does_not_widen_the_page_of_the_table(site, visitor, width):
    """
    Who is named on the privacy page may have a word longer than a line (AX-08).
    """
    site.page("{{ consent.table() }}")
    visitor.page.set_viewport_size({"width": width, "height": 568})
    visitor.go()
    name = visitor.page.locator(".cst-table [scope=rowgroup] strong").last
    name.evaluate("name => (name.textContent = 'Donaudampfschiff'.repeat(20))")

    assert visitor.page.evaluate("document.documentElement.scrollWidth") <= width
