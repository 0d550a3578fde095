"""Somebody who walks, and what must hold after every step."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

from playwright.sync_api import BrowserContext, Error, Page

from tests.browser.servers import ThirdParties
from tests.browser.walk.life import Life
from tests.browser.walk.looking import HUSH, LOOK, PLACE, START
from tests.browser.walk.pages import Doc, Made, Read, opened
from tests.browser.walk.places import (
    CHOICE,
    CSP,
    ITEMS,
    PAGES,
    POLICIES,
    RECEIPT,
    SCRIPTS,
    Front,
    Home,
    prepare,
)

#: Seconds within which everything must be as it should.
SOON = 5

#: What a console shows as an error where an answer is one, or a policy forbids all scripts.
USUAL = re.compile(r"status of (4\d\d|50[03])|Content.Security.Policy|script-src 'none'|/favicon")
#: The same of Firefox, where a cookie is deleted for a domain that cannot be.
USUAL_THERE = re.compile(r"for invalid domain")
#: The same where something was blocked or cut off.
FAILED = re.compile(
    r"Failed to (load|fetch)|NetworkError|dynamically imported|Loading failed|CORS|interrupted"
)


@dataclass
class Tab:
    """A tab, and what the step that is being taken means for it."""

    page: Page
    mark: str = ""
    doc: Doc | None = None
    may_load: bool = False
    must_load: bool = False
    is_new: bool = False  #: whether its document came with this step
    says: str = ""  #: "status" or "alert": where something must be said
    keeps_focus: bool = False
    errors: list[str] = field(default_factory=list)

    def rest(self) -> None:
        """Forget what was expected of the last step."""
        if self.doc:
            self.doc.is_alarmed |= self.says == "alert"
        self.may_load = self.must_load = self.is_new = self.keeps_focus = False
        self.says = ""
        self.errors.clear()


class Walker:
    """One visitor's whole life; the steps are in :mod:`tests.browser.walk.steps`."""

    def __init__(
        self, context: BrowserContext, third: ThirdParties, folder: Path, front: Front, url: str
    ) -> None:
        self.context, self.third, self.folder, self.front, self.url = (
            context,
            third,
            folder,
            front,
            url,
        )
        self.gated = prepare(third)
        self.life = Life({name: facts for name, (_, facts) in POLICIES.items()}, "first")
        self.read = Read()
        self.placement, self.csp, self.is_static = "bar", "", False
        self.runs_scripts, self.blocked = True, ""
        self.has_failed = False  #: whether anything was ever blocked or cut off
        self.allowed: set[str] = set()  #: services that may be reached in this step
        self.made: list[Made] = []
        self.docs: dict[str, Doc] = {}
        self.trace: list[str] = []
        self.note = ""
        self.sites: list[Home] = []
        context.add_init_script(START)

    def begin(self, rng: Random) -> None:
        """Come to a site of some kind."""
        self.placement = rng.choice(["bar", "bar", "corner", "modal"])
        self.is_static, self.csp = rng.random() < 0.25, rng.choice(["", "", "", "", CSP])
        self.deploy()
        self.tabs, self.at = [self.new_tab()], 0

    def deploy(self) -> None:
        """Let another version of the site answer."""
        life = self.life
        text = f'placement = "{self.placement}"\n{POLICIES[life.policy][0]}'
        config: dict[str, Any] = {"CONSENT_STATIC_PAGES": self.is_static}
        if self.csp:
            config["CONSENT_CSP"] = self.csp
        self.sites.append(Home(self.folder, text, self.gated, self._number, life.keys, **config))
        self.front.app = self.sites[-1].app

    def _number(self) -> str:
        self.made.append(self.now())
        return str(len(self.made) - 1)

    def now(self) -> Made:
        """Return what a page would be made of now."""
        life = self.life
        return Made(life.policy, life.stand(), life.about(), self.is_static, self.runs_scripts)

    def close(self) -> None:
        """Let go of what is open."""
        self.front.goes_on.set()
        self.context.close()
        for site in self.sites:
            site.store.close()

    def new_tab(self) -> Tab:
        """Open a tab."""
        tab = Tab(self.context.new_page())
        tab.page.on(
            "console", lambda heard: heard.type == "error" and tab.errors.append(heard.text)
        )
        tab.page.on("pageerror", lambda error: tab.errors.append(str(error)))
        return tab

    @property
    def tab(self) -> Tab:
        """The tab in front."""
        return self.tabs[self.at]

    def place(self, selector: str, n: int = 0) -> list[float] | None:
        """Return where to click; None if nothing is there or something else is before it."""
        if self.blocked == "consent.css":  # what was said takes room then, and goes at a press
            self.tab.page.evaluate(HUSH)
        return self.tab.page.evaluate(PLACE, [selector, n])

    def follow(self, tab: Tab, *, always: bool = False) -> None:
        """Expect what the cookie of now means for *tab*."""
        doc = tab.doc
        if doc and doc.is_ours and (always or doc.text != self.read.text):
            if doc.follow(self.read, is_strict=bool(self.csp)):
                tab.must_load = tab.may_load = True
            self.allowed |= {ITEMS[item] for item in doc.running}

    def settle(self) -> None:
        """Wait until all is as it should be, three times in a row. Raises AssertionError."""
        end, calm = time.monotonic() + SOON, 0
        while calm < 3:
            looks = [self._look(tab) for tab in self.tabs]
            wrong = self._wrong(looks)
            calm = 0 if wrong else calm + 1
            assert time.monotonic() < end or calm == 3, "; ".join(wrong)
            self.tab.page.wait_for_timeout(30)
        went = {ITEMS[item] for item in self.third.arrived if item in ITEMS}
        assert went <= self.allowed, f"reached: {went - self.allowed}"
        self.third.forget()
        for tab, look in zip(self.tabs, looks, strict=True):
            assert not (bad := [text for text in tab.errors if not self._is_usual(text)]), bad
            if tab.doc:
                tab.doc.is_alarmed &= bool(look and look["alert"])
            tab.rest()
        self.allowed = set(self.life.stand().granted)

    def _is_usual(self, text: str) -> bool:
        usual = (USUAL, USUAL_THERE, *([FAILED] if self.has_failed else []))
        return any(one.search(text) for one in usual)

    def _look(self, tab: Tab) -> dict[str, Any] | None:
        try:
            return tab.page.evaluate(LOOK, self.gated)
        except Error:  # it is on the way to another document
            return None

    def _wrong(self, looks: list[dict[str, Any] | None]) -> list[str]:
        if self.front.busy or not all(
            look and look["isThere"] and not look["isBusy"] for look in looks
        ):
            return [f"not at rest: {self.front.busy}, {looks}"]
        found = [f"{self.front.errors}"] if self.front.errors else []
        for tab, look in zip(self.tabs, looks, strict=True):
            assert look
            found += [f"{look['path']}: {text}" for text in self._wrong_in(tab, look)]
        return [*found, *self._wrong_kept()]

    def _wrong_in(self, tab: Tab, look: dict[str, Any]) -> Iterator[str]:
        if look["mark"] != tab.mark:
            if not tab.may_load:
                yield "loaded anew for nothing"
                return
            self._arrive(tab, look)
        doc = tab.doc
        if tab.must_load:
            yield "not loaded anew"
        elif doc and (doc.path in PAGES or doc.is_own):
            should = self._should(tab, doc)
            seen = {**look, "loads": {i: n for i, n in look["loads"].items() if i in doc.items}}
            if not doc.runs_scripts:  # browsers list what a policy forbids
                seen["loads"] = {i: n for i, n in seen["loads"].items() if i not in SCRIPTS}
            yield from (
                f"{name} is {seen[name]!r}, should be {value!r}"
                for name, value in should.items()
                if seen[name] != value
            )
            if tab.says and doc.is_ours and not look[tab.says]:
                yield f"no {tab.says}"
            if look["alert"] and not (tab.says == "alert" or doc.is_alarmed):
                yield f"alert: {look['alert']}"
            if tab.keeps_focus and not tab.is_new and not look["isFocused"]:
                yield "the focus is nowhere"
            if tab.is_new and doc.path not in ("/nichts", CHOICE):
                yield from self._left(doc, look)

    def _arrive(self, tab: Tab, look: dict[str, Any]) -> None:
        """Another document is there: a new one, or one that the browser kept."""
        tab.mark, tab.must_load = look["mark"], False
        tab.doc, tab.is_new = self.docs.get(tab.mark), tab.mark not in self.docs
        if tab.is_new:
            made = self.now() if look["made"] is None else self.made[int(look["made"])]
            tab.doc = opened(look["path"], self.life, self.read, made, self.blocked)
            self.docs[tab.mark] = tab.doc
            self.allowed |= {ITEMS[item] for item in tab.doc.running}
        else:
            self.follow(tab)

    def _should(self, tab: Tab, doc: Doc) -> dict[str, Any]:
        should = {
            "banner": doc.banner,
            "dialog": bool(doc.dialog),
            "loads": dict.fromkeys(doc.running, 1),
            "ran": sorted(doc.running & SCRIPTS),
            "frames": sorted(doc.running - SCRIPTS),
            "places": sorted(ITEMS[item] for item in doc.waiting),
        }
        if doc.ticked is not None:
            should["ticked"] = doc.ticked
        if doc.path == RECEIPT and tab.is_new:
            is_read = self.life.receipt_key in self.life.keys
            should["hasNumber"] = self.life.receipt is not None and is_read
        return should

    def _left(self, doc: Doc, look: dict[str, Any]) -> Iterator[str]:
        """Tell what services left that may not be there."""
        stand = self.life.stand()
        kept = stand.granted | stand.paused | self.read.granted
        knows = doc.is_ours and doc.has_banner_tag and not self.blocked
        if not stand.counts or (doc.is_static and not knows):
            return
        if "matomo" not in kept and "_pk_id" in look["cookie"]:
            yield "Matomo's cookie is there"
        sweeps = doc.runs_scripts and self.blocked != "forget.js"
        if sweeps and "chat" not in kept and "chat-a" in look["stored"]:
            yield "the storage of the chat is there"

    def _wrong_kept(self) -> Iterator[str]:
        """Compare log and cookies with what was confirmed."""
        life = self.life
        events = [json.loads(body) for body in self.sites[-1].store.events()]
        rows = [
            (
                event["kind"],
                tuple(event["granted"]),
                tuple(event["refused"]),
                bool(event["receipt"]),
            )
            for event in events
        ]
        more = self.front.lost - 1
        if more > 0 and len(rows) == len(life.log) + more:
            life.log += rows[-1:] * more  # browsers send again what was cut off
            self.front.lost = 0
        if rows != life.log:
            yield f"log ends with {rows[-3:]}, should with {life.log[-3:]}"
        cookies = {cookie["name"]: cookie["value"] for cookie in self.context.cookies()}
        if ("consent-receipt" in cookies) != (life.receipt is not None):
            yield f"the receipt should be {life.receipt}"
        if life.kept:
            ids = cookies.get("consent", "...").split(".")[3].rstrip("!")
            sets = [frozenset(part.split("+")) - {""} for part in f"{ids}?".split("?")[:2]]
            if sets != [life.kept.granted, life.kept.undecided]:
                yield f"cookie is {cookies.get('consent')}, should be {life.kept}"
