"""The visitor's pages: banner, settings, receipt, notice, files."""

import hashlib
import json
import os
import re
import shutil
import time
from dataclasses import replace
from html import unescape
from urllib.parse import unquote

import pytest
from babel import Locale
from flask import g, render_template_string, request

from consent import LogUnavailable
from consent.policy.wording import Say, languages, texts
from consent.web import assets, notices, visit
from consent.web.assets import TEMPLATES, load
from consent.web.page import frame, head
from tests.conftest import PAGE, POLICY, Visitor
from tests.log.samples import MS, make, record


def keep_for_a_minute(response):
    response.cache_control.max_age = 60
    return response


def buttons(page):
    return re.findall(r'<button[^>]*name="decision"[^>]*value="(\w+)"', page)


class TestBanner:
    def test_it_stands_first_and_offers_both_answers(self, visitor):
        """
        Who has not decided sees accept and reject side by side (FL-01, AX-03).
        """
        page = visitor.get().text

        banner = page.partition("<body>")[2].lstrip()
        assert banner.startswith('<section id="consent"')
        assert buttons(banner.partition("</section>")[0]) == ["reject", "accept"]

    def test_both_buttons_are_the_same_but_for_name(self, visitor):
        """
        Accept and reject are the same element with the same class (FL-02).
        """
        tags = re.findall(r"<button[^>]*>", visitor.get().text.partition("</section>")[0])

        reject, accept = (re.sub(r'value="\w+"', "", tag) for tag in tags[:2])
        assert reject == accept

    def test_it_names_purposes_recipients_and_rights(self, visitor):
        """
        The first layer names controller, purposes, services, third countries, storage on the
        device and the right to withdraw (FL-10, FL-11, FL-12, FL-13, FL-14, FL-19).
        """
        banner = visitor.get().text.partition("</section>")[0]

        for fact in (
            "Kreisverband Musterland e.\u00a0V.",
            "Besuche zählen",
            "Matomo",
            "Videos und Karten anzeigen",
            "YouTube",
            "Vereinigte Staaten",
            "1 anderer Anbieter erhält",
            "auf Ihrem Gerät gespeichert oder ausgelesen",
            "jederzeit widerrufen",
            'href="/datenschutz"',
            'href="/impressum"',
        ):
            assert fact in banner

    def test_who_alone_processes_says_so(self, make_app, policy_file):
        """
        A site that hands nothing on does not count itself among the recipients (FL-12).
        """
        policy_file.write_text(POLICY.partition("[services.youtube]")[0], encoding="utf-8")

        banner = Visitor(make_app(language=lambda: "de")).get().text.partition("</section>")[0]

        assert "Daten über Ihren Besuch verarbeiten nur wir." in banner

    def test_it_is_gone_after_either_answer(self, app):
        """
        A refusal ends the asking as an acceptance does (RP-01, FL-18).
        """
        for decision in ("accept", "reject"):
            visitor = Visitor(app)
            visitor.decide(decision)

            assert 'id="consent"' not in visitor.get().text

    def test_it_asks_again_after_its_time(self, visitor, monkeypatch):
        """
        A decision holds for its days and is then asked for again (RP-01, RP-02, RP-09).
        """
        import time

        visitor.decide("reject")
        now = time.time()

        monkeypatch.setattr(visit.time, "time", lambda: now + 179 * 86_400)
        assert 'id="consent"' not in visitor.get().text
        monkeypatch.setattr(visit.time, "time", lambda: now + 180 * 86_400)
        assert 'id="consent"' in visitor.get().text

    @pytest.mark.parametrize("junk", ["", "junk", "1.a.b.c", "A" * 10_000, "%FF\xff", '"', "\x7f"])
    def test_a_junk_cookie_means_ask_again(self, app, junk):
        """
        No cookie, however broken, is an error page or a grant (GA-01, RP-10).
        """
        headers = {"Cookie": f"__Host-consent={junk}"}
        response = Visitor(app).get("/", headers=headers)

        assert response.status_code == 200
        assert 'id="consent"' in response.text

    def test_without_optional_services_nothing_is_asked(self, make_app, policy_file):
        """
        A site that uses no optional service shows no banner and sends no script (FL-21).
        """
        policy_file.write_text(POLICY.partition("[services")[0], encoding="utf-8")

        page = Visitor(make_app()).get()

        assert 'id="consent"' not in page.text
        assert "<script type" not in page.text

    @pytest.mark.parametrize(
        ("path", "back"),
        [
            ("/Stra%C3%9Fe/Satzung%202024", "/Stra%C3%9Fe/Satzung%202024"),
            ("/100%25", "/100%25"),
            ("/wer%3Fwie#was", "/wer%3Fwie"),
            ("/wer%23wie", "/wer%23wie"),
            ("/a?q=%C3%BC&r=a\\b", "/a?q=%C3%BC&r=a%5Cb"),
            ("/a?" + "q=%C3%BC&" * 600, "/a"),
            ("/" + "a" * 700, "/" + "a" * 700),
            ("/" + "%C3%BC" * 700, "/"),
            ("/" + "a" * 4000, "/"),
        ],
        ids=[
            "umlaut", "percent", "question", "hash", "backslash", "query", "long", "too long",
            "far too long",
        ],
    )  # fmt: skip
    @pytest.mark.parametrize("mount", ["", "/%C3%BCbung"])
    def test_deciding_leads_back_to_the_page(self, app, mount, path, back):
        """
        Whatever is in the address of a page, its form can be sent and leads back to it, also where
        a host has several sites (FL-24).
        """
        app.add_url_rule("/<path:path>", "any", lambda path: app.view_functions["home"]())
        visitor = Visitor(app, f"https://kreisverband.example{unquote(mount)}")
        page = visitor.get(path).text
        (next,) = set(re.findall(r'name="next" value="([^"]*)"', page))

        answer = visitor.decide("reject", page=unescape(next))

        assert (answer.status_code, answer.headers["Location"]) == (303, f"{mount}{back}")

    @pytest.mark.parametrize(
        ("path", "before", "back"),
        [
            ("/kontakt", "/anfahrt", "/kontakt"),
            ("/bestellt", "/shop%C3%B6/?a=b", "/shop%C3%B6/?a=b"),
            ("/bestellt", "/bestellt", "/"),
            ("/bestellt", None, "/"),
            ("/bestellt", "https://far.example/", "/"),
        ],
        ids=["both", "form", "again", "unknown", "far"],
    )
    @pytest.mark.parametrize("mount", ["", "/%C3%BCbung"])
    def test_nobody_is_led_to_an_address_that_is_there_for_forms_only(
        self, app, mount, path, before, back
    ):
        """
        What answers a form often cannot be opened by its address: who decides there, or in the
        settings that are opened there, is led to the page with the form (FL-24).
        """
        page = app.view_functions["home"]
        app.add_url_rule("/bestellt", "ordered", page, methods=["POST"])
        app.add_url_rule("/kontakt", "contact", page)
        app.add_url_rule("/kontakt", "contacted", page, methods=["POST"])
        visitor = Visitor(app, f"https://kreisverband.example{unquote(mount)}")
        own = f"https://kreisverband.example{mount}"
        headers = {"Referer": before if "://" in before else f"{own}{before}"} if before else {}
        answer = visitor.client.post(path, base_url=visitor.base_url, headers=headers)
        settings = visitor.get("/consent/settings", headers={"Referer": f"{own}{path}"})

        assert set(re.findall(r'name="next" value="([^"]*)"', answer.text)) == {f"{mount}{back}"}
        opened = "/" if path == "/bestellt" else path
        assert f'name="next" value="{mount}{opened}"' in settings.text

    @pytest.mark.parametrize("is_static", [False, True], ids=["own", "for everybody"])
    def test_each_form_is_about_the_notice_on_screen(self, make_app, is_static):
        """
        Whichever button of a page is pressed, without the script too, the decision is recorded
        under the notice that the page shows (EV-02).
        """
        app = make_app(language=lambda: "de", CONSENT_STATIC_PAGES=is_static)
        visitor = Visitor(app)
        shown = app.extensions["consentry"].notices
        with app.test_request_context("/", base_url=visitor.base_url):
            hash = shown.shown("de", "", "https").notice.hash
        page = visitor.get().text + visitor.get("/consent/settings").text
        forms = re.findall("<form.*?</form>", page, re.DOTALL)

        layers = {
            re.search('(?:name="layer" value|consent-layer)="(.*?)"', form)[1] for form in forms
        }
        assert layers == {"banner", "placeholder", "link", "settings"}
        assert {re.search('action="(.*?)"', form)[1] for form in forms} == {"/consent/choice"}
        assert {re.search('name="notice" value="(.*?)"', form)[1] for form in forms} == {hash}

    @pytest.mark.parametrize("path", ["/consent/settings", "/consent/receipt", "/consent/notice/x"])
    def test_the_way_back_stays_below_where_the_site_is(self, app, path):
        """
        On a host with several sites nobody is led to another one.
        """
        page = app.test_client().get(path, environ_overrides={"SCRIPT_NAME": "/verein"}).text

        assert '<footer class="cst-links">\n<a href="/verein/">' in page

    def test_the_path_of_the_page_is_escaped(self, app, visitor):
        """
        An address cannot put markup into the banner (SE-10).
        """
        page = visitor.get("/?q=%22%3E%3Cscript%3Ealert(1)</script>\"'><b>").text

        assert "<script>alert" not in page
        assert "'><b>" not in page


