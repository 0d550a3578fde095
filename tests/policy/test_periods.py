"""Periods in every language."""

from __future__ import annotations

from itertools import product

import pytest

from consent.policy.duration import UNITS
from consent.policy.model import Duration
from consent.policy.wording import duration_words, languages, texts
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
