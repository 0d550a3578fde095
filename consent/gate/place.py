"""
Where in a page a gate stands, as far as its own template tells.

The tags of Jinja are passed over, and what stands between them is read in the order of the
source, whatever is left out in the end.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator

from jinja2.lexer import Token

from consent.gate.whole import TEXTS

#: Of a gate that stands in a tag.
TAG = "tag"

#: Where no template can be: what stands there is text, or belongs to a tag or to a set of frames.
SHUT = TEXTS | {TAG, "frameset"}

#: Where other languages than HTML stand, and what is HTML in these again.
FOREIGN = frozenset({"svg", "math"})
_HTML_AGAIN = {"foreignobject", "annotation-xml", "desc"}

#: Where a placeholder would end what it stands in, or be left out of it.
NARROW = ("head", "form", "button", "a", "select")

_NAMES = "|".join([*TEXTS, *FOREIGN, *_HTML_AGAIN, *NARROW, "frameset", "body"])
_MARKUP = re.compile(rf"<!--|-->|<(/?)({_NAMES})(?=[\s/>]|$)(?:[^<>]*(/)>)?", re.IGNORECASE)
_EDGE = re.compile(r"<[/a-z]|>", re.IGNORECASE)


class Reader:
    """Reads the HTML of a template, part by part."""

    def __init__(self) -> None:
        self._open: set[str] = set()
        self._gates: list[tuple[str, bool]] = []
        self._text = ""  # what is text up to its end: an element, or a comment
        self._is_tag = False

    @property
    def place(self) -> str:
        """What is around the point that was reached; nothing: nothing that matters."""
        if self._text:
            return self._text if self._text in SHUT else ""
        if self._is_tag:
            return TAG
        inside = self._open - FOREIGN if self._open & _HTML_AGAIN else self._open
        return next((name for name in ("frameset", *FOREIGN, *NARROW) if name in inside), "")

    def read(self, html: str) -> None:
        """Go on behind *html*."""
        for found in _MARKUP.finditer(html):
            name = (found[2] or "").lower()
            is_end = bool(found[1] or (found[3] and name in FOREIGN))
            self._pass(found[0], name, is_end=is_end)
        if edges := _EDGE.findall(html):
            self._is_tag = edges[-1] != ">"

    def enter(self) -> None:
        """Go into a gate."""
        self._gates.append((self._text, self._is_tag))

    def leave(self) -> None:
        """Go on behind a gate. What stands in it ends there, as missing ends are added."""
        if self._gates:
            self._text, self._is_tag = self._gates.pop()

    def _pass(self, markup: str, name: str, *, is_end: bool) -> None:
        if self._text:
            if markup == "-->" if self._text == "comment" else is_end and name == self._text:
                self._text = ""
        elif markup == "<!--":
            self._text = "comment"
        elif is_end and name not in TEXTS:
            self._open.discard(name)
        elif name in TEXTS:
            self._text = "" if is_end else name
        elif name:
            self._open.add(name)
            self._open -= {"head"} if name == "body" else set()


def placed(tokens: Iterable[Token], gates: Collection[str]) -> Iterator[Token]:
    """
    Give *tokens* of a template, and more behind the name of each of its *gates*.

    One says where the gate stands, and before that one, if so, that the template extends another.
    """
    reader, before, is_child = Reader(), "", False
    for token in tokens:
        yield token
        if token.type == "data":
            reader.read(token.value)
        elif token.type == "name" and before == "block_begin":
            is_child = is_child or token.value == "extends"
            if token.value in gates:
                if is_child:
                    yield Token(token.lineno, "child", "")
                yield Token(token.lineno, "place", reader.place)
                reader.enter()
            elif token.value == "endgate":
                reader.leave()
        before = token.type
