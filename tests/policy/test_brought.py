"""Languages that have no texts here, and that a site brings itself."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
from babel import Locale, localedata

from consent.errors import PolicyError
from consent.policy import brought, file, notice, wording

POLICY = """
site = "verein.example"
controller = {{ name = "Verein", email = "datenschutz@verein.example" }}
links = {{ privacy = "/datenschutz", imprint = "/impressum" }}
languages = ["de", "{tag}"]

[texts]
{tag} = "consent.{tag}.toml"

[services.youtube]
"""

TAGS = [
    tag
    for tag in sorted(localedata.locale_identifiers())
    if re.fullmatch("[a-z]{2,3}", tag) and brought.can_be(tag)
]


@pytest.fixture
def bring(tmp_path):
    """Read a policy with a language of the site's own, whose file is altered before."""

    def read(tag="uk", old="", new="", policy=POLICY):
        text = brought.template(tag)
        assert old in text
        (tmp_path / f"consent.{tag}.toml").write_text(text.replace(old, new, 1), encoding="utf-8")
        (tmp_path / "consent.toml").write_text(policy.format(tag=tag), encoding="utf-8")
        return file.read(tmp_path / "consent.toml")

    return read


def mistakes(*args, **how):
    """What is wrong with a policy, by where."""
    read, *args = args
    with pytest.raises(PolicyError) as caught:
        read(*args, **how)
    return [(problem.path, problem.found, problem.hint) for problem in caught.value.problems]


def test_what_is_printed_is_what_is_needed(bring):
    """
    The file that is printed to be translated is taken as it is, in every language of which the
    names of countries and periods are known; there are all that a site in Europe may want.
    """
    assert {*"ar be bs ca eu fa he hi hsb ja lb mk ps ru sq sr ti tr uk ur vi zh".split()} <= {
        *TAGS
    }
    for tag in TAGS:
        content = notice.content(bring(tag), tag)
        assert content["language"] == tag
        assert not re.search(r"\d [a-z]$", content["retention"]), tag
        assert content["services"][0]["country_name"] not in ("", "IE"), tag


def test_a_translation_is_what_visitors_read(bring):
    """
    Texts come from the site's file, and names of countries and periods are in that language, too.
    """
    content = notice.content(bring("uk", '"Reject all"', '"Відхилити все"'), "uk")

    assert content["texts"]["button.reject"] == "Відхилити все"
    assert content["services"][0]["country_name"] == "Ірландія"
    assert content["retention"] == "3 роки"
    assert content["direction"] == "ltr"


@pytest.mark.parametrize(("tag", "direction"), [("ar", "rtl"), ("fa", "rtl"), ("tr", "ltr")])
def test_its_direction_is_known(bring, tag, direction):
    """A notice says in which direction its language is written."""
    assert notice.content(bring(tag), tag)["direction"] == direction


def test_names_stay_whole_from_right_to_left(bring):
    """
    A name in other letters keeps its full stop at its end in a text from right to left, as it is
    isolated from that (UAX #9); in other texts nothing is added.
    """
    said = {}
    for tag in ("ar", "tr"):
        texts = notice.content(bring(tag), tag)["texts"]
        said[tag] = wording.Say(texts, tag)("banner.controller", controller="Verein e. V.")

    name = "Verein e.\u00a0V."
    assert said == {"ar": f"Controller: \u2068{name}\u2069", "tr": f"Controller: {name}"}


def test_texts_with_a_number_have_the_forms_of_the_language(bring):
    """
    Ukrainian says two, five and twenty-one in ways of its own, Japanese all in one way, and Arabic
    has all the forms that there are.
    """
    few = '"Інші постачальники: {count}, разом з вами."'
    policy = bring(
        "uk", 'recipients.few = "{count} other providers receive', f"recipients.few = {few} # "
    )
    say = wording.Say(policy.texts["uk"], "uk")
    japanese, arabic = (
        [key.rpartition(".")[2] for key in brought.standards(tag) if "banner.recipients." in key]
        for tag in ("ja", "ar")
    )

    assert say("banner.recipients", count=3) == "Інші постачальники: 3, разом з вами."
    assert say("banner.recipients", count=21).startswith("21 other provider receives")
    assert japanese == ["other"]
    assert arabic == ["zero", "one", "two", "few", "many", "other"]


def test_only_whole_sentences_are_taken_for_untranslated():
    """
    A name or two words may be the same in another language; a sentence in English is still to be
    translated.
    """
    texts = {
        "button.accept": "Accept all",
        "button.close": "Close without changes",
        "button.reject": "Geen van alle",
    }

    assert brought.untranslated("uk", texts) == ["button.close"]


