"""What the check finds on the pages that everybody meets."""

from __future__ import annotations

import pytest
from flask import abort, redirect, render_template_string, request

from consent.web.report.pages import look


class TestLinked:
    """What the policy links, to be read before deciding (FL-15)."""

    @pytest.fixture
    def missed(self, make_app, policy_file):
        """Return what nobody gets of a site that links a page and has this *view* at an address."""

        def missed(page, address, view, **config):
            policy = policy_file.read_text("utf-8").replace('"/impressum"', f'"{page}"')
            policy_file.write_text(policy.replace('"/datenschutz"', '"https://far.example/dse"'))
            app = make_app(**config)
            app.config["PROPAGATE_EXCEPTIONS"] = True
            app.add_url_rule(address, "imprint", view)
            site = app.extensions["consentry"]
            with site.imagine_request():
                return look(site).missing

        return missed

    @pytest.mark.parametrize(
        ("page", "address", "config"),
        [
            ("/impressum", "/impressum", {}),
            ("/impressum", "/impressum/", {}),
            ("/über?lang=de#wir", "/über", {}),
            ("/verein/impressum", "/impressum", {"APPLICATION_ROOT": "/verein"}),
            ("https://kreisverband-musterland.example/impressum", "/impressum", {}),
        ],
        ids=["path", "led on", "umlaut", "below a path", "host"],
    )
    def test_nothing_is_said_of_a_page_that_is_there(self, missed, page, address, config):
        """
        An address is read as browsers read it, with what the app itself leads on to.
        """
        assert missed(page, address, lambda: "Impressum", **config) == []

    @pytest.mark.parametrize(
        ("page", "told"),
        [("/page?page=imprint#us", []), ("/page?page=other", ["/page?page=other (404)"])],
    )
    def test_a_page_that_its_query_names_is_asked_for_with_it(self, missed, page, told):
        """
        Where one address shows several pages, the one that the policy links is looked at.
        """

        def view():
            return "Impressum" if request.args.get("page") == "imprint" else abort(404)

        assert missed(page, "/page", view) == told

    @pytest.mark.parametrize(
        "page",
        ["https://far.example/impressum", "/anderes/impressum"],
        ids=["host", "beside the app"],
    )
    def test_nothing_is_said_of_what_others_answer(self, missed, page):
        """
        What is on another host, or beside the path that the app is below, is not asked for.
        """
        assert missed(page, "/x", lambda: "", APPLICATION_ROOT="/verein") == []

    def test_nothing_is_said_of_a_page_that_is_led_to_on_another_host(self, missed):
        """
        What answers there is not for this app to say, whatever it has at the same path.
        """
        there = "https://far.example/elsewhere"

        assert missed("/impressum", "/impressum", lambda: redirect(there)) == []

    @pytest.mark.parametrize(
        ("address", "view", "came"),
        [
            ("/about", lambda: "", "404"),
            ("/impressum", lambda: abort(401), "401"),
            ("/impressum", lambda: abort(400), "400"),
            ("/impressum", lambda: {}["address"], "KeyError"),
        ],
        ids=["missing", "refused", "wrong", "fails"],
    )
    def test_what_came_instead_is_told(self, missed, address, view, came):
        """
        Whoever copied the example's addresses, or lets only members read the imprint, learns it.
        """
        assert missed("/impressum", address, view) == [f"/impressum ({came})"]


