"""What people do who see, hear, point or read differently; rules of axe are in test_axe.py."""

from __future__ import annotations

import base64
import re

import pytest
from playwright.sync_api import expect

from consent.policy.wording import texts

pytestmark = [pytest.mark.browser, pytest.mark.sampled]

GERMAN = texts("de")

MEDIA = pytest.mark.parametrize(
    "media",
    [
        pytest.param({"color_scheme": "light"}, id="light"),
        pytest.param({"color_scheme": "dark"}, id="dark", marks=pytest.mark.thorough),
        pytest.param({"forced_colors": "active"}, id="forced colours"),
    ],
)

#: How many pixels of two pictures, or of one and its first pixel, differ in brightness by a
#: contrast. Colour does not count.
STRONG = """async ([one, other, least]) => {
  const light = async (data) => {
    const image = new Image();
    image.src = "data:image/png;base64," + data;
    await image.decode();
    const { width, height } = image;
    const canvas = new OffscreenCanvas(width, height).getContext("2d");
    canvas.drawImage(image, 0, 0);
    const { data: all } = canvas.getImageData(0, 0, width, height);
    const part = (c) => (c <= 10 ? c / 3294.6 : ((c / 255 + 0.055) / 1.055) ** 2.4);
    return Array.from({ length: width * height }, (_, n) => 0.2126 * part(all[4 * n]) +
      0.7152 * part(all[4 * n + 1]) + 0.0722 * part(all[4 * n + 2]) + 0.05);
  };
  const [a, b] = [await light(one), other && (await light(other))];
  const with_ = (n) => (b ? b[n] : a[0]);
  return a.filter((x, n) => Math.max(x, with_(n)) / Math.min(x, with_(n)) >= least).length;
}"""

#: What WCAG 1.4.12 has visitors set for themselves.
SPACED = """* { line-height: 1.5 !important; letter-spacing: 0.12em !important;
word-spacing: 0.16em !important } p { margin-bottom: 2em !important }"""

LARGE = "html { font-size: 200% }"

#: Elements whose content does not fit into them.
CLIPPED = """(root) => [root, ...root.querySelectorAll("*")].filter((element) => {
  const { overflowX, overflowY, display } = getComputedStyle(element);
  if (display === "inline" || display === "none") return false;
  return element.scrollWidth > element.clientWidth + 1 ||
    (overflowY === "hidden" && element.scrollHeight > element.clientHeight + 1);
}).map((element) => element.outerHTML.slice(0, 80))"""


@pytest.fixture
def strong(make_visitor):
    """Count what differs between pictures of a page, by their brightness alone."""
    page = make_visitor().page

    def strong(one: bytes, other: bytes | None = None, least: float = 3) -> int:
        both = [base64.b64encode(picture).decode() if picture else None for picture in (one, other)]
        return page.evaluate(STRONG, [*both, least])

    return strong


#: What may be on screen: the banner, or the settings over it.
LAYERS = ("first layer", "second layer")


def shown(visitor, layer: str):
    """Bring a layer on screen."""
    if layer == "first layer":
        return visitor.banner
    visitor.open_settings()
    return visitor.dialog


def around(locator, room: int = 6) -> dict[str, float]:
    """The place of an element in the window with some room around it."""
    box = locator.bounding_box()
    return {
        "x": max(0, round(box["x"]) - room),
        "y": max(0, round(box["y"]) - room),
        "width": round(box["width"]) + 2 * room,
        "height": round(box["height"]) + 2 * room,
    }


#: Changes a page, and waits until everybody who looks for that has looked.
GO_ON = """() => new Promise((done) => {
  document.querySelector("main").append("More");
  setTimeout(done, 100);
})"""


