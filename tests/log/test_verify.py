"""Whoever holds an export can check it, and is told in words what is wrong with it, and where."""

from __future__ import annotations

import json
import os
import random
import re
import shutil
import socket
import struct
import subprocess
import sys
import zipfile
import zlib
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import replace
from functools import cache, partial
from pathlib import Path
from types import SimpleNamespace

import pytest
import vermin
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from consent.log import verify
from tests.log import bundles
from tests.log.bundles import DAY, MINUTE, NOW, SITE, STRANGER, Leaf, Log, b64, files_of, vkey

OLD, NEW = "2026/events.jsonl", "2026/leaves.txt"
MANIFEST = "manifest.note"
Files = dict[str, bytes]

#: A key that a site announced and never used.
OTHER = Ed25519PrivateKey.from_private_bytes(bytes(range(2, 34)))


@cache
def genuine() -> Files:
    return files_of(bundles.story())


@pytest.fixture
def check(tmp_path, capsys):
    """Check files as a bundle; return exit code and answer."""

    def check(files: Files | Path, *options: object) -> tuple[int, dict]:
        path = files if isinstance(files, Path) else bundles.write(files, tmp_path / "b.zip")
        words = [str(path), "--json", "--lang", "en", *map(str, options)]
        if "--vkey" not in words:
            words += ["--vkey", vkey(f"{SITE}/consent/2026")]
        code = verify.main(words)
        told = capsys.readouterr().out
        return code, json.loads(told) if told else {}

    return check


def found(answer: dict) -> list[tuple[str, str, int | None]]:
    return [(one["code"], one["file"], one["line"]) for one in answer["findings"]]


# --- What is as it should be ----------------------------------------------------------------------


def test_an_export_that_nobody_touched_holds(check):
    """
    An untouched export ends with 0, and says for each log how many events are proven (AU-02).
    """
    code, answer = check(genuine())

    assert (code, answer["findings"]) == (0, [])
    assert answer["ok"] is True
    assert any("verein.example/consent/2026: 37 events" in line for line in answer["proven"])
    assert any("verein.example/consent/2027: 10 events" in line for line in answer["proven"])
    assert any("3 erased events; the log gives a reason" in line for line in answer["proven"])
    assert any("What visitors saw is there: 2 notices" in line for line in answer["proven"])


def test_a_purpose_may_be_called_like_a_field(check):
    """
    A site that names its purposes as it likes is not told that its records are none.
    """
    logs = bundles.story()
    purposes = dict.fromkeys(("media", "previous", "receipt", "recorded_at"), "granted")
    altered(2, purposes=purposes)(logs)
    relink(logs)
    code, answer = check(files_of(logs))

    assert (code, answer["findings"]) == (0, [])


def test_the_folder_it_was_unpacked_to_holds_too(check, tmp_path):
    """
    It does not matter whether the auditor unpacked the file before.
    """
    code, answer = check(bundles.unpack(genuine(), tmp_path / "unpacked"))

    assert (code, answer["findings"]) == (0, [])


@pytest.mark.parametrize("name", bundles.DESKTOP)
def test_what_a_computer_puts_into_the_folder_is_told_and_no_finding(check, tmp_path, name):
    """
    Who looks at an unpacked export with a file manager, or has a file of it open, is told what
    that left there, and not that the export was altered (AU-02).
    """
    folder = bundles.unpack(genuine(), tmp_path / "unpacked")
    (folder / name).write_bytes(b"x")
    code, answer = check(folder)

    assert (code, answer["findings"]) == (0, [])
    assert any(line.startswith(f"{name}: ") for line in answer["open"])


@pytest.mark.parametrize("name", ["x.DS_Store", "2026/desktop.ini.exe", "2026/lock.x#", "x~$y"])
def test_what_only_looks_like_it_is_a_finding(check, tmp_path, name):
    """
    Nothing else may come to an export, whatever it is called (AU-02).
    """
    folder = bundles.unpack(genuine(), tmp_path / "unpacked")
    (folder / name).write_bytes(b"x")

    assert ("file.extra", name, None) in found(check(folder)[1])


def test_a_zip_made_by_another_program_holds(check, tmp_path):
    """
    An export that somebody packed again, stored, as a stream or as a large zip, is still the same.
    """
    stored = bundles.write(genuine(), tmp_path / "stored.zip", zipfile.ZIP_STORED)
    with (tmp_path / "streamed.zip").open("wb") as target:
        pipe = SimpleNamespace(write=target.write, flush=target.flush)  # no way back
        with zipfile.ZipFile(pipe, "w", zipfile.ZIP_DEFLATED) as zip:
            for name, body in genuine().items():
                zip.writestr(name, body)
            assert all(entry.flag_bits & 8 for entry in zip.infolist())

    large = said_twice()(tmp_path / "large.zip")
    open = said_twice(count=0xFFFF, size=0xFFFFFFFF, start=0xFFFFFFFF)(tmp_path / "open.zip")
    twice = large_after(len(genuine()["README.txt"]))(tmp_path / "twice.zip")

    for path in (stored, tmp_path / "streamed.zip", large, open, twice):
        assert check(path)[1]["findings"] == []


def test_an_export_without_events_but_the_first_holds(check):
    """
    The smallest log there can be is checked like any other.
    """
    logs = bundles.story()[:1]
    logs[0].leaves[1:] = []

    assert check(files_of(logs))[1]["findings"] == []


@pytest.mark.parametrize("share", [0, 14, 100])
def test_what_was_erased_for_a_reason_leaves_the_rest_proven(check, share):
    """
    However much was erased, the remaining events are proven, and the reasons are there (AU-09).
    """
    old, new = bundles.story(120)
    gone = [n for n in range(1, 120) if share == 100 or (share and n % 7 == 0)]
    for index, leaf in enumerate(old.leaves):
        leaf.state = "erased" if index in gone else "given"
    reason = json.loads(new.leaves[8].body)
    reason |= {"indexes": " ".join(map(str, gone)) or "0", "rows": len(gone) or 1}
    new.leaves[8].body = bundles.canonical(reason)
    if not gone:
        del new.leaves[8]

    code, answer = check(files_of([old, new]))

    assert (code, answer["findings"]) == (0, [])


def test_without_a_key_the_auditor_is_told_what_to_compare(check, tmp_path, capsys):
    """
    Without a key of one's own the check says that this part is open, and shows the keys.
    """
    path = bundles.write(genuine(), tmp_path / "b.zip")

    assert verify.main([str(path), "--lang", "en"]) == 0
    told = capsys.readouterr().out
    assert "That the key is the site's" in told
    assert vkey(f"{SITE}/consent/2026") in told


@pytest.mark.parametrize(
    ("language", "words"),
    [("de", ("Bewiesen", "Hier nicht bewiesen", "Was niemand beweisen kann", "stimmt")),
     ("en", ("Proven", "Not proven here", "What nobody can prove", "holds"))],
)  # fmt: skip
def test_it_says_what_is_proven_what_is_not_and_what_cannot_be(tmp_path, capsys, language, words):
    """
    An auditor reads in German or English what was proven, what was not, what nobody can prove.
    """
    path = bundles.write(genuine(), tmp_path / "b.zip")
    verify.main([str(path), "--lang", language])
    told = capsys.readouterr().out

    assert [word for word in words if word not in told] == []


@pytest.mark.parametrize(
    ("environment", "word"),
    [({"LANG": "de_AT.UTF-8"}, "Bewiesen"), ({"LANG": "C"}, "Proven"),
     ({"LANG": "de_DE", "LC_ALL": "en_GB"}, "Proven")],
    ids=["Austrian", "none", "override"],
)  # fmt: skip
def test_it_speaks_the_language_of_the_computer(tmp_path, capsys, monkeypatch, environment, word):
    """
    The language is that of the auditor's computer.
    """
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    verify.main([str(bundles.write(genuine(), tmp_path / "b.zip"))])

    assert word in capsys.readouterr().out


def test_every_message_can_be_said():
    """
    Nothing is translated that nobody ever reads.
    """
    code = Path(verify.__file__).read_text(encoding="utf-8").replace(verify.WORDS, "")

    assert [key for key in verify.TEXTS if f'"{key}"' not in code] == []


def test_every_message_is_there_in_both_languages_with_the_same_gaps():
    """
    Nobody reads a message with a hole in it, in German or English.
    """
    for key, texts in verify.TEXTS.items():
        english, german = (set(re.findall(r"\{(\w+)[:}]", text)) for text in texts)

        assert all(texts), key
        assert english == german, key


def test_a_place_in_the_log_has_one_name_in_german():
    """
    What the desk and LIESMICH.txt call a place has no second name here, and a place whose event is
    missing is not told of as a missing place.
    """
    german = [texts[1] for texts in verify.TEXTS.values()]

    assert [text for text in german if re.search("Bl[aä]tt", text)] == []
    assert [text for text in german if re.match(r"Platz \{index\} fehlt", text)] == []


@pytest.mark.parametrize("language", ["en", "de"])
def test_one_thing_is_told_as_one_and_two_as_two(language):
    """
    What is counted is told as people say it, one alone and several, in both languages.
    """
    report = verify.Report(language)
    gaps = ("count", "events", "found", "size", "start", "old")
    others = {"origin": "", "wanted": 9, "first": "", "last": ""}
    counted = {key for key, texts in verify.TEXTS.items() if "|" in texts[0] + texts[1]}
    one, two = (
        {key: report.say(key, **others, **dict.fromkeys(gaps, n)) for key in counted}
        for n in (1, 2)
    )
    words = {
        "en": (
            "1 event is as",
            "1 leaf",
            "1 notice with all",
            "1 thing is wrong",
        ),
        "de": ("1 Ereignis ist wie", "1 Platz", "1 Hinweis mit allen", "1 Sache stimmt"),
    }[language]

    assert all(any(word in text for text in one.values()) for word in words)
    assert [key for key in counted if one[key].replace("1", "2") == two[key]] == []
    assert all(("|" in texts[0]) == ("|" in texts[1]) for texts in verify.TEXTS.values())


@cache
def least_python(source: str) -> tuple[int, int]:
    """Return the oldest Python 3 that has all syntax, modules and functions of *source*."""
    return max(
        found or (3, 0) for found in vermin.visit(source, vermin.Config()).minimum_versions()
    )


@pytest.mark.parametrize(
    "newer",
    ["zip(a, b, strict=True)", "from datetime import UTC", "match a:\n    case 1: pass",
     "import tomllib", "hashlib.file_digest(a, b)"],
    ids=["argument", "name", "syntax", "module", "function"],
)  # fmt: skip
def test_it_needs_no_newer_python_than_it_says(newer):
    """
    The one file runs on Python 3.9, and whoever brings in something newer hears of it.
    """
    source = Path(verify.__file__).read_text(encoding="utf-8")

    assert "Python 3.9 or newer" in source
    assert least_python(source) <= (3, 9)
    assert least_python(f"import hashlib\n{newer}\n") > (3, 9)


def runs(program: str) -> bool:
    """Tell whether this is a Python, and not only a name that would stand for one."""
    return subprocess.run([program, "-c", ""], capture_output=True).returncode == 0


def test_the_oldest_python_at_hand_checks_an_export(tmp_path):
    """
    The one file runs as a program of its own, without a warning, by a Python 3.9 if there is one.
    """
    path = bundles.write(genuine(), tmp_path / "b.zip")
    named = filter(None, map(shutil.which, ("python3.9", "python3.10")))
    oldest = next(filter(runs, named), sys.executable)

    done = subprocess.run([oldest, "-I", "-W", "error", verify.__file__, path], capture_output=True)
    assert (done.returncode, done.stderr) == (0, b"")


@pytest.mark.parametrize("change", [{}, {"vkeys.txt": b"x"}], ids=["genuine", "altered"])
def test_who_reads_only_the_beginning_changes_no_result(tmp_path, change):
    """
    Behind a pager or ``head`` that ends early the exit code tells of the export, and nothing else.
    """
    path = bundles.write(genuine() | change, tmp_path / "b.zip")
    reading, writing = os.pipe()
    os.close(reading)
    words = [sys.executable, "-I", verify.__file__, path]

    done = subprocess.run(words, stdout=writing, stderr=subprocess.PIPE)
    os.close(writing)

    assert (done.returncode, done.stderr) == (1 if change else 0, b"")


def test_two_auditors_get_the_same_report(tmp_path):
    """
    What is missing is told in the same order by every run, so that reports can be compared.
    """
    files = {name: body for name, body in genuine().items() if not name.startswith("files/")}
    words = [sys.executable, verify.__file__, bundles.write(files, tmp_path / "b.zip")]

    reports = {
        subprocess.run(words, capture_output=True, env={"PYTHONHASHSEED": seed}).stdout
        for seed in "12345"
    }
    assert len(reports) == 1


# --- What somebody without the key did to a genuine export ------------------------------------------


def lines(files: Files, name: str, change: Callable[[list[bytes]], None]) -> None:
    parts = files[name].split(b"\n")[:-1]
    change(parts)
    files[name] = b"".join(part + b"\n" for part in parts)


