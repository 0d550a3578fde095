"""What services left on this site: what goes with a withdrawal, and with every page after it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from flask import Response

from tests.browser.servers import POLICY, Site, ThirdParties
from tests.browser.visitor import Visitor

pytestmark = pytest.mark.browser

#: A service with something of each kind, one that shares a key with it, and one that only has
#: cookies. What the site keeps itself has names that the service's patterns of one kind fit.
SERVICES = """
[services.messung]
name = "Messung"
provider = "Messung GmbH"
country = "DE"
purpose = "statistics"
hosts = ["localhost"]
items = [
  { name = "_x.*", kind = "local-storage", duration = "persistent", content = "visit" },
  { name = "_x[1]", kind = "session-storage", duration = "session", content = "visit" },
  { name = "xdb", kind = "indexed-db", duration = "persistent", content = "visit" },
  { name = "x-*", kind = "cache-storage", duration = "persistent", content = "visit" },
  { name = "/x/*.js", kind = "service-worker", duration = "persistent", content = "visit" },
  { name = "_x", kind = "cookie", duration = "1 year", content = "visit" },
]

[services.zaehlung]
name = "Zählung"
provider = "Zählung GmbH"
country = "DE"
purpose = "tracking"
hosts = ["zaehlung.example"]
items = [{ name = "_x.both", kind = "local-storage", duration = "1 year", content = "visit" }]

[[essential]]
name = "_x.cart"
kind = "local-storage"
duration = "1 year"
content = "Warenkorb"

[[essential]]
name = "_x.a*"
kind = "session-storage"
duration = "session"
content = "Warenkorb"

[services.matomo]"""

#: Policies without the first of these services, and without all that keep anything on the site.
FEWER = POLICY.replace("[services.matomo]", SERVICES[SERVICES.index("[services.zaehlung]") :])
FAR = FEWER.partition("[services.zaehlung]")[0] + FEWER[FEWER.index("[[essential]]") :].replace(
    '[services.matomo]\nhost = "localhost"\n', ""
)

#: Leaves everything that the service declares, and what is not its own under names as like.
LEAVE = """async () => {
  for (const key of ["_x.1", "_x.a.b", "_x.both", "_x.cart", "_xy"]) localStorage.setItem(key, "1");
  for (const key of ["_x[1]", "_x1", "_x.a", "a_x[1]", "_x[1]b"]) sessionStorage.setItem(key, "1");
  for (const name of ["x-1", "y"]) await caches.open(name);
  for (const name of ["xdb", "own"]) await new Promise((resolve) => {
    indexedDB.open(name).onsuccess = ({ target }) => resolve(target.result.close());
  });
  await navigator.serviceWorker.register("/x/w.js?id=1");
  await navigator.serviceWorker.register("/own/w.js");
}"""

LEFT = """async () => [
  Object.keys(localStorage).sort(), Object.keys(sessionStorage).sort(), await caches.keys(),
  (await indexedDB.databases()).map(({ name }) => name),
  (await navigator.serviceWorker.getRegistrations()).map(({ scope }) => scope.slice(origin.length)),
]"""

#: What stays, with whoever is not granted: of the others' keys one is both services'.
KEPT = [["_x.cart", "_xy"], ["_x.a", "_x1", "_x[1]b", "a_x[1]"], ["y"], ["own"], ["/own/"]]


#: A worker that hears of everything that the site's pages ask for, from its start on.
CONTROLLING = """addEventListener("activate", (event) => event.waitUntil(clients.claim()));
addEventListener("fetch", (event) => event.request.url);"""

#: Starts it.
CONTROL = """() => new Promise((done) => {
  navigator.serviceWorker.addEventListener("controllerchange", () => done(null));
  navigator.serviceWorker.register("/x/all.js", { scope: "/" });
})"""

#: A host below another one that may share its cookies. Browsers look for names that end so on this
#: machine alone (RFC 6761, section 6.3).
HOST, PARENT = "www.verein.localhost", "verein.localhost"

#: A page whose cookies may lie in many places.
DEEP = "/sub/sub/page"

#: Sets the service's cookie for every domain and some of the paths that come with :data:`DEEP`,
#: and one of the site's own.
SPREAD = f"""for (const domain of ["", "; domain={HOST}", "; domain={PARENT}"])
  for (const path of ["/", "/sub", "/sub/", "{DEEP}"])
    document.cookie = `_x=1; path=${{path}}${{domain}}`;
document.cookie = "own=1; domain={PARENT}";"""

#: Sets the service's cookie and one of the site's own for this site alone, and a plain one.
PARTITIONED = f"""for (const place of ["/", "/sub", "/; domain={PARENT}"])
  document.cookie = `_x=1; secure; partitioned; path=${{place}}`;
