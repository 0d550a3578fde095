"""Pages that a cache keeps for everybody: the browser side decides what they show."""

from __future__ import annotations

import re
import urllib.request
from typing import Any

import pytest
from playwright.sync_api import expect
from werkzeug.wrappers import Request, Response

from consent.web.assets import HELD, load
from tests.browser.servers import POLICY, Site, served
from tests.browser.visitor import Visitor

pytestmark = pytest.mark.browser

#: By header: what a browser that sends this signal tells a page; notes when it is looked at.
SIGNALS = {
    "Sec-GPC": """Object.defineProperty(Navigator.prototype, "globalPrivacyControl",
        { get: () => (window.isLookedAt = true) });""",
    "DNT": """Object.defineProperty(Navigator.prototype, "doNotTrack",
        { get: () => { window.isLookedAt = true; return "1" } });""",
}


#: A service worker that keeps whatever it sees of the site, as the docs say that one may.
WORKER = """
addEventListener("install", () => skipWaiting());
addEventListener("activate", (event) => event.waitUntil(clients.claim()));
addEventListener("fetch", (event) => {
  const { origin, pathname } = new URL(event.request.url);
  if (origin !== location.origin || event.request.method !== "GET") return;
  if (/^[/]consent[/](?!static[/])/.test(pathname)) return;
  event.respondWith(caches.open("all").then(async (cache) => {
    const kept = await cache.match(event.request, { ignoreVary: true });
    if (kept) return kept;
    const answer = await fetch(event.request);
    cache.put(event.request, answer.clone());
    return answer;
  }));
});
"""

#: Resolves once the worker answers for the page.
REGISTER = """async () => {
  const { serviceWorker } = navigator;
  const taken = new Promise((taken) => { serviceWorker.oncontrollerchange = taken });
  await serviceWorker.register("/worker.js");
  await taken;
}"""


#: Changes a page twice, with time between for everybody who looks for that.
CHANGE = """async () => {
  for (const part of ["One", "two"]) {
    document.querySelector("main").append(part);
    await new Promise((done) => setTimeout(done, 50));
  }
}"""


class Cache:
    """A shared cache before a site: keeps what it may, and knows no cookies."""

    def __init__(self, origin: str) -> None:
        self._origin = origin
        self._kept: dict[str, Response] = {}
        self.hits = 0

    @Request.application
    def __call__(self, request: Request) -> Response:
        """Answer from what is kept, else from the site."""
        key = request.full_path
        if request.method == "GET" and key in self._kept:
            self.hits += 1
            return self._kept[key]
        answer = self._ask(request)
        if request.method == "GET" and self._may_keep(answer):
            answer.freeze()
            self._kept[key] = answer
        return answer

    @staticmethod
    def _may_keep(answer: Response) -> bool:
        control = answer.cache_control
        personal = control.private or control.no_store or "Cookie" in answer.vary
        return answer.status_code == 200 and not personal and "Set-Cookie" not in answer.headers

    def _ask(self, request: Request) -> Response:
        skipped = ("Connection", "Content-Length", "Transfer-Encoding")
        headers = {k: v for k, v in request.headers.items() if k != "Connection"}
        ask = urllib.request.Request(
            self._origin + request.full_path.rstrip("?"),
            data=request.get_data() if request.method == "POST" else None,
            headers=headers,
            method=request.method,
        )
        opener = urllib.request.build_opener(_Plain)
        with opener.open(ask) as answer:
            pairs = [(k, v) for k, v in answer.headers.items() if k not in skipped]
            return Response(answer.read(), answer.status, pairs)


class _Plain(urllib.request.HTTPErrorProcessor):
    """Hands on every answer as it is."""

    def http_response(self, request: Any, response: Any) -> Any:
        return response


def come_back_later(site, cache, visitor, markup: str) -> None:
    """Let *visitor*, who has accepted, find *markup* in the page when a cache has it anew."""
    visitor.go()
    visitor.decide("accept")
    visitor.wait_until_ran("count")
    cache._kept.clear()
    site.page(markup)
    visitor.page.route("**/", of_another_notice)


