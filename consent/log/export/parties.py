"""
What a notice says in the words of the Data Privacy Vocabulary: controller, services, purposes.

TS 27560 asks for what is done with which data by whom, where and how long. All of it comes from
the notice that was on screen; nothing is added that visitors were not told. Of the personal data
a notice says what is stored; that whoever serves a file learns the address it is sent to is
added, as it holds for each of them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import msgspec

from consent.errors import LogError, LogUnavailable
from consent.log.document import Document

#: What our ready-made purposes are in the vocabulary's own taxonomy.
PURPOSES = {
    "advertising": "dpv:Advertising",
    "forms": "dpv:RequestedServiceProvision",
    "media": "dpv:RequestedServiceProvision",
    "protection": "dpv:EnforceSecurity",
    "social": "dpv:CommunicationManagement",
    "statistics": "dpv:ServiceUsageAnalytics",
    "tracking": "dpv:Marketing",
}

#: Codes of countries that the vocabulary does not have.
_NOWHERE = frozenset({"XK"})

#: An e-mail address, alone or among words.
_MAIL = re.compile(r"""[^\s@<>()\[\],;:"]+@[^\s@<>()\[\],;:"]+\.[^\s@<>()\[\],;:".]{2,}""")

#: Where nothing is known about a notice any more.
_EMPTY: dict[str, Any] = {"controller": {}, "links": {}, "purposes": [], "services": []}


class Parties:
    """The nodes that records have in common; *address* is where the routes of the site are."""

    def __init__(self, documents: Callable[[str], Document | None], address: str) -> None:
        self._documents = documents
        self._address = address
        self._told: set[str] = set()  # hashes of notices

    def notice(self, hash: str) -> str:
        """Return the address of a notice."""
        return f"{self._address}/notice/{hash}"

    def controller(self, hash: str) -> str:
        """Return the address of who is responsible, as that notice says; no service has it."""
        return f"{self.notice(hash)}#_controller"

    def process(self, hash: str, service: str) -> str:
        """Return the address of what a service does, as that notice says."""
        return f"{self.notice(hash)}#{service}"

    def new(self, hash: str) -> list[dict[str, Any]]:
        """Return the nodes of a notice, the first time it is asked for, then none."""
        if hash in self._told:
            return []
        self._told.add(hash)
        try:
            document = self._documents(hash)
        except LogUnavailable:
            raise
        except LogError as error:
            # Who decided what is as sure as before, so it is the notice alone that is left out.
            [node] = self._nodes(hash, _EMPTY)
            return [{**node, "dct:description": str(error)}]
        content = _EMPTY if document is None else msgspec.json.decode(document.body)
        return list(self._nodes(hash, {**_EMPTY, **content}))

    def _nodes(self, hash: str, content: dict[str, Any]) -> Iterator[dict[str, Any]]:
        notice = {
            "@id": self.notice(hash),
            "@type": "dpv:ConsentNotice",
            "dct:identifier": hash,
            "dct:language": content.get("language"),
            "dpv:hasDataController": self._controller(hash, content),
        }
        yield {name: value for name, value in notice.items() if value is not None}
        titles = {purpose["id"]: purpose for purpose in content["purposes"]}
        for service in content["services"]:
            yield self._process(hash, service, titles)

    def _controller(self, hash: str, content: dict[str, Any]) -> dict[str, Any]:
        """Return who is responsible, whom the notice may describe otherwise than another one."""
        said = content["controller"]
        node: dict[str, Any] = {"@id": self.controller(hash), "@type": "dpv:DataController"}
        if not said:
            return node
        contacts = [{"@type": "schema:ContactPoint", "schema:email": said["email"]}]
        if said.get("dpo"):
            contacts.append(_officer(said["dpo"]))
        return {
            **node,
            "dpv:hasIdentifier": f"{self._address}#controller",  # the same in all
            "dpv:hasName": said["name"],
            "schema:contactPoint": contacts,
            "schema:address": _postal(said.get("address"), said["country"]),
            "schema:url": self._address.rpartition("/")[0] or self._address,
        }

    def _process(
        self, hash: str, service: dict[str, Any], purposes: dict[str, Any]
    ) -> dict[str, Any]:
        settings = f"{self._address}/settings"
        stored = [
            {"@type": "dpv:PersonalData", "dct:title": item["name"], "dct:description": text}
            for item in service["items"]
            if (text := f"{item['kind_name']}: {item['content']}")
        ]
        process = {
            "@id": self.process(hash, service["id"]),
            "@type": "dpv:Process",
            "dpv:hasService": {
                "@type": "dpv:Service",
                "dct:identifier": service["id"],
                "dct:title": service["name"],
            },
            "dpv:hasPurpose": [_purpose(id, purposes.get(id, {})) for id in service["purposes"]],
            "dpv:hasPersonalData": ["pd:IPAddress", *stored],
            "dpv:hasDataController": self.controller(hash),
            "dpv:hasLegalBasis": "eu-gdpr:A6-1-a",
            "dpv:hasJurisdiction": "loc:EU",
            "dpv:hasRecipient": _recipient(self.process(hash, service["id"]), service),
            "dpv:hasStorageCondition": _storage(service),
            "dpv:hasConsentControl": {"@type": "dpv:ManageConsent", "dpv:isExercisedAt": settings},
            "dpv:hasRight": {
                "@type": ["dpv:DataSubjectRight", "eu-gdpr:A7-3"],
                "dpv:isExercisedAt": settings,
            },
        }
        if "profiling" in service.get("practices", ()):  # a notice of an older version has none
            process["dpv:hasProcessing"] = "dpv:Profiling"
        return process


