"""
What a visitor downloads, in bytes after brotli at its best, as a server or a CDN sends it.

Each file is compressed on its own. A budget is raised only with a reason. In the style sheet of
every page declarations stand in the order that compresses best.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from flask import render_template_string

from benchmarks.sizes import packed, packed_page

STATIC = Path(__file__).parents[2] / "static"


def static(name: str) -> int:
    return packed((STATIC / name).read_bytes())


@pytest.fixture
def banner(app, visitor) -> str:
    """The German banner of a site with two services."""
    app.add_url_rule("/banner", "banner", lambda: render_template_string("{{ consent.banner() }}"))
    return visitor.get("/banner").text


@pytest.fixture
def settings(visitor) -> str:
    """The German settings of the same site, as the script asks for them."""
    return visitor.get("/consent/settings?part=form").text


def test_the_script_of_every_page_stays_small():
    """
    What runs on every page of a site is at most 3,000 bytes of script.
    """
    assert static("js/consent.js") <= 3_000


def test_a_first_visit_stays_small(banner):
    """
    Being asked costs a visitor at most 5,000 bytes: script, style and the German banner
    with two services.
    """
    assert 'data-consent-layer="banner"' in banner
    files = static("js/consent.js") + static("css/consent.css")
    assert files + packed_page(banner.encode()) <= 5_000


def test_opening_the_settings_stays_small(settings):
    """
    Opening the settings costs at most 3,000 bytes more: script and German text.
    """
    assert 'data-consent-layer="settings"' in settings
    assert static("js/settings.js") + packed_page(settings.encode()) <= 3_000
