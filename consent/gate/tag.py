"""
The Jinja tag ``{% gate "matomo" %} … {% endgate %}``.

What stands between the two reaches the page as it is if the service is granted, and inert
otherwise.
"""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from typing import Any

from jinja2 import Environment, nodes
from jinja2.ext import Extension
from jinja2.parser import Parser


class GateTag(Extension):
    """Hands the enclosed markup to ``consent.gate(service, markup)`` of the environment."""

    tags = {"gate"}  # noqa: RUF012 - Jinja's own class attribute

    def parse(self, parser: Parser) -> nodes.Node:
        """Read ``{% gate EXPRESSION %} … {% endgate %}``."""
        line = next(parser.stream).lineno
        service = parser.parse_expression()
        body = parser.parse_statements(("name:endgate",), drop_needle=True)
        closed = nodes.CallBlock(self.call_method("_gate", [service]), [], [], body)
        if any(node.find(nodes.Block) for node in [nodes.Output(body)]):
            return closed.set_lineno(line)
        # What is granted goes to the page without a detour. A block may not stand twice.
        granted = nodes.Test(deepcopy(service), "granted", [], [], None, None)
        opened = nodes.If(granted, [nodes.Scope(deepcopy(body))], [], [closed])
        return opened.set_lineno(line)

    def _gate(self, service: str, caller: Callable[[], str]) -> str:
        consent: Any = self.environment.globals["consent"]
        return str(consent.gate(service, caller()))


def gated_names(environment: Environment, source: str) -> list[tuple[int, str]]:
    """
    Return line and service of every gate in a template's *source* that names it literally.

    Raises jinja2.TemplateSyntaxError.
    """
    return [
        (node.lineno, node.call.args[0].value)
        for node in environment.parse(source).find_all(nodes.CallBlock)
        if isinstance(node.call.node, nodes.ExtensionAttribute)
        and node.call.node.identifier == GateTag.identifier
        and isinstance(node.call.args[0], nodes.Const)
    ]
