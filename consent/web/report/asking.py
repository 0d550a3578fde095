"""Asking the app as a browser would, but for what changes something."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urljoin, urlsplit

from werkzeug.datastructures import Headers
from werkzeug.test import create_environ, run_wsgi_app

from consent.web.site import Site, where

#: What every browser sends, and every server tells, for hooks that look at it.
_BROWSER = {"User-Agent": "Mozilla/5.0 (flask consent check)", "Accept-Language": "de, en;q=0.5"}
_SERVER = {"REMOTE_ADDR": "127.0.0.1"}
_PAGE = "text/html,*/*;q=0.8"

#: The headers of a form, beside those of every request; None: there is no form.
Told = dict[str, str] | None


@dataclass(frozen=True, slots=True)
class Answer:
    """What the app answered."""

    status: int
    headers: Headers
    body: bytes

    def __str__(self) -> str:
        """What came, in words."""
        to = self.headers.get("Location")
        return f"{self.status} to {to}" if to else str(self.status)


def root(site: Site) -> str:
    """Return the path that the app is below, "" for none."""
    return urlsplit(where(site.app, "https")).path.rstrip("/")


def ask(site: Site, path: str, told: Told = None) -> Answer | str:
    """
    Return what the app answers, or what it raised, as the name of that.

    It is asked by GET, or sent an empty form with the headers *told*. The server may leave it to
    what stands around the app to take the path that it is below away.
    """
    base = where(site.app, "https")
    answer = _ask_by_name(base, site, path, told)
    if isinstance(answer, Answer) and answer.status == 404 and (below := root(site)):
        return _ask_by_name(urljoin(base, "/"), site, below + path, told)
    return answer


def _ask_by_name(base: str, site: Site, path: str, told: Told) -> Answer | str:
    """Ask at *base*, or at the name by which a site wants to be called, if it says one."""
    answer = _ask_at(base, site, path, told)
    if isinstance(answer, Answer) and (named := _same_elsewhere(answer, base, path)):
        return _ask_at(named, site, path, told)
    return answer


def _same_elsewhere(answer: Answer, base: str, path: str) -> str | None:
    """Return where an *answer* says the same *path* is, None if it does not say that."""
    below = urlsplit(base).path.rstrip("/")
    to = urlsplit(urljoin(base, answer.headers.get("Location", base)))
    return f"{to.scheme}://{to.netloc}{below}" if to.path == below + path else None


def _ask_at(base: str, site: Site, path: str, told: Told) -> Answer | str:
    environ = create_environ(
        path,
        base,
        method="GET" if told is None else "POST",
        headers=_BROWSER | {"Accept": _PAGE if told is None else "application/json"} | (told or {}),
        environ_base=_SERVER,
        content_type=None if told is None else "application/x-www-form-urlencoded",
    )
    try:
        pieces, status, headers = run_wsgi_app(site.app, environ, buffered=True)
    except Exception as error:  # noqa: BLE001 - of the site's own code, while it is tried out
        return type(error).__name__
    return Answer(int(status.partition(" ")[0]), headers, b"".join(pieces))
