"""What every visitor is promised, in WebKitGTK."""

from __future__ import annotations

import pytest
from selenium.webdriver.common.keys import Keys

from consent.policy.wording import texts
from tests.browser.test_banner import DIFFERENCE
from tests.browser.test_policies import TYPES
from tests.browser.webkit.conftest import DARK

pytestmark = [pytest.mark.browser, pytest.mark.every_engine]

GERMAN = texts("de")

#: All that a page could have left on the device.
LEFT = """(async () => [document.cookie, localStorage.length, sessionStorage.length,
  (await indexedDB.databases()).length, (await caches.keys()).length,
  (await navigator.serviceWorker.getRegistrations()).length])()"""

NOTHING = ["", 0, 0, 0, 0, 0]

FOCUSED = "document.activeElement.getAttribute(arguments[0])"

GONE = "!document.querySelector('dialog')"


def kinds(site) -> list[str]:
    """The decisions that were recorded, in order."""
    return [event["kind"] for event in site.events()]


def shows(visitor, name: str) -> None:
    """Wait until a frame stands where the placeholder of the video was."""
    visitor.until(f"document.querySelector('iframe')?.src.endsWith('/{name}')")


class TestBeforeADecision:
    def test_nothing_is_stored_and_nobody_else_is_asked(self, site, third, visitor):
        """
        The first visit shows the banner, stores nothing on the device, asks nothing of a
        third party and leaves no record (PS-01, PS-02, PS-04).
        """
        visitor.go()

        assert visitor.is_asked
        assert visitor.arrived() == []
        assert visitor.ask(LEFT) == NOTHING
        assert visitor.cookies() == {}
        assert site.events() == []

    @pytest.mark.parametrize("theme", [{}, DARK], ids=["light", "dark"])
    def test_refusing_looks_like_accepting(self, make_visitor, theme):
        """
        Both buttons have the same style, to the last property (FL-02).
        """
        visitor = make_visitor(**theme)
        visitor.go()
        buttons = [visitor.find(f"#consent [value={name}]") for name in ("reject", "accept")]

        assert visitor.ask("matchMedia('(prefers-color-scheme: dark)').matches") == bool(theme)
        assert visitor.ask(f"({DIFFERENCE})(arguments)", *buttons) == []

    def test_a_very_small_window_is_enough(self, site, visitor):
        """
        At 320 by 256 pixels both buttons are on screen and nothing has to be scrolled
        sideways (FL-04, AX-08).
        """
        small = '<iframe title="klein" width="320" height="256" src="/klein"></iframe>'
        site.page(small, "/andere")
        visitor.go("/andere")
        visitor.driver.switch_to.frame(visitor.find("iframe[title=klein]"))
        visitor.until("document.querySelector('#consent button')")
        visitor.until("document.readyState === 'complete'")  # with its style
        buttons = """[...document.querySelectorAll("#consent > * button[name=decision]")]
            .map((button) => button.getBoundingClientRect().toJSON())"""
        visitor.until(f"{buttons}.every(({{ bottom }}) => bottom <= innerHeight)")  # laid out by it
        boxes = visitor.ask(buttons)

        assert visitor.ask("[innerWidth, innerHeight]") == [320, 256]
        assert len(boxes) == 2
        for box in boxes:
            assert box["left"] >= 0
            assert box["right"] <= 320
            assert box["top"] >= 0
            assert box["bottom"] <= 256
        assert visitor.ask("document.documentElement.scrollWidth") <= 320
        assert visitor.ask("document.getElementById('consent').scrollWidth") <= 320


