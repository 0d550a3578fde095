"""
Markup that is there but cannot run or load.

A ``<template>`` is inert by the HTML standard: nothing in it runs or loads, whether our script
arrives or not (requirements GA-02). Firefox looks ahead into it all the same and is kept from it.
"""

from __future__ import annotations

import re
from functools import lru_cache

from consent.gate import starttag

CLOSING = "</template>"

#: Stands for the service where any grant will do. No service can be called so.
ANY = "*"

#: Stands before templates. Firefox asks in advance for images in them, and for styles and scripts
#: that stand behind other content there. It holds that against policies that it finds in advance,
#: which count for nothing else: this one forbids all but what a script of the page prepares.
HUSH = (
    "<template><p><meta http-equiv=Content-Security-Policy"
    " content=\"default-src 'none'; script-src 'strict-dynamic'\"></template>"
)

#: Stands before a gate whose markup does not begin with a tag, so that it may be part of a script
#: or a style of another template: it ends these. Elsewhere browsers pass over it.
OUT = "</script></style>"

#: One that is not told already to be loaded lazily, as where a text comes a second time.
_IMAGE = re.compile(r"<(?:img|image)(?=[\s/>])(?! loading=lazy[\s/>])", re.IGNORECASE)
#: What a link says that only makes other things faster.
_HINT = re.compile(
    r"""[\s/"']rel\s*+=\s*+["']?+[^"'>]*(?:pre(?:load|fetch|connect|render)|dictionary)""",
    re.IGNORECASE,
)

#: What Firefox asks for in advance, or may.
_HURRIED = frozenset({"image", "img", "link", "source"})

#: How much markup is remembered as it may stand in a template: a page is asked for more often.
MEMORY = 256


def held(banner: str, *, notice: str, signals: str, state: str) -> str:
    """
    Return the *banner* inert, for a page that is the same for every visitor.

    The script finds out whether to show it: at once if the visitor's cookie was made under the
    same *notice* (its ref) and no *signals* say otherwise, else by asking at *state*.

    >>> held("<p>", notice="n", signals="gpc", state="/s")
    '<template data-consent-held="n" data-signals="gpc" data-state="/s"><p></template>'
    """
    facts = f'data-consent-held="{notice}" data-signals="{signals}" data-state="{state}"'
    return f"<template {facts}>{banner}{CLOSING}"


def opening(service: str) -> str:
    """
    Return what makes the markup after it inert until :data:`CLOSING`.

    >>> opening("matomo") + "<script src=x></script>" + CLOSING
    '<template data-consent="matomo"><script src=x></script></template>'
    """
    return f'<template data-consent="{service}">'


def waiting(service: str, markup: str) -> str:
    """
    Return *markup* of our own for *service*, inert.

    >>> waiting("matomo", "<script src=x></script>")
    '<template data-consent="matomo"><script src=x></script></template>'
    """
    return f"{opening(service)}{markup}{CLOSING}"


def unhurried(markup: str) -> str:
    """
    Return *markup* as it may stand in a template, without what asks to be fetched in advance.

    Hints are left out. Firefox asks for images of several sizes whatever a policy says, unless
    they are to be loaded lazily; sizes for an image that stands elsewhere are left out, too.
    Scripts stay as they are, whatever they write.

    >>> unhurried('<link rel=preload as=image href=x><img srcset="x 2x">')
    '<img loading=lazy srcset="x 2x">'
    """
    lower = markup.lower()
    if "<link" not in lower and "srcset" not in lower:
        return markup
    for is_scripted in (True, False) if "<noscript" in lower else (True,):
        markup = _calmed(markup, is_scripted)
    return markup


@lru_cache(MEMORY)
def _calmed(markup: str, is_scripted: bool) -> str:
    """Return *markup* calm, as a browser reads it that runs scripts, or one that does not."""
    # The parser takes megabytes; few gates need it.
    from consent.gate.source import Source

    lower = markup.lower()
    has_picture, has_sizes = "<picture" in lower, "srcset" in lower
    names = {place.start: place.node.name for place in Source(markup, is_scripted).places}
    pieces, position = [], 0
    # Only real tags: what looks like one in a text or a value may end where that does not.
    for start in sorted(start for start in names if start is not None):
        end = starttag.end(markup, start) if names[start] in _HURRIED else None
        if end is None or start < position:
            continue
        tag, name = markup[start:end], names[start]
        if name == "link":
            tag = "" if _HINT.search(tag) else tag
        elif name == "source":
            tag = tag if has_picture or "srcset" not in tag.lower() else ""
        elif has_sizes and (image := _IMAGE.match(tag)):
            rest = tag[image.end() :]
            apart = " " if rest.startswith("/") else ""  # else it would be part of the value
            tag = f"{image[0].lower()} loading=lazy{apart}{rest}"
        pieces += [markup[position:start], tag]
        position = end
    return "".join([*pieces, markup[position:]])