class TestLanguage:
    def test_the_page_decides(self, make_app):
        """
        The banner speaks the language of the page, not the browser's (LA-01).
        """
        visitor = Visitor(make_app(language=lambda: "en"))

        page = visitor.get(headers={"Accept-Language": "de"})

        assert "Reject all" in page.text
        assert "Accept-Language" not in page.vary

    def test_then_the_browser(self, make_app):
        """
        A site that does not tell its language gets the browser's, marked for caches (LA-01).
        """
        app = make_app()
        app.after_request_funcs.setdefault(None, []).append(keep_for_a_minute)

        page = Visitor(app).get(headers={"Accept-Language": "en-GB,de;q=0.5"})
        another = Visitor(app).get(headers={"Accept-Language": "de"})

        assert "Reject all" in page.text
        assert "Alle ablehnen" in another.text
        assert "Accept-Language" in page.vary

    def test_what_a_browser_rules_out_is_not_spoken(self, make_app):
        """
        A weight of nought says that somebody does not read a language (RFC 9110, section 12.4.2).
        """
        page = Visitor(make_app()).get(headers={"Accept-Language": "fr, en;q=0"})

        assert "Alle ablehnen" in page.text

    @pytest.mark.parametrize("told", ["fr", "", None, "xx-YY"])
    def test_then_the_first_of_the_policy(self, make_app, told):
        """
        Where nothing fits, the site's own language is used (LA-01).
        """
        visitor = Visitor(make_app(language=lambda: told))

        assert "Alle ablehnen" in visitor.get(headers={"Accept-Language": "fr"}).text

    @pytest.mark.parametrize("told", ["en-IE", "en_US", "EN", "En-gb"])
    def test_a_region_finds_its_language(self, make_app, told):
        """
        en-IE and en_US are English, and so is EN: tags mean the same in capital letters (RFC 5646).
        """
        visitor = Visitor(make_app(language=lambda: told))
        asking = {"Accept-Language": told.replace("_", "-")}

        assert "Reject all" in visitor.get(headers={"Accept-Language": "de"}).text
        assert "Reject all" in Visitor(make_app()).get(headers=asking).text

    def test_a_site_that_knows_the_language_of_its_own_pages_alone(self, make_app, caplog):
        """
        A function that fails on our pages, as nothing there says which part of the site they belong
        to, keeps nobody from deciding (LA-01); the server's log tells.
        """
        app = make_app(language=lambda: g.lang)
        visitor = Visitor(app)
        app.before_request(lambda: setattr(g, "lang", "en") if request.endpoint == "home" else None)

        assert "Reject all" in visitor.get(headers={"Accept-Language": "de"}).text
        assert "Alle ablehnen" in visitor.get("/consent/settings?lang=de").text
        assert visitor.decide("accept").status_code == 303
        assert "consentry.choice: the site's function that tells the language failed" in caplog.text
        app.view_functions["plain"] = app.view_functions["home"]
        with pytest.raises(AttributeError):
            visitor.get("/plain")

    def test_the_site_may_tell_a_locale(self, make_app):
        """
        What Flask-Babel's get_locale returns is taken as it is.
        """
        visitor = Visitor(make_app(language=lambda: Locale("en", "GB")))

        assert "Privacy settings" in visitor.get().text

    def test_settings_keep_the_language_of_the_page_they_were_opened_from(self, make_app):
        """
        The link to the settings carries the language along, also where the path of a page tells it
        and theirs tells none (LA-01).
        """
        visitor = Visitor(make_app(language=lambda: "en" if request.path == "/" else None))

        link = re.search(r'href="(/consent/settings[^"]*)"', visitor.get().text).group(1)

        assert "lang=en" in link
        assert "Reject all" in visitor.get(link.replace("&amp;", "&")).text