def of_another_notice(route: Any) -> None:
    """Let a page come as one that was kept under another notice than that of today."""
    answer = route.fetch()
    body = answer.text().replace('data-consent-held="', 'data-consent-held="x')
    route.fulfill(response=answer, body=body)


@pytest.fixture(scope="module")
def cached(tmp_path_factory):
    """A site with pages for everybody, and the cache before it."""
    site = Site(tmp_path_factory.mktemp("static"), CONSENT_STATIC_PAGES=True)
    worker = (WORKER, {"Content-Type": "text/javascript"})
    site.app.add_url_rule("/worker.js", "worker", lambda: worker)
    with served(site.app) as port:
        cache = Cache(f"http://127.0.0.1:{port}")
        with served(cache) as front:
            site.url = f"http://127.0.0.1:{front}"
            yield site, cache
    site.store.close()


@pytest.fixture
def come(cached, third, browser, make_visitor):
    """Let somebody come to the site through the cache."""
    site, cache = cached
    site.start_afresh()
    cache._kept.clear()
    cache.hits = 0
    site.page(
        f'{{% gate "matomo" %}}<script src="{third.script("count")}"></script>{{% endgate %}}'
        f'{{% gate "youtube" %}}<iframe title="Film" src="{third.frame("film")}"></iframe>'
        "{% endgate %}"
    )

    def make(**profile) -> Visitor:
        return Visitor(make_visitor(**profile).context, site, third)

    return make


def test_one_page_serves_everybody(cached, come):
    """
    Out of one cached page a new visitor is asked, one who refused is not, and what somebody
    allowed runs for that one only (GA-07).
    """
    asked, refusing, agreeing = come(), come(), come()
    for visitor in (asked, refusing, agreeing):
        visitor.go()
        expect(visitor.banner).to_be_visible()
    refusing.decide("reject")
    agreeing.decide("accept")
    agreeing.wait_until_ran("count")
    for visitor in (asked, refusing, agreeing):
        visitor.go()
    agreeing.wait_until_ran("count")

    expect(asked.banner).to_be_visible()
    expect(refusing.banner).to_have_count(0)
    expect(agreeing.banner).to_have_count(0)
    expect(agreeing.page.frame_locator("iframe").locator("p")).to_have_text("film")
    assert asked.ran() == refusing.ran() == []
    assert cached[1].hits >= 5


def test_who_comes_back_asks_the_site_for_nothing_anew(come):
    """
    All that a page of somebody who has decided loads of ours may be kept for ever by its address,
    so that no page waits for the site.
    """
    visitor = come()
    visitor.go()
    visitor.decide("accept")
    seen = {}
    visitor.page.on("response", lambda answer: seen.update({answer.url: answer.headers}))
    visitor.go()
    visitor.wait_until_ran("count")

    ours = {url: headers["cache-control"] for url, headers in seen.items() if "/consent/" in url}
    assert [url for url, control in ours.items() if "immutable" not in control] == []
    assert any(HELD in url for url in ours)


@pytest.mark.parametrize("decision", ["reject", None], ids=["refused", "undecided"])
def test_an_embed_is_loaded_once_and_always(cached, come, third, decision):
    """
    In the place of an embed both ways work on a cached page as on others: "once" loads it there,
    keeps nothing and is recorded as that, "always" also on the pages that follow, and who has not
    decided is asked about the rest (GA-03, GA-04).
    """
    site, cache = cached
    visitor = come()
    visitor.go()
    expect(visitor.banner).to_be_visible()
    if decision:
        visitor.decide(decision)
    kept = visitor.cookie()
    before = len(site.events())
    for way, stays in (("once", False), ("allow", True)):
        visitor.go()
        visitor.placeholder("youtube").locator(f"button[value={way}]").click()
        expect(visitor.page.frame_locator("iframe").locator("p")).to_have_text("film")
        assert (visitor.cookie() != kept) == stays
        visitor.go()
        expect(visitor.banner).to_have_count(0 if decision else 1)
        expect(visitor.page.locator("iframe")).to_have_count(1 if stays else 0)

    told = [(e["kind"], e["layer"], e["granted"]) for e in site.events()[before:]]
    assert told == [(kind, "placeholder", ["youtube"]) for kind in ("once", "grant")]
    assert set(visitor.arrived()) == {"film"}
    assert cache.hits >= 4


