"""What the shipped texts say and what they must not say, read as a lawyer would."""

from __future__ import annotations

import re
from typing import get_args

import pytest
from babel import Locale

from consent.policy.model import Embed
from consent.policy.phrases import empty_words, evasive
from consent.policy.wording import Say, keys, languages, placeholders, texts
from tests.policy.reader import reader, says

#: How a key ends that has a text for each form of numbers.
PLURAL = re.compile(r"\.(zero|one|two|few|many|other)$")

FIRST_LAYER = ("purposes.statistics", "purposes.media")

#: Most words on the first layer. Easy-to-read language explains its words and divides its
#: sentences, so it needs more of both.
MOST_WORDS = {"de-simple": 160}

every_language = pytest.mark.parametrize("language", languages())


def first_layer(language: str) -> list[str]:
    """Return the running text of a banner with two purposes, line by line."""
    say = Say(texts(language), language)
    return [
        say("banner.intro"),
        *(f"{say(f'{purpose}.title')}: {say(f'{purpose}.description')}" for purpose in FIRST_LAYER),
        say("banner.storage"),
        say("banner.recipients", count=3),
        say("banner.abroad", countries="Vereinigte Staaten, Vereinigtes Königreich"),
        say("banner.free"),
        say("banner.withdraw", settings=say("link.settings")),
        say("banner.controller", controller="Kreisverband Musterland"),
    ]


def sentences(lines: list[str]) -> list[list[str]]:
    return [part.split() for line in lines for part in re.split(r"(?<=[.!?])\s+", line)]


@every_language
def test_every_language_has_every_text(language):
    """
    No language lacks a text that another one has, and where a text depends on a number it
    has every plural form of the language (LA-02).
    """
    bases = {PLURAL.sub("", key) for key in keys()}
    counted = {PLURAL.sub("", key) for key in keys() if PLURAL.search(key)}
    rule = Locale.parse(language.partition("-")[0]).plural_form
    forms = {rule(number) for number in range(1, 2000)} | {"other"}

    assert texts(language).keys() == (bases - counted) | {
        f"{base}.{form}" for base in counted for form in forms
    }


def test_every_language_of_the_union_is_there():
    """
    Texts exist in all 24 official languages of the EU, and in easy-to-read German.
    """
    union = "bg cs da de el en es et fi fr ga hr hu it lt lv mt nl pl pt ro sk sl sv"

    assert set(languages()) == {*union.split(), "de-simple"}


@every_language
def test_a_text_has_the_same_placeholders_in_every_language(language):
    """
    The same facts are filled in whichever language a visitor reads.
    """

    def differs(key: str, text: str) -> bool:
        base = texts("de").get(key) or texts("de")[PLURAL.sub(".other", key)]
        optional = {"count"} if PLURAL.search(key) and not key.endswith(".other") else set()
        return placeholders(text) | optional != placeholders(base) | optional

    assert [key for key, text in texts(language).items() if differs(key, text)] == []


@every_language
def test_a_text_says_something_in_one_line(language):
    """
    No text is empty or carries markup or stray white space. Easy-to-read language has one
    sentence to a line.
    """
    stray = re.compile(
        r"[<>\t]|  |^ | $|^$" + ("" if language == "de-simple" else r"|\n"), re.MULTILINE
    )

    assert [key for key, text in texts(language).items() if stray.search(text)] == []


@pytest.mark.parametrize("key", ["button.reject", "button.reject_these"])
@every_language
def test_the_reject_button_says_that_something_is_refused(language, key):
    """
    The button for refusing names the refusal and is none of the evasive labels (FL-05).
    """
    label = texts(language)[key].lower()

    assert says(language, "refusing", label)
    assert not says(language, "consenting", label)
    assert label not in evasive(language)


@pytest.mark.parametrize("key", ["button.accept", "button.accept_these"])
@every_language
def test_the_accept_button_says_that_consent_is_given(language, key):
    """
    The button for consenting names the consent and is none of the evasive labels (FL-06).
    """
    label = texts(language)[key].lower()

    assert says(language, "consenting", label)
    assert not says(language, "refusing", label)
    assert label not in evasive(language)


@pytest.mark.parametrize("embed", get_args(Embed))
@every_language
def test_the_place_of_an_embed_says_who_gets_what(language, embed):
    """
    Whatever stands there once it is allowed, its provider, the country and what the provider gets
    by that, the address of the device, are named (GA-03).
    """
    text = texts(language)[f"placeholder.{embed}"]

    assert placeholders(text) == {"provider", "country"}
    assert re.search(r"\bIP\b", text)


