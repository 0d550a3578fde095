"""POST choice: validate, record durably, then the cookie, then the answer."""

import asyncio
import json
import os
import re
import resource
import time
from contextlib import ExitStack, contextmanager, suppress
from datetime import UTC, date, datetime, timedelta
from io import BytesIO
from pathlib import Path
from urllib.parse import urlencode

import pytest
from flask import abort, request
from werkzeug.http import parse_cookie

from consent import LogUnavailable, decided
from consent.policy.wording import texts
from consent.web.wish import MAX_BODY
from tests.conftest import KEY, POLICY, Visitor, events, make_site

ROOT = Path(__file__).parents[2]

#: How browsers send a form.
FORM = "application/x-www-form-urlencoded"


def set_cookies(response):
    return response.headers.getlist("Set-Cookie")


@pytest.fixture
def down(app, monkeypatch):
    """The log cannot be written."""

    monkeypatch.setattr(app.extensions["consentry"].store, "append", failing)


def failing(*args, **more):
    """Record nothing."""
    raise LogUnavailable("the disk is full")


def sent(visitor, **how):
    """Send something to where decisions go, as a page of the site would."""
    own = {"Sec-Fetch-Site": "same-origin"}
    return visitor.client.post("/consent/choice", base_url=visitor.base_url, headers=own, **how)