def test_one_press_in_the_footer_withdraws(cached, come):
    """
    Though the page is the same for everybody, it has the button for who has agreed, and for nobody
    else: one press withdraws everything (WD-02).
    """
    agreeing, refusing = come(), come()
    for visitor, decision in ((agreeing, "accept"), (refusing, "reject")):
        visitor.go()
        visitor.decide(decision)
        expect(visitor.banner).to_have_count(0)
        visitor.go()
    button = agreeing.page.locator("footer button[value=withdraw]")
    agreeing.wait_until_ran("count")
    expect(button).to_have_count(1)
    assert refusing.page.locator("footer button[value=withdraw]").count() == 0
    with agreeing.page.expect_event("load"):
        button.click()

    expect(agreeing.page.get_by_role("status")).to_contain_text("widerrufen")
    expect(button).to_have_count(0)
    assert [event["kind"] for event in cached[0].events()] == ["grant", "refusal", "withdrawal"]


def test_what_was_granted_starts_side_by_side_and_in_order(cached, come, third):
    """
    A returning visitor of such a page waits for the slowest script, not for one after the other:
    the first is answered only once the last was, and still runs first.
    """
    site, cache = cached
    a, b, c = third.script("a", after="b"), third.script("b", after="c"), third.script("c")
    markup = "".join(f'<script src="{address}"></script>' for address in (a, b, c))
    site.page(f'{{% gate "matomo" %}}{markup}<script>ran.push("inline")</script>{{% endgate %}}')
    visitor = come()
    visitor.go()
    visitor.decide("accept")
    visitor.wait_until_ran("a", "b", "c", "inline")
    third.forget()
    visitor.go()
    visitor.wait_until_ran("a", "b", "c", "inline")

    assert sorted(visitor.arrived()) == ["a", "b", "c"]
    assert cache.hits


def test_nothing_loads_without_the_script(cached, come, third):
    """
    Without JavaScript such a page shows its placeholders and loads nothing (GA-02).
    """
    visitor = come(java_script_enabled=False)
    visitor.go()

    expect(visitor.placeholder("youtube")).to_be_visible()
    assert third.arrived == []


def _assert_a_withdrawal_holds(visitor, third):
    visitor.withdraw()
    visitor.arrived()
    third.forget()
    visitor.go()

    expect(visitor.placeholder("youtube")).to_be_visible()
    assert visitor.arrived() == []


def test_a_page_that_changes_meanwhile_is_asked_for_once(come):
    """
    What a page does while the file that asks is on its way changes nothing: whoever decided is not
    looked up at the server, nor told twice.
    """
    visitor = come()
    visitor.go()
    visitor.decide("accept")
    visitor.wait_until_ran("count")
    asked, held = [], []
    visitor.page.on("request", lambda request: asked.append(request.url))
    visitor.page.route("**/held.js*", lambda route: held.insert(0, route))
    visitor.go(wait_until="domcontentloaded")  # Firefox loads until it is there
    visitor.page.evaluate(CHANGE)
    held[0].continue_()
    visitor.wait_until_ran("count")

    assert [name for name, _ in visitor.page.evaluate("seen")].count("consent:change") == 1
    assert [url for url in asked if "/state" in url] == []


def test_a_withdrawal_holds_on_the_cached_page(cached, come, third):
    """
    After a withdrawal the page that the cache keeps runs nothing (WD-04).
    """
    visitor = come()
    visitor.go()
    visitor.decide("accept")
    visitor.wait_until_ran("count")
    _assert_a_withdrawal_holds(visitor, third)


