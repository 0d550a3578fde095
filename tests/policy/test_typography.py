"""How the texts are written, letter by letter: what a compositor of the language would see."""

from __future__ import annotations

import re
from collections import Counter
from functools import cache
from importlib.resources import files
from unicodedata import is_normalized, name

import pytest

from consent.audit import wording
from consent.policy.wording import Say, languages, read_texts, texts
from tests.each import each
from tests.policy.reader import reader

#: What stands in the Latin alphabet in Bulgarian and Greek, too.
LATIN = re.compile(
    r"\b(Cache|Cookies?|cookies|Data Privacy Framework|IndexedDB|IP|JavaScript|Local|Service|"
    r"Session|Storage|TDDDG|Worker)\b"
)

#: Languages in which a word of one letter does not end a line.
CARRY = ("cs", "pl", "sk")

#: Texts that are filled into others or stand in a row with them.
INSERTED = ("duration.", "safeguard.")

QUOTES = "\"'`„“”‟‚‘’‛«»‹›"

each_language = each("language", languages())


@cache
def written(language: str) -> dict[str, str]:
    """Return all texts of *language* without the names of placeholders."""
    found = {f"{key}, informal": text for key, text in texts(language, "informal").items()}
    found |= texts(language)
    units = files("consent.policy") / "texts" / "units" / f"{language}.toml"
    if units.is_file():
        found |= {f"units.{key}": text for key, text in read_texts(units).items()}
    if language in wording.LANGUAGES:
        found |= {f"audit.{key}": text for key, text in wording.texts(language).items()}
    return {key: re.sub(r"\{\w+\}", "{}", text) for key, text in found.items()}


def wrong(language: str, pattern: str) -> list[str]:
    """Return the texts of *language* in which *pattern* is found."""
    return [key for key, text in written(language).items() if re.search(pattern, text)]


@each_language
def test_letters_are_composed(language):
    """
    A letter with an accent is one character, so that searching finds it (Unicode NFC).
    """
    assert [key for key, text in written(language).items() if not is_normalized("NFC", text)] == []


@each_language
def test_letters_are_those_of_the_language(language):
    """
    No letter of another alphabet has slipped in: no Latin "o" in a Bulgarian word, no Turkish
    "ş" in a Romanian one, nothing left over from a neighbour (LA-02).
    """
    own = set(reader(language)["letters"])
    latin = language not in ("bg", "el")

    def foreign(text: str) -> set[str]:
        letters = {sign.lower() for sign in LATIN.sub("", text) if sign.isalpha() and sign != "º"}
        return {one for one in letters - own if not (latin and one.isascii())}

    assert {key: f for key, text in written(language).items() if (f := foreign(text))} == {}


@each_language
def test_no_word_mixes_alphabets(language):
    """
    Letters that only look alike are not in one word: screen readers spell it out.
    """

    def alphabets(word: str) -> set[str]:
        return {name(letter).split()[0] for letter in word if letter.isalpha()}

    words = re.findall(r"\w+", "\n".join(written(language).values()))

    assert [word for word in words if len(alphabets(word)) > 1] == []


@each_language
def test_quotation_marks_are_those_of_the_language(language):
    """
    What is quoted stands between the marks that the language opens and closes a quotation with,
    in pairs; an apostrophe is one.
    """
    opening, closing = reader(language)["quotes"]

    def bad(text: str) -> bool:
        text = re.sub(r"(?<=\w)’|’(?=\w)|(?<=\w)’(?=\s)", "", text)
        text = re.sub(f"{opening}[^{QUOTES}]+{closing}", "", text)
        return any(mark in text for mark in QUOTES)

    assert [key for key, text in written(language).items() if bad(text)] == []


@each_language
def test_punctuation_stands_where_it_belongs(language):
    """
    There is one mark at a time, close to its word, three dots are one character, and a dash is
    no hyphen between spaces. French sets some marks apart, never at the beginning of a line.
    """
    assert wrong(language, r"[,;:!?][,;:!?]|,\.|\.\.|[;:!?]\.| - | --(?!\w)|\( | \)") == []
    if language == "fr":
        assert wrong(language, r"(?<!\u00a0)[:;?!»]|«(?!\u00a0)| [,.]") == []
    else:
        assert wrong(language, r"[ \u00a0][,.;:!?]") == []


@each("language", CARRY)
def test_a_word_of_one_letter_holds_to_the_next(language):
    """
    "w", "z", "k" and their like do not stand at the end of a line.
    """
    assert wrong(language, r"(?<![\w.])(?!c )[^\W\d_] \w") == []


@each_language
def test_an_abbreviation_holds_to_what_it_counts(language):
    """
    "§ 25", "Art. 6" and "Buchst. a" stay on one line, and so do the letters of "e. V."
    """
    assert (
        wrong(language, r"(§|[^\W\d_]\.) \d|\b(al|Buchst|let|lett|lit|pct|písm|t)\. \(?\w\b") == []
    )
    assert wrong(language, r"\b[^\W\d_]\. [^\W\d_]\.") == []


