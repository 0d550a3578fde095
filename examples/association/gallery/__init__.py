"""
What visitors see of consentry in every language, theme, placement and width, side by side.

The demo serves it at ``/consent-gallery``. Each view is a real page with the real banner of the
association's policy, but nobody decides anything there: nothing is stored and no cookie is set.
``python -m examples.association.gallery`` takes pictures of the views.
"""

from __future__ import annotations

import shutil
from pathlib import Path

from flask import Flask
from werkzeug.middleware.dispatcher import DispatcherMiddleware

from .app import create_app
from .view import ROOT

__all__ = ["mount"]


def mount(site: Flask) -> None:
    """Serve the gallery beside *site*, with files of its own in the site's folder."""
    folder = Path(site.instance_path, "gallery")
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    site.wsgi_app = DispatcherMiddleware(site.wsgi_app, {ROOT: create_app(folder)})
