"""
The documents keep their word.

Every fenced block of README.md is used here. Blocks of one language are parts of one file,
in order: ``toml`` is the site's ``consent.toml``, ``python`` its ``app.py``, which makes
``app`` and is given a key, and ``html+jinja`` its ``templates/base.html``. In a ``console`` block
the lines that begin with ``$`` are commands; ``flask`` is run on that site, ``make`` needs a
target that exists, and only the commands of :data:`TAKEN_ON_TRUST` are not tried.
"""

from __future__ import annotations

import ast
import importlib.util
import json
import os
import re
import secrets
import shlex
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from functools import cache
from io import BytesIO
from pathlib import Path
from types import ModuleType
from typing import Any
from unittest.mock import Mock

import click
import pytest
from babel.messages.extract import extract
from flask import Flask
from jinja2 import TemplateSyntaxError

from consent import Consent
from consent.errors import ConfigError
from consent.version import VERSION

ROOT = Path(__file__).parents[2]
FILES = {"toml": "consent.toml", "python": "app.py", "html+jinja": "templates/base.html"}
TAKEN_ON_TRUST = {"git", "cd", "pip"}


def read(name: str) -> str:
    path = ROOT / name
    return path.read_text(encoding="utf-8") if path.exists() else ""


def blocks(language: str | None = None) -> list[tuple[str, str]]:
    """The fenced blocks of README.md, as language and text."""
    found = re.findall(r"(?ms)^```(\S*)\n(.*?)^```$", read("README.md"))
    return [block for block in found if language in {None, block[0]}]


def commands() -> list[str]:
    lines = [line for _, text in blocks("console") for line in text.splitlines()]
    return [line[2:] for line in lines if line.startswith("$ ")]


@cache
def keys() -> set[str]:
    """Every configuration key that the package names in its code."""
    texts = (path.read_text(encoding="utf-8") for path in (ROOT / "consent").rglob("*.py"))
    return {
        node.value
        for text in texts
        if "CONSENT_" in text
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and re.fullmatch(r"CONSENT_[A-Z_]*[A-Z]", node.value)
    }


def parts(group: click.Group) -> dict[str, click.Command]:
    """The commands of *group*, those too that are loaded when somebody names them."""
    context = click.Context(group)
    return {name: group.get_command(context, name) for name in group.list_commands(context)}


def subcommands(group: click.Group, name: str) -> Iterator[str]:
    for part, command in parts(group).items():
        path = f"{name} {part}"
        if isinstance(command, click.Group):
            yield from subcommands(command, path)
        elif not command.hidden:
            yield path


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    """The site that README.md builds."""
    folder = tmp_path_factory.mktemp("readme")
    for language, name in FILES.items():
        (folder / name).parent.mkdir(exist_ok=True)
        text = "\n".join(text for _, text in blocks(language))
        text = re.sub(r'(?<="SECRET_KEY"\] = ")[^"]+', secrets.token_hex(32), text)
        (folder / name).write_text(text, encoding="utf-8")
    return folder


@pytest.fixture
def site(folder, monkeypatch) -> Iterator[ModuleType]:
    monkeypatch.chdir(folder)
    spec = importlib.util.spec_from_file_location("app", folder / "app.py")
    module = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, "app", module)
    spec.loader.exec_module(module)
    return module


def test_the_readme_is_short():
    """
    README.md is read in a few minutes: it has fewer than 120 lines.
    """
    assert 0 < len(read("README.md").splitlines()) < 120


def test_the_readme_shows_nothing_that_is_not_tried():
    """
    Every example of README.md is in a language that these tests know how to try.
    """
    assert {language for language, _ in blocks()} == {*FILES, "console"}


def test_the_readme_says_what_the_package_needs():
    """
    Whoever has an older Python or Flask reads it before and not as an error of pip.
    """
    wanted = read("setup.cfg")
    python = re.search(r"(?m)^python_requires = >=([\d.]+)$", wanted).group(1)
    flask = re.search(r"(?m)^    flask>=([\d.]+)$", wanted).group(1)

    assert f"Python {python} or newer, Flask {flask} or newer," in read("README.md")


def test_what_the_readme_clones_is_installed_into_the_site():
    """
    Whoever goes through README.md from the top has the package where the site looks for it, and
    knows what the files of the examples are called.
    """
    text = read("README.md")
    folder = re.search(r"git clone \S+/(\w+)\.git", text).group(1)

    assert f"`pip install ../{folder}`" in text
    assert [name for name in FILES.values() if f"`{name}`" not in text] == []


