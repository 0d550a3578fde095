"""What services left that a site has taken out of its policy."""

import json
import re
from dataclasses import replace
from html import unescape

import pytest

from consent.errors import LogUnavailable
from consent.policy.notice import earlier, read
from tests.conftest import POLICY, Visitor
from tests.web.test_cost import MOST, calls
from tests.web.test_guard import expired, names

HOST = "kreisverband.example"

#: Services with cookies, with other storage and with what lies at the provider's.
BEFORE = f"""{POLICY}
[services.google-analytics]

[services.google-ads]

[services.etracker]
"""

ESSENTIAL = """
[[essential]]
name = "{}"
kind = "{}"
duration = "1 year"
content = "Warenkorb"
"""

#: One that the site describes itself.
OWN = """
[services.own]
name = "Eigene"
provider = "Eigene GmbH"
country = "DE"
purpose = "statistics"
hosts = ["eigene.example"]
items = [
  { name = "old", kind = "cookie", duration = "1 year", content = "visit" },
  { name = "old.key", kind = "local-storage", duration = "1 year", content = "visit" },
]
"""

#: Those of them that keep something here.
SERVICES = ("matomo", "google-analytics", "google-ads", "etracker")

#: What such services leave on a device, and what is not theirs.
LEFT = ("_ga", "_ga_AB12", "_gcl_au", "_et_coid")
OTHER = ("_pk_id.1.ab", "login", "IDE")


@pytest.fixture
def granted(site_with):
    """Somebody who has allowed everything, and has cookies of it."""
    visitor = site_with(BEFORE)
    visitor.decide("accept")
    bring(visitor, *LEFT, *OTHER)
    return visitor


def bring(visitor: Visitor, *cookies: str) -> None:
    for name in cookies:
        visitor.client.set_cookie(name, "x", domain=HOST)


def still(visitor: Visitor) -> set[str]:
    """Which of those cookies the browser still has."""
    return {name for name in LEFT + OTHER if visitor.cookie(name)}


def swept(page: str) -> list[list[str]]:
    """What a page or a state has its visitor's browser delete: kind, name, and what stays."""
    found = re.search(r'(?:forget\.js\?v=|-state=)[^>]*-leftovers="([^"]*)"', page)
    return json.loads(unescape(found[1])) if found else []


def entries(rows: list[list[str]]) -> set[tuple[str, str]]:
    return {(kind, name) for kind, name, *_ in rows}


#: Other storage of etracker, of the catalogue.
STORED = {
    ("local-storage", "_et_coid"),
    ("local-storage", "et_allow_cookies"),
    ("session-storage", "et_scroll_depth"),
    ("session-storage", "et_cssSelectors*"),
}


class TestPages:
    @pytest.mark.parametrize("headers", [{}, {"Sec-GPC": "1"}], ids=["plain", "signal"])
    def test_what_they_left_goes_with_the_next_page(self, site_with, granted, headers):
        """
        What services kept on the site's domain that visitors had allowed, and that the site has
        taken out of its policy, goes with their next page, whether or not the browser sends a
        signal; what lies at the provider's and what others keep stays (WD-05).
        """
        now = site_with(POLICY, granted)

        first = now.get("/", headers=headers)

        assert still(now) == set(OTHER)
        assert entries(swept(first.text)) >= STORED
        assert not {name for _, name in entries(swept(first.text))} & {"IDE", "_pk_id.*"}
        assert names(now.get("/", headers=headers)) == []

    def test_every_place_is_named(self, site_with, granted):
        """
        They expire in every place where they may lie, out of reach of scripts as well (WD-05).
        """
        found = expired(site_with(POLICY, granted).get())

        assert {(path, domain) for name, path, domain in found if name == "_ga"} == {
            ("/", ""),
            ("/", HOST),
        }

    def test_who_did_not_allow_them_is_not_looked_at(self, site_with):
        """
        Whoever refused, allowed others only or decided nothing has nothing of them.
        """
        for services in ((), ("matomo",), None):
            before = site_with(BEFORE)
            if services is not None:
                before.decide("save", *services)
            now = site_with(POLICY, before)
            bring(now, *LEFT)
            page = now.get()

            assert names(page) == []
            assert swept(page.text) == []

    def test_the_last_service_goes_too(self, site_with, granted):
        """
        Nothing is left either where the site has no optional service at all any more (WD-05).
        """
        now = site_with(POLICY.partition("[services")[0], granted)
        page = now.get().text

        assert still(now) == {"login", "IDE"}
        assert entries(swept(page)) >= STORED
        assert "consent.js" not in page

    def test_the_operator_is_told_once(self, site_with, granted, caplog):
        """
        What is deleted is told once for each service, as the site may still need some of it.
        """
        now = site_with(POLICY, granted)
        now.get()
        now.get(headers={"Sec-GPC": "1"})

        told = [text for text in caplog.messages if "does not have it any more" in text]
        assert [re.search(r"consent: ([\w-]+):", text)[1] for text in told] == [
            "etracker",
            "google-ads",
            "google-analytics",
        ]

    def test_a_page_that_shows_nothing_of_ours_is_left_alone(self, site_with, granted):
        """
        Pages that do not ask for the choice stay as they are, for caches too.
        """
        answer = site_with(POLICY, granted).get("/plain")

        assert names(answer) == []
        assert "Vary" not in answer.headers


