"""The Content-Security-Policy of the site's pages, and the reports about it."""

import json
import logging

import pytest
from flask import Response, render_template_string

from consent.errors import ConfigError
from consent.log.leaks import ROWS
from consent.web import site as sites
from consent.web.flood import Rate
from tests.conftest import Visitor

BASE = "default-src 'self'; script-src 'self' 'nonce-{nonce}'"
NAME = "Content-Security-Policy"
REPORT_ONLY = "Content-Security-Policy-Report-Only"
REPORT = {"csp-report": {"blocked-uri": "https://far.example/x", "effective-directive": "img-src"}}


@pytest.fixture
def site(make_app):
    return make_app(language=lambda: "de", CONSENT_CSP=BASE)


def policy(response, name=NAME):
    return {
        words[0]: words[1:] for part in response.headers[name].split(";") if (words := part.split())
    }


def report(visitor, blocked="https://far.example/x", kind="application/csp-report", **more):
    body = json.dumps({"csp-report": {**REPORT["csp-report"], "blocked-uri": blocked}})
    return visitor.client.post(
        "/consent/leaks", data=more.pop("data", body), content_type=kind,
        base_url=visitor.base_url, **more,
    )  # fmt: skip


def counted(app):
    return [(leak.origin, leak.count) for leak in app.extensions["consentry"].leaks.since(0)]


