"""What tests of pages and routes share."""

from __future__ import annotations

import pytest


@pytest.fixture
def override(tmp_path):
    """Write the site's own version of one of our templates."""

    def override(name, source):
        file = tmp_path / "templates" / "consent" / f"{name}.html"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(source, encoding="utf-8")
        return file

    return override