class TestSettings:
    @pytest.mark.parametrize(
        "path",
        [
            "/consent/settings",
            "/consent/receipt",
            "/consent/state",
            "/consent/audit/",
            "/consent/x",
        ],
    )
    def test_bytes_in_the_address_that_are_no_text_are_no_error(self, make_app, path):
        """
        A program that writes what is not ASCII into an address as it is gets its page all the same.
        """
        asked = {"PATH_INFO": path, "QUERY_STRING": "lang=en&next=/\xff\xfe"}

        answer = make_app(TESTING=False).test_client().open(environ_overrides=asked)

        assert answer.status_code < 500

    def test_every_service_is_described(self, visitor):
        """
        Provider, items, purposes, periods, basis and safeguard are there per service (SL-03,
        SL-04, SL-05).
        """
        page = visitor.get("/consent/settings").text

        for fact in ("Google Ireland Limited", "VISITOR_INFO1_LIVE", "Data Privacy Framework",
                     "Art.\u00a06 Abs.\u00a01 Buchst.\u00a0a", "§\u00a025 Abs.\u00a01 TDDDG",
                     "_pk_id", "13 Monate", "__Host-consent", "180 Tage"):  # fmt: skip
            assert fact in page

    def test_nothing_is_ticked_before_a_decision(self, visitor):
        """
        No optional service is preselected (FL-09).
        """
        page = visitor.get("/consent/settings").text

        assert page.count('type="checkbox"') == 2
        assert not re.search(r"<input[^>]*\bchecked", page)

    def test_reopening_shows_what_is_stored(self, visitor):
        """
        The boxes show the stored state (SL-11).
        """
        visitor.decide("save", "youtube")

        page = visitor.get("/consent/settings").text

        [ticked] = re.findall(r"<input[^>]*\bchecked[^>]*>", page)
        assert 'value="youtube"' in ticked

    def test_reject_save_and_accept_are_all_there(self, visitor):
        """
        Every layer that accepts also rejects; withdrawal appears once something is granted
        (FL-01, WD-02).
        """
        assert buttons(visitor.get("/consent/settings").text) == ["reject", "save", "accept"]
        visitor.decide("accept")
        assert "withdraw" in buttons(visitor.get("/consent/settings").text)

    def test_essential_items_have_no_switch(self, visitor):
        """
        What is needed is explained and cannot be switched (SL-07).
        """
        page = visitor.get("/consent/settings").text

        assert "Merkt sich Ihre Wahl" in page
        assert not re.search(r'type="checkbox"[^>]*(disabled|essential)', page)

    def test_withdrawal_takes_two_actions_from_any_page(self, visitor):
        """
        Footer link, then one button: no login, no reason, no confirmation (WD-02, WD-03).
        """
        visitor.decide("accept")
        link = re.search(r'<footer><a href="([^"]*)"', visitor.get().text).group(1)
        page = visitor.get(link.replace("&amp;", "&"))

        assert page.status_code == 200
        assert "withdraw" in buttons(page.text)

    def test_our_pages_are_framed_by_nobody(self, visitor):
        """
        No other site can show our settings in a frame and have them clicked, and none that a link
        in them leads to is told where somebody comes from (SE-05, SE-08).
        """
        response = visitor.get("/consent/settings")

        assert "frame-ancestors 'none'" in response.headers["Content-Security-Policy"]
        assert response.headers["Cache-Control"] == "no-store"
        assert response.headers["Referrer-Policy"] == "same-origin"

    @pytest.mark.parametrize("control", [None, "accept", "reject"])
    def test_a_page_that_asks_is_framed_by_the_site_alone(self, app, visitor, control):
        """
        Nor can another site show a page with a banner or placeholder and have these clicked. A page
        that shows nothing of ours is the site's own matter, and so is a page of which it says
        itself who may frame it (SE-05).
        """
        app.add_url_rule("/still", "still", lambda: "nothing of ours")
        said = {"X-Frame-Options": "DENY"}
        app.add_url_rule("/own", "own", lambda: (render_template_string(PAGE), said))
        if control:
            visitor.decide(control)
        framed = [visitor.get(path).headers.getlist("X-Frame-Options") for path in ("/", "/own")]

        assert framed == [["SAMEORIGIN"], ["DENY"]]
        assert "X-Frame-Options" not in visitor.get("/still").headers

    @pytest.mark.parametrize("path", ["settings", "receipt", "notice/x"])
    def test_a_layout_of_the_sites_own_does_not_ask_over_it(self, make_app, override, path):
        """
        Where our pages have the site's layout, with its banner, that stays away from them: whoever
        opens the settings decides there.
        """
        layout = "{% block header %}{{ consent.banner() }}{% endblock %}"
        override("page", '{% extends "consentry/page.html" %}' + layout)
        visitor = Visitor(make_app())

        assert 'id="consent"' in visitor.get().text
        assert 'id="consent"' not in visitor.get(f"/consent/{path}").text


