"""What tests of pages and routes share."""

from __future__ import annotations

import pytest

from consent.web.desk import session
from consent.web.flood import read_rate
from tests.conftest import Visitor


@pytest.fixture
def override(tmp_path):
    """Write the site's own version of one of our templates."""

    def override(name, source):
        file = tmp_path / "templates" / "consent" / f"{name}.html"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(source, encoding="utf-8")
        return file

    return override


@pytest.fixture
def site_with(policy_file, make_app):
    """Start the site anew with a changed policy; its visitors keep their cookies."""

    def restart(policy: str, visitor: Visitor | None = None, **config) -> Visitor:
        policy_file.write_text(policy, encoding="utf-8")
        app = make_app(language=lambda: "de", **config)
        again = Visitor(app)
        if visitor is not None:
            again.client._cookies = visitor.client._cookies
        return again

    return restart


@pytest.fixture
def patient(monkeypatch):
    """A site that lets everybody guess, and open links, as often as a test has to."""
    for name in ("GUESSES", "ALL_GUESSES", "OPENINGS"):
        monkeypatch.setattr(session, name, read_rate("1000000 per minute"))
