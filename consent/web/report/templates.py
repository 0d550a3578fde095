"""What is wrong in the site's own templates: gates, and parts that are kept for all."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

from flask import Flask
from flask.templating import DispatchingJinjaLoader
from jinja2 import ChoiceLoader, TemplateError, TemplateNotFound, TemplateSyntaxError
from werkzeug.exceptions import HTTPException

from consent.gate.place import FOREIGN, NARROW, SHUT, TAG
from consent.gate.tag import Gate, gates, ungated
from consent.web import views
from consent.web.kept import kept_parts
from consent.web.replies import error
from consent.web.site import Site
from consent.web.templates import TRIAL, place, source_of
from consent.web.visit import visit

#: How the names of templates end that are pages, or parts of one.
_PAGES = (".html", ".jinja", ".j2", ".htm", ".xml")

#: How a template cannot be read.
_UNREADABLE = (TemplateError, UnicodeError, OSError)

#: What templates know the extension by.
_OURS = "consent"

#: What is wrong with a part of a template that is kept.
_KEPT = (
    "{% cache %} keeps what one visitor granted and shows it to all; hint: keep what depends on "
    'the choice out of it, or let it vary: {% cache 300, "name", consent.permits("…") %}'
)


def wrong_templates(site: Site) -> Iterator[str]:
    """Find gates in the site's templates that name no service, or stand where none can."""
    environment = site.app.jinja_env
    for name in _names(site.app):
        try:
            if not (text := source_of(environment, name)):
                continue
            found, lines = gates(environment, text[0]), [*kept_parts(environment, text[0])]
        except TemplateNotFound:
            continue  # told as not read: by this name no page has it either
        except _UNREADABLE as error:
            line = f", line {error.lineno}" if isinstance(error, TemplateSyntaxError) else ""
            yield f"template {name}{line} cannot be read: {error}"
            continue
        for number in lines if not site.config.static_pages else ():
            yield f"template {name}, line {number}: {_KEPT}"
        for gate in found:
            for problem in (*_wrong_name(site, gate), *_wrong_place(site, gate)):
                yield f"template {name}, line {gate.line}: gate {problem}"


def unfound(site: Site) -> list[str]:
    """Return the names that the site's templates are listed by and not found, as a theme's may."""
    missing = []
    for name in _names(site.app):
        try:
            source_of(site.app.jinja_env, name)
        except TemplateNotFound:
            missing.append(name)
        except _UNREADABLE:
            continue  # told as wrong
    return missing


def texts(site: Site) -> Iterator[tuple[str, str]]:
    """Give the text outside of every gate of each template that can be read, after its name."""
    environment, read, included = site.app.jinja_env, dict[str, str](), set[str]()
    for name in _names(site.app):
        with suppress(*_UNREADABLE):  # told as wrong
            if text := source_of(environment, name):
                read[name], within = ungated(environment, text[0], site.config.policy.site)
                included |= within
    yield from ((name, text) for name, text in read.items() if name not in included)


def line_of(site: Site, name: str, text: str) -> int | None:
    """Return the line on which *text* begins in a template, or None if it is not all in it."""
    with suppress(*_UNREADABLE):
        if (source := source_of(site.app.jinja_env, name)) and text in source[0]:
            return source[0].partition(text)[0].count("\n") + 1
    return None


def broken(site: Site) -> Iterator[str]:
    """Find what of the site stands in for a page of ours and fails, so that visitors see ours."""
    pages: dict[str, Callable[[], object]] = {
        "settings_page": views.settings,
        "receipt": views.receipt,
        "state": views.state,
        "notice": lambda: views.notice(visit().shown.notice.hash),
        "message": lambda: error(visit(), visit().shown, 404),
    }
    told = set[str]()
    for name, show in pages.items():
        with site.app.test_request_context(environ_overrides={TRIAL: True}):
            try:
                show()
            except HTTPException:  # the log cannot be read, which is told elsewhere
                continue
            except Exception as problem:  # noqa: BLE001 - whatever the site's template does
                why = f"{place(problem)}: {type(problem).__name__}: {problem}"
                if why not in told:
                    yield f"template consent/{name}.html: {why}; hint: visitors see ours instead"
                told.add(why)


def hidden(site: Site) -> Iterator[str]:
    """Tell what of the site has our name in templates. Needs a request context."""
    ours, told = site.app.jinja_env.globals.get(_OURS), dict[str, Any]()
    with suppress(Exception):  # what the site adds may need a visitor
        site.app.update_template_context(told)
    where = "a global" if not hasattr(ours, "banner") else "a context processor"
    if where == "a global" or _OURS in told:
        yield (
            f"templates: {where} of the app is called {_OURS}, as the extension is, and hides it "
            "there; hint: give yours another name"
        )


def _names(app: Flask) -> list[str]:
    """Return the names of all pages that can be listed; those in a database perhaps cannot."""
    found, loaders = set[str](), [app.jinja_env.loader]
    while loaders:
        loader = loaders.pop()
        if isinstance(loader, DispatchingJinjaLoader):
            loaders += [part.jinja_loader for part in (app, *app.iter_blueprints())]
        elif isinstance(loader, ChoiceLoader):
            loaders += loader.loaders
        elif loader is not None:
            with suppress(TypeError):
                found.update(loader.list_templates())
    return sorted(name for name in found if name.endswith(_PAGES))


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
        around = "a tag" if gate.place == TAG else f"<{gate.place}>"
        yield (
            f"{named}in {around}, where nothing starts before the next page; hint: put the whole "
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
