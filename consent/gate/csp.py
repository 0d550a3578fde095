"""
The Content-Security-Policy of a page: the site's own, and what granted services need.

With it the browser itself refuses what slipped past every gate. Sources are added as CSP Level 3
reads them: to the directive that is in force for a kind of request, which may be another one that
it falls back to (section 6.8.3), and in the place of ``'none'``. A directive that does not
restrict anything is left alone, since naming it would.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

#: Directives that get the sources of services, with those in force where one is missing.
_FALLBACKS = {
    "script-src": ("default-src",),
    "style-src": ("default-src",),
    "img-src": ("default-src",),
    "font-src": ("default-src",),
    "connect-src": ("default-src",),
    "media-src": ("default-src",),
    "frame-src": ("child-src", "default-src"),
}
#: More precise ones, which count instead where a site has them.
_PRECISE = {"script-src": "script-src-elem", "style-src": "style-src-elem"}

#: Where a base policy has the nonce of the page.
NONCE = "'nonce-{nonce}'"

_NAME = re.compile(r"[a-z][a-z-]*", re.ASCII)
_SOURCE = re.compile(r"[!-+\--:<-~]+", re.ASCII)

#: Directives whose sources are hosts and keywords.
_OF_SOURCES = re.compile(
    r"[a-z]+-src(?:-elem|-attr)?|base-uri|form-action|frame-ancestors", re.ASCII
)

#: What browsers take for the name of a host where its quotes are forgotten.
_KEYWORD = re.compile(
    r"self|none|strict-dynamic|report-sample|(?:wasm-)?unsafe-[a-z]+|(?:nonce|sha[0-9]{3})-[^.]+",
    re.ASCII | re.IGNORECASE,
)

Directives = Mapping[str, tuple[str, ...]]


def parse(given: str | Mapping[str, str | Iterable[str]]) -> Directives:
    """
    Return the directives of a policy by name, each with its sources.

    *given* is the text of a header, or its directives by name, each a text or a list of sources.
    Raises ValueError that says what cannot be read.
    """
    directives: dict[str, tuple[str, ...]] = {}
    for name, sources in _pairs(given):
        name = name.strip().lower()
        if not _NAME.fullmatch(name):
            raise ValueError(f"{name[:60]!r} is no directive")
        if name in directives:
            raise ValueError(f"{name} stands there twice")
        for source in sources:
            _look_at(source, name)
        directives[name] = tuple(sources)
    if not directives:
        raise ValueError("there is no directive")
    return directives


def _look_at(source: object, name: str) -> None:
    """Raise ValueError if *source* cannot stand behind *name*, or is surely not meant so."""
    if not isinstance(source, str) or not _SOURCE.fullmatch(source):
        raise ValueError(f"{name} has {str(source)[:60]!r}, which is no source")
    if not _OF_SOURCES.fullmatch(name):
        return
    if _KEYWORD.fullmatch(source):
        raise ValueError(f"{name} has {source[:60]} without quotes, which names a host")
    if _OF_SOURCES.fullmatch(source.lower()):
        raise ValueError(f"{name} has {source[:60]} among its sources, a semicolon is missing")


def widened(base: Directives, hosts: Iterable[str]) -> Directives:
    """Return *base* with the host patterns of granted services added where they are needed."""
    sources = tuple(dict.fromkeys(source for host in hosts for source in _sources(host)))
    wide = dict(base)
    for name, fallbacks in _FALLBACKS.items() if sources else ():
        precise = _PRECISE.get(name, name)
        in_force = next((one for one in (precise, name, *fallbacks) if one in base), None)
        if in_force is None:
            continue
        # Written under a name of its own, as others may fall back to the same directive.
        written = precise if in_force == precise else name
        more = (*sources, *map("wss://{}".format, sources)) if name == "connect-src" else sources
        wide[written] = _joined(base[in_force], more)
    return wide


def header(directives: Directives, nonce: str | None = None) -> str:
    """
    Return the value of the header.

    *nonce* is put where the base has :data:`NONCE`; None: such sources are left out.
    """
    parts = []
    for name, sources in directives.items():
        own = [s.replace("{nonce}", nonce) if nonce else s for s in sources if nonce or s != NONCE]
        parts.append(" ".join([name, *(own or ["'none'"] * bool(sources))]))
    return "; ".join(parts)


def _pairs(given: str | Mapping[str, str | Iterable[str]]) -> Iterator[tuple[str, list[str]]]:
    if isinstance(given, str):
        for text in given.split(";"):
            if words := text.split():
                yield words[0], words[1:]
        return
    for name, sources in given.items():
        several = sources.split() if isinstance(sources, str) else sources
        if not isinstance(name, str) or not isinstance(several, Iterable):
            raise ValueError(f"{name!s:.60} has {several!r:.60}, wanted a text or a list")
        yield name, list(several)


def _sources(host: str) -> tuple[str, ...]:
    """Return the sources for a host pattern; one with a path stands for all below it too."""
    host = host.replace(";", "%3B").replace(",", "%2C")
    return (host, f"{host}/") if "/" in host and not host.endswith("/") else (host,)


def _joined(own: tuple[str, ...], more: tuple[str, ...]) -> tuple[str, ...]:
    if "*" in own:
        return own
    return tuple(dict.fromkeys((*(s for s in own if s.lower() != "'none'"), *more)))
