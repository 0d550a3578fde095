"""Who gets in at the auditor's desk, who does not, and what both see."""

from __future__ import annotations

import json
import re
from types import SimpleNamespace

import pytest
from flask import Flask
from werkzeug.datastructures import LanguageAccept

from consent.choice.signer import KeySigner
from consent.errors import LogUnavailable
from consent.web.desk.door import login, record
from consent.web.desk.session import cookie_name
from consent.web.desk.shell import DESK as BLUEPRINT
from consent.web.desk.shell import language
from tests.conftest import KEY, events
from tests.each import each
from tests.web.desk.conftest import DESK, HOST, Browser

FOREIGN = {"Sec-Fetch-Site": "cross-site", "Origin": "https://evil.example"}
SITE = "kreisverband-musterland.example"


def noted(app):
    """What the log says of the desk."""
    return [
        (event["by"], event["what"], event["about"])
        for event in events(app)
        if event["event"] == "access"
    ]


def told(answer):
    """All of an answer but when it was given."""
    return answer.status, answer.data, tuple(sorted(answer.headers))


class TestLink:
    def test_looking_at_a_link_does_not_use_it_up(self, app, browser, invite):
        """
        A program that looks through somebody's mail opens links; the page with the button is all
        it gets, and the auditor still comes in.
        """
        link = invite()
        for _ in range(3):
            page = browser.get(link)
            assert (page.status_code, browser.cookie) == (200, None)
        assert browser.client.head(link, base_url=HOST).status_code == 200
        assert noted(app) == []

        assert page.text.count("<form") == page.text.count("<button") == 1
        assert "Guten Tag, Dr. Anna Prüfer." in page.text
        assert browser.post(link).headers["Location"] == f"{DESK}/"

    def test_opening_it_is_a_sign_in(self, app, auditor, invite):
        """
        Who came in by which link is an event before anything is shown (AU-03).
        """
        assert noted(app) == [("Dr. Anna Prüfer", "sign-in", f"link {invite.ids[0]}")]
        assert "Angemeldet: Dr. Anna Prüfer" in auditor.get("/access").text

    def test_the_cookie_goes_nowhere_else(self, browser, invite):
        """
        The cookie is out of reach of scripts, of other sites and of all other pages, ends with the
        invitation, and its name keeps plain HTTP from setting it.
        """
        answer = browser.post(invite())
        pair, *about = answer.headers["Set-Cookie"].split("; ")

        assert pair.startswith("__Secure-consent-audit=")
        expires, kept = sorted(part for part in about if part.startswith(("Expires=", "Max-Age=")))
        assert 0 <= 14 * 86_400 - int(kept.partition("=")[2]) < 60
        assert {*about} - {expires, kept} == {
            "Secure", "HttpOnly", "SameSite=Strict", f"Path={DESK}",
        }  # fmt: skip

    def test_the_cookie_is_told_before_it_is_set(self, browser, invite):
        """
        Who is about to come in reads which cookie that takes, why, and when it goes (PS-09).
        """
        page = browser.get(invite()).text

        assert "Das Cookie „__Secure-consent-audit“ hält Sie angemeldet." in page
        assert "technisch nötig (§\u00a025 Abs.\u00a02 Nr.\u00a02 TDDDG)" in page
        assert "gelöscht, wenn Sie sich abmelden oder Ihr Zugang endet" in page

    def test_it_opens_on_another_day_too(self, browser, invite, clock):
        """
        Who was invited for two weeks and closes the browser at night opens the link again in it.
        """
        link = invite()
        browser.open(link)
        clock.forward(days=13)
        browser.close()

        assert browser.get("/access").status_code == 404
        assert browser.open(link).status_code == 303
        assert browser.get("/access").status_code == 200

    def test_it_works_over_plain_http(self, app, invite):
        """
        In development there is no HTTPS, and the cookie has a name without conditions.
        """
        browser = Browser(app, "http://kreisverband.example")
        answer = browser.open(invite())

        assert answer.headers["Set-Cookie"].startswith("consent-audit=")
        assert "Secure" not in answer.headers["Set-Cookie"]
        assert browser.get("/access").status_code == 200

    def test_it_opens_once(self, app, auditor, browser):
        """
        A link that was opened is of no use in another browser, whether looked at or sent.
        """
        assert told(browser.get(auditor.link)) == told(browser.get("/nothing"))
        assert told(browser.post(auditor.link)) == told(browser.get("/nothing"))
        assert browser.cookie is None
        assert len(noted(app)) == 1

    def test_after_a_pause_it_opens_in_its_own_browser(self, app, auditor, clock):
        """
        An auditor who went to lunch opens the link again where it was opened first.
        """
        clock.forward(minutes=31)
        old = auditor.cookie
        assert auditor.get("/access").status_code == 404

        assert auditor.open(auditor.link).status_code == 303
        assert auditor.cookie != old
        assert auditor.get("/access").status_code == 200
        assert [what for _, what, _ in noted(app)] == ["sign-in", "sign-in", "look-up"]

    def test_the_loser_of_a_race_stays_outside(self, app, browser, invite, site, monkeypatch):
        """
        Of two who press the button at once one comes in; the other one has no cookie.
        """
        link = invite()
        monkeypatch.setattr(site.desk.access, "open", lambda *_: None)

        assert told(browser.post(link)) == told(browser.get("/nothing"))
        assert browser.cookie is None

    def test_a_link_survives_a_change_of_the_key(self, make_app, invite):
        """
        Links and sessions go on under a retired key, as the visitors' cookies do (SE-02).
        """
        link, other = invite(), invite()
        cookie = Browser(make_app(language=lambda: "de"))
        cookie.open(other)
        rotated = make_app(SECRET_KEY="f" * 8 + KEY, SECRET_KEY_FALLBACKS=[KEY])
        browser, again = Browser(rotated), Browser(rotated)
        again.cookie = cookie.cookie

        assert browser.open(link).status_code == 303
        assert again.get("/access").status_code == 200
        forgotten = Browser(make_app(SECRET_KEY="f" * 8 + KEY))
        forgotten.cookie = cookie.cookie
        assert forgotten.get("/access").status_code == 404

    def test_nobody_comes_in_unnoticed(self, browser, auditor, invite, site, monkeypatch):
        """
        While the log cannot be written nobody gets in and nothing is shown; the link is not lost.
        """
        link = invite()

        def fail(*_):
            raise LogUnavailable("no room")

        with monkeypatch.context() as patch:
            patch.setattr(site.store, "append", fail)
            assert browser.post(link).status_code == 503
            page = auditor.get("/access")
        assert page.status_code == 503
        assert "<table" not in page.text
        assert browser.open(link).status_code == 303


