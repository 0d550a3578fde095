"""The steps of a walk. Each does something in the browser, and says what should come of it."""

from __future__ import annotations

from contextlib import suppress
from random import Random

from playwright.sync_api import Error

from tests.browser.engines import NO_SCRIPTS
from tests.browser.walk.looking import GPC, SWAP
from tests.browser.walk.pages import Read, opened
from tests.browser.walk.places import (
    CHOICE,
    ITEMS,
    PAGES,
    POLICIES,
    RECEIPT,
    SETTINGS,
)
from tests.browser.walk.pressing import Pressing

#: How often each is tried; most can be taken at some places only.
WEIGHTS = {
    "visit": 6,
    "reload": 2,
    "back": 3,
    "forward": 2,
    "turn": 3,
    "banner": 10,
    "twice": 3,
    "open": 7,
    "dialog": 12,
    "settings": 6,
    "link": 2,
    "placeholder": 6,
    "withdraw": 4,
    "scripts": 1,
    "signal": 1,
    "block": 1,
    "cookie": 2,
    "renew": 2,
    "swap": 3,
}


class Steps(Pressing):
    """Somebody who walks. A step returns False if it cannot be taken here."""

    def walk(self, rng: Random, steps: int) -> None:
        """Take *steps*. Raises AssertionError with all of them."""
        self.begin(rng)
        self.take("visit", rng)
        names, weights = list(WEIGHTS), list(WEIGHTS.values())
        while len(self.trace) < steps:
            self.take(rng.choices(names, weights)[0], rng)

    def take(self, name: str, rng: Random) -> None:
        """Take a step, if it can be taken, and see what comes of it."""
        self.note = ""
        if getattr(self, name)(rng) is False:
            return
        self.trace.append(f"tab {self.at}: {name} {self.note}")
        self.settle()
        self.front.part = ""

    def visit(self, rng: Random) -> None:
        """Open a page by its address."""
        self.note = rng.choice([*PAGES, "/", "/", SETTINGS, RECEIPT])
        self.load(lambda: self.tab.page.goto(self.url + self.note))

    def reload(self, _: Random) -> bool | None:
        """Load the page anew, unless that would send a form again."""
        if not self.tab.doc or self.tab.doc.path in ("broken", CHOICE):
            return False
        self.load(self.tab.page.reload)
        return None

    def back(self, _: Random) -> bool | None:
        """Go back."""
        return self._travel(-1)

    def forward(self, _: Random) -> bool | None:
        """Go forward."""
        return self._travel(1)

    def _travel(self, steps: int) -> bool | None:
        if not self.tab.doc:
            return False
        page = self.tab.page
        self.tab.may_load = True
        with suppress(Error):  # it was there before it answered
            page.evaluate(f"history.go({steps})")
        page.wait_for_timeout(300)
        if not page.url.startswith(self.url):
            self.load(lambda: page.goto(self.url))
        return None

    def turn(self, rng: Random) -> None:
        """Open a second tab, close it or turn to the other one."""
        if len(self.tabs) == 1:
            self.tabs.append(self.new_tab())
            self.at = 1
            self.tab.page.bring_to_front()
            self.visit(rng)
        elif rng.random() < 0.3:
            self.tabs.pop(1 - self.at).page.close()
            self.at = 0
            self.note = "close"
        else:
            self.at = 1 - self.at
            self.tab.page.bring_to_front()

    def link(self, _: Random) -> bool | None:
        """Follow the link to the settings where it leads to a page."""
        doc = self.tab.doc
        place = self.place("footer [data-consent-open]")
        if not doc or not place or (doc.is_ours and not doc.is_own):
            return False
        self.load(lambda: self.tab.page.mouse.click(*place))
        return None

    def open(self, rng: Random) -> bool | None:
        """Open the settings over the page."""
        tab, doc = self.tab, self.tab.doc
        where = rng.choice(["footer", "#consent", "[data-consent-placeholder]"])
        self.front.part = rng.choice(["", "", "", "slow", "500", "reset"])
        self.note = f"{where} {self.front.part}"
        place = self.place(f"{where} [data-consent-open]")
        if not doc or not doc.is_ours or doc.dialog or doc.is_own or not place:
            return False
        if self.front.part in ("500", "reset") or self.blocked == "settings.js":
            self.has_failed = tab.may_load = tab.must_load = True
        else:
            doc.dialog, doc.ticked = self.life.policy, sorted(self.life.stand().granted)
        tab.page.mouse.click(*place)
        return None

    def scripts(self, rng: Random) -> None:
        """Switch scripts off or on again, and open a page."""
        self.runs_scripts = not self.runs_scripts
        self._send_headers()
        self.visit(rng)
        self.note = f"{self.runs_scripts} {self.note}"

    def signal(self, _: Random) -> None:
        """Switch Global Privacy Control on or off."""
        self.life.signal = not self.life.signal
        self._send_headers()
        self.note = str(self.life.signal)
        self.context.add_init_script(
            GPC.replace("IS_ON", "true" if self.life.signal else "undefined")
        )

    def _send_headers(self) -> None:
        headers = {"Sec-GPC": "1"} if self.life.signal else {}
        self.context.set_extra_http_headers(headers | ({} if self.runs_scripts else NO_SCRIPTS))

    def block(self, rng: Random) -> None:
        """Block a file of ours, or let it through again."""
        files = ["consent.js", "consent.css", "settings.js", "held.js", "forget.js"]
        self.context.unroute_all()
        self.note = self.blocked = "" if self.blocked else rng.choice(files)
        if self.blocked:
            self.has_failed = True
            self.context.route(f"**/{self.blocked}*", lambda route: route.abort())

    def cookie(self, rng: Random) -> bool | None:
        """Take a cookie away, or put junk in its place."""
        self.note = rng.choice(["clear", "junk", "cut", "receipt"])
        kept = {one["name"]: one["value"] for one in self.context.cookies()}
        text, read = rng.choice(["x", "1.a.b", "1", "2.a.b.matomo.c"]), Read()
        if self.note == "receipt":
            self.life.receipt = None
            self.context.clear_cookies(name="consent-receipt")
            return None
        if self.note == "cut":
            if not self.life.kept:
                return False
            text = kept["consent"][:-5]
            read = self.read._replace(text=text)
        elif self.note == "junk" and text.startswith("1."):
            read = Read(text=text)
        self.life.kept, self.read = None, read
        for tab in self.tabs:
            self.follow(tab)
        if self.note == "clear":
            self.context.clear_cookies(name="consent")
        else:
            self.context.add_cookies([{"name": "consent", "value": text, "url": self.url}])
        return None

    def renew(self, rng: Random) -> None:
        """Let a new version of the site answer."""
        life = self.life
        what = rng.choice(["policy", "policy", "key", "lost key", "static"])
        if what == "policy":
            life.policy = rng.choice([name for name in POLICIES if name != life.policy])
        elif what == "static":
            self.is_static = not self.is_static
        else:
            key = life.keys[-1] + 1
            life.keys = (key,) if what == "lost key" else (*life.keys, key)
        self.note = f"{what}: {life.policy}, keys {life.keys}, static {self.is_static}"
        self.deploy()

    def swap(self, rng: Random) -> bool | None:
        """Go to another page as Turbo does."""
        tab, doc, life = self.tab, self.tab.doc, self.life
        if not doc or not doc.is_ours or doc.dialog or doc.path not in PAGES:
            return False
        if doc.policy != life.policy or doc.is_static != self.is_static:
            return False
        self.note = rng.choice(["/", "/leer", "/ohne", "/fehlt"])
        new = opened(self.note, life, self.read, self.now(), self.blocked)
        new.is_ours, new.runs_scripts = True, doc.runs_scripts
        new.start(doc.mine)
        self.allowed |= {ITEMS[item] for item in new.running}
        new.seen, new.text, new.mine = doc.seen, doc.text, doc.mine | new.mine
        new.is_decided = doc.is_decided
        new.banner &= not doc.is_decided
        tab.doc = self.docs[tab.mark] = new
        tab.page.evaluate(SWAP, self.note)
        return None
