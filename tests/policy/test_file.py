"""The policy file: what it can say, and what it means."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from consent.errors import PolicyError
from consent.policy import shelf, wording
from consent.policy.facts import entry
from consent.policy.file import parse, read
from consent.policy.model import Controller, Duration, Item, Links, Policy
from tests.each import each
from tests.policy.pieces import BASE, ITEM, OWN

SMALLEST = """\
site = "kreisverband-musterland.example"
controller = { name = "Kreisverband Musterland e. V.", email = "datenschutz@kreisverband-musterland.example" }
links = { privacy = "/datenschutz", imprint = "/impressum" }

[services.matomo]
purpose = "tracking"
host = "statistik.kreisverband-musterland.example"
"""  # noqa: E501


def policy(more: str = "", base: str = BASE) -> Policy:
    return parse(tomllib.loads(base + more), "consent.toml")


@pytest.fixture
def write(tmp_path):
    def write(text: str | bytes) -> Path:
        file = tmp_path / "consent.toml"
        file.write_bytes(text if isinstance(text, bytes) else text.encode())
        return file

    return write


def test_the_smallest_policy_fits_in_ten_lines(write):
    """
    Ten lines are enough for a site with exactly two kinds, essential and tracking.
    """
    found = read(write(SMALLEST))

    assert len(SMALLEST.splitlines()) <= 10
    assert [purpose.id for purpose in found.purposes] == ["tracking"]
    assert [service.id for service in found.services] == ["matomo"]
    assert found.site == "kreisverband-musterland.example"
    assert found.links == Links("/datenschutz", "/impressum")
    assert found.languages == ("de",)
    assert found.lifetime == 180
    assert found.essential == ()


def test_without_services_nothing_is_asked():
    """
    A site that uses nothing optional has a policy without purposes.
    """
    found = policy("[purposes.media]\ntitle = 'Filme'")

    assert found.services == ()
    assert found.purposes == ()


def test_what_the_site_runs_itself_is_its_own():
    """
    The provider of software on the site's own host is the controller, in its country.
    """
    base = BASE.replace("{ name", '{ country = "AT", name')
    matomo = policy('[services.matomo]\nhost = "verein.example/matomo"', base).service("matomo")

    assert matomo is not None
    assert (matomo.provider, matomo.country) == ("Verein", "AT")
    assert matomo.hosts == ("verein.example/matomo",)
    assert matomo.purposes == ("statistics",)


def test_what_the_site_runs_itself_may_still_be_somebody_elses():
    """
    Whoever has a provider run the software names that provider, country and further hosts.
    """
    matomo = policy("""
[services.matomo]
host = "zahl.example"
hosts = ["cdn.example", "zahl.example"]
provider = "Zähler GmbH"
country = "CH"
safeguard = "adequacy"
""").service("matomo")

    assert matomo is not None
    assert (matomo.provider, matomo.country) == ("Zähler GmbH", "CH")
    assert matomo.hosts == ("zahl.example", "cdn.example")


def test_a_ready_made_service_can_be_overridden_field_by_field():
    """
    What the site says counts, what it leaves out comes from the catalogue with its source.
    """
    ready = policy("[services.youtube]").service("youtube")
    found = policy('[services.youtube]\nprovider = "Other"\npurposes = ["tracking", "media"]')
    youtube = found.service("youtube")

    assert ready is not None
    assert youtube is not None
    assert youtube.provider == "Other"
    assert youtube.purposes == ("tracking", "media")
    assert (youtube.hosts, youtube.items, youtube.source) == (
        ready.hosts,
        ready.items,
        ready.source,
    )
    assert ready.third_countries == ("US",)
    assert ready.safeguard == "dpf"


def test_a_ready_made_service_can_have_another_id():
    """
    One entry of the catalogue can stand for several services of a site.
    """
    found = policy('[services.films]\nfrom = "youtube"\nname = "Filme"\n[services.youtube]')
    films = found.service("films")

    assert films is not None
    assert (films.id, films.name, films.provider) == ("films", "Filme", "Google Ireland Limited")
    assert [service.id for service in found.services] == ["films", "youtube"]


def test_a_service_can_be_described_by_the_site():
    """
    A service that the catalogue does not know is described in full and has no other source.
    """
    found = policy(
        OWN.replace("items = []", "")
        + """
country = "US"
transfers = ["IN"]
safeguard = "scc"
embed = "map"
privacy = "https://karten.example/privacy"
[[services.karte.items]]
name = "k_*"
kind = "local-storage"
duration = "2 weeks"
content = { de = "Ausschnitt", en = "Section" }
"""
    ).service("karte")

    assert found is not None
    assert found.third_countries == ("US", "IN")
    assert found.items == (
        Item("k_*", "local-storage", Duration(2, "week"), {"de": "Ausschnitt", "en": "Section"}),
    )
    assert (found.source, found.address, found.embed) == (None, None, "map")


def test_own_purposes_come_in_the_order_of_the_file():
    """
    Purposes appear as the file lists them, then as its services use them; unused ones do not.
    """
    found = policy("""
