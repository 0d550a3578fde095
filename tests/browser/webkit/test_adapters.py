"""Providers' own scripts, in WebKitGTK."""

from __future__ import annotations

import pytest

from tests.browser.test_adapters import (
    CONSENT,
    COUNT_AT_END,
    GTAG,
    SOLVABLE,
    STATISTICS_ALONE,
    captcha,
    clarity,
    gate,
    make_site,
)
from tests.browser.test_leftovers import HOST

pytestmark = [pytest.mark.browser, pytest.mark.every_engine]

#: The adapters that a page has loaded.
ADAPTERS = """performance.getEntriesByType("resource")
  .map(({ name }) => name.match(/adapters\\/([^?]+)/)?.[1]).filter(Boolean).sort()"""


def test_google_hears_of_statistics_alone(tmp_path, another):
    """
    Statistics alone: one adapter is loaded, everything is denied, then statistics are granted, then
    Google's own commands come (GA-09).
    """
    site = make_site(tmp_path)
    site.page(gate("google-analytics", GTAG))
    with another(site) as there:
        there.go()
        before = there.ask("typeof dataLayer")
        there.tick("google-analytics")
        there.wait_until_ran("gtag")
        adapters, told = there.ask(ADAPTERS), there.ask(CONSENT)
        own = there.ask("[...dataLayer[2]]")

    assert before == "undefined"
    assert adapters == ["tell-google.js"]
    assert told == STATISTICS_ALONE
    assert own == ["js", 1]


def test_published_scripts_do_what_their_adapters_say(tmp_path, third, another):
    """
    No adapter is loaded before its grant. Clarity sets its cookies after our call, and none are
    left after the withdrawal; a Friendly Captcha is gone before its page ends (GA-11, WD-05,
    WD-06).
    """
    site = make_site(tmp_path)
    site.page(clarity(third) + captcha(third))
    with another(site) as there:
        site.url = site.url.replace("127.0.0.1", HOST)  # WebKit takes cookies for ".0.1" as well
        there.go()
        before = there.ask(ADAPTERS)
        there.decide("accept")
        there.wait_until_ran("clarity", "on", "captcha")
        there.until(f"document.cookie.includes('_clck') && {SOLVABLE}")
        granted = there.ask(ADAPTERS)
        there.ask(COUNT_AT_END)
        there.withdraw()
        left = there.ask("sessionStorage.left")
        there.until("!document.cookie.includes('_cl')")
        cookies = there.cookies()

    assert before == []
    assert {"tell-clarity.js"} <= set(granted)
    assert left == "0"
    assert cookies.keys() == {"__Host-consent"}