class TestReceipt:
    def test_who_has_none_is_told_so(self, visitor):
        """
        Without a consent there is no receipt, and the page says why.
        """
        assert "nur nach einer Einwilligung" in visitor.get("/consent/receipt").text

    def test_whose_records_were_erased_is_told_so(self, visitor, run):
        """
        Whoever had their records erased reads that nothing is stored about the receipt, not that
        the browser has none (EV-10).
        """
        receipt = visitor.decide("accept", json=True).json["receipt"]
        assert run("erase", receipt, "--ground", "art-17").exit_code == 0

        page = visitor.get("/consent/receipt").text
        assert texts("de")["receipt.gone"] in page
        assert texts("de")["receipt.none"] not in page

    def test_it_shows_the_whole_story(self, visitor):
        """
        A visitor sees and downloads what the log holds, without login (EV-10).
        """
        receipt = visitor.decide("accept", json=True).json["receipt"]
        visitor.decide("save", "matomo")

        page = visitor.get("/consent/receipt").text
        held = visitor.get("/consent/receipt?format=json").json

        assert receipt in page
        assert "Änderung" in page
        assert "/consent/receipt?format=json" in page
        assert (held["format"], held["receipt"]) == ("consent-receipt/2", receipt)
        events = [json.loads(record["event"]) for record in held["records"]]
        assert [event["kind"] for event in events] == ["grant", "change"]

    @pytest.mark.parametrize("language", ["de", "en"])
    def test_days_are_written_as_the_visitor_writes_them(self, make_app, language):
        """
        When it was decided, and until when that is valid, is said in the visitor's language and
        not only in the log's own spelling (EV-10).
        """
        visitor = Visitor(make_app(language=lambda: language))
        visitor.decide("accept")
        say = Say(texts(language), language)

        page = visitor.get("/consent/receipt").text
        (decided, shown), (ends, until) = re.findall(r'<time datetime="([^"]+)">([^<]+)', page)
        assert (shown, until) == (say.moment(decided), say.day(ends))
        notice = visitor.get(f"/consent/notice/{visitor.notice()}").text
        assert say("notice.intro", date=say.day(decided[:10])) in notice

    @pytest.mark.parametrize("kept", [200, 201])
    def test_what_is_not_shown_is_told(self, app, visitor, kept):
        """
        Where a receipt has more decisions than the page and the file hold, both say that there are
        older ones, and else neither does (EV-10).
        """
        receipt = visitor.decide("accept", json=True).json["receipt"]
        store, now = app.extensions["consentry"].store, time.time_ns()
        later = (now + n * MS for n in range(1, kept))
        record(store, (make(now_ns=at, site=store.site, receipt=receipt) for at in later))
        sentence = "Hier stehen die neuesten 200 Entscheidungen. Es gibt auch ältere."

        page = visitor.get("/consent/receipt").text
        held = visitor.get("/consent/receipt?format=json").json

        assert (sentence in page) is (kept > 200)
        assert held.get("older") is (True if kept > 200 else None)
        assert page.count("<li>") == len(held["records"]) == 200

    @pytest.mark.parametrize("language", languages())
    def test_older_decisions_are_told_of_in_every_language(
        self, make_app, policy_file, monkeypatch, language
    ):
        """
        That there are older decisions is said in the language of the page (EV-10).
        """
        policy_file.write_text(POLICY.replace('["de", "en"]', f'["{language}"]'))
        monkeypatch.setattr("consent.log.store.NEWEST", 1)
        visitor = Visitor(make_app(language=lambda: language))
        sentence = Say(texts(language), language)("receipt.older", count=1)

        visitor.decide("accept")
        assert sentence not in visitor.get("/consent/receipt").text
        visitor.decide("save", "matomo")
        assert sentence in visitor.get("/consent/receipt").text

    def test_a_forged_receipt_opens_nothing(self, app, visitor):
        """
        Nobody can read another visitor's record by naming its number, in a cookie or in the address
        (SE-02, AU-06).
        """
        receipt = visitor.decide("accept", json=True).json["receipt"]
        stranger = Visitor(app)
        stranger.client.set_cookie(
            "__Secure-consent-receipt", receipt, domain="kreisverband.example", path="/consent"
        )

        assert receipt not in stranger.get("/consent/receipt").text
        for name in ("receipt", "id", "number", "held", "previous"):
            asked = stranger.get(f"/consent/receipt?format=json&{name}={receipt}")
            assert asked.json["records"] == []

    @pytest.mark.parametrize("path", ["receipt", "receipt?format=json", f"notice/{'0' * 64}"])
    def test_a_log_that_is_down_is_told(self, app, visitor, monkeypatch, path):
        """
        If the log cannot be read, the page says so instead of failing, and not that a consent could
        not be recorded and no service was switched on: whoever looks gave none, and some may run.
        """
        visitor.decide("accept")

        def refuse(key):
            raise LogUnavailable("gone")

        store = app.extensions["consentry"].store
        for name in ("history", "evidence", "document"):
            monkeypatch.setattr(store, name, refuse)

        answer = visitor.get(f"/consent/{path}")
        assert answer.status_code == 503
        assert texts("de")["error.unreadable"] in answer.text