def test_a_withdrawal_holds_on_a_page_that_a_service_worker_keeps(come, third):
    """
    A service worker of the site may keep every page: what was kept while all was granted runs
    nothing after a withdrawal (WD-04).
    """
    visitor = come()
    visitor.go("/andere")
    visitor.decide("accept")
    visitor.page.evaluate(REGISTER)
    visitor.go()
    visitor.wait_until_ran("count")
    _assert_a_withdrawal_holds(visitor, third)
    assert visitor.page.evaluate("!!navigator.serviceWorker.controller")
    assert visitor.page.evaluate("caches.match('/').then(Boolean)")


@pytest.mark.every_engine
@pytest.mark.parametrize("told", SIGNALS.values(), ids=SIGNALS)
def test_a_signal_of_the_browser_counts_on_a_cached_page(come, told):
    """
    The script asks the browser itself for the signal, so that nobody who sends it is asked or
    followed on a page out of a cache (SG-02, SG-08).
    """
    visitor = come()
    visitor.context.add_init_script(told)
    visitor.go()
    visitor.until("window.isLookedAt")

    expect(visitor.banner).to_have_count(0)
    assert visitor.ran() == []


@pytest.mark.every_engine
@pytest.mark.parametrize("header", SIGNALS)
def test_a_signal_after_the_consent_pauses_it_on_a_cached_page(cached, come, header):
    """
    If the signal comes after the consent, the cached page runs nothing, says so and asks, by a form
    that leads back to it; the answer counts from then on, and the server is not asked again (SG-03,
    SG-08).
    """
    visitor = come()
    visitor.go()
    visitor.decide("accept")
    visitor.wait_until_ran("count")
    visitor.context.add_init_script(SIGNALS[header])
    visitor.context.set_extra_http_headers({header: "1"})
    asked = []
    visitor.page.on("request", lambda request: asked.append(request.url))
    visitor.go("/?seite=2")
    expect(visitor.banner).to_contain_text("ruhen diese Dienste: Matomo")
    expect(visitor.banner.locator("[name=next]")).to_have_value("/?seite=2")
    paused = visitor.ran()
    pages = [url for url in asked if url.endswith("/?seite=2")]
    visitor.decide("accept")
    visitor.wait_until_ran("count")
    asked.clear()
    visitor.go()
    visitor.wait_until_ran("count")

    assert paused == []
    assert len(pages) == 1
    assert [url for url in asked if "/state" in url] == []
    expect(visitor.banner).to_have_count(0)


@pytest.fixture
def over_tls(browser, third, tmp_path):
    """Such a site over HTTPS, and somebody who has not decided there."""
    site = Site(tmp_path, CONSENT_STATIC_PAGES=True)
    site.page('{% gate "matomo" %}<script>ran = ["inline"]</script>{% endgate %}')
    context = browser.new_context(locale="de-DE", ignore_https_errors=True)
    with served(site.app, tls=True) as port:
        site.url = f"https://127.0.0.1:{port}"
        yield site, Visitor(context, site, third)
        browser.release(context)
    site.store.close()


@pytest.mark.chromium("the other one trusts no certificate that was made for a test")
def test_no_subdomain_decides_for_a_visitor(over_tls):
    """
    For a cookie whose name has no prefix, as another subdomain can set it, neither a page that is
    open nor the next one starts anything; what the visitor decides counts beside it (SE-05).
    """
    site, visitor = over_tls
    page = visitor.go().text()
    [notice] = re.findall(r'data-consent-held="(\S+)"', page)
    theirs = {"name": "consent", "value": f"1.{notice}.20261125.matomo+youtube.x"}
    visitor.context.add_cookies([{**theirs, "url": site.url}])
    visitor.page.evaluate("dispatchEvent(new Event('visibilitychange'))")
    expect(visitor.banner).to_be_visible()
    before = visitor.ran()
    visitor.go()
    expect(visitor.banner).to_be_visible()
    before += visitor.ran()
    visitor.decide("accept")
    visitor.wait_until_ran("inline")

    assert before == []