class TestPointing:
    @pytest.mark.parametrize("decision", ["reject", "accept"])
    def test_a_press_can_be_undone_before_it_is_released(self, site, visitor, decision):
        """
        Whoever presses a button by mistake and lets go elsewhere has decided nothing (AX-20).
        """
        visitor.go()
        box = visitor.button(decision).bounding_box()
        visitor.page.mouse.move(box["x"] + 10, box["y"] + 10)
        visitor.page.mouse.down()
        visitor.page.mouse.move(300, 20)
        visitor.page.mouse.up()

        expect(visitor.banner).to_be_visible()
        assert visitor.arrived() == []
        assert visitor.cookie() is None
        assert site.events() == []

    @pytest.mark.chromium("it reads the document, which is the same in every engine")
    def test_nothing_appears_only_while_pointed_at(self, visitor):
        """
        There are no tooltips: pointing at each control shows no text that was not there
        (AX-11).
        """
        visitor.go()
        assert visitor.placeholder("youtube").locator("[title]").count() == 0
        for name in LAYERS:
            layer = shown(visitor, name)
            before = layer.inner_text()
            for control in layer.locator("a:visible, button:visible, label, summary").all():
                control.hover()
                assert layer.inner_text() == before
            assert layer.locator("[title]").count() == 0


class TestKeyboard:
    def test_the_whole_second_layer_works_without_a_mouse(self, site, visitor):
        """
        Open, unfold, tick and save with keys alone (AX-12).
        """
        page = visitor.page
        visitor.go()
        visitor.footer_link.focus()
        page.keyboard.press("Enter")
        expect(visitor.dialog).to_be_visible()
        while visitor.focus.get_attribute("value") != "matomo":
            page.keyboard.press("Tab")
        page.keyboard.press("Space")
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        unfolded = visitor.dialog.locator("details[open]").count()
        while visitor.focus.get_attribute("value") != "save":
            page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        expect(visitor.dialog).to_have_count(0)

        assert unfolded == 1
        assert [event["granted"] for event in site.events()] == [["matomo"]]

    def test_the_dialog_is_gone_through_in_a_circle(self, visitor):
        """
        Forwards and backwards one reaches every control and never the page behind, and
        Escape always leads out (AX-12, AX-13, AX-32).
        """
        visitor.go()
        visitor.open_settings()
        inside = "a, button:not([hidden]), input:not([type=hidden]), summary"
        controls = visitor.dialog.locator(inside).evaluate_all(
            "all => all.filter((one) => one.checkVisibility()).length"
        )
        seen = set()
        for key in ("Tab", "Shift+Tab"):
            for _ in range(controls + 2):
                visitor.page.keyboard.press(key)
                where = visitor.page.evaluate(
                    "[...document.querySelectorAll('*')].indexOf(document.activeElement)"
                )
                in_page = visitor.page.evaluate(
                    "!document.activeElement.closest('dialog')"
                    " && document.activeElement !== document.body"
                )
                assert not in_page
                seen.add((key, where))
        visitor.page.keyboard.press("Escape")

        expect(visitor.dialog).to_have_count(0)
        for direction in ("Tab", "Shift+Tab"):
            assert len({where for key, where in seen if key == direction}) >= controls

    @pytest.mark.chromium("it reads the document, which is the same in every engine")
    def test_having_the_focus_changes_nothing(self, site, visitor):
        """
        Moving through banner, page and settings opens nothing, sends nothing and ticks nothing
        (AX-24).
        """
        asked = []
        visitor.go(wait_until="networkidle")
        visitor.page.on("request", lambda request: asked.append(request.url))
        for _ in range(12):
            visitor.page.keyboard.press("Tab")
        before = list(asked)
        visitor.open_settings()
        visitor.page.wait_for_load_state("networkidle")
        asked.clear()
        for _ in range(20):
            visitor.page.keyboard.press("Tab")

        assert before == asked == []
        expect(visitor.dialog).to_be_visible()
        assert visitor.dialog.locator("input:checked").count() == 0
        assert site.events() == []

    @pytest.mark.parametrize("decision", ["once", "allow"])
    def test_a_placeholder_works_without_a_mouse(self, visitor, decision):
        """
        Both ways to load an embed can be reached and pressed with keys (AX-12).
        """
        visitor.go()
        visitor.button("accept").focus()
        while visitor.focus.get_attribute("value") != decision:
            visitor.page.keyboard.press("Tab")
        visitor.page.keyboard.press("Enter")

        expect(visitor.page.frame_locator("iframe").locator("p")).to_have_text("film")

    def test_in_the_smallest_window_the_focus_is_seen_too(self, visitor):
        """
        At 320 by 256 pixels every link of the page can be reached and seen while the banner
        is open (AX-08, AX-19).
        """
        visitor.page.set_viewport_size({"width": 320, "height": 256})
        visitor.go()
        hidden = []
        while visitor.focus.count() == 0 or visitor.focus.inner_text() != GERMAN["link.settings"]:
            visitor.page.keyboard.press("Tab")
            seen = visitor.focus.evaluate("""(element) => {
              const { left, top, width, height } = element.getClientRects()[0];
              const parts = [0.1, 0.5, 0.9];
              return parts.some((x) => parts.some((y) => element.contains(
                document.elementFromPoint(left + x * width, top + y * height))));
            }""")
            if not seen:
                hidden.append(visitor.focus.inner_text())

        assert hidden == []