class TestNotice:
    def test_the_hash_is_the_hash_of_what_is_stored(self, app, visitor):
        """
        A notice is found under the hash of its bytes, and its bytes are handed out (EV-03).
        """
        notice = visitor.notice()
        visitor.decide("accept", notice=notice)

        body = visitor.get(f"/consent/notice/{notice}?format=json").data

        assert hashlib.sha256(body).hexdigest() == notice
        assert app.extensions["consentry"].store.document(notice).body == body

    def test_it_holds_the_layers_as_they_were_shown(self, visitor):
        """
        The stored layers are what visitors got, but for the page they were on (EV-03).
        """
        notice = visitor.notice()
        content = json.loads(visitor.get(f"/consent/notice/{notice}?format=json").data)
        settings = visitor.get("/consent/settings?part=form").text

        page = (visitor.get().text + settings).replace(
            'name="next" value="/"', 'name="next" value=""'
        )
        page = page.replace(notice, "").replace("next=/", "next=")
        assert content["layers"]["banner"] in page
        assert content["layers"]["settings"] in page
        assert content["layers"]["placeholder:youtube:direct"].partition("<form")[0] in page

    def test_one_changed_character_is_another_notice(self, make_app, policy_file):
        """
        Every change of a text is a new version (EV-03).
        """
        before = Visitor(make_app()).notice()
        policy_file.write_text(POLICY.replace("e. V.", "e.V."), encoding="utf-8")

        assert Visitor(make_app()).notice() != before

    @pytest.mark.parametrize("name", ["css/consent.css", "js/consent.js", "js/settings.js"])
    def test_one_changed_character_of_a_file_is_another_notice(self, make_app, monkeypatch, name):
        """
        What banner and settings look like and what their scripts do belongs to the version, and is
        kept with it (EV-03).
        """
        before = Visitor(make_app()).notice()

        def changed(asked):
            asset = load(asked)
            return replace(asset, body=asset.body + b" ") if asked == name else asset

        monkeypatch.setattr("consent.web.notices.load", changed)
        visitor = Visitor(make_app())
        visitor.decide("accept")
        content = json.loads(visitor.get(f"/consent/notice/{visitor.notice()}?format=json").data)
        store = visitor.app.extensions["consentry"].store

        assert visitor.notice() != before
        assert store.document(content["files"][name]).body == changed(name).body

    @pytest.mark.parametrize("name", ["banner", "settings", "placeholder"])
    def test_one_changed_character_of_a_template_is_another_notice(self, make_app, override, name):
        """
        So does the markup, also where a site has its own (EV-03).
        """
        before = Visitor(make_app()).notice()
        ours = (TEMPLATES / f"{name}.html").read_text(encoding="utf-8")
        override(name, ours.replace("cst-actions", "cst-actions2"))

        assert Visitor(make_app()).notice() != before

    def test_an_old_notice_is_shown_after_the_policy_changed(self, make_app, policy_file):
        """
        What was on screen can be shown later, with the texts of that time (EV-03, AU-05).
        """
        old = Visitor(make_app(language=lambda: "de"))
        notice = old.notice()
        old.decide("accept", notice=notice)
        policy_file.write_text(POLICY.replace("Musterland", "Neuland"), encoding="utf-8")
        new = Visitor(make_app(language=lambda: "de"))

        page = new.get(f"/consent/notice/{notice}")

        assert page.status_code == 200
        assert "Kreisverband Musterland" in page.text
        assert page.headers["Content-Security-Policy"].startswith("sandbox;")
        assert new.get(f"/consent/notice/{notice}/style.css").mimetype == "text/css"

    def test_while_the_log_is_down_an_old_notice_is_not_called_unknown(
        self, make_app, policy_file, monkeypatch
    ):
        """
        What is on screen today is shown all the same, without the date since when; whoever asks
        for an older one is told to come back, and not that there was none (EV-03).
        """
        old = Visitor(make_app(language=lambda: "de"))
        before = old.notice()
        old.decide("accept", notice=before)
        policy_file.write_text(POLICY.replace("Musterland", "Neuland"), encoding="utf-8")
        app = make_app(language=lambda: "de")
        visitor = Visitor(app)
        today = visitor.notice()
        visitor.decide("accept", notice=today)

        def refuse(*_):
            raise LogUnavailable("gone")

        for name in ("document", "first_used"):
            monkeypatch.setattr(app.extensions["consentry"].store, name, refuse)
        codes = {
            path: visitor.get(f"/consent/notice/{path}").status_code
            for path in (before, f"{before}?format=json", f"{before}/style.css", today, "0" * 63)
        }

        assert [*codes.values()] == [503, 503, 503, 200, 404]
        assert visitor.get(f"/consent/notice/{today}/style.css").status_code == 503

    def test_easy_to_read_german_is_shown_as_it_looked(self, make_app, policy_file):
        """
        Its larger letters belong to what was on screen, and to no other language's notice (EV-03).
        """
        policy_file.write_text(POLICY.replace('["de", "en"]', '["de", "de-simple"]'), "utf-8")
        for language in ("de", "de-simple"):
            visitor = Visitor(make_app(language=lambda language=language: language))
            notice = visitor.notice()
            kept = [
                visitor.get(f"/consent/notice/{notice}/style.css{all}") for all in ("", "?all=1")
            ]

            assert {"lang(de-simple)" in one.text for one in kept} == {language == "de-simple"}

    def test_all_styles_of_a_notice_are_handed_out_to_who_asks(self, visitor):
        """
        What an auditor is shown beside the banner, such as the settings' page and placeholders with
        a size, looks as it did, too (EV-03).
        """
        address = f"/consent/notice/{visitor.notice()}/style.css"
        some, whole = visitor.get(address).text, visitor.get(f"{address}?all=1").text

        for name in ("pages", "frame"):
            style = visitor.get(f"/consent/static/css/{name}.css").text
            assert style in whole
            assert style not in some

    def test_a_typo_asks_nobody_and_a_new_service_asks_about_itself(self, make_app, policy_file):
        """
        Wording may change without asking; a new service is asked about and the other grants stay
        (RP-04, RP-05).
        """
        visitor = Visitor(make_app(language=lambda: "de"))
        visitor.decide("accept")
        cookie = visitor.cookie()

        def later(policy):
            policy_file.write_text(policy, encoding="utf-8")
            again = Visitor(make_app(language=lambda: "de"))
            again.client.set_cookie("__Host-consent", cookie, domain="kreisverband.example")
            return again.get().text

        assert 'id="consent"' not in later(POLICY.replace("e. V.", "e.V."))
        page = later(POLICY + "\n[services.vimeo]\n")
        assert 'id="consent"' in page
        assert "<template" not in page.partition("<main")[2]

    @pytest.mark.parametrize("hash", ["0" * 64, "x", "0" * 63, "..%2f..", "%00"])
    def test_an_unknown_notice_is_not_found(self, visitor, hash):
        """
        What was never stored is a plain 404.
        """
        assert visitor.get(f"/consent/notice/{hash}").status_code == 404

    def test_what_a_notice_is_kept_with_is_none(self, visitor):
        """
        The style sheet and scripts that are kept with a notice are not taken for one.
        """
        visitor.decide("accept")
        notice = visitor.get(f"/consent/notice/{visitor.notice()}?format=json").get_json()

        for file in notice["files"].values():
            for what in ("", "?format=json", "/style.css"):
                assert visitor.get(f"/consent/notice/{file}{what}").status_code == 404


