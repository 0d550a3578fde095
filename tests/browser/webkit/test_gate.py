"""What the gate does besides holding back, in WebKitGTK."""

from __future__ import annotations

import time
from functools import partial

import pytest

from tests.browser.servers import LAST, Site
from tests.browser.test_adapters import (
    EMBEDDED,
    FRAMES,
    TOLD,
    assert_told,
    make_site,
    talkative,
)
from tests.browser.test_csp import FORGOTTEN, LENIENT, forgetful
from tests.browser.test_leftovers import DEEP, HOST, KEPT, LEAVE, LEFT, SPREAD, make_storing
from tests.browser.test_vectors import SEE, raw
from tests.browser.vectors import VECTORS, addressed
from tests.browser.webkit.visitor import PATIENCE

pytestmark = [pytest.mark.browser, pytest.mark.every_engine]

#: What is refused by name in a page that forgot its gates.
LEAKED = {"connect-src", "frame-src", "img-src", "media-src", "script-src-elem", "style-src-elem"}


def until(holds) -> None:
    """Wait until *holds* says so."""
    end = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < end


def give_up(visitor, service: str) -> None:
    """Take *service* back in the settings."""
    with visitor.anew():
        visitor.open_settings()
        box = visitor.find(f"dialog input[value={service}]")
        visitor.ask("arguments[0].scrollIntoView({ block: 'center' })", box)
        box.click()
        visitor.click("dialog button[value=save]")


def test_the_policy_alone_refuses_every_way_before_a_grant(tmp_path, third, another):
    """
    Of a page with every vector and no gate at all, the other origin sees no request (GA-05).
    """
    lenient = Site(tmp_path, CONSENT_CSP=LENIENT)
    with another(lenient) as there:
        lenient.page(raw("".join(addressed(VECTORS, third))))
        there.go()
        there.ask(f"({SEE})()")
        there.driver.get(third.url(LAST))

    assert third.arrived == []


def test_what_was_granted_widens_the_policy_of_the_next_page(tmp_path, third, another):
    """
    A page that forgot its gates contacts nobody before a grant and after a withdrawal, and works
    in between; what the browser refused can be read afterwards (GA-05, WD-04).
    """
    site = forgetful(tmp_path, third)
    with another(site) as there:
        there.go()
        once = there.find("[data-consent-placeholder=youtube] [value=once]")
        offered = there.ask("!arguments[0].hidden", once)
        before = there.arrived()
        with there.anew():
            there.click("#consent button[value=accept]")
        there.wait_until_ran("count.js")
        third.wait_for(FORGOTTEN)
        granted = set(third.arrived)
        there.withdraw()
        third.forget()
        there.go()
        after = there.arrived()
        until(lambda: set(site.run("leaks").output.split()) >= LEAKED)
        reported = site.run("leaks").output

    assert not offered
    assert before == after == []
    assert granted >= FORGOTTEN
    assert third.origin in reported


def test_every_provider_hears_of_grant_and_withdrawal(tmp_path, another):
    """
    All adapters at once: each calls what its provider documents before the provider's script
    runs, on every page while granted, and once more when it is taken back; embeds are asked for
    with less (GA-09, GA-10, GA-11, WD-06, WD-08).
    """
    told, frames = [], []
    site = make_site(tmp_path)
    site.page(talkative())
    with another(site) as there:
        there.go()
        there.decide("accept")
        for leave in (there.go, partial(give_up, there, "google-ads"), there.withdraw):
            there.wait_until_ran("vendors")
            told.append(there.ask(TOLD))
            frames.append(there.ask(EMBEDDED))
            leave()
        told.append(there.ask(TOLD))

    assert_told(told)
    assert frames == [[frame for _, frame in FRAMES.values()]] * 3


def test_what_a_service_left_is_gone_and_does_not_come_back(tmp_path, another):
    """
    Storage, databases, caches, workers and cookies of a withdrawn service are gone, for whatever
    domain and path, out of reach of scripts, or written once more as its page ended (WD-05).
    """
    late = "addEventListener('pagehide', () => { localStorage.setItem('_x.late', '1'); SPREAD })"
    tracker = f"{late.replace('SPREAD', SPREAD)};window.ran = [1]"
    site = make_storing(tmp_path)
    site.page(f'{{% gate "messung" %}}<script>{tracker}</script>{{% endgate %}}', DEEP)
    with another(site) as there:
        site.url = site.url.replace("127.0.0.1", HOST)
        there.go(DEEP)
        there.decide("accept")
        there.go("/set")
        there.go(DEEP)
        there.wait_until_ran(1)
        there.run(LEAVE)
        there.ask(f"(() => {{ {SPREAD} }})()")
        before = [cookie["name"] for cookie in there.driver.get_cookies()]
        there.withdraw()
        until(lambda: there.run(LEFT) == KEPT)
        there.go(DEEP)
        cookies = there.cookies()

    assert before.count("_x") == 14
    assert cookies.keys() == {"__Host-consent", "own"}
