"""Placeholders and what comes in their place: nothing else on the page moves."""

from __future__ import annotations

import re
from pathlib import Path

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


def documented_size() -> str:
    """Return the rule by which a site's style sheet gives embeds their size."""
    text = (Path(__file__).parents[2] / "docs" / "gate.md").read_text(encoding="utf-8")
    return re.search(r"^\.film .*$", text, re.MULTILINE).group()


def test_a_style_sheet_says_the_size_for_both(site, third, visitor):
    """
    Where a site's style sheet gives an embed another size than its attributes, the rule of the docs
    gives the placeholder the same, wherever our own style sheet stands; nothing moves.
    """
    film = embed(third, 'width="560" height="315" style="border: 0"').replace(
        "<p id", "</div><p id"
    )
    site.page(f'<style>{documented_size()}</style><div class="film" style="width: 700px">{film}')
    visitor.go()
    place = visitor.placeholder("youtube").bounding_box()
    before = visitor.page.evaluate(PLACES)
    visitor.placeholder("youtube").locator("button[value=once]").click()
    expect(visitor.page.frame_locator("iframe").locator("p")).to_have_text("film")
    frame = visitor.page.locator("iframe").bounding_box()

    assert (round(place["width"]), round(place["height"])) == (700, 394)
    assert all(abs(frame[side] - place[side]) < 0.5 for side in ("width", "height"))
    assert visitor.page.evaluate(PLACES) == before


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


#: What keeps a text from being read where it stands: it begins above its box, or is no text.
OUT_OF_REACH = """[...document.querySelectorAll("[data-consent-placeholder]")].filter((place) => {
  place.scrollTop = 0;
  const text = place.querySelector("p");
  return text.getBoundingClientRect().top < place.getBoundingClientRect().top ||
    parseFloat(getComputedStyle(text).fontSize) < 13;
}).length"""

#: Where embeds stand, round one without a size and one with it.
BOXES = {
    "columns": '<div style="display: grid; grid-template-columns: repeat(3, 1fr)">{}{}{}</div>',
    "no letters": '<div style="font-size: 0; line-height: 0">{}{}{}</div>',
    "one line": '<table style="white-space: nowrap"><tr><td>{}<tr><td>{}<tr><td>{}</table>',
    "ratio": "<style>.ratio {{ position: relative; width: 280px; aspect-ratio: 16 / 9 }}"
    " .ratio > * {{ position: absolute; inset: 0; width: 100%; height: 100% }}</style>"
    '<div class="ratio">{}</div><div class="ratio">{}</div><div class="ratio">{}</div>',
}


@pytest.mark.parametrize("box", BOXES.values(), ids=BOXES)
def test_the_text_can_be_read_wherever_a_site_puts_an_embed(site, third, visitor, box):
    """
    In narrow columns, without letters around it, in one line or in a box of fixed height the text
    is there from its first word, and the page no wider than the window (AX-08).
    """
    film = f'src="{third.frame("film")}"'
    over = 'style="position: absolute; inset: 0; width: 100%; height: 100%"'
    sizes = ["", 'width="560" height="315"', over if "ratio" in box else 'width="100"']
    gate = '{{% gate "youtube" %}}<iframe title="Film" {} {}></iframe>{{% endgate %}}'
    site.page(box.format(*(gate.format(film, size) for size in sizes)))
    visitor.page.set_viewport_size({"width": 320, "height": 600})
    visitor.go()

    assert visitor.page.locator("[data-consent-placeholder]").count() == 3
    assert visitor.page.evaluate(OUT_OF_REACH) == 0
    assert visitor.page.evaluate("document.documentElement.scrollWidth") <= 320


def test_a_small_embed_leaves_its_text_wider_than_a_word(site, third, visitor):
    """
    What stands for a picture of 100 pixels is as wide as its text can be read, if there is room,
    and not as high as two windows.
    """
    site.page(embed(third, 'width="100" height="100"'))
    visitor.go()
    box = visitor.placeholder("youtube").bounding_box()

    assert 200 <= box["width"] <= 240
    assert box["height"] < 700


#: The rules of docs/gate.md for placeholders in boxes that a style sheet gives their size.
PAGE = (Path(__file__).parents[2] / "docs/gate.md").read_text(encoding="utf-8")
RULES = "".join(re.findall(r"(?ms)^```css\n(.*?)^```$", PAGE))


def test_in_a_box_made_of_padding_it_can_be_seen_and_scrolled(site, third, visitor):
    """
    With the rule of the documentation a placeholder lies over the box as its frame will (GA-03).
    """
    gate = embed(third, 'width="560" height="315"').partition("<p")[0]
    box = "position: relative; width: 280px; height: 0; padding-top: 160px; overflow: hidden"
    site.page(f'<style>{RULES}</style><div class="box" style="{box}">{gate}</div>')
    visitor.go()
    place = visitor.placeholder("youtube")
    outer, inner = visitor.page.locator(".box").bounding_box(), place.bounding_box()
    place.locator("a").last.scroll_into_view_if_needed()

    assert inner == outer
    expect(place.locator("a").last).to_be_in_viewport(ratio=1)


def with_poster(third) -> str:
    """A film before whose placeholder there is a picture of the site."""
    return embed(third, EMBEDS["pixels"]).replace('"youtube"', '"youtube", poster="/bild.svg"')


#: Whether that picture is there.
DRAWN = "document.querySelector('.cst-poster').naturalWidth > 0"

#: How large placeholder and picture are, and the grounds of what is to be read and pressed.
POSTER = """((place) => [
  [place, place.querySelector(".cst-poster")].map((one) => {
    const { width, height } = one.getBoundingClientRect();
    return [width, height].map(Math.round);
  }),
  [...place.querySelectorAll(":scope > p, :scope > form, :scope > .cst-links")]
    .map((one) => getComputedStyle(one).backgroundColor),
])(document.querySelector("[data-consent-placeholder]"))"""


def assert_before_a_poster(sizes: list[list[int]], grounds: list[str]) -> None:
    """See that a picture fills its place, and what stands before it can be read."""
    assert sizes == [[564, 319]] * 2
    assert len(grounds) == 3
    assert not {"transparent", "rgba(0, 0, 0, 0)"} & set(grounds)


def test_the_poster_fills_the_place_and_the_text_stands_before_it(site, third, visitor):
    """
    A picture of the site is as large as the placeholder; what is to be read has its own ground,
    and both ways to load are what a click meets (GA-03).
    """
    site.page(with_poster(third))
    visitor.go()
    visitor.page.locator(".cst-poster").scroll_into_view_if_needed()
    visitor.until(DRAWN)
    before = visitor.page.evaluate(POSTER)
    visitor.placeholder("youtube").locator("button[value=once]").click()
    expect(visitor.page.frame_locator("iframe").locator("p")).to_have_text("film")

    assert_before_a_poster(*before)