class TestDecision:
    def test_accepting_grants_everything(self, app, visitor):
        """
        One press grants all services, is recorded, and leads back to the page (FL-03).
        """
        response = visitor.decide("accept", page="/?a=b")

        assert (response.status_code, response.location) == (303, "/?a=b")
        [event] = events(app)
        assert (event["kind"], event["granted"]) == ("grant", ["matomo", "youtube"])
        assert event["refused"] == []
        assert event["receipt"]

    def test_rejecting_takes_one_press_as_well(self, app, visitor):
        """
        One press refuses all services; it is recorded without any id of the visitor (EV-06).
        """
        response = visitor.decide("reject")

        assert response.status_code == 303
        [event] = events(app)
        assert (event["kind"], event["refused"]) == ("refusal", ["matomo", "youtube"])
        assert event["receipt"] is None
        assert visitor.cookie("__Secure-consent-receipt", "/consent") is None

    def test_saving_stores_exactly_what_was_ticked(self, app, visitor):
        """
        "Save" stores the ticked boxes, each once, and nothing else; the record says where and by
        which button, and yes or no for each service and purpose (SL-06, EV-02).
        """
        visitor.decide("save", "youtube", "youtube", layer="settings", about="matomo")

        [event] = events(app)
        assert (event["granted"], event["refused"]) == (["youtube"], ["matomo"])
        assert event["purposes"] == {"media": "granted", "statistics": "refused"}
        assert (event["layer"], event["control"]) == ("settings", "save")

    def test_the_record_says_what_was_shown(self, app, visitor):
        """
        A record names site, notice, language, when by the server's clock, and until when it is
        good: the last day of the lifetime that visitors are told (EV-02, EV-09, LA-03).
        """
        notice = visitor.notice()
        before = datetime.now(UTC)

        visitor.decide("accept", notice=notice)

        [event] = events(app)
        recorded_at = datetime.fromisoformat(event["recorded_at"])
        assert timedelta(milliseconds=-1) < recorded_at - before < timedelta(minutes=1)
        assert date.fromisoformat(event["valid_until"]) == recorded_at.date() + timedelta(days=179)
        assert event["notice"] == notice
        assert event["language"] == "de"
        assert event["site"] == "kreisverband-musterland.example"
        assert re.fullmatch(r"\d{4}-\d\d-\d\d", event["valid_until"])
        assert app.extensions["consentry"].store.document(notice) is not None

    @pytest.mark.parametrize("language", ["de", "en"])
    def test_the_record_names_the_language_that_was_read(self, make_app, language):
        """
        The language of the record is that of the notice, whatever the browser prefers (LA-01).
        """
        visitor = Visitor(make_app(language=lambda: language))
        visitor.decide("accept", headers={"Accept-Language": "fr, de;q=0.5, en;q=0.4"})

        [event] = events(visitor.app)
        notice = json.loads(visitor.get(f"/consent/notice/{event['notice']}?format=json").data)
        assert event["language"] == notice["language"] == language

    def test_nothing_about_the_visitor_is_recorded(self, app, visitor):
        """
        No address, user agent, referrer, language list, foreign cookie or page gets into the log,
        nor anywhere else into the files of the database (EV-04).
        """
        for decision in ("accept", "withdraw"):
            visitor.decide(
                decision,
                page="/secret-page?token=q7x9",
                headers={
                    "User-Agent": "SpyAgent/1",
                    "Referer": "https://kreisverband.example/secret-page",
                    "X-Forwarded-For": "203.0.113.9",
                    "Accept-Language": "rm-CH,tlh;q=0.3",
                },
            )

        lines = list(app.extensions["consentry"].store.events())
        kept = b"".join(file.read_bytes() for file in Path(app.instance_path).glob("*.sqlite3*"))
        assert len(lines) == 2
        assert all(line in kept for line in lines)
        for trace in (b"secret", b"q7x9", b"SpyAgent", b"127.0.0.1", b"203.0.113.9", b"tlh"):
            assert trace not in kept

    def test_changes_and_withdrawal_are_linked_to_the_grant(self, app, visitor):
        """
        What follows a grant is appended under the same receipt, newest to its forerunner
        (EV-07, WD-07).
        """
        visitor.decide("accept")
        visitor.decide("save", "youtube")
        visitor.decide("withdraw")

        first, second, third = events(app)
        assert [e["kind"] for e in (first, second, third)] == ["grant", "change", "withdrawal"]
        assert first["receipt"] == second["receipt"] == third["receipt"]
        assert (second["previous"], third["previous"]) == (first["id"], second["id"])

    @pytest.mark.parametrize("before", [None, "reject"])
    @pytest.mark.parametrize("decision", ["accept", "once"])
    def test_nobody_decides_under_the_receipt_of_another(self, app, visitor, decision, before):
        """
        A receipt that another subdomain slipped under a visitor who has granted nothing is not
        taken up: whoever has that number would see in its record what the visitor decides (SE-05).
        """
        other = Visitor(app)
        other.decide("accept")
        theirs = other.cookie("__Secure-consent-receipt", "/consent")
        if before:
            visitor.decide(before)
        visitor.client.set_cookie(
            "__Secure-consent-receipt", theirs, domain="kreisverband.example", path="/consent"
        )
        visitor.decide(decision, *(["youtube"] if decision == "once" else []))

        first, *_, second = events(app)
        assert second["kind"] == {"accept": "grant", "once": "once"}[decision]
        assert second["receipt"] != first["receipt"]
        assert second["previous"] is None

    def test_a_withdrawal_takes_the_receipt_cookie_away(self, visitor):
        """
        Who has withdrawn carries no identifier (PS-05).
        """
        visitor.decide("accept")
        visitor.decide("withdraw")

        assert visitor.cookie("__Secure-consent-receipt", "/consent") is None

    @pytest.mark.parametrize(("decision", "sent"), [("accept", 0), ("reject", 2)])
    def test_the_same_again_writes_no_second_event(self, app, visitor, decision, sent):
        """
        A decision that the cookie already states is not recorded twice, and a consent is not sent
        again: it may have been withdrawn meanwhile, in another tab.
        """
        visitor.decide(decision)
        response = visitor.decide(decision)

        assert response.status_code == 303
        assert len(set_cookies(response)) == sent
        assert len(events(app)) == 1

    def test_once_is_recorded_and_sets_no_cookie(self, app, visitor):
        """
        "Only this time" is an event of its own, without a number, and is not remembered (GA-04,
        EV-05).
        """
        response = visitor.decide("once", "youtube", layer="placeholder", json=True)

        assert (response.json["kind"], response.json["started"]) == ("once", ["youtube"])
        assert response.json["receipt"] is None
        assert set_cookies(response) == []
        [event] = events(app)
        assert (event["kind"], event["granted"]) == ("once", ["youtube"])
        assert (event["undecided"], event["valid_until"]) == (["matomo"], None)
        assert event["receipt"] is None

    def test_once_takes_nothing_from_others(self, app, visitor):
        """
        What the page is told runs on: what was granted before, and this one, which is recorded
        all the same (GA-04, WD-06, EV-01).
        """
        visitor.decide("save", "matomo")
        response = visitor.decide("once", "youtube", layer="placeholder", json=True)

        assert response.json["started"] == ["matomo", "youtube"]
        assert response.json["granted"] == ["matomo"]
        event = events(app)[-1]
        assert (event["kind"], event["granted"], event["refused"]) == ("once", ["youtube"], [])

    @pytest.mark.parametrize("before", [(), ("matomo",)], ids=["undecided", "decided"])
    def test_once_is_not_said_to_be_saved(self, visitor, before):
        """
        Who loads a video only this time reads that the consent is for this page view (GA-04).
        """
        if before:
            visitor.decide("save", *before)
        response = visitor.decide("once", "youtube", layer="placeholder", json=True)

        assert response.json["message"] == [texts("de")["status.once"], "de"]

    def test_always_on_a_placeholder_grants_that_service_only(self, app, visitor):
        """
        "Always" on a placeholder grants its service; the banner goes on asking for the rest.
        """
        visitor.decide("allow", "youtube", layer="placeholder")

        [event] = events(app)
        assert (event["granted"], event["undecided"]) == (["youtube"], ["matomo"])
        assert 'id="consent"' in visitor.get().text

    def test_what_is_added_later_lasts_as_long_as_the_rest(self, app, visitor, monkeypatch):
        """
        Cookies and record of a service that is allowed a month later end with the first decision,
        which has one day for all services (EV-02, RP-07).
        """
        visitor.decide("save", "matomo")
        later = time.time() + 30 * 86_400
        monkeypatch.setattr(time, "time", lambda: later)
        answer = visitor.decide("allow", "youtube", layer="placeholder")

        first, second = events(app)
        assert second["granted"] == ["matomo", "youtube"]
        assert second["valid_until"] == first["valid_until"]
        assert all(f"Max-Age={150 * 86_400};" in cookie for cookie in set_cookies(answer))

    def test_a_script_gets_json(self, app, visitor):
        """
        The browser side learns what was stored from the server, not from itself, and what it has to
        say in which language, also if the browser keeps no cookie.
        """
        some = visitor.decide("allow", "youtube", layer="placeholder", json=True)
        assert (some.json["granted"], some.json["undecided"]) == (["youtube"], ["matomo"])
        response = visitor.decide("accept", json=True)

        words = texts("de")
        assert response.json["message"] == [words["status.saved"], "de"]
        assert response.json["unkept"] == words["error.storage"]
        assert response.json["undecided"] == []
        assert response.json["granted"] == response.json["started"] == ["matomo", "youtube"]
        assert response.json["reload"] is False
        assert response.json["receipt"] == events(app)[-1]["receipt"] is not None
        assert response.headers["Cache-Control"] == "no-store"

    @pytest.mark.parametrize("decision", ["accept", "reject", "once", "nonsense"])
    def test_a_script_of_the_site_gets_what_it_is_told(self, visitor, decision):
        """
        The docs name each field of an answer, and no other.
        """
        docs = (ROOT / "docs/browser.md").read_text(encoding="utf-8")
        told = docs.partition("## A script of your own")[2].partition("\n## ")[0]
        rows = re.findall(r"(?m)^\| (`[^|]+) \|", told.partition("and is answered with")[2])
        answer = visitor.decide(decision, "youtube", layer="placeholder", json=True)

        if answer.status_code == 200:
            assert answer.json.keys() == set(re.findall("`([a-z]+)`", " ".join(rows)))
            assert f"`{answer.json['kind']}`" in told
        else:
            assert list(answer.json) == ["error"]
            assert "`error`" in told

    @pytest.mark.parametrize(
        ("accept", "status"),
        [
            ("application/json;q=0", 303),
            ("text/html, application/json; q=0.0, */*;q=0.8", 303),
            ("application/jsonlines", 303),
            ("*/*", 303),
            ("application/json;q=0.1", 200),
            ("application/json; charset=utf-8", 200),
            ("text/plain, Application/JSON", 200),
            ("application/json, text/javascript, */*; q=0.01", 200),
        ],
    )
    def test_who_rules_json_out_is_led_back(self, visitor, accept, status):
        """
        JSON is for whoever names it, and does not say that it shall not come.
        """
        assert visitor.decide("reject", headers={"Accept": accept}).status_code == status

    def test_a_withdrawal_asks_for_a_reload(self, visitor):
        """
        What already runs stops only with its page (WD-04).
        """
        visitor.decide("accept")

        assert visitor.decide("reject", json=True).json["reload"] is True

    def test_the_site_is_told(self, app, visitor):
        """
        A site can react to a decision through a signal.
        """
        heard = []

        with decided.connected_to(lambda sender, **news: heard.append(news), sender=app):
            visitor.decide("save", "matomo")

        assert heard == [{"kind": "grant", "granted": frozenset({"matomo"}), "before": frozenset()}]

    def test_a_function_that_hears_of_decisions_may_be_async(self, app, visitor, monkeypatch):
        """
        It is run as the app runs its own, and not at all while the signal is muted.
        """
        heard = []

        async def hear(sender, **news):
            heard.append(news["kind"])

        def to_sync(function):
            return lambda *about, **news: asyncio.run(function(*about, **news))

        monkeypatch.setattr(app, "async_to_sync", to_sync)
        with decided.connected_to(hear, sender=app):
            visitor.decide("accept")
            with decided.muted():
                visitor.decide("reject")

        assert heard == ["grant"]

    @pytest.mark.parametrize("decision", ["accept", "reject"])
    def test_what_fails_in_the_site_takes_no_decision_back(self, app, visitor, caplog, decision):
        """
        A mistake in a function of the site that hears of decisions is the operator's to read; the
        visitor has decided, and all others hear of it.
        """
        heard = []

        def fail(sender, **news):
            raise KeyError("newsletter")

        def another(number):
            return lambda sender, **news: heard.append(number)

        app.testing = False
        with ExitStack() as hearing:
            for function in (*map(another, range(9)), fail):
                hearing.enter_context(decided.connected_to(function, sender=app))
            answer = visitor.decide(decision)

        assert sorted(heard) == list(range(9))
        assert answer.status_code == 303
        assert 'data-consent-layer="banner"' not in visitor.get().text
        assert "a function that hears of decisions failed" in caplog.text
        assert "KeyError: 'newsletter'" in caplog.text


