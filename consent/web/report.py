"""What ``flask consent check`` prints: the policy in plain words, and what has to be mended."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from flask import request
from jinja2 import TemplateError, TemplateSyntaxError

from consent.errors import LogError, LogUnavailable, listed
from consent.gate.place import FOREIGN, NARROW, SHUT, TAG
from consent.gate.tag import Gate, gates
from consent.log import guard, keys
from consent.log.event import timestamp
from consent.log.health import require_healthy
from consent.log.retention import expired
from consent.policy.document import HALF_A_YEAR
from consent.policy.duration import last_year
from consent.policy.model import Duration, Policy, Service
from consent.policy.notice import worded
from consent.policy.wording import duration_words
from consent.web.fairness.overrides import unfair
from consent.web.kept import keeps_answers, kept_parts
from consent.web.neighbours import endangered
from consent.web.reach import unreached
from consent.web.site import Site


def report(site: Site) -> tuple[list[str], list[str]]:
    """Return the summary's lines and the problems found. Needs a request context."""
    fairness = (listed(file, problems) for file, problems in unfair(site))
    problems = [
        *_notices(site),
        *fairness,
        *_whole_site(site),
        *_handed_on(site),
        *_templates(site),
        *unreached(site),
        *endangered(site),
        *_database(site),
    ]
    return list(_summary(site)), problems


def _whole_site(site: Site) -> Iterator[str]:
    """Name services that the site's own host stands for, with every picture on it."""
    policy = site.config.policy
    for service in policy.services:
        if policy.site in service.hosts:
            yield (
                f"{service.id} is said to be all of {policy.site}, so the site's own pictures in "
                f'stored HTML wait for it; hint: add its path, as in "{policy.site}/{service.id}"'
            )


def _handed_on(site: Site) -> Iterator[str]:
    """Tell of extensions that hand a page which was made for one visitor to all."""
    if site.config.static_pages:
        return
    if "FREEZER_DESTINATION" in site.app.config:
        yield (
            "CONSENT_STATIC_PAGES: found False, wanted True for pages that Frozen-Flask freezes, "
            "which ask everybody for ever and open nothing; hint: docs/browser.md"
        )
    if keeps_answers(site.app):
        yield (
            "CONSENT_STATIC_PAGES: found False, wanted True for pages that Flask-Compress keeps, "
            "which show all what one visitor granted; hint: or give it no cache"
        )


def _summary(site: Site) -> Iterator[str]:
    policy = site.config.policy
    language = policy.languages[0]
    yield f"policy      {site.config.policy_file}"
    yield f"site        {policy.site}"
    yield f"controller  {policy.controller.name}, {policy.controller.email}"
    yield f"languages   {', '.join(policy.languages)}"
    kept = duration_words(Duration(policy.lifetime, "day"), "en", _ENGLISH)
    yield f"asks again  after {kept}, or when the terms of a service change"
    if policy.lifetime < HALF_A_YEAR:
        wish = f"wanted {HALF_A_YEAR}, to leave in peace who refused"
        yield f"            sooner than six months: {wish}"
    if policy.lifetime > _YEAR:
        wish = f"wanted {_YEAR} at most, then ask for consent anew"
        yield f"            later than twelve months: {wish}"
    if (views := site.kept.names()) and not site.config.static_pages:
        yield f"kept        {', '.join(views)}: the same for everybody, as the app keeps them"
    yield from _children(policy)
    if not policy.services:
        yield "no optional service: no banner appears"
    for purpose in policy.purposes:
        yield ""
        yield f"{purpose.id}: {worded(purpose.title, language)}"
        for service in policy.services:
            if purpose.id in service.purposes:
                yield from _service(service)


def _children(policy: Policy) -> Iterator[str]:
    """Tell what the site says of children, and what nobody can tell from a pressed button."""
    if policy.audience == "children":
        yield "audience    children under 16: they cannot consent without their parents"
    if policy.parents and policy.services:
        yield f'parents     visitors read: "{worded(policy.parents, policy.languages[0])}"'
        yield "            not checked here: a record does not tell who pressed, child or parent;"
        yield "            reasonable efforts to make sure are the site's part (Art. 8(2) GDPR)"


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


_YEAR = 366

#: How long the command that keeps the promise on erasure may fail to run before that is a problem.
_MONTH = timedelta(days=31)

#: Milliseconds that an event may wait to be sealed: a thread takes one second, a command one more.
_PATIENCE_MS = 60_000

_ENGLISH = {"duration.session": "session", "duration.persistent": "until deleted"}


def _notices(site: Site) -> Iterator[str]:
    """Render every notice once, so that a broken template shows here and not to a visitor."""
    for language in site.config.policy.languages:
        try:
            site.notices.shown(language, request)
        except (TemplateError, UnicodeError, KeyError) as error:
            yield f"the notice in {language} cannot be rendered: {error!r}"


