"""
The two signed cookies.

The choice, readable by the browser side, trusted only by the server:

    choice   = payload "." signature
    payload  = "1." notice-ref "." YYYYMMDD "." granted [ "?" undecided ] [ "!" ]
    "!"      = granted although the browser sent a signal against it
    granted, undecided = service ids, sorted, joined by "+"

The receipt, for our own routes only:

    receipt  = receipt-id "." signature

    signature = base64url(HMAC-SHA256(key', text before the last "."))
    key'      = HMAC-SHA256(secret key, "consent/choice/1/" or "consent/receipt/1/" + site)

as itsdangerous' Signer writes it: the salt binds a cookie to its purpose and its site, and
retired keys still verify but never sign. A choice is the same text for everybody who decides
the same under the same notice on the same day. FORMAT.md has test vectors.

A signature has several accepted spellings (base64 is read leniently), so the text of a
cookie is never an identity; the payload has one.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Sequence

from consent.choice.choice import Choice
from consent.choice.signer import KeySigner
from consent.day import number

#: How many written cookies are remembered. There are few: services, notices and days.
MEMORY = 1024

_ID = r"[a-z][a-z0-9-]{0,31}"
_IDS = rf"(?:{_ID}(?:\+{_ID})*)?"
_CHOICE = re.compile(
    rf"1\.([A-Za-z0-9_-]{{22}})\.([0-9]{{8}})\.({_IDS})(?:\?({_IDS}))?(!)?", re.ASCII
)
_RECEIPT = re.compile(r"[A-Z2-7]{26}", re.ASCII)


class Seal:
    """Signs the cookies of one site and reads them back."""

    def __init__(self, keys: Sequence[str | bytes], site: str) -> None:
        """*keys*: retired ones first, the current one last, as itsdangerous wants them."""
        self._choice = KeySigner(keys, f"consent/choice/1/{site}")
        self._receipt = KeySigner(keys, f"consent/receipt/1/{site}")
        self._written: dict[Choice, str] = {}

    def write_choice(self, choice: Choice) -> str:
        """Return the cookie that states *choice*; those who decide alike share it."""
        text = self._written.get(choice)
        if text is None:
            text = self._choice.sign(choice.stated()).decode()
            if len(self._written) >= MEMORY:
                self._written.clear()
            self._written[choice] = text
        return text

    def read_choice(self, cookies: Iterable[str]) -> Choice | None:
        """
        Return the choice in *cookies*, all that came under our name, or None.

        Absent, forged, foreign and unreadable all mean the same: ask the visitor again. So do
        several that contradict each other: nobody can tell which one the visitor meant.
        """
        found = {choice for text in cookies if (choice := self._parse(text)) is not None}
        return found.pop() if len(found) == 1 else None

    def notice_of_foreign(self, cookies: Iterable[str]) -> str | None:
        """
        Return the notice that one of *cookies* names under a signature by none of our keys.

        None: nothing does, or another one is ours, so that it is not for a key that nothing counts.
        """
        found = None
        for text in cookies:
            if self._choice.read(text) is not None:
                return None
            if match := _CHOICE.fullmatch(text.rpartition(".")[0]):
                found = match[1]
        return found

    def write_receipt(self, receipt: str) -> str:
        """Return the cookie that carries the *receipt* id."""
        return self._receipt.sign(receipt).decode()

    def read_receipt(self, cookies: Iterable[str]) -> str | None:
        """Return the receipt id in *cookies*, or None if there is none to trust."""
        found = {text for cookie in cookies if (text := self._receipt.read(cookie))}
        receipt = found.pop() if len(found) == 1 else ""
        return receipt if _RECEIPT.fullmatch(receipt) else None

    def _parse(self, text: str) -> Choice | None:
        payload = self._choice.read(text)
        match = _CHOICE.fullmatch(payload) if payload else None
        if match is None:
            return None
        notice, date, granted, undecided, despite = match.groups()
        try:
            day = _day(date)
        except ValueError:
            return None
        choice = Choice(notice, day, _set(granted), _set(undecided or ""), bool(despite))
        return choice if choice.stated() == payload else None


def _day(date: str) -> int:
    return number(dt.date(int(date[:4]), int(date[4:6]), int(date[6:])))


def _set(ids: str) -> frozenset[str]:
    return frozenset(ids.split("+")) if ids else frozenset()
