"""The gallery of the demo shows everything and decides nothing."""

from __future__ import annotations

import re
from html import unescape
from io import BytesIO
from itertools import cycle, product
from pathlib import Path

import pytest
from PIL import Image

from examples.association import create_app, gallery
from examples.association.gallery.selection import SHOWN, everything
from examples.association.gallery.view import (
    FIRST,
    LANGUAGES,
    LAYERS,
    PLACEMENTS,
    ROOT,
    THEMES,
    WIDTHS,
    View,
    choices,
)

DOCS = Path(__file__).parents[2] / "docs"

#: Largest picture in the documentation, in bytes.
LARGEST = 60_000

#: What a page must have to show a layer.
MARKS = {
    "banner": 'id="consent"',
    "paused": 'name="about"',
    "dialog": "gallery/static/open.js",
    "settings": 'data-consent-layer="settings"',
    "granted": 'value="withdraw"',
    "placeholder": "data-consent-placeholder",
    "receipt": "cst-records",
    "table": "cst-table",
}


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    """The demo with its gallery."""
    demo = create_app({"DATA": tmp_path_factory.mktemp("demo"), "TESTING": True})
    gallery.mount(demo)
    return demo


@pytest.fixture
def visitor(demo):
    return demo.test_client()


#: Every language at every place, each in a theme of its turn, and every theme at every place.
SHOWS = sorted(
    {
        *(
            (language, placement, theme)
            for (language, placement), theme in zip(
                product(LANGUAGES, PLACEMENTS), cycle(THEMES), strict=False
            )
        ),
        *(("de", placement, theme) for placement in PLACEMENTS for theme in THEMES),
    }
)

#: The languages that stand for the others: German in its kinds, and one of another alphabet.
STAND_FOR_ALL = {"de", "de-informal", "de-simple", "bg"}


def varied(cases):
    """Leave what only varies the language to a thorough run; a case begins with a language."""
    return [
        pytest.param(*case, marks=() if case[0] in STAND_FOR_ALL else pytest.mark.thorough)
        for case in cases
    ]


@pytest.mark.parametrize(("language", "placement", "theme"), varied(SHOWS))
def test_every_language_placement_and_theme_is_shown(visitor, language, placement, theme):
    """
    Every language and every theme can be looked at in every placement: the page is in that
    language, asks, is placed as the policy says and has the style sheet of the theme.
    """
    answer = visitor.get(View(language, placement, theme).path)
    start = re.search(r'<\w+[^>]* id="consent"[^>]*>', answer.text)[0]

    assert answer.status_code == 200
    assert f'<html lang="{LANGUAGES[language][0]}"' in answer.text
    assert f' lang="{LANGUAGES[language][0]}"' in start
    assert 'data-consent-layer="banner"' in start
    assert f"cst-{placement}" in start
    assert f"themes/{theme}.css" in answer.text


@pytest.mark.parametrize(("language", "layer"), varied(product(LANGUAGES, LAYERS)))
def test_every_layer_is_shown_in_every_language(visitor, language, layer):
    """
    Banner, settings, placeholder, receipt and table can be looked at in each language.
    """
    answer = visitor.get(View(language, layer=layer).path)

    assert answer.status_code == 200
    assert f'<html lang="{LANGUAGES[language][0]}"' in answer.text
    assert MARKS[layer] in answer.text
    assert ('id="consent"' in answer.text) == (layer in ("banner", "paused", "dialog"))


@pytest.mark.parametrize("theme", THEMES)
def test_every_theme_has_a_style_sheet(visitor, theme):
    """
    No theme is a name only.
    """
    with visitor.get(f"{ROOT}/static/themes/{theme}.css") as answer:
        assert answer.status_code == 200
        assert answer.mimetype == "text/css"


def test_the_form_says_what_is_shown(visitor):
    """
    What is chosen in the form is what the windows show; "all" means every value there is.
    """
    page = visitor.get(f"{ROOT}/?language=en&placement=corner&theme=dark&layer=receipt&width=").text
    windows = re.findall(r'<div class="window w(\d+)"><iframe src="([^"]+)"', page)
    selected = re.findall(r'<option value="([^"]+)" selected>', page)

    address = View("en", "corner", "dark", "receipt").path
    assert [(width, unescape(path)) for width, path in windows] == [(w, address) for w in WIDTHS]
    assert selected == ["en", "corner", "dark", "receipt"]