def test_the_site_of_the_readme_asks_its_visitors(site):
    """
    Whoever copies the examples of README.md has a site that asks before anything optional.
    """
    with site.app.test_client() as client, client.get("/") as answer:
        page = answer.get_data(as_text=True)

    assert answer.status_code == 200
    assert 'id="consent"' in page
    assert "Set-Cookie" not in answer.headers


def test_the_key_of_the_readme_is_nobodys():
    """
    Who copies the line with the key without replacing it has a site that does not start, and reads
    how a key is made: everybody could sign with it (SE-12).
    """
    text = "".join(text for _, text in blocks("python"))
    app = Flask("copied")
    app.config["SECRET_KEY"] = re.search(r'"SECRET_KEY"\] = "([^"]+)', text).group(1)
    app.config["CONSENT_POLICY"] = str(ROOT / "examples/association/consent.toml")

    with pytest.raises(ConfigError, match=r"SECRET_KEY: .*secrets\.token_hex"):
        Consent(app)


def test_the_site_of_the_readme_takes_a_refusal(site):
    """
    On the site of README.md a refusal is one request, and the site does not ask again.
    """
    with site.app.test_client() as client:
        with client.get("/") as first:
            notice = re.search(r'name="notice" value="(\w+)"', first.get_data(as_text=True))
        form = {"decision": "reject", "notice": notice[1], "layer": "banner", "next": "/"}
        own = {"Sec-Fetch-Site": "same-origin"}
        with client.post("/consent/choice", data=form, headers=own) as answer:
            assert answer.status_code == 303
        with client.get("/") as second:
            page = second.get_data(as_text=True)

    assert 'data-consent-layer="banner"' not in page


@pytest.mark.parametrize("command", [c for c in commands() if c.startswith("flask ")])
def test_a_flask_command_of_the_readme_runs(command, folder):
    """
    Every flask command of README.md works on the site of README.md.
    """
    path = os.pathsep.join([str(folder), str(ROOT)])
    answer = subprocess.run(
        [sys.executable, "-m", *shlex.split(command)],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": path, "FLASK_APP": "app"},
        capture_output=True,
        text=True,
        timeout=60,
    )

    assert answer.returncode == 0, answer.stderr


def test_the_other_commands_of_the_readme_exist():
    """
    Every other command of README.md is a target of the Makefile or comes from elsewhere.
    """
    words = [c.split() for c in commands() if not c.startswith("flask ")]
    targets = re.findall(r"(?m)^([a-z]+):", read("Makefile"))
    called = {word for first, *rest in words if first == "make" for word in rest if "=" not in word}

    assert {first for first, *_ in words} <= TAKEN_ON_TRUST | {"make"}
    assert called <= set(targets)
    assert {"demo", "test"} <= called


def test_every_configuration_key_is_in_the_readme():
    """
    A site owner finds every setting in README.md.
    """
    assert {key for key in keys() if key not in read("README.md")} == set()


def test_every_configuration_key_is_in_the_docstring():
    """
    A developer finds every setting where the extension is set up, and none that does not exist.
    """
    from consent import Consent

    documented = set(re.findall(r"\bCONSENT_[A-Z_]*[A-Z]\b", Consent.init_app.__doc__))

    assert documented == keys()


def test_every_command_is_documented():
    """
    Every command is in README.md or in the documentation, as it is typed.
    """
    from consent.cli import cli

    pages = read("README.md") + "".join(read(f"docs/{p.name}") for p in ROOT.glob("docs/*.md"))
    names = list(subcommands(cli, "flask consent"))

    assert len(names) > 20
    assert [name for name in names if name not in pages] == []


def test_every_option_is_documented():
    """
    Whoever reads the documentation meets every option that a command has.
    """
    from consent.cli import cli

    pages = read("README.md") + "".join(read(f"docs/{p.name}") for p in ROOT.glob("docs/*.md"))
    commands = [parts(cli)[name] for name in parts(cli)]
    commands += [
        one for group in commands if isinstance(group, click.Group) for one in parts(group).values()
    ]
    options = {option for command in commands for one in command.params for option in one.opts}
    named = {option for option in options if option.startswith("--")}

    assert len(named) > 20
    assert [option for option in sorted(named) if option not in pages] == []