@every_language
def test_the_place_of_an_embed_leads_to_how_consent_is_taken_back(language):
    """
    Whoever allows a film in its place may not have the banner before them any more: the link there
    names the withdrawal, as the receipt calls it (Art. 7(3) GDPR, FL-14).
    """
    named, link = (texts(language)[key] for key in ("receipt.kind.withdrawal", "placeholder.more"))

    assert named.lower() in link.lower()


@every_language
def test_putting_off_is_no_refusal(language):
    """
    In no language may a site's own label put the question off instead of saying no (FL-05).
    """
    words = reader(language)

    assert {words["not_now"], words["later"]} <= evasive(language)


@pytest.mark.parametrize(("pair", "what"), [("", "all"), ("_these", "these")])
@every_language
def test_accepting_and_refusing_are_said_alike(language, pair, what):
    """
    Both buttons speak of the same thing in the same number of words, and neither is more
    than half as long again as the other.
    """
    accept, reject = (texts(language)[f"button.{verb}{pair}"] for verb in ("accept", "reject"))

    assert len(accept.split()) == len(reject.split())
    assert says(language, what, accept)
    assert says(language, what, reject)
    assert max(len(accept), len(reject)) <= 1.5 * min(len(accept), len(reject))


@every_language
def test_labels_are_all_different(language):
    """
    No two buttons carry the same words.
    """
    labels = [text for key, text in texts(language).items() if key.startswith("button.")]

    assert len(labels) == len(set(labels))


@every_language
def test_no_text_praises_consenting(language):
    """
    No text praises consenting, regrets refusing or hides behind an empty purpose
    (FL-10, FL-16).
    """
    words = texts(language).items()

    assert [key for key, text in words if says(language, "praise", text)] == []
    assert [key for key, text in words if empty_words(language).search(text)] == []


@every_language
def test_a_site_cannot_praise_consenting(language):
    """
    What half of all banners say in the place of a purpose, in each language, is refused in a
    site's own wording (FL-10, FL-16).
    """
    openers = reader(language)["openers"].splitlines()

    assert [text for text in openers if not empty_words(language).search(text)] == []


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("de", "Wir respektieren Ihre Wahl."),
        ("de", "Diese Daten sind uns nicht zugänglich."),
        ("en", "We respect your choice."),
        ("fr", "Nous respectons votre choix."),
        ("hu", "Fontos számunkra tudni, melyik oldalt nyitják meg."),
        ("pl", "Szanujemy Państwa wybór."),
    ],
)
def test_a_site_may_say_what_it_does(language, text):
    """
    Words that praise consenting elsewhere are no praise where they tell of a choice or a purpose
    (FL-10).
    """
    assert not empty_words(language).search(text)


@every_language
def test_no_text_threatens(language):
    """
    No text warns of disadvantages that it does not name (FL-17).
    """
    words = texts(language).items()

    assert [key for key, text in words if says(language, "threat", text)] == []


@every_language
def test_the_first_layer_is_free_of_legal_terms(language):
    """
    The first layer can be understood without knowing any law (LA-04).
    """
    assert not says(language, "jargon", " ".join(first_layer(language)))


@every_language
def test_sentences_of_the_first_layer_are_short(language):
    """
    A sentence of the first layer has at most 15 words on average, none more than 20 (LA-04).
    """
    lengths = [len(words) for words in sentences(first_layer(language))]

    assert sum(lengths) / len(lengths) <= 15
    assert max(lengths) <= 20


@every_language
def test_the_first_layer_is_brief(language):
    """
    With two purposes the first layer has at most 100 words of running text, in easy-to-read
    German, which explains the hard ones, at most 160 (FL-26).
    """
    assert len(" ".join(first_layer(language)).split()) <= MOST_WORDS.get(language, 100)


@pytest.mark.parametrize("count", [1, 2, 3, 5, 11, 21])
@every_language
def test_the_first_layer_covers_device_and_processing(language, count):
    """
    The visitor is told both of storing or reading on the device and of the processing that
    follows, and how many providers receive data (FL-11, FL-12).
    """
    say = Say(texts(language), language)
    recipients = say("banner.recipients", count=count)

    assert says(language, "device", say("banner.storage"))
    assert says(language, "processing", recipients)
    assert str(count) in recipients


@every_language
def test_the_first_layer_says_where_to_withdraw(language):
    """
    Before consenting the visitor reads that it can be withdrawn at any time, and the very
    name of the link for it (FL-14).
    """
    say = Say(texts(language), language)
    text = say("banner.withdraw", settings=say("link.settings"))

    assert say("link.settings") in text
    assert says(language, "any_time", text)