class TestUngated:
    """What loads before anybody is asked (GA-01)."""

    @pytest.fixture
    def seen(self, make_app, policy_file):
        """Return what is found on a site whose home page has this *markup*."""

        def seen(markup, home="/", **config):
            app = make_app(**config)
            page = f"<!doctype html><html lang=de><head><title>Start</title>{markup}</head></html>"
            app.view_functions["home"] = lambda: redirect(home) if home != "/" else show()
            show = app.view_functions["start"] = lambda: render_template_string(page)
            app.add_url_rule("/start", "start")
            site = app.extensions["consentry"]
            with site.imagine_request():
                return look(site)

        return seen

    @pytest.mark.parametrize("home", ["/", "/start", "http://localhost/start?x"])
    def test_a_declared_service_outside_of_a_gate_is_a_mistake(self, seen, home):
        """
        Whoever declares a service and forgets the gate is told where it stands, also where the
        address of the site leads to another page.
        """
        found = seen('<script src="//statistik.kreisverband.example/matomo.js"></script>', home)

        assert found.ungated == {"matomo": home.removeprefix("http://localhost")}
        assert found.unasked == {}
        assert 'wanted {% gate "matomo" %} around it' in next(found.mistakes())

    @pytest.mark.parametrize(
        "config", [{}, {"CONSENT_STATIC_PAGES": True}], ids=["per visitor", "same for everybody"]
    )
    @pytest.mark.parametrize(
        "markup",
        [
            '{% gate "youtube" %}<iframe src="https://www.youtube.com/x"></iframe>{% endgate %}',
            '{{ "<iframe src=https://www.youtube.com/embed/x></iframe>" | gated }}',
            "{{ consent.head() }}{{ consent.banner() }}{{ consent.table() }}",
            '<link rel=canonical href="https://far.example/"><a href="https://www.youtube.com/">x</a>',
            '<script type="application/ld+json">{"@context": "https://schema.org"}</script>',
            '<img src="https://bilder.kreisverband-musterland.example/x.png"><img src="/x.png">',
        ],
        ids=["gate", "stored", "ours", "links", "data", "own"],
    )
    def test_nothing_is_said_of_what_waits_or_is_the_sites_own(self, seen, markup, config):
        """
        Gates, links, data and the site's own hosts are as they should be.
        """
        found = seen(markup, **config)

        assert (found.ungated, found.unasked) == ({}, {})

    @pytest.mark.parametrize(
        ("markup", "name"),
        [
            ('<link rel=stylesheet href="https://cdn.far.example/x.css">', "cdn.far.example"),
            ('<link rel=preconnect href="https://fonts.gstatic.com">', "google-fonts"),
            ("<style>@import url(//fonts.googleapis.com/css2?family=X)</style>", "google-fonts"),
            ("<noscript><img src='https://far.example/pixel'></noscript>", "far.example"),
            ("<script>load('https://www.youtube.com/iframe_api')</script>", "youtube"),
        ],
        ids=["style sheet", "connection", "font", "without scripts", "in a script"],
    )
    def test_whatever_else_loads_is_named(self, seen, markup, name):
        """
        Files of others, fonts above all, and addresses in scripts are told, and no mistake for
        certain: a site may have its reasons, and a script may wait by itself.
        """
        found = seen(markup)

        assert list(found.unasked) == [name]
        assert list(found.mistakes()) == []

    @pytest.mark.parametrize(
        ("source", "named"),
        [
            ("<iframe src=//youtube.com/x></iframe>", ["youtube"]),
            (
                '{% extends "x" %}{% block a %}<img src=//far.example>{% endblock %}',
                ["far.example"],
            ),
            ('<img src="https://{{ host }}/x"><img src="//{{ a }}{{ b }}"><img src="{{ x }}">', []),
            ('{% gate "youtube" %}<iframe src=//youtube.com/x></iframe>{% endgate %}', []),
            ('{% if consent.permits("a") %}<img src=//far.example>{% endif %}', []),
            ('{% if not x and "a" is granted %}<img src=//far.example>{% endif %}', []),
            (
                '{% if "a" is granted %}{% else %}<img src=//far.example>{% endif %}',
                ["far.example"],
            ),
            ("{% if x %}<img src=//far.example>{% endif %}", ["far.example"]),
            ("{% filter gated %}<img src=//far.example>{% endfilter %}", []),
        ],
    )
    def test_templates_of_other_pages_are_read(self, make_app, policy_file, source, named):
        """
        A page that nobody is led to from the first ones may load something, too: its template
        tells, without what waits there in any of our ways.
        """
        folder = policy_file.parent / "templates"
        folder.mkdir()
        (folder / "contact.html").write_text(source, "utf-8")
        site = make_app().extensions["consentry"]
        with site.imagine_request():
            found = look(site)

        assert (found.unasked, found.ungated) == (dict.fromkeys(named, "contact.html"), {})

    def test_what_is_included_in_a_gate_is_no_page(self, make_app, policy_file):
        """
        A part that stands within a gate of another template waits as all that is in it.
        """
        folder = policy_file.parent / "templates"
        folder.mkdir()
        (folder / "film.html").write_text('<iframe src="https://www.youtube.com/x"></iframe>')
        whole = '{% gate "youtube" %}{% include "film.html" %}{% endgate %}'
        (folder / "page.html").write_text(whole)
        site = make_app().extensions["consentry"]
        with site.imagine_request():
            assert look(site).unasked == {}

    @pytest.mark.parametrize(
        "view",
        [
            lambda: abort(500),
            lambda: {}["x"],
            lambda: {"url": "https://far.example/"},
            lambda: (
                "<script src=https://far.example/a.js></script>",
                {"Content-Type": "text/plain"},
            ),
            lambda: b"",
        ],
        ids=["error", "fails", "data", "text", "nothing"],
    )
    def test_a_home_page_that_is_none_is_passed_over(self, make_app, view):
        """
        A site without a home page, or with one that fails, is looked at as far as it goes.
        """
        app = make_app(PROPAGATE_EXCEPTIONS=True)
        app.view_functions["home"] = view
        site = app.extensions["consentry"]
        with site.imagine_request():
            found = look(site)

        assert (found.ungated, found.unasked) == ({}, {})

    def test_a_site_that_leads_in_circles_is_left(self, make_app):
        """
        Pages that lead to each other for ever end the look at them, not the check.
        """
        app = make_app()
        app.view_functions["home"] = lambda: redirect("/")
        site = app.extensions["consentry"]
        with site.imagine_request():
            assert look(site).ungated == {}


