"""A visitor who kept a receipt can prove the record, and an auditor finds the own visits again."""

from __future__ import annotations

import json
import os
import random
from pathlib import Path

import pytest

from consent.log import verify
from tests.log import bundles
from tests.log.bundles import SITE, STRANGER, Log, b64, vkey

KEY = vkey(f"{SITE}/consent/2026")


def receipt(log: Log, *indexes: int, size: int | None = None, **about: object) -> dict:
    """Return what a visitor downloads, with the events of one receipt."""
    records = []
    for index in indexes:
        leaf = log.leaves[index]
        proof = log.inclusion(index, size)
        records.append({"event": leaf.body.decode(), "salt": b64(leaf.salt), "proof": proof})
    number = json.loads(log.leaves[indexes[0]].body)["receipt"]
    return {"format": "consent-receipt/2", "receipt": number, "records": records, **about}


@pytest.fixture
def log() -> Log:
    return bundles.story()[0]


@pytest.fixture
def check(tmp_path, capsys):
    def check(first: object, *options: object) -> tuple[int, dict]:
        path = tmp_path / "receipt.json"
        if isinstance(first, dict):
            path.write_text(json.dumps(first), encoding="utf-8")
        else:
            path = first
        code = verify.main([str(path), "--json", "--lang", "en", *map(str, options)])
        return code, json.loads(capsys.readouterr().out)

    return check


@pytest.mark.parametrize("size", [12, 25, 40])
def test_a_record_is_proven_offline_whenever_it_was_fetched(check, log, size):
    """
    The receipt proves its record without the site, fetched at once or after the log has grown.
    """
    code, answer = check(receipt(log, 2, size=size), "--vkey", KEY)

    assert (code, answer["findings"]) == (0, [])
    assert "leaf 2 of verein.example/consent/2026" in answer["proven"][0]


def test_without_a_key_the_proof_is_open_in_that_point(check, log):
    """
    Without the site's key it is told that anybody could have signed.
    """
    code, answer = check(receipt(log, 2))

    assert code == 0
    assert "--vkey" in answer["open"][0]


@pytest.mark.parametrize("forged", [False, True], ids=["signed", "forged"])
def test_without_a_key_nothing_is_proven(check, log, forged):
    """
    A proof whose signature nobody checked is never called one, whoever made it (EV-08).
    """
    told = receipt(log, 2)
    if forged:
        head = told["records"][0]["proof"].rpartition("\n\n— ")[0]
        told["records"][0]["proof"] = f"{head}\n\n— x AAAA\n"
    code, answer = check(told)

    assert (code, answer["proven"]) == (0, [])
    assert "Without a key its proof proves nothing" in answer["open"][1]


@pytest.mark.parametrize("count", ["x", "-1", "", "1.5"])
def test_a_sample_of_no_number_is_told(check, log, capsys, count):
    """
    A mistake in the command is told as one, not as something wrong with the export.
    """
    with pytest.raises(SystemExit) as stopped:
        check(receipt(log, 2), "--sample", "nonce", count)

    assert stopped.value.code == 2
    assert "--sample: N is" in capsys.readouterr().err


def test_a_sample_for_a_nonce_that_is_no_text_is_told(check, log, capsys):
    """
    A letter that an old terminal writes in another way than UTF-8 is a mistake in the command, too.
    """
    with pytest.raises(SystemExit) as stopped:
        check(receipt(log, 2), "--sample", os.fsdecode(b"\xfc"), "5")

    assert stopped.value.code == 2
    assert "--sample: NONCE is" in capsys.readouterr().err


def test_what_is_not_sealed_yet_is_no_error(check, log):
    """
    A receipt of just now says that it is to be fetched again.
    """
    told = receipt(log, 2)
    told["records"][0]["proof"] = None
    code, answer = check(told, "--vkey", KEY)

    assert code == 0
    assert "not sealed yet" in answer["open"][0]


def test_a_receipt_without_a_record_proves_nothing(check, log, tmp_path):
    """
    Where the site erased the records of a receipt its file is empty, and the auditor is told so, of
    that file alone and beside an export (EV-08).
    """
    told = receipt(log, 2, records=[])
    export = bundles.write(bundles.files_of(bundles.story()), tmp_path / "b.zip")

    for code, answer in (
        check(told, "--vkey", KEY),
        check(export, tmp_path / "receipt.json", "--vkey", KEY),
    ):
        assert (code, answer["findings"]) == (0, [])
        assert any(line.startswith("receipt.json: that anything") for line in answer["open"])


