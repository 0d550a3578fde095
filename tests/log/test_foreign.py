"""What we export is proven by programs that others wrote, and refused by them when altered."""

from __future__ import annotations

import os
import random
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest
from pymerkle import InmemoryTree, verify_inclusion

from consent.log import bundle, verify
from consent.log.bundle import Request
from tests.log import bundles
from tests.log.audit import note_of
from tests.log.bundles import DESKTOP, SITE, files_of, names, unpack, vkey
from tests.log.samples import DAY, NOW, SOFTWARE
from tests.log.test_bundle import decide

GO_CODE = Path("/usr/share/gocode")
SCRIPT = Path(verify.__file__).with_name("verify.sh")

Check = Callable[..., subprocess.CompletedProcess]


def needs(*programs: str) -> None:
    missing = [program for program in programs if not shutil.which(program)]
    if missing:
        pytest.skip(f"*** NOT INSTALLED: {', '.join(missing)}; tools/need.sh brings it from Debian")


@pytest.fixture(scope="session")
def go_program(tmp_path_factory) -> Path:
    """The checker on top of x/mod/sumdb, compiled without a network."""
    needs("go")
    if not GO_CODE.exists():
        pytest.skip("*** NOT INSTALLED: golang-golang-x-mod-dev; tools/need.sh brings it")
    folder = tmp_path_factory.mktemp("go")
    environment = {
        **os.environ,
        "GO111MODULE": "off",
        "GOPATH": str(GO_CODE),
        "GOCACHE": str(folder / "cache"),
        "GOFLAGS": "",
    }
    source = Path(__file__).parent / "foreign" / "check.go"
    command = ["go", "build", "-o", str(folder / "check"), str(source)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return folder / "check"


@pytest.fixture
def go(go_program) -> Check:
    def check(folder: Path, *vkeys: str) -> subprocess.CompletedProcess:
        return subprocess.run([go_program, folder, *vkeys], capture_output=True, text=True)

    return check


@pytest.fixture
def shell() -> Check:
    needs("openssl", "sha256sum", "xxd", "unzip")

    def check(*words: object) -> subprocess.CompletedProcess:
        command = ["sh", str(SCRIPT), *map(str, words)]
        return subprocess.run(command, capture_output=True, text=True)

    return check


LOGS = bundles.story()
KEYS = [vkey(name) for name in names(LOGS)]


@pytest.fixture
def exported(store, sealer, tmp_path) -> Path:
    """What the site exports, with erasures, two years and an earlier checkpoint."""
    for day in range(6):
        for kind in range(3):
            decide(store, day, kind)
    sealer.seal(NOW + 6 * DAY)
    kept = note_of(store, f"{SITE}/consent/2026")
    for day in range(6, 9):
        decide(store, day, 1)
    sealer.seal(NOW + 9 * DAY)
    decide(store, 100)
    asked = Request("Müller", SOFTWARE, NOW + 101 * DAY, previous=(kept,))
    bundle.to_file(sealer, tmp_path / "b.zip", asked)
    return tmp_path / "b.zip"


def unzipped(path: Path, folder: Path) -> tuple[Path, list[str]]:
    shutil.unpack_archive(path, folder)
    return folder, (folder / "vkeys.txt").read_text().split()


# --- Go: the checksum database of Go's modules ----------------------------------------------------


def test_go_proves_a_bundle(go, tmp_path):
    """
    The code of Go's checksum database opens all notes, rebuilds each tree, and proves 42 leaves
    and 42 older trees of each.
    """
    done = go(unpack(files_of(LOGS), tmp_path / "b"), *KEYS)

    assert (done.returncode, done.stdout) == (0, "good\n"), done.stderr


def test_go_proves_what_the_site_exports(go, exported, tmp_path):
    """
    What the site really exports is proven by foreign code, earlier checkpoint included.
    """
    folder, vkeys = unzipped(exported, tmp_path / "b")
    done = go(folder, *vkeys)

    assert (done.returncode, done.stdout) == (0, "good\n"), done.stderr


# --- A Python package by others -------------------------------------------------------------------


@pytest.mark.parametrize("size", [1, 2, 3, 7, 8, 40])
def test_a_package_of_others_has_the_same_trees(size):
    """
    Another implementation of RFC 6962 finds the same roots, and proves our leaves in them.
    """
    tree = InmemoryTree(algorithm="sha256", disable_security=False)
    log = LOGS[0]
    for leaf in log.leaves[:size]:
        commitment = bundles.hmac.digest(leaf.salt, leaf.body, "sha256")
        tree.append_entry(b"consent-leaf/1\n" + bundles.b64(commitment).encode() + b"\n")
    ours = verify.Tree()
    ours.extend(log.hashes[:size])

    assert tree.get_root(size) == ours.root()
    for index in range(size):
        verify_inclusion(log.hashes[index], ours.root(), tree.prove_inclusion(index + 1))


# --- openssl --------------------------------------------------------------------------------------


def test_the_script_proves_a_bundle(shell, tmp_path):
    """
    A machine without Python proves an export with openssl: signatures, files, root, each event.
    """
    done = shell("--all", bundles.write(files_of(LOGS), tmp_path / "b.zip"), KEYS[1])

    assert done.returncode == 0, done.stderr
    assert "2026: 40 leaves give the signed root" in done.stdout
    assert "2026: 37 of 37 events are as they were sealed" in done.stdout


def test_the_script_takes_options_wherever_they_stand(shell, tmp_path):
    """
    Who writes ``--all`` behind export and key gets all events looked at; it was taken for a key.
    """
    path = bundles.write(files_of(LOGS), tmp_path / "b.zip")
    done = shell(path, "--leaves", 3, KEYS[1], "--no-root")
    (tmp_path / "proof").write_text(LOGS[0].inclusion(6))
    (tmp_path / "record").write_bytes(LOGS[0].leaves[6].body)
    words = ("--proof", tmp_path / "proof", KEYS[1], "--record", tmp_path / "record")

    assert done.returncode == 0, done.stderr
    assert "2026: 3 of 37 events are as they were sealed" in done.stdout
    assert "2026: whether the leaves give the signed root" in done.stdout
    assert shell(path, KEYS[1], "--what").returncode == 2
    assert shell(*words).returncode == 0


def test_the_script_proves_what_the_site_exports(shell, exported):
    """
    What the site really exports is proven by openssl, without a key with a warning.
    """
    done = shell(exported)

    assert done.returncode == 0, done.stderr
    assert "open   no key was given" in done.stdout


def test_the_script_proves_a_record(shell, tmp_path):
    """
    One record is proven with openssl, and no other record by the same proof.
    """
    log = LOGS[0]
    (tmp_path / "proof").write_text(log.inclusion(6))
    (tmp_path / "record").write_bytes(log.leaves[6].body)
    (tmp_path / "other").write_bytes(log.leaves[7].body)
    words = ("--proof", tmp_path / "proof", "--record")

    assert shell(*words, tmp_path / "record", KEYS[1]).returncode == 0
    assert shell(*words, tmp_path / "other", KEYS[1]).returncode == 1
    assert shell(*words, tmp_path / "record", KEYS[1].replace("+AQ", "+AR")).returncode == 1


def test_the_script_looks_at_every_file_and_log_that_is_there(shell, tmp_path):
    """
    A signed list that has no sum of a file, or does not name a log, does not keep the script from
    looking at them.
    """
    files = files_of(LOGS)
    others = {name: body for name, body in files.items() if name != "manifest.note"}
    told = bundles.manifest(others, LOGS)
    listed = {**told["files"], "README.txt": {"sha256": "Z" * 64, "bytes": 9}}
    for number, about in enumerate(({"files": listed}, {"logs": []}, {"logs": told["logs"][:1]})):
        note = bundles.sign_manifest({**told, **about})
        done = shell(unpack({**files, "manifest.note": note}, tmp_path / str(number)), KEYS[1])

        assert (done.returncode, "WRONG" in done.stderr) == (1, True)


def far(zip: zipfile.ZipFile) -> None:
    """Write the leaves of a log of a hundred million; on the disk they are a hole."""
    entry = zipfile.ZipInfo("2026/leaves.txt")
    entry.header_offset, entry.CRC = zip.fp.tell(), 0
    entry.file_size = entry.compress_size = 1 << 33
    zip.fp.write(entry.FileHeader(zip64=True))
    zip.fp.seek(entry.file_size, os.SEEK_CUR)
    zip.filelist.append(entry)
    zip.start_dir = zip.fp.tell()


def many(zip: zipfile.ZipFile) -> None:
    """Write more files than a zip could once have."""
    for number in range(1 << 16):
        zip.writestr(f"files/{number:064x}", b"")


@pytest.mark.parametrize("large", [far, many])
def test_a_zip_beyond_what_zips_could_once_be_is_read(tmp_path, large):
    """
    What lies behind four gigabytes, or is one of more than 65,535 files, is found where it is, by
    the verifier and by the program that the script unpacks with.
    """
    needs("unzip")
    path, report = tmp_path / "b.zip", verify.Report("en")
    with zipfile.ZipFile(path, "w") as zip:
        large(zip)
        zip.writestr("manifest.note", b"behind it")
    with verify.opened(path, report) as files:
        assert files.read("manifest.note") == b"behind it"
        assert len(files.names) == len(zip.filelist)
    unzipped = subprocess.run(["unzip", "-p", path, "manifest.note"], capture_output=True)

    assert report.findings == []
    assert unzipped.stdout == b"behind it"


def small(folder: Path, *programs: str) -> str:
    """A PATH with programs that know no more than those of a small system, such as BusyBox."""
    refused = {"find": "-delete", "sha256sum": "--quiet", "tr": ":print:", "unzip": "-Z1"}
    folder.mkdir()
    for name in programs:
        (folder / name).write_text(
            f'#!/bin/sh\ncase " $* " in *{refused[name]}*) exit 1 ;; esac\n'
            f'exec {shutil.which(name)} "$@"\n'
        )
        (folder / name).chmod(0o700)
    return f"{folder}{os.pathsep}{os.environ['PATH']}"


def test_the_script_needs_no_more_than_a_small_system_has(shell, tmp_path, monkeypatch):
    """
    Where the programs are those of a small system, an export that nobody touched is not called
    altered, and one that somebody did is.
    """
    monkeypatch.setenv("PATH", small(tmp_path / "bin", "find", "sha256sum", "tr"))
    folder = unpack(files_of(LOGS), tmp_path / "b")
    whole = shell("--all", folder, KEYS[1])
    (folder / "README.txt").write_bytes(b"Dead me.\n")
    altered = shell("--all", folder, KEYS[1])

    assert whole.returncode == 0, whole.stderr
    assert "2026: 40 leaves give the signed root" in whole.stdout
    assert (altered.returncode, "README.txt" in altered.stderr) == (1, True), altered.stderr


def test_the_script_does_not_go_without_a_program(tmp_path):
    """
    Where a program is missing the script says so, and praises nothing that it would have done.
    """
    needs("openssl", "sha256sum", "xxd")
    (tmp_path / "bin").mkdir()
    for place in map(Path, os.get_exec_path()):
        for program in place.iterdir() if place.is_dir() else ():
            if program.name != "comm":  # without which a file that came is not seen
                with suppress(FileExistsError):
                    (tmp_path / "bin" / program.name).symlink_to(program)
    folder = unpack({**files_of(LOGS), "more": b""}, tmp_path / "b")
    command = ["sh", SCRIPT, folder, KEYS[1]]
    done = subprocess.run(command, env={"PATH": str(tmp_path / "bin")}, capture_output=True)

    assert (done.returncode, done.stdout) == (2, b"")
    assert b"comm is missing" in done.stderr


@pytest.mark.parametrize("version", ["OpenSSL 1.1.1w  11 Sep 2023", "LibreSSL 3.3.6"])
def test_the_script_calls_nothing_forged_that_its_openssl_cannot_check(
    shell, tmp_path, monkeypatch, version
):
    """
    An openssl that does not know how is told, in place of a signature that would not fit.
    """
    (tmp_path / "openssl").write_text(f"#!/bin/sh\n[ $1 = version ] && echo '{version}'\n")
    (tmp_path / "openssl").chmod(0o700)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    done = shell(unpack(files_of(LOGS), tmp_path / "b"), KEYS[1])

    assert (done.returncode, "OpenSSL 3" in done.stderr) == (2, True), done.stderr


def test_the_script_says_that_a_small_unzip_is_no_damage(shell, tmp_path, monkeypatch):
    """
    An unzip that cannot tell the names is no reason to download an export again.
    """
    path = bundles.write(files_of(LOGS), tmp_path / "b.zip")
    monkeypatch.setenv("PATH", small(tmp_path / "bin", "unzip"))
    done = shell(path, KEYS[1])

    assert (done.returncode, "give the folder" in done.stderr) == (2, True), done.stderr


@pytest.mark.parametrize("option", ["--tsa", "--proof", "--record"])
@pytest.mark.parametrize("name", [(), ("/nowhere",)], ids=["none", "one of nothing"])
def test_the_script_blames_no_export_for_a_file_of_the_auditor(shell, tmp_path, option, name):
    """
    A mistake in the name of a file that the auditor gives is told as that: nobody signed wrongly.
    """
    done = shell(bundles.write(files_of(LOGS), tmp_path / "b.zip"), KEYS[1], option, *name)

    assert (done.returncode, done.stdout) == (2, "")
    assert f"{option} takes a file" in done.stderr


@pytest.mark.parametrize("words", [(), ("--what",), ("/nowhere.zip",), ("--proof", "/nowhere")])
def test_the_script_says_what_it_cannot_read(shell, words):
    """
    Nothing to check ends with 2, as in the other program.
    """
    assert shell(*words).returncode == 2


def as_somebody(place: Path, script: Path, *words: object) -> subprocess.CompletedProcess:
    """Run the script as a user whom the modes of folders bind, which root is not."""
    command: list[object] = ["sh", script, *words]
    if os.geteuid() == 0:
        needs("setpriv")
        command = ["setpriv", "--bounding-set=-all", "--inh-caps=-all", *command]
    return subprocess.run(command, capture_output=True, text=True, cwd=place)


def rewritten(files: dict[str, bytes]) -> dict[str, bytes]:
    """What whoever has the key can make: another event, with its own salt and leaf."""
    old = LOGS[0].leaves[3]
    new = bundles.Leaf(old.body.replace(b"banner", b"layers"), old.salt)
    events, leaves = "2026/events.jsonl", "2026/leaves.txt"
    return {
        **files,
        events: files[events].replace(old.body, new.body),
        leaves: files[leaves].replace(old.line.encode(), new.line.encode()),
    }


EVENTS, LEAVES = "2026/events.jsonl", "2026/leaves.txt"


def without_leaves(files: dict[str, bytes]) -> dict[str, bytes]:
    """Every event left out: the hashes above the leaves, and lines that are none up to the size."""
    pairs = zip(HASHES[::2], HASHES[1::2], strict=True)
    inner = [bundles.sha(b"\1" + left + right) for left, right in pairs]
    above = [f"erased {bundles.b64(one)}\n" for one in inner]
    lines = above + ["erased nothing\n"] * (len(HASHES) - len(above))
    return {**files, EVENTS: b"", LEAVES: "".join(lines).encode()}


def exchanged(files: dict[str, bytes]) -> dict[str, bytes]:
    """The log of a year in the folder of another."""
    other = {"2026": "2027", "2027": "2026"}
    parts = {name: name.partition("/") for name in files}
    return {other.get(at, at) + slash + rest: files[n] for n, (at, slash, rest) in parts.items()}


def with_checkpoint(note: bytes) -> Callable[[dict[str, bytes]], dict[str, bytes]]:
    return lambda files: {**files, "2026/checkpoint.txt": note}


HASHES = LOGS[0].hashes
ORIGIN = LOGS[0].origin

ROOT = bundles.b64(bundles.mth(HASHES))
#: The same bytes: the last letter has two bits that stand for nothing.
SPELLED = f"{ROOT[:42]}{chr(ord(ROOT[42]) + 1)}="
FORGED = f"— {ORIGIN} {bundles.b64(bundles.key_id(ORIGIN, bundles.KEY) + bytes(64))}\n".encode()

#: What a list of contents that fits and is signed does not cure, and a word of what is told.
SIGNED = {
    "a log that was rewritten": (rewritten, "signed root"),
    "the checkpoint of a stranger": (
        with_checkpoint(bundles.checkpoint(ORIGIN, HASHES, bundles.STRANGER)),
        "not signed by a trusted key",
    ),
    "the checkpoint of another site": (
        with_checkpoint(bundles.checkpoint("other.example/consent/2026", HASHES)),
        "not signed by a trusted key",
    ),
    "an older checkpoint": (with_checkpoint(LOGS[0].checkpoint(39)), "not 39 leaves"),
    "a notice that was swapped": (
        lambda files: files | {name: b"{}" for name in files if name.startswith("notices/")},
        "notice or file was swapped",
    ),
    "a style that was swapped": (
        lambda files: files | {name: b"*{}" for name in files if name.startswith("files/")},
        "notice or file was swapped",
    ),
    "one log in the place of another": (exchanged, "where the manifest has"),
    "inner hashes for leaves": (without_leaves, "tells of no leaf"),
    "a log without its checkpoint": (
        lambda files: {n: body for n, body in files.items() if n != "2026/checkpoint.txt"},
        "2026/checkpoint.txt is missing",
    ),
    "a log without its events": (
        lambda files: {n: body for n, body in files.items() if n != EVENTS},
        "2026/events.jsonl is missing",
    ),
    "an event that has no end": (
        lambda files: {**files, EVENTS: files[EVENTS] + LOGS[0].leaves[3].body},
        "not 37 events",
    ),
    "a leaf that is neither": (
        lambda files: {**files, LEAVES: files[LEAVES].replace(b"erased ", b"lost ", 1)},
        "tells of no leaf",
    ),
    "a root in another spelling": (
        with_checkpoint(bundles.signed(f"{ORIGIN}\n40\n{SPELLED}\n", ORIGIN)),
        "no checkpoint",
    ),
    "a line behind the root": (
        with_checkpoint(bundles.signed(f"{ORIGIN}\n40\n{ROOT}\n{ROOT}\n", ORIGIN)),
        "no checkpoint",
    ),
    "lines that are no signatures": (
        with_checkpoint(LOGS[0].checkpoint().replace(b"\n\n", b"\n\nmore\n\n")),
        "no signed note",
    ),
    "a second signature that is forged": (
        with_checkpoint(LOGS[0].checkpoint() + FORGED),
        "forged or altered",
    ),
    "a NUL in the size": (
        with_checkpoint(
            bundles.signed(f"{ORIGIN}\n4\0000\n{bundles.b64(bundles.mth(HASHES))}\n", ORIGIN)
        ),
        "a NUL",
    ),
    "a size that is none": (
        with_checkpoint(
            bundles.signed(f"{ORIGIN}\n040\n{bundles.b64(bundles.mth(HASHES))}\n", ORIGIN)
        ),
        "no number",
    ),
}


@pytest.mark.parametrize("case", SIGNED)
def test_the_script_refuses_what_whoever_has_the_key_altered(shell, tmp_path, case):
    """
    Neither a list of contents that fits nor its signature hides a log that was made anew.
    """
    alter, word = SIGNED[case]
    files = bundles.with_manifest(alter(files_of(LOGS)), LOGS)
    done = shell("--leaves", 1, unpack(files, tmp_path / "b"), KEYS[1])

    assert (done.returncode, word in done.stderr) == (1, True), done.stderr


def test_the_script_tells_what_a_computer_put_into_the_folder(shell, tmp_path):
    """
    What a file manager or an office program left in an unpacked export is told, and is no reason
    to say that it was altered (AU-02).
    """
    folder = unpack(files_of(LOGS), tmp_path / "b")
    for name in DESKTOP:
        (folder / name).write_text("x")
    done = shell("--no-root", folder, KEYS[1])

    assert done.returncode == 0, done.stderr
    assert all(f"open   {name}: this computer" in done.stdout for name in DESKTOP)


FOLDERS = {
    "a file more": (lambda folder: (folder / "more").write_text(""), "only in the bundle"),
    "a file more that looks like the computer's": (
        lambda folder: (folder / "x.DS_Store").write_text(""),
        "only in the bundle",
    ),
    "a file less": (lambda folder: (folder / "README.txt").unlink(), "only in the bundle"),
    "a link": (lambda folder: (folder / "more").symlink_to("README.txt"), "links"),
    "no list": (lambda folder: (folder / "manifest.note").write_bytes(b"x\n\n"), "not signed"),
}


@pytest.mark.parametrize("case", FOLDERS)
def test_the_script_refuses_a_folder_that_is_not_the_export(shell, tmp_path, case):
    """
    Nothing may come to an export, nothing may go, and nothing of it may lie elsewhere.
    """
    alter, word = FOLDERS[case]
    folder = unpack(files_of(LOGS), tmp_path / "b")
    alter(folder)
    done = shell("--no-root", folder, KEYS[1])

    assert (done.returncode, word in done.stderr) == (1, True), done.stderr


@pytest.mark.parametrize("name", ["vkeys.txt", "manifest.note", "\x1b]0;more\a"])
def test_the_script_obeys_nothing_in_an_export(shell, tmp_path, name):
    """
    What an export has for a terminal to do, in a name, a key or a note, is shown to who checks it.
    """
    folder = unpack(files_of(LOGS), tmp_path / "b")
    told = "\x1b[2J\u009b31mgood\r"
    (folder / name).write_text(f'  "site": "{told}",\n\n— {told}', encoding="utf-8")
    done = shell("--no-root", folder)

    assert done.returncode == 1
    assert (done.stdout + done.stderr).replace("\n", "").isprintable()


@pytest.mark.parametrize(
    ("name", "word"),
    [
        ("README.txt", "a name twice"),
        ("../more", "elsewhere"),
        ("/tmp/more", "elsewhere"),
        (".DS_Store", "only in the bundle"),
    ],
)
@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_the_script_takes_nothing_from_a_zip_that_is_not_of_the_export(shell, tmp_path, name, word):
    """
    A zip writes nowhere but into the folder that is made for it, each name once, and nothing that
    did not come from the site.
    """
    path = bundles.write(files_of(LOGS), tmp_path / "b.zip")
    with zipfile.ZipFile(path, "a") as zip:
        zip.writestr(name, b"")
    done = shell("--no-root", path, KEYS[1])

    assert (done.returncode, word in done.stderr) == (1, True), done.stderr


PROOF = LOGS[0].inclusion(6)
PATH = [bundles.b64(one) for one in bundles.path(6, HASHES)]


def sized(size: str) -> str:
    """Return the proof with another size of the log, signed by the site itself."""
    told = f"{ORIGIN}\n{size}\n{bundles.b64(bundles.mth(HASHES))}\n"
    return "\n\n".join([PROOF.partition("\n\n")[0], bundles.signed(told, ORIGIN).decode()])


PROOFS = {
    "another place": PROOF.replace("index 6\n", "index 7\n"),
    "no place": PROOF.replace("index 6\n", "index 40\n"),
    "a place in octal": PROOF.replace("index 6\n", "index 06\n"),
    "a place beyond all numbers": PROOF.replace("index 6\n", f"index {2**64 + 6}\n"),
    "before the first place": PROOF.replace("index 6\n", "index -1\n"),
    "another path": PROOF.replace(PATH[2], PATH[1]),
    "a longer path": PROOF.replace(PATH[-1], f"{PATH[-1]}\n{PATH[-1]}"),
    "a shorter path": PROOF.replace(PATH[-1] + "\n", ""),
    "another salt": PROOF.replace("extra ", "extra AAAA"),
    "no salt": PROOF.replace(bundles.b64(LOGS[0].leaves[6].salt), ""),
    "a NUL in the place": PROOF.replace("index 6\n", "index \0006\n"),
    "a second salt": PROOF.replace("\n\n", f"\nextra {PATH[0]}\n\n", 1),
    "no proof": PROOF.replace("tlog-proof@v1", "tlog-proof@v2"),
    "a size that is a sum": sized("39+1"),
    "a size in hexadecimal": sized("0x28"),
    "a size beyond all numbers": sized(f"{2**64 + 40}"),
    "a stranger's checkpoint": PROOF.partition("\n\n")[0]
    + "\n\n"
    + bundles.checkpoint(ORIGIN, HASHES, bundles.STRANGER).decode(),
}


@pytest.mark.parametrize("case", PROOFS)
def test_the_script_refuses_a_proof_that_is_none(shell, tmp_path, case):
    """
    A proof with another place, path, salt or signature is not one of this record.
    """
    (tmp_path / "proof").write_text(PROOFS[case])
    (tmp_path / "record").write_bytes(LOGS[0].leaves[6].body)
    done = shell("--proof", tmp_path / "proof", "--record", tmp_path / "record", KEYS[1])

    assert (done.returncode, "WRONG" in done.stderr) == (1, True), done.stderr


def test_the_script_proves_no_record_with_a_salt_that_is_none(shell, tmp_path):
    """
    A site cannot seal a leaf that fits every record, to say afterwards which one it was.
    """
    any_record = bundles.sha(b"\0consent-leaf/1\n\n")  # what a HMAC that failed leaves
    note = bundles.checkpoint(ORIGIN, [any_record]).decode()
    (tmp_path / "proof").write_text(f"c2sp.org/tlog-proof@v1\nextra \nindex 0\n\n{note}")
    (tmp_path / "record").write_bytes(LOGS[0].leaves[6].body)
    done = shell("--proof", tmp_path / "proof", "--record", tmp_path / "record", KEYS[1])

    assert (done.returncode, "32 bytes" in done.stderr) == (1, True), done.stderr


def test_the_script_proves_no_record_with_bytes_that_a_shell_leaves_out(shell, tmp_path):
    """
    A shell passes over NUL; a record that has some is not the one that was sealed.
    """
    (tmp_path / "proof").write_text(PROOF)
    (tmp_path / "record").write_bytes(LOGS[0].leaves[6].body.replace(b"grant", b"gr\0ant"))
    done = shell("--proof", tmp_path / "proof", "--record", tmp_path / "record", KEYS[1])

    assert (done.returncode, "NUL" in done.stderr) == (1, True), done.stderr


def test_the_script_carries_out_nothing_that_a_site_signed(tmp_path):
    """
    A site can sign whatever it likes; on the machine of who checks that, nothing of it is run, by
    a shell that has more to offer either.
    """
    needs("bash", "openssl", "sha256sum", "xxd")
    (tmp_path / "proof").write_text(sized(f"40+0*index[$(touch {tmp_path / 'run'})]"))
    (tmp_path / "record").write_bytes(LOGS[0].leaves[6].body)
    words = ("--proof", tmp_path / "proof", "--record", tmp_path / "record", KEYS[1])
    done = subprocess.run(["bash", "--posix", SCRIPT, *words], capture_output=True, text=True)

    assert (done.returncode, "WRONG" in done.stderr) == (1, True), done.stderr
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize(
    ("words", "hidden"),
    [
        (("--leaves", "ten"), None),
        (("--leaves", "-3"), None),
        (("--leaves", "9" * 20), None),
        ((), "shuf"),
    ],
)
def test_the_script_does_not_praise_events_that_it_did_not_look_at(
    shell, tmp_path, monkeypatch, words, hidden
):
    """
    A number of events that is none, or a machine that cannot choose some, is no proof of any.
    """
    if hidden:
        (tmp_path / hidden).write_text("exit 127\n")
        (tmp_path / hidden).chmod(0o700)
        monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    done = shell(*words, unpack(files_of(LOGS), tmp_path / "b"), KEYS[1])

    assert (done.returncode, "events are as they were" in done.stdout) == (2, False)
    assert len(done.stderr.splitlines()) == 1


def test_the_script_takes_no_empty_bundle_for_a_proof(shell, tmp_path):
    """
    Of a bundle without a log it says that nothing is proven of what was recorded.
    """
    done = shell(unpack(files_of([]), tmp_path / "b"), KEYS[1])

    assert "open   whether anything was recorded" in done.stdout


def test_the_script_is_clean():
    """
    ShellCheck finds nothing in the script that auditors run.
    """
    program = Path(sys.executable).with_name("shellcheck")  # comes with the packages for tests
    done = subprocess.run([program, SCRIPT], capture_output=True, text=True)

    assert done.stdout == ""


def test_the_script_sees_what_a_zip_keeps_from_its_owner(shell, tmp_path):
    """
    A folder that its owner may not open hides no file that is not of the export.
    """
    path = bundles.write(files_of(LOGS), tmp_path / "b.zip")
    with zipfile.ZipFile(path, "a") as zip:
        folder = zipfile.ZipInfo("more/")
        folder.create_system, folder.external_attr = 3, 0o040000 << 16 | 0x10
        zip.writestr(folder, b"")
        zip.writestr("more/events.jsonl", b"{}")
    done = as_somebody(tmp_path, SCRIPT, path, *KEYS)

    assert (done.returncode, "more/events.jsonl" in done.stderr) == (1, True), done.stderr


def test_the_script_refuses_a_folder_that_nobody_can_open(tmp_path):
    """
    What is in a folder that cannot be opened was not looked at, so it is not praised.
    """
    needs("openssl", "sha256sum", "xxd")
    folder = unpack(files_of(LOGS), tmp_path / "b")
    (folder / "more").mkdir(mode=0)
    done = as_somebody(tmp_path, SCRIPT, folder, *KEYS)

    assert (done.returncode, "cannot be opened" in done.stderr) == (1, True), done.stderr


def test_the_script_looks_at_a_file_that_is_named_like_its_input(tmp_path):
    """
    A file "-" is a file, whatever comes out of a pipe.
    """
    needs("openssl", "sha256sum", "xxd")
    files = bundles.with_manifest({**files_of(LOGS), "-": b"sealed"}, LOGS)
    folder = unpack({**files, "-": b"altered"}, tmp_path / "b")
    command = ["sh", SCRIPT, folder, *KEYS]
    done = subprocess.run(command, input="sealed", capture_output=True, text=True)

    assert (done.returncode, "SHA-256" in done.stderr) == (1, True), done.stderr


def test_the_script_tells_an_export_that_was_not_downloaded_as_a_whole(shell, tmp_path):
    """
    A download that broke off is told as one.
    """
    path = bundles.write(bundles.files_of(LOGS), tmp_path / "b.zip")
    path.write_bytes(path.read_bytes()[:-1])
    done = shell(path)

    assert (done.returncode, "b.zip is cut off" in done.stderr) == (2, True)


# --- All three ------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(8))
def test_one_byte_altered_anywhere_is_found_by_all_three(go, shell, tmp_path, seed):
    """
    Wherever one byte of an export is altered, our verifier, openssl and Go's code refuse it.
    """
    chance = random.Random(seed)
    files = files_of(LOGS)
    name = chance.choice(sorted(files))
    at = chance.randrange(len(files[name]))
    byte = files[name][at] ^ 1 << chance.randrange(8)
    files[name] = files[name][:at] + bytes([byte]) + files[name][at + 1 :]
    folder = unpack(files, tmp_path / "b")

    assert go(folder, *KEYS).returncode != 0
    assert shell(folder, KEYS[1]).returncode != 0
    assert verify.main([str(folder), "--vkey", KEYS[1]]) != 0


REFUSED = {
    "altered": lambda p: p.__setitem__(3, p[3].replace(b"banner", b"layers")),
    "removed": lambda p: p.pop(3),
    "inserted": lambda p: p.insert(3, p[5]),
    "moved": lambda p: p.insert(3, p.pop(8)),
    "cut off": lambda p: p.pop(),
}


@pytest.mark.parametrize("case", REFUSED)
def test_foreign_code_refuses_what_was_changed_even_in_a_signed_list(go, shell, tmp_path, case):
    """
    Even if the list of contents fits and is signed, the tree gives away what was done to events.
    """
    files = files_of(LOGS)
    parts = files["2026/events.jsonl"].split(b"\n")[:-1]
    REFUSED[case](parts)
    files["2026/events.jsonl"] = b"".join(part + b"\n" for part in parts)
    folder = unpack(bundles.with_manifest(files, LOGS), tmp_path / "b")

    assert go(folder, *KEYS).returncode != 0
    assert shell("--all", folder, KEYS[1]).returncode != 0
    assert verify.main([str(folder), "--vkey", KEYS[1]]) != 0
