"""
How the two cookies of :mod:`consent.choice.cookie` travel.

Over HTTPS their names carry the prefixes that browsers enforce; over plain HTTP, as in
development, some browsers keep no Secure cookie at all, so names and flag are left out
(requirements SE-01, SE-14).
"""

from __future__ import annotations

from urllib.parse import quote

from flask import Request, Response

from consent.choice.choice import Choice
from consent.choice.cookie import Seal
from consent.day import DAY
from consent.policy.model import Duration, Item, Policy
from consent.policy.wording import every_text

#: White space that may stand round a cookie. What else Python takes for some is part of a name,
#: and browsers enforce a prefix for names that begin with it alone.
_BLANK = " \t"

#: What browsers leave as it is in a path, but for what ends an attribute of a cookie.
_PATH = "/!$&'()*+,=:@"


def choice_name(secure: bool) -> str:
    """Return the name of the choice cookie."""
    return "__Host-consent" if secure else "consent"


def receipt_name(secure: bool) -> str:
    """Return the name of the receipt cookie."""
    return "__Secure-consent-receipt" if secure else "consent-receipt"


#: What a choice begins with in a header, by whether it came over HTTPS.
BEGINNINGS = {secure: f"{choice_name(secure)}=" for secure in (True, False)}


def choice_texts(header: str, secure: bool) -> list[str]:
    """
    Return all choice cookies in a ``Cookie`` *header*, as sent; *secure*: it came over HTTPS.

    Every page view asks, so this looks for one name and does not read the whole header.
    """
    sought = BEGINNINGS[secure]
    if ";" not in header and header.startswith(sought):  # as most visitors have it
        return [header[len(sought) :].strip(_BLANK)]
    before, found, after = header.partition(sought)
    if not found:
        return []
    # What browsers write between two. A space alone may be part of what stands before: another
    # cookie, which a neighbouring subdomain may have set, has our name in its value then.
    if sought not in after and (not before or before.endswith("; ")):
        return [after.partition(";")[0].strip(_BLANK)]
    pairs = (pair.strip(_BLANK) for pair in header.split(";"))
    return [pair[len(sought) :] for pair in pairs if pair.startswith(sought)]


def read_receipt(request: Request, seal: Seal) -> str | None:
    """Return the receipt id that came with *request*, or None."""
    return seal.read_receipt(request.cookies.getlist(receipt_name(request.is_secure)))


def set_choice(response: Response, seal: Seal, choice: Choice, *, days: int, secure: bool) -> None:
    """Send *choice* to the browser, to be kept for *days*."""
    value = f"{choice_name(secure)}={seal.write_choice(choice)}"
    _set(response, value, days, "/", "Secure; SameSite=Lax" if secure else "SameSite=Lax")


def set_receipt(
    response: Response, seal: Seal, receipt: str | None, *, days: int, secure: bool, path: str
) -> None:
    """Send the *receipt* id, to come back to routes below *path* only; None takes it away."""
    value = f"{receipt_name(secure)}={seal.write_receipt(receipt) if receipt else ''}"
    more = "HttpOnly; SameSite=Strict"
    # Compared with addresses as they are sent, and a header carries no other letters.
    path = quote(path, safe=_PATH)
    _set(response, value, days if receipt else 0, path, f"Secure; {more}" if secure else more)


def _set(response: Response, pair: str, days: int, path: str, more: str) -> None:
    # Written out: both values are plain ASCII of ours, and quoting takes longer than signing.
    cookie = f"{pair}; Max-Age={days * DAY}; Path={path}; {more}"
    response.headers.add("Set-Cookie", cookie)


def own_items(policy: Policy, secure: bool) -> tuple[Item, ...]:
    """Return what this component itself stores, for the notice."""
    kept = Duration(policy.lifetime, "day")
    return tuple(
        Item(name, "cookie", kept, {lang: _reason(policy, lang, key) for lang in policy.languages})
        for name, key in (
            (choice_name(secure), "essential.choice"),
            (receipt_name(secure), "essential.receipt"),
        )
    )


def _reason(policy: Policy, language: str, key: str) -> str:
    return every_text(language, policy.tone, policy.texts.get(language, {}))[key]
