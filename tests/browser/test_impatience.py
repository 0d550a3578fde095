"""Visitors who do not wait for an answer, and answers that do not come or are not ours."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from consent.policy.wording import texts
from tests.browser.visitor import Visitor

pytestmark = pytest.mark.browser

GERMAN = texts("de")

#: Lets a page know when it has been told of a cookie that another tab got.
TOLD = """void (window.told = new Promise((tell) =>
  cookieStore.addEventListener("change", () => tell(), { once: true })))"""

IS_ASKING = "!!document.querySelector('[aria-busy]')"


def embeds(third) -> str:
    """A film and a map, each behind a gate of its own."""
    return "".join(
        f'{{% gate "{service}" %}}<iframe title="{service}" src="{third.frame(service)}"></iframe>'
        "{% endgate %}"
        for service in ("youtube", "openstreetmap")
    )


class TestPressingAgain:
    def test_a_refusal_behind_a_consent_is_the_last_word(self, site, visitor):
        """
        Who presses the other button while the first is still on its way has refused: nothing starts
        in between, and both decisions are on record in their order (EV-07).
        """
        visitor.go()
        site.hold("/choice")
        visitor.button("accept").click()
        visitor.until(IS_ASKING)
        visitor.button("reject").click()
        with visitor.page.expect_event("load"):
            site.go_on()

        expect(visitor.placeholder("youtube")).to_be_visible()
        expect(visitor.banner).to_have_count(0)
        assert visitor.ran() == []
        assert visitor.arrived() == []
        assert [event["kind"] for event in site.events()] == ["grant", "withdrawal"]

    def test_one_that_gets_lost_starts_nothing_either(self, site, visitor):
        """
        If only the consent arrived, nothing starts on this page: a text says that the refusal did
        not, and it can be pressed again (AX-27).
        """
        visitor.go()
        site.hold("/choice")
        visitor.button("accept").click()
        visitor.until(IS_ASKING)
        visitor.button("reject").click()
        lost = []
        visitor.page.route("**/choice", lambda route: lost.append(route.abort()))
        site.go_on()
        expect(visitor.banner.get_by_role("alert")).to_have_text(GERMAN["error.network"])
        before = visitor.ran(), visitor.arrived()
        visitor.page.unroute_all()
        with visitor.page.expect_event("load"):
            visitor.button("reject").click()

        assert len(lost) == 1
        assert before == ([], [])
        assert visitor.ran() == []
        assert [event["kind"] for event in site.events()] == ["grant", "withdrawal"]

    def test_a_consent_behind_a_refusal_is_told(self, site, visitor):
        """
        Who refuses and, before that is answered, accepts is told what holds in the end, although
        the banner went with the first answer; the focus is on what is said (AX-19, AX-27).
        """
        visitor.go()
        site.hold("/choice")
        visitor.button("reject").click()
        visitor.until(IS_ASKING)
        visitor.button("accept").click()
        site.go_on()
        visitor.wait_until_ran("count.js", "inline")

        expect(visitor.page.get_by_role("status")).to_have_text(GERMAN["status.saved"])
        expect(visitor.focus).to_have_attribute("role", "status")
        assert [event["kind"] for event in site.events()] == ["refusal", "grant"]

    def test_every_placeholder_that_was_pressed_is_shown(self, site, third, visitor):
        """
        A film and a map that are asked for one right after the other are both shown, each once.
        """
        site.page(embeds(third))
        visitor.go()
        site.hold("/choice")
        for service in ("youtube", "openstreetmap", "youtube"):
            visitor.placeholder(service).locator("button[value=once]").click()
        site.go_on()

        for service in ("youtube", "openstreetmap"):
            frame = visitor.page.frame_locator(f"iframe[title={service}]")
            expect(frame.locator("p")).to_have_text(service)
        assert [event["granted"] for event in site.events()] == [["youtube"], ["openstreetmap"]]

    def test_pressing_twice_is_one_decision(self, site, visitor):
        """
        A double click, or Enter that is held down, is sent once.
        """
        sent = []
        visitor.page.on("request", lambda request: sent.append(request.method))
        visitor.go()
        site.hold("/choice")
        visitor.button("accept").dblclick()
        visitor.page.keyboard.press("Enter")
        site.go_on()

        expect(visitor.banner).to_have_count(0)
        assert sent.count("POST") == 1
        assert [event["kind"] for event in site.events()] == ["grant"]


class TestGoingOn:
    @pytest.fixture
    def kept(self, browser, site, third):
        """Somebody whose browser keeps pages, and who went on before the answer to a consent."""
        keeping = browser.launch_keeping_pages()
        visitor = Visitor(keeping.new_context(locale="de-DE"), site, third)
        visitor.page.add_init_script("addEventListener('pageshow', () => console.debug('shown'))")
        visitor.go()
        site.hold("/choice")
        visitor.button("accept").click()
        visitor.until(IS_ASKING)
        # After the load, so that nobody takes it for that of the page gone back to.
        with visitor.page.expect_console_message(lambda message: message.text == "shown"):
            visitor.page.locator("header a").last.click()
        yield visitor
        keeping.close()

    @pytest.mark.every_engine
    def test_the_page_before_knows_what_was_answered_meanwhile(self, site, kept):
        """
        Back on a page that was left while its decision was on the way, nobody is asked again, and
        what was allowed runs (GA-13, AX-28).
        """
        site.go_on()
        kept.until("document.cookie.includes('consent=')")
        kept.back()

        kept.until("!document.getElementById('consent')")
        kept.wait_until_ran("count.js", "inline")

    @pytest.mark.every_engine
    def test_its_buttons_work_if_the_answer_was_lost(self, site, kept):
        """
        If no answer came while the page was left, it asks as before.
        """
        site.let_down()
        kept.back()
        kept.until("""() => {
          document.querySelector("#consent button[value=accept]")?.click();
          return !document.getElementById("consent");
        }""")

        kept.wait_until_ran("count.js", "inline")
        assert [event["kind"] for event in site.events()] == ["grant"]


@pytest.mark.parametrize(("before", "decision"), [(None, "reject"), ("accept", "withdraw")])
def test_what_is_pressed_on_the_way_out_holds(site, visitor, before, decision):
    """
    A refusal or a withdrawal by somebody who leaves the page before it is answered is kept by
    the browser: nobody is asked again, and what was granted is off.
    """
    visitor.go()
    if before:
        visitor.decide(before)
        visitor.wait_until_ran("count.js", "inline")
        visitor.open_settings()
    site.hold("/choice")
    root = visitor.dialog if before else visitor.banner
    root.locator(f"button[value={decision}]").click()
    visitor.until(IS_ASKING)
    visitor.page.goto("about:blank")
    site.go_on()
    visitor.wait_until_kept("consent")  # the receipt of a grant is gone
    visitor.go("/andere")

    expect(visitor.banner).to_have_count(0)
    assert visitor.ran() == []
    assert [event["kind"] for event in site.events()][-1] in {"refusal", "withdrawal"}


#: Answers of a hotel's network, a proxy or a page to sign in, and one that is cut off.
STRANGE = {
    "a page": {"body": "<!doctype html><h1>Bitte anmelden</h1>", "content_type": "text/html"},
    "an error": {"status": 502, "body": "<h1>Bad Gateway</h1>", "content_type": "text/html"},
    "too many": {"status": 429, "body": "slow down", "content_type": "text/plain"},
    "nothing": {"status": 204},
    "null": {"body": "null", "content_type": "application/json"},
    "other JSON": {"body": '{"ok": true}', "content_type": "application/json"},
    "half": {"body": '{"granted": ["mato', "content_type": "application/json"},
}


#: Lets ten seconds of waiting for the first answer pass in one, and notes what was asked for.
SOON = """const own = AbortSignal.timeout.bind(AbortSignal);
AbortSignal.timeout = (wait) => own(window.patience ? wait : (window.patience = wait) / 10);"""


class TestSilence:
    @pytest.fixture
    def waiting(self, site, visitor):
        """Somebody whose decisions are taken and not answered, for whom time passes faster."""
        visitor.context.add_init_script(SOON)
        visitor.go()
        site.hold("/choice")
        return visitor

    def test_a_consent_can_be_given_again(self, site, waiting):
        """
        After ten seconds without an answer a text says so, nothing is granted, and the button works
        again (EV-01, AX-27).
        """
        waiting.button("accept").click()
        expect(waiting.banner.get_by_role("alert")).to_have_text(GERMAN["error.network"])
        before = waiting.ran(), waiting.arrived(), waiting.page.evaluate(IS_ASKING)
        site.let_down()
        waiting.decide("accept")

        waiting.wait_until_ran("count.js", "inline")
        assert before == ([], [], False)
        assert waiting.page.evaluate("patience") == 10_000

    def test_a_refusal_holds(self, site, waiting):
        """
        A refusal that is not answered holds for the page, and a text says that the next one asks
        again (AX-27).
        """
        waiting.button("reject").click()

        expect(waiting.page.get_by_role("status")).to_have_text(GERMAN["status.unsaved"])
        expect(waiting.banner).to_have_count(0)
        site.let_down()


class TestAnswers:
    @pytest.mark.parametrize("answer", STRANGE.values(), ids=STRANGE)
    def test_what_is_not_ours_grants_nothing(self, site, visitor, answer):
        """
        An answer by somebody else starts nothing and is told; the button works once the site
        answers again, and so it is with a withdrawal (EV-01, AX-27).
        """
        visitor.go()
        visitor.page.route("**/choice", lambda route: route.fulfill(**answer))
        visitor.button("accept").click()
        expect(visitor.banner.get_by_role("alert")).to_have_text(GERMAN["error.network"])
        before = visitor.ran()
        visitor.page.unroute_all()
        visitor.decide("accept")
        visitor.wait_until_ran("count.js", "inline")
        visitor.page.route("**/choice", lambda route: route.fulfill(**answer))
        visitor.open_settings()
        button = visitor.dialog.locator("button[value=withdraw]")
        button.click()
        expect(visitor.dialog.get_by_role("alert")).to_have_text(GERMAN["error.network"])
        visitor.page.unroute_all()
        with visitor.page.expect_event("load"):
            button.click()

        assert before == []
        assert visitor.ran() == []
        assert [event["kind"] for event in site.events()] == ["grant", "withdrawal"]

    def test_another_tab_is_heard_when_no_answer_comes(self, site, third, visitor):
        """
        What is decided in another tab while this one waits in vain holds here, too (GA-14).
        """
        visitor.go()
        other = Visitor(visitor.context, site, third)
        other.go("/andere")
        held = []
        visitor.page.route("**/choice", lambda route: held.insert(0, route))
        visitor.page.evaluate("document.querySelector('#consent [value=accept]').click()")
        visitor.page.evaluate(TOLD)
        other.decide("reject")
        visitor.page.evaluate("told")
        held[0].abort()

        expect(visitor.banner).to_have_count(0)
        assert visitor.ran() == []

    def test_a_banner_that_somebody_takes_away_leaves_the_settings(self, site, visitor):
        """
        If an add-on removes the banner while a refusal that is never answered is on the way, the
        settings still work.
        """
        visitor.go()
        site.hold("/choice")
        # Listened for from the start: a driver told only now may hear of it too late.
        with visitor.page.expect_event("requestfailed"):
            visitor.button("reject").click()
            visitor.until(IS_ASKING)
            visitor.page.evaluate("document.querySelector('#consent').remove()")
            site.break_off("/choice")
            site.go_on()
        site.break_off()
        visitor.open_settings()
        visitor.dialog.locator("button[value=accept]").click()

        visitor.wait_until_ran("count.js", "inline")