def broken(log: Log, **change: object) -> dict:
    told = receipt(log, 2)
    told["records"][0].update(change)
    return told


def proof_with(log: Log, old: str, new: str) -> dict:
    proof = log.inclusion(2)
    assert old in proof
    return broken(log, proof=proof.replace(old, new, 1))


CASES = {
    "the event is altered": (lambda log: broken(log, event=log.leaves[2].body.decode().replace("accept", "reject")), "proof.path"),
    "the event has half a character": (lambda log: broken(log, event=log.leaves[2].body.decode().replace("accept", "\ud800")), "receipt.form"),
    "the salt is altered": (lambda log: broken(log, salt=b64(bytes(32))), "proof.path"),
    "the salt is short": (lambda log: broken(log, salt="AAAA"), "receipt.form"),
    "the proof is of another leaf": (lambda log: broken(log, proof=log.inclusion(3)), "proof.path"),
    "the index is another": (lambda log: proof_with(log, "index 2\n", "index 3\n"), "proof.path"),
    "the index is beyond the log": (lambda log: proof_with(log, "index 2\n", "index 40\n"), "proof.path"),
    "the index is lax": (lambda log: proof_with(log, "index 2\n", "index 02\n"), "proof.form"),
    "the index is negative": (lambda log: proof_with(log, "index 2\n", "index -2\n"), "proof.form"),
    "the path is longer": (lambda log: proof_with(log, "index 2\n", f"index 2\n{b64(bytes(32))}\n"), "proof.path"),
    "the path is endless": (lambda log: proof_with(log, "index 2\n", "index 2\n" + f"{b64(bytes(32))}\n" * 64), "proof.form"),
    "the proof is of another version": (lambda log: proof_with(log, "@v1", "@v2"), "proof.form"),
    "the checkpoint is altered": (lambda log: proof_with(log, "\n40\n", "\n41\n"), "note.forged"),
    "the checkpoint is a stranger's": (lambda log: broken(log, proof=log.inclusion(2).split("\n\n")[0] + "\n\n" + log.checkpoint(None, STRANGER).decode()), "note.unsigned"),
    "there is no checkpoint": (lambda log: broken(log, proof=log.inclusion(2).split("\n\n")[0]), "note.form"),
    "the record is somebody else's": (lambda log: {**receipt(log, 2), "records": receipt(log, 3)["records"]}, "receipt.other"),
    "it is of another version": (lambda log: receipt(log, 2, format="consent-receipt/1"), "receipt.form"),
    "it has no records": (lambda log: receipt(log, 2, records=None), "receipt.form"),
}  # fmt: skip


@pytest.mark.parametrize("text", ["{", '{"format":1,"format":1}', '{"number":1.5}'])
def test_a_receipt_that_is_no_json_is_told(check, tmp_path, text):
    """
    A file that was cut off, or says one thing twice, is no receipt.
    """
    path = tmp_path / "cut.json"
    path.write_text(text)
    code, answer = check(path, "--vkey", KEY)

    assert code == 1
    assert [(one["code"], one["file"]) for one in answer["findings"]] == [
        ("receipt.form", "cut.json")
    ]


@pytest.mark.parametrize("case", CASES)
def test_a_receipt_that_proves_nothing_is_told(check, log, case):
    """
    A record, salt or proof that was altered or belongs to something else is refused.
    """
    make, wanted = CASES[case]
    code, answer = check(make(log), "--vkey", KEY)

    assert code == 1
    assert [one["code"] for one in answer["findings"]] == [wanted]


def test_a_single_proof_is_checked_with_its_record(check, log, tmp_path):
    """
    One proof in the format of others, with its record in a file, is checked as well.
    """
    (tmp_path / "record.json").write_bytes(log.leaves[2].body + b"\n")
    (tmp_path / "record.tlog-proof").write_text(log.inclusion(2), encoding="utf-8")
    words = (tmp_path / "record.tlog-proof", tmp_path / "record.json", "--vkey", KEY)

    assert check(*words)[0] == 0
    (tmp_path / "record.json").write_bytes(log.leaves[3].body)
    assert check(*words)[0] == 1


