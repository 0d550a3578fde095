"""Changing one's mind, in WebKitGTK."""

from __future__ import annotations

import pytest

from tests.browser.test_activation import LATE

pytestmark = [pytest.mark.browser, pytest.mark.every_engine]


def test_one_press_on_any_page_or_one_in_the_settings(site, third, visitor):
    """
    A withdrawal on the page of settings leads back to the page before, and nothing of a service is
    asked for from then on. So does the button in the footer of any page, which tells it once
    (WD-02, WD-04, AX-30).
    """
    visitor.go()
    visitor.decide("accept")
    visitor.wait_until_ran("count.js", "inline")
    visitor.go("/andere")
    there = visitor.find("footer [data-consent-open]").get_attribute("href")
    visitor.ask("void location.assign(arguments[0])", there)
    visitor.find("main button[value=withdraw]")
    visitor.arrived()
    third.forget()
    visitor.click("main button[value=withdraw]")
    visitor.until("location.pathname === '/andere'")
    visitor.arrived()
    back = visitor.driver.current_url
    visitor.go()
    visitor.click("[data-consent-placeholder=youtube] button[value=allow]")
    third.wait_for(["film"])
    visitor.go("/andere")
    with visitor.anew():
        visitor.click("footer button[value=withdraw]")
    visitor.until("document.querySelector('[role=status]')?.textContent.includes('widerrufen')")
    arrived = visitor.arrived()
    visitor.driver.refresh()
    visitor.find("footer [data-consent-open]")
    visitor.arrived()

    assert back == f"{site.url}/andere"
    assert arrived == ["film"]
    assert visitor.count("[role=status]") == 0
    assert [event["kind"] for event in site.events()] == ["grant", "withdrawal"] * 2


def test_nothing_is_sent_while_the_page_ends(site, third, visitor):
    """
    A service that would tell its provider once more as its page ends cannot after its withdrawal;
    what the site itself sends then arrives (WD-04).
    """
    end = LATE
    for name in ("beacon", "kept", "pixel"):
        end = end.replace(name.upper(), third.url(name))
    script = f'<script src="{third.script("late", end)}"></script>'
    site.page(f'{{% gate "matomo" %}}{script}{{% endgate %}}')
    visitor.go()
    visitor.decide("accept")
    visitor.wait_until_ran("late")
    with visitor.anew():
        visitor.click("footer button[value=withdraw]")

    assert visitor.arrived() == ["late"]
    assert site.sent == 1