class TestCookies:
    def test_attributes_over_https(self, visitor):
        """
        Both cookies are bound to the host, sent over HTTPS only, and expire (SE-01, RP-07,
        RP-11).
        """
        choice, receipt = set_cookies(visitor.decide("accept"))

        assert choice.startswith("__Host-consent=1.")
        assert choice.endswith("; Path=/; Secure; SameSite=Lax")
        assert "Max-Age=15552000;" in choice
        assert receipt.startswith("__Secure-consent-receipt=")
        assert receipt.endswith("; Path=/consent; Secure; HttpOnly; SameSite=Strict")
        assert "Domain" not in choice + receipt

    @pytest.mark.parametrize(
        ("mounted", "path"),
        [
            ("/kv", "/kv"),
            ("/übung", "/%C3%BCbung"),
            ("/őr", "/%C5%91r"),
            ("/a+b c", "/a+b%20c"),
        ],
    )
    def test_the_receipt_comes_back_wherever_the_site_is_mounted(self, app, mounted, path):
        """
        Its cookie names the path as browsers send it, in letters that a header can carry (SE-01).
        """
        visitor = Visitor(app, f"https://kreisverband.example{mounted}")
        _, receipt = set_cookies(visitor.decide("accept"))

        assert f"; Path={path}/consent; " in receipt

    def test_plain_names_over_plain_http(self, app):
        """
        Without HTTPS, as in development, names and flag are left out (SE-14).
        """
        choice, receipt = set_cookies(Visitor(app, "http://kreisverband.example").decide("accept"))

        assert choice.startswith("consent=1.")
        assert receipt.startswith("consent-receipt=")
        assert "Secure" not in choice + receipt

    def test_two_visitors_who_decide_alike_hold_the_same_bytes(self, app):
        """
        The choice cookie cannot tell two visitors apart, granted or refused (PS-06).
        """
        for decision in ("accept", "reject"):
            one, other = Visitor(app), Visitor(app)
            one.decide(decision)
            other.decide(decision)

            assert one.cookie() == other.cookie()

    def test_the_choice_comes_from_the_server(self, visitor):
        """
        The decision is set by Set-Cookie, so no browser shortens its life (RP-08).
        """
        choice, _ = set_cookies(visitor.decide("reject"))

        assert parse_cookie(choice)["__Host-consent"]

    @pytest.mark.parametrize("before", [None, "reject"])
    def test_a_refusal_leaves_no_receipt_of_a_consent_that_it_overtakes(self, app, before):
        """
        Where another tab is just getting a consent, the answer to the refusal states both cookies:
        what holds, and that no receipt stands beside it, also for who had refused before (PS-05).
        """
        one, other = Visitor(app), Visitor(app)
        if before:
            other.decide(before)
        _, given = set_cookies(one.decide("accept"))
        choice, taken = set_cookies(other.decide("reject"))

        name, _, rest = given.partition("=")
        assert parse_cookie(choice)["__Host-consent"].split(".")[3] == ""
        assert taken == f"{name}=; {rest.partition('; ')[2].replace('15552000', '0')}"

    def test_a_retired_key_still_counts(self, app, make_app, visitor):
        """
        Rotating SECRET_KEY asks nobody again (SE-02).
        """
        visitor.decide("accept")
        rotated = Visitor(make_app(SECRET_KEY="n" * 8 + KEY, SECRET_KEY_FALLBACKS=[KEY]))
        rotated.client.set_cookie("__Host-consent", visitor.cookie(), domain="kreisverband.example")

        assert "data-consent=" not in rotated.get().text

    def test_without_the_retired_key_who_decided_anew_is_not_asked(self, app, make_app):
        """
        Once the old key goes, only those are asked again who have decided nothing since; a change
        that was made meanwhile, and the withdrawal after it, belong to the old consent (SE-02).
        """
        visits = Visitor(app), Visitor(app)
        for visitor in visits:
            visitor.decide("accept")
        keys = {"SECRET_KEY": "n" * 8 + KEY}
        for app in (make_app(**keys, SECRET_KEY_FALLBACKS=[KEY]), make_app(**keys)):
            for visitor in visits:
                kept = visitor.client._cookies
                visitor.client = app.test_client()
                visitor.client._cookies = kept
            if visits[0].cookie() == visits[1].cookie():
                visits[1].decide("save", "matomo")
        asked = ['id="consent"' in visitor.get().text for visitor in visits]
        visits[1].decide("withdraw")

        told = [(event["kind"], event["receipt"]) for event in events(app)]
        assert asked == [True, False]
        assert [kind for kind, _ in told] == ["grant", "grant", "change", "withdrawal"]
        assert told[1][1] == told[2][1] == told[3][1] != told[0][1]

    def test_cookies_of_a_withdrawn_service_are_taken_away(self, visitor):
        """
        After a withdrawal the site deletes what the service left on its own domain, in a way that
        browsers take for names with a prefix, too (WD-05).
        """
        visitor.decide("accept")
        visitor.client.set_cookie("_pk_id.1.abcd", "x", domain="kreisverband.example")
        visitor.client.set_cookie("login", "y", domain="kreisverband.example")

        response = visitor.decide("withdraw")

        swept = [c for c in set_cookies(response) if "consent" not in c.partition("=")[0]]
        assert swept
        assert {c.partition("=")[0] for c in swept} == {"_pk_id.1.abcd"}
        assert all("; Secure" in cookie for cookie in swept)
        assert visitor.cookie("_pk_id.1.abcd") is None
        assert visitor.cookie("login") == "y"