def test_a_proof_with_a_byte_that_is_no_text_was_altered(check, log, tmp_path):
    """
    So says the verifier of a damaged proof; it does not take the file for an export (EV-08).
    """
    proof, record = tmp_path / "record.tlog-proof", tmp_path / "record.json"
    proof.write_bytes(log.inclusion(2).encode().replace(b"\nverein", b"\nver\xffin", 1))
    record.write_bytes(log.leaves[2].body)
    code, answer = check(proof, record, "--vkey", KEY)

    assert code == 1
    assert [one["file"] for one in answer["findings"]] == ["record.tlog-proof"]


@pytest.mark.parametrize(
    "more", [("--previous", "kept.txt"), ("--after", "1.zip"), ("--sample", "nonce", 5)]
)
def test_what_only_an_export_can_be_held_against_is_not_passed_over(check, log, more):
    """
    Who gives a receipt in the place of the export is told, and not that all of it holds.
    """
    with pytest.raises(SystemExit) as stopped:
        check(receipt(log, 2), "--vkey", KEY, *more)

    assert stopped.value.code == 2


@pytest.mark.parametrize("records", [0, 2], ids=["no record", "another file as well"])
def test_a_proof_without_its_one_record_is_a_mistake_in_the_command(check, log, tmp_path, records):
    """
    Who forgets the record of a proof is told so, and not that something is wrong with the site.
    """
    proof, record = tmp_path / "record.tlog-proof", tmp_path / "record.json"
    proof.write_text(log.inclusion(2), encoding="utf-8")
    record.write_bytes(log.leaves[2].body)
    with pytest.raises(SystemExit) as stopped:
        check(proof, *[record] * records, "--vkey", KEY)

    assert stopped.value.code == 2


def test_each_of_several_receipts_is_checked_by_itself(check, log, tmp_path):
    """
    None of the receipts that are given is passed over, whatever is wrong with another one.
    """
    files = {"good.json": receipt(log, 2), "bad.json": broken(log, salt=b64(bytes(32)))}
    files |= {"none.json": {}, "other.json": receipt(log, 3)}
    for name, told in files.items():
        (tmp_path / name).write_text(json.dumps(told), encoding="utf-8")
    code, answer = check(*map(tmp_path.joinpath, files), "--vkey", KEY)

    assert code == 1
    assert {(one["code"], one["file"]) for one in answer["findings"]} == {
        ("receipt.form", "none.json"),
        ("proof.path", "bad.json"),
    }
    assert ["good.json" in answer["proven"][0], "other.json" in answer["proven"][1]] == [True] * 2


@pytest.mark.parametrize(("size", "index"), [(30, 9), (None, 8)], ids=["one size", "one place"])
def test_two_receipts_show_that_a_site_keeps_two_logs(check, log, tmp_path, size, index):
    """
    Visitors who lay their receipts side by side see that a site showed each of them another log,
    whether these were of one size, or have different records in one place.
    """
    other = bundles.story(seed=2)[0]
    one, two = tmp_path / "one.json", tmp_path / "two.json"
    one.write_text(json.dumps(receipt(log, 8, size=30)))
    two.write_text(json.dumps(receipt(other, index, size=size)))
    code, answer = check(one, two, "--vkey", KEY)

    assert code == 1
    assert [(one["code"], one["file"]) for one in answer["findings"]] == [
        ("proof.fork", "two.json")
    ]
    assert not any("two.json" in line for line in answer["proven"])


@pytest.mark.parametrize("way", bundles.SAVED)
def test_what_a_windows_computer_saved_proves_the_same(check, log, tmp_path, way):
    """
    A receipt, or a proof with its record, holds in whatever way an editor or a shell ended its
    lines.
    """
    texts = {
        "receipt.json": json.dumps(receipt(log, 2), indent=1) + "\n",
        "record.tlog-proof": log.inclusion(2),
        "record.json": log.leaves[2].body.decode() + "\n",
    }
    for name, text in texts.items():
        (tmp_path / name).write_bytes(bundles.SAVED[way](text))
    whole, proof, record = map(tmp_path.joinpath, texts)

    for words in ((whole,), (proof, record)):
        code, answer = check(*words, "--vkey", KEY)
        assert (code, answer["findings"]) == (0, [])


# --- The auditor's own visits ---------------------------------------------------------------------


@pytest.fixture
def visits(tmp_path):
    def visits(told: dict) -> Path:
        path = tmp_path / "visit.json"
        path.write_text(json.dumps(told), encoding="utf-8")
        return path

    return visits


