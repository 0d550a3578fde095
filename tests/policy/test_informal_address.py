"""German for sites that say "du" to their visitors."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from importlib.resources import files
from typing import Any

from consent.policy.phrases import empty_words
from consent.policy.wording import keys, placeholders, texts
from tests.each import each

FORMAL = texts("de")
INFORMAL = texts("de", "informal")

#: Keys whose words differ, and what the file of the informal address holds.
OTHERWISE = sorted(key for key in FORMAL if INFORMAL[key] != FORMAL[key])

#: Also finds "Sie" for "they" at the beginning of a sentence: a text that is turned round to
#: avoid it leaves no doubt.
TO_A_STRANGER = re.compile(r"\b(Sie|Ihnen|Ihr(e[mnrs]?)?)\b")

each_other_text = each("key", OTHERWISE)


def written() -> set[str]:
    """Return the keys that the file of the informal address has, as dotted keys."""
    file = files("consent.policy") / "texts" / "informal" / "de.toml"
    return set(dotted(tomllib.loads(file.read_text(encoding="utf-8"))))


def dotted(table: dict[str, Any], prefix: str = "") -> Iterator[str]:
    for key, value in table.items():
        if isinstance(value, dict):
            yield from dotted(value, f"{prefix}{key}.")
        else:
            yield prefix + key


def test_the_informal_address_has_no_texts_of_its_own():
    """
    A site that says "du" has the same texts as any other, no more and no fewer (LA-07).
    """
    assert written() <= keys()
    assert INFORMAL.keys() == FORMAL.keys()


def test_only_texts_that_differ_are_written_twice():
    """
    What both forms of address have in common is written once.
    """
    assert written() == set(OTHERWISE)


@each("key", sorted(FORMAL))
def test_nobody_is_addressed_formally(key):
    """
    A site that says "du" does not say "Sie" in the next sentence (LA-07).
    """
    assert not TO_A_STRANGER.search(INFORMAL[key])


def test_every_text_that_addresses_the_visitor_is_there():
    """
    Each text that addresses the visitor formally has an informal counterpart, and only those
    have (LA-07).
    """
    assert [key for key in sorted(FORMAL) if TO_A_STRANGER.search(FORMAL[key])] == OTHERWISE


@each_other_text
def test_both_forms_of_address_fill_in_the_same_facts(key):
    """
    Names, countries and the articles of the law are the same whichever way a visitor is
    addressed.
    """
    assert placeholders(INFORMAL[key]) == placeholders(FORMAL[key])
    assert re.findall(r"§|\d+", INFORMAL[key]) == re.findall(r"§|\d+", FORMAL[key])


@each_other_text
def test_an_informal_text_is_no_longer_and_no_less_neutral(key):
    """
    The informal text says the same in as many words, less at most the two of "lesen Sie" and
    "entscheiden Sie", and praises nothing (FL-16).
    """
    formal, informal = (len(words[key].split()) for words in (FORMAL, INFORMAL))

    assert formal - 2 <= informal <= formal
    assert not empty_words("de").search(INFORMAL[key])


@each_other_text
def test_informal_words_are_written_small_within_a_sentence(key):
    """
    "Du" and "dein" stand in capitals only where a sentence or a label begins.
    """
    assert not re.search(r"(?<![.?!] )(?<!^)\b(Du|Dir|Dich|Dein\w*)\b", INFORMAL[key])
