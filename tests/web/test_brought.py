"""A visitor who reads a language that the site brings itself."""

import json
import re

import pytest

from consent.policy import brought
from tests.conftest import POLICY, Visitor, events
from tests.web.desk.reader import Reader

UKRAINIAN = {
    "Reject all": "Відхилити все",
    "Privacy settings": "Налаштування приватності",
    "Your receipt": "Ваша квитанція",
}


@pytest.fixture
def app(make_app, policy_file):
    """The small site with Ukrainian, of which three texts are translated."""
    text = brought.template("uk")
    for english, said in UKRAINIAN.items():
        assert f'"{english}"' in text
        text = text.replace(f'"{english}"', f'"{said}"')
    (policy_file.parent / "consent.uk.toml").write_text(text, encoding="utf-8")
    policy = POLICY.replace('["de", "en"]', '["de", "uk"]') + '[texts]\nuk = "consent.uk.toml"\n'
    policy_file.write_text(policy, encoding="utf-8")
    return make_app(CONSENT_AUDITOR=lambda: "Müller")


@pytest.fixture
def visitor(app):
    """Somebody whose browser wants Ukrainian."""
    visitor = Visitor(app)
    visitor.client.environ_base["HTTP_ACCEPT_LANGUAGE"] = "uk-UA, de;q=0.5"
    return visitor


def test_all_pages_speak_it(visitor):
    """
    Banner, settings and receipt are in that language for whose browser prefers it, say so, and in
    German for others (LA-01).
    """
    home, settings = visitor.get().text, visitor.get("/consent/settings").text
    receipt = visitor.get("/consent/receipt").text
    german = Visitor(visitor.app).get(headers={"Accept-Language": "de"}).text

    for page, text in (
        (home, "Reject all"),
        (settings, "Privacy settings"),
        (receipt, "Your receipt"),
    ):
        assert UKRAINIAN[text] in page
        assert 'lang="uk"' in page
    assert "Ірландія" in home
    assert "Alle ablehnen" in german


def test_the_record_says_it(app, visitor):
    """
    The log has the language, the notice is kept as it was shown (LA-03), and who looks for such
    records finds them by what the language is called.
    """
    visitor.decide("accept")
    event = events(app)[-1]
    notice = json.loads(visitor.get(f"/consent/notice/{event['notice']}?format=json").text)
    desk = Reader(app)
    found, others = (
        desk.get("/find", language=tongue).text for tongue in ("Ukrainisch", "Deutsch")
    )

    assert (event["language"], notice["language"], notice["direction"]) == ("uk", "uk", "ltr")
    assert notice["texts"]["button.reject"] == UKRAINIAN["Reject all"]
    assert event["id"] in found
    assert event["id"] not in others
    assert not re.search("desk-problem", found)


def test_the_check_names_it(app, run):
    """
    The summary of a policy names the language like ours, and how many sentences of it somebody
    has still to translate.
    """
    told = re.search(
        r"languages   de, uk\n +uk: (\d+) texts are still in English, such as (.+)\n",
        run("check").output,
    )
    texts = app.extensions["consentry"].config.policy.texts["uk"]

    assert told[2] == "banner.intro"
    assert 99 < int(told[1]) < len(texts) - len(UKRAINIAN)


@pytest.mark.parametrize("tag", ["de", "uk", "ar"])
def test_the_texts_are_printed(run, tag):
    """
    Our own texts are printed as they are, those of another language as a file to be translated.
    """
    told = run("texts", tag)
    said = "Alle ablehnen" if tag == "de" else "Reject all"

    assert told.exit_code == 0
    assert f'reject = "{said}"' in told.output


def test_a_language_of_which_nothing_is_known_is_refused(run):
    """
    Whoever asks for another one is told which there are.
    """
    told = run("texts", "xx")

    assert told.exit_code == 2
    assert "there are texts in de, bg, cs," in told.output
