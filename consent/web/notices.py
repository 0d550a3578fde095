"""
The notices of one app: those shown now, and what earlier ones said.

A notice is rendered once per language and kept; a page then only fills in where to return
to. An earlier notice, or one that only another process of the site shows yet, is looked up in the
log's store when a cookie names it. One that is not there, and a store that is down, are asked again
after half a minute: a page view does not depend on a database.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from flask import Flask, Request, request
from markupsafe import Markup

from consent.audit import versions
from consent.errors import LogError, LogUnavailable
from consent.gate.markup import ANY, held, waiting
from consent.log.document import Document
from consent.log.store import Store
from consent.policy.model import Policy
from consent.policy.notice import (
    MEDIA_TYPE,
    Earlier,
    Notice,
    complete,
    content,
    earlier,
    hash_start,
    read,
)
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
from consent.web.route import addresses
from consent.web.shown import (
    DIRECT,
    FRAMED,
    HASH,
    NEXT,
    Cut,
    Shown,
    cut_text,
    openings,
    without_marks,
)
from consent.web.templates import UNSAID, ours

#: Seconds until a notice that was not found, or a store that was down, is asked for again.
PAUSE = 30.0

#: How many notices are remembered, one for each language, scheme and mount point, of which a proxy
#: that is set up carelessly lets anybody invent more; and how many banners that ask again, one for
#: each set of services asked about.
MEMORY = 256

#: What a banner is about that asks again: notice, services, signal.
_Asked = tuple[str, frozenset[str], str | None]


@dataclass
class NoticeBook:
    """Knows the notices of one app."""

    app: Flask
    policy: Policy
    store: Store
    #: What was shown of late, by language, mount point and scheme.
    ready: dict[tuple[str, str, str], Shown] = field(default_factory=dict)
    _again: dict[_Asked, Cut] = field(default_factory=dict)
    _said: dict[str, Earlier] = field(default_factory=dict)  # by ref, those of today included
    _missing: dict[str, float] = field(default_factory=dict)  # by ref, when to look again
    _down_until: float | None = None  # None: the store answered when it was asked last

    def shown(self, language: str, root: str, scheme: str) -> Shown:
        """
        Return what visitors are shown now in *language*.

        *root* is where the app is mounted, *scheme* what they come over.
        """
        key = (language, root, scheme)
        shown = self.ready.get(key)
        if shown is None or self.app.config["DEBUG"]:
            shown = self._render(language, scheme == "https")
            if len(self.ready) >= MEMORY:
                self._forget()
            self.ready[key] = shown
            self._said[shown.notice.ref] = earlier(shown.notice, self.policy)
        return shown

    def _forget(self) -> None:
        """Forget the notice that was shown first; it is rendered or looked up when it is needed."""
        key, gone = next(iter(self.ready.copy().items()))
        self.ready.pop(key, None)
        self._said.pop(gone.notice.ref, None)

    def by_hash(self, hash: str, request: Request) -> Shown | None:
        """
        Return the notice of today with this hash, in whatever language, or None.

        A page that is kept may have been made over HTTP and be shown over HTTPS: then its notice
        differs from today's in the name of our own cookie alone.
        """
        other = "http" if request.is_secure else "https"
        for scheme in (request.scheme, other):
            for language in self.policy.languages:
                shown = self.shown(language, request.root_path, scheme)
                if shown.notice.hash == hash:
                    return shown
        return None

    def speaking(self, hash: str, request: Request) -> Shown | None:
        """Return the notice of today in the language of the one with this hash, or None."""
        if shown := self.by_hash(hash, request):
            return shown
        try:
            old = versions.notice(self.store, hash)
        except LogError:
            return None
        if old is None or old.language not in self.policy.languages:
            return None
        return self.shown(old.language, request.root_path, request.scheme)

    def again(self, shown: Shown, asked: frozenset[str], signal: str | None, path: str) -> Markup:
        """
        Return the banner for somebody who decided before, about the *asked* services only.

        *signal* is the name of what has paused them; None: they are new.
        """
        key = (shown.notice.hash, asked, signal)
        cut = self._again.get(key)
        if cut is None:
            cut = self._ask_again(shown, asked, signal)
            if len(self._again) >= MEMORY:
                self._again.clear()
            self._again[key] = cut
        return Markup(path.join(cut))

    def said(self, ref: str) -> Earlier | None:
        """Return what the notice with this ref says, or None if it is unknown."""
        if ref not in self._said:
            self._learn(ref)
        return self._said.get(ref)

    def is_of_today(self, ref: str | None) -> bool:
        """Tell whether the notice with this ref is one that this process shows."""
        return any(shown.notice.ref == ref for shown in self.ready.copy().values())

    def _learn(self, ref: str) -> None:
        for language in self.policy.languages:
            self.shown(language, request.root_path, request.scheme)
        now = time.monotonic()
        # A decision waits for the store in any case, and must know what it follows (EV-02).
        is_soon = now < max(self._down_until or now, self._missing.get(ref, now))
        if ref in self._said or (is_soon and request.method != "POST"):
            return
        if self._down_until:
            # One finds out whether it is still down, and the others do not wait for that.
            self._down_until = now + PAUSE
        try:
            document = self.store.find_document(hash_start(ref))
        except LogError as problem:
            self._tell(ref, problem)
            return
        self._down_until = None
        if document is None or document.media_type != MEDIA_TYPE:
            self._missing[ref] = time.monotonic() + PAUSE
            return
        notice = read(document.body)
        if len(self._said) >= 2 * MEMORY:
            today = (shown.notice for shown in self.ready.copy().values())
            self._said = {notice.ref: earlier(notice, self.policy) for notice in today}
        self._said[notice.ref] = earlier(notice, self.policy)

    def _tell(self, ref: str, problem: LogError) -> None:
        """Look later for what could not be read, and say so."""
        later = time.monotonic() + PAUSE
        if isinstance(problem, LogUnavailable):
            self._down_until = later
        else:
            self._missing[ref] = later
        self.app.logger.warning(
            "consent: an earlier notice cannot be read; visitors who decided under it are asked"
            " again: %s",
            problem,
        )

    def _ask_again(self, shown: Shown, asked: frozenset[str], signal: str | None) -> Cut:
        context = _context(shown.notice.content, shown.say) | {"asked": asked, "signal": signal}
        context |= addresses(self.policy, shown.notice.language)
        text = self.fragment("banner", **context).replace(HASH, shown.notice.hash)
        return cut_text(text)

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
            {name: without_marks(text) for name, text in layers.items()},
            {asset.name: asset.hash for asset in files},
        )
        documents = (
            Document(MEDIA_TYPE, notice.body),
            *(Document(asset.media_type, asset.body) for asset in files),
        )
        ready = {name: text.replace(HASH, notice.hash) for name, text in layers.items()}
        return Shown(
            notice,
            say,
            link=Markup(ready["link"]),
            withdrawal=cut_text(ready["withdrawal"]),
            offer=cut_text(_offer(ready["link"], ready["withdrawal"])),
            table=Markup(ready["table"]),
            banner=cut_text(ready["banner"]),
            held=cut_text(self._held(ready["banner"], notice, language)),
            quiet=Markup(self._held("", notice, language)),
            openings=openings(notice.terms, ready),
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
                context |= {"service": service, "frame": FRAMED}
                yield f"placeholder:{service['id']}", self.fragment("placeholder", **context)
                yield (
                    f"placeholder:{service['id']}:direct",
                    self.fragment("placeholder", **context, direct=DIRECT),
                )

    def fragment(self, name: str, **context: Any) -> str:
        """
        Render one of our templates, the site's version of it if it has one.

        Context processors of the site are left out: what visitors are shown must not differ
        from one to the next. Its globals are there for its own versions, but say nothing to ours.
        """
        return ours(self.app, f"consent/{name}.html").render({**UNSAID, **context})


def _offer(link: str, withdrawal: str) -> str:
    """Return *link* with what *withdrawal* has beyond it, inert."""
    more = withdrawal.removeprefix(link)
    # A version of the site's own may be another one altogether, or the same.
    return link + waiting(ANY, more.strip()) if more not in ("", withdrawal) else link


def _context(facts: Mapping[str, Any], say: Say) -> dict[str, Any]:
    return {"notice": facts, "say": say, "next": NEXT, "notice_hash": HASH}


def styles(store: Store, notice: Notice, names: Iterable[str]) -> bytes:
    """
    Return the style sheets among *names* that *notice* was shown with, one after the other.

    Raises LogError. One that is not kept, as nobody has decided yet, is the one of today.
    """
    files = notice.content["files"]
    documents = ((name, store.document(files[name])) for name in names if name in files)
    return b"\n".join(found.body if found else load(name).body for name, found in documents)
