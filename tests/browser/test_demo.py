"""The demo from end to end: the association's site, its third parties, and the log."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from fnmatch import fnmatch
from pathlib import Path
from urllib.request import Request, urlopen

import pytest
from playwright.sync_api import expect

from consent.policy.wording import texts
from tests.browser.visitor import FETCH, until

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.chromium("the other files try the engines; this one tries the server's program"),
]

ROOT = Path(__file__).parents[2]

GERMAN = texts("de")

HOME, FILM, MAP = "/", "/aktuelles/winterschnitt-film", "/termine"

#: Every page of the site, one of them not there.
PAGES = (HOME, FILM, MAP, "/aktuelles/", "/mitglieder", "/kontakt", "/datenschutz", "/impressum",
         "/gezaehlt", "/en/", "/gibt-es-nicht")  # fmt: skip


class Demo:
    """The demo as a program of its own, with its files in *data*."""

    def __init__(self, data: Path) -> None:
        self.data = data
        self._program: subprocess.Popen | None = None

    def start(self) -> Demo:
        """Start it on free ports and wait until it can be visited."""
        command = [sys.executable, "-m", "examples.association", "--port", "0"]
        self._program = subprocess.Popen(
            [*command, "--data", str(self.data)],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        welcome = ""
        while "/counts" not in welcome:
            line = self._program.stdout.readline()
            assert line, f"the demo did not start: {welcome}"
            welcome += line
        self.url = re.search(r"http://127\.0\.0\.1:\d+", welcome).group()
        self.third = re.search(r"http://localhost:\d+", welcome).group()
        return self

    def kill(self) -> None:
        """End it without warning, as a power cut would."""
        self._program.kill()
        self._program.wait()
        self._program.stdout.close()

    def stop(self) -> None:
        """End it as Ctrl+C would, if it still runs."""
        if self._program.poll() is None:
            self._program.terminate()
            self._program.communicate(timeout=10)

    def counts(self) -> dict[str, int]:
        """Return what has reached the third parties since the last question."""
        with urlopen(f"{self.third}/counts.json") as answer:
            counts = json.load(answer)["counts"]
        with urlopen(Request(f"{self.third}/counts/reset", method="POST")):
            return {kind: count for kind, count in counts.items() if count}

    def export(self) -> list[dict]:
        """
        Return what the operator's command writes, without what the log says about itself and the
        invitation of an auditor with which each start begins.
        """
        out = self.data / "export.jsonl"
        command = [sys.executable, "-m", "flask", "--app", "examples.association", "consent"]
        subprocess.run(
            [*command, "export", "--format", "jsonl", "--out", str(out), "--by", "test"],
            cwd=ROOT,
            env={**os.environ, "ASSOCIATION_DATA": str(self.data)},
            capture_output=True,
            check=True,
        )
        events = map(json.loads, out.read_bytes().splitlines())
        return [event for event in events if event["event"] not in {"log", "access"}]


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    """One demo for all visits that do not look at the log."""
    demo = Demo(tmp_path_factory.mktemp("demo")).start()
    yield demo
    demo.stop()


@pytest.fixture
def own_demo(tmp_path):
    """A demo with a log of its own; not started yet."""
    demo = Demo(tmp_path)
    yield demo
    demo.stop()


@pytest.fixture
def make_page(browser):
    """Open a window with a fresh profile; keyword arguments are Playwright's."""
    contexts = []

    def make(**profile):
        contexts.append(browser.new_context(locale="de-DE", **profile))
        return contexts[-1].new_page()

    yield make
    for context in contexts:
        context.close()


@pytest.fixture(params=[True, False], ids=["script", "no script"])
def page(request, demo, make_page):
    """A window with and without JavaScript, before which nothing has been counted."""
    demo.counts()
    return make_page(java_script_enabled=request.param)


def see(page, demo: Demo, *paths: str) -> dict[str, int]:
    """Visit *paths* one after the other and return what reached the third parties."""
    for path in paths:
        page.goto(demo.url + path)
        page.evaluate(FETCH, f"{demo.third}/counts.json")
    return demo.counts()


def decide(page, decision: str) -> None:
    """Press a button of the banner and see it go."""
    page.locator(f"#consent button[value={decision}]").click()
    expect(page.locator("#consent")).to_have_count(0)
    page.wait_for_load_state("load")


def withdraw(page) -> None:
    """Follow the link in the footer and press the one button."""
    page.locator("footer [data-consent-open]").click()
    with page.expect_event("load"):
        page.locator("[data-consent-layer=settings] button[value=withdraw]").click()


