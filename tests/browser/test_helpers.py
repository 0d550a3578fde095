"""Programs that answer cookie notices for somebody can answer ours, by rules that we document."""

from __future__ import annotations

import copy
import json
import os
import re
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from consent.policy.document import built_in
from tests.browser.visitor import Visitor
from tools.npm import AUTOCONSENT, AUTOCONSENT_WITH_CONSENT_O_MATIC, Package

pytestmark = [
    pytest.mark.browser,
    pytest.mark.chromium("what is tried are programs of others, not the engine"),
]

DOCS = Path(__file__).parents[2] / "docs"
RULE = json.loads((DOCS / "rules/autoconsent.json").read_text(encoding="utf-8"))
CONSENT_O_MATIC = json.loads((DOCS / "rules/consent-o-matic.json").read_text(encoding="utf-8"))

SERVICES = {"matomo", "youtube", "openstreetmap"}

#: The part of the browser: hands over rules and settings, and hears what is reported.
BROWSER = """([rules, config]) => {
  window.heard = [];
  window.autoconsentSendMessage = async (message) => {
    await heard.push(message);
    if (message.type === "init")
      await autoconsentReceiveMessage({ type: "initResp", rules, config });
  };
}"""

RESULT = "type => heard.find((message) => message.type === type)"


class Program:
    """Autoconsent in the page that a visitor has open."""

    def __init__(self, visitor: Visitor, package: Package) -> None:
        if not package.is_there:
            say = pytest.fail if os.environ.get("CI") else pytest.skip
            say("NO AUTOCONSENT: no helper was tested; make npm")
        self._visitor = visitor
        self._script = (package.folder / "autoconsent.js").read_text(encoding="utf-8")

    def start(self, rules: dict[str, Any], config: dict[str, Any]) -> None:
        """Let it look for a notice with *rules* and do what *config* says."""
        self._visitor.page.evaluate(BROWSER, [rules, config])
        self._visitor.page.evaluate(self._script)

    def act(self, action: str, rules: dict[str, Any], **config: Any) -> str:
        """Let it do *action*, ``optOut`` or ``optIn``; return which rule it says succeeded."""
        self.start(rules, {"autoAction": action, **config})
        self._visitor.until(RESULT, "autoconsentDone")
        answer = self._visitor.page.evaluate(RESULT, f"{action}Result")
        assert answer["result"] is True
        return answer["cmp"]

    def test(self) -> bool:
        """Let it check its own work with the last part of the rule."""
        self._visitor.page.evaluate("autoconsentReceiveMessage({ type: 'selfTest' })")
        self._visitor.until(RESULT, "selfTestResult")
        return self._visitor.page.evaluate(RESULT, "selfTestResult")["result"]


@pytest.fixture
def autoconsent(visitor) -> Program:
    """What DuckDuckGo's browsers run."""
    visitor.go()
    expect(visitor.banner).to_be_visible()
    return Program(visitor, AUTOCONSENT)


@pytest.fixture
def consent_o_matic(visitor) -> Program:
    """An interpreter of Consent-O-Matic's rules."""
    visitor.go()
    expect(visitor.banner).to_be_visible()
    return Program(visitor, AUTOCONSENT_WITH_CONSENT_O_MATIC)


def refused(site, visitor: Visitor) -> bool:
    """Whether a refusal is recorded and holds, and nothing was loaded."""
    expect(visitor.banner).to_have_count(0)
    visitor.go()
    expect(visitor.banner).to_have_count(0)
    assert visitor.arrived() == []
    assert visitor.cookie("consent-receipt") is None
    return [(event["kind"], event["granted"]) for event in site.events()] == [("refusal", [])]


def granted(site, visitor: Visitor) -> set[str]:
    """What is granted by the one decision that is recorded, and runs."""
    expect(visitor.banner).to_have_count(0)
    [event] = site.events()
    assert event["kind"] == "grant"
    if "matomo" in event["granted"]:
        visitor.wait_until_ran("count.js", "inline")
    expect(visitor.placeholder("youtube")).to_have_count(int("youtube" not in event["granted"]))
    return set(event["granted"])