@pytest.mark.parametrize("query", ["", "language=xx&width=7", "theme=%00&layer=../../consent"])
def test_what_does_not_exist_is_as_good_as_not_chosen(visitor, query):
    """
    The gallery cannot be broken by what is typed into the address.
    """
    answer = visitor.get(f"{ROOT}/?{query}")

    assert answer.status_code == 200
    assert answer.text.count("<iframe") == len(WIDTHS)


@pytest.mark.parametrize(
    "path", ["xx/bar/green/", "de/top/green/", "de/bar/red/", "de/bar/green/x"]
)
def test_a_view_that_does_not_exist_is_not_found(visitor, path):
    """
    An address that names no view says so.
    """
    assert visitor.get(f"{ROOT}/{path}").status_code == 404


@pytest.mark.parametrize("decision", ["accept", "reject", "save", "withdraw"])
@pytest.mark.parametrize("accept", ["text/html", "application/json"])
def test_a_decision_in_the_gallery_changes_nothing(visitor, demo, decision, accept):
    """
    Whatever is pressed in the gallery, the demo records nothing, no cookie is set and the
    demo still asks.
    """
    view = View("de")
    page = visitor.get(view.path).text
    notice = re.search(r'name="notice" value="(\w+)"', page)[1]
    form = {"decision": decision, "layer": "banner", "next": "/", "notice": notice}

    answer = visitor.post(
        re.search(r'action="([^"]+)"', page)[1],
        data=form,
        headers={"Sec-Fetch-Site": "same-origin", "Accept": accept},
    )

    assert answer.status_code == 403
    assert "nichts gespeichert" in (answer.json["error"] if answer.is_json else answer.text)
    assert "Set-Cookie" not in answer.headers
    assert demo.extensions["consentry"].store.count() == 0
    assert 'id="consent"' in visitor.get("/").text


def test_looking_around_sets_no_cookie(visitor):
    """
    The gallery's own consent, which the receipt shows, reaches no browser.
    """
    answers = [visitor.get(View("de", layer=layer).path) for layer in LAYERS]

    assert [answer.headers.get("Set-Cookie") for answer in answers] == [None] * len(LAYERS)


def test_a_decision_in_the_demo_does_not_show_in_the_gallery(visitor):
    """
    Whoever has decided in the demo still sees in the gallery what others are asked.
    """
    notice = re.search(r'name="notice" value="(\w+)"', visitor.get("/").text)[1]
    form = {"decision": "reject", "layer": "banner", "next": "/", "notice": notice}
    visitor.post("/consent/choice", data=form, headers={"Sec-Fetch-Site": "same-origin"})

    assert 'id="consent"' not in visitor.get("/").text
    assert 'id="consent"' in visitor.get(View("de").path).text


def test_the_documentation_shows_the_pictures_that_are_taken():
    """
    ``make gallery`` takes the pictures of docs/gallery.md and no others; each is there, is
    as wide as the window was, and is small.
    """
    text = (DOCS / "gallery.md").read_text(encoding="utf-8")
    named = re.findall(r"!\[[^\]]+\]\(pictures/([\w-]+)\.png\)", text)
    sizes = {}
    for name in named:
        body = (DOCS / f"pictures/{name}.png").read_bytes()
        with Image.open(BytesIO(body)) as image:
            sizes[name] = (str(image.width), len(body) <= LARGEST)

    assert sorted(named) == sorted(SHOWN)
    assert {f"{name}.png" for name in named} == {f.name for f in (DOCS / "pictures").iterdir()}
    assert sizes == {name: (picture.view.width, True) for name, picture in SHOWN.items()}


def test_everything_is_everything():
    """
    With ``ALL=1`` no language, placement, theme or width is left out, and no two pictures
    have the same name.
    """
    pictures = list(everything({**dict.fromkeys(FIRST, ""), "layer": "banner"}))
    views = {picture.view for picture in pictures}
    offered = choices()

    assert len({picture.name for picture in pictures}) == len(pictures)
    assert len(views) == (
        len(offered["language"]) * len(PLACEMENTS) * len(THEMES) * len(offered["width"])
    )
