"""Whom a changed policy asks again, about what, and what becomes of the other decisions."""

import re

import pytest

from tests.conftest import POLICY, Visitor, events

VIMEO = "\n[services.vimeo]\n"


@pytest.fixture
def site_with(policy_file, make_app):
    """Start the site anew with a changed policy; its visitors keep their cookies."""

    def restart(policy: str, visitor: Visitor | None = None) -> Visitor:
        policy_file.write_text(policy, encoding="utf-8")
        app = make_app(language=lambda: "de")
        again = Visitor(app)
        if visitor is not None:
            again.client._cookies = visitor.client._cookies
        return again

    return restart


def asked_about(visitor: Visitor) -> list[str] | None:
    """Return the services that the first layer speaks of; None if there is no first layer."""
    text = visitor.get().text
    if 'id="consent"' not in text:
        return None
    return re.findall(r'name="about" value="([^"]+)"', text)


def edited(old: str, new: str) -> str:
    assert old in POLICY
    return POLICY.replace(old, new)


MATOMO, YOUTUBE = "[services.matomo]", "[services.youtube]"

#: What changed, the policy then, and which services are asked about again.
MATERIAL = {
    "a new service": (POLICY + VIMEO, ["vimeo"]),
    "a new service of another purpose": (POLICY + VIMEO + 'purpose = "social"\n', ["vimeo"]),
    "another recipient": (edited(YOUTUBE, f'{YOUTUBE}\nprovider = "Other Ltd"'), ["youtube"]),
    "another country": (
        edited(MATOMO, f'{MATOMO}\ncountry = "CH"\nsafeguard = "adequacy"'),
        ["matomo"],
    ),
    "a further country": (edited(YOUTUBE, f'{YOUTUBE}\ntransfers = ["US", "IN"]'), ["youtube"]),
    "another ground for a transfer": (
        edited(YOUTUBE, f'{YOUTUBE}\nsafeguard = "scc"'),
        ["youtube"],
    ),
    "another purpose": (edited(YOUTUBE, f'{YOUTUBE}\npurpose = "tracking"'), ["youtube"]),
    "a further purpose": (
        edited(YOUTUBE, f'{YOUTUBE}\npurposes = ["media", "tracking"]'),
        ["youtube"],
    ),
    "profiling": (edited(YOUTUBE, f'{YOUTUBE}\npractices = ["profiling"]'), ["youtube"]),
    "a longer duration": (
        edited(
            MATOMO,
            f"{MATOMO}\nitems = [{{ name = '_pk_id.*', kind = 'cookie', duration = '24 months', "
            "content = 'browser-id' }]",
        ),
        ["matomo"],
    ),
}
IMMATERIAL = {
    "nothing": POLICY,
    "a service less": edited(f"{YOUTUBE}\n", ""),
    "a corrected name of the recipient": edited(
        YOUTUBE, f'{YOUTUBE}\nprovider = "Google Ireland, Limited"'
    ),
    "another name of the service": edited(YOUTUBE, f'{YOUTUBE}\nname = "YouTube-Videos"'),
    "another address": edited(YOUTUBE, f'{YOUTUBE}\naddress = "Dublin"'),
    "other words": POLICY + '\n[texts.de]\n"banner.free" = "Alles bleibt lesbar."\n',
    "another language": edited('languages = ["de", "en"]', 'languages = ["de", "en", "fr"]'),
    "another controller's address": edited('email = "', 'address = "Hauptstraße 1", email = "'),
    "another placement": edited("languages =", 'placement = "corner"\nlanguages ='),
    "a longer lifetime": edited("languages =", "lifetime = 365\nlanguages ="),
    "other signals": edited("languages =", "signals = []\nlanguages ="),
}


