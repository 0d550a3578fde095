"""
What editors paste today, piece by piece: gated by the service it belongs to, or as a stranger.

``tests/gate/snippets/`` has one file for each, in the shape that its provider hands out, with
made-up ids.
"""

import re
from pathlib import Path

import pytest
from flask import Flask, render_template_string

from consent import Consent
from consent.gate.embeds import sparing
from consent.gate.loads import loads
from consent.gate.owner import Owners
from consent.gate.source import live
from consent.policy import shelf
from tests.conftest import KEY, POLICY

SNIPPETS = sorted((Path(__file__).parents[2] / "gate" / "snippets").glob("*.html"))

#: The ready-made service that a snippet belongs to, where its name does not say so.
SERVICES = {
    "ardaudiothek": "ard-audiothek",
    "calendly-link": "calendly",
    "facebook-page": "facebook",
    "facebook-post": "facebook",
    "friendly-captcha": "jsdelivr",
    "google-maps-script": "google-maps",
    "leaflet": "openstreetmap",
    "mastodon-iframe": "mastodon",
    "paypal-donate": "paypal",
    "umap": "umap",
    "x-timeline": "x",
    "youtube-nocookie": "youtube",
    "youtube-wordpress": "youtube",
}

#: What is still there to read or to press while nothing is granted.
KEPT = {
    "betterplace": "Jetzt spenden für „Lehrgarten“",
    "bluesky": "Unser neuer Lehrgarten ist offen.",
    "calendly-link": "Termin vereinbaren",
    "facebook-post": "Danke an alle Helferinnen und Helfer!",
    "flickr": "Wiese",
    "instagram": "Ein Beitrag geteilt von Musterverein",
    "mastodon": "Beitrag von @musterverein@mastodon.social",
    "openstreetmap": "Größere Karte anzeigen",
    "pretix": "Hier geht es zum Ticketshop",
    "recaptcha": "<button>Senden</button>",
    "soundcloud": "Musterchor</a> · <a",
    "tiktok": "Ein Tag im Verein",
    "x": "Morgen ist Mitgliederversammlung.",
    "youtube-wordpress": "<figcaption>Unser Sommerfest</figcaption>",
}

PAGE = "https://kreisverband.example/"


def declared() -> str:
    """A policy with every ready-made service."""
    ids = [id for id in shelf.names() if id not in ("matomo", "youtube")]
    own = (id for id in ids if (shelf.entry(id) or {}).get("own_host"))
    tables = [f'\n[services.{id}]\nhost = "{id}.kreisverband.example"\n' for id in own]
    elsewhere = (id for id in ids if not (shelf.entry(id) or {}).get("own_host"))
    return POLICY + "".join([*tables, *(f"\n[services.{id}]\n" for id in elsewhere)])


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """A site that declares every ready-made service, seen by somebody who has not decided."""
    folder = tmp_path_factory.mktemp("site")
    (folder / "consent.toml").write_text(declared(), encoding="utf-8")
    app = Flask("site", instance_path=str(folder / "instance"), root_path=str(folder))
    app.config.update(SECRET_KEY=KEY, CONSENT_POLICY="consent.toml", TESTING=True)
    Consent(app, language=lambda: "de")
    with app.test_request_context("/", base_url=PAGE):
        yield app


@pytest.fixture(params=SNIPPETS, ids=lambda file: file.stem)
def snippet(request):
    return request.param


def gated(html: str) -> str:
    return render_template_string("{{ html | gated }}", html=html)


def foreign(owners: Owners, html: str) -> set[str]:
    """Whose addresses *html* loads without anybody having been asked."""
    everything = [load for element in live(html) for load in loads(element)]
    owner = [(owners.of(load.address, PAGE), load) for load in everything]
    return {
        who.name
        for who, load in owner
        if who.kind != "own" and not (load.is_mention and who.kind == "stranger")
    }


def test_there_are_enough_of_them():
    """
    At least forty embeds are tried as they are pasted today.
    """
    assert len(SNIPPETS) >= 40
    assert not (SERVICES.keys() | KEPT.keys()) - {file.stem for file in SNIPPETS}


def test_a_snippet_loads_nothing_before_a_decision(site, snippet):
    """
    Whatever an editor pasted, no other host is contacted before somebody agreed, and gating the
    result again changes nothing (GA-02, GA-03, PS-02).
    """
    owners, html = site.extensions["consentry"].owners, snippet.read_text(encoding="utf-8")

    page = gated(html)

    assert foreign(owners, html)
    assert foreign(owners, page) == set()
    assert gated(page) == page


