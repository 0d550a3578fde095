"""
WebKitGTK, over TLS: on plain HTTP it keeps no Secure cookie, not even from localhost.

Playwright drives a WebKit of its own make only, so this one is driven by Debian's driver.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import cache
from threading import Condition

import pytest
from flask import request
from selenium import webdriver
from selenium.webdriver.remote.client_config import ClientConfig
from selenium.webdriver.remote.remote_connection import RemoteConnection
from selenium.webdriver.webkitgtk.options import Options
from selenium.webdriver.webkitgtk.service import Service

from tests.browser.screen import hidden_screen, require
from tests.browser.servers import Site, ThirdParties, both, served
from tests.browser.webkit.visitor import PATIENCE, Visitor

DARK = {"GTK_THEME": "Adwaita:dark"}

#: Options of the browser that take something away from pages. It alone of all engines can be
#: driven where pages may run no script at all.
NO_SCRIPTS = ("--enable-javascript=false",)
NO_COOKIES = ("--cookies-policy=never",)
NO_STORAGE = ("--features=-LocalStorage,-CacheAPI", "--enable-html5-database=false")


@pytest.fixture(params=["webkit"])
def engine(request):
    """The name of the engine."""
    return request.param


@pytest.fixture(scope="session")
def screen():
    """A screen that nobody sees; the name under which windows find it."""
    require("WEBKIT", "WebKitWebDriver", "Xvfb", packages="webkit2gtk-driver xvfb")
    with hidden_screen() as name:
        yield name


class Reports:
    """What a browser reports against a Content-Security-Policy."""

    def __init__(self) -> None:
        self.seen: list[str] = []
        self._news = Condition()

    def take(self) -> tuple[str, int]:
        """Take one report."""
        report = request.get_json(force=True)["csp-report"]
        with self._news:
            self.seen.append(report["effective-directive"])
            self._news.notify_all()
        return "", 204

    def wait_for(self, directive: str) -> None:
        """Wait until *directive* was reported."""
        with self._news:
            assert self._news.wait_for(lambda: directive in self.seen, PATIENCE)


@pytest.fixture(scope="session")
def all_reports():
    return Reports()


@pytest.fixture(scope="session")
def origins(tmp_path_factory, all_reports):
    site, third = Site(tmp_path_factory.mktemp("site")), ThirdParties()
    site.app.add_url_rule("/bericht", "report", all_reports.take, methods=["POST"])
    with both(site, third, tls=True):
        yield site, third


@pytest.fixture
def reports(all_reports):
    """What is reported in this test to /bericht."""
    all_reports.seen.clear()
    return all_reports


@pytest.fixture
def make_visitor(engine, screen, site, third) -> Iterator[Callable[..., Visitor]]:
    """Let somebody come with a browser, with *options* of it, and a profile of their own."""
    with ExitStack() as stack:

        def make(*options: str, **environment: str) -> Visitor:
            service = Service(
                shutil.which("WebKitWebDriver"),
                env={**os.environ, "DISPLAY": screen, "NO_AT_BRIDGE": "1", **environment},
            )
            service.start()
            stack.callback(service.stop)
            wishes = Options()
            wishes.accept_insecure_certs = True
            for option in ("--automation", *options) if options else ():
                wishes.add_argument(option)
            server = RemoteConnection(client_config=ClientConfig(service.service_url))
            driver = webdriver.Remote(server, options=wishes)
            stack.callback(driver.quit)
            return Visitor(driver, site, third)

        yield make


@pytest.fixture
def visitor(make_visitor):
    """Somebody who has not decided yet."""
    return make_visitor()


@pytest.fixture
def plain_visitor(make_visitor):
    """The same without JavaScript."""
    return make_visitor(*NO_SCRIPTS)


@pytest.fixture
def another(make_visitor, third):
    """Serve another site than that of the other tests, and give the visitor there, or a *guest*."""
    usual = cache(make_visitor)

    @contextmanager
    def another(site: Site, guest: Visitor | None = None) -> Iterator[Visitor]:
        guest = guest or usual()
        with served(site.app, tls=True) as port:
            site.url = f"https://127.0.0.1:{port}"
            yield Visitor(guest.driver, site, third)
        site.store.close()

    return another
