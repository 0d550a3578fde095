"""A site's own versions of our templates: which parts can be replaced, and by what means."""

from __future__ import annotations

import re
from contextlib import nullcontext

import pytest
from flask import Flask, render_template_string
from jinja2 import (
    FileSystemLoader,
    ModuleLoader,
    StrictUndefined,
    UndefinedError,
    select_autoescape,
)
from jinja2.meta import find_undeclared_variables

from consent.errors import ConfigError
from consent.web.assets import TEMPLATES
from tests.conftest import POLICY, Visitor

#: The parts of each template that a site may replace one by one.
BLOCKS = {
    "banner": [
        "text", "title", "again", "intro", "purposes", "recipients", "rights", "actions", "links"
    ],
    "page": ["title", "head", "header", "content", "links"],
    "placeholder": ["text", "actions", "links"],
    "receipt": ["content", "heading", "intro", "records", "actions"],
    "settings": [
        "title", "state", "intro", "purposes", "essential", "controller", "record", "actions"
    ],
}  # fmt: skip

#: A version of the banner that a site may have.
OWN_TITLE = '{% extends "consentry/banner.html" %}{% block title %}[own]{{ super() }}{% endblock %}'


@pytest.mark.parametrize("name", BLOCKS)
def test_the_blocks_of_a_template_are_a_promise(name):
    """
    The parts that a site may replace keep their names, so that its version still fits.
    """
    source = (TEMPLATES / f"{name}.html").read_text(encoding="utf-8")

    assert sorted(re.findall(r"{%-? block (\w+)", source)) == sorted(BLOCKS[name])


@pytest.mark.parametrize(
    ("name", "block", "path"),
    [
        *(("banner", block, "/") for block in BLOCKS["banner"] if block != "again"),
        *(("placeholder", block, "/") for block in BLOCKS["placeholder"]),
        *(("settings", block, "/consent/settings") for block in BLOCKS["settings"]),
        *(("page", block, "/consent/receipt") for block in BLOCKS["page"] if block != "content"),
        *(("receipt", block, "/consent/receipt") for block in BLOCKS["receipt"]),
    ],
)
def test_each_block_can_be_replaced_and_keeps_what_was_in_it(make_app, override, name, block, path):
    """
    A site writes only what it changes: the rest comes from our template, reached as
    ``consentry/…``, and ``super()`` puts in what stood there.
    """
    plain = shown(make_app, path)
    override(
        name,
        f'{{% extends "consentry/{name}.html" %}}'
        f"{{% block {block} %}}[{block}]{{{{ super() }}}}{{% endblock %}}",
    )

    changed = shown(make_app, path)

    assert f"[{block}]" in changed
    assert settled(changed.replace(f"[{block}]", "")) == settled(plain)


@pytest.mark.parametrize(
    "jinja",
    [
        {"undefined": StrictUndefined},
        {"enable_async": True},
        {"variable_start_string": "[[", "variable_end_string": "]]"},
        {"finalize": lambda value: value or "–"},
    ],
    ids=["strict", "asynchronous", "other braces", "finalized"],
)
def test_a_site_sets_up_jinja_as_it_likes(make_app, monkeypatch, jinja):
    """
    Ours are rendered, and say the same, where a site's own templates have to name everything, are
    awaited, leave braces to a script or print something else for what is empty.
    """
    usual = Visitor(make_app()).notice()
    monkeypatch.setattr(Flask, "jinja_options", jinja)
    visitor = Visitor(make_app())

    pages = ["/", "/consent/settings", "/consent/receipt", "/consent/state"]
    before = [visitor.get(path) for path in pages]
    visitor.decide("accept")
    after = [visitor.get(path) for path in pages]

    assert [page.status_code for page in before + after] == [200] * 8
    assert not any("{{" in page.text for page in before[1:] + after[1:])
    assert visitor.get("/", headers={"Sec-GPC": "1"}).status_code == 200
    assert visitor.notice() == usual
    strict = visitor.app.jinja_env.from_string("{{ nothing }}")
    with pytest.raises(UndefinedError) if "undefined" in jinja else nullcontext():
        strict.render()


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_site_loads_its_templates_as_it_likes(make_app, override, monkeypatch, tmp_path, when):
    """
    Where the site has a loader of its own in the place of Flask's, ours are found behind it, and
    the site's versions of them before, whether that is set up before ``Consent(app)`` or after.
    That is done once, and not with each page.
    """
    own = FileSystemLoader(tmp_path / "templates")
    if when == "before":
        monkeypatch.setattr(Flask, "create_global_jinja_loader", lambda _: own)
    override("banner", OWN_TITLE)
    app = make_app()
    if when == "after":
        app.jinja_env.loader = own
    visitor = Visitor(app)

    assert "[own]" in visitor.get().text
    found = app.jinja_env.loader
    assert visitor.get("/consent/settings").status_code == 200
    assert app.jinja_env.loader is found


def test_a_site_may_compile_its_templates_ahead(make_app, override, monkeypatch, tmp_path):
    """
    Where templates come as modules and have no text, those of the site are used, ours are found
    behind them, and one that is unfair stops the start all the same.
    """
    override("banner", OWN_TITLE)
    compiled, unfair = tmp_path / "compiled", tmp_path / "unfair"
    builder = make_app().jinja_env
    builder.compile_templates(compiled, zip=None, filter_func="consent/banner.html".__eq__)
    override("banner", "{{ notice.purposes[0].label }}")
    builder.compile_templates(unfair, zip=None, filter_func="consent/banner.html".__eq__)

    monkeypatch.setattr(Flask, "create_global_jinja_loader", lambda _: ModuleLoader(compiled))
    app = make_app()
    assert "[own]" in Visitor(app).get().text
    assert Visitor(app).get("/consent/settings").status_code == 200
    assert app.test_cli_runner().invoke(args=["consent", "check"]).exit_code == 0

    monkeypatch.setattr(Flask, "create_global_jinja_loader", lambda _: ModuleLoader(unfair))
    with pytest.raises(ConfigError, match="mistake"):
        make_app()


