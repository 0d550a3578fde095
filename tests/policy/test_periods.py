"""Periods in every language."""

from __future__ import annotations

from itertools import product

import pytest

from consent.policy.duration import UNITS
from consent.policy.model import Duration
from consent.policy.wording import Say, duration_words, languages, texts
from tests.each import each


@each("language, unit", list(product(languages(), UNITS)))
def test_no_language_falls_back_to_an_english_unit(language, unit):
    """
    A period that is shown to visitors is in words of their language, for every unit that a
    policy can use (LA-02).
    """
    assert duration_words(Duration(21, unit), language, texts(language)) != f"21 {unit}"


@pytest.mark.parametrize(
    ("language", "duration", "said"),
    [
        ("et", Duration(13, "month"), "13 kuud"),
        ("et", Duration(1, "year"), "1 aasta"),
        ("ga", Duration(1, "year"), "1 bhliain"),
        ("ga", Duration(3, "year"), "3 bliana"),
        ("ga", Duration(7, "year"), "7 mbliana"),
        ("ga", Duration(13, "month"), "13 mí"),
        ("it", Duration(13, "month"), "13 mesi"),
        ("nl", Duration(30, "day"), "30 dagen"),
        ("pt", Duration(1, "month"), "1 mês"),
        ("mt", Duration(1, "day"), "jum wieħed"),
        ("mt", Duration(2, "year"), "sentejn"),
        ("mt", Duration(3, "year"), "3 snin"),
        ("mt", Duration(13, "month"), "13-il xahar"),
        ("mt", Duration(180, "day"), "180 jum"),
    ],
    ids=str,
)
def test_periods_follow_the_numbers_of_a_language(language, duration, said):
    """
    Where the Unicode data have no words for a period, ours decline as the language does.
    """
    assert duration_words(duration, language, texts(language)) == said


@pytest.mark.parametrize(
    ("language", "days", "said"),
    [
        ("de", 1, "Ihre Wahl gilt 1 Tag, ob"),
        ("de", 180, "Ihre Wahl gilt 180 Tage, ob"),
        ("en", 1, "valid for 1 day, whether"),
        ("cs", 3, "platí 3 dny."),
        ("cs", 5, "platí 5 dnů."),
        ("fi", 1, "voimassaoloaika on 1 päivä, olipa"),
        ("hr", 180, "vrijedi 180 dana."),
        ("hr", 181, "vrijedi 181 dan."),
        ("lt", 1, "galiojimo trukmė: 1 diena."),
        ("lt", 180, "galiojimo trukmė: 180 dienų."),
        ("lt", 365, "galiojimo trukmė: 365 dienos."),
        ("lv", 180, "derīguma termiņš ir 180 dienu."),
        ("lv", 181, "derīguma termiņš ir 181 diena."),
        ("mt", 2, "għal jumejn, kemm"),
        ("mt", 111, "għal 111-il jum, kemm"),
        ("ro", 19, "este valabilă 19 zile."),
        ("ro", 180, "este valabilă 180 de zile."),
        ("sk", 1, "platí 1 deň."),
        ("sl", 102, "je 102 dneva."),
        ("sl", 180, "je 180 dni."),
    ],
)
def test_a_choice_is_valid_for_any_number_of_days(language, days, said):
    """
    However many days a site lets a choice be valid, its visitors read a sentence.
    """
    say = Say(texts(language), language)

    assert said in say("settings.lifetime", duration=say.days(days))


@each("language", languages())
def test_no_noun_stands_beside_a_number_that_may_be_another(language):
    """
    Whatever a number counts comes with it from where its plural is known, or has a text for each
    form of numbers.
    """
    words = texts(language)

    assert [key for key, text in words.items() if "{days}" in text] == []
    assert "{duration}" in words["settings.lifetime"]


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("de", "Den Nachweis löschen wir 1 Jahr nach dem Ende"),
        ("en", "We delete the record 1 year after the end"),
        ("da", "når der er gået 1 år fra"),
        ("fr", "d’un délai de 1 an,"),
    ],
)
def test_evidence_may_be_kept_for_a_single_year(language, said):
    """
    The sentence about how long evidence is kept is one for the singular, too (SL-13).
    """
    period = duration_words(Duration(1, "year"), language, texts(language))

    assert said in Say(texts(language), language)("settings.kept", duration=period)
