"""The commands about sealing, the key and a loss, as an operator types them."""

from __future__ import annotations

import shutil
import time
from datetime import UTC, datetime
from pathlib import Path
from unittest.mock import Mock

import pytest
from flask.cli import ScriptInfo

from consent.cli import cli
from consent.commands import log as commands
from consent.log import health
from consent.log.merkle.note import parse_vkey
from tests.conftest import Visitor, events
from tests.log.authority import Authority


@pytest.fixture
def logs(app):
    """Return the logs of the small site."""
    return app.extensions["consentry"].store.logs


class TestSeal:
    def test_what_was_recorded_is_sealed(self, run, visitor, logs):
        """
        The command seals what the site recorded, and says how much that was (EV-08).
        """
        visitor.decide("accept")
        result = run("seal")

        assert result.exit_code == 0, result.output
        assert "1 event sealed" in result.output
        assert logs()[0].size == 2
        assert "0 events sealed" in run("seal").output

    def test_it_goes_on_until_it_is_stopped(self, run, visitor, logs, monkeypatch):
        """
        With --watch it seals again and again, and trouble in between is said once.
        """
        key = visitor.app.extensions["consentry"].sealer.key
        visitor.decide("accept")

        def nothing():
            Visitor(visitor.app).decide("reject")

        def wrong():
            key.chmod(0o644)
            Visitor(visitor.app).decide("accept")

        def mended():
            key.chmod(0o600)

        steps = iter([wrong, nothing, mended])

        def sleep(seconds):
            step = next(steps, None)
            if step is None:
                raise KeyboardInterrupt
            step()

        monkeypatch.setattr(commands.time, "sleep", sleep)
        result = run("seal", "--watch")

        assert result.output.count("not sealed") == 1
        assert logs()[0].size == 4

    def test_what_would_keep_it_from_sealing_is_told_at_its_start(self, run, visitor, monkeypatch):
        """
        With --watch a lost key is told before the next decision, which may come days later.
        """
        visitor.decide("accept")
        run("seal")
        visitor.app.extensions["consentry"].sealer.key.unlink()
        monkeypatch.setattr(commands.time, "sleep", Mock(side_effect=KeyboardInterrupt))

        assert "the key of the log is gone" in run("seal", "--watch").output

    def test_what_keeps_it_from_sealing_is_told(self, run, visitor):
        """
        A key that others can read ends the command with words and a code.
        """
        visitor.decide("accept")
        key = visitor.app.extensions["consentry"].sealer.key
        key.touch(0o644)
        result = run("seal")

        assert result.exit_code == 1
        assert "wanted 0600" in result.output
        assert "Traceback" not in result.output