@pytest.mark.parametrize("sealed", [True, False], ids=["sealed", "not sealed"])
def test_an_own_visit_is_found_in_the_export(check, tmp_path, visits, log, sealed):
    """
    An auditor who visited the site before finds the own record in the export, even if it was
    not sealed when the receipt was downloaded.
    """
    told = receipt(log, 2)
    if not sealed:
        told["records"][0]["proof"] = None
    bundle = bundles.write(bundles.files_of(bundles.story()), tmp_path / "b.zip")
    code, answer = check(bundle, visits(told), "--vkey", KEY)

    assert (code, answer["findings"]) == (0, [])
    assert any(line.startswith("Record 1 ") and "leaf 2" in line for line in answer["proven"])


def test_each_of_several_visits_is_told_from_the_others(check, tmp_path, log):
    """
    Who gives many receipts reads of each record which file it is in, be it proven or not, also
    where two have the name that browsers give them, one in a folder of its own each.
    """
    logs = bundles.story()[:1]
    logs[0].leaves[20:] = []
    for leaf in logs[0].leaves:
        leaf.state = "given"
    bundle, files = bundles.write(bundles.files_of(logs), tmp_path / "b.zip"), []
    for folder, index in (("monday", 2), ("tuesday", 30)):
        (tmp_path / folder).mkdir()
        files.append(tmp_path / folder / "consent-receipt.json")
        files[-1].write_text(json.dumps(receipt(log, index)), encoding="utf-8")
    answer = check(bundle, *files, "--vkey", KEY)[1]

    for path, said in zip(files, (answer["proven"], answer["open"]), strict=True):
        assert [line for line in said if line.startswith(f"Record 1 of {path}")], said


def test_an_own_visit_is_found_though_it_was_erased(check, tmp_path, visits):
    """
    A record that was erased meanwhile is still proven by the receipt that the visitor kept.
    """
    old, new = bundles.story()
    old.leaves[4].state, old.leaves[9].state, old.leaves[10].state = ("erased",) * 3
    told = receipt(old, 9)
    bundle = bundles.write(bundles.files_of([old, new]), tmp_path / "b.zip")

    assert any("leaf 9" in line for line in check(bundle, visits(told), "--vkey", KEY)[1]["proven"])


@pytest.mark.parametrize("sealed", [True, False], ids=["sealed", "not sealed"])
def test_an_own_visit_that_is_missing_is_found(check, tmp_path, visits, log, sealed):
    """
    A record that the site dropped, or replaced by another one, is missed in the export.
    """
    told = receipt(log, 2)
    if not sealed:
        told["records"][0]["proof"] = None
    logs = bundles.story(seed=2)
    bundle = bundles.write(bundles.files_of(logs), tmp_path / "b.zip")
    code, answer = check(bundle, visits(told), "--vkey", KEY)

    assert code == 1
    assert ("receipt.absent", "visit.json") in [(f["code"], f["file"]) for f in answer["findings"]]


def test_an_own_visit_after_the_export_is_open(check, tmp_path, visits, log):
    """
    A receipt that is younger than the export is neither proven nor missed.
    """
    logs = bundles.story()[:1]
    logs[0].leaves[20:] = []
    for leaf in logs[0].leaves:
        leaf.state = "given"
    bundle = bundles.write(bundles.files_of(logs), tmp_path / "b.zip")
    code, answer = check(bundle, visits(receipt(log, 30)), "--vkey", KEY)

    assert code == 0
    assert any("Record 1 of visit.json: its log is not in this" in line for line in answer["open"])


def of_this_year(logs: list[Log]) -> dict[str, bytes]:
    return bundles.files_of(logs[1:], since="2027-01-01")


def of_a_part(logs: list[Log]) -> dict[str, bytes]:
    """Export what follows the first leaf of the new year."""
    files = bundles.files_of(logs[1:])
    files["2027/checkpoint.previous.txt"] = logs[1].checkpoint(1)
    start = {"origin": logs[1].origin, "size": 1}
    return bundles.with_manifest(files, logs[1:], **{"from": start})


def sealed_before(logs: list[Log]) -> dict[str, bytes]:
    """Export the old year to an event that was dated after the one behind it."""
    late = bundles.NOW + 60 * bundles.DAY
    body = bundles.decision(random.Random(3), late, next(iter(bundles.NOTICES)))
    logs[0].leaves[1:] = [bundles.Leaf(body, bytes(32))]
    return bundles.files_of(logs[:1], sealed_until="2027-01-24")