class TestAnswers:
    @pytest.mark.parametrize("json", [True, False], ids=["script", "form"])
    @pytest.mark.parametrize(
        ("decision", "fields", "status"),
        [
            ("accept", {}, None),
            ("reject", {}, None),
            ("nonsense", {}, 400),
            ("accept", {"headers": {"Sec-Fetch-Site": "cross-site"}}, 403),
            ("accept", {"notice": "0" * 64}, 409),
            ("accept", {"next": "/" + "a" * 5000}, 413),
        ],
        ids=["granted", "refused", "nonsense", "elsewhere", "stale", "large"],
    )
    def test_no_cache_keeps_what_somebody_decided(self, visitor, decision, fields, status, json):
        """
        Whatever is answered to a decision is for this visitor and this moment (SE-08).
        """
        response = visitor.decide(decision, json=json, **fields)

        assert response.status_code == (status or (200 if json else 303))
        assert response.headers["Cache-Control"] == "no-store"

    @pytest.mark.usefixtures("down")
    @pytest.mark.parametrize("decision", ["accept", "reject"])
    def test_nor_that_it_could_not_be_recorded(self, visitor, decision):
        """
        The same holds while the log cannot be written (SE-08).
        """
        assert visitor.decide(decision).headers["Cache-Control"] == "no-store"

    @pytest.mark.parametrize("decision", [None, "accept"])
    @pytest.mark.parametrize(
        "page", ["settings", "settings?part=form", "receipt", "receipt?format=json", "state"]
    )
    def test_no_cache_keeps_what_holds_for_somebody(self, visitor, decision, page):
        """
        Neither do pages that show the state of a visitor stay anywhere, decided or not (SE-08).
        """
        if decision:
            visitor.decide(decision)

        assert visitor.get(f"/consent/{page}").headers["Cache-Control"] == "no-store"


