"""The schema for editors says the same as the reader."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterator
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from consent.errors import PolicyError
from consent.policy import schema, shelf
from consent.policy.file import parse
from consent.policy.ready import ENTRY
from tests.each import each

SMALLEST = """
site = "verein.example"
controller = { name = "Verein", email = "datenschutz@verein.example" }
links = { privacy = "/datenschutz", imprint = "https://verein.example/impressum" }
"""

VALID = {
    "nothing optional": "",
    "a schema's comment": "#:schema ./consent.schema.json",
    "a lifetime of a day": "lifetime = 1",
    "a lifetime over a year": "lifetime = 400",
    "two languages": 'languages = ["en", "de"]',
    "a site for children": 'audience = "children"',
    "parents who are asked": (
        'audience = "children"\nparents = "Fragt eure Eltern."\n[services.youtube]'
    ),
    "a ready-made service": "[services.youtube]",
    "another purpose": '[services.youtube]\npurpose = "tracking"',
    "an own host": '[services.matomo]\nhost = "www.verein.example/matomo"',
    "a renamed service": '[services.films]\nfrom = "vimeo"\n[services.clips]\nfrom = "youtube"',
    "a renamed own host": '[services.counter]\nfrom = "matomo"\nhost = "zahl.verein.example"',
    "a service of the site's own": """
[services.map]
name = "Karte"
provider = "Karten GmbH"
country = "DE"
purposes = ["media", "statistics"]
hosts = ["*.karten.example", "localhost:5001", "karten.example/kacheln"]
items = []
transfers = ["CH", "US"]
safeguard = "adequacy"
embed = "map"
address = "Weg 1, 12345 Ort"
privacy = "/datenschutz#karte"
""",
    "an essential item": """
[[essential]]
name = "session"
duration = "session"
content = { de = "Warenkorb", en = "Basket" }
""",
    "an own purpose": """
