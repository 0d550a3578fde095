"""
What lets somebody in at the desk: the signature of a link, and a cookie of its own.

    link   = invitation id "." signature     salt "consent/auditor/1/" + site
    cookie = secret "." signature            salt "consent/audit-session/1/" + site

Signed as :mod:`consent.choice.signer` does it. Whoever presents something else guesses, and
after a few guesses no more of them are looked up for a while.
"""

from __future__ import annotations

from collections.abc import Sequence
from secrets import token_urlsafe

from flask import Request, Response

from consent.audit.access import Access
from consent.choice.signer import KeySigner
from consent.log.store import Store
from consent.web.flood import Floodgate, Rate

#: Wrong links and cookies that are looked up, of one address and altogether.
GUESSES, ALL_GUESSES = Rate(20, 60), Rate(300, 60)

#: How often one link of ours is looked up.
OPENINGS = Rate(20, 60)


class Desk:
    """One site's keys to the desk, and who has them."""

    def __init__(self, keys: Sequence[str | bytes], store: Store) -> None:
        """*keys*: retired ones first, the current one last."""
        self.access = Access(store)
        self._links = KeySigner(keys, f"consent/auditor/1/{store.site}")
        self._secrets = KeySigner(keys, f"consent/audit-session/1/{store.site}")
        self._guesses, self._all_guesses = Floodgate(GUESSES), Floodgate(ALL_GUESSES)
        self._openings = Floodgate(OPENINGS)

    def link(self, id: str) -> str:
        """Return what the link to an invitation ends with."""
        return self._links.sign(id).decode()

    def invitation(self, link: str) -> str:
        """Return the id of the invitation that a *link* is for, "" if it is none of ours."""
        return self._links.read(link) or ""

    def secret(self, request: Request) -> str:
        """
        Return the secret that came with *request*, "" if there is none of ours.

        Several that are ours are none: nobody can tell whose session is meant.
        """
        sent = request.cookies.getlist(cookie_name(request.is_secure))
        found = {secret for text in sent if (secret := self._secrets.read(text))}
        return found.pop() if len(found) == 1 else ""

    def give(self, response: Response, request: Request, path: str, kept: int | None) -> str:
        """
        Let *response* hand out a new secret, for pages below *path*, and return it.

        It is *kept* for so many seconds, also by a browser that is closed; None: not by that one.
        """
        secret = token_urlsafe(32)
        self._set(response, request, path, self._secrets.sign(secret).decode(), kept)
        return secret

    def take_back(self, response: Response, request: Request, path: str) -> None:
        """Let *response* take the secret away from the browser."""
        self._set(response, request, path, "", 0)

    def looks_up(self, request: Request, link: str | None) -> bool:
        """
        Tell whether what came with *request* is looked up; *link*: what it asks to open, if so.

        Nobody can keep out others by guessing, as what is ours is no guess. Who floods with a link
        of ours keeps out that link alone.
        """
        if link is not None and (id := self.invitation(link)):
            return self._openings.admits(id)
        brings_cookie = cookie_name(request.is_secure) in request.cookies
        if link is None and (self.secret(request) or not brings_cookie):
            return True
        return self._guesses.admits(request.remote_addr or "") and self._all_guesses.admits("")

    @staticmethod
    def _set(response: Response, request: Request, path: str, value: str, kept: int | None) -> None:
        response.set_cookie(
            cookie_name(request.is_secure),
            value,
            max_age=kept,
            path=path,
            secure=request.is_secure,
            httponly=True,
            samesite="Strict",
        )


def cookie_name(secure: bool) -> str:
    """Return the name of the desk's cookie."""
    return "__Secure-consent-audit" if secure else "consent-audit"
