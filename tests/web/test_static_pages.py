"""Pages that are the same for everybody, and pages that are fetched before they are looked at."""

import re
from datetime import UTC, datetime

import pytest
from flask import Response, render_template_string, request
from werkzeug.http import http_date

from consent.errors import ConfigError
from tests.conftest import PAGE, POLICY, Visitor, events

PREFETCH = {"Sec-Purpose": "prefetch;prerender"}


@pytest.fixture
def static_visitor(make_app):
    """Somebody on a site whose pages any cache may keep."""
    return Visitor(make_app(language=lambda: "de", CONSENT_STATIC_PAGES=True))


@pytest.mark.parametrize("decision", ["accept", "reject", None])
def test_every_visitor_gets_the_same_bytes(static_visitor, decision):
    """
    Whatever somebody decided, and whichever signal is sent, the page is the same, so that a
    cache cannot hand one visitor's page to another (GA-07).
    """
    before = static_visitor.get()
    if decision:
        static_visitor.decide(decision)
    after = static_visitor.get(headers={"Sec-GPC": "1"})

    assert before.data == after.data
    assert "Vary" not in after.headers
    assert "Cache-Control" not in after.headers
    assert "Set-Cookie" not in after.headers


def test_nothing_can_run_without_the_script(static_visitor):
    """
    Such a page is inert as a whole: without our script nothing optional loads (GA-02).
    """
    static_visitor.decide("accept")
    page = static_visitor.get().text

    assert '<template data-consent="matomo">' in page
    assert '<template data-consent="youtube">' in page
    assert re.search(r'<template data-consent-held="[\w-]{22}" data-signals="gpc dnt"', page)


def test_languages_by_browser_are_told_to_caches(make_app):
    """
    Where the browser decides about the language, caches are told so and nothing else.
    """
    visitor = Visitor(make_app(CONSENT_STATIC_PAGES=True))

    headers = visitor.get().headers
    assert (headers["Vary"], headers.get("Cache-Control")) == ("Accept-Language", None)


@pytest.mark.parametrize("stored", ["tag", "date", "both"])
@pytest.mark.parametrize("language", [None, lambda: "de"], ids=["browser", "site"])
def test_what_the_site_stored_does_not_keep_the_notice_of_before(
    make_app, policy_file, language, stored
):
    """
    After a change of the policy a browser gets the page with the notice of today, which alone can
    be accepted, although nothing that the site stored of it has changed; until then it keeps it,
    whatever somebody decided. So it has no date to ask by, which would tell of the site's part.
    """
    date = datetime(2026, 11, 25, tzinfo=UTC)
    old = {"If-Modified-Since": http_date(date)} if stored != "tag" else {}
    old |= {"If-None-Match": '"version-1"'} if stored != "date" else {}

    def visitor():
        app = make_app(language=language, CONSENT_STATIC_PAGES=True)

        @app.get("/article")
        def article():
            response = Response(render_template_string(PAGE))
            if stored != "tag":
                response.last_modified = date
            if stored != "date":
                response.set_etag("version-1")
            return response.make_conditional(request)

        return Visitor(app)

    before = visitor()
    kept = before.get("/article").headers
    tag = {"If-None-Match": kept["ETag"]}
    before.decide("accept")
    policy_file.write_text(POLICY + '[texts.de]\n"banner.free" = "Neu."\n', encoding="utf-8")
    after = visitor()

    assert before.get("/article", headers=tag).status_code == 304
    assert "Last-Modified" not in kept
    assert after.get("/article", headers=old).status_code == 200
    assert "Neu." in after.get("/article", headers=tag).text


def test_who_keeps_such_a_page_and_for_how_long_is_for_the_site_to_say(make_app):
    """
    What a site tells caches of pages that are the same for everybody holds, also for a CDN; only
    that the browser decides about the language is added.
    """
    app = make_app(CONSENT_STATIC_PAGES=True)
    said = {"Cache-Control": "public, s-maxage=600", "CDN-Cache-Control": "max-age=600"}
    app.add_url_rule(
        "/article", "article", lambda: Response(render_template_string(PAGE), headers=said)
    )
    headers = Visitor(app).get("/article").headers

    assert said.items() <= dict(headers).items()
    assert headers["Vary"] == "Accept-Language"
    assert "ETag" not in headers


@pytest.mark.parametrize(("is_static", "said"), [(True, 1), (False, 0)])
def test_the_operator_is_told_that_pages_are_old(make_app, policy_file, caplog, is_static, said):
    """
    Where a cache or a folder keeps pages from before a change, nobody can accept on these, and the
    server's log says so once; other pages are made anew by themselves.
    """
    notice = Visitor(make_app(CONSENT_STATIC_PAGES=is_static)).notice()
    policy_file.write_text(policy_file.read_text() + "[services.vimeo]\n", encoding="utf-8")
    visitor = Visitor(make_app(CONSENT_STATIC_PAGES=is_static))
    refused = [visitor.decide("accept", notice=notice).status_code for _ in range(2)]
    visitor.decide("accept")

    assert refused == [409, 409]
    assert caplog.text.count("make pages from files anew") == said


