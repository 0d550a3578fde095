"""Gates in shadow trees: shut until the element says where it is, then as everywhere."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.browser

#: The element that the docs show: its tree is the server's.
FROM_SERVER = re.search(
    r"```js\n(import .*?)```",
    (Path(__file__).parents[2] / "docs/gate.md").read_text(encoding="utf-8"),
    re.DOTALL,
)[1]

#: One that makes a closed tree of its own.
FROM_SCRIPT = """customElements.define("own-box", class extends HTMLElement {
  connectedCallback() {
    const tree = this.attachShadow({ mode: "closed" });
    tree.innerHTML = `<p></p>${document.getElementById("given").textContent}`;
    this.add = () => tree.firstChild.append(...new DOMParser().parseFromString(
      document.getElementById("later").textContent, "text/html").head.childNodes);
    watch(tree);
  }
});"""


def frames(third) -> str:
    """Two films in a tree that the server makes."""
    film, trailer = (
        f'<i>{{% gate "youtube" %}}<iframe title="{name}" src="{third.frame(name)}"></iframe>'
        "{% endgate %}</i>"
        for name in ("film", "trailer")
    )
    return f'<film-box><template shadowrootmode="open">{film}{trailer}</template></film-box>'


def part(third, name: str) -> str:
    """Markup of a script that waits."""
    return (
        f'<template data-consent="matomo"><script src="{third.script(name)}"></script>'
        "<script>ran.push('after ' + ran.length)</script></template>"
    )


def page(third, *scripts: str) -> str:
    """A page with both elements, of which *scripts* look after gates, and with a usual name."""
    given = "".join(
        f'<textarea id="{name}">{part(third, name)}</textarea>' for name in ("given", "later")
    )
    return (
        f"<script>var URL = 0</script>{frames(third)}<own-box></own-box>{given}"
        f'<script type="module">{"".join(scripts)}</script>'
    )


def outside(third) -> str:
    """A film beside them."""
    frame = f'<iframe title="x" src="{third.frame("x")}"></iframe>'
    return f'{{% gate "youtube" %}}{frame}{{% endgate %}}'


#: The tree of the first element.
SHADOW = "document.querySelector('film-box').shadowRoot"


def test_a_tree_that_nobody_tells_of_stays_shut(site, third, visitor):
    """
    What is put into a shadow tree stays off whatever is allowed, and its buttons are plain forms.
    """
    site.page(page(third, "const watch = () => {};", FROM_SCRIPT))
    visitor.go()
    visitor.decide("accept")
    visitor.page.evaluate("document.querySelector('own-box').add()")
    arrived = visitor.arrived()
    with visitor.page.expect_event("load"):
        visitor.page.locator("film-box [value=allow]").first.click()

    assert arrived == []


def test_one_that_says_so_is_looked_after(site, third, visitor):
    """
    In the tree of an element that tells of it, "once" loads one film on this page, a grant starts
    everything in order, also what comes later, and the next page has it from the server (GA-03,
    GA-04, GA-15).
    """
    site.page(page(third, FROM_SERVER, FROM_SCRIPT))
    visitor.go()
    before = visitor.arrived()
    once = visitor.page.locator("film-box [value=once]")
    expect(once.first).to_be_visible()
    visitor.page.evaluate("window.stays = true")
    once.first.click()
    expect(visitor.page.frame_locator("iframe[title=film]").locator("p")).to_have_text("film")
    expect(visitor.placeholder("youtube")).to_have_count(1)
    first = visitor.arrived()
    visitor.decide("accept")
    visitor.wait_until_ran("given", "after 1")
    visitor.page.evaluate("document.querySelector('own-box').add()")
    visitor.wait_until_ran("given", "after 1", "later", "after 3")
    expect(visitor.page.frame_locator("iframe[title=trailer]").locator("p")).to_have_text("trailer")
    expect(visitor.placeholder("youtube")).to_have_count(0)

    assert before == []
    assert first == ["film"]
    assert sorted(visitor.arrived()) == ["film", "given", "later", "trailer"]
    assert visitor.page.evaluate("window.stays")
    assert [event["kind"] for event in site.events()] == ["once", "grant"]
    assert visitor.complaints == []


@pytest.mark.parametrize("place", ["film-box", "main >"], ids=["tree", "document"])
def test_always_and_its_end(site, third, visitor, place):
    """
    "Always" in a shadow tree holds for the document as well, and the other way round, on this page
    and the next; a withdrawal ends it in both (GA-03, WD-04).
    """
    site.page(page(third, FROM_SERVER) + outside(third))
    visitor.go()
    visitor.page.locator(f"{place} [data-consent-placeholder] [value=allow]").first.click()
    expect(visitor.placeholder("youtube")).to_have_count(0)
    third.wait_for(["film", "trailer", "x"])
    now = sorted(visitor.arrived())
    visitor.go()
    expect(visitor.page.locator("film-box iframe")).to_have_count(2)
    visitor.withdraw()
    expect(visitor.placeholder("youtube")).to_have_count(3)
    third.forget()

    assert now == ["film", "trailer", "x"]
    assert visitor.arrived() == []


@pytest.mark.chromium("the script decides it, whatever the engine")
def test_what_cannot_be_recorded_is_not_loaded(site, third, visitor):
    """
    Where the site does not answer, the placeholder in the tree says so, and nothing starts.
    """
    site.page(page(third, FROM_SERVER))
    visitor.page.route("**/choice", lambda route: route.abort("connectionrefused"))
    visitor.go()
    visitor.page.locator("film-box [value=once]").first.click()
    expect(visitor.page.locator("film-box").get_by_role("alert")).not_to_be_empty()

    assert visitor.arrived() == []


@pytest.mark.chromium("the script decides it, whatever the engine")
def test_trees_that_are_gone_are_let_go_and_come_back(site, third, visitor):
    """
    An element that was taken out before a decision starts nothing, and once it is in the page
    again what it holds starts.
    """
    site.page(page(third, FROM_SERVER))
    visitor.go()
    visitor.page.evaluate("window.kept = document.querySelector('film-box')")
    visitor.page.evaluate("kept.remove()")
    visitor.decide("accept")
    visitor.page.wait_for_timeout(60)
    away = visitor.arrived()
    visitor.page.evaluate("document.querySelector('main').append(kept)")
    third.wait_for(["film", "trailer"])

    assert away == []
    assert sorted(visitor.arrived()) == ["film", "trailer"]
