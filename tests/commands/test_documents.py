"""``flask consent documents``, as an operator types it and a data protection officer reads it."""

from __future__ import annotations

import errno
import os
import re

import pytest
from click.testing import CliRunner
from flask import render_template_string, request
from flask.cli import ScriptInfo

from consent.audit.wording import texts
from consent.cli import cli
from consent.version import SOFTWARE
from consent.web.fairness.mandatory import mandatory
from consent.web.fairness.tree import every, parse, plain, skeleton, words
from tests.conftest import Visitor
from tests.log.authority import Authority

KINDS = ("privacy", "register")
LANGUAGES = ("de", "en")

both = pytest.mark.parametrize("kind", KINDS)
each_language = pytest.mark.parametrize("language", LANGUAGES)

HEAD = """
site = "verein.example"
languages = ["de", "en"]
links = { privacy = "/datenschutz", imprint = "/impressum" }
"""

CONTROLLER = """
[controller]
name = "Verein Musterland e. V."
email = "post@verein.example"
"""

#: A site that describes its services itself, so that nothing depends on the catalogue.
POLICY = f"""
audience = "children"
parents = {{ de = "Für Kinder entscheiden die Eltern.", en = "For children their parents decide." }}
lifetime = 200
retention = "2 years"
{HEAD}
[controller]
name = "Verein Musterland e. V."
address = "Musterstraße 1, 12345 Musterstadt"
email = "post@verein.example"
dpo = "Anna Muster, dsb@verein.example"

[services.zaehler]
name = "Zähler"
provider = "Verein Musterland e. V."
country = "DE"
purpose = "statistics"
hosts = ["zaehler.verein.example"]
items = [{{ name = "z_id", kind = "cookie", duration = "13 months", content = "browser-id" }}]

[services.terminal]
name = "Terminal"
provider = "Terminal Inc."
address = "1 Main Street, Springfield"
country = "US"
transfers = ["IN"]
safeguard = "scc"
purposes = ["media", "statistics"]
practices = ["profiling", "account"]
hosts = ["terminal.example"]
embed = "form"
privacy = "https://terminal.example/privacy"
items = [
  {{ name = "sid", kind = "cookie", duration = "session", content = "session-id" }},
  {{ name = "cart", kind = "local-storage", duration = "45 days", content = "cart" }},
]

[[essential]]
name = "login"
duration = "2 hours"
content = {{ de = "Hält angemeldet", en = "Keeps signed in" }}
"""

EVIL = (
    "<img src=x onerror=alert(1)>\"'</td></table></main><script>alert(1)</script>"
    "&lt;b> # *x* | [y](javascript:1) `z` {file} {{ 7 * 7 }} {% raw %}"
)

HOSTILE = """
site = "verein.example"
languages = ["de", "en"]
links = {{ privacy = "/datenschutz", imprint = "/impressum" }}

[controller]
name = {name}
address = {name}
email = "post@verein.example"
dpo = {name}

[services.terminal]
name = {name}
provider = {name}
address = {name}
country = "US"
safeguard = "dpf"
purpose = "own"
hosts = ["terminal.example"]
items = [{{ name = {name}, kind = "cookie", duration = "session", content = {name} }}]

[services.other]
from = "stripe"
name = {name}

[purposes.own]
title = {name}
description = {name}
without = {name}

[[essential]]
name = {name}
duration = "session"
content = {name}
"""


@pytest.fixture
def write(make_app, policy_file):
    """Write a document of a site with this policy; keywords are its configuration."""

    def write(policy, *more, **config):
        policy_file.write_text(policy, encoding="utf-8")
        app = make_app(**config)
        obj = ScriptInfo(create_app=lambda: app)
        return CliRunner().invoke(cli, ["documents", *more], obj=obj)

    return write


@pytest.fixture
def read(write):
    """Return a document as a tree."""

    def read(policy, *more, **config):
        result = write(policy, *more, **config)
        assert result.exit_code == 0, result.output
        return parse(result.stdout)

    return read


def text(document) -> str:
    """Return what is there to be copied."""
    return words(every(document, "main")[0])


def notes(document) -> str:
    """Return what stands before and behind it."""
    return " ".join(words(node) for node in every(document, "aside"))


def rows(document) -> dict[str, list[str]]:
    """Return the entry of the register: what stands in each row, point by point."""
    table = every(document, "main > table")[0]
    return {
        words(every(row, "th")[0]): [words(each) for each in every(row, "td li, td p") or [row]]
        for row in every(table, "tr")
    }


