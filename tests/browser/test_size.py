"""Placeholders and what comes in their place: nothing else on the page moves."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

pytestmark = [pytest.mark.browser, pytest.mark.sampled]

#: An embed of each kind of size; the last lies over a box that has the size, as Vimeo's do.
EMBEDS = {
    "pixels": 'width="560" height="315"',
    "whole width": 'width="100%" height="400"',
    "style": 'style="width: 100%; height: 380px; border: 0"',
    "ratio": 'style="aspect-ratio: 16 / 9; width: 640px; border: 0"',
    "box": 'style="position: absolute; top: 0; left: 0; width: 100%; height: 100%"',
}

#: Where everything behind the embed stands, and how high the page is.
PLACES = """[document.documentElement.scrollHeight, ...[...document.querySelectorAll(
  "#behind, footer")].map((one) => Math.round(one.getBoundingClientRect().top + scrollY))]"""


def embed(third, more: str) -> str:
    frame = f'<iframe title="Film" src="{third.frame("film")}" {more}></iframe>'
    gated = f'{{% gate "youtube" %}}{frame}{{% endgate %}}'
    if "absolute" in more:
        gated = f'<div style="padding: 40% 0 0 0; position: relative">{gated}</div>'
    return f'{gated}<p id="behind">Dahinter</p>'


@pytest.mark.parametrize("more", EMBEDS.values(), ids=EMBEDS)
def test_nothing_moves_when_the_content_comes(site, third, visitor, more):
    """
    What stands behind an embed stands where it stood before it was loaded, to the pixel, and the
    browser counts no shift of the layout (CLS 0), whatever way the size is said.
    """
    site.page(embed(third, more))
    visitor.go()
    before = visitor.page.evaluate(PLACES)
    visitor.page.evaluate("shifts.length = 0")
    visitor.placeholder("youtube").locator("button[value=once]").click()
    expect(visitor.page.frame_locator("iframe").locator("p")).to_have_text("film")

    assert visitor.page.evaluate(PLACES) == before
    assert visitor.page.evaluate("shifts") == []


@pytest.mark.chromium("it alone counts shifts; the test above looks at places")
def test_a_shift_would_be_counted(site, third, visitor):
    """
    An embed that does not say how large it is moves the rest, and that is seen.
    """
    site.page(embed(third, ""))
    visitor.go()
    visitor.page.evaluate("shifts.length = 0")
    visitor.placeholder("youtube").locator("button[value=once]").click()
    visitor.until("shifts.length > 0")

    assert visitor.page.evaluate("shifts")[0] > 0


@pytest.mark.parametrize("width", [320, 1280])
def test_the_text_can_be_read_and_pressed_in_every_size(site, third, visitor, width):
    """
    On a narrow screen the placeholder grows with its text rather than cut it off, and is never
    wider than the page; no other origin is asked for its style or its poster (AX-22).
    """
    site.page(
        embed(third, 'width="560" height="100"').replace('"youtube"', '"youtube", poster="/p"')
    )
    visitor.page.set_viewport_size({"width": width, "height": 600})
    visitor.go()
    place = visitor.placeholder("youtube")
    outer = place.bounding_box()

    for inner in place.locator("p, button, a").all():
        box = inner.bounding_box()
        assert box["x"] >= outer["x"]
        assert box["x"] + box["width"] <= outer["x"] + outer["width"] + 0.5
        assert box["y"] >= outer["y"]
        assert box["y"] + box["height"] <= outer["y"] + outer["height"] + 0.5
    assert visitor.page.evaluate("document.documentElement.scrollWidth") <= width
    assert visitor.arrived() == []


def test_the_poster_fills_the_place_and_the_text_stands_before_it(site, third, visitor):
    """
    A picture of the site is as large as the placeholder; what is to be read has its own ground,
    and both ways to load are what a click meets (GA-03).
    """
    picture = (
        '<svg xmlns="http://www.w3.org/2000/svg" width="900" height="300"><rect width="900"'
        ' height="300"/></svg>'
    )
    visitor.page.route(
        "**/bild.svg", lambda route: route.fulfill(body=picture, content_type="image/svg+xml")
    )
    markup = embed(third, EMBEDS["pixels"])
    site.page(markup.replace('"youtube"', '"youtube", poster="/bild.svg"'))
    visitor.go()
    place, poster = visitor.placeholder("youtube"), visitor.page.locator(".cst-poster")
    poster.scroll_into_view_if_needed()
    visitor.until("document.querySelector('.cst-poster').naturalWidth === 900")
    boxes = [one.bounding_box() for one in (place, poster)]
    sizes = [{name: round(length) for name, length in box.items()} for box in boxes]
    grounds = place.locator(":scope > p, :scope > form").evaluate_all(
        "(all) => all.map((one) => getComputedStyle(one).backgroundColor)"
    )
    place.locator("button[value=once]").click()
    expect(visitor.page.frame_locator("iframe").locator("p")).to_have_text("film")

    assert sizes[0] == sizes[1]
    assert (sizes[0]["width"], sizes[0]["height"]) == (564, 319)
    assert all(ground not in ("transparent", "rgba(0, 0, 0, 0)") for ground in grounds)
