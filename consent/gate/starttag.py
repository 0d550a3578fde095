"""
Start tags as they stand in the source (HTML, section 13.2.5, "tokenization").

The parser tells what a tag means, and these where its parts are, so that one attribute can be
taken out and everything else stays byte for byte.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

_NAME = re.compile(r"</?[^\t\n\f\r />]++")
#: One that the source ends in is none.
_ATTRIBUTE = re.compile(
    r"[\t\n\f\r /]*([^\t\n\f\r />][^\t\n\f\r />=]*+)"
    r"(?:[\t\n\f\r ]*=[\t\n\f\r ]*(?:\"[^\"]*\"|'[^']*'|[^\"'\t\n\f\r >][^\t\n\f\r >]*|(?=>))"
    r"|(?![\t\n\f\r ]*=))"
)
_CLOSE = re.compile(r"[\t\n\f\r /]*>")
_TAG = re.compile(f"{_NAME.pattern}(?:{_ATTRIBUTE.pattern})*+{_CLOSE.pattern}")


def attributes(html: str, start: int) -> Iterator[tuple[str, int, int]]:
    """
    Give the name, beginning and end of each attribute of the tag that begins at *start*.

    The space before it belongs to an attribute. The last one has no name: it is the end of the
    tag. If that is missing, nothing is given.
    """
    found = _NAME.match(html, start)
    while found:
        if close := _CLOSE.match(html, found.end()):
            yield "", found.end(), close.end()
            return
        found = _ATTRIBUTE.match(html, found.end())
        if found:
            yield found[1].lower(), found.start(), found.end()


def end(html: str, start: int) -> int | None:
    """Return where the tag that begins at *start* ends, or None if it never does."""
    found = _TAG.match(html, start)
    return found.end() if found else None
