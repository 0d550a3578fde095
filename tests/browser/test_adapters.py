"""Providers are told what was decided, in their own words, and before their script runs."""

from __future__ import annotations

import json
import os
import re
from functools import partial
from pathlib import Path
from typing import get_args

import pytest

from consent.policy.model import Adapter
from tests.browser.servers import POLICY, Site
from tests.browser.visitor import Visitor
from tools.npm import CLARITY, FRIENDLY_CAPTCHA

pytestmark = pytest.mark.browser

#: Every service with an adapter, and one whose adapter is the site's own. Both of Google's need
#: the signal for statistics.
SERVICES = """
[services.counter]
from = "matomo"
host = "localhost"

[services.etracker]

[services.google-analytics]

[services.google-ads]
purposes = ["advertising", "statistics"]

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

[services.youtube]

[services.vimeo]

[services.google-maps]
"""

#: Notes what a queue is told, for the page after this one, too.
NOTE = "sessionStorage.told = (sessionStorage.told ?? '') + JSON.stringify({}) + '\\n';"

TOLD = "(sessionStorage.told ?? '').trim().split('\\n').filter(Boolean).map(JSON.parse)"

#: The adapter that the docs show.
OWN = re.search(
    r"```js\n(.*?)```",
    (Path(__file__).parents[2] / "docs/adapters.md").read_text(encoding="utf-8"),
    re.DOTALL,
)[1]

UPDATE = ("consent", "update")
ADS = ("ad_storage", "ad_user_data", "ad_personalization")
DENIED = dict.fromkeys(("analytics_storage", *ADS), "denied")

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
    # Of both of Google's services.
    "google-analytics": (
        "const told = [...dataLayer]; dataLayer.push = (call) => { NOTE([...call]) };"
        "for (const call of told) dataLayer.push(call);",
        [["consent", "default", DENIED], [*UPDATE, dict.fromkeys(DENIED, "granted")]],
        [[*UPDATE, DENIED]],
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
    "friendly-captcha": (
        "window.frcaptcha = { getAllWidgets: () => [{ destroy() { NOTE(['2 gone']) } }] };"
        "window.friendlyChallenge = { autoWidget: { destroy() { NOTE(['1 gone']) } } };",
        [],
        [["2 gone"], ["1 gone"]],
    ),
    "own": (
        "const told = [...counter]; counter.push = (call) => { NOTE(call) };"
        "for (const call of told) counter.push(call);",
        [["consent", True]],
        [["consent", False]],
    ),
}

#: What is said when everything was allowed.
GRANTED = [call for _, granted, _ in DIALOGUES.values() for call in granted]

#: What is said when Google's advertisements alone are taken back: of the page that ends, and of
#: the one that comes.
WITHOUT_ADS = [
    [*UPDATE, dict.fromkeys(ADS, "denied")],
    *(
        [*UPDATE, {"analytics_storage": "granted"}]
        if call == [*UPDATE, dict.fromkeys(DENIED, "granted")]
        else call
        for call in GRANTED
    ),
]

#: What is said when all the rest is taken back, then.
WITHDRAWN = [
    [*UPDATE, {"analytics_storage": "denied"}] if call == [*UPDATE, DENIED] else call
    for _, _, withdrawn in DIALOGUES.values()
    for call in withdrawn
]

#: By service: the address of an embed and what becomes of it. Those that stand nowhere and wait
#: until they are seen are never asked for.
FRAMES = {
    "youtube": (
        'src="https://www.youtube.com/embed/x"',
        ["https://www.youtube-nocookie.com/embed/x", ""],
    ),
    "vimeo": (
        'src="https://player.vimeo.com/video/1?h=2"',
        ["https://player.vimeo.com/video/1?dnt=1&h=2", ""],
    ),
    "google-maps": (
        'src="https://www.google.com/maps/embed?pb=x" referrerpolicy="no-referrer-when-downgrade"',
        ["https://www.google.com/maps/embed?pb=x", "strict-origin-when-cross-origin"],
    ),
}

EMBEDDED = "[...document.querySelectorAll('iframe')].map((one) => [one.src, one.referrerPolicy])"