def _templates(site: Site) -> Iterator[str]:
    """Find gates in the site's templates that name no service, or stand where none can."""
    environment = site.app.jinja_env
    for name in environment.list_templates():
        loader = environment.loader
        if loader is None or not name.endswith((".html", ".jinja", ".j2", ".htm", ".xml")):
            continue
        try:
            source = loader.get_source(environment, name)[0]
            found, lines = gates(environment, source), [*kept_parts(environment, source)]
        except (TemplateError, UnicodeError) as error:
            line = f", line {error.lineno}" if isinstance(error, TemplateSyntaxError) else ""
            yield f"template {name}{line} cannot be read: {error}"
            continue
        for number in lines if not site.config.static_pages else ():
            yield f"template {name}, line {number}: {_KEPT}"
        for gate in found:
            for problem in (*_wrong_name(site, gate), *_wrong_place(site, gate)):
                yield f"template {name}, line {gate.line}: gate {problem}"


#: What is wrong with a part of a template that is kept.
_KEPT = (
    "{% cache %} keeps what one visitor granted and shows it to all; hint: keep what depends on "
    'the choice out of it, or let it vary: {% cache 300, "name", consent.permits("…") %}'
)


def _wrong_name(site: Site, gate: Gate) -> Iterator[str]:
    policy = site.config.policy
    if gate.service and policy.service(gate.service) is None:
        declared = ", ".join(s.id for s in policy.services)
        yield f'"{gate.service}" is none of {declared}'
    if policy.service(gate.name):
        yield f'{gate.name} is a variable; hint: write "{gate.name}" for the service'


def _wrong_place(site: Site, gate: Gate) -> Iterator[str]:
    """Tell of a gate that holds nothing where it stands, or breaks what it stands in."""
    service = site.config.policy.service(gate.service)
    named = f'"{gate.service}" ' if gate.service else ""
    if gate.place in SHUT:
        place = "a tag" if gate.place == TAG else f"<{gate.place}>"
        yield (
            f"{named}in {place}, where nothing starts before the next page; hint: put the whole "
            'element into the gate, or ask {% if "…" is granted %}'
        )
    elif gate.place in FOREIGN:
        yield (
            f"{named}in <{gate.place}>, the rest of which is lost until it is granted; hint: put "
            f"the whole <{gate.place}> into the gate"
        )
    elif gate.place == "form" and service and service.embed:
        yield (
            f"{named}in a form, which ends where the form of its placeholder does; hint: put the "
            "gate before or behind it"
        )
    elif gate.place in NARROW and service and service.embed:
        yield (
            f"{named}in <{gate.place}>, where its placeholder cannot be; hint: put the gate before "
            "or behind it"
        )


def _database(site: Site) -> Iterator[str]:
    """Look at the log from several sides; what is wrong on all of them is told once."""
    found: dict[str | None, None] = {}
    for look in (_unhealthy, _overdue, _waiting, _unsealable):
        try:
            found[look(site)] = None
        except LogUnavailable as error:
            found[f"the log cannot be opened: {error}"] = None
        except LogError as error:
            found[str(error)] = None
    yield from filter(None, found)


def _unhealthy(site: Site) -> None:
    """Raise LogError if decisions cannot be recorded, or what was recorded is damaged."""
    require_healthy(site.store)


def _overdue(site: Site) -> str | None:
    if not _is_overdue(site):
        return None
    return (
        "records are past the time after which visitors were told that they are erased; "
        "hint: let flask consent expire run once a day"
    )


def _waiting(site: Site) -> str | None:
    since = site.store.waiting_since()
    if since is None or since >= time.time() * 1000 - _PATIENCE_MS:
        return None
    return (
        f"an event has been waiting to be sealed since {timestamp(since)}; "
        "hint: flask consent seal seals it, or says why not"
    )


def _unsealable(site: Site) -> None:
    """Raise LogError if nothing could be sealed, as far as this user may look into that."""
    if site.config.seals_itself:
        keys.load(site.config.log_key)
        site.sealer.require_sound()
        return
    if not os.access(site.config.log_key, os.R_OK):
        return  # it is somebody else's who seals, with the anchors beside it
    keys.load(site.config.log_key)
    with site.store.snapshot() as now:
        guard.require_all(now, site.sealer.anchors.newest(site.store.site))


def _is_overdue(site: Site) -> bool:
    """Tell whether records are kept longer than visitors were told, as nobody erases them."""
    today = datetime.fromtimestamp(time.time(), UTC).date() - _MONTH
    year = last_year(site.config.policy.retention, today)
    with site.store.snapshot() as now:
        return next(expired(now, year, today), None) is not None
