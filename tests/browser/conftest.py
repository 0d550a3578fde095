"""A real browser, a site that asks, and third parties that count what reaches them."""

from __future__ import annotations

import os
import shutil
from functools import partial
from pathlib import Path

import pytest
from playwright.sync_api import expect, sync_playwright

from tests.browser import servers
from tests.browser.servers import Site, ThirdParties, served
from tests.browser.visitor import PATIENCE, WATCH, Visitor


@pytest.fixture(scope="session")
def launch():
    """Start a Chromium. Without one the tests are skipped, in CI they fail."""
    with sync_playwright() as playwright:
        named = shutil.which("chromium") or shutil.which("google-chrome")
        path = named or playwright.chromium.executable_path
        if not Path(path).exists():
            say = pytest.fail if os.environ.get("CI") else pytest.skip
            say("NO CHROMIUM: nothing of what a browser does was tested; apt install chromium")
        root = hasattr(os, "geteuid") and os.geteuid() == 0
        arguments = ["--no-sandbox"] if root else []
        expect.set_options(timeout=PATIENCE)
        yield partial(playwright.chromium.launch, executable_path=path, args=arguments)


@pytest.fixture(scope="session")
def browser(launch):
    """The Chromium of all tests; each gets a profile of its own."""
    browser = launch()
    yield browser
    browser.close()


@pytest.fixture(scope="session")
def origins(tmp_path_factory):
    site, third = Site(tmp_path_factory.mktemp("site")), ThirdParties()
    with served(site.app) as site_port, served(third) as third_port:
        site.url = f"http://127.0.0.1:{site_port}"
        third.origin = f"http://localhost:{third_port}"
        yield site, third
        third.finish()
    site.store.close()


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
        context = browser.new_context(locale="de-DE", **profile)
        contexts.append(context)
        context.set_default_timeout(PATIENCE)
        context.add_init_script(WATCH)
        return Visitor(context, site, third)

    yield make
    for context in contexts:
        context.close()


@pytest.fixture
def visitor(make_visitor):
    """Somebody who has not decided yet."""
    return make_visitor()


@pytest.fixture
def plain_visitor(make_visitor):
    """The same without JavaScript."""
    return make_visitor(java_script_enabled=False)


@pytest.fixture(params=["corner", "modal"])
def placed(request, browser, third, tmp_path, monkeypatch):
    """Another site, whose first layer is not a bar, and somebody who has not decided there."""
    monkeypatch.setattr(servers, "POLICY", f'placement = "{request.param}"\n{servers.POLICY}')
    site = Site(tmp_path)
    site.page('{% gate "youtube" %}<iframe title="Film" src="/film"></iframe>{% endgate %}')
    context = browser.new_context(locale="de-DE")
    context.set_default_timeout(PATIENCE)
    context.add_init_script(WATCH)
    with served(site.app) as port:
        site.url = f"http://127.0.0.1:{port}"
        yield site, Visitor(context, site, third)
        context.close()
    site.store.close()
