"""More than one page, tab and moment, in WebKitGTK."""

from __future__ import annotations

import pytest

from tests.browser.test_activation import script
from tests.browser.test_together import SWAP

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


def test_what_is_refused_on_the_page_of_settings_reaches_another_tab(visitor):
    """
    It does not matter how the cookie came: refused by a form that no script of ours sends, the
    question is gone in the other tab, which is not loaded anew (GA-14).
    """
    windows = visitor.driver.switch_to
    visitor.go()
    here = visitor.driver.current_window_handle
    visitor.ask("void (window.stays = true)")
    windows.new_window("tab")
    visitor.go("/consent/settings")
    with visitor.anew():
        visitor.click("main button[value=reject]")
    windows.window(here)
    visitor.until("!document.getElementById('consent')")

    assert visitor.ask("window.stays")
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


def test_bodies_are_swapped(third, visitor):
    """
    In a body that was swapped in, nothing runs before a decision, the banner decides, and what it
    allows starts; a body that was kept from before asks nobody again, and starts as well (GA-15).
    """
    visitor.go()
    visitor.ask("void (window.kept = document.body.cloneNode(true))")
    for path in ("/andere", "/"):
        visitor.run(f"() => ({SWAP})('{path}')")
    visitor.until("document.querySelector('[value=once]')?.checkVisibility()")
    before, ran = visitor.arrived(), visitor.ask("window.ran ?? []")
    visitor.decide("accept")
    visitor.wait_until_ran("count.js", "inline")
    third.wait_for(["film"])
    visitor.ask("void document.body.replaceWith(kept)")
    visitor.until("!document.getElementById('consent') && document.querySelector('iframe')")

    assert (before, ran) == ([], [])
    assert not visitor.count("[data-consent-placeholder]")
