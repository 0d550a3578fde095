"""Time stamps: a third party says when a checkpoint was there, and nobody waits for it."""

from __future__ import annotations

import shutil
import socket
import subprocess
import sys
import threading
import zipfile
from pathlib import Path

import pytest

from consent.errors import ConfigError, LogError, LogUnavailable
from consent.log import bundle, stamp, verify
from consent.log.merkle.checkpoint import Checkpoint
from consent.log.stamp import Stamps
from consent.log.trees import Trees
from tests.log.authority import Authority
from tests.log.samples import DAY, MS, NOW, SITE, make
from tests.log.test_bundle import asked, read, seen

ORIGIN = f"{SITE}/consent/2026"
SCRIPT = Path(verify.__file__).with_name("verify.sh")


@pytest.fixture(scope="module")
def authorities(tmp_path_factory) -> tuple[Authority, Authority]:
    """The one that the site chose, and another one."""
    folder = tmp_path_factory.mktemp("authorities")
    return Authority(folder / "chosen", "Chosen"), Authority(folder / "other", "Other")


@pytest.fixture
def authority(authorities):
    authority = authorities[0]
    authority.answer = authority.stamp
    authority.asked.clear()
    authority.addressed.clear()
    return authority


@pytest.fixture
def chosen(authority):
    with authority.served() as url:
        yield stamp.Authority(url, authority.roots)


@pytest.fixture
def log(store, sealer):
    """Return what the log is just now, after so many more decisions."""

    def log(more: int = 0):
        for n in range(more):
            store.append(make(now_ns=NOW + (store.count() + n) * MS))
        sealer.seal(NOW)
        return store.logs()[0]

    return log


@pytest.fixture
def stamps(sealer) -> Stamps:
    return Stamps.beside(sealer.key)


class TestStamping:
    def test_a_checkpoint_is_stamped_as_openssl_reads_it(self, log, stamps, chosen, authority):
        """
        What is kept are two files that openssl can check against the authority's certificate,
        and against nothing else.
        """
        now = log(2)
        stamps.add(now, chosen)
        folder = stamps.path / ORIGIN

        assert (folder / "3.txt").read_text("utf-8") == now.checkpoint
        assert authority.accepts(folder / "3.tsr", folder / "3.txt")
        assert not authority.accepts(folder / "3.tsr", authority.roots)
        assert [path.name for path in sorted(folder.iterdir())] == ["3.tsr", "3.txt"]

    def test_the_authority_learns_a_hash_and_nothing_else(self, log, stamps, chosen, authority):
        """
        Neither the site nor a number of decisions leaves the machine.
        """
        stamps.add(log(1), chosen)

        assert len(authority.asked) == 1
        assert SITE.encode() not in authority.asked[0]
        assert len(authority.asked[0]) < 80

    def test_a_checkpoint_is_stamped_once(self, log, stamps, chosen, authority):
        """
        A log that did not grow costs the authority nothing; one that did is stamped again.
        """
        stamps.add(log(1), chosen)

        assert stamps.add(log(), chosen) is None
        assert len(authority.asked) == 1
        assert stamps.add(log(1), chosen) is not None
        assert [each.size for each in stamps.of(log())] == [2, 3]

    def test_a_lie_is_not_kept(self, log, stamps, chosen, authorities):
        """
        An answer for another hash or another question, of somebody else, with a broken
        signature, of yesterday's clock, a refusal, and what is no answer at all: nothing of it
        is kept, the reason is told, and the log goes on.
        """
        mine, other = authorities
        stamps.add(log(1), chosen)
        earlier = mine.stamp(mine.asked[0])
        lies = {
            "Nonce mismatch": lambda _: earlier,
            "Mismatch between messages": lambda question: mine.stamp(_other_hash(question)),
            "certificate verify error": other.stamp,
            "provider signature": lambda question: _broken(mine.stamp(question)),
            "not GRANTED": lambda question: mine.stamp(question.replace(SHA256, SHA224)),
            "ShortData { needed: 7 }": lambda question: mine.stamp(question)[:-7],
            "no time stamp": lambda _: b"<html>busy</html>",
            "has more than": lambda _: b"\x30" * (stamp.LONGEST + 1),
            "answers with 503": lambda _: b"",
        }
        now = log(1)
        for words, lie in lies.items():
            mine.answer = lie
            with pytest.raises(LogError, match=r"^http://127\.0\.0\.1") as told:
                stamps.add(now, chosen)
            assert words in str(told.value)
            assert "\n" not in str(told.value)
            assert len(list(stamps.of(now))) == 1
        assert log(1).size == 4

    def test_a_time_that_cannot_be_is_refused(self, log, stamps, chosen, monkeypatch):
        """
        If authority and machine do not agree about the time one of them is wrong, and that is
        said instead of kept.
        """
        monkeypatch.setattr(stamp, "TOLERANCE", -1)

        with pytest.raises(LogError, match="the clock here"):
            stamps.add(log(1), chosen)
        assert list(stamps.of(log())) == []

    def test_an_authority_that_is_gone_is_told(self, log, stamps, authority):
        """
        Where nobody answers the command says so; there is no stamp, and the log goes on.
        """
        with pytest.raises(LogError, match="does not answer"):
            stamps.add(log(1), stamp.Authority("http://127.0.0.1:1/tsr", authority.roots))
        assert log(1).size == 3

    def test_a_server_that_is_no_authority_at_all_is_told(self, log, stamps, authority):
        """
        So it is where something else listens at the address, whatever it says.
        """
        now = log(1)
        with socket.create_server(("127.0.0.1", 0)) as server:
            said = threading.Thread(target=self.say_something, args=(server,))
            said.start()
            url = f"http://127.0.0.1:{server.getsockname()[1]}/"
            with pytest.raises(LogError, match="does not answer: SSH-2"):
                stamps.add(now, stamp.Authority(url, authority.roots))
            said.join()

    def say_something(self, server: socket.socket) -> None:
        asking, _ = server.accept()
        with asking:
            asking.recv(1 << 16)
            asking.sendall(b"SSH-2.0\r\n\r\n")

    def test_an_authority_that_wants_a_password_gets_it(self, log, stamps, authority):
        """
        Name and password in the address are sent to the authority, with every sign that they may
        have.
        """
        with authority.served() as url:
            secret = url.replace("//", "//verein:p%40ss%3A@") + "?for=verein"
            stamps.add(log(1), stamp.Authority(secret, authority.roots))

        assert authority.addressed == [("/tsr?for=verein", "Basic dmVyZWluOnBAc3M6")]

    def test_its_password_is_told_to_nobody(self, log, stamps, authority):
        """
        What a command or a server writes about the authority holds no secret of the address,
        neither one before the host nor one that it asks with.
        """
        authority.answer = lambda _: b""
        with authority.served() as url:
            secret = url.replace("//", "//verein:secret@") + "?key=secret"
            chosen = stamp.Authority(secret, authority.roots)
            with pytest.raises(LogError, match=rf"^{url}: the authority answers with 503$"):
                stamps.add(log(1), chosen)
        with pytest.raises(LogError, match=rf"^{url}: the authority does not answer: "):
            stamps.add(log(), chosen)

        assert "secret" not in repr(chosen)

    def test_what_cannot_be_kept_is_told(self, log, stamps, chosen):
        """
        A folder that cannot be written to is an error, not a stamp.
        """
        now = log(1)
        stamps.path.write_text("in the way")

        with pytest.raises(LogError, match="cannot be written"):
            stamps.add(now, chosen)


