"""What commands print, wherever it goes."""

from __future__ import annotations

import errno
import json
import os
import re
from pathlib import Path

import pytest
from click.testing import CliRunner
from flask.cli import ScriptInfo
from sqlalchemy import update

from consent.cli import cli
from consent.log.database import tables
from consent.log.stamp import Stamps
from consent.policy import schema, shelf
from tests.conftest import POLICY, Visitor, events

#: Terminals and pipes that do not have every character.
narrow = pytest.mark.parametrize("charset", ["latin-1", "iso8859-15", "cp437"])


def run(app, *words, charset="utf-8"):
    """Run a command whose output has a certain encoding."""
    runner = CliRunner(charset=charset)
    return runner.invoke(cli, words, obj=ScriptInfo(create_app=lambda: app))


@narrow
@pytest.mark.parametrize("words", [["services"], ["services", "youtube"], ["check"]])
def test_no_character_ends_a_command(app, charset, words):
    """
    What a terminal or a mail of cron cannot show is a question mark, and the rest is there.
    """
    shown, whole = run(app, *words, charset=charset), run(app, *words)

    assert shown.exit_code == 0, shown.output
    assert shown.output == whole.output.encode(charset, "replace").decode(charset)


@narrow
def test_what_is_a_file_loses_nothing(app, charset):
    """
    A document, the schema and JSON are UTF-8, as they or their formats say, whatever the terminal
    has: sent into a file they are whole.
    """
    words = (["documents", "privacy"], ["schema"], ["services", "--json"])
    done = [run(app, *each, charset=charset) for each in words]
    page, described, listed = (result.stdout_bytes.decode() for result in done)

    assert '<meta charset="utf-8">' in page
    assert "„" in page
    assert described == schema.text()
    assert not described.isascii()
    assert json.loads(listed)["etracker"]["provider"] == shelf.labels()["etracker"].provider
    assert not listed.isascii()


@pytest.mark.parametrize("format", ["csv", "xlsx", "parquet", "jsonld"])
def test_an_export_that_marks_what_was_altered_says_so(make_app, tmp_path, format):
    """
    One event that somebody altered does not keep the file from an auditor; the operator is told
    how many were marked (AU-01).
    """
    app, out = make_app(), tmp_path / "x"
    Visitor(app).decide("accept")
    store = app.extensions["consentry"].store
    altered = update(tables.event).values(body=b'{"event":"decision"}')
    store.transact(lambda connection: connection.execute(altered))
    done = run(app, "export", "--format", format, "--out", str(out))

    assert done.exit_code == 0
    assert "1 event was altered in the database, and marked as unreadable\n" in done.output
    assert done.output.endswith(f"1 event written to {out}\n")
    assert out.stat().st_size


def test_one_of_a_thing_is_spoken_of_in_the_singular(make_app, policy_file, tmp_path):
    """
    Of one event, one day or one leaf no command speaks as of several.
    """
    policy_file.write_text(f"lifetime = 1\n{POLICY}", encoding="utf-8")
    app, out = make_app(), str(tmp_path / "x")
    said = [
        run(app, *words).output
        for words in (
            ("auditor", "invite", "Anna", "--url", "https://verein.example"),
            ("check",), ("seal",), ("stats",),
            ("export", "--format", "csv", "--out", out, "--kind", "access"),
        )
    ]  # fmt: skip

    assert re.findall(r"\b1 (?!of )(?:later )?[a-z]+s\b", "\n".join(said)) == []
    assert "after 1 day," in said[1]
    assert said[2] == "1 event sealed\n"
    assert f"1 event written to {out}" in said[4]


@pytest.mark.parametrize(
    ("words", "wanted"),
    [
        ("documents Register --language EN", '<html lang="en"'),
        ("services --purpose Protection", "recaptcha"),
        ("services YouTube", "[services.youtube]"),
        ("report --language DE --html OUT", '<html lang="de"'),
        ("export --format JSONL --kind Refusal --out OUT", '"kind":"refusal"'),
        ("export --format CSV --language DE --out OUT", ",refusal,"),
        ("export --format csv --notice NOTICE --out OUT", ",refusal,"),
        ("export --format csv --service Matomo --answer Refused --out OUT", ",refusal,"),
        ("auditor invite Anna --site Kreisverband-Musterland.example", "https://kreisverband-m"),
    ],
)
def test_letters_are_of_any_size(app, visitor, tmp_path, words, wanted):
    """
    Who writes DE, CSV or YouTube gets what small letters bring; an export of decisions in DE held
    none, and said nothing.
    """
    visitor.decide("reject")
    out, shown = tmp_path / "out", events(app)[-1]["notice"][:16].upper()
    result = run(app, *words.replace("OUT", str(out)).replace("NOTICE", shown).split())

    assert result.exit_code == 0, result.output
    assert wanted in (out.read_text("utf-8") if out.exists() else result.output)


