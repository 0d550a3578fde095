"""
The Jinja tag ``{% gate "matomo" %} … {% endgate %}``, with ``poster="/static/film.jpg"`` if wanted.

What stands between the two reaches the page as it is if the service is granted, and inert
otherwise. Whoever sets up the environment gives it a filter of the name :data:`GATE`, which takes
the markup, the service and the poster, which may be None, and returns what is to be shown.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from jinja2 import Environment, nodes
from jinja2.ext import Extension
from jinja2.parser import Parser

from consent.gate.frame import WANTED, is_poster

GATE = "consent_gate"

_FORM = re.compile(r"<(/?)form\b", re.IGNORECASE)


class GateTag(Extension):
    """Sends what a gate encloses through its filter."""

    tags = {"gate"}  # noqa: RUF012 - Jinja's own class attribute

    def parse(self, parser: Parser) -> nodes.Node:
        """Read ``{% gate EXPRESSION, poster=EXPRESSION %} … {% endgate %}``."""
        line = next(parser.stream).lineno
        service = parser.parse_expression()
        poster = _poster(parser)
        body = parser.parse_statements(("name:endgate",), drop_needle=True)
        shown = nodes.Filter(None, GATE, [service, poster], [], None, None)
        return nodes.FilterBlock(body, shown).set_lineno(line)


def _poster(parser: Parser) -> nodes.Expr:
    if not parser.stream.skip_if("comma"):
        return nodes.Const(None)
    name = parser.stream.expect("name")
    if name.value != "poster":
        parser.fail(f"gate: unknown option {name.value}, wanted poster", name.lineno)
    parser.stream.expect("assign")
    poster = parser.parse_expression()
    if isinstance(poster, nodes.Const) and not is_poster(poster.value):
        parser.fail(f"gate: poster {poster.value!r}: wanted {WANTED}", name.lineno)
    return poster


def gated_names(environment: Environment, source: str) -> list[tuple[int, str]]:
    """
    Return line and service of every gate in a template's *source* that names it literally.

    Raises jinja2.TemplateSyntaxError.
    """
    return [
        (gate.lineno, gate.args[0].value)
        for gate in environment.parse(source).find_all(nodes.Filter)
        if gate.name == GATE and isinstance(gate.args[0], nodes.Const)
    ]


def names_in_forms(environment: Environment, source: str) -> Iterator[tuple[int, str]]:
    """
    Yield line and service of every gate that stands in a form of the same template's *source*.

    Raises jinja2.TemplateSyntaxError.
    """
    is_in_form, before = False, ""
    for line, kind, text in environment.lex(source):
        if kind == "data":
            for tag in _FORM.finditer(text):
                is_in_form = not tag[1]
        elif kind == "string" and before == "gate" and is_in_form:
            yield line, text[1:-1]
        if kind != "whitespace":
            before = text
