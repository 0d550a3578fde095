"""Our templates, in the site's Jinja, however that is set up."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from traceback import extract_tb
from typing import Any

from flask import Flask, request
from flask.templating import DispatchingJinjaLoader
from jinja2 import (
    ChoiceLoader,
    Environment,
    FileSystemLoader,
    PrefixLoader,
    Template,
    Undefined,
    defaults,
)

from consent.web.assets import TEMPLATES

#: What loads our templates. A site's ``consent/banner.html`` hides ours, which it can still extend
#: under the second name.
OURS = PrefixLoader({folder: FileSystemLoader(TEMPLATES) for folder in ("consent", "consentry")})

#: How templates are written, what they leave unsaid and what is printed, as Jinja has it by itself.
_USUAL: Mapping[str, Any] = {
    "undefined": Undefined,
    "finalize": None,
    "block_start_string": defaults.BLOCK_START_STRING,
    "block_end_string": defaults.BLOCK_END_STRING,
    "variable_start_string": defaults.VARIABLE_START_STRING,
    "variable_end_string": defaults.VARIABLE_END_STRING,
    "comment_start_string": defaults.COMMENT_START_STRING,
    "comment_end_string": defaults.COMMENT_END_STRING,
    "line_statement_prefix": defaults.LINE_STATEMENT_PREFIX,
    "line_comment_prefix": defaults.LINE_COMMENT_PREFIX,
}

#: What ours leave unsaid, which a site may have as a global of its own templates.
UNSAID: Mapping[str, Undefined] = {
    name: Undefined(name=name)
    for name in (
        "asked",
        "back",
        "direct",
        "granted",
        "left",
        "paused",
        "service",
        "signal",
        "whole",
    )
}

#: How Jinja calls in a traceback what stands in a template.
_IN_TEMPLATES = ("top-level template code", "block '", "template")

#: Set in a request in which somebody finds out whether the site's versions can be rendered.
TRIAL = "consentry.trial"


class _Both(ChoiceLoader):
    """Finds the templates of a site, then ours."""


def reach(environment: Environment) -> None:
    """
    Let *environment* find our templates, after those of the site.

    Flask's loader asks every blueprint. A site may put one of its own in its place, at any time.
    """
    loader = environment.loader or OURS
    if not isinstance(loader, DispatchingJinjaLoader | _Both):
        environment.loader = _Both([loader, OURS])


def source_of(environment: Environment, name: str) -> tuple[str, str | None] | None:
    """
    Return the text of the template *name* and its file, if it has one.

    None: there is no text, as it was compiled before (``ModuleLoader``). Raises TemplateNotFound.
    """
    loader = environment.loader or OURS
    try:
        return loader.get_source(environment, name)[:2]
    except RuntimeError:
        return None


def ours(app: Flask, name: str) -> Template:
    """
    Return the template *name*: one of ours, or the site's version of it.

    Ours are written in Jinja's usual way, leave unsaid what is not there, are rendered on the spot
    and escape what is put into them. A site whose own templates are written in another one
    (``[[ ]]``), have to name everything (``StrictUndefined``), are awaited, print something else
    for what is empty (``finalize``) or hold what is no HTML keeps that for them alone.
    """
    environment = app.jinja_env
    reach(environment)
    if (
        not environment.is_async
        and _escapes(environment, name)
        and all(vars(environment)[key] == _USUAL[key] for key in _USUAL)
    ):
        return environment.get_template(name)
    plain = _plain(environment)
    plain.auto_reload, plain.loader = environment.auto_reload, environment.loader
    return plain.get_template(name)


def dependable(app: Flask, name: str, warn: Callable[[str], None], **context: Any) -> str:
    """
    Render the template *name* for a visitor: the site's version, or ours where that fails.

    The operator is told by *warn*. Where somebody works on the templates or tries them, what the
    site's version raises is raised.
    """
    told = {**UNSAID, **context}
    try:
        return ours(app, name).render(told)
    except Exception as error:
        if app.debug or app.testing or TRIAL in request.environ:
            raise
        # Not what it says: that may be of this visitor.
        warn(f"{name}: {place(error)}: {type(error).__name__}, so visitors see ours instead")
        return _alone(app.jinja_env).get_template(name).render(told)


def place(error: Exception) -> str:
    """Return the file of the template in which *error* came up, and the line."""
    frames = [f for f in extract_tb(error.__traceback__) if f.name.startswith(_IN_TEMPLATES)]
    return f"{frames[-1].filename}, line {frames[-1].lineno}" if frames else "it"


def _escapes(environment: Environment, name: str) -> bool:
    told = environment.autoescape
    return told(name) if callable(told) else told


@lru_cache(8)
def _plain(environment: Environment) -> Environment:
    return environment.overlay(**_USUAL, enable_async=False, autoescape=True)


@lru_cache(8)
def _alone(environment: Environment) -> Environment:
    return _plain(environment).overlay(loader=OURS)
