"""What other code of a site does to the same answers: its own hooks and its other extensions."""

from __future__ import annotations

import re

import pytest
from flask import Flask, Response, render_template_string, request, url_for
from jinja2 import DictLoader
from jinja2.sandbox import ImmutableSandboxedEnvironment

from consent import Consent
from tests.conftest import KEY, PAGE, Visitor

CSP = "Content-Security-Policy"


@pytest.fixture
def make_beside(policy_file):
    """Make a site whose other code is set up before ours; keyword arguments are configuration."""

    def make(*before, how=None, **config):
        folder = policy_file.parent
        paths = {"instance_path": str(folder / "instance"), "root_path": str(folder)}
        app = Flask("site", **paths, **(how or {}))
        app.config.update(SECRET_KEY=KEY, CONSENT_POLICY=str(policy_file), TESTING=True, **config)
        for set_up in before:
            set_up(app)
        Consent(app, language=lambda: "de")
        app.add_url_rule("/", "home", lambda **_: render_template_string(PAGE))
        return app

    return make


def of_all_pages(name, value):
    """Return what has the app say one thing of every answer, as many sites do."""

    def say(response):
        response.headers[name] = value
        return response

    return lambda app: app.after_request(say)


def that_reads(part):
    """Return what has the app look into each request, as hooks do that log it."""
    return lambda app: app.before_request(lambda: print(getattr(request, part)))


class TestWhoSpeaksLast:
    """A site adds hooks before or after ``Consent(app)``; they come first in any case."""

    def test_caches_are_told_that_a_page_is_the_visitors_own(self, make_beside):
        """
        Where the site makes all its pages public, those that show a choice stay private (GA-07).
        """
        visitor = Visitor(make_beside(of_all_pages("Cache-Control", "public, max-age=600")))
        page = visitor.get()

        assert page.cache_control.private
        assert not page.cache_control.public
        assert "Cookie" in page.vary

    @pytest.mark.parametrize(
        "name",
        ["CDN-Cache-Control", "Cloudflare-CDN-Cache-Control", "Netlify-CDN-Cache-Control",
         "Vercel-CDN-Cache-Control", "Akamai-Cache-Control", "Edge-Control",
         "X-LiteSpeed-Cache-Control", "Surrogate-Control", "X-Accel-Expires"],
    )  # fmt: skip
    @pytest.mark.parametrize("own", [{}, {"Cache-Control": "no-store"}], ids=["", "no-store"])
    def test_no_cache_on_the_way_is_told_otherwise(self, make_beside, name, own):
        """
        What a CDN or a proxy goes by instead of ``Cache-Control`` (RFC 9213) is taken out of pages
        that show a choice, and of our own answers; other pages keep it (GA-07, SE-08).
        """
        app = make_beside(of_all_pages(name, "max-age=600"))
        app.add_url_rule("/plain", "plain", lambda: "plain")
        visitor = Visitor(app)
        page = app.view_functions["home"]
        app.view_functions["home"] = lambda: Response(page(), headers=own)

        answers = [visitor.get(), visitor.decide("accept"), visitor.get("/consent/receipt")]
        assert not any(name in answer.headers for answer in answers)
        assert visitor.get("/plain").headers[name] == "max-age=600"

    @pytest.mark.parametrize("path", ["receipt", "receipt?format=json", "settings", "audit/"])
    def test_our_own_answers_are_kept_nowhere(self, make_beside, path):
        """
        What the site says of all its pages does not make a visitor's receipt public (SE-08).
        """
        visitor = Visitor(make_beside(of_all_pages("Cache-Control", "public, max-age=600")))
        visitor.decide("accept")

        assert visitor.get(f"/consent/{path}").headers["Cache-Control"] == "no-store"

    def test_our_own_answers_say_so_again(self, make_beside):
        """
        A site that takes away what its pages say of caches does not take it away from ours (SE-08).
        """

        def forget(response):
            del response.headers["Cache-Control"]
            return response

        visitor = Visitor(make_beside(lambda app: app.after_request(forget)))
        visitor.decide("reject")

        assert visitor.get("/consent/settings").headers["Cache-Control"] == "no-store"

    def test_a_decision_is_kept_nowhere(self, make_beside):
        """
        The answer to a decision, with both cookies, is not stored by a cache (SE-08).
        """
        visitor = Visitor(make_beside(of_all_pages("Cache-Control", "public, max-age=600")))

        assert visitor.decide("accept").headers["Cache-Control"] == "no-store"

    def test_our_own_pages_keep_their_policy(self, make_beside):
        """
        A Content-Security-Policy for all pages of the site does not widen that of ours.
        """
        policy = of_all_pages("Content-Security-Policy", "default-src *")
        visitor = Visitor(make_beside(policy))

        assert "default-src 'none'" in visitor.get("/consent/settings").headers[CSP]
        assert visitor.get().headers[CSP] == "default-src *"

    def test_a_narrower_policy_beside_ours_stays(self, make_app):
        """
        Where the site adds a second policy, browsers obey both, on our pages, too.
        """
        app = make_app()
        app.after_request(lambda answer: answer.headers.add(CSP, "script-src 'none'") or answer)
        given = Visitor(app).get("/consent/settings").headers.getlist(CSP)

        assert len(given) == 2
        assert given[1] == "script-src 'none'"

    def test_cookies_are_held_back(self, make_beside):
        """
        A cookie of a service that is not granted is taken out, whoever of the app sets it (PS-01).
        """
        cookie = of_all_pages("Set-Cookie", "_pk_id.1=x; Path=/")
        strange = of_all_pages("Set-Cookie", "strange=x; Path=/")
        matomo = Visitor(make_beside(cookie)).get()
        strict = Visitor(make_beside(strange, CONSENT_STRICT_COOKIES=True)).get()

        assert "Set-Cookie" not in matomo.headers
        assert "Set-Cookie" not in strict.headers


