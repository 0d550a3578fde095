"""How texts are found and filled in."""

from __future__ import annotations

import pytest

from consent.policy.model import Duration
from consent.policy.wording import (
    Say,
    country_name,
    duration_words,
    keys,
    languages,
    placeholders,
    texts,
)

TEXTS = {
    "plain": "Guten Tag",
    "greeting": "Guten Tag, {name}",
    "found.one": "{count} Eintrag",
    "found.other": "{count} Einträge",
    "only.other": "{count} Stück",
    "kind.other": "Anderes",
}


def test_german_comes_first():
    """
    German is the first language; the others follow in order.
    """
    assert languages()[0] == "de"
    assert list(languages()[1:]) == sorted(languages()[1:])


def test_keys_are_dotted():
    """
    A text is found by one dotted key, however deep its table lies in the file.
    """
    assert {"banner.title", "banner.recipients.one", "purposes.media.without"} <= keys()


def test_a_language_without_texts_is_named():
    """
    Asking for a language that is not shipped fails at once and names it.
    """
    with pytest.raises(KeyError, match=r"\.\./de"):
        texts("../de")


def test_texts_cannot_be_changed_by_their_reader():
    """
    What one reader does with the texts cannot alter them for the next.
    """
    with pytest.raises(TypeError):
        texts("de")["button.reject"] = "Weiter"  # type: ignore[index]


def test_values_take_the_place_of_placeholders():
    """
    A placeholder is replaced by its value; values that a text does not use do no harm.
    """
    say = Say(TEXTS, "de")

    assert say("greeting", name="{Ada}") == "Guten Tag, {Ada}"
    assert say("plain", name="Ada") == "Guten Tag"


@pytest.mark.parametrize("language", languages())
def test_a_name_with_a_full_stop_ends_its_sentence(language):
    """
    No full stop is doubled after "Vimeo.com, Inc." or "Beispiel e. V.", and none is lost.
    """
    say = Say(texts(language), language)
    ends = say("placeholder.undeclared", provider="Vimeo.com, Inc.")
    news = say("banner.news", services="Filme, Beispiel e. V.")

    assert "Vimeo.com, Inc." in ends
    assert "Beispiel e.\u00a0V." in news
    assert ".." not in ends + news


@pytest.mark.parametrize(
    ("count", "said"),
    [(0, "0 Einträge"), (1, "1 Eintrag"), (2, "2 Einträge"), (101, "101 Einträge")],
)
def test_a_number_chooses_singular_or_plural(count, said):
    """
    One provider is spoken of in the singular, any other number in the plural.
    """
    assert Say(TEXTS, "de")("found", count=count) == said


def test_a_missing_plural_form_falls_back_to_the_general_one():
    """
    Where a language has no form of its own for a number, the general form is used.
    """
    assert Say(TEXTS, "de")("only", count=1) == "1 Stück"


@pytest.mark.parametrize(
    ("key", "values"),
    [("none", {}), ("none", {"count": 1}), ("found", {}), ("kind", {"count": "many"})],
    ids=["unknown", "unknown with count", "plural without count", "count without number"],
)
def test_an_unknown_key_is_named(key, values):
    """
    A text that does not exist is an error that names the key, never an empty notice (LA-02).
    """
    with pytest.raises(KeyError) as caught:
        Say(TEXTS, "de")(key, **values)

    assert caught.value.args == (key,)


def test_french_parts_a_colon_from_its_word():
    """
    Before a colon stands a space that does not break in French, and nothing in other languages.
    """
    assert [Say({}, tag).colon for tag in ("de", "fr")] == [":", "\N{NO-BREAK SPACE}:"]


def test_a_missing_value_is_named():
    """
    A text is never shown with a gap: the missing value is an error that names it.
    """
    with pytest.raises(KeyError, match="name"):
        Say(TEXTS, "de")("greeting")


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("nothing", set()),
        ("{{braces}}", set()),
        ("{a} and {b} and {a}", {"a", "b"}),
        ("{}", {""}),
        ("{a.b}", {"a.b"}),
        ("{a[0]}", {"a[0]"}),
        ("{a:>9}", {"a:>9"}),
        ("{a!r}", {"a!r"}),
        ("{a:{b}}", {"a:{b}"}),
    ],
)
def test_placeholders_beyond_a_plain_name_stand_out(text, found):
    """
    Whatever a site's own wording might do with a value besides showing it can be told from a
    plain placeholder, and so be refused.
    """
    assert placeholders(text) == found


