"""Which changes of the policy file ask visitors again, and about what."""

from __future__ import annotations

import tomllib

import pytest

from consent.policy.file import parse
from consent.policy.terms import terms

BEFORE = """
site = "verein.example"
controller = { name = "Verein", email = "datenschutz@verein.example" }
links = { privacy = "/datenschutz", imprint = "/impressum" }

[services.karte]
name = "Karte"
provider = "Karten GmbH"
address = "Weg 1, 12345 Ort"
country = "CH"
safeguard = "adequacy"
purposes = ["media"]
hosts = ["karten.example"]
embed = "map"
privacy = "https://karten.example/privacy"
items = [
  { name = "a", kind = "cookie", duration = "2 weeks", content = "Ausschnitt" },
  { name = "b", kind = "local-storage", duration = "persistent", content = "Farbe" },
]

[services.vimeo]
"""

MATERIAL = {
    "another provider": ('"Karten GmbH"', '"Andere GmbH"'),
    "another country": ('country = "CH"', 'country = "GB"'),
    "one more country": ('country = "CH"', 'country = "CH"\ntransfers = ["US"]'),
    "another ground": ('"adequacy"', '"scc"'),
    "another purpose": ('["media"]', '["tracking"]'),
    "one more purpose": ('["media"]', '["media", "statistics"]'),
    "kept longer": ("2 weeks", "3 weeks"),
    "kept for ever": ("2 weeks", "persistent"),
    "another kind of storage": ('kind = "cookie"', 'kind = "indexed-db"'),
}

IMMATERIAL = {
    "nothing": ("", ""),
    "a typo in the name": ('name = "Karte"', 'name = "Die Karte"'),
    "punctuation of the provider": ('"Karten GmbH"', '"Karten-GmbH."'),
    "a new address": ("Weg 1", "Weg 2"),
    "another host": ('["karten.example"]', '["karten.example", "*.karten.example"]'),
    "another privacy page": ("example/privacy", "example/datenschutz"),
    "better words": ('"Ausschnitt"', '"Gezeigter Ausschnitt"'),
    "another kind of placeholder": ('embed = "map"', 'embed = "content"'),
    "an item under another name": ('name = "a"', 'name = "a2"'),
    "another controller": ('name = "Verein"', 'name = "Verein e. V."'),
    "another lifetime": ("\nsite =", "\nlifetime = 90\nsite ="),
    "a language more": ("\nsite =", '\nlanguages = ["de", "en"]\nsite ='),
}


def all_terms(text: str) -> dict[str, str]:
    return {s.id: terms(s) for s in parse(tomllib.loads(text), "consent.toml").services}


def changed(old: str, new: str) -> set[str]:
    """The services whose terms differ after *old* was replaced by *new*."""
    assert old in BEFORE
    before, after = all_terms(BEFORE), all_terms(BEFORE.replace(old, new, 1))
    return {id for id in before | after if before.get(id) != after.get(id)}


@pytest.mark.parametrize(("old", "new"), MATERIAL.values(), ids=MATERIAL.keys())
def test_a_material_change_asks_about_that_service(old, new):
    """
    Who receives data, where, why, on what ground, kept how and how long: a change of that
    asks again about the service and no other (RP-04).
    """
    assert changed(old, new) == {"karte"}


@pytest.mark.parametrize(("old", "new"), IMMATERIAL.values(), ids=IMMATERIAL.keys())
def test_any_other_change_asks_nobody(old, new):
    """
    Wording, addresses, links and settings of the site may be mended without asking (RP-04).
    """
    assert changed(old, new) == set()


def test_a_service_more_or_less_concerns_no_other():
    """
    Adding or removing a service leaves the terms of the others as they were (RP-04, RP-05).
    """
    assert changed("[services.vimeo]", "[services.vimeo]\n[services.youtube]") == {"youtube"}
    assert changed("[services.vimeo]", "") == {"vimeo"}


def test_the_order_of_the_file_does_not_matter():
    """
    Lists mean the same in any order (RP-04).
    """
    two = BEFORE.replace('["media"]', '["media", "statistics"]')
    rows = [line for line in BEFORE.splitlines() if line.startswith("  {")]

    assert all_terms(two) == all_terms(
        two.replace('"media", "statistics"', '"statistics", "media"')
    )
    assert all_terms(BEFORE) == all_terms(BEFORE.replace("\n".join(rows), "\n".join(rows[::-1])))
    far = BEFORE.replace('country = "CH"', 'country = "CH"\ntransfers = ["US", "IN"]')
    assert all_terms(far) == all_terms(far.replace('"US", "IN"', '"CH", "IN", "US"'))
