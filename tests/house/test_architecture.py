"""The rules of the house that a program can check."""

from __future__ import annotations

import ast
import importlib
import re
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from pydoc import locate
from types import ModuleType

import pytest

from consent.version import VERSION
from tests.each import each

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "consent"

#: What every room stands on. These modules import none but each other.
GROUND = {"canonical", "day", "errors", "version"}

#: What else each room may import from the package. Rooms that are missing here stand at the
#: end of the flow and may import everything.
BELOW = {
    **{module: set() for module in GROUND},
    "policy": set(),
    "choice": {"policy"},
    "gate": {"policy", "choice"},
    "log": set(),
    "audit": {"policy", "log"},
    "check": set(),
}

#: The only modules of the lower rooms that may know Flask: they stand where a page is rendered.
KNOWS_FLASK: set[str] = set()

#: All that a site may import from ``consent``. A name that is taken away breaks sites.
PUBLIC = {
    "ConfigError",
    "Consent",
    "ConsentError",
    "LogError",
    "LogUnavailable",
    "PolicyError",
    "SetupError",
    "__version__",
    "decided",
}


def modules() -> list[str]:
    paths = (path.relative_to(ROOT).with_suffix("") for path in PACKAGE.rglob("*.py"))
    return sorted(".".join(path.parts).removesuffix(".__init__") for path in paths)


def source(module: str) -> Path:
    folder = ROOT.joinpath(*module.split("."))
    return folder / "__init__.py" if folder.is_dir() else folder.with_suffix(".py")


@cache
def tree(module: str) -> ast.Module:
    return ast.parse(source(module).read_text(encoding="utf-8"))


def room(module: str) -> str:
    return ([*module.split("."), ""])[1]


@cache
def imported(module: str) -> set[str]:
    """Every module and name that *module* imports, spelled from the top."""
    names = set()
    package = module if source(module).name == "__init__.py" else module.rpartition(".")[0]
    for node in ast.walk(tree(module)):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            above = package.split(".")[: len(package.split(".")) - node.level + 1]
            start = ".".join([*(above if node.level else []), *filter(None, [node.module])])
            names |= {f"{start}.{alias.name}" for alias in node.names}
    return names


def named_in(node: ast.stmt) -> list[str]:
    """The modules that one statement imports."""
    if isinstance(node, ast.ImportFrom):
        return [node.module or ""]
    return [alias.name for alias in node.names] if isinstance(node, ast.Import) else []


def code(path: Path) -> str:
    """The text of a script, style or template without its comments."""
    text = path.read_text(encoding="utf-8")
    text = re.sub(r"/\*.*?\*/|\{#.*?#\}|<!--.*?-->", "", text, flags=re.DOTALL)
    return re.sub(r"(?m)(^|\s)//.*$", "", text) if path.suffix == ".js" else text


def named(paths: list[Path]) -> list[str]:
    return [str(path.relative_to(ROOT)) for path in paths]


SHOWN = [
    path
    for folder in ("static", "templates")
    for path in sorted((ROOT / folder).rglob("*"))
    if path.suffix in {".js", ".css", ".html", ".svg"}
]
TEMPLATES = [path for path in SHOWN if path.suffix == ".html"]


@each("module", [m for m in modules() if room(m) in BELOW])
def test_imports_run_one_way(module):
    """
    What a site declares knows nothing of what a visitor decides, that nothing of what is
    opened, and that nothing of pages; the evidence stands beside them all.
    """
    rooms = {room(name) for name in imported(module) if name.startswith("consent.")}

    assert rooms <= {room(module)} | BELOW[room(module)] | GROUND


def test_no_module_imports_itself_by_a_detour():
    """
    Each module can be understood with what it stands on; no circle leads back, not even one that
    is for type checkers alone.
    """
    known = set(modules())
    arrows = {
        (module, target)
        for module in known
        for name in imported(module)
        for target in {name if name in known else name.rpartition(".")[0]} & known
    }
    while ends := {source for source, _ in arrows} ^ {target for _, target in arrows}:
        arrows = {arrow for arrow in arrows if not ends & {*arrow}}

    assert sorted(arrows) == []


@each("module", [m for m in modules() if room(m) in BELOW and m not in KNOWS_FLASK])
def test_the_rules_do_not_know_the_web_server(module):
    """
    The rules of consent and the evidence can be read and tested without a web server.
    """
    tops = {name.split(".")[0] for name in imported(module)}

    assert not tops & {"flask", "werkzeug"}


def test_the_exceptions_for_flask_are_in_use():
    """
    A module that no longer needs Flask loses its permission to import it.
    """
    using = {m for m in modules() if "flask" in {n.split(".")[0] for n in imported(m)}}

    assert using >= KNOWS_FLASK


def test_the_verifier_needs_nothing_but_python():
    """
    An auditor checks an export with one file and a plain Python, on an own machine.
    """
    verifier = PACKAGE / "log" / "verify.py"
    names = imported("consent.log.verify") if verifier.exists() else set()
    tops = {name.split(".")[0] for name in names}

    assert tops <= set(sys.stdlib_module_names)


def test_the_front_door_is_what_a_site_may_import():
    """
    The public names are exactly these, each of them can be imported, and nothing else
    stands in the front door.
    """
    consent = importlib.import_module("consent")
    names = {name for name, value in vars(consent).items() if not isinstance(value, ModuleType)}

    assert set(consent.__all__) == PUBLIC
    assert {name for name in names if not name.startswith("_")} == PUBLIC - {"__version__"}
    assert consent.__version__ == VERSION


