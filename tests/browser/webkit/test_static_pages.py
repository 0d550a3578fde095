"""Pages that are the same for everybody, in WebKitGTK."""

from __future__ import annotations

from collections import Counter

import pytest
from flask import Response, request

from tests.browser.servers import Site, served
from tests.browser.test_activation import gate, script
from tests.browser.test_leftovers import (
    DEEP,
    HOST,
    KEPT,
    LEAVE,
    LEFT,
    LOOKING,
    SPREAD,
    make_storing,
)
from tests.browser.test_static_pages import SIGNALS, Cache
from tests.browser.webkit.visitor import Visitor, until

pytestmark = [pytest.mark.browser, pytest.mark.every_engine]


def test_one_page_serves_everybody(tmp_path, third, make_visitor):
    """
    Out of one page that a cache keeps a new visitor is asked, one who refused is not, and what
    somebody allowed runs for that one only (GA-07).
    """
    site = Site(tmp_path, CONSENT_STATIC_PAGES=True)
    site.page(gate(script(third.script("count"))))
    with served(site.app) as port:
        cache = Cache(f"http://127.0.0.1:{port}")
        with served(cache, tls=True) as front:
            site.url = f"https://127.0.0.1:{front}"
            decisions = {None: False, "reject": False, "accept": True}
            visitors = {one: Visitor(make_visitor().driver, site, third) for one in decisions}
            for decision, visitor in visitors.items():
                visitor.go()
                visitor.find("#consent")
                if decision:
                    visitor.decide(decision)
            visitors["accept"].wait_until_ran("count")
            for visitor in visitors.values():
                visitor.go()
            visitors["accept"].wait_until_ran("count")
            asked = [one for one, visitor in visitors.items() if visitor.is_asked]
            ran = {one: visitor.ask("!!window.ran") for one, visitor in visitors.items()}
            hits = cache.hits
    site.store.close()

    assert asked == [None]
    assert ran == decisions
    assert hits >= 5


def test_a_page_that_is_the_same_for_everybody(tmp_path, third, another):
    """
    Such a page asks, starts what was allowed and nothing else, there and on the next view, and
    after a withdrawal nothing. What the service has stored is gone then, cookies whatever domain
    and path they have, and so is what comes back; before a decision and while everything is granted
    nobody looks (GA-07, PS-03, WD-04, WD-05).
    """
    site = make_storing(tmp_path, CONSENT_STATIC_PAGES=True)
    counting = script(third.script("count"))
    site.page(f"<script>{LOOKING}</script>{gate(counting, 'messung')}", DEEP)
    with another(site) as there:
        site.url = site.url.replace("127.0.0.1", HOST)
        there.go(DEEP)
        there.find("#consent")
        before, looked = there.arrived(), [there.ask("looked")]
        there.decide("accept")
        there.wait_until_ran("count")
        there.go(DEEP)
        there.wait_until_ran("count")
        asked = there.is_asked
        there.run(LEAVE)
        there.ask(f"(() => {{ {SPREAD} }})()")
        granted = there.arrived()
        looked.append(there.ask("looked"))
        third.forget()
        there.withdraw()
        until(lambda: there.run(LEFT) == KEPT)
        there.until("!/(^|; )_x=/.test(document.cookie)")
        there.ask(
            "void (localStorage.setItem('_x.zombie', 1), document.cookie = '_x=2; path=/sub')"
        )
        there.go(DEEP)
        there.until("!localStorage.getItem('_x.zombie') && !/(^|; )_x=/.test(document.cookie)")
        looked.append(there.ask("looked > 0"))
        after, cookies = there.arrived(), there.cookies()

    assert (before, asked, looked) == ([], False, [0, 0, True])
    assert set(granted) == {"count"}
    assert after == []
    assert cookies.keys() == {"__Host-consent", "own"}


def test_what_was_granted_starts_side_by_side_and_in_order(tmp_path, third, another):
    """
    A returning visitor waits for the slowest script, each once: the first is answered only once
    the last was, and still runs first. Where the page is of another notice than the decision, the
    server tells what holds (GA-07, RP-04).
    """
    site, others = Site(tmp_path, CONSENT_STATIC_PAGES=True), []
    site.app.after_request(lambda response: _of_another_notice(response) if others else response)
    inline = "<script>ran.push('inline')</script>"
    pages = {"/": ("a", "b", "c"), "/andere": ("d", "e", "f")}  # what was loaded once may be kept
    for path, (first, second, last) in pages.items():
        after = {first: second, second: last, last: None}
        scripts = [script(third.script(name, after=due)) for name, due in after.items()]
        site.page(gate("".join(scripts) + inline), path)
    with another(site) as there:
        there.go()
        there.decide("accept")
        there.wait_until_ran(*pages["/"], "inline")
        there.arrived()
        third.forget()
        there.go("/andere")
        there.wait_until_ran(*pages["/andere"], "inline")
        arrived = there.arrived()
        others.append("/")
        there.go()
        there.wait_until_ran(*pages["/"], "inline")
        asked = there.is_asked

    assert Counter(arrived) == {"d": 1, "e": 1, "f": 1}
    assert not asked


def _of_another_notice(response: Response) -> Response:
    if request.path == "/":
        ours = 'data-consent-held="'
        response.set_data(response.get_data(as_text=True).replace(ours, f"{ours}x"))
    return response


@pytest.mark.parametrize("header", SIGNALS)
def test_a_signal_of_the_browser_counts(tmp_path, third, another, header):
    """
    Nobody who sends it is asked or followed. If it comes after the consent, the page runs nothing,
    says so and asks; the answer counts from then on (SG-02, SG-03, SG-08).
    """
    signal, sent = {f"HTTP_{header.upper().replace('-', '_')}": "1"}, {}
    site = Site(tmp_path, CONSENT_STATIC_PAGES=True)
    site.app.before_request(lambda: request.environ.update(sent))
    counting = gate(script(third.script("count")))
    site.page(counting)
    site.page(f"<script>{SIGNALS[header]}</script>{counting}", "/signal")
    with another(site) as there:
        sent |= signal
        there.go("/signal")
        there.until("window.isLookedAt")
        first = there.arrived(), there.is_asked
        sent.clear()
        there.go()
        there.find("#consent")
        there.decide("accept")
        there.wait_until_ran("count")
        there.arrived()
        third.forget()
        sent |= signal
        there.go("/signal")
        there.until("document.getElementById('consent')?.textContent.includes('ruhen diese')")
        paused = there.arrived()
        there.decide("accept")
        there.wait_until_ran("count")
        there.go("/signal")
        there.wait_until_ran("count")
        asked = there.is_asked

    assert first == ([], False)
    assert paused == []
    assert not asked