class TestVisits:
    def test_refusing(self, demo, page):
        """
        Before a decision and after a refusal not one request reaches a third party, on the
        pages with film and map either; nobody is asked twice (PS-02, FL-18).
        """
        before = see(page, demo, HOME, FILM, MAP)
        decide(page, "reject")
        after = see(page, demo, HOME, FILM, MAP)

        assert before == after == {}
        expect(page.locator("#consent")).to_have_count(0)
        expect(page.locator("[data-consent-placeholder=openstreetmap]")).to_be_visible()

    def test_accepting(self, demo, make_page):
        """
        Each page view is counted exactly once, the film loads on its page only and the map
        on its page only.
        """
        demo.counts()
        page = make_page()
        page.goto(demo.url)
        decide(page, "accept")
        until(
            page, "performance.getEntriesByType('resource').some((e) => /matomo.php/.test(e.name))"
        )

        assert see(page, demo) == {"script": 1, "hit": 1}
        assert see(page, demo, FILM) == {"script": 1, "hit": 1, "video": 1}
        assert see(page, demo, MAP) == {"script": 1, "hit": 1, "map": 1}
        assert see(page, demo, "/mitglieder", "/kontakt") == {"script": 2, "hit": 2}

    def test_accepting_without_javascript(self, demo, make_page):
        """
        Film and map load on their pages without any script.
        """
        demo.counts()
        page = make_page(java_script_enabled=False)
        page.goto(demo.url)
        decide(page, "accept")

        assert see(page, demo) == {}
        assert see(page, demo, FILM) == {"video": 1}
        assert see(page, demo, MAP) == {"map": 1}

    def test_withdrawing(self, demo, page):
        """
        Link in the footer, one button: nothing is asked for from then on, and what the
        statistics stored is gone (WD-02, WD-04, WD-05).
        """
        page.goto(demo.url + MAP)
        decide(page, "accept")
        see(page, demo, FILM)
        withdraw(page)

        assert see(page, demo, HOME, FILM, MAP) == {}
        assert [cookie["name"] for cookie in page.context.cookies()] == ["consent"]

    def test_the_film_once(self, demo, make_page):
        """
        The embed code that the editors pasted shows a placeholder; "once" loads this film
        and leaves no cookie (GA-03, GA-04).
        """
        demo.counts()
        page = make_page()
        page.goto(demo.url + FILM)
        page.locator("[data-consent-placeholder=youtube] button[value=once]").click()
        expect(page.frame_locator("iframe").get_by_role("button")).to_be_visible()

        assert demo.counts() == {"video": 1}
        assert page.context.cookies() == []
        assert see(page, demo, FILM) == {}

    def test_the_contact_form_needs_no_decision(self, demo, page):
        """
        Everybody can write to the association, whatever they decide (FL-18).
        """
        page.goto(demo.url + "/kontakt")
        page.get_by_label("Name").fill("Anna")
        page.get_by_label("E-Mail").fill("anna@verein.example")
        page.locator("select").select_option(index=1)
        page.locator("textarea").fill("Wann beginnt der Schnittkurs?")
        page.locator("main form button").click()

        expect(page.get_by_role("heading", level=1)).to_have_text("Danke für Ihre Nachricht")
        assert page.context.cookies() == []

    @pytest.mark.parametrize("decision", [None, "accept"], ids=["undecided", "accepted"])
    def test_every_page_keeps_the_rules(self, demo, make_page, decision):
        """
        Each page, the missing one too, has the link to the settings once in its footer and
        breaks none of the site's strict policy (WD-01, AX-25, SE-07).
        """
        page = make_page()
        wrong = []
        if decision:
            page.goto(demo.url)
            decide(page, decision)
        for path in PAGES:
            page.goto(demo.url + path)
            links = page.locator("footer [data-consent-open]").count()
            violations = page.evaluate("violations")
            if links != 1 or violations:
                wrong.append((path, links, violations))

        assert wrong == []

    def test_the_way_to_the_settings_is_the_same_everywhere(self, demo, make_page):
        """
        On each page, the missing one too, the link can be seen, has one name, and is the same
        one of the links of the footer (WD-01, AX-25).
        """
        page = make_page()
        places = set()
        for path in PAGES:
            page.goto(demo.url + path)
            link = page.locator("footer [data-consent-open]")
            link.scroll_into_view_if_needed()
            expect(link).to_be_in_viewport()
            links = page.locator("footer a").evaluate_all(
                "all => all.map((a) => a.hasAttribute('data-consent-open'))"
            )
            places.add((path == "/en/", link.inner_text(), links.index(True)))

        assert len(places) == 2
        assert {name for english, name, _ in places if not english} == {GERMAN["link.settings"]}
        assert len({place for *_, place in places}) == 1

    def test_no_page_is_wider_than_a_small_phone(self, demo, make_page):
        """
        At 320 px every page is read by scrolling down alone, with its placeholders (AX-08).
        """
        page = make_page(viewport={"width": 320, "height": 568})
        wide = {}
        for path in PAGES:
            page.goto(demo.url + path)
            wide[path] = page.evaluate("document.documentElement.scrollWidth")

        assert {path: width for path, width in wide.items() if width > 320} == {}

    def test_a_refusal_takes_no_page_away(self, demo, make_page):
        """
        After a refusal each page answers as before and says the same as to somebody who has
        not decided (FL-18).
        """
        page = make_page()
        said = []
        for _ in range(2):
            pages = {}
            for path in PAGES:
                status = page.goto(demo.url + path).status
                pages[path] = (status, page.locator("main").inner_text())
            said.append(pages)
            if len(said) == 1:
                decide(page, "reject")

        assert said[0] == said[1]

    def test_what_is_stored_is_what_is_declared(self, demo, make_page):
        """
        After agreeing and walking through all pages, every cookie of the site is listed in
        the settings and none lives much longer than is said there (SL-09).
        """
        page = make_page()
        page.goto(demo.url)
        decide(page, "accept")
        see(page, demo, *PAGES, FILM)
        cookies = page.context.cookies(demo.url + "/consent/")
        now = page.evaluate("Date.now() / 1000")
        storage = page.evaluate("Object.keys(localStorage).concat(Object.keys(sessionStorage))")
        page.goto(demo.url + "/consent/settings")
        declared = dict(
            re.fullmatch(r"(\S+) – .*, ([^,)]+)\)", text).groups()
            for text in page.locator("li:has(> code)").all_text_contents()
        )
        days = {"Tag": 1, "Mon": 30.5, "Jah": 365, "Stu": 1 / 24, "Min": 1 / 1440, "Woc": 7}
        wrong = []
        for cookie in cookies:
            period = next(
                (words for name, words in declared.items() if fnmatch(cookie["name"], name)), None
            )
            lives = (cookie["expires"] - now) / 86_400
            number, unit = (period or "0 Tage").split()
            if lives > 1.5 * int(number) * days[unit[:3]]:
                wrong.append((cookie["name"], lives, period))

        assert {"consent", "consent-receipt"} < {cookie["name"] for cookie in cookies}
        assert wrong == []
        assert storage == []

    def test_the_page_speaks_and_the_banner_too(self, demo, make_page):
        """
        On the English page the banner is English, on the German ones German, whatever the
        browser prefers (LA-01).
        """
        page = make_page()
        said = {}
        for path in ("/en/", HOME):
            page.goto(demo.url + path)
            said[path] = page.locator("#consent").get_attribute("lang")

        assert said == {"/en/": "en", HOME: "de"}


