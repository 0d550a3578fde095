"""Real browsers, a site that asks, and third parties that count what reaches them."""

from __future__ import annotations

import asyncio
import inspect
import json
import threading
from contextlib import contextmanager
from functools import partial

import pytest
from _pytest.runner import runtestprotocol
from playwright.sync_api import expect, sync_playwright

from consent.policy.wording import languages
from tests.browser.engines import ENGINES, PATIENCE, Chromium
from tests.browser.hanging import WATCH
from tests.browser.mirrored import MIRRORED, mirrored
from tests.browser.servers import POLICY, Site, ThirdParties, both
from tests.browser.visitor import Visitor
from tests.conftest import IS_LONG, engine_of, leave_out
from tests.shortcuts import nearest_frames

#: What a test notes that had to be tried again.
HUNG = "ended"


def pytest_collection_modifyitems(config, items):
    """
    Leave out what the other engines need not show.

    That is what is marked as a matter of Chromium alone, and of a test with several parameters
    all but the first: they vary what is shown, not what an engine does with it. Where a file is
    about our own forms and texts, one test of each class shows that an engine copes with them;
    the others run there when there is time for everything.
    """
    left_out, tried = [], set()
    for item in items:
        engine = engine_of(item)
        if engine not in {None, Chromium.name}:
            test, group = item.nodeid.partition("[")[0], item.nodeid.rpartition("::")[0]
            repeats = (test, engine) in tried or (
                not IS_LONG and item.get_closest_marker("sampled") and (group, engine) in tried
            )
            if _is_for_chromium(item) or (repeats and not item.get_closest_marker("every_engine")):
                left_out.append(item)
            else:
                tried |= {(test, engine), (group, engine)}
    leave_out(config, items, left_out)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_protocol(item, nextitem):
    """Try a test once more if a browser had to be ended in it; say so in the summary."""
    item.ihook.pytest_runtest_logstart(nodeid=item.nodeid, location=item.location)
    with _main_thread_alone_is_measured():
        with WATCH.within():
            reports = runtestprotocol(item, log=False, nextitem=nextitem)
        if WATCH.ended:
            item.user_properties.append((HUNG, sorted(WATCH.ended)))
            with WATCH.within():
                reports = runtestprotocol(item, log=False, nextitem=nextitem)
    for report in reports:
        item.ihook.pytest_runtest_logreport(report=report)
    item.ihook.pytest_runtest_logfinish(nodeid=item.nodeid, location=item.location)
    return True


def pytest_terminal_summary(terminalreporter):
    """Tell which tests had to be tried again."""
    for report in terminalreporter.getreports("passed"):
        for name, programs in report.user_properties:
            if name == HUNG:
                terminalreporter.write_line(
                    f"ANSWERED NO MORE: {', '.join(programs)}; tried again: {report.nodeid}"
                )


def _is_for_chromium(item) -> bool:
    marker = item.get_closest_marker("chromium")
    if marker and not marker.args:
        raise pytest.UsageError(f"{item.nodeid}: chromium(reason): the reason is missing")
    return marker is not None


@contextmanager
def _main_thread_alone_is_measured():
    """
    Measure what the test itself runs, not what answers it in other threads.

    A measured thread leaves a greenlet behind that Python forgets at some later moment of the
    main thread. If one more ends just then, Python 3.11 turns in circles for ever: it asks at
    the start of each measured function what is pending, and does not go on while something is.
    """
    measured = threading.gettrace()
    threading.settrace(None)
    try:
        yield
    finally:
        threading.settrace(measured)


@pytest.fixture(scope="session")
def playwright():
    """What drives Chromium and Firefox."""
    with pytest.MonkeyPatch.context() as patch, sync_playwright() as playwright:
        patch.setattr(inspect, "stack", nearest_frames)
        expect.set_options(timeout=PATIENCE)
        yield playwright


@pytest.fixture(scope="session")
def engines(playwright):
    """The engines by name; each starts when somebody comes with it first."""
    engines = {name: kind(playwright) for name, kind in ENGINES.items()}
    WATCH.look_after(asyncio.get_running_loop(), engines.values())
    yield engines
    for engine in engines.values():
        engine.close()


@pytest.fixture(params=ENGINES)
def engine(request):
    """The name of the engine: each test runs once in each, unless marked ``chromium``."""
    return request.param


@pytest.fixture
def browser(engines, engine):
    """The browser of the test, shared with the others; each visitor gets a fresh profile."""
    for name, other in engines.items():
        if name != engine:
            other.close()  # even idle ones slow this one down
    return engines[engine]


@pytest.fixture(scope="session")
def origins(tmp_path_factory):
    site, third = Site(tmp_path_factory.mktemp("site")), ThirdParties()
    with both(site, third):
        yield site, third


@pytest.fixture
def third(origins):
    """The third parties, with nothing counted yet."""
    third = origins[1]
    third.start_afresh()
    yield third
    third.finish()


@pytest.fixture
def site(origins, third):
    """The site, with one script, one inline script and one video behind gates."""
    site = origins[0]
    site.start_afresh()
    site.page(
        f'{{% gate "matomo" %}}<script src="{third.script("count.js")}"></script>'
        "<script>ran.push('inline')</script>{% endgate %}"
        f'{{% gate "youtube" %}}<iframe title="Film" src="{third.frame("film")}"></iframe>'
        "{% endgate %}"
    )
    return site


@pytest.fixture
def make_visitor(browser, site, third):
    """Let somebody come with a fresh profile; keyword arguments are Playwright's."""
    contexts = []

    def make(**profile) -> Visitor:
        contexts.append(browser.new_context(locale="de-DE", **profile))
        return Visitor(contexts[-1], site, third)

    yield make
    for context in contexts:
        browser.release(context)


@pytest.fixture
def visitor(make_visitor):
    """Somebody who has not decided yet."""
    return make_visitor()


@pytest.fixture
def plain_visitor(make_visitor):
    """The same without JavaScript."""
    return make_visitor(java_script_enabled=False)


@pytest.fixture(params=["corner", "modal"])
def placed(request, browser, third, tmp_path):
    """Another site, whose first layer is not a bar, and somebody who has not decided there."""
    site = Site(tmp_path, f'placement = "{request.param}"\n{POLICY}')
    site.page('{% gate "youtube" %}<iframe title="Film" src="/film"></iframe>{% endgate %}')
    context = browser.new_context(locale="de-DE")
    with site.running():
        yield site, Visitor(context, site, third)
        browser.release(context)


#: Where text is broken into lines alike, one engine that does it for every language is enough.
BELOW = partial(
    pytest.param,
    marks=pytest.mark.chromium("the bar shows how the other engine sets each language"),
)


@pytest.fixture(scope="module", params=["bar", BELOW("corner"), BELOW("modal")])
def spoken(request, tmp_path_factory):
    """A site that speaks every language, with the first layer in one place."""
    policy = POLICY.replace('["de", "en"]', json.dumps([*languages(), MIRRORED]))
    folder = tmp_path_factory.mktemp(request.param)
    (folder / "mirrored.toml").write_text(mirrored(), encoding="utf-8")
    policy = f'{policy}\n[texts]\n{MIRRORED} = "mirrored.toml"\n'
    site = Site(folder, f'placement = "{request.param}"\n{policy}')
    site.placement = request.param
    with site.running():
        yield site