class TestDeciding:
    def test_accepting_starts_scripts_in_order_and_the_video(self, site, third, visitor):
        """
        Three scripts of which the last is answered first run in the order of the page, and
        the video shows; each is asked for once, there and on the next page.
        """
        a, b, c = third.script("a", after="b"), third.script("b", after="c"), third.script("c")
        scripts = "".join(f'<script src="{address}"></script>' for address in (a, b, c))
        site.page(
            f'{{% gate "matomo" %}}{scripts}<script>ran.push("inline")</script>{{% endgate %}}'
            f'{{% gate "youtube" %}}<iframe src="{third.frame("film")}"></iframe>{{% endgate %}}'
        )
        visitor.go()
        visitor.decide("accept")
        visitor.wait_until_ran("a", "b", "c", "inline")
        shows(visitor, "film")

        here = sorted(visitor.arrived())
        third.forget()
        visitor.go()
        visitor.wait_until_ran("a", "b", "c", "inline")
        there = visitor.arrived()

        assert here == ["a", "b", "c", "film"]
        assert "film" in there
        assert len(there) == len(set(there))  # some may be there from the page before
        assert kinds(site) == ["grant"]

    def test_refusing_starts_nothing_and_nobody_is_asked_again(self, site, visitor):
        """
        One click: the banner is gone, nothing started, and the next page does not ask
        (FL-03, AX-28).
        """
        visitor.go()
        visitor.decide("reject")
        here = visitor.arrived()
        visitor.go("/andere")

        assert not visitor.is_asked
        assert here == visitor.arrived() == []
        assert kinds(site) == ["refusal"]

    def test_by_keyboard_alone(self, site, visitor):
        """
        Tab reaches the two buttons first, one after the other; Enter refuses, and the focus
        is on the answer then (AX-03, AX-12, AX-16).
        """
        visitor.go()
        order = []
        for _ in range(2):
            visitor.press(Keys.TAB)
            order.append(visitor.ask(FOCUSED, "value"))
        visitor.hold(Keys.SHIFT, Keys.TAB)
        visitor.press(Keys.ENTER)
        visitor.until("!document.getElementById('consent')")

        assert order == ["reject", "accept"]
        assert visitor.ask(FOCUSED, "role") == "status"
        assert kinds(site) == ["refusal"]

    @pytest.mark.parametrize("decision", ["reject", "accept"])
    def test_those_who_decide_alike_cannot_be_told_apart(self, make_visitor, decision):
        """
        Two browsers that decide alike send the same cookie to the last byte, and who refuses
        holds nothing else (PS-05, PS-06).
        """
        found = []
        for visitor in (make_visitor(), make_visitor()):
            visitor.go()
            visitor.decide(decision)
            found.append(visitor.cookies())

        assert found[0] == found[1]
        assert set(found[0]) == {"__Host-consent"}

    def test_the_cookies_are_bound_to_the_site(self, visitor):
        """
        The choice belongs to this host and is sent over TLS only; the receipt is out of
        reach of scripts and goes to our own pages only (SE-01).
        """
        visitor.go()
        visitor.decide("accept")
        everywhere = visitor.driver.get_cookies()
        visitor.go("/consent/receipt")
        receipt = visitor.driver.get_cookie("__Secure-consent-receipt")

        assert [c["name"] for c in everywhere] == ["__Host-consent"]
        assert (everywhere[0]["secure"], everywhere[0]["path"]) == (True, "/")
        assert everywhere[0]["sameSite"] == "Lax"
        assert (receipt["secure"], receipt["httpOnly"]) == (True, True)
        assert (receipt["path"], receipt["sameSite"]) == ("/consent", "Strict")
        assert "consent-receipt" not in visitor.ask("document.cookie")


