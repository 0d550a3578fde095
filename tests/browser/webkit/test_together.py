"""More than one page, tab and moment, in WebKitGTK."""

from __future__ import annotations

import pytest

from tests.browser.test_activation import script
from tests.browser.test_leftovers import DEEP, HOST, SPREAD, make_storing

pytestmark = [pytest.mark.browser, pytest.mark.every_engine]


def test_another_tab_follows(site, third, visitor):
    """
    Allowed in one tab, services start in the other without loading it anew; withdrawn, they end
    there as well (GA-14, WD-04).
    """
    site.page(f'{{% gate "matomo" %}}{script(third.script("tab"))}{{% endgate %}}', "/andere")
    windows = visitor.driver.switch_to
    visitor.go()
    here = visitor.driver.current_window_handle
    windows.new_window("tab")
    there = visitor.driver.current_window_handle
    visitor.go("/andere")
    visitor.ask("void (window.stays = true)")
    windows.window(here)
    visitor.decide("accept")
    windows.window(there)
    visitor.wait_until_ran("tab")
    stays, asked = visitor.ask("window.stays"), visitor.is_asked
    windows.window(here)
    visitor.arrived()
    third.forget()
    visitor.withdraw()
    windows.window(there)
    visitor.until("!window.stays && document.readyState === 'complete'")

    assert (stays, asked) == (True, False)
    assert visitor.ask("window.ran ?? []") == []
    assert visitor.arrived() == []


def test_nothing_comes_back_after_a_withdrawal(visitor, third):
    """
    Back on a page that was left while services ran and that the browser has kept as it was, they
    do not run any more (GA-13, WD-04).
    """
    visitor.go()
    visitor.decide("accept")
    visitor.wait_until_ran("count.js", "inline")
    visitor.ask(
        "void addEventListener('pageshow', (event) => (sessionStorage.kept = event.persisted))"
    )
    visitor.click("header a[href='/andere']")
    visitor.until("location.pathname === '/andere'")
    visitor.withdraw()
    visitor.arrived()
    third.forget()
    visitor.driver.back()
    visitor.until(
        "location.pathname === '/' && document.querySelector('[data-consent-placeholder=youtube]')"
    )

    assert visitor.ask("sessionStorage.kept") == "true"
    assert visitor.ask("window.ran ?? []") == []
    assert visitor.arrived() == []


def test_a_page_that_is_the_same_for_everybody(tmp_path, third, another):
    """
    Such a page asks, starts what was allowed and nothing else, there and on the next view, and
    after a withdrawal nothing; cookies of the service are gone then, whatever domain and path they
    have (GA-07, WD-04, WD-05).
    """
    site = make_storing(tmp_path, CONSENT_STATIC_PAGES=True)
    counting = script(third.script("count"))
    site.page(f'{{% gate "messung" %}}{counting}{{% endgate %}}', DEEP)
    with another(site) as there:
        site.url = site.url.replace("127.0.0.1", HOST)
        there.go(DEEP)
        there.find("#consent")
        before = there.arrived()
        there.decide("accept")
        there.wait_until_ran("count")
        there.go(DEEP)
        there.wait_until_ran("count")
        asked = there.is_asked
        there.ask(f"(() => {{ {SPREAD} }})()")
        granted = there.arrived()
        third.forget()
        there.withdraw()
        there.until("!/(^|; )_x=/.test(document.cookie)")
        there.go(DEEP)
        after, cookies = there.arrived(), there.cookies()

    assert (before, asked) == ([], False)
    assert set(granted) == {"count"}
    assert after == []
    assert cookies.keys() == {"__Host-consent", "own"}