@pytest.mark.chromium("the other one trusts no certificate that was made for a test")
def test_a_page_that_does_not_say_which_cookie_works_all_the_same(over_tls):
    """
    On a page that a cache kept from an earlier version, or made when it was asked over HTTP,
    visitors decide and what they granted runs.
    """
    _, visitor = over_tls
    visitor.page.route(
        "**/",
        lambda route: route.fulfill(
            response=(answer := route.fetch()), body=answer.text().replace("data-consent-host", "")
        ),
    )
    visitor.go()
    visitor.decide("accept")
    visitor.wait_until_ran("inline")


@pytest.mark.parametrize(
    "base",
    ["", '<base href="{}">', "<script>var URL = 0</script>"],
    ids=["usual", "a base elsewhere", "a name of the browser"],
)
def test_a_decision_under_another_notice_is_looked_up(cached, come, third, base):
    """
    If the page is of another notice than the decision, the server tells what holds, that of the
    page also where its addresses begin at another host or its script uses a name of the browser's
    (RP-04).
    """
    site, cache = cached
    visitor = come()
    text = '<p id="neu">Neu</p>{% gate "matomo" %}<p id="da">da</p>{% endgate %}'
    come_back_later(site, cache, visitor, base.format(third.url("")) + text)
    visitor.go()

    expect(visitor.page.locator("#da")).to_be_visible()
    expect(visitor.banner).to_have_count(0)


@pytest.mark.parametrize("place", ["another tab", "this page"])
def test_a_slow_word_starts_nothing_that_was_taken_back_meanwhile(cached, come, third, place):
    """
    If a consent is withdrawn while the page waits for the server's word about it, what comes late
    starts nothing any more (WD-04).
    """
    site, cache = cached
    visitor = come()
    text = '{% gate "matomo" %}<p id="da">da</p>{% endgate %}'
    come_back_later(site, cache, visitor, text)
    waiting = []

    def hold(route: Any) -> None:
        if waiting:  # the page asks once more, about what was decided meanwhile
            route.continue_()
        else:
            waiting.append((route, route.fetch()))

    visitor.page.route("**/consent/state?*", hold)
    visitor.go()
    while not waiting:
        visitor.page.wait_for_timeout(20)
    if place == "this page":
        visitor.open_settings()
        visitor.dialog.locator("button[value=reject]").click()
        expect(visitor.dialog).to_have_count(0)
    else:
        other = Visitor(visitor.context, site, third)
        other.page = visitor.context.new_page()
        other.go("/andere")
        other.withdraw()
        visitor.page.bring_to_front()
        visitor.page.evaluate("dispatchEvent(new Event('visibilitychange'))")
    [(route, answer)] = waiting
    with visitor.page.expect_response("**/consent/state?*"):
        route.fulfill(response=answer)
    visitor.page.evaluate("new Promise((done) => setTimeout(done, 300))")

    assert "matomo" in answer.text()
    assert visitor.page.locator("#da").count() == 0


@pytest.mark.chromium("the server tells what holds, whatever the engine")
def test_terms_that_have_changed_are_asked_about(tmp_path, third, make_visitor):
    """
    Where a service has become another one since the consent, the cached page runs nothing of it and
    asks (RP-04).
    """
    counter = f'{{% gate "matomo" %}}<script src="{third.script("count")}"></script>{{% endgate %}}'
    abroad = POLICY.replace(
        'host = "localhost"', 'host = "localhost"\ncountry = "CH"\nsafeguard = "adequacy"'
    )
    visitor = make_visitor()
    for policy in (POLICY, abroad):
        site = Site(tmp_path, policy, CONSENT_STATIC_PAGES=True)
        site.page(counter)
        with site.running():
            visitor = Visitor(visitor.context, site, third)
            visitor.page.goto(site.url)
            expect(visitor.banner).to_be_visible()
            before = visitor.ran()
            visitor.decide("accept")
            visitor.wait_until_ran("count")

        assert before == []


