"""
Markup that ends where it ends.

What stands in a gate may have an end too few or one too many: then a template would hold the rest
of the page as well, or not all that it should; and what is granted would take the opening of the
next template along, whose rest would run. Ends that are missing are added, as a browser does at the
end of a page, and what would get out of a template is told apart.
"""

from __future__ import annotations

import re
from typing import Any

from consent.gate import starttag
from consent.gate.markup import CLOSING, HUSH, opening

#: Longest stored text of which it is remembered what was found in it, and how many such texts are.
#: Pages are shown again and again.
MEMORABLE, MEMORY = 65_536, 128

#: What begins in text, and the end of a comment that began before it.
_BEGIN = re.compile(r"<(!--|/?[a-z]|[!?/])|-->", re.IGNORECASE | re.ASCII)
_COMMENT_END = re.compile(r"--!?>|(?<=<!--)-?>")
_NAME = re.compile(r"[^\t\n\f\r />]+")
#: Elements whose inside is text whether scripts run or not.
TEXTS = frozenset("iframe noembed noframes plaintext script style textarea title xmp".split())
#: What changes how a script ends (HTML, sections 13.2.5.15 to 13.2.5.31): one within a comment of
#: its own ends before it does. The dashes that begin a comment may end it, too.
_IN_SCRIPT = re.compile(r"(?ai)<!(?=--)|-->|</?script(?=[\t\n\f\r />])")
_TEMPLATE = re.compile(r"</?template", re.IGNORECASE | re.ASCII)
#: Within these, browsers pass over the beginning of a text, but not over what is in it.
_NARROW = re.compile(r"<(?:col|frameset|select)(?=[\s/>])", re.IGNORECASE | re.ASCII)
#: Other languages than HTML. There the end of a template counts where the parser knows of none, and
#: what is text in HTML is none.
_FOREIGN = re.compile(r"<(svg|math)(?=[\s/>]).*?(?:</\1|\Z)", re.IGNORECASE | re.ASCII | re.DOTALL)
_NO_TEXT = re.compile(rf"<(?:{'|'.join(TEXTS)}|!\[CDATA\[)", re.IGNORECASE | re.ASCII)

_TRIAL = "trial"


def has_tags(markup: str) -> bool:
    """Tell whether *markup* is more than text, which loads nothing."""
    return _BEGIN.search(markup) is not None


def whole(markup: str) -> str | None:
    """
    Return *markup* so that a template with it ends behind it; None: there is no way.

    >>> whole("<p>a<script>b"), whole("a<img src='b"), whole("a</template>b")
    ('<p>a<script>b</script>', 'a', None)
    """
    made = _ended(markup, is_apart=True)
    if made is None or any(_TEMPLATE.search(part) for part in _foreign(made)):
        return None
    is_plain = not _TEMPLATE.search(made) and not _is_odd(made)
    return made if is_plain or _ends_behind(made) else None


def ended(markup: str) -> str | None:
    """
    Return *markup* so that a gate which follows it in a page is one; None: there is no way.

    >>> ended("<p>a<script>b"), ended("a</template>b"), ended("<plaintext>")
    ('<p>a<script>b</script>', 'a</template>b', None)
    """
    made = _ended(markup, is_apart=False)
    if made is not None and not _is_odd(made):
        return made
    return next((one for one in (markup, made) if one is not None and _lets_follow(one)), None)


def held(markup: str, *, is_scripted: bool = True) -> list[Any] | None:
    """Return the nodes that a template with *markup* in it holds; None: it ends elsewhere."""
    # The parser takes megabytes; few gates need it.
    from justhtml import JustHTML

    from consent.gate.source import inner, readable

    text = readable(f"{opening(_TRIAL)}{markup}{CLOSING}<hr>")
    tree = JustHTML(text, sanitize=False, fragment=True, scripting_enabled=is_scripted)
    around = list(tree.root.children or ())
    if [node.name for node in around] != ["template", "hr"]:
        return None
    return inner(around[0], is_live=True)[0]


def _foreign(markup: str) -> list[str]:
    return [part[0] for part in _FOREIGN.finditer(markup)]


def _is_odd(markup: str) -> bool:
    """Tell whether only the parser knows what in *markup* is text."""
    if not _NO_TEXT.search(markup):
        return False
    return bool(_NARROW.search(markup)) or any(map(_NO_TEXT.search, _foreign(markup)))


def _lets_follow(markup: str) -> bool:
    """Tell whether a gate behind *markup* holds what is in it."""
    from consent.gate.source import inner, live

    text = f"{markup}{HUSH}{opening(_TRIAL)}<hr>{CLOSING}"
    for is_scripted in (True, False) if "<noscript" in markup.lower() else (True,):
        found = (
            len(inner(element, is_live=True)[0])
            for element in live(text, is_scripted=is_scripted)
            if element.attrs.get("data-consent") == _TRIAL
        )
        if next(found, None) != 1:
            return False
    return True


def _ends_behind(markup: str) -> bool:
    # A sign at the end: what a template ends too early with would be in nobody's way. It is no
    # comment, as it would end one that the markup leaves open.
    signed = f"{markup}<wbr>"
    return all(held(signed, is_scripted=one) is not None for one in (True, False))


def _ended(markup: str, *, is_apart: bool) -> str | None:
    """
    Return *markup* with all ends of comments, texts and tags; None: it cannot have them.

    *is_apart*: nor has it a comment's end too many.
    """
    made = _tokens_ended(markup, TEXTS, is_apart=is_apart)
    if made is None or "<noscript" not in made.lower():
        return made
    # It is text where scripts run.
    read = _tokens_ended(made, TEXTS | {"noscript"}, is_apart=is_apart)
    return read if read is not None and read.startswith(made) else None


def _tokens_ended(markup: str, texts: frozenset[str], *, is_apart: bool) -> str | None:
    position, missing = 0, ""  # missing: what ends the text that ends at the position
    while found := _BEGIN.search(markup, position):
        what, after = found[1], _after(markup, found)
        if what is None and is_apart:
            return None
        if after is None:
            return f"{markup}-->" if what == "!--" else f"{markup[: found.start()]}{missing}"
        position, missing = after, ""
        name = _NAME.match(markup, found.start() + 1) if what and what.isalpha() else None
        kind = name[0].lower() if name else ""
        if kind == "plaintext":
            return None
        if kind in texts:
            closing, missing = _closing(markup, after, kind)
            if closing is None:
                return f"{markup}{missing}"
            position = closing.start()
    return markup


def _closing(markup: str, start: int, kind: str) -> tuple[re.Match[str] | None, str]:
    """Return the end tag of a text from *start* on, or None and what would end it."""
    end = f"</{kind}>"
    if kind != "script":
        return re.compile(rf"(?ai)</{kind}(?=[\t\n\f\r />])").search(markup, start), end
    depth = 0  # 1: in a comment, 2: in a script within it
    for found in _IN_SCRIPT.finditer(markup, start):
        match found[0].lower():
            case "<!":
                depth = depth or 1
            case "-->":
                depth = 0
            case "<script":
                depth = depth and 2
            case _ if depth < 2:
                return found, end
            case _:
                depth = 1
    return None, end * max(depth, 1)


def _after(markup: str, found: re.Match[str]) -> int | None:
    """Return where the comment or tag that was *found* in text ends; None: nowhere."""
    if found[1] is None:
        return found.end()
    if found[1] == "!--":
        comment = _COMMENT_END.search(markup, found.end())
        return comment.end() if comment else None
    if found[1] in ("!", "?", "/"):
        return markup.find(">", found.end()) + 1 or None
    return starttag.end(markup, found.start())
