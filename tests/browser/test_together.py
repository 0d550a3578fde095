"""More than one page, tab and moment: what is decided in one place holds in all of them."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.visitor import Visitor

pytestmark = pytest.mark.browser

#: Milliseconds within which another tab must follow.
SOON = 1000


@pytest.fixture
def other(visitor, site, third):
    """A second tab of the same visitor."""
    visitor.go()
    tab = Visitor(visitor.context, site, third)
    tab.go("/andere")
    return tab


#: Writes our cookie, and waits until the page has been told.
WRITE = """(value) => new Promise((told) => {
  cookieStore.addEventListener("change", () => setTimeout(told), { once: true });
  document.cookie = `consent=${value}; path=/`;
})"""


#: Counts how often a page looks for cookies.
COUNT = """{
  const { get, set } = Object.getOwnPropertyDescriptor(Document.prototype, "cookie");
  window.looks = 0;
  Object.defineProperty(Document.prototype, "cookie", {
    get() { looks += 1; return get.call(this); },
    set,
  });
}"""


def test_nobody_waits_for_what_the_page_knows(visitor):
    """
    Browsers are slow to find a cookie, so our script looks for none before something happens, also
    on pages of somebody who has allowed all; the page follows another tab all the same.
    """
    visitor.context.add_init_script(COUNT)
    visitor.go()
    looks = [visitor.page.evaluate("looks")]
    visitor.decide("accept")
    looks.append(visitor.page.evaluate("looks"))
    visitor.go()
    looks.append(visitor.page.evaluate("looks"))
    assert (looks[0], looks[1] > 0, looks[2]) == (0, True, 0)

    other = visitor.context.new_page()
    other.goto(visitor.page.url)
    other.locator("footer [data-consent-open]").click()
    with visitor.page.expect_event("load"):
        other.locator("dialog button[value=reject]").click()
    assert visitor.ran() == []
    other.close()


class TestTabs:
    def test_a_refusal_reaches_the_other_tab(self, visitor, other):
        """
        Refused in one tab, the question is gone in the other within a second (GA-14).
        """
        visitor.decide("reject")

        expect(other.banner).to_have_count(0, timeout=SOON)

    def test_a_consent_starts_the_other_tab(self, site, third, visitor, other):
        """
        Allowed in one tab, services start in the other without loading it anew, once (GA-14).
        """
        site.page(
            f'{{% gate "matomo" %}}<script src="{third.script("tab")}"></script>{{% endgate %}}',
            "/andere",
        )
        other.go("/andere")
        other.page.evaluate("window.stays = true")
        visitor.decide("accept")
        other.wait_until_ran("tab")

        expect(other.banner).to_have_count(0, timeout=SOON)
        assert other.page.evaluate("window.stays")
        assert other.arrived().count("tab") == 1

    @pytest.mark.parametrize("junk", ["1.a.b", "1", "2.a.b.matomo.c"])
    def test_what_is_no_decision_leaves_the_question(self, visitor, junk):
        """
        What is no cookie of ours, or one of another version, starts nothing, and the question
        stays (RP-10).
        """
        visitor.go()
        visitor.page.evaluate(WRITE, junk)

        expect(visitor.banner).to_be_visible()
        assert visitor.ran() == []

    def test_a_withdrawal_stops_the_other_tab(self, visitor, other, third):
        """
        Withdrawn in one tab, the other loads anew and nothing of the service runs; it says nothing
        of its own, and what the site keeps in the history is as it was (GA-14, WD-04).
        """
        visitor.decide("accept")
        expect(other.banner).to_have_count(0, timeout=SOON)
        other.go()
        other.page.evaluate("history.replaceState('offen', '')")
        with other.page.expect_event("load"):
            visitor.withdraw()
        third.forget()

        assert other.ran() == []
        assert other.arrived() == []
        assert other.page.evaluate("history.state") == "offen"
        expect(other.page.get_by_role("status")).to_have_count(0)

    def test_no_form_is_sent_again(self, site, visitor, other):
        """
        A page that answered a form, such as an order, is asked for anew after a withdrawal in
        another tab, and the form is not sent a second time (WD-04).
        """
        film = "{% gate 'youtube' %}<iframe title=Film src=/film></iframe>{% endgate %}"
        site.page(film, "kontakt")
        visitor.decide("accept")
        expect(other.banner).to_have_count(0, timeout=SOON)
        with other.page.expect_event("load"):
            other.page.locator("main form button").click()
        before = site.sent
        with other.page.expect_event("load"):
            visitor.withdraw()

        expect(other.placeholder("youtube")).to_be_visible()
        assert other.page.url.endswith("/kontakt")
        assert (before, site.sent) == (1, 1)

    def test_a_decision_without_our_script_counts_as_well(self, visitor, other):
        """
        It does not matter how the cookie came: the settings page sends its form by itself.
        """
        visitor.go("/consent/settings")
        visitor.page.locator("button[value=reject]").click()

        expect(other.banner).to_have_count(0, timeout=SOON)


class TestBack:
    @pytest.mark.parametrize("decision", ["accept", "reject"])
    def test_the_page_before_shows_what_was_decided_since(self, visitor, decision):
        """
        Back on a page that was left before the decision, nobody is asked again, and what was
        allowed runs (GA-13, AX-28).
        """
        visitor.go()
        visitor.page.locator("header a").last.click()
        visitor.decide(decision)
        visitor.back()

        visitor.until("!document.getElementById('consent')")
        visitor.wait_until_ran(*(["count.js", "inline"] if decision == "accept" else []))
        assert ("count.js" in visitor.arrived()) == (decision == "accept")

    def test_nothing_comes_back_after_a_withdrawal(self, visitor, third):
        """
        Back on a page that was left while services ran, they do not run any more (GA-13).
        """
        visitor.go()
        visitor.decide("accept")
        visitor.wait_until_ran("count.js", "inline")
        visitor.page.locator("header a").last.click()
        visitor.withdraw()
        visitor.arrived()
        third.forget()
        with visitor.page.expect_event("load"):
            visitor.page.evaluate("history.back()")

        assert visitor.ran() == []
        assert visitor.arrived() == []
        expect(visitor.placeholder("youtube")).to_be_visible()


#: What Turbo and htmx do on a link: another page's body takes the place of this one's.
SWAP = """async (path) => {
  const text = await (await fetch(path)).text();
  const page = new DOMParser().parseFromString(text, "text/html");
  document.body.replaceWith(document.adoptNode(page.body));
}"""


class TestSwappedBodies:
    def test_banner_gate_and_link_go_on_working(self, visitor):
        """
        After a body is swapped in, the banner decides, what it allows starts, and the link in
        the footer opens the settings (GA-15).
        """
        visitor.go("/andere")
        visitor.page.evaluate(SWAP, "/")
        expect(visitor.placeholder("youtube").locator("button[value=once]")).to_be_visible()
        visitor.decide("accept")
        visitor.wait_until_ran("count.js", "inline")
        visitor.open_settings()

        expect(visitor.dialog.locator("input[name=service]:checked")).to_have_count(3)

    def test_a_kept_body_is_brought_up_to_date(self, visitor):
        """
        A body that was kept from before the decision asks nobody again once it is back, and
        what was allowed starts in it (GA-15).
        """
        visitor.go()
        visitor.page.evaluate("window.kept = document.body.cloneNode(true)")
        visitor.page.evaluate(SWAP, "/andere")
        visitor.decide("accept")
        visitor.page.evaluate("document.body.replaceWith(kept)")

        expect(visitor.banner).to_have_count(0)
        expect(visitor.placeholder("youtube")).to_have_count(0)
        expect(visitor.page.frame_locator("iframe").locator("p")).to_have_text("film")

    def test_parts_that_come_before_a_decision_stay_off(self, visitor):
        """
        What is put into the page without a decision stays inert (GA-15).
        """
        visitor.go()
        visitor.page.evaluate(SWAP, "/")

        assert visitor.ran() == []
        assert visitor.arrived() == []


#: Ways in which scripts of a page put parts into it. ``given`` is the markup.
WAYS = {
    "innerHTML": "document.querySelector('main').innerHTML = given",
    "insertAdjacentHTML": "document.querySelector('main').insertAdjacentHTML('beforeend', given)",
    "template": """const made = document.createElement("template"); made.innerHTML = given;
        document.querySelector("main").append(made.content.cloneNode(true))""",
    "custom element": """customElements.define("late-part", class extends HTMLElement {
        connectedCallback() { this.innerHTML = given } });
        document.querySelector("main").append(document.createElement("late-part"))""",
}


#: Put into a page before our script: notes what is searched for and counts how often changes of the
#: document are told.
COUNTING = """<script>
  window.searches = [];
  window.told = 0;
  for (const { prototype } of [Document, DocumentFragment, Element])
    for (const name of ["querySelector", "querySelectorAll"]) {
      const own = prototype[name];
      prototype[name] = function (what) { searches.push(what); return own.call(this, what) };
    }
  window.MutationObserver = class extends MutationObserver {
    constructor(tell) { super((...what) => { told++; tell(...what) }) }
  };