class TestSession:
    def test_signing_out_ends_it(self, app, auditor, clock):
        """
        After the button nothing is shown any more, to whoever kept the cookie either, and the
        link does not open again.
        """
        kept = auditor.cookie
        page = auditor.post("/leave")
        assert "Sie sind abgemeldet" in page.text
        assert "Angemeldet: " not in page.text
        assert auditor.cookie in (None, "")

        auditor.cookie = kept
        assert auditor.get("/access").status_code == 404
        assert auditor.get(auditor.link).status_code == 404
        assert noted(app)[-1] == ("Dr. Anna Prüfer", "sign-out", "")

    def test_every_page_is_noted(self, app, auditor):
        """
        What is looked at is in the log and on the page that lists it (AU-03).
        """
        page = auditor.get("/access")

        assert noted(app)[-1] == ("Dr. Anna Prüfer", "look-up", "access")
        assert page.text.count("Einsicht</td>") == 1
        assert page.text.count("Anmeldung</td>") == 1

    def test_nobody_brings_the_next_one_in(self, app, auditor, browser):
        """
        Where requests begin within one context of the app, as in tests of a site, who is at the
        desk in one of them is not in the next one, too.
        """
        with app.app_context():
            inside, outside = auditor.get("/overview"), browser.get("/overview")

        assert inside.status_code == 200
        assert outside.status_code == 404

    def test_two_cookies_are_none(self, auditor, app, invite):
        """
        Nobody can slip a session of theirs under somebody else's.
        """
        other = Browser(app)
        other.open(invite())
        name = cookie_name(secure=True)
        both = f"{name}={auditor.cookie}; {name}={other.cookie}"

        assert Browser(app).get("/access", headers={"Cookie": both}).status_code == 404


