"""Providers are told what was decided, in their own words, and before their script runs."""

from __future__ import annotations

import os

import pytest

from tests.browser.servers import POLICY, Site
from tests.browser.visitor import Visitor
from tools.blockers import CLARITY, FRIENDLY_CAPTCHA

pytestmark = pytest.mark.browser

SERVICES = """
[services.counter]
from = "matomo"
host = "localhost"

[services.etracker]

[services.google-analytics]

[services.google-ads]

[services.microsoft-clarity]

[services.microsoft-advertising]

[services.friendly-captcha]

[services.own]
name = "Zähler"
provider = "Zähler GmbH"
country = "DE"
purpose = "statistics"
hosts = ["localhost:5001"]
items = []
adapter = "/own-adapter.js"
"""

#: Notes what a queue is told, for the page after this one, too.
NOTE = "sessionStorage.told = (sessionStorage.told ?? '') + JSON.stringify({}) + '\\n';"

OWN = """{
  const { service } = document.currentScript.dataset;
  sessionStorage.own = `${service} on`;
  document.addEventListener("consent:change", ({ detail }) => {
    if (!detail.granted.includes(service)) sessionStorage.own += ", off";
  });
}"""

TOLD = "(sessionStorage.told ?? '').trim().split('\\n').filter(Boolean).map(JSON.parse)"


@pytest.fixture
def site(tmp_path, third):
    """A site with every service that has an adapter; its third parties note what they are told."""
    head, _, _ = POLICY.partition("[services.matomo]")
    site = Site(tmp_path, head + SERVICES)
    site.app.add_url_rule(
        "/own-adapter.js", "own", lambda: (OWN, {"Content-Type": "text/javascript"})
    )
    with site.running():
        yield site


@pytest.fixture
def visitor(make_visitor, site, third):
    """Somebody who has not decided yet."""
    return Visitor(make_visitor().context, site, third)


def gate(service: str, script: str) -> str:
    return f'{{% gate "{service}" %}}<script>{script}</script>{{% endgate %}}'


def choose(visitor, *services: str, reloads: bool = False) -> None:
    """Allow exactly these services in the settings."""
    visitor.open_settings()
    for box in visitor.dialog.locator("input[name=service]").all():
        box.set_checked(box.get_attribute("value") in services)
    if reloads:
        with visitor.page.expect_event("load"):
            visitor.dialog.locator("button[value=save]").click()
    else:
        visitor.dialog.locator("button[value=save]").click()
        visitor.until("!document.querySelector('dialog')")


def test_nothing_of_an_adapter_is_loaded_before_its_grant(site, visitor):
    """
    A first visit pays for no adapter, and one grant loads one (GA-09, GA-11).
    """
    asked = []
    visitor.page.on("request", lambda request: asked.append(request.url))
    site.page(gate("microsoft-clarity", "window.ran = ['clarity']"))
    visitor.go()
    before = [url for url in asked if "adapter" in url]
    choose(visitor, "microsoft-clarity")
    visitor.wait_until_ran("clarity")

    assert before == []
    assert [url.partition("?")[0] for url in asked if "adapter" in url] == [
        f"{site.url}/consent/static/js/adapters/tell-clarity.js"
    ]


UPDATE = ("consent", "update")

#: By service: how the provider's queue is made to note what it is told, and what that is after a
#: grant and after the withdrawal.
DIALOGUES = {
    "counter": (
        "const told = window._paq; window._paq = { push(call) { NOTE(call) } };"
        "for (const call of [...told, ['trackPageView']]) _paq.push(call);",
        [["requireConsent"], ["setConsentGiven"], ["trackPageView"]],
        [["forgetConsentGiven"]],
    ),
    "etracker": (
        "window._etracker = { enableCookies(d) { NOTE(['on', d]) },"
        " disableCookies(d) { NOTE(['off', d]) } };"
        "for (const ready of window._etrackerOnReady) ready();",
        [["on", "127.0.0.1"]],
        [["off", "127.0.0.1"]],
    ),
    "microsoft-clarity": (
        "const told = clarity.q; window.clarity = (...call) => NOTE(call);"
        "for (const call of told) clarity(...call);",
        [["consentv2", {"ad_Storage": "denied", "analytics_Storage": "granted"}]],
        [["consentv2", {"ad_Storage": "denied", "analytics_Storage": "denied"}]],
    ),
    "microsoft-advertising": (
        "const told = uetq; window.uetq = { push(...call) { NOTE(call) } }; uetq.push(...told);",
        [
            ["consent", "default", {"ad_storage": "denied"}, *UPDATE, {"ad_storage": "granted"}],
        ],
        [[*UPDATE, {"ad_storage": "denied"}]],
    ),
}


@pytest.mark.parametrize("service", DIALOGUES)
def test_a_provider_hears_of_grant_and_withdrawal(site, visitor, service):
    """
    What a provider documents is called before its own script runs, on every page while granted,
    and once more when it is taken back, before the page ends (GA-10, GA-11, WD-06).
    """
    script, granted, withdrawn = DIALOGUES[service]
    for call in ("call", "['on', d]", "['off', d]"):
        script = script.replace(f"NOTE({call})", NOTE.format(call))
    site.page(gate(service, script + "window.ran = ['vendor']"))
    visitor.go()
    choose(visitor, service)
    visitor.wait_until_ran("vendor")
    first = visitor.page.evaluate(TOLD)
    visitor.go()
    visitor.wait_until_ran("vendor")
    second = visitor.page.evaluate(TOLD)[len(first) :]
    visitor.withdraw()

    assert first == second == granted
    assert visitor.page.evaluate(TOLD)[len(first) * 2 :] == withdrawn