class TestHeader:
    def test_before_a_decision_it_is_the_site_s_own(self, site):
        """
        Nothing that needs consent is let through by the browser before there is one (GA-05).
        """
        found = policy(Visitor(site).get())

        assert found.pop("report-uri") == ["/consent/leaks"]
        assert found.pop("report-to") == ["consent-leaks"]
        assert found == {"default-src": ["'self'"], "script-src": ["'self'"]}

    def test_what_is_granted_is_let_through(self, site):
        """
        After a grant the next page's policy names the hosts of that service and of no other.
        """
        visitor = Visitor(site)
        visitor.decide("save", "youtube")

        found = policy(visitor.get())

        assert "*.youtube.com" in found["frame-src"]
        assert "statistik.kreisverband.example" not in str(found)

    def test_it_goes_with_a_withdrawal(self, site):
        """
        After a withdrawal the browser refuses the service again.
        """
        visitor = Visitor(site)
        visitor.decide("accept")
        visitor.decide("withdraw")

        assert "frame-src" not in policy(visitor.get())

    def test_no_shared_cache_keeps_it(self, site):
        """
        A page whose policy depends on the choice is one visitor's own, even if nothing else in
        it does (GA-07).
        """
        response = Visitor(site).get("/plain")

        assert "Cookie" in response.vary
        assert response.cache_control.private
        assert NAME in response.headers

    def test_the_nonce_of_the_head_is_in_it(self, site):
        """
        A site with nonces says its own once, and style, script and policy have the same.
        """
        site.view_functions["plain"] = lambda: render_template_string("{{ consent.head('abc') }}")

        response = Visitor(site).get("/plain")

        assert 'nonce="abc"' in response.text
        assert "'nonce-abc'" in policy(response)["script-src"]

    @pytest.mark.parametrize("path", ["/consent/settings", "/consent/static/js/consent.js"])
    def test_our_own_answers_have_their_own(self, site, path):
        """
        The settings need less than any page of the site, and files need none.
        """
        visitor = Visitor(site)
        visitor.decide("accept")

        with visitor.get(path) as response:
            assert "youtube" not in response.headers.get(NAME, "")

    def test_a_page_with_a_policy_of_its_own_keeps_it(self, site):
        """
        Where the site sends another policy, that one counts.
        """
        site.view_functions["plain"] = lambda: ("", {NAME: "default-src 'none'"})

        assert Visitor(site).get("/plain").headers.getlist(NAME) == ["default-src 'none'"]

    @pytest.mark.parametrize(
        ("kind", "has_one"),
        [
            ("text/html", True),
            ("application/xhtml+xml", True),
            ("image/svg+xml", True),
            ("application/json", False),
        ],
    )
    def test_whatever_browsers_run_scripts_in_has_one(self, site, kind, has_one):
        """
        A drawing that is opened by itself is a page like any other; what is no page needs none.
        """
        site.view_functions["plain"] = lambda: Response("x", mimetype=kind)

        assert (NAME in Visitor(site).get("/plain").headers) is has_one

    def test_without_the_setting_there_is_none(self, app):
        """
        A site that says nothing about it keeps sending what it sent.
        """
        headers = Visitor(app).get().headers

        assert not {NAME, REPORT_ONLY, "Reporting-Endpoints"} & set(headers.keys())

    def test_report_only_refuses_nothing(self, make_app):
        """
        To find out first, a site lets browsers report and refuse nothing.
        """
        app = make_app(CONSENT_CSP=BASE, CONSENT_CSP_REPORT_ONLY=True)

        response = Visitor(app).get()

        assert NAME not in response.headers
        assert policy(response, REPORT_ONLY)["default-src"] == ["'self'"]
        assert response.headers["Reporting-Endpoints"] == 'consent-leaks="/consent/leaks"'

    def test_over_plain_http_reports_go_the_older_way(self, site):
        """
        While somebody works on a site without HTTPS, browsers report all the same.
        """
        headers = Visitor(site, "http://localhost:5000").get("/plain").headers

        assert headers[NAME].endswith("; report-uri /consent/leaks")
        assert "Reporting-Endpoints" not in headers

    def test_reports_come_back_wherever_the_site_is_mounted(self, site):
        """
        Their address is written in letters that a header can carry.
        """
        found = policy(Visitor(site, "https://kreisverband.example/őr").get())

        assert found["report-uri"] == ["/%C5%91r/consent/leaks"]

    def test_a_request_for_another_host_is_refused_and_no_error(self, make_app):
        """
        Who asks for a host that is not the site's is answered 400, as Flask does it.
        """
        app = make_app(CONSENT_CSP=BASE, TRUSTED_HOSTS=["kreisverband.example"], TESTING=False)

        answer = app.test_client().get("/", base_url="https://192.0.2.7")

        assert answer.status_code == 400
        assert policy(answer)["report-uri"] == ["/consent/leaks"]

    @pytest.mark.parametrize("way", ["report-uri /own", "report-to own"])
    def test_reports_may_go_elsewhere(self, make_app, way):
        """
        A site that collects reports itself is left to it.
        """
        response = Visitor(make_app(CONSENT_CSP=f"img-src 'self'; {way}")).get()

        assert response.headers[NAME] == f"img-src 'self'; {way}"
        assert "Reporting-Endpoints" not in response.headers

    def test_pages_for_everybody_show_nobody_s_choice(self, make_app):
        """
        Pages that any cache may keep have one policy for all: what the declared services need,
        and nothing of strangers (GA-07).
        """
        app = make_app(CONSENT_CSP=BASE, CONSENT_STATIC_PAGES=True)
        visitor, other = Visitor(app), Visitor(app)
        visitor.decide("accept")

        response = visitor.get()

        assert response.headers[NAME] == other.get().headers[NAME]
        assert "*.youtube.com" in policy(response)["frame-src"]
        assert "Cookie" not in response.vary

    @pytest.mark.parametrize("value", ["", "no policy at all, really", 7, {"img-src": ["a;b"]}])
    def test_a_mistake_stops_the_start(self, make_app, value):
        """
        A policy that cannot be read is told to the operator and never sent to a visitor.
        """
        with pytest.raises(ConfigError, match=r"^CONSENT_CSP: .*hint: "):
            make_app(CONSENT_CSP=value)


class TestReload:
    @pytest.mark.parametrize(
        ("config", "decision", "reloads"),
        [
            ({}, "accept", False),
            ({"CONSENT_CSP": BASE}, "accept", True),
            ({"CONSENT_CSP": BASE}, "reject", False),
            ({"CONSENT_CSP": BASE}, "once youtube", False),
            ({"CONSENT_CSP": BASE, "CONSENT_CSP_REPORT_ONLY": True}, "accept", False),
            ({"CONSENT_CSP": BASE, "CONSENT_STATIC_PAGES": True}, "accept", False),
        ],
    )
    def test_the_script_is_told_when_only_a_new_page_helps(
        self, make_app, config, decision, reloads
    ):
        """
        A page cannot widen the policy that it came with, so after a grant it is loaded anew, but
        not where it would forget what was granted; the script knows before and after.
        """
        app = make_app(**config)
        visitor = Visitor(app)
        page = visitor.get().text

        answer = visitor.decide(*decision.split(), json=True).get_json()

        assert answer["reload"] is reloads
        assert ("data-consent-reload" in page) is bool(config and len(config) == 1)