class TestHostileInput:
    @pytest.mark.parametrize(
        ("fields", "status"),
        [
            ({"decision": "acccept"}, 400),
            ({"decision": ""}, 400),
            ({"decision": ["accept", "reject"]}, 400),
            ({"layer": "footer"}, 400),
            ({"service": ["unknown"], "decision": "save"}, 400),
            ({"service": ["matomo", "\0"], "decision": "save"}, 400),
            ({"service": ["<script>"], "decision": "save"}, 400),
            ({"service": ["matomo", ""], "decision": "save"}, 400),
            ({"service": ["matomo", "youtube"], "decision": "allow"}, 400),
            ({"service": [], "decision": "once"}, 400),
            ({"notice": "xyz"}, 400),
            ({"notice": ["0" * 64, "0" * 64]}, 400),
            ({"notice": "0" * 64}, 409),
            ({"next": "/" + "a" * 5000}, 413),
            ({"service": ["matomo"] * 900, "decision": "save"}, 413),
        ],
    )
    def test_a_form_that_makes_no_sense_changes_nothing(self, app, visitor, fields, status):
        """
        What cannot be understood is refused as a whole, and never a 500 (SE-09).
        """
        decision = fields.pop("decision", "accept")
        response = visitor.decide(decision, **fields)

        assert response.status_code == status
        assert set_cookies(response) == []
        assert events(app) == []

    @pytest.mark.parametrize(
        ("body", "kind", "status"),
        [
            (b"", FORM, 400),
            (b"\xff\xfe=%ff%00&&&==", FORM, 400),
            (b"decision=accept&layer=banner&notice=%ED%A0%80", FORM, 400),
            (b'{"decision": "accept"}', "application/json", 415),
            (b"--x--\r\n", "multipart/form-data; boundary=x", 415),
            (b"decision=reject&layer=banner", "text/plain", 415),
            (b"decision=reject&layer=banner", "", 415),
        ],
        ids=["empty", "bytes", "surrogate", "json", "multipart", "plain text", "nothing"],
    )
    def test_a_body_that_is_no_form_changes_nothing(self, app, visitor, body, kind, status):
        """
        Only a plain form can decide.
        """
        response = sent(visitor, data=body, content_type=kind)

        assert response.status_code == status
        assert events(app) == []

    @pytest.mark.parametrize("told", [{"content_length": 10**6}, {}], ids=["told", "in chunks"])
    def test_what_is_too_large_is_not_read(self, visitor, told):
        """
        Nobody fills the memory of the site with one request: no more is read than tells that it is
        too large (SE-09).
        """
        body = BytesIO(b"a" * 10**6)
        chunked = {"wsgi.input_terminated": True}
        response = sent(
            visitor, content_type=FORM, input_stream=body, environ_overrides=chunked, **told
        )

        assert response.status_code == 413
        assert body.tell() <= MAX_BODY + 1

    @pytest.mark.parametrize(("size", "status"), [(4096, 303), (4097, 413)], ids=["4 kB", "more"])
    def test_a_body_in_chunks_is_read_whole_or_not_at_all(self, app, visitor, size, status):
        """
        A body whose length nobody told counts up to 4 kB; one that is larger is not cut off and
        taken for the whole (SE-09).
        """
        fields = {"decision": "accept", "layer": "banner", "notice": visitor.notice()}
        body = f"{urlencode(fields)}&padding=".encode().ljust(size, b"a")
        response = visitor.client.post(
            "/consent/choice",
            base_url=visitor.base_url,
            headers={"Sec-Fetch-Site": "same-origin", "Transfer-Encoding": "chunked"},
            content_type=FORM,
            input_stream=BytesIO(body),
            environ_overrides={"wsgi.input_terminated": True},
        )

        assert response.status_code == status
        assert len(events(app)) == (status == 303)

    def test_another_site_cannot_decide(self, app, visitor):
        """
        Nobody can produce somebody else's consent (SE-04, SE-05).
        """
        response = visitor.decide("accept", headers={"Sec-Fetch-Site": "cross-site"})

        assert response.status_code == 403
        assert set_cookies(response) == []
        assert events(app) == []

    def test_an_answer_never_repeats_what_was_sent(self, visitor):
        """
        Refused input is not echoed.
        """
        response = visitor.decide("save", "<b>needle", next="/needle<b>")

        assert response.status_code == 400
        assert "needle" not in response.text

    def test_no_get_changes_anything(self, app, visitor):
        """
        A link, an image or a prefetch cannot decide (PS-08).
        """
        for path in ("choice", "choice?decision=accept", "settings?decision=accept"):
            response = visitor.get(f"/consent/{path}")

            assert response.status_code in (200, 303)
            assert set_cookies(response) == []
        assert events(app) == []

    @pytest.mark.parametrize(
        ("page", "link"),
        [("/verein?a=b&c=d", "/verein?a=b&amp;c=d"), ('/?"><b>', "/?&quot;&gt;&lt;b&gt;")],
    )
    def test_who_is_not_led_back_reads_a_link(self, visitor, page, link):
        """
        The answer without a script has a link to the page where the visitor was, and nothing else
        that the address could smuggle in.
        """
        response = visitor.decide("reject", page=page)

        assert response.mimetype == "text/html"
        assert f'<a href="{link}">{link}</a>' in response.text
        assert "<b>" not in response.text

    def test_its_address_opened_anew_leads_to_the_settings(self, visitor):
        """
        Who reads that a decision did not work, and opens the address of that page once more, can
        decide there, and nobody keeps where that led.
        """
        response = visitor.get("/consent/choice")

        assert (response.status_code, response.location) == (303, "/consent/settings")
        assert response.headers["Cache-Control"] == "no-store"

    @pytest.mark.parametrize("json", [True, False])
    def test_errors_speak_to_the_visitor(self, visitor, json):
        """
        Who is refused is told in their language, on a page or as JSON (AX-27).
        """
        response = visitor.decide("nonsense", json=json)

        text = response.json["error"] if json else response.text
        assert "Es wurde nichts geändert." in text

    @pytest.mark.parametrize("json", [True, False], ids=["script", "form"])
    @pytest.mark.parametrize(
        ("decision", "fields", "status"),
        [
            ("nonsense", {}, 400),
            ("accept", {"headers": {"Sec-Fetch-Site": "cross-site"}}, 403),
            ("accept", {}, 429),
        ],
        ids=["nonsense", "elsewhere", "flood"],
    )
    def test_a_refusal_speaks_the_language_of_the_page(
        self, make_app, decision, fields, status, json
    ):
        """
        Who is refused on an English page is told in English, whatever the browser prefers (LA-01).
        """
        app = make_app(CONSENT_RATE_LIMIT="1 per minute")
        visitor = Visitor(app)
        visitor.decide("reject")
        english = visitor.get("/consent/settings?lang=en").text
        fields = {
            **fields,
            "notice": re.search(r'name="notice" value="([0-9a-f]{64})"', english)[1],
            "headers": {"Accept-Language": "de", **fields.get("headers", {})},
        }
        answer = visitor.decide(decision, json=json, **fields)

        text = answer.json["error"] if json else answer.text
        told = {texts("en")[f"error.{reason}"] for reason in ("invalid", "foreign", "too_many")}
        assert (answer.status_code, any(one in text for one in told)) == (status, True)
        assert json or answer.headers["Content-Language"] == "en"

    def test_so_does_what_is_said_of_a_page_from_before_a_change(
        self, make_app, policy_file, monkeypatch
    ):
        """
        Who accepts on an English page of the day before the policy changed reads in English that
        there is a newer one; while the log is away, in the language of the browser (LA-01).
        """
        before = Visitor(make_app())
        english = before.get("/consent/settings?lang=en").text
        hash = re.search(r'name="notice" value="([0-9a-f]{64})"', english)[1]
        before.decide("accept", notice=hash)
        policy_file.write_text(policy_file.read_text() + "[services.vimeo]\n")
        site = make_app()
        german = {"Accept-Language": "de"}
        stale = Visitor(site).decide("accept", notice=hash, headers=german)
        monkeypatch.setattr(site.extensions["consentry"].store, "document", failing)
        away = Visitor(site).decide("accept", notice=hash, headers=german)

        assert (stale.status_code, stale.headers["Content-Language"]) == (409, "en")
        assert (away.status_code, away.headers["Content-Language"]) == (409, "de")

    @pytest.mark.parametrize(
        ("decision", "said"), [("reject", "status.refused"), ("withdraw", "status.withdrawn")]
    )
    def test_so_does_what_takes_effect_on_such_a_page(
        self, make_app, policy_file, monkeypatch, decision, said
    ):
        """
        Who refuses or withdraws on an English page that a cache has kept since before the policy
        changed is answered in English, and the record says so; while the log cannot be read, in
        the language of the browser (LA-01).
        """
        before = Visitor(make_app())
        hash = re.search(
            r'name="notice" value="([0-9a-f]{64})"', before.get("/consent/settings?lang=en").text
        )[1]
        before.decide("accept", notice=hash)
        policy_file.write_text(policy_file.read_text() + "[services.vimeo]\n")
        site = make_app()

        def answered():
            visitor = Visitor(site)
            if decision == "withdraw":
                visitor.decide("accept")
            how = {"notice": hash, "headers": {"Accept-Language": "de"}, "json": True}
            return visitor.decide(decision, **how).json["message"]

        assert answered() == [texts("en")[said], "en"]
        assert events(site)[-1]["language"] == "en"
        monkeypatch.setattr(site.extensions["consentry"].store, "document", failing)
        assert answered() == [texts("de")[said], "de"]

    def test_what_a_site_says_to_errors_does_not_hide_what_we_say(self, make_app):
        """
        Where a site has pages of its own for errors, who is refused is told why all the same, and
        a script gets JSON (AX-27).
        """
        app = make_app(language=lambda: "de", CONSENT_RATE_LIMIT="1 per minute")
        for status in (400, 403, 404, 409, 413, 415, 429, 503):
            app.register_error_handler(status, lambda e: ("site", e.code))
        visitor = Visitor(app)
        visitor.decide("reject")
        foreign = {"headers": {"Sec-Fetch-Site": "cross-site"}}
        refused = [("accept", foreign, 403), ("nonsense", {}, 400), ("accept", {}, 429)]
        refused += [("accept", {"notice": "0" * 64}, 409), ("accept", {"next": "/" * 4096}, 413)]
        for decision, fields, status in refused:
            answer = visitor.decide(decision, json=True, **fields)
            assert (answer.status_code, list(answer.json or ())) == (status, ["error"])
        assert answer.headers["Cache-Control"] == "no-store"
        assert "/impressum" in visitor.get("/consent/notice/0").text
        assert visitor.get("/nowhere").text == "site"

    def test_a_flood_is_slowed_and_can_still_refuse(self, make_app):
        """
        An address that floods is told to wait and led back to the page; its refusal is heard all
        the same (SE-09).
        """
        visitor = Visitor(make_app(language=lambda: "de", CONSENT_RATE_LIMIT="1 per minute"))
        visitor.decide("reject")

        refused = visitor.decide("accept", page="/verein?a=b")
        assert refused.status_code == 429
        assert '<a href="/verein?a=b">' in refused.text
        visitor.client.delete_cookie("__Host-consent", domain="kreisverband.example")
        heard = visitor.decide("reject")
        assert heard.status_code == 200
        assert visitor.cookie()
        assert len(events(visitor.app)) == 1

    def test_who_has_to_wait_is_told_how_long(self, make_app, monkeypatch):
        """
        Programs are told after how many seconds a decision is heard again: those that are left of
        the time that the limit is for (SE-09).
        """
        clock = [1000.0]
        monkeypatch.setattr("consent.web.flood.monotonic", lambda: clock[0])
        visitor = Visitor(make_app(CONSENT_RATE_LIMIT="1 per 2 hours"))
        visitor.decide("reject")

        told = []
        for later in (0, 0.5, 7199):
            clock[0] = 1000 + later
            told.append(visitor.decide("accept").headers["Retry-After"])

        assert told == ["7200", "7200", "1"]

    def test_who_is_slowed_by_a_limit_of_the_site_is_told_in_our_words(self, make_app):
        """
        Where an extension such as Flask-Limiter refuses a decision before we count any, its visitor
        reads that it were too many (SE-09).
        """
        app = make_app(language=lambda: "de")
        app.before_request(lambda: abort(429) if request.method == "POST" else None)

        answer = Visitor(app).decide("accept")

        assert (answer.status_code, answer.headers["Retry-After"]) == (429, "60")
        assert "/impressum" in answer.text

    def test_whoever_takes_away_is_heard_in_a_flood_whatever_the_button(self, make_app):
        """
        Saving the settings with fewer ticks, or with none, is a withdrawal too: others behind the
        same address, whoever they are, cannot be in the way of it (SE-09, WD-08).
        """
        visitor = Visitor(make_app(language=lambda: "de", CONSENT_RATE_LIMIT="1 per minute"))
        visitor.decide("accept", json=True)

        fewer = visitor.decide("save", "youtube", layer="settings", json=True)
        assert (fewer.status_code, fewer.json["granted"]) == (200, ["youtube"])
        assert visitor.decide("save", "matomo", layer="settings").status_code == 429
        none = visitor.decide("save", layer="settings", json=True)
        assert (none.status_code, none.json["granted"]) == (200, [])
        assert visitor.cookie().split(".")[3] == ""
        assert [event["kind"] for event in events(visitor.app)] == ["grant"]

    def test_nobody_writes_down_who_floods(self, make_app, caplog):
        """
        Addresses are counted in memory: neither the server's log nor any file of the site has one
        (SE-09).
        """
        caplog.set_level(0)
        visitor = Visitor(make_app(language=lambda: "de", CONSENT_RATE_LIMIT="1 per minute"))
        far = {"environ_overrides": {"REMOTE_ADDR": "203.0.113.9"}}
        notice, sent = visitor.notice(), {"Sec-Fetch-Site": "same-origin"}
        form = {"decision": "accept", "layer": "banner", "notice": notice, "next": "/"}
        statuses = []
        for _ in range(3):
            visitor.client.delete_cookie("__Host-consent", domain="kreisverband.example")
            answer = visitor.client.post(
                "/consent/choice", data=form, headers=sent, base_url=visitor.base_url, **far
            )
            statuses.append(answer.status_code)
        written = (f.read_bytes() for f in Path(visitor.app.root_path).rglob("*") if f.is_file())

        assert statuses == [303, 429, 429]
        assert "203.0.113.9" not in caplog.text
        assert not any(b"203.0.113.9" in content for content in written)

    def test_a_busy_office_is_not_slowed(self, visitor):
        """
        Hundreds behind one address decide without noticing each other (SE-09).
        """
        notice = visitor.notice()
        for _ in range(100):
            assert visitor.decide("accept", notice=notice).status_code == 303
            visitor.client.delete_cookie("__Host-consent", domain="kreisverband.example")


