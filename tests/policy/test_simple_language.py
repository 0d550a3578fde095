"""
German in Leichte Sprache: the rules of BITV 2.0, annex 2, part 2, as far as words can be told
by their form. Whether people understand the texts, only people can say: readers with learning
difficulties test them before they are used.
"""

from __future__ import annotations

import re

import pytest

from consent.policy.wording import Say, keys, texts
from tests.each import each

TEXTS = texts("de-simple")

#: Running texts, as against labels.
RUNNING = {key: text for key, text in TEXTS.items() if "\n" in text}

#: The legal basis has to be named so that a lawyer finds it, with the long name of the law and
#: its abbreviation.
LEGAL_BASES = {"settings.essential_basis", "settings.optional_basis"}

#: What is not done or not possible, where saying so is the point.
NEGATED = {
    "error.not_found",
    "error.unavailable",
    "purposes.protection.without",
    "purposes.statistics.without",
    "purposes.tracking.without",
    "receipt.none",
    "settings.limits",
    "settings.now_signal",
    "settings.record",
    "settings.signals",
    "settings.stored_none",
    "status.unrecorded",
    "status.unrecorded_change",
    "status.unsaved",
}

#: What stands on the same page below a text that explains its words, ``settings.record``.
EXPLAINED_ABOVE = {"settings.limits"}

every_key = each("key", sorted(TEXTS))
every_running_text = each("key", sorted(RUNNING))


def lines(key: str) -> list[str]:
    return TEXTS[key].split("\n")


@every_key
def test_each_line_is_one_sentence(key):
    """
    Each sentence has a line of its own, and no sentence goes on in the next line (LA-05).
    """
    for line in lines(key):
        assert not re.search(r"[.?!] ", line)
        assert re.match(r"[A-ZÄÖÜ0-9„{]", line) or "\n" not in TEXTS[key]


@every_running_text
def test_each_line_of_a_running_text_is_finished(key):
    """
    A line ends as a sentence does, or introduces what is filled in after it (LA-05).
    """
    *before, last = lines(key)

    assert all(line.endswith((".", "?", ":")) for line in before)
    assert last.endswith((".", "?", ":", "}"))


@every_key
def test_no_sentence_is_long(key):
    """
    A sentence has at most 12 words (LA-05).
    """
    assert max(len(line.split()) for line in lines(key)) <= 12


def test_most_sentences_are_very_short():
    """
    On average a sentence has at most 8 words (LA-05).
    """
    lengths = [len(line.split()) for key in RUNNING for line in lines(key)]

    assert sum(lengths) / len(lengths) <= 8


@every_key
def test_no_sentence_is_nested(key):
    """
    A sentence says one thing: it has no clause of reason, purpose, condition or relation in it,
    and no question within (LA-05).
    """
    clauses = (
        r", (dass|weil|damit|obwohl|indem|nachdem|bevor|sodass|der|die|das|den|dem|"
        r"ob|wie|wenn|falls|welch\w+)\b"
    )

    assert not re.search(clauses, TEXTS[key])


@each("key", sorted(TEXTS.keys() - LEGAL_BASES))
def test_there_are_no_abbreviations(key):
    """
    Nothing is abbreviated, except "IP" in a word that is explained (LA-05).
    """
    assert not re.search(r"\b(?!IP-)[A-ZÄÖÜ]{2,}\b", TEXTS[key])
    assert not re.search(r"\b\w{1,6}\.(?! *$| *\n)", TEXTS[key])


@every_key
def test_there_is_no_genitive(key):
    """
    Belonging is said with "von", not with the genitive (LA-05).
    """
    article = r"\b(des|eines|keines|dessen|deren|wessen|Ihres|unseres|seines)\b"
    noun = r"(?<=[^\s:] )[A-ZÄÖÜ][\w-]+ (der|einer|dieser|Ihrer|unserer|anderer) [A-ZÄÖÜ]"

    assert not re.search(f"{article}|{noun}", TEXTS[key])