as_text = partial(json.dumps, sort_keys=True)


def make_site(folder: Path) -> Site:
    """A site with every service that has an adapter, and nothing on its page."""
    head, _, _ = POLICY.partition("[services.matomo]")
    site = Site(folder, head + SERVICES)
    own = (OWN, {"Content-Type": "text/javascript"})
    site.app.add_url_rule("/own-adapter.js", "own", lambda: own)
    return site


def gate(service: str, script: str) -> str:
    return f'{{% gate "{service}" %}}<script>{script}</script>{{% endgate %}}'


def talkative() -> str:
    """A page on which every provider notes what it is told, with one embed of each kind."""
    parts = []
    for service, (script, *_) in DIALOGUES.items():
        for call in ("call", "[...call]", "['on', d]", "['off', d]", "['2 gone']", "['1 gone']"):
            script = script.replace(f"NOTE({call})", NOTE.format(call))
        parts.append(gate(service, f"{{ {script} }}"))
    for service, (address, _) in FRAMES.items():
        frame = f"<iframe hidden loading=lazy {address}></iframe>"
        parts.append(f'{{% gate "{service}" %}}{frame}{{% endgate %}}')
    return "".join(parts) + gate("own", "window.ran = ['vendors']")


@pytest.fixture
def site(tmp_path, third):
    """A site with every service that has an adapter."""
    site = make_site(tmp_path)
    with site.running():
        yield site


@pytest.fixture
def visitor(make_visitor, site, third):
    """Somebody who has not decided yet."""
    return Visitor(make_visitor().context, site, third)


def choose(visitor, *services: str) -> None:
    """Allow exactly these services in the settings."""
    visitor.open_settings()
    for box in visitor.dialog.locator("input[name=service]").all():
        box.set_checked(box.get_attribute("value") in services)
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


def test_every_provider_hears_of_grant_and_withdrawal(site, visitor):
    """
    All adapters at once, one of the site's own included: each calls what its provider documents
    before the provider's script runs, on every page while granted, and once more when it is taken
    back, before the page ends. Taking one service back is told to its provider alone (GA-09,
    GA-10, GA-11, WD-06, WD-08).
    """
    told, frames = [], []
    site.page(talkative())
    visitor.go()
    visitor.decide("accept")
    for leave in (visitor.go, partial(give_up, visitor, "google-ads"), visitor.withdraw):
        visitor.wait_until_ran("vendors")
        told.append(visitor.page.evaluate(TOLD))
        frames.append(visitor.page.evaluate(EMBEDDED))
        leave()
    told.append(visitor.page.evaluate(TOLD))

    assert_told(told)
    assert frames == [[frame for _, frame in FRAMES.values()]] * 3
    adapters = set(site.app.extensions["consentry"].adapters.values())
    assert adapters == {*get_args(Adapter), "/own-adapter.js"}


def give_up(visitor, service: str) -> None:
    """Take *service* back in the settings and see the page come anew."""
    visitor.open_settings()
    visitor.dialog.locator(f"input[value={service}]").uncheck()
    with visitor.page.expect_event("load"):
        visitor.dialog.locator("button[value=save]").click()


def assert_told(told: list[list]) -> None:
    """
    See that providers were told what they document.

    *told* is all they have heard so far, after everything was allowed, on the next page, after
    advertisements were taken back, and after everything was.
    """
    first, second, third, last = told
    assert first == GRANTED
    assert second[len(first) :] == GRANTED
    assert third[len(second) :] == WITHOUT_ADS
    # Each provider's adapter hears of it by itself.
    assert sorted(map(as_text, last[len(third) :])) == sorted(map(as_text, WITHDRAWN))


#: What Google has been told: the calls that are about consent.
CONSENT = (
    "[...window.dataLayer ?? []].map((call) => [...call]).filter(([name]) => name === 'consent')"
)
STATISTICS_ALONE = [
    ["consent", "default", DENIED],
    [*UPDATE, {"analytics_storage": "granted"}],
]
GTAG = "function gtag() { dataLayer.push(arguments) } gtag('js', 1); window.ran = ['gtag']"


