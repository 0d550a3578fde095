"""Pages that a generator made, filled in and served as the documents say."""

from __future__ import annotations

import importlib.util
import re
import sys
from pathlib import Path

import pytest
from flask import Flask, send_from_directory
from playwright.sync_api import expect

from tests.browser.servers import POLICY, served
from tests.browser.visitor import Visitor
from tests.conftest import KEY

pytestmark = pytest.mark.browser

DOCS = Path(__file__).parents[2] / "docs"

#: As ``hugo --minify`` writes one.
PAGE = (
    "<!doctype html><html lang={}><head><meta charset=utf-8><title>Verein</title>"
    "{{{{ consent.head() }}}}{}</head><body>{{{{ consent.banner() }}}}"
    "<main><h1>Verein</h1>{}</main><footer>{{{{ consent.settings_link() }}}}</footer></body></html>"
)
LINKS = {"/impressum": "/"}


class Generated:
    """A site of files, with the app of docs/browser.md for ``/consent/`` beside them."""

    def __init__(self, folder: Path, script: str) -> None:
        self.folder = folder
        self.head = f"<script src={script} async></script>"  #: of all pages
        policy = POLICY.replace("[services.youtube]", '[services.youtube]\nhosts = ["localhost"]')
        policy = policy.replace('host = "localhost"', f'host = "{script.split("//")[1]}"')
        for old, new in LINKS.items():
            policy = policy.replace(f'"{old}"', f'"{new}"')
        (folder / "consent.toml").write_text(policy, encoding="utf-8")
        self.files = Flask("files", static_folder=None)
        self.files.add_url_rule("/<path:path>", "file", self._file)
        self.files.add_url_rule("/", "file", self._file, defaults={"path": ""})

    def write(self, name: str, language: str, text: str) -> None:
        """Write a page as the generator does."""
        file = self.folder / "public" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(PAGE.format(language, self.head, text), encoding="utf-8")

    def fill_in(self, monkeypatch: pytest.MonkeyPatch) -> str:
        """Do what is done after each run of the generator; return what the check then says."""
        [code] = re.findall(
            r"(?ms)^```python\n(from pathlib import Path\n.*?)^```$",
            (DOCS / "browser.md").read_text(encoding="utf-8"),
        )
        code = code.replace("replace-me", KEY).replace("https://", "http://")
        file = self.folder / "app.py"
        file.write_text(code, encoding="utf-8")
        spec = importlib.util.spec_from_file_location("app", file)
        module = importlib.util.module_from_spec(spec)
        monkeypatch.setitem(sys.modules, "app", module)  # Flask looks there for its folder
        spec.loader.exec_module(module)
        self.app = module.app
        run = self.app.test_cli_runner().invoke
        made = run(args=["pages"])
        assert made.exit_code == 0, made.output
        return run(args=["consent", "check"]).output

    def __call__(self, environ, start):
        """Answer as a web server that is set up so."""
        path = environ["PATH_INFO"]
        is_ours = path.startswith("/consent/") or path == "/.well-known/gpc.json"
        return (self.app if is_ours else self.files)(environ, start)

    def _file(self, path: str):
        name = f"{path}index.html" if f"/{path}".endswith("/") else path
        return send_from_directory(self.folder / "www", name)


@pytest.fixture
def site(tmp_path, third, monkeypatch):
    """A site in two languages, with a film in each."""
    site = Generated(tmp_path, third.script("count"))
    film = f'<iframe title=Film width=560 height=315 src="{third.frame("film")}"></iframe>'
    far = '<img alt="Wetter" src="https://wetter.example/heute.png">'
    site.write("index.html", "de", f"<p>Ein <code>{{{{ Zeichen }}}}</code></p>{film}{far}")
    site.write("en/index.html", "en", film)
    site.write("datenschutz/index.html", "de", "<p>{{ consent.table() }}</p>")
    (tmp_path / "public" / "site.css").write_text("body { margin: 0 }", encoding="utf-8")
    site.said = site.fill_in(monkeypatch)
    with served(site) as port:
        site.url = f"http://127.0.0.1:{port}"
        yield site
    site.app.extensions["consentry"].store.close()


def test_what_a_generator_made_asks_and_waits(site, third, make_visitor):
    """
    A site whose pages no Flask renders asks in the language of each page, holds back what editors
    embed and templates load until it is granted, and takes it back with one press (GA-02, WD-02).
    """
    visitor = Visitor(make_visitor().context, site, third)
    visitor.go("/en/")
    expect(visitor.banner).to_have_attribute("lang", "en")
    assert visitor.arrived() == []
    visitor.decide("accept")
    visitor.wait_until_ran("count")
    expect(visitor.page.frame_locator("iframe").locator("p")).to_have_text("film")
    visitor.go()
    expect(visitor.page.frame_locator("iframe").locator("p")).to_have_text("film")
    expect(visitor.page.locator("code")).to_have_text("{{ Zeichen }}")
    with visitor.page.expect_event("load"):
        visitor.page.locator("footer button[value=withdraw]").click()
    expect(visitor.placeholder("youtube")).to_be_visible()

    assert visitor.page.locator("iframe").count() == 0
    assert visitor.complaints == []


def test_such_pages_are_whole(site):
    """
    Each page begins as the generator wrote it, has what it asked for, and what nobody declared is
    left out; the check reads these pages, and all else is there as before.
    """
    home = (site.folder / "www/index.html").read_text(encoding="utf-8")
    privacy = (site.folder / "www/datenschutz/index.html").read_text(encoding="utf-8")
    kept = (site.folder / "www/site.css").read_text(encoding="utf-8")

    assert home.startswith("<!doctype html><html lang=de>")
    assert "{{ consent." not in home + privacy
    assert "<table" in privacy
    assert "<img" not in home
    assert site.said.endswith("no problems found\n")
    assert kept == "body { margin: 0 }"


def test_a_linked_page_is_found_without_the_slash_at_its_end(site):
    """
    A web server leads from ``/datenschutz`` to the page in the folder of that name; so does the
    app, and the check does not say of a page that is there that it is missing.
    """
    opened = site.app.test_client().get("/datenschutz")

    assert "not from this app" not in site.said
    assert opened.headers.get("Location") == "/datenschutz/"
