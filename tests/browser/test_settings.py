"""The second layer: a dialog over the page, or a page of its own."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from consent.policy.wording import texts
from tests.browser.servers import POLICY, Site
from tests.browser.test_banner import FOCUS_IN_VIEW
from tests.browser.visitor import Visitor

pytestmark = [pytest.mark.browser, pytest.mark.sampled]

GERMAN = texts("de")

SERVICES = {"matomo", "youtube", "openstreetmap"}

#: What a site has from others for all of its dialogs and boxes.
FRAMEWORK = """<style>
dialog { display: flex; position: fixed; inset: 0; align-items: center; justify-content: center;
  width: inherit; min-width: 100%; height: inherit; min-height: 100%; }
* { margin: 0; }
input { appearance: none; }
</style>"""


def ticked(layer) -> set[str]:
    """The services whose box is ticked."""
    return set(
        layer.locator("input[name=service]:checked").evaluate_all("a => a.map(b => b.value)")
    )


#: Whether a box is ticked, and whether it says that only some are.
SHOWN = "box => [box.checked, box.indeterminate]"


class TestOpening:
    def test_the_dialog_is_fetched_when_it_is_opened(self, visitor):
        """
        Who does not open the settings does not load them; who does, once.
        """
        asked = []
        visitor.page.on("request", lambda request: asked.append(request.url.split("?")[0]))
        visitor.go()
        visitor.arrived()
        before = [url for url in asked if "settings" in url]
        visitor.open_settings()

        assert before == []
        assert sorted(url.rpartition("/")[2] for url in asked if "settings" in url) == [
            "settings",
            "settings.js",
        ]

    def test_the_focus_goes_in_and_comes_back(self, site, visitor):
        """
        The focus is inside while the dialog is open, first on the dialog, so that screen readers
        tell its name; Escape closes it, changes nothing, and leads back to the link (AX-13, AX-16,
        AX-31, FL-07).
        """
        visitor.go()
        visitor.footer_link.focus()
        visitor.page.keyboard.press("Enter")
        expect(visitor.dialog).to_be_focused()
        expect(visitor.dialog).to_have_accessible_name(GERMAN["settings.title"])
        inside = []
        for _ in range(4):
            inside.append(visitor.dialog.evaluate("d => d.contains(document.activeElement)"))
            visitor.page.keyboard.press("Tab")
        visitor.dialog.get_by_role("checkbox").first.check()
        visitor.page.keyboard.press("Escape")

        expect(visitor.dialog).to_have_count(0)
        expect(visitor.footer_link).to_be_focused()
        expect(visitor.banner).to_be_visible()
        assert inside == [True] * 4
        assert site.events() == []
        assert visitor.cookie() is None

    def test_closing_by_button_changes_nothing(self, site, visitor):
        """
        The button that closes says that it does so without change, and does; that of the one dialog
        that there is, also if the link was pressed twice (FL-08).
        """
        visitor.go()
        visitor.footer_link.dblclick()
        visitor.dialog.get_by_role("button", name=GERMAN["button.close"]).click()

        expect(visitor.dialog).to_have_count(0)
        assert site.events() == []

    def test_a_text_cannot_keep_it_away(self, site, visitor):
        """
        Whatever classes an article has, the settings open, where all can be taken back (WD-02).
        """
        site.page('<p class="cst-dialog">Kommentar</p>')
        visitor.go()
        visitor.open_settings()

        expect(visitor.page.get_by_role("dialog", name=GERMAN["settings.title"])).to_be_visible()

    @pytest.mark.chromium("it reads the document, which is the same in every engine")
    def test_the_dialog_has_a_name_and_leaves_the_page_behind_it_alone(self, visitor):
        """
        Assistive technology announces a dialog by its heading; only while it is open the
        page behind it is out of reach (AX-29, AX-32).
        """
        visitor.go()
        corner = "document.elementFromPoint(3, 3).nodeName"
        before = visitor.page.evaluate(corner)
        visitor.open_settings()

        expect(visitor.page.get_by_role("dialog", name=GERMAN["settings.title"])).to_be_visible()
        assert (before, visitor.page.evaluate(corner)) == ("HTML", "DIALOG")

    @pytest.mark.chromium("it reads the document, which is the same in every engine")
    def test_nothing_is_ticked_and_essential_has_no_switch(self, visitor):
        """
        All optional services are off at first, and what is essential has no fake switch
        (FL-09, SL-07).
        """
        visitor.go()
        visitor.open_settings()
        boxes = visitor.dialog.locator("input:not([type=hidden], [data-consent-all])")

        assert ticked(visitor.dialog) == set()
        assert visitor.dialog.locator(":checked, :indeterminate").count() == 0
        assert set(boxes.evaluate_all("all => all.map(box => box.value)")) == SERVICES

    @pytest.mark.chromium("it reads the document, which is the same in every engine")
    def test_every_way_out_is_there(self, visitor):
        """
        Refusing and accepting everything can be done here as well, equally large (FL-01,
        SL-06).
        """
        visitor.go()
        visitor.open_settings()
        sizes = [
            visitor.dialog.locator(f"button[value={name}]").bounding_box()
            for name in ("reject", "accept")
        ]

        assert abs(sizes[0]["width"] - sizes[1]["width"]) <= 1
        assert abs(sizes[0]["height"] - sizes[1]["height"]) <= 1
        expect(visitor.dialog.locator("button[value=save]")).to_be_visible()
        expect(visitor.dialog.locator("button[value=withdraw]")).to_have_count(0)

    @pytest.mark.parametrize(("width", "height"), [(320, 256), (320, 568), (1280, 720)])
    def test_it_fits_into_the_window(self, visitor, width, height):
        """
        Nothing has to be scrolled sideways, all of it can be reached, and everything that
        can be pressed is large enough (AX-08, AX-22).
        """
        visitor.page.set_viewport_size({"width": width, "height": height})
        visitor.go()
        visitor.open_settings()
        box = visitor.dialog.bounding_box()

        assert box["x"] >= 0
        assert box["x"] + box["width"] <= width
        assert box["y"] >= 0
        assert box["y"] + box["height"] <= height
        assert visitor.dialog.evaluate("d => d.scrollWidth <= d.clientWidth")
        for element in visitor.dialog.locator("button:visible, label").all():
            assert element.bounding_box()["height"] >= 44, element.inner_text()

    @pytest.mark.chromium("style sheets")
    @pytest.mark.parametrize(("width", "height"), [(1280, 720), (1024, 580), (500, 600)])
    @pytest.mark.parametrize("is_page", [False, True], ids=["dialog", "page"])
    def test_what_has_the_focus_is_not_behind_the_buttons(self, visitor, width, height, is_page):
        """
        Where the buttons stay at the end of the window, whoever goes through what is above them
        with keys sees where that is (AX-19).
        """
        page = visitor.page
        page.set_viewport_size({"width": width, "height": height})
        visitor.go("/consent/settings" if is_page else "/")
        if not is_page:
            visitor.open_settings()
        hidden = []
        while visitor.focus.count() == 0 or visitor.focus.get_attribute("value") != "reject":
            page.keyboard.press("Tab")
            name, seen = page.evaluate(FOCUS_IN_VIEW)
            if not seen:
                hidden.append(name)

        assert hidden == []

    @pytest.mark.chromium("style sheets")
    def test_a_framework_cuts_nothing_off(self, site, visitor):
        """
        What style sheets set for every dialog and box, as Pico CSS and resets do, leaves the
        first line and the ticks where they can be seen (AX-08).
        """
        site.page(FRAMEWORK)
        visitor.page.set_viewport_size({"width": 1280, "height": 720})
        visitor.go()
        visitor.open_settings()
        box, first = visitor.dialog.bounding_box(), visitor.dialog.locator("h1").bounding_box()

        assert box["width"] < 1280
        assert box["x"] > 100
        assert box["y"] < first["y"] < box["y"] + 100
        assert visitor.dialog.locator("input:visible").first.evaluate(
            "box => getComputedStyle(box).appearance"
        ) == ("auto")

    @pytest.mark.chromium("style sheets")
    @pytest.mark.parametrize("weight", [400, 500], ids=["halfmoon", "Bootstrap"])
    def test_headings_look_like_headings(self, site, visitor, weight):
        """
        Where a site's headings are large and light, ours, which take the size of the text, are
        still heavier than it: in the settings and in the first layer.
        """
        site.page(f"<style>h1, h2, legend, label {{ font-weight: {weight}; }}</style>")
        visitor.go()
        visitor.open_settings()
        headings = visitor.page.locator("#consent-title, dialog :is(h1, h2, legend, label)")
        weights = headings.evaluate_all("all => all.map(part => getComputedStyle(part).fontWeight)")

        assert len(weights) > 5
        assert set(weights) == {"600"}

    @pytest.mark.chromium("style sheets")
    @pytest.mark.parametrize(
        "rule",
        [
            "[type=checkbox]:not(:checked) { position: absolute; opacity: 0 }",
            "input[type=checkbox] { display: none }",
            "input[type=checkbox] { width: 1px; height: 1px; margin: -1px }",
        ],
        ids=["Materialize", "gone", "clipped"],
    )
    def test_boxes_are_seen_where_a_site_draws_its_own(self, site, visitor, rule):
        """
        A site that hides boxes to draw something in their place hides none of ours, which
        has nothing in its place.
        """
        site.page(f"<style>{rule}</style>")
        visitor.go()
        visitor.open_settings()
        boxes = visitor.dialog.locator("[name=service], [data-consent-all]").all()

        assert len(boxes) == 4
        for box in boxes:
            assert box.evaluate("box => box.checkVisibility({ opacityProperty: true })")
            size = box.bounding_box()
            assert min(size["width"], size["height"]) >= 16

    @pytest.mark.chromium("style sheets")
    @pytest.mark.parametrize(
        "rule",
        [
            "dialog { position: absolute; inset: 0 auto auto 0 }",
            "dialog { height: 300px; overflow: hidden }",
            "form { width: 400px; padding: 2em; border: 2em solid }",
        ],
        ids=["at the top", "cut off", "wide forms"],
    )
    def test_all_of_it_is_in_reach_whatever_a_site_sets_for_dialogs(self, site, visitor, rule):
        """
        The dialog opens in the window and not where the page begins, and the wheel leads to
        its end (AX-08).
        """
        site.page(f"<style>{rule}</style>")
        visitor.page.set_viewport_size({"width": 320, "height": 500})
        visitor.go()
        visitor.open_settings()
        box = visitor.dialog.bounding_box()
        visitor.page.mouse.move(160, 250)
        visitor.page.mouse.wheel(0, 9000)

        assert box["y"] >= 0
        assert box["y"] + box["height"] <= 500
        assert box["height"] > 400
        assert visitor.dialog.evaluate("d => d.scrollWidth <= d.clientWidth")
        expect(visitor.dialog.locator("button[value=accept]")).to_be_in_viewport()

    @pytest.mark.chromium("style sheets")
    @pytest.mark.parametrize(
        "rule",
        ["summary { display: block }", "details > summary { list-style: none }"],
        ids=["Bootstrap 3", "a theme"],
    )
    def test_what_can_be_unfolded_shows_it_whatever_a_site_sets(self, site, visitor, rule):
        """
        Where a site makes blocks of all that can be unfolded, as Bootstrap 3 does, or takes away
        their triangle to draw its own elsewhere, the triangle that says so stays.
        """
        site.page(f"<style>{rule}</style>")
        visitor.go()
        visitor.open_settings()
        shown = visitor.dialog.locator("summary").first.evaluate(
            "one => [getComputedStyle(one).display, getComputedStyle(one).listStyleType]"
        )

        assert shown == ["list-item", "disclosure-closed"]

    @pytest.mark.chromium("style sheets")
    def test_the_ring_of_the_focus_is_ours_whatever_a_site_sets(self, site, visitor):
        """
        A pale ring for whatever can be unfolded, as in Pico CSS, or none at all leaves ours as
        strong as it is (AX-09, AX-18).
        """
        site.page("""<style>*:focus, a:focus, button:focus, input[type=checkbox]:focus {
          outline: none } details summary:focus-visible:not([role]) { outline: 2px solid #eee }
        </style>""")
        visitor.go()
        visitor.open_settings()
        rings = set()
        for _ in range(8):
            visitor.page.keyboard.press("Tab")
            rings.add(visitor.focus.evaluate("one => getComputedStyle(one).outline"))

        assert rings == {"rgb(0, 0, 0) solid 3px"}

    @pytest.mark.parametrize("key", ["Control", "Shift"])
    def test_the_link_opens_a_page_beside_if_that_is_wanted(self, visitor, key):
        """
        With the keys for it the settings are a page of their own, as with any link.
        """
        visitor.go()
        with visitor.context.expect_page() as opened:
            visitor.footer_link.click(modifiers=[key])

        expect(opened.value.get_by_role("heading", level=1)).to_have_text(GERMAN["settings.title"])
        expect(visitor.dialog).to_have_count(0)

    def test_if_the_dialog_cannot_be_had_the_page_opens(self, visitor):
        """
        The link works like any link when its script does not arrive (WD-01).
        """
        visitor.page.route("**/settings.js*", lambda route: route.abort())
        visitor.go()
        visitor.footer_link.click()
        visitor.page.wait_for_url(re.compile("/consent/settings"))

        expect(visitor.page.get_by_role("heading", level=1)).to_have_text(GERMAN["settings.title"])


class TestSaving:
    @pytest.mark.parametrize(
        "chosen",
        [
            pytest.param(set(), id="nothing"),
            pytest.param({"matomo"}, id="one", marks=pytest.mark.thorough),
            pytest.param({"youtube", "openstreetmap"}, id="two"),
            pytest.param(SERVICES, id="everything", marks=pytest.mark.thorough),
        ],
    )
    def test_what_is_ticked_is_stored_and_shown_again(self, site, visitor, chosen):
        """
        "Save" stores exactly the ticked services; opened again, the settings show the same
        (SL-01, SL-02, SL-06, SL-11).
        """
        visitor.go()
        visitor.open_settings()
        for service in chosen:
            visitor.dialog.locator(f"input[value={service}]").check()
        visitor.dialog.locator("button[value=save]").click()
        expect(visitor.dialog).to_have_count(0)
        expect(visitor.banner).to_have_count(0)
        visitor.open_settings()
        at_once = ticked(visitor.dialog)
        visitor.go("/andere")
        visitor.open_settings()

        assert at_once == ticked(visitor.dialog) == chosen
        assert [set(event["granted"]) for event in site.events()] == [chosen]

    def test_a_purpose_can_be_allowed_as_a_whole(self, site, visitor):
        """
        The box of a purpose ticks all its services and no other, shows when only some are
        ticked and what is stored, and is reached and pressed by keyboard as well (SL-01, AX-12).
        """
        visitor.go()
        visitor.open_settings()
        (legend,) = visitor.dialog.locator("legend:has([data-consent-all])").all()
        whole = legend.get_by_role("checkbox")
        shown = [whole.evaluate(SHOWN)]
        whole.press("Space")
        all_of_it = ticked(visitor.dialog)
        visitor.dialog.locator("input[value=youtube]").uncheck()
        shown.append(whole.evaluate(SHOWN))
        whole.check()
        visitor.dialog.locator("button[value=save]").click()
        expect(visitor.dialog).to_have_count(0)
        visitor.open_settings()
        visitor.until("() => !document.querySelector('[data-consent-all]').hidden")
        shown.append(whole.evaluate(SHOWN))

        assert all_of_it == {"youtube", "openstreetmap"}
        assert shown == [[False, False], [False, True], [True, False]]
        assert [event["granted"] for event in site.events()] == [["openstreetmap", "youtube"]]
        assert [event["purposes"]["media"] for event in site.events()] == ["granted"]

    def test_a_purpose_allows_no_other_with_it(self, tmp_path, third, make_visitor):
        """
        A service that serves another purpose as well is not ticked by the box of one of them: it is
        allowed for both or not at all (SL-01, GA-16).
        """
        both = '[services.vimeo]\npurposes = ["media", "statistics"]\n'
        site = Site(tmp_path, f"{POLICY}\n{both}")
        with site.running():
            visitor = Visitor(make_visitor().context, site, third)
            visitor.go()
            visitor.open_settings()
            whole = visitor.dialog.locator("legend:has([data-consent-all])").get_by_role("checkbox")
            whole.check()
            one = ticked(visitor.dialog)
            visitor.dialog.locator("input[value=vimeo]").check()
            stays = whole.is_checked()
            visitor.dialog.locator("input[value=vimeo]").uncheck()
            visitor.dialog.locator("button[value=save]").click()
            expect(visitor.dialog).to_have_count(0)

        assert one == {"youtube", "openstreetmap"}
        assert stays
        assert [event["purposes"] for event in site.events()] == [
            {"media": "partial", "statistics": "refused"}
        ]

    def test_a_box_for_a_whole_purpose_needs_the_script(self, plain_visitor):
        """
        Without JavaScript no box is shown that would do nothing (SL-06).
        """
        plain_visitor.go("/consent/settings")

        expect(plain_visitor.page.locator("[data-consent-all]")).to_be_hidden()
        expect(plain_visitor.page.locator("[name=service]")).to_have_count(3)

    def test_only_what_is_ticked_starts(self, visitor):
        """
        With the video alone granted, the statistics stay off (SL-02).
        """
        visitor.go()
        visitor.open_settings()
        visitor.dialog.locator("input[value=youtube]").check()
        visitor.dialog.locator("button[value=save]").click()
        expect(visitor.page.frame_locator("iframe").locator("p")).to_have_text("film")

        assert visitor.arrived() == ["film"]

    def test_the_answer_is_announced(self, visitor):
        """
        Screen readers hear that it is saved, and the focus is where it was before (AX-16,
        AX-30).
        """
        visitor.go()
        visitor.decide("reject")
        visitor.open_settings()
        visitor.dialog.locator("input[value=youtube]").check()
        visitor.dialog.locator("button[value=save]").click()

        expect(visitor.page.get_by_role("status")).to_have_text(GERMAN["status.saved"])
        expect(visitor.footer_link).to_be_focused()

    def test_a_choice_that_cannot_be_saved(self, site, visitor):
        """
        The dialog stays, says so, and keeps what was ticked (AX-27).
        """
        visitor.page.route("**/choice", lambda route: route.abort("connectionrefused"))
        visitor.go()
        visitor.open_settings()
        visitor.dialog.locator("input[value=youtube]").check()
        visitor.dialog.locator("button[value=save]").click()

        alert = visitor.dialog.get_by_role("alert")
        expect(alert).to_have_text(GERMAN["error.network"])
        expect(alert).to_be_in_viewport(ratio=1)
        assert ticked(visitor.dialog) == {"youtube"}
        assert site.events() == []

    @pytest.mark.chromium("Firefox fills in nothing where a page may not be stored")
    def test_the_page_shows_what_is_stored_after_going_back_or_again(self, site, visitor):
        """
        Browsers fill in again what somebody ticked: not here, where it was not saved (SL-11).
        """
        visitor.go()
        visitor.go("/consent/settings")
        page = visitor.page.locator("form[data-consent-layer=settings]")
        page.locator("input[value=matomo]").check()
        visitor.page.reload()

        assert ticked(page) == set()

        page.locator("input[value=youtube]").check()
        page.locator("button[value=reject]").click()
        visitor.page.wait_for_url(site.url + "/")
        visitor.page.go_back()

        assert ticked(page) == set()

    @pytest.mark.chromium("it reads the document, which is the same in every engine")
    def test_ticking_changes_nothing_until_saved(self, site, visitor):
        """
        A box is only a box: the page stays as it is until "save" (AX-24).
        """
        visitor.go()
        visitor.open_settings()
        visitor.dialog.locator("input[value=youtube]").check()

        assert visitor.arrived() == []
        assert site.events() == []

    def test_without_javascript(self, site, third, plain_visitor):
        """
        The settings are a page with the same form; saving leads back (WD-09, FL-24).
        """
        plain_visitor.go("/andere?1")
        plain_visitor.footer_link.click()
        page = plain_visitor.page
        first = ticked(page.locator("main"))
        page.locator("input[value=youtube]").check()
        page.locator("button[value=save]").click()
        page.wait_for_url("**/andere?1")
        plain_visitor.go()

        assert first == set()
        assert plain_visitor.arrived() == ["film"]
        assert [event["granted"] for event in site.events()] == [["youtube"]]