#: Object identifiers as DER; the authority does not take the second.
SHA256, SHA224 = bytes.fromhex("608648016503040201"), bytes.fromhex("608648016503040204")


def _other_hash(question: bytes) -> bytes:
    at = question.index(b"\x04\x20") + 2
    return question[:at] + bytes(32) + question[at + 32 :]


def _broken(answer: bytes) -> bytes:
    return answer[:-4] + bytes(byte ^ 1 for byte in answer[-4:])


class TestSetUp:
    @pytest.mark.parametrize(
        "url",
        [
            *("", "tsa.example", "ftp://tsa.example/", "https://", "https://[tsa.example/"),
            *("https://tsa.example:https/", "https://tsa.example:0/", "https://tsa.example/ä b"),
        ],
    )
    def test_an_address_that_is_none_stops_the_start(self, authority, url):
        """
        A mistake in the address is found before it is needed.
        """
        with pytest.raises(ConfigError, match="CONSENT_TSA: found"):
            stamp.Authority(url, authority.roots)

    @pytest.mark.parametrize(
        "url", ["https://verein:se/cr@et@tsa.example/", "ftp://v:secret@tsa.example/?k=secret"]
    )
    def test_a_mistake_in_it_is_told_without_the_password(self, authority, url):
        """
        So it is where a password has signs that an address cannot have there.
        """
        with pytest.raises(ConfigError, match=r"found '\w+://tsa\.example/', wanted"):
            stamp.Authority(url, authority.roots)

    def test_certificates_are_needed(self, authority, tmp_path):
        """
        Without the authority's certificates nobody could tell its answers from others'.
        """
        for file in (tmp_path / "missing.pem", authority.folder / "key.pem"):
            with pytest.raises(ConfigError, match="found no certificate in"):
                stamp.Authority("https://tsa.example/", file)

    def test_a_missing_library_stops_the_start_with_a_hint(self, authority, monkeypatch):
        """
        Whoever sets an authority without the library is told what to install.
        """
        monkeypatch.setitem(sys.modules, "rfc3161_client", None)

        with pytest.raises(ConfigError, match=r"pip install 'consentry\[timestamp\]'"):
            stamp.Authority("https://tsa.example/", authority.roots)


