"""What every page calls is called without Jinja's detour, and templates mean what they meant."""

from __future__ import annotations

import pytest
from flask import render_template_string
from jinja2 import (
    ChoiceLoader,
    DictLoader,
    Environment,
    StrictUndefined,
    UndefinedError,
    pass_context,
)
from jinja2.nativetypes import NativeEnvironment
from jinja2.sandbox import SandboxedEnvironment

from consent.web.page.calls import Calls, install
from tests.conftest import Visitor

NAMES = ("head", "banner", "settings_link")

LAYOUT = "<head>{{ consent.head() }}</head>{% block main %}{% endblock %}"

FILES = {
    "layout": LAYOUT,
    "part": "<p>{{ consent.banner() }}</p>",
    "macros": "{% macro foot(consent) %}<i>{{ consent.settings_link() }}</i>{% endmacro %}",
}

TEMPLATES = {
    "plain": "{{ consent.head() }}|{{ consent.banner() }}|{{ consent.settings_link() }}",
    "white space": "a \n {{- consent.head() -}} \n b\n{{ consent.banner ( ) }}\n{{consent.head()}}",
    "among others": "{{ 1 }}{{ consent.head() }}{{ '<' }}{{ consent.head }}{{ consent['head']() }}",
    "part of an expression": "{{ consent.head() ~ '<' }}{{ consent.head()|length }}",
    "with arguments": "{{ consent.head('abc') }}{{ consent.settings_link(button=false) }}",
    "a block": "{% block a %}{{ consent.head() }}{% endblock %}{{ self.a() }}",
    "a loop": "{% for n in (1, 2) %}{{ n }}{{ consent.banner() }}{% endfor %}",
    "a macro": "{% macro m() %}{{ consent.head() }}{% endmacro %}{{ m() }}{{ m() }}",
    "an import": '{% from "macros" import foot %}{{ foot(consent) }}',
    "an include": '{% include "part" %}',
    "a layout": '{% extends "layout" %}{% block main %}{{ consent.banner() }}{% endblock %}',
    "beside blocks": '{% extends "layout" %}{{ consent.head() }}',
    "perhaps a layout": (
        '{% if deep %}{% extends "layout" %}{% endif %}{{ consent.head() }}'
        "{% block main %}{{ consent.banner() }}{% endblock %}"
    ),
    "a filter": "{% filter upper %}{{ consent.head() }}<{% endfilter %}",
    "kept first": "{% set kept %}{{ consent.head() }}{% endset %}{{ kept }}{{ kept }}",
    "unescaped": "{% autoescape false %}{{ consent.head() }}{{ '<' }}{% endautoescape %}",
    "perhaps escaped": "{% autoescape deep %}{{ consent.head() }}{{ '<' }}{% endautoescape %}",
    "in a call": (
        "{% macro m() %}[{{ caller() }}]{% endmacro %}"
        "{% call m() %}{{ consent.head() }}{% endcall %}"
    ),
    "not there": "no{% if false %}{{ consent.nothing() }}{% endif %}{# {{ consent.head() }} #}",
    "as text": "{% raw %}{{ consent.head() }}{% endraw %}{{ '{{ consent.head() }}' }}",
    "another name": "{{ consent.table() }}{% set other = consent %}{{ other.head() }}",
    "another object": "{% set consent = foreign %}{{ consent.head() }}{{ consent.banner() }}",
    "for a while": (
        "{% with consent = foreign %}{{ consent.head() }}{% endwith %}{{ consent.head() }}"
    ),
    "another, unescaped": (
        "{% set consent = foreign %}{% autoescape false %}{{ consent.head() }}{% endautoescape %}"
    ),
    "a table": "{% set consent = {'head': foreign.head} %}{{ consent.head() }}",
    "what wants the context": "{% set consent = foreign %}{{ consent.settings_link() }}",
}


class Foreign:
    """What a site itself may call by our name."""

    def head(self):
        return "<of the site>"

    def banner(self):
        return 7

    @pass_context
    def settings_link(self, context):
        return context["deep"]


def rendered(app, templates: dict[str, str], *, at_once: bool, **context) -> dict[str, str]:
    app.jinja_env.loader = ChoiceLoader([DictLoader(FILES), app.jinja_env.loader])
    app.jinja_env.cache.clear()
    if not at_once:
        app.jinja_env.extensions.pop(Calls.identifier)
    with app.test_request_context("/verein"):
        return {
            name: render_template_string(template, foreign=Foreign(), deep=True, **context)
            for name, template in templates.items()
        }


def test_a_template_shows_what_jinja_would_show(app):
    """
    Wherever a template calls ours, the page has the same bytes as if Jinja made the call itself.
    """
    shown = rendered(app, TEMPLATES, at_once=True)

    assert all(shown.values())
    assert shown == rendered(app, TEMPLATES, at_once=False)


