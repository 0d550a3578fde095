"""
What blocks cookie notices in browsers leaves ours alone.

Each list is read by a filter engine, Brave's, which says what it would block and hide on a site
that nobody has heard of. The selectors are then tried in the real page.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urljoin

import adblock
import pytest
from playwright.sync_api import Page, expect

from tools.npm import AUTOCONSENT_WITH_CONSENT_O_MATIC, LISTS

pytestmark = [
    pytest.mark.browser,
    pytest.mark.chromium(
        "the lists are read by a filter engine of their own; a page is only looked at"
    ),
]

#: Where a filter engine believes to be.
SITE = "https://kreisverband.example"

FILES = [
    package.folder / name
    for package in (LISTS, AUTOCONSENT_WITH_CONSENT_O_MATIC)
    for name in package.takes.values()
    if name.endswith(".txt")
]

#: Every class and id of a page.
NAMES = """() => {
  const nodes = [...document.querySelectorAll("*")];
  return [
    [...new Set(nodes.flatMap((node) => [...node.classList]))],
    [...new Set(nodes.map((node) => node.id).filter(Boolean))],
  ];
}"""

#: Those of the selectors that hide something of ours, or all of the page.
HIDING = """([selectors, ours]) => {
  const own = [...document.querySelectorAll(ours)];
  const touches = (node) => own.some((one) => node.contains(one) || one.contains(node));
  return selectors.filter((selector) => {
    try { return [...document.querySelectorAll(selector)].some(touches); }
    catch { return false; }
  });
}"""

#: What is ours in a page of the site.
OURS = ".cst, .cst-dialog, .cst-status, [data-consent-open], [data-consent]"

#: Names as others give them. Hidden by the lists that are made for cookie notices.
USUAL = '<div id="cookie-banner">Cookies!</div>'


@dataclass(frozen=True)
class Blocker:
    """One filter list at work."""

    text: str
    engine: adblock.Engine

    def hides(self, page: Page, ours: str) -> list[str]:
        """Return the rules that hide something of *ours* in *page*."""
        classes, ids = page.evaluate(NAMES)
        rules = self.engine.url_cosmetic_resources(SITE + "/")
        named = self.engine.hidden_class_id_selectors(classes, ids, rules.exceptions)
        return page.evaluate(HIDING, [[*rules.hide_selectors, *named], ours])

    def blocks(self, url: str, kind: str) -> str | None:
        """Return the rule that stops a request of the site, or None."""
        answer = self.engine.check_network_urls(urljoin(SITE, url), SITE + "/", kind)
        return answer.filter if answer.matched else None


@pytest.fixture(scope="module")
def blockers() -> dict[str, Blocker]:
    """Every filter list by name. Without them the tests are skipped, in CI they fail."""
    if not LISTS.is_there or not AUTOCONSENT_WITH_CONSENT_O_MATIC.is_there:
        say = pytest.fail if os.environ.get("CI") else pytest.skip
        say("NO FILTER LISTS: what blockers hide was not tested; make npm")
    return {path.stem: read(path) for path in FILES}


def read(path: Path) -> Blocker:
    text = path.read_text(encoding="utf-8")
    rules = adblock.FilterSet(debug=True)
    rules.add_filter_list(text)
    return Blocker(text, adblock.Engine(rules, optimize=False))


def found(answers: Iterator[tuple[str, object]]) -> dict[str, object]:
    """What was not left alone, by list."""
    return {name: answer for name, answer in answers if answer}


def page_with(*markup: str) -> str:
    return f"data:text/html,<!doctype html><body>{''.join(markup)}"


class TestHiding:
    @pytest.fixture
    def places(self, site, visitor):
        """Every place where a visitor meets us, and what is ours there."""
        page = visitor.page
        site.page("{{ consent.table() }}", "/datenschutz")

        def walk() -> Iterator[tuple[str, str]]:
            visitor.go()
            expect(visitor.banner).to_be_visible()
            expect(visitor.placeholder("youtube")).to_be_visible()
            yield "first layer", OURS
            visitor.open_settings()
            yield "settings over the page", OURS
            visitor.go("/datenschutz")
            yield "table of services", ".cst-table"
            visitor.go()
            visitor.decide("accept")
            yield "status", OURS
            visitor.open_settings()
            yield "settings with a grant", OURS
            for path in ("settings", "receipt", "choice"):
                visitor.go(f"/consent/{path}")
                yield f"page {path}", "body"
            visitor.go("/consent/receipt")
            page.locator("main a[href*=notice]").first.click()
            page.wait_for_url("**/notice/*")
            yield "page notice", "body"

        return walk

    def test_no_list_hides_anything_of_ours(self, blockers, places, visitor):
        """
        Whoever uses a filter list against cookie notices or other annoyances is still asked,
        and still finds the settings, the placeholders and the receipt.
        """
        answers = {}
        seen = []
        for place, ours in places():
            seen.append(place)
            answers |= {
                (place, name): rules
                for name, blocker in blockers.items()
                if (rules := blocker.hides(visitor.page, ours))
            }

        assert answers == {}
        assert len(seen) == 9

    def test_no_list_hides_the_first_layer_wherever_it_is(self, blockers, placed):
        """
        In a corner or as a dialog in the middle, it is left alone as well.
        """
        _, visitor = placed
        visitor.go()
        expect(visitor.banner).to_be_visible()

        assert found((n, b.hides(visitor.page, OURS)) for n, b in blockers.items()) == {}

    def test_no_list_hides_a_name_of_the_style_sheet(self, blockers, visitor):
        """
        No class that our style sheet or script knows is hidden, in whatever state it appears.
        """
        static = Path(__file__).parents[2] / "static"
        sources = [*static.rglob("*.css"), *static.rglob("*.js")]
        text = "".join(path.read_text(encoding="utf-8") for path in sources)
        classes = {*re.findall(r"\bcst(?:-[a-z]+)*\b", text)}
        visitor.page.goto(page_with(*(f"<p class='cst {name}'>x</p>" for name in sorted(classes))))

        assert {"cst-banner", "cst-settings", "cst-dialog"} <= classes
        assert found((n, b.hides(visitor.page, ".cst")) for n, b in blockers.items()) == {}

    def test_the_usual_name_of_a_banner_is_hidden(self, site, blockers, visitor):
        """
        The lists that are made for cookie notices do hide a banner that calls itself one, so
        that these tests would notice a bad name.
        """
        site.page(USUAL)
        visitor.go()
        hidden = found((n, b.hides(visitor.page, "#cookie-banner")) for n, b in blockers.items())

        assert {"cookie-notices", "easylist-cookie"} <= hidden.keys()

    def test_a_class_on_the_banner_can_hide_it(self, blockers, visitor):
        """
        The class that the documentation warns of does hide the banner, and no list hides its
        id alone.
        """
        visitor.page.goto(page_with("<section id='consent' class='alert'>x</section>"))
        alert = found((n, b.hides(visitor.page, "#consent")) for n, b in blockers.items())
        visitor.page.goto(page_with("<section id='consent'>x</section>"))
        alone = found((n, b.hides(visitor.page, "#consent")) for n, b in blockers.items())

        assert alert == {"easylist-cookie": ["#consent.alert"]}
        assert alone == {}

    def test_every_list_is_in_force(self, blockers, visitor):
        """
        Each list hides or blocks something that it names itself.
        """
        idle = []
        for name, blocker in blockers.items():
            hidden = re.search(r"(?m)^##([.#])([a-z][\w-]+)$", blocker.text)
            blocked = re.search(r"(?m)^\|\|([a-z0-9-]+\.[a-z]+)\^(?:\$third-party)?$", blocker.text)
            if hidden:
                attribute = {".": "class", "#": "id"}[hidden[1]]
                visitor.page.goto(page_with(f"<p {attribute}='{hidden[2]}'>x</p>"))
            if not (hidden and blocker.hides(visitor.page, "p")) and not (
                blocked and blocker.blocks(f"https://{blocked[1]}/a.js", "script")
            ):
                idle.append(name)

        assert idle == []


class TestBlocking:
    def routes(self, site) -> set[str]:
        """Every route of ours, and every file."""
        static = Path(__file__).parents[2] / "static"
        files = [path.relative_to(static) for path in static.rglob("*.*") if path.suffix != ".py"]
        filled = {"<hash>": "9f2c" * 16, "<path:filename>": "js/consent.js"}
        routes = {
            re.sub(r"<.*?>", lambda found: filled.get(found[0], "x"), rule.rule)
            for rule in site.app.url_map.iter_rules()
            if rule.endpoint.startswith("consentry.")
        }
        return routes | {f"/consent/static/{path.as_posix()}?v=3Gk0_a-B" for path in files}

    def test_no_list_blocks_a_request_of_ours(self, site, blockers, visitor):
        """
        Script, style sheet, settings and the decision itself reach a visitor who uses filter
        lists.
        """
        kinds = {"fetch": "xmlhttprequest", "xhr": "xmlhttprequest"}
        asked = []
        visitor.page.on("request", lambda r: asked.append((r.url, r.resource_type)))
        visitor.go()
        visitor.open_settings()
        visitor.dialog.locator("button[value=accept]").click()
        expect(visitor.dialog).to_have_count(0)
        visitor.go("/consent/settings")
        visitor.go("/consent/receipt")
        own = {
            (url.removeprefix(site.url), kinds.get(kind, kind))
            for url, kind in asked
            if url.startswith(f"{site.url}/consent/")
        }
        every = {"script", "stylesheet", "xmlhttprequest", "document", "ping", "other"}
        tried = own | {(url, kind) for url in self.routes(site) for kind in every}
        blocked = {
            (url, name): rule
            for url, kind in tried
            for name, blocker in blockers.items()
            if (rule := blocker.blocks(url, kind))
        }

        assert blocked == {}
        assert {kind for _, kind in own} == every - {"ping", "other"}

    @pytest.mark.parametrize("url", ["/js/klaro-config.js", "/cookie-consent/static/js/consent.js"])
    def test_the_usual_name_of_a_script_is_blocked(self, blockers, url):
        """
        A list does block the files of others, so that these tests would notice a bad name.
        """
        assert found((n, b.blocks(url, "script")) for n, b in blockers.items())
