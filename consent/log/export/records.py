"""
Consent records per ISO/IEC TS 27560:2023 as JSON-LD, in the words of the Data Privacy Vocabulary.

One object ``{"@context": …, "@graph": […]}`` whose nodes stand on a line each. The context is in
the file and nothing has to be fetched. A record names what its notice has in common with all
others shown with it, the controller, the services and their purposes, by ``@id``; these nodes
stand once before it (:mod:`consent.log.export.parties`; DPV's guide, section 10.4).

A decision is one record. Where it grants some services and refuses others it has a consent status
for each, with the services that it is about. ``pii_principal_id``, which the specification
demands, is the receipt number, and ``unidentified`` where there is none: nobody is identified for
the sake of a record. A service that a change no longer grants counts as refused; whether it was
granted before is what the earlier record says.

Of a decision that was altered beyond reading a record is there that describes what was found.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, BinaryIO

import msgspec

from consent.log import event
from consent.log.document import Document
from consent.log.event import Kind
from consent.log.export.line import UNREADABLE, found
from consent.log.export.parties import Parties
from consent.log.export.writer import Writer

Documents = Callable[[str], Document | None]

#: What the prefixes stand for, and which values are addresses of nodes.
CONTEXT: dict[str, object] = {
    "dpv": "https://w3id.org/dpv#",
    "dpv-27560": "https://w3id.org/dpv/schema/dpv-27560#",
    "eu-gdpr": "https://w3id.org/dpv/legal/eu/gdpr#",
    "loc": "https://w3id.org/dpv/loc#",
    "pd": "https://w3id.org/dpv/pd#",
    "dct": "http://purl.org/dc/terms/",
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "schema": "https://schema.org/",
    "skos": "http://www.w3.org/2004/02/skos/core#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
    **{
        name: {"@type": "@id"}
        for name in (
            *("dct:conformsTo", "dct:replaces", "dpv:hasConsentStatus", "dpv:hasDataController"),
            *("dpv:hasJurisdiction", "dpv:hasLegalBasis", "dpv:hasLocation", "dpv:hasNotice"),
            *("dpv:hasPersonalData", "dpv:hasProcess", "dpv:hasProcessing", "dpv:hasPurpose"),
            *("dpv:hasRecipient", "dpv:isExercisedAt", "schema:url", "skos:broader"),
        )
    },
    "dpv:isIndicatedAtTime": {"@type": "xsd:dateTime"},
    "dct:created": {"@type": "xsd:dateTime"},
}

#: The profile of TS 27560 that a record is of (DPV's schema, https://w3id.org/dpv/schema/dpv-27560).
PROFILE = "dpv-27560:record"

RECORD = "dpv:ConsentRecord"

UNIDENTIFIED = "unidentified"


class _Decision(msgspec.Struct):
    id: str
    recorded_at: str
    kind: Kind
    control: str
    layer: str
    language: str
    notice: str
    granted: list[str]
    refused: list[str]
    undecided: list[str]
    receipt: str | None
    previous: str | None
    valid_until: str | None


_decision = msgspec.json.Decoder(_Decision)


class Records(Writer):
    """Decisions as consent records in *target*; *address* is where the routes of the site are."""

    def __init__(self, target: BinaryIO, documents: Documents, address: str) -> None:
        self._target = target
        self._parties = Parties(documents, address)
        self._begun = False
        context = json.dumps(CONTEXT, separators=(",", ":"))
        target.write(f'{{"@context":{context},\n"@graph":['.encode())

    def add(self, events: list[bytes]) -> None:
        nodes = []
        for body in events:
            decision = event.read_by(_decision, body)
            if decision is None:
                self.unreadable += 1
                nodes.append({"@type": RECORD, "dct:description": f"{UNREADABLE}: {found(body)}"})
                continue
            nodes += self._parties.new(decision.notice)
            nodes.append(self._record(decision))
        if nodes:
            first, self._begun = ("\n" if not self._begun else ",\n"), True
            self._target.write(first.encode() + b",\n".join(map(msgspec.json.encode, nodes)))

    def close(self) -> None:
        self._target.write(b"\n]}\n")

    def _record(self, decision: _Decision) -> dict[str, Any]:
        process = self._parties.process
        offered = sorted((*decision.granted, *decision.refused, *decision.undecided))
        subject = f"urn:uuid:{decision.id}#subject"
        record = {
            "@id": f"urn:uuid:{decision.id}",
            "@type": RECORD,
            "dct:conformsTo": PROFILE,
            "dct:identifier": decision.id,
            "dct:created": decision.recorded_at,
            "dct:language": decision.language,
            "dpv:hasDataSubject": {
                "@id": subject,
                "@type": "dpv:DataSubject",
                "dct:identifier": decision.receipt or UNIDENTIFIED,
            },
            "dpv:hasNotice": self._parties.notice(decision.notice),
            "dpv:hasDataController": self._parties.controller(decision.notice),
            "dpv:hasJurisdiction": "loc:EU",
            "dpv:hasLegalBasis": ["eu-gdpr:A6-1-a", "dpv:ExpressedConsent"],
            "dpv:hasProcess": [process(decision.notice, service) for service in offered],
            "dpv:hasConsentStatus": self._statuses(decision, subject),
        }
        if decision.previous:
            record["dct:replaces"] = f"urn:uuid:{decision.previous}"
        return record

    def _statuses(self, decision: _Decision, subject: str) -> list[dict[str, Any]]:
        is_renewed = decision.kind == "grant" and decision.previous
        granted = "dpv:RenewedConsentGiven" if is_renewed else "dpv:ConsentGiven"
        is_withdrawn = decision.kind == "withdrawal"
        refused = "dpv:ConsentWithdrawn" if is_withdrawn else "dpv:ConsentRefused"
        duration = _duration(decision)
        groups = (
            (granted, decision.granted, duration),
            (refused, decision.refused, duration),
            (
                "dpv:ConsentRequestDeferred",
                decision.undecided,
                {"@type": "dpv:IndeterminateDuration"},
            ),
        )
        return [
            {
                "@type": status,
                "dpv:isIndicatedAtTime": decision.recorded_at,
                "dpv:isIndicatedBy": {"@id": subject},
                "dpv:hasIndicationMethod": f"{decision.layer}: {decision.control}",
                "dpv:hasDuration": lasting,
                "dpv:hasProcess": [self._parties.process(decision.notice, id) for id in services],
            }
            for status, services, lasting in groups
            if services
        ]


def _duration(decision: _Decision) -> dict[str, object]:
    """Return how long a decision counts; one that is for one view of a page has no day."""
    if decision.valid_until is None:
        return {"@type": "dpv:FixedOccurrencesDuration", "rdf:value": 1}
    day = {"@type": "xsd:date", "@value": decision.valid_until}
    return {"@type": "dpv:UntilTimeDuration", "rdf:value": day}
