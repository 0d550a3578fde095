"""A bundle is all that an auditor needs: what was recorded, what proves it, what was shown."""

from __future__ import annotations

import json
import zipfile
from base64 import b64encode
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from types import SimpleNamespace

import pytest
from sqlalchemy import delete, update

from consent.canonical import canonical
from consent.day import milliseconds
from consent.errors import LogError, LogUnavailable
from consent.log import bundle, event, succession, verify
from consent.log.bundle import Request
from consent.log.database import tables
from consent.log.document import Document
from consent.log.erase import Eraser
from consent.log.leaves import every_leaf
from consent.log.store import Store
from tests.log.audit import note_of, proof_of_growth
from tests.log.samples import DAY, MS, NOW, SITE, SOFTWARE, make, refuse

ORIGIN = f"{SITE}/consent/2026"
RECEIPT = "AAAABBBBCCCCDDDDEEEEFFFF22"
STYLE = Document("text/css", b"#consent{}")
NOTICE = Document(
    "application/json",
    canonical(
        {
            "format": "consent-notice/1",
            "files": {"css/consent.css": STYLE.hash},
            "language": "de",
            "services": [{"id": "matomo"}, {"id": "youtube"}],
            "site": SITE,
        }
    ),
)
YEAR = 365 * DAY


def asked(**different: object) -> Request:
    about = {"by": "Müller", "software": SOFTWARE, "now_ns": NOW + 30 * DAY}
    return Request(**{**about, **different})


def decide(store: Store, day: int, kind: int = 0) -> None:
    at = NOW + day * DAY + kind * MS
    makes = (make, refuse, make, refuse)
    receipt = RECEIPT if kind == 0 else None if kind % 2 else "ZZZZYYYYXXXXWWWWVVVVUUUU77"
    made = makes[kind](now_ns=at, notice=NOTICE.hash, receipt=receipt)
    store.append(made, [NOTICE, STYLE])


def seen(path: Path, *options: object) -> tuple[int, dict]:
    """Return the verdict of the verifier."""
    arguments = verify.command().parse_intermixed_args([str(path), *map(str, options)])
    report = verify.Report("en")
    verify.check(arguments, report)
    return report.wrong, json.loads(verify.as_json(report))


def read(path: Path, name: str) -> bytes:
    with zipfile.ZipFile(path) as zip:
        return zip.read(name)


def told_in(path: Path) -> dict:
    return json.loads(read(path, "manifest.note").decode().rpartition("\n\n")[0].partition("\n")[2])


def test_the_verifier_takes_records_of_exports_old_and_new(store, sealer, tmp_path):
    """
    A record of an export says since when what was asked for, and before it said less.
    """
    for only in (None, {"kind": "grant", "notice": "ab" * 32, "service": "matomo"}):
        store.append(
            event.export(
                now_ns=NOW, site=SITE, by="Müller", format="csv", since=None, until=None,
                rows=0, software=SOFTWARE, only=only,
            )
        )  # fmt: skip
    bundle.to_file(sealer, tmp_path / "b.zip", asked())
    wrong, _ = seen(tmp_path / "b.zip")

    assert wrong == 0
    assert told_in(tmp_path / "b.zip")["counts"] == {"export": 2, "log": 1}
    assert told_in(tmp_path / "b.zip")["notices"] == 0


def test_before_the_first_event_there_is_nothing_to_take_along(sealer, tmp_path):
    """
    Who tries an export on the first day is told that the log is empty, and not that its key, which
    the first seal makes, was lost.
    """
    with pytest.raises(LogError, match="the log is empty"):
        bundle.to_file(sealer, tmp_path / "b.zip", asked())
    assert not (tmp_path / "b.zip").exists()


