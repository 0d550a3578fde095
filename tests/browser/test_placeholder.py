"""What stands in the place of a video or a map."""

from __future__ import annotations

from collections import Counter

import pytest
from playwright.sync_api import expect

from consent.policy.wording import texts
from tests.browser.visitor import HALVE

pytestmark = [pytest.mark.browser, pytest.mark.sampled]

GERMAN = texts("de")

#: The words of all buttons in an element, and on how many lines each of them stands.
WORDS = r"""
  (place) => [...place.querySelectorAll("button")].flatMap(({ firstChild: text }) =>
    [...text.data.matchAll(/\S+/g)].map(({ 0: word, index }) => {
      const range = new Range();
      range.setStart(text, index);
      range.setEnd(text, index + word.length);
      return [word, range.getClientRects().length];
    }),
  )
"""


def embeds(third) -> str:
    """Two videos and a map."""
    return "".join(
        f'<div id="{name}">{{% gate "{service}" %}}'
        f'<iframe title="{name}" src="{third.frame(name)}"></iframe>{{% endgate %}}</div>'
        for name, service in (
            ("film", "youtube"),
            ("trailer", "youtube"),
            ("map", "openstreetmap"),
        )
    )


@pytest.fixture(autouse=True)
def page_with_embeds(site, third):
    """A page with all of them."""
    site.page(embeds(third))


def loaded(visitor, name: str) -> None:
    """Wait until the embed *name* shows its content."""
    expect(visitor.page.frame_locator(f"#{name} iframe").locator("p")).to_have_text(name)


def button(visitor, name: str, decision: str):
    """A button in the place of the embed *name*."""
    return visitor.page.locator(f"#{name} button[value={decision}]")


class TestBeforeADecision:
    @pytest.mark.chromium("it reads the document, which is the same in every engine")
    @pytest.mark.parametrize("javascript", [True, False], ids=["script", "no script"])
    def test_it_says_who_would_get_what(self, make_visitor, third, javascript):
        """
        In the place of each embed stands who provides it and from which country, and there
        is no frame; nothing is asked of the provider (GA-03).
        """
        visitor = make_visitor(java_script_enabled=javascript)
        visitor.go()
        said = visitor.placeholder("openstreetmap").inner_text()

        assert "OpenStreetMap Foundation (Vereinigtes Königreich)" in said
        assert visitor.placeholder("youtube").count() == 2
        assert visitor.page.locator("iframe").count() == 0
        assert visitor.arrived() == []

    @pytest.mark.parametrize("size", ["", 'width="560" height="315"'], ids=["any size", "sized"])
    def test_it_appears_when_it_is_whole(self, site, visitor, size):
        """
        What the browser has read half way is not shown: nothing in it moves while a page loads.
        """
        frame = f'<iframe title="Film" src="/film" {size}></iframe>'
        site.page(f'{{% gate "youtube" %}}{frame}{{% endgate %}}')
        visitor.go()
        shown = visitor.placeholder("youtube").evaluate(HALVE)

        assert shown == [True, False]

    @pytest.mark.chromium("it reads the document, which is the same in every engine")
    def test_both_ways_to_load_can_be_reached(self, visitor):
        """
        "Once" and "always" are buttons of equal size that tell what they do (GA-03, AX-22,
        AX-29).
        """
        visitor.page.set_viewport_size({"width": 320, "height": 568})
        visitor.go()
        place = visitor.placeholder("openstreetmap")
        names = [GERMAN["placeholder.once"], "OpenStreetMap immer laden"]
        boxes = [place.get_by_role("button", name=name).bounding_box() for name in names]

        assert abs(boxes[0]["width"] - boxes[1]["width"]) <= 1
        assert min(box["height"] for box in boxes) >= 44
        assert visitor.page.evaluate("document.documentElement.scrollWidth") <= 320

    @pytest.mark.chromium("every engine breaks words that find no room")
    @pytest.mark.parametrize("width", [320, 360, 390, 412])
    def test_no_name_is_torn_apart(self, visitor, width):
        """
        The words of both buttons, "OpenStreetMap" too, stay in one piece on telephones.
        """
        visitor.page.set_viewport_size({"width": width, "height": 800})
        visitor.go()
        words = visitor.placeholder("openstreetmap").evaluate(WORDS)

        assert "OpenStreetMap" in dict(words)
        assert [word for word, lines in words if lines != 1] == []


