"""What starts after consent, and what comes into the page later, in WebKitGTK."""

from __future__ import annotations

import base64
import hashlib
from collections import Counter

import pytest

from tests.browser.test_activation import gate, patience, script
from tests.browser.test_swaps import pages, swapper
from tests.browser.test_together import COUNTING, THOUSANDS, WAYS, assert_few

__all__ = ["patience"]

pytestmark = [pytest.mark.browser, pytest.mark.every_engine]

#: Keeps what would happen after so many milliseconds, to let it happen at will.
PATIENT = """((wait) => { window.late = []; window.setTimeout = (call, time) =>
  time === PATIENCE ? late.push(call) : wait(call, time) })(setTimeout.bind(window))"""


def test_each_script_runs_as_its_provider_meant_it(site, third, visitor, patience):
    """
    In the order of the page and once: after one that is missing, one that throws, one that hangs
    and one that nobody waits for come attributes, `defer`, modules and checksums as they were,
    and an inline script that cannot wipe the page. A later grant starts nothing again.
    """
    body = b'(window.ran ||= []).push("checked");'
    digest = base64.b64encode(hashlib.sha384(body).digest()).decode()
    check = f' integrity="sha384-{digest}" crossorigin="anonymous"'
    scripts = [
        script(third.url("missing")),
        script(third.script("throws", "throw new Error('a')")),
        script(third.script("hangs", never=True)),
        script(third.script("async", never=True), " async"),
        script(
            third.script("tag", "ran.push(document.currentScript.dataset.site)"), " data-site=4"
        ),
        script(third.script("defer"), " defer"),
        script(third.script("module", "ran.push(typeof import.meta.url)"), ' type="module"'),
        script(third.script("checked"), check),
        "<script>document.write('x'); document.open(); ran.push('inline')</script>",
        '<script type="module">ran.push(typeof import.meta)</script>',
    ]
    film = f'<iframe title="Film" src="{third.frame("film")}"></iframe>'
    site.page(gate("".join(scripts)) + gate(film, "youtube"))
    visitor.go()
    visitor.ask(f"void {PATIENT.replace('PATIENCE', str(patience))}")
    visitor.open_settings()
    visitor.click("dialog input[value=matomo]")
    visitor.click("dialog button[value=save]")
    ran = ["throws", "tag", "4", "defer", "module", "string", "checked", "inline", "object"]
    visitor.until("document.querySelector('script[src$=hangs]')")
    before = visitor.ask("ran")
    visitor.ask("void late.at(-1)()")
    visitor.wait_until_ran(*ran)
    visitor.click("[data-consent-placeholder=youtube] button[value=allow]")
    visitor.find("iframe")
    third.wait_for(["film"])
    visitor.wait_until_ran(*ran)

    names = "missing throws hangs async tag defer module checked film"
    assert Counter(visitor.arrived()) == Counter(names.split())
    assert before == ["throws"]
    assert visitor.count("h1") == 1


def test_what_comes_later_is_held_and_started_by_the_same_rule(site, third, visitor):
    """
    Put in before a decision, in whatever way, parts wait for it; after a grant they start at
    once. For 5,000 nodes the page is searched once (GA-15).
    """

    def put(name: str, way: str) -> None:
        part = (
            f'<template data-consent="matomo"><script src="{third.script(name)}"></script>'
            "<script>ran.push('after ' + ran.length)</script></template>"
        )
        visitor.ask(f"void ((given) => {{ {way} }})(arguments[0])", part)

    site.page(COUNTING + gate("<p>x</p>", "youtube") + "<main></main>")
    visitor.go()
    visitor.until("!document.querySelector('[value=once]').hidden")  # our script is there
    ran = []
    for name, way in WAYS.items():
        put(name, way)
        ran += [name, f"after {len(ran) + 1}"]
    before = visitor.arrived()
    visitor.decide("accept")
    visitor.wait_until_ran(*ran)
    for name, way in WAYS.items():
        put(f"{name} 2", way.replace("late-part", "later-part"))
        ran += [f"{name} 2", f"after {len(ran) + 1}"]
        visitor.wait_until_ran(*ran)
    arrived = visitor.arrived()
    visitor.go()
    visitor.until("searches.includes('template')")  # our script is there

    assert_few(*visitor.ask(THOUSANDS))
    assert before == []
    assert sorted(arrived) == sorted(name for name in ran if not name.startswith("after"))


@pytest.mark.parametrize("name", ["turbo", "htmx"])
def test_turbo_and_htmx_swap_pages(site, third, visitor, name):
    """
    On a page that was swapped in, the banner decides, what it allows starts there and behind
    Back, and a withdrawal ends it (GA-13, GA-15, WD-04).
    """
    script, mark = swapper(name)
    pages(site, third, mark)
    load = """void ((text) => document.head.append(
      Object.assign(document.createElement("script"), { text })))(arguments[0])"""
    here = "document.getElementById('here')?.textContent === arguments[0]"
    visitor.go("/a")
    visitor.ask(load, script)
    visitor.click("#over")
    visitor.until(here, "/b")
    before = visitor.arrived()
    visitor.decide("accept")
    third.wait_for(["countb", "filmb"])
    visitor.ask("void history.back()")
    visitor.until(here, "/a")
    visitor.until("!document.getElementById('consent') && document.querySelector('iframe')")
    third.wait_for(["counta", "filma"])
    stays = visitor.ask("stays")
    visitor.open_settings()
    visitor.click("dialog button[value=withdraw]")
    visitor.until("!window.stays && document.querySelector('[data-consent-placeholder]')")
    visitor.ask(load, script)
    visitor.arrived()
    third.forget()
    visitor.click("#over")
    visitor.until(here, "/b")
    visitor.find("[data-consent-placeholder]")

    assert stays
    assert before == visitor.arrived() == []


def test_without_javascript_everything_is_a_form(site, third, plain_visitor):
    """
    Without JavaScript the banner and "always" are plain forms, "once" neither is offered nor takes
    room, and what was allowed can be taken back on the page of settings and by the button in the
    footer (GA-03, FL-24, WD-02, WD-09).
    """
    visitor, arrived = plain_visitor, []
    place = "[data-consent-placeholder=youtube]"

    def press(selector: str) -> None:
        arrived.append(visitor.arrived())
        third.forget()
        with visitor.anew():
            visitor.click(selector)

    visitor.go()
    offered = [
        visitor.ask("arguments[0].getClientRects().length", visitor.find(f"{place} [value={name}]"))
        for name in ("once", "allow")
    ]
    press(f"{place} [value=allow]")
    visitor.find("iframe")
    third.wait_for(["film"])
    press("footer [data-consent-open]")
    press("main button[value=withdraw]")
    visitor.find(place)
    visitor.driver.delete_all_cookies()
    visitor.go()
    press("#consent button[value=accept]")
    visitor.find("iframe")
    third.wait_for(["film"])
    press("footer button[value=withdraw]")
    visitor.find(place)

    assert offered == [0, 1]
    assert arrived == [[], ["film"], [], [], ["film"]]
    assert visitor.arrived() == []
    assert [event["kind"] for event in site.events()] == ["grant", "withdrawal"] * 2