#: What Google has been told: the calls that are about consent.
CONSENT = (
    "[...window.dataLayer ?? []].map((call) => [...call]).filter(([name]) => name === 'consent')"
)
GTAG = "function gtag() { dataLayer.push(arguments) } gtag('js', 1); window.ran = ['gtag']"
ADS = ("ad_storage", "ad_user_data", "ad_personalization")
DENIED = dict.fromkeys(("analytics_storage", *ADS), "denied")


class TestGoogle:
    def test_all_is_denied_first_and_one_update_follows(self, site, visitor):
        """
        Statistics alone: everything is denied, then statistics are granted, then Google's own
        commands come (GA-09).
        """
        site.page(gate("google-analytics", GTAG))
        visitor.go()
        before = visitor.page.evaluate("typeof dataLayer")
        choose(visitor, "google-analytics")
        visitor.wait_until_ran("gtag")

        assert before == "undefined"
        assert visitor.page.evaluate(CONSENT) == [
            ["consent", "default", DENIED],
            ["consent", "update", {"analytics_storage": "granted"}],
        ]
        assert visitor.page.evaluate("[...dataLayer[2]]") == ["js", 1]

    def test_two_services_are_one_update(self, site, visitor):
        """
        Statistics and advertisements granted together are told together, at once and on the next
        page; taking one back is one more update about that one (GA-09, WD-06, WD-08).
        """
        site.page(gate("google-analytics", GTAG))
        visitor.go()
        choose(visitor, "google-analytics", "google-ads")
        visitor.wait_until_ran("gtag")
        granted = [
            ["consent", "default", DENIED],
            ["consent", "update", dict.fromkeys(DENIED, "granted")],
        ]
        first = visitor.page.evaluate(CONSENT)
        visitor.go()
        visitor.wait_until_ran("gtag")
        second = visitor.page.evaluate(CONSENT)
        visitor.page.evaluate(
            f"addEventListener('pagehide', () => sessionStorage.last = JSON.stringify({CONSENT}))"
        )
        choose(visitor, "google-analytics", reloads=True)

        assert first == second == granted
        assert visitor.page.evaluate("JSON.parse(sessionStorage.last)") == [
            *granted,
            ["consent", "update", dict.fromkeys(ADS, "denied")],
        ]


def test_a_site_can_have_an_adapter_of_its_own(site, visitor):
    """
    A script of the site's own is loaded and told in the same way (WD-06).
    """
    site.page(gate("own", "window.ran = ['own']"))
    visitor.go()
    choose(visitor, "own")
    visitor.wait_until_ran("own")
    granted = visitor.page.evaluate("sessionStorage.own")
    visitor.withdraw()

    assert granted == "own on"
    assert visitor.page.evaluate("sessionStorage.own") == "own on, off"


def vendor(package) -> str:
    """The provider's own script. Without it the test is skipped, in CI it fails."""
    if not package.is_there:
        say = pytest.fail if os.environ.get("CI") else pytest.skip
        say(f"NO {package.name}: its adapter was not tried with the real script; make blockers")
    [name] = package.takes.values()
    return (package.folder / name).read_text(encoding="utf-8")


@pytest.mark.chromium(
    "the adapter is tried in every engine above; this tries the provider's script"
)
class TestWithTheirOwnScript:
    def test_clarity_keeps_cookies_only_while_granted(self, site, third, visitor):
        """
        Clarity's published script sets its cookies after our call, and none are left after the
        withdrawal (GA-11, WD-05, WD-06).
        """
        address = third.script("clarity", vendor(CLARITY))
        start = (
            'clarity("start", { projectId: "x", upload: () => {}, track: true }); ran.push("on")'
        )
        site.page(
            f'{{% gate "microsoft-clarity" %}}<script src="{address}"></script>'
            f"<script>{start}</script>{{% endgate %}}"
        )
        visitor.go()
        choose(visitor, "microsoft-clarity")
        visitor.wait_until_ran("clarity", "on")
        visitor.until("document.cookie.includes('_clck')")
        visitor.withdraw()

        assert "_cl" not in visitor.page.evaluate("document.cookie")

    def test_a_friendly_captcha_is_taken_out(self, site, third, visitor):
        """
        The widget of the published script is gone before the page ends (WD-06).
        """
        address = third.script("captcha", vendor(FRIENDLY_CAPTCHA))
        site.page(
            '<form><p id="box" class="frc-captcha" data-sitekey="x" data-start="none"></p></form>'
            f'{{% gate "friendly-captcha" %}}<script src="{address}"></script>{{% endgate %}}'
        )
        visitor.go()
        choose(visitor, "friendly-captcha")
        visitor.wait_until_ran("captcha")
        visitor.until(
            "window.friendlyChallenge?.autoWidget && document.getElementById('box').innerHTML"
        )
        visitor.page.evaluate(
            "addEventListener('pagehide', () => "
            "sessionStorage.left = document.querySelectorAll('.frc-captcha').length)"
        )
        visitor.withdraw()

        assert visitor.page.evaluate("sessionStorage.left") == "0"
