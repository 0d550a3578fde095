"""What the policy file says is shown as it was written there, never read as markup."""

import json
from html.parser import HTMLParser

import pytest
from flask import render_template_string

from consent.policy.wording import texts
from tests.conftest import PAGE, Visitor

EVIL = "<img src=x onerror=alert(1)>\"'</template></details><script>alert(1)</script>&lt;b>"

#: Every text that a policy file can hold; names of entries and hosts have letters of their own.
POLICY = """
site = "kreisverband-musterland.example"
links = {{ privacy = "/datenschutz", imprint = "/impressum" }}

[controller]
name = {evil}
address = {evil}
email = "dsb@kreisverband.example"

[services.matomo]
host = "statistik.kreisverband.example"
name = {evil}
provider = {evil}
address = {evil}

[services.youtube]
purposes = ["own", "media"]
name = {evil}
provider = {evil}
items = [{{ name = {evil}, kind = "cookie", duration = "session", content = {evil} }}]

[purposes.own]
title = {evil}
description = {evil}
without = {evil}

[[essential]]
name = {evil}
duration = "session"
content = {evil}

[texts.de]
{texts}
"""


class Reader(HTMLParser):
    """What a page says, and which elements nobody asked for are in it."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.strange: list[str] = []
        self.said = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = {name for name, _ in attrs}
        if tag == "img" or "onerror" in names or (tag == "script" and "src" not in names):
            self.strange.append(tag)

    def handle_data(self, data: str) -> None:
        self.said += data


@pytest.fixture
def evil(make_app, policy_file):
    """Somebody who visits a site whose policy file is full of markup."""
    own = {key: text for key, text in texts("de").items() if not key.startswith("purposes.")}
    lines = (f"{json.dumps(key)} = {json.dumps(text + EVIL)}" for key, text in own.items())
    file = POLICY.format(evil=json.dumps(EVIL), texts="\n".join(lines))
    policy_file.write_text(file, encoding="utf-8")
    app = make_app(language=lambda: "de")
    page = PAGE.replace("</main>", "{{ consent.table() }}</main>")
    app.view_functions["home"] = lambda: render_template_string(page)
    return Visitor(app)


def test_nothing_in_it_is_markup(evil):
    """
    Banner, placeholder, table, settings, receipt, the notice as it was and answers show every
    text of the policy file letter by letter (SE-10).
    """
    before = {path: evil.get(path).text for path in ("/", "/consent/settings", "/consent/state")}
    before["form"] = evil.get("/consent/settings?part=form").text
    before["refused"] = evil.decide("nonsense").text
    evil.decide("accept")
    before["receipt"] = evil.get("/consent/receipt").text
    before["notice"] = evil.get(f"/consent/notice/{evil.notice()}").text
    before["granted"] = evil.get("/").text

    for name, page in before.items():
        found = Reader(page)
        assert found.strange == [], name
        assert EVIL in found.said, name
    assert Reader(before["/"]).said.count(EVIL) > 30
    assert Reader(before["form"]).said.count(EVIL) > 50