def unknown(words: list[str]) -> str | None:
    """What of a command line after ``flask consent`` there is not, None if there is all of it."""
    from consent.cli import cli
    from examples.association.filling import demo_data

    command: click.Command = cli
    for place, word in enumerate(words):
        if not isinstance(command, click.Group):
            options = {option for one in command.params for option in one.opts}
            named = {word.partition("=")[0] for word in words[place:] if word.startswith("--")}
            return next(iter(sorted(named - options)), None)
        found = demo_data if word == demo_data.name else parts(command).get(word)
        if found is None:
            return word
        command = found
    return None


def test_a_command_that_is_told_of_is_there(files):
    """
    Every command and option that a document, a guide or a message tells of is one of ours.
    """
    told = re.compile(r"flask (?:--app \S+ )?consent((?: +[\w.:/=\"'-]+)+)")
    wrong = [
        f"{page}: {command[1]}"
        for page in files
        if page.suffix in {".md", ".py", ".toml", ".txt"} and page.parts[0] != "tests"
        for command in told.finditer(read(str(page)))
        if unknown([word.strip("\"'.:") for word in command[1].split()])
    ]

    assert wrong == []


def test_the_example_of_the_policy_file_is_one(tmp_path):
    """
    Whoever copies the whole file of docs/policy.md has a policy, with every key that there is.
    """
    from consent.policy.file import read as read_policy

    [example] = re.findall(r"(?ms)^```toml\n(.*?)^```$", read("docs/policy.md"))
    file = tmp_path / "consent.toml"
    file.write_text(example, encoding="utf-8")
    schema = json.loads(read("consent/policy/consent.schema.json"))
    tables = [schema["properties"][name] for name in ("controller", "links")]
    tables += [schema["$defs"][name] for name in (
        "own-service", "renamed-ready-made-service-on-own-host", "item", "essential-item",
        "own-purpose",
    )]  # fmt: skip
    fields = {field for table in tables for field in table["properties"]}
    told = re.findall(r"(?m)`(\w+)`|\b(\w+) =", read("docs/policy.md"))

    assert [one.id for one in read_policy(file).services] == [
        "matomo", "youtube", "vereinsfilm", "terminal",
    ]  # fmt: skip
    left_out = re.findall(r"(?m)^# (\w+) = ", example)
    assert schema["properties"].keys() == {*tomllib.loads(example), *left_out}
    assert fields - {name for pair in told for name in pair} == set()


def test_the_defaults_of_the_policy_file_are_told():
    """
    The operator reads in docs/policy.md what holds if nothing is said.
    """
    from consent.policy.file import parse

    text = read("docs/policy.md")
    [example] = re.findall(r"(?ms)^```toml\n(.*?)^```$", text)
    names = re.findall(r"`(\w+)`", re.search(r"(?m)^- (.*) have in the example", text).group(1))
    table = tomllib.loads(example)
    less = {key: value for key, value in table.items() if key not in names}
    said, unsaid = parse(table, "x"), parse(less, "x")

    assert {"retention", "lifetime"} <= set(names) <= table.keys()
    assert [name for name in names if getattr(said, name) != getattr(unsaid, name)] == []


def test_what_systemd_shall_run_it_goes_on_running():
    """
    Whoever copies the units of docs/deployment.md has each of them after the next restart of the
    machine, too: a promise to erase does not end with it.
    """
    found = re.findall(r"(?ms)^# /etc/systemd/system/(\S+)\n(.*?)^```$", read("docs/deployment.md"))
    units = dict(found)
    begun = {name for name, text in found if "[Install]\nWantedBy=" in text}
    timed = {name.replace(".timer", ".service") for name in begun if name.endswith(".timer")}

    assert {"verein-expire.service", "verein-expire.timer", "verein-seal.service"} <= units.keys()
    assert units.keys() - begun == {name for name in timed if "Type=oneshot" in units[name]}


@pytest.mark.parametrize("mounted", ["", "/verein"])
def test_what_nginx_shall_not_log_it_does_not(mounted):
    """
    The line for nginx leaves decisions and invitations out of its log, and nothing else, also where
    the site is below a path.
    """
    [found] = re.findall(r"map \$uri .* ~(\S+) 0; }", read("docs/log.md"))
    hidden = re.compile(found)

    assert hidden.search(f"{mounted}/consent/choice")
    assert hidden.search(f"{mounted}/consent/audit/enter/abc")
    assert not hidden.search(f"{mounted}/consent/settings")
    assert not hidden.search(f"{mounted}/")


