"""What commands print, wherever it goes."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner
from flask.cli import ScriptInfo

from consent.cli import cli
from consent.policy import schema, shelf

#: Terminals and pipes that do not have every character.
narrow = pytest.mark.parametrize("charset", ["latin-1", "iso8859-15", "cp437"])


@pytest.fixture
def run_in(app):
    """Run a command whose output has a certain encoding."""

    def run_in(charset, *words):
        runner = CliRunner(charset=charset)
        return runner.invoke(cli, words, obj=ScriptInfo(create_app=lambda: app))

    return run_in


@narrow
@pytest.mark.parametrize("words", [["services"], ["services", "youtube"], ["check"]])
def test_no_character_ends_a_command(run_in, charset, words):
    """
    What a terminal or a mail of cron cannot show is a question mark, and the rest is there.
    """
    shown, whole = run_in(charset, *words), run_in("utf-8", *words)

    assert shown.exit_code == 0, shown.output
    assert shown.output == whole.output.encode(charset, "replace").decode(charset)


@narrow
def test_what_is_a_file_loses_nothing(run_in, charset):
    """
    A document, the schema and JSON are UTF-8, as they or their formats say, whatever the terminal
    has: sent into a file they are whole.
    """
    words = (["documents", "privacy"], ["schema"], ["services", "--json"])
    page, described, listed = (run_in(charset, *each).stdout_bytes.decode() for each in words)

    assert '<meta charset="utf-8">' in page
    assert "„" in page
    assert described == schema.text()
    assert not described.isascii()
    assert json.loads(listed)["etracker"]["provider"] == shelf.labels()["etracker"].provider
    assert not listed.isascii()
