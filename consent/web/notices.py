"""
The notices of one app: those shown now, and what earlier ones said.

A notice is rendered once per language and kept; a page then only fills in where to return
to. Earlier notices are looked up in the log's store when a cookie names one, never more often
than every half minute: a page view does not depend on a database that is down.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from html import escape
from typing import Any

from flask import Flask, Request, request, url_for
from markupsafe import Markup

from consent.errors import LogError
from consent.gate.markup import held, opening
from consent.log.document import Document
from consent.log.store import Store
from consent.policy.model import Policy
from consent.policy.notice import Notice, complete, content, read
from consent.policy.wording import SIMPLE_GERMAN, Say
from consent.web.assets import (
    DIALOG,
    FORGET,
    FRAME,
    HELD,
    PAGES,
    PLACEMENTS,
    SCRIPT,
    SIMPLE,
    STYLE,
    WHOLE,
    load,
)
from consent.web.cookies import own_items

MEDIA_TYPE = "application/json"

#: Seconds between two looks into the store for notices that this process does not know.
PAUSE = 30.0

#: How many banners that ask again are remembered: one for each set of services asked about.
MEMORY = 256

# What a page fills in. Private-use characters cannot come from a template or a text.
_MARKS = _NEXT, _DIRECT, _HASH, _FRAMED = tuple(f"\ue000{n}\ue001" for n in range(4))
#: What a banner is about that asks again: notice, mount point, services, signal.
_Asked = tuple[str, str, frozenset[str], str | None]

#: Text that is cut where a page fills in the path to return to.
_Cut = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Shown:
    """A notice of today, with its layers ready to be put into a page."""

    notice: Notice
    say: Say
    link: Markup  #: to the settings
    withdrawal: _Cut  #: the same with a button beside it
    table: Markup  #: of all services, for the privacy page
    banner: _Cut
    held: _Cut  #: the banner as pages have it that show nobody's choice
    #: By service and whether with a way to it: the parts before and after the place for a size.
    openings: Mapping[tuple[str, bool], tuple[_Cut, ...]]
    documents: tuple[Document, ...]  #: what the store must hold before anybody decides

    def banner_at(self, path: str) -> Markup:
        """Return the banner for the page at *path*, which is ready to be put into HTML."""
        return Markup(path.join(self.banner))

    def withdrawal_at(self, path: str) -> Markup:
        """Return the link to the settings with a button to withdraw."""
        return Markup(path.join(self.withdrawal))

    def held_at(self, path: str) -> Markup:
        """Return the banner, inert, for a page that is the same for everybody."""
        return Markup(path.join(self.held))

    def opening(self, service: str, path: str, direct: str = "") -> list[str] | None:
        """
        Return what makes the markup of *service* inert, after its placeholder if it has one.

        Those are two parts, and the size of the placeholder belongs between them, or one. None if
        the service is not offered. *direct* is an address at the provider's.
        """
        parts = self.openings.get((service, bool(direct)))
        if parts is None:
            return None
        if direct:
            direct = escape(direct)
            parts = tuple(tuple(text.replace(_DIRECT, direct) for text in cut) for cut in parts)
        return [path.join(cut) for cut in parts]


@dataclass
class NoticeBook:
    """Knows the notices of one app."""

    app: Flask
    policy: Policy
    store: Store
    _shown: dict[tuple[str, str, str], Shown] = field(default_factory=dict)
    _again: dict[_Asked, _Cut] = field(default_factory=dict)
    _terms: dict[str, Mapping[str, str]] = field(default_factory=dict)
    _looked: float = float("-inf")

    def shown(self, language: str, request: Request) -> Shown:
        """Return what visitors are shown now in *language*, with the addresses of *request*."""
        key = (language, request.root_path, request.scheme)
        shown = self._shown.get(key)
        if shown is None or self.app.config["DEBUG"]:
            shown = self._shown[key] = self._render(language, request.is_secure)
            self._terms[shown.notice.ref] = shown.notice.terms
        return shown

    def by_hash(self, hash: str, request: Request) -> Shown | None:
        """Return the notice of today with this hash, in whatever language, or None."""
        for language in self.policy.languages:
            shown = self.shown(language, request)
            if shown.notice.hash == hash:
                return shown
        return None

    def again(
        self, shown: Shown, asked: frozenset[str], signal: str | None, request: Request, path: str
    ) -> Markup:
        """
        Return the banner for somebody who decided before, about the *asked* services only.

        *signal* is the name of what has paused them; None: they are new.
        """
        key = (shown.notice.hash, request.root_path, asked, signal)
        cut = self._again.get(key)
        if cut is None:
            cut = self._ask_again(shown, asked, signal)
            if len(self._again) < MEMORY:
                self._again[key] = cut
        return Markup(path.join(cut))

    def terms(self, ref: str) -> Mapping[str, str] | None:
        """Return the terms that the notice with this ref stated, or None if it is unknown."""
        if ref not in self._terms:
            self._learn()
        return self._terms.get(ref)

    def _learn(self) -> None:
        now = time.monotonic()
        if now - self._looked < PAUSE:
            return
        self._looked = now
        for language in self.policy.languages:
            self.shown(language, request)
        try:
            for document in self.store.documents(MEDIA_TYPE):
                notice = read(document.body)
                self._terms[notice.ref] = notice.terms
        except LogError:
            self.app.logger.warning(
                "consent: earlier notices cannot be read; visitors who decided under one are "
                "asked again"
            )

    def _ask_again(self, shown: Shown, asked: frozenset[str], signal: str | None) -> _Cut:
        context = _context(shown.notice.content, shown.say) | {"asked": asked, "signal": signal}
        context |= addresses(self.policy, shown.notice.language)
        text = self.fragment("banner", **context).replace(_HASH, shown.notice.hash)
        return _cut(text)

    def _render(self, language: str, secure: bool) -> Shown:
        facts = content(self.policy, language, own_items(self.policy, secure))
        say = Say(facts["texts"], language)
        layers = dict(self._layers(facts, say, language))
        scripts = (SCRIPT, DIALOG, WHOLE, HELD, FORGET)
        simple = SIMPLE if language == SIMPLE_GERMAN else None
        names = (STYLE, PLACEMENTS.get(self.policy.placement), simple, PAGES, FRAME, *scripts)
        files = [load(name) for name in names if name]
        notice = complete(
            facts,
            {name: _empty(text) for name, text in layers.items()},
            {asset.name: asset.hash for asset in files},
        )
        documents = (
            Document(MEDIA_TYPE, notice.body),
            *(Document(asset.media_type, asset.body) for asset in files),
        )
        ready = {name: text.replace(_HASH, notice.hash) for name, text in layers.items()}
        return Shown(
            notice,
            say,
            link=Markup(ready["link"]),
            withdrawal=_cut(ready["withdrawal"]),
            table=Markup(ready["table"]),
            banner=_cut(ready["banner"]),
            held=_cut(self._held(ready["banner"], notice, language)),
            openings=_openings(notice.terms, ready),
            documents=documents,
        )

    def _held(self, banner: str, notice: Notice, language: str) -> str:
        if not notice.terms:
            return ""
        state = addresses(self.policy, language)["state_url"]
        signals = " ".join(self.policy.signals)
        return held(banner, notice=notice.ref, signals=signals, state=state)

    def _layers(
        self, facts: Mapping[str, Any], say: Say, language: str
    ) -> Iterator[tuple[str, str]]:
        context = _context(facts, say)
        context |= addresses(self.policy, language)
        yield "banner", self.fragment("banner", **context)
        yield "settings", self.fragment("settings", **context, granted=(), decided=False)
        yield "link", self.fragment("link", **context)
        yield "withdrawal", self.fragment("link", **context, granted=True)
        yield "table", self.fragment("table", **context)
        for service in facts["services"]:
            if service["embed"]:
                context |= {"service": service, "frame": _FRAMED}
                yield f"placeholder:{service['id']}", self.fragment("placeholder", **context)
                yield (
                    f"placeholder:{service['id']}:direct",
                    self.fragment("placeholder", **context, direct=_DIRECT),
                )

    def fragment(self, name: str, **context: Any) -> str:
        """
        Render one of our templates, the site's version of it if it has one.

        Context processors of the site are left out: what visitors are shown must not differ
        from one to the next.
        """
        return self.app.jinja_env.get_template(f"consent/{name}.html").render(**context)


def _context(facts: Mapping[str, Any], say: Say) -> dict[str, Any]:
    return {"notice": facts, "say": say, "next": _NEXT, "notice_hash": _HASH}


def addresses(policy: Policy, language: str) -> dict[str, str]:
    """Return the addresses that templates link to."""
    choose = f"?lang={language}" if len(policy.languages) > 1 else ""
    return {
        "choice_url": url_for("consentry.choice"),
        "settings_url": url_for("consentry.settings") + choose,
        "receipt_url": url_for("consentry.receipt") + choose,
        "state_url": url_for("consentry.state") + choose,
    }


def styles(store: Store, notice: Notice, names: Iterable[str]) -> bytes:
    """
    Return the style sheets among *names* that *notice* was shown with, one after the other.

    Raises LogError. One that is not kept, as nobody has decided yet, is the one of today.
    """
    files = notice.content["files"]
    documents = ((name, store.document(files[name])) for name in names if name in files)
    return b"\n".join(found.body if found else load(name).body for name, found in documents)


def _openings(
    services: Iterable[str], layers: Mapping[str, str]
) -> dict[tuple[str, bool], tuple[_Cut, ...]]:
    return {
        (service, direct): tuple(map(_cut, opening(service, layers.get(name, "")).split(_FRAMED)))
        for service in services
        for direct, name in (
            (False, f"placeholder:{service}"),
            (True, f"placeholder:{service}:direct"),
        )
    }


def _cut(text: str) -> _Cut:
    return tuple(text.split(_NEXT))


def _empty(layer: str) -> str:
    for mark in _MARKS:
        layer = layer.replace(mark, "")
    return layer