class TestAhead:
    """Speculation rules of the site's own, which fetch what links lead to (GA-01)."""

    RULES = '{"prefetch": [{"where": {"href_matches": "%s"}}]}'

    @pytest.fixture
    def told(self, make_app, policy_file):
        """Return the mistakes of a site with this template and this home page."""

        def told(template="", home="nothing", **values):
            folder = policy_file.parent / "templates"
            folder.mkdir()
            (folder / "base.html").write_text(template, "utf-8")
            app = make_app()
            app.view_functions["home"] = lambda: render_template_string(home, **values)
            site = app.extensions["consentry"]
            with site.imagine_request():
                return list(look(site).mistakes())

        return told

    @staticmethod
    def script(rules):
        return f'<script type="speculationrules">{rules}</script>'

    @pytest.mark.parametrize(
        "rules",
        [
            RULES % "https://*/*",
            '{"prerender": [{"source": "document"}]}',
            "{",
            '{\n"prefetch": 1,\n',
        ],
        ids=["any host", "any link", "unreadable", "several lines"],
    )
    def test_the_template_and_line_are_told(self, told, rules):
        """
        Rules that fetch links on other hosts are a mistake, told with the template and the line.
        """
        (mistake,) = told(f"<!-- -->\n<p>\n{self.script(rules)}", '{% include "base.html" %}')

        assert mistake.startswith("template base.html, line 3: found speculation rules")
        assert '"href_matches": "/*"' in mistake

    @pytest.mark.parametrize(
        "template",
        [
            script(RULES % "/*"),
            f"<!-- {script(RULES % 'https://*/*')} -->",
            f"{{# {script(RULES % 'https://*/*')} #}}",
            f'{{% gate "matomo" %}}{script(RULES % "https://*/*")}{{% endgate %}}',
            script('{"prefetch": [{"urls": [{{ url_for("home") | tojson }}]}]}'),
            script(RULES % "{{ root }}/*"),
        ],
        ids=["own paths", "comment", "of Jinja", "gate", "put in", "path put in"],
    )
    def test_nothing_is_said_of_rules_that_keep_to_the_site(self, told, template):
        """
        Rules for the site's own paths, what waits for consent, and what cannot be told from the
        template alone are no mistake.
        """
        assert told(template) == []

    def test_a_page_is_told_where_no_template_says_it(self, told):
        """
        Rules that are put together for a page are told with the page.
        """
        home = self.script(self.RULES % "{{ host }}/*")

        (mistake,) = told("", home, host="https://far.example")
        assert mistake.startswith("GET /: found speculation rules")
