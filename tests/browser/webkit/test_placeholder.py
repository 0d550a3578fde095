"""What stands in the place of a video or a map, in WebKitGTK."""

from __future__ import annotations

import pytest
from selenium.webdriver.common.keys import Keys

from consent.policy.wording import texts
from tests.browser.test_activation import gate
from tests.browser.test_placeholder import embeds
from tests.browser.test_size import (
    DRAWN,
    EMBEDS,
    PLACES,
    POSTER,
    assert_before_a_poster,
    embed,
    with_poster,
)
from tests.browser.test_vectors import stored
from tests.browser.visitor import HALVE
from tests.browser.webkit.test_webkit import shows

pytestmark = [pytest.mark.browser, pytest.mark.every_engine]

LISTEN = """void (window.heard = [],
  document.addEventListener("consent:change", ({ detail }) => heard.push(detail)))"""


def test_once_loads_one_and_is_remembered_by_nobody(site, third, visitor):
    """
    "Once" loads this one video and neither the next one nor the map, sets no cookie, and is an
    event of its own, on the page and in the record; the next view shows the placeholder again
    (GA-03, GA-04). The focus goes to the answer (AX-16).
    """
    site.page(embeds(third))
    visitor.go()
    visitor.ask(LISTEN)
    visitor.ask("document.querySelector('#film button[value=once]').focus()")
    visitor.press(Keys.ENTER)
    shows(visitor, "film")
    third.wait_for(["film"])
    arrived, cookies, heard = visitor.arrived(), visitor.cookies(), visitor.ask("heard")
    focus = visitor.ask("document.activeElement.getAttribute('role')")
    here = visitor.count("[data-consent-placeholder]")
    third.forget()
    visitor.go()
    again, asked = visitor.arrived(), visitor.is_asked
    there = visitor.count("[data-consent-placeholder]")

    assert (arrived, cookies, here) == (["film"], {}, 2)
    assert (heard, focus) == ([{"granted": ["youtube"]}], "status")
    assert (again, asked, there) == ([], True, 3)
    assert [(event["kind"], event["layer"], event["granted"]) for event in site.events()] == [
        ("once", "placeholder", ["youtube"])
    ]


def test_banner_and_placeholders_appear_when_they_are_whole(site, visitor):
    """
    What the browser has read half way is not shown: neither grows while a page loads.
    """
    sizes = ("", 'width="560" height="315"')
    frames = (f'<iframe title="Film" src="/film" {size}></iframe>' for size in sizes)
    site.page("".join(gate(frame, "youtube") for frame in frames))
    visitor.go()
    shown = visitor.ask(
        f"[...document.querySelectorAll('#consent, [data-consent-placeholder]')].map({HALVE})"
    )

    assert shown == [[True, False]] * 3


def test_plain_links_lead_to_the_content_where_it_is(site, third, visitor):
    """
    In the place of an embed that an editor has pasted stands a link to it that names the provider,
    also where nobody has declared it; it is followed without a decision, and nobody hears of the
    visitor before (GA-03).
    """
    map = third.frame("map").replace("localhost", "karte.localhost")
    film = "https://www.youtube.com/embed/x"
    frames = [f'<iframe src="{address}"></iframe>' for address in (film, map)]
    site.page(stored("".join(frames)))
    visitor.go()
    links = visitor.ask(
        "[...document.querySelectorAll('a[rel=noopener]')].map((a) => [a.href, a.textContent])"
    )
    before = visitor.arrived()
    visitor.click(f'a[href="{map}"]')
    visitor.until("location.href === arguments[0]", map)

    host = map.split("/")[2]
    says = texts("de")["placeholder.direct"].format
    assert links == [[film, says(provider="YouTube")], [map, says(provider=host)]]
    assert before == []
    assert third.arrived[:1] == ["map"]
    assert site.events() == []


def test_always_holds_from_now_on(site, third, visitor):
    """
    "Always" loads the video now and on the next view, and the banner asks on for the
    rest (GA-03, GA-04).
    """
    visitor.go()
    visitor.click("[data-consent-placeholder=youtube] button[value=allow]")
    shows(visitor, "film")
    now = visitor.arrived()
    third.forget()
    visitor.go()
    shows(visitor, "film")

    assert now == visitor.arrived() == ["film"]
    assert visitor.is_asked
    assert [event["granted"] for event in site.events()] == [["youtube"]]


def test_nothing_moves_when_the_content_comes(site, third, visitor):
    """
    A placeholder has the size of its embed, to the pixel, whatever way the size is said. A picture
    of the site fills it, and what stands before that can be read and pressed (GA-03).
    """
    site.page(with_poster(third) + "".join(embed(third, more) for more in EMBEDS.values()))
    visitor.go()
    visitor.ask("document.querySelector('.cst-poster').scrollIntoView()")
    visitor.until(DRAWN)
    before, poster = visitor.ask(PLACES), visitor.ask(POSTER)
    for number in range(len(EMBEDS) + 1):
        once = visitor.find("[data-consent-placeholder=youtube] button[value=once]")
        visitor.ask("arguments[0].click()", once)
        visitor.until("document.querySelectorAll('iframe').length > arguments[0]", number)

    assert visitor.ask(PLACES) == before
    assert_before_a_poster(*poster)
