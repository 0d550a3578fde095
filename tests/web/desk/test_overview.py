"""The first page of the desk: how people decided, and whether the log is unbroken."""

from __future__ import annotations

import json
import re
from contextlib import nullcontext
from datetime import UTC, date, datetime
from html.parser import HTMLParser

import pytest
from sqlalchemy import update

from consent.audit import wording
from consent.audit.finding import BROKEN, REMARKS
from consent.audit.period import CHOICES
from consent.audit.versions import service_names
from consent.day import DAY, now_ms, number
from consent.errors import LogError, LogUnavailable
from consent.log.database import tables
from consent.policy.wording import languages
from consent.web.desk import overview
from consent.web.wish import LAYERS
from tests.conftest import POLICY, Visitor, events

BASE = "https://kreisverband.example"
OWN = {"headers": {"Sec-Fetch-Site": "same-origin"}, "base_url": BASE}


@pytest.fixture
def app(make_app):
    """The small site, whose login lets Müller audit."""
    return make_app(language=lambda: "de", CONSENT_AUDITOR=lambda: "Müller")


@pytest.fixture
def site(app):
    return app.extensions["consentry"]


@pytest.fixture
def desk(app):
    """Somebody at the desk: opens the overview with a query."""
    client = app.test_client()
    client.post("/consent/audit/enter", **OWN)

    def look(query: str = "", **more):
        return client.get(f"/consent/audit/overview{query}", base_url=BASE, **more)

    look.client = client
    return look


@pytest.fixture
def decided(app):
    """Six decisions of today."""
    for button in ("accept", "reject", "accept", "reject"):
        Visitor(app).decide(button)
    visitor = Visitor(app)
    visitor.decide("save", "matomo")
    visitor.decide("withdraw")


@pytest.mark.parametrize("language", wording.LANGUAGES)
def test_each_place_of_a_decision_has_a_name(app, site, language):
    """
    Wherever was decided, by the button at the end of a page as well, is named in the auditor's
    language.
    """
    with app.test_request_context(f"/?lang={language}"):
        names = {overview.named("layer", layer, {}) for layer in LAYERS}

    assert len(names) == len(LAYERS)
    assert "link" not in names


@pytest.mark.parametrize(
    ("language", "of", "told"),
    [
        ("de", "1 von 3", "„alles erlaubt“, „teils erlaubt“ und „abgelehnt“ zusammen"),
        ("en", "1 of 3", "“all allowed”, “some allowed” and “refused” together"),
    ],
)
def test_a_rate_says_of_what_it_is_a_share(app, desk, language, of, told):
    """
    Who refuses, refuses again and agrees in the end counts each time, and the share of agreement
    says so: it is one of decisions, not of those who decide for the first time.
    """
    visitor = Visitor(app)
    for button in ("reject", "reject", "accept"):
        visitor.decide(button)
        visitor.client.delete_cookie("__Host-consent", domain="kreisverband.example")
    page = desk(f"?lang={language}").text

    assert of in page
    assert told in page
    assert "erst ablehnt und später zustimmt" in page or "refuses first and agrees later" in page


@pytest.mark.parametrize("page", ["overview", "find"])
def test_a_service_that_the_site_gave_up_keeps_its_name(make_app, policy_file, page):
    """
    What was decided about a service is told under the name that visitors read, also once the
    policy has it no more.
    """
    policy_file.write_text(f'{POLICY}[services.film]\nfrom = "vimeo"\nname = "Vereinsfilm"\n')
    Visitor(make_app(language=lambda: "de")).decide("accept")
    policy_file.write_text(POLICY)
    client = make_app(language=lambda: "de", CONSENT_AUDITOR=lambda: "Müller").test_client()
    client.post("/consent/audit/enter", **OWN)
    shown = client.get(f"/consent/audit/{page}?lang=de", base_url=BASE).text

    assert "Vereinsfilm" in shown
    assert not re.search(r">[^<>]*\bfilm\b[^<>]*<", shown)


@pytest.mark.parametrize(
    ("found", "raised"), [(None, None), (LogError("altered"), None), (LogUnavailable("away"),) * 2]
)
def test_a_name_that_cannot_be_read_is_not_told(monkeypatch, found, raised):
    """
    A notice that is gone or was altered names nothing; that the database is away is said.
    """

    def notice(*_):
        if found:
            raise found
        return found

    monkeypatch.setattr("consent.audit.versions.notice", notice)
    known = {"matomo": "Matomo"}
    with pytest.raises(type(raised)) if raised else nullcontext():
        assert service_names(None, known, {"film"}, ["a" * 64]) == known