def _officer(told: str) -> dict[str, Any]:
    """Return how the data protection officer is reached: by mail, and as *told* in words."""
    mail = _MAIL.findall(told)
    node: dict[str, Any] = {"@type": "schema:ContactPoint"}
    node["schema:contactType"] = "data protection officer"
    if mail:
        node["schema:email"] = mail if len(mail) > 1 else mail[0]
    return node if mail == [told] else {**node, "dct:description": told}


def _purpose(id: str, said: dict[str, Any]) -> dict[str, Any]:
    node = {"@type": "dpv:Purpose", "dct:identifier": id}
    node["skos:broader"] = PURPOSES.get(id, "dpv:Purpose")
    if said:
        node |= {"dct:title": said["title"], "dct:description": said["description"]}
    return node


def _recipient(process: str, service: dict[str, Any]) -> dict[str, Any]:
    node = {
        "@id": f"{process}-provider",
        "@type": "dpv:Recipient",
        "dpv:hasIdentifier": f"{process}-provider",
        "dpv:hasName": service["provider"],
        "schema:address": _postal(service.get("address"), service["country"]),
    }
    if service.get("privacy"):
        node["schema:contactPoint"] = {
            "@type": "schema:ContactPoint",
            "schema:url": service["privacy"],
        }
    return node


def _postal(address: str | None, country: str) -> dict[str, str]:
    node = {"@type": "schema:PostalAddress", "schema:addressCountry": country}
    return {**node, "schema:streetAddress": address} if address else node


def _place(code: str) -> str | dict[str, str]:
    """Return the word for a country, or where there is none, that it is a country of this code."""
    if code in _NOWHERE:
        return {"@type": "dpv:Country", "dct:identifier": code}
    return f"loc:{code}"


def _storage(service: dict[str, Any]) -> list[dict[str, Any]]:
    countries = [service["country"], *(row["code"] for row in service["transfers"])]
    places = [_place(code) for code in dict.fromkeys(countries)]
    where = {"@type": "dpv:StorageLocation", "dpv:hasLocation": places}
    durations = [
        {
            "@type": "dpv:StorageDuration",
            "dct:title": item["name"],
            "dpv:hasDuration": {"@type": "dpv:Duration", "rdf:value": item["duration"]},
        }
        for item in service["items"]
    ]
    unknown = {
        "@type": "dpv:StorageDuration",
        "dpv:hasDuration": {"@type": "dpv:IndeterminateDuration"},
    }
    return [where, *(durations or [unknown])]