class TestLog:
    def test_the_key_is_printed_before_and_after_the_first_seal(self, run, visitor, logs):
        """
        An operator can publish what verifies the log before the first visitor came.
        """
        before = run("log", "key").output.strip()
        visitor.decide("accept")
        run("seal")

        assert parse_vkey(before).name.endswith(f"/consent/{datetime.now(UTC).year}")
        assert run("log", "key").output.split() == [before] == [log.vkey for log in logs()]

    def test_a_key_can_be_changed(self, run, visitor, logs):
        """
        After a rotation the new log has a key of its own, and both are printed.
        """
        visitor.decide("accept")
        run("seal")
        result = run("log", "rotate", "--by", "Vorstand")

        assert result.exit_code == 0, result.output
        assert logs()[1].origin in result.output
        assert run("log", "key").output.split() == [log.vkey for log in logs()]

    def test_a_key_of_two_sites_is_taken_from_none(self, run, visitor, make_app, logs):
        """
        Two sites in one instance folder have one key: a rotation for one is refused until the other
        is said to have a copy of its own, with which that one goes on.
        """
        policy = Path(visitor.app.config["CONSENT_POLICY"])
        second = policy.with_name("second.toml")
        second.write_text(policy.read_text().replace('site = "', 'site = "zwei.', 1))
        other = Visitor(make_app(CONSENT_POLICY=str(second)))
        for each in (visitor, other):
            each.decide("accept")
            assert each.app.test_cli_runner().invoke(args=["consent", "seal"]).exit_code == 0
        refused = run("log", "rotate")

        assert refused.exit_code == 1
        assert (
            f"the key of zwei.kreisverband-musterland.example/consent/{datetime.now(UTC).year}, too"
            in refused.output
        )
        assert len(logs()) == 1

        key = visitor.app.extensions["consentry"].sealer.key
        for kind in (".key", ".anchors"):
            shutil.copy(key.with_suffix(kind), key.with_name(f"zwei{kind}"))
        assert run("log", "rotate", "--alone").exit_code == 0
        assert len(logs()) == 2

        moved = make_app(CONSENT_POLICY=str(second), CONSENT_LOG_KEY="zwei.key")
        Visitor(moved).decide("reject")
        sealed = moved.test_cli_runner().invoke(args=["consent", "seal"])
        assert sealed.exit_code == 0, sealed.output

    def test_a_lost_key_is_told_and_can_be_replaced(self, run, visitor, logs):
        """
        A key that is gone is not replaced before somebody says that it is lost.
        """
        visitor.decide("accept")
        run("seal")
        visitor.app.extensions["consentry"].sealer.key.unlink()
        visitor.decide("reject")

        assert "log rotate --lost" in run("seal").output
        assert run("log", "rotate").exit_code == 1
        assert run("log", "rotate", "--lost").exit_code == 0
        assert run("seal").exit_code == 0
        assert len(logs()) == 2

    def test_a_checkpoint_is_stamped(self, run, make_app, visitor, tmp_path):
        """
        The command asks the authority of the configuration about each log, and says what it says.
        """
        authority = Authority(tmp_path / "authority", "Chosen")
        visitor.decide("accept")
        run("seal")
        assert "CONSENT_TSA is not set" in run("log", "stamp").output
        with authority.served() as url:
            app = make_app(CONSENT_TSA=url, CONSENT_TSA_CERTIFICATES=str(authority.roots))
            stamped = app.test_cli_runner().invoke(
                cli, ["log", "stamp"], obj=ScriptInfo(create_app=lambda: app)
            )

        assert stamped.exit_code == 0, stamped.output
        assert f"{datetime.now(UTC):/%Y}: 2 leaves, {datetime.now(UTC):%Y-%m-%dT}" in stamped.output
        assert len(authority.asked) == 1

    def test_after_a_restored_backup_the_log_is_reopened(self, run, app, visitor, logs, tmp_path):
        """
        With yesterday's database sealing refuses, even where nothing waits; after the command it
        goes on, and what was erased since then is erased again (EV-08, AU-09).
        """
        store = app.extensions["consentry"].store
        file = Path(app.instance_path, "consent.sqlite3")
        receipt = visitor.decide("accept", json=True).json["receipt"]
        run("seal")
        store.close()
        shutil.copy(file, tmp_path / "backup")
        run("erase", receipt, "--ground", "art-17")
        store.close()
        shutil.copy(tmp_path / "backup", file)

        quiet = run("seal")
        assert (quiet.exit_code, "flask consent log reopen" in quiet.output) == (1, True)
        Visitor(app).decide("reject")
        assert "flask consent log reopen" in run("seal").output
        result = run("log", "reopen")
        assert result.exit_code == 0, result.output
        assert "1 event erased again" in result.output
        assert store.history(receipt) == []
        assert run("seal").exit_code == 0
        assert run("log", "reopen").exit_code == 1

    @pytest.mark.parametrize("kept", ["a part of the log", "nothing"])
    def test_what_cannot_go_on_after_a_loss_is_told(
        self, run, app, visitor, make_app, tmp_path, kept
    ):
        """
        Once a loss is admitted no export can go on after a checkpoint that went with it: the
        operator reads that it goes without, and it does.
        """
        store, out = app.extensions["consentry"].store, str(tmp_path / "export.zip")
        file, noted = Path(app.instance_path, "consent.sqlite3"), tmp_path / "checkpoint.txt"
        visitor.decide("accept")
        run("seal")
        store.close()
        shutil.copy(file, tmp_path / "backup")
        visitor.decide("withdraw")
        run("seal")
        noted.write_text(store.logs()[-1].checkpoint, encoding="utf-8")
        store.close()
        file.unlink()
        if kept != "nothing":
            shutil.copy(tmp_path / "backup", file)
        anew = make_app()
        run_on(anew, "log", "reopen")

        asked = ("export", "--format", "bundle", "--out", out)
        refused = run_on(anew, *asked, "--previous", str(noted))
        assert refused.exit_code == 1
        assert "flask consent log reopen admits, export without it" in refused.output
        assert run_on(anew, *asked).exit_code == 0

    def test_files_are_wiped_again(self, run, visitor):
        """
        What a reader kept from being removed is removed later, and whoever wanted that reads so.
        """
        visitor.decide("accept")
        result = run("log", "wipe")

        assert result.exit_code == 0, result.output
        assert "what was erased is wiped from the database" in result.output


