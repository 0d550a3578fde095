"""When something does not work: a clear text, nothing granted, and a refusal that holds."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from consent.policy.wording import texts

pytestmark = [pytest.mark.browser, pytest.mark.sampled]

GERMAN = texts("de")
NO_COOKIES = """Object.defineProperty(Document.prototype, "cookie", { get: () => "", set() {} })"""


class TestRefusingOffline:
    def test_it_holds_for_this_page_and_is_asked_again_later(self, site, visitor):
        """
        A refusal that does not reach the site holds on this page; a text says that it was not
        saved, and the next page asks again (AX-27).
        """
        visitor.go()
        visitor.page.route("**/choice", lambda route: route.abort("internetdisconnected"))
        visitor.button("reject").click()

        expect(visitor.page.get_by_role("status")).to_have_text(GERMAN["status.unsaved"])
        expect(visitor.banner).to_have_count(0)
        assert visitor.arrived() == []
        visitor.go("/andere")
        expect(visitor.banner).to_be_visible()
        assert site.events() == []

    def test_it_is_not_claimed_while_something_runs(self, visitor):
        """
        While services run, a refusal that does not arrive is told as a failure: nothing has
        stopped.
        """
        visitor.go()
        visitor.decide("accept")
        visitor.page.route("**/choice", lambda route: route.abort("internetdisconnected"))
        visitor.open_settings()
        visitor.dialog.locator("button[value=reject]").click()

        expect(visitor.dialog.get_by_role("alert")).to_have_text(GERMAN["error.network"])


class TestWithoutCookies:
    def test_a_consent_that_the_browser_does_not_keep_starts_nothing(self, visitor):
        """
        A browser that takes no cookies is told why nothing is switched on (EV-01, AX-27).
        """
        visitor.context.add_init_script(NO_COOKIES)
        visitor.go()
        visitor.button("accept").click()

        expect(visitor.banner.get_by_role("alert")).to_have_text(GERMAN["error.storage"])
        assert visitor.ran() == []
        assert visitor.arrived() == []

    def test_a_refusal_holds_for_this_page(self, visitor):
        """
        Without cookies a refusal holds for the page at least, and that is what is said.
        """
        visitor.context.add_init_script(NO_COOKIES)
        visitor.go()
        visitor.button("reject").click()

        expect(visitor.page.get_by_role("status")).to_have_text(GERMAN["status.unsaved"])
        expect(visitor.banner).to_have_count(0)


class TestBlockedFiles:
    def test_without_the_script_the_forms_decide(self, visitor):
        """
        If the script is blocked, the banner works as it does without JavaScript (FL-24).
        """
        visitor.page.route("**/consent.js*", lambda route: route.abort())
        visitor.go()
        visitor.decide("reject")

        assert visitor.ran() == []
        assert visitor.cookie() is not None

    def test_without_the_style_sheet_everything_can_be_read_and_pressed(self, visitor):
        """
        If the style sheet is blocked, the banner is a plain section at the start of the page,
        and both buttons work.
        """
        visitor.page.route("**/consent.css*", lambda route: route.abort())
        visitor.go()
        expect(visitor.banner.get_by_role("heading")).to_be_in_viewport()
        visitor.decide("accept")

        visitor.wait_until_ran("count.js", "inline")

    def test_without_what_deletes_a_withdrawal_stops_the_services(self, visitor):
        """
        If the file that deletes what services stored is blocked, the page loads anew without them
        all the same, and says so (WD-04).
        """
        visitor.page.route("**/forget.js*", lambda route: route.abort())
        visitor.go()
        visitor.decide("accept")
        visitor.wait_until_ran("count.js", "inline")
        visitor.withdraw()

        expect(visitor.page.get_by_role("status")).to_contain_text("widerrufen")
        assert visitor.ran() == []

    def test_nobody_waits_long_for_what_deletes(self, site, visitor):
        """
        If that file does not come, as where the site's server is overloaded, the services run no
        longer than a few seconds after they were withdrawn (WD-04).
        """
        visitor.page.clock.install()
        visitor.go()
        visitor.decide("accept")
        visitor.wait_until_ran("count.js", "inline")
        site.hold("/forget.js")
        with visitor.page.expect_request("**/forget.js*"):
            visitor.page.locator("footer button[value=withdraw]").click()
        with visitor.page.expect_event("load", timeout=10_000):
            visitor.page.clock.run_for(5000)
        site.go_on()

        expect(visitor.page.get_by_role("status")).to_contain_text("widerrufen")
        assert visitor.ran() == []

    def test_settings_that_do_not_come_are_a_page(self, visitor):
        """
        If the dialog cannot be had, the link leads to the page with the same settings.
        """
        visitor.page.route("**/settings.js*", lambda route: route.abort())
        visitor.go()
        visitor.footer_link.click()
        visitor.page.wait_for_url("**/consent/settings**")

        expect(visitor.page.get_by_role("checkbox")).to_have_count(3)
