"""
Pages that the app itself keeps.

Flask-Caching is no dependency of the tests; what stands for it here leaves at a function, and says
to Jinja, what it does.
"""

from __future__ import annotations

import functools

import pytest
from flask import Response, render_template_string, send_file
from flask.views import MethodView, View
from jinja2 import nodes
from jinja2.ext import Extension

from consent.web.assets import SCRIPT
from consent.web.kept import kept_parts
from tests.conftest import PAGE, Visitor


def cached(function):
    """Keep what *function* returns, as Flask-Caching's decorator does."""
    kept = []

    @functools.wraps(function)
    def keeping(*given, **named):
        kept[:] = kept or [function(*given, **named)]
        return kept[0]

    keeping.uncached, keeping.make_cache_key = function, lambda: "a key"
    return keeping


class CacheExtension(Extension):
    """Reads ``{% cache timeout, name, vary … %}`` as the extension of this name does."""

    __module__ = "flask_caching.jinja2ext"
    tags = {"cache"}  # noqa: RUF012 - Jinja's own class attribute

    def parse(self, parser):
        line = next(parser.stream).lineno
        told = [parser.parse_expression()]
        while parser.stream.skip_if("comma"):
            told.append(parser.parse_expression())
        told = [*told[:2], nodes.List(told[2:])]
        body = parser.parse_statements(("name:endcache",), drop_needle=True)
        return nodes.CallBlock(self.call_method("_cache", told), [], [], body).set_lineno(line)

    def _cache(self, *told, caller):
        return caller()


class Assets(CacheExtension):
    """Reads a tag of another extension that is called with what stands behind it."""

    __module__ = "webassets.ext.jinja2"
    tags = {"assets"}  # noqa: RUF012 - Jinja's own class attribute


class Compress:
    """Makes answers smaller, and keeps them if there is a *cache*, as Flask-Compress does."""

    __module__ = "flask_compress.flask_compress"

    def __init__(self, cache):
        self.cache = cache

    def after_request(self, answer):
        return answer


class Minify(Compress):
    """Another one that looks at all answers, and keeps what it has no need to do twice."""

    __module__ = "flask_minify.main"


class Article(MethodView):
    """A class of views, of which one function is kept."""

    @cached
    def get(self):
        return render_template_string(PAGE)


class Page(View):
    """A class of views that answers every method alike, which is kept."""

    @cached
    def dispatch_request(self):
        return render_template_string(PAGE)


def marked(*names):
    """Return a view with what a decorator leaves at a function that it keeps the results of."""

    def view():
        return render_template_string(PAGE)

    vars(view).update(dict.fromkeys(names))
    return view


@functools.wraps(cached(lambda: render_template_string(PAGE)))
def guarded():
    """Stand for a kept view with another decorator round it."""
    return guarded.__wrapped__()


@pytest.mark.parametrize(
    "make_view",
    [
        lambda: cached(lambda: render_template_string(PAGE)),
        lambda: Article.as_view("kept"),
        lambda: guarded,
        lambda: Page.as_view("kept"),
        lambda: functools.cache(lambda: render_template_string(PAGE)),
        lambda: marked("cache", "cache_key", "cache_lock"),
        lambda: marked("invalidate", "refresh", "set", "get", "original"),
    ],
    ids=["function", "method", "decorated", "class", "functools", "cachetools", "dogpile"],
)
def test_a_page_that_is_kept_shows_nobodys_choice(make_app, make_view, caplog):
    """
    Where a decorator keeps a page, the next visitor is not shown what the first one granted, and
    is asked (GA-07). That is as it should be, so the operator reads nothing of it.
    """
    app = make_app(language=lambda: "de")
    app.add_url_rule("/kept", "kept", make_view())
    first, second = Visitor(app), Visitor(app)
    first.decide("accept")
    pages = first.get("/kept").text, second.get("/kept").text

    for page in pages:
        assert '<template data-consent="matomo">' in page
        assert "data-consent-held" in page
    assert caplog.text == ""


def test_other_pages_of_the_site_show_it_at_once(make_app):
    """
    Only what is kept waits for the script.
    """
    app = make_app()
    app.add_url_rule("/kept", "kept", cached(lambda: ""))
    visitor = Visitor(app)
    visitor.decide("accept")

    assert '<template data-consent="matomo">' not in visitor.get("/").text