[purposes.donations]
title = "Spenden"
description = "Wir zeigen das Formular unserer Bank."
without = { de = "Das Formular bleibt ausgeblendet." }
""",
    "a purpose in part": '[purposes.media]\ntitle = "Filme zeigen"',
    "words that join": '[purposes.media]\ntitle = "Film\\u00adabend می\\u200cرود ❤\\ufe0f"',
    "the longest provider": f'[services.youtube]\nprovider = "{"a" * 300}"',
    "own wording": '[texts.de]\n"button.accept" = "Alles erlauben"',
}

MISTAKEN = {
    "unknown key": "sites = 1",
    "preselected service": "[services.youtube]\npreselected = true",
    "preselected purpose": "[purposes.media]\ndefault = true",
    "other legal basis": '[services.youtube]\nbasis = "legitimate interest"',
    "lifetime too long": "lifetime = 401",
    "lifetime zero": "lifetime = 0",
    "lifetime as text": 'lifetime = "180"',
    "lifetime as a truth": "lifetime = true",
    "no language": "languages = []",
    "language twice": 'languages = ["de", "de"]',
    "unknown language": 'languages = ["en-GB"]',
    "essential as a service": "[services.essential]\n",
    "essential as a purpose": '[services.youtube]\npurpose = "essential"',
    "capital id": "[services.YouTube]\n",
    "unknown service": "[services.unknown]\n",
    "incomplete service": '[services.own]\nname = "Own"\nitems = []',
    "unknown source": '[services.own]\nfrom = "nowhere"',
    "missing host": "[services.matomo]\n",
    "missing host of a renamed service": '[services.own]\nfrom = "matomo"',
    "host without own installation": '[services.youtube]\nhost = "verein.example"',
    "own host with a script": '[services.matomo]\nhost = "verein.example/matomo.js"',
    "host with a scheme": '[services.youtube]\nhosts = ["https://youtube.com"]',
    "host for everything": '[services.youtube]\nhosts = ["*.com"]',
    "host as text": '[services.youtube]\nhosts = "youtube.com"',
    "purpose and purposes": '[services.youtube]\npurpose = "media"\npurposes = ["media"]',
    "no purpose": "[services.youtube]\npurposes = []",
    "no country": '[services.youtube]\ncountry = "UK"',
    "transfer twice": '[services.youtube]\ntransfers = ["US", "US"]',
    "invented safeguard": '[services.youtube]\nsafeguard = "consent"',
    "invented placeholder": '[services.youtube]\nembed = "game"',
    "script as a link": '[services.youtube]\nprivacy = "javascript:alert(1)"',
    "item without content": '[[essential]]\nname = "a"\nduration = "1 day"',
    "item for everything": '[[essential]]\nname = "*"\nduration = "1 day"\ncontent = "x"',
    "item without a unit": '[[essential]]\nname = "a"\nduration = "1"\ncontent = "x"',
    "item of no kind": '[[essential]]\nname="a"\nkind="flash"\nduration="1 day"\ncontent="x"',
    "empty text": '[purposes.media]\ntitle = "  "',
    "control character": '[purposes.media]\ntitle = "a\\u0007b"',
    "letters turned round": '[purposes.media]\ntitle = "a\\u202eb"',
    "text that nobody sees": '[purposes.media]\ntitle = "\\u200d"',
    "provider of a whole page": f'[services.youtube]\nprovider = "{"a" * 301}"',
    "address with a place to part": '[services.youtube]\nprivacy = "/da\\u00adten"',
    "item of no width": '[[essential]]\nname="a\\u200b"\nduration="1 day"\ncontent="x"',
    "text in no language": "[purposes.media]\ntitle = {}",
    "text in an unknown language": '[purposes.media]\ntitle = { de = "a", en_GB = "b" }',
    "own purpose in part": '[purposes.donations]\ntitle = "Spenden"',
    "wording under an unknown key": '[texts.de]\n"banner.headline" = "x"',
    "wording in an unknown language": '[texts.tlh]\n"banner.title" = "x"',
    "wording in no language": 'texts = { "banner.title" = "x" }',
    "wording of a purpose": '[texts.de]\n"purposes.media.title" = "x"',
}


#: What an editor cannot know: which files there are, and which languages can be had.
UNSEEN = {
    "a language without its texts": 'languages = ["ja"]',
    "a text in a language that nobody has": '[purposes.media]\ntitle = { de = "a", tlh = "b" }',
    "a file of texts that is not there": '[texts]\nja = "consent.ja.toml"',
}


@pytest.fixture(scope="module")
def validator() -> Draft202012Validator:
    return Draft202012Validator(schema.build())


def policy(more: str) -> dict[str, Any]:
    return tomllib.loads(SMALLEST + more)


def test_the_shipped_schema_is_up_to_date():
    """
    The file that editors get is the one that follows from the reader's own tables; how to
    write it anew stands in consent/policy/schema.py.
    """
    assert schema.FILE.read_text(encoding="utf-8") == schema.text()


def test_the_schema_is_one(validator):
    """
    Any tool that knows JSON Schema 2020-12 can use it.
    """
    Draft202012Validator.check_schema(json.loads(schema.text()))


def patterns(value: object) -> Iterator[str]:
    if isinstance(value, dict):
        if isinstance(value.get("pattern"), str):
            yield value["pattern"]
        value = list(value.values())
    if isinstance(value, list):
        for row in value:
            yield from patterns(row)


def test_patterns_are_understood_by_other_languages_too():
    """
    Patterns use only what regular expressions of JavaScript and others have in common.
    """
    found = list(patterns(schema.build()))
    escapes = {char for pattern in found for char in re.findall(r"\\(.)", pattern)}

    assert found
    assert escapes <= set("^$\\.*+?()[]{}|su")
    assert not [pattern for pattern in found if "(?" in pattern]


@pytest.mark.parametrize("more", VALID.values(), ids=VALID.keys())
def test_what_is_right_is_right_for_both(validator, more):
    """
    A policy that the reader takes is not marked red by an editor.
    """
    validator.validate(policy(more))
    parse(policy(more), "consent.toml")


@pytest.mark.parametrize("more", MISTAKEN.values(), ids=MISTAKEN.keys())
def test_what_is_wrong_is_wrong_for_both(validator, more):
    """
    A mistake in keys or values is seen by the editor and by the reader.
    """
    assert not validator.is_valid(policy(more))
    with pytest.raises(PolicyError):
        parse(policy(more), "consent.toml")


@pytest.mark.parametrize("more", UNSEEN.values(), ids=UNSEEN.keys())
def test_what_no_editor_can_know_is_left_to_the_reader(validator, more):
    """
    An editor marks nothing of a language that a site may bring; the reader looks whether it does.
    """
    validator.validate(policy(more))
    with pytest.raises(PolicyError):
        parse(policy(more), "consent.toml")


@pytest.mark.parametrize("key", ["site", "controller", "links"])
def test_what_every_policy_needs_is_needed_by_both(validator, key):
    """
    Without a site, a controller (FL-19) or the links there is no policy.
    """
    table = policy("")
    del table[key]

    assert not validator.is_valid(table)
    with pytest.raises(PolicyError):
        parse(table, "consent.toml")


def of_texts(name: str) -> bool:
    """Tell whether a definition is that of own texts: one for each set of plural forms."""
    return name.partition("-")[0] == "texts"


def test_no_key_switches_anything_on():
    """
    The policy file has no way to preselect a service or purpose or to ground it on anything
    but consent (FL-09, SL-08).
    """
    switches = re.compile(r"select|check|enable|active|default|opt|basis|interest")
    text = schema.build()
    names = {
        key
        for part in (text, *(text["$defs"][name] for name in text["$defs"] if not of_texts(name)))
        for key in part.get("properties", {})
    }

    assert "purpose" in names
    assert not [name for name in names if switches.search(name)]


def test_every_key_is_explained():
    """
    An editor shows a sentence about each key, except for single texts and languages.
    """
    tables = {name: table for name, table in schema.build()["$defs"].items() if not of_texts(name)}
    fields = {
        f"{name}.{key}": field
        for name, table in (("file", schema.build()), *tables.items())
        for key, field in table.get("properties", {}).items()
    }

    assert [name for name, field in fields.items() if not field.get("description")] == []
    assert all(field["description"].endswith(".") for field in fields.values())


def test_the_catalogue_is_offered():
    """
    An editor can propose every ready-made service.
    """
    services = schema.build()["properties"]["services"]["properties"]

    assert tuple(services) == shelf.names()


@each("id", shelf.names())
def test_an_entry_of_the_catalogue_has_the_fields_of_a_service(id):
    """
    Ready-made services are written with the same keys and values as a site's own.
    """
    definitions: dict[str, Any] = {}
    entry = {**ENTRY.schema(definitions), "$defs": definitions}

    Draft202012Validator(entry).validate(dict(shelf.entry(id) or {}))
