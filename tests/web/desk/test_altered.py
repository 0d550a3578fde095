"""Records that somebody altered in the database."""

import json
import sqlite3
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from functools import partial
from uuid import UUID

import pytest
from sqlalchemy import Engine, Text, delete, update
from sqlalchemy.event import listen, remove

from consent.audit import amount, shots
from consent.day import DAY_MS
from consent.errors import LogError
from consent.log import verify
from consent.log.database import tables
from consent.log.database.cell import Bytes
from consent.web.report.evidence import wrong_log
from tests.conftest import Visitor

ALTERED = {
    "nothing": lambda _: b"",
    "no text": lambda _: b"\xff\xfe",
    "no object": lambda _: b"[]",
    "no event": lambda _: b"{}",
    "nested": lambda _: b"[" * 5000,
    "nested in a field": lambda event: spelled(event)[:-1] + b',"x":' + b"[" * 100_000,
    "no text in a field": lambda event: spelled(event).replace(b'"id": "', b'"id": "\xff'),
    "half a character": lambda event: spelled(event | {"id": "\ud800"}),
    "no id": lambda event: spelled(event | {"id": "x"}),
    "a field less": lambda event: spelled({k: v for k, v in event.items() if k != "notice"}),
    "another type": lambda event: spelled(event | {"granted": 5}),
    "an unknown kind": lambda event: spelled(event | {"kind": "x"}),
    "no day": lambda event: spelled(event | {"valid_until": "2026-13-01"}),
    "no hash": lambda event: spelled(event | {"notice": "x"}),
    "the first days": lambda event: spelled(event | {"valid_until": "0001-01-02"}),
    "no time": lambda event: spelled(event | {"recorded_at": "yesterday"}),
    "no zone": lambda event: spelled(event | {"recorded_at": event["recorded_at"][:-1]}),
    "no year": lambda event: spelled(event | {"recorded_at": "9999-12-31T23:59:59-01:00"}),
    "another sort": lambda event: spelled(event | {"event": "log", "kind": None}),
}

PAGES = (
    *("find", "sample?nonce=abc&number=9", "sample/sample.jsonl?nonce=abc&number=9"),
    *("overview", "exports?format=csv", "exports/summary"),
)


def spelled(event):
    return json.dumps(event).encode()


def altered(site, sort):
    """Alter the newest event of a *sort* in one way after the other; give each and its id."""
    body = [one for one in site.store.events() if json.loads(one)["event"] == sort][-1]
    event = json.loads(body)
    row = update(tables.event).where(tables.event.c.id == UUID(event["id"]).bytes)
    for name, how in ALTERED.items():
        site.store.transact(lambda c, how=how: c.execute(row.values(body=how(event))))
        yield name, event["id"]


def test_every_page_of_the_desk_can_be_read(app, site, auditor):
    """
    Whatever somebody makes of a line in the database, the auditor sees all pages, and the check
    of that record says that it does not hold.
    """
    Visitor(app).decide("accept")
    site.sealer.seal()

    days = "2026-11-27", datetime.now(UTC).date()
    for name, id in altered(site, "decision"):
        of_record = (*(f"record/{id}?day={day}" for day in days), f"record/{id}/proof.json")
        for page in (*PAGES, *of_record):
            assert auditor.get(f"/{page}").status_code == 200, (name, page)
        assert "is-bad" in auditor.post(f"/record/{id}/check").text, name


@pytest.mark.parametrize("counted", [amount.COUNTED, 0], ids=["few", "many"])
def test_an_id_of_no_year_can_be_looked_at(app, site, auditor, monkeypatch, counted):
    """
    An id holds a time: one that somebody altered to a time that no calendar has keeps no page from
    being read, whether that record is sealed or waits, in a small log and in one that is too large
    to be counted.
    """
    monkeypatch.setattr(amount, "COUNTED", counted)
    site.sealer.seal()
    Visitor(app).decide("accept")
    *_, body = site.store.events()
    old, new = UUID(json.loads(body)["id"]), UUID(int=2**128 - 1)
    for table in (tables.event, tables.pending):
        change = update(table).where(table.c.id == old.bytes).values(id=new.bytes)
        site.store.transact(lambda c, change=change: c.execute(change))

    for is_sealed in (False, True):
        for page in (*PAGES, f"record/{new}"):
            assert auditor.get(f"/{page}").status_code == 200, (page, is_sealed)
        site.sealer.seal()