def swap(parts: list, one: int, other: int) -> None:
    parts[one], parts[other] = parts[other], parts[one]


def put(name: str, old: bytes, new: bytes) -> Callable[[Files], None]:
    def tamper(files: Files) -> None:
        assert old in files[name]
        files[name] = files[name].replace(old, new, 1)

    return tamper


def on(name: str, change: Callable[[list[bytes]], object]) -> Callable[[Files], None]:
    return lambda files: lines(files, name, change)


def both(change: Callable[[list[bytes]], object]) -> Callable[[Files], None]:
    """Change the leaves and the events of the new log alike; none of the first is erased there."""

    def tamper(files: Files) -> None:
        for name in ("2027/leaves.txt", "2027/events.jsonl"):
            lines(files, name, change)

    return tamper


def redate(parts: list[bytes]) -> None:
    parts[5] = parts[5].replace(b'"recorded_at":"2026-11-2', b'"recorded_at":"2026-10-2')


def hide(files: Files) -> None:
    """Take an event away and say that it was erased."""
    gone = files[NEW].split(b"\n")[7]
    files[NEW] = files[NEW].replace(gone, b"erased" + gone[44:])
    lines(files, OLD, lambda parts: parts.pop(6))


def other_salt(parts: list[bytes]) -> None:
    parts[3] = b64(bytes(32)).encode() + parts[3][44:]


def other_hash(parts: list[bytes]) -> None:
    parts[3] = parts[3][:45] + b64(bytes(32)).encode()


def other_spelling(parts: list[bytes]) -> None:
    # The last letter of 32 bytes in base64 has two bits that stand for nothing.
    last = parts[3][42:43]
    letters = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    parts[3] = parts[3][:42] + letters[letters.index(last) ^ 1 :][:1] + parts[3][43:]


def stranger(name: str, key: str) -> Callable[[Files], None]:
    def tamper(files: Files) -> None:
        text = files[name].decode().rpartition("\n\n")[0] + "\n"
        files[name] = bundles.signed(text, key, STRANGER)

    return tamper


def drop(name: str) -> Callable[[Files], None]:
    def tamper(files: Files) -> None:
        del files[name]

    return tamper


def add(name: str, body: bytes = b"new\n") -> Callable[[Files], None]:
    return lambda files: files.update({name: body})


DE, EN = sorted(bundles.NOTICES, key=lambda h: b'"de"' not in bundles.NOTICES[h])
CSS = bundles.sha(bundles.FILES["css/consent.css"]).hex()

OUTSIDER = {
    "an event is altered": (put(OLD, b'"layer":"banner"', b'"layer":"bannar"'), "leaf.altered", OLD, 2),
    "a decision is turned round": (on(OLD, lambda p: p.__setitem__(2, p[2].replace(b'"kind":"grant"', b'"kind":"other"'))), "leaf.altered", OLD, 3),
    "an event is removed": (on(OLD, lambda p: p.pop(7)), "leaf.removed", OLD, 8),
    "the first event is removed": (on(OLD, lambda p: p.pop(0)), "leaf.removed", OLD, 1),
    "the last event is removed": (on(OLD, lambda p: p.pop()), "leaf.removed", OLD, 37),
    "all events are removed": (on(OLD, lambda p: p.clear()), "leaf.removed", OLD, 1),
    "an event is inserted": (on(OLD, lambda p: p.insert(7, p[3].replace(b"banner", b"layers"))), "leaf.inserted", OLD, 8),
    "an event is there twice": (on(OLD, lambda p: p.insert(7, p[3])), "leaf.inserted", OLD, 8),
    "an event is appended": (on(OLD, lambda p: p.append(p[3])), "leaf.surplus", OLD, 38),
    "two events changed places": (on(OLD, lambda p: swap(p, 4, 5)), "leaf.swapped", OLD, 5),
    "an event is dated back": (on(OLD, redate), "leaf.altered", OLD, 6),
    "a salt is altered": (on(NEW, other_salt), "leaf.altered", OLD, 4),
    "a hash is altered": (on(NEW, other_hash), "leaf.altered", OLD, 4),
    "a salt is spelled otherwise": (on(NEW, other_spelling), "leaf.form", NEW, 4),
    "a leaf is no leaf": (on(NEW, lambda p: p.__setitem__(3, b"gone")), "leaf.form", NEW, 4),
    "a leaf is gone with its event": (both(lambda p: p.pop(1)), "leaf.count", "2027/leaves.txt", None),
    "a leaf came with its event": (both(lambda p: p.append(p[-1])), "leaf.count", "2027/leaves.txt", None),
    "leaves changed places with their events": (both(lambda p: swap(p, 0, 1)), "leaf.root", "2027/leaves.txt", None),
    "an event is said to be erased": (hide, "erased.silent", NEW, 8),
    "lines end in CR LF": (on(OLD, lambda p: p.__setitem__(3, p[3] + b"\r")), "leaf.altered", OLD, 4),
    "a line ends in U+2028": (put(OLD, b"}\n{", "}\u2028{".encode()), "leaf.altered", OLD, 1),
    "the last line has no end": (lambda f: f.update({OLD: f[OLD][:-1]}), "file.line", OLD, None),
    "an empty line": (put(OLD, b"\n", b"\n\n"), "file.line", OLD, None),
    "a checkpoint is altered": (put("2026/checkpoint.txt", b"\n40\n", b"\n39\n"), "note.forged", "2026/checkpoint.txt", None),
    "a checkpoint of a stranger": (stranger("2026/checkpoint.txt", f"{SITE}/consent/2026"), "note.unsigned", "2026/checkpoint.txt", None),
    "a checkpoint of the other log": (lambda f: f.update({"2026/checkpoint.txt": f["2027/checkpoint.txt"]}), "checkpoint.other", "2026/checkpoint.txt", None),
    "a checkpoint without signature": (on("2026/checkpoint.txt", lambda p: p.pop()), "note.form", "2026/checkpoint.txt", None),
    "a checkpoint with a tab": (put("2026/checkpoint.txt", b"\n40\n", b"\n40\t\n"), "note.form", "2026/checkpoint.txt", None),
    "the manifest is altered": (put(MANIFEST, b'"erased": 3', b'"erased": 2'), "note.forged", MANIFEST, None),
    "the manifest of a stranger": (stranger(MANIFEST, f"{SITE}/consent/manifest"), "note.unsigned", MANIFEST, None),
    "the manifest has a word in front": (put(MANIFEST, b"consent-m", b"xconsent-m"), "manifest.form", MANIFEST, None),
    "a file is missing": (drop("README.txt"), "file.missing", "README.txt", None),
    "a file came": (add("2026/consistency.txt"), "file.extra", "2026/consistency.txt", None),
    "the guide is altered": (put("README.txt", b"Read", b"Dead"), "file.hash", "README.txt", None),
    "the guide is longer": (put("README.txt", b"Read", b"Reread"), "file.size", "README.txt", None),
    "the guide is shorter": (put("README.txt", b"Read", b""), "file.size", "README.txt", None),
    "the program is altered": (put("verify.py", b"#", b";"), "file.hash", "verify.py", None),
    "a notice is swapped": (lambda f: f.update({f"notices/{DE}.json": bundles.NOTICES[EN]}), "notice.hash", f"notices/{DE}.json", None),
    "a notice is missing": (drop(f"notices/{DE}.json"), "notice.missing", f"notices/{DE}.json", None),
    "a style is swapped": (put(f"files/{CSS}", b"{}", b"()"), "notice.hash", f"files/{CSS}", None),
    "a style is missing": (drop(f"files/{CSS}"), "notice.missing", f"files/{CSS}", None),
}  # fmt: skip


@pytest.mark.parametrize("case", OUTSIDER)
def test_what_a_stranger_does_to_an_export_is_found(check, case):
    """
    Whatever is altered, added, removed, moved or dated otherwise is found and named with its
    place, without the key nobody can hide it (EV-08, AU-02).
    """
    tamper, *wanted = OUTSIDER[case]
    files = dict(genuine())
    tamper(files)
    code, answer = check(files)

    assert code == 1
    assert tuple(wanted) in found(answer)


def test_every_case_is_told_in_words_of_its_own(check):
    """
    Each finding names the file and, where there is one, the line, in words for people.
    """
    files = dict(genuine())
    OUTSIDER["an event is removed"][0](files)

    _, answer = check(files)

    assert [one["text"] for one in answer["findings"]] == [
        "2026/events.jsonl, line 8: the event of leaf 8 was removed before this line",
        "manifest.note: says 2026 events: 37; found 36",
        "2026/events.jsonl: has 18834 bytes, 19336 according to the manifest",
        "manifest.note: says counts refusal: 13; found 12",
    ]


def test_that_the_events_end_too_early_is_told_once(check):
    """
    Who gets a log without its events does not read of each leaf that its event is missing.
    """
    files = {**genuine(), OLD: b""}

    assert [one for one in found(check(files)[1]) if one[0] == "leaf.removed"] == [
        ("leaf.removed", OLD, 1)
    ]


def test_forty_ways_to_alter_an_export_can_be_told_apart(check):
    """
    Each has an answer of its own, from which an auditor learns what was done; an event that is
    there twice is one that was inserted (AU-02).
    """
    answers = {}
    for case, (tamper, *_) in OUTSIDER.items():
        files = dict(genuine())
        tamper(files)
        answers[case] = tuple(one["text"] for one in check(files)[1]["findings"])

    assert answers.pop("an event is there twice") == answers["an event is inserted"]
    assert len({*answers.values()}) == len(answers) >= 40


@pytest.mark.parametrize("seed", range(60))
def test_one_byte_altered_anywhere_is_found(check, seed, tmp_path):
    """
    Wherever in its files one byte is altered, the export no longer holds (EV-08).
    """
    chance = random.Random(seed)
    files = dict(genuine())
    name = chance.choice(sorted(files))
    at = chance.randrange(len(files[name]))
    byte = files[name][at] ^ 1 << chance.randrange(8)
    files[name] = files[name][:at] + bytes([byte]) + files[name][at + 1 :]

    assert check(files)[0] != 0, (name, at)


@pytest.mark.parametrize("seed", range(40))
def test_one_byte_altered_in_the_zip_is_found_or_changes_nothing(check, seed, tmp_path):
    """
    Wherever in the zip itself one byte is altered: it is found, or what is unpacked is the same.
    """
    chance = random.Random(seed)
    path = bundles.write(genuine(), tmp_path / "altered.zip")
    data = bytearray(path.read_bytes())
    data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
    path.write_bytes(data)

    if check(path)[0] == 0:
        with zipfile.ZipFile(path) as zip:
            assert {name: zip.read(name) for name in zip.namelist()} == genuine()


# --- What somebody with the key did ---------------------------------------------------------------


def resealed(change: Callable[[list[Log]], object]) -> Callable[[], Files]:
    """Change the logs themselves and seal all of it anew, as whoever has the key can."""

    def make() -> Files:
        logs = bundles.story()
        change(logs)
        if logs[1:]:
            relink(logs)
        return files_of(logs)

    return make


def relink(logs: list[Log]) -> None:
    """Let the new log follow the old one as that is now."""
    first = json.loads(logs[1].leaves[0].body)
    first["previous"] = logs[0].checkpoint().decode()
    logs[1].leaves[0].body = bundles.canonical(first)


def altered(index: int, **fields: object) -> Callable[[list[Log]], None]:
    def change(logs: list[Log]) -> None:
        event = json.loads(logs[0].leaves[index].body)
        logs[0].leaves[index].body = bundles.canonical({**event, **fields})

    return change


def erased_said(**fields: object) -> Callable[[list[Log]], None]:
    """Let an erasure say something else."""

    def change(logs: list[Log]) -> None:
        erasure = logs[1].leaves[8]
        erasure.body = bundles.canonical({**json.loads(erasure.body), **fields})

    return change


def erased_ahead(log: int) -> Callable[[list[Log]], None]:
    """Let the old log give a reason for leaves that come after it."""

    def change(logs: list[Log]) -> None:
        about = {"log": logs[log].origin, "indexes": "5-6", "ground": "retention", "by": "cron"}
        ms = verify.milliseconds(json.loads(logs[0].leaves[3].body)["recorded_at"])
        body = bundles.event(random.Random(9), ms, "erasure", **about, rows=2)
        logs[0].leaves[3].body = body
        for index in (5, 6):
            logs[log].leaves[index].state = "erased"

    return change


def written(old: bytes, new: bytes) -> Callable[[list[Log]], None]:
    def change(logs: list[Log]) -> None:
        leaf = logs[0].leaves[5]
        assert old in leaf.body
        leaf.body = leaf.body.replace(old, new, 1)

    return change


def states(*indexes: int, state: str) -> Callable[[list[Log]], None]:
    def change(logs: list[Log]) -> None:
        for index in indexes:
            logs[0].leaves[index].state = state

    return change


def twice(logs: list[Log]) -> None:
    event = json.loads(logs[0].leaves[6].body)
    event["language"] = "en"
    logs[0].leaves[30].body = bundles.canonical(event)