@pytest.mark.parametrize("words", [["check"], ["schema"], ["services", "--json"], ["--help"]])
def test_a_full_disk_is_told(app, monkeypatch, words):
    """
    Where what a command prints fills the disk it ends with a sentence and a code, not with a
    stack trace; who reads only the beginning of it is not bothered.
    """

    def fail(number):
        def write(*_, **__):
            raise OSError(number, os.strerror(number))

        monkeypatch.setattr("click.echo", write)
        monkeypatch.setattr("click.decorators.echo", write)  # for --help
        return run(app, *words)

    full, enough = fail(errno.ENOSPC), fail(errno.EPIPE)

    assert (full.exit_code, type(full.exception)) == (1, SystemExit)
    assert full.output == "Error: what is printed: No space left on device\n"
    assert (enough.exit_code, enough.output) == (1, "")


@pytest.mark.parametrize(
    "words",
    [
        ("export", "--format", "csv", "--out"), ("export", "--format", "bundle", "--out"),
        ("report", "--html"), ("documents", "privacy", "--out"),
    ],
    ids=" ".join,
)  # fmt: skip
def test_no_output_takes_the_place_of_the_evidence(app, visitor, policy_file, words):
    """
    Who names the database, the key, what lies beside them or the policy as the file to write reads
    that the site needs it, and each stays as it was.
    """
    visitor.decide("accept")
    site = app.extensions["consentry"]
    site.sealer.seal()
    link = policy_file.with_name("link")
    link.symlink_to(site.store.file)
    own = [site.store.file, site.sealer.key, site.sealer.anchors.path, policy_file, link]
    before = [file.read_bytes() for file in own]
    kept = [site.inspector.path, site.sealer.key.with_suffix(".erased")]
    kept += [Path(f"{site.store.file}{end}") for end in ("-wal", "-shm", ".lock")]
    kept.append(Stamps.beside(site.sealer.key).path / site.store.site / "1.tsr")

    for file in own + kept:
        result = run(app, *words, str(file))
        assert (result.exit_code, "found a file that the site needs" in result.output) == (2, True)
    assert [file.read_bytes() for file in own] == before


def test_no_output_takes_the_place_of_what_lies_beside_a_linked_database(make_app, tmp_path):
    """
    Where the database is a link to a file on another disk, SQLite keeps what it needs beside that
    file, and no output takes its place.
    """
    disk, link = tmp_path / "disk", tmp_path / "consent.sqlite"
    disk.mkdir()
    link.symlink_to(disk / "real.sqlite")
    app = make_app(CONSENT_DATABASE=f"sqlite:///{link}", CONSENT_LOG_KEY=str(tmp_path / "x.key"))
    Visitor(app).decide("accept")
    assert (disk / "real.sqlite-wal").exists()

    for name in ("real.sqlite", "real.sqlite-wal", "real.sqlite-shm"):
        result = run(app, "export", "--format", "csv", "--out", str(disk / name))
        assert "found a file that the site needs" in result.output, name


@pytest.mark.parametrize("below", ["", "x"])
def test_a_link_to_itself_is_no_stack_trace(app, visitor, tmp_path, below):
    """
    A name that leads back to itself gives way to the file; below it there is no place for one.
    """
    visitor.decide("accept")
    link = tmp_path / "link"
    link.symlink_to(link)
    for format in ("csv", "bundle"):
        result = run(app, "export", "--format", format, "--out", str(link / below))

        assert result.exit_code == bool(below), result.output
        assert ("cannot be written: Too many levels of symbol" in result.output) is bool(below)
        assert link.is_file() is not bool(below)


def test_what_is_written_has_a_name(app, visitor, tmp_path, monkeypatch):
    """
    Who writes "-" for what others call standard output is told to name a file, and gets none
    that is called so.
    """
    monkeypatch.chdir(tmp_path)
    visitor.decide("accept")
    result = run(app, "export", "--format", "jsonl", "--out", "-")

    assert (result.exit_code, "wanted the name of a file" in result.output) == (2, True)
    assert not Path("-").exists()