class TestLogin:
    """The site's own login is the other door."""

    @pytest.fixture
    def who(self):
        return ["Carla"]

    @pytest.fixture
    def app(self, make_app, who):
        return make_app(language=lambda: "de", CONSENT_AUDITOR=lambda: who[0])

    def test_it_lets_in_whom_the_site_names(self, app, browser):
        """
        A user of the site who may audit needs no link, only a button; both are noted (AU-03).
        """
        first = browser.get("/access")
        assert first.headers["Location"] == f"{DESK}/enter"
        page = browser.get("/enter").text
        assert "Guten Tag, Carla." in page
        assert "gelöscht, wenn Sie sich abmelden oder den Browser schließen" in page
        assert noted(app) == []

        answer = browser.open(f"{DESK}/enter")
        assert answer.status_code == 303
        assert "Max-Age" not in answer.headers["Set-Cookie"]  # the site knows when she comes again
        assert "Angemeldet: Carla" in browser.get("/access").text
        assert noted(app) == [("Carla", "sign-in", "login"), ("Carla", "look-up", "access")]

    def test_who_is_no_longer_known_is_out(self, app, browser, who):
        """
        Signing out at the site, or losing the right there, ends the session at the desk at once;
        another user does not inherit it.
        """
        browser.open(f"{DESK}/enter")
        for name in (None, "Dora"):
            who[0] = name
            assert browser.get("/access").status_code == (303 if name else 404)
        assert [by for by, *_ in noted(app)] == ["Carla"]

    def test_a_link_works_beside_it(self, app, browser, invite, who):
        """
        An auditor who was invited comes in by the link although the site knows somebody else.
        """
        browser.open(invite("Anna"))

        assert "Angemeldet: Anna" in browser.get("/access").text

    def test_foreign_pages_cannot_sign_anybody_in(self, app, browser):
        """
        The button counts only on a page of the site itself (SE-04).
        """
        assert browser.post("/enter", headers=FOREIGN).status_code == 404
        assert noted(app) == []


@each("name", [None, "", " ", False, True, 7, b"Carla", ["Carla"]])
def test_nothing_else_is_a_name(name):
    """
    Whatever the function of the site returns but a name opens nothing. What was surely meant for
    one is told to the operator, by its type alone.
    """
    told = []
    site = SimpleNamespace(config=SimpleNamespace(auditor=lambda: name), warn_once=told.append)

    assert login(site) is None
    assert [f"of type {type(name).__name__}," in text for text in told] == [True] * (
        bool(name) and not isinstance(name, str)
    )


@each(
    "asked, accepted, spoken",
    [
        (None, None, "de"),
        (None, "fr", "de"),
        (None, "en-US,en;q=0.9,de;q=0.1", "en"),
        ("en", "de", "en"),
        ("de", "en", "de"),
        ("fr", "en", "en"),
    ],
)
def test_the_desk_speaks_german_and_english(asked, accepted, spoken):
    """
    The language that was asked for, else the browser's, else German.
    """
    headers = {"Accept-Language": accepted} if accepted else {}
    query = {"lang": asked} if asked else {}
    with Flask("any").test_request_context("/", query_string=query, headers=headers):
        assert language() == spoken


def test_a_long_list_of_languages_is_looked_through_once(app, browser, monkeypatch):
    """
    Who prefers four thousand languages holds nobody up at the door.
    """
    asked = []
    match = LanguageAccept.best_match
    monkeypatch.setattr(LanguageAccept, "best_match", lambda *a: asked.append(a) or match(*a))

    page = browser.get(f"{DESK}/find", headers={"Accept-Language": "a," * 4_000 + "en"})

    assert (page.headers["Content-Language"], len(asked)) == ("en", 1)


def addresses(app):
    """A path for every route of the desk, as the app knows them, and what it takes."""
    sample = {"IntegerConverter": 1, "DateConverter": "2026-11-25"}
    for rule in app.url_map.iter_rules():
        if rule.endpoint.startswith(f"{BLUEPRINT}."):
            kinds = {name: type(made).__name__ for name, made in rule._converters.items()}
            values = {name: sample.get(kind, "x") for name, kind in kinds.items()}
            _, path = rule.build(values, append_unknown=False)
            yield rule.endpoint.rpartition(".")[2], path, rule.methods - {"HEAD", "OPTIONS"}