def test_a_tag_manager_waits_for_its_own_grant(site, monkeypatch):
    """
    Whoever allowed everything but the tag manager has not allowed that: neither its script nor
    its frame for browsers without scripts is there. Once it is allowed, both are, as pasted
    (GA-08).
    """
    owners, id = site.extensions["consentry"].owners, "google-tag-manager"
    html = next(file for file in SNIPPETS if file.stem == id).read_text(encoding="utf-8")
    granted = set(shelf.names()) - {id}
    monkeypatch.setattr("consent.web.visit.Visit.permits", lambda _, service: service in granted)

    held = gated(html)
    granted.add(id)

    assert foreign(owners, html) == {id}
    assert foreign(owners, held) == set()
    assert f'<template data-consent="{id}"><script>' in held
    assert gated(html) == html


def test_a_snippet_belongs_to_its_service(site, snippet):
    """
    A snippet of a ready-made service waits for that service, with its placeholder if it has one;
    any other stays off as a stranger's (GA-01, GA-03).
    """
    id, html = SERVICES.get(snippet.stem, snippet.stem), snippet.read_text(encoding="utf-8")
    owners = site.extensions["consentry"].owners

    page = gated(html)

    if id not in shelf.names():
        assert f'data-consent="{id}"' not in page
        assert id not in foreign(owners, html)
        return
    assert f'<template data-consent="{id}">' in page
    within_form = snippet.stem == "recaptcha"
    if shelf.entry(id).get("embed") and not within_form:
        assert f'data-consent-placeholder="{id}"' in page


def test_all_of_a_snippet_is_there_once_it_is_granted(site, snippet, monkeypatch):
    """
    Granted, a snippet reaches the page as it was pasted, byte for byte, but for what belongs to
    hosts that nobody was asked about and for films and maps that can be asked for with less.
    """
    monkeypatch.setattr("consent.web.visit.Visit.permits", lambda self, service: True)
    owners, html = site.extensions["consentry"].owners, snippet.read_text(encoding="utf-8")
    expected = html
    for name in foreign(owners, html):
        expected = sparing(expected, site.extensions["consentry"].adapters.get(name))

    page = gated(html)

    declared = {service.id for service in site.extensions["consentry"].config.policy.services}
    if foreign(owners, html) <= declared:
        assert page == expected
    assert "<template" not in page


STORED = """<p>Unser Film: <a href="https://www.youtube.com/embed/a">bei YouTube</a></p>
<IFRAME src='https://www.youtube.com/embed/a?t=3' width=560></IFRAME><p>&nbsp;danach</P>
<form action="/x"><iframe src="https://player.vimeo.com/video/1"></iframe></form>"""


@pytest.mark.parametrize("is_granted", [True, False], ids=["granted", "held"])
def test_films_of_editors_are_asked_for_with_less(site, monkeypatch, is_granted):
    """
    What the adapter of a service asks for in a template holds for stored HTML as well, before a
    grant and after it; text, links and everything else stay as they were (GA-17).
    """
    monkeypatch.setattr("consent.web.visit.Visit.permits", lambda self, service: is_granted)

    page = gated(STORED)

    assert "<IFRAME src='https://www.youtube-nocookie.com/embed/a?t=3' width=560></IFRAME>" in page
    assert '<iframe src="https://player.vimeo.com/video/1?dnt=1"></iframe>' in page
    assert page.startswith("<template><p><meta" if not is_granted else STORED[:70])
    assert STORED[:70] in page
    assert "<p>&nbsp;danach</P>\n<form" in page


@pytest.mark.parametrize(("name", "text"), KEPT.items())
def test_what_can_be_read_without_the_service_stays(site, name, text):
    """
    The words of a post, links and forms stay in the page; only what loads is held back.
    """
    file = next(file for file in SNIPPETS if file.stem == name)

    outside = re.sub(r"(?s)<template.*?</template>", "", gated(file.read_text(encoding="utf-8")))

    assert text in outside


def test_posts_share_one_script(site):
    """
    Behind three posts of one network stands the same script; it is held once, with one
    placeholder, and all three can be read.
    """
    file = next(file for file in SNIPPETS if file.stem == "x")

    page = gated(file.read_text(encoding="utf-8") * 3)

    assert page.count("Morgen ist Mitgliederversammlung.") == 3
    assert page.count("platform.twitter.com") in (0, 1)
    assert page.count("cst-placeholder") in (0, 1)
