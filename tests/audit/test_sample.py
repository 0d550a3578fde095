"""A sample follows from nonce and root alone, and the verifier draws the same."""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from collections import Counter
from hashlib import sha256

import pytest
from sqlalchemy import delete

from consent.audit import sample
from consent.audit.sample import State, StateError, draw, look, spelled, states
from consent.log import bundle, verify
from consent.log.database import tables
from consent.log.erase import Eraser
from consent.log.merkle import tree
from consent.log.seal import Sealer
from consent.log.store import Store
from tests.log.samples import DAY, MS, NOW, RECEIPT, SITE, SOFTWARE, make, record

YEAR = 365 * DAY

#: Of a million leaves whose root is all zero, for the nonce 20261125-7391.
KNOWN = [641477, 551724, 928069, 462830, 708904]


@pytest.fixture
def url(tmp_path) -> str:
    return f"sqlite:///{tmp_path}/consent.db"


@pytest.fixture
def store(url):
    store = Store(url, SITE)
    yield store
    store.close()


@pytest.fixture
def sealer(store, tmp_path) -> Sealer:
    """A log of two years, thirty leaves and twenty."""
    sealer = Sealer(store, tmp_path / "consent.key", SOFTWARE)
    for at, count in ((NOW, 29), (NOW + YEAR, 19)):
        receipts = (RECEIPT if n == 7 else None for n in range(count))
        record(store, (make(now_ns=at + n * MS, receipt=r) for n, r in enumerate(receipts)))
        sealer.seal(at + DAY)
    return sealer


def drawn_by_the_verifier(path, nonce: str, count: int) -> list[tuple[str, int, str]]:
    options = verify.command().parse_intermixed_args([str(path), "--sample", nonce, str(count)])
    report = verify.Report("en")
    verify.check(options, report)
    assert report.wrong == 0
    told = json.loads(verify.as_json(report))["sample"]
    return [(row["log"], row["index"], row["event"]) for row in told]


@pytest.mark.parametrize("count", [1, 10, 49, 50, 200])
def test_the_verifier_draws_the_same_from_a_bundle(sealer, store, tmp_path, count):
    """
    What an auditor sees here is what the own computer draws from the export (log.md, 5).
    """
    path = tmp_path / "bundle.zip"
    bundle.to_file(sealer, path, bundle.Request("Müller", SOFTWARE, NOW + YEAR + 2 * DAY))
    with store.snapshot() as now:
        places = draw(states(now), "20261125-7391 ä", count)
        found = [(one.origin, one.index, one.body.decode()) for one in look(now, places)]

    assert sorted(found) == sorted(drawn_by_the_verifier(path, "20261125-7391 ä", count))
    assert len(found) == min(count, 50)


def test_an_earlier_state_is_drawn_from_by_its_checkpoint(sealer, store, tmp_path):
    """
    Though the log has grown since, the bundle of then and this page draw the same.
    """
    path, later = tmp_path / "bundle.zip", NOW + YEAR + 2 * DAY
    bundle.to_file(sealer, path, bundle.Request("Müller", SOFTWARE, later))
    checkpoint = store.logs()[-1].checkpoint
    for n in range(9):
        store.append(make(now_ns=later + n * MS))
    sealer.seal(later + DAY)
    with store.snapshot() as now:
        then = states(now, checkpoint)
        places = draw(then, "7391", 12)
        again = draw(states(now, spelled(SITE, then)), "7391", 12)

        assert spelled(SITE, then) == "2027@20"
        assert draw(states(now), "7391", 12) != places
    assert again == places
    found = [(log, index) for log, index, _ in drawn_by_the_verifier(path, "7391", 12)]
    assert sorted(found) == sorted(places)


def test_what_is_drawn_has_a_proof(sealer, store):
    """
    Salt and path lead from the event to the root of the log.
    """
    with store.snapshot() as now:
        for one in look(now, draw(states(now), "x", 5)):
            salt, index, path, note = verify.read_proof(one.proof)
            about = verify.read_checkpoint(note.decode().partition("\n\n")[0] + "\n")
            leaf = tree.leaf_hash(tree.commitment(salt, one.body))

            assert (salt, index) == (one.salt, one.index)
            assert verify.root_by_inclusion(leaf, index, about.size, path) == about.root
            told = json.loads(one.line())
            assert told["event"].encode() == one.body
            assert b64decode(told["salt"]) == salt
            assert (told["log"], told["index"], told["proof"]) == (one.origin, index, one.proof)


