"""Our templates, in the site's Jinja, however that is set up."""

from __future__ import annotations

from functools import lru_cache

from flask import Flask
from jinja2 import Environment, Template, Undefined


def ours(app: Flask, name: str) -> Template:
    """
    Return the template *name*: one of ours, or the site's version of it.

    Ours leave unsaid what is not there, and are rendered on the spot. A site whose own templates
    have to name everything (``StrictUndefined``) or are awaited keeps that for them alone.
    """
    environment = app.jinja_env
    if environment.undefined is Undefined and not environment.is_async:
        return environment.get_template(name)
    plain = _plain(environment)
    plain.auto_reload = environment.auto_reload
    return plain.get_template(name)


@lru_cache(8)
def _plain(environment: Environment) -> Environment:
    return environment.overlay(undefined=Undefined, enable_async=False)
