"""
Texts for a site's own documents that follow from its policy (requirements AU-12).

``privacy`` is what a privacy policy says about consent (Art. 13 GDPR), ``register`` the entry for
the record of processing activities (Art. 30(1)). Each is one file to be opened in a browser and
copied from there, as rich text survives the way into a CMS or a word processor. What visitors are
told is said in the same words; what the policy does not know is marked and listed at the end.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from flask import request
from markupsafe import Markup

from consent.audit.wording import LANGUAGES, speaker
from consent.policy.model import EEA, Policy
from consent.policy.wording import Say
from consent.version import SOFTWARE
from consent.web.assets import load
from consent.web.site import Site
from consent.web.templates import ours

KINDS = ("privacy", "register")

STYLE = "css/desk/documents.css"

#: What the register says in words of ours, and visitors in words that a site may replace.
_SAID_TWICE = ("record", "kept", "lifetime", "essential_basis", "optional_basis", "limits")

#: Safeguards of which somebody can ask for a copy (Art. 13(1)(f) GDPR).
_COPIED = ("scc", "bcr")


class Blanks:
    """What only the operator knows: marked where it belongs, and kept to be listed."""

    def __init__(self, say: Say) -> None:
        self.left: list[str] = []
        self._say = say

    def __call__(self, key: str) -> Markup:
        """Return the mark for what the text under *key* asks for."""
        text = self._say(key)
        if text not in self.left:
            self.left.append(text)
        return Markup("<mark>[{}]</mark>").format(text)


def spoken(policy: Policy) -> tuple[str, ...]:
    """Return the languages of *policy* in which documents are written, German first."""
    return tuple(language for language in LANGUAGES if language in policy.languages)


def document(site: Site, kind: str, language: str, today: date) -> str:
    """Return the document of this *kind*, one of :data:`KINDS`, in a :func:`spoken` *language*."""
    say = speaker(language)
    # Names of cookies are those over HTTPS, as on every site that is not under construction.
    with site.imagine_request("/", f"https://{site.config.policy.site}/"):
        shown = site.notices.shown(language, request.root_path, request.scheme)
        notice = shown.notice.content
        template = ours(site.app, f"consentry/audit/documents/{kind}.html")
        return template.render(
            kind=kind,
            language=language,
            say=say,
            told=shown.say,
            notice=notice,
            own=notice["essential"][:2],
            table=shown.table,
            blank=Blanks(say),
            checks=list(_checks(site, kind, notice, say)),
            measures=list(_measures(site)),
            database=_database(site),
            has_copies=any(service["safeguard"] in _COPIED for service in notice["services"]),
            eea=EEA,
            day=today.isoformat(),
            software=SOFTWARE,
            file=site.config.policy_file.name,
            styles=Markup("<style>{}</style>").format(Markup(load(STYLE).body.decode())),
        )


def _checks(site: Site, kind: str, notice: Mapping[str, Any], say: Say) -> Iterator[str]:
    """Say what somebody has to look at before the document is used."""
    policy, file = site.config.policy, site.config.policy_file.name
    yield say("documents.checks.complete", file=file)
    if policy.unknown == "allow":
        yield say("documents.checks.unknown", file=file, setting='unknown = "allow"')
    for service in policy.services:
        if service.source and service.source.unconfirmed:
            fields = ", ".join(service.source.unconfirmed)
            yield say(
                "documents.checks.unconfirmed", service=service.name, fields=fields, file=file
            )
    if names := ", ".join(s.name for s in policy.services if s.safeguard == "dpf"):
        yield say("documents.checks.dpf", services=names)
    yield say("documents.checks.expire")
    yield say("documents.checks.access_log", path=f"{site.config.prefix}/choice")
    if kind == "privacy":
        yield say("documents.checks.table", call="{{ consent.table() }}")
    else:
        yield from _register_checks(policy, notice, say, file)
    yield say("documents.checks.again", file=file)


def _register_checks(
    policy: Policy, notice: Mapping[str, Any], say: Say, file: str
) -> Iterator[str]:
    others = (s.name for s in policy.services if s.provider != policy.controller.name)
    if names := ", ".join(others):
        yield say("documents.checks.role", services=names)
    if policy.services:
        yield say("documents.checks.entries")
    yield say("documents.checks.by")
    own = policy.texts.get(notice["language"], {})
    if keys := ", ".join(key for name in _SAID_TWICE if (key := f"settings.{name}") in own):
        yield say("documents.checks.wording", file=file, keys=keys)


def _measures(site: Site) -> Iterator[str]:
    """Name the measures that are taken as the site is set up."""
    config = site.config
    if config.policy.services:
        is_absent = config.is_bare and not config.static_pages
        yield "absent" if is_absent else "gate"
    yield from ("first", "tree")
    if config.authority:
        yield "stamps"
    yield "key"
    if not config.seals_itself:
        yield "command"
    yield from ("cookies", "origin")
    if config.rate_limit:
        yield "flood"
    if config.csp and not config.csp_report_only:
        yield "csp"
    yield "desk"
    if config.auditor:
        yield "login"
    yield from ("erasure", _database(site))


def _database(site: Site) -> str:
    """Return what keeps the log; where that is and how it is reached is nobody else's business."""
    return "sqlite" if site.store.file else "postgresql"