MISTAKES = {
    "a text that is missing": (
        ('reject = "Reject all"\n', ""),
        ('texts.uk."button.reject"', "nothing in consent.uk.toml", None),
    ),
    "a button that is missing": (
        ('accept_these = "Accept these"\n', ""),
        ('texts.uk."button.accept_these"', "nothing in consent.uk.toml", None),
    ),
    "a form that is missing": (
        ("recipients.few", "#"),
        ('texts.uk."banner.recipients.few"', "nothing in consent.uk.toml", None),
    ),
    "a key that is not known": (
        ("[button]\n", '[button]\nrejct = "x"\n'),
        ('texts.uk."button.rejct"', "an unknown key", "button.reject"),
    ),
    "a form that the language has not": (
        ("recipients.few", 'recipients.two = "x"\nrecipients.few'),
        ('texts.uk."banner.recipients.two"', "an unknown key", "banner.recipients.one"),
    ),
    "a placeholder that is lost": (
        ("Controller: {controller}", "Verein"),
        ('texts.uk."banner.controller"', "no {controller}", None),
    ),
    "a placeholder that is not known": (
        ("Controller: {controller}", "Controller: {controler}"),
        ('texts.uk."banner.controller"', "the placeholder {controler}", "{controller}"),
    ),
    "a label that says nothing": (
        ('"Reject all"', '"OK"'),
        ('texts.uk."button.reject"', 'the label "OK"', None),
    ),
    "one label for both": (
        ('"Reject all"', '"Accept all"'),
        ('texts.uk."button.reject"', "the label of button.accept", None),
    ),
    "what is no text": (
        ('"Reject all"', "1"),
        ('texts.uk."button.reject"', "the number 1", None),
    ),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_in_a_translation_is_told(bring, name):
    """
    A file that lacks something, or that says something else, stops the start with what is wrong.
    """
    (old, new), told = MISTAKES[name]

    assert mistakes(bring, "uk", old, new) == [told]


def test_all_mistakes_are_told_at_once(bring):
    """
    Whoever translates sees in one go what is still to be done, and nothing starts before (LA-02).
    """
    text = brought.template("uk")
    found = mistakes(bring, "uk", text[text.index("[button]") :], "")

    assert len(found) == sum(not key.startswith("banner.") for key in brought.standards("uk"))


FILES = {
    "no file": (None, "consent.uk.toml: no such file"),
    "no text": (b"\xff", "consent.uk.toml: bytes in line 1 that are not UTF-8"),
    "no TOML": (b"[banner\n", "consent.uk.toml: a mistake at line 1, column 8: "),
    "a mark of Windows before it": (b"\xef\xbb\xbf", None),
}


@pytest.mark.parametrize("name", FILES)
def test_a_file_that_cannot_be_read_is_told(tmp_path, name):
    """What is wrong with the file itself is told like what is wrong with the policy file."""
    given, told = FILES[name]
    if given is not None:
        text = brought.template("uk").encode() if told is None else b""
        (tmp_path / "consent.uk.toml").write_bytes(given + text)
    (tmp_path / "consent.toml").write_text(POLICY.format(tag="uk"), encoding="utf-8")
    if told is None:
        assert file.read(tmp_path / "consent.toml").languages == ("de", "uk")
        return
    [(path, found, _)] = mistakes(file.read, tmp_path / "consent.toml")

    assert path == "texts.uk"
    assert found.startswith(told)


HINT = 'uk = "consent.uk.toml" below [texts]; flask consent texts uk prints that file'


@pytest.mark.parametrize(
    ("texts", "told"),
    [
        ("", [("languages.#2", '"uk"', HINT)]),
        ("[texts.uk]", [("languages.#2", '"uk"', HINT), ("texts.uk", "an unknown key", HINT)]),
        (
            '[texts]\nde = "consent.de.toml"\n',
            [("languages.#2", '"uk"', HINT), ("texts.de", '"consent.de.toml"', None)],
        ),
        ('[texts]\nuk = ""\n', [("texts.uk", "an empty text", None)]),
    ],
    ids=["no file", "a table", "a language of ours", "no name"],
)
def test_how_a_language_is_brought_is_told(tmp_path, texts, told):
    """
    Who names a language that has no texts here is told how to bring it.
    """
    policy = POLICY.replace('[texts]\n{tag} = "consent.{tag}.toml"\n', texts).format(tag="uk")
    path = tmp_path / "consent.toml"
    path.write_text(policy, encoding="utf-8")

    assert mistakes(file.read, path) == told


@pytest.mark.parametrize(
    "tag", ["xx", "tlh", "eng", "uk-UA", "UK", "root", "ckb", "gaa", "deu", "uk\n", ""]
)
def test_what_nobody_can_bring(tag):
    """
    A language of which too little is known, or that is spelled otherwise, is not offered.
    """
    assert not brought.can_be(tag)
    assert brought.hint(tag) is None


def test_a_purpose_and_an_item_are_said_in_it_too(bring):
    """
    What a site declares in words of its own, it declares in this language as well.
    """
    more = (
        POLICY
        + """
[[essential]]
name = "session"
duration = "session"
content = {{ de = "Anmeldung"{more} }}
"""
    )
    wanting = mistakes(bring, policy=more.replace("{more}", ""))
    policy = bring(policy=more.replace("{more}", ', uk = "Вхід"'))

    assert wanting == [("essential.#1.content.uk", "nothing", None)]
    assert notice.content(policy, "uk")["essential"][0]["content"] == "Вхід"


def test_names_of_countries_that_are_not_known_are_english():
    """A language may lack the name of a small country."""
    assert wording.country_name("DE", "hsb") == Locale("hsb").territories["DE"]
    lacking = [tag for tag in TAGS if "BQ" not in Locale.parse(tag).territories]

    assert lacking
    assert {wording.country_name("BQ", tag) for tag in lacking} == {"Caribbean Netherlands"}


def test_what_is_printed_reads_as_toml():
    """
    The printed file has the keys of our own ones, and says of which language it is.
    """
    text = brought.template("uk")

    assert text.startswith("# ukrainian / ukrainisch / українська: ")
    assert dict(wording.flat(tomllib.loads(text))) == brought.standards("uk")
    assert {*brought.standards("tr")} == {*wording.texts("en")}
    assert Path(wording.__file__).parent.joinpath("texts/tr.toml").exists() is False
