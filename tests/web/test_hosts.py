"""Requests for a host that is not the site's, or is none."""

import pytest
from flask import render_template_string

from tests.conftest import PAGE

MORE = """{{ consent.head("n0nce") }}{{ consent.table() }}
{{ '<iframe src="https://player.vimeo.com/video/1"></iframe>' | gated }}"""


@pytest.mark.parametrize(
    ("trusted", "host"),
    [(["kreisverband.example"], "192.0.2.7"), (None, ".."), (None, "a" * 64)],
    ids=["foreign", "dots", "long"],
)
@pytest.mark.parametrize("root", ["", "/mü"], ids=["whole host", "below a path"])
def test_the_site_s_own_error_page_has_all_that_a_page_has(make_app, trusted, host, root):
    """
    Who asks for a host that is not the site's, as scanners do all day, gets the error page of the
    site with its banner and not an error in it, also as the first one to ask.
    """
    app = make_app(TRUSTED_HOSTS=trusted)
    for status in (400, 404):
        app.register_error_handler(status, lambda e: (render_template_string(PAGE + MORE), e.code))
    asked = {
        "HTTP_HOST": host,
        "HTTP_COOKIE": "_pk_id.1.1fff=x",
        "SCRIPT_NAME": root.encode().decode("latin1"),
    }

    answer = app.test_client(use_cookies=False).get("/", environ_overrides=asked)

    assert answer.status_code in (400, 404)
    below = root.replace("ü", "%C3%BC") + "/consent/"
    assert answer.headers["Set-Cookie"].startswith("_pk_id.1.1fff=;")
    assert f' src="{below}static/js/consent.js?v=' in answer.text
    assert f' action="{below}choice"' in answer.text
    assert f' href="{below}settings?lang=' in answer.text