@pytest.mark.parametrize(
    ("language", "simple"), [("de", "Leichte Sprache"), ("en", "easy-to-read")]
)
def test_each_language_has_a_name_of_its_own(app, site, language, simple):
    """
    Who decided in easy-to-read German is not counted under a second "German", and no tag is shown
    that only programs know.
    """
    with app.test_request_context(f"/?lang={language}"):
        names = {tag: overview.named("language", tag, {}) for tag in languages()}

    assert len({*names.values()}) == len(names)
    assert simple in names["de-simple"]
    assert not any("-simple" in name for name in names.values())


class Page(HTMLParser):
    """What a page shows: texts of its elements by tag, ids, and what is not closed."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.ids: list[str] = []
        self.named: set[str] = set()
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attrs):
        fields = dict(attrs)
        self.ids += [fields["id"]] if "id" in fields else []
        self.named |= set(fields.get("aria-labelledby", "").split())
        if tag not in {"meta", "link", "input", "br", "hr", "img"}:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        pass

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


class TestOverview:
    def test_it_shows_how_people_decided(self, desk, decided):
        """
        The decisions of the period are drawn and listed, each rate with what it is of and what
        it does not say (AU-11).
        """
        text = desk().text

        assert "6 Entscheidungen" in text
        assert re.search(r"<dt>Zustimmung</dt>\s*<dd><strong>60,0\u00a0%</strong> 3 von 5", text)
        assert "Wer nicht entscheidet, wird nicht gezählt" in text
        assert "auch die später gelöschten" in text
        for title in ("Nach Sprache", "Nach Fassung des Hinweises", "Nach Dienst", "Nach Ort der"):
            assert title in text
        assert re.search(r"<th scope=\"row\">Matomo</th><td class=\"is-number\">3</td>", text)
        assert text.count('role="img"') == 5
        assert text.count("<summary>Tabelle dazu</summary>") == 5

    def test_it_is_well_formed_and_needs_nothing_inline(self, desk, decided):
        """
        Elements are closed, ids are there once, what names a picture is there, and neither
        style nor script stands in the page.
        """
        text = desk().text
        page = Page(text)

        assert page.open == []
        assert len(page.ids) == len(set(page.ids))
        assert page.named <= set(page.ids)
        assert not re.search(r"\sstyle=|<style|<script|\son\w+=", text)

    def test_it_speaks_english(self, desk, decided):
        """
        All of it, numbers too.
        """
        text = desk("?lang=en").text

        assert "6 decisions" in text
        assert "<strong>60.0%</strong> 3 of 5" in text
        assert "Nothing is sealed yet." in text
        assert '<input type="hidden" name="lang" value="en">' in text

    def test_a_period_is_picked(self, desk, decided):
        """
        The form says what is shown, and a period without decisions says so.
        """
        year = datetime.now(UTC).year
        text = desk(f"?period=own&since={year - 1}-01-01&until={year - 1}-12-31").text

        assert 'value="own" checked' in text
        assert f'value="{year - 1}-12-31"' in text
        assert "In diesem Zeitraum wurde nichts entschieden" in text
        assert 'value="this-month" checked' in desk().text
        assert "6 Entscheidungen" in desk("?period=this-year").text
        assert desk("?period=own&since=1970-01-01").status_code == 200
        assert all(f'value="{choice}"' in text for choice in CHOICES)

    @pytest.mark.parametrize(
        "query",
        [
            "?period=nonsense",
            "?period=own&since=2026-02-30",
            "?period=own&since=2026-02-02&until=2026-02-01",
            "?period=own&until=" + "9" * 10_000,
            "?period=own&since=%00%FF%F0%9F%92%A9&since=2026-01-01",
            "?period=&period=this-month",
            "?period=own&since=0001-01-01",
        ],
        ids=["name", "day", "backwards", "huge", "bytes", "twice", "early"],
    )
    def test_bad_input_gets_a_clear_message(self, desk, decided, query):
        """
        What is no period is explained, and this month is shown instead; nothing breaks (SE-09).
        """
        answer = desk(query)

        assert answer.status_code == 400
        assert 'role="alert"' in answer.text
        assert "Gezeigt wird dieser Monat" in answer.text
        assert "6 Entscheidungen" in answer.text

    def test_each_look_is_noted(self, app, desk):
        """
        Who looked at which days is an event before the page is shown (AU-03).
        """
        desk("?period=own&since=2026-01-01&until=2026-01-31")
        noted = events(app)[-1]

        assert (noted["event"], noted["by"], noted["what"]) == ("access", "Müller", "look-up")
        assert noted["about"] == "overview 2026-01-01..2026-01-31"

    def test_nobody_else_sees_it(self, app):
        """
        Without a way in there is no page, and no check is begun (AU-03).
        """
        client = app.test_client()

        assert "Entscheidungen" not in client.get("/consent/audit/overview", base_url=BASE).text
        assert client.post("/consent/audit/overview/check", **OWN).status_code == 404
        assert app.extensions["consentry"].inspector.current() is None

    def test_a_backlog_is_counted_bit_by_bit(self, desk, site, decided, monkeypatch):
        """
        A page does not wait until everything is counted: it counts a little, says how far the
        figures are, and the next one goes on.
        """
        site.sealer.seal()
        monkeypatch.setattr("consent.audit.counter.BATCH", 2)
        monkeypatch.setattr("consent.audit.figures.FEW", 1)
        monkeypatch.setattr(type(site.counter).batch, "__defaults__", (2,))

        text = desk().text
        assert "Die Zahlen reichen bis" in text
        assert wording.say("de", "overview.behind.again") in text
        for _ in range(5):
            desk()
        site.sealer.seal()
        site.counter.catch_up()
        assert "Die Zahlen reichen bis" not in desk().text

    def test_figures_that_cannot_be_kept_are_made_all_the_same(
        self, desk, site, decided, monkeypatch
    ):
        """
        Where this process may not write sums, the page counts for itself.
        """

        def refuse(*_):
            raise LogUnavailable("permission denied for table consent_daily")

        site.sealer.seal()
        monkeypatch.setattr(type(site.counter), "batch", refuse)

        assert "6 Entscheidungen" in desk().text

    @pytest.mark.parametrize(
        ("days", "whole", "parts"),
        [
            (
                "since=2026-01-01&until=2026-03-30",
                "week from 5 Jan 2026<",
                ["week from 1 Jan 2026 (4 days)", "week from 30 Mar 2026 (1 day)"],
            ),
            ("since=2026-01-05&until=2026-03-29", "week from 23 Mar 2026<", []),
            (
                "since=2024-12-31&until=2026-11-28",
                "October 2026<",
                ["December 2024 (1 day)", "November 2026 (28 days)"],
            ),
            ("since=2026-11-01&until=2026-11-28", "28 Nov 2026<", []),
            ("since=2015-07-01&until=2026-12-31", "2026<", ["2015 (184 days)"]),
        ],
        ids=["weeks in part", "weeks", "months in part", "days", "years in part"],
    )
    def test_a_part_that_is_cut_off_is_told(self, desk, site, decided, days, whole, parts):
        """
        Of a week, month or year that is not in the period as a whole the table says how many days
        are, and the picture that its column is that of a part (AU-11).
        """
        site.sealer.seal()
        site.counter.catch_up()
        first = update(tables.daily).values(day=number(date.fromisoformat(days[6:16])))
        site.store.transact(lambda c: c.execute(first))
        text = desk(f"?lang=en&period=own&{days}").text
        [told] = re.findall(r"Counted in part only: (.*)\.</p>", text) or [""]

        assert f'<th scope="row">{whole}' in text
        assert told == ", ".join(parts)
        assert all(f'<th scope="row">{part}<' in text for part in parts)
        assert text.count(" days)") + text.count(" day)") == 2 * len(parts)


class TestState:
    def test_it_says_unbroken_after_it_looked(self, desk, site, decided):
        """
        The statement stands at the top, with how much was looked at (EV-08).
        """
        assert "Es ist noch nichts versiegelt" in desk().text
        site.sealer.seal()
        text = desk().text

        assert "<strong>Das Protokoll ist unversehrt.</strong>" in text
        assert "zufällig gewählte von" in text
        assert re.search(r"Öffnen dieser Seite geprüft, [\d.]{10}, [\d:]{8} UTC:", text)
        assert site.store.logs()[0].vkey in text
        assert "Noch nie wurde alles geprüft" in text

    def test_it_says_what_is_wrong(self, desk, site, decided):
        """
        If somebody edits an event in the database, the statement is another one, and says what
        was found and where (EV-08).
        """
        site.sealer.seal()
        edited = update(tables.event).where(tables.event.c.receipt.is_not(None))
        site.store.transact(lambda c: c.execute(edited.values(body=b"{}")))
        text = desk().text

        assert "<strong>Das Protokoll ist nicht unversehrt.</strong>" in text
        assert "Der Inhalt eines Eintrags ist nicht der, der versiegelt wurde." in text
        assert "4-mal gefunden" in text
        assert "Das Protokoll ist unversehrt" not in text

    def test_everything_is_checked_on_request(self, app, desk, site, decided, monkeypatch):
        """
        A button begins the check, the page says when it ended and with what result, and the
        request is an event (EV-08, AU-03).
        """
        site.sealer.seal()
        monkeypatch.setattr(site.inspector, "start", site.inspector.run)
        answer = desk.client.post("/consent/audit/overview/check", **OWN)
        text = desk().text

        assert (answer.status_code, answer.headers["Location"]) == (
            303, "/consent/audit/overview#state",
        )  # fmt: skip
        assert "Ergebnis: unversehrt" in text
        assert "check of everything" in [event.get("about") for event in events(app)]
        edited = update(tables.event).where(tables.event.c.receipt.is_not(None))
        site.store.transact(lambda c: c.execute(edited.values(receipt="another")))
        desk.client.post("/consent/audit/overview/check", **OWN)
        text = desk().text
        assert "Ergebnis: nicht unversehrt" in text
        assert "Ein Eintrag ist nicht unter dem zu finden, was in ihm steht." in text

    def test_a_log_that_is_another_one_is_not_said_to_be_away(
        self, app, desk, site, decided, monkeypatch
    ):
        """
        Where the entry that a log begins with was altered, everything can be checked all the same,
        and a page that needs it does not ask to try again in a minute (EV-08).
        """
        site.sealer.seal()
        [first] = [body for body in site.store.events() if b'"event":"log"' in body]
        edited = update(tables.event).where(tables.event.c.body == first).values(body=b"{}")
        site.store.transact(lambda c: c.execute(edited))
        monkeypatch.setattr(site.inspector, "start", site.inspector.run)

        answer = desk.client.post("/consent/audit/overview/check", **OWN)
        assert (answer.status_code, site.inspector.last().is_unbroken) == (303, False)
        assert "Ergebnis: nicht unversehrt" in desk().text
        refused = desk.client.get("/consent/audit/sample?nonce=a&lang=en", base_url=BASE)
        assert refused.status_code == 503
        assert "What was found stands under “Overview”" in refused.text
        assert "in a minute" not in refused.text

    def test_a_check_that_goes_on_is_told(self, desk, site, decided):
        """
        While everything is checked the page says how far it is and offers no second check; one
        that was cut off is said, too.
        """
        site.sealer.seal()
        site.inspector.run()
        kept = json.loads(site.inspector.path.read_text())
        current = kept[site.store.site]["current"]
        now = current["seen_at"]
        current |= {"ended_at": None, "leaves": 3, "of": 7}
        site.inspector.path.write_text(json.dumps(kept))
        text = desk().text

        assert "3 von 7 Einträgen" in text
        assert wording.say("de", "overview.check.again") in text
        assert "Jetzt alles prüfen" not in text
        current |= {"seen_at": now - 100_000}
        site.inspector.path.write_text(json.dumps(kept))
        text = desk().text
        assert "wurde unterbrochen" in text
        assert "Jetzt alles prüfen" in text

    def test_a_check_that_failed_is_told(self, desk, site, decided):
        """
        Why a check could not be brought to its end stands on the page.
        """
        site.sealer.seal()
        site.inspector.run()
        kept = json.loads(site.inspector.path.read_text())
        kept[site.store.site]["current"] |= {"problem": "<the disk & more>"}
        site.inspector.path.write_text(json.dumps(kept))

        assert "&lt;the disk &amp; more&gt;" in desk().text

    def test_a_check_is_begun_from_the_desk_alone(self, desk, site, decided):
        """
        Another site cannot begin one (SE-04).
        """
        foreign = {"headers": {"Sec-Fetch-Site": "cross-site"}, "base_url": BASE}
        answer = desk.client.post("/consent/audit/overview/check", **foreign)

        assert answer.status_code in (403, 404)
        assert site.inspector.current() is None

    @pytest.mark.parametrize(
        ("later", "ago"),
        [
            (0, {"de": "vor 1 Sekunde", "en": "1 second ago"}),
            (3 * DAY, {"de": "vor 3 Tagen", "en": "3 days ago"}),
            (60 * DAY, {"de": "vor 2 Monaten", "en": "2 months ago"}),
        ],
        ids=["now", "days", "months"],
    )
    def test_it_says_how_old_the_last_checkpoint_is(
        self, desk, site, decided, monkeypatch, later, ago
    ):
        """
        How long ago the log was sealed last is said in words, in their right case.
        """
        site.sealer.seal()
        then = now_ms() + later * 1000
        monkeypatch.setattr(overview, "now_ms", lambda: then)

        for language, words in ago.items():
            assert f"UTC ({words})" in desk(f"?lang={language}").text

    @pytest.mark.parametrize("language", wording.LANGUAGES)
    def test_each_finding_has_its_words(self, language):
        """
        Whatever can be found can be said.
        """
        said = {wording.say(language, f"overview.finding.{what}") for what in (*BROKEN, *REMARKS)}

        assert len(said) == len(BROKEN) + len(REMARKS)