def row(document, letter: str) -> list[str]:
    """Return the row of the register with this letter of Art. 30(1)."""
    (found,) = (
        points for label, points in rows(document).items() if label.lstrip("(")[:2] == f"{letter})"
    )
    return found


class TestRegister:
    def test_it_has_each_letter_of_the_article(self, read):
        """
        The entry names controller, purposes, people and data, recipients, third countries, periods
        and measures: what Art. 30(1) asks for from (a) to (g) (AU-12).
        """
        german, english = (read(POLICY, "register", "--language", one) for one in LANGUAGES)

        assert [label[0] for label in rows(german) if label[1] == ")"] == list("abcdefg")
        assert [label[1] for label in rows(english) if label[0] == "("] == list("abcdefg")
        assert all(points for points in rows(german).values())

    def test_it_says_who_what_and_where(self, read):
        """
        Purposes, recipients with their seats, and third countries with the ground of the transfer
        are those of the policy; what the site runs itself has no recipient (AU-12).
        """
        document = read(POLICY, "register", "--language", "en")

        assert row(document, "a")[0] == (
            "Verein Musterland e. V., Musterstraße 1, 12345 Musterstadt, Germany "
            "Questions about privacy: post@verein.example "
            "Data protection officer: Anna Muster, dsb@verein.example"
        )
        assert row(document, "b")[1:] == [
            "Count visits (Zähler, Terminal): We count how often each page is opened and whether"
            " somebody returns.",
            "Show videos and maps (Terminal): We show content of other providers directly on our"
            " pages.",
        ]
        assert "Terminal: builds profiles, links data with an account at the provider" in row(
            document, "c"
        )
        assert row(document, "d")[3:] == [
            "Zähler, only after consent: the controller itself",
            "Terminal, only after consent: Terminal Inc., 1 Main Street, Springfield,"
            " United States",
        ]
        assert row(document, "e")[1:] == [
            "Terminal: United States, India. Ground: standard contractual clauses of the European"
            " Commission (Art. 46(2)(c) GDPR)",
            "Safeguards are kept: [where the safeguards for third countries can be seen]",
        ]

    def test_it_says_how_long(self, read):
        """
        The periods are those of the policy, as visitors are told them (AU-12).
        """
        assert row(read(POLICY, "register"), "f")[:5] == [
            "Nachweise: 2 Jahre nach dem Ende des Jahres, in dem die Einwilligung abläuft oder"
            " widerrufen wird",
            "Ablehnungen: sobald sie abgelaufen sind (200 Tage)",
            "Einwilligungen für einen Seitenaufruf, Exporte und Zugriffe auf das Protokoll:"
            " 2 Jahre nach dem Ende ihres Jahres",
            "Vermerke über Löschungen und Schlüsselwechsel: dauerhaft, mit einer Funktion statt"
            " eines Namens",
            "Cookies für Entscheidung und Beleg: 200 Tage",
        ]

    @pytest.mark.parametrize(
        ("config", "says"),
        [
            ({"CONSENT_SEAL": "command"}, "der Webserver braucht den Schlüssel nicht"),
            ({"CONSENT_CSP": "default-src 'self'"}, "Content-Security-Policy"),
            ({"CONSENT_AUDITOR": lambda: None}, "Anmeldung der Website"),
        ],
        ids=["command", "csp", "login"],
    )
    def test_only_what_is_set_up_is_a_measure(self, read, config, says):
        """
        No measure is claimed that the site does not take (AU-12).
        """
        without = " ".join(row(read(POLICY, "register"), "g"))
        taken = " ".join(row(read(POLICY, "register", **config), "g"))

        assert says not in without
        assert says in taken

    def test_what_pages_have_of_a_service_is_told_as_it_is(self, read):
        """
        What `ungranted` keeps out of pages is not said to be in them, but where all pages are the
        same for everybody.
        """
        bare = 'ungranted = "absent"\n' + POLICY
        absent = row(read(bare, "register"), "g")[0]
        inert = row(read(POLICY, "register"), "g")[0]

        assert "steht ohne Einwilligung nur inaktiv in der Seite, sodass" in inert
        assert "steht ohne Einwilligung überhaupt nicht in der Seite" in absent
        assert row(read(bare, "register", CONSENT_STATIC_PAGES=True), "g")[0] == inert

    def test_time_stamps_are_a_measure_where_somebody_gives_them(self, read, tmp_path):
        """
        The authority is told of, without its address, and how often is for the operator to say
        (AU-12).
        """
        roots = str(Authority(tmp_path / "authority", "Chosen").roots)
        asked = {"CONSENT_TSA": "https://tsa.example", "CONSENT_TSA_CERTIFICATES": roots}
        (stamps,) = (said for said in row(read(POLICY, "register", **asked), "g") if "3161" in said)

        assert stamps.endswith("bestätigt den Stand des Protokolls: [wie oft]")
        assert "3161" not in text(read(POLICY, "register"))

    def test_what_is_switched_off_is_no_measure(self, read):
        """
        Neither a limit that was taken away nor a policy that is only reported protects (AU-12).
        """
        off = {
            "CONSENT_RATE_LIMIT": None,
            "CONSENT_CSP": "default-src 'self'",
            "CONSENT_CSP_REPORT_ONLY": True,
        }
        measures = " ".join(row(read(POLICY, "register", **off), "g"))

        assert "gebremst" not in measures
        assert "Content-Security-Policy" not in measures

    @both
    def test_where_the_log_is_stays_inside(self, write, tmp_path, kind):
        """
        A document names the kind of database, no path, host, user or password (AU-12).
        """
        sqlite = write(POLICY, kind).output
        url = "postgresql://anna:geheim@db.verein.example/protokoll"
        postgresql = write(POLICY, kind, CONSENT_DATABASE=url).output

        assert ("SQLite" in sqlite, "PostgreSQL" in postgresql) == (kind == "register",) * 2
        assert str(tmp_path) not in sqlite + postgresql
        for secret in ("anna", "geheim", "db.verein"):
            assert secret not in postgresql

    def test_own_words_for_visitors_are_to_be_compared(self, read):
        """
        Where a site tells visitors in its own words what the register says in ours, its keys are
        named; the privacy policy has the site's words (AU-12).
        """
        own = f'{POLICY}\n[texts.de]\n"settings.record" = "Wir heben den Nachweis auf."\n'

        assert "settings.record" in notes(read(own, "register"))
        assert "settings.record" not in notes(read(POLICY, "register"))
        assert "Wir heben den Nachweis auf." in text(read(own, "privacy"))


