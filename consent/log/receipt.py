"""
The receipt, ``consent-receipt/2``: what proves events of the log to anybody, offline.

A visitor gets all of one number, an auditor any single event. FORMAT.md describes the fields.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterable
from dataclasses import dataclass

FORMAT = "consent-receipt/2"


@dataclass(frozen=True, slots=True)
class Evidence:
    """An event, and what proves it."""

    body: bytes
    salt: bytes
    proof: str | None  #: the file of an inclusion proof; None: it is not sealed yet


def receipt_file(
    number: str | None, records: Iterable[Evidence], *, is_cut: bool = False
) -> dict[str, object]:
    """
    Return the file about *records* as JSON values.

    *number* is that of their receipt, None if they have none. *is_cut*: it has older ones, too.
    """
    told = [
        {
            "event": record.body.decode(errors="replace"),
            "salt": b64encode(record.salt).decode(),
            "proof": record.proof,
        }
        for record in records
    ]
    older = {"older": True} if is_cut else {}
    return {"format": FORMAT, "receipt": number, **older, "records": told}
