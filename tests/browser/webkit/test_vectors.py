"""Every way to contact another origin, in WebKitGTK."""

from __future__ import annotations

import pytest

from tests.browser.test_vectors import SEE, gate, raw, supported
from tests.browser.vectors import ALONE, HINTS, ONLY_AT_FIRST, VECTORS, addressed

pytestmark = [pytest.mark.browser, pytest.mark.every_engine]


def test_every_way_reaches_the_other_origin_without_a_gate(site, third, visitor, engine):
    """
    Each vector contacts the other origin where no gate is, but for those that are named as
    unknown to the engine.
    """
    site.page(raw("".join(addressed(VECTORS, third))))
    visitor.go()
    third.wait_for(supported(engine))

    assert set(third.arrived) == supported(engine)
    assert len(supported(engine)) >= 80


def test_nothing_reaches_the_other_origin_before_a_decision(site, third, visitor):
    """
    Of a page with every vector behind gates the other origin sees no request (GA-01, GA-02,
    PS-02).
    """
    site.page("".join(gate(markup) for markup in addressed(VECTORS | ALONE, third)))
    visitor.go()

    assert visitor.arrived() == []


def test_what_is_granted_does_what_it_does_without_a_gate(site, third, visitor, engine):
    """
    Each vector contacts its origin after a grant, but for hints and what only works while a page
    is built.
    """
    site.page("".join(gate(markup) for markup in addressed(VECTORS, third)))
    visitor.go()
    visitor.decide("accept")
    visitor.ask(f"({SEE})()")
    expected = supported(engine) - HINTS - ONLY_AT_FIRST
    third.wait_for(expected)

    assert set(third.arrived) == expected
