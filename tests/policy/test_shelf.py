"""The ready-made services: complete, dated and unambiguous."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from typing import Any, cast

import pytest

from consent.policy import shelf, wording
from consent.policy.model import EEA

DURATION = re.compile(r"session|persistent|[1-9]\d* (minute|hour|day|week|month|year)s?")
HOST = re.compile(r"(\*\.)?([a-z0-9-]+\.)+[a-z]{2,}(/[a-z]+)?")
KINDS = {"cookie", "local-storage", "session-storage", "indexed-db"}
WHOLE = ("name", "provider", "address", "country", "purpose", "hosts", "privacy", "items", "source")
OWN = ("name", "purpose", "items", "source")


def entry(id: str) -> Mapping[str, Any]:
    found = shelf.entry(id)
    assert found is not None
    return found


def items() -> list[Any]:
    return [
        pytest.param(item, id=f"{name}:{item['kind']}:{item['name']}")
        for name in shelf.names()
        for item in entry(name)["items"]
    ]


every_service = pytest.mark.parametrize("id", shelf.names())
every_item = pytest.mark.parametrize("item", items())


def test_the_shelf_holds_what_associations_use_most():
    """
    Matomo, etracker, YouTube, Vimeo, OpenStreetMap and Google Maps are ready to use by name.
    """
    assert shelf.names() == (
        "etracker",
        "google-maps",
        "matomo",
        "openstreetmap",
        "vimeo",
        "youtube",
    )


@pytest.mark.parametrize("id", ["", "unknown", "../texts/de", "YouTube", "youtube.toml"])
def test_a_service_that_is_not_on_the_shelf_is_none(id):
    """
    Only an exact name finds a ready-made service; nothing else is ever read.
    """
    assert shelf.entry(id) is None


def test_an_entry_cannot_be_changed_by_its_reader():
    """
    What one reader does with an entry cannot alter it for the next.
    """
    with pytest.raises(TypeError):
        cast("dict[str, Any]", entry("vimeo"))["country"] = "DE"


@every_service
def test_who_why_and_where_are_stated(id):
    """
    Each service names its provider with address and country, its purpose, its hosts and the
    provider's privacy page; one that the site runs itself leaves these to the site (SL-03).
    """
    service = entry(id)

    for field in OWN if service.get("own_host") else WHOLE:
        assert field in service


@every_service
def test_a_service_of_the_sites_own_names_no_provider(id):
    """
    Where the site itself is the provider, the catalogue does not name anybody else.
    """
    service = entry(id)

    if service.get("own_host"):
        assert not {"provider", "address", "country", "hosts", "privacy"} & service.keys()


@every_service
def test_a_third_country_has_a_safeguard(id):
    """
    A service with a country outside the EEA says on what ground data may go there (SL-04).
    """
    service = entry(id)
    countries = {service.get("country", "DE"), *service.get("transfers", ())}

    assert (service.get("safeguard") is not None) == bool(countries - EEA)
    assert service.get("safeguard", "adequacy") in {"adequacy", "dpf", "scc", "bcr"}


@every_service
def test_countries_exist(id):
    """
    Every country of a service has a name in every language that we ship.
    """
    service = entry(id)

    for code in {service.get("country", "DE"), *service.get("transfers", ())}:
        assert all(wording.country_name(code, language) for language in wording.languages())


@every_service
def test_no_host_reaches_further_than_its_service(id):
    """
    Hosts are plain names, names below "*." or names with one path; none stands for all of a
    company that offers other services on the same host.
    """
    hosts = entry(id).get("hosts", ["statistik.example"])

    assert hosts
    assert all(HOST.fullmatch(host) for host in hosts)
    assert not {"www.google.com", "google.com", "*.google.com", "*.googleapis.com"} & set(hosts)


@every_service
def test_media_say_what_their_placeholder_stands_for(id):
    """
    A service for media tells whether a video, a map or other content is missing; statistics
    are invisible and have no placeholder.
    """
    service = entry(id)

    assert (service["purpose"] == "media") == (service.get("embed") in {"video", "map", "content"})
    assert service["purpose"] in {"statistics", "media"}


@every_service
def test_the_source_is_named_and_dated(id):
    """
    For each service stands where its facts were read, and when.
    """
    source = entry(id)["source"]

    assert source.keys() == {"url", "date"}
    assert source["url"].startswith("https://")
    assert date.fromisoformat(source["date"]) >= date(2026, 1, 1)


@every_service
def test_the_privacy_page_is_reached_safely(id):
    """
    Links to a provider's privacy page are encrypted.
    """
    assert entry(id).get("privacy", "https://").startswith("https://")


@every_item
def test_an_item_states_name_kind_duration_and_content(item):
    """
    For each cookie or storage key stand its name, its kind, its period and what it holds
    (SL-03).
    """
    assert item.keys() == {"name", "kind", "duration", "content"}
    assert item["name"]
    assert item["kind"] in KINDS
    assert DURATION.fullmatch(item["duration"])


@every_item
def test_an_item_explains_itself_in_every_language(item):
    """
    What an item holds is said in each language that we ship, in one short phrase (LA-02).
    """
    phrases = [wording.texts(tag)[f"content.{item['content']}"] for tag in wording.languages()]

    assert all(0 < len(phrase.split()) <= 20 for phrase in phrases)
    assert not any(phrase.endswith(".") for phrase in phrases)


@every_service
def test_no_item_is_listed_twice(id):
    """
    A name stands once for each kind of storage.
    """
    listed = [(item["name"], item["kind"]) for item in entry(id)["items"]]

    assert len(listed) == len(set(listed))