document.cookie = "own=1; secure; partitioned; path=/";
document.cookie = "_x=1; path=/";"""

#: What a tracker does that writes again as its page ends.
LATE = (
    "addEventListener('pagehide', () => { localStorage.setItem('_x.late', '1');"
    "document.cookie = '_x=1; path=/'; document.cookie = '_x=2; path=/sub';"
    "document.cookie = 'own=1; path=/' })"
)

#: Counts how often somebody looks what storage there is.
LOOKING = (
    "window.looked = 0; const own = Object.keys;"
    "Object.keys = (of) => (of instanceof Storage && looked++, own(of));"
)


def tracker(third: ThirdParties) -> str:
    """A page with such a tracker, and a script of the site that uses a name of the browser's."""
    counter = f'<script src="{third.script("t", LATE)}"></script>'
    return f'<script>var URL = 0</script>{{% gate "messung" %}}{counter}{{% endgate %}}'


#: The first service as one with a placeholder that keeps the same on the site.
EMBEDDED = (
    SERVICES.replace('hosts = ["localhost"]', 'hosts = ["localhost"]\nembed = "map"')
    .replace('"statistics"', '"media"')
    .replace('content = "visit" }', 'content = "visit", domain = "site" }')
)

#: Leaves what a script can leave at once, of that service and of the site.
LEAVE_SOME = """
for (const key of ["_x.1", "_x.cart"]) localStorage.setItem(key, "1");
for (const key of ["_x[1]", "_x.a"]) sessionStorage.setItem(key, "1");
for (const name of ["_x", "own"]) document.cookie = `${name}=1; path=/`;
"""

LEFT_OF_SOME = """[Object.keys(localStorage), Object.keys(sessionStorage),
  document.cookie.split("; ").map((pair) => pair.split("=")[0])]"""


def make_storing(folder: Path, services: str = SERVICES, **config: Any) -> Site:
    """A site whose services store all that can be stored, out of reach of scripts as well."""
    site = Site(folder, POLICY.replace("[services.matomo]", services), **config)
    worker = Response("", content_type="text/javascript")
    site.app.add_url_rule("/<name>/w.js", "worker", lambda name: worker)
    everywhere = {"Content-Type": "text/javascript", "Service-Worker-Allowed": "/"}
    site.app.add_url_rule("/x/all.js", "controlling", lambda: (CONTROLLING, everywhere))
    hidden = [
        ("Set-Cookie", f"_x=2; Path=/sub/sub; HttpOnly{domain}")
        for domain in ("", f"; Domain={PARENT}")
    ]
    site.app.add_url_rule("/set", "set", lambda: ("", hidden))
    return site


@pytest.fixture(scope="module", params=[False, True], ids=["for each", "for all"])
def storing(request, tmp_path_factory):
    """A site whose services store all that can be stored; its pages are for each or for all."""
    site = make_storing(tmp_path_factory.mktemp("storing"), CONSENT_STATIC_PAGES=request.param)
    with site.running():
        yield site


@pytest.fixture
def storer(storing, third, make_visitor):
    """Somebody who has agreed there, with a tracker that writes again as its page ends."""
    storing.start_afresh()
    for path in ("/", "/sub/page"):
        storing.page(tracker(third), path)
    visitor = Visitor(make_visitor().context, storing, third)
    visitor.go()
    visitor.decide("accept")
    visitor.wait_until_ran("t")
    return visitor


def left(visitor) -> list[list[str]]:
    """Everything on the device but cookies, by kind."""
    return visitor.page.evaluate(LEFT)


@pytest.mark.every_engine
def test_a_withdrawal_leaves_nothing(storer):
    """
    What a withdrawn service kept in local and session storage, databases, caches and workers of
    the browser is gone from the next page on, whatever the pattern of its name, also what it wrote
    as its last page ended; what the site keeps is not (WD-05).
    """
    storer.page.evaluate(LEAVE)
    storer.withdraw()
    same = f"async (kept) => JSON.stringify(await ({LEFT})()) === JSON.stringify(kept)"
    storer.until(same, KEPT)

    assert left(storer) == KEPT


@pytest.mark.every_engine
def test_cookies_go_whatever_domain_and_path_they_have(storing, third, make_visitor, monkeypatch):
    """
    The cookie of a withdrawn service is gone from the host and the domain above it, for every path
    that leads to the page, where each page is one visitor's also out of reach of scripts; a cookie
    of the site that lies beside it stays (WD-05).
    """
    storing.start_afresh()
    monkeypatch.setattr(storing, "url", storing.url.replace("127.0.0.1", HOST))
    hides = not storing.app.config["CONSENT_STATIC_PAGES"]
    visitor = Visitor(make_visitor().context, storing, third)
    visitor.go(DEEP)
    visitor.decide("accept")
    if hides:
        visitor.page.goto(f"{storing.url}/set")
        visitor.go(DEEP)
    visitor.page.evaluate(SPREAD)
    before = [cookie["name"] for cookie in visitor.context.cookies()]
    visitor.withdraw()
    visitor.wait_until_kept("consent", "own")

    assert before.count("_x") == (14 if hides else 12)