@pytest.mark.chromium("what is painted is compared by its pixels, the rules are the same")
class TestSeeing:
    @MEDIA
    def test_the_focus_stands_out(self, make_visitor, strong, media):
        """
        Around every control that has the focus, pixels change by a contrast of 3 to 1, more
        than a line of one pixel would take (AX-09, AX-18).
        """
        visitor = make_visitor(**media)
        page = visitor.page
        visitor.go()
        weak = []
        for name in LAYERS:
            layer = shown(visitor, name)
            for _ in range(layer.locator("a, button:visible, input:visible, summary").count()):
                page.keyboard.press("Tab")
                if not page.evaluate("!!document.activeElement.closest('#consent, dialog')"):
                    break
                focus = visitor.focus.element_handle()
                place = around(visitor.focus)
                focused = page.screenshot(clip=place)
                focus.evaluate("element => element.blur()")
                changed = strong(page.screenshot(clip=place), focused)
                focus.evaluate("element => element.focus({ preventScroll: true })")
                if changed < place["width"] + place["height"]:
                    weak.append((focus.inner_text(), changed, place))

        assert weak == []

    @MEDIA
    def test_controls_stand_out_from_their_ground(self, make_visitor, strong, media):
        """
        The edge of each button and box has a contrast of 3 to 1 with what is around it (AX-09).
        """
        visitor = make_visitor(**media)
        visitor.go()
        pale = []
        for name in LAYERS:
            for control in (
                shown(visitor, name).locator("button:visible, input[type=checkbox]").all()
            ):
                control.scroll_into_view_if_needed()
                place = around(control, room=3)
                edge = strong(visitor.page.screenshot(clip=place))
                if edge < place["width"] + place["height"]:
                    pale.append((control.get_attribute("value"), edge, place))

        assert pale == []

    def test_withdrawing_stands_out_at_the_end_of_a_dark_page(self, visitor, strong):
        """
        The edge of the button to withdraw is as strong as its text, whatever the colour of other
        buttons is (AX-09).
        """
        visitor.go()
        visitor.button("accept").click()
        dark = "footer { background: #24402a; color: #fff; --cst-accent: #2e5433; padding: 1em }"
        visitor.page.add_style_tag(content=dark)
        button = visitor.page.locator("footer button[value=withdraw]")
        button.scroll_into_view_if_needed()
        place = around(button, room=3)

        assert strong(visitor.page.screenshot(clip=place)) > place["width"] + place["height"]

    @pytest.mark.parametrize("contrast", ["no-preference", "more"])
    def test_who_wants_more_contrast_has_strong_lines(self, make_visitor, contrast):
        """
        On the page of the settings lines are as strong as the text for whoever asks the browser for
        more contrast (AX-09).
        """
        visitor = make_visitor(contrast=contrast)
        visitor.go("/consent/settings")
        box = visitor.page.locator("fieldset").first
        line, text = box.evaluate(
            "(box) => ['borderTopColor', 'color'].map((name) => getComputedStyle(box)[name])"
        )

        assert (line == text) == (contrast == "more")

    @MEDIA
    def test_a_tick_is_seen_without_colour(self, make_visitor, strong, media):
        """
        A ticked box differs from an empty one in brightness alone (AX-04). How strongly is up
        to the browser, which draws it.
        """
        visitor = make_visitor(**media)
        visitor.go()
        visitor.open_settings()
        box = visitor.dialog.get_by_role("checkbox").first
        box.check()
        place = around(box, room=0)
        ticked = visitor.page.screenshot(clip=place)
        box.uncheck()

        assert strong(visitor.page.screenshot(clip=place), ticked, 1.5) >= 20

    @pytest.mark.parametrize(
        "style",
        [
            "",
            "a:not([class]):not(:hover) { text-decoration: none }",
            "a { text-decoration: none !important }",
        ],
        ids=["as it is", "a site without lines", "one that insists"],
    )
    def test_what_can_be_followed_is_underlined(self, site, visitor, style):
        """
        A link is told from text by its line, not by its colour, also where a site takes the line
        from its own (AX-04).
        """
        film = '{% gate "youtube" %}<iframe title="Film" src="/film"></iframe>{% endgate %}'
        site.page(f"<style>{style}</style>{film}")
        visitor.go()
        visitor.open_settings()
        line = "link => getComputedStyle(link).textDecorationLine"
        links = visitor.page.locator("#consent a, dialog a, .cst-placeholder a").all()

        assert {link.evaluate(line) for link in links} == {"underline"}

    def test_the_state_is_said_in_words(self, visitor):
        """
        What is on is written above the boxes, not only shown by them (AX-04).
        """
        visitor.go()
        visitor.open_settings()
        expect(visitor.dialog).to_contain_text(GERMAN["settings.now_undecided"])
        visitor.dialog.locator("input[value=youtube]").check()
        visitor.dialog.locator("button[value=save]").click()
        expect(visitor.dialog).to_have_count(0)
        visitor.open_settings()

        expect(visitor.dialog).to_contain_text("Derzeit erlaubt: YouTube")

    @pytest.mark.parametrize("motion", ["reduce", "no-preference"])
    def test_nothing_moves(self, make_visitor, motion):
        """
        Neither banner nor dialog nor message is animated, whatever the visitor prefers
        (AX-15, AX-31).
        """
        visitor = make_visitor(reduced_motion=motion)
        moving = """() => [...document.querySelectorAll("*")].filter((element) => {
          const { animationName, transitionDuration } = getComputedStyle(element);
          return animationName !== "none" || parseFloat(transitionDuration) ||
            element.getAnimations().length;
        }).map((element) => element.outerHTML.slice(0, 80))"""
        visitor.go()
        first = visitor.page.evaluate(moving)
        visitor.open_settings()
        second = visitor.page.evaluate(moving)
        visitor.dialog.locator("button[value=save]").click()
        expect(visitor.page.get_by_role("status")).not_to_be_empty()

        assert first == second == visitor.page.evaluate(moving) == []