class TestBundle:
    """What an auditor gets of it."""

    @pytest.fixture
    def path(self, tmp_path) -> Path:
        return tmp_path / "bundle.zip"

    @pytest.fixture
    def stamped(self, log, stamps, chosen):
        for _ in range(2):
            stamps.add(log(3), chosen)
        return log(1)

    def test_it_takes_them_along(self, stamped, sealer, path, tmp_path, authority):
        """
        Checkpoints and time stamps are in the bundle and in its signed list; verify.py holds
        them against the log and says what openssl is needed for, and openssl accepts them.
        """
        bundle.to_file(sealer, path, asked(now_ns=NOW + DAY))
        wrong, answer = seen(path)

        assert (wrong, answer["findings"]) == (0, [])
        said = [line for line in answer["proven"] if "time stamp" in line]
        assert len(said) == 1
        assert f"{ORIGIN} continues 2 checkpoints" in said[0]
        assert any("an authority signed these" in line for line in answer["open"])
        for name in ("2026/stamps/7.txt", "2026/stamps/7.tsr"):
            (tmp_path / name[-5:]).write_bytes(read(path, name))
        assert authority.accepts(tmp_path / "7.tsr", tmp_path / "7.txt")

    def test_that_of_the_newest_checkpoint_is_among_them(self, log, stamps, chosen, sealer, path):
        """
        Whoever has the log stamped and exports it then has the stamp over what is exported.
        """
        stamps.add(log(2), chosen)
        (stamps.path / ORIGIN / "3-copy.tsr").write_bytes(b"of no checkpoint")
        bundle.to_file(sealer, path, asked(now_ns=NOW + DAY))
        with zipfile.ZipFile(path) as zip:
            names = [name for name in zip.namelist() if "stamps" in name]

        assert names == ["2026/stamps/3.txt", "2026/stamps/3.tsr"]
        assert read(path, "2026/stamps/3.txt") == read(path, "2026/checkpoint.txt")

    def test_the_script_asks_openssl(self, stamped, sealer, path, authorities):
        """
        The script checks them against the certificates that it is given, and not against others'.
        """
        bundle.to_file(sealer, path, asked(now_ns=NOW + DAY))
        mine, other = [
            subprocess.run(["sh", SCRIPT, "--tsa", one.roots, path], capture_output=True, text=True)
            for one in authorities
        ]

        assert mine.returncode == 0, mine.stderr
        assert mine.stdout.count("/stamps/") == 2
        assert other.returncode == 1
        assert "no time stamp of this authority" in other.stderr

    def test_one_that_was_exchanged_is_found(self, stamped, stamps, sealer, path):
        """
        A stamp beside another checkpoint, or one without a checkpoint, does not pass as one.
        """
        folder = stamps.path / ORIGIN
        shutil.copy(folder / "4.tsr", folder / "7.tsr")
        bundle.to_file(sealer, path, asked(now_ns=NOW + DAY))
        _, answer = seen(path)

        found = [(one["code"], one["file"]) for one in answer["findings"]]
        assert found == [("stamp.other", "2026/stamps/7.txt")]

    def test_one_of_another_history_stops_the_export(self, stamped, stamps, sealer, path, log):
        """
        A stamp over a checkpoint that this log never had is told, not taken along, and no export is
        recorded that nobody got; who moves it away, as the message says, gets one.
        """
        file = stamps.path / ORIGIN / "4.txt"
        signer = sealer.signer(ORIGIN)
        sizes = [Checkpoint(ORIGIN, size, bytes(32)).signed(signer) for size in (4, 7)]

        notes = [note.encode() for note in sizes]
        for note in (*notes, file.with_name("7.txt").read_bytes(), b"\xff", b""):
            file.write_bytes(note)
            with pytest.raises(
                LogError, match=r"4\.txt: a time stamp .* never had\n    hint: bring"
            ):
                bundle.to_file(sealer, path, asked(now_ns=NOW + DAY))
            assert not path.exists()
        assert not any(b'"event":"export"' in body for body in sealer.store.events())
        for end in (".txt", ".tsr"):
            file.with_suffix(end).unlink()
        bundle.to_file(sealer, path, asked(now_ns=NOW + DAY))
        assert seen(path)[1]["findings"] == []

    def test_a_database_that_fails_is_no_other_history(self, stamped, sealer, path, monkeypatch):
        """
        A server that goes away during an export is told as that, not as a stamp over a checkpoint
        that never was.
        """

        def fail(*_):
            raise LogUnavailable("gone for a moment")

        monkeypatch.setattr(Trees, "root", fail)
        with pytest.raises(LogUnavailable, match="gone for a moment"):
            bundle.to_file(sealer, path, asked(now_ns=NOW + DAY))

    def test_one_without_its_checkpoint_is_told(self, stamped, stamps, sealer, path):
        """
        An answer says nothing without what it is about; which file is missing is said.
        """
        (stamps.path / ORIGIN / "4.txt").unlink()

        with pytest.raises(LogError, match="2026/4: cannot be read: No such file"):
            bundle.to_file(sealer, path, asked(now_ns=NOW + DAY))

    def test_one_that_an_older_database_lacks_is_left_out(self, log, stamps, chosen, sealer, path):
        """
        After a loss that the log admits, a stamp that is ahead of it does not stop an export.
        """
        now = log(1)
        stamps.add(now, chosen)
        for name in ("txt", "tsr"):
            (stamps.path / ORIGIN / f"2.{name}").rename(stamps.path / ORIGIN / f"99.{name}")
        bundle.to_file(sealer, path, asked(now_ns=NOW + DAY))

        assert seen(path)[1]["findings"] == []