</script>"""

#: Puts 5,000 nodes into such a page, fifty in each task, while time stands still. Resolves to how
#: often that was told, how many timers were set, and what was searched for until they had ended.
THOUSANDS = """(async () => {
  const wait = window.setTimeout, timers = [];
  const { port1, port2 } = new MessageChannel();
  const all = document.createElement("div");
  all.hidden = true;  // nobody has to draw them
  window.setTimeout = (call) => timers.push(call);
  searches.length = told = 0;
  document.body.append(all);
  for (let n = 0; n < 100; n++) {
    for (let m = 0; m < 50; m++) all.append(document.createElement("p"));
    await new Promise((next) => { port1.onmessage = next; port2.postMessage(null) });
  }
  port1.close();
  window.setTimeout = wait;
  for (const call of timers) call();
  return [told, timers.length, [...searches]];
})()"""


def assert_few(told: int, timers: int, searches: list[str]) -> None:
    """See that little was done, as :data:`THOUSANDS` has it."""
    assert told == 100
    assert timers == 1
    assert 0 < len(searches) == len(set(searches)) < 10


def script_time(session) -> float:
    """The milliseconds of CPU that scripts of a page have taken."""
    listed = session.send("Performance.getMetrics")["metrics"]
    return next(one["value"] for one in listed if one["name"] == "ScriptDuration") * 1000


class TestPartsThatComeLater:
    @pytest.fixture
    def part(self, third):
        """Markup as a server sends it for a part: a gate that is shut, with its scripts."""
        return (
            f'<template data-consent="matomo"><script src="{third.script("late")}"></script>'
            "<script>ran.push('after ' + ran.length)</script></template>"
        )

    @pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
    def test_they_wait_for_the_decision(self, site, part, visitor, way):
        """
        Put in before a decision, they stay off, and start with it in order and once (GA-15).
        """
        site.page("")
        visitor.go()
        visitor.page.evaluate(f"(given) => {{ {way} }}", part)
        before = visitor.arrived()
        visitor.decide("accept")
        visitor.wait_until_ran("late", "after 1")

        assert before == []
        assert visitor.arrived() == ["late"]

    @pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
    def test_they_start_where_it_was_granted(self, site, part, visitor, way):
        """
        Put in after a grant, they start at once, although a parser that a script calls makes
        dead scripts (GA-15).
        """
        site.page("")
        visitor.go()
        visitor.decide("accept")
        visitor.page.evaluate(f"(given) => {{ {way} }}", part)
        visitor.wait_until_ran("late", "after 1")

        assert visitor.arrived() == ["late"]

    def test_thousands_are_looked_at_together(self, site, visitor):
        """
        Of 5,000 nodes put in with a hundred tasks none is looked at by itself: the page is searched
        once, for each thing that it may have (GA-15).
        """
        site.page(COUNTING)
        visitor.go()
        visitor.until("painted")  # what watches sets a timer, too

        assert_few(*visitor.page.evaluate(THOUSANDS))

    @pytest.mark.chromium("it alone tells the CPU time of scripts")
    def test_thousands_cost_next_to_nothing(self, visitor):
        """
        5,000 nodes that come later cost less than 5 ms of script, all in all; the best of three
        counts, as the machine has other things to do.
        """
        visitor.go()
        session = visitor.context.new_cdp_session(visitor.page)
        session.send("Performance.enable", {"timeDomain": "threadTicks"})
        times = []
        for _ in range(3):
            before = script_time(session)
            visitor.page.evaluate(
                """() => {
                  const all = document.body.appendChild(document.createElement("div"));
                  all.hidden = true;
                  for (let n = 0; n < 5000; n++) all.append(document.createElement("p"));
                }"""
            )
            visitor.page.wait_for_timeout(150)
            times.append(script_time(session) - before)

        assert min(times) < 5


class TestOneButtonInTheFooter:
    def test_it_withdraws_and_tells_so(self, site, third, visitor):
        """
        One press on the button in the footer of any page withdraws everything; the page that
        loads then says so (WD-02, AX-30).
        """
        visitor.go()
        visitor.decide("accept")
        visitor.wait_until_ran("count.js", "inline")
        visitor.arrived()
        visitor.go("/andere")
        third.forget()
        with visitor.page.expect_event("load"):
            visitor.page.locator("footer button[value=withdraw]").click()

        expect(visitor.page.get_by_role("status")).to_contain_text("widerrufen")
        assert visitor.arrived() == []
        assert [event["kind"] for event in site.events()] == ["grant", "withdrawal"]
        visitor.page.reload()
        expect(visitor.page.get_by_role("status")).to_have_count(0)

    def test_it_comes_with_the_grant(self, site, visitor):
        """
        The page on which somebody agreed has the button at once, and it withdraws as on any other
        page; a refusal brings none (WD-02).
        """
        button = visitor.page.locator("footer button[value=withdraw]")
        visitor.go()
        visitor.decide("reject")
        expect(visitor.banner).to_have_count(0)
        assert button.count() == 0
        visitor.open_settings()
        visitor.dialog.locator("button[value=accept]").click()
        expect(button).to_have_count(1)
        with visitor.page.expect_event("load"):
            button.click()

        expect(visitor.page.get_by_role("status")).to_contain_text("widerrufen")
        expect(button).to_have_count(0)
        assert [event["kind"] for event in site.events()] == ["refusal", "grant", "withdrawal"]

    @pytest.mark.parametrize("kept", [None, "offen", {"turbo": {"index": 3}}])
    def test_what_a_site_keeps_in_the_history_is_as_it_was(self, visitor, kept):
        """
        The page that loads anew finds there what its scripts had put, or nothing if that was so.
        """
        visitor.go()
        visitor.decide("accept")
        visitor.page.evaluate("(kept) => history.replaceState(kept, '')", kept)
        visitor.withdraw()

        expect(visitor.page.get_by_role("status")).to_contain_text("widerrufen")
        assert visitor.page.evaluate("history.state") == kept

    def test_without_javascript(self, site, plain_visitor):
        """
        The button is a plain form and works without JavaScript (WD-09).
        """
        plain_visitor.go()
        plain_visitor.decide("accept")
        plain_visitor.page.locator("footer button[value=withdraw]").click()

        expect(plain_visitor.placeholder("youtube")).to_be_visible()
        assert site.events()[-1]["kind"] == "withdrawal"
