"""
``{{ consent.head() }}``, ``{{ consent.banner() }}``, ``{{ consent.settings_link() }}`` at once.

Every page has these three. At each call Jinja finds out anew what it calls and what that wants
from it, and escapes what comes back; for most visitors this takes longer than all that has to be
found out about them. So where a template calls one of them without arguments, it is compiled to
what needs none of that. Templates mean what they meant: another object of the name ``consent`` is
called as ever.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Iterator, Mapping

from jinja2 import Environment, nodes, pass_context
from jinja2.compiler import CodeGenerator
from jinja2.ext import Extension
from jinja2.lexer import Token, TokenStream
from jinja2.parser import Parser
from jinja2.runtime import Context
from markupsafe import escape

from consent.gate.tag import stands_alone
from consent.web.visit import HELD, Visit, begin, current_request

#: What is called: it gets the visit and returns what is safe in HTML.
Act = Callable[[Visit], str]

#: A tag that no template can have: a name ends before a dot.
_TAG = "consent."

#: What is replaced by it.
_CALL = ("variable_begin", "name", "dot", "name", "lparen", "rparen", "variable_end")


class Calls(Extension):
    """Compiles the calls that :func:`install` has made filters of."""

    tags = {_TAG}  # noqa: RUF012 - Jinja's own class attribute

    def filter_stream(self, stream: TokenStream) -> Iterable[Token]:
        """Put the tag where *stream* has one of the calls and nothing depends on how it is made."""
        tokens, templates = list(stream), self.environment
        if (
            templates.sandboxed
            or templates.is_async
            or templates.finalize
            or templates.code_generator_class is not CodeGenerator
            or not stands_alone(tokens)
        ):
            return tokens
        return _shortened(tokens, templates.filters)

    def parse(self, parser: Parser) -> nodes.Node:
        """Read the tag that stands for a call."""
        line = next(parser.stream).lineno
        name = next(parser.stream).value
        called = nodes.Filter(nodes.Name("consent", "load"), _TAG + name, [], [], None, None)
        return nodes.FilterBlock([], called).set_lineno(line)


def install(templates: Environment, kind: type, acts: Mapping[str, Act]) -> None:
    """
    Let *templates* call an object of exactly this *kind* at once where it is ``consent``.

    *acts* are what is called, by the name of the method that does the same.
    """
    for name, act in acts.items():
        templates.filters[_TAG + name] = _caller(kind, name, act)
    templates.add_extension(Calls)


def _shortened(tokens: list[Token], filters: Container[str]) -> Iterator[Token]:
    length, done = len(_CALL), 0
    for at, token in enumerate(tokens):
        if at < done:
            continue
        found = tokens[at : at + length]
        if (
            tuple(part.type for part in found) == _CALL
            and found[1].value == "consent"
            and _TAG + found[3].value in filters
        ):
            line, done = token.lineno, at + length
            yield Token(line, "block_begin", "")
            yield Token(line, "name", _TAG)
            yield found[3]
            yield Token(line, "block_end", "")
        else:
            yield token


def _caller(kind: type, name: str, act: Act) -> Callable[[Context, object], str]:
    @pass_context
    def call(context: Context, called: object) -> str:
        if type(called) is kind:
            asked = current_request()
            return act(getattr(asked, HELD, None) or begin(asked))
        value = context.call(context.environment.getattr(called, name))
        return escape(value) if context.eval_ctx.autoescape else str(value)

    return call