class TestEvidence:
    def test_the_export_shows_what_happened_in_this_order(self, own_demo, make_page):
        """
        Every decision of two visitors is in the operator's export, once and in order, and
        nothing else is (EV-02, WD-07).
        """
        own_demo.start()
        one, other = make_page(), make_page(java_script_enabled=False)
        one.goto(own_demo.url + FILM)
        one.locator("[data-consent-placeholder=youtube] button[value=once]").click()
        expect(one.locator("[data-consent-placeholder]")).to_have_count(0)
        decide(one, "accept")
        other.goto(own_demo.url)
        decide(other, "reject")
        withdraw(one)

        first, second, third, last = own_demo.export()
        assert [(e["kind"], e["control"], e["layer"]) for e in (first, second, third, last)] == [
            ("once", "once", "placeholder"),
            ("grant", "accept", "banner"),
            ("refusal", "reject", "banner"),
            ("withdrawal", "withdraw", "settings"),
        ]
        assert (last["receipt"], last["previous"]) == (second["receipt"], second["id"])
        assert third["receipt"] is None

    def test_what_was_answered_survives_a_crash(self, own_demo, make_page):
        """
        The server is killed right after its answer: the decision is in the log, and after
        a restart it still holds and nobody is asked again (EV-01).
        """
        own_demo.start()
        page = make_page()
        page.goto(own_demo.url)
        with page.expect_response("**/consent/choice"):
            page.locator("#consent button[value=accept]").click()
        own_demo.kill()
        after_the_crash = [event["kind"] for event in own_demo.export()]
        own_demo.start()
        counts = see(page, own_demo, HOME)

        expect(page.locator("#consent")).to_have_count(0)
        assert after_the_crash == ["grant"]
        assert counts == {"script": 1, "hit": 1}
        assert [event["event"] for event in own_demo.export()] == ["decision", "export"]

    def test_without_a_log_nothing_is_granted(self, own_demo, make_page):
        """
        The database cannot be written: accepting is answered with 503 and a text, nothing
        starts and no cookie is set; refusing works all the same (EV-01, AX-27).
        """
        (own_demo.data / "consent.sqlite3").mkdir()
        own_demo.start()
        page, plain = make_page(), make_page(java_script_enabled=False)
        page.goto(own_demo.url)
        page.locator("#consent button[value=accept]").click()
        expect(page.get_by_role("alert")).to_have_text(GERMAN["error.unavailable"])
        plain.goto(own_demo.url)
        with plain.expect_response("**/consent/choice") as answer:
            plain.locator("#consent button[value=accept]").click()
        expect(plain.locator("main")).to_contain_text(GERMAN["error.unavailable"])

        assert answer.value.status == 503
        assert page.context.cookies() == plain.context.cookies() == []
        assert own_demo.counts() == {}
        decide(page, "reject")
        assert see(page, own_demo, FILM) == {}
        expect(page.locator("#consent")).to_have_count(0)