def test_google_hears_of_statistics_alone(site, visitor):
    """
    Statistics alone: everything is denied, then statistics are granted, then Google's own
    commands come; what is granted later on the page is told in turn (GA-09).
    """
    site.page(gate("google-analytics", GTAG) + gate("google-ads", "ran.push('ads')"))
    visitor.go()
    before = visitor.page.evaluate("typeof dataLayer")
    choose(visitor, "google-analytics")
    visitor.wait_until_ran("gtag")

    assert before == "undefined"
    assert visitor.page.evaluate(CONSENT) == STATISTICS_ALONE
    assert visitor.page.evaluate("[...dataLayer[2]]") == ["js", 1]
    choose(visitor, "google-analytics", "google-ads")
    visitor.wait_until_ran("gtag", "ads")
    update = [*UPDATE, dict.fromkeys(DENIED, "granted")]
    assert visitor.page.evaluate(CONSENT) == [*STATISTICS_ALONE, update]


#: What a page may put into the queues of providers itself, and whether that is still there.
QUEUES = ("_paq", "uetq", "dataLayer", "_etrackerOnReady", "clarity.q")
QUEUED = "".join(f"{queue} = [['own']];" for queue in QUEUES)
FIRST = f"[{','.join(f'{queue}[0][0]' for queue in QUEUES)}]"


@pytest.mark.chromium("the script decides it, whatever the engine")
def test_what_the_page_has_queued_itself_stays(site, visitor):
    """
    A page may have put its own commands into a provider's queue before the grant: they stay there,
    before what the provider is told.
    """
    own = f"<script>window.clarity = (...call) => clarity.q.push(call); {QUEUED}</script>"
    site.page(own + "".join(gate(service, "") for service in DIALOGUES) + gate("own", GTAG))
    visitor.go()
    visitor.decide("accept")
    visitor.wait_until_ran("gtag")

    assert visitor.page.evaluate(FIRST) == ["own"] * len(QUEUES)
    assert visitor.page.evaluate("clarity.q.length") == 2


def vendor(package) -> str:
    """The provider's own script. Without it the test is skipped, in CI it fails."""
    if not package.is_there:
        say = pytest.fail if os.environ.get("CI") else pytest.skip
        say(f"NO {package.name}: its adapter was not tried with the real script; make npm")
    [name] = package.takes.values()
    return (package.folder / name).read_text(encoding="utf-8")


def clarity(third) -> str:
    """A page with Clarity's published script, which starts."""
    address = third.script("clarity", vendor(CLARITY))
    start = 'clarity("start", { projectId: "x", upload: () => {}, track: true }); ran.push("on")'
    return (
        f'{{% gate "microsoft-clarity" %}}<script src="{address}"></script>'
        f"<script>{start}</script>{{% endgate %}}"
    )


def captcha(third) -> str:
    """A form with the widget of Friendly Captcha's published script."""
    address = third.script("captcha", vendor(FRIENDLY_CAPTCHA))
    return (
        '<form><p id="box" class="frc-captcha" data-sitekey="x" data-start="none"></p></form>'
        f'{{% gate "friendly-captcha" %}}<script src="{address}"></script>{{% endgate %}}'
    )


#: Whether the widget is there.
SOLVABLE = "window.friendlyChallenge?.autoWidget && document.getElementById('box').innerHTML"

#: Notes for the next page how many widgets there are as this one ends.
COUNT_AT_END = """void addEventListener("pagehide", () => {
  sessionStorage.left = document.querySelectorAll(".frc-captcha").length })"""


class TestWithTheirOwnScript:
    def test_clarity_keeps_cookies_only_while_granted(self, site, third, visitor):
        """
        Clarity's published script sets its cookies after our call, and none are left after the
        withdrawal (GA-11, WD-05, WD-06).
        """
        site.page(clarity(third))
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
        site.page(captcha(third))
        visitor.go()
        choose(visitor, "friendly-captcha")
        visitor.wait_until_ran("captcha")
        visitor.until(SOLVABLE)
        visitor.page.evaluate(COUNT_AT_END)
        visitor.withdraw()

        assert visitor.page.evaluate("sessionStorage.left") == "0"
