"""
Markup that is there but cannot run or load.

A ``<template>`` is inert by the HTML standard: nothing in it runs or loads, whether our script
arrives or not (requirements GA-02). Firefox looks ahead into it all the same and is kept from it.
"""

from __future__ import annotations

import re

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
_LINK = re.compile(r"<link\b[^>]*>", re.IGNORECASE)
_SOURCE = re.compile(r"<source\b[^<>]*srcset[^<>]*>", re.IGNORECASE)
#: Its inside is text, but in other languages than HTML.
_SCRIPT = re.compile(r"(<script(?=[\s/>]).*?(?:</script|\Z))", re.IGNORECASE | re.ASCII | re.DOTALL)
#: What a link says that only makes other things faster.
_HINT = re.compile(
    r"""[\s/"']rel\s*+=\s*+["']?+[^"'>]*(?:pre(?:load|fetch|connect|render)|dictionary)""",
    re.IGNORECASE,
)


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
    if "<script" not in lower or "<svg" in lower or "<math" in lower:
        return _calmed(markup, lower)
    parts = _SCRIPT.split(markup)
    parts[::2] = [_calmed(part, lower) for part in parts[::2]]
    return "".join(parts)


def _calmed(part: str, lower: str) -> str:
    if "<link" in lower:
        # Behind the last tag no end of one would be found, however often it is looked for.
        end = part.rfind(">") + 1
        part = _LINK.sub(_unless_hint, part[:end]) + part[end:]
    if "srcset" in lower:
        part = _IMAGE.sub(lambda tag: f"{tag[0].lower()} loading=lazy", part)
        if "<picture" not in lower:
            part = _SOURCE.sub("", part)
    return part


def _unless_hint(link: re.Match[str]) -> str:
    return "" if _HINT.search(link[0]) else link[0]