class TestReadingSize:
    @pytest.mark.parametrize(
        ("width", "height"), [(320, 568), (568, 320), (768, 1024), (1024, 768)]
    )
    def test_upright_and_lying(self, visitor, width, height):
        """
        Turned either way, both buttons are on screen and nothing is turned or locked (AX-05).
        """
        visitor.page.set_viewport_size({"width": width, "height": height})
        visitor.go()

        for name in ("reject", "accept"):
            expect(visitor.button(name)).to_be_in_viewport(ratio=1)
        assert visitor.banner.evaluate("b => getComputedStyle(b).rotate") == "none"
        assert visitor.banner.evaluate("b => getComputedStyle(b).transform") == "none"
        assert visitor.page.evaluate("document.documentElement.scrollWidth") <= width

    @pytest.mark.parametrize("style", [SPACED, LARGE], ids=["spaced", "large"])
    @pytest.mark.parametrize("width", [320, 1280])
    def test_no_text_of_the_second_layer_is_cut_off(self, visitor, style, width):
        """
        With the spacing of WCAG 1.4.12 and with text twice as large the settings are read to
        the end without scrolling sideways (AX-07, AX-10).
        """
        visitor.page.set_viewport_size({"width": width, "height": 568})
        visitor.go()
        visitor.page.add_style_tag(content=style)
        visitor.open_settings()
        for summary in visitor.dialog.locator("summary").all():
            summary.click()

        assert visitor.dialog.evaluate(CLIPPED) == []
        visitor.dialog.locator("button[value=accept]").click()
        expect(visitor.dialog).to_have_count(0)

    @pytest.mark.parametrize("style", [SPACED, LARGE], ids=["spaced", "large"])
    def test_no_text_of_the_first_layer_is_cut_off(self, visitor, style):
        """
        The text of the banner and of a placeholder can then be read to its end, too (AX-07,
        AX-10).
        """
        visitor.page.set_viewport_size({"width": 320, "height": 568})
        visitor.go()
        visitor.page.add_style_tag(content=style)
        last = visitor.banner.locator(".cst-text p").last
        last.evaluate("p => p.scrollIntoView({ block: 'center' })")

        assert visitor.banner.evaluate(CLIPPED) == []
        assert visitor.placeholder("youtube").evaluate(CLIPPED) == []
        expect(last).to_be_in_viewport()

    def test_the_size_that_a_visitor_sets_is_kept(self, visitor):
        """
        Text of the banner grows with the size of text of the page (AX-07, AX-31).
        """
        size = "e => parseFloat(getComputedStyle(e).fontSize)"
        visitor.go()
        before = visitor.banner.locator("p").first.evaluate(size)
        visitor.page.add_style_tag(content=LARGE)

        assert visitor.banner.locator("p").first.evaluate(size) == 2 * before


