"""
Receipts, ids and hashes that an auditor typed or pasted, and files of receipts, read strictly.

Everything is hostile until it was read here; what cannot be understood raises Unreadable, with
the key of the text that says so on the page.
"""

from __future__ import annotations

import json
import re
from base64 import b64decode
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from consent.log.receipt import FORMAT

#: Longest text that is looked at, and the largest file, in bytes.
MAX_TEXT, MAX_FILE = 200, 1_000_000

#: Records in a file at most: each is looked up.
MAX_RECORDS = 500

_RECEIPT = re.compile(r"[A-Z2-7]{26}", re.ASCII)
_HASH = re.compile(r"[0-9a-f]{64}", re.ASCII)
_ID = re.compile(r"[0-9a-f]{32}", re.ASCII)
#: What comes along when a number is copied out of a page or a mail.
_ROUND = re.compile(r"[\s\u00ad\u200b-\u200f\u2060\ufeff.:,;\"'„“”‚‘’»«<>(){}\u2010-\u2015-]+")


class Unreadable(Exception):
    """It cannot be understood; *key* names the text that says why."""

    def __init__(self, key: str) -> None:
        super().__init__(key)
        self.key = key


@dataclass(frozen=True, slots=True)
class Kept:
    """One record of a receipt that somebody kept, as it is in the file."""

    event: bytes
    salt: bytes
    proof: str | None
    is_other: bool = False  #: whether it does not carry the receipt of its file


def is_receipt(text: str) -> bool:
    """Tell whether *text* spells a receipt, whatever spaces and case."""
    return bool(_RECEIPT.fullmatch(_ROUND.sub("", text).upper()))


def receipt(text: str) -> str:
    """Return the receipt that *text* spells, whatever spaces and case. Raises Unreadable."""
    if len(text) > MAX_TEXT:
        raise Unreadable("receipt")
    plain = _ROUND.sub("", text).upper()
    if not plain:
        raise Unreadable("nothing")
    if not _RECEIPT.fullmatch(plain):
        raise Unreadable("digits" if set("0189") & set(plain) and len(plain) == 26 else "receipt")
    return plain


def receipt_file(body: bytes) -> tuple[str | None, list[Kept]]:
    """
    Return receipt and records of a file that visitors download, or the desk as a proof.

    The receipt is None where the records have none, as that of a refusal. Raises Unreadable.
    """
    if len(body) > MAX_FILE:
        raise Unreadable("large")
    try:
        value = json.loads(body)
        if value["format"] != FORMAT:
            raise Unreadable("file")
        if len(value["records"]) > MAX_RECORDS:
            raise Unreadable("large")
        number = value["receipt"]
        records = [_kept(record, number) for record in value["records"]]
        # Deeply nested brackets end in a RecursionError.
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
        raise Unreadable("file") from None
    if number is not None and not (isinstance(number, str) and _RECEIPT.fullmatch(number)):
        raise Unreadable("file")
    if not records:
        raise Unreadable("empty_file")
    return number, records


def _kept(record: Any, receipt: object) -> Kept:
    proof, event = record["proof"], record["event"]
    if not (proof is None or isinstance(proof, str)):
        raise Unreadable("file")
    salt = b64decode(record["salt"], validate=True)
    mark = '"receipt":"'  # what has no receipt says so, or nothing
    is_other = mark in event if receipt is None else f'{mark}{receipt}"' not in event
    return Kept(event.encode(), salt, proof, is_other)


def id_of(text: str) -> UUID:
    """Return the id of an event that *text* spells, whatever stands round it. Raises Unreadable."""
    plain = _ROUND.sub("", text).lower().removeprefix("urnuuid")
    if len(text) > MAX_TEXT or not _ID.fullmatch(plain):
        raise Unreadable("id")
    return UUID(plain)


def hash_of(text: str) -> str:
    """Return *text* if it is a hash. Raises Unreadable."""
    if not _HASH.fullmatch(text):
        raise Unreadable("hash")
    return text
