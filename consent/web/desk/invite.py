"""What the operator does about auditors: invite them, and take that back."""

from __future__ import annotations

from urllib.parse import urljoin

from consent.audit.access import Invitation, clean
from consent.day import now_ms
from consent.log.event import timestamp
from consent.web.desk.door import record
from consent.web.route import route
from consent.web.site import Site, where

#: Longest invitation, in days.
LONGEST = 366


def invite(site: Site, name: str, days: int, url: str | None, by: str) -> tuple[Invitation, str]:
    """
    Let *by* invite *name* for *days*; return the invitation and its link.

    *url* is where the site is, such as ``https://verein.example``; None: at Flask's
    ``SERVER_NAME``. The invitation is an event before there is a link.
    """
    name = clean(name)
    made = site.desk.access.invite(name, days, now_ms())
    until = timestamp(made.works_until)[:10]
    record(site, by, "invite", f"{name}, link {made.id}, until {until}")
    base = url or where(site.app, site.app.config["PREFERRED_URL_SCHEME"])
    with site.imagine_request(base_url=base):
        return made, urljoin(base, route("audit.open", link=site.desk.link(made.id)))


def revoke(site: Site, id: str, by: str) -> Invitation | None:
    """Let *by* end the invitation *id* at once and return it; None: there is none."""
    found = site.desk.access.revoke(id, now_ms())
    if found is not None:
        record(site, by, "revoke", f"{found.name}, link {id}")
    return found
