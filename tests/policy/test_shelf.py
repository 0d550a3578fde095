"""The ready-made services: complete, dated and unambiguous."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from typing import Any, cast

import pytest

from consent.policy import facts, shelf, wording
from consent.policy.document import built_in
from consent.policy.model import EEA
from tests.each import each

DURATION = re.compile(r"session|persistent|[1-9]\d* (minute|hour|day|week|month|year)s?")
HOST = re.compile(r"(\*\.)?([a-z0-9-]+\.)+[a-z]{2,}(/[A-Za-z0-9_.-]+)*")
KINDS = {"cookie", "local-storage", "session-storage", "indexed-db"}
#: The keys of an entry in the order in which they stand.
KEYS = """
    name own_host provider address country transfers safeguard purpose purposes practices embed
    hosts privacy adapter items source
""".split()
WHOLE = {"name", "provider", "address", "country", "hosts", "privacy", "items", "source"}
OWN = {"name", "items", "source"}

#: Hosts on which anybody may offer anything, or a company many services.
CLOUDS = re.compile(
    r"(\*\.)?((s3[a-z0-9.-]*\.)?amazonaws\.com|cloudfront\.net|azureedge\.net|windows\.net"
    r"|googleusercontent\.com|googleapis\.com|gstatic\.com|google\.(com|de)|github\.io|netlify\.app"
    r"|vercel\.app|herokuapp\.com|fastly\.net|akamai(hd|zed)?\.net|b-cdn\.net|microsoft\.com"
    r"|office\.com|live\.com|apple\.com|facebook\.com|linkedin\.com|bing\.com|doubleclick\.net"
    r"|jsdelivr\.net|cloudflare\.com|wordpress\.com|adobe\.com)|www\.google\.(com|de)"
)


def entry(id: str) -> Mapping[str, Any]:
    found = shelf.entry(id)
    assert found is not None
    return found


def purposes(service: Mapping[str, Any]) -> list[str]:
    return service.get("purposes") or [service["purpose"]]


def items() -> list[Any]:
    return [item for name in shelf.names() for item in entry(name)["items"]]


every_service = each("id", shelf.names())
every_item = each("item", items())


def test_the_shelf_holds_what_associations_use_most():
    """
    What German associations use is ready by name: statistics, films, maps, posts, podcasts,
    forms, donations, newsletters, protection of forms and the tables of their sports.
    """
    assert len(shelf.names()) >= 120
    assert set(shelf.names()) >= {
        "matomo", "matomo-cloud", "etracker", "google-analytics", "youtube", "vimeo", "zdf",
        "openstreetmap", "google-maps", "komoot", "outdooractive", "umap", "instagram",
        "facebook", "mastodon", "bluesky", "podigee", "spotify", "soundcloud", "issuu", "yumpu",
        "typeform", "calendly", "doctolib", "pretix", "betterplace", "twingle", "fundraisingbox",
        "altruja", "raisenow", "paypal", "cleverreach", "rapidmail", "mailchimp", "brevo",
        "friendly-captcha", "turnstile", "readspeaker", "eye-able", "fupa", "fussball-de", "dwd",
    }  # fmt: skip


def test_the_shelf_holds_what_others_lack():
    """
    What other catalogues were found not to have, though associations use it, is ready by name, but
    for WhatsApp, which is linked to and loads nothing.
    """
    assert set(shelf.names()) >= {
        "podigee", "podcaster", "yumpu", "friendly-captcha", "turnstile", "fundraisingbox",
        "betterplace", "donorbox", "altruja", "twingle", "spendino", "mastodon", "bluesky",
        "threads", "komoot", "outdooractive", "mapbox", "eventbrite", "mailchimp", "cleverreach",
        "rapidmail", "umami", "pirsch", "econda", "mouseflow", "zoom", "microsoft-teams",
        "typeform", "jotform", "lamapoll", "flickr", "zdf", "ard-mediathek",
    }  # fmt: skip


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


#: What providers publish of entries that nearly every site meets.
PUBLISHED = [
    ("facebook", "c_user", "1 year"),
    ("facebook", "fr", "90 days"),
    ("facebook", "xs", "1 year"),
    ("google-ads", "IDE", "13 months"),
    ("google-analytics", "_ga", "2 years"),
    ("hubspot", "hubspotutk", "6 months"),
    ("linkedin-insight", "li_fat_id", "30 days"),
    ("matomo", "_pk_id.*", "13 months"),
    ("matomo", "_pk_ses.*", "30 minutes"),
    ("meta-pixel", "_fbp", "90 days"),
    ("microsoft-clarity", "_clck", "1 year"),
    ("recaptcha", "_GRECAPTCHA", "6 months"),
    ("vimeo", "vuid", "2 years"),
    ("youtube", "VISITOR_INFO1_LIVE", "6 months"),
    ("youtube", "YSC", "session"),
]


@each("id, name, period", PUBLISHED)
def test_well_known_entries_are_kept_as_long_as_their_providers_say(id, name, period):
    """
    What visitors read of the entries that everybody knows is what the provider publishes (SL-03,
    SL-09).
    """
    assert [item["duration"] for item in entry(id)["items"] if item["name"] == name] == [period]


@each("id", sorted(n for n in shelf.names() if n.startswith(("google-", "microsoft-", "youtube"))))
def test_companies_with_a_seat_in_the_union_are_named_by_it(id):
    """
    Who answers to visitors in the EEA is the company in Ireland; it hands data on to the United
    States on the ground of the Data Privacy Framework, in which its parent takes part (SL-04).
    """
    service = entry(id)

    assert service["provider"] in ("Google Ireland Limited", "Microsoft Ireland Operations Limited")
    assert (service["country"], service["transfers"], service["safeguard"]) == (
        "IE",
        ["US"],
        "dpf",
    )


@every_service
def test_who_why_and_where_are_stated(id):
    """
    Each service names its provider with address and country, its purpose, its hosts and the
    provider's privacy page; one that the site runs itself leaves these to the site. An
    address is missing only where the entry says so (SL-03).
    """
    service = entry(id)
    wanted = OWN if service.get("own_host") else WHOLE

    assert wanted - service.keys() <= {"address"} & set(service["source"].get("unconfirmed", ()))
    assert ("purpose" in service) != ("purposes" in service)


#: For whom there is an adequacy decision (Art. 45 GDPR); the one for the United States is DPF.
ADEQUATE = set("AD AR BR CA CH FO GB GG IL IM JE JP KR NZ UY US".split())


@every_service
def test_the_ground_of_a_transfer_exists(id):
    """
    An adequacy decision is named only for countries that have one, the Data Privacy Framework only
    where data go to the United States (SL-04).
    """
    service = entry(id)
    abroad = {service.get("country", "DE"), *service.get("transfers", ())} - EEA

    if service.get("safeguard") == "adequacy":
        assert abroad <= ADEQUATE
        assert abroad != {"US"}
    if service.get("safeguard") == "dpf":
        assert abroad == {"US"}


@every_service
def test_no_service_is_exempt_from_consent(id):
    """
    Every ready-made service serves optional purposes only, and there is no key with which an
    entry could say that nobody needs to be asked (SL-08).
    """
    service = entry(id)

    assert set(purposes(service)) <= set(built_in())
    assert service.keys() <= set(KEYS)


@every_service
def test_an_entry_is_written_like_the_others(id):
    """
    The keys of all entries stand in one order, so that two of them can be compared by eye.
    """
    keys = [key for key in entry(id) if key != "items"]

    assert keys == sorted(keys, key=KEYS.index)
    assert re.fullmatch("[a-z0-9][a-z0-9-]{0,31}", id)


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
    Hosts are plain names, names below "*." or names with a path; none stands for all of a
    company that offers other services on the same host, or for a cloud.
    """
    hosts = entry(id).get("hosts", ["statistik.example"])

    assert hosts
    assert all(HOST.fullmatch(host) for host in hosts)
    assert not [host for host in hosts if CLOUDS.fullmatch(host)]


