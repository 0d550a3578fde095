"""
The notice: everything a visitor is shown in one language, by content hash.

    notice hash = SHA-256 of the notice's canonical JSON, 64 hexadecimal digits
    notice ref  = the first 16 bytes of that hash, base64url without padding, 22 characters

The JSON holds the facts and texts, the rendered layers as they were sent, and the hashes
of style sheet and script. Cookies carry the ref, events the hash. Two placeholders keep
what differs from page to page out of it: the path to return to and the notice's own hash
are empty in the stored layers.
"""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date
from hashlib import sha256
from typing import Any, NamedTuple

from consent.canonical import canonical
from consent.day import date_of, number
from consent.policy.model import SIGNALS, Entry, Item, Policy, Purpose, Service, Words
from consent.policy.terms import terms
from consent.policy.wording import country_name, direction, duration_words, every_text

FORMAT = "consent-notice/1"

#: What a notice is kept and handed out as.
MEDIA_TYPE = "application/json"


@dataclass(frozen=True, slots=True)
class Notice:
    """One notice. Two of equal hash are equal in every character."""

    body: bytes  #: canonical JSON, as stored
    hash: str
    ref: str
    content: Mapping[str, Any]  #: the parsed body
    terms: Mapping[str, str]  #: terms by service id, of every service offered
    purposes: Mapping[str, tuple[str, ...]]  #: service ids by purpose id

    @property
    def language(self) -> str:
        """The language it is written in."""
        return str(self.content["language"])


class Earlier(NamedTuple):
    """What an earlier notice says that matters to those who decided under it."""

    terms: Mapping[str, str]  #: by service id
    #: By service id, what it kept on the site's domain and nobody does today. Notices of earlier
    #: versions do not say where anything lies: nothing then.
    left: Mapping[str, frozenset[Entry]]
    lifetime: int  #: days until they are asked again


def earlier(notice: Notice, policy: Policy) -> Earlier:
    """Return what *notice* says to a site that has this *policy* today."""
    today = {(item.kind, item.name) for item in policy.essential}
    today |= {(item.kind, item.name) for s in policy.services for item in s.items_on_site}
    return Earlier(
        notice.terms,
        {
            service["id"]: left
            for service in notice.content["services"]
            if (left := _entries_on_site(service) - today)
        },
        notice.content["lifetime"],
    )


def _entries_on_site(service: Mapping[str, Any]) -> frozenset[Entry]:
    items = service["items"]
    return frozenset((i["kind"], i["name"]) for i in items if i.get("domain") == "site")


def read(body: bytes) -> Notice:
    """Return the notice that *body* spells; a body is never altered, only read."""
    content = json.loads(body)
    digest = sha256(body)
    return Notice(
        body=body,
        hash=digest.hexdigest(),
        ref=ref_of(digest.hexdigest()),
        content=content,
        terms={service["id"]: service["terms"] for service in content["services"]},
        purposes={row["id"]: tuple(row["services"]) for row in content["purposes"]},
    )


def last_day(told: date, promised: int, lifetime: int) -> date:
    """
    Return the last day of a decision whose visitor was *told* one, with a time of *promised* days.

    It comes earlier if decisions are kept for *lifetime* days now and these are fewer, but not
    before 1970: *told* comes from the database.

    >>> last_day(date(2027, 6, 1), 180, 90)
    datetime.date(2027, 3, 3)
    """
    return date_of(number(told) - max(promised - lifetime, 0))


def ref_of(hash: str) -> str:
    """Return what a cookie calls the notice with this *hash*."""
    return urlsafe_b64encode(bytes.fromhex(hash)[:16]).rstrip(b"=").decode()


def hash_start(ref: str) -> str:
    """Return the hexadecimal digits with which the hash of the notice with this *ref* begins."""
    return urlsafe_b64decode(ref + "==").hex()


def complete(
    content: Mapping[str, Any], layers: Mapping[str, str], files: Mapping[str, str]
) -> Notice:
    """
    Return the notice made of *content* and what a visitor's browser gets with it.

    *layers* are rendered fragments by name, *files* SHA-256 hashes by path.
    """
    return read(canonical({**content, "layers": dict(layers), "files": dict(files)}))


def content(policy: Policy, language: str, own: tuple[Item, ...] = ()) -> dict[str, Any]:
    """
    Return the facts and texts of *policy* in one language, as JSON values.

    *own* are the essential items of this component; they come before the site's.
    """
    words = every_text(language, policy.tone, policy.texts.get(language, {}))
    titles = {purpose.id: worded(purpose.title, language) for purpose in policy.purposes}
    return {
        "format": FORMAT,
        "site": policy.site,
        "language": language,
        "direction": direction(language),
        "lifetime": policy.lifetime,
        "retention": duration_words(policy.retention, language, words),
        "placement": policy.placement,
        "signals": [SIGNALS[signal] for signal in policy.signals],
        "controller": {
            "name": policy.controller.name,
            "email": policy.controller.email,
            "country": policy.controller.country,
            "country_name": country_name(policy.controller.country, language),
            "address": policy.controller.address,
            "dpo": policy.controller.dpo,
        },
        "parents": None if policy.parents is None else worded(policy.parents, language),
        "links": asdict(policy.links),
        "purposes": [_purpose(purpose, policy, language) for purpose in policy.purposes],
        "services": [_service(service, titles, language, words) for service in policy.services],
        "essential": [_item(item, language, words) for item in (*own, *policy.essential)],
        "texts": words,
    }


def worded(words: Words, language: str) -> str:
    """Return the text for *language*, else the one that stands for every language."""
    return words[language] if language in words else words[""]


def _purpose(purpose: Purpose, policy: Policy, language: str) -> dict[str, Any]:
    return {
        "id": purpose.id,
        "title": worded(purpose.title, language),
        "description": worded(purpose.description, language),
        "without": worded(purpose.without, language),
        "services": [s.id for s in policy.services if purpose.id in s.purposes],
    }


def _service(
    service: Service, titles: Mapping[str, str], language: str, words: Mapping[str, str]
) -> dict[str, Any]:
    return {
        "id": service.id,
        "name": service.name,
        "provider": service.provider,
        "address": service.address,
        "country": service.country,
        "country_name": country_name(service.country, language),
        "transfers": [
            {"code": code, "name": country_name(code, language)} for code in service.transfers
        ],
        "third_countries": [country_name(code, language) for code in service.third_countries],
        "safeguard": service.safeguard,
        "purposes": list(service.purposes),
        "purpose_titles": [titles[purpose] for purpose in service.purposes],
        "practices": list(service.practices),
        "embed": service.embed,
        "privacy": service.privacy,
        "hosts": list(service.hosts),
        "items": [
            {**_item(item, language, words), "domain": service.domain_of(item)}
            for item in service.items
        ],
        "terms": terms(service),
    }


def _content(text: str, words: Mapping[str, str]) -> str:
    return words.get(f"content.{text}", text)


def _item(item: Item, language: str, words: Mapping[str, str]) -> dict[str, str]:
    return {
        "name": item.name,
        "kind": item.kind,
        "kind_name": words[f"item.{item.kind}"],
        "duration": duration_words(item.duration, language, words),
        "content": _content(worded(item.content, language), words),
    }
