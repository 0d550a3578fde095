"""The engines themselves: what a test wishes of a browser is what it gets, or it is told."""

from __future__ import annotations

import asyncio
import sys
import threading
from asyncio import CancelledError
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, nullcontext
from unittest.mock import Mock

import pytest
from playwright.sync_api import Error

from tests.browser import conftest
from tests.browser.engines import PATIENCE
from tests.browser.hanging import Watch
from tests.measured import unmeasured

pytestmark = pytest.mark.browser


@pytest.mark.parametrize(
    ("wish", "feature"),
    [
        ({"color_scheme": "light"}, "prefers-color-scheme: light"),
        ({"color_scheme": "dark"}, "prefers-color-scheme: dark"),
        ({"forced_colors": "active"}, "forced-colors: active"),
        ({"reduced_motion": "reduce"}, "prefers-reduced-motion: reduce"),
        ({"viewport": {"width": 320, "height": 256}}, "width: 320px) and (height: 256px"),
    ],
    ids=["light", "dark", "forced colours", "reduced motion", "small"],
)
def test_somebody_comes_with_the_settings_that_are_wished(make_visitor, wish, feature):
    """
    A test in dark, in forced colours or in a small window is one: the page sees it.
    """
    visitor = make_visitor(**wish)
    visitor.go()

    assert visitor.page.evaluate("feature => matchMedia(`(${feature})`).matches", feature)


def test_without_javascript_no_script_runs(site, third, make_visitor):
    """
    Neither a script of the page nor ours runs for somebody without JavaScript.
    """
    video = f'{{% gate "youtube" %}}<iframe src="{third.frame("film")}"></iframe>{{% endgate %}}'
    site.page(f"<script>document.title = 'it runs'</script>{video}")
    seen = []
    for javascript in (True, False):
        visitor = make_visitor(java_script_enabled=javascript)
        visitor.go()
        once = visitor.placeholder("youtube").locator("button[value=once]")
        seen.append((visitor.page.title(), once.is_visible()))

    assert seen == [("it runs", True), ("Start", False)]


def test_what_firefox_would_drop_is_refused(engines):
    """
    No test believes in a setting that does not reach the browser.
    """
    with pytest.raises(ValueError, match="has_touch"):
        engines["firefox"].new_context(has_touch=True)


def test_one_that_answers_no_more_is_ended_and_the_next_visitor_has_another(engines, make_visitor):
    """
    A browser that hangs costs one test its time: whoever waits for it gets an error, and the
    next who comes gets one that works.
    """
    visitor, watch = make_visitor(), Watch()
    watch.look_after(asyncio.get_running_loop(), engines.values())
    visitor.go()
    with watch.within(0.1), pytest.raises((Error, CancelledError)):
        visitor.page.evaluate("() => new Promise(() => {})")
    make_visitor().go()

    assert watch.ended


def test_the_next_who_waits_is_not_told_to_stop():
    """
    A browser that hangs costs one test and not the one after it: while a test waits for WebKit,
    Playwright's loop stands still, and what it is told then it hears in the next one.
    """
    loop, watch, tried = asyncio.new_event_loop(), Watch(), threading.Event()
    watch._end = tried.set
    with closing(loop), ThreadPoolExecutor() as elsewhere:
        watch.look_after(loop, ())
        with watch.within(0.01):
            assert tried.wait(PATIENCE)
        waits = loop.create_task(asyncio.sleep(0, "answered"))

        assert elsewhere.submit(loop.run_until_complete, waits).result() == "answered"


def test_no_thread_besides_the_main_one_is_measured(request):
    """
    Requests are answered without anybody counting lines, also after a test that is not measured at
    all: where they are counted with greenlets, Python 3.11 may never come back from the end of
    such a thread.
    """
    seen = []
    with unmeasured(request.config):
        pass
    thread = threading.Thread(target=lambda: seen.append(sys.gettrace()))
    thread.start()
    thread.join()

    assert seen == [None]


@pytest.mark.parametrize(
    ("ended", "last"), [(set(), 1), ({"firefox-esr"}, 2)], ids=["none was ended", "one was ended"]
)
def test_a_test_in_which_one_was_ended_is_tried_again(monkeypatch, ended, last):
    """
    What counts is how a test ends with a browser that answers; that it was tried twice is told.
    """
    trials, hook = [], Mock()
    item = Mock(ihook=hook, user_properties=[])

    def run(item, **_):
        trials.append(item)
        return [len(trials)]

    monkeypatch.setattr(conftest, "WATCH", Mock(ended=ended, within=nullcontext))
    monkeypatch.setattr(conftest, "runtestprotocol", run)
    conftest.pytest_runtest_protocol(item, None)

    hook.pytest_runtest_logreport.assert_called_once_with(report=last)
    assert item.user_properties == [(conftest.HUNG, sorted(ended))][: len(ended)]
