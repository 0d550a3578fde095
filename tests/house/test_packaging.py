"""Whatever way the package reaches a machine, nothing of it is missing there."""

from __future__ import annotations

import configparser
import os
import re
import shutil
import subprocess
import sys
import sysconfig
import tarfile
import venv
import zipfile
from pathlib import Path

import pytest

from consent.version import VERSION
from tools.oldest import oldest

ROOT = Path(__file__).parents[2]

POLICY = """
site = "verein.example"
controller = { name = "Verein", email = "datenschutz@verein.example" }
links = { privacy = "/datenschutz", imprint = "/impressum" }

[services.matomo]
purpose = "statistics"
host = "statistik.verein.example"
"""

#: A site in a Python of its own. It prints where the package came from.
PROBE = """
import sys
from pathlib import Path
from flask import Flask, render_template_string
import consent

app = Flask("probe", root_path=sys.argv[1], instance_path=sys.argv[1] + "/instance")
app.config.update(SECRET_KEY="a secret of this probe", CONSENT_POLICY=sys.argv[1] + "/consent.toml")
consent.Consent(app)
app.add_url_rule("/", "page", lambda: render_template_string("{{ consent.banner() }}"))
client = app.test_client()
with client.get("/consent/static/js/consent.js") as script, client.get("/") as page:
    assert script.status_code == 200 and "javascript" in script.content_type, script
    assert 'id="consent"' in page.text, page.text
answer = app.test_cli_runner().invoke(args=["consent", "check"])
assert answer.exit_code == 0, answer.output
print(Path(consent.__file__).parent)
"""


#: Where ``make`` puts the oldest versions.
OLDEST = Path(sys.prefix) / "oldest"

#: What this run of the tests tells the processes that it starts.
OURS = ("PYTEST_", "COV")

#: Prints which of the wanted versions are not those that are imported.
VERSIONS = """
import sys
from importlib.metadata import version
from packaging.requirements import Requirement

wanted = map(Requirement, sys.argv[1:])
print([str(one) for one in wanted if version(one.name) not in one.specifier])
"""

#: Tests that use each of what we depend on, and what of it has changed between versions.
WITH_OLDEST = (
    "choice/test_cookie.py",
    "gate/test_recognised.py",
    "log/database/test_transaction.py",
    "log/test_export_formats.py",
    "log/test_keys.py",
    "web/desk/test_altered.py",
    "web/page/test_gating.py",
)


def run(*command: object, **more: object) -> str:
    words = [str(word) for word in command]
    answer = subprocess.run(
        words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=300, **more
    )
    assert answer.returncode == 0, answer.stdout
    return answer.stdout.strip()


class Machine:
    """A fresh environment that has the dependencies of this one, but not the package."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.python = folder / "bin" / "python"
        venv.create(folder, with_pip=False, symlinks=True)
        # A folder that a .pth file adds is searched, but its own .pth files are not read, so
        # the editable installation that these tests run from stays out.
        borrowed = folder / f"lib/python3.{sys.version_info.minor}/site-packages/borrowed.pth"
        borrowed.write_text(sysconfig.get_path("purelib"), encoding="utf-8")

    def install(self, *what: object) -> None:
        options = ["--quiet", "--no-deps", "--no-index", "--no-build-isolation", "--no-compile"]
        # The borrowed pip: with --python another one would only start this one.
        pip = [self.python, "-m", "pip", "install", "--ignore-installed", *options]
        run(*pip, *what, cwd=self.folder)

    def serve(self, search: Path | None = None) -> Path:
        """Run the probe; return the folder that the package was imported from."""
        site = self.folder / "site"
        site.mkdir()
        (site / "consent.toml").write_text(POLICY, encoding="utf-8")
        clean = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
        more = {"PYTHONPATH": str(search)} if search else {}
        probe = [self.python, "-W", "error", "-c", PROBE, site]
        return Path(run(*probe, cwd=site, env={**clean, **more}))


@pytest.fixture(scope="module")
def setup() -> configparser.ConfigParser:
    parser = configparser.ConfigParser()
    parser.read(ROOT / "setup.cfg", encoding="utf-8")
    return parser


@pytest.fixture(scope="module")
def checkout(files, tmp_path_factory) -> Path:
    """A copy of the project's own files, without what was built or installed beside them."""
    folder = tmp_path_factory.mktemp("checkout")
    for name in files:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / name, folder / name)
    return folder


@pytest.fixture(scope="module")
def built(checkout, tmp_path_factory) -> Path:
    """A folder with the source distribution, and the wheel that was built from it."""
    folder = tmp_path_factory.mktemp("built")
    run(sys.executable, "-m", "build", "--no-isolation", "--outdir", folder, checkout)
    return folder


@pytest.fixture(scope="module")
def wheel(built) -> Path:
    return built / f"consentry-{VERSION}-py3-none-any.whl"


@pytest.fixture(scope="module")
def in_wheel(wheel) -> set[str]:
    with zipfile.ZipFile(wheel) as archive:
        return set(archive.namelist())