class TestCopy:
    def test_a_site_goes_on_in_another_database(self, run, visitor, make_app):
        """
        After the move nobody is asked again, a receipt opens its record, a withdrawal is linked to
        its consent, and the log is sealed as before.
        """
        visitor.decide("accept")
        run("seal")
        moved = make_app(CONSENT_DATABASE="sqlite:///new.sqlite3")

        result = run_on(moved, "log", "copy", "sqlite:///consent.sqlite3")
        visitor.client.application = moved
        receipt = visitor.get("/consent/receipt").text
        visitor.decide("withdraw")

        assert "2 events copied" in result.output
        assert "matomo" in receipt.lower()
        assert run_on(moved, "seal").exit_code == run_on(moved, "check").exit_code == 0
        grant, withdrawal = (event for event in events(moved) if event["event"] == "decision")
        assert withdrawal["previous"] == grant["id"]

    def test_a_site_that_was_started_too_early_need_not_lose_anything(
        self, run, visitor, make_app, tmp_path
    ):
        """
        Who starts the site before the copy is told how to keep what was recorded since, and that
        works; the log is not given up for it.
        """
        visitor.decide("accept")
        run("seal")
        early = make_app(CONSENT_DATABASE="sqlite:///new.sqlite3")
        Visitor(early).decide("accept")
        copy = ("log", "copy", "sqlite:///consent.sqlite3")

        refused = run_on(early, *copy)
        told = " ".join(refused.output.split())
        kept = run_on(early, "export", "--format", "jsonl", "--out", str(tmp_path / "kept.jsonl"))
        early.extensions["consentry"].store.close()
        for file in Path(early.instance_path).glob("new.sqlite3*"):
            file.unlink()
        moved = make_app(CONSENT_DATABASE="sqlite:///new.sqlite3")

        assert refused.exit_code == 1
        assert "keep what that recorded (flask consent export --format jsonl), empty it" in told
        assert "1 event written" in kept.output
        assert "2 events copied" in run_on(moved, *copy).output
        assert run_on(moved, "seal").exit_code == 0

    def test_a_slip_is_told(self, run):
        """
        What cannot be copied ends the command with words.
        """
        result = run("log", "copy", "sqlite:///consent.sqlite")

        assert (result.exit_code, type(result.exception)) == (1, SystemExit)
        assert "consent.sqlite: there is no database" in result.output


def run_on(app, *words):
    return app.test_cli_runner().invoke(args=["consent", *words])


def test_what_is_not_sealed_for_long_is_told(run, visitor, monkeypatch):
    """
    The site's check notices that nobody seals what is recorded.
    """
    visitor.decide("accept")
    soon = run("check")
    now = time.time()
    monkeypatch.setattr("consent.web.report.evidence.time.time", lambda: now + 100)
    later = run("check")
    run("seal")

    assert soon.exit_code == 0
    assert later.exit_code == 1
    assert "waiting to be sealed since 2" in later.output
    assert run("check").exit_code == 0


def test_a_mistake_of_the_set_up_is_told(run, app):
    """
    The site's check names a key that cannot be used.
    """
    key = app.extensions["consentry"].sealer.key
    key.parent.mkdir(parents=True, exist_ok=True)
    key.touch(0o640)
    result = run("check")

    assert result.exit_code == 1
    assert "wanted 0600" in result.output


@pytest.mark.parametrize("decisions", [0, 1])
def test_a_folder_of_the_key_that_cannot_be_written_is_told(
    run, app, visitor, monkeypatch, decisions
):
    """
    Where the site may not write beside its key, its check says so and leaves nothing there, before
    the first decision as well: nothing would be sealed and published, and no bundle made.
    """
    monkeypatch.setattr(
        health, "TemporaryFile", Mock(side_effect=PermissionError(13, "Not allowed"))
    )
    for _ in range(decisions):
        visitor.decide("accept")
    result = run("check")
    anchors = app.extensions["consentry"].sealer.anchors.path

    assert result.exit_code == 1
    assert f"{anchors}: cannot be written: Not allowed" in result.output
    assert "CONSENT_LOG_KEY" in result.output
    assert not anchors.exists()


def test_anchors_that_cannot_be_added_to_are_told(run, app):
    """
    Nor is the check content with a file of anchors that nothing can be added to.
    """
    app.extensions["consentry"].sealer.anchors.path.mkdir(parents=True)

    assert "consent.anchors: cannot be written" in run("check").output


def test_anchors_on_a_disk_that_is_away_are_told(run, app):
    """
    Nor with a link to anchors that nobody can make, as while the disk that it leads to is away.
    """
    anchors = app.extensions["consentry"].sealer.anchors.path
    anchors.parent.mkdir(parents=True, exist_ok=True)
    anchors.symlink_to(anchors.parent / "away" / "anchors")

    assert "consent.anchors: cannot be written: No such file" in run("check").output
