"""Turbo and htmx themselves, which put other pages into a page."""

from __future__ import annotations

import os
import re

import pytest
from playwright.sync_api import expect

from tools.npm import HTMX, HTMX_2, TURBO

pytestmark = pytest.mark.browser

#: By name: the package, its script, and what makes it follow links.
LIBRARIES = {
    "turbo": (TURBO, "turbo.js", ""),
    "htmx": (HTMX, "htmx.js", ' hx-boost:inherited="true"'),
    "htmx 2": (HTMX_2, "htmx.js", ' hx-boost="true"'),
}


def swapper(name: str) -> tuple[str, str]:
    """
    Return a published script and the attribute that makes it follow links.

    Without it the test is skipped, in CI it fails. A document in which it runs can be told.
    """
    package, file, mark = LIBRARIES[name]
    if not package.is_there:
        say = pytest.fail if os.environ.get("CI") else pytest.skip
        say(f"NO {package.name}: pages that it swaps were not tried; make npm")
    return (package.folder / file).read_text(encoding="utf-8") + ";window.stays = true", mark


def pages(site, third, mark: str) -> None:
    """Two pages with gates and links between them."""
    for path, other in (("/a", "/b"), ("/b", "/a")):
        site.page(
            f'<nav{mark}><a id="over" href="{other}">{other}</a></nav><p id="here">{path}</p>'
            f'{{% gate "matomo" %}}<script src="{third.script("count" + path[1:])}"'
            ' nonce="{{ nonce }}"></script>{% endgate %}'
            f'{{% gate "youtube" %}}<iframe title="Film" src="{third.frame("film" + path[1:])}">'
            "</iframe>{% endgate %}",
            path,
        )


def over(visitor, path: str) -> None:
    """Follow the link to *path* without a new document."""
    visitor.page.locator("#over").click()
    expect(visitor.page.locator("#here")).to_have_text(path)
    assert visitor.page.evaluate("window.stays")


#: Makes it follow all links of a page and send all of its forms.
EVERYWHERE = """mark => {
  const from = new DOMParser().parseFromString(`<b${mark}>`, "text/html").querySelector("b");
  for (const { name, value } of from.attributes) document.body.setAttribute(name, value);
}"""

each_library = pytest.mark.parametrize(
    "name",
    [
        "turbo",
        "htmx",
        pytest.param("htmx 2", marks=pytest.mark.chromium("what it keeps is its own doing")),
    ],
)


@pytest.mark.every_engine
@each_library
def test_banner_gate_and_link_go_on_working(site, third, visitor, name):
    """
    On a page that was swapped in, what is not granted stays inert, the banner decides, what it
    allows starts there and on the next, Back shows the current state, and a withdrawal ends it
    (GA-13, GA-15, WD-04).
    """
    script, mark = swapper(name)
    pages(site, third, mark)
    visitor.go("/a")
    visitor.page.add_script_tag(content=script)
    over(visitor, "/b")
    before = set(visitor.arrived())
    expect(visitor.placeholder("youtube").locator("[value=once]")).to_be_visible()
    visitor.decide("accept")
    third.wait_for(["countb", "filmb"])
    visitor.page.evaluate("history.back()")
    expect(visitor.page.locator("#here")).to_have_text("/a")
    expect(visitor.banner).to_have_count(0)
    expect(visitor.page.locator("iframe")).to_have_count(1)
    third.wait_for(["counta", "filma"])
    over(visitor, "/b")
    expect(visitor.page.locator("iframe")).to_have_count(1)
    visitor.open_settings()
    expect(visitor.dialog.locator("input[name=service]:checked")).to_have_count(3)
    with visitor.page.expect_event("load"):
        visitor.dialog.locator("button[value=withdraw]").click()
    expect(visitor.placeholder("youtube")).to_have_count(1)
    visitor.page.add_script_tag(content=script)
    visitor.arrived()
    third.forget()
    visitor.page.evaluate("history.back()")
    expect(visitor.page.locator("#here")).to_have_text("/a")
    expect(visitor.placeholder("youtube")).to_have_count(1)
    expect(visitor.page.locator("iframe")).to_have_count(0)

    assert before == set()
    assert {"counta", "countb", "filma", "filmb"}.isdisjoint(visitor.arrived())


@each_library
def test_what_is_pressed_is_sent_once(site, third, visitor, name):
    """
    Where all forms and links of a page are the library's, ours are not: each decision is sent and
    recorded once, what is allowed once stays, and the settings open over the page (GA-04, WD-04).
    """
    script, mark = swapper(name)
    pages(site, third, mark)
    visitor.go("/a")
    visitor.page.evaluate(EVERYWHERE, mark)
    visitor.page.add_script_tag(content=script)
    visitor.placeholder("youtube").locator("[value=once]").click()
    expect(visitor.page.locator("iframe")).to_have_count(1)
    visitor.decide("accept")
    third.wait_for(["counta", "filma"])
    visitor.open_settings()
    address = visitor.page.url
    third.forget()
    with visitor.page.expect_event("load"):
        visitor.dialog.locator("button[value=withdraw]").click()

    assert address.endswith("/a")
    assert visitor.arrived() == []
    assert [event["kind"] for event in site.events()] == ["once", "grant", "withdrawal"]


def test_an_update_while_a_page_stays_sends_nothing_twice(site, third, visitor):
    """
    Where a page brings a newer script of ours into one that runs an older, as Turbo does after an
    update, each decision is recorded once all the same (GA-04).
    """
    script, mark = swapper("turbo")
    pages(site, third, mark)
    visitor.go("/a")
    nonce = visitor.page.evaluate("document.querySelector('script').nonce")

    def update(route):
        """Give what Turbo asks for the nonce of the page that it is put into, as sites must."""
        answer = route.fetch()
        text = answer.text().replace("consent.js?v=", "consent.js?v=new")
        route.fulfill(response=answer, body=re.sub('nonce="[^"]*"', f'nonce="{nonce}"', text))

    visitor.page.route("**/b", update)
    visitor.page.add_script_tag(content=script)
    with visitor.page.expect_response("**/consent.js?v=new*"):
        over(visitor, "/b")
    visitor.placeholder("youtube").locator("[value=once]").click()
    expect(visitor.page.locator("iframe")).to_have_count(1)
    visitor.decide("accept")
    third.wait_for(["countb", "filmb"])

    assert [event["kind"] for event in site.events()] == ["once", "grant"]
