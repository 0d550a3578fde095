"""
The Jinja tag ``{% gate "matomo" %} … {% endgate %}``, with ``poster="/static/film.jpg"`` if wanted.

What stands between the two reaches the page as it is if the service is granted, and inert
otherwise. Whoever sets up the environment gives it a filter of the name :data:`GATE`, which takes
the context, the markup, the service and the poster, which may be None, and returns what is to be
shown.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from jinja2 import Environment, nodes
from jinja2.ext import Extension
from jinja2.lexer import Token, TokenStream
from jinja2.parser import Parser

from consent.gate.frame import WANTED, is_poster

GATE = "consent_gate"

#: A tag that no template can have, as a name ends before a dot: a gate around nothing but text.
_PLAIN = "gate."

#: What follows its opening.
_ENCLOSES_TEXT = ("data", "block_begin", "name:endgate")

_FORM = re.compile(r"<(/?)form\b", re.IGNORECASE)


class GateTag(Extension):
    """Sends what a gate encloses through its filter."""

    tags = {"gate", _PLAIN}  # noqa: RUF012 - Jinja's own class attribute

    def filter_stream(self, stream: TokenStream) -> Iterable[Token]:
        """Mark the gates of a *stream* that enclose only text, which is the same on each page."""
        tokens = list(stream)
        if stands_alone(tokens):
            for at in _plain(tokens):
                tokens[at] = Token(tokens[at].lineno, "name", _PLAIN)
        return tokens

    def parse(self, parser: Parser) -> nodes.Node:
        """Read ``{% gate EXPRESSION, poster=EXPRESSION %} … {% endgate %}``."""
        stream = parser.stream
        line, _, tag = next(stream)
        service = parser.parse_expression()
        poster = _poster(parser)
        body: list[nodes.Node] = []
        markup: nodes.Expr | None = None
        if tag == _PLAIN:
            stream.expect("block_end")
            markup = nodes.Const(stream.expect("data").value)
            stream.expect("block_begin")
            stream.expect("name:endgate")
        else:
            body = parser.parse_statements(("name:endgate",), drop_needle=True)
        shown = nodes.Filter(markup, GATE, [service, poster], [], None, None)
        return nodes.FilterBlock(body, shown).set_lineno(line)


def stands_alone(tokens: Iterable[Token]) -> bool:
    """
    Tell whether a template of these *tokens* may be compiled to tags that print by themselves.

    Beside the blocks of one that extends another, Jinja leaves out what text and expressions
    print, and what tags print is sent before everything else.
    """
    return not any(token.test("name:extends") for token in tokens)


def _plain(tokens: list[Token]) -> Iterator[int]:
    """Give the places in *tokens* of the names of gates that enclose only text."""
    begins = -1
    for at, token in enumerate(tokens):
        if token.type == "block_begin":
            begins = at + 1
        elif token.type == "block_end" and tokens[begins].test("name:gate"):
            inside = tokens[at + 1 : at + 4]
            if len(inside) == 3 and all(map(Token.test, inside, _ENCLOSES_TEXT)):
                yield begins


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