class TestReports:
    def test_a_refused_origin_is_counted(self, site, caplog):
        """
        The operator learns which hosts real browsers refused, and nothing about whose (GA-05).
        """
        visitor = Visitor(site)

        answers = [
            report(visitor),
            report(visitor, headers={"Referer": "https://x.example/secret"}),
        ]

        assert [answer.status_code for answer in answers] == [204, 204]
        assert counted(site) == [("https://far.example", 2)]
        assert all("Set-Cookie" not in answer.headers for answer in answers)

    @pytest.mark.parametrize(
        "more",
        [
            {"blocked": "inline"},
            {"blocked": "https://kreisverband.example/own.png"},
            {"kind": "text/plain"},
            {"kind": "application/x-www-form-urlencoded"},
            {"data": b"[" * 9000},
            {"data": b"x" * 20_000},
            {"data": json.dumps(REPORT) + " " * 20_000},
            {"data": b""},
        ],
    )
    def test_junk_is_answered_and_forgotten(self, site, more):
        """
        Whatever comes, the answer is the same and says nothing (SE-09).
        """
        answer = report(Visitor(site), **more)

        assert (answer.status_code, answer.data) == (204, b"")
        assert counted(site) == []

    def test_a_flood_is_passed_over(self, site, monkeypatch):
        """
        One address cannot keep the database busy: what is too much is answered and not counted.
        """
        visitor = Visitor(site)

        answers = {report(visitor).status_code for _ in range(40)}

        assert answers == {204}
        assert counted(site) == [("https://far.example", sites.REPORTS.most)]

    def test_many_addresses_cannot_either(self, make_app, monkeypatch):
        """
        What comes from everywhere at once is counted up to a limit for all.
        """
        monkeypatch.setattr(sites, "ALL_REPORTS", Rate(3, 60))
        app = make_app(CONSENT_CSP=BASE)
        for n in range(5):
            report(Visitor(app), environ_overrides={"REMOTE_ADDR": f"192.0.2.{n}"})

        assert counted(app) == [("https://far.example", 3)]

    def test_one_address_leaves_room_for_others(self, make_app, monkeypatch):
        """
        What is passed over uses up nothing of the limit for all, so that reports of others count
        while somebody sends without end (SE-09).
        """
        monkeypatch.setattr(sites, "REPORTS", Rate(1, 60))
        monkeypatch.setattr(sites, "ALL_REPORTS", Rate(2, 60))
        app = make_app(CONSENT_CSP=BASE)
        for n in (1, 1, 1, 2):
            report(Visitor(app), environ_overrides={"REMOTE_ADDR": f"192.0.2.{n}"})

        assert counted(app) == [("https://far.example", 2)]

    def test_one_address_cannot_fill_a_day(self, site, monkeypatch):
        """
        Whoever invents hosts brings twenty a day, from whatever address of a network of IPv6, so
        that what browsers of others met is seen (GA-05).
        """
        visitor = Visitor(site)
        for n in range(12):
            invented = [
                {"type": "csp-violation", "body": {
                    "blockedURL": f"https://a{n}-{m}.example/", "effectiveDirective": "img-src",
                }}
                for m in range(20)
            ]  # fmt: skip
            network = {"REMOTE_ADDR": f"2001:db8:0:7::{n}"}
            report(
                visitor, data=json.dumps(invented), kind="application/reports+json",
                environ_overrides=network,
            )  # fmt: skip
        assert len(counted(site)) == 20 < ROWS / 8

        report(visitor, "https://a0-0.example/", environ_overrides=network)
        report(visitor, environ_overrides={"REMOTE_ADDR": "192.0.2.7"})
        assert {("https://a0-0.example", 2), ("https://far.example", 1)} < {*counted(site)}

    def test_a_database_that_is_away_disturbs_nobody(self, make_app, tmp_path, caplog):
        """
        If reports cannot be counted the operator is told, and the browser is answered.
        """
        (tmp_path / "file").touch()
        app = make_app(CONSENT_CSP=BASE, CONSENT_DATABASE=f"sqlite:///{tmp_path}/file/x/y.db")

        with caplog.at_level(logging.WARNING):
            answer = report(Visitor(app))

        assert answer.status_code == 204
        assert "report could not be counted" in caplog.text

    @pytest.mark.parametrize("method", ["get", "put", "delete"])
    def test_reports_are_only_posted(self, site, method):
        """
        A link cannot count anything (PS-08).
        """
        answer = getattr(Visitor(site).client, method)("/consent/leaks")

        assert answer.status_code == 405
