"""Where the walk leads: pages of a site that changes, and what fails in between."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable, Collection
from pathlib import Path
from threading import Event
from typing import Any

from flask import Response, render_template_string

from tests.browser.servers import POLICY, Site, ThirdParties

CHAT = """
[services.chat]
name = "Chat"
provider = "Chat GmbH"
country = "DE"
purpose = "media"
hosts = ["chat.example"]
items = [{ name = "chat-*", kind = "local-storage", duration = "persistent", content = "number" }]
"""
FIRST = POLICY + CHAT
MAP = "[services.openstreetmap]"
SAME = {"matomo": 1, "youtube": 1, "openstreetmap": 1, "chat": 1}

#: By name: the file, and the version of each service's terms.
POLICIES = {
    "first": (FIRST, SAME),
    "words": (f'{FIRST}\n[texts.de]\n"banner.free" = "Alles bleibt lesbar."\n', SAME),
    "elsewhere": (
        FIRST.replace(MAP, f'{MAP}\ntransfers = ["US", "IN"]'),
        {**SAME, "openstreetmap": 2},
    ),
    "less": (
        FIRST.replace("[services.youtube]\n", ""),
        {name: version for name, version in SAME.items() if name != "youtube"},
    ),
    "more": (f"{FIRST}\n[services.vimeo]\n", {**SAME, "vimeo": 1}),
}

#: What is gated, in the order of the page, and whose it is.
ITEMS = {
    "count": "matomo",
    "film": "youtube",
    "map": "openstreetmap",
    "talk": "chat",
    "again": "youtube",
    "vimeo": "vimeo",
}
SCRIPTS = {"count", "talk"}
EMBEDS = {"youtube", "openstreetmap", "vimeo"}

HEAD = """<!doctype html><html lang="de"><head><meta charset="utf-8"><title>Seite</title>
<link rel="icon" href="data:,"><meta name="made" content="MADE">"""
GATES = "<h1>Seite</h1>" + "".join(
    f'{{% gate "{service}" %}}<script src="URL/{item}"></script>{{% endgate %}}'
    if item in SCRIPTS
    else f'{{% gate "{service}" %}}<iframe title="{item}" src="URL/{item}"></iframe>{{% endgate %}}'
    for item, service in ITEMS.items()
)
TOP = "{{ consent.head() }}</head><body>{{ consent.banner() }}"
FOOT = "<footer>{{ consent.settings_link() }}</footer></body></html>"

#: One with everything, one with nothing gated, two without our banner, and one that is not there.
PAGES = {
    "/": HEAD + TOP + GATES + FOOT,
    "/leer": HEAD + TOP + "<p>Nichts</p>" + FOOT,
    "/ohne": HEAD + "{{ consent.head() }}</head><body>" + GATES + FOOT,
    "/nichts": HEAD + "</head><body>" + GATES + "</body></html>",
    "/fehlt": HEAD + TOP + GATES + FOOT,
}
PREFIX = "/consent/"
SETTINGS, RECEIPT, CHOICE = f"{PREFIX}settings", f"{PREFIX}receipt", f"{PREFIX}choice"

#: What the scripts leave on the site.
LEAVES = {
    "count": "document.cookie = '_pk_id.1.1fff=a; path=/';",
    "talk": "localStorage.setItem('chat-a', '1');",
}

#: Lets everything through, and makes each grant load the page anew.
CSP = "default-src * 'unsafe-inline' data:"


def prepare(third: ThirdParties) -> str:
    """Let the third parties answer for every item; return what their addresses begin with."""
    third.start_afresh()
    for item in ITEMS:
        if item in SCRIPTS:
            third.script(item, LEAVES[item])
        else:
            third.frame(item)
    return third.url("")[:-1]


class Home(Site):
    """The site as one version of it answers."""

    SECRET = "0123456789abcdef0123456789abcde{}"

    def __init__(
        self,
        folder: Path,
        policy: str,
        gated: str,
        made: Callable[[], str],
        keys: Collection[int],
        **config: Any,
    ) -> None:
        """*gated*: where the items are; *made* numbers pages; the last of *keys* signs."""
        *retired, key = (self.SECRET.format(key) for key in keys)
        config |= {"SECRET_KEY": key, "SECRET_KEY_FALLBACKS": retired, "CONSENT_SEAL": "command"}
        super().__init__(folder, policy, **config)
        self._gated, self._made = gated, made

    def _page(self, path: str) -> Response:
        if f"/{path}" not in PAGES:  # Firefox asks for an icon where a page has no head of ours
            return Response(status=404)
        source = PAGES[f"/{path}"].replace("URL", self._gated).replace("MADE", self._made())
        return Response(render_template_string(source), 404 if path == "fehlt" else 200)


class Front:
    """What answers: one version of the site after the other, or a failure instead."""

    def __init__(self) -> None:
        self.app: Any = None
        self.busy = 0  #: requests that are being answered
        self.mode = ""  #: what becomes of decisions
        self.part = ""  #: what becomes of the settings that a dialog asks for
        self.goes_on = Event()
        self.lost = 0  #: decisions that were taken without an answer
        self.errors: list[str] = []

    def __call__(self, environ: dict[str, Any], start: Any) -> Any:
        self.busy += 1
        try:
            return self._answer(environ, start)
        finally:
            self.busy -= 1

    def _answer(self, environ: dict[str, Any], start: Any) -> Any:
        path = environ["PATH_INFO"]
        mode = self.mode if path == CHOICE else ""
        if path == SETTINGS and "part=form" in environ["QUERY_STRING"]:
            mode = self.part
        if mode == "500":
            return Response("kaputt", 500)(environ, start)
        if mode == "slow":
            time.sleep(0.3)
        if mode == "never":
            self.busy -= 1
            self.goes_on.wait(15)
            self.busy += 1
        if mode in ("reset", "never"):
            self._cut(environ)
        if mode == "lost":
            self.lost += 1
            b"".join(self.app(environ, lambda *_: None))
            self._cut(environ)

        def note(status: str, *more: Any) -> Any:
            if status.startswith("5") and not status.startswith("503"):
                self.errors.append(f"{status} {path}")
            return start(status, *more)

        return self.app(environ, note)

    @staticmethod
    def _cut(environ: dict[str, Any]) -> None:
        environ["werkzeug.socket"].shutdown(socket.SHUT_RDWR)
        raise ConnectionAbortedError