@pytest.fixture
def restart():
    """Let the site read its files anew, as the next process does."""
    yield assets.load.cache_clear
    assets.load.cache_clear()


class TestFiles:
    def test_a_site_that_runs_keeps_the_files_that_its_pages_name(
        self, visitor, tmp_path, monkeypatch, restart
    ):
        """
        Where a newer version is installed under a site that runs, visitors get the script that
        their page was made for and that records name, until the site is started anew (EV-03).
        """
        shutil.copytree(assets.ROOT / "static", tmp_path / "static")
        monkeypatch.setattr(assets, "ROOT", tmp_path)
        restart()
        [address] = re.findall(r'src="(/consent/static/js/consent.js[^"]*)"', visitor.get().text)
        used = visitor.get(f"/consent/notice/{visitor.notice()}?format=json").get_json()["files"]
        for file in (tmp_path / "static").rglob("*.*"):
            file.write_text("// newer")

        for name, hash in used.items():
            assert hashlib.sha256(visitor.get(f"/consent/static/{name}").data).hexdigest() == hash
        with visitor.get(address) as script:
            assert script.cache_control.immutable
        restart()
        assert visitor.get(address).text == "// newer"

    def test_a_versioned_file_is_kept_for_ever(self, visitor):
        """
        A returning visitor asks for nothing again: files are immutable by version, for any cache.
        """
        for address in re.findall(r'(?:src|href)="(/consent/static/[^"]*)"', visitor.get().text):
            with visitor.get(address) as response:
                kept = {"public", "max-age=31536000", "immutable"}
                assert response.status_code == 200
                assert {*response.headers["Cache-Control"].split(", ")} == kept

    def test_so_is_what_pages_for_everybody_fetch(self, visitor):
        """
        The script names the version of the one that it loads on each page that is the same for
        everybody: else each of them would ask the site, whatever caches are before it.
        """
        source = (assets.ROOT / "static" / assets.SCRIPT).read_text(encoding="utf-8")
        [query] = re.findall(r"held\.js(\?v=\w+)", source)
        with visitor.get(f"/consent/static/{assets.HELD}{query}") as response:
            assert response.cache_control.immutable, f"?v={assets.load(assets.HELD).version}"

    @pytest.mark.parametrize("query", ["", "?v=", "?v=0123456789ab"])
    @pytest.mark.parametrize("kept", [None, 31_536_000], ids=["", "site keeps its own"])
    def test_an_unversioned_file_is_asked_for_again(self, app, visitor, query, kept):
        """
        Without its version a file may be outdated, so a browser has to ask, also where the site's
        own files are kept for long: most scripts of ours fetch each other so.
        """
        app.config["SEND_FILE_MAX_AGE_DEFAULT"] = kept
        with visitor.get(f"/consent/static/js/settings.js{query}") as response:
            assert response.headers["Cache-Control"] == "no-cache"
            assert "Expires" not in response.headers

    @pytest.mark.parametrize("query", ["", "?v={version}"], ids=["plain", "versioned"])
    def test_an_update_is_seen_where_all_files_have_one_date(
        self, visitor, tmp_path, monkeypatch, restart, query
    ):
        """
        Images of containers and packages of distributions may give all files the same date; a file
        of the same size with other content is sent all the same, and may not be kept for ever
        under an address that belongs to another content. So an answer has no date to ask by.
        """
        monkeypatch.setattr(assets, "ROOT", tmp_path)
        file = tmp_path / "static/js/settings.js"
        file.parent.mkdir(parents=True)

        def release(content):
            file.write_text(content)
            os.utime(file, (315_532_800, 315_532_800))
            restart()

        release("// new")
        address = "/consent/static/js/settings.js"
        address += query.format(version=assets.load("js/settings.js").version)
        release("// old")
        with visitor.get(address) as before:
            tag = before.headers["ETag"]
            assert not before.cache_control.immutable
            assert "Last-Modified" not in before.headers
        with visitor.get(address, headers={"If-None-Match": tag}) as again:
            assert again.status_code == 304
        release("// new")
        with visitor.get(address, headers={"If-None-Match": tag}) as after:
            assert (after.status_code, after.text) == (200, "// new")

    def test_a_web_server_that_sends_files_of_the_site_need_not_find_ours(self, app, visitor):
        """
        With ``USE_X_SENDFILE`` a site names files to its web server, which hands out those in
        folders of the site; ours are elsewhere and come with the answer.
        """
        app.config["USE_X_SENDFILE"] = True
        answer = visitor.get("/consent/static/js/consent.js")

        assert answer.data == assets.load("js/consent.js").body
        assert "X-Sendfile" not in answer.headers

    @pytest.mark.parametrize(
        "name",
        ["none.js", "../consent/errors.py", "%2e%2e/setup.cfg", "js", "%00", "a" * 300],
        ids=["none", "up", "escaped", "folder", "null", "long"],
    )
    def test_nothing_else_is_served(self, visitor, name):
        """
        Only our own files are served (SE-09).
        """
        assert visitor.get(f"/consent/static/{name}").status_code == 404


