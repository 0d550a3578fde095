"""The buttons: what a press sends, what becomes of it, and what each tab then shows."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from random import Random
from threading import Event

from playwright.sync_api import Error

from consent.errors import LogUnavailable
from tests.browser.walk.life import NONE, Services
from tests.browser.walk.pages import Doc, Read
from tests.browser.walk.places import ITEMS, POLICIES, SETTINGS
from tests.browser.walk.walker import Tab, Walker

#: What may become of a decision: the first five grant nothing, "down" no more than before.
FAILURES = ("500", "reset", "never", "lost", "offline", "down", "slow")


def down(*_: object) -> None:
    """Stand for a log that cannot be written."""
    raise LogUnavailable("down")


class Pressing(Walker):
    """Somebody who presses buttons."""

    def load(self, call: Callable[[], object]) -> None:
        """Do what brings another document."""
        self.tab.may_load = self.tab.must_load = True
        with suppress(Error):  # what it leads to is seen then
            call()

    def press(
        self,
        rng: Random,
        button: str,
        control: str,
        services: Services = NONE,
        about: Services = NONE,
        shown: str = "",
        item: str = "",
        n: int = 0,
    ) -> bool | None:
        """
        Press the *n*-th *button*, which says *control* about *services* under the policy *shown*.

        *about*: what the first layer asks about; *item*: what "once" is about.
        """
        place, tab, doc, life = self.place(button, n), self.tab, self.tab.doc, self.life
        if not place or not doc:
            return False
        plain = not doc.is_ours or doc.is_own
        failure = rng.choice(FAILURES) if rng.random() < 0.3 else ""
        if plain and failure in ("never", "offline"):
            failure = "reset"
        self.has_failed |= failure not in ("", "slow")
        before = life.kept
        status = self._send(failure, control, services, about, shown or doc.policy)
        if life.kept is not before:
            self.read = Read.of(life.kept)
        told = f"{control} {sorted(services)} {sorted(about)}"
        self.note = f"{'as a form ' if plain else ''}{told} {failure}: {status}"
        if plain:
            tab.may_load = tab.must_load = True
        else:
            self._answered(tab, doc, control, status, item, is_asked=button.startswith("#consent"))
        for other in self.tabs:
            if other is not tab:
                self.follow(other)
        self._click(place, failure, plain=plain)
        if plain and not status:  # Back would send the form again
            tab.page.close()
            self.tabs[self.at] = self.new_tab()
            self.load(lambda: self.tab.page.goto(self.url))
        return None

    def _send(
        self, failure: str, control: str, services: Services, about: Services, shown: str
    ) -> int:
        """Return the status that the visitor gets to know; 0: none."""
        life = self.life
        self.front.lost = 0
        if failure in ("500", "reset", "never", "offline"):
            return 0
        before = life.kept, life.receipt, life.receipt_key
        life.is_down = failure == "down"
        status = life.decide(control, services, about, shown)
        life.is_down = False
        if failure == "lost":
            life.kept, life.receipt, life.receipt_key = before
            return 0
        return status

    def _answered(
        self, tab: Tab, doc: Doc, control: str, status: int, item: str, *, is_asked: bool
    ) -> None:
        """Expect what our script does with an answer."""
        tab.keeps_focus = True
        if status == 200:
            tab.says = "status"
            if control == "once":
                doc.running.add(item)
                self.allowed.add(ITEMS[item])
            else:
                self.follow(tab, always=True)
            if doc.dialog:
                doc.dialog, doc.ticked = "", None
        elif control == "reject" and is_asked and self.read.text is None:
            doc.banner, tab.says = False, "status"
        else:
            self.follow(tab)
            tab.says = "" if tab.must_load else "alert"

    def _click(self, place: list[float], failure: str, *, plain: bool) -> None:
        """Press, with that *failure*, and see all of it."""
        page, store = self.tab.page, self.sites[-1].store
        self.front.mode = failure if failure not in ("down", "offline") else ""
        append = store.append
        if failure == "down":
            store.append = down
        if failure == "offline":
            page.route("**/choice", lambda route: route.abort("internetdisconnected"))
        page.mouse.click(*place)
        if failure == "never":
            page.wait_for_timeout(1_100)
            self.front.goes_on.set()
        if plain:
            page.wait_for_timeout(100)
        self.settle()
        self.front.mode, self.front.goes_on = "", Event()
        store.append = append
        if failure == "offline":
            page.unroute_all()

    def banner(self, rng: Random) -> bool | None:
        """Accept or reject."""
        doc = self.tab.doc
        if not doc or not doc.banner:
            return False
        control = rng.choice(["accept", "reject"])
        return self.press(
            rng, f"#consent [value={control}]", control, about=doc.about, shown=doc.asked
        )

    def twice(self, rng: Random) -> bool | None:
        """Press one button, and the other one before the first is answered."""
        tab, doc, life = self.tab, self.tab.doc, self.life
        controls = rng.choice([("accept", "reject"), ("reject", "accept")])
        places = [self.place(f"#consent [value={control}]") for control in controls]
        is_usual = doc and doc.banner and doc.is_ours and doc.asked == life.policy
        if not doc or not is_usual or not all(places) or self.csp:
            return False
        self.note = " ".join(controls)
        for control in controls:
            life.decide(control, NONE, doc.about, life.policy)
            self.read = Read.of(life.kept)
            if (control, controls[1]) == ("accept", "reject"):  # nothing starts in between
                doc.seen, doc.text = self.read.granted, self.read.text
            else:
                self.follow(tab, always=True)
        for other in self.tabs:
            if other is not tab:  # it follows each
                other.may_load = True
                self.follow(other)
                self.allowed |= life.offered
        tab.says, tab.keeps_focus, self.front.mode = "status", True, "slow"
        for place in places:
            tab.page.mouse.click(*place)
        tab.page.wait_for_timeout(700)
        self.front.mode = ""
        return None

    def dialog(self, rng: Random) -> bool | None:
        """Press a button in the settings over the page, or leave them."""
        tab, doc = self.tab, self.tab.doc
        if not doc or not doc.dialog:
            return False
        control = rng.choice(["save", "save", "accept", "reject", "withdraw", "close", "Escape"])
        if control not in ("close", "Escape"):
            return self._form(rng, ".cst-dialog", control, doc.dialog)
        self.note = control
        if control == "Escape":
            tab.page.keyboard.press(control)
        elif place := self.place(".cst-dialog [formmethod=dialog]"):
            tab.page.mouse.click(*place)
        else:
            return False
        doc.dialog, doc.ticked, tab.keeps_focus = "", None, True
        return None

    def settings(self, rng: Random) -> bool | None:
        """Press a button on the page of settings."""
        doc = self.tab.doc
        if not doc or doc.path != SETTINGS:
            return False
        control = rng.choice(["save", "save", "accept", "reject", "withdraw"])
        return self._form(rng, "main", control, doc.policy)

    def _form(self, rng: Random, root: str, control: str, shown: str) -> bool | None:
        doc, button = self.tab.doc, f"{root} [value={control}]"
        if not doc or doc.ticked is None or not self.place(button):
            return False
        ticked = set(doc.ticked)
        for name in POLICIES[shown][1] if control == "save" else ():
            if rng.random() < 0.5 and (place := self.place(f"{root} input[value={name}]")):
                self.tab.page.mouse.click(*place)
                ticked ^= {name}
        doc.ticked = sorted(ticked)
        services = frozenset(ticked) if control == "save" else NONE
        return self.press(rng, button, control, services, shown=shown)

    def placeholder(self, rng: Random) -> bool | None:
        """Load what stands behind a placeholder, once or always."""
        doc = self.tab.doc
        if not doc or not doc.waiting:
            return False
        item = rng.choice(doc.waiting)
        service = ITEMS[item]
        n = [one for one in doc.waiting if ITEMS[one] == service].index(item)
        offers_once = doc.is_ours and (doc.is_static or not self.csp)
        control = rng.choice(["once", "allow"] if offers_once else ["allow"])
        button = f"[data-consent-placeholder={service}] [value={control}]"
        return self.press(rng, button, control, frozenset({service}), item=item, n=n)

    def withdraw(self, rng: Random) -> bool | None:
        """Withdraw by the button in the footer."""
        doc = self.tab.doc
        if not doc or not doc.may_withdraw:
            return False
        return self.press(rng, "footer [value=withdraw]", "withdraw")