def beginning_erased(logs: list[Log]) -> None:
    """Erase where the new log says what came before it, give a reason, and leave the old one out."""
    erasure = json.loads(logs[1].leaves[9].body)
    erasure |= {"indexes": "0 2", "rows": 2}
    logs[1].leaves[9].body = bundles.canonical(erasure)
    logs[1].leaves[0].state = "erased"
    del logs[0]


def erased_for(ground: bytes) -> Callable[[], Files]:
    def change(logs: list[Log]) -> None:
        erasure = logs[1].leaves[8]
        erasure.body = erasure.body.replace(b'"retention"', ground)

    return resealed(change)


def alone(change: Callable[[Log], object]) -> Callable[[], Files]:
    def make() -> Files:
        logs = bundles.story()[:1]
        states(4, 9, 10, state="given")(logs)
        change(logs[0])
        return files_of(logs)

    return make


def told(**about: object) -> Callable[[], Files]:
    return lambda: files_of(bundles.story(), **about)


def manifest_with(old: bytes, new: bytes) -> Callable[[], Files]:
    """Write the manifest in another way, and sign that."""

    def make() -> Files:
        files = dict(genuine())
        text = files[MANIFEST].rpartition(b"\n\n")[0] + b"\n"
        assert old in text
        text = text.replace(old, new, 1)
        return {**files, MANIFEST: bundles.signed(text.decode(), f"{SITE}/consent/manifest")}

    return make


def counts_of(**more: int) -> dict[str, int]:
    logs = bundles.story()
    return {**bundles.manifest({}, logs)["counts"], **more}


def log_told(**about: object) -> Callable[[], Files]:
    def make() -> Files:
        logs = bundles.story()
        first, second = bundles.manifest({}, logs)["logs"]
        return files_of(logs, logs=[{**first, **about}, second])

    return make


def followed_by(**fields: object) -> Callable[[], Files]:
    def make() -> Files:
        logs = bundles.story()
        event = json.loads(logs[1].leaves[0].body)
        logs[1].leaves[0].body = bundles.canonical({**event, **fields})
        return files_of(logs)

    return make


def begun_as(name: str, **fields: object) -> Callable[[], Files]:
    """Export a log of this *name* with nothing before it, and with no event but its beginning."""
    origin = f"{SITE}/consent/{name}"
    first = bundles.first_leaf(random.Random(5), NOW, origin, None, **fields)
    return lambda: files_of([Log(origin, name, [first])])


def announcing(**about: object) -> Callable[[], Files]:
    """Let the newest log end with the key of another one."""

    def make() -> Files:
        logs = bundles.story()
        name = vkey(f"{SITE}/consent/2027.1", STRANGER)
        said = bundles.event(random.Random(9), NOW + 42 * DAY, "key", key=name, by="Müller")
        logs[1].leaves.append(Leaf(said, bytes(32)))
        return files_of(logs, **about)

    return make


def other_past() -> Files:
    logs = bundles.story()
    altered(3, layer="settings")(logs)
    return files_of(logs)


def with_checkpoint(text: str) -> Callable[[], Files]:
    def make() -> Files:
        logs = bundles.story()
        files = files_of(logs)
        text_ = text.format(root=b64(bundles.mth(logs[0].hashes)))
        files["2026/checkpoint.txt"] = bundles.signed(text_, f"{SITE}/consent/2026")
        return bundles.with_manifest(files, logs)

    return make


def shown(notice: bytes) -> Callable[[], Files]:
    """Let all decisions be about a *notice*, which is there under its hash."""
    hash = bundles.sha(notice).hex()

    def make() -> Files:
        logs = bundles.story()
        for leaf in (leaf for log in logs for leaf in log.leaves):
            leaf.body = leaf.body.replace(DE.encode(), hash.encode())
            leaf.body = leaf.body.replace(EN.encode(), hash.encode())
        relink(logs)
        files = {**files_of(logs), f"notices/{hash}.json": notice}
        return bundles.with_manifest(files, logs)

    return make


def notice_with(**fields: object) -> bytes:
    return bundles.canonical({**json.loads(bundles.NOTICES[DE]), **fields})


TWO_LANGUAGES = notice_with().replace(b"{", b'{"language":"fr",', 1)


def beyond_all_numbers() -> Files:
    """Erase a leaf of a number that no list of numbers holds, and list as many, unsigned."""
    logs = bundles.story()
    erasure = logs[1].leaves[8]
    erasure.body = erasure.body.replace(b"4 9-10", str(2**63).encode())
    told = bundles.manifest({}, logs)["logs"]
    files = {**files_of(logs), "2026/checkpoint.txt": b""}
    return bundles.with_manifest(files, logs, logs=[{**told[0], "size": 10**30}, told[1]])


#: The id of the event that is altered most.
ID = json.loads(bundles.story()[0].leaves[5].body)["id"]


def as_erased(logs: list[Log]) -> None:
    """Give a decision the id, and the time, of the erasure after it."""
    erasure = json.loads(logs[1].leaves[8].body)
    decision = json.loads(logs[1].leaves[7].body)
    decision |= {key: erasure[key] for key in ("id", "recorded_at")}
    logs[1].leaves[7].body = bundles.canonical(decision)