@pytest.mark.every_engine
def test_partitioned_cookies_go_too(storing, third, make_visitor, monkeypatch):
    """
    What a script of a withdrawn service has put into the part of the jar that is for this site
    alone (``Partitioned``) lies beside cookies of the same name, and goes with them (WD-05).
    """
    answer, secure = storing.app.wsgi_app, {"wsgi.url_scheme": "https"}
    monkeypatch.setattr(storing.app, "wsgi_app", lambda it, *how: answer(it | secure, *how))
    storing.start_afresh()
    monkeypatch.setattr(storing, "url", storing.url.replace("127.0.0.1", HOST))
    visitor = Visitor(make_visitor().context, storing, third)
    visitor.go("/sub/page")
    visitor.decide("accept")
    visitor.page.evaluate(PARTITIONED)
    before = visitor.page.evaluate("document.cookie.match(/_x=/g).length")
    visitor.withdraw()
    visitor.until("() => !/(^|; )_x=/.test(document.cookie)")

    assert before == 4
    assert visitor.page.evaluate("/(^|; )own=1/.test(document.cookie)")


@pytest.mark.parametrize(
    ("for_all", "then", "kept"),
    [(False, FEWER, ["_x.both"]), (True, FEWER, ["_x.both"]), (True, FAR, [])],
    ids=["for each", "for all", "for all, others far"],
)
def test_a_service_that_is_gone_from_the_policy_leaves_nothing(
    for_all, then, kept, tmp_path, third, make_visitor
):
    """
    What a service kept that a visitor had allowed, and that the site has taken out of its policy
    since, is gone with the visitor's next page, cookies out of reach of scripts included; what the
    site and a service that is still there keep is not (WD-05).
    """
    config = {"CONSENT_STATIC_PAGES": for_all, "CONSENT_SEAL": "command"}
    before = make_storing(tmp_path, **config)
    now = Site(tmp_path, then, **config)
    with before.running():
        visitor = Visitor(make_visitor().context, before, third)
        visitor.go()
        visitor.decide("accept")
        visitor.wait_until_kept("consent", "consent-receipt")
        visitor.page.evaluate(LEAVE)
        visitor.page.evaluate("document.cookie = '_x=1; path=/sub'; document.cookie = 'own=1'")
        hidden = {"name": "_x", "value": "2", "url": before.url, "httpOnly": True}
        visitor.context.add_cookies([hidden])
        before.app.wsgi_app = now.app.wsgi_app
        visitor.go("/sub/page")
        same = f"async (kept) => JSON.stringify(await ({LEFT})()) === JSON.stringify(kept)"
        visitor.until(same, [[*kept, *KEPT[0]], *KEPT[1:]])
        visitor.wait_until_kept("consent", "consent-receipt", "own")

        assert visitor.complaints == []
    now.store.close()


@pytest.mark.every_engine
def test_no_page_stays_in_the_hands_of_a_worker(storing, third, storer):
    """
    A worker of a withdrawn service that has to do with all that pages ask for has to do with none
    of them any more: neither with the one that comes after a withdrawal on the page of settings,
    which deletes it, nor with that of another tab (WD-04, WD-05).
    """
    other = Visitor(storer.context, storing, third)
    other.go("/sub/page")
    storer.page.evaluate(CONTROL)
    other.until("!!navigator.serviceWorker.controller")
    storer.go("/consent/settings")
    storer.page.locator("main button[value=withdraw]").click()
    for tab in (storer, other):  # which load anew meanwhile
        tab.page.wait_for_function("!navigator.serviceWorker.controller")

    assert storer.page.evaluate("navigator.serviceWorker.getRegistrations()") == []
    assert storer.page.url != other.page.url == f"{storing.url}/sub/page"


@pytest.mark.every_engine
def test_no_form_is_sent_again_because_of_a_worker(storing, storer):
    """
    A page that answered a form, such as an order, is asked for anew where a worker is deleted that
    it began with, and the form is not sent a second time.
    """
    storing.page("", "kontakt")
    storer.withdraw()
    storer.page.evaluate(CONTROL)
    storer.page.locator("main form button").click()
    storer.page.wait_for_url("**/kontakt")
    storer.page.wait_for_function("!navigator.serviceWorker.controller")

    assert storer.page.evaluate("navigator.serviceWorker.getRegistrations()") == []
    assert storing.sent == 1


