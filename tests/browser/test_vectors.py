"""Every way to contact another origin: shut behind a gate, and the same as ever when it is open."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.browser.servers import LAST, Site
from tests.browser.vectors import (
    ALONE,
    HINTS,
    ONLY_AT_FIRST,
    PARTS,
    UNSUPPORTED,
    VECTORS,
    addressed,
)
from tests.browser.visitor import FETCH, Visitor

pytestmark = [pytest.mark.browser, pytest.mark.every_engine]

#: Images of several sizes are loaded when they are looked at.
SEE = "() => document.querySelectorAll('[loading=lazy]').forEach((node) => node.scrollIntoView())"


#: What editors paste today, all of it.
PASTED = "".join(
    file.read_text(encoding="utf-8")
    for file in sorted((Path(__file__).parents[1] / "gate/snippets").glob("*.html"))
)

#: Lets nothing out, and reports what tried.
CLOSED = "default-src 'self' 'unsafe-inline' data:; form-action 'self'; base-uri 'self'"


def stored(markup: str) -> str:
    """*markup* as editors have stored it, in a page that shows it gated."""
    return f"{{% filter gated %}}{raw(markup)}{{% endfilter %}}"


def raw(markup: str) -> str:
    """Return *markup* as it is, whatever is in it that a template engine would read."""
    return f"{{% raw %}}{markup}{{% endraw %}}"


def gate(markup: str) -> str:
    """*markup* behind a gate, after other content: the rules for what may follow differ."""
    return f'{{% gate "matomo" %}}<p>x</p>{raw(markup)}{{% endgate %}}'


def supported(engine: str) -> set[str]:
    """The vectors that *engine* knows."""
    return set(VECTORS) - UNSUPPORTED[engine]


@pytest.fixture
def gates(third) -> str:
    """Each vector behind a gate of its own."""
    return "".join(gate(markup) for markup in addressed(VECTORS | ALONE, third))


@pytest.fixture
def gated(site, gates):
    """The site, with a page of gates."""
    site.page(gates)
    return site


class TestWithoutAGate:
    @pytest.mark.parametrize("part", PARTS.values(), ids=PARTS)
    def test_every_way_reaches_the_other_origin(self, site, third, visitor, engine, part):
        """
        Each of the hundred vectors contacts the other origin where no gate is, but for those
        that are named as unknown to the engine: no test here is about nothing.
        """
        expected = supported(engine) & part.keys()
        site.page(raw("".join(addressed(part, third))))
        visitor.go(wait_until="commit")
        third.wait_for(expected)

        assert set(third.arrived) == expected
        assert len(supported(engine)) >= 80

    @pytest.mark.parametrize("name", ALONE)
    def test_so_does_what_leads_the_page_away(self, site, third, visitor, name):
        """
        The same of what takes the whole page along, one at a time.
        """
        site.page(raw("".join(addressed({name: ALONE[name]}, third))))
        visitor.go(wait_until="commit")
        wanted = {"base/below" if name == "base" else name}
        third.wait_for(wanted)

        assert set(third.arrived) == wanted

    @pytest.mark.chromium("the other is driven with JavaScript always")
    def test_so_does_what_is_for_browsers_without_javascript(self, site, third, plain_visitor):
        """
        An image in noscript is asked for where no script runs.
        """
        site.page(raw("".join(addressed({"noscript": VECTORS["noscript"]}, third))))
        plain_visitor.go()

        assert third.arrived == ["noscript"]


class TestBeforeADecision:
    @pytest.mark.parametrize("javascript", [True, False], ids=["script", "no script"])
    def test_nothing_reaches_the_other_origin(self, gated, make_visitor, javascript):
        """
        Of a page with every vector behind gates the other origin sees no request (GA-01, GA-02,
        PS-02).
        """
        visitor = make_visitor(java_script_enabled=javascript)
        visitor.go()

        assert visitor.arrived() == []

    def test_nothing_does_out_of_templates_that_editors_wrote(self, site, third, visitor):
        """
        Nor does anything that a stored text has in templates of its own, which nothing opens,
        though browsers look ahead into them (GA-02).
        """
        texts = (f"<template>{markup}</template>" for markup in addressed(VECTORS, third))
        site.page(stored("".join(texts)))
        visitor.go()

        assert visitor.arrived() == []

    def test_nothing_does_after_a_refusal(self, gated, visitor):
        """
        Nor after a refusal, on this page and the next.
        """
        visitor.go()
        visitor.decide("reject")
        here = visitor.arrived()
        visitor.go()

        assert here == visitor.arrived() == []

    @pytest.mark.parametrize("javascript", [True, False], ids=["script", "no script"])
    def test_nothing_does_on_a_page_that_is_the_same_for_everybody(
        self, tmp_path, third, gates, make_visitor, javascript
    ):
        """
        The same of a page that a cache may keep (GA-02).
        """
        site = Site(tmp_path, CONSENT_STATIC_PAGES=True)
        site.page(gates)
        with site.running():
            plain = make_visitor(java_script_enabled=javascript)
            visitor = Visitor(plain.context, site, third)
            visitor.go()
            arrived = visitor.arrived()

        assert arrived == []


class TestWithoutOurScript:
    @pytest.mark.parametrize(
        "fault",
        [
            None,
            {"status": 500, "body": "x"},
            {"body": "throw 1", "content_type": "text/javascript"},
        ],
        ids=["blocked", "failing", "throwing"],
    )
    def test_nothing_reaches_the_other_origin(self, gated, visitor, fault):
        """
        If our script is blocked or fails, everything behind a gate stays off (GA-02).
        """
        visitor.page.route(
            "**/consent.js*", lambda route: route.fulfill(**fault) if fault else route.abort()
        )
        visitor.go()

        assert visitor.arrived() == []

    def test_nothing_does_while_our_script_is_awaited(self, gated, third, visitor):
        """
        However long our script takes, nothing behind a gate goes ahead of it (GA-02).
        """
        waiting = []

        def hold(route):
            waiting.append(route)

        visitor.page.route("**/consent.js*", hold)
        visitor.go(wait_until="commit")
        visitor.until("document.querySelector('footer [data-consent-open]')")
        visitor.page.evaluate(FETCH, third.url(LAST))
        arrived = third.arrived
        for route in waiting:
            route.abort()

        assert len(waiting) == 1
        assert arrived == visitor.arrived() == []


class TestAfterAccepting:
    @pytest.mark.parametrize("part", PARTS.values(), ids=PARTS)
    def test_what_is_granted_does_what_it_does_without_a_gate(
        self, site, third, visitor, engine, part
    ):
        """
        Each vector contacts its origin once, as without a gate. What only works while a page is
        built comes with the next page; hints are left out.
        """
        site.page("".join(gate(markup) for markup in addressed(part, third)))
        for name in ("script", "script-async", "script-defer", "module"):
            third.script(name)  # one that is missing is asked for again
        visitor.go()
        visitor.decide("accept")
        visitor.page.evaluate(SEE)
        known = supported(engine) & part.keys()
        expected = known - HINTS - ONLY_AT_FIRST
        third.wait_for(expected)
        here = list(third.arrived)
        third.forget()
        visitor.go(wait_until="commit")
        third.wait_for(known - expected)

        assert set(here) == expected
        assert len(here) == len(expected)
        # Of the others some may still be there from the page before.
        assert known - expected <= set(third.arrived) <= known


def test_what_editors_paste_reaches_nobody(site, visitor):
    """
    Of stored HTML with embeds of sixty providers nothing even tries to leave, although it would
    without the gate.
    """
    site.headers(Content_Security_Policy=CLOSED)
    site.page(stored(PASTED))
    site.page(raw(PASTED), "/raw")
    visitor.go()
    gated = visitor.page.evaluate("violations")
    visitor.go("/raw", wait_until="commit")
    visitor.until("violations.length >= 40")

    assert gated == []