class TestPrivacy:
    @each_language
    def test_it_says_all_that_the_settings_say(self, make_app, read, language):
        """
        Whatever a visitor has to be told in the settings stands in the privacy policy in the same
        words, with every service, provider, country, ground, entry and duration (AU-12).
        """
        document = read(POLICY, "privacy", "--language", language)
        site = make_app().extensions["consentry"]
        with site.imagine_request("/", "https://verein.example/"):
            shown = site.notices.shown(language, request.root_path, request.scheme)
        told = list(mandatory("settings", shown.notice.content, shown.say))

        assert len(told) > 40
        said = text(document)
        missing = [what for what in told if plain(what[1]) not in said]
        assert missing == [("word on withdrawal", shown.say("settings.intro"))]
        assert shown.say("banner.withdraw", settings=shown.say("link.settings")) in said

    @each_language
    def test_it_gives_a_ground_for_all_that_is_processed(self, read, language):
        """
        What is necessary is on a letter of Article 6(1) that the controller names, and so is the
        checksum of an address that guards against floods; the register says the same (AU-12).
        """
        said = texts(language)
        letter = plain(f"[{said['register.blank.letter']}]")
        guard = plain(f"{said['register.bases.flood']}, [{said['register.blank.guard']}]")
        privacy, register = (
            text(read(POLICY, kind, "--language", language)) for kind in ("privacy", "register")
        )

        assert said["privacy.flood"] in privacy
        for document in (privacy, register):
            assert letter in document
            assert guard in document

    @pytest.mark.parametrize(
        ("language", "told"),
        [
            ("de", ("mit dem Widerruf verschwindet das für den Beleg", "heruntergeladen oder not")),
            ("en", ("the one for the receipt goes with the withdrawal", "downloaded or noted")),
        ],
    )
    def test_it_tells_that_a_withdrawal_takes_the_number_along(
        self, make_app, read, language, told
    ):
        """
        A record is kept for years after the withdrawal, with which the browser forgets its number:
        whoever wants to see or erase it later has to have kept the number, and is told (AU-12).
        """
        visitor = Visitor(make_app())
        visitor.decide("accept")
        held = visitor.get("/consent/receipt?format=json").json["receipt"]
        visitor.decide("withdraw")
        left = visitor.get("/consent/receipt?format=json").json["receipt"]
        privacy = text(read(POLICY, "privacy", "--language", language))

        assert held
        assert left is None
        for said in told:
            assert said in privacy

    def test_the_table_is_the_one_of_the_template(self, write, make_app, policy_file):
        """
        A site whose privacy page is a template has the same table there, always of today (AU-12).
        """
        result = write(POLICY, "privacy")
        app = make_app(language=lambda: "de")
        app.add_url_rule("/table", "table", lambda: render_template_string("{{ consent.table() }}"))
        page = app.test_client().get("/table", base_url="https://verein.example")

        assert page.text[page.text.index("<table") :] in result.stdout
        assert "{{ consent.table() }}" in notes(parse(result.stdout))

    @each_language
    def test_nobody_is_addressed_in_words_of_ours(self, language):
        """
        What we add to the words for visitors fits sites that say "du" and sites that say "Sie".
        """
        ours = [text for key, text in texts(language).items() if key.startswith("privacy.")]
        address = r"\b(Sie|Ihr|Ihre[mnrs]?|Ihnen|[Dd]u|[Dd]ich|[Dd]ir|[Dd]eine?[mnrs]?|you|your)\b"

        assert ours
        assert [text for text in ours if re.search(address, text)] == []


