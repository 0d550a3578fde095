"""What differs between two versions of a notice, and what of it is material."""

from __future__ import annotations

from copy import deepcopy

import pytest

from consent.audit.difference import Piece, difference, lines, words
from consent.audit.wording import LANGUAGES, say
from consent.policy import notice as notices
from consent.policy.file import read
from consent.policy.notice import content
from tests.conftest import POLICY

#: A policy of which nothing is as in the usual one.
OTHER = """
site = "kreisverband-musterland.example"
languages = ["en"]
lifetime = 90
retention = "2 years"
placement = "modal"
signals = ["gpc"]
parents = "Ask them."

[controller]
name = "Verein"
email = "x@verein.example"
country = "AT"
address = "Weg 1"
dpo = "Dr. B"

[links]
privacy = "/d"
imprint = "/i"
sign_language = "/film"

[[essential]]
name = "sid"
duration = "session"
content = "session-id"

[services.matomo]
name = "Statistik"
provider = "Firma"
address = "Gasse 2"
country = "US"
transfers = ["CA"]
safeguard = "scc"
purpose = "media"
practices = ["profiling"]
embed = "content"
privacy = "https://s.example/p"
host = "s.example"
items = []
"""


def made(tmp_path, more: str = "", start: str = POLICY, language: str = "de") -> dict:
    """Return the content of a notice of a policy."""
    file = tmp_path / "consent.toml"
    file.write_text(start + more, encoding="utf-8")
    facts = content(read(file), language)
    layers = {"banner": f"<h2>{facts['texts']['banner.title']}</h2>\n<p>immer gleich</p>"}
    return dict(notices.complete(facts, layers, {"css/consent.css": "aa"}).content)


def test_the_same_notice_does_not_differ(tmp_path):
    """
    A version compared with itself shows nothing.
    """
    assert difference(made(tmp_path), made(tmp_path)).is_empty


ALONE = {
    "services": lambda notice: notice["services"][0].pop("provider"),
    "purposes": lambda notice: notice["purposes"][0].update(title="Messung"),
    "facts": lambda notice: notice.update(lifetime=90),
    "texts": lambda notice: notice["texts"].pop("banner.title"),
    "layers": lambda notice: notice["layers"].update(settings="<p>neu</p>"),
    "files": lambda notice: notice["files"].pop("css/consent.css"),
}


@pytest.mark.parametrize("part", ALONE)
def test_whatever_differs_alone_is_shown(tmp_path, part):
    """
    Of two versions that differ in one thing, be it that it came or went, nobody reads that they
    are the same.
    """
    old = made(tmp_path)
    new = deepcopy(old)
    ALONE[part](new)

    for found in (difference(old, new), difference(new, old)):
        assert [name for name in ALONE if getattr(found, name)] == [part]
        assert not found.is_empty


def test_a_text_that_came_or_went_is_told_as_a_whole(tmp_path):
    """
    What one version does not have is shown as added or removed from its first word to its last.
    """
    old = made(tmp_path)
    new = deepcopy(old)
    title = new["texts"].pop("banner.title")

    (went,), (came,) = difference(old, new).texts, difference(new, old).texts
    assert (went.new, went.pieces) == (None, (Piece("delete", title),))
    assert (came.old, came.pieces) == (None, (Piece("insert", title),))


def test_a_text_is_no_material_change(tmp_path):
    """
    Another wording shows word by word, in the text and in what was sent, and asks nobody again.
    """
    new = made(tmp_path, '[texts.de]\n"banner.title" = "Neue Datenschutz-Einstellungen"\n')

    found = difference(made(tmp_path), new)

    assert not found.is_material
    (change,) = found.texts
    assert change.pieces == (
        Piece("insert", "Neue "),
        Piece("equal", "Datenschutz-Einstellungen"),
    )
    assert [name for name, _ in found.layers] == ["banner"]
    assert found.services == found.facts == found.files == ()


MATERIAL = {
    "country": 'country = "FR"',
    "transfers": 'transfers = ["US"]\nsafeguard = "scc"',
    "safeguard": 'transfers = ["US"]\nsafeguard = "scc"',
    "provider": 'provider = "Somebody Else"',
    "practices": 'practices = ["profiling"]',
    "purposes": 'purpose = "media"',
    "items": '[[services.matomo.items]]\nname = "x"\nkind = "cookie"\nduration = "9 years"\n'
    'content = "y"',
}


@pytest.mark.parametrize("field", MATERIAL)
def test_what_goes_into_the_terms_is_material(tmp_path, field):
    """
    Who receives data, where, for what and how long it is stored: a change is material, and named.
    """
    host = 'host = "statistik.kreisverband.example"\n'
    new = made(tmp_path, start=POLICY.replace(host, host + MATERIAL[field] + "\n"))

    found = difference(made(tmp_path), new)

    assert found.is_material
    (service,) = found.services
    assert (service.id, service.kind, service.material) == ("matomo", "changed", True)
    assert field in [fact.key for fact in service.facts if fact.material]