def outsiders(app, invite, clock, site):
    """Browsers that must see nothing, by why; each but the first once had business here."""
    stranger = KeySigner([b"another key of the same length"], f"consent/audit-session/1/{SITE}")
    purpose = KeySigner([KEY], f"consent/receipt/1/{SITE}")
    found = {}

    def browser(why, *, cookie=None, link=None):
        found[why] = Browser(app)
        if link:
            found[why].open(link)
        if cookie:
            found[why].cookie = cookie

    browser("nobody")
    browser("junk", cookie="x" * 80)
    browser("another key", cookie=stranger.sign("secret").decode())
    browser("another purpose", cookie=purpose.sign("secret").decode())
    browser("never given", cookie=site.desk._secrets.sign("secret").decode())
    browser("signed out", link=invite())
    kept = found["signed out"].cookie
    found["signed out"].post("/leave")
    found["signed out"].cookie = kept
    browser("expired", link=invite(days=1))
    browser("idle", link=invite())
    clock.forward(days=1)
    browser("revoked", link=invite())
    site.desk.access.revoke(invite.ids[-1], clock() // 10**6)
    return found


@pytest.mark.usefixtures("patient")
class TestRoles:
    """Every route of the desk, as the app itself lists them, asked for by everybody."""

    def test_who_is_not_let_in_always_sees_the_same(self, app, invite, clock, site):
        """
        Nobody, and who has a wrong, expired, revoked, idle or ended session, gets one and the same
        answer from every address, whatever the method: status, bytes and headers tell nothing
        (AU-03).
        """
        asked = 0
        answers = {}
        for why, browser in outsiders(app, invite, clock, site).items():
            for name, path, _ in addresses(app):
                for answer in (
                    browser.get(path),
                    browser.post(path),
                    browser.post(path, headers=FOREIGN),
                ):
                    answers.setdefault(told(answer), (why, name))
                    asked += 1
        assert len(answers) == 1, list(answers.values())
        assert asked > 200
        assert next(iter(answers))[0] == "404 NOT FOUND"

    def test_wrong_links_all_look_alike(self, app, invite, clock, site, browser):
        """
        Made up, cut off, used, revoked and expired: nobody can tell which it was.
        """
        used, revoked, expired = (invite() for _ in range(3))
        Browser(app).open(used)
        site.desk.access.revoke(invite.ids[1], 1)
        clock.forward(days=8)
        links = [
            used,
            revoked,
            expired,
            revoked[:-9],
            f"{DESK}/enter/x",
            f"{DESK}/enter/{'x' * 66}",
        ]
        answers = {told(ask(link)) for link in links for ask in (browser.get, browser.post)}

        assert answers == {told(browser.get("/nothing"))}
        assert browser.cookie is None

    def test_every_page_can_be_seen_by_who_is_let_in(self, app, auditor):
        """
        An auditor gets an answer of its own from every page, never a broken one (AU-03).
        """
        closed = Browser(app).get("/nothing").data
        for name, path, methods in addresses(app):
            if "GET" in methods and name not in ("open", "enter"):
                answer = auditor.get(path)
                assert answer.status_code in (200, 303, 400, 404), (name, answer.status)
                assert answer.data != closed, name

    def test_no_page_of_another_site_can_use_a_session(self, app, auditor):
        """
        A form that another site sends in the auditor's name is answered as if nobody was there,
        and notes nothing (SE-04).
        """
        closed, before = told(Browser(app).get("/nothing")), len(events(app))
        for _, path, _ in addresses(app):
            for headers in ({}, FOREIGN, {"Origin": "null"}):
                assert told(auditor.post(path, headers=headers)) == closed

        assert len(events(app)) == before
        assert auditor.get("/access").status_code == 200

    def test_no_page_changes_anything(self, app, auditor, site):
        """
        Looking at every page leaves the log as it was, but for what is noted of the looking
        (AU-03).
        """
        before = events(app)
        for name, path, methods in addresses(app):
            if "GET" in methods and name != "open":
                auditor.get(path)
        after = events(app)

        assert after[: len(before)] == before
        assert {(event["event"], event["by"]) for event in after[len(before) :]} == {
            ("access", "Dr. Anna Prüfer")
        }

    def test_nothing_of_it_is_kept_or_framed(self, app, auditor, browser):
        """
        No answer of the desk is kept by a cache, shown in a frame, runs a script or tells another
        site where it was, whoever asks (SE-08).
        """
        for who in (auditor, browser):
            for name, path, _ in addresses(app):
                headers = who.get(path).headers
                policy = headers["Content-Security-Policy"]
                assert headers["Cache-Control"] == "no-store", name
                assert "default-src 'none'" in policy, name
                assert "script-src" not in policy, name
                assert "frame-ancestors" in policy, name
                assert headers["X-Frame-Options"] in ("DENY", "SAMEORIGIN"), name
                assert headers["X-Content-Type-Options"] == "nosniff", name
                assert headers["Referrer-Policy"] in ("same-origin", "no-referrer"), name
                assert {"Cookie", "Accept-Language"} <= {*headers["Vary"].split(", ")}, name


class TestGuessing:
    @pytest.fixture
    def guessed_out(self, app, browser):
        """Three hundred wrong links, from as many addresses."""
        for n in range(300):
            where = {"REMOTE_ADDR": f"192.0.{2 + n // 250}.{n % 250}"}
            assert browser.get("/enter/x", environ_overrides=where).status_code == 404

    @pytest.fixture
    def looked_up(self, site, monkeypatch):
        """How often the database was asked for somebody."""
        seen = []
        real = site.desk.access._rows
        monkeypatch.setattr(site.desk.access, "_rows", lambda query: seen.append(1) or real(query))
        return seen

    def test_it_is_slowed(self, browser, looked_up):
        """
        After twenty wrong links from one address no other is looked up from there for a minute; the
        page is the one that everybody sees.
        """
        closed = browser.get("/nothing").data
        assert {browser.get(f"/enter/{n}").status_code for n in range(20)} == {404}
        looked_up.clear()

        for answer in (browser.get("/enter/21"), browser.post("/enter/22")):
            assert (answer.status_code, answer.data) == (429, closed)
            assert answer.headers["Retry-After"] == "60"
        assert looked_up == []
        elsewhere = {"REMOTE_ADDR": "192.0.2.7"}
        assert browser.get("/enter/21", environ_overrides=elsewhere).status_code == 404

    def test_it_is_slowed_altogether(self, browser, guessed_out):
        """
        Whoever has many addresses is no better off: three hundred times.
        """
        elsewhere = {"REMOTE_ADDR": "198.51.100.1"}
        assert browser.get("/enter/x", environ_overrides=elsewhere).status_code == 429

    def test_a_right_link_opens_all_the_same(self, app, browser, invite, guessed_out):
        """
        Nobody can keep out an auditor by guessing, from the same address or from everywhere; a
        cookie that an older key signed is in nobody's way either.
        """
        link = invite()
        for n in range(21):
            browser.get(f"/enter/{n}")
        browser.cookie = "x.y"

        assert browser.open(link).headers["Location"] == f"{DESK}/"
        assert browser.get("/access").status_code == 200
        assert [what for _, what, _ in noted(app)] == ["sign-in", "look-up"]

    def test_who_floods_with_a_link_keeps_out_that_link_alone(self, browser, invite, looked_up):
        """
        A right link is looked up twenty times a minute, wherever it is asked for; others open.
        """
        link, other = invite(), invite()
        for n in range(20):
            where = {"REMOTE_ADDR": f"192.0.2.{n}"}
            assert browser.get(link, environ_overrides=where).status_code == 200
        looked_up.clear()

        assert browser.post(link).status_code == 429
        assert looked_up == []
        assert browser.open(other).status_code == 303

    def test_wrong_cookies_count(self, app, browser):
        """
        Cookies are guessed no faster than links.
        """
        browser.cookie = "x.y"

        assert {browser.get("/access").status_code for _ in range(20)} == {404}
        assert browser.get("/access").status_code == 429

    def test_who_is_at_work_is_not_disturbed(self, auditor, browser):
        """
        Nobody can lock out an auditor by guessing from the same address.
        """
        for n in range(25):
            browser.get(f"/enter/{n}")

        assert auditor.get("/access").status_code == 200


HOSTILE = [
    "",
    "x" * 10_000,
    "%00",
    "%ff%fe",
    "%E2%98%83",
    "..%2f..%2fetc",
    "<script>alert(1)</script>",
    "{{7*7}}",
    "' OR 1=1 --",
    "%ED%A0%80",
]


@pytest.mark.usefixtures("patient")
class TestHostile:
    def test_links(self, browser):
        """
        Whatever stands in the place of a link, the door stays closed and nothing breaks.
        """
        answers = {browser.get(f"/enter/{text}").status_code for text in HOSTILE}

        assert answers == {404}

    def test_cookies(self, app):
        """
        Whatever stands in the cookie means that nobody is there.
        """
        name = cookie_name(secure=True)
        for text in (*HOSTILE, "\xe9\xff", f"a; {name}=b"):
            answer = Browser(app).get("/access", headers={"Cookie": f"{name}={text}"})
            assert answer.status_code == 404, text

    def test_parameters(self, auditor):
        """
        Whatever is asked of the list, there is a page that says what was wrong, and never what was
        sent without being made harmless.
        """
        for text in HOSTILE[1:]:
            answer = auditor.get(f"/access?before={text}&before=2")
            assert answer.status_code == 400, text
            assert "Bitte prüfen" in answer.text
            assert "<script" not in answer.text
        assert auditor.get("/access?before=").status_code == 200
        for text in HOSTILE:
            assert auditor.get(f"/access?lang={text}&x={text}").status_code == 200, text

    def test_a_form_that_is_too_large(self, auditor):
        """
        Nobody can fill the memory of the site.
        """
        assert auditor.post("/exports/file", data={"format": "y" * 70_000}).status_code == 413


class TestFrame:
    def test_a_language_that_was_asked_for_stays(self, auditor):
        """
        The links of a page lead to pages in the same language, and the other one is one click
        away, with all else that was asked for.
        """
        page = auditor.get("/access?before=ffffffff-ffff-ffff-ffff-ffffffffffff&lang=en").text

        assert 'lang="en"' in page
        assert f'href="{DESK}/access?lang=en"' in page
        assert 'href="?before=ffffffff-ffff-ffff-ffff-ffffffffffff&amp;lang=de"' in page

    def test_all_that_was_done_is_listed_page_by_page(self, auditor, app):
        """
        A long list has pages that join.
        """
        for _ in range(60):
            auditor.get("/access")
        first = auditor.get("/access").text
        older = first.partition('rel="next"')[0].rpartition('href="')[2].partition('"')[0]
        second = auditor.get(older).text

        assert first.count('<tr role="row">') == 51
        assert second.count('<tr role="row">') == 1 + len(noted(app)) - 1 - 50
        assert "Anmeldung</td>" in second

    @pytest.mark.parametrize("has_own", [False, True], ids=["as it is", "the site has its own"])
    def test_a_page_that_is_not_there_is_said_to_be_so(self, app, request, has_own):
        """
        Whoever is let in is told plainly what went wrong, with the way back at hand.
        """
        if has_own:
            app.register_error_handler(404, lambda _: ("Gibt es nicht.", 404))
        answer = request.getfixturevalue("auditor").get("/nothing/here")

        assert answer.status_code == 404
        assert "Diese Seite gibt es hier nicht." in answer.text
        assert f'href="{DESK}/access"' in answer.text

    @pytest.mark.parametrize("table", ["audit_session", "act"])
    def test_a_database_that_fails_half_way_is_said_to_be_unavailable(self, auditor, site, table):
        """
        What goes wrong in the database is told as such, wherever it is noticed: no page breaks.
        """
        site.store.transact(lambda c: c.exec_driver_sql(f"DROP TABLE consent_{table}"))

        answer = auditor.get("/access")

        assert answer.status_code == 503
        assert "<table" not in answer.text

    def test_the_site_cannot_put_its_own_page_in_the_place(self, auditor, override):
        """
        What an auditor sees is made by this package, not by a template of the site.
        """
        override("audit/access", "Alles in Ordnung.")

        assert "Alles in Ordnung." not in auditor.get("/access").text

    def test_the_log_holds_what_was_noted_in_one_line(self, site, app):
        """
        Names and subjects cannot bring anything into the log that its readers stumble over.
        """
        record(site, "A\nB\x00", "look-up", "x\ud800" + "y" * 900)
        body = next(iter(site.store.events()))

        assert json.loads(body)["by"] == "A B"
        assert json.loads(body)["about"] == "x?" + "y" * 498


def test_the_list_of_acts_names_pages_as_the_desk_does(auditor):
    """
    Whoever reads who looked at what reads it in the language of the page; the log has one for all.
    """
    for page in ("/overview", "/find?kind=refusal", "/notices", "/exports?format=csv&count=1"):
        assert auditor.get(page).status_code == 200
    auditor.post("/find", data={"sought": "MZXW6YTBOIAAAAAAAAAAAAAAAA"})
    german, english = (auditor.get(f"/access?lang={lang}").text for lang in ("de", "en"))

    for text in (
        "Suchen Art: Ablehnung<",
        "Hinweise</td>",
        "Exporte csv",
        "Zugriffe</td>",
    ):
        assert f'data-label="Gegenstand">{text}' in german, text
    assert 'data-label="Gegenstand">Link ' in german
    assert re.search(r'data-label="Gegenstand">Übersicht \d\d\.\d\d\.20\d\d bis ', german)
    assert re.search(r'data-label="Subject">overview \d{1,2} \w+ 20\d\d to ', english)