@pytest.mark.usefixtures("down")
class TestLogUnavailable:
    def test_nothing_is_granted_without_a_record(self, visitor):
        """
        If the log cannot be written, accepting is answered 503 and grants nothing (EV-01); from
        there a link leads back.
        """
        response = visitor.decide("accept", page="/verein?a=b")

        assert response.status_code == 503
        assert "kein Dienst eingeschaltet" in response.text
        assert '<a href="/verein?a=b">' in response.text
        assert set_cookies(response) == []

    def test_a_refusal_takes_effect_all_the_same(self, visitor):
        """
        A visitor does not depend on our database to say no; they are told that no record exists,
        and a link leads back.
        """
        response = visitor.decide("reject", page="/verein?a=b")

        assert response.status_code == 200
        assert '<a href="/verein?a=b">' in response.text
        assert "konnte aber gerade nicht protokolliert werden" in response.text
        assert "Alle freiwilligen Dienste sind aus" in response.text
        assert visitor.cookie()
        assert 'id="consent"' not in visitor.get().text

    def test_once_is_refused_too(self, visitor):
        """
        Nothing starts without a record, not even for one page view (EV-01).
        """
        response = visitor.decide("once", "youtube", layer="placeholder", json=True)

        assert response.status_code == 503
        assert "error" in response.json