def test_a_name_is_not_torn():
    """
    The letters of an abbreviation in what is filled in stay on one line; other spaces are kept.
    """
    say = Say({"who": "Verantwortlich: {name}."}, "de")

    assert say("who", name="Verein e. V.") == "Verantwortlich: Verein e.\u00a0V."
    assert (
        say("who", name="A. B. von C. d. E.") == "Verantwortlich: A.\u00a0B. von C.\u00a0d.\u00a0E."
    )


@each_language
def test_spaces_and_hyphens_can_be_seen(language):
    """
    There are no signs that nobody sees, but for the space that does not break, and in Swedish,
    whose heading is one long word, a hyphen that may.
    """
    hidden = r"[^\S \n\u00a0]|[\u00a0 ][\u00a0 ]|[\u200b-\u200f\u2060\ufeff]"

    assert wrong(language, hidden) == []
    assert language == "sv" or wrong(language, "\u00ad") == []


@each_language
def test_texts_and_sentences_begin_with_a_capital(language):
    """
    A text begins with a capital, but for what is filled into a sentence, and so does whatever
    comes after a full stop that ends no abbreviation.
    """
    whole = {key: text for key, text in texts(language).items() if not key.startswith(INSERTED)}
    # Articles of a law, full of abbreviations, stand in brackets or after a colon.
    prose = {
        key: re.sub(r"\(.*?\d.*?\)+", "", text)
        for key, text in whole.items()
        if not key.endswith("_basis")
    }

    assert [key for key, text in whole.items() if text[0].islower()] == []
    assert [
        key
        for key, text in prose.items()
        if any(first.islower() for first in re.findall(r"\w{4}[.!?]\s(\w)", text))
    ] == []


@each_language
def test_a_label_is_no_sentence(language):
    """
    Labels of buttons, links and rows have no full stop, and what is filled into a sentence
    brings none along, so that none is doubled.
    """
    labels = r"(button|link|table|item|content|duration)\.|receipt\.(kind|granted|refused|when)"
    ended = [
        key
        for key, text in texts(language).items()
        if re.match(labels, key) and text[-1] in ".:;," and "\n" not in text
    ]
    within = [key for key, text in texts(language).items() if key.startswith("safeguard.")]

    assert ended == []
    if language != "de-simple":
        assert [key for key in within if texts(language)[key].endswith(".")] == []


def test_nothing_is_left_in_another_language():
    """
    No sentence is the same in two languages, so none was forgotten when texts were copied.
    """
    spoken = [language for language in languages() if language != "de-simple"]
    sentences = Counter(
        text
        for language in spoken
        for text in set(texts(language).values())
        if len(re.findall(r"[^\W\d_]{2,}", text.partition("(")[0])) > 3
    )

    assert [text for text, count in sentences.items() if count > 1] == []


@pytest.mark.parametrize(
    ("language", "count", "said"),
    [
        ("pl", 1, "1 inny dostawca otrzymuje"),
        ("pl", 22, "22 innych dostawców otrzymuje"),
        ("cs", 2, "2 další poskytovatelé získávají"),
        ("cs", 5, "5 dalších poskytovatelů získává"),
        ("sk", 4, "4 ďalší poskytovatelia získavajú"),
        ("sk", 21, "21 ďalších poskytovateľov získava"),
        ("sl", 1, "1 drug ponudnik prejema"),
        ("sl", 2, "2 druga ponudnika prejemata"),
        ("sl", 3, "3 drugi ponudniki prejemajo"),
        ("sl", 11, "11 drugih ponudnikov prejema"),
        ("sl", 102, "102 druga ponudnika prejemata"),
        ("hr", 21, "21 drugi pružatelj usluga prima"),
        ("hr", 22, "22 druga pružatelja usluga primaju"),
        ("hr", 11, "11 drugih pružatelja usluga prima"),
        ("lt", 10, "10 kitų teikėjų gauna"),
        ("lt", 21, "21 kitas teikėjas gauna"),
        ("lt", 22, "22 kiti teikėjai gauna"),
        ("lv", 11, "11 citu pakalpojumu sniedzēju saņem"),
        ("lv", 21, "21 cits pakalpojumu sniedzējs saņem"),
        ("ro", 2, "Încă 2 furnizori primesc"),
        ("ro", 21, "Încă 21 de furnizori primesc"),
        ("ro", 101, "Încă 101 furnizori primesc"),
        ("mt", 3, "3 fornituri oħra jirċievu"),
        ("mt", 11, "11-il fornitur ieħor jirċievu"),
        ("ga", 2, "2 sholáthraí eile"),
        ("ga", 7, "7 soláthraí eile"),
        ("bg", 21, "21 други доставчици получават"),
    ],
)
def test_nouns_follow_their_numbers(language, count, said):
    """
    How many providers receive data is a sentence for each class of numbers (FL-12, LA-02).
    """
    assert said in Say(texts(language), language)("banner.recipients", count=count)