@pytest.mark.parametrize("day", [-1_000_000_000, 1_000_000_000], ids=["before", "after"])
def test_a_day_of_no_year_can_be_looked_at(app, site, auditor, run, day):
    """
    Days that somebody altered in the database to such that no calendar has keep no visitor from the
    notice, no auditor from the record and no operator from what browsers reported.
    """
    visitor = Visitor(app)
    visitor.decide("accept")
    event = json.loads([*site.store.events()][-1])
    site.sealer.seal()
    site.leaks.count([("https://far.example", "img-src")], 0)
    for change in (
        update(tables.document).values(first_used=day * DAY_MS),
        update(tables.checkpoint).values(day=day),
        update(tables.leak).values(day=day),
    ):
        site.store.transact(lambda c, change=change: c.execute(change))

    assert visitor.get(f"/consent/notice/{event['notice']}").status_code == 200
    assert auditor.get(f"/record/{event['id']}").status_code == 200
    assert run("leaks").exit_code == 0


def test_a_visitor_gets_the_file_of_a_record_without_a_salt(app, site, tmp_path):
    """
    Who took the salt of a record out of the database keeps no visitor from their file, and the
    verifier says of it that the record was altered.
    """
    visitor = Visitor(app)
    visitor.decide("accept")
    site.sealer.seal()
    site.store.transact(
        lambda connection: connection.execute(update(tables.event).values(salt=None))
    )
    answer = visitor.get("/consent/receipt?format=json")

    assert answer.status_code == 200
    assert answer.json["records"][0]["salt"] == ""
    file = tmp_path / "receipt.json"
    file.write_bytes(answer.data)
    assert verify.main([str(file), "--vkey", site.store.logs()[0].vkey]) == 1


def test_a_picture_that_is_gone_keeps_nobody_from_its_notice(app, site, auditor):
    """
    Who took the bytes of a picture out of the database keeps no auditor from the notice and its
    other pictures; of that one alone the auditor is told that it cannot be shown.
    """
    Visitor(app).decide("accept")
    notice = json.loads([*site.store.events()][-1])["notice"]
    for width in (360, 1280):
        shots.keep(site.store, shots.Shot(notice, "de", width, 1, 1), b"picture")
    with sqlite3.connect(site.store.file) as database:
        alter(database, tables.shot.c.body, None, "WHERE width = 360")
    database.close()
    pictures = [f"/notices/{notice}/de-{width}.png" for width in (360, 1280)]
    page = auditor.get(f"/notices/{notice}")

    assert page.status_code == 200
    assert all(picture in page.text for picture in pictures)
    assert [auditor.get(picture).status_code for picture in pictures] == [503, 200]


def test_a_sample_that_cannot_be_proven_is_no_file_that_ends_early(app, site, auditor):
    """
    Where a proof cannot be made of what somebody left of the tree, the auditor is told so in place
    of the file, and none is saved that looks whole and is not.
    """
    Visitor(app).decide("accept")
    site.sealer.seal()
    with sqlite3.connect(site.store.file) as database:
        alter(database, tables.tile.c.hashes, None)
    database.close()
    answer = auditor.get("/sample/sample.jsonl?nonce=abc&number=9")

    assert (answer.status_code, answer.mimetype) == (503, "text/html")


CUT = {
    "a place behind the end": update(tables.leaf)
    .where(tables.leaf.c.leaf_index == 2)
    .values(leaf_index=700),
    "a place far behind it": update(tables.leaf)
    .where(tables.leaf.c.leaf_index == 2)
    .values(leaf_index=10**9),
    "a tile that was cut": update(tables.tile).values(hashes=b"0123456789"),
    "a tile that is empty": update(tables.tile).values(hashes=b""),
    "no tile": delete(tables.tile),
    "no checkpoint": delete(tables.checkpoint),
    "a checkpoint of a size that is none": update(tables.checkpoint).values(size=-1),
    "a place of what has no name": update(tables.leaf).values(id=b"short"),
}