@every_key
def test_there_is_no_subjunctive(key):
    """
    What is said is the case, it is not only thought of (LA-05).
    """
    subjunctive = r"\b(würd|könnt|möcht|müsst|dürft|sollt|hätt|wär)e\w*\b|\bseien?\b"

    assert not re.search(subjunctive, TEXTS[key], re.IGNORECASE)


@every_key
def test_there_is_no_passive(key):
    """
    It is said who does something: no form of "werden" occurs at all (LA-05).
    """
    assert not re.search(r"\b(wird|werden|wurden?|worden)\b", TEXTS[key], re.IGNORECASE)


def test_little_is_negated():
    """
    Texts say what is, rather than what is not; those that cannot are known by name (LA-05).
    """
    negation = re.compile(r"\b(nicht|nichts|nie|niemals|niemand|kein\w*)\b", re.IGNORECASE)

    assert {key for key, text in TEXTS.items() if negation.search(text)} == NEGATED


@each("key", sorted(TEXTS.keys() - LEGAL_BASES))
def test_long_words_are_divided(key):
    """
    Long words have hyphens, so that their parts can be seen (LA-05).
    """
    assert not re.search(r"\w{17,}", TEXTS[key])


@every_key
def test_there_are_no_special_signs(key):
    """
    Signs such as § and % are said in words (LA-05).
    """
    assert not re.search(r"[§&%/*#+=;…–]", TEXTS[key])


@every_key
def test_numbers_are_digits(key):
    """
    Numbers are written as digits (LA-05).
    """
    number = r"\b(zwei|drei|vier|fünf|sechs|sieben|acht|neun|zehn|elf|zwölf|hundert|tausend)"

    assert not re.search(rf"{number}(mal)?\b|\beinmal\b", TEXTS[key], re.IGNORECASE)


@every_running_text
def test_nothing_is_put_in_brackets(key):
    """
    A sentence is not interrupted: what would stand in brackets has one of its own (LA-05).
    """
    assert not re.search(r"[()\[\]]", TEXTS[key])


@pytest.mark.parametrize(
    ("word", "explained"),
    [
        ("IP-Adresse", "Eine IP-Adresse ist"),
        ("Cookies", "Cookies sind"),
        ("Browser", "Ein Browser ist"),
        ("Beleg", "Beleg ist ein Beweis"),
        ("JavaScript", "JavaScript ist"),
    ],
)
def test_hard_words_are_explained_where_they_are_used(word, explained):
    """
    A visitor who meets a hard word in a running text reads there what it means (LA-05).
    """
    used = [key for key, text in RUNNING.items() if word in text and key not in EXPLAINED_ABOVE]

    assert used
    assert [key for key in used if explained not in RUNNING[key]] == []


def test_a_thing_has_one_name():
    """
    A map is called the same wherever it is spoken of, and so is a site as against a page (LA-05).
    """
    words = "\n".join(TEXTS.values())

    assert not re.search(r"(?<!Land-)\bKarten?\b|Website|Webseite|Homepage", words)


def test_consent_and_withdrawal_are_explained_on_the_first_layer():
    """
    What an "Einwilligung" is and what "widerrufen" means is said before either is asked for
    (LA-05).
    """
    assert (
        "Sie können uns mehr erlauben.\nDas schwere Wort dafür ist: Einwilligung."
        in (TEXTS["banner.intro"])
    )
    assert "Widerrufen heißt:" in TEXTS["banner.withdraw"]


@pytest.mark.parametrize("ground", sorted(k for k in keys() if k.startswith("safeguard.")))
def test_a_text_within_a_text_begins_a_line(ground):
    """
    The ground for a transfer, several sentences here, has lines of its own (LA-05).
    """
    say = Say(TEXTS, "de-simple")
    shown = say("settings.transfer", countries="Kanada", ground=say(ground)).split("\n")

    assert say(ground).split("\n") == shown[-say(ground).count("\n") - 1 :]