class TestOnce:
    @pytest.mark.every_engine
    @pytest.mark.parametrize("decision", ["reject", "allow"])
    def test_both_ways_are_there_on_each_page_after_a_decision(self, visitor, decision):
        """
        Whoever refused, or allowed another service, is offered "once" and "always" on later pages
        as on the first one.
        """
        visitor.go()
        if decision == "reject":
            visitor.decide("reject")
        else:
            button(visitor, "map", "allow").click()
            loaded(visitor, "map")
        visitor.go()

        for way in ("once", "allow"):
            expect(button(visitor, "film", way)).to_be_visible()
        button(visitor, "film", "once").click()
        loaded(visitor, "film")

    def test_only_this_one_is_loaded_and_nothing_remembered(self, site, visitor):
        """
        One embed loads, the other of the same service and the map stay off, no cookie is
        set, the banner still asks, and the record and programs are told what it was (GA-03, GA-04).
        """
        visitor.go()
        button(visitor, "film", "once").click()
        loaded(visitor, "film")

        assert visitor.arrived() == ["film"]
        assert visitor.context.cookies() == []
        expect(visitor.banner).to_be_visible()
        expect(visitor.placeholder("youtube")).to_have_count(1)
        assert [(e["kind"], e["layer"], e["granted"]) for e in site.events()] == [
            ("once", "placeholder", ["youtube"])
        ]
        told = visitor.page.evaluate("seen.at(-1)")
        assert told == ["consent:change", {"granted": ["youtube"]}]

    def test_what_stands_behind_it_in_an_article_is_not_loaded(self, site, third, visitor):
        """
        Of a film and the script of another service right behind it in stored HTML only the film is
        loaded, with all of its parts, whatever else was allowed before (GA-03).
        """
        film = '<iframe src="https://www.youtube.com/embed/{}"></iframe>'
        parts = f'{film.format(1)}{film.format(2)}<script src="{third.script("count")}"></script>'
        map_ = '<div id="map">{% gate "openstreetmap" %}Karte <br>{% endgate %}</div>'
        site.page(f"{{{{ '{parts}' | gated }}}}{map_}")
        visitor.page.route(
            "https://*.youtube-nocookie.com/**", lambda route: route.fulfill(body="")
        )
        visitor.go()
        button(visitor, "map", "allow").click()
        expect(visitor.placeholder("openstreetmap")).to_have_count(0)
        visitor.placeholder("youtube").locator("button[value=once]").click()

        expect(visitor.page.locator("iframe")).to_have_count(2)
        expect(visitor.placeholder("youtube")).to_have_count(0)
        assert visitor.ran() == visitor.arrived() == []

    def test_it_is_off_again_on_the_next_view(self, third, visitor):
        """
        Loading the page again shows the placeholder again.
        """
        visitor.go()
        button(visitor, "film", "once").click()
        loaded(visitor, "film")
        third.forget()
        visitor.page.reload()

        expect(visitor.placeholder("youtube")).to_have_count(2)
        assert visitor.arrived() == []

    @pytest.mark.parametrize("decision", ["reject", "accept"])
    def test_a_refusal_ends_it_and_a_consent_does_not(self, visitor, decision):
        """
        Who refuses everything afterwards has refused what is running, too: it stops, and its
        placeholder is back. Where it is allowed for good it goes on (WD-04).
        """
        visitor.go()
        button(visitor, "film", "once").click()
        loaded(visitor, "film")
        visitor.page.evaluate("window.stays = true")
        visitor.decide(decision)

        is_refused = decision == "reject"
        expect(visitor.placeholder("youtube")).to_have_count(2 if is_refused else 0)
        assert visitor.page.evaluate("window.stays") is (None if is_refused else True)

    def test_the_focus_is_not_lost(self, visitor):
        """
        The button that had the focus is gone; the answer has it instead (AX-16).
        """
        visitor.go()
        button(visitor, "film", "once").focus()
        visitor.page.keyboard.press("Enter")
        loaded(visitor, "film")

        assert visitor.page.evaluate("document.activeElement !== document.body")

    @pytest.mark.chromium("it reads the document, which is the same in every engine")
    @pytest.mark.parametrize("is_asked", [True, False], ids=["undecided", "decided"])
    def test_nor_is_it_where_the_settings_were_opened_from_one(self, visitor, is_asked):
        """
        Who opens the settings from a placeholder and allows its service there goes on with what
        came in its place, not at the start or the end of the page (AX-16).
        """
        visitor.go()
        if not is_asked:
            visitor.decide("reject")
        visitor.page.locator("#trailer [data-consent-open]").press("Enter")
        visitor.dialog.locator("input[value=youtube]").check()
        visitor.dialog.locator("button[value=save]").press("Enter")
        trailer = visitor.page.locator("#trailer iframe")
        expect(trailer).to_be_visible()

        expect(visitor.focus).to_have_text(GERMAN["status.saved"])
        visitor.page.keyboard.press("Tab")
        expect(trailer).to_be_focused()

    def test_without_javascript_only_always_is_offered(self, plain_visitor):
        """
        A button that could not work is not shown.
        """
        plain_visitor.go()

        expect(button(plain_visitor, "film", "once")).to_be_hidden()
        expect(button(plain_visitor, "film", "allow")).to_be_visible()


