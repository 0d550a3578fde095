"""Placeholders that are as large as what they stand for, and have a picture."""

import logging
import re

import pytest
from flask import render_template_string
from jinja2 import TemplateSyntaxError
from markupsafe import Markup, escape

FILM = (
    '<iframe src="https://www.youtube.com/embed/x" width="560" height="315" frameborder="0"{}>'
    "</iframe>"
)


@pytest.fixture
def page(app, visitor):
    """Show a template to the visitor; keyword arguments are variables of it."""

    def show(template: str, **values) -> str:
        app.view_functions["home"] = lambda: render_template_string(template, **values)
        return visitor.get().text

    return show


def gate(options: str = "", markup: str = FILM.format("")) -> str:
    return f'{{{{ consent.head() }}}}{{% gate "youtube"{options} %}}{markup}{{% endgate %}}'


def drawn(text: str) -> list[str]:
    """What stands in placeholders for size and picture."""
    return re.findall(r'<(?:svg|img) class="cst-[^>]*>', text)


def test_a_placeholder_has_the_size_of_its_embed(page):
    """
    An empty drawing of that size stands in it, without a style that a policy could refuse.
    """
    text = page(gate())

    assert drawn(text) == ['<svg class="cst-frame" width="560" height="315" aria-hidden="true">']
    assert "style=" not in text


def test_one_that_fills_its_box_covers_it(page):
    """
    Where an embed lies over a box that has the size, as Bootstrap's ``ratio``, so does what stands
    for it.
    """
    style = ' style="position: absolute; width: 100%; height: 100%"'
    text = page(gate(markup=f'<iframe src="https://www.youtube.com/embed/x"{style}></iframe>'))

    assert drawn(text) == ['<svg class="cst-frame cst-cover" aria-hidden="true">']


def test_it_has_that_size_beside_an_older_markupsafe(page, monkeypatch):
    """
    What Jinja brings along for markup may be of any version, also one that escapes quotes.
    """
    cut, strip = str.__getitem__, str.strip
    monkeypatch.setattr(Markup, "__getitem__", lambda *at: Markup(cut(*at)))
    monkeypatch.setattr(Markup, "strip", lambda s, of=None: Markup(strip(s, of and escape(of))))

    text = page(gate(markup=FILM.format(" title='Sommerfest'")))

    assert drawn(text) == ['<svg class="cst-frame" width="560" height="315" aria-hidden="true">']
    assert 'href="https://www.youtube.com/embed/x"' in text


def test_the_style_for_it_comes_once_and_only_where_it_is_needed(page):
    """
    Pages without such a placeholder do not ask for it.
    """
    text = page(gate() * 3)

    assert len(drawn(text)) == 3
    assert text.count("css/frame.css") == 1
    assert "css/frame.css" not in page(gate(markup="<iframe src='https://www.youtube.com/x'>"))


def test_it_carries_the_nonce_of_the_page(page):
    """
    A site that asks for one for styles gets it.
    """
    text = page(gate().replace("head()", "head('abc')"))

    assert re.search(r'<link rel="stylesheet" href="[^"]*frame\.css[^"]*" nonce="abc">', text)


def test_stored_html_has_it_as_well(page):
    """
    An editor's embed is as large before consent as after.
    """
    assert len(drawn(page("{{ html | gated }}", html=FILM.format("")))) == 1


def test_a_poster_of_the_site_stands_behind_the_text(page):
    """
    A template names it as an option, which counts first if it has a value, an editor, or the markup
    in a gate, as an attribute of the embed.
    """
    other = FILM.format(' data-consent-poster="/static/other.jpg"')
    expected = '<img class="cst-poster" src="/static/a.jpg?b&amp;c" alt="" loading="lazy">'
    stored = FILM.format(' data-consent-poster="/static/a.jpg?b&amp;c"')

    assert drawn(page(gate(', poster="/static/a.jpg?b&c"')))[1] == expected
    assert drawn(page(gate(", poster=path"), path="/static/a.jpg?b&c"))[1] == expected
    assert drawn(page(gate(', poster="/static/a.jpg?b&c"', other)))[1] == expected
    for template in ("{{ html | gated }}", gate(markup=stored), gate(", poster=film", stored)):
        assert drawn(page(template, html=stored))[1] == expected


def test_a_poster_without_a_size_is_as_wide_as_there_is_room(page):
    """
    Where the embed does not say how large it is, the picture gets the usual shape of films.
    """
    text = page(gate(', poster="/a.jpg"', "<iframe src='https://www.youtube.com/x'></iframe>"))

    assert (
        drawn(text)[0]
        == '<svg class="cst-frame" width="100%" viewBox="0 0 16 9" aria-hidden="true">'
    )


@pytest.mark.parametrize("poster", ["https://i.ytimg.com/vi/x/0.jpg", "//far.example/a", "a.jpg"])
def test_a_poster_from_elsewhere_is_a_mistake_in_a_template(page, poster):
    """
    It would be fetched before consent, so the template does not compile; the message says what
    is wanted.
    """
    with pytest.raises(
        TemplateSyntaxError, match='wanted a path on this site that begins with one "/"'
    ):
        page(gate(f', poster="{poster}"'))


def test_another_option_is_a_mistake(page):
    """
    A misspelt option is named.
    """
    with pytest.raises(TemplateSyntaxError, match="unknown option postre, wanted poster"):
        page(gate(', postre="/a.jpg"'))


@pytest.mark.parametrize("how", ["variable", "stored"])
def test_one_that_is_only_known_later_is_left_out(page, caplog, how):
    """
    What an editor or the site's code names wrongly harms no page: the placeholder comes without
    it, and the operator is told once.
    """
    far = "https://far.example/a.jpg"
    with caplog.at_level(logging.WARNING):
        for _ in range(2):
            if how == "variable":
                text = page(gate(", poster=far"), far=far)
            else:
                stored = FILM.format(f' data-consent-poster="{far}"')
                text = page("{{ html | gated }}", html=stored)

    assert len(drawn(text)) == 1
    assert far not in re.sub(r"<template.*?</template>", "", text, flags=re.DOTALL)
    assert caplog.text.count("wanted a path on this site") == 1


@pytest.mark.parametrize(("values", "told"), [({}, 0), ({"film": None}, 0), ({"film": 5}, 1)])
def test_whatever_a_variable_holds_the_page_comes(page, caplog, values, told):
    """
    A film without a picture is none of the operator's mistakes, and no value is an error page.
    """
    with caplog.at_level(logging.WARNING):
        text = page(gate(", poster=film"), **values)

    assert len(drawn(text)) == 1
    assert caplog.text.count("wanted a path on this site") == told


def test_a_granted_embed_has_neither(page, visitor):
    """
    After consent the markup is what was written.
    """
    visitor.decide("accept")

    assert drawn(page(gate(', poster="/a.jpg"'))) == []


def test_the_mark_for_it_reaches_no_page(page):
    """
    Where there is nothing to put in, the place is empty, in pages and in what the log keeps.
    """
    plain = page(
        gate(markup="<b>x</b>") + "{{ html | gated }}",
        html="<script src='https://www.youtube.com/iframe_api'></script>",
    )

    assert "\ue000" not in plain
    assert "youtube" in plain
