"""When something does not work, in WebKitGTK."""

from __future__ import annotations

import pytest

from consent.policy.wording import texts
from tests.browser.test_activation import gate, script
from tests.browser.test_placeholder import embeds
from tests.browser.webkit.conftest import NO_COOKIES

pytestmark = [pytest.mark.browser, pytest.mark.every_engine]

GERMAN = texts("de")


def test_nothing_is_claimed_that_the_site_has_not_answered(site, third, visitor):
    """
    Where no answer comes, neither a placeholder nor the banner loads anything, and each says so. A
    refusal holds on this page, is told as not saved, and the next page asks again; while services
    run, neither a refusal nor a withdrawal is claimed (AX-27, EV-01).
    """
    told = GERMAN["error.network"]
    site.page(embeds(third) + gate(script(third.script("count"))))
    site.page(gate("<script>window.ran = ['count']</script>"), "/andere")
    site.break_off("/choice")
    visitor.go()
    visitor.click("#film button[value=once]")
    visitor.until_told("#film [role=alert]", told)
    visitor.click("#trailer button[value=allow]")
    visitor.until_told("#trailer [role=alert]", told)
    visitor.click("#consent button[value=accept]")
    visitor.until_told("#consent [role=alert]", told)
    visitor.click("#consent button[value=reject]")
    visitor.until_told("[role=status]", GERMAN["status.unsaved"])
    asked, arrived, cookies = visitor.is_asked, visitor.arrived(), visitor.cookies()
    visitor.go("/andere")
    again, events = visitor.is_asked, site.events()
    site.break_off()
    visitor.decide("accept")
    visitor.wait_until_ran("count")
    site.break_off("/choice")
    visitor.open_settings()
    visitor.click("dialog button[value=reject]")
    visitor.until_told("dialog [role=alert]", told)
    visitor.ask("document.querySelector('dialog [role=alert]').remove()")
    visitor.click("dialog button[value=withdraw]")
    visitor.until_told("dialog [role=alert]", told)

    assert (asked, arrived, cookies) == (False, [], {})
    assert (again, events) == (True, [])
    assert [event["kind"] for event in site.events()] == ["grant"]


def test_a_browser_that_keeps_no_cookies(make_visitor):
    """
    It is told why nothing is switched on, and a refusal holds for the page at least (EV-01, AX-27).
    """
    visitor = make_visitor(*NO_COOKIES)
    visitor.go()
    visitor.click("#consent button[value=accept]")
    visitor.until_told("#consent [role=alert]", GERMAN["error.storage"])
    ran, arrived = visitor.ask("window.ran ?? []"), visitor.arrived()
    visitor.click("#consent button[value=reject]")
    visitor.until_told("[role=status]", GERMAN["status.unsaved"])

    assert (ran, arrived) == ([], [])
    assert not visitor.is_asked
    assert visitor.cookies() == {}


def test_files_of_ours_that_do_not_come(site, visitor):
    """
    Without our script the banner decides as a form, without the style sheet it stands at the
    start of the page and works, and without the script of the settings they are a page (FL-24).
    """
    top = "document.querySelector('#consent h2').getBoundingClientRect().top"
    site.break_off("/consent.js", "/consent.css")
    visitor.go()
    with visitor.anew():
        visitor.click("#consent button[value=reject]")
    refused = visitor.is_asked, visitor.arrived(), list(visitor.cookies())
    visitor.driver.delete_all_cookies()
    site.break_off("/consent.css", "/settings.js")
    visitor.go()
    above = visitor.ask(top)
    visitor.decide("accept")
    visitor.wait_until_ran("count.js", "inline")
    visitor.reach("footer [data-consent-open]").click()
    visitor.until("location.pathname === '/consent/settings'")
    visitor.find("main [type=checkbox]")

    assert refused == (False, [], ["__Host-consent"])
    assert 0 <= above < 720
    assert visitor.count("main [name=service]:checked") == 3
    assert [event["kind"] for event in site.events()] == ["refusal", "grant"]
