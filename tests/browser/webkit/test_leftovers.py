"""What services left on this site, in WebKitGTK."""

from __future__ import annotations

import pytest

from tests.browser.test_leftovers import (
    CONTROL,
    DEEP,
    EMBEDDED,
    HOST,
    KEPT,
    LEAVE,
    LEAVE_SOME,
    LEFT,
    LEFT_OF_SOME,
    LOOKING,
    SPREAD,
    make_storing,
    tracker,
)
from tests.browser.webkit.conftest import NO_STORAGE
from tests.browser.webkit.visitor import until

pytestmark = [pytest.mark.browser, pytest.mark.every_engine]

#: How often storage was looked at, and whether there is what could delete something.
LOOKED = """[looked, performance.getEntriesByType("resource")
  .some(({ name }) => name.includes("forget"))]"""

#: Notes what goes wrong in a page.
WRONG = """window.wrong = []; for (const type of ["error", "unhandledrejection"])
  addEventListener(type, ({ message, reason }) => wrong.push(String(reason ?? message)));"""


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


def test_what_is_allowed_only_this_time_leaves_nothing(tmp_path, third, another):
    """
    Of an embed that somebody who has decided nothing allows for one page view nothing is there
    behind that page; what the site keeps is (WD-05).
    """
    site = make_storing(tmp_path, EMBEDDED)
    script = f'<script src="{third.script("t", LEAVE_SOME)}"></script>'
    site.page(f'{{% gate "messung" %}}{script}{{% endgate %}}')
    with another(site) as there:
        there.go()
        there.reach("[data-consent-placeholder=messung] button[value=once]").click()
        there.wait_until_ran("t")
        before = there.ask(LEFT_OF_SOME)
        there.go("/andere")
        after = there.ask(LEFT_OF_SOME)

    assert [len(names) for names in before] == [2, 2, 2]
    assert after == [["_x.cart"], ["_x.a"], ["own"]]


def test_no_page_stays_in_the_hands_of_a_worker(tmp_path, another):
    """
    A worker of a withdrawn service that has to do with all that pages ask for has nothing to do
    any more with the page that comes after a withdrawal on the page of settings (WD-04, WD-05).
    """
    site = make_storing(tmp_path)
    with another(site) as there:
        there.go()
        there.decide("accept")
        there.run(CONTROL)
        there.go("/andere")
        before = there.ask("!!navigator.serviceWorker.controller")
        there.go("/consent/settings")
        there.reach("main button[value=withdraw]").click()
        there.until("location.pathname === '/' && !navigator.serviceWorker.controller")

    assert before


def test_only_what_nobody_needs_is_looked_for(tmp_path, third, another):
    """
    While everything is granted nothing is deleted, and nothing is loaded that could. Of a service
    that is taken back goes what no other needs, with the next page also what came back from
    somewhere; who has not decided is not even read from (PS-03, WD-05).
    """
    site = make_storing(tmp_path)
    place = '{% gate "youtube" %}<p>x</p>{% endgate %}'
    for path in ("/", "/sub/page"):
        site.page(f"<script>{LOOKING}</script>{tracker(third)}{place}", path)
    with another(site) as there:
        site.url = site.url.replace("127.0.0.1", HOST)
        there.go()
        there.decide("accept")
        there.wait_until_ran("t")
        there.run(LEAVE)
        there.go()
        there.wait_until_ran("t")
        granted, all_there = there.ask(LOOKED), there.run(LEFT)
        there.give_up("messung")
        there.until("!localStorage.getItem('_x.late')")
        shared, looked = there.run(LEFT), there.ask(LOOKED)
        there.withdraw()
        until(lambda: there.run(LEFT) == KEPT)
        there.ask(
            "void (localStorage.setItem('_x.zombie', 1), document.cookie = '_x=2; path=/sub')"
        )
        there.go("/sub/page")
        there.until("!localStorage.getItem('_x.zombie') && !/(^|; )_x=/.test(document.cookie)")
        cookies = there.cookies()
        there.go("/bild.svg")  # a page that loses its cookie loads itself anew
        there.driver.delete_all_cookies()
        there.ask("void localStorage.setItem('_x.1', 1)")
        there.go()
        there.until("!document.querySelector('[value=once]').hidden")  # our script is there
        there.arrived()
        undecided = [*there.ask(LOOKED), there.ask("localStorage.getItem('_x.1')")]

    assert granted == [0, False]
    assert {"_x.1", "_x.both", "_x.late"} <= set(all_there[0])
    assert looked[0] > 0
    assert looked[1]
    assert shared == [["_x.both", *KEPT[0]], *KEPT[1:]]
    assert cookies.keys() == {"__Host-consent", "own"}
    assert undecided == [0, False, "1"]


def test_storage_that_the_browser_blocks_stops_nothing(tmp_path, another, make_visitor):
    """
    Where three kinds of storage cannot be had, what lies in a fourth is deleted all the same, and
    nothing goes wrong (WD-05).
    """
    site = make_storing(tmp_path)
    site.page(f"<script>{WRONG}</script>")
    with another(site, make_visitor(*NO_STORAGE)) as there:
        there.go()
        there.decide("accept")
        blocked = there.ask("[typeof indexedDB, typeof caches, localStorage]")
        there.ask("void sessionStorage.setItem('_x[1]', 1)")
        there.withdraw()
        there.until("!sessionStorage.getItem('_x[1]')")
        there.arrived()
        wrong = there.ask("wrong")

    assert blocked == ["undefined", "undefined", None]
    assert wrong == []