class TestAlways:
    def test_the_service_is_on_from_now_on(self, site, third, visitor):
        """
        Both videos load at once and on the next view, the map does not, and the banner
        goes on asking for the rest (GA-03, GA-04).
        """
        visitor.go()
        button(visitor, "trailer", "allow").click()
        loaded(visitor, "film")
        loaded(visitor, "trailer")
        now = visitor.arrived()
        third.forget()
        visitor.go()
        loaded(visitor, "film")
        loaded(visitor, "trailer")

        assert Counter(now) == Counter(visitor.arrived()) == {"film": 1, "trailer": 1}
        expect(visitor.placeholder("openstreetmap")).to_be_visible()
        expect(visitor.banner).to_be_visible()
        assert [(e["kind"], e["granted"]) for e in site.events()] == [("grant", ["youtube"])]

    def test_without_javascript(self, third, plain_visitor):
        """
        The same with a plain form (FL-24).
        """
        plain_visitor.go()
        button(plain_visitor, "map", "allow").click()
        expect(plain_visitor.page.locator("#map iframe")).to_be_visible()

        assert plain_visitor.arrived() == ["map"]


@pytest.mark.chromium("style sheets")
def test_it_can_be_read_in_an_article_made_for_white_pages(site, make_visitor):
    """
    What a site says about letters of its articles does not colour ours, whose ground is dark
    for those who like it so (AX-06).
    """
    gate = '{% gate "youtube" %}<iframe title="Film" src="/film"></iframe>{% endgate %}'
    rule = ".article p, .article a { background: #fff; color: #333 }"
    site.page(f'<style>{rule}</style><div class="article">{gate}</div>')
    visitor = make_visitor(color_scheme="dark")
    visitor.go()
    place = visitor.placeholder("youtube")
    colours = "one => [getComputedStyle(one).color, getComputedStyle(one).backgroundColor]"
    ink = place.evaluate(colours)[0]

    for part in place.locator("p, a").all():
        assert part.evaluate(colours) == [ink, "rgba(0, 0, 0, 0)"]


class TestFailing:
    @pytest.mark.parametrize("decision", ["once", "allow"])
    def test_what_cannot_be_recorded_is_not_loaded(self, site, visitor, decision):
        """
        A text in the place of the embed says so; nothing starts (AX-27, EV-01).
        """
        visitor.page.route("**/choice", lambda route: route.abort("connectionrefused"))
        visitor.go()
        button(visitor, "film", decision).click()

        expect(visitor.page.locator("#film").get_by_role("alert")).to_have_text(
            GERMAN["error.network"]
        )
        assert visitor.arrived() == []
        assert site.events() == []
