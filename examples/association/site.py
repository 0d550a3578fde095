"""Put the site together. This is all that a site has to do for the package to work."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from babel.dates import format_date
from flask import Flask, render_template, request
from werkzeug.exceptions import Forbidden, HTTPException, InternalServerError, NotFound

from consent import Consent
from consent.cli import cli

from . import headers
from .filling import demo_data
from .folder import data_folder, secret_key
from .pages import pages
from .standin import standin


def create_app(config: Mapping[str, Any] | None = None) -> Flask:
    """
    Return the site.

    *config* overrides Flask's configuration. Two keys are the demo's own: ``DATA``, the
    folder for key and database, and ``STANDIN_ORIGIN``, where the third parties are played.
    """
    config = dict(config or {})
    folder = data_folder(config.pop("DATA", None))
    app = Flask(__name__, instance_path=str(folder))
    app.config.update(CONSENT_POLICY="consent.toml", STANDIN_ORIGIN="http://localhost:5001")
    app.config.update(config)
    app.config["SECRET_KEY"] = app.config["SECRET_KEY"] or secret_key(folder)
    app.jinja_options = {"trim_blocks": True, "lstrip_blocks": True}
    Consent(app, language=language)
    cli.add_command(demo_data)
    headers.init_app(app)
    app.register_blueprint(pages)
    app.jinja_env.filters.update(standin=standin, day=day)
    app.context_processor(lambda: {"language": language()})
    for error in (Forbidden, NotFound, InternalServerError):
        app.register_error_handler(error, sorry)
    return app


def language() -> str:
    """Return the language of the visit: English below /en/, German everywhere else."""
    return "en" if request.path.startswith("/en/") else "de"


def day(value: date, form: str = "long") -> str:
    """Write a date the way the page's language does; *form* as Babel names it."""
    return format_date(value, form, locale=language())


def sorry(error: HTTPException) -> tuple[str, int]:
    """Answer an error with a page of the site."""
    code = error.code or 500
    return render_template("error.html", code=code), code
