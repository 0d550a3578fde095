"""The first layer, as a visitor meets it."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from consent import LogUnavailable
from consent.policy.wording import texts
from tests.browser.servers import POLICY, Site
from tests.browser.visitor import HALVE, Visitor

pytestmark = [pytest.mark.browser, pytest.mark.sampled]

GERMAN = texts("de")

#: Everything a page could write to the device, made to leave a note first.
STORES = """
window.stored = [];
const note = (owner, name) => {
  const own = owner[name];
  owner[name] = function (...given) { stored.push(name); return own.apply(this, given); };
};
note(Storage.prototype, "setItem");
note(IDBFactory.prototype, "open");
note(CacheStorage.prototype, "open");
note(ServiceWorkerContainer.prototype, "register");
note(CookieStore.prototype, "set");
const cookie = Object.getOwnPropertyDescriptor(Document.prototype, "cookie");
Object.defineProperty(Document.prototype, "cookie", {
  ...cookie, set(value) { stored.push("cookie"); cookie.set.call(this, value); } });
"""

#: What differs between two elements in their computed style, except what follows from a
#: label's length by less than a pixel.
DIFFERENCE = """([one, other]) => {
  const sizes = /^(width|height|inline-size|block-size|perspective-origin|transform-origin)$/;
  const [a, b] = [getComputedStyle(one), getComputedStyle(other)];
  const far = (p) => !sizes.test(p) || Math.abs(parseFloat(a[p]) - parseFloat(b[p])) > 1;
  return [...a].filter((p) => a.getPropertyValue(p) !== b.getPropertyValue(p) && far(p));
}"""

#: Whether an element, or every line of a text inside it, can be seen and touched.
IN_VIEW = """(element, words) => {
  const boxes = [];
  if (words) {
    const walker = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
    for (let node; (node = walker.nextNode()); ) {
      const at = node.data.indexOf(words);
      if (at < 0) continue;
      const range = document.createRange();
      range.setStart(node, at);
      range.setEnd(node, at + words.length);
      boxes.push(...range.getClientRects());
    }
  } else boxes.push(element.getBoundingClientRect());
  const touches = (x, y) => element.contains(document.elementFromPoint(x, y));
  return boxes.length > 0 && boxes.every(({ left, right, top, bottom }) =>
    top >= 0 && left >= 0 && bottom <= innerHeight && right <= innerWidth &&
    touches(left + 2, (top + bottom) / 2) && touches(right - 2, (top + bottom) / 2) &&
    touches((left + right) / 2, top + 2) && touches((left + right) / 2, bottom - 2));
}"""

#: What has the focus, and whether any part of it can be seen.
FOCUS_IN_VIEW = """() => {
  const element = document.activeElement;
  const { left, top, width, height } = element.getClientRects()[0];
  const parts = [0.1, 0.5, 0.9];
  const seen = parts.some((x) => parts.some((y) =>
    element.contains(document.elementFromPoint(left + x * width, top + y * height))));
  return [element.innerText || element.name, seen];
}"""

CONTRAST = """(element) => {
  const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const light = (color) => {
    canvas.fillStyle = color;
    canvas.fillRect(0, 0, 1, 1);
    const [r, g, b] = [...canvas.getImageData(0, 0, 1, 1).data]
      .map((c) => (c / 255 <= 0.04045 ? c / 3294.6 : ((c / 255 + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  let ground = element;
  while (getComputedStyle(ground).backgroundColor === "rgba(0, 0, 0, 0)")
    ground = ground.parentElement;
  const [a, b] = [light(getComputedStyle(element).color),
                  light(getComputedStyle(ground).backgroundColor)];
  return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
}"""


SPACED = """* { line-height: 1.5 !important; letter-spacing: 0.12em !important;
word-spacing: 0.16em !important }"""

LARGE = "html { font-size: 200% }"

#: The languages of the site, by the pages that speak them.
LANGUAGES = {"/": "de", "/en": "en"}

#: What the page sees of somebody's wishes.
THEME = """() => matchMedia("(forced-colors: active)").matches ? "active"
  : matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light" """


class TestBeforeADecision:
    @pytest.mark.parametrize("javascript", [True, False], ids=["script", "no script"])
    def test_visitors_are_asked_and_nothing_optional_happens(
        self, make_visitor, third, site, javascript
    ):
        """
        The first visit shows the banner, sets no cookie, asks nothing of a third party and
        leaves no record, with and without JavaScript (PS-02, PS-04, FL-24).
        """
        visitor = make_visitor(java_script_enabled=javascript)

        response = visitor.go(wait_until="networkidle")

        expect(visitor.banner).to_be_visible()
        assert response.headers_array() == [
            header for header in response.headers_array() if header["name"].lower() != "set-cookie"
        ]
        assert visitor.context.storage_state() == {"cookies": [], "origins": []}
        assert third.arrived == []
        assert site.events() == []

    def test_nothing_is_written_to_the_device(self, visitor):
        """
        Neither cookie nor storage, database, cache or service worker is touched, and all
        requests go to the site itself (PS-01, SE-11).
        """
        hosts = set()
        visitor.context.add_init_script(STORES)
        visitor.page.on("request", lambda request: hosts.add(request.url.split("/")[2]))

        visitor.go(wait_until="networkidle")

        assert visitor.page.evaluate("stored") == []
        assert hosts == {visitor.page.url.split("/")[2]}

    def test_the_page_does_not_move(self, visitor):
        """
        The banner is there from the first paint on: no layout shift, and no complaint of
        the browser, whether somebody has decided or not.
        """
        shifts = []
        for _ in range(2):
            visitor.go()
            visitor.until("painted")
            shifts += visitor.page.evaluate("shifts")
            if not shifts and visitor.cookie() is None:
                visitor.decide("reject")

        assert shifts == []
        assert visitor.complaints == []

    def test_it_appears_when_it_is_whole(self, visitor):
        """
        What the browser has read half way is not shown, so it does not grow while a page loads.
        """
        visitor.go()
        shown = visitor.banner.evaluate(HALVE)

        assert shown == [True, False]

    @pytest.mark.chromium("it reads the document, which is the same in every engine")
    def test_privacy_policy_and_imprint_are_one_step_away(self, visitor):
        """
        Both can be opened without deciding, and the banner does not lie over where they
        begin (FL-15).
        """
        visitor.go()
        for name, path in (("Datenschutzerklärung", "/datenschutz"), ("Impressum", "/impressum")):
            visitor.banner.get_by_role("link", name=name).click()
            visitor.page.wait_for_url(f"**{path}")

            assert visitor.page.locator("h1").evaluate(IN_VIEW)
            expect(visitor.banner).to_be_visible()

    @pytest.mark.chromium("it is the server that leaves the dialog out")
    @pytest.mark.parametrize("path", ["/datenschutz", "/impressum"])
    def test_both_can_be_read_wherever_the_first_layer_is(self, placed, path):
        """
        Where it is a dialog in the middle, before which nothing can be read or scrolled, it waits
        for the next page (FL-15).
        """
        _, visitor = placed
        visitor.go(path)
        heading = visitor.page.locator("h1")
        expect(heading).to_be_visible()

        assert heading.evaluate(IN_VIEW)
        visitor.page.locator("main a").first.click(trial=True, timeout=3000)
        visitor.go()
        expect(visitor.banner).to_be_visible()


class TestEqualButtons:
    @pytest.mark.parametrize(
        "media",
        [{"color_scheme": "light"}, {"color_scheme": "dark"}, {"forced_colors": "active"}],
        ids=["light", "dark", "forced colours"],
    )
    def test_refusing_looks_like_accepting(self, make_visitor, media):
        """
        Both buttons are the same kind of element in the same place with the same style, to
        the last property, wide or narrow, in both languages (FL-01, FL-02, LA-08).
        """
        visitor = make_visitor(**media)
        for path in LANGUAGES:
            visitor.go(path)
            assert visitor.page.evaluate(THEME) in media.values()
            pair = [visitor.button(name).element_handle() for name in ("reject", "accept")]
            for width in (1280, 320):
                visitor.page.set_viewport_size({"width": width, "height": 600})
                assert visitor.page.evaluate(DIFFERENCE, pair) == [], path
            tags = [button.evaluate("b => b.cloneNode().outerHTML") for button in pair]
            assert tags[0].replace("reject", "") == tags[1].replace("accept", "")
            assert visitor.page.evaluate("([a, b]) => a.nextElementSibling === b", pair)

    @pytest.mark.parametrize("scheme", ["light", "dark"])
    def test_everything_can_be_read(self, make_visitor, scheme):
        """
        Texts, links and buttons have a contrast of at least 4.5 to 1 (AX-06).
        """
        visitor = make_visitor(color_scheme=scheme)
        visitor.go()

        for element in visitor.banner.locator("h2, p, li, strong, a, button").all():
            assert element.evaluate(CONTRAST) >= 4.5


def out_of_view(visitor, path, width, height):
    """What of all that matters cannot be seen at once in a window of that size."""
    visitor.page.set_viewport_size({"width": width, "height": height})
    visitor.go(path)
    words, text = texts(LANGUAGES[path]), visitor.banner.locator(".cst-text")
    said = {
        key: words[key].partition("{")[0].strip() for key in ("banner.abroad", "banner.withdraw")
    }
    return [
        *(name for name in ("reject", "accept") if not visitor.button(name).evaluate(IN_VIEW)),
        *(key for key, start in said.items() if not text.evaluate(IN_VIEW, start)),
    ]


class TestManyServices:
    @pytest.fixture(params=["bar", "corner", "modal"])
    def site(self, request, third, tmp_path):
        """A site with eight services for three purposes."""
        more = ("google-maps", "vimeo", "spotify", "instagram", "facebook")
        services = "".join(f"\n[services.{name}]\n" for name in more)
        site = Site(tmp_path, f'placement = "{request.param}"\n{POLICY}{services}')
        with site.running():
            yield site

    @pytest.mark.parametrize("path", LANGUAGES, ids=LANGUAGES.values())
    def test_a_long_list_puts_nothing_out_of_sight_that_matters(self, visitor, path):
        """
        However long the list of services is, what is said about withdrawal and other countries
        is on a small phone's screen with both buttons (FL-04).
        """
        assert out_of_view(visitor, path, 320, 568) == []


class TestSizes:
    def test_what_matters_is_on_screen_without_scrolling(self, visitor):
        """
        Both buttons and what is said about withdrawal and other countries can be seen at
        once, in windows from a small phone's to a desk's (FL-04).
        """
        for path in LANGUAGES:
            for width, height in ((320, 568), (360, 640), (768, 1024), (1280, 720)):
                assert out_of_view(visitor, path, width, height) == []

    @pytest.mark.parametrize("path", LANGUAGES, ids=LANGUAGES.values())
    def test_a_very_small_window_is_enough(self, visitor, path):
        """
        At 320 by 256 pixels, as at 400 percent zoom, both buttons are on screen, nothing
        has to be scrolled sideways, and part of the page remains visible (FL-04, AX-08).
        """
        visitor.page.set_viewport_size({"width": 320, "height": 256})
        visitor.go(path)

        for name in ("reject", "accept"):
            assert visitor.button(name).evaluate(IN_VIEW), name
        assert visitor.page.evaluate("document.documentElement.scrollWidth") <= 320
        assert visitor.banner.evaluate("banner => banner.scrollWidth <= banner.clientWidth")
        assert visitor.banner.bounding_box()["y"] >= 24

    def test_buttons_are_easy_to_hit(self, visitor):
        """
        A button is at least 44 pixels high and wide, a link at least 24 (AX-22).
        """
        visitor.page.set_viewport_size({"width": 320, "height": 568})
        visitor.go()

        for kind, least in (("button", 44), ("a", 24)):
            for element in visitor.banner.locator(kind).all():
                box = element.bounding_box()
                assert min(box["width"], box["height"]) >= least, element.inner_text()

    @pytest.mark.parametrize("style", [SPACED, LARGE], ids=["spaced", "large"])
    def test_text_as_somebody_needs_it(self, visitor, style):
        """
        With the text spacing of WCAG 1.4.12, and with text twice as large, no label is cut
        off and both buttons stay on screen (AX-07, AX-10).
        """
        visitor.page.set_viewport_size({"width": 320, "height": 568})
        visitor.go()
        visitor.page.add_style_tag(content=style)

        for name in ("reject", "accept"):
            assert visitor.button(name).evaluate(IN_VIEW), name
            assert visitor.button(name).evaluate("b => b.scrollWidth <= b.clientWidth + 1")
        assert visitor.banner.evaluate("banner => banner.scrollWidth <= banner.clientWidth")

    @pytest.mark.chromium("style sheets")
    def test_what_a_site_sets_for_its_parts_leaves_the_page_in_sight(self, site, visitor):
        """
        Neither sections as high as the window nor a width for whatever is in the body make
        the banner cover the page or squeeze its text (FL-04).
        """
        site.page("<style>section { min-height: 100vh } body > * { max-width: 40rem }</style>")
        visitor.page.set_viewport_size({"width": 1920, "height": 1000})
        visitor.go()

        assert visitor.banner.bounding_box()["y"] >= 500
        assert visitor.banner.locator(".cst-text").bounding_box()["width"] >= 400

    @pytest.mark.chromium("style sheets")
    def test_a_label_of_a_button_breaks_where_a_site_has_all_of_its_own_in_a_line(
        self, site, visitor
    ):
        """
        Neither buttons of one height, as Milligram has them, nor a width for all of them cuts
        off what a button says; forms that float or are boxed leave it where it is (FL-04).
        """
        site.page("""<style>
          button { height: 38px; width: 90px; line-height: 38px; padding: 0 30px;
            letter-spacing: 1px; text-transform: uppercase; white-space: nowrap }
          form { float: left; width: 400px; padding: 2em; border: 1em solid }
          body { white-space: nowrap }</style>""")
        visitor.page.set_viewport_size({"width": 320, "height": 568})
        visitor.go()

        assert visitor.banner.evaluate("banner => banner.scrollWidth <= banner.clientWidth")
        for name in ("reject", "accept"):
            assert visitor.button(name).evaluate(IN_VIEW), name
            assert visitor.button(name).evaluate("""({ scrollWidth, clientWidth, scrollHeight,
              clientHeight }) => scrollWidth <= clientWidth && scrollHeight <= clientHeight""")

    @pytest.mark.chromium("style sheets")
    def test_a_card_stays_in_the_window_whatever_sections_keep_free(self, placed):
        """
        Room below every section, as Pico CSS has it, and the height of a window do not push
        the first line of a card or a dialog out of sight (FL-04).
        """
        site, visitor = placed
        site.page(
            "<style>section { margin: 5rem; height: 100vh; display: flex; width: 80% }</style>"
        )
        visitor.page.set_viewport_size({"width": 1024, "height": 720})
        visitor.go()
        box = visitor.banner.bounding_box()

        assert box["y"] >= 0
        assert box["y"] + box["height"] <= 720
        assert box["height"] < 640

    @pytest.mark.chromium("style sheets")
    def test_small_letters_of_a_site_stay_large_enough_to_be_read(self, site, visitor):
        """
        Where a site counts in tenths of the usual size, our texts are 13 pixels high at least.
        """
        site.page("<style>html { font-size: 62.5% } body { font-size: 1.2rem }</style>")
        visitor.go()

        assert visitor.banner.evaluate("b => parseFloat(getComputedStyle(b).fontSize)") >= 13

    @pytest.mark.chromium("style sheets")
    @pytest.mark.parametrize("factor", [1.5, 2])
    def test_a_page_enlarged_by_a_site_leaves_the_first_line_in_reach(self, site, visitor, factor):
        """
        A site's own switch for larger letters may enlarge the body: the banner is no higher
        than the window, and all of it can be scrolled to (AX-07).
        """
        site.page(f"<style>body {{ zoom: {factor} }}</style>")
        visitor.page.set_viewport_size({"width": 360, "height": 568})
        visitor.go()

        assert visitor.banner.evaluate("b => b.getBoundingClientRect().top") >= 0
        for name in ("reject", "accept"):
            assert visitor.button(name).evaluate(IN_VIEW), name

    @pytest.mark.chromium("style sheets")
    def test_room_is_kept_only_below_what_covers_the_page(self, placed):
        """
        The page can be scrolled clear of a card; below a dialog it ends where it ends.
        """
        site, visitor = placed
        visitor.go()

        room = visitor.page.evaluate("parseInt(getComputedStyle(document.body).paddingBottom)")

        is_modal = site.app.extensions["consentry"].config.policy.placement == "modal"
        assert (room == 0) is is_modal


class TestNotADecision:
    def test_closing_scrolling_clicking_beside_and_going_on(self, site, third, visitor):
        """
        None of it grants or refuses anything: the banner asks on (FL-07).
        """
        visitor.go()
        visitor.page.keyboard.press("Escape")
        visitor.page.mouse.click(300, 40)
        visitor.page.mouse.wheel(0, 2000)
        visitor.page.keyboard.press("End")
        visitor.page.locator("header a[href='/andere']").click()
        visitor.page.wait_for_url("**/andere")

        expect(visitor.banner).to_be_visible()
        assert visitor.arrived() == []
        assert visitor.cookie() is None
        assert site.events() == []

    @pytest.mark.chromium("no timer of ours runs, in no engine")
    def test_waiting(self, site, visitor):
        """
        Twenty minutes later the banner is still there and has decided nothing (FL-07, AX-14).
        """
        visitor.page.clock.install()
        visitor.go()
        visitor.page.clock.run_for("20:00")

        expect(visitor.banner).to_be_visible()
        assert visitor.cookie() is None
        assert site.events() == []


class TestKeyboard:
    def test_the_banner_comes_first_and_refusing_is_one_key_from_accepting(self, site, visitor):
        """
        Tab reaches the two buttons first, one after the other; Enter refuses; the focus then
        is on the answer, not lost, and the next key takes the answer away (FL-03, AX-03, AX-12,
        AX-16, AX-30).
        """
        visitor.go()
        order = []
        for _ in range(2):
            visitor.page.keyboard.press("Tab")
            order.append(visitor.focus.get_attribute("value"))
        visitor.page.keyboard.press("Shift+Tab")
        visitor.page.keyboard.press("Enter")

        expect(visitor.banner).to_have_count(0)
        expect(visitor.page.get_by_role("status")).to_have_text(GERMAN["status.refused"])
        expect(visitor.focus).to_have_role("status")
        visitor.page.keyboard.press("Tab")
        expect(visitor.page.get_by_role("status")).to_be_empty()
        assert order == ["reject", "accept"]
        assert [event["kind"] for event in site.events()] == ["refusal"]

    @pytest.mark.parametrize(("width", "height"), [(320, 568), (1280, 720)])
    def test_what_has_the_focus_is_never_behind_the_banner(self, visitor, width, height):
        """
        Tabbing through the whole page and back, one always sees where one is, and there is
        no trap (AX-13, AX-19).
        """
        visitor.page.set_viewport_size({"width": width, "height": height})
        visitor.go()

        assert list(_hidden(visitor.page)) == []

    @pytest.mark.chromium("of the others the site forbids scripts, which no style sheet hears of")
    @pytest.mark.parametrize("placed", ["modal"], indirect=True)
    def test_nor_behind_a_dialog_that_no_script_has_opened(self, placed, browser, third):
        """
        Where the first layer is to make the page wait and there is no JavaScript, nothing can: it
        lies at the end of the window then, and nothing of the page is lost behind it (AX-19).
        """
        small = {"width": 320, "height": 568}
        context = browser.new_context(locale="de-DE", java_script_enabled=False, viewport=small)
        visitor = Visitor(context, placed[0], third)
        visitor.go()
        hidden = list(_hidden(visitor.page))
        box = visitor.banner.bounding_box()
        browser.release(context)

        assert hidden == []
        assert (box["x"], box["width"], box["y"] + box["height"]) == (0, 320, 568)


def _hidden(page):
    """Go through *page* with keys, there and back, and give what cannot be seen then."""
    name = None
    for key, goal in (("Tab", "link.settings"), ("Shift+Tab", "button.reject")):
        while name != GERMAN[goal]:
            page.keyboard.press(key)
            name, seen = page.evaluate(FOCUS_IN_VIEW)
            if not seen:
                yield name


class TestRefusing:
    def test_nothing_is_asked_of_third_parties_and_nobody_is_asked_again(self, third, visitor):
        """
        One click: the banner is gone, nothing started, and the next page does not ask
        (FL-03, AX-28).
        """
        visitor.go()
        visitor.decide("reject")
        here = visitor.arrived()
        visitor.go("/andere")

        expect(visitor.banner).to_have_count(0)
        assert here == visitor.arrived() == []

    def test_without_javascript(self, site, third, plain_visitor):
        """
        The same with a plain form: back on the page, without banner (FL-24).
        """
        plain_visitor.go("/andere?1")
        plain_visitor.decide("reject")

        assert plain_visitor.page.url.endswith("/andere?1")
        assert plain_visitor.arrived() == []
        assert [event["kind"] for event in site.events()] == ["refusal"]

    @pytest.mark.chromium("the server decides it, whatever the engine")
    @pytest.mark.parametrize("decision", ["reject", "accept"])
    def test_those_who_decide_alike_cannot_be_told_apart(self, make_visitor, decision):
        """
        Two profiles that decide alike hold the same cookie to the last byte (PS-06).
        """
        cookies = set()
        for visitor in (make_visitor(), make_visitor(java_script_enabled=False)):
            visitor.go()
            visitor.decide(decision)
            cookies.add(visitor.cookie())

        assert len(cookies) == 1
        assert cookies != {None}

    @pytest.mark.chromium("the server decides it, whatever the engine")
    def test_a_refusal_leaves_no_identifier(self, visitor):
        """
        Who refuses holds the choice and nothing else (PS-05).
        """
        visitor.go()
        visitor.decide("reject")

        assert [cookie["name"] for cookie in visitor.context.cookies()] == ["consent"]


class TestAccepting:
    def test_without_javascript(self, site, third, plain_visitor):
        """
        A plain form grants as well: the page comes back with what was granted (FL-24).
        """
        plain_visitor.go()
        plain_visitor.decide("accept")

        assert plain_visitor.arrived() == ["film"]
        assert [event["kind"] for event in site.events()] == ["grant"]

    def test_pressing_twice_decides_once(self, site, visitor):
        """
        A double click is one decision and one record.
        """
        visitor.go()
        visitor.button("accept").dblclick()
        expect(visitor.banner).to_have_count(0)

        assert len(site.events()) == 1

    @pytest.mark.chromium("selectors")
    def test_a_box_of_the_site_with_the_same_id_stays(self, site, visitor):
        """
        A contact form that has an id="consent" of its own keeps it when the banner goes, and
        no room is kept for a banner that is not there.
        """
        site.page('<form id="own"><input type="checkbox" id="consent" name="consent"></form>')
        visitor.go()

        visitor.button("accept").click()

        layer = visitor.page.locator("[data-consent-layer=banner]")
        expect(layer).to_have_count(0)
        late = '<template data-consent="matomo"><i id="late"></i></template>'
        visitor.page.evaluate("late => document.body.insertAdjacentHTML('beforeend', late)", late)
        expect(visitor.page.locator("#late")).to_have_count(1)
        assert visitor.page.locator("#own #consent").count() == 1
        assert visitor.page.evaluate("getComputedStyle(document.body).paddingBottom") == "0px"

    def test_pages_are_told(self, visitor):
        """
        The document hears when asking begins, and what is granted after a decision.
        """
        visitor.go()
        visitor.decide("accept")
        visitor.until("seen.length === 2")

        assert visitor.page.evaluate("seen") == [
            ["consent:ready", None],
            ["consent:change", {"granted": ["matomo", "openstreetmap", "youtube"]}],
        ]

    @pytest.mark.parametrize("javascript", [True, False], ids=["script", "no script"])
    def test_pages_that_tell_nobody_where_one_comes_from(self, make_visitor, site, javascript):
        """
        Deciding works on a site with ``Referrer-Policy: no-referrer`` (SE-04).
        """
        site.headers(Referrer_Policy="no-referrer")
        visitor = make_visitor(java_script_enabled=javascript)
        visitor.go()
        visitor.decide("accept")

        assert visitor.cookie() is not None


class TestFailing:
    @pytest.fixture(params=["answered 503", "not answered"])
    def failing(self, request, site, visitor, monkeypatch):
        """Make saving fail; return the text that tells so and what mends it."""
        if request.param == "not answered":
            visitor.page.route("**/choice", lambda route: route.abort("connectionrefused"))
            return GERMAN["error.network"], lambda: visitor.page.unroute("**/choice")

        def fail(*_):
            raise LogUnavailable("disk full")

        monkeypatch.setattr(site.store, "append", fail)
        return GERMAN["error.unavailable"], monkeypatch.undo

    def test_an_acceptance_that_cannot_be_saved(self, site, third, visitor, failing):
        """
        A text says so, nothing starts, and pressing again later works (AX-27, EV-01).
        """
        text, mend = failing
        visitor.go()
        visitor.button("accept").click()
        expect(visitor.banner.get_by_role("alert")).to_have_text(text)
        before = visitor.arrived()
        assert visitor.button("accept").evaluate(IN_VIEW)
        mend()
        visitor.decide("accept")

        assert before == []
        assert [event["kind"] for event in site.events()] == ["grant"]
        visitor.wait_until_ran("count.js", "inline")