def test_an_erased_event_keeps_its_place_in_the_sample(sealer, store):
    """
    Erasing cannot take an event out of a sample unseen, and what somebody deleted does not pass for
    erased.
    """
    Eraser(sealer, "Müller").erase_receipt(RECEIPT, "art-17", NOW + YEAR + 2 * DAY)
    with store.snapshot() as now:
        found = list(look(now, draw(states(now), "x", 1000)))
    gone = [one for one in found if one.body is None]
    kept = [one for one in found if one.body is not None]  # in any order

    assert len(gone) == 2
    assert all((one.id, one.salt, one.proof) == (None, None, None) for one in gone)
    assert json.loads(gone[0].line())["event"] is None

    event, leaf = tables.event, tables.leaf
    for table, one in ((event, kept[0]), (event, kept[-1]), (leaf, kept[-1])):
        taken = delete(table).where(table.c.id == one.id.bytes)
        store.transact(lambda connection, taken=taken: connection.execute(taken))
    with store.snapshot() as now:
        again = list(look(now, [(one.origin, one.index) for one in (*gone, kept[0], kept[-1])]))
    assert [one.body for one in again] == [None] * 4
    assert [one.is_erased for one in again] == [True, True, False, False]


@pytest.mark.parametrize(
    "at",
    [
        *("2026@0", "2026@31", "2028@1", "2026", "@", "2026@", "2026@-1", "2026@1x", "2026@٣"),
        *("2026@" + "9" * 10_000, "\n", "x\n1\ny\n", "a@b@c", "\u2028", "2026.1@1"),
    ],
)
def test_a_state_that_never_was_is_refused(sealer, store, at):
    """
    Nothing is drawn from a log that there never was.
    """
    with store.snapshot() as now, pytest.raises(StateError):
        states(now, at)


@pytest.mark.parametrize(("salt", "given"), [(None, None), ("salt", b"salt")])
def test_a_record_whose_salt_was_altered_is_in_the_sample(sealer, store, salt, given):
    """
    What somebody made of a salt in the database is given as it is, and its proof does not hold.
    """
    change = "UPDATE consent_event SET salt = ?"
    store.transact(lambda connection: connection.exec_driver_sql(change, (salt,)))
    with store.snapshot() as now:
        one = next(iter(look(now, draw(states(now), "x", 1))))

    assert (one.salt, one.body is None) == (given, False)
    assert json.loads(one.line())["proof"] == one.proof is not None


def test_a_checkpoint_with_another_root_is_refused(sealer, store):
    """
    A checkpoint of a forked log is not taken for one of this log.
    """
    note = store.logs()[0].checkpoint
    lines = note.split("\n")
    lines[2] = "A" * 43 + "="
    with store.snapshot() as now, pytest.raises(StateError):
        states(now, "\n".join(lines))


def test_an_empty_log_gives_nothing(store):
    """
    Before anything is sealed there is nothing to draw from.
    """
    with store.snapshot() as now:
        assert states(now) == []
        assert spelled(SITE, []) == ""
    assert draw([], "x", 5) == []
    assert draw([State(f"{SITE}/consent/2026", -1, b"")], "x", 5) == []  # somebody altered its size


def test_the_definition_is_the_written_one():
    """
    The numbers that follow from root, nonce and 1, 2, 3, … are drawn, in their order (FORMAT.md).
    """
    root = b64encode(sha256(b"root").digest()).decode()
    old = State("x/consent/2026", 300, sha256(b"old").digest())
    new = State("x/consent/2027", 200, sha256(b"root").digest())
    numbers = [
        int(sha256(f"{root}\nnonce\n{k}".encode()).hexdigest(), 16) % 500 for k in range(1, 40)
    ]
    wanted = [(old.origin, n) if n < 300 else (new.origin, n - 300) for n in numbers]

    assert draw([old, new], "nonce", 30) == list(dict.fromkeys(wanted))[:30]


def test_the_known_answer():
    """
    The first leaves of a fixed root and nonce, which FORMAT.md shows how to compute by hand.
    """
    found = [State("verein.example/consent/2026", 1_000_000, bytes(32))]

    assert [index for _, index in draw(found, "20261125-7391", 5)] == KNOWN


def test_drawing_costs_as_much_in_any_log(monkeypatch):
    """
    A log of ten million leaves takes no more hashes than one of ten thousand.
    """
    asked = []
    monkeypatch.setattr(sample, "sha256", lambda data: asked.append(data) or sha256(data))
    for size in (10_000, 10_000_000):
        draw([State("x/consent/2026", size, bytes(32))], "nonce", 100)

    assert len(asked) < 220


def test_each_leaf_is_drawn_as_often():
    """
    Over many nonces no leaf is preferred, the last ones included.
    """
    found = [State("a", 7, bytes(32)), State("b", 3, sha256(b"b").digest())]
    often = Counter(draw(found, str(nonce), 1)[0] for nonce in range(5_000))

    assert len(often) == 10
    assert all(400 < count < 600 for count in often.values())