class TestBeingTold:
    def test_the_first_layer_as_it_is_read_out(self, visitor):
        """
        A named region with heading, list, text, two buttons and links, in the order of
        reading (AX-02, AX-03, AX-29).
        """
        visitor.go()
        tree = visitor.banner.aria_snapshot()
        roles = re.findall(r"(?m)^ *- (\w+)", tree)

        assert tree.startswith(f'- region "{GERMAN["banner.title"]}":')
        assert f'heading "{GERMAN["banner.title"]}" [level=2]' in tree
        assert list(dict.fromkeys(roles)) == [
            "region", "heading", "paragraph", "list", "listitem", "strong", "text", "button", "link"
        ]  # fmt: skip
        assert tree.index(GERMAN["button.reject"]) < tree.index(GERMAN["button.accept"])

    def test_the_second_layer_as_it_is_read_out(self, visitor):
        """
        A named dialog with headings, a named group for each purpose, and in it a named box
        for each service that says whether it is ticked (AX-02, AX-21, AX-29).
        """
        visitor.go()
        visitor.open_settings()
        dialog = visitor.page.get_by_role("dialog", name=GERMAN["settings.title"])
        for purpose, names in (("statistics", ["Matomo"]), ("media", ["YouTube", "OpenStreetMap"])):
            group = dialog.get_by_role("group", name=GERMAN[f"purposes.{purpose}.title"])
            for name in names:
                box = group.get_by_role("checkbox", name=f"{name} erlauben", exact=True)
                expect(box).not_to_be_checked()
                box.check()
                expect(box).to_be_checked()
        levels = re.findall(r"heading .* \[level=(\d)\]", dialog.aria_snapshot())

        assert levels == ["1", "2", "2", "2"]

    @pytest.mark.chromium("it reads the document, which is the same in every engine")
    def test_every_box_is_explained_where_it_stands(self, visitor):
        """
        With each box stand what its purpose means and a way to the facts of its service
        (AX-27).
        """
        visitor.go()
        visitor.open_settings()

        for service in ("Matomo", "YouTube", "OpenStreetMap"):
            group = visitor.dialog.get_by_role("group").filter(has_text=f"{service} erlauben")
            expect(group.locator("p").first).to_be_visible()
            expect(group.get_by_text(f"{GERMAN['link.providers']}: {service}")).to_be_visible()

    @pytest.mark.chromium("it reads the document, which is the same in every engine")
    def test_no_name_differs_from_what_is_seen(self, visitor):
        """
        Whoever speaks to the computer says what stands there: no control has a hidden name of
        its own (AX-21).
        """
        visitor.go()
        visitor.open_settings()

        assert visitor.page.locator("#consent [aria-label], dialog [aria-label]").count() == 0
        for button in visitor.dialog.locator("button:visible").all():
            expect(button).to_have_accessible_name(button.inner_text())

    @pytest.mark.chromium("it reads the document, which is the same in every engine")
    def test_nothing_is_told_by_a_picture(self, visitor):
        """
        No layer of ours has a picture or icon that somebody could not see (AX-01).
        """
        visitor.go()
        visitor.open_settings()
        pictures = "img, svg, canvas, picture, i, [role=img], [class*=icon]"
        drawn = """(all) => all.filter((one) => ["::before", "::after"].some((part) =>
          !["none", "normal", "\\"\\""].includes(getComputedStyle(one, part).content)) ||
          getComputedStyle(one).backgroundImage !== "none").length"""

        for layer in (visitor.banner, visitor.dialog, visitor.placeholder("youtube")):
            assert layer.locator(pictures).count() == 0
            assert layer.locator("*").evaluate_all(drawn) == 0

    @pytest.mark.chromium("it reads the document, which is the same in every engine")
    def test_only_the_dialog_makes_the_page_wait(self, visitor):
        """
        Under the banner the page is used as always, and it does not claim to be a dialog; the
        settings make the page inert until they are closed (AX-32).
        """
        visitor.go()
        assert visitor.page.locator("[aria-modal], [inert], dialog").count() == 0
        visitor.page.get_by_label("Name").fill("Anna")
        visitor.open_settings()
        visitor.page.get_by_label("Name").evaluate("field => field.focus()")
        stayed = visitor.dialog.evaluate("d => d.contains(document.activeElement)")
        visitor.page.keyboard.press("Escape")
        visitor.page.get_by_label("Name").focus()

        assert stayed
        expect(visitor.page.get_by_label("Name")).to_be_focused()
        expect(visitor.page.get_by_label("Name")).to_have_value("Anna")

    @pytest.mark.parametrize("placed", ["modal"], indirect=True)
    def test_a_first_layer_in_the_middle_makes_the_page_wait(self, placed):
        """
        Where the site has it before the page, the focus begins at its heading, stays in it until
        the answer, and moves for nothing that the page does behind it (AX-12, AX-32).
        """
        visitor = placed[1]
        visitor.go()
        expect(visitor.focus).to_have_id("consent-title")
        visitor.button("reject").focus()
        visitor.page.get_by_label("Name").evaluate("field => field.focus()")
        visitor.page.evaluate(GO_ON)
        expect(visitor.button("reject")).to_be_focused()
        visitor.page.keyboard.press("Enter")
        expect(visitor.banner).to_have_count(0)
        visitor.page.get_by_label("Name").focus()

        expect(visitor.page.get_by_label("Name")).to_be_focused()
