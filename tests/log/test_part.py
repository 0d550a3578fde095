"""Parts of a log that follow one another leave nothing out, and an auditor can see that."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable
from datetime import date
from hashlib import sha256
from pathlib import Path

import pytest

from consent.errors import LogError
from consent.log import bundle, succession
from consent.log.erase import Eraser
from consent.log.leaves import every_leaf
from consent.log.merkle.note import sign
from consent.log.part import Part, last_checkpoint
from consent.log.seal import Sealer
from consent.log.store import Store
from tests.log import bundles
from tests.log.samples import DAY, NOW, SITE
from tests.log.test_bundle import RECEIPT, asked, decide, read, seen, told_in

ORIGIN = f"{SITE}/consent/2026"
FIRST = date(2026, 11, 25)


def unpacked(path: Path) -> Path:
    """Return the folder that an export was unpacked to."""
    with zipfile.ZipFile(path) as zip:
        zip.extractall(path.with_suffix(""))
    return path.with_suffix("")


class TestPart:
    """On SQLite; the class below runs all of it on PostgreSQL."""

    @pytest.fixture
    def told(self, store, sealer) -> Store:
        """Ten days with two decisions each, sealed every day; the year begins at the eighth."""
        for day in range(10):
            for kind in range(2):
                decide(store, day, kind)
            sealer.seal(NOW + day * DAY)
        return store

    @pytest.fixture
    def export(self, told, sealer, tmp_path):
        def export(name: str, start: Path | None = None, end: date | None = None, **more) -> Path:
            part = Part(start and last_checkpoint(start), end)
            bundle.to_file(sealer, tmp_path / name, asked(part=part, **more))
            return tmp_path / name

        return export

    def events(self, path: Path, folder: str = "2026") -> list[bytes]:
        return read(path, f"{folder}/events.jsonl").splitlines()

    def test_parts_hold_every_event_once(self, told, export):
        """
        Three parts that go on where the one before ended hold all events of the log, each in one
        of them, besides the first leaf, which each of them shows.
        """
        one = export("1.zip", end=date(2026, 11, 27))
        two = export("2.zip", one, date(2026, 11, 30))
        three = export("3.zip", two)
        first, *rest = self.events(one)
        for path in (two, three):
            again, *more = self.events(path)
            assert again == first
            rest += more
        with told.snapshot() as now:
            bodies = [leaf.body for leaf in every_leaf(now, ORIGIN)]

        assert [first, *rest] == bodies[: len(rest) + 1]
        assert len(rest) == 20 + 2  # with the exports of the first two parts
        assert [about["from"] and about["from"]["size"] for about in map(told_in, (one, two))] == [
            None,
            7,
        ]

    def test_each_part_is_proven_and_joins_the_one_before(self, export):
        """
        Every part holds by itself; given the one before, the verifier says that they join.
        """
        one = export("1.zip", end=date(2026, 11, 27))
        two = export("2.zip", one, date(2026, 11, 30))
        three = export("3.zip", two)
        for path, before, end in ((two, one, 6), (three, two, 12)):
            wrong, answer = seen(path, "--after", before)
            assert (wrong, answer["findings"]) == (0, [])
            said = " ".join(answer["proven"])
            assert f"joins {before.name}: that one ends with leaf {end} of {ORIGIN}" in said
            assert f"after {end + 1} leaves" in said
        wrong, answer = seen(one)
        assert (wrong, answer["findings"]) == (0, [])
        assert any("last checkpoint of that day" in line for line in answer["open"])

    def test_a_part_that_was_forgotten_is_found(self, export):
        """
        Between two parts that do not follow one another something is missing, and that is said,
        for a period as well; that has no end that a part could join.
        """
        one = export("1.zip", end=date(2026, 11, 27))
        two = export("2.zip", one, date(2026, 11, 30))
        three = export("3.zip", two)
        period = export("4.zip", since=FIRST)

        assert [each["code"] for each in seen(three, "--after", one)[1]["findings"]] == ["part.gap"]
        assert seen(export("5.zip"), "--after", one)[1]["findings"] == []
        for day, codes in (("2026-11-28", []), ("2026-11-29", ["part.gap"])):
            days = seen(export(f"{day}.zip", since=date.fromisoformat(day)), "--after", one)[1]
            assert [each["code"] for each in days["findings"]] == codes
        (again := one.parent / "again").mkdir()
        (again / one.name).write_bytes(two.read_bytes())
        several = seen(three, "--after", one, "--after", again / one.name)[1]["findings"]
        assert [(each["code"], each["file"]) for each in several] == [("part.gap", str(one))]
        found = seen(three, "--after", period)[1]["findings"]
        assert [(each["code"], each["file"]) for each in found] == [("part.period", "4.zip")]
        for other in (period, export("6.zip", until=FIRST)):
            with pytest.raises(LogError, match="of a period"):
                export("7.zip", other)

    def test_an_export_that_was_kept_is_as_good_as_its_checkpoint(self, told, export):
        """
        Who kept an earlier export, of a period or not, packed or not, and gives it in the place of
        a checkpoint learns what the checkpoint in it shows, and accuses nobody.
        """
        kept = [export("1.zip"), export("2.zip", until=FIRST), unpacked(export("3.zip"))]
        new = export("4.zip")

        for before in kept:
            wrong, answer = seen(new, "--previous", before)
            assert (wrong, answer["findings"]) == (0, [])
            assert any("nothing that the earlier checkpoint covers" in s for s in answer["proven"])
        found = seen(kept[0], "--previous", new)[1]["findings"]
        assert [(each["code"], each["file"]) for each in found] == [("old.shrunk", "4.zip")]

    def test_an_erased_record_may_have_its_reason_in_a_later_part(self, told, sealer, export):
        """
        Where a record of a part was erased afterwards, the reason is in a later part; both hold,
        and so does the part after that one.
        """
        Eraser(sealer, "DSB").erase_receipt(RECEIPT, "art-17", NOW + 9 * DAY)
        one = export("1.zip", end=date(2026, 11, 27))
        two = export("2.zip", one)
        three = export("3.zip", two)

        for path, after in ((one, ()), (two, ("--after", one)), (three, ("--after", two))):
            wrong, answer = seen(path, *after)
            assert (wrong, answer["findings"]) == (0, [])
        assert told_in(one)["logs"][0]["erased"] == 3

    def test_it_goes_on_in_the_next_log(self, told, sealer, export):
        """
        A part that begins in the old year holds the new one as a whole; one that begins with the
        last leaf of the old year joins as well, and one that ends in the old year has no new one.
        """
        one = export("1.zip")
        decide(told, 60)
        two = export("2.zip", one, now_ns=NOW + 61 * DAY)
        wrong, answer = seen(two, "--after", one)

        assert (wrong, answer["findings"]) == (0, [])
        assert [log["folder"] for log in told_in(two)["logs"]] == ["2026", "2027"]
        assert len(self.events(two, "2027")) == 3  # opening, export, decision
        third = export("3.zip", two, now_ns=NOW + 62 * DAY)
        assert [log["folder"] for log in told_in(third)["logs"]] == ["2027"]
        assert seen(third, "--after", two)[1]["findings"] == []
        old = export("old.zip", end=date(2026, 11, 30), now_ns=NOW + 63 * DAY)
        assert [log["folder"] for log in told_in(old)["logs"]] == ["2026"]
        assert seen(old)[1]["findings"] == []

    def test_a_clock_that_was_ahead_breaks_no_chain(self, told, sealer, export):
        """
        Where the end of a log is dated later than the next one, a part ends with the log that it
        has not all of; the next part has the rest, and nobody is accused of a gap.
        """
        decide(told, 20)
        sealer.seal(NOW + 20 * DAY)
        succession.rotate(sealer, by="DSB", now_ns=NOW + 12 * DAY)
        one = export("1.zip", end=date(2026, 12, 9))
        two = export("2.zip", one)

        for path, after, folders in ((one, (), 1), (two, ("--after", one), 2)):
            assert seen(path, *after)[1]["findings"] == []
            assert len(told_in(path)["logs"]) == folders

    def test_an_end_that_a_clock_ahead_has_hidden_is_not_guessed(self, told, sealer, export):
        """
        After a clock was years ahead the log tells no day until then; whoever takes a month along
        is told so instead of getting one without its last days, and how to go on.
        """
        sealer.seal(NOW + 4_000 * DAY)
        for day, moment in ((10, 4_000), (11, 11), (12, 12)):
            decide(told, day)
            sealer.seal(NOW + moment * DAY)
        soon = {"now_ns": NOW + 13 * DAY}
        count = told.count()
        one = export("1.zip", end=date(2026, 11, 30), **soon)
        for end in (date(2026, 12, 4), date(2026, 12, 6)):
            with pytest.raises(LogError, match="up to 2037-11-07, as the clock was ahead"):
                export("2.zip", one, end, **soon)
        two = export("2.zip", one, **soon)

        assert told.count() == count + 2
        assert seen(one)[1]["findings"] == []
        assert [log["folder"] for log in told_in(two)["logs"]] == ["2026", "2037"]

    def test_a_checkpoint_alone_will_do(self, told, export, tmp_path):
        """
        Who kept the three lines of a checkpoint can let an export go on after it.
        """
        kept = tmp_path / "kept.txt"
        kept.write_text(read(export("1.zip", end=FIRST), "2026/checkpoint.txt").decode(), "utf-8")
        path = export("2.zip", kept)

        assert told_in(path)["from"] == {"origin": ORIGIN, "size": 3}
        wrong, answer = seen(path, "--after", kept)
        assert wrong == 0
        assert any("This export joins kept.txt" in line for line in answer["proven"])

    def test_an_end_before_the_start_is_refused(self, told, export):
        """
        A part that would end before it begins is not made, and not recorded.
        """
        one = export("1.zip", end=date(2026, 11, 30))
        count = told.count()

        for end in (FIRST, date(2020, 1, 1)):
            with pytest.raises(LogError, match="ended before leaf 13"):
                export("2.zip", one, end)
        assert told.count() == count

    def test_an_end_before_a_checkpoint_that_is_to_be_continued_is_refused(self, told, export):
        """
        A part that ends before the checkpoint of the auditor cannot continue it; that is said, with
        what to do, and no export is recorded of which nothing came.
        """
        note = last_checkpoint(export("1.zip", end=date(2026, 11, 30)))
        count = told.count()

        with pytest.raises(LogError, match=r"the earlier checkpoint 13\n    hint: .* later day"):
            export("2.zip", end=FIRST, previous=(note,))
        assert told.count() == count

    def test_the_export_is_recorded_with_what_it_takes_along(self, told, export):
        """
        The event of the export counts the events of the part.
        """
        one = export("1.zip", end=date(2026, 11, 27))
        three = export("2.zip", one)
        taken = [event for event in map(json.loads, told.events()) if event["event"] == "export"]

        assert sorted(event["rows"] for event in taken) == [6, 15]
        assert [len(self.events(path)) for path in (one, three)] == [7, 16]


class TestPartOnPostgreSQL(TestPart):
    """The same promises on PostgreSQL."""

    @pytest.fixture
    def url(self, postgresql: str) -> str:
        return postgresql


def bad_zip(path: Path, body: bytes | None) -> None:
    with zipfile.ZipFile(path, "w") as zip:
        if body is not None:
            zip.writestr("manifest.note", b"consent-manifest/1\n" + body + b"\n\n")


def damaged(path: Path) -> None:
    bad_zip(path, b"{}")
    path.write_bytes(path.read_bytes().replace(b"manifest.note", b"manifest.nose", 1))


def altered(path: Path, place: int) -> None:
    """Alter one byte of a bundle's list: of what it begins with, or of what is in it."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as zip:
        zip.writestr("manifest.note", "consent-manifest/1\n" + '{"since":null}' * 9 + "\n\n")
    whole = bytearray(path.read_bytes())
    # The byte is in the directory as well, which counts.
    for start in (0,) if place > 30 else (0, whole.index(b"PK\1\2") + 2):
        whole[start + place] |= 0x87
    path.write_bytes(whole)