class TestBundle:
    """On SQLite; the class below runs all of it on PostgreSQL."""

    @pytest.fixture
    def told(self, store, sealer) -> Store:
        for day in range(10):
            for kind in range(3):
                decide(store, day, kind)
        sealer.seal(NOW + 9 * DAY)
        return store

    @pytest.fixture
    def path(self, tmp_path) -> Path:
        return tmp_path / "bundle.zip"

    @pytest.fixture
    def export(self, sealer, path):
        def export(**different: object) -> int:
            return bundle.to_file(sealer, path, asked(**different))

        return export

    def test_a_bundle_holds(self, told, export, path):
        """
        What was exported a moment ago is proven in all that it claims (AU-02).
        """
        assert export() == 31
        wrong, answer = seen(path)

        assert (wrong, answer["findings"]) == (0, [])
        assert any("31 events are as sealed" in line for line in answer["proven"])

    def test_events_are_the_stored_bytes(self, told, export, path):
        """
        The events are word for word those of the log, in the order of the log.
        """
        export()
        with told.snapshot() as now:
            bodies = [leaf.body for leaf in every_leaf(now, ORIGIN)][:31]

        assert read(path, "2026/events.jsonl") == b"".join(body + b"\n" for body in bodies)

    def test_the_list_says_what_an_auditor_asks_for(self, told, export, path):
        """
        The signed list names system, person, time, filter, counts and the hash of each file.
        """
        export()
        about = told_in(path)
        del about["files"], about["logs"][0]["root"]

        assert about == {
            "by": "Müller",
            "counts": {"grant": 20, "log": 1, "refusal": 10},
            "exported_at": "2026-12-25T03:50:00.123Z",
            "from": None,
            "format": "consent-bundle/1",
            "logs": [{
                "erased": 0, "events": 31, "folder": "2026", "origin": ORIGIN, "outside": 0,
                "recorded_from": "2026-11-25T03:50:00.123Z",
                "recorded_until": "2026-12-04T03:50:00.125Z", "size": 31,
            }],
            "missing": [],
            "notices": 1,
            "sealed_until": None,
            "since": None,
            "site": SITE,
            "software": SOFTWARE,
            "until": None,
        }  # fmt: skip

    def test_everything_that_was_shown_is_in_it(self, told, export, path):
        """
        The notices that visitors saw and the files that they name are there, byte for byte (AU-01).
        """
        export()

        assert read(path, f"notices/{NOTICE.hash}.json") == NOTICE.body
        assert read(path, f"files/{STYLE.hash}") == STYLE.body

    def test_a_notice_that_was_lost_is_told(self, store, export, path):
        """
        If the site no longer has what was shown, the export says so instead of failing.
        """
        store.append(make(notice="ab" * 32, receipt=RECEIPT))
        export()
        wrong, answer = seen(path)

        assert wrong == 0
        assert told_in(path)["missing"] == ["ab" * 32]
        lost = f"notices/{'ab' * 32}.json, a part of what visitors saw: the site has lost it"
        assert any(line.startswith(lost) for line in answer["open"])

    def test_a_file_that_was_lost_is_told(self, told, export, path):
        """
        So it is where the notice is there and a style sheet that it names is not; the verifier says
        which of the two was lost.
        """
        gone = delete(tables.document).where(tables.document.c.hash == STYLE.hash)
        told.transact(lambda connection: connection.execute(gone))
        export()

        assert read(path, f"notices/{NOTICE.hash}.json") == NOTICE.body
        assert told_in(path)["missing"] == [STYLE.hash]
        answer = seen(path)[1]
        lost = f"files/{STYLE.hash}, a part of what visitors saw: the site has lost it"
        assert answer["findings"] == []
        assert any(line.startswith(lost) for line in answer["open"])

    def test_the_auditors_guide_and_programs_are_in_it(self, told, export, path):
        """
        The bundle brings a guide in German and English and two programs that check it.
        """
        export()
        folder = Path(verify.__file__).parent

        for name in ("verify.py", "verify.sh", "LIESMICH.txt", "README.txt"):
            assert read(path, name) == (folder / name).read_bytes()

    def test_what_waits_is_sealed_first(self, told, export, path):
        """
        An event of a moment ago is in the bundle.
        """
        decide(told, 11)

        assert export() == 32

    @pytest.mark.parametrize(("since", "taken"), [(None, 31), (date(2026, 12, 4), 4)])
    def test_what_is_recorded_meanwhile_is_not_said_to_be_taken(
        self, told, sealer, export, path, monkeypatch, since, taken
    ):
        """
        A decision after all was sealed is not in the bundle, nor counted in the record of it: the
        two agree, whatever visitors do meanwhile (AU-03).
        """
        sound = sealer.require_sound
        monkeypatch.setattr(sealer, "require_sound", lambda: (sound(), decide(told, 9, 1)))
        export(since=since)
        (made,) = [one for one in map(json.loads, told.events()) if one["event"] == "export"]

        assert made["rows"] == taken
        assert told_in(path)["logs"][0]["size"] == 31

    def test_an_export_is_an_event_of_the_next_one(self, told, export, path):
        """
        Who took what along is recorded, and is in the next bundle (AU-03).
        """
        export(since=date(2026, 11, 26), until=date(2026, 11, 27))
        export(now_ns=NOW + 31 * DAY)
        last = json.loads(read(path, "2026/events.jsonl").splitlines()[-1])

        assert {name: last[name] for name in ("as", "by", "event", "rows", "since", "until")} == {
            "as": "bundle", "by": "Müller", "event": "export", "rows": 6,
            "since": "2026-11-26", "until": "2026-11-27",
        }  # fmt: skip
        assert seen(path)[1]["findings"] == []

    def test_what_an_auditor_looked_at_is_proven_too(self, told, export, path):
        """
        A look-up at the desk is evidence like any other event, and the list counts it (AU-03).
        """
        about = {"by": "Anna", "what": "look-up", "about": "overview", "software": SOFTWARE}
        told.append(event.access(now_ns=NOW + 10 * DAY, site=SITE, **about))
        export()
        wrong, answer = seen(path)

        assert (wrong, answer["findings"]) == (0, [])
        assert told_in(path)["counts"]["access"] == 1
        assert json.loads(read(path, "2026/events.jsonl").splitlines()[-1])["by"] == "Anna"

    @pytest.mark.parametrize(
        ("since", "until", "events"),
        [
            (date(2026, 11, 28), date(2026, 11, 29), 9),
            (date(2026, 11, 28), None, 23),
            (None, date(2026, 11, 28), 14),
            (date(2026, 11, 1), date(2026, 11, 25), 5),
            (date(2026, 12, 4), date(2027, 12, 31), 5),
            (date(2020, 1, 1), date(2030, 1, 1), 31),
        ],
        ids=["two days", "since", "until", "first day", "last day", "all"],
    )
    def test_a_period_brings_the_events_that_enclose_it(
        self, told, export, path, since, until, events
    ):
        """
        A part of the log is proven as such, with the first leaf and one event at each side.
        """
        assert export(since=since, until=until) == events
        wrong, answer = seen(path)

        assert (wrong, answer["findings"]) == (0, [])
        assert any("nothing is left out" in line for line in answer["proven"])

    def test_a_day_begins_with_its_first_moment(self, store, sealer, export, path):
        """
        An event at midnight is of the day that begins, and encloses the one that ended.
        """
        midnight = milliseconds(date(2026, 11, 26), None)[0] * MS
        for at in (-DAY // 2, 0, DAY, 2 * DAY):
            store.append(make(now_ns=midnight + at, notice=NOTICE.hash), [NOTICE, STYLE])
        day = date(2026, 11, 26)
        shown = export(since=day, until=day)
        times = [json.loads(line)["recorded_at"][8:13] for line in
                 read(path, "2026/events.jsonl").splitlines()[1:]]  # fmt: skip

        assert (shown, times) == (4, ["25T12", "26T00", "27T00"])
        assert [json.loads(body)["rows"] for body in store.events() if b'"rows"' in body] == [1]
        assert seen(path)[1]["findings"] == []

    @pytest.mark.parametrize(
        ("since", "until", "days"),
        [
            (date(2026, 12, 14), date(2026, 12, 21), "04T 22T"),
            (date(2020, 1, 1), date(2020, 12, 31), "25T"),
            (None, date(2020, 12, 31), "25T"),
            (date(2027, 2, 1), date(2027, 2, 28), "08T"),
            (date(2027, 2, 1), None, "08T"),
            (date(2026, 12, 25), date(2027, 1, 3), "22T 08T"),
        ],
        ids=["between", "before", "up to a day before", "after", "from a day after", "of two logs"],
    )
    def test_a_period_without_events_is_shown_to_be_empty(
        self, told, sealer, export, path, since, until, days
    ):
        """
        Of days on which nothing was recorded the bundle brings what encloses them, as one without
        anything would fit any days.
        """
        told.append(make(now_ns=NOW + 27 * DAY, notice=NOTICE.hash))
        sealer.seal(NOW + 27 * DAY)
        told.append(make(now_ns=NOW + 44 * DAY, notice=NOTICE.hash))
        export(now_ns=NOW + 200 * DAY, since=since, until=until)
        wrong, answer = seen(path)
        logs = told_in(path)["logs"]
        given = [
            json.loads(event)["recorded_at"][8:11]
            for log in logs
            for event in read(path, f"{log['folder']}/events.jsonl").splitlines()[1:]
        ]

        assert (wrong, answer["findings"], len(logs)) == (0, [], 1 + (days == "22T 08T"))
        assert " ".join(given) == days
        assert any("nothing is left out" in line for line in answer["proven"])

    def test_erased_records_left_their_places(self, told, sealer, export, path):
        """
        After an erasure the bundle holds, without the records and with the reason (AU-09).
        """
        Eraser(sealer, "DSB").erase_receipt(RECEIPT, "art-17", NOW + 20 * DAY)
        export()
        wrong, answer = seen(path)

        assert (wrong, answer["findings"]) == (0, [])
        assert told_in(path)["logs"][0]["erased"] == 10
        assert RECEIPT.encode() not in read(path, "2026/events.jsonl")

    def test_years_follow_each_other(self, told, export, path):
        """
        A new year is a log of its own that follows the old one.
        """
        decide(told, 200)
        export(now_ns=NOW + 220 * DAY)
        wrong, answer = seen(path)

        assert (wrong, answer["findings"]) == (0, [])
        assert [log["folder"] for log in told_in(path)["logs"]] == ["2026", "2027"]

    @pytest.mark.parametrize(
        ("days", "logs", "told_of"),
        [
            (((2027, 1, 1), (2027, 12, 31)), "2026:1 2027:2 2028:1", False),
            (((2027, 1, 1), None), "2026:1 2027:2 2028:1", False),
            ((None, (2026, 12, 31)), "2026:30 2027:1", False),
            (((2028, 1, 1), (2028, 12, 31)), "2027:1 2028:1", True),
            (((2026, 11, 28), (2026, 11, 29)), "2026:8", False),
        ],
        ids=["a year", "since", "until", "the newest", "within one"],
    )
    def test_a_year_is_enclosed_by_the_logs_beside_it(
        self, told, sealer, export, path, days, logs, told_of
    ):
        """
        Of a year the bundle brings the nearest events of the logs before and after it, so that
        none of its days can be left out with one of these (AU-02). Where no event is newer than the
        days, that is told.
        """
        for day in (200, 201, 500):
            decide(told, day)
            sealer.seal(NOW + day * DAY)
        since, until = (day and date(*day) for day in days)
        export(now_ns=NOW + 520 * DAY, since=since, until=until)
        wrong, answer = seen(path)
        given = {log["folder"]: log["events"] - 1 for log in told_in(path)["logs"]}

        assert (wrong, answer["findings"]) == (0, [])
        assert " ".join(f"{log}:{count}" for log, count in given.items()) == logs
        assert sum("nothing is left out" in line for line in answer["proven"]) == len(given)
        assert any("no later log" in line for line in answer["open"]) is told_of

    def test_a_new_key_is_vouched_for_by_the_old_one(self, told, sealer, export, path):
        """
        After a planned change of the key both logs hold, and the old key announced the new one.
        """
        succession.rotate(sealer, by="DSB", now_ns=NOW + 20 * DAY)
        decide(told, 21)
        export()
        wrong, answer = seen(path)

        assert (wrong, answer["findings"]) == (0, [])
        assert not any("did not announce" in line for line in answer["open"])

    def test_a_key_that_is_changed_meanwhile_signs_no_older_log(
        self, told, sealer, export, path, monkeypatch
    ):
        """
        Where the key is changed while an export begins there is none, as its list would be signed
        by another key than its newest log; the next one is whole.
        """

        @contextmanager
        def rotating(connection):
            monkeypatch.undo()
            succession.rotate(sealer, by="DSB", now_ns=NOW + 20 * DAY)
            yield

        monkeypatch.setattr(bundle, "sparing", rotating)
        with pytest.raises(LogError, match="the key was changed meanwhile"):
            export()
        is_there = path.exists()
        export()

        assert not is_there
        assert seen(path)[1]["findings"] == []

    def test_what_an_old_key_said_elsewhere_is_not_denied(self, told, sealer, export, path):
        """
        In an export of days after a change of the key it is left open what the old key said of the
        new one; the auditor is not told that it said nothing.
        """
        succession.rotate(sealer, by="DSB", now_ns=NOW + 10 * DAY)
        decide(told, 20)
        decide(told, 21)
        export(now_ns=NOW + 22 * DAY, since=date(2026, 12, 15))
        wrong, answer = seen(path)

        assert (wrong, answer["findings"]) == (0, [])
        assert [log["folder"] for log in told_in(path)["logs"]] == ["2026.1"]
        assert not any("did not announce" in line for line in answer["open"])
        assert any("2026.1: what the old key says of its new one" in s for s in answer["open"])

    def test_a_log_that_only_began_is_not_missing_from_a_period(self, told, sealer, export, path):
        """
        A log in which nothing was decided, as after two losses, is no gap between two others.
        """
        for day in (20, 21):
            sealer.key.unlink()
            succession.rotate(sealer, by="DSB", lost=True, now_ns=NOW + day * DAY)
        decide(told, 22)
        export(since=date(2026, 11, 1), until=date(2026, 12, 31))
        wrong, answer = seen(path)

        assert (wrong, answer["findings"]) == (0, [])
        assert [log["folder"] for log in told_in(path)["logs"]] == ["2026", "2026.1", "2026.2"]

    def test_a_log_beside_a_period_is_not_missing_within_it(self, told, sealer, export, path):
        """
        Where a clock was set back between two changes of the key, a log without an event of the
        period can be between two that have some; nobody is accused of having left it out.
        """
        for day in (2, 3):
            succession.rotate(sealer, by="DSB", now_ns=NOW + day * DAY)
        decide(told, 8)
        for since, until in ((date(2026, 12, 2), None), (date(2026, 12, 2), date(2026, 12, 4))):
            export(since=since, until=until)
            wrong, answer = seen(path)

            assert (wrong, answer["findings"]) == (0, [])
            assert [log["folder"] for log in told_in(path)["logs"]] == ["2026", "2026.1", "2026.2"]

    def test_a_checkpoint_of_the_auditor_is_continued(self, told, export, path, tmp_path):
        """
        Given the auditor's checkpoint, the bundle proves that nothing before it was changed.
        """
        kept = note_of(told, ORIGIN)
        decide(told, 12)
        export(previous=(kept,))
        (tmp_path / "kept.txt").write_text(kept, encoding="utf-8")
        wrong, answer = seen(path, "--previous", tmp_path / "kept.txt")

        assert (wrong, answer["findings"]) == (0, [])
        assert read(path, "2026/checkpoint.previous.txt").decode() == kept
        proof = proof_of_growth(told, ORIGIN, 31)
        assert read(path, "2026/consistency.txt").decode() == proof.replace(
            note_of(told, ORIGIN), read(path, "2026/checkpoint.txt").decode()
        )

    @pytest.mark.parametrize(
        ("old", "new"),
        [("consent/2026\n", "consent/2025\n"), ("\n31\n", "\n32\n"), ("—", "-")],
        ids=["other log", "other size", "no note"],
    )
    def test_a_checkpoint_that_is_not_ours_is_refused(self, told, export, path, old, new):
        """
        A checkpoint that this log never had is refused before anything is recorded.
        """
        kept = note_of(told, ORIGIN).replace(old, new)
        before = told.count()

        with pytest.raises(LogError):
            export(previous=(kept,))
        assert not path.exists()
        assert told.count() == before

    def test_a_receipt_is_found_in_the_bundle(self, told, export, path, tmp_path):
        """
        What a visitor downloaded is found in the export of the same log.
        """
        records = [
            {"event": one.body.decode(), "salt": b64encode(one.salt).decode(), "proof": one.proof}
            for one in told.evidence(RECEIPT)
        ]
        receipt = {"format": "consent-receipt/2", "receipt": RECEIPT, "records": records}
        (tmp_path / "receipt.json").write_text(json.dumps(receipt), encoding="utf-8")
        export()
        wrong, answer = seen(path, tmp_path / "receipt.json")

        assert (wrong, answer["findings"]) == (0, [])
        assert sum(line.startswith("Record ") for line in answer["proven"]) == 10
        assert seen(tmp_path / "receipt.json")[0] == 0

    @pytest.mark.parametrize("platform", ["linux", "win32"])
    def test_the_file_is_for_its_owner(self, told, export, path, monkeypatch, platform):
        """
        Other users of the machine cannot read the receipts, nor can they where it is unpacked,
        wherever it was packed.
        """
        monkeypatch.setattr(zipfile, "sys", SimpleNamespace(platform=platform))
        export()
        with zipfile.ZipFile(path) as zip:
            entries = {entry.filename: entry for entry in zip.infolist()}

        assert path.stat().st_mode & 0o777 == 0o600
        assert {entry.external_attr >> 16 for entry in entries.values()} == {0o100600}
        assert {entry.create_system for entry in entries.values()} == {3}
        assert {entry.date_time for entry in entries.values()} == {(2026, 12, 25, 3, 50, 0)}
        # What does not shrink costs no time.
        stored = [name for name in entries if entries[name].compress_type == zipfile.ZIP_STORED]
        assert stored == ["2026/leaves.txt"]

    def test_a_machine_whose_clock_begins_in_1970_can_export(self, told, export, path):
        """
        A small computer without a clock of its own, which has not heard the time yet, exports all
        the same: a zip cannot name a day before 1980.
        """
        export(now_ns=DAY)
        with zipfile.ZipFile(path) as zip:
            assert {entry.date_time[0] for entry in zip.infolist()} == {1980}

    def test_a_log_of_any_size_fits(self, told, export, path, monkeypatch):
        """
        A file of a bundle may be larger than zip once allowed, and nobody knows before how large
        it will be.
        """
        monkeypatch.setattr(zipfile, "ZIP64_LIMIT", 1000)

        assert export() == 31
        assert seen(path)[1]["findings"] == []

    @pytest.mark.parametrize(
        ("alter", "code"),
        [
            (lambda body: b"{}", "event.json"),
            (lambda body: b"\xff", "event.json"),
            (lambda body: b'{"x":' + b"[" * 100_000, "event.json"),
            (lambda body: body.replace(NOTICE.hash.encode(), STYLE.hash.encode()), "notice.form"),
        ],
        ids=["nothing", "no text", "nested", "no notice"],
    )
    def test_what_was_altered_in_the_database_is_given_and_found(
        self, told, export, path, alter, code
    ):
        """
        Whoever alters a record, be it beyond reading, does not keep the others from being proven
        (EV-08).
        """
        *_, last = told.ids(RECEIPT)
        change = update(tables.event).where(tables.event.c.id == last)
        told.transact(
            lambda connection: connection.execute(change.values(body=alter(told.last(RECEIPT))))
        )

        assert export() == 31
        wrong, answer = seen(path)
        assert wrong
        assert answer["findings"][0]["code"] == "leaf.altered"
        assert {found["code"] for found in answer["findings"]} == {"leaf.altered", code}

    @pytest.mark.parametrize("shown", [NOTICE, STYLE], ids=["notice", "style"])
    @pytest.mark.parametrize("body", [b"", b"{}", b'{"files":{"css":"../x"}}', b"\xff"])
    def test_a_notice_that_was_altered_is_given_and_found(self, told, export, path, shown, body):
        """
        Whoever alters what visitors were shown does not keep the decisions from being proven, and
        the verifier says that it was exchanged (EV-03, EV-08).
        """
        change = update(tables.document).where(tables.document.c.hash == shown.hash)
        told.transact(lambda connection: connection.execute(change.values(body=body)))

        assert export() == 31
        _, answer = seen(path)
        name = f"notices/{NOTICE.hash}.json" if shown is NOTICE else f"files/{STYLE.hash}"
        assert {"code": "notice.hash", "file": name}.items() <= answer["findings"][-1].items()
        assert read(path, name) == body
        assert "leaf" not in {found["code"].partition(".")[0] for found in answer["findings"]}

    def test_nothing_is_kept_in_the_folder_of_the_process(self, told, export, monkeypatch):
        """
        What an export writes meanwhile lies beside the file, where there is room for it, and not
        in the folder that a service was started in, in which it may perhaps write nothing.
        """
        monkeypatch.chdir("/proc")  # where not even root can

        assert export() == 31

    def test_it_appears_complete_or_not_at_all(self, told, sealer, path, monkeypatch):
        """
        An export that is interrupted leaves no file behind, and an older one as it was.
        """
        path.write_bytes(b"older\n")

        def interrupt(done):
            raise KeyboardInterrupt

        monkeypatch.setattr(bundle, "STEP", 5)

        with pytest.raises(KeyboardInterrupt):
            bundle.to_file(sealer, path, asked(), interrupt)
        assert path.read_bytes() == b"older\n"
        assert [p.name for p in path.parent.glob("bundle*")] == ["bundle.zip"]

    def test_nothing_is_taken_along_unrecorded(self, told, export, path, monkeypatch):
        """
        If the export cannot be recorded, it does not happen (AU-03).
        """

        def fail(taking):
            raise LogUnavailable

        monkeypatch.setattr(told, "append", fail)

        with pytest.raises(LogUnavailable):
            export()
        assert not path.exists()

    def test_progress_is_told(self, told, sealer, path, monkeypatch):
        """
        Whoever waits for a long export sees how far it is.
        """
        monkeypatch.setattr(bundle, "STEP", 10)
        done = []
        bundle.to_file(sealer, path, asked(), done.append)

        assert done == [10, 20, 30]

    def test_events_with_a_wrong_clock_do_not_open_a_gap(self, store, sealer, export, path):
        """
        An event that a wrong clock dated elsewhere is in the period where it was recorded.
        """
        for day in (0, 1, -300, 2, 5000, 3, 4):
            decide(store, day)
            sealer.seal(NOW + 9 * DAY)
        count = export(now_ns=NOW + 6000 * DAY, since=date(2026, 11, 26), until=date(2026, 11, 28))
        wrong, answer = seen(path)

        assert (wrong, answer["findings"]) == (0, [])
        assert count == 8  # opening, one before, five of the period or between, one after


def test_a_record_that_was_altered_by_hand_is_given_and_found(store, sealer, tmp_path):
    """
    What somebody replaced in a line with SQLite's own program is text there, and no bytes any more:
    it is taken along as it is, and found (EV-08).
    """
    decide(store, 0)
    by_hand = "UPDATE consent_event SET body = replace(body, 'banner', 'settings')"
    store.transact(lambda connection: connection.exec_driver_sql(by_hand))
    bundle.to_file(sealer, tmp_path / "b.zip", asked())
    _, answer = seen(tmp_path / "b.zip")
    lines = read(tmp_path / "b.zip", "2026/events.jsonl").splitlines(keepends=True)

    assert [found["code"] for found in answer["findings"]] == ["leaf.altered"]
    assert b'"layer":"settings"' in lines[1]
    assert next(iter(store.events())) + b"\n" == lines[1]


@pytest.mark.parametrize("at", ["7", "'yesterday'", "9e18"])
def test_what_a_record_is_found_by_is_no_evidence(store, sealer, tmp_path, at):
    """
    Where somebody altered only the time by which the database finds a record, what was sealed is
    still there and proven, and the list of contents has its time (EV-08).
    """
    decide(store, 0)
    sealer.seal(NOW)
    change = f"UPDATE consent_event SET recorded_at = {at}"
    store.transact(lambda connection: connection.exec_driver_sql(change))
    bundle.to_file(sealer, tmp_path / "b.zip", asked())

    wrong, answer = seen(tmp_path / "b.zip")
    assert (wrong, answer["findings"]) == (0, [])


def test_an_id_of_no_year_keeps_nothing_from_being_proven(store, sealer, tmp_path):
    """
    An id holds a time. Where somebody altered one to a time that no calendar has, all is taken
    along and proven; that the list of contents names another time is told (EV-08).
    """
    decide(store, 0)
    decide(store, 1)
    sealer.seal(NOW)
    [_, last] = store.ids(RECEIPT)
    for table in (tables.event, tables.leaf):
        change = update(table).where(table.c.id == last).values(id=b"\xff" * 16)
        store.transact(lambda connection, change=change: connection.execute(change))

    assert bundle.to_file(sealer, tmp_path / "b.zip", asked()) == 3
    assert told_in(tmp_path / "b.zip")["logs"][0]["recorded_until"] == "9999-12-31T23:59:59.999Z"
    codes = {found["code"] for found in seen(tmp_path / "b.zip")[1]["findings"]}
    assert codes == {"manifest.count"}


def test_a_database_that_is_put_aside_meanwhile_is_taken_along_as_it_was(
    store, sealer, tmp_path, monkeypatch
):
    """
    Who brings back a backup while an export runs has a bundle of the state with which it began:
    the notices are of the same database as the events, and none is said to be lost (AU-02).
    """
    decide(store, 0)
    monkeypatch.setattr(bundle, "STEP", 1)

    def put_aside(done):
        if store.file.exists():
            store.file.rename(tmp_path / "aside.db")

    bundle.to_file(sealer, tmp_path / "b.zip", asked(), put_aside)

    assert told_in(tmp_path / "b.zip")["missing"] == []
    assert read(tmp_path / "b.zip", f"notices/{NOTICE.hash}.json") == NOTICE.body
    assert seen(tmp_path / "b.zip")[1]["findings"] == []


class TestBundleOnPostgreSQL(TestBundle):
    """The same promises on PostgreSQL."""

    @pytest.fixture
    def url(self, postgresql: str) -> str:
        return postgresql


def test_the_format_is_the_one_that_the_documents_name():
    """
    The name of the format is part of the format.
    """
    assert bundle.FORMAT == "consent-bundle/1"
    assert event.FORMAT == "consent-event/1"