def to_a_minute_before(logs: list[Log]) -> dict[str, bytes]:
    """Export an event that was dated a minute after one that was not sealed yet."""
    at = verify.milliseconds(json.loads(logs[0].leaves[2].body)["recorded_at"])
    body = bundles.decision(random.Random(3), at + 60_000, next(iter(bundles.NOTICES)))
    logs[0].leaves[1:] = [bundles.Leaf(body, bytes(32))]
    return bundles.files_of(logs[:1])


@pytest.mark.parametrize("day", ["2027-12-30", "2027-12-31"], ids=["that day", "a day to come"])
def test_an_end_that_was_to_come_leaves_nothing_out(check, tmp_path, visits, log, day):
    """
    A site cannot excuse that a visit is missing with an end that lies ahead of the export.
    """
    told = receipt(log, 2)
    told["records"][0]["proof"] = None
    logs = bundles.story()
    logs[0].leaves.pop(2)
    first = json.loads(logs[1].leaves[0].body)
    first["previous"] = logs[0].checkpoint().decode()
    logs[1].leaves[0].body = bundles.canonical(first)
    bundle = bundles.write(bundles.files_of(logs, sealed_until=day), tmp_path / "b.zip")
    answer = check(bundle, visits(told), "--vkey", KEY)[1]
    codes = [one["code"] for one in answer["findings"]]

    assert ("receipt.absent" in codes) is (day > "2027-12-30")
    assert any(f"What came after {day}" in line for line in answer["open"]) is (day < "2027-12-31")


@pytest.mark.parametrize("sealed", [True, False], ids=["sealed", "not sealed"])
@pytest.mark.parametrize("export", [of_this_year, of_a_part, sealed_before, to_a_minute_before])
def test_an_own_visit_that_need_not_be_there_is_not_missed(
    check, tmp_path, visits, log, export, sealed
):
    """
    Nobody is accused of a record that lies outside of what was exported, or that may have been
    sealed behind it: whether it is in the log is left open (AU-02).
    """
    told = receipt(log, 2)
    if not sealed:
        told["records"][0]["proof"] = None
    logs = bundles.story()
    logs[1].leaves.pop(8)  # the reason for what was erased in the old year
    bundle = bundles.write(export(logs), tmp_path / "b.zip")
    code, answer = check(bundle, visits(told), "--vkey", KEY)

    assert (code, answer["findings"]) == (0, [])
    assert any("Record 1 of visit.json: its log is not in this" in line for line in answer["open"])


@pytest.mark.parametrize(
    ("since", "until", "is_told"),
    [
        ("2026-11-01", "2026-12-31", True),
        (None, "2026-12-31", True),
        ("2026-11-01", None, True),
        ("2026-12-31", None, False),
        (None, "2026-11-01", False),
    ],
)
def test_a_visit_of_the_period_that_is_not_in_it_is_told_so(
    check, tmp_path, visits, log, since, until, is_told
):
    """
    A record without proof that is dated into the days of an export, and is not in it, is told apart
    from one of other days: the site's clock was wrong, or it was left out, and the whole log tells.
    """
    told = receipt(log, 2)
    told["records"][0]["proof"] = None
    day = json.loads(told["records"][0]["event"])["recorded_at"][:10]
    assert "2026-11-01" < day < "2026-12-31"
    logs = bundles.story()
    body = bundles.decision(random.Random(3), bundles.NOW, next(iter(bundles.NOTICES)))
    logs[0].leaves[2] = bundles.Leaf(body, bytes(32))
    bundle = bundles.write(bundles.files_of(logs, since=since, until=until), tmp_path / "b.zip")
    answer = check(bundle, visits(told), "--vkey", KEY)[1]
    (line,) = (line for line in answer["open"] if "Record 1 of visit.json" in line)

    assert ("is of the period, but not in it" in line) is is_told
    assert ("its log is not in this bundle" in line) is not is_told
    assert "receipt.absent" not in [one["code"] for one in answer["findings"]]


