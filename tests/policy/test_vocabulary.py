"""That each language calls a thing by one word."""

from __future__ import annotations

from consent.policy.wording import languages, texts
from tests.each import each
from tests.policy.reader import says

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
