"""What the shipped texts say and what they must not say, read as a lawyer would."""

from __future__ import annotations

import re

import pytest

from consent.policy.wording import Say, keys, languages, placeholders, texts

#: Words that leave open whether anything is refused or consented to.
VAGUE = {
    "de": r"ok|okay|verstanden|weiter|mehr|x|einstellungen|zustimmen & schließen|fortfahren",
    "en": r"ok|okay|got it|understood|continue|next|more|x|settings|agree & close|dismiss",
}
REFUSING = {"de": "ablehnen", "en": "reject"}
CONSENTING = {"de": "akzeptieren", "en": "accept"}
#: Praise of consenting, pity, and purposes that say nothing.
PRAISE = {
    "de": r"bestmöglich|optimal|nutzererlebnis|nutzungserlebnis|nutzererfahrung|verbesser|leider"
    r"|wertschätz|schätzen|am besten|empfohlen|empfehlen|gern|schöner|bequem|\bpartner",
    "en": r"best|optimal|experience|improve|enhance|unfortunately|sorry|value your|recommend"
    r"|gladly|nicer|convenient|\bpartner",
}
#: Vague disadvantages.
THREAT = {
    "de": r"womöglich|möglicherweise|unter umständen|eventuell|nicht mehr alle funktion"
    r"|eingeschränkt|voll(er|en)? funktionsumfang|nachteil",
    "en": r"\bmay\b|\bmight\b|possibly|perhaps|not all (functions|features)|limited"
    r"|full functionality|disadvantage",
}
JARGON = r"§|\bart\.|dsgvo|gdpr|tdddg|personenbezogen|personal data|rechtsgrundlage|legal basis"
FIRST_LAYER = ("purposes.statistics", "purposes.media")

every_language = pytest.mark.parametrize("language", languages())
every_text = pytest.mark.parametrize(
    ("language", "key"),
    [(language, key) for language in languages() for key in sorted(keys())],
)


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
    No language lacks a text that another one has (LA-02).
    """
    assert texts(language).keys() == keys()


@every_text
def test_a_text_has_the_same_placeholders_in_every_language(language, key):
    """
    The same facts are filled in whichever language a visitor reads.
    """
    assert placeholders(texts(language)[key]) == placeholders(texts("de")[key])


@every_text
def test_a_text_says_something_in_one_line(language, key):
    """
    No text is empty or carries markup or stray white space.
    """
    text = texts(language)[key]

    assert text
    assert text == " ".join(text.split(" ")).strip()
    assert not re.search(r"[<>\n\t]|  ", text)


@every_language
def test_plural_forms_come_in_pairs(language):
    """
    Whatever depends on a number exists for one and for many.
    """
    ones = {key.removesuffix(".one") for key in texts(language) if key.endswith(".one")}
    others = {key.removesuffix(".other") for key in texts(language) if key.endswith(".other")}

    assert ones == others == {"banner.recipients"}


@every_language
def test_the_reject_button_says_that_something_is_refused(language):
    """
    The button for refusing names the refusal and is none of the evasive labels (FL-05).
    """
    label = texts(language)["button.reject"].lower()

    assert REFUSING[language] in label
    assert not re.fullmatch(VAGUE[language], label)


@every_language
def test_the_accept_button_says_that_consent_is_given(language):
    """
    The button for consenting names the consent and is none of the evasive labels (FL-06).
    """
    label = texts(language)["button.accept"].lower()

    assert CONSENTING[language] in label
    assert not re.fullmatch(VAGUE[language], label)


@every_language
def test_accepting_and_refusing_are_said_alike(language):
    """
    Both buttons speak of the same thing in the same number of words.
    """
    accept = texts(language)["button.accept"].split()
    reject = texts(language)["button.reject"].split()

    assert len(accept) == len(reject) == 2
    assert "alle" in map(str.lower, accept + reject) or "all" in accept + reject


@every_language
def test_labels_are_all_different(language):
    """
    No two buttons carry the same words.
    """
    labels = [text for key, text in texts(language).items() if key.startswith("button.")]

    assert len(labels) == len(set(labels))


@every_text
def test_no_text_praises_consenting(language, key):
    """
    No text praises consenting, regrets refusing or hides behind an empty purpose
    (FL-10, FL-16).
    """
    assert not re.search(PRAISE[language], texts(language)[key].lower())


@every_text
def test_no_text_threatens(language, key):
    """
    No text warns of disadvantages that it does not name (FL-17).
    """
    assert not re.search(THREAT[language], texts(language)[key].lower())


@every_language
def test_the_first_layer_is_free_of_legal_terms(language):
    """
    The first layer can be understood without knowing any law (LA-04).
    """
    assert not re.search(JARGON, " ".join(first_layer(language)).lower())


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
    With two purposes the first layer has at most 100 words of running text (FL-26).
    """
    assert len(" ".join(first_layer(language)).split()) <= 100


