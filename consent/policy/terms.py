"""
The material facts of a service, as one hash.

A visitor is asked again about a service only if its terms changed: who receives the data,
for which purposes, in which countries on which ground, with profiling or not, which kinds
of storage for how long. Wording is no part of it, so a corrected typo asks nobody
(requirements RP-04).

    terms = SHA-256 of the canonical JSON of those facts, hexadecimal
"""

from __future__ import annotations

from hashlib import sha256

from consent.canonical import canonical
from consent.policy.model import Service


def terms(service: Service) -> str:
    """Return the hash over the material facts of *service*: 64 hexadecimal digits."""
    facts = {
        "service": service.id,
        "provider": _letters(service.provider),
        "countries": sorted({service.country, *service.transfers}),
        "safeguard": service.safeguard,
        "purposes": sorted(service.purposes),
        "practices": sorted(service.practices),
        "storage": sorted(
            {f"{item.kind} {item.duration.amount} {item.duration.unit}" for item in service.items}
        ),
    }
    return sha256(canonical(facts)).hexdigest()


def _letters(name: str) -> str:
    """Reduce a name to what identifies it, so that case and punctuation do not count."""
    return "".join(char for char in name.casefold() if char.isalnum())
