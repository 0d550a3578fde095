"""
A site's own versions of our layers, tried before the first visitor comes.

Each is rendered once in every language and held against :mod:`consent.web.fairness.parity`.
Templates of our own are not looked at, so a site that replaces none never loads the parser.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from flask import request
from jinja2 import TemplateError, TemplateSyntaxError

from consent.errors import ConfigError, Problem, listed
from consent.policy.notice import content
from consent.policy.wording import Say
from consent.web.assets import TEMPLATES
from consent.web.cookies import own_items
from consent.web.route import addresses
from consent.web.site import Site
from consent.web.templates import ours, source_of
from consent.web.wish import LAYERS

#: What every page is made of, although nobody decides in it: held to nothing but that it is there.
_OTHER = ("table",)

# What a form must hand on. No template has these values by chance.
_NEXT, _HASH = "/consentry-trial", "c0" * 32

_HINT = (
    "what the template uses must exist before the check: write Consent() first and "
    "init_app(app) after everything else is registered; what a context processor adds is never "
    "there, as all visitors are shown the same"
)


def require_fair(site: Site) -> None:
    """
    Stop the start of a site with unfair templates. Needs a request context.

    Raises ConfigError with every problem of the first template that has some.
    """
    for file, problems in unfair(site):
        raise ConfigError(listed(file, problems))


def unfair(site: Site) -> Iterator[tuple[str, tuple[Problem, ...]]]:
    """Find the site's own templates that are not fair, by file. Needs a request context."""
    if not site.config.policy.services:
        return
    for name, file in _own(site):
        found = [
            problem
            for language in site.config.policy.languages
            for problem in _problems(site, name, language)
        ]
        if found:
            yield file, tuple(found)


def _own(site: Site) -> Iterator[tuple[str, str]]:
    """Find which layers the site replaces, and by what file."""
    for name in (*LAYERS, *_OTHER):
        template = f"consent/{name}.html"
        found = source_of(site.app.jinja_env, template)
        file = found[1] if found else ours(site.app, template).filename
        if file is None or Path(file) != TEMPLATES / f"{name}.html":
            yield name, file or template


def _problems(site: Site, name: str, language: str) -> list[Problem]:
    from consent.web.fairness.parity import Trial, problems

    policy = site.config.policy
    facts = content(policy, language, own_items(policy, request.is_secure))
    say = Say(facts["texts"], language)
    where = addresses(policy, language)
    found: list[Problem] = []
    for more in _situations(name, facts):
        context = {**where, **more, "notice": facts, "say": say}
        try:
            html = site.notices.fragment(name, **context, next=_NEXT, notice_hash=_HASH)
        except TemplateSyntaxError as error:
            text = f"in line {error.lineno}: {error.message}"
            return [Problem(language, text, "a template as Jinja has them")]
        except (TemplateError, LookupError, TypeError, ValueError) as error:
            text = f"{type(error).__name__}: {error}".replace("\n", " ")
            return [Problem(language, text, "a template that can be rendered", _HINT)]
        if name in _OTHER:
            continue
        trial = Trial(name, html, _asked(facts, more), say, where, _fields(name, more), more)
        found += [problem for problem in problems(trial) if problem not in found]
    return found


def _fields(name: str, situation: Mapping[str, Any]) -> dict[str, list[str]]:
    """Return what the form of a layer must hand on, field by field."""
    fields = {"notice": [_HASH], "layer": [name], "next": [_NEXT]}
    if name == "banner":
        fields["about"] = sorted(situation.get("asked", ()))
    elif name == "placeholder":
        fields["service"] = [situation["service"]["id"]]
    return fields


def _asked(facts: Mapping[str, Any], situation: Mapping[str, Any]) -> Mapping[str, Any]:
    """Leave out of *facts* what is not asked about."""
    asked = {situation["service"]["id"]} if "service" in situation else situation.get("asked")
    if asked is None:
        return facts
    services = [one for one in facts["services"] if one["id"] in asked]
    used = {purpose for service in services for purpose in service["purposes"]}
    purposes = [one for one in facts["purposes"] if one["id"] in used]
    return {**facts, "services": services, "purposes": purposes}


def _situations(name: str, facts: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """List what a layer is rendered for: the first time and later, for each embed."""
    services = facts["services"]
    if name == "banner":
        yield {}
        yield {"asked": frozenset({services[0]["id"]}), "signal": None}
        yield {"asked": frozenset({services[0]["id"]}), "signal": "Global Privacy Control"}
    elif name == "settings":
        yield {"granted": (), "decided": False}
        yield {"granted": tuple(service["id"] for service in services), "decided": True}
    elif name == "placeholder":
        yield from ({"service": service} for service in services if service["embed"])
    elif name == "link":
        yield from ({"granted": granted} for granted in (False, True))
    else:
        yield {}