def test_no_two_services_claim_the_same_host():
    """
    A host belongs to one service; where two share it, the path decides.
    """
    claims = [host for id in shelf.names() for host in entry(id).get("hosts", ())]

    assert len(claims) == len(set(claims))


@every_service
def test_what_is_seen_says_what_its_placeholder_stands_for(id):
    """
    What measures, advertises or protects is invisible and leaves no placeholder.
    """
    service = entry(id)

    if set(purposes(service)) & {"statistics", "tracking", "advertising", "protection"}:
        assert "embed" not in service or service.get("own_host")


@every_service
def test_the_source_is_named_and_dated(id):
    """
    For each service stands where its facts are from, when they were gone through, and which of
    them could not be confirmed.
    """
    source = entry(id)["source"]

    assert {"url", "date"} <= source.keys() <= {"url", "date", "more", "unconfirmed"}
    assert all(url.startswith("https://") for url in (source["url"], *source.get("more", ())))
    assert date.fromisoformat(source["date"]) >= date(2026, 1, 1)
    assert set(source.get("unconfirmed", ())) <= WHOLE | {"transfers", "safeguard"}


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
    assert item.keys() - {"domain"} == {"name", "kind", "duration", "content"}
    assert item.get("domain", "site") in {"site", "provider"}
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


def test_the_index_says_what_the_entries_say():
    """
    A changed entry is not recognised by its old hosts, and a new one is found.
    """
    assert shelf.INDEX.read_text(encoding="utf-8") == shelf.index()


def test_recognising_a_host_opens_no_entry(monkeypatch):
    """
    A site starts as quickly with a long catalogue as with a short one.
    """
    monkeypatch.setattr(shelf, "_read", lambda file: pytest.fail(f"{file} was opened"))

    assert "open.spotify.com" in shelf.labels()["spotify"].hosts


def test_a_site_opens_the_entries_that_it_declares(make_app, monkeypatch):
    """
    Starting a site reads the entries of its own services and no others.
    """
    opened = []
    read = shelf._read
    monkeypatch.setattr(shelf, "_read", lambda file: opened.append(file.stem) or read(file))
    shelf.entry.cache_clear()
    facts.entry.cache_clear()

    make_app()

    assert sorted(opened) == ["matomo", "youtube"]