def test_what_is_no_part_of_the_terms_is_not_material(tmp_path):
    """
    Another address of the privacy page, or the same provider in other letters, asks nobody again.
    """
    host = 'host = "statistik.kreisverband.example"\n'
    more = 'privacy = "https://example.org/"\nprovider = "kreisverband MUSTERLAND e.V."\n'
    new = made(tmp_path, start=POLICY.replace(host, host + more))

    found = difference(made(tmp_path), new)

    assert not found.is_material
    assert [fact.key for fact in found.services[0].facts] == ["privacy", "provider"]
    assert not any(fact.material for fact in found.services[0].facts)


def test_only_what_the_terms_are_made_of_is_marked(tmp_path):
    """
    Beside a fact that is material stand others that are not, as the same provider in other letters;
    where the terms are the same none is, whatever reads otherwise.
    """
    old = made(tmp_path)
    new = deepcopy(old)
    service = new["services"][0]
    service |= {"provider": "kreisverband MUSTERLAND e.V.", "country": "FR", "terms": "ff" * 32}
    service["items"][0]["kind"] = "session-storage"

    def marked():
        return {fact.key: fact.material for fact in difference(old, new).services[0].facts}

    assert marked() == {"provider": False, "country": True, "items": True}
    service["terms"] = old["services"][0]["terms"]
    assert marked() == {"provider": False, "country": False, "items": False}


def test_terms_that_differ_count_although_nothing_shows(tmp_path):
    """
    The terms decide, not what can be read: 12 months in the place of a year are the same words.
    """
    old = made(tmp_path)
    new = deepcopy(old)
    new["services"][0]["terms"] = "ff" * 32

    found = difference(old, new)

    assert found.is_material
    assert found.services[0].facts == ()


def test_a_notice_of_an_older_version_is_compared(tmp_path):
    """
    What an older version had no word for is as if its notice said nothing about it.
    """
    old, new = made(tmp_path), made(tmp_path, start=OTHER, language="en")
    for key in ("retention", "placement", "signals", "parents"):
        del old[key]
    for service in old["services"]:
        del service["practices"]

    found = difference(old, new)

    told = {fact.key: fact for fact in (*found.facts, *found.services[0].facts)}
    assert all(told[key].old is None for key in ("retention", "signals", "practices"))
    assert told["practices"].material
    back = {fact.key: fact for fact in difference(new, old).services[0].facts}
    assert (back["practices"].new, back["practices"].material) == (None, True)
    assert told["transfers"].new == "Canada"
    assert (told["country"].old, told["country"].new) == ("Deutschland", "United States")
    assert not any(change.key.endswith((".id", ".services")) for change in found.purposes)
    material = {fact.key for fact in found.services[0].facts if fact.material}
    assert material == {
        *("provider", "country", "transfers", "safeguard", "purposes", "practices", "items"),
    }


def test_services_that_come_and_go_are_named(tmp_path):
    """
    A new service is material, since visitors are asked about it; one that went is not.
    """
    old, new = made(tmp_path), made(tmp_path, "[services.vimeo]\n")

    came, went = difference(old, new).services, difference(new, old).services

    assert [(one.id, one.kind, one.material) for one in came] == [("vimeo", "added", True)]
    assert [(one.id, one.kind, one.material) for one in went] == [("vimeo", "removed", False)]


def test_facts_about_the_site_are_compared(tmp_path):
    """
    Controller, links and lifetime show as facts, none of them material.
    """
    new = made(tmp_path, start="lifetime = 90\n" + POLICY.replace("/impressum", "/legal"))

    found = difference(made(tmp_path), new)

    assert {fact.key for fact in found.facts} >= {"links.imprint", "lifetime"}
    assert not found.is_material


def test_whatever_differs_has_a_name(tmp_path):
    """
    An auditor reads what changed in words of the desk, in both languages, never a key of a file.
    """
    found = difference(made(tmp_path), made(tmp_path, start=OTHER, language="en"))
    changed = {fact.key for fact in (*found.facts, *found.services[0].facts)}

    assert len(changed) == 27
    for key in changed:
        for language in LANGUAGES:
            assert say(language, f"notices.field.{key}")


def test_words_and_lines_put_together_are_the_texts():
    """
    What stayed and what went is the old text, what stayed and what came the new one.
    """
    old, new = "Wir fragen Sie  vorher.", "Wir  fragen vorher und nachher."
    pieces = words(old, new)

    assert "".join(p.text for p in pieces if p.operation != "insert") == old
    assert "".join(p.text for p in pieces if p.operation != "delete") == new
    assert lines("a\nb\nc", "a\nB\nc") == (
        Piece("equal", "a"), Piece("delete", "b"), Piece("insert", "B"), Piece("equal", "c"),
    )  # fmt: skip
    assert lines("same", "same") == ()
    far = "\n".join("abcdefg")
    assert lines(f"1\n{far}\n2", f"{far}\n3")[2:4] == (
        Piece("equal", "…"), Piece("equal", "f\ng"),
    )  # fmt: skip
    assert words("one two", "one") == (Piece("equal", "one"), Piece("delete", " two"))