@pytest.fixture(params=[False, True], ids=["for each", "for all"])
def looker(request, tmp_path, third, make_visitor):
    """Somebody who decided nothing and has one embed shown only this time; it has stored things."""
    site = make_storing(tmp_path, EMBEDDED, CONSENT_STATIC_PAGES=request.param)
    with site.running():
        script = f'<script src="{third.script("t", LEAVE_SOME)}"></script>'
        site.page(f'{{% gate "messung" %}}{script}{{% endgate %}}')
        visitor = Visitor(make_visitor().context, site, third)
        visitor.go()
        visitor.placeholder("messung").locator("button[value=once]").click()
        visitor.wait_until_ran("t")
        yield visitor


@pytest.mark.every_engine
def test_what_is_allowed_only_this_time_leaves_nothing(looker):
    """
    Who has decided nothing and allows an embed for one page view, as they are told, finds nothing
    of it on the device behind that page, although nobody is looked at before a decision; what the
    site keeps is there (WD-05).
    """
    before = looker.page.evaluate(LEFT_OF_SOME)
    looker.go("/andere")

    assert [len(names) for names in before] == [2, 2, 2]
    assert looker.page.evaluate(LEFT_OF_SOME) == [["_x.cart"], ["_x.a"], ["own"]]


def test_what_is_allowed_for_good_afterwards_stays(looker):
    """
    Who then allows it for good on the same page keeps what it has stored.
    """
    looker.decide("accept")
    looker.go("/andere")
    storage = looker.page.evaluate(LEFT_OF_SOME)[:2]

    assert [sorted(names) for names in storage] == [["_x.1", "_x.cart"], ["_x.a", "_x[1]"]]


def test_what_comes_back_goes_with_the_next_page(storer):
    """
    A tracker that wrote once more from somewhere, storage or cookies for whatever path, does not
    survive the next page (WD-05).
    """
    storer.withdraw()
    storer.page.evaluate("localStorage.setItem('_x.a.zombie', '1')")
    storer.go("/sub/page")
    storer.until(
        "() => !Object.keys(localStorage).some((key) => key.startsWith('_x.'))"
        " && !/(^|; )_x=/.test(document.cookie)"
    )

    storer.wait_until_kept("consent", "own")


def test_what_another_service_still_needs_stays(storer):
    """
    A key that two services declare is kept until neither is granted.
    """
    storer.page.evaluate(LEAVE)
    storer.open_settings()
    storer.dialog.locator("input[value=messung]").uncheck()
    with storer.page.expect_event("load"):
        storer.dialog.locator("button[value=save]").click()
    storer.until("() => !localStorage.getItem('_x.late')")

    assert left(storer)[0] == ["_x.both", "_x.cart", "_xy"]


def test_what_is_granted_is_not_looked_at(storer):
    """
    As long as everything is granted nothing is deleted, and nothing is loaded that could.
    """
    asked = []
    storer.page.on("request", lambda request: asked.append(request.url))
    storer.page.evaluate(LEAVE)
    storer.go()
    storer.wait_until_ran("t")

    assert "_x.1" in left(storer)[0]
    assert not [url for url in asked if "forget" in url]


def test_nobody_is_looked_at_before_a_decision(storing, storer):
    """
    Somebody who has not decided is not read from: not even to delete (PS-03).
    """
    storer.page.evaluate("localStorage.setItem('_x.1', '1')")
    storer.page.goto("about:blank")  # a page that loses its cookie loads itself anew
    storer.context.clear_cookies()
    storer.context.add_init_script(LOOKING)
    storer.go()
    storer.until("seen.length > 0")

    assert storer.page.evaluate("[looked, localStorage.getItem('_x.1')]") == [0, "1"]


def test_storage_that_the_browser_blocks_stops_nothing(storing, storer):
    """
    Where one kind of storage cannot be had, the others are emptied all the same.
    """
    storer.page.evaluate("sessionStorage.setItem('_x[1]', '1')")
    storer.context.add_init_script(
        "for (const name of ['localStorage', 'caches', 'indexedDB'])"
        "Object.defineProperty(window, name, { get() { throw new DOMException(name) } })"
    )
    storer.withdraw()
    storer.until("() => !sessionStorage.getItem('_x[1]')")

    assert not [text for text in storer.complaints if "DOMException" in text]


@pytest.mark.parametrize("place", ["IDBFactory.prototype.databases", "caches.keys"])
def test_storage_that_never_answers_stops_no_withdrawal(storer, place):
    """
    Where the browser never tells what of one kind there is, as Safari 14.1 did of databases, what
    was withdrawn ends all the same, and the other kinds are emptied (WD-04, WD-05).
    """
    storer.page.evaluate("sessionStorage.setItem('_x[1]', '1')")
    storer.page.evaluate("localStorage.setItem('_x.1', '1')")
    storer.page.evaluate(f"void ({place} = () => new Promise(() => {{}}))")
    storer.withdraw()

    assert storer.page.evaluate("[sessionStorage['_x[1]'], localStorage['_x.1']]") == [None, None]
