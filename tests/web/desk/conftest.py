"""A desk, somebody who was invited to it, and a clock that can be turned."""

from __future__ import annotations

import time

import pytest

from consent.web.desk.session import cookie_name
from consent.web.site import EXTENSION
from tests.conftest import POLICY, make_site
from tests.web.desk.reader import Reader

HOST = "https://kreisverband.example"
OWN = {"Sec-Fetch-Site": "same-origin"}
DESK = "/consent/audit"


class Browser:
    """Somebody's browser, without JavaScript."""

    def __init__(self, app, host=HOST):
        self.client, self.host = app.test_client(), host

    def get(self, path="/", **more):
        """Open a page of the desk."""
        return self.client.get(self._at(path), base_url=self.host, **more)

    def post(self, path, headers=None, **more):
        """Send a form of the desk."""
        headers = OWN if headers is None else headers
        return self.client.post(self._at(path), base_url=self.host, headers=headers, **more)

    def open(self, link):
        """Open a link and press the button."""
        assert self.get(link).status_code == 200
        return self.post(link)

    def close(self):
        """Forget what is kept for as long as the browser is open."""
        found = self._kept()
        if found and found.max_age is None and found.expires is None:
            host = self.host.partition("://")[2]
            self.client.delete_cookie(found.key, domain=host, path=found.path)

    @property
    def cookie(self):
        """The desk's cookie, or None."""
        found = self._kept()
        return found and found.value

    @cookie.setter
    def cookie(self, value):
        name = cookie_name(self.host.startswith("https"))
        about = {"path": DESK, "secure": True, "domain": self.host.partition("://")[2]}
        self.client.set_cookie(name, value, **about)

    def _kept(self):
        name = cookie_name(self.host.startswith("https"))
        return self.client.get_cookie(name, self.host.partition("://")[2], DESK)

    @staticmethod
    def _at(path):
        return path if path.startswith("/consent") else DESK + path


class Clock:
    """What time it is."""

    def __init__(self, real):
        self._real, self._ahead = real, 0

    def __call__(self):
        return self._real() + self._ahead

    def forward(self, *, days=0, minutes=0):
        """Let time pass."""
        self._ahead += (days * 1440 + minutes) * 60 * 10**9


@pytest.fixture(scope="module")
def onlooker(tmp_path_factory) -> Reader:
    """Somebody at a desk who changes nothing there, so that it serves all tests of a file."""
    policy = tmp_path_factory.mktemp("site") / "consent.toml"
    policy.write_text(POLICY, encoding="utf-8")
    return Reader(make_site(policy, CONSENT_AUDITOR=lambda: "Dr. Prüfer"), decisions=6)


@pytest.fixture
def clock(monkeypatch):
    """The clock of the site."""
    clock = Clock(time.time_ns)
    monkeypatch.setattr(time, "time_ns", clock)
    return clock


@pytest.fixture
def site(app):
    """What belongs to the small site."""
    return app.extensions[EXTENSION]


@pytest.fixture
def invite(site):
    """Invite somebody, and return the path of the link; its ``id`` is in ``invite.ids``."""

    def invite(name="Dr. Anna Prüfer", days=14):
        made = site.desk.access.invite(name, days, time.time_ns() // 10**6)
        invite.ids.append(made.id)
        return f"{DESK}/enter/{site.desk.link(made.id)}"

    invite.ids = []
    return invite


@pytest.fixture
def browser(app):
    """A browser that has no business at the desk."""
    return Browser(app)


@pytest.fixture
def auditor(app, invite):
    """The browser of somebody who was invited and has opened the link."""
    browser = Browser(app)
    browser.link = invite()
    assert browser.open(browser.link).status_code == 303
    return browser