NO_ENDS = {
    "nothing": lambda path: None,
    "a folder": lambda path: path.mkdir(),
    "a text": lambda path: path.write_text("one\ntwo\n"),
    "no text": lambda path: path.write_bytes(b"\xff\xfe"),
    "a zip of something else": lambda path: bad_zip(path, None),
    "a damaged zip": damaged,
    "a list with a byte that was altered": lambda path: altered(path, 43),
    "a zip with a password": lambda path: altered(path, 6),
    "a zip of a program of the future": lambda path: altered(path, 4),
    "a list that is cut off": lambda path: bad_zip(path, b'{"since":'),
    "a list that is none": lambda path: bad_zip(path, b"[]"),
    "no log": lambda path: bad_zip(path, b'{"since":null,"until":null,"logs":[]}'),
    "a period": lambda path: bad_zip(path, b'{"since":"2026-11-25","until":null,"logs":[]}'),
}


@pytest.mark.parametrize("case", NO_ENDS)
def test_what_no_part_can_join_is_told(tmp_path, case):
    """
    A file that is neither a checkpoint nor ends with one is named, whatever it is.
    """
    path = tmp_path / "1.zip"
    NO_ENDS[case](path)

    with pytest.raises(LogError, match=r"1\.zip: no checkpoint and no bundle"):
        last_checkpoint(path)