@pytest.mark.parametrize(
    ("package", "where"),
    [
        (
            "playwright",
            {
                "consent.check.browser",
                "consent.check.shots",
                "consent.check.style",
                "consent.check.visit",
                "consent.commands.notice",
            },
        ),
        ("rfc3161_client", {"consent.log.stamp"}),
        ("pyarrow", {"consent.log.export.columns"}),
        ("xlsxwriter", {"consent.log.export.workbook"}),
    ],
)
def test_what_comes_with_an_extra_is_imported_late(package, where):
    """
    A site runs without the extras: what they bring is imported only by the command that needs
    it, inside a function.
    """
    using = {m for m in modules() if package in {name.split(".")[0] for name in imported(m)}}
    at_once = {
        module
        for module in using
        for node in tree(module).body
        if package in {name.split(".")[0] for name in named_in(node)}
    }

    assert using == where
    assert at_once == set()


@each("module", modules())
def test_a_module_says_what_it_is_for(module):
    """
    Whoever opens a module reads first what it is for.
    """
    assert ast.get_docstring(tree(module))


@each("module", modules())
def test_what_a_docstring_points_to_is_there(module):
    """
    Whoever follows a name in a docstring or a comment finds what it stands for.
    """
    text = source(module).read_text(encoding="utf-8")
    names = re.findall(r":(?:attr|class|data|func|meth|mod):`([\w.]+)`", text)
    classes = [node.name for node in tree(module).body if isinstance(node, ast.ClassDef)]
    scopes = ["", f"{module}.", *(f"{module}.{name}." for name in classes)]

    assert [one for one in names if not any(locate(scope + one) for scope in scopes)] == []


@each("module", modules())
def test_a_module_is_named_after_what_it_holds(module):
    """
    There are no drawers for odds and ends.
    """
    drawers = {"utils", "util", "helpers", "helper", "manager", "misc", "common", "data", "info"}

    assert not set(module.split(".")) & drawers


@each("module", modules())
def test_a_module_is_read_in_one_sitting(module):
    """
    No module is longer than 300 lines and no function longer than 60; but for the verifier, which
    has to be one file.
    """
    functions = [
        node.name
        for node in ast.walk(tree(module))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and node.end_lineno - node.lineno >= 60
    ]

    lines = len(source(module).read_text(encoding="utf-8").splitlines())
    assert lines <= 300 or module == "consent.log.verify"
    assert functions == []


def collected(scope: ast.AST) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    """Find the functions where pytest looks for tests: not within other functions."""
    for node in ast.iter_child_nodes(scope):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node
        elif isinstance(node, ast.stmt):
            yield from collected(node)


def test_every_test_is_a_promise(files):
    """
    Each test says in a sentence what is promised, so that the tests are the specification.
    """
    silent = [
        f"{path}: {node.name}"
        for path in files
        if path.parts[0] == "tests" and path.suffix == ".py"
        for node in collected(ast.parse((ROOT / path).read_text(encoding="utf-8")))
        if node.name.startswith("test_") and not ast.get_docstring(node)
    ]

    assert silent == []


def test_nothing_is_left_for_later_in_the_code(files):
    """
    What is not finished is an open issue, not a remark that visitors' sites are shipped with.
    """
    marks = re.compile(r"\b(TODO|FIXME|XXX|HACK)\b")
    found = [
        str(path)
        for path in files
        if path.parts[0] in {"consent", "static", "templates", "examples"}
        and path.suffix in {".py", ".js", ".css", ".html", ".toml", ".mako"}
        and marks.search((ROOT / path).read_text(encoding="utf-8"))
    ]

    assert found == []


def test_no_file_knows_the_machine_it_was_written_on(files):
    """
    Nothing refers to somebody's own folders, so that everything works from any other place.
    """
    own = re.compile(rb"(?<![\w.])/(?:root|home|Users|work)/\w")
    found = [str(path) for path in files if own.search((ROOT / path).read_bytes())]

    assert found == []


def test_no_script_writes_markup_or_runs_text():
    """
    The browser side cannot be made to run what somebody else wrote into the page.
    """
    sinks = re.compile(
        r"\b(?:innerHTML|outerHTML|insertAdjacentHTML|setHTMLUnsafe|createContextualFragment|srcdoc)\b"
        r"|\beval\s*\(|\bnew\s+Function\b|\bdocument\s*\.\s*write(?:ln)?\s*\("
    )
    scripts = [path for path in SHOWN if path.suffix == ".js"]

    assert scripts
    assert named([path for path in scripts if sinks.search(code(path))]) == []


def test_no_cookie_is_written_by_script():
    """
    Cookies are set by the server after a decision and never by a script, which may only let
    them expire.
    """
    expires = r"`\$\{name\}=; max-age=0;"
    writes = re.compile(
        rf"\bdocument\s*\.\s*cookie\s*=(?!=|\s*{expires})|\bcookieStore\s*\.\s*set\b"
    )

    assert named([path for path in SHOWN if writes.search(code(path))]) == []


def test_nothing_of_ours_comes_from_another_host():
    """
    Asking for consent contacts nobody but the site itself.
    """
    foreign = re.compile(
        r"https?://(?!www\.w3\.org/)|(?:src|href|url)\s*[=(]\s*[\"']?//", re.IGNORECASE
    )

    assert named([path for path in SHOWN if foreign.search(code(path))]) == []


def test_templates_need_no_permission_to_run_inline():
    """
    Every template works under a content security policy that forbids inline script and style.
    """
    inline = re.compile(
        r"\sstyle\s*=|<style\b|\son[a-z]+\s*=|javascript:|<script(?![^>]*\bsrc\s*=)", re.IGNORECASE
    )

    assert TEMPLATES
    assert named([path for path in TEMPLATES if inline.search(code(path))]) == []