def test_the_end_of_a_log_is_not_known_from_one_beside_it(check, tmp_path, visits):
    """
    A log of another part of a site that goes on does not show that one has ended: a record that
    may have been sealed since is left open.
    """
    chance = random.Random(5)
    beside = Log(f"{SITE}/consent/2026/1", "2026-s1")
    beside.leaves.append(bundles.first_leaf(chance, bundles.NOW, beside.origin, None))
    body = bundles.decision(chance, bundles.NOW + 1000 * bundles.DAY, next(iter(bundles.NOTICES)))
    files = bundles.files_of([*bundles.story(), beside])
    beside.leaves.append(bundles.Leaf(body, chance.randbytes(32)))
    bundle = bundles.write(files, tmp_path / "b.zip")
    code, answer = check(bundle, visits(receipt(beside, 1)), "--vkey", KEY)

    assert (code, answer["findings"]) == (0, [])
    assert any("Record 1 of visit.json: its log is not in this" in line for line in answer["open"])


def test_a_record_without_a_time_is_looked_for_all_the_same(check, tmp_path, visits, log):
    """
    What somebody made of a receipt by hand is left open like any record that is not there.
    """
    told = receipt(log, 2)
    told["records"][0] |= {"event": f'{{"receipt":"{told["receipt"]}"}}', "proof": None}
    bundle = bundles.write(bundles.files_of(bundles.story()), tmp_path / "b.zip")
    code, answer = check(bundle, visits(told), "--vkey", KEY)

    assert (code, answer["findings"]) == (0, [])
    assert any("Record 1 of visit.json: its log is not in this" in line for line in answer["open"])


@pytest.mark.parametrize("days", [15, 1000], ids=["in time", "by a clock that was ahead"])
def test_an_own_visit_that_was_cut_off_with_the_end_of_its_log_is_found(
    check, tmp_path, visits, log, days
):
    """
    A record is missed that the site had sealed, and that is beyond the end of its log since, as
    after an older copy of the database was restored and the next log begun (EV-08).
    """
    chance = random.Random(3)
    body = bundles.decision(chance, bundles.NOW + days * bundles.DAY, next(iter(bundles.NOTICES)))
    log.leaves[30] = bundles.Leaf(body, chance.randbytes(32))
    logs = bundles.story()
    logs[0].leaves[20:] = []
    then = bundles.NOW + 40 * bundles.DAY
    logs[1].leaves[0] = bundles.first_leaf(chance, then, logs[1].origin, logs[0].checkpoint())
    bundle = bundles.write(bundles.files_of(logs), tmp_path / "b.zip")
    code, answer = check(bundle, visits(receipt(log, 30)), "--vkey", KEY)

    assert code == 1
    assert [(f["code"], f["file"]) for f in answer["findings"]] == [
        ("receipt.absent", "visit.json")
    ]


@pytest.mark.parametrize("size", [3, 12, 40])
def test_a_receipt_of_another_past_is_told(check, tmp_path, visits, size):
    """
    A receipt brings a checkpoint along, so an auditor who kept nothing else sees that the log was
    another one at that time, though the record itself is in both (EV-08).
    """
    told = receipt(bundles.story()[0], 2, size=size)
    logs = bundles.story()
    other = bundles.story(seed=2)[0].leaves[11]
    logs[0].leaves[11] = other
    logs[1].leaves[0] = bundles.first_leaf(
        random.Random(3), bundles.NOW + 40 * bundles.DAY, logs[1].origin, logs[0].checkpoint()
    )
    bundle = bundles.write(bundles.files_of(logs), tmp_path / "b.zip")
    code, answer = check(bundle, visits(told), "--vkey", KEY)

    forked = [("old.fork", "visit.json")] if size >= 12 else []
    assert code == len(forked)
    assert [(f["code"], f["file"]) for f in answer["findings"]] == forked
    assert any("leaf 2" in line for line in answer["proven"])


def test_receipts_of_another_past_are_told_in_their_order(check, tmp_path, visits):
    """
    What several proofs of a receipt show is told by every run in the order of its records.
    """
    sizes = [20, 14, 18, 12, 16, 13, 19, 15]
    told = receipt(bundles.story()[0], 2)
    told["records"] = [receipt(bundles.story()[0], 2, size=n)["records"][0] for n in sizes]
    logs = bundles.story()[:1]
    logs[0].leaves[11] = bundles.story(seed=2)[0].leaves[11]
    bundle = bundles.write(bundles.files_of(logs), tmp_path / "b.zip")
    answer = check(bundle, visits(told), "--vkey", KEY)[1]

    texts = [one["text"] for one in answer["findings"] if one["code"] == "old.fork"]
    assert [int(text.partition("(")[2].split()[0]) for text in texts] == sizes