class TestBoth:
    @both
    @each_language
    def test_every_fact_of_the_policy_is_there(self, read, kind, language):
        """
        Each service, provider, country, ground and duration stands in both documents (AU-12).
        """
        said = text(read(POLICY, kind, "--language", language))
        facts = {
            "de": ("Vereinigte Staaten", "Indien", "Standardvertragsklauseln", "13 Monate",
                   "45 Tage", "200 Tage", "2 Jahre", "2 Stunden", "Hält angemeldet"),
            "en": ("United States", "India", "standard contractual clauses", "13 months",
                   "45 days", "200 days", "2 years", "2 hours", "Keeps signed in"),
        }  # fmt: skip
        for fact in ("Zähler", "Terminal Inc.", "1 Main Street, Springfield", "z_id", "sid",
                     "cart", "login", "__Host-consent", "__Secure-consent-receipt",
                     "post@verein.example", "dsb@verein.example", *facts[language]):  # fmt: skip
            assert fact in said

    @both
    def test_both_languages_say_the_same(self, read, kind):
        """
        Point for point one language says what the other says (AU-12).
        """
        shapes = []
        for language in LANGUAGES:
            document = read(POLICY, kind, "--language", language)
            for node in every(document, "[lang], [data-label]"):
                node.attrs.pop("lang", None)
                node.attrs.pop("data-label", None)
            shapes.append(skeleton(every(document, "main")[0]))

        assert shapes[0] == shapes[1]

    @both
    @each_language
    def test_a_site_without_optional_services_says_so(self, read, kind, language):
        """
        Where there is nothing to ask about, the documents say that only what is necessary is
        stored, and speak of no provider, no ground by consent and no transfer (AU-12).
        """
        document = read(HEAD + CONTROLLER, kind, "--language", language)
        said = text(document)

        if kind == "privacy":
            assert {
                "de": "Auf dem Gerät speichert sie nur, was technisch nötig ist.",
                "en": "It stores on the device only what is technically necessary.",
            }[language] in said
        else:
            assert row(document, "b")[1:] == [texts(language)["register.purposes.none"]]
            assert len(row(document, "d")) == 3
            assert texts(language)["register.abroad.none"] in row(document, "e")
        assert not re.search(r"§ 25(\(1\)| Abs\. 1) TDDDG", said)
        assert "§ 25" in said

    @both
    @each_language
    def test_what_the_policy_does_not_know_is_marked(self, read, kind, language):
        """
        Each blank is in brackets where it belongs and once in the list at the end; a controller
        without address and officer has two more (AU-12).
        """
        full, short = (
            read(policy, kind, "--language", language) for policy in (POLICY, HEAD + CONTROLLER)
        )

        for document in (full, short):
            marked = [words(node) for node in every(document, "mark")]
            listed = [words(node) for node in every(document, "aside ul")[0].children]
            assert list(dict.fromkeys(marked)) == [entry for entry in listed if entry]
            assert marked
        for name in ("address", "dpo"):
            blank = f"[{texts(language)[f'documents.blank.{name}']}]"
            assert blank in text(short)
            assert blank not in text(full)

    @pytest.mark.parametrize(("country", "is_asked"), [("CH", True), ("LI", False)])
    def test_a_controller_outside_the_union_needs_a_representative(self, read, country, is_asked):
        """
        Whoever is responsible outside the European Economic Area is asked who represents them
        (Art. 27, 30(1)(a) GDPR; AU-12).
        """
        document = read(f'{HEAD}{CONTROLLER}country = "{country}"\n', "register")

        assert any("Art. 27 DSGVO" in words(node) for node in every(document, "mark")) == is_asked

    @both
    def test_it_is_a_draft_and_says_so(self, read, kind):
        """
        The first lines say who has to check it, from which file and with what it was made.
        """
        document = read(POLICY, kind)

        assert "keine Rechtsberatung" in notes(document)
        assert f"geschrieben von {SOFTWARE} aus consent.toml" in notes(document)

    @both
    def test_what_nobody_confirmed_is_to_be_checked(self, read, kind):
        """
        Facts of a ready-made service that were found nowhere are named, and so is a ground that
        rests on a list which may change (AU-12).
        """
        document = read(f"{POLICY}\n[services.stripe]\n", kind)

        assert "Stripe: Für diese Angaben" in notes(document)
        assert "transfers, safeguard" in notes(document)
        assert "Stripe: Der Datenschutzrahmen EU-USA trägt nur" in notes(document)
        assert "Datenschutzrahmen" not in notes(read(POLICY, kind))

    @both
    def test_what_is_let_through_unasked_is_to_be_checked(self, read, kind):
        """
        That nothing optional comes before a consent is not left to be believed where the policy
        lets hosts through that nobody knows.
        """
        assert 'unknown = "allow"' in notes(read(f'unknown = "allow"\n{POLICY}', kind))
        assert 'unknown = "allow"' not in notes(read(POLICY, kind))

    @both
    @each_language
    def test_hostile_names_stay_names(self, read, kind, language):
        """
        Whatever a policy says in its texts, it is text in the document and changes no element
        (SE-10, AU-12).
        """
        shapes = []
        for name in ("harmless", EVIL):
            quoted = "'''" + name + "'''"
            document = read(HOSTILE.format(name=quoted), kind, "--language", language)
            shapes.append(skeleton(document))

        assert words(every(document, "main code")[2]) == EVIL
        assert shapes[0] == shapes[1]

    @both
    def test_it_loads_nothing(self, write, kind):
        """
        The file opens without a server: it loads nothing and runs nothing.
        """
        result = write(POLICY, kind)

        assert not re.search(
            r"<(?:link|script|form|img|base)\b|\bsrc=|@import|url\(", result.stdout
        )
        assert "default-src 'none'" in result.stdout