def test_no_answer_is_taken_for_something_else(visitor):
    """
    Pages, files, JSON, texts and errors of ours are what they say they are: no browser guesses.
    """
    notice = visitor.notice()
    visitor.decide("accept")
    names = ["settings", "receipt", "receipt?format=json", "state", "checkpoint", "audit/x"]
    names += [f"notice/{notice}", f"notice/{notice}?format=json", f"notice/{notice}/style.css"]
    for path in ("static/js/consent.js", "static/x", *names, "../.well-known/gpc.json"):
        with visitor.get(f"/consent/{path}".replace("/consent/..", "")) as answer:
            assert answer.headers.getlist("X-Content-Type-Options") == ["nosniff"], path
    assert visitor.decide("nonsense").headers["X-Content-Type-Options"] == "nosniff"
    assert visitor.get("/plain").headers.get("X-Content-Type-Options") is None


def test_a_head_says_what_it_was_told_and_nothing_else(policy_file, make_app):
    """
    What speaks to a provider is told of all purposes of its service, and a nonce stays one.
    """
    both = '[services.matomo]\npurposes = ["statistics", "tracking"]'
    policy_file.write_text(POLICY.replace("[services.matomo]", both), encoding="utf-8")
    app = make_app()
    app.view_functions["home"] = lambda: render_template_string("{{ consent.head('\"><b>') }}")
    head = Visitor(app).get().text

    assert 'data-service="matomo" data-purposes="statistics tracking"' in head
    assert 'nonce="&quot;&gt;&lt;b&gt;"' in head
    assert "<b>" not in head