@pytest.mark.parametrize(
    ("language", "device", "processing"),
    [("de", "Gerät gespeichert oder ausgelesen", "verarbeite"), ("en", "your device", "process")],
)
@pytest.mark.parametrize("count", [1, 2])
def test_the_first_layer_covers_device_and_processing(language, device, processing, count):
    """
    The visitor is told both of storing or reading on the device and of the processing that
    follows, and how many providers receive data (FL-11, FL-12).
    """
    say = Say(texts(language), language)
    text = f"{say('banner.storage')} {say('banner.recipients', count=count)}"

    assert device in text
    assert processing in text
    assert str(count) in text


@every_language
def test_the_first_layer_says_where_to_withdraw(language):
    """
    Before consenting the visitor reads that it can be withdrawn at any time, and the very
    name of the link for it (FL-14).
    """
    say = Say(texts(language), language)
    text = say("banner.withdraw", settings=say("link.settings"))

    assert say("link.settings") in text
    assert {"de": "jederzeit", "en": "at any time"}[language] in text


@every_language
def test_optional_services_rest_on_consent_alone(language):
    """
    The legal basis of optional services is § 25(1) TDDDG with Art. 6(1)(a) GDPR, that of
    essential items § 25(2) no. 2 TDDDG, and nothing rests on a legitimate interest
    (SL-05, SL-08).
    """
    words = texts(language)
    optional, essential = words["settings.optional_basis"], words["settings.essential_basis"]

    assert re.search(r"§ 25( Abs\. 1|\(1\)) TDDDG", optional)
    assert re.search(r"Art\. 6( Abs\. 1 Buchst\. a DSGVO|\(1\)\(a\) GDPR)", optional)
    assert re.search(r"§ 25( Abs\. 2 Nr\. 2|\(2\) no\. 2) TDDDG", essential)
    assert not re.search(r"berechtigt\w* interess|legitimate interest", " ".join(words.values()))


@every_language
def test_limits_of_a_withdrawal_are_told(language):
    """
    The visitor learns that entries on other providers' domains stay until removed in the
    browser, and the answer to a withdrawal claims no more than that (WD-11).
    """
    words = texts(language)

    assert re.search(r"kann sie nicht löschen|cannot delete", words["settings.limits"])
    assert re.search(r"soweit|as far as", words["status.withdrawn"])


@pytest.mark.parametrize("key", ["error.unavailable", "status.unrecorded"])
@every_language
def test_an_outage_is_told_in_plain_words(language, key):
    """
    When a decision could not be recorded, the visitor is told so.
    """
    assert re.search(r"protokolliert|recorded", texts(language)[key])


@every_language
def test_the_record_of_the_decision_is_described(language):
    """
    What is stored about the decision itself, and on what basis, can be read (SL-13: all but
    the period, which the site adds).
    """
    text = texts(language)["settings.record"]

    assert re.search(r"Art\. 6( Abs\. 1 Buchst\. c|\(1\)\(c\))", text)
    assert re.search(r"Art\. 7( Abs\. 1|\(1\))", text)
    assert re.search(r"ohne Nummer|without any number", text)


def test_german_addresses_visitors_formally():
    """
    The German texts say "Sie" throughout.
    """
    informal = re.compile(r"\b(du|dich|dir|dein\w*|euch|euer|eure\w*)\b", re.IGNORECASE)

    assert not [key for key, text in texts("de").items() if informal.search(text)]


@every_language
def test_purposes_are_concrete_sentences(language):
    """
    Each purpose says in one sentence what is done, and what is missing without it (FL-10,
    FL-17).
    """
    words = texts(language)

    for purpose in ("statistics", "media", "tracking"):
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