@pytest.mark.parametrize("name", CUT)
def test_a_tree_of_which_a_piece_is_gone_ends_no_page_with_an_error(app, site, auditor, name):
    """
    Whatever somebody takes out of the tree in the database, visitors and auditors are told what
    cannot be shown now.
    """
    visitor = Visitor(app)
    visitor.decide("accept")
    event = json.loads([*site.store.events()][-1])
    site.sealer.seal()
    site.store.transact(lambda connection: connection.execute(CUT[name]))

    assert visitor.get("/consent/receipt").status_code == 200
    assert visitor.get("/consent/receipt?format=json").status_code in (200, 503)
    of_record = (f"record/{event['id']}", f"record/{event['id']}/proof.json")
    places = [f"place/{datetime.now(UTC).year}/{index}" for index in (0, 2, 700, 10**9)]
    for page in (*PAGES, *of_record, *places):
        assert auditor.get(f"/{page}").status_code in (200, 400, 404, 503), page
    assert auditor.post(f"/record/{event['id']}/check").status_code in (200, 503)
    assert visitor.decide("withdraw").status_code == 303
    for work in (site.sealer.seal, site.sealer.require_sound, site.inspector.run):
        with suppress(LogError):
            work()


@pytest.mark.parametrize("name", ["a tile that was cut", "a tile that is empty"])
def test_a_log_whose_tree_was_cut_can_be_reopened(app, site, run, name):
    """
    Sealing says what to do about a tree that was cut, and it can be done.
    """
    Visitor(app).decide("accept")
    site.sealer.seal()
    site.store.transact(lambda connection: connection.execute(CUT[name]))
    Visitor(app).decide("accept")

    told = run("seal")
    assert told.exit_code == 1
    assert "flask consent log reopen" in told.output
    assert run("log", "reopen").exit_code == 0
    assert run("seal").exit_code == 0


def test_the_list_of_acts_can_be_read(site, auditor):
    """
    An act whose line was altered stands in the list with its time.
    """
    auditor.get("/access")

    for number, (name, _) in enumerate(altered(site, "access"), 3):
        assert auditor.get("/access").text.count("<tr") == 1 + number, name


def test_its_visitor_can_withdraw(app, site):
    """
    Who agreed can see their receipt and take it all back, whatever became of the record.
    """
    visitor = Visitor(app)
    visitor.decide("accept")
    granted = visitor.cookie(), visitor.cookie("__Secure-consent-receipt", "/consent")

    for name, _ in altered(site, "decision"):
        for cookie, path in zip(granted, ("/", "/consent"), strict=True):
            key = "__Host-consent" if path == "/" else "__Secure-consent-receipt"
            visitor.client.set_cookie(key, cookie, domain="kreisverband.example", path=path)
        assert visitor.get("/consent/receipt").status_code == 200, name
        assert visitor.get("/consent/receipt?format=json").status_code == 200, name
        assert visitor.decide("withdraw").status_code == 303, name
        assert visitor.cookie().split(".")[3] == "", name


COLUMNS = [column for table in tables.metadata.tables.values() for column in table.columns]

#: What cannot stand in a column, by the kind of its values. Content is refused where it is missing.
STRANGE = {str: b"\xff", int: "many", bytes: "many", Bytes: None}


def test_a_column_that_holds_what_it_cannot_ends_nothing_with_an_error(
    app, site, auditor, run, tmp_path
):
    """
    Whatever somebody wrote into whichever column of whichever table, visitors can decide or are
    told that they cannot now, auditors see a page, and commands say in words what they met.
    """
    visitor = Visitor(app)
    visitor.decide("accept")
    event = json.loads([*site.store.events()][-1])
    site.sealer.seal()
    assert run("stats").exit_code == 0  # counts what is sealed
    site.leaks.count([("https://far.example", "img-src")], 0)
    shots.keep(site.store, shots.Shot(event["notice"], "de", 360, 1, 1), b"picture")
    site.desk.access.invite("Dr. Anna Prüfer", 14, 1)
    Visitor(app).decide("accept")
    acts = actions(app, site, auditor, visitor, run, event, tmp_path)
    database = sqlite3.connect(site.store.file)
    with taken_back(database):
        reads = {name: columns_read(site, act) for name, act in acts.items()}

    for column in COLUMNS:
        kind = column.type.kind
        for value in {STRANGE[Bytes if isinstance(kind, Bytes) else kind.python_type], "many"}:
            if value == "many" and isinstance(kind, Text):
                continue
            with taken_back(database):
                alter(database, column, value)
                for name, act in acts.items():
                    if str(column) in reads[name]:
                        assert act(), (name, column, value)
    database.close()
    unread = {str(column) for column in COLUMNS} - set().union(*reads.values())
    assert unread == {"consent_audit_session.began_at", "consent_shot.media_type"}