def test_a_head_that_is_remembered_is_the_same_as_one_that_is_not(app, visitor):
    """
    What stands in a head is remembered from page to page, with none of one page's nonce, of a page
    that was fetched in advance, or of somebody who decided otherwise (GA-07, GA-12).
    """
    app.add_url_rule(
        "/head", "head", lambda: render_template_string("{{ consent.head(request.args.get('n')) }}")
    )
    ways = [("", {}), ("?n=one", {}), ("?n=two", {}), ("", {"Sec-Purpose": "prefetch"}), ("", {})]

    def heads():
        return [visitor.get(f"/head{query}", headers=headers).text for query, headers in ways]

    for decision in ("accept", "reject", "accept"):
        visitor.decide(decision)
        plain, one, two, ahead, last = heads()

        assert plain == last
        assert "nonce" not in plain + ahead
        for text, nonce in ((one, "one"), (two, "two")):
            assert text.replace(f' nonce="{nonce}"', "") == plain
            assert text.count(f'nonce="{nonce}"') == text.count("<link") + text.count("<script")
        waits = '<template data-consent="matomo">'
        assert (waits in plain, waits in ahead) == (decision == "reject", True)


def test_made_up_mount_points_do_not_fill_the_memory(app, visitor, monkeypatch):
    """
    Behind a proxy that passes on what visitors say about the prefix, they may say what they like;
    what was decided elsewhere counts all the same, each page has the addresses of its own, and the
    true pages are remembered afterwards as before.
    """
    monkeypatch.setattr(notices, "MEMORY", 6)
    for kept in (head, frame):
        monkeypatch.setattr(kept, "MEMORY", 6)
    video = (
        '{% gate "youtube" %}<iframe src="//a.example" width="4" height="3"></iframe>{% endgate %}'
    )
    app.add_url_rule("/film", "film", lambda: render_template_string(PAGE + video))
    visitor.decide("accept")
    for mount in ("", *(f"/{number}" for number in range(20))):
        page = Visitor(app, f"https://kreisverband.example{mount}").get("/film").text
        assert f'href="{mount}/consent/static/css/frame.css' in page

    site = app.extensions["consentry"]
    book = site.notices
    assert len(book.ready) == len(book._said) == 6
    assert 'data-consent="' not in visitor.get().text
    assert 'data-consent="' in Visitor(app).get("/film").text
    for remembered in (site.heads, {(root,): style for root, style in site.frame_styles.items()}):
        assert 0 < len(remembered) <= 6
        assert "" in {key[0] for key in remembered}
    assert visitor.get("/consent/settings").status_code == 200


def test_made_up_paths_do_not_fill_the_memory(app, monkeypatch):
    """Whatever is asked for, each page knows where it is, and few of them are remembered."""
    monkeypatch.setattr(visit, "MEMORY", 3)
    app.add_url_rule("/was/<auch>", "any", lambda auch: render_template_string(PAGE))
    for mount in ("", "/verein"):
        visitor = Visitor(app, f"https://kreisverband.example{mount}")
        for number in (*range(8), 7):
            page = visitor.get(f"/was/{number}").text
            assert f'name="next" value="{mount}/was/{number}"' in page
    assert 0 < len(app.extensions["consentry"].paths) <= 3


def test_notices_that_were_looked_up_do_not_fill_it_either(app, monkeypatch):
    """
    What visitors decided under is looked up and remembered, of as many notices as there is room
    for; it counts all the same.
    """
    monkeypatch.setattr(notices, "MEMORY", 4)
    book = app.extensions["consentry"].notices
    visitors = [Visitor(app, f"https://kreisverband.example/{number}") for number in range(12)]
    for visitor in visitors:
        visitor.decide("accept")

    for visitor in visitors:
        cookie = {"Cookie": f"__Host-consent={visitor.cookie()}"}
        other = app.test_client(use_cookies=False)
        page = other.get("/", base_url="https://kreisverband.example", headers=cookie)
        assert 'data-consent="' not in page.text
        assert len(book._said) <= 8