class TestWhatStays:
    def test_a_service_under_another_name_keeps_all(self, site_with, granted, caplog):
        """
        A service that has a new id in the policy keeps what is its own once it is allowed, and
        nobody is told that it is gone.
        """
        now = site_with(POLICY + '[services.zaehlung]\nfrom = "google-analytics"\n', granted)
        now.decide("accept")

        assert still(now) == {"_ga", "_ga_AB12", *OTHER}
        assert names(now.get()) == []
        assert "google-ads: the policy does not" in caplog.text
        assert "google-analytics" not in caplog.text

    def test_what_the_site_needs_now_stays(self, site_with, granted):
        """
        Entries that are essential now stay, also where a former service had a pattern for more.
        """
        needed = ESSENTIAL.format("_ga_AB*", "cookie") + ESSENTIAL.format(
            "et_css*", "session-storage"
        )
        now = site_with(POLICY + needed, granted)
        rows = swept(now.get().text)

        assert still(now) == {*OTHER, "_ga_AB12"}
        assert ["session-storage", "et_cssSelectors*", "et_css*"] in rows

    def test_what_a_service_of_today_keeps_stays(self, site_with, granted):
        """
        What a service that is still allowed keeps under the same name stays, or rests with it
        while a signal has paused it (SG-03).
        """
        both = BEFORE + (
            '[services.matomo2]\nfrom = "matomo"\nhost = "m.example"\nitems = [\n'
            "{ name = '_ga*', kind = 'cookie', duration = '1 year', content = 'browser-id' },\n"
            "{ name = '_et_*', kind = 'local-storage', duration = '1 year', content = 'visit' }]\n"
        )
        before = site_with(both)
        before.decide("accept")
        bring(before, *LEFT)
        now = site_with(
            both.replace("[services.google-analytics]\n", "").replace("[services.etracker]\n", ""),
            before,
        )

        for headers in ({}, {"Sec-GPC": "1"}):
            rows = swept(now.get("/", headers=headers).text)

            assert {"_ga", "_ga_AB12"} <= still(now)
            assert ["local-storage", "_et_coid", "_et_*"] in rows

    def test_the_decision_and_the_login_stay_whatever_it_says(self, site_with):
        """
        Not even a former service with a pattern for everything takes those away.
        """
        greedy = POLICY + (
            '[services.greedy]\nname = "G"\nprovider = "G"\ncountry = "DE"\nhosts = ["g.example"]\n'
            "purpose = 'tracking'\nitems = [{ name = '*e*', kind = 'cookie', duration = '1 year', "
            "content = 'visit' }]\n"
        )
        before = site_with(greedy)
        before.decide("accept")
        bring(before, "session", "other", "_pk_id.1.ab")
        now = site_with(POLICY, before)

        assert {name for name, *_ in expired(now.get())} == {"other"}
        assert now.cookie() == before.cookie() is not None

    def test_a_service_that_is_another_one_now_takes_its_old_entries_along(
        self, site_with, granted
    ):
        """
        Where an id stands for another service than the one that was allowed, what that one left
        goes, and the visitor is asked about the new one (RP-04, WD-05).
        """
        service = '[services.zaehlung]\nfrom = "{}"\n'
        before = site_with(POLICY + service.format("etracker"))
        before.decide("accept")
        bring(before, "_et_coid", "_pk_id.1.ab")
        now = site_with(POLICY + service.format("google-analytics"), before)
        page = now.get().text

        assert 'name="about" value="zaehlung"' in page
        assert entries(swept(page)) >= STORED
        assert still(now) == {"_pk_id.1.ab"}


class TestDecisions:
    def test_a_decision_on_an_older_page_takes_it_along(self, site_with, granted):
        """
        Whoever had a page open since before, and decides there, has all of it deleted with that:
        the new cookie does not name those services any more (WD-05).
        """
        notice = granted.notice()
        now = site_with(POLICY, granted)
        refused = now.decide("accept", notice=notice, json=True)
        answer = now.decide("accept", json=True)

        assert refused.status_code == 409
        assert still(now) == set(OTHER)
        assert entries(answer.json["leftovers"]) >= STORED
        assert "cookie" not in {kind for kind, _ in entries(answer.json["leftovers"])}
        assert now.decide("accept", json=True).json["leftovers"] == []
        assert swept(now.get().text) == []

    @pytest.mark.parametrize("control", ["reject", "withdraw"])
    def test_so_does_a_refusal(self, site_with, granted, control):
        """
        A withdrawal takes along what was withdrawn and what is gone (WD-05).
        """
        now = site_with(POLICY + "[services.etracker]\n", granted)
        answer = now.decide(control, json=True)

        assert still(now) == {"login", "IDE"}
        assert entries(answer.json["leftovers"]) >= STORED

    def test_what_a_service_does_not_name_any_more_goes_with_it(self, site_with):
        """
        Where the policy has other names today for what a service keeps, nobody is asked again, and
        what is there stays as long as it is allowed. A withdrawal takes it all, by its name of then
        and of now, and leaves alone what another service still keeps (WD-05, WD-08).
        """
        before = site_with(f"{BEFORE}{OWN}")
        before.decide("accept")
        bring(before, "old", "new", "_ga")
        now = site_with(f"{BEFORE}{OWN.replace('old', 'new')}", before)
        kept = now.get()
        answer = now.decide("save", "google-analytics", json=True)

        assert 'name="about"' not in kept.text
        assert names(kept) == []
        assert not now.cookie("old")
        assert not now.cookie("new")
        assert now.cookie("_ga")
        assert entries(answer.json["leftovers"]) >= {
            ("local-storage", "old.key"),
            ("local-storage", "new.key"),
        }