class TestHooks:
    def test_everything_that_is_documented_is_there(self, visitor):
        """
        Every selector of the documentation finds something in the banner, in the settings or
        in the page; one of them only where a policy grows with grants.
        """
        text = (DOCS / "hooks.md").read_text(encoding="utf-8")
        named = re.findall(r"(?m)^\| `(.+?)` \|", text)
        found = set()

        def look() -> None:
            for hook in named:
                selector = hook.replace("SERVICE", "youtube").replace("PURPOSE", "media")
                if visitor.page.locator(selector).count():
                    found.add(hook)

        visitor.go()
        look()
        visitor.decide("accept")
        visitor.open_settings()
        look()

        assert len(named) > 10
        assert set(named) - found == {"script[data-consent-reload]"}

    def test_both_events_are_told(self, visitor):
        """
        A program hears when asking begins and what is granted afterwards.
        """
        visitor.go()
        visitor.decide("accept")
        [ready, change] = visitor.page.evaluate("seen")

        assert ready[0] == "consent:ready"
        assert change[0] == "consent:change"
        assert set(change[1]["granted"]) == SERVICES


class TestAutoconsent:
    def test_it_refuses(self, site, visitor, autoconsent):
        """
        A browser that refuses for its user does so here: the refusal is recorded, the banner
        is gone, and nothing optional loads.
        """
        assert autoconsent.act("optOut", {"autoconsent": [RULE]}) == RULE["name"]
        assert autoconsent.test()
        assert refused(site, visitor)

    def test_it_accepts(self, site, visitor, autoconsent):
        """
        A browser that accepts for its user starts everything that was asked for.
        """
        assert autoconsent.act("optIn", {"autoconsent": [RULE]}) == RULE["name"]
        assert autoconsent.test()
        assert granted(site, visitor) == SERVICES

    @pytest.mark.parametrize("action", ["optOut", "optIn"])
    def test_it_acts_wherever_the_first_layer_is(self, placed, action):
        """
        In a corner or as a dialog in the middle, refusing and accepting work by the same rule.
        """
        site, visitor = placed
        visitor.go()
        expect(visitor.banner).to_be_visible()
        program = Program(visitor, AUTOCONSENT)
        program.act(action, {"autoconsent": [RULE]})
        expect(visitor.banner).to_have_count(0)
        decided = [set(event["granted"]) for event in site.events()]

        assert decided == [SERVICES if action == "optIn" else set()]

    def test_it_does_not_take_a_failure_for_an_answer(self, site, visitor, autoconsent):
        """
        The rule checks its own work: without a decision it does not claim one.
        """
        without = {**RULE, "optOut": [{"exists": "#consent"}]}
        autoconsent.act("optOut", {"autoconsent": [without]})

        assert not autoconsent.test()
        assert site.events() == []

    def test_every_version_can_read_the_rule(self):
        """
        The rule uses only steps that autoconsent has had from the start.
        """
        parts = ("detectCmp", "detectPopup", "optOut", "optIn", "openCmp", "test")
        steps = {name for part in parts for step in RULE[part] for name in step}

        assert steps <= {"exists", "visible", "click", "waitForVisible", "check", "cookieContains"}

    def test_it_finds_the_refusal_without_a_rule(self, site, visitor, autoconsent):
        """
        A browser that has no rule for us, and looks for a button that refuses by its words,
        finds it on the first layer.
        """
        looks = {"enableHeuristicDetection": True, "heuristicMode": "reject"}

        assert autoconsent.act("optOut", {"autoconsent": []}, **looks) == "HEURISTIC-REJECT"
        assert refused(site, visitor)

    def test_no_rule_for_another_banner_takes_ours_for_it(self, site, visitor, autoconsent):
        """
        None of the published rules acts on our banner, where its steps would do anything.
        """
        published = json.loads((AUTOCONSENT.folder / "rules.json").read_text(encoding="utf-8"))
        autoconsent.start(published, {"autoAction": "optOut", "detectRetries": 0})
        visitor.until("heard.some((message) => message.state?.lifecycle === 'nothingDetected')")

        assert len(published["autoconsent"]) > 100
        assert site.events() == []