@contextmanager
def no_file_to_open():
    """Let this process have as many files open as it may."""
    limit = resource.getrlimit(resource.RLIMIT_NOFILE)
    with ExitStack() as held:
        held.callback(resource.setrlimit, resource.RLIMIT_NOFILE, limit)
        resource.setrlimit(resource.RLIMIT_NOFILE, (256, limit[1]))
        with suppress(OSError):
            while True:
                held.enter_context(Path(os.devnull).open())
        yield


def test_a_refusal_takes_effect_where_no_file_can_be_opened(make_app, caplog):
    """
    A site that has used up its files, as code that forgets to close some makes it do, records
    nothing and cannot even read a page; who says no is told so all the same, and it counts.
    """
    visitor = Visitor(make_app(language=lambda: "de", TESTING=False, CONSENT_SEAL="command"))
    notice = visitor.notice()
    with no_file_to_open():
        accepted = visitor.decide("accept", notice=notice)
        assert visitor.cookie() is None
        refused = visitor.decide("reject", notice=notice)
        settings = visitor.get("/consent/settings")

    assert [accepted.status_code, refused.status_code, settings.status_code] == [503, 200, 200]
    assert "kein Dienst eingeschaltet" in accepted.text
    assert "Alle freiwilligen Dienste sind aus" in refused.text
    assert visitor.cookie()
    assert "Too many open files" in caplog.text


def test_a_refusal_takes_effect_in_a_folder_whose_name_is_no_text(policy_file, monkeypatch):
    """
    Where a site lies in a folder that an older system named, in letters that are not UTF-8, a
    refusal takes effect while the log is down, and the server's log says where that is (EV-01).
    """
    folder = policy_file.parent / os.fsdecode(b"Fu\xdfball")
    Path(folder, "instance", "consent.sqlite3").mkdir(parents=True)
    app = make_site(policy_file.rename(folder / policy_file.name))
    visitor, logged = Visitor(app), []
    # Taken out of the log, as it would end in what a worker of the tests tells, which is UTF-8.
    take = [lambda record: logged.append(record.getMessage())]
    monkeypatch.setattr(app.logger, "filters", take)

    assert visitor.decide("reject", json=True).status_code == 200
    assert visitor.cookie()
    assert f"sqlite:///{folder}/instance/consent.sqlite3: the log cannot be used" in logged[0]