class TestPagesForEverybody:
    def test_the_script_is_told_when_it_asks(self, site_with, granted):
        """
        A page that is the same for everybody knows of no former service, but what it asks for its
        visitor does: with that go cookies, out of reach of scripts as well, for that page, too,
        and what the browser has to delete itself is named with what stays (GA-07, WD-05).
        """
        now = site_with(POLICY, granted, CONSENT_STATIC_PAGES=True)
        page = now.get()
        state = now.get("/consent/state?next=/sub/page?a=1")
        rows = swept(state.text)

        assert page.data == site_with(POLICY, CONSENT_STATIC_PAGES=True).get().data
        assert names(page) == []
        assert still(now) == set(OTHER)
        assert {path for name, path, _ in expired(state) if name == "_ga"} == {
            "/",
            "/sub",
            "/sub/",
            "/sub/page",
        }
        assert STORED | {("cookie", "_ga"), ("cookie", "_gcl_au")} <= entries(rows)
        assert not {"IDE", "_pk_id.*"} & {name for _, name in entries(rows)}

    def test_others_are_told_nothing(self, site_with):
        """
        For everybody else the answer is what it was.
        """
        before = site_with(BEFORE)
        before.decide("save", "matomo")
        now = site_with(POLICY, before, CONSENT_STATIC_PAGES=True)
        bring(now, *LEFT)
        state = now.get("/consent/state")

        assert names(state) == []
        assert "leftovers" not in state.text.partition("<body")[2]


class TestNotices:
    def test_they_say_where_everything_lies(self, site_with):
        """
        A notice tells of each item whose domain it lies on.
        """
        visitor = site_with(BEFORE + "[services.jw-player]\n")
        content = visitor.get(f"/consent/notice/{visitor.notice()}?format=json").json
        where = {
            (service["id"], item["name"]): item["domain"]
            for service in content["services"]
            for item in service["items"]
        }

        assert where["google-ads", "_gcl_au"] == where["matomo", "_pk_id.*"] == "site"
        assert where["google-ads", "IDE"] == "provider"
        assert {where[key] for key in where if key[0] == "youtube"} == {"provider"}
        assert "site" in {where[key] for key in where if key[0] == "jw-player"}

    def test_one_that_does_not_say_so_takes_nothing_away(self, granted):
        """
        By a notice of an earlier version nobody knows what lies on the site: a cookie of the same
        name may be its own.
        """
        site = granted.app.extensions["consentry"]
        body = site.store.document(granted.notice()).body
        today = replace(site.config.policy, services=())
        older = re.sub(rb'"domain":"\w+",', b"", body)

        assert older != body
        assert {*earlier(read(body), today).left} == {*SERVICES}
        assert earlier(read(older), today).left == {}

    def test_the_database_is_asked_once(self, site_with, granted, monkeypatch):
        """
        Each notice is looked up once, however many pages are asked for.
        """
        now = site_with(POLICY, granted)
        store, looks = now.app.extensions["consentry"].store, []
        find = store.find_document
        monkeypatch.setattr(
            store, "find_document", lambda start: looks.append(start) or find(start)
        )
        for _ in range(3):
            bring(now, "_ga")
            assert "_ga" in names(now.get())
            now.get(headers={"Sec-GPC": "1"})

        assert len(looks) == 1

    def test_a_database_that_is_away_fails_no_page(self, site_with, granted, monkeypatch):
        """
        While the database is away pages come as for somebody who has not decided; nothing of a
        former service is deleted until it is back.
        """
        now = site_with(POLICY, granted)
        store = now.app.extensions["consentry"].store

        def down(start):
            raise LogUnavailable("down")

        monkeypatch.setattr(store, "find_document", down)
        page = now.get()

        assert page.status_code == 200
        assert set(LEFT) <= still(now)
        assert swept(page.text) == []


def test_a_page_costs_no_more_for_it(site_with, granted):
    """
    What is to go is worked out once: further pages take as few steps as any.
    """
    now = site_with(POLICY, granted)
    for name in (*LEFT, *OTHER):
        now.client.delete_cookie(name, domain=HOST)
    now.get()

    assert calls(now.get) <= MOST
