"""
The Jinja tag ``{% gate "matomo" %} … {% endgate %}``, with ``poster="/static/film.jpg"`` if wanted.

What stands between the two reaches the page as it is if the service is granted, and inert
otherwise. Whoever sets up the environment gives it two filters. The one of the name
:data:`OPENING` tells what has to precede the markup of a service, None if the markup must be left
out. The one of the name :data:`INSIDE` takes the markup, the service, that opening and the poster,
which may be None, and returns all that is to be shown.
"""

from __future__ import annotations

from jinja2 import Environment, nodes
from jinja2.ext import Extension
from jinja2.parser import Parser

from consent.gate.frame import WANTED, is_poster

OPENING = "consent_opening"
INSIDE = "consent_inside"

_HELD = "_consent_opening"


class GateTag(Extension):
    """Puts what a gate encloses between its opening and its closing."""

    tags = {"gate"}  # noqa: RUF012 - Jinja's own class attribute

    def parse(self, parser: Parser) -> nodes.Node:
        """Read ``{% gate EXPRESSION, poster=EXPRESSION %} … {% endgate %}``."""
        line = next(parser.stream).lineno
        service = parser.parse_expression()
        poster = _poster(parser)
        asked = nodes.Filter(service, OPENING, [], [], None, None)
        body = parser.parse_statements(("name:endgate",), drop_needle=True)
        held = nodes.Name(_HELD, "load")
        let_through = nodes.Compare(held, [nodes.Operand("ne", nodes.Const(None))])
        shown = nodes.Filter(None, INSIDE, [service, held, poster], [], None, None)
        inside = nodes.FilterBlock(body, shown, lineno=line)
        gate = [
            nodes.Assign(nodes.Name(_HELD, "store"), asked.set_lineno(line)),
            nodes.If(let_through, [inside], [], []),
        ]
        return nodes.Scope(gate).set_lineno(line)


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
        (node.lineno, node.node.value)
        for node in environment.parse(source).find_all(nodes.Filter)
        if node.name == OPENING and isinstance(node.node, nodes.Const)
    ]