class TestConsentOMatic:
    def test_it_refuses(self, site, visitor, consent_o_matic):
        """
        Who allows nothing in Consent-O-Matic has refused here.
        """
        consent_o_matic.act("optOut", {"autoconsent": [], "consentomatic": CONSENT_O_MATIC})

        assert refused(site, visitor)

    def test_it_accepts(self, site, visitor, consent_o_matic):
        """
        Who allows all categories in Consent-O-Matic has granted every service.
        """
        consent_o_matic.act("optIn", {"autoconsent": [], "consentomatic": CONSENT_O_MATIC})

        assert granted(site, visitor) == SERVICES

    def test_it_acts_wherever_the_first_layer_is(self, placed):
        """
        In a corner or as a dialog in the middle, the settings open and are saved as well.
        """
        site, visitor = placed
        visitor.go()
        expect(visitor.banner).to_be_visible()
        program = Program(visitor, AUTOCONSENT_WITH_CONSENT_O_MATIC)
        program.act("optIn", {"autoconsent": [], "consentomatic": without("B")})
        expect(visitor.banner).to_have_count(0)

        assert [set(event["granted"]) for event in site.events()] == [SERVICES - {"matomo"}]

    @pytest.mark.parametrize(
        ("denied", "left"), [("B", {"youtube", "openstreetmap"}), ("E", {"matomo"})]
    )
    def test_it_allows_only_the_categories_of_its_user(
        self, site, visitor, consent_o_matic, denied, left
    ):
        """
        Who allows statistics but no foreign content, or the other way round, gets just that.
        """
        rules = without(denied)
        consent_o_matic.act("optIn", {"autoconsent": [], "consentomatic": rules})

        assert granted(site, visitor) == left

    def test_a_service_for_two_purposes_needs_both(self, site, visitor, consent_o_matic):
        """
        A service that would also do what somebody does not allow is not granted.
        """
        mark = '"><input type="checkbox" name="service" value="youtube"'

        def answer(route):
            response = route.fetch()
            assert mark in response.text()
            route.fulfill(response=response, body=response.text().replace(mark, f" tracking{mark}"))

        visitor.page.route("**/settings?*", answer)
        visitor.page.route("**/settings", answer)
        consent_o_matic.act("optIn", {"autoconsent": [], "consentomatic": without("F")})

        assert granted(site, visitor) == {"matomo", "openstreetmap"}

    def test_who_wants_no_advertising_gets_none(self, site, visitor, consent_o_matic):
        """
        Who allows everything but advertising has granted no service that advertises.
        """
        mark = '"><input type="checkbox" name="service" value="youtube"'

        def answer(route):
            response = route.fetch()
            text = response.text().replace(f"media{mark}", f"advertising{mark}")
            assert f"advertising{mark}" in text
            route.fulfill(response=response, body=text)

        visitor.page.route("**/settings?*", answer)
        consent_o_matic.act("optIn", {"autoconsent": [], "consentomatic": without("F")})

        assert granted(site, visitor) == {"matomo", "openstreetmap"}

    def test_each_ready_made_purpose_has_its_category(self):
        """
        What a category of Consent-O-Matic takes in is said in docs/hooks.md, and of the ready-made
        purposes only protection is among all others.
        """
        found: dict[str, set[str]] = {}
        for method in CONSENT_O_MATIC["consentry"]["methods"]:
            for consent in method["action"].get("consents", ()):
                names = re.findall(r"data-consent-purpose~='([a-z]+)'", json.dumps(consent))
                assert found.setdefault(consent["type"], {*names}) == {*names}
        others = found.pop("X")
        text = (DOCS / "hooks.md").read_text(encoding="utf-8")

        assert found == {"B": {"statistics"}, "E": {"media", "social", "forms"},
                         "F": {"tracking", "advertising"}}  # fmt: skip
        assert others == set.union(*found.values()) == {*built_in()} - {"protection"}
        assert all(f"`{purpose}`" in text for purpose in built_in())


def without(denied: str) -> dict[str, Any]:
    """The rule for somebody who allows all categories but one."""
    rules = copy.deepcopy(CONSENT_O_MATIC)
    for method in rules["consentry"]["methods"]:
        for consent in method["action"].get("consents", ()):
            if consent["type"] == denied:
                consent["type"] = "not allowed"
    return rules