INSIDER = {
    "an erasure without a reason": (resealed(states(12, state="erased")), "erased.silent", NEW, 13),
    "what was erased is still there": (resealed(states(4, state="given")), "erased.kept", NEW, 5),
    "an erasure of a leaf that is not": (resealed(lambda logs: setattr(logs[1].leaves[8], "body", logs[1].leaves[8].body.replace(b"4 9-10", b"4 9-99"))), "erased.form", "2027/events.jsonl", 8),
    "an erasure that says less": (resealed(erased_said(rows=2)), "erased.rows", "2027/events.jsonl", 8),
    "an erasure that says more": (resealed(erased_said(rows=4)), "erased.rows", "2027/events.jsonl", 8),
    "an erasure that names a leaf twice": (resealed(erased_said(indexes="4 9-10 10", rows=4)), "erased.form", "2027/events.jsonl", 8),
    "an erasure in no order": (resealed(erased_said(indexes="9-10 4")), "erased.form", "2027/events.jsonl", 8),
    "an erasure in words": (resealed(lambda logs: setattr(logs[1].leaves[8], "body", logs[1].leaves[8].body.replace(b"4 9-10", b"all"))), "erased.form", "2027/events.jsonl", 8),
    "an erasure with a lax number": (resealed(lambda logs: setattr(logs[1].leaves[8], "body", logs[1].leaves[8].body.replace(b"4 9-10", b"04 9-10"))), "erased.form", "2027/events.jsonl", 8),
    "an erasure of what comes after it": (resealed(erased_ahead(log=0)), "erased.form", OLD, 4),
    "an erasure of what comes in a later log": (resealed(erased_ahead(log=1)), "erased.form", OLD, 4),
    "an erasure that says no reason": (erased_for(b"null"), "erased.silent", NEW, 5),
    "an erasure for a reason of no words": (erased_for(b'" "'), "erased.silent", NEW, 5),
    "leaves are left out of a whole export": (resealed(states(20, 21, state="outside")), "outside.whole", NEW, None),
    "an event of another site": (resealed(altered(5, site="evil.example")), "event.site", OLD, 5),
    "an id twice": (resealed(twice), "event.twice", OLD, 28),
    "an id that is a UUID of version 4": (resealed(altered(5, id=f"{ID[:14]}4{ID[15:]}")), "event.id", OLD, 5),
    "an id that is no UUID of RFC 9562": (resealed(altered(5, id=f"{ID[:19]}c{ID[20:]}")), "event.id", OLD, 5),
    "an id of another time": (resealed(altered(5, id="01a212d3-1abb-774f-98c4-dc0c0c07398f")), "event.id", OLD, 5),
    "a day that is not": (resealed(altered(5, recorded_at="2026-02-30T00:00:00.000Z")), "event.id", OLD, 5),
    "a time without zone": (resealed(altered(5, recorded_at="2026-11-28T03:50:00.0000")), "event.id", OLD, 5),
    "an event dated after the export": (told(exported_at=bundles.stamp(NOW + 30 * DAY)), "event.late", "2027/events.jsonl", 10),
    "an event of another format": (resealed(altered(5, format="consent-event/2")), "event.json", OLD, 5),
    "a decision with a field too many": (resealed(altered(5, address="192.0.2.1")), "event.json", OLD, 5),
    "a decision with a field too few": (resealed(written(b',"undecided":[]', b"")), "event.json", OLD, 5),
    "a decision with an object for a text": (resealed(altered(5, valid_until={"is": "2027-05-24"})), "event.json", OLD, 5),
    "a decision about what its notice did not offer": (resealed(altered(5, kind="grant", granted=["facebook"])), "event.notice", OLD, 5),
    "a decision without what its notice offered": (resealed(altered(5, refused=[])), "event.notice", OLD, 5),
    "a decision in another language than its notice": (resealed(altered(5, language="fr")), "event.notice", OLD, 5),
    "a decision of an unknown kind": (resealed(altered(5, kind="visit")), "event.word", OLD, 5),
    "a decision by an unknown button": (resealed(altered(5, control="192.0.2.1")), "event.word", OLD, 5),
    "a decision at an unknown place": (resealed(altered(5, layer="https://verein.example/page")), "event.word", OLD, 5),
    "a purpose that is neither": (resealed(altered(5, purposes={"media": "192.0.2.1"})), "event.word", OLD, 5),
    "a last day that is none": (resealed(altered(5, valid_until="192.0.2.1")), "event.word", OLD, 5),
    "a log for an unknown reason": (resealed(altered(0, reason="because")), "event.word", OLD, 1),
    "an access to what nobody can": (resealed(lambda logs: setattr(logs[0].leaves[5], "body", bundles.event(random.Random(9), NOW + 5 * DAY // 2, "access", about="", by="Müller", what="alter"))), "event.word", OLD, 5),
    "a withdrawal that grants": (resealed(altered(5, granted=["matomo", "youtube"], refused=[])), "event.kind", OLD, 5),
    "a refusal that grants": (resealed(altered(1, granted=["matomo", "youtube"], refused=[])), "event.kind", OLD, 2),
    "a refusal that is linked": (resealed(altered(1, receipt="A" * 26)), "event.kind", OLD, 2),
    "a refusal that follows something": (resealed(altered(1, previous=ID)), "event.kind", OLD, 2),
    "a single view that refuses": (resealed(altered(6, refused=["youtube"], undecided=[])), "event.kind", OLD, 6),
    "a grant of nothing": (resealed(altered(2, granted=[], refused=["matomo", "youtube"])), "event.kind", OLD, 3),
    "a change to nothing": (resealed(altered(3, granted=[], refused=["matomo", "youtube"])), "event.kind", OLD, 4),
    "a single view of all": (resealed(altered(6, granted=["matomo", "youtube"], undecided=[])), "event.kind", OLD, 6),
    "an event of an unknown sort": (resealed(altered(5, event="visit")), "event.json", OLD, 5),
    "a filter of something else than an export": (resealed(altered(0, filter={"kind": "grant"})), "event.json", OLD, 1),
    "an event without a kind": (resealed(written(b'"kind"', b'"kimd"')), "event.json", OLD, 5),
    "an event with a key twice": (resealed(written(b'{"control"', b'{"control":"x","control"')), "event.json", OLD, 5),
    "an event with a space": (resealed(written(b'{"control"', b'{ "control"')), "event.canonical", OLD, 5),
    "an event with keys in another order": (resealed(written(b'{"control":"reject","event":"decision",', b'{"event":"decision","control":"reject",')), "event.canonical", OLD, 5),
    "an event with a fraction": (resealed(written(b'"undecided":[]', b'"undecided":1.0')), "event.json", OLD, 5),
    "an event with a lax number": (resealed(written(b'"undecided":[]', b'"undecided":01')), "event.json", OLD, 5),
    "an event with a number too much": (resealed(written(b'"undecided":[]', b'"undecided":NaN')), "event.json", OLD, 5),
    "an event with minus zero": (resealed(written(b'"undecided":[]', b'"undecided":-0')), "event.canonical", OLD, 5),
    "an event with escapes to no purpose": (resealed(written(b'"banner"', b'"b\\u0061nner"')), "event.canonical", OLD, 5),
    "an event with half a character": (resealed(written(b'"banner"', b'"\\ud800"')), "event.canonical", OLD, 5),
    "an event that is no text": (resealed(written(b'"banner"', b'"\xff"')), "event.json", OLD, 5),
    "an event that is nested without end": (resealed(written(b'"undecided":[]', b'"undecided":' + b"[" * 9999 + b"]" * 9999)), "event.json", OLD, 5),
    "an event with a receipt that is too short": (resealed(altered(5, receipt="A")), "event.json", OLD, 5),
    "an event that follows one of too long an id": (resealed(altered(5, previous="a" * 40)), "event.json", OLD, 5),
    "an event that follows one of too short an id": (resealed(altered(5, previous="a")), "event.json", OLD, 5),
    "an event with a receipt that is too long": (resealed(altered(5, receipt="A" * 30)), "event.json", OLD, 5),
    "an event with another id before its own": (resealed(altered(5, by={"id": "01a212d3-1abb-774f-98c4-dc0c0c07398f"})), "event.json", OLD, 5),
    "an event that is a list": (resealed(lambda logs: setattr(logs[0].leaves[5], "body", b"[]")), "event.json", OLD, 5),
    "an event with a tail": (resealed(lambda logs: setattr(logs[0].leaves[5], "body", logs[0].leaves[5].body + b"{}")), "event.json", OLD, 5),
    "a kind is counted wrongly": (told(counts=counts_of(grant=1)), "manifest.count", MANIFEST, None),
    "events are counted wrongly": (log_told(events=38), "manifest.count", MANIFEST, None),
    "erasures are counted wrongly": (log_told(erased=0), "manifest.count", MANIFEST, None),
    "the first time is wrong": (log_told(recorded_from="2026-01-01T00:00:00.000Z"), "manifest.count", MANIFEST, None),
    "notices are counted wrongly": (told(notices=3), "manifest.count", MANIFEST, None),
    "the manifest states another root": (log_told(root=b64(bytes(32))), "checkpoint.other", "2026/checkpoint.txt", None),
    "the manifest states another size": (log_told(size=41), "checkpoint.other", "2026/checkpoint.txt", None),
    "the manifest has a key twice": (manifest_with(b'"by": "', b'"by": "A",\n  "by": "'), "manifest.form", MANIFEST, None),
    "the manifest has a lax number": (manifest_with(b'"size": 40', b'"size": 040'), "manifest.form", MANIFEST, None),
    "the manifest has a fraction": (manifest_with(b'"size": 40', b'"size": 40.0'), "manifest.form", MANIFEST, None),
    "the manifest has more space": (manifest_with(b'"size": 40', b'"size":  40'), "manifest.form", MANIFEST, None),
    "the manifest has a key too much": (told(more=1), "manifest.form", MANIFEST, None),
    "the manifest has text for a number": (told(notices="2"), "manifest.form", MANIFEST, None),
    "the manifest has truth for a number": (told(notices=True), "manifest.form", MANIFEST, None),
    "the manifest has text for the number of events": (log_told(events="37"), "manifest.form", MANIFEST, None),
    "the manifest has text for the number of a kind": (told(counts=counts_of(grant="1")), "manifest.form", MANIFEST, None),
    "the manifest has a list for the numbers": (told(counts=[]), "manifest.form", MANIFEST, None),
    "the manifest has an object for the logs": (told(logs={}), "manifest.form", MANIFEST, None),
    "the manifest has a number for what is missing": (told(missing=[1]), "manifest.form", MANIFEST, None),
    "the manifest has less than nothing": (manifest_with(b'"bytes": ', b'"bytes": -'), "manifest.form", MANIFEST, None),
    "the manifest is nested without end": (manifest_with('"Müller"'.encode(), b"[" * 1200 + b"]" * 1200), "manifest.form", MANIFEST, None),
    "the manifest is of a later format": (told(format="consent-bundle/2"), "manifest.form", MANIFEST, None),
    "a period that ends before it begins": (told(since="2027-01-02", until="2027-01-01"), "manifest.form", MANIFEST, None),
    "a log of another site": (log_told(origin="evil.example/consent/2026"), "log.foreign", MANIFEST, None),
    "a log in the folder of another": (log_told(origin=f"{SITE}/consent/2025"), "log.foreign", MANIFEST, None),
    "a folder that leads away": (log_told(folder="../2026"), "log.foreign", MANIFEST, None),
    "a log without beginning": (alone(lambda log: log.leaves.pop(0)), "log.first", OLD, 1),
    "a log whose beginning is erased": (resealed(beginning_erased), "log.first", "2027/events.jsonl", 1),
    "a part that goes on from a log that is not in it": (told(**{"from": {"origin": f"{SITE}/consent/2025", "size": 9}}), "manifest.form", MANIFEST, None),
    "a part that goes on from nothing": (told(**{"from": {"origin": f"{SITE}/consent/2026", "size": 0}}), "manifest.form", MANIFEST, None),
    "a part without the checkpoint it goes on from": (told(**{"from": {"origin": f"{SITE}/consent/2026", "size": 9}}), "file.missing", "2026/checkpoint.previous.txt", None),
    "a log of a year in other digits": (log_told(folder="２０２６", origin=f"{SITE}/consent/２０２６"), "log.foreign", MANIFEST, None),
    "a log that begins as another": (alone(lambda log: setattr(log.leaves[0], "body", log.leaves[0].body.replace(b"consent/2026", b"consent/2025"))), "log.first", OLD, 1),
    "a log that begins twice": (alone(lambda log: log.leaves.append(replace(bundles.first_leaf(random.Random(5), NOW + 30 * DAY, log.origin, None)))), "log.twice", OLD, 41),
    "a log that follows nothing": (followed_by(previous=None), "log.chain", "2027/events.jsonl", 1),
    "a log that follows another past": (other_past, "log.chain", "2027/events.jsonl", 1),
    "a file in a folder of no log": (lambda: bundles.with_manifest({**genuine(), "2025/events.jsonl": b""}, bundles.story()), "file.loose", "2025/events.jsonl", None),
    "an export without time": (told(exported_at="yesterday"), "manifest.form", MANIFEST, None),
    "an export of a day that is not": (told(since="2026-02-30"), "manifest.form", MANIFEST, None),
    "an erasure that has the id of another": (resealed(lambda logs: setattr(logs[1].leaves[9], "body", logs[1].leaves[9].body.replace(json.loads(logs[1].leaves[9].body)["id"].encode(), json.loads(logs[1].leaves[8].body)["id"].encode()).replace(b"2027-01-04T04:00:00", b"2027-01-04T03:59:00"))), "event.twice", "2027/events.jsonl", 9),
    "a decision that has the id of an erasure": (resealed(as_erased), "event.twice", "2027/events.jsonl", 8),
    "a first log that says another came before": (alone(lambda log: setattr(log.leaves[0], "body", log.leaves[0].body.replace(b'"reason":"first"', b'"reason":"year"'))), "log.chain", OLD, 1),
    "a log that begins anew": (followed_by(previous=None, reason="first"), "log.chain", "2027/events.jsonl", 1),
    "a log that was reopened after no loss": (begun_as("2026.1", reason="reopened"), "log.reason", "2026.1/events.jsonl", 1),
    "a first log that follows a loss": (begun_as("2026", reason="first", gap=bundles.story()[0].checkpoint().decode()), "log.reason", OLD, 1),
    "a first log that is a later one of its year": (begun_as("2026.1", reason="first"), "log.reason", "2026.1/events.jsonl", 1),
    "a first log that follows another": (followed_by(reason="first"), "log.reason", "2027/events.jsonl", 1),
    "a log that names another key": (followed_by(key=vkey(f"{SITE}/consent/2027", STRANGER)), "log.key", "2027/events.jsonl", 1),
    "the first log was left out": (lambda: files_of(bundles.story()[1:]), "log.absent", "2027/events.jsonl", 1),
    "the log of an announced key was left out": (announcing(), "log.absent", "2027/events.jsonl", 11),
    "so it was of a period that it is of": (announcing(until="2027-12-31"), "log.absent", "2027/events.jsonl", 11),
    "so it was of a part that ends later": (announcing(sealed_until="2027-12-30"), "log.absent", "2027/events.jsonl", 11),
    "a log that was left out": (lambda: files_of([bundles.story()[0], Log(f"{SITE}/consent/2028", "2028", [bundles.first_leaf(random.Random(5), NOW + 40 * DAY, f"{SITE}/consent/2028", bundles.story()[1].checkpoint())])]), "log.chain", "2028/events.jsonl", 1),
    "a notice that is none": (shown(b"x"), "notice.form", f"notices/{bundles.sha(b'x').hex()}.json", None),
    "a notice without services": (shown(notice_with(services=None)), "notice.form", f"notices/{bundles.sha(notice_with(services=None)).hex()}.json", None),
    "a notice with its files in a list": (shown(notice_with(files=[])), "notice.form", f"notices/{bundles.sha(notice_with(files=[])).hex()}.json", None),
    "a notice of a later format": (shown(notice_with(format="consent-notice/2")), "notice.form", f"notices/{bundles.sha(notice_with(format='consent-notice/2')).hex()}.json", None),
    "a notice of another site": (shown(notice_with(site="evil.example")), "notice.form", f"notices/{bundles.sha(notice_with(site='evil.example')).hex()}.json", None),
    "a notice that says two things": (shown(TWO_LANGUAGES), "notice.form", f"notices/{bundles.sha(TWO_LANGUAGES).hex()}.json", None),
    "a notice that nobody saw": (lambda: bundles.with_manifest({**genuine(), f"files/{bundles.sha(b'x').hex()}": b"x"}, bundles.story()), "notice.unused", f"files/{bundles.sha(b'x').hex()}", None),
    "a checkpoint with a lax number": (with_checkpoint(f"{SITE}/consent/2026\n040\n{{root}}\n"), "checkpoint.form", "2026/checkpoint.txt", None),
    "a checkpoint of more than can be": (with_checkpoint(f"{SITE}/consent/2026\n{10**18}\n{{root}}\n"), "checkpoint.form", "2026/checkpoint.txt", None),
    "an erasure of more than can be": (beyond_all_numbers, "erased.form", "2027/events.jsonl", 8),
    "a checkpoint with a plus": (with_checkpoint(f"{SITE}/consent/2026\n+40\n{{root}}\n"), "checkpoint.form", "2026/checkpoint.txt", None),
    "a checkpoint of nothing": (with_checkpoint(f"{SITE}/consent/2026\n0\n{{root}}\n"), "checkpoint.form", "2026/checkpoint.txt", None),
    "a checkpoint with a line too much": (with_checkpoint(f"{SITE}/consent/2026\n40\n{{root}}\nmore\n"), "checkpoint.form", "2026/checkpoint.txt", None),
    "a checkpoint with a root that is none": (with_checkpoint(f"{SITE}/consent/2026\n40\n{'A' * 44}\n"), "checkpoint.form", "2026/checkpoint.txt", None),
    "a checkpoint with a short root": (with_checkpoint(f"{SITE}/consent/2026\n40\nAAAA\n"), "checkpoint.form", "2026/checkpoint.txt", None),
}  # fmt: skip


@pytest.mark.parametrize("case", INSIDER)
def test_what_the_site_itself_does_against_the_rules_is_found(check, case):
    """
    Even whoever has the key cannot sign what contradicts itself: the rules of the format are
    checked, not only the signatures.
    """
    make, *wanted = INSIDER[case]
    code, answer = check(make())

    assert code == 1
    assert tuple(wanted) in found(answer)


def test_a_date_after_the_export_is_found_and_nothing_else_because_of_it(check):
    """
    A clock that was ahead for a while is named for what it is: the list of contents says the same
    times, so nobody is told that it does not.
    """
    _, answer = check(told(exported_at=bundles.stamp(NOW + 30 * DAY))())

    assert {code for code, *_ in found(answer)} == {"event.late"}


def year_of(rows: int) -> list[Log]:
    """Return a log with decisions of different kinds."""
    chance, log = random.Random(9), Log(f"{SITE}/consent/2026", "2026")
    log.leaves.append(bundles.first_leaf(chance, NOW, log.origin, None))
    notice = next(iter(bundles.NOTICES))
    for n in range(1, rows):
        event = bundles.decision(chance, NOW + n, notice, "refusal" if n % 3 else "grant")
        log.leaves.append(Leaf(event, chance.randbytes(32)))
    return [log]


def test_a_clock_that_went_back_with_a_new_log_is_told(check):
    """
    Decisions that a site dates back are told as such also where all of a log were.
    """
    logs = bundles.story()
    for index in (1, 3, 4, 5, 6, 7):
        body = bundles.decision(random.Random(index), NOW + DAY + index, DE)
        logs[1].leaves[index].body = body
    relink(logs)
    code, answer = check(files_of(logs))
    last = json.loads(logs[0].leaves[-1].body)["recorded_at"]
    seconds = (verify.milliseconds(last) - NOW - DAY - 1) // 1000

    assert code == 0
    assert [line for line in answer["open"] if "clock" in line] == [
        f"{SITE}/consent/2027: why the clock went back by {seconds} s at leaf 1."
    ]


def test_what_is_wrong_is_listed_line_by_line(check):
    """
    However many events are wrong, and of whatever sorts, the first hundred are listed in the order
    in which they stand in the file.
    """
    ahead = files_of(year_of(300), exported_at=bundles.stamp(NOW - DAY))
    _, answer = check(ahead)

    assert answer["wrong"] == 300
    assert [line for code, _, line in found(answer) if code == "event.late"] == [*range(1, 101)]


def with_a_step_back(rows: int, pace: int, at: int, seconds: int) -> Files:
    """Let decisions come every *pace* ms, the one of leaf *at* dated *seconds* before the last."""
    chance, log = random.Random(9), Log(f"{SITE}/consent/2026", "2026")
    log.leaves.append(bundles.first_leaf(chance, NOW, log.origin, None))
    notice = next(iter(bundles.NOTICES))
    for n in range(1, rows):
        ms = NOW + n * pace if n != at else NOW + (n - 1) * pace - seconds * 1000
        kind = "refusal" if n % 3 else "grant"
        log.leaves.append(Leaf(bundles.decision(chance, ms, notice, kind), chance.randbytes(32)))
    return files_of([log], exported_at=bundles.stamp(NOW + rows * pace))


@pytest.mark.parametrize(
    ("rows", "pace", "at", "seconds", "is_told"),
    [
        (30, DAY // 2, 20, 300, False),
        (30, DAY // 2, 20, 301, True),
        (30, DAY // 2, 2, 301, True),
        (30, DAY // 2, 29, 90_000, True),
        (1_100, 1_000, 1_050, 301, True),
    ],
)
def test_a_clock_that_went_back_is_told_with_its_place(check, rows, pace, at, seconds, is_told):
    """
    Where a decision is dated more than five minutes before one that was sealed earlier, whoever
    reads asks why, on a site with few decisions as on one with many; what computers and processes
    differ by is nothing to ask about.
    """
    code, answer = check(with_a_step_back(rows, pace, at, seconds))

    told = f"{SITE}/consent/2026: why the clock went back by {seconds} s at leaf {at}."
    assert code == 0
    assert [line for line in answer["open"] if "clock" in line] == [told] * is_told


# --- The earlier checkpoint -----------------------------------------------------------------------


def earlier(tmp_path: Path, size: int = 25, **change: object) -> Path:
    path = tmp_path / "kept.txt"
    path.write_bytes(bundles.story()[0].checkpoint(size))
    return path


def test_an_earlier_checkpoint_shows_that_nothing_was_taken_back(check, tmp_path):
    """
    Who kept a checkpoint learns that all it covers is unchanged.
    """
    code, answer = check(genuine(), "--previous", earlier(tmp_path))

    assert code == 0
    assert any("25 leaves" in line for line in answer["proven"])


@pytest.mark.parametrize("way", bundles.SAVED)
def test_a_checkpoint_that_a_windows_computer_saved_is_the_same(check, tmp_path, way):
    """
    Nobody is accused because an editor or a shell ended the lines of a kept checkpoint in its way.
    """
    past = earlier(tmp_path)
    past.write_bytes(bundles.SAVED[way](past.read_bytes().decode()))
    code, answer = check(genuine(), "--previous", past)

    assert (code, answer["findings"]) == (0, [])
    assert any("25 leaves" in line for line in answer["proven"])
    past.write_bytes(b"\xfe" + past.read_bytes())
    assert found(check(genuine(), "--previous", past)[1]) == [("note.form", "kept.txt", None)]


PAST = {
    "the past was altered": (resealed(altered(3, language="fr")), "old.fork"),
    "an event was removed from the past": (resealed(lambda logs: logs[0].leaves.pop(3)), "old.fork"),
    "an event was inserted into the past": (resealed(lambda logs: logs[0].leaves.insert(3, Leaf(bundles.decision(random.Random(9), NOW, DE), bytes(32)))), "old.fork"),
    "events of the past changed places": (resealed(lambda logs: swap(logs[0].leaves, 2, 3)), "old.fork"),
    "the end was cut off": (alone(lambda log: log.leaves.__delitem__(slice(20, None))), "old.shrunk"),
    "the log is gone": (lambda: files_of([Log(f"{SITE}/consent/2027", "2027", [bundles.first_leaf(random.Random(5), NOW + 40 * DAY, f"{SITE}/consent/2027", None)])]), "old.gone"),
}  # fmt: skip


@pytest.mark.parametrize("case", PAST)
def test_who_kept_a_checkpoint_finds_that_the_past_was_changed(check, tmp_path, case):
    """
    Whoever has the key can write a new past, but not one that fits a checkpoint that was kept
    (EV-08).
    """
    make, wanted = PAST[case]
    code, answer = check(make(), "--previous", earlier(tmp_path))

    assert code == 1
    assert (wanted, "kept.txt", None) in found(answer)


def test_each_of_several_checkpoints_counts_whatever_it_is_called(check, tmp_path):
    """
    The checkpoints of earlier exports, which all have one name in folders of their own, are each
    held against the log; one that does not fit is found whichever place it has (EV-08).
    """
    past = []
    for month, size in (("january", 24), ("february", 25)):
        (tmp_path / month).mkdir()
        past.append(tmp_path / month / "checkpoint.txt")
        past[-1].write_bytes(bundles.story()[0].checkpoint(size))
    several = [word for file in (*past, past[0]) for word in ("--previous", file)]
    told = [line for line in check(genuine(), *several)[1]["proven"] if "earlier" in line]
    changed = alone(lambda log: log.leaves.__delitem__(slice(24, None)))()

    assert ["24 leaves" in told[0], "25 leaves" in told[1]] == [True] * len(told)
    for files in (past, past[::-1]):
        answer = check(changed, *(word for file in files for word in ("--previous", file)))[1]
        assert found(answer) == [("old.shrunk", str(past[1]), None)]


def with_previous(consistency: bytes | None = None, size: int = 25, proven: int = 25) -> Files:
    logs = bundles.story()
    files = files_of(logs)
    files["2026/checkpoint.previous.txt"] = logs[0].checkpoint(size)
    files["2026/consistency.txt"] = consistency or logs[0].consistency(proven)
    return bundles.with_manifest(files, logs)


def test_a_bundle_may_bring_the_earlier_checkpoint(check):
    """
    An export that was made for a checkpoint brings it, and the proof that it continues it.
    """
    assert check(with_previous())[1]["findings"] == []


def test_a_part_may_begin_behind_the_first_leaf(check):
    """
    Whoever took along a log on its first day, when it only had begun, can have the rest as a part.
    """
    logs = bundles.story()
    files = with_previous(size=1, proven=1)
    start = {"from": {"origin": logs[0].origin, "size": 1}}

    assert check(bundles.with_manifest(files, logs, **start))[1]["findings"] == []


@pytest.mark.parametrize(
    "files",
    [
        with_previous(proven=24),
        with_previous(size=24),
        with_previous(bundles.story()[0].consistency(25).replace(b"old 25", b"old 025")),
        with_previous(b"old 25\n\n" + bundles.story()[0].checkpoint()),
        with_previous(b"old 25\nAAAA\n\n" + bundles.story()[0].checkpoint()),
        with_previous(bundles.story()[0].consistency(25)[:-3] + b"A==\n"),
        with_previous(b"old 25\n" + (b64(bytes(32)) + "\n").encode() * 64 + b"\n" + bundles.story()[0].checkpoint()),
    ],
    ids=["of another size", "for another size", "lax number", "empty", "short hash", "other checkpoint", "too long"],
)  # fmt: skip
def test_a_proof_that_proves_nothing_is_found(check, files):
    """
    A consistency proof that does not lead from one checkpoint to the other is told.
    """
    assert ("old.proof", "2026/consistency.txt", None) in found(check(files)[1])


def test_a_proof_of_what_is_not_there_proves_nothing(check):
    """
    An export that brings a proof, and no checkpoint that it could begin with, is found.
    """
    files = {name: body for name, body in with_previous().items() if "previous" not in name}
    answer = check(bundles.with_manifest(files, bundles.story()))[1]

    assert found(answer) == [("old.proof", "2026/consistency.txt", None)]


def stamped(checkpoint: bytes | None, over: bytes | None = None) -> Files:
    """Bring a *checkpoint* with a time stamp over it, or *over* something else; b"" is no stamp."""
    logs, over = bundles.story(), checkpoint if over is None else over
    time = b"\4\x20" + bundles.sha(over or b"") + b"\2\1\7\x18\x0f20261208120000Z"
    files = {"2026/stamps/25.txt": checkpoint, "2026/stamps/25.tsr": time if over else None}
    there = {name: body for name, body in files.items() if body is not None}
    return bundles.with_manifest({**genuine(), **there}, logs)


def forked(index: int, size: int) -> bytes:
    """Return a checkpoint of the old log in which one event was another one."""
    logs = bundles.story()
    altered(index, language="fr")(logs)
    return logs[0].checkpoint(size)


def test_a_time_stamp_shows_since_when_nothing_was_taken_back(check):
    """
    Who gets a checkpoint with a time stamp is told that the log continues it, and since when.
    """
    code, answer = check(stamped(bundles.story()[0].checkpoint(25)))

    assert (code, answer["findings"]) == (0, [])
    assert any("2026-12-08T12:00:00Z" in line for line in answer["proven"])


STAMPS = {
    "another past": (stamped(forked(3, 25)), "old.fork"),
    "a checkpoint of the other log": (stamped(bundles.story()[1].checkpoint(5)), "stamp.other"),
    "another file": (stamped(bundles.story()[0].checkpoint(25), b"x"), "stamp.other"),
    "nothing": (stamped(bundles.story()[0].checkpoint(25), b""), "stamp.other"),
    "no checkpoint": (stamped(None, b"x"), "note.form"),
}


@pytest.mark.parametrize("case", STAMPS)
def test_a_time_stamp_does_not_vouch_for_another_past(check, case):
    """
    A time stamp over what the log never was, or over nothing of it, is found: whoever has the key
    cannot keep the stamps of a past that was rewritten (EV-08).
    """
    files, wanted = STAMPS[case]
    code, answer = check(files)

    assert code == 1
    assert (wanted, "2026/stamps/25.txt", None) in found(answer)


def test_a_key_that_nobody_announced_is_open(check):
    """
    Where a key was lost, the old one could not vouch for the new one, and the auditor is told.
    """
    code, answer = check(followed_by(reason="rotation")())

    assert code == 0
    assert any("the old key did not announce it" in line for line in answer["open"])


def under_another_key(
    reason: str, said_in: int | None = None, said: Ed25519PrivateKey = STRANGER
) -> Files:
    """Let the new log be of another key; an event *said_in* one of the logs names what is *said*."""
    logs = bundles.story()
    name = vkey(logs[1].origin, STRANGER)
    if said_in is not None:
        key = vkey(logs[1].origin, said)
        body = bundles.event(random.Random(9), NOW + 40 * DAY, "key", key=key, by="Müller")
        logs[said_in].leaves.append(Leaf(body, bytes(32)))
    first = json.loads(logs[1].leaves[0].body)
    first |= {"reason": reason, "key": name, "previous": logs[0].checkpoint().decode()}
    if reason == "reopened":
        first["gap"] = bundles.checkpoint(logs[0].origin, [bytes(32)] * 99).decode()
    logs[1].leaves[0].body = bundles.canonical(first)
    files = files_of(logs)
    files["2027/checkpoint.txt"] = logs[1].checkpoint(None, STRANGER)
    return signed_by_another_key(files, logs)


def signed_by_another_key(files: Files, logs: list[Log], **about: object) -> Files:
    """Let the newest key of the site be another one."""
    rest = {name: body for name, body in files.items() if name != MANIFEST}
    fields = {**bundles.manifest(rest, logs), **about}
    return {**rest, MANIFEST: bundles.sign_manifest(fields, STRANGER)}


@pytest.mark.parametrize(
    ("reason", "said", "is_told"),
    [
        ("rotation", (0,), False),
        ("rotation", (0, OTHER), True),
        ("rotation", (1,), True),
        ("year", (), True),
        ("reopened", (), True),
    ],
    ids=["by the old one", "of another one", "by itself", "as a new year", "after a loss"],
)
def test_a_key_that_vouches_for_itself_is_open(check, reason, said, is_told):
    """
    Whatever a log says why it begins, the auditor is told of a key that the old one did not name.
    """
    files = under_another_key(reason, *said)
    keys = (vkey(f"{SITE}/consent/2026"), vkey(f"{SITE}/consent/2027", STRANGER))
    code, answer = check(files, "--vkey", keys[0], "--vkey", keys[1])

    assert (code, answer["findings"]) == (0, [])
    assert is_told is any("the old key did not announce it" in line for line in answer["open"])


@pytest.mark.parametrize(
    ("about", "code"),
    [
        ({}, 1),
        ({"sealed_until": "2027-12-30"}, 0),
        ({"sealed_until": "2027-12-31"}, 1),
        ({"until": "2027-12-31"}, 0),
    ],
    ids=["whole", "sealed until", "sealed until a day to come", "period"],
)
def test_a_list_under_a_newer_key_tells_of_a_newer_log(check, about, code):
    """
    Whoever leaves out the newest log signs the list with a key that no log in it has, and is found;
    an export that ends before that log is rightly signed so (AU-02).
    """
    logs = bundles.story()
    files = signed_by_another_key(files_of(logs), logs, **about)
    keys = (vkey(f"{SITE}/consent/2026"), vkey(f"{SITE}/consent/2028", STRANGER))
    answered = check(files, "--vkey", keys[0], "--vkey", keys[1])

    assert answered[0] == code
    assert found(answered[1]) == [("manifest.key", MANIFEST, None)] * code


@pytest.mark.parametrize(
    "days", [{"until": "2026-12-31"}, {"since": "2027-02-01"}], ids=["before", "after"]
)
def test_a_period_may_have_nothing_of_the_log_of_an_announced_key(check, days):
    """
    Where the key was announced on another day, the log under it is not missed.
    """
    code, answer = check(announcing(**days)())

    assert (code, answer["findings"]) == (0, [])


@pytest.mark.parametrize(
    ("days", "is_told"),
    [
        ({"until": "2026-12-31"}, False),
        ({"until": "2027-12-31"}, True),
        ({"since": "2026-12-31"}, False),
    ],
    ids=["followed", "not followed", "without end"],
)
def test_a_period_that_no_event_follows_may_go_on_in_a_later_log(check, days, is_told):
    """
    Where no event after the period is given, nothing shows that a later log has none of it, and the
    auditor is told (AU-02).
    """
    code, answer = check(files_of(bundles.story(), **days))

    assert code == 0
    assert is_told is any("no later log has more of these days" in line for line in answer["open"])


def test_a_key_that_was_not_given_is_asked_for(check):
    """
    Who gives one key of a site that has changed it is told that there may be another one.
    """
    files = under_another_key("rotation", 0)
    code, answer = check(files, "--vkey", vkey(f"{SITE}/consent/2026"))
    texts = [one["text"] for one in answer["findings"] if one["code"] == "note.unsigned"]

    assert code == 1
    assert texts
    assert all("where the key was changed, give each with --vkey" in text for text in texts)


def test_a_loss_is_told(check):
    """
    A log that begins after a loss names what is known to be missing, and the auditor is told.
    """
    gap = bundles.story()[0].checkpoint(30).decode()
    code, answer = check(followed_by(reason="reopened", gap=gap)())

    assert code == 0
    assert any("begins after a loss (reopened)" in line for line in answer["open"])


def test_a_log_that_was_begun_with_nothing_left_is_told(check):
    """
    Where all of a log was lost the new one names what it knows of it, and nobody is accused of
    leaving out what is not there any more (EV-08).
    """
    logs = bundles.story()
    gap = logs[0].checkpoint(30).decode()
    first = json.loads(logs[1].leaves[0].body) | {"reason": "reopened", "previous": None}
    logs[1].leaves[0].body = bundles.canonical({**first, "gap": gap})
    logs[1].leaves.pop(8)  # the reason for what was erased in the lost one
    code, answer = check(files_of(logs[1:]))

    assert (code, answer["findings"]) == (0, [])
    lost = f"begins after a loss (reopened). Last known before: {logs[0].origin} 30 "
    assert any(lost in line for line in answer["open"])


@pytest.mark.parametrize("which", [0, 1], ids=["the older one", "the newer one"])
def test_nothing_is_said_to_be_proven_of_a_log_that_is_not_as_sealed(check, which):
    """
    A log in which something is wrong is not among what is proven; the log beside it is (AU-02).
    """
    files, name = dict(genuine()), ("2026", "2027")[which]
    events = files[f"{name}/events.jsonl"]
    files[f"{name}/events.jsonl"] = events.replace(b'"layer":"banner"', b'"layer":"banned"', 1)
    answer = check(files)[1]
    sealed = [line.partition(":")[0][-4:] for line in answer["proven"] if "as sealed" in line]

    assert ("leaf.altered", f"{name}/events.jsonl", 2) in found(answer)
    assert sealed == [("2027", "2026")[which]]


def test_what_was_altered_is_not_called_unchanged(check, tmp_path):
    """
    Where an event is not the one that was sealed, it is not said beside that, that nothing which an
    earlier checkpoint or a time stamp covers was changed.
    """
    kept = tmp_path / "kept.txt"
    kept.write_bytes(bundles.story()[0].checkpoint(30))
    files = stamped(bundles.story()[0].checkpoint(25))
    put(OLD, b'"layer":"banner"', b'"layer":"banned"')(files)
    _, answer = check(files, "--previous", kept)

    assert ("leaf.altered", OLD, 2) in found(answer)
    assert not [line for line in answer["proven"] if "changed since" in line or "stamp" in line]


def test_nothing_joins_an_export_of_another_past(check, tmp_path):
    """
    An export goes on after an earlier one only if it begins with what that one ends with.
    """
    other = bundles.write(files_of(bundles.story(seed=2)), tmp_path / "other.zip")
    code, answer = check(genuine(), "--after", other)

    assert (code, found(answer)) == (1, [("old.fork", "other.zip", None)])
    assert not [line for line in answer["proven"] if "joins" in line]


def test_logs_beside_each_other_each_have_a_beginning_of_their_own(check):
    """
    A log of a part of a site follows the log before it of the same part, and no other.
    """
    chance = random.Random(5)
    logs = bundles.story()
    beside = Log(f"{SITE}/consent/2026/1", "2026-s1")
    beside.leaves.append(bundles.first_leaf(chance, NOW + MINUTE, beside.origin, None))
    code, answer = check(files_of([logs[0], beside, logs[1]]))

    assert (code, answer["findings"]) == (0, [])
    assert sum("none missing" in line for line in answer["proven"]) == 3
    assert not any("what came before" in line for line in answer["open"])


def test_logs_of_one_year_follow_each_other_by_their_number(check, tmp_path):
    """
    After the ninth key of a year comes the tenth: of an export that begins there nobody misses
    the log before it, and who kept the checkpoint of a later one is told that it is gone.
    """
    chance, past = random.Random(5), tmp_path / "kept.txt"
    ninth, tenth, next_ = (Log(f"{SITE}/consent/2026.{n}", f"2026.{n}") for n in (9, 10, 11))
    before: bytes | None = None
    for n, log in enumerate((ninth, tenth, next_)):
        log.leaves.append(bundles.first_leaf(chance, NOW + n * DAY, log.origin, before))
        before = log.checkpoint()
    for log, days, wrong in (
        (ninth, {"since": "2026-11-26"}, None),
        (next_, {"since": "2026-11-26"}, "old.gone"),
        (next_, {"until": "2026-11-26"}, None),
        (ninth, {"until": "2026-11-26"}, "old.gone"),
    ):
        past.write_bytes(log.checkpoint())
        answer = check(files_of([tenth], **days), "--previous", past)[1]
        assert found(answer) == ([(wrong, "kept.txt", None)] if wrong else [])


@pytest.mark.parametrize(
    ("number", "given", "days", "code"),
    [
        (0, 1, {"since": "2027-01-01"}, 0),
        (1, 0, {"until": "2026-12-31"}, 0),
        (1, 0, {"sealed_until": "2026-12-31"}, 0),
        (0, 1, {"until": "2027-12-31"}, 1),
        (1, 0, {"since": "2026-01-01"}, 1),
    ],
    ids=["before", "after", "sealed after", "not before", "not after"],
)
def test_a_checkpoint_of_a_log_that_is_rightly_not_there_is_open(
    check, tmp_path, number, given, days, code
):
    """
    A period that has nothing of a log leaves it out: who kept its checkpoint is told that it was
    not looked at, and is not told that it is gone, nor that nobody signed it where the key was
    changed since, which is not there either.
    """
    logs = bundles.story()
    for index in (4, 9, 10):
        logs[0].leaves[index].state = "given"
    logs[1].leaves.pop(8)
    past, files = tmp_path / "kept.txt", files_of([logs[given]], **days)
    for keys, wrong in ((), "old.gone"), ((STRANGER,), "note.unsigned"):
        past.write_bytes(logs[number].checkpoint(None, *keys))
        got, answer = check(files, "--previous", past)

        told = any("continues kept.txt" in line for line in answer["open"])
        assert (got, told) == (code, not code)
        assert (wrong, "kept.txt", None) in found(answer) or not code


# --- A period -------------------------------------------------------------------------------------


def period(first: int, last: int, since: str | None, until: str | None) -> Files:
    """Export the leaves from *first* to *last* of a log with two events a day from 25 November."""
    logs = bundles.story()[:1]
    for index, leaf in enumerate(logs[0].leaves):
        leaf.state = "given" if index == 0 or first <= index <= last else "outside"
    return files_of(logs, since=since, until=until)


@pytest.mark.parametrize(
    "files",
    [
        period(9, 16, "2026-11-30", "2026-12-02"),
        period(1, 16, None, "2026-12-02"),
        period(9, 39, "2026-11-30", None),
        period(9, 39, "2026-11-30", "2027-12-31"),
        period(1, 39, "2026-11-01", "2026-12-31"),
    ],
    ids=["both", "until", "since", "open end", "more than there is"],
)
def test_a_period_is_complete_when_events_around_it_enclose_it(check, files):
    """
    An export of a period brings the event before and the one after it, so that nothing of the
    period can be left out at its ends. That none of the whole log is missing is not claimed.
    """
    code, answer = check(files)

    assert (code, answer["findings"]) == (0, [])
    assert any(
        line.startswith("verein.example/consent/2026: of the period") for line in answer["proven"]
    )
    is_whole = not any("what lies outside" in line for line in answer["open"])
    assert is_whole is any("none missing" in line for line in answer["proven"])
    assert not any("of the period" in line for line in answer["open"])


@pytest.mark.parametrize(
    ("run", "days", "gone", "count"),
    [
        ((9, 16), ("2026-11-30", "2026-12-02"), {4, 11, 12, 20}, "2 erased events were"),
        ((9, 16), ("2026-11-30", "2026-12-02"), {10}, "1 erased event was"),
        ((9, 16), ("2026-11-30", "2026-12-02"), {4, 20}, None),
        ((1, 16), (None, "2026-12-02"), {2, 15, 17, 30}, "2 erased events were"),
        ((9, 39), ("2026-11-30", None), {4, 39}, "1 erased event was"),
        ((3, 16), ("2026-11-01", "2026-12-02"), {1, 2, 17}, "2 erased events were"),
    ],
)
def test_what_was_erased_within_a_period_is_told(check, run, days, gone, count):
    """
    That nothing of a period is left out does not say that all of it is there: how many records were
    erased that may have been of it, by their place between the events that enclose it, is said.
    """
    logs = bundles.story()[:1]
    for index, leaf in enumerate(logs[0].leaves):
        is_given = index == 0 or run[0] <= index <= run[1]
        leaf.state = "erased" if index in gone else "given" if is_given else "outside"
    code, answer = check(files_of(logs, since=days[0], until=days[1]))
    told = [line for line in answer["open"] if "of the period" in line]

    assert (code, answer["findings"]) == (0, [])
    assert [line.partition(": whether ")[2].partition(" of the")[0] for line in told] == (
        [count] if count else []
    )


@pytest.mark.parametrize(
    ("files", "wanted"),
    [
        (period(11, 16, "2026-11-30", "2026-12-02"), "outside.edge"),
        (period(9, 14, "2026-11-30", "2026-12-02"), "outside.edge"),
        (period(50, 50, "2026-11-30", "2026-12-02"), "outside.edge"),
        (period(9, 16, None, "2026-12-02"), "outside.whole"),
        (period(9, 16, "2026-11-30", None), "outside.whole"),
    ],
    ids=["start cut", "end cut", "all cut", "no start", "no end"],
)  # fmt: skip
def test_a_period_that_is_not_enclosed_is_found(check, files, wanted):
    """
    An exporter who leaves out the first or last days of a period is found.
    """
    assert (wanted, NEW, None) in found(check(files)[1])


def test_what_is_nested_in_an_event_encloses_no_period(check):
    """
    An event of the days that has another day inside it is not taken for the one before them, so
    what lies before it in the period cannot be left out (AU-02).
    """
    logs = bundles.story()[:1]
    altered(12, zone={"recorded_at": "2026-11-01T00:00:00.000Z"})(logs)
    for index, leaf in enumerate(logs[0].leaves):
        leaf.state = "given" if index == 0 or 12 <= index <= 16 else "outside"
    code, answer = check(files_of(logs, since="2026-11-30", until="2026-12-02"))

    assert code == 1
    assert ("event.json", OLD, 2) in found(answer)
    assert not any("of the period" in line for line in answer["proven"])


def test_a_bundle_without_a_log_does_not_show_that_nothing_happened(check):
    """
    Whoever gets an empty bundle, for a period or for everything, is told that it shows nothing.
    """
    empty = files_of([], since="2026-11-30", until="2026-12-02")
    code, answer = check(empty)

    assert (code, answer["findings"]) == (0, [])
    assert any("there is no log" in line for line in answer["open"])


def test_what_is_left_out_of_the_middle_of_a_period_is_found(check):
    """
    "Outside the period" is no excuse in the middle of it.
    """
    logs = bundles.story()[:1]
    for index, leaf in enumerate(logs[0].leaves):
        leaf.state = "given" if index in {0, 9, 10, 12, 13, 16} else "outside"
    files = files_of(logs, since="2026-11-30", until="2026-12-02")

    assert ("outside.between", NEW, 12) in found(check(files)[1])


# --- Tricks with zips -----------------------------------------------------------------------------


def zipped(change: Callable[[zipfile.ZipFile], object]) -> Callable[[Path], Path]:
    def make(path: Path) -> Path:
        bundles.write(genuine(), path)
        with pytest.MonkeyPatch.context() as patch, zipfile.ZipFile(path, "a") as zip:
            patch.setattr("warnings.warn", lambda *a, **b: None)
            change(zip)
        return path

    return make


def patched(change: Callable[[bytearray], object]) -> Callable[[Path], Path]:
    def make(path: Path) -> Path:
        data = bytearray(bundles.write(genuine(), path).read_bytes())
        path.write_bytes(change(data) or data)
        return path

    return make


def linked(zip: zipfile.ZipFile, mode: int = 0o120777) -> None:
    entry = zipfile.ZipInfo("2026/consistency.txt")
    entry.external_attr = mode << 16
    zip.writestr(entry, "/etc/passwd")


def encrypted(data: bytearray) -> None:
    at = data.index(b"PK\1\2")
    data[at + 8] |= 1


def damaged(data: bytearray) -> None:
    name = data.index(b"LIESMICH.txt")
    data[name + 12] ^= 0x20


def gap(data: bytearray) -> bytes:
    """Move the directory back by some bytes that belong to nothing."""
    start = data.index(b"PK\1\2")
    end = data.index(b"PK\5\6")
    struct.pack_into("<I", data, end + 16, start + 7)
    return bytes(data[:start] + b"hidden!" + data[start:])


def commented(zip: zipfile.ZipFile) -> None:
    entry = zipfile.ZipInfo("2026/consistency.txt")
    entry.comment = b"hidden!"
    zip.writestr(entry, "x")


def at_header(offset: int, form: str, value: int) -> Callable[[Path], Path]:
    """Let the header before the contents of README.txt say something else than the directory."""
    return patched(lambda d: struct.pack_into(form, d, d.index(b"README.txt") - 30 + offset, value))


def large(zip: zipfile.ZipFile, name: str = "2026/consistency.txt") -> None:
    """Write a file whose sizes stand in a field of their own before it, as bundles have it."""
    with zip.open(zipfile.ZipInfo(name), "w", force_zip64=True) as file:
        file.write(b"x")


def large_before(*sizes: int, length: int = 16) -> Callable[[Path], Path]:
    """Let that field say other *sizes*, or be of another *length*."""

    def make(path: Path) -> Path:
        data = zipped(large)(path).read_bytes()
        field = struct.pack("<2H2Q", 1, 16, 1, 1)
        assert data.count(field) == 1
        path.write_bytes(data.replace(field, struct.pack("<2H2Q", 1, length, *sizes)))
        return path

    return make


def large_after(*sizes: int, fields: int = 1) -> Callable[[Path], Path]:
    """Let *fields* of the directory say that README.txt has other *sizes*."""
    field = struct.pack(f"<2H{len(sizes)}Q", 1, 8 * len(sizes), *sizes)
    return zipped(lambda zip: _said_of(zip, "README.txt", field * fields))


def _said_of(zip: zipfile.ZipFile, name: str, extra: bytes) -> None:
    zip.getinfo(name).extra = extra
    zip._didModify = True


def also_known(place: int) -> Callable[[Path], Path]:
    """Give a file, in one of its two headers, a field by which many programs rename it."""
    entry = zipfile.ZipInfo("2026/consistency.txt")
    name = b"2026/checkpoint.previous.txt"
    text = struct.pack("<BI", 1, zlib.crc32(entry.filename.encode())) + name
    field, other = (struct.pack("<HH", kind, len(text)) + text for kind in (0x7075, 0x7074))
    entry.extra = field

    def make(path: Path) -> Path:
        parts = zipped(lambda zip: zip.writestr(entry, "x"))(path).read_bytes().split(field)
        path.write_bytes(
            parts[0] + (field, other)[place] + parts[1] + (other, field)[place] + parts[2]
        )
        return path

    return make


def said_twice(**other: int) -> Callable[[Path], Path]:
    """Say where the directory is as a large zip does, and in one of the places something *other*."""

    def make(path: Path) -> Path:
        data = bundles.write(genuine(), path).read_bytes()
        stop = len(data) - 22
        count, size, start = struct.unpack("<H2L", data[-12:-2])
        of = {"count": count, "size": size, "start": start, "stop": stop, "length": 44, **other}
        large = struct.pack("<4sQ2H2L", b"PK\6\6", of["length"], 45, 45, 0, 0)
        large += struct.pack("<4Q", count, count, size, start)
        large += struct.pack("<4sLQL", b"PK\6\7", 0, of["stop"], 1)
        end = struct.pack("<2H2L2x", of["count"], of["count"], of["size"], of["start"])
        path.write_bytes(data[:stop] + large + data[stop : stop + 8] + end)
        return path

    return make


def at_the_end(data: bytearray) -> bytes:
    """Let the directory say that README.txt begins with the last four bytes of all."""
    struct.pack_into("<I", data, data.rindex(b"README.txt") - 4, len(data))
    struct.pack_into("<H", data, len(data) - 2, 4)
    return bytes(data) + b"PK\3\4"


def in_place_of(body: bytes, deflated: bytes) -> Callable[[Path], Path]:
    """Write, as the last file of a zip, what says that it is *body* as *deflated*."""

    def make(path: Path) -> Path:
        entry = zipfile.ZipInfo("2026/consistency.txt")
        data = bytearray(zipped(lambda zip: zip.writestr(entry, deflated))(path).read_bytes())
        start = data.rindex(b"PK\1\2")
        local = struct.unpack_from("<I", data, start + 42)[0]
        for at in (local + 8, start + 10):
            struct.pack_into(
                "<H4xLLL",
                data,
                at,
                zipfile.ZIP_DEFLATED,
                zlib.crc32(body),
                len(deflated),
                len(body),
            )
        path.write_bytes(data)
        return path

    return make


def deflate(body: bytes, end: int = zlib.Z_FINISH, level: int = -1) -> bytes:
    form = zlib.compressobj(level, wbits=-15)
    return form.compress(body) + form.flush(end)


#: Bytes that take, deflated, all that is read at once.
BLOCK = bytes((1 << 16) - 10)


def with_tail(data: bytearray) -> bytes:
    """Hide bytes behind the end of what is deflated in the last file of a zip."""
    hidden = b"hidden!"
    start, end, last = data.index(b"PK\1\2"), data.index(b"PK\5\6"), data.rindex(b"PK\1\2")
    size = struct.unpack_from("<I", data, last + 20)[0] + len(hidden)
    local = struct.unpack_from("<I", data, last + 42)[0]
    for place, value in ((last + 20, size), (local + 18, size), (end + 16, start + len(hidden))):
        struct.pack_into("<I", data, place, value)
    return bytes(data[:start] + hidden + data[start:])


TRICKS = {
    "a name twice": (zipped(lambda z: z.writestr("README.txt", "other")), "zip.twice", "README.txt"),
    "a way up": (zipped(lambda z: z.writestr("../../evil", "x")), "zip.name", "../../evil"),
    "a way up in a folder": (zipped(lambda z: z.writestr("2026/../README.txt", "x")), "zip.name", "2026/../README.txt"),
    "an absolute name": (zipped(lambda z: z.writestr("/etc/passwd", "x")), "zip.name", "/etc/passwd"),
    "a backslash": (zipped(lambda z: z.writestr("2026\\x.txt", "x")), "zip.name", "2026\\x.txt"),
    "a folder": (zipped(lambda z: z.writestr("2026/", "")), "zip.name", "2026/"),
    "an undeclared file": (zipped(lambda z: z.writestr("setup.exe", "x")), "zip.name", "setup.exe"),
    "what a computer leaves in folders": (zipped(lambda z: z.writestr(".DS_Store", "x")), "zip.name", ".DS_Store"),
    "an undeclared notice": (zipped(lambda z: z.writestr(f"notices/{'0' * 64}.json", "x")), "file.extra", f"notices/{'0' * 64}.json"),
    "another case": (zipped(lambda z: z.writestr("Manifest.note", "x")), "zip.case", "Manifest.note"),
    "a link": (zipped(linked), "zip.kind", "2026/consistency.txt"),
    "another method": (zipped(lambda z: z.writestr("2026/consistency.txt", "x", zipfile.ZIP_BZIP2)), "zip.kind", "2026/consistency.txt"),
    "an encrypted file": (patched(encrypted), "zip.kind", "LIESMICH.txt"),
    "something in front": (patched(lambda d: b"#!/bin/sh\n" + bytes(d)), "zip.layout", "b.zip"),
    "something hidden between": (patched(gap), "zip.layout", "b.zip"),
    "a comment": (zipped(lambda z: setattr(z, "comment", b"x")), "zip.layout", "b.zip"),
    "something behind": (patched(lambda d: bytes(d) + b"hidden!"), "zip.layout", "b.zip"),
    "another number of files": (patched(lambda d: struct.pack_into("<HH", d, d.index(b"PK\5\6") + 8, 2, 2)), "zip.layout", "b.zip"),
    "an entry that goes on behind the directory": (patched(lambda d: struct.pack_into("<H", d, d.rindex(b"PK\1\2") + 30, 8)), "zip.layout", "b.zip"),
    "another directory for small zips": (said_twice(start=7), "zip.layout", "b.zip"),
    "a directory that ends earlier in small zips": (said_twice(size=46), "zip.layout", "b.zip"),
    "fewer files in small zips": (said_twice(count=1), "zip.layout", "b.zip"),
    "another end for large zips": (said_twice(stop=7), "zip.layout", "b.zip"),
    "a longer end for large zips": (said_twice(length=99), "zip.layout", "b.zip"),
    "a file on another disk": (patched(lambda d: struct.pack_into("<H", d, d.rindex(b"README.txt") - 12, 1)), "zip.layout", "b.zip"),
    "other large sizes in the directory": (large_after(5, 5), "zip.layout", "b.zip"),
    "large sizes twice in the directory": (large_after(len(genuine()["README.txt"]), fields=2), "zip.layout", "b.zip"),
    "another large size before it": (large_before(5, 1), "file.damaged", "2026/consistency.txt"),
    "another large packed size before it": (large_before(1, 5), "file.damaged", "2026/consistency.txt"),
    "half of the large sizes before it": (large_before(1, 1, length=8), "file.damaged", "2026/consistency.txt"),
    "a comment on a file": (zipped(commented), "zip.layout", "b.zip"),
    "something behind what is deflated": (patched(with_tail), "file.damaged", MANIFEST),
    "another name besides": (also_known(0), "file.damaged", "2026/consistency.txt"),
    "another name besides in the directory": (also_known(1), "file.damaged", "2026/consistency.txt"),
    "no end of what is deflated": (in_place_of(b"x", deflate(b"x", zlib.Z_SYNC_FLUSH)), "file.damaged", "2026/consistency.txt"),
    "something behind a block": (in_place_of(BLOCK, deflate(BLOCK, level=0) + b"hidden!"), "file.damaged", "2026/consistency.txt"),
    "no header before it": (at_header(0, "<I", 0), "file.damaged", "README.txt"),
    "a header cut off": (patched(at_the_end), "file.damaged", "README.txt"),
    "another kind of name before it": (at_header(6, "<H", 0x800), "file.damaged", "README.txt"),
    "another method before it": (at_header(8, "<H", 0), "file.damaged", "README.txt"),
    "another size before it": (at_header(22, "<I", 5), "file.damaged", "README.txt"),
    "another packed size before it": (at_header(18, "<I", 5), "file.damaged", "README.txt"),
    "another checksum before it": (at_header(14, "<I", 5), "file.damaged", "README.txt"),
    "damage": (patched(damaged), "file.damaged", "LIESMICH.txt"),
}  # fmt: skip


@pytest.mark.parametrize("case", TRICKS)
def test_tricks_with_the_zip_are_found(check, tmp_path, case):
    """
    A zip that unpacks to something else elsewhere, or out of its folder, is told.
    """
    make, *wanted = TRICKS[case]
    code, answer = check(make(tmp_path / "b.zip"))

    assert code == 1
    assert (*wanted, None) in found(answer)


def test_a_bomb_is_not_unpacked_to_its_end(check, tmp_path):
    """
    A file that unpacks to much more than declared is read only as far as declared.
    """
    files = {**genuine(), "README.txt": bytes(50_000_000)}
    _, answer = check(files)

    assert ("file.size", "README.txt", None) in found(answer)
    assert any("> 9" in one["text"] for one in answer["findings"])


def test_many_names_take_no_longer_each_than_few(check, tmp_path):
    """
    Whoever puts thousands of files into an export does not keep the auditor for minutes.
    """
    files = {**genuine(), **{f"x{n}": b"" for n in range(300)}}
    path, calls = bundles.write(files, tmp_path / "b.zip"), 0

    def count(frame: object, event: str, called: object) -> None:
        nonlocal calls
        calls += event == "c_call" and getattr(called, "__name__", "") == "lower"

    sys.setprofile(count)
    try:
        _, answer = check(path)
    finally:
        sys.setprofile(None)

    assert answer["wrong"] == 2 * 300
    assert 300 < calls < 10 * 300


def test_a_line_without_end_is_not_read_to_its_end(check):
    """
    A line that never ends does not fill the memory.
    """
    logs = bundles.story()
    files = files_of(logs)
    files[OLD] += b"x" * 5_000_000
    files = bundles.with_manifest(files, logs)

    assert ("file.line", OLD, None) in found(check(files)[1])


@pytest.mark.parametrize(
    "body",
    [
        *(b"", b"PK", b"no zip at all", b"<html>", bytes(1000)),
        b"PK\5\6" + struct.pack("<8x2L2x", 1000, 0),
        (b"PK\1\2" + struct.pack("<2xH", 99)).ljust(46, b"\0")
        + b"PK\5\6"
        + struct.pack("<8x2L2x", 46, 0),
    ],
    ids=["empty", "short", "text", "page", "zeros", "directory", "later version"],
)
def test_what_is_no_export_ends_with_2(tmp_path, capsys, body):
    """
    What cannot be read is told apart from what is wrong.
    """
    path = tmp_path / "b.zip"
    path.write_bytes(body)

    assert verify.main([str(path), "--lang", "en"]) == 2
    assert "cannot be read" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("language", "words"),
    [("en", "the rest is missing"), ("de", "der Rest fehlt")],
)
@pytest.mark.parametrize("kept", [4, 1000, -1], ids=["a few bytes", "a part", "all but the last"])
def test_an_export_that_was_not_downloaded_as_a_whole_is_told(
    tmp_path, capsys, language, words, kept
):
    """
    A download that broke off is told as one, not taken for something that never was an export.
    """
    path = bundles.write(genuine(), tmp_path / "b.zip")
    path.write_bytes(path.read_bytes()[:kept])

    assert verify.main([str(path), "--lang", language]) == 2
    assert words in capsys.readouterr().err


@pytest.mark.parametrize("option", ["--previous", "--after"])
def test_an_earlier_export_that_was_not_downloaded_as_a_whole_is_told(
    check, tmp_path, capsys, option
):
    """
    An earlier export that was cut off is no checkpoint that somebody altered.
    """
    path = bundles.write(genuine(), tmp_path / "cut.zip")
    path.write_bytes(path.read_bytes()[:-30])
    code = verify.main(
        [str(bundles.write(genuine(), tmp_path / "b.zip")), option, str(path), "--lang", "en"]
    )

    assert code == 2
    assert "cut.zip: only its beginning is here" in capsys.readouterr().err


def test_an_export_without_manifest_ends_with_2(check):
    """
    Without a manifest there is nothing that could be checked.
    """
    files = dict(genuine())
    del files[MANIFEST]

    assert check(files)[0] == 2


def test_a_file_that_is_not_there_ends_with_2(tmp_path, capsys):
    """
    A mistyped name is told as such, in the language that was asked for in letters of any size.
    """
    assert verify.main([str(tmp_path / "none.zip"), "--lang", "DE"]) == 2
    assert "kann nicht" in capsys.readouterr().err


def test_a_link_in_a_folder_is_not_followed(check, tmp_path):
    """
    An unpacked export is checked without reading what lies elsewhere.
    """
    folder = bundles.unpack(genuine(), tmp_path / "unpacked")
    (folder / "README.txt").unlink()
    (folder / "README.txt").symlink_to("/etc/hostname")

    assert ("zip.kind", "README.txt", None) in found(check(folder)[1])


@pytest.mark.parametrize("what", ["pipe", "socket"])
def test_what_is_no_file_is_called_what_it_is(check, tmp_path, monkeypatch, what):
    """
    A pipe or a socket in the place of a file is told as one, and nobody waits for what comes of it.
    """
    folder = bundles.unpack(genuine(), tmp_path / "unpacked")
    (folder / "README.txt").unlink()
    monkeypatch.chdir(folder)  # the whole name is too long for a socket
    if what == "pipe":
        os.mkfifo("README.txt")
    else:
        with closing(socket.socket(socket.AF_UNIX)) as one:
            one.bind("README.txt")
    answer = check(folder)[1]

    assert ("zip.kind", "README.txt", None) in found(answer)
    assert f"is no plain file ({what})" in answer["findings"][0]["text"]


@pytest.mark.parametrize(
    ("mode", "what"),
    [(0o120777, "link"), (0o020666, "device"), (0o060666, "device"), (0o170000, "mode 170000")],
)
def test_what_a_zip_calls_no_file_is_called_so(check, tmp_path, mode, what):
    """
    So is what a zip says of one of its files.
    """
    answer = check(zipped(partial(linked, mode=mode))(tmp_path / "b.zip"))[1]

    assert f"is no plain file ({what})" in answer["findings"][0]["text"]


# --- Keys -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("key", "wanted"),
    [
        (vkey("evil.example/consent/2026"), "key.foreign"),
        (vkey(f"{SITE}/consent/2026", STRANGER), "note.unsigned"),
        (vkey(f"{SITE}/consent/2026")[:-4], "key.form"),
        (vkey(f"{SITE}/consent/2026").replace("/2026+", "/2027+"), "key.form"),
        ("hello", "key.form"),
        (vkey(f"{SITE}/consent/2026").replace("v", os.fsdecode(b"\xfc"), 1), "key.form"),
    ],
    ids=["other site", "other key", "cut off", "renamed", "no key", "no text"],
)
def test_a_key_that_does_not_fit_is_told(check, key, wanted):
    """
    Trusting another key than the one that signed means that nothing holds.
    """
    code, answer = check(genuine(), "--vkey", key)

    assert code == 1
    assert wanted in [one["code"] for one in answer["findings"]]


def of_a_stranger(**about: object) -> Callable[[], Files]:
    """Export what only looks like the site's, as whoever has not its key can."""

    def make() -> Files:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(bundles, "KEY", STRANGER)
            return files_of(bundles.story(), **about)

    return make


def without_keys() -> Files:
    files = {name: body for name, body in genuine().items() if name != "vkeys.txt"}
    return bundles.with_manifest(files, bundles.story())


@pytest.mark.parametrize(
    ("make", "keys"),
    [
        (of_a_stranger(), True),
        (of_a_stranger(since="2026-11-01"), True),
        (without_keys, False),
    ],
    ids=["whole", "period", "no keys"],
)
def test_nothing_is_proven_that_nobody_trusted_has_signed(check, tmp_path, capsys, make, keys):
    """
    Of an export that was made up, and agrees with itself, nothing is told to be proven but what
    says no more than that: not that it is what was sealed, nor that nothing is left out, nor that
    a record is in the log (AU-02).
    """
    log = bundles.story()[0]
    record = {"event": log.leaves[2].body.decode(), "salt": b64(log.leaves[2].salt), "proof": None}
    visit = {"format": "consent-receipt/2", "receipt": json.loads(log.leaves[2].body)["receipt"]}
    (tmp_path / "visit.json").write_text(json.dumps({**visit, "records": [record]}), "utf-8")
    path = bundles.write(make(), tmp_path / "b.zip")
    trusted = ("--vkey", vkey(f"{SITE}/consent/2026")) * keys
    code = verify.main(
        [str(path), str(tmp_path / "visit.json"), "--json", "--lang", "en", *trusted]
    )
    answer = json.loads(capsys.readouterr().out)

    assert code == 1
    assert {code for code, *_ in found(answer)} == {"note.unsigned"}
    assert [line for line in answer["proven"] if "What visitors saw" not in line] == []
    assert any("Record 1 of visit.json" in line for line in answer["open"])


@pytest.mark.parametrize("which", ["period", "part"])
def test_a_period_from_which_something_was_taken_is_not_called_complete(check, which):
    """
    Where an event is missing nobody reads that nothing is left out of the period, or of the part.
    """
    files = period(9, 39, "2026-11-30", None) if which == "period" else with_previous()
    if which == "part":
        start = {"from": {"origin": f"{SITE}/consent/2026", "size": 25}}
        files = bundles.with_manifest(files, bundles.story(), **start)
    less = b"".join(files[OLD].splitlines(keepends=True)[:-3])
    answers = [check({**files, OLD: events})[1] for events in (files[OLD], less)]
    told = [[line for line in answer["proven"] if "left out" in line] for answer in answers]

    assert ("leaf.removed", OLD) in [(code, file) for code, file, _ in found(answers[1])]
    assert [len(lines) for lines in told] == [1, 0]


def test_a_file_that_is_no_list_of_keys_is_told(check, tmp_path):
    """
    Who gives some other file in the place of the one with the keys reads that no key is in it.
    """
    (tmp_path / "keys.txt").write_bytes(b"\xff\x00\xfe")
    code, answer = check(genuine(), "--vkeys", tmp_path / "keys.txt")

    assert code == 1
    assert found(answer) == [("key.form", "--vkey", None)]


@pytest.mark.parametrize("way", bundles.SAVED)
def test_keys_can_be_kept_in_a_file(check, tmp_path, way):
    """
    An auditor who keeps several keys in a file gives that file, whatever saved it; white space that
    was copied along with a key is none of it.
    """
    kept = tmp_path / "keys.txt"
    keys = vkey(f"{SITE}/consent/2020") + "\n" + vkey("other.example/consent/2026") + "\n"
    kept.write_bytes(bundles.SAVED[way](keys))

    assert check(genuine(), "--vkeys", kept, "--vkey", f" {vkey(f'{SITE}/consent/2027')}\r")[0] == 0


# --- The sample -----------------------------------------------------------------------------------


def test_a_sample_depends_on_the_number_of_the_auditor_alone(check):
    """
    Neither side can steer which events are looked at closely: another nonce, another sample.
    """
    one = check(genuine(), "--sample", "4711", 5)[1]["sample"]
    again = check(genuine(), "--sample", "4711", 5)[1]["sample"]
    other = check(genuine(), "--sample", "4712", 5)[1]["sample"]

    assert one == again != other
    assert len(one) == 5


def drawn(log: Log, count: int, leaves: Sequence[object]) -> list:
    """Draw *count* of *leaves* by the nonce 42 and the root of *log*, as FORMAT.md says."""
    root = b64(bundles.mth(log.hashes))
    hashes = (bundles.sha(f"{root}\n42\n{k}".encode()) for k in range(1, 100))
    numbers = dict.fromkeys(int.from_bytes(hash, "big") % len(leaves) for hash in hashes)
    return [leaves[number] for number in list(numbers)[:count]]


def test_a_sample_is_drawn_as_documented(check):
    """
    Anybody can draw the same sample with other means.
    """
    logs = bundles.story()
    places = [(log.origin, index) for log in logs for index in range(len(log.leaves))]
    sample = check(genuine(), "--sample", "42", 7)[1]["sample"]

    assert {(one["log"], one["index"]) for one in sample} == {*drawn(logs[-1], 7, places)}


@pytest.mark.parametrize("more", [0, 1200], ids=["in few leaves", "in many"])
def test_a_sample_of_a_period_is_of_what_is_not_outside(check, more):
    """
    Nothing outside the period is drawn, all else can be, and each has the number that anybody
    counts by hand: what was erased anywhere is numbered too, and nothing else is called erased.
    """
    logs = bundles.story()[:1]
    leaves, again = logs[0].leaves, logs[0].leaves[1]
    leaves[1:1] = [Leaf(again.body, n.to_bytes(32, "big")) for n in range(more)]
    start = 9 + more
    gone = {4, *range(40, more, 7), start + 3, start + 20}
    for index, leaf in enumerate(leaves):
        is_given = index == 0 or start <= index <= start + 7
        leaf.state = "erased" if index in gone else "given" if is_given else "outside"
    there = [index for index, leaf in enumerate(leaves) if leaf.state != "outside"]
    files = files_of(logs, since="2026-11-30", until="2026-12-02")
    few = check(files, "--sample", "42", 4)[1]["sample"]
    every = check(files, "--sample", "42", 9999)[1]["sample"]

    assert {one["index"] for one in few} == {*drawn(logs[0], 4, there)}
    assert [one["index"] for one in every] == there
    assert {one["index"] for one in every if one["event"] is None} == gone


def test_a_sample_shows_what_was_erased(check, tmp_path, capsys):
    """
    An erased leaf that is drawn is called erased, in words and in JSON.
    """
    every = check(genuine(), "--sample", "42", 999)[1]["sample"]
    path = bundles.write(genuine(), tmp_path / "b.zip")
    verify.main([str(path), "--lang", "en", "--sample", "42", "999"])
    words = capsys.readouterr().out

    gone = [f"{one['log']} {one['index']}: erased" for one in every if one["event"] is None]
    assert gone
    assert all(f"  - {line}\n" in words for line in gone)


# --- On any machine -------------------------------------------------------------------------------


def test_a_terminal_is_not_obeyed(tmp_path, capsys):
    """
    What a file says is shown, and cannot move the cursor or colour the answer green.
    """
    files = files_of(bundles.story(), by="\u001b[32mAll fine\u202e")
    path = bundles.write(files, tmp_path / "b.zip")
    verify.main([str(path), "--lang", "en"])
    told = capsys.readouterr().out

    assert "\x1b" not in told
    assert "\u202e" not in told
    assert "All fine" in told