class TestCommand:
    def test_it_speaks_german_where_the_policy_does(self, write):
        """
        German comes first, then English; a policy of a German site has to ask for nothing.
        """
        english = POLICY.replace('["de", "en"]', '["fr", "en"]').replace("de = ", "fr = ")

        assert '<html lang="de">' in write(POLICY, "privacy").stdout
        assert '<html lang="en">' in write(english, "privacy").stdout

    @pytest.mark.parametrize(
        ("languages", "more", "message"),
        [
            ('["de"]', ["--language", "en"], "found en, wanted one of de, en that the policy has"),
            ('["fr"]', [], "found nothing, wanted one of de, en that the policy has"),
            ('["de"]', ["--language", "fr"], "'fr' is not one of 'de', 'en'"),
        ],
    )
    def test_a_language_that_it_cannot_be_written_in_is_named(
        self, write, languages, more, message
    ):
        """
        Visitors are told nothing in a language that the policy lacks, so no document can say what.
        """
        policy = HEAD.replace('["de", "en"]', languages) + CONTROLLER
        result = write(policy, "privacy", *more)

        assert result.exit_code == 2
        assert message in result.stderr

    @pytest.mark.parametrize("words", [["imprint"], []])
    def test_a_document_that_is_not_there_is_explained(self, run, words):
        """
        Which documents there are is said where another one is asked for, or none.
        """
        result = run("documents", *words)

        assert result.exit_code == 2
        assert "privacy" in result.stderr
        assert "register" in result.stderr

    @both
    def test_it_can_be_written_to_a_file(self, run, tmp_path, kind):
        """
        The file holds what is printed without one, and takes the place of an older one.
        """
        file = tmp_path / "document.html"
        file.write_text("last year")
        result = run("documents", kind, "--out", str(file))

        assert result.exit_code == 0, result.output
        assert result.stdout == ""
        assert file.read_text("utf-8").strip() == run("documents", kind).stdout.strip()

    def test_a_full_disk_leaves_the_file_of_before(self, run, tmp_path, monkeypatch):
        """
        What cannot be written as a whole is not written.
        """
        file = tmp_path / "register.html"
        file.write_text("last year")

        def full(descriptor):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

        monkeypatch.setattr(os, "fsync", full)
        result = run("documents", "register", "--out", str(file))

        assert result.exit_code == 1
        assert "cannot be written: No space left" in result.output
        assert [(path.name, path.read_text()) for path in tmp_path.glob("register*")] == [
            ("register.html", "last year")
        ]
