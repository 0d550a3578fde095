"""What the gate does besides holding back, in WebKitGTK."""

from __future__ import annotations

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
from tests.browser.test_csp import BASE, FORGOTTEN, LENIENT, forgetful
from tests.browser.test_vectors import SEE, raw
from tests.browser.vectors import PARTS, VECTORS, addressed
from tests.browser.webkit.visitor import until

pytestmark = [pytest.mark.browser, pytest.mark.every_engine]

#: What is refused by name in a page that forgot its gates.
LEAKED = {"connect-src", "frame-src", "img-src", "media-src", "script-src-elem", "style-src-elem"}


def test_the_policy_alone_refuses_every_way_before_a_grant(tmp_path, third, another):
    """
    Of a page with every vector and no gate at all, the other origin sees no request, whether the
    site allows what stands in its pages or nothing but its own files (GA-05).
    """
    arrived = []
    for policy, vectors in ((LENIENT, VECTORS), (BASE, PARTS["markup"])):
        folder = tmp_path / str(len(vectors))
        folder.mkdir()
        site = Site(folder, CONSENT_CSP=policy)
        with another(site) as there:
            site.page(raw("".join(addressed(vectors, third))))
            there.go()
            there.ask(f"({SEE})()")
            there.driver.get(third.url(LAST))
            arrived += third.arrived

    assert arrived == []


def test_what_was_granted_widens_the_policy_of_the_next_page(tmp_path, third, another):
    """
    A page that forgot its gates contacts nobody before a grant, after a refusal and after a
    withdrawal, and works in between, where the answer is told on the page that comes; what the
    browser refused can be read afterwards (GA-05, WD-04, AX-16).
    """
    site = forgetful(tmp_path, third)
    with another(site) as there:
        there.go()
        once = there.find("[data-consent-placeholder=youtube] [value=once]")
        offered = there.ask("!arguments[0].hidden", once)
        before = there.arrived()
        there.decide("reject")
        there.go()
        before += there.arrived()
        there.open_settings()
        with there.anew():
            there.click("dialog button[value=accept]")
        there.wait_until_ran("count.js")
        there.until("document.querySelector('[role=status]')?.textContent")
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
        for leave in (there.go, partial(there.give_up, "google-ads"), there.withdraw):
            there.wait_until_ran("vendors")
            told.append(there.ask(TOLD))
            frames.append(there.ask(EMBEDDED))
            leave()
        told.append(there.ask(TOLD))

    assert_told(told)
    assert frames == [[frame for _, frame in FRAMES.values()]] * 3