class TestKeptInAnotherWay:
    @pytest.fixture
    def first_and_second(self, make_app):
        """Two visitors of a site that keeps a page by itself; the first one accepted."""

        def make(**config):
            app = make_app(language=lambda: "de", **config)
            pages = {}

            def view():
                return pages.get("kept") or pages.setdefault("kept", render_template_string(PAGE))

            app.add_url_rule("/kept", "kept", view)
            first, second = Visitor(app), Visitor(app)
            first.decide("accept")
            return first, second

        return make

    def test_the_operator_is_told(self, first_and_second, caplog):
        """
        A page that was made for somebody else is named in the log, once, as soon as it comes back.
        """
        first, second = first_and_second()
        first.get("/kept")
        assert caplog.text == ""
        second.get("/kept")
        second.get("/kept")

        assert caplog.text.count("kept: its page was made for an earlier visitor") == 1
        assert "hint: CONSENT_STATIC_PAGES" in caplog.text

    def test_no_other_cache_keeps_it_too(self, first_and_second):
        """
        Such a page goes no further than the visitor that it was sent to (GA-07).
        """
        first, second = first_and_second()
        first.get("/kept")

        assert second.get("/kept").cache_control.private

    @pytest.mark.parametrize("kind", ["a file", "a text", "a long page"])
    def test_other_answers_go_out_as_they_are(self, make_app, tmp_path, kind):
        """
        Nobody looks for the script in a file that the site sends, in what is no page, or in a page
        that is not there yet: it would have to be read whole before it is sent (PS-07).
        """
        app = make_app()
        page = f"<script src='/consent/static/{SCRIPT}?v=1'></script>"
        (tmp_path / "page.html").write_text(page)
        begun = []

        def parts():
            begun.append(True)
            yield page

        ways = {
            "a file": lambda: send_file(tmp_path / "page.html"),
            "a text": lambda: Response(page, mimetype="text/plain"),
            "a long page": lambda: Response(parts(), headers={"Content-Length": len(page)}),
        }
        app.add_url_rule("/sent", "sent", ways[kind])

        with app.test_request_context("/sent"), app.full_dispatch_request() as answer:
            assert "Vary" not in answer.headers
            assert not begun
            answer.direct_passthrough = False
            assert answer.get_data(as_text=True) == page

    def test_pages_for_everybody_may_be_kept(self, first_and_second, caplog):
        """
        With CONSENT_STATIC_PAGES nothing is said: the page is right for everybody.
        """
        first, second = first_and_second(CONSENT_STATIC_PAGES=True)
        first.get("/kept")
        second.get("/kept")

        assert caplog.text == ""


class TestParts:
    @pytest.fixture
    def lines(self, make_app):
        """Return the lines in which a template keeps what one visitor is shown."""
        environment = make_app().jinja_env
        environment.add_extension(CacheExtension)
        environment.add_extension(Assets)
        return lambda source: [*kept_parts(environment, source)]

    @pytest.mark.parametrize(
        "inside",
        [
            '{% gate "matomo" %}<script></script>{% endgate %}',
            "{% if article %}{{ article | gated }}{% endif %}",
            "{{ consent.banner() }}",
            "{{ consent.settings_link(button=True) }}",
            '{% if consent.permits("matomo") %}x{% endif %}',
            '{% if "matomo" is granted %}x{% endif %}',
        ],
        ids=["gate", "gated", "banner", "link", "permits", "granted"],
    )
    def test_a_choice_in_it_is_found(self, lines, inside):
        """
        A ``{% cache %}`` round what depends on the choice would show it to all, and is found.
        """
        assert lines("<p>\n{% cache 60 %}" + inside + "{% endcache %}") == [2]

    @pytest.mark.parametrize(
        "template",
        [
            "{% cache 60 %}<p>{{ title }}</p>{% endcache %}{{ consent.banner() }}",
            '{% cache 60, "x", consent.permits("matomo") %}{{ a | gated }}{% endcache %}',
            "{% call card() %}{{ consent.banner() }}{% endcall %}",
            "{% assets 'all.css' %}{{ consent.banner() }}{% endcache %}",
        ],
        ids=["nothing of it inside", "varies", "another block", "another extension"],
    )
    def test_others_are_not(self, lines, template):
        """
        Nothing is wrong where there is no choice in it, or where it varies with something.
        """
        assert lines(template) == []


class TestCheck:
    @pytest.fixture
    def check(self, make_app, tmp_path):
        """Check a site that keeps a view, and a part of a template with a choice in it."""

        def check(**config):
            (tmp_path / "templates").mkdir()
            kept = "{% cache 60 %}{{ article | gated }}{% endcache %}"
            (tmp_path / "templates" / "page.html").write_text(kept, encoding="utf-8")
            app = make_app(**config)
            app.jinja_env.add_extension(CacheExtension)
            app.add_url_rule("/kept", "kept", cached(lambda: ""))
            return app.test_cli_runner().invoke(args=["consent", "check"])

        return check

    def test_it_names_what_is_kept(self, check):
        """
        It says which pages are the same for everybody because they are kept, and which part of a
        template must not be.
        """
        found = check()

        assert "kept        kept: the same for everybody" in found.output
        assert "template page.html, line 1: {% cache %} keeps what one visitor" in found.output
        assert found.exit_code == 1

    def test_pages_for_everybody_may_be_kept(self, check):
        """
        With CONSENT_STATIC_PAGES there is nothing to say.
        """
        found = check(CONSENT_STATIC_PAGES=True)

        assert "kept  " not in found.output
        assert found.exit_code == 0

    @pytest.mark.parametrize(
        ("other", "problems"), [(Compress(None), 0), (Compress(object()), 1), (Minify(object()), 0)]
    )
    def test_answers_that_are_kept(self, make_app, other, problems):
        """
        It finds what keeps answers when they leave, whoever they were made for.
        """
        app = make_app()
        app.after_request(other.after_request)
        found = app.test_cli_runner().invoke(args=["consent", "check"])

        assert found.output.count("problem: CONSENT_STATIC_PAGES: found False") == problems