class TestMaterialChanges:
    @pytest.mark.parametrize(("policy", "asked"), MATERIAL.values(), ids=MATERIAL)
    @pytest.mark.parametrize("decision", ["accept", "reject"])
    def test_they_ask_about_the_service_alone(self, site_with, decision, policy, asked):
        """
        A change of purpose, service, recipient, country, ground, duration or practice asks
        again, about that service only, and it stays off until then (RP-04, RP-05).
        """
        visitor = site_with(POLICY)
        visitor.decide(decision)
        now = site_with(policy, visitor)

        assert asked_about(now) == asked
        page = now.get().text
        kept = {"matomo", "youtube"} - set(asked)
        for service in kept:
            assert (f'<template data-consent="{service}">' in page) == (decision == "reject")
        for service in set(asked) & {"matomo", "youtube"}:
            assert f'<template data-consent="{service}">' in page

    def test_the_banner_names_what_is_new(self, site_with):
        """
        Asking again tells what is new, names only that, and says that the rest stays (RP-06).
        """
        visitor = site_with(POLICY)
        visitor.decide("accept")
        text = site_with(POLICY + VIMEO, visitor).get().text

        assert "Neu seit Ihrer letzten Wahl: Vimeo." in text
        assert "Matomo (" not in text
        assert ">Diese ablehnen<" in text
        assert ">Diese akzeptieren<" in text

    @pytest.mark.parametrize(
        ("before", "answer", "granted", "kind"),
        [
            ("accept", "accept", ["matomo", "vimeo", "youtube"], "change"),
            ("accept", "reject", ["matomo", "youtube"], "change"),
            ("reject", "accept", ["vimeo"], "grant"),
            ("reject", "reject", [], "refusal"),
        ],
    )
    def test_the_other_decisions_stay(self, site_with, before, answer, granted, kind):
        """
        Whatever is answered about the new service, the rest is as it was, the record says so,
        and nobody is asked twice (RP-05, AX-28).
        """
        visitor = site_with(POLICY)
        visitor.decide(before)
        now = site_with(POLICY + VIMEO, visitor)
        now.decide(answer, about=["vimeo"])

        event = events(now.app)[-1]
        assert (event["kind"], event["granted"], event["undecided"]) == (kind, granted, [])
        assert asked_about(now) is None

    def test_a_foreign_service_cannot_be_asked_about(self, site_with):
        """
        A form about a service that nobody offers is refused as a whole (SE-09).
        """
        visitor = site_with(POLICY)

        assert visitor.decide("accept", about=["tracker"]).status_code == 400
        assert events(visitor.app) == []


class TestOtherChanges:
    @pytest.mark.parametrize("policy", IMMATERIAL.values(), ids=IMMATERIAL)
    @pytest.mark.parametrize("decision", ["accept", "reject"])
    def test_they_ask_nobody(self, site_with, decision, policy):
        """
        Removing a service, a corrected word or another language asks nobody again (RP-04).
        """
        visitor = site_with(POLICY)
        visitor.decide(decision)

        assert asked_about(site_with(policy, visitor)) is None

    def test_a_service_that_comes_back_unchanged_asks_nobody(self, site_with):
        """
        A service that was away for a while and returns as it was is still decided.
        """
        visitor = site_with(POLICY)
        visitor.decide("accept")
        site_with(edited(f"{YOUTUBE}\n", ""), visitor)

        assert asked_about(site_with(POLICY, visitor)) is None

    def test_one_placeholder_leaves_the_question_open(self, visitor):
        """
        Who allowed one video only is still asked about everything, in the first words (GA-04).
        """
        visitor.decide("allow", "youtube", layer="placeholder")

        assert asked_about(visitor) == []


class TestKeysAndVersions:
    def test_a_retired_key_still_counts(self, make_app, policy_file):
        """
        Changing the site's secret key asks nobody while the old one is kept as a fallback.
        """
        visitor = Visitor(make_app(language=lambda: "de"))
        visitor.decide("reject")
        key = visitor.app.config["SECRET_KEY"]
        now = Visitor(
            make_app(
                language=lambda: "de", SECRET_KEY="f" * 8 + key[:24], SECRET_KEY_FALLBACKS=[key]
            )
        )
        now.client._cookies = visitor.client._cookies

        assert asked_about(now) is None

    def test_a_lost_key_asks_everybody(self, make_app):
        """
        When the key is lost, nothing can be trusted and everybody is asked (RP-10).
        """
        visitor = Visitor(make_app(language=lambda: "de"))
        visitor.decide("accept")
        now = Visitor(make_app(language=lambda: "de", SECRET_KEY="another-key-of-32-characters-ab"))
        now.client._cookies = visitor.client._cookies

        assert asked_about(now) == []
        assert '<template data-consent="matomo">' in now.get().text

    def test_a_cookie_of_a_later_version_asks(self, app, visitor):
        """
        A cookie in a format that this version does not know means: ask (RP-10).
        """
        visitor.decide("reject")
        later = "2" + visitor.cookie()[1:]
        visitor.client.set_cookie("__Host-consent", later, domain="kreisverband.example")

        assert asked_about(visitor) == []