AHEAD = """<script type="speculationrules">
  {"prerender": [{"source": "list", "urls": ["/andere"], "eagerness": "immediate"}]}
</script>"""


@pytest.mark.chromium("the others prerender nothing")
def test_a_page_prepared_in_advance_runs_nothing(site, third, visitor):
    """
    What the browser prerenders runs nothing, even for somebody who has consented; once the
    page is looked at, it runs (GA-12).
    """
    counter = f'<script src="{third.script("ahead")}"></script>'
    site.page(f'{{% gate "matomo" %}}{counter}{{% endgate %}}', "/andere")
    visitor.go()
    visitor.decide("accept")
    site.page(AHEAD)
    visitor.go()
    while "prefetch;prerender" not in site.purposes:
        visitor.page.wait_for_timeout(20)
    before = visitor.arrived()
    visitor.page.locator("header a").last.click()
    visitor.wait_until_ran("ahead")

    assert "ahead" not in before
    assert site.purposes.count("prefetch;prerender") == 1


#: What a page that is prerendered is told until somebody looks at it.
UNSEEN = """Object.defineProperty(Document.prototype, "prerendering", {
  get: () => !window.isSeen });"""

#: Somebody looks at it.
SEE = """() => {
  window.isSeen = true;
  document.dispatchEvent(new Event("prerenderingchange"));
}"""

#: Resolves when the page has heard of a decision in another tab.
HEAR = "void (window.heard = new Promise((hear) => cookieStore.addEventListener('change', hear)))"


@pytest.mark.chromium("the others prerender nothing")
@pytest.mark.parametrize("agreed", ["before", "meanwhile"])
def test_a_page_that_nobody_sees_yet_waits(cached, come, third, agreed):
    """
    A prerendered page starts nothing and asks nobody, whenever the consent came, until somebody
    looks at it; then what is allowed runs (GA-12). Browsers that are driven prerender nothing to
    its end, so the page is told that it is.
    """
    other = come()
    other.go()
    visitor = Visitor(other.context, cached[0], third)
    if agreed == "before":
        other.decide("accept")
    visitor.page.add_init_script(UNSEEN)
    visitor.go()
    visitor.until("seen.some(([name]) => name === 'consent:ready')")
    visitor.page.evaluate(HEAR)
    if agreed == "meanwhile":
        other.decide("accept")
        visitor.page.evaluate("heard.then(() => {})")
    held = f"/consent/static/{HELD}?v={load(HELD).version}"
    visitor.page.evaluate("address => import(address).then(() => {})", held)
    before = visitor.page.locator("#consent, iframe, script[src*=count]").count()
    visitor.page.evaluate(SEE)
    visitor.wait_until_ran("count")

    assert before == 0
    expect(visitor.banner).to_have_count(0)


#: What Turbo and htmx do on a link: another page's body takes the place of this one's.
SWAP = """async (path) => {
  const page = new DOMParser().parseFromString(await (await fetch(path)).text(), "text/html");
  document.body.replaceWith(document.adoptNode(page.body));
}"""


def test_a_body_that_is_swapped_in_asks_and_starts_as_a_page_does(come):
    """
    Where such pages are swapped in, whoever went on without a decision is asked on the next one,
    too; what is allowed there starts there and on the one after, and nobody is asked again. Scripts
    of the page are told of a decision, not of every body (GA-15).
    """
    visitor = come()
    visitor.go()
    visitor.page.evaluate(SWAP, "/andere")
    visitor.decide("accept")
    visitor.page.evaluate(SWAP, "/")
    expect(visitor.page.frame_locator("iframe").locator("p")).to_have_text("film")
    visitor.wait_until_ran("count")
    expect(visitor.page.locator("[data-consent-held]")).to_have_count(0)
    visitor.page.evaluate("void (seen.length = ran.length = 0)")
    visitor.page.evaluate(SWAP, "/")
    visitor.wait_until_ran("count")
    expect(visitor.page.locator("[data-consent-held]")).to_have_count(0)

    expect(visitor.banner).to_have_count(0)
    assert visitor.page.evaluate("seen") == []
