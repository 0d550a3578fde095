"""Gates in shadow trees, in WebKitGTK."""

from __future__ import annotations

import pytest

from tests.browser.test_shadow import FROM_SCRIPT, FROM_SERVER, SHADOW, outside, page

pytestmark = [pytest.mark.browser, pytest.mark.every_engine]


def test_an_element_can_tell_of_its_shadow_tree(site, third, visitor):
    """
    In the tree of an element that tells of it, "once" loads one film, and a grant starts
    everything, also what comes later (GA-03, GA-15).
    """
    site.page(page(third, FROM_SERVER, FROM_SCRIPT))
    visitor.go()
    button = "document.querySelector('film-box').shadowRoot.querySelector('[value=once]')"
    visitor.until(f"{button} && !{button}.hidden")
    before = visitor.arrived()
    visitor.ask(f"void {button}.click()")
    third.wait_for(["film"])
    first = visitor.arrived()
    visitor.decide("accept")
    visitor.wait_until_ran("given", "after 1")
    visitor.ask("void document.querySelector('own-box').add()")
    visitor.wait_until_ran("given", "after 1", "later", "after 3")

    assert (before, first) == ([], ["film"])
    assert sorted(visitor.arrived()) == ["film", "given", "later", "trailer"]


def test_always_in_one_that_tells_and_in_one_that_does_not(site, third, visitor):
    """
    "Always" in a tree that is told of holds for the document as well, on this page and the next,
    and a withdrawal ends it in both. A tree that nobody tells of stays shut whatever is allowed,
    and there the button is a plain form (GA-03, WD-04).
    """
    allow = f"{SHADOW}.querySelector('[value=allow]')"
    site.page(page(third, FROM_SERVER) + outside(third))
    site.page(page(third, "const watch = () => {};", FROM_SCRIPT), "/andere")
    visitor.go()
    visitor.until(f"!{SHADOW}.querySelector('[value=once]').hidden")
    visitor.ask(f"void {allow}.click()")
    third.wait_for(["film", "trailer", "x"])
    now = visitor.arrived()
    third.forget()
    visitor.go()
    visitor.until(f"{SHADOW}.querySelectorAll('iframe').length === 2")
    third.wait_for(["film", "trailer", "x"])
    visitor.withdraw()
    places = "document, SHADOW".replace("SHADOW", SHADOW)
    shut = visitor.ask(
        f"[{places}].map((a) => a.querySelectorAll('[data-consent-placeholder]').length)"
    )
    visitor.arrived()
    third.forget()
    visitor.go("/andere")
    visitor.tick("matomo")
    visitor.until("!document.querySelector('dialog')")
    visitor.ask("void document.querySelector('own-box').add()")
    alone = visitor.arrived()
    with visitor.anew():
        visitor.ask(f"void {allow}.click()")
    third.wait_for(["film", "trailer"])

    assert sorted(now) == ["film", "trailer", "x"]
    assert shut == [1, 2]
    assert alone == []
    assert [event["kind"] for event in site.events()] == ["grant", "withdrawal", "grant", "change"]