@pytest.fixture(scope="module")
def in_sdist(built) -> set[str]:
    top = f"consentry-{VERSION}/"
    with tarfile.open(built / f"consentry-{VERSION}.tar.gz") as archive:
        return {member.name.removeprefix(top) for member in archive if member.isfile()}


@pytest.fixture
def machine(tmp_path) -> Machine:
    return Machine(tmp_path / "machine")


@pytest.fixture(scope="module")
def shipped(files) -> dict[str, str]:
    """Where each file that the package needs lies here, and where in a wheel."""
    tops = {"consent": "consent", "static": "consent/static", "templates": "consent/templates"}
    return {
        str(path): str(Path(tops[path.parts[0]], *path.parts[1:]))
        for path in files
        if path.parts[0] in tops
    }


def test_every_package_is_listed(setup):
    """
    A new sub-package cannot be forgotten in setup.cfg.
    """
    listed = set(setup["options"]["packages"].split())
    folders = {path.parent.relative_to(ROOT) for path in (ROOT / "consent").rglob("__init__.py")}
    mapped = {"consent.static", "consent.templates"}

    assert listed == {".".join(folder.parts) for folder in folders} | mapped


def test_dependencies_have_no_upper_bounds(setup):
    """
    A site can take the security fixes of everything that it uses; what only the tests use may
    be held back.
    """
    extras = [text for name, text in setup["options.extras_require"].items() if name != "dev"]
    wanted = "\n".join([setup["options"]["install_requires"], *extras]).split("\n")

    assert [line for line in wanted if re.search(r"<|==|~=|!=", line)] == []


@pytest.mark.slow
def test_the_oldest_versions_will_do():
    """
    Where a site holds back what we depend on, what has changed between versions works with the
    oldest that pip lets it have.
    """
    if not OLDEST.is_dir():
        say = pytest.fail if os.environ.get("CI") else pytest.skip
        say(f"NO OLDEST VERSIONS: none of them was tested; make {OLDEST}")
    env = {name: value for name, value in os.environ.items() if not name.startswith(OURS)}
    env["PYTHONPATH"] = str(OLDEST)
    tests = [ROOT / "tests" / name for name in WITH_OLDEST]

    found = run(sys.executable, "-c", VERSIONS, *oldest(), env=env)
    run(sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *tests, cwd=ROOT, env=env)

    assert found == "[]"


@pytest.mark.slow
def test_the_wheel_holds_every_file_of_the_package(in_wheel, shipped):
    """
    Every module, script, style, template, catalogue entry and text is in the wheel.
    """
    assert {"static/js/consent.js", "templates/consent/banner.html"} <= shipped.keys()
    assert set(shipped.values()) - in_wheel == set()


@pytest.mark.slow
def test_the_wheel_holds_nothing_else(in_wheel, shipped):
    """
    Nothing but the package itself lands among somebody's installed packages.
    """
    about = f"consentry-{VERSION}.dist-info/"

    assert {name for name in in_wheel if not name.startswith(about)} == set(shipped.values())


@pytest.mark.slow
def test_the_source_distribution_holds_every_file_of_the_project(in_sdist, files):
    """
    Whoever has the source distribution can build, test and read everything.
    """
    assert {str(path) for path in files} - in_sdist <= {".gitattributes", ".gitignore"}


@pytest.mark.slow
def test_the_wheel_says_what_it_is(wheel):
    """
    Version, licence and the command line are those of this repository.
    """
    about = f"consentry-{VERSION}.dist-info"
    with zipfile.ZipFile(wheel) as archive:
        metadata = archive.read(f"{about}/METADATA").decode()
        commands = archive.read(f"{about}/entry_points.txt").decode()

    assert f"\nVersion: {VERSION}\n" in metadata
    assert "\nLicense-Expression: BSD-3-Clause\n" in metadata
    assert "[flask.commands]\nconsent = consent.cli:cli\n" in commands


@pytest.mark.slow
def test_an_installed_wheel_serves_a_site(machine, wheel):
    """
    With the wheel alone a site has its banner, its script and its commands.
    """
    machine.install(wheel)

    assert machine.serve().is_relative_to(machine.folder)


@pytest.mark.slow
def test_an_installed_folder_serves_a_site(machine, checkout):
    """
    The same with ``pip install .`` in a clone.
    """
    machine.install(checkout)

    assert machine.serve().is_relative_to(machine.folder)


@pytest.mark.slow
def test_an_editable_installation_serves_a_site(machine, checkout):
    """
    The same with ``pip install -e .`` in a clone, which then is what runs.
    """
    machine.install("--editable", checkout)

    assert machine.serve() == checkout / "consent"


@pytest.mark.slow
def test_a_bare_checkout_serves_a_site(machine, checkout):
    """
    The same in a clone where nothing was installed.
    """
    assert machine.serve(search=checkout) == checkout / "consent"
