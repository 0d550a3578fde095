"""What the gate does besides holding back, in WebKitGTK."""

from __future__ import annotations

import json
from contextlib import contextmanager
from functools import partial

import pytest
from flask import Response

from tests.browser.servers import LAST, Site, served
from tests.browser.test_adapters import DIALOGUES, NOTE, POLICY, SERVICES, TOLD
from tests.browser.test_csp import LENIENT
from tests.browser.test_leftovers import KEPT, LEAVE, LEFT
from tests.browser.test_leftovers import SERVICES as STORING
from tests.browser.test_size import EMBEDS, PLACES, embed
from tests.browser.test_vectors import SEE, raw
from tests.browser.vectors import VECTORS, addressed
from tests.browser.webkit.visitor import Visitor

pytestmark = [pytest.mark.browser, pytest.mark.every_engine]


as_text = partial(json.dumps, sort_keys=True)


@contextmanager
def another(folder, visitor, third, policy=POLICY, **config):
    """Another site than that of the other tests, and the *visitor* there."""
    site = Site(folder, policy, **config)
    with served(site.app, tls=True) as port:
        site.url = f"https://127.0.0.1:{port}"
        yield site, Visitor(visitor.driver, site, third)
    site.store.close()


def run(visitor, function: str):
    """Return what an asynchronous *function* without parameters resolves to."""
    return visitor.driver.execute_async_script(f"({function})().then(arguments[0])")


def withdraw(visitor) -> None:
    """Take everything back in the settings and see the page come anew."""
    visitor.ask("void (window.old = true)")
    visitor.open_settings()
    visitor.click("dialog button[value=withdraw]")
    visitor.until("!window.old && document.readyState === 'complete'")


def test_the_policy_alone_refuses_every_way_before_a_grant(tmp_path, third, visitor):
    """
    Of a page with every vector and no gate at all, the other origin sees no request (GA-05).
    """
    with another(tmp_path, visitor, third, CONSENT_CSP=LENIENT) as (site, there):
        site.page(raw("".join(addressed(VECTORS, third))))
        there.go()
        there.ask(f"({SEE})()")
        visitor.driver.get(third.url(LAST))

    assert third.arrived == []


def test_a_provider_hears_of_grant_and_withdrawal(tmp_path, third, visitor):
    """
    All adapters at once: each says on every page what its provider documents before the
    provider's script runs, and once more when it is taken back (GA-10, GA-11, WD-06).
    """
    head, _, _ = POLICY.partition("[services.matomo]")
    scripts, expected = [], []
    for service, (script, *told) in DIALOGUES.items():
        for call in ("call", "['on', d]", "['off', d]"):
            script = script.replace(f"NOTE({call})", NOTE.format(call))
        scripts.append(f'{{% gate "{service}" %}}<script>{{ {script} }}</script>{{% endgate %}}')
        expected.append(told)
    granted = [call for told in expected for call in told[0]]
    withdrawn = [call for told in expected for call in told[1]]
    last = "<script>window.ran = ['vendor']</script>"
    with another(tmp_path, visitor, third, head + SERVICES) as (site, there):
        own = ("", {"Content-Type": "text/javascript"})
        site.app.add_url_rule("/own-adapter.js", "own", lambda: own)
        site.page("".join(scripts) + f'{{% gate "own" %}}{last}{{% endgate %}}')
        there.go()
        there.decide("accept")
        there.wait_until_ran("vendor")
        first = there.ask(TOLD)
        there.go()
        there.wait_until_ran("vendor")
        second = there.ask(TOLD)[len(first) :]
        withdraw(there)
        third_time = there.ask(TOLD)[len(first) * 2 :]

    assert first == second == granted
    assert sorted(map(as_text, third_time)) == sorted(map(as_text, withdrawn))


def test_what_a_service_left_is_gone_and_does_not_come_back(tmp_path, third, visitor):
    """
    Storage, databases, caches and workers of a withdrawn service are empty, also after it wrote
    once more as its page ended (WD-05).
    """
    late = "addEventListener('pagehide', () => localStorage.setItem('_x.late', '1'))"
    policy = POLICY.replace("[services.matomo]", STORING)
    with another(tmp_path, visitor, third, policy) as (site, there):
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
