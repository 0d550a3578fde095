"""The demo shows the auditor's desk, too."""

from __future__ import annotations

import re

from examples.association.__main__ import _welcome
from examples.association.serving import serve


def test_the_demo_prints_a_link_to_the_desk(tmp_path):
    """
    Whoever starts the demo gets a link that lets an auditor in, once.
    """
    with serve(0, tmp_path) as demo:
        link = re.search(r"http://\S+/consent/audit/enter/\S+", _welcome(demo)).group()
        path = link.removeprefix(demo.site_url)
        browser, own = demo.site.test_client(), {"Sec-Fetch-Site": "same-origin"}

        assert path.startswith("/consent/audit/enter/")
        assert browser.post(path, headers=own).status_code == 303
        assert browser.get("/consent/audit/access").status_code == 200
        assert demo.site.test_client().post(path, headers=own).status_code == 404