def test_code_of_the_site_is_told_that_nothing_is_granted(make_app):
    """
    A template that asks on such a page gets no, since the answer would be kept for others.
    """
    app = make_app(language=lambda: "de", CONSENT_STATIC_PAGES=True)
    asks = "{{ consent.permits('matomo') }} {{ 'matomo' is granted }}"
    app.add_url_rule("/asks", "asks", lambda: render_template_string(asks))
    visitor = Visitor(app)
    visitor.decide("accept")

    assert visitor.get("/asks").text == "False False"


@pytest.mark.parametrize(
    ("decision", "granted", "asks"),
    [(None, "", True), ("accept", "matomo youtube", False), ("reject", "", False)],
)
def test_the_state_of_one_visitor_is_asked_for(static_visitor, decision, granted, asks):
    """
    The script can ask what holds for this visitor; no cache keeps the answer (SE-08).
    """
    if decision:
        static_visitor.decide(decision)
    answer = static_visitor.get("/consent/state?next=/a?b=1")

    assert answer.headers["Cache-Control"] == "no-store"
    assert f'data-consent-state="{granted}"' in answer.text
    assert ('id="consent"' in answer.text) is asks
    assert ('name="next" value="/a?b=1"' in answer.text) is asks


def test_the_way_back_that_it_is_asked_with_is_no_markup(static_visitor):
    """
    Anybody may make up a link to it: what stands there as the way back stays text (SE-06).
    """
    page = static_visitor.get("/consent/state", query_string={"next": '/"><script>"&amp;'}).text

    assert 'name="next" value="/&quot;&gt;&lt;script&gt;&quot;&amp;amp;"' in page
    assert "<script>" not in page


def test_a_page_that_was_made_over_http_is_answered_over_https(make_app):
    """
    Who fills a cache, or freezes the pages, may have asked over plain HTTP. What visitors accept
    there over HTTPS is taken, and on record under the notice that they were shown.
    """
    app = make_app(language=lambda: "de", CONSENT_STATIC_PAGES=True)
    kept = Visitor(app, "http://kreisverband.example").get().text
    notice = re.search(r'name="notice" value="(\w+)"', kept)[1]
    visitor = Visitor(app)
    own = visitor.notice()
    answer = visitor.decide("accept", notice=notice, json=True)

    assert own != notice
    assert answer.json["granted"] == ["matomo", "youtube"]
    assert events(app)[-1]["notice"] == notice
    assert visitor.get("/consent/state").text.count('data-consent-state="matomo youtube"') == 1


@pytest.mark.parametrize("next", ["//evil.example", "https://evil.example/", 'x"onclick=', "/\\e"])
def test_the_state_leads_back_to_the_site_only(static_visitor, next):
    """
    Whatever is asked for as the way back, it stays on this site (SE-06).
    """
    answer = static_visitor.get("/consent/state", query_string={"next": next})

    assert 'name="next" value="/"' in answer.text


@pytest.mark.parametrize(("config", "problems"), [({}, 1), ({"CONSENT_STATIC_PAGES": True}, 0)])
def test_frozen_pages_have_to_be_the_same_for_everybody(make_app, config, problems):
    """
    The check tells a site that Frozen-Flask freezes if its pages are made for one visitor each.
    """
    app = make_app(FREEZER_DESTINATION="build", **config)
    found = app.test_cli_runner().invoke(args=["consent", "check"])

    assert found.output.count("problem: CONSENT_STATIC_PAGES: found False") == problems
    assert found.exit_code == problems


class TestPrefetched:
    def test_it_carries_nobodys_choice(self, visitor):
        """
        A page that is fetched ahead or prerendered runs nothing, although the visitor has
        consented (GA-12).
        """
        visitor.decide("accept")
        page = visitor.get(headers=PREFETCH).text

        assert '<template data-consent="matomo">' in page
        assert "data-consent-held" in page

    def test_caches_keep_it_apart(self, visitor):
        """
        Such a page is private and kept apart from those that are looked at (GA-07).
        """
        answer = visitor.get(headers=PREFETCH)

        assert "Sec-Purpose" in answer.vary
        assert answer.cache_control.private

    def test_our_own_pages_show_the_state_all_the_same(self, visitor):
        """
        The settings are the visitor's own wherever they are fetched.
        """
        visitor.decide("accept")

        assert "Derzeit erlaubt: Matomo" in visitor.get("/consent/settings", headers=PREFETCH).text


@pytest.mark.parametrize("value", ["yes", 1, None])
def test_a_flag_is_true_or_false(make_app, value):
    """
    Anything else as CONSENT_STATIC_PAGES stops the start and says what was found.
    """
    with pytest.raises(ConfigError, match=r"CONSENT_STATIC_PAGES: found .*, wanted True or False"):
        make_app(CONSENT_STATIC_PAGES=value)