def test_what_is_taken_away_goes_even_if_the_rest_cannot_be_recorded(app, visitor, monkeypatch):
    """
    A change that swaps one service for another, while the log is down, only takes away; what could
    not be granted is asked about again.
    """
    visitor.decide("save", "matomo")
    monkeypatch.setattr(app.extensions["consentry"].store, "append", failing)

    response = visitor.decide("save", "youtube")

    assert response.status_code == 503
    page = visitor.get().text
    assert 'data-consent="matomo"' in page
    assert 'data-consent="youtube"' in page
    kept = app.extensions["consentry"].seal.read_choice([visitor.cookie()])
    assert (kept.granted, kept.undecided) == (frozenset(), {"youtube"})


def test_each_decision_is_answered_in_its_own_words(app, visitor, monkeypatch, caplog):
    """
    Consent, withdrawal, a refusal that changes nothing and one that is not on record are told apart
    (EV-01); of the last the server's log says why.
    """
    told = []
    for decision in ("accept", "reject", "reject", "accept", "unrecorded"):
        if decision == "unrecorded":
            monkeypatch.setattr(app.extensions["consentry"].store, "append", failing)
            decision = "reject"
        answer = visitor.decide(decision, json=True).json
        told.append((answer["kind"], answer["message"][0]))

    words = texts("de")
    assert told == [
        ("grant", words["status.saved"]),
        ("withdrawal", words["status.withdrawn"]),
        ("none", words["status.refused"]),
        ("grant", words["status.saved"]),
        ("withdrawal", words["status.unrecorded"]),
    ]
    assert "consent: a decision could not be recorded: the disk is full" in caplog.messages


@pytest.mark.parametrize("json", [True, False])
def test_who_takes_back_a_part_is_told_that_it_is_not_on_record(app, visitor, monkeypatch, json):
    """
    Who switches off one of two services while the log is down reads that this counts and is not
    recorded, not that it is saved as ever; the other one goes on (EV-01).
    """
    visitor.decide("accept")
    monkeypatch.setattr(app.extensions["consentry"].store, "append", failing)
    answer = visitor.decide("save", "youtube", json=json)
    told = answer.json["message"][0] if json else answer.text

    assert answer.status_code == 200
    assert "Ihre Entscheidung gilt, sie konnte aber gerade nicht protokolliert werden." in told
    assert "gespeichert" not in told
    assert "Alle freiwilligen Dienste sind aus" not in told
    assert 'data-consent="youtube"' not in visitor.get().text


@pytest.mark.parametrize(
    ("ticked", "stated"),
    [
        (("matomo", "youtube"), "matomo+youtube"),
        (("matomo",), "matomo"),
        (("matomo", "vimeo"), "matomo?vimeo"),
        ((), ""),
    ],
)
def test_a_consent_lasts_no_longer_by_what_is_not_on_record(
    make_app, policy_file, monkeypatch, ticked, stated
):
    """
    Who renews a consent, or takes a part of it back, while the log is down keeps what is left, and
    its number, for as long as the record says, and not from that day on, and is asked about what
    could not be granted alone; a refusal needs none (EV-01, EV-02).
    """
    policy_file.write_text(f"{POLICY}\n[services.vimeo]\n", encoding="utf-8")
    app = make_app(language=lambda: "de")
    visitor = Visitor(app)
    visitor.decide("save", "matomo", "youtube")
    day = visitor.cookie().split(".")[2]
    later = time.time() + 30 * 86_400
    monkeypatch.setattr(time, "time", lambda: later)
    monkeypatch.setattr(app.extensions["consentry"].store, "append", failing)
    answer = visitor.decide("save", *ticked, json=True)

    assert (visitor.cookie().split(".")[2] == day) is bool(ticked)
    assert visitor.cookie().split(".")[3] == stated
    assert bool(visitor.cookie("__Secure-consent-receipt", "/consent")) is bool(ticked)
    assert answer.status_code == (503 if "vimeo" in ticked else 200)
    assert ("Alle freiwilligen Dienste sind aus" in answer.text) is (not ticked)
    assert ('data-consent="matomo"' in visitor.get().text) is (not ticked)
    assert ('data-consent="youtube"' in visitor.get().text) is ("youtube" not in ticked)


def test_what_rests_goes_on_resting_without_a_record(app, visitor, monkeypatch):
    """
    Services that a signal has paused are not switched on by a choice that is not on record, though
    what it takes away goes (EV-01, SG-03).
    """
    signal = {"Sec-GPC": "1"}
    visitor.decide("accept")
    monkeypatch.setattr(app.extensions["consentry"].store, "append", failing)
    answer = visitor.decide("save", "matomo", headers=signal)

    assert answer.status_code == 503
    assert '<template data-consent="matomo">' in visitor.get(headers=signal).text
    assert '<template data-consent="matomo">' not in visitor.get().text
    assert 'data-consent="youtube"' in visitor.get().text


def test_a_stale_notice_asks_again_and_still_lets_refuse(app, visitor):
    """
    Who decided on a page from before a change is led back to it, where the new notice is; a refusal
    counts, whatever it says of a notice, and so does a withdrawal.
    """
    stale = visitor.decide("accept", notice="0" * 64, page="/verein?a=b")
    assert stale.status_code == 409
    assert "neue Fassung" in stale.text
    assert '<a href="/verein?a=b">' in stale.text

    assert visitor.decide("reject", notice="0" * 64).status_code == 303
    assert events(app)[0]["kind"] == "refusal"

    for notice in ("", "xyz", ["0" * 64, "0" * 64]):
        assert Visitor(app).decide("reject", notice=notice).status_code == 303

    visitor.decide("accept")
    assert visitor.decide("withdraw", notice="0" * 64, layer="link").status_code == 303
    assert events(app)[-1]["kind"] == "withdrawal"