def test_what_the_desk_is_said_to_show_is_there():
    """
    An auditor finds every button, area and heading by the name that docs/auditor.md gives it.
    """
    desk = {
        text
        for language in ("de", "en")
        for file in (ROOT / "consent/audit/texts" / language).glob("*.toml")
        for text in texts(tomllib.loads(file.read_text(encoding="utf-8")))
    }
    desk.update(map(str.strip, read("consent/log/verify.py").splitlines()))
    page = re.sub(r"(?m)^    .*$", "", read("docs/auditor.md"))
    named = set(re.findall(r"(?<!\*)\*([^*\n]+)\*(?!\*)", page))

    assert named
    assert [name for name in named if not any(text.startswith(name) for text in desk)] == []


def test_what_a_script_of_the_site_sends_is_told():
    """
    Whoever writes a form or a script of their own finds each field that is read in docs/browser.md,
    and none that is not.
    """
    read_here = re.findall(r'form(?:,|\.get\() ?"(\w+)"', read("consent/web/wish.py"))
    tables = re.split(r"(?m)^\| field \|.*\n.*\n", read("docs/browser.md"))
    told = re.findall(r"(?m)^\| `(\w+)` \|", tables[1].split("\n\n")[0])

    assert len(told) > 5
    assert sorted(told) == sorted(set(read_here))


def texts(table: dict[str, Any]) -> Iterator[str]:
    for value in table.values():
        yield from texts(value) if isinstance(value, dict) else [str(value)]


def test_the_newest_entry_of_the_history_is_this_version():
    """
    CHANGES.md begins with this version and has no version twice.
    """
    headings = re.findall(r"(?m)^## \[?([\w.]+)", read("CHANGES.md"))

    assert headings[:1] == [VERSION]
    assert len(headings) == len(set(headings))


def test_the_lines_for_flask_wtf_take_out_all_that_is_posted(site):
    """
    What checks tokens in every form leaves out all of ours, whose blueprints docs/browser.md names.
    """
    lines = re.search(r"(?ms)^csrf = .*?^```$", read("docs/browser.md")).group()
    named = set(re.findall(r'"([a-z.]+)"', lines))
    posted = {
        rule.endpoint.rpartition(".")[0]
        for rule in site.app.url_map.iter_rules()
        if rule.endpoint.startswith("consentry") and "POST" in (rule.methods or ())
    }

    assert named == posted
    assert named <= site.app.blueprints.keys()


def test_what_tests_of_a_site_seal_is_not_the_sites_own(make_app, tmp_path):
    """
    Whoever sets up their own tests as docs/browser.md says can run any command in them, again and
    again, and their site finds nothing of it beside its log.
    """
    [lines] = re.findall(r"(?ms)^@pytest\.fixture\ndef app\(.*?^```$", read("docs/browser.md"))
    names: dict[str, Any] = {"pytest": Mock(), "create_app": lambda told: make_app(**told)}
    names["pytest"].fixture = lambda function: function
    exec(lines.removesuffix("```"), names)
    for number in range(2):
        folder = tmp_path / str(number)
        folder.mkdir()
        run = names["app"](folder).test_cli_runner().invoke
        taken = ["export", "--format", "jsonl", "--out", f"{folder}/all"]
        ends = [run(args=["consent", *words]).exit_code for words in (taken, ["seal"], ["check"])]

        assert ends == [0, 0, 0]
        assert (folder / "consent.anchors").exists()
    assert not (tmp_path / "instance").exists()


def test_the_lines_for_babel_have_it_read_templates_with_gates():
    """
    What is to be translated beside and in a gate is found with the two lines for Babel, without
    which it leaves out the whole template and says nothing.
    """
    told = dict(re.findall(r"(?m)^(extensions|silent) = (.+)$", read("docs/browser.md")))
    page = b'{{ _("before") }}{% gate "youtube" %}{% trans %}in it{% endtrans %}{% endgate %}'
    found = list(extract("jinja2", BytesIO(page), options=told))

    assert [text for _, text, _, _ in found] == ["before", "in it"]
    with pytest.raises(TemplateSyntaxError):
        list(extract("jinja2", BytesIO(page), options=told | {"extensions": ""}))


def test_links_between_documents_lead_somewhere(files):
    """
    A link from one document to a file of the project finds that file.
    """
    dead = [
        f"{page}: {target}"
        for page in files
        if page.suffix == ".md"
        for target in re.findall(r"\]\((?!\w+:|#)([^)#\s]+)", read(str(page)))
        if not (ROOT / page.parent / target).exists()
    ]

    assert dead == []
