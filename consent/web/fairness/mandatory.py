"""
What a visitor must be told before deciding, in each layer.

In the banner that is what FL-10 to FL-14 and FL-19 ask for, in the settings SL-03 to SL-05, SL-07,
SL-12, SL-13, SL-15, SG-07 and WD-11, in the place of an embed GA-03 and FL-13; in all three, if
the site tells it, how parents agree (FL-25).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from consent.policy.wording import Say


def mandatory(layer: str, facts: Mapping[str, Any], say: Say) -> Iterator[tuple[str, str]]:
    """Yield what a *layer* has to state under the notice's *facts*, each with its name."""
    yield from (("purpose", purpose["title"]) for purpose in facts["purposes"])
    if facts["parents"]:
        yield "word on parents", facts["parents"]
    if layer == "placeholder":
        for service in facts["services"]:
            yield "provider", service["provider"]
            yield "country", service["country_name"]
            yield from _abroad(service)
        return
    yield "controller", facts["controller"]["name"]
    for service in facts["services"]:
        yield "service", service["name"]
        yield from _abroad(service)
    yield from _banner(facts, say) if layer == "banner" else _settings(facts, say)


def _abroad(service: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    yield from (("third country", country) for country in service["third_countries"])


def _banner(facts: Mapping[str, Any], say: Say) -> Iterator[tuple[str, str]]:
    others = {s["provider"] for s in facts["services"]} - {facts["controller"]["name"]}
    key = "banner.recipients" if others else "banner.recipients_none"
    yield "number of recipients", say(key, count=len(others))
    yield "word on storage", say("banner.storage")
    yield "word on withdrawal", say("banner.withdraw", settings=say("link.settings"))


def _settings(facts: Mapping[str, Any], say: Say) -> Iterator[tuple[str, str]]:
    yield from (("purpose", purpose["description"]) for purpose in facts["purposes"])
    for service in facts["services"]:
        yield "provider", service["provider"]
        yield "country", service["country_name"]
        if service["third_countries"]:
            yield "ground of a transfer", say(f"safeguard.{service['safeguard']}")
        yield from (("practice", say(f"practices.{one}")) for one in service["practices"])
        yield from _items(service["items"])
    yield from _items(facts["essential"])
    yield "contact", facts["controller"]["email"]
    yield "word on withdrawal", say("settings.intro")
    yield (
        "word on how long it holds",
        say("settings.lifetime", duration=say.days(facts["lifetime"])),
    )
    yield "legal basis", say("settings.optional_basis")
    yield "legal basis of what is essential", say("settings.essential_basis")
    yield "word on the record", say("settings.record")
    yield "word on how long it is kept", say("settings.kept", duration=facts["retention"])
    if facts["signals"]:
        yield "word on signals", say("settings.signals", signals=", ".join(facts["signals"]))
    yield "word on what cannot be deleted", say("settings.limits")
    yield "right to complain", say("settings.complaint")


def _items(items: list[Mapping[str, str]]) -> Iterator[tuple[str, str]]:
    for item in items:
        yield "stored item", item["name"]
        yield "content", item["content"]
        yield "duration", item["duration"]
