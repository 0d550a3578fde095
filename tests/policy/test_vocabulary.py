"""That each language calls a thing by one word."""

from __future__ import annotations

from consent.policy.wording import languages, texts
from tests.each import each
from tests.policy.reader import reader, says

every_language = each("language", languages())


@every_language
def test_what_is_missing_is_said_in_words_of_the_first_layer(language):
    """
    Which forms cannot be sent is said in the word that the purpose has in the list above it: of a
    check nothing was said there (FL-17).
    """
    words = texts(language)

    assert says(language, "protecting", words["purposes.protection.title"])
    assert says(language, "protecting", words["purposes.protection.without"])


@each("language", [language for language in languages() if "mistaken" in reader(language)])
def test_what_was_once_said_wrongly_does_not_come_back(language):
    """
    Wording that a reader found to say something else than the German, or nothing, stays out: that
    data are tracked, where it is visitors who ask not to be (LA-02).
    """
    wrong = [key for key, text in texts(language).items() if says(language, "mistaken", text)]

    assert wrong == []
