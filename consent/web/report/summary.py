"""What the policy says, in plain words."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import URL

from consent.audit import shots
from consent.audit.shots import WIDTHS
from consent.errors import LogError
from consent.log.database.trouble import place
from consent.log.files import user
from consent.policy import brought
from consent.policy.document import HALF_A_YEAR
from consent.policy.model import Duration, Policy, Service
from consent.policy.notice import MEDIA_TYPE, worded
from consent.policy.wording import duration_words
from consent.version import SOFTWARE
from consent.web.report.pages import Pages
from consent.web.report.templates import unfound
from consent.web.site import Site

_YEAR = 366

_ENGLISH = {"duration.session": "session", "duration.persistent": "until deleted"}


def summary(site: Site, pages: Pages) -> Iterator[str]:
    """Give the lines about what visitors are asked, how, and about what."""
    policy = site.config.policy
    language = policy.languages[0]
    yield f"policy      {site.config.policy_file}"
    yield f"site        {policy.site}"
    yield f"controller  {policy.controller.name}, {policy.controller.email}"
    yield from _pages(site, pages)
    yield f"languages   {', '.join(policy.languages)}"
    yield from _english(policy)
    kept = duration_words(Duration(policy.lifetime, "day"), "en", _ENGLISH)
    yield f"asks again  after {kept}, or when the terms of a service change"
    if policy.lifetime < HALF_A_YEAR:
        wish = f"wanted {HALF_A_YEAR}, to leave in peace who refused"
        yield f"            sooner than six months: {wish}"
    if policy.lifetime > _YEAR:
        wish = f"wanted {_YEAR} at most, then ask for consent anew"
        yield f"            later than twelve months: {wish}"
    yield from _software(site)
    if policy.ungranted == "absent":
        static = site.config.static_pages
        what = (
            "not with CONSENT_STATIC_PAGES, which keeps all inert" if static else "nothing at all"
        )
        yield f"ungranted   absent: {what}"
    if (views := site.views.kept()) and not site.config.static_pages:
        yield f"kept        {', '.join(views)}: the same for everybody, as the app keeps them"
    if user() is None:
        yield "files       key and log are as readable as their folder: there is no mode 0600 here"
    yield from _children(policy)
    yield from _pictures(site)
    if not policy.services:
        yield "no optional service: no banner appears"
    for purpose in policy.purposes:
        yield ""
        yield f"{purpose.id}: {worded(purpose.title, language)}"
        for service in policy.services:
            if purpose.id in service.purposes:
                yield from _service(service)


def _pages(site: Site, pages: Pages) -> Iterator[str]:
    """Tell what can be read before deciding, and what loads before that, as far as is known."""
    yield f"links       {', '.join(site.config.policy.links.pages)}"
    if pages.missing:
        yield f"            not from this app: {', '.join(pages.missing)};"
        yield "            look whether visitors get what they have to be able to read"
    for number, (name, page) in enumerate(pages.unasked.items()):
        yield f"{'' if number else 'unasked':12}{name}: {page}"
    if pages.unasked:
        yield "            these load, or a script or template names them, before anybody is asked;"
        yield "            keep files on your own host, put a gate around what is optional"
    if unread := unfound(site):
        yield f"unread      {len(unread)} that the app lists as templates and does not find, as"
        yield f"            {unread[0]}; look yourself what loads there"


def _english(policy: Policy) -> Iterator[str]:
    """Tell what somebody has still to translate."""
    for tag in filter(brought.can_be, policy.languages):
        if left := brought.untranslated(tag, policy.texts[tag]):
            yield f"            {tag}: {len(left)} texts are still in English, such as {left[0]}"


def _software(site: Site) -> Iterator[str]:
    """Tell which version runs and where its log is, without what opens that."""
    config, url = site.config, site.config.database
    bare = URL.create(url.get_backend_name(), host=url.host, port=url.port, database=url.database)
    sealer = "the app" if config.seals_itself else "flask consent seal"
    yield f"software    {SOFTWARE}"
    yield f"log         {place(bare)}"
    yield f"key         {config.log_key}, used by {sealer}"


def _children(policy: Policy) -> Iterator[str]:
    """Tell what the site says of children, and what nobody can tell from a pressed button."""
    if policy.audience == "children":
        yield "audience    children under 16: they cannot consent without their parents"
    if policy.parents and policy.services:
        yield f'parents     visitors read: "{worded(policy.parents, policy.languages[0])}"'
        yield "            not checked here: a record does not tell who pressed, child or parent;"
        yield "            reasonable efforts to make sure are the site's part (Art. 8(2) GDPR)"


def _pictures(site: Site) -> Iterator[str]:
    """Tell of notices that somebody decided under and of which no pictures are kept (EV-12)."""
    try:
        used = [document.hash for document in site.store.documents(MEDIA_TYPE)]
        bare = [hash for hash in used if len(shots.of(site.store, hash)) < len(WIDTHS)]
    except LogError:
        return  # what is wrong with the log is a problem of its own
    if bare:
        yield f"pictures    missing of {len(bare)} of {len(used)} notices that visitors saw;"
        yield "            flask consent notice shoot takes them for auditors"


def _service(service: Service) -> Iterator[str]:
    yield f"  {service.id}: {service.name}, {service.provider} ({service.country})"
    if service.third_countries:
        yield f"    outside the EEA: {', '.join(service.third_countries)} ({service.safeguard})"
    yield f"    recognised by: {', '.join(service.hosts) or 'nothing'}"
    for item in service.items:
        kept = duration_words(item.duration, "en", _ENGLISH)
        yield f"    stores {item.name} ({item.kind}, {kept})"
    if service.source and service.source.unconfirmed:
        fields = ", ".join(service.source.unconfirmed)
        yield f"    unconfirmed: {fields}; see flask consent services, and say it yourself"