def test_a_bundle_that_was_not_downloaded_as_a_whole_is_told(tmp_path):
    """
    Who continues an export of which a part is missing is told that, not that it is no text.
    """
    path = bundles.write(dict(bundles.files_of(bundles.story())), tmp_path / "1.zip")
    path.write_bytes(path.read_bytes()[:-1])

    with pytest.raises(LogError, match=r"1\.zip: .* the rest is missing"):
        last_checkpoint(path)


@pytest.mark.parametrize("way", bundles.SAVED)
def test_a_checkpoint_that_a_windows_computer_saved_is_one(tmp_path, way):
    """
    An auditor's checkpoint is taken in whatever way an editor or a shell ended its lines.
    """
    note = bundles.story()[0].checkpoint(25).decode()
    (tmp_path / "kept.txt").write_bytes(bundles.SAVED[way](note))

    assert last_checkpoint(tmp_path / "kept.txt") == note


def outside(index: int, word: bytes = b"outside") -> Callable[[Path], object]:
    """Leave out the event of a leaf as if it were in another part, or were what the *word* says."""

    def change(folder: Path) -> None:
        leaves, events = folder / "2026/leaves.txt", folder / "2026/events.jsonl"
        lines = leaves.read_bytes().splitlines(keepends=True)
        given = [n for n, line in enumerate(lines) if len(line) == 90]
        bodies = events.read_bytes().splitlines(keepends=True)
        del bodies[given.index(index)]
        lines[index] = word + b" " + lines[index].partition(b" ")[2]
        leaves.write_bytes(b"".join(lines))
        events.write_bytes(b"".join(bodies))

    return change


