"""What the gate does besides holding back, in WebKitGTK."""

from __future__ import annotations

from contextlib import contextmanager
from functools import partial

import pytest
from flask import Response

from tests.browser.servers import LAST, POLICY, Site, served
from tests.browser.test_adapters import (
    EMBEDDED,
    FRAMES,
    TOLD,
    assert_told,
    make_site,
    talkative,
)
from tests.browser.test_csp import LENIENT
from tests.browser.test_leftovers import KEPT, LEAVE, LEFT
from tests.browser.test_leftovers import SERVICES as STORING
from tests.browser.test_size import EMBEDS, PLACES, embed
from tests.browser.test_vectors import SEE, raw
from tests.browser.vectors import VECTORS, addressed
from tests.browser.webkit.visitor import Visitor

pytestmark = [pytest.mark.browser, pytest.mark.every_engine]


@contextmanager
def another(site, visitor, third):
    """Serve another *site* than that of the other tests; it, and the *visitor* there."""
    with served(site.app, tls=True) as port:
        site.url = f"https://127.0.0.1:{port}"
        yield site, Visitor(visitor.driver, site, third)
    site.store.close()


def run(visitor, function: str):
    """Return what an asynchronous *function* without parameters resolves to."""
    return visitor.driver.execute_async_script(f"({function})().then(arguments[0])")


@contextmanager
def anew(visitor):
    """Do what loads the page anew, and see it come."""
    visitor.ask("void (window.old = true)")
    yield
    visitor.until("!window.old && document.readyState === 'complete'")


def withdraw(visitor) -> None:
    """Take everything back in the settings."""
    with anew(visitor):
        visitor.open_settings()
        visitor.click("dialog button[value=withdraw]")


def give_up(visitor, service: str) -> None:
    """Take *service* back in the settings."""
    with anew(visitor):
        visitor.open_settings()
        box = visitor.find(f"dialog input[value={service}]")
        visitor.ask("arguments[0].scrollIntoView({ block: 'center' })", box)
        box.click()
        visitor.click("dialog button[value=save]")


def test_the_policy_alone_refuses_every_way_before_a_grant(tmp_path, third, visitor):
    """
    Of a page with every vector and no gate at all, the other origin sees no request (GA-05).
    """
    lenient = Site(tmp_path, CONSENT_CSP=LENIENT)
    with another(lenient, visitor, third) as (site, there):
        site.page(raw("".join(addressed(VECTORS, third))))
        there.go()
        there.ask(f"({SEE})()")
        visitor.driver.get(third.url(LAST))

    assert third.arrived == []


def test_every_provider_hears_of_grant_and_withdrawal(tmp_path, third, visitor):
    """
    All adapters at once: each calls what its provider documents before the provider's script
    runs, on every page while granted, and once more when it is taken back; embeds are asked for
    with less (GA-09, GA-10, GA-11, WD-06, WD-08).
    """
    told, frames = [], []
    with another(make_site(tmp_path), visitor, third) as (site, there):
        site.page(talkative())
        there.go()
        there.decide("accept")
        for leave in (there.go, partial(give_up, there, "google-ads"), partial(withdraw, there)):
            there.wait_until_ran("vendors")
            told.append(there.ask(TOLD))
            frames.append(there.ask(EMBEDDED))
            leave()
        told.append(there.ask(TOLD))

    assert_told(told)
    assert frames == [[frame for _, frame in FRAMES.values()]] * 3


def test_what_a_service_left_is_gone_and_does_not_come_back(tmp_path, third, visitor):
    """
    Storage, databases, caches and workers of a withdrawn service are empty, also after it wrote
    once more as its page ended (WD-05).
    """
    late = "addEventListener('pagehide', () => localStorage.setItem('_x.late', '1'))"
    policy = POLICY.replace("[services.matomo]", STORING)
    with another(Site(tmp_path, policy), visitor, third) as (site, there):
        worker = Response("", content_type="text/javascript")
        site.app.add_url_rule("/<name>/w.js", "worker", lambda name: worker)
        site.page(f'{{% gate "messung" %}}<script>{late};window.ran = [1]</script>{{% endgate %}}')
        there.go()
        there.decide("accept")
        there.wait_until_ran(1)
        run(there, LEAVE)
        withdraw(there)
        left = None
        while left != KEPT:
            left = run(there, LEFT)

    assert left == KEPT


def test_nothing_moves_when_the_content_comes(site, third, visitor):
    """
    A placeholder has the size of its embed, to the pixel.
    """
    site.page(embed(third, EMBEDS["pixels"]))
    visitor.go()
    before = visitor.ask(PLACES)
    visitor.click("[data-consent-placeholder=youtube] button[value=once]")
    visitor.until("document.querySelector('iframe')")

    assert visitor.ask(PLACES) == before