def actions(app, site, auditor, visitor, run, event, folder):
    """What people do with a site, by name: whether it ends as it may when something is wrong."""
    of_notice = f"notices/{event['notice']}"
    places = f"place/{datetime.now(UTC).year}/1", f"record/{event['id']}", f"{of_notice}/de-360.png"
    seen = (*PAGES, *places, "access", "notices", of_notice, f"{of_notice}/shown")
    told = ("stats", "leaks", "auditor list", "expire --dry-run", "seal")
    out, notice = folder / "out", f"/consent/notice/{event['notice']}"
    ours = "/consent/receipt", "/consent/receipt?format=json", "/consent/checkpoint", notice
    take_along = [f"export --format {name} --out {out}.{name}" for name in ("bundle", "csv")]

    def at_desk(page):
        return auditor.get(f"/{page}").status_code in (200, 400, 403, 404, 503)

    def by_visitor(page):
        return visitor.get(page).status_code in (200, 404, 503)

    def decides():
        other = Visitor(app)
        answers = [other.decide(decision) for decision in ("accept", "withdraw")]
        return all(answer.status_code in (303, 503) for answer in answers)

    def in_words(command):
        return isinstance(run(*command.split()).exception, SystemExit | None)

    return {
        **{page: partial(at_desk, page) for page in seen},
        **{page: partial(by_visitor, page) for page in ("/", *ours)},
        "decide": decides,
        "check": lambda: isinstance([*wrong_log(site)], list),
        **{command: partial(in_words, command) for command in (*told, *take_along, "log reopen")},
    }


def columns_read(site, act):
    """Do what *act* does, and return the columns that it reads."""
    found = set()

    def look(what, table, column, *_):
        if what == sqlite3.SQLITE_READ:
            found.add(f"{table}.{column}")
        return sqlite3.SQLITE_OK

    def watch(connection, _):
        connection.set_authorizer(look)

    for store in (site.store, site.leaks):
        store.close()  # a connection knows statements that it looks at no more
    listen(Engine, "connect", watch)
    try:
        assert act()
    finally:
        remove(Engine, "connect", watch)
        for store in (site.store, site.leaks):
            store.close()
    return found


@contextmanager
def taken_back(database):
    """Take back in the end whatever happens in the *database* meanwhile."""
    before = sqlite3.connect(":memory:")
    database.backup(before)
    try:
        yield
    finally:
        before.backup(database)
        before.close()


def alter(database, column, value, where=""):
    """Write a *value* into a *column* of all rows or, where it is a key, of one."""
    table, before = column.table.name, database.total_changes
    if value is None:
        database.execute("PRAGMA writable_schema = ON")
        change = "UPDATE sqlite_schema SET sql = replace(sql, 'NOT NULL', '') WHERE name = ?"
        database.execute(change, [table])
        database.commit()
        database.execute("PRAGMA writable_schema = RESET")
        before = database.total_changes
    with suppress(sqlite3.IntegrityError):
        database.execute(f"UPDATE {table} SET {column.name} = ? {where}", [value])
    if database.total_changes == before:  # a key, of which there are several
        keys = ", ".join(key.name for key in column.table.primary_key)
        one = f"WHERE ({keys}) = (SELECT {keys} FROM {table} LIMIT 1)"
        database.execute(f"UPDATE {table} SET {column.name} = ? {one}", [value])
    assert database.total_changes > before, column
    database.commit()
