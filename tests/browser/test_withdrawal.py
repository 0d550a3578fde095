"""Changing one's mind: as easy as agreeing was."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from consent.policy.wording import texts
from tests.browser.visitor import Visitor

pytestmark = pytest.mark.browser

GERMAN = texts("de")

#: The usual ways to send something to an address; waits for the last.
SENDING = """async (url) => {
  navigator.sendBeacon(url);
  new Image().src = url;
  await fetch(url, { mode: "no-cors" }).catch(() => {});
}"""


@pytest.fixture
def granted(visitor):
    """Somebody who has agreed to everything."""
    visitor.go()
    visitor.decide("accept")
    visitor.wait_until_ran("count.js", "inline")
    visitor.arrived()
    return visitor


class TestWithdrawing:
    def test_two_steps_from_any_page(self, site, third, granted):
        """
        The link in the footer, one button: no question, no reason. The page loads anew,
        and from then on nothing reaches the services (WD-02, WD-03, WD-04).
        """
        granted.go("/andere")
        third.forget()
        granted.withdraw()
        here = granted.arrived()
        granted.go()

        assert here == granted.arrived() == []
        assert granted.ran() == []
        expect(granted.banner).to_have_count(0)
        assert [event["kind"] for event in site.events()] == ["grant", "withdrawal"]

    @pytest.mark.chromium("style sheets")
    def test_the_button_is_as_wide_as_its_words(self, granted):
        """
        However wide a footer is, the button in it is no bar across the page; in a narrow one it
        breaks its words rather than stick out.
        """
        button = granted.page.locator("footer button[value=withdraw]")
        granted.page.set_viewport_size({"width": 1280, "height": 640})
        wide = button.bounding_box()["width"]
        button.evaluate("button => { button.closest('form').style.width = '8em' }")

        assert wide < 300
        assert button.bounding_box()["width"] <= 8 * 16
        assert button.evaluate("button => button.scrollWidth <= button.clientWidth")

    def test_without_javascript(self, site, third, plain_visitor):
        """
        Without JavaScript it is a page and a button as well (WD-02, WD-09).
        """
        page = plain_visitor.page
        plain_visitor.go()
        plain_visitor.decide("accept")
        plain_visitor.footer_link.click()
        page.wait_for_url(re.compile("/consent/settings"))
        third.forget()
        page.locator("button[value=withdraw]").click()
        page.wait_for_url(re.compile("/$"))

        assert plain_visitor.arrived() == []
        expect(plain_visitor.placeholder("youtube")).to_be_visible()
        assert [event["kind"] for event in site.events()] == ["grant", "withdrawal"]

    def test_the_page_of_settings_leads_back(self, site, granted):
        """
        Where the settings are a page, a withdrawal on it leads back to the page before, with our
        script as without it.
        """
        granted.go("/andere")
        there = granted.footer_link.get_attribute("href")
        granted.page.evaluate("(there) => location.assign(there)", there)
        granted.page.wait_for_url("**/consent/settings*")
        with granted.page.expect_event("load"):
            granted.page.locator("main button[value=withdraw]").click()
        granted.page.wait_for_timeout(100)

        assert granted.page.url == f"{site.url}/andere"

    def test_the_page_of_settings_leads_back_where_pages_are_kept(self, browser, site, third):
        """
        A browser that keeps pages tells the settings that they are hidden once the answer is there:
        they do not load anew instead of the page that they lead back to.
        """
        keeping = browser.launch_keeping_pages()
        visitor = Visitor(keeping.new_context(locale="de-DE"), site, third)
        visitor.go()
        visitor.decide("accept")
        visitor.wait_until_kept("consent", "consent-receipt")
        there = visitor.footer_link.get_attribute("href")
        visitor.page.evaluate("(there) => location.assign(there)", there)
        visitor.page.wait_for_url("**/consent/settings*")
        arrived = []
        visitor.page.on("framenavigated", lambda frame: arrived.append(frame.url))
        visitor.page.locator("main button[value=withdraw]").click()
        visitor.page.wait_for_url(f"{site.url}/")
        visitor.page.wait_for_timeout(100)
        keeping.close()

        assert arrived == [f"{site.url}/"]

    def test_what_the_service_stored_here_is_gone(self, site, third, visitor):
        """
        First-party cookies of the service are deleted, those of the site are not (WD-05).
        """
        cookies = ["_pk_id.1.1fff=a; path=/", "_pk_ses.1.1fff=1; path=/", "basket=3; path=/"]
        body = "".join(f"document.cookie = '{cookie}';" for cookie in cookies)
        site.page(
            f'{{% gate "matomo" %}}<script src="{third.script("count", body)}"></script>'
            "{% endgate %}"
        )
        visitor.go()
        visitor.decide("accept")
        visitor.wait_until_ran("count")
        before = {cookie["name"] for cookie in visitor.context.cookies()}
        visitor.withdraw()

        assert before >= {"_pk_id.1.1fff", "_pk_ses.1.1fff"}
        assert {c["name"] for c in visitor.context.cookies()} == {"basket", "consent"}

    @pytest.mark.chromium("the server decides it, whatever the engine")
    def test_one_service_alone(self, third, granted):
        """
        Taking back the statistics leaves the video as it was (WD-08).
        """
        granted.open_settings()
        granted.dialog.locator("input[value=matomo]").uncheck()
        with granted.page.expect_event("load"):
            granted.dialog.locator("button[value=save]").click()
        third.forget()
        granted.go()
        expect(granted.page.frame_locator("iframe").locator("p")).to_have_text("film")

        assert granted.arrived() == ["film"]
        assert granted.ran() == []

    def test_its_film_does_not_come_back_in_the_frame_of_the_map(self, site, third, visitor):
        """
        Of two embeds the first is taken back: where the page loads anew, browsers that fill frames
        again by their number have nothing to fill the other one with (WD-04, WD-08).
        """
        site.page(
            "".join(
                f'{{% gate "{service}" %}}<iframe title="{service}"'
                f' src="{third.frame(service)}"></iframe>{{% endgate %}}'
                for service in ("youtube", "openstreetmap")
            )
        )
        visitor.go()
        visitor.decide("accept")
        visitor.go()
        visitor.arrived()
        third.forget()
        visitor.open_settings()
        visitor.dialog.locator("input[value=youtube]").uncheck()
        with visitor.page.expect_event("load"):
            visitor.dialog.locator("button[value=save]").click()
        frame = visitor.page.frame_locator("iframe[title=openstreetmap]")
        expect(frame.locator("p")).to_have_text("openstreetmap")

        assert visitor.arrived() == ["openstreetmap"]

    @pytest.mark.chromium("the server decides it, whatever the engine")
    def test_the_record_can_be_seen_while_it_lasts(self, site, granted):
        """
        Who has agreed can look up what the site has recorded; after the withdrawal the
        browser carries no number any more (EV-05, PS-05).
        """
        number = site.events()[0]["receipt"]
        granted.go("/consent/receipt")
        expect(granted.page.locator("main")).to_contain_text(number)
        granted.go()
        granted.withdraw()
        granted.go("/consent/receipt")

        expect(granted.page.locator("main")).to_contain_text(GERMAN["receipt.none"])
        assert [cookie["name"] for cookie in granted.context.cookies()] == ["consent"]

    @pytest.mark.chromium("Playwright prints there only")
    def test_the_record_can_be_printed(self, granted):
        """
        On paper the receipt is what was decided, without links that lead nowhere (EV-10).
        """
        granted.go("/consent/receipt")
        granted.page.emulate_media(media="print")

        expect(granted.page.locator(".cst-records")).to_be_visible()
        expect(granted.page.locator("footer")).to_be_hidden()
        expect(granted.page.locator("a[download]")).to_be_hidden()

    def test_a_withdrawal_that_does_not_arrive_says_so(self, granted):
        """
        Nobody believes to have withdrawn when the site did not answer: the text stays while they go
        on (AX-27).
        """
        granted.page.route("**/choice", lambda route: route.abort("connectionrefused"))
        granted.open_settings()
        granted.dialog.locator("button[value=withdraw]").click()

        expect(granted.dialog.get_by_role("alert")).to_have_text(GERMAN["error.network"])
        granted.page.keyboard.press("Tab")
        expect(granted.dialog.get_by_role("alert")).to_have_text(GERMAN["error.network"])

    def test_a_page_that_is_not_left_tells_nobody(self, site, third, visitor):
        """
        A page may ask whether it may be left, as where a form is half filled in. Whoever stays has
        withdrawn all the same: what runs in it reaches no other host any more (WD-04).
        """
        site.page(
            '{% gate "matomo" %}<script>window.ran = ["asks"];'
            'addEventListener("beforeunload", (event) => event.preventDefault())</script>'
            '{% endgate %}{% gate "youtube" %}'
            f'<iframe title="Film" src="{third.frame("film")}"></iframe>{{% endgate %}}'
        )
        visitor.go()
        visitor.decide("accept")
        visitor.wait_until_ran("asks")
        visitor.open_settings()
        with visitor.page.expect_event("dialog", lambda asked: asked.dismiss() is None):
            visitor.dialog.locator("button[value=withdraw]").click()
        visitor.page.evaluate(SENDING, third.url("after"))

        assert visitor.ran() == ["asks"]
        assert "after" not in third.arrived
        expect(visitor.page.locator("iframe")).to_have_count(0)

    @pytest.mark.chromium("it alone can send after a page has ended")
    @pytest.mark.parametrize("said", [{}, {"Permissions_Policy": "deferred-fetch=()"}], ids=str)
    def test_nothing_is_sent_later_where_the_site_says_so(self, site, third, visitor, said):
        """
        With the header of the docs no script can leave with the browser what it sends once the
        page has ended; without it what was left is sent after a withdrawal, too (WD-04).
        """
        site.headers(**said)
        site.page(
            '{% gate "matomo" %}<script>window.ran = ["leaves"];'
            f"fetchLater('{third.url('later')}')</script>{{% endgate %}}"
        )
        visitor.go()
        visitor.decide("accept")
        visitor.wait_until_ran("leaves")
        visitor.withdraw()
        if not said:
            third.wait_for(["later"])

        assert ("later" in visitor.arrived()) is not bool(said)


class TestGoingBack:
    def test_an_older_page_from_the_cache_starts_nothing(self, third, granted):
        """
        The Back button leads to a page that was granted once; after a withdrawal it comes
        without the services (WD-04, GA-07).
        """
        granted.go()
        granted.wait_until_ran("count.js", "inline")
        granted.go("/andere")
        granted.withdraw()
        third.forget()
        with granted.page.expect_event("load"):
            granted.page.go_back()
        if "/andere" in granted.page.url:
            granted.page.go_back()

        assert granted.page.url.endswith("/")
        assert granted.arrived() == []
        assert granted.ran() == []

    def test_a_page_that_was_kept_alive_notices(self, browser, site, third):
        """
        A page that the browser kept as it was loads again if the choice changed meanwhile
        (GA-13). Browsers keep what they like, so they are asked a few times.
        """
        keeping = browser.launch_keeping_pages()
        heard, found = [], set()
        for _ in range(5):
            visitor = Visitor(keeping.new_context(locale="de-DE"), site, third)
            visitor.page.on("console", lambda message: heard.append(message.text))
            visitor.page.add_init_script(
                "addEventListener('pageshow', ({ persisted }) => persisted && console.log('kept'))"
            )
            visitor.go()
            visitor.decide("accept")
            visitor.wait_until_ran("count.js", "inline")
            visitor.go("/andere")
            visitor.withdraw()
            third.forget()
            with visitor.page.expect_event("load"):
                visitor.page.evaluate("history.back()")
            found |= {*visitor.arrived(), *visitor.ran()}
            visitor.context.close()
            if "kept" in heard:
                break
        keeping.close()

        assert found == set()
        assert "kept" in heard