class TestWhoReadsFirst:
    """A hook of the site, or an extension, may have read the form of a decision before us."""

    @pytest.mark.parametrize("part", ["form", "values", "files", "data"])
    def test_a_decision_counts_whoever_has_read_it(self, make_beside, part):
        """
        Where the site looks into each form, for a trap for robots perhaps, all can still decide.
        """
        visitor = Visitor(make_beside(that_reads(part)))
        saved = visitor.decide("save", "matomo", "youtube", next="/?a=%26&b=%C3%BC")

        assert saved.location == "/?a=%26&b=%C3%BC"
        assert '<template data-consent="' not in visitor.get().text

    def test_what_is_too_large_stays_too_large(self, make_beside):
        """
        A form of more than 4 kB is refused whoever has read it (SE-09).
        """
        visitor = Visitor(make_beside(that_reads("form")))

        assert visitor.decide("accept", next="/" + "a" * 5000).status_code == 413


def test_no_description_of_an_api_fails_at_ours(make_beside):
    """
    APIFlask asks each blueprint that has hooks whether it is part of the site's API; ours say no.
    """
    app = make_beside()
    asked = [app.blueprints[name] for name in app.before_request_funcs if name is not None]

    assert app.blueprints["consentry"] in asked
    assert [blueprint.name for blueprint in asked if blueprint.enable_openapi] == []


class TestWithinAContextOfTheApp:
    """
    Requests that begin there share ``flask.g``: in tests of a site, as with pytest-flask, and where
    Frozen-Flask asks for all pages.
    """

    def test_each_request_has_its_own_visitor(self, app):
        """
        A decision holds from the next request on, and for nobody else.
        """
        first, second = Visitor(app), Visitor(app)
        with app.app_context():
            asked = first.get().text
            first.decide("accept")
            granted, others = first.get().text, second.get().text

        assert 'id="consent"' in asked
        assert '<template data-consent="matomo">' not in granted
        assert '<template data-consent="matomo">' in others

    def test_each_page_leads_back_to_itself(self, app):
        """
        What is pressed on a page leads back to that page, not to the first one that was made.
        """
        with app.test_request_context("/"):
            first, second = Visitor(app).get("/?a").text, Visitor(app).get("/?b").text

        assert 'name="next" value="/?a"' in first
        assert 'name="next" value="/?b"' in second