@pytest.mark.parametrize("text", ["{", "}", "{a", "{a!}"])
def test_broken_braces_are_an_error(text):
    """
    Wording with unmatched braces is refused before a visitor sees it.
    """
    with pytest.raises(ValueError, match=r"[{}]|expected|unmatched|end of string"):
        placeholders(text)


@pytest.mark.parametrize(
    ("duration", "de", "en"),
    [
        (Duration(13, "month"), "13 Monate", "13 months"),
        (Duration(1, "year"), "1 Jahr", "1 year"),
        (Duration(30, "minute"), "30 Minuten", "30 minutes"),
        (Duration(24, "hour"), "24 Stunden", "24 hours"),
        (Duration(720, "day"), "720 Tage", "720 days"),
        (Duration(2, "week"), "2 Wochen", "2 weeks"),
        (Duration(0, "session"), "bis zum Schließen des Browsers", "until the browser is closed"),
        (Duration(0, "persistent"), "bis Sie den Eintrag löschen", "until you delete the entry"),
    ],
    ids=lambda value: value.unit if isinstance(value, Duration) else value,
)
def test_periods_are_written_out(duration, de, en):
    """
    How long an item stays is said in the visitor's language, in words.
    """
    assert duration_words(duration, "de", texts("de")) == de
    assert duration_words(duration, "en", texts("en")) == en


@pytest.mark.parametrize(
    ("language", "day", "moment"),
    [
        ("de", "7. November 2026", "7. November 2026, 08:05 UTC"),
        ("de-simple", "7. November 2026", "7. November 2026, 08:05 UTC"),
        ("en", "7 November 2026", "7 November 2026, 08:05 UTC"),
        ("fi", "7. marraskuuta 2026", "7. marraskuuta 2026, 8.05 UTC"),
        ("hu", "2026. november 7.", "2026. november 7., 8:05 UTC"),
        ("pl", "7 listopada 2026", "7 listopada 2026, 08:05 UTC"),
        ("pt", "7 de novembro de 2026", "7 de novembro de 2026, 08:05 UTC"),
    ],
)
def test_days_and_times_are_written_out(language, day, moment):
    """
    A day is said as people in Europe say it, and a time names the clock that it is of.
    """
    say = Say(texts(language), language)

    assert say.day("2026-11-07") == day
    assert say.moment("2026-11-07T08:05:59.123Z") == moment


@pytest.mark.parametrize(
    ("iso", "day"),
    [
        ("2027-05-01", "1er mai 2027"),
        ("2027-05-02", "2 mai 2027"),
        ("2027-05-11", "11 mai 2027"),
        ("2027-05-31", "31 mai 2027"),
    ],
)
def test_the_first_of_a_month_is_an_ordinal_in_french(iso, day):
    """
    A day is written as French writes it: "le 1er mai", but "le 2 mai".
    """
    assert Say(texts("fr"), "fr").day(iso) == day


@pytest.mark.parametrize(("language", "preposition"), [("it", "al"), ("lv", "līdz"), ("sl", "do")])
def test_a_day_stands_behind_no_preposition_that_would_change_it(language, preposition):
    """
    Until when a consent is valid reads as a sentence with any day: behind "do" a Slovenian month
    would need the genitive, and "al" does not stand before the eighth.
    """
    assert preposition not in texts(language)["receipt.valid_until"].split()


@pytest.mark.parametrize("language", languages())
def test_no_day_is_left_as_a_number(language):
    """
    Every language has names for its months.
    """
    days = [Say(texts(language), language).day(f"2026-{month:02}-07") for month in range(1, 13)]

    assert len(set(days)) == 12
    assert not [day for day in days if "2026-" in day or "/" in day]


def test_countries_are_written_out():
    """
    Countries appear by name in the visitor's language, not by code.
    """
    assert country_name("US", "de") == "Vereinigte Staaten"
    assert country_name("US", "en") == "United States"


def test_a_country_that_does_not_exist_is_named():
    """
    A code that no country has is an error that names the code.
    """
    with pytest.raises(KeyError, match="QQ"):
        country_name("QQ", "de")