@pytest.mark.parametrize("consent", [None, 0, "text"], ids=repr)
def test_what_cannot_be_called_is_told_as_ever(app, consent):
    """
    A template in which `consent` is something else fails with Jinja's own message.
    """
    messages = []

    for at_once in (True, False):
        with pytest.raises(UndefinedError) as problem:
            rendered(app, {"": "{{ consent.head() }}"}, at_once=at_once, consent=consent)
        messages.append(str(problem.value))

    assert messages[0] == messages[1]


def test_a_name_that_is_missing_is_told_as_ever():
    """
    A template that is rendered where our object is not says so.
    """
    templates = Environment(autoescape=True, undefined=StrictUndefined)
    install(templates, Foreign, dict.fromkeys(NAMES, str))

    with pytest.raises(UndefinedError, match="'consent' is undefined"):
        templates.from_string("{{ consent.head() }}").render()


def compiled(environment: Environment, template: str) -> str:
    install(environment, Foreign, dict.fromkeys(NAMES, str))
    return environment.compile(template, raw=True)


@pytest.mark.parametrize("name", NAMES)
def test_a_plain_call_makes_no_detour(name):
    """
    What most templates have is compiled to one step.
    """
    code = compiled(Environment(autoescape=True), f"<p>{{{{ consent.{name}() }}}}</p>")

    assert "context.call" not in code
    assert "escape(" not in code
    assert f"consent.{name}" in code


@pytest.mark.parametrize(
    "environment",
    [
        Environment(autoescape=True, enable_async=True),
        Environment(autoescape=True, finalize=lambda value: value or "–"),
        SandboxedEnvironment(autoescape=True),
        NativeEnvironment(),
    ],
    ids=["async", "finalize", "sandbox", "native"],
)
def test_who_makes_calls_otherwise_goes_on_doing_so(environment):
    """
    Where the environment has its own way of calling or printing, nothing is taken out of its hands.
    """
    assert ".call(" in compiled(environment, "{{ consent.head() }}")


GATES = {
    "plain": '{%% gate "youtube" %%}<i>film</i>%s{%% endgate %%}',
    "white space": 'a {%%- gate "youtube" -%%} \n<i>film</i>%s \n {%%- endgate -%%} b',
    "with a poster": '{%% gate "youtube", poster="/film.jpg" %%}<i>film</i>%s{%% endgate %%}',
    "by a variable": '{%% set s = "youtube" %%}{%% gate s %%}<i>film</i>%s{%% endgate %%}',
    "unknown": 'a{%% gate "nobody" %%}<i>film</i>%s{%% endgate %%}',
    "quotes and lines": '{%% gate "youtube" %%}<i a="\'\\">\r\n{ }</i>\u2028%s{%% endgate %%}',
    "in a loop": '{%% for n in (1, 2) %%}{%% gate "youtube" %%}<hr>%s{%% endgate %%}{%% endfor %%}',
    "in each other": (
        '{%% gate "matomo" %%}a{%% gate "youtube" %%}<hr>%s{%% endgate %%}b{%% endgate %%}'
    ),
    "in a block": '{%% block a %%}{%% gate "youtube" %%}<hr>%s{%% endgate %%}{%% endblock %%}',
    "in a layout": (
        '{%% extends "layout" %%}{%% block main %%}{%% gate "youtube" %%}<hr>%s{%% endgate %%}'
        "{%% endblock %%}"
    ),
    "unescaped": (
        '{%% autoescape false %%}{%% gate "youtube" %%}<i>film</i>%s{%% endgate %%}'
        "{%% endautoescape %%}"
    ),
    "one after the other": (
        '{%% gate "youtube" %%}<hr>%s{%% endgate %%}{%% gate "matomo" %%}count{%% endgate %%}'
    ),
}


@pytest.mark.parametrize("control", [None, "accept"])
def test_a_gate_around_text_shows_what_any_gate_shows(app, control):
    """
    Text that is known when a template is compiled reaches each visitor as text that is not.
    """
    app.jinja_env.loader = ChoiceLoader([DictLoader(FILES), app.jinja_env.loader])
    templates: list[str] = []
    app.add_url_rule("/gate", "gate", lambda: render_template_string(templates.pop()))
    visitor = Visitor(app)
    if control:
        visitor.decide(control)

    for name, template in GATES.items():
        templates += [template % "{{ '' }}", template % ""]

        assert visitor.get("/gate").text == visitor.get("/gate").text != "", name


def test_a_gate_around_text_puts_nothing_together(app):
    """
    What most gates have is no more than one step, too.
    """
    code = app.jinja_env.compile(GATES["plain"] % "", raw=True)

    assert "concat(" not in code
    assert "'<i>film</i>', 'youtube', None, '')" in code