class TestHosts:
    """Flask finds a route that names no host at one host only, or at none, if it looks at hosts."""

    @pytest.fixture(params=["host_matching", "subdomain_matching"])
    def visitor(self, request, make_beside):
        """Somebody at one of several hosts of a site."""
        if request.param == "host_matching":
            app = make_beside(how={"host_matching": True, "static_host": "verein.example"})
            place = {"host": "<name>.verein.example"}
        else:
            how = {"subdomain_matching": True}
            app = make_beside(how=how, SERVER_NAME="verein.example")
            place = {"subdomain": "<name>"}
        app.add_url_rule("/", "news", lambda **_: render_template_string(PAGE), **place)
        return Visitor(app, "https://news.verein.example")

    def test_a_decision_is_taken_where_the_page_is(self, visitor):
        """
        On each host of the site its pages lead to routes of ours that are there.
        """
        page = visitor.get().text
        [script] = re.findall(r'src="(/consent/static/js/consent.js[^"]*)"', page)
        decided = visitor.decide("accept")

        assert 'action="/consent/choice"' in page
        assert visitor.get(script).status_code == 200
        assert decided.status_code == 303
        assert '<template data-consent="matomo">' not in visitor.get().text

    @pytest.mark.parametrize("path", ["/consent/receipt", "/.well-known/gpc.json"])
    def test_other_routes_are_there_too(self, visitor, path):
        """
        A visitor's receipt and what is said of signals are found at each host.
        """
        assert visitor.get(path).status_code == 200

    def test_the_desk_is_there_too(self, visitor):
        """
        Who is not let in at the desk sees its closed door, not a page that is missing.
        """
        closed, missing = visitor.get("/consent/audit/overview"), visitor.get("/consent/none")

        assert closed.headers["X-Frame-Options"] == "DENY"
        assert "X-Frame-Options" not in missing.headers

    def test_a_mail_can_name_the_settings(self, make_beside):
        """
        Without a request our addresses are those of the site.
        """
        how = {"subdomain_matching": True}
        app = make_beside(how=how, SERVER_NAME="verein.example")
        with app.app_context():
            assert url_for("consentry.settings") == "http://verein.example/consent/settings"


def test_several_sites_in_one_program_have_nothing_in_common(policy_file):
    """
    One ``Consent()`` sets up two sites with a policy, a key and a banner of their own, in one
    folder and one database: each asks for itself, and neither takes the other's decision (EV-14).
    """
    consent, folder = Consent(language=lambda: "de"), policy_file.parent

    def create_site(name, services):
        (folder / f"{name}.toml").write_text(
            f'site = "{name}.example"\n'
            f'controller = {{ name = "{name}", email = "a@{name}.example" }}\n'
            f'links = {{ privacy = "/p", imprint = "/i" }}\n[services]\n{services}',
            encoding="utf-8",
        )
        app = Flask("sites", root_path=str(folder), instance_path=str(folder / "instance"))
        app.jinja_loader = DictLoader(
            {
                "consent/banner.html": '{% extends "consentry/banner.html" %}'
                f"{{% block title %}}{{{{ super() }}}}{name} fragt{{% endblock %}}"
            }
        )
        app.config.update(SECRET_KEY=KEY, CONSENT_POLICY=f"{name}.toml", TESTING=True)
        app.config["CONSENT_LOG_KEY"] = f"{name}.key"
        consent.init_app(app)
        app.add_url_rule("/", "home", lambda: render_template_string(PAGE))
        return app

    club = Visitor(create_site("club", 'youtube = {}\nmatomo = { host = "stats.club.example" }'))
    band = Visitor(create_site("band", "youtube = {}"))
    pages = [each.get().text for each in (club, band)]

    assert ["club fragt" in page for page in pages] == [True, False]
    assert ["band fragt" in page for page in pages] == [False, True]
    assert ["Matomo" in page for page in pages] == [True, False]

    club.decide("accept")
    band.client.set_cookie("__Host-consent", club.cookie(), domain="kreisverband.example")
    asked = ['data-consent-layer="banner"' in each.get().text for each in (club, band)]
    assert asked == [False, True]

    runners = [each.app.test_cli_runner() for each in (club, band)]
    assert [runner.invoke(args=["consent", "seal"]).exit_code for runner in runners] == [0, 0]
    assert [len(each.app.extensions["consentry"].store.logs()) for each in (club, band)] == [1, 0]
    assert sorted(file.name for file in (folder / "instance").glob("*.key")) == ["club.key"]


def test_pages_that_a_cms_makes_in_an_environment_of_its_own(make_beside):
    """
    The text of such a page can have our table and link, if they are handed over, and what it
    embeds waits behind ``gated`` (GA-01).
    """
    app = make_beside()
    ours = app.jinja_env.globals["consent"]
    sandbox = ImmutableSandboxedEnvironment(autoescape=True)
    sandbox.globals |= {"consent_table": ours.table, "consent_link": ours.settings_link}
    text = '{{ consent_table() }}{{ consent_link() }}<iframe src="https://youtu.be/x"></iframe>'
    page = "{{ consent.head() }}{{ consent.banner() }}{{ made | gated }}"
    app.add_url_rule(
        "/cms", "cms", lambda: render_template_string(page, made=sandbox.from_string(text).render())
    )
    visitor = Visitor(app)
    before = visitor.get("/cms").text
    visitor.decide("accept")
    after = visitor.get("/cms").text

    assert "<code>VISITOR_INFO1_LIVE</code>" in before
    assert '<template data-consent="youtube"><iframe' in before
    assert '<template data-consent="youtube"' not in after
    assert 'value="withdraw"' in after
