"""Our templates, in the site's Jinja, however that is set up."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from flask import Flask
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
    for name in ("asked", "back", "direct", "granted", "paused", "service", "signal", "whole")
}


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


def _escapes(environment: Environment, name: str) -> bool:
    told = environment.autoescape
    return told(name) if callable(told) else told


@lru_cache(8)
def _plain(environment: Environment) -> Environment:
    return environment.overlay(**_USUAL, enable_async=False, autoescape=True)
