"""That each language calls a thing by one word, and what the law has a word for by the law's."""

from __future__ import annotations

import re

from consent.policy.wording import languages, texts
from tests.each import each
from tests.policy.reader import reader, says

every_language = each("language", languages())

#: Texts about a consent, and those about taking it back.
CONSENT = (
    "banner.intro",
    "banner.free",
    "banner.withdraw",
    "button.withdraw",
    "settings.essential_basis",
    "settings.optional_basis",
    "settings.legend",
    "settings.record",
    "settings.kept",
    "status.once",
    "status.withdrawn",
    "error.unavailable",
    "receipt.intro",
    "receipt.none",
    "receipt.kind.grant",
    "receipt.kind.once",
    "content.consent-state",
)
WITHDRAWAL = (
    "banner.withdraw",
    "button.withdraw",
    "settings.record",
    "settings.kept",
    "settings.limits",
    "status.withdrawn",
    "receipt.kind.withdrawal",
    "content.withdrawal-time",
)

#: Texts that name articles of the law.
CITING = sorted(key for key, text in texts("de").items() if re.search(r"\b(§|Art\.) \d", text))


@every_language
def test_what_is_missing_is_said_in_words_of_the_first_layer(language):
    """
    Which forms cannot be sent is said in the word that the purpose has in the list above it: of a
    check nothing was said there (FL-17).
    """
    words = texts(language)

    assert says(language, "protecting", words["purposes.protection.title"])
    assert says(language, "protecting", words["purposes.protection.without"])


@every_language
def test_what_stays_hidden_is_named(language):
    """
    Which posts and forms stay hidden is said in at least two words of the purpose's title: "these"
    would point to a description that the first layer does not have (FL-17).
    """

    def stems(text: str) -> set[str]:
        return {word[:4] for word in re.findall(r"\w{3,}", text.lower())}

    def shared(purpose: str) -> set[str]:
        title, without = (texts(language)[f"purposes.{purpose}.{k}"] for k in ("title", "without"))
        return stems(title) & stems(without)

    assert [purpose for purpose in ("social", "forms") if len(shared(purpose)) < 2] == []


@each("language", [language for language in languages() if "mistaken" in reader(language)])
def test_what_was_once_said_wrongly_does_not_come_back(language):
    """
    Wording that a reader found to say something else than the German, or nothing, stays out: that
    data are tracked, where it is visitors who ask not to be (LA-02).
    """
    wrong = [key for key, text in texts(language).items() if says(language, "mistaken", text)]

    assert wrong == []


@every_language
def test_transfers_are_called_what_the_law_calls_them(language):
    """
    What leaves the EU is spoken of in the word of the language's own GDPR, chapter V, and standard
    contractual clauses bear the name of the Commission's decision on them (SL-04).
    """
    words = texts(language)

    assert says(language, "transferring", words["settings.none_abroad"])
    assert says(language, "clauses", words["safeguard.scc"])


@every_language
def test_the_same_articles_are_named_in_every_language(language):
    """
    A reader of any language is led to the same articles, paragraphs and numbers of the law
    (SL-05).
    """

    def numbers(text: str) -> list[str]:
        # Easy-to-read German counts the laws that it names.
        return sorted(re.findall(r"\d+", text.replace("in 2 Gesetzen", "")))

    german, own = texts("de"), texts(language)

    assert [key for key in CITING if numbers(own[key]) != numbers(german[key])] == []


@every_language
def test_consent_and_withdrawal_have_one_word_each(language):
    """
    A consent and its withdrawal are called by the words of the language's own GDPR, articles 4(11)
    and 7(3), and by no other in the banner, in the settings, on a button or in a receipt (FL-14).
    """
    words = texts(language)

    assert [key for key in CONSENT if not says(language, "consent", words[key])] == []
    assert [key for key in WITHDRAWAL if not says(language, "withdrawing", words[key])] == []