CASES = {
    "its first event": (outside(7), {}, "part.form"),
    "an event in the middle": (outside(9), {}, "part.form"),
    "an event erased for no reason": (outside(9, b"erased"), {}, "erased.silent"),
    "a later start": (lambda folder: None, {"size": 9}, "file.missing"),
    "no checkpoint": (lambda folder: forget(folder, "checkpoint.previous.txt"), {}, "file.missing"),
    "another log": (lambda folder: None, {"origin": f"{SITE}/consent/2025"}, "manifest.form"),
}


def forget(folder: Path, name: str) -> None:
    (folder / "2026" / name).unlink()


@pytest.mark.parametrize("case", CASES)
def test_a_part_that_does_not_hold_what_it_says_is_found(store, sealer, tmp_path, case):
    """
    Even a site that signs the list anew cannot leave out an event where two parts join.
    """
    for day in range(6):
        decide(store, day)
        decide(store, day, 1)
        sealer.seal(NOW + day * DAY)
    with store.snapshot() as now:
        note = now.checkpoint_on(ORIGIN, (date(2026, 11, 27) - date(1970, 1, 1)).days)
    bundle.to_file(sealer, tmp_path / "b.zip", asked(part=Part(note)))
    with zipfile.ZipFile(tmp_path / "b.zip") as zip:
        zip.extractall(tmp_path / "b")
    change, fields, code = CASES[case]
    change(tmp_path / "b")
    resign(tmp_path / "b", sealer, fields)

    assert code in [each["code"] for each in seen(tmp_path / "b")[1]["findings"]]


def resign(folder: Path, sealer: Sealer, fields: dict[str, object]) -> None:
    """Let the list fit the files and sign it, as whoever has the key can."""
    about = told_in_folder(folder)
    about["from"] |= fields
    names = [path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()]
    bodies = {name: (folder / name).read_bytes() for name in names if name != "manifest.note"}
    about["files"] = {
        name: {"bytes": len(body), "sha256": sha256(body).hexdigest()}
        for name, body in bodies.items()
    }
    text = json.dumps(about, sort_keys=True, indent=2, ensure_ascii=False)
    signer = sealer.signer(f"{SITE}/consent/manifest")
    signed = sign(f"consent-manifest/1\n{text}\n", [signer])
    (folder / "manifest.note").write_text(signed, "utf-8")


def told_in_folder(folder: Path) -> dict:
    text = (folder / "manifest.note").read_text("utf-8")
    return json.loads(text.rpartition("\n\n")[0].partition("\n")[2])
