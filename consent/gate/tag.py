"""
The Jinja tag ``{% gate "matomo" %} … {% endgate %}``, with ``poster="/static/film.jpg"`` if wanted.

What stands between the two reaches the page as it is if the service is granted, and inert
otherwise. Whoever sets up the environment gives it a filter of the name :data:`GATE`, which takes
the context, the markup, the service, the poster, which may be None, and the place where the gate
stands, and returns what is to be shown.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby

from jinja2 import Environment, nodes
from jinja2.ext import Extension
from jinja2.lexer import Token, TokenStream
from jinja2.parser import Parser

from consent.gate.frame import WANTED, is_poster
from consent.gate.place import placed

GATE = "consent_gate"

#: A tag that no template can have, as a name ends before a dot: a gate around nothing but text.
_PLAIN = "gate."

#: What follows its opening.
_ENCLOSES_TEXT = ("data", "block_begin", "name:endgate")

#: What is shown elsewhere than where it stands. Outside of these, a template that extends another
#: shows nothing.
_ELSEWHERE = frozenset({"block", "call", "macro", "set"})


@dataclass(frozen=True, slots=True)
class Gate:
    """A gate in the source of a template."""

    line: int
    service: str  #: nothing if that is not known before the template is rendered
    name: str  #: of the variable that says which service it is, if it is one
    place: str  #: what it stands in, as :mod:`consent.gate.place` tells


class GateTag(Extension):
    """Sends what a gate encloses through its filter."""

    tags = {"gate", _PLAIN}  # noqa: RUF012 - Jinja's own class attribute

    def filter_stream(self, stream: TokenStream) -> Iterable[Token]:
        """
        Note at each gate of a *stream* where it stands.

        Mark those that enclose only text, which is the same on each page.
        """
        tokens = list(stream)
        if stands_alone(tokens):
            for at in _plain(tokens):
                tokens[at] = Token(tokens[at].lineno, "name", _PLAIN)
        return placed(tokens, self.tags)

    def parse(self, parser: Parser) -> nodes.Node:
        """Read ``{% gate EXPRESSION, poster=EXPRESSION %} … {% endgate %}``."""
        stream = parser.stream
        line, _, tag = next(stream)
        around = parser._tag_stack  # noqa: SLF001 - nothing else tells
        if stream.skip_if("child") and _ELSEWHERE.isdisjoint(around):
            parser.fail(
                "gate: it stands outside of all blocks in a template that extends another, where "
                "it would hold nothing back; hint: put the gate into the block",
                line,
            )
        place = stream.expect("place").value
        service = parser.parse_expression()
        if isinstance(service, nodes.Literal) and not _is_text(service):
            parser.fail("gate: wanted the name of one service", line)
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
        told = [service, poster, nodes.Const(place)]
        shown = nodes.Filter(markup, GATE, told, [], None, None)
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


def _is_text(literal: nodes.Literal) -> bool:
    return isinstance(literal, nodes.Const) and isinstance(literal.value, str)


def _poster(parser: Parser) -> nodes.Expr:
    if not parser.stream.skip_if("comma"):
        return nodes.Const(None)
    name = next(parser.stream)
    if name.value != "poster":
        hint = "; hint: for several services put one gate into the other"
        parser.fail(f"gate: unknown option {name.value}, wanted poster{hint}", name.lineno)
    parser.stream.expect("assign")
    poster = parser.parse_expression()
    if isinstance(poster, nodes.Const) and not is_poster(poster.value):
        parser.fail(f"gate: poster {poster.value!r}: wanted {WANTED}", name.lineno)
    return poster


def gates(environment: Environment, source: str) -> list[Gate]:
    """
    Return every gate in a template's *source*.

    Raises jinja2.TemplateSyntaxError.
    """
    found = environment.parse(source).find_all(nodes.Filter)
    return [_told(gate) for gate in found if gate.name == GATE]


def ungated(environment: Environment, source: str, put: str) -> tuple[str, set[str]]:
    """
    Return what a template's *source* has outside of gates, and what it includes within one.

    That is its text, with *put* for whatever is put into it, and without what waits for consent in
    another way that we offer. The names are of other templates. Raises jinja2.TemplateSyntaxError.
    """
    texts, included = list[str](), set[str]()

    def walk(node: nodes.Node, *, waits: bool) -> None:
        if isinstance(node, nodes.Output) and not waits:
            parts = (getattr(part, "data", put) for part in node.nodes)
            texts.extend(part for part, _ in groupby(parts))  # a host and a path are one address
        if isinstance(node, nodes.Include) and waits and isinstance(node.template, nodes.Const):
            included.add(str(node.template.value))
        within = waits or (isinstance(node, nodes.FilterBlock) and _holds(node.filter))
        for name, value in node.iter_fields():
            asks = name == "body" and isinstance(node, nodes.If) and _asks(node)
            for child in value if isinstance(value, list) else (value,):
                if isinstance(child, nodes.Node):
                    walk(child, waits=within or asks)

    walk(environment.parse(source), waits=False)
    return "".join(texts), included


def _holds(filter: nodes.Filter) -> bool:
    return filter.name in (GATE, "gated")


def _asks(choice: nodes.If) -> bool:
    """Tell whether the condition of a *choice* is a visitor's consent, or may be."""
    condition = nodes.Not(choice.test)  # of which it is a part, so that it is looked at itself
    permits = any(node.attr == "permits" for node in condition.find_all(nodes.Getattr))
    return permits or any(node.name == "granted" for node in condition.find_all(nodes.Test))


def _told(gate: nodes.Filter) -> Gate:
    service, _, place = gate.args
    return Gate(
        gate.lineno,
        service.value if isinstance(service, nodes.Const) else "",
        service.name if isinstance(service, nodes.Name) else "",
        place.as_const(),
    )