@every_language
def test_optional_services_rest_on_consent_alone(language):
    """
    The legal basis of optional services is § 25(1) TDDDG with Art. 6(1)(a) GDPR, that of
    essential items § 25(2) no. 2 TDDDG, and nothing rests on a legitimate interest
    (SL-05, SL-08).
    """
    words = texts(language)

    assert says(language, "optional_basis", words["settings.optional_basis"])
    assert says(language, "essential_basis", words["settings.essential_basis"])
    assert not says(language, "legitimate_interest", " ".join(words.values()))


@every_language
def test_limits_of_a_withdrawal_are_told(language):
    """
    The visitor learns that entries on other providers' domains stay until removed in the
    browser, and the answer to a withdrawal claims no more than that (WD-11).
    """
    words = texts(language)

    assert says(language, "cannot_delete", words["settings.limits"])
    assert says(language, "as_far_as", words["status.withdrawn"])


@every_language
def test_only_cookies_are_called_cookies(language):
    """
    What also lies in other storage is not called a cookie: that word is kept for the kind of an
    item, for a browser that takes none, and for what a test tries (FL-11, WD-11). Easy-to-read
    German may name it as an example.
    """
    kinds = {"item.cookie", "error.storage", "content.cookie-test"}
    examples = {"settings.intro"} if language == "de-simple" else set()

    named = {key for key, text in texts(language).items() if says(language, "cookie", text)}
    assert named == kinds | examples


@pytest.mark.parametrize(
    "key", ["error.unavailable", "status.unrecorded", "status.unrecorded_change"]
)
@every_language
def test_an_outage_is_told_in_plain_words(language, key):
    """
    When a decision could not be recorded, the visitor is told so.
    """
    assert says(language, "recorded", texts(language)[key])


@every_language
def test_the_record_of_the_decision_is_described(language):
    """
    What is stored about the decision itself, on what basis and how long, can be read (SL-13), also
    what gets no receipt number.
    """
    text = texts(language)["settings.record"]

    assert says(language, "record_basis", text)
    assert says(language, "without_number", text)
    assert says(language, "one_view", text)
    # Of the record alone: what the web server writes down is for the privacy policy to say.
    assert says(language, "with_it", text)
    assert "{duration}" in texts(language)["settings.kept"]


@every_language
def test_visitors_are_addressed_in_one_way(language):
    """
    A language that can be formal or informal is formal throughout; easy-to-read German, too.
    """
    wrong = reader(language).get("wrong_address", r"(?!)")

    assert not [
        key for key, text in texts(language).items() if re.search(wrong, text, re.IGNORECASE)
    ]


@every_language
def test_signals_are_listed_outside_of_a_sentence(language):
    """
    Two signals and one are filled into the same text, so no sentence goes on after them that
    would need an "or"; and as they have brackets of their own, they stand in none (SG-07).
    """
    assert re.search(r": \{signals\}\.", texts(language)["settings.signals"].replace("\xa0", " "))


@every_language
def test_who_is_responsible_is_called_so_by_the_law(language):
    """
    The controller is named by the word of the language's own GDPR, or by the part of it that
    says the same to a layman, and not by a word for blame or for the data protection officer
    (FL-19).
    """
    words = texts(language)

    assert says(language, "controller", words["banner.controller"])
    officer = words["settings.dpo"].partition(":")[0].strip()
    assert not words["banner.controller"].startswith(officer)


@every_language
def test_the_imprint_is_named_as_the_law_means_it(language):
    """
    The link to who is behind the site is named as a native reader expects, not translated
    as the printing of a book.
    """
    assert texts(language)["link.imprint"] == reader(language)["imprint"]


@every_language
def test_sign_language_is_named_as_its_law_names_it(language):
    """
    The link to a film in sign language calls it what the country's own law does (LA-06).
    """
    assert says(language, "sign_language", texts(language)["link.sign_language"])


@every_language
def test_purposes_are_concrete_sentences(language):
    """
    Each purpose says in one sentence what is done, and what is missing without it (FL-10,
    FL-17).
    """
    words = texts(language)

    for purpose in {key.split(".")[1] for key in keys() if key.startswith("purposes.")}:
        for field in ("description", "without"):
            text = words[f"purposes.{purpose}.{field}"]
            assert len(sentences([text])) == 1
            assert text.endswith(".")


@every_language
def test_the_link_and_the_page_it_opens_have_one_name(language):
    """
    The footer link, the banner and the settings page carry the same name.
    """
    words = texts(language)

    assert words["link.settings"] == words["settings.title"] == words["banner.title"]