def test_globals_of_the_site_say_nothing_to_ours(make_app):
    """
    A site's Jinja may have functions of any name, ``granted`` or ``back`` for instance, for its own
    templates: what visitors are shown stays the same, whatever ours leave unsaid.
    """

    own = '<form><iframe src="https://youtube.com/x"></iframe></form>'
    held = f'{own}<iframe src="https://far.example"></iframe><iframe src="data:,x"></iframe>'

    def pages(app):
        app.add_url_rule(
            "/held", "held", lambda: render_template_string(f"{{{{ '{held}' | gated }}}}")
        )
        visitor = Visitor(app)
        paths = (
            "/",
            "/held",
            *(f"/consent/{page}" for page in ("settings", "receipt", "state", "x")),
        )
        return [visitor.notice(), *(settled(visitor.get(path).text) for path in paths)]

    plain = make_app(language=lambda: "de")
    before, app = pages(plain), make_app(language=lambda: "de")
    for file in TEMPLATES.glob("*.html"):
        for name in find_undeclared_variables(plain.jinja_env.parse(file.read_text("utf-8"))):
            app.jinja_env.globals.setdefault(name, len)

    assert "granted" in app.jinja_env.globals
    assert pages(app) == before


@pytest.mark.parametrize("told", [False, select_autoescape(["xml"])], ids=["off", "xml"])
def test_ours_escape_even_if_a_sites_own_do_not(make_app, policy_file, monkeypatch, told):
    """
    Where a site's templates hold what is no HTML, ours are HTML all the same: names stay text, and
    an address that somebody made up brings no markup (SE-09).
    """
    policy_file.write_text(POLICY.replace("Musterland", "<b>Muster"), encoding="utf-8")
    monkeypatch.setattr(Flask, "jinja_options", {"autoescape": told})
    app = make_app()
    visitor = Visitor(app)
    referrer = {"Referer": f'{visitor.base_url}/"><script>'}
    for path in ("/", "/consent/settings", "/consent/receipt", "/consent/x", "/consent/audit/x"):
        page = visitor.get(path, headers=referrer).text
        assert "<b>Muster" not in page
        assert '"><script>' not in page

    assert "&lt;b&gt;Muster" in visitor.get("/consent/settings").text


#: Where a visitor meets the templates of whole pages, and what stands for an unknown embed.
MET = {
    "page": "/consent/receipt",
    "settings_page": "/consent/settings",
    "message": "/consent/notice/x",
    "notice": "/consent/notice/{notice}",
    "state": "/consent/state",
    "receipt": "/consent/receipt",
    "undeclared": "/article",
}


@pytest.mark.parametrize(("name", "path"), MET.items())
def test_a_version_that_fails_leaves_visitors_with_ours(make_app, override, caplog, name, path):
    """
    A page of the site's own in the place of ours may ask for what is not always there. Visitors see
    ours then, and the operator is told once where it failed, without words of a visitor. Whoever
    works on it sees the error.
    """
    embed = '<iframe src="https://far.example/x"></iframe>'

    def visitor(**config):
        app = make_app(language=lambda: "de", **config)
        app.add_url_rule(
            "/article", "article", lambda: render_template_string(f"{{{{ '{embed}' | gated }}}}")
        )
        return Visitor(app)

    usual = visitor()
    path = path.format(notice=usual.notice())
    as_ours = usual.get(path)
    override(name, "\n{{ request.user.name }}")
    theirs = visitor(TESTING=False)
    caplog.clear()
    pages = [theirs.get(path) for _ in range(2)]

    assert [page.status_code for page in pages] == [as_ours.status_code] * 2
    assert {settled(page.text) for page in pages} == {settled(as_ours.text)}
    [told] = [line for line in caplog.messages if f"{name}.html" in line]
    assert f"{name}.html, line 2: UndefinedError, so visitors see ours" in told
    with pytest.raises(UndefinedError):
        visitor().get(path)


@pytest.mark.parametrize("name", sorted(MET.keys() - {"undeclared"}))
def test_it_is_found_before_a_visitor_comes(make_app, override, name):
    """
    What fails in a page of the site's own is told by the check, with its file and line.
    """
    override(name, "{{ nobody.name }}")
    found = make_app().test_cli_runner().invoke(args=["consent", "check"])

    assert found.exit_code == 1
    assert f"{name}.html, line 1: UndefinedError: 'nobody' is undefined" in found.output


def test_a_table_that_fails_stops_the_start(make_app, override):
    """
    Without the table of cookies no page can be made, so that a version of it is tried at once.
    """
    override("table", "{{ nobody.name }}")

    with pytest.raises(ConfigError, match=r"table\.html: 2 mistakes"):
        make_app()


def shown(make_app, path):
    """Open a page of the site as it is now; a receipt is there only after a grant."""
    visitor = Visitor(make_app(language=lambda: "de"))
    if path.endswith("receipt"):
        visitor.decide("accept")
    return visitor.get(path).text


def settled(page: str) -> str:
    """Leave out what differs from one visit to the next."""
    page = re.sub(r"\b[0-9a-f]{64}\b|<time.*?</time>", "", page)
    return re.sub(r"<code>.*?</code>|notice/\w+", "", page)
