"""
A site with the association's policy, but in every language, at one placement and in one tone.

Decisions from outside do not reach it. To show what comes after one, it takes one consent and
one refusal itself; their cookies never leave this process.
"""

from __future__ import annotations

import re
import secrets
from functools import cache
from pathlib import Path

from flask import Flask, render_template, request

from consent import Consent
from consent.policy import wording

from .view import LANGUAGES, ROOT, View

POLICY = Path(__file__).parents[1] / "consent.toml"


def create_app(folder: Path, placement: str, tone: str) -> Flask:
    """Return the site; its files are in *folder*."""
    policy = folder / f"{placement}-{tone}.toml"
    policy.write_text(_policy(placement, tone), encoding="utf-8")
    app = Flask(__name__, static_folder=None, instance_path=str(folder))
    app.config.update(
        SECRET_KEY=secrets.token_hex(32),
        CONSENT_POLICY=policy,
        CONSENT_DATABASE=f"sqlite:///{policy.with_suffix('.sqlite3')}",
        CONSENT_SEAL="command",  # nobody will ask for evidence of what it shows
    )
    app.jinja_options = {"trim_blocks": True, "lstrip_blocks": True}
    Consent(app, language=language)

    @app.get("/", defaults={"page": ""})
    @app.get("/<any(dialog, table):page>")
    def show(page: str) -> str:
        assets = f"{ROOT}/static"
        return render_template("page.html", language=language(), page=page, assets=assets)

    return app


def language() -> str:
    """Return the language that the address of the current page names."""
    return LANGUAGES[request.script_root.split("/")[2]][0]


@cache
def cookies_after(decision: str, site: Flask) -> str:
    """Return the cookies of a visitor of *site* who took this decision."""
    client = site.test_client(use_cookies=False)
    mount = View("de").mount
    page = client.get("/", base_url=f"http://localhost{mount}").text
    notice = re.search(r'name="notice" value="(\w+)"', page)
    answer = client.post(
        "/consent/choice",
        base_url=f"http://localhost{mount}",
        data={"decision": decision, "layer": "banner", "next": "/", "notice": notice and notice[1]},
        headers={"Sec-Fetch-Site": "same-origin"},
    )
    return "; ".join(line.partition(";")[0] for line in answer.headers.getlist("Set-Cookie"))


def _policy(placement: str, tone: str) -> str:
    """Return the association's policy file with what this variation says instead."""
    tags = ", ".join(f'"{tag}"' for tag in wording.languages())
    own = re.sub(r"(?m)^(languages|placement|tone) = .*\n", "", POLICY.read_text(encoding="utf-8"))
    return f'languages = [{tags}]\nplacement = "{placement}"\ntone = "{tone}"\n{own}'
