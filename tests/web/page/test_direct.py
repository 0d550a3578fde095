"""The plain link to the content at its provider, in the placeholder of a gate."""

import re

import pytest
from flask import render_template_string

from consent.gate import owner
from consent.policy.wording import texts

FILM = '<iframe src="https://www.youtube.com/embed/x?a=1&amp;b=2" title="Film"></iframe>'


@pytest.fixture
def links(app, visitor):
    """Show a gate round some markup; return the links that leave the site."""

    def links(markup: str, service: str = "youtube") -> list[tuple[str, str]]:
        page = f'{{% gate "{service}" %}}{markup}{{% endgate %}}'
        app.view_functions["home"] = lambda: render_template_string(page)
        return re.findall(r'<a href="([^"]*)" rel="noopener">([^<]*)</a>', visitor.get().text)

    return links


def test_a_placeholder_leads_to_the_content(links):
    """
    Whoever does not agree, or runs no script, can open the film where it is; the link says
    whose it is (GA-03).
    """
    says = texts("de")["placeholder.direct"].format(provider="YouTube")

    assert links(FILM) == [("https://www.youtube.com/embed/x?a=1&amp;b=2", says)]


@pytest.mark.parametrize(
    "before", ["<!-- {} -->", "<script>a = '{}'</script>", "<STYLE>/* {} */</STYLE>"]
)
def test_a_film_in_a_comment_is_none(links, before):
    """
    A film that somebody left in a comment or a script is neither linked nor measured.
    """
    old = FILM.replace("/x", "/old").replace("<iframe", '<iframe width="99" height="99"')

    assert links(before.format(old) + FILM) == links(FILM) != []


def test_where_it_leads_is_found_out_once(links, monkeypatch):
    """
    Many ask for the same page, so whose an address is costs the first of them something only.
    """
    first = links(FILM)
    monkeypatch.setattr(owner, "read", None)

    assert links(FILM) == first != []


@pytest.mark.parametrize("static", [False, True], ids=["pages per visitor", "pages for all"])
def test_each_leads_to_its_own(make_app, static):
    """
    Several gates in one page do not share a link, and what was granted has none.
    """
    app = make_app(language=lambda: "de", CONSENT_STATIC_PAGES=static)
    page = "".join(
        f'{{% gate "youtube" %}}{FILM.replace("/x", f"/{name}")}{{% endgate %}}' for name in "ab"
    )
    app.view_functions["home"] = lambda: render_template_string(page)
    client = app.test_client()
    before = client.get("/").text
    client.post(
        "/consent/choice",
        data={
            "decision": "accept",
            "layer": "banner",
            "next": "/",
            "notice": re.search(r'name="notice" value="(\w+)"', before)[1],
        },
        headers={"Sec-Fetch-Site": "same-origin"},
    )
    found = re.findall(r'href="https://www.youtube.com/embed/(\w)', before)

    assert found == ["a", "b"]
    assert ('rel="noopener"' in client.get("/").text) is static


@pytest.mark.parametrize(
    ("markup", "service"),
    [
        ('<iframe src="/film"></iframe>', "youtube"),
        ('<iframe src="https://kreisverband-musterland.example/film"></iframe>', "youtube"),
        ('<iframe src="https://far.example/film"></iframe>', "youtube"),
        ('<iframe src="http://www.youtube.com/embed/x"></iframe>', "youtube"),
        ("<script>film()</script>", "youtube"),
        ('<img src="https://statistik.kreisverband.example/x.gif">', "matomo"),
        (FILM, "nobody"),
    ],
    ids=["path", "own host", "stranger", "plain http", "script", "no placeholder", "undeclared"],
)
def test_nothing_else_has_one(links, markup, service):
    """
    A link that says a provider's name leads there, safely; all else has none.
    """
    assert links(markup, service) == []


def test_the_link_names_the_service_that_it_leads_to(app, visitor):
    """
    Of a ready-made service that the policy lacks the text names the provider, and the link the
    place where the content is: nobody opens a film "at Google Ireland Limited" (GA-03).
    """
    film = '<iframe src="https://player.vimeo.com/video/1"></iframe>'
    app.view_functions["home"] = lambda: render_template_string("{{ film | gated }}", film=film)
    page = visitor.get().text

    assert "ein Inhalt von Vimeo.com, Inc. eingebunden" in page
    assert re.findall(r'rel="noopener">([^<]*)</a>', page) == ["Direkt bei Vimeo öffnen"]