languages = ["de", "en"]
[purposes.spenden]
title = "Spendenformular zeigen"
description = { de = "Formular der Bank.", en = "Form of the bank." }
without = "x"
[purposes.unbenutzt]
title = "a"
description = "b"
without = "c"
[services.vimeo]
[services.youtube]
purposes = ["spenden", "media"]
""")
    spenden, media = found.purposes

    assert (spenden.id, media.id) == ("spenden", "media")
    assert spenden.title == {"": "Spendenformular zeigen"}
    assert spenden.description == {"de": "Formular der Bank.", "en": "Form of the bank."}
    assert media.title == {tag: wording.texts(tag)["purposes.media.title"] for tag in ("de", "en")}


def test_a_built_in_purpose_can_be_reworded_in_part():
    """
    A site may describe a built-in purpose in words of its own and keep the rest.
    """
    (media,) = policy('[purposes.media]\ntitle = "Filme zeigen"\n[services.vimeo]').purposes

    assert media.title == {"": "Filme zeigen"}
    assert media.without == {"de": wording.texts("de")["purposes.media.without"]}


def test_essential_items_are_cookies_unless_said_otherwise():
    """
    What the site itself needs is declared with its reason (SL-07).
    """
    found = policy(ITEM + ITEM.replace("name", 'kind = "indexed-db"\nname'))

    assert [item.kind for item in found.essential] == ["cookie", "indexed-db"]
    assert found.essential[0].content == {"": "x"}


def test_texts_stay_what_they_are():
    """
    Texts are never read as markup; what looks like a tag is shown as it was written (SE-10).
    """
    found = policy('[texts.de]\n"banner.title" = "<b>Ihre Wahl</b> & mehr"')

    assert found.texts == {"de": {"banner.title": "<b>Ihre Wahl</b> & mehr"}}


def test_a_number_in_the_singular_may_be_left_out():
    """
    One provider need not be counted in figures.
    """
    key = "banner.recipients.one"

    assert key in policy(f'[texts.de]\n"{key}" = "Ein Anbieter erhält Daten."').texts["de"]


def test_a_heading_may_say_what_a_button_says():
    """
    Only buttons have to be told apart by their labels; a title of the same words is taken.
    """
    own = '[texts.de]\n"button.accept" = "Alles erlauben"\n"banner.title" = "Alles erlauben"'

    assert policy(own).texts["de"]["banner.title"] == "Alles erlauben"


@pytest.mark.parametrize("days", [1, 180, 365, 366, 400])
def test_a_decision_is_kept_up_to_400_days(days):
    """
    One number holds for consent and refusal alike, and browsers can keep it (RP-03, RP-07).
    """
    assert policy(f"lifetime = {days}").lifetime == days


def test_the_controller_can_be_described_in_full():
    """
    Address, country and data protection officer are optional, name and e-mail are not (FL-19).
    """
    base = BASE.replace("{ name", '{ address = "Weg 1", country = "AT", dpo = "dsb@x.de", name')

    assert policy(base=base).controller == Controller(
        "Verein", "datenschutz@verein.example", "AT", "Weg 1", "dsb@x.de"
    )


@each("id", shelf.names())
def test_every_entry_of_the_catalogue_is_well_formed(id):
    """
    Ready-made services obey the rules that sites obey, in every language.
    """
    assert {"name", "items", "source"} <= entry(id).keys()


def test_a_faulty_entry_of_the_catalogue_is_reported_like_a_policy(monkeypatch):
    """
    Whoever adds a ready-made service is told its mistakes with the name of its file.
    """
    faulty = {"own_host": 1, "items": [{"name": "*"}], "source": {"url": "https://a.example"}}
    monkeypatch.setattr(shelf, "entry", lambda id: faulty)
    with pytest.raises(PolicyError) as caught:
        entry("faulty")

    assert caught.value.file == "catalogue/faulty.toml"
    assert {problem.path for problem in caught.value.problems} == {
        "own_host",
        "items.#1.name",
        "items.#1.kind",
        "items.#1.duration",
        "items.#1.content",
        "source.date",
    }


@pytest.mark.parametrize(
    ("text", "found", "hint"),
    [
        ("site = verein", "at line 1, column 8: invalid value", "a text stands in quotes"),
        ("site = 'a'\nhost = “b”", "at line 2, column 8: invalid value", "in straight quotes"),
        ("# „so“\nsite = verein", "at line 2, column 8: invalid value", "true and false do not"),
        ('site = "verein.de”\n', "at line 1, column 19: illegal", "in straight quotes"),
        ("site =\u00a0'a'", "at line 1, column 7: invalid value", "stands there, U+00A0"),
        ("\u00a0site = 'a'", "at line 1, column 1: invalid statement", "stands there, U+00A0"),
        ("a = 1\r\n\tsite = b\r\n", "at line 2, column 9: invalid value", "quotes, true"),
        ("site = b # \u200d", "at line 1, column 8: invalid value", "quotes, true"),
        ("site = 'a'\r", "at line 1, column 11: expected newline", "but a comment"),
        ("site = 'a\0'", "at line 1, column 10: found invalid", "stands there, U+0000"),
        ("site = 'a'\nsite = 'b'", "a mistake at", "only once"),
        ("site 1", "at line 1, column 6: expected '='", "as in lifetime = 180"),
        ("größe = 1", "at line 1, column 3: expected '='", "from a to z"),
        ("[services.übung]", "at line 1, column 11: invalid initial", "from a to z"),
        ("[services.my film]", "at line 1, column 14: expected ']'", "from a to z"),
        ("links = { privacy = '/d', }", "at line 1, column 27", "one line, without a comma"),
        ("links = {\n privacy = '/d' }", "at line 1, column 10", "one line, without a comma"),
        ('site = "a', "unterminated string", "a quote in its own line"),
        ('site = "a\nlifetime = 1', "at line 1, column 10: illegal", "a quote in its own line"),
        ("lifetime = 180,", "at line 1, column 15: expected newline", "but a comment"),
        ("// so", "at line 1, column 1: invalid statement", "begins with #"),
        ('languages = ["de" "en"]', "at line 1, column 19: unclosed array", "by commas"),
        ('tone = "C:\\x"', "unescaped", "written twice"),
        ('tone = "C:\\Users"', "invalid hex value", "written twice"),
        (f"# „so“\nlifetime = {'9' * 5000}", "a mistake: exceeds the limit", None),
        (f"site = {'[' * 5000}", "recursion", None),
        (f"[{'a' * 300}]\n[{'a' * 300}]", "…", "one such line"),
        ("[services.a]\n[services.a]", "cannot declare [services.a] twice", "one such line"),
        ("links = {}\n[links]", "cannot declare [links] twice", "or behind links =, not in both"),
        ("a = ['b']\n[a.c]", "cannot declare [a.c] twice", "or behind a =, not in both"),
        (
            "links = {}\nlinks.a = '/'",
            "immutable namespace [links]",
            "or behind links =, not in both",
        ),
        (b"# \nsite = 'm\xfcller.de'\n\n", "bytes in line 2 that are not UTF-8", "encoding UTF-8"),
        ("site = 'a'\n".encode("utf-16"), "bytes in line 1 that are not UTF-8", "encoding UTF-8"),
    ],
    ids=[
        "bare",
        "curly",
        "curly elsewhere",
        "half curly",
        "space of web pages",
        "space of web pages in front",
        "signs of other systems",
        "unseen elsewhere",
        "line ends of old",
        "null",
        "twice",
        "half",
        "umlaut",
        "umlaut in a table",
        "space",
        "comma",
        "lines",
        "open",
        "open in a line",
        "behind",
        "slashes",
        "no comma",
        "backslash",
        "backslash before a letter",
        "digits",
        "deep",
        "long",
        "table twice",
        "table in line and below",
        "list and table",
        "table in line and beside",
        "latin-1",
        "utf-16",
    ],
)
def test_a_file_that_is_no_toml_is_explained(write, text, found, hint):
    """
    What cannot even be parsed is reported with line and column, in a short sentence.
    """
    with pytest.raises(PolicyError) as caught:
        read(write(text))
    (problem,) = caught.value.problems

    assert problem.path == ""
    assert found in problem.found
    assert len(problem.found) <= 120
    assert (hint in (problem.hint or "")) if hint else problem.hint is None


def test_keys_nested_without_end_are_only_unknown(write):
    """
    No file makes the start fail in any other way than with its mistakes.
    """
    keys = ".".join("a" * 3000)
    with pytest.raises(PolicyError) as caught:
        read(write(f"{BASE}\n[[essential]]\n{keys} = 1\n[[essential]]\n{keys} = 1\n"))

    assert caught.value.problems[0].path == "essential.#1.name"


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("absent.toml", "no such file"),
        ("", "a file that cannot be read (is a directory)"),
        ("with\0null", "a mistake: embedded null byte"),
    ],
    ids=["absent", "folder", "null"],
)
def test_a_file_that_cannot_be_read_is_named(tmp_path, name, found):
    """
    Whoever named the wrong file learns which file that was, and why it cannot be read.
    """
    with pytest.raises(PolicyError) as caught:
        read(tmp_path / name)

    assert caught.value.file == str(tmp_path / name)
    assert [problem.found for problem in caught.value.problems] == [found]


def test_marks_and_line_ends_of_other_systems_do_not_matter(write):
    """
    A file that was saved on Windows says the same.
    """
    text = SMALLEST.replace("\n", "\r\n").encode("utf-8-sig")

    assert read(str(write(text))) == read(write(SMALLEST))