class TestSettings:
    def test_the_focus_goes_in_and_comes_back(self, site, visitor):
        """
        The focus is inside while the dialog is open; Escape closes it, changes nothing, and
        leads back to the link (AX-13, AX-16, FL-07).
        """
        visitor.go()
        visitor.open_settings()
        inside = []
        for _ in range(4):
            inside.append(visitor.ask("!!document.activeElement.closest('dialog')"))
            visitor.press(Keys.TAB)
        visitor.press(Keys.ESCAPE)
        visitor.until(GONE)

        assert inside == [True] * 4
        assert visitor.ask("document.activeElement.matches('[data-consent-open]')")
        assert visitor.is_asked
        assert visitor.cookies() == {}
        assert site.events() == []

    def test_what_is_ticked_is_stored_and_shown_again(self, site, visitor):
        """
        "Save" stores exactly the ticked service, starts it alone, and the settings show it
        when they are opened again (SL-01, SL-02).
        """
        visitor.go()
        visitor.open_settings()
        visitor.click("dialog input[value=youtube]")
        visitor.click("dialog button[value=save]")
        visitor.until(GONE)
        shows(visitor, "film")
        arrived = visitor.arrived()
        visitor.open_settings()

        assert arrived == ["film"]
        assert visitor.values("dialog input:checked") == ["youtube"]
        assert [event["granted"] for event in site.events()] == [["youtube"]]

    def test_withdrawing_stops_everything(self, site, third, visitor):
        """
        The link in the footer, one button: the page loads anew, says so, and from then on
        nothing reaches the services (WD-02, WD-04).
        """
        visitor.go()
        visitor.decide("accept")
        visitor.wait_until_ran("count.js", "inline")
        visitor.open_settings()
        visitor.arrived()
        third.forget()
        visitor.click("dialog button[value=withdraw]")
        visitor.until("document.querySelector('[data-consent-placeholder=youtube]')")
        here = visitor.arrived()
        visitor.go()

        assert here == visitor.arrived() == []
        assert not visitor.is_asked
        assert set(visitor.cookies()) == {"__Host-consent"}
        assert kinds(site) == ["grant", "withdrawal"]


class TestHistory:
    @pytest.mark.parametrize("decision", ["reject", "accept"])
    def test_back_shows_what_was_decided_since(self, visitor, decision):
        """
        Back on a page that was left before the decision, nobody is asked again, and what was
        allowed runs (GA-13, AX-28).
        """
        visitor.go()
        visitor.click("header a[href='/andere']")
        visitor.until("location.pathname === '/andere'")
        visitor.decide(decision)
        visitor.driver.back()
        visitor.until("location.pathname === '/' && !document.getElementById('consent')")

        visitor.wait_until_ran(*(["count.js", "inline"] if decision == "accept" else []))
        assert ("count.js" in visitor.arrived()) == (decision == "accept")


class TestStrictSites:
    def test_pages_that_tell_nobody_where_one_comes_from(self, site, visitor):
        """
        Deciding works on a site with ``Referrer-Policy: no-referrer``, by a plain form, for which
        no origin is told, and by our script (SE-04).
        """
        site.headers(Referrer_Policy="no-referrer")
        site.break_off("/consent.js")
        visitor.go()
        with visitor.anew():
            visitor.click("#consent button[value=reject]")
        refused = visitor.is_asked, list(visitor.cookies())
        visitor.driver.delete_all_cookies()
        site.break_off()
        visitor.go()
        visitor.decide("accept")
        visitor.wait_until_ran("count.js", "inline")

        assert refused == (False, ["__Host-consent"])
        assert kinds(site) == ["refusal", "grant"]

    def test_nothing_is_against_the_rules(self, site, third, reports, visitor):
        """
        Under a policy of nonces and Trusted Types, banner, settings, scripts, video and
        withdrawal work, and the browser reports nothing but what the test does itself. Scripts
        without the nonce do not run (SE-07).
        """
        site.headers(
            Content_Security_Policy=TYPES.replace("THIRD", third.origin) + "; report-uri /bericht"
        )
        site.page(
            f'{{% gate "matomo" %}}<script nonce="{{{{ nonce }}}}" src="{third.script("a")}">'
            '</script><script nonce="{{ nonce }}">ran.push("inline")</script>'
            f'<script src="{third.script("b")}"></script><script>ran.push("c")</script>'
            "{% endgate %}"
            f'{{% gate "youtube" %}}<iframe src="{third.frame("film")}"></iframe>{{% endgate %}}'
        )
        visitor.go()
        visitor.open_settings()
        visitor.press(Keys.ESCAPE)
        visitor.until(GONE)
        visitor.decide("accept")
        visitor.wait_until_ran("a", "inline")
        shows(visitor, "film")
        visitor.open_settings()
        visitor.click("dialog button[value=withdraw]")
        visitor.until("document.querySelector('[data-consent-placeholder=youtube]')")
        visitor.ask("void document.body.append(Object.assign(new Image(), { src: '/bild.png' }))")
        reports.wait_for("img-src")

        assert reports.seen == ["img-src"]
        assert set(visitor.arrived()) == {"a", "film"}
