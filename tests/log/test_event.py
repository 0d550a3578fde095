"""An event is exactly these bytes, and says nothing that it must not say."""

from __future__ import annotations

import json
from datetime import date
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consent.errors import LogError
from consent.log import event
from tests.log.samples import MS, NOW, RECEIPT, SITE, SOFTWARE, make, refuse

PREVIOUS = UUID("01ab9c1d-4a7b-7000-8000-000000000000")


@pytest.mark.usefixtures("no_chance")
def test_a_grant_is_exactly_these_bytes():
    """
    The record of a grant holds receipt, time in UTC, site, notice, language, the decision by
    purpose and by service, layer and control, the record before it and how long it is valid
    (EV-02, EV-09).
    """
    granted = make(
        refused={"openstreetmap"},
        undecided={"vimeo"},
        purposes={"statistics": "granted", "media": "partial"},
        previous=PREVIOUS,
        kind="change",
        layer="settings",
        control="save",
    )

    assert granted.body == (
        b'{"control":"save","event":"decision","format":"consent-event/1",'
        b'"granted":["matomo","youtube"],"id":"01a210d3-1abb-774f-98c4-dc0c0c07398f",'
        b'"kind":"change","language":"de","layer":"settings","notice":"'
        b"abababababababababababababababababababababababababababababababab"
        b'","previous":"01ab9c1d-4a7b-7000-8000-000000000000",'
        b'"purposes":{"media":"partial","statistics":"granted"},'
        b'"receipt":"aaaabbbbccccddddeeeeffff22","recorded_at":"2026-11-25T03:50:00.123Z",'
        b'"refused":["openstreetmap"],"site":"verein.example","software":"consentry/0.1.0",'
        b'"undecided":["vimeo"],"valid_until":"2027-05-24"}'
    )


@pytest.mark.usefixtures("no_chance")
def test_a_refusal_is_exactly_these_bytes():
    """
    The record of a refusal holds the same, and nothing that could link it (EV-06).
    """
    assert refuse(language="en").body == (
        b'{"control":"reject","event":"decision","format":"consent-event/1","granted":[],'
        b'"id":"01a210d3-1abb-774f-98c4-dc0c0c07398f","kind":"refusal","language":"en",'
        b'"layer":"banner","notice":"'
        b"abababababababababababababababababababababababababababababababab"
        b'","previous":null,"purposes":{"media":"refused","statistics":"refused"},"receipt":null,'
        b'"recorded_at":"2026-11-25T03:50:00.123Z","refused":["matomo","youtube"],'
        b'"site":"verein.example","software":"consentry/0.1.0","undecided":[],'
        b'"valid_until":"2027-05-24"}'
    )


@pytest.mark.usefixtures("no_chance")
def test_an_export_is_exactly_these_bytes():
    """
    The record of an export says who took how many events of which days, and in what form.
    """
    taken = event.export(
        now_ns=NOW,
        site=SITE,
        by="Datenschutzbeauftragte",
        format="jsonl",
        since=date(2026, 1, 1),
        until=None,
        rows=3,
        software=SOFTWARE,
    )

    assert taken.body == (
        b'{"as":"jsonl","by":"Datenschutzbeauftragte","event":"export","format":"consent-event/1",'
        b'"id":"01a210d3-1abb-774f-98c4-dc0c0c07398f","recorded_at":"2026-11-25T03:50:00.123Z",'
        b'"rows":3,"since":"2026-01-01","site":"verein.example","software":"consentry/0.1.0",'
        b'"until":null}'
    )
    assert taken.receipt is None


@pytest.mark.usefixtures("no_chance")
def test_the_beginning_of_a_log_is_exactly_these_bytes():
    """
    The first leaf of a log says which log, by which key, why it begins, what came before it and
    what is missing (EV-08).
    """
    begun = event.log(
        now_ns=NOW,
        site=SITE,
        origin="verein.example/consent/2026.1",
        key="vkey",
        reason="reopened",
        previous="old\n",
        gap=None,
        software=SOFTWARE,
    )

    assert begun.body == (
        b'{"event":"log","format":"consent-event/1","gap":null,'
        b'"id":"01a210d3-1abb-774f-98c4-dc0c0c07398f","key":"vkey",'
        b'"origin":"verein.example/consent/2026.1","previous":"old\\n","reason":"reopened",'
        b'"recorded_at":"2026-11-25T03:50:00.123Z","site":"verein.example",'
        b'"software":"consentry/0.1.0"}'
    )


@pytest.mark.usefixtures("no_chance")
def test_a_change_of_the_key_is_exactly_these_bytes():
    """
    The last leaf before a rotation names the new key and who changed it (EV-08).
    """
    changed = event.key(now_ns=NOW, site=SITE, key="vkey", by="Vorstand", software=SOFTWARE)

    assert changed.body == (
        b'{"by":"Vorstand","event":"key","format":"consent-event/1",'
        b'"id":"01a210d3-1abb-774f-98c4-dc0c0c07398f","key":"vkey",'
        b'"recorded_at":"2026-11-25T03:50:00.123Z","site":"verein.example",'
        b'"software":"consentry/0.1.0"}'
    )


@pytest.mark.usefixtures("no_chance")
def test_an_erasure_is_exactly_these_bytes():
    """
    The record of an erasure says where, how many, why and by whom, and not whose (AU-10).
    """
    erased = event.erasure(
        now_ns=NOW,
        site=SITE,
        origin="verein.example/consent/2026",
        indexes="4 9-12",
        rows=5,
        ground="art-17",
        by="Vorstand",
        software=SOFTWARE,
    )

    assert erased.receipt is None
    assert erased.body == (
        b'{"by":"Vorstand","event":"erasure","format":"consent-event/1","ground":"art-17",'
        b'"id":"01a210d3-1abb-774f-98c4-dc0c0c07398f","indexes":"4 9-12",'
        b'"log":"verein.example/consent/2026","recorded_at":"2026-11-25T03:50:00.123Z","rows":5,'
        b'"site":"verein.example","software":"consentry/0.1.0"}'
    )


def test_what_is_looked_up_stands_in_the_line():
    """
    Id, time and receipt by which an event is found are the ones that its line shows.
    """
    granted = make()
    line = json.loads(granted.body)

    assert str(granted.id) == line["id"]
    assert granted.recorded_at == NOW // MS
    assert granted.receipt == line["receipt"] == RECEIPT


@pytest.mark.parametrize(
    "link", [{"receipt": RECEIPT}, {"previous": PREVIOUS}], ids=["receipt", "earlier event"]
)
def test_a_refusal_that_could_be_linked_is_not_made(link):
    """
    Whoever refuses cannot be recognised by the record of it, even by our own mistake (EV-05,
    EV-06).
    """
    with pytest.raises(LogError, match="refusal"):
        refuse(**link)


def test_a_withdrawal_keeps_its_receipt():
    """
    A withdrawal is recorded with the receipt of the grant that it ends (EV-07).
    """
    withdrawn = make(kind="withdrawal", control="withdraw", granted=(), previous=PREVIOUS)

    assert withdrawn.receipt == RECEIPT
    assert json.loads(withdrawn.body)["previous"] == str(PREVIOUS)


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ('"', rb"\""),
        ("\\", rb"\\"),
        ("\\u0000", rb"\\u0000"),
        ("/", b"/"),
        ("\b\t\n\f\r", rb"\b\t\n\f\r"),
        ("\x01\x1f", rb"\u0001\u001f"),
        ("\x7f", b"\x7f"),
        ("\u2028\u2029", b"\xe2\x80\xa8\xe2\x80\xa9"),
        ("ä", b"\xc3\xa4"),
        ("a\u0308", b"a\xcc\x88"),
        ("\ufeff", b"\xef\xbb\xbf"),
        ("😀", b"\xf0\x9f\x98\x80"),
        ("</script>", b"</script>"),
    ],
    ids=[
        *("quote", "backslash", "backslash u0000", "slash", "short escapes", "long escapes"),
        *("delete", "line separators", "umlaut", "umlaut of two", "byte order mark", "emoji"),
        "markup",
    ],
)
def test_hostile_text_has_one_spelling(text, written):
    """
    Whatever a text holds, RFC 8785 leaves one way to write it, and that one is taken.
    """
    body = event.spelled({"by": text})

    assert body == b'{"by":"' + written + b'"}'
    assert json.loads(body) == {"by": text}


@given(
    st.dictionaries(st.text("azAZ09-_~", max_size=5), st.none() | st.integers(0, 2**53) | st.text())
)
def test_the_bytes_are_those_of_another_writer(fields):
    """
    Python's own JSON, told to sort and not to waste space, writes the same bytes.
    """
    kept = {key: v for key, v in fields.items() if not (isinstance(v, str) and "\0" in v)}
    other = json.dumps(kept, sort_keys=True, separators=(",", ":"), ensure_ascii=False)

    assert event.spelled(kept) == other.encode()


@pytest.mark.parametrize(
    "text",
    ["\ud800", "a\udc00b", "\0", "a\\\0", "\\u0000\0"],
    ids=["high half", "low half", "NUL", "NUL after a backslash", "NUL after its spelling"],
)
@pytest.mark.parametrize("field", ["language", "granted", "valid_until"])
def test_text_that_cannot_be_kept_is_refused(field, text):
    """
    What JSON or a database would silently change is not recorded at all.
    """
    with pytest.raises(LogError):
        make(**{field: [text] if field == "granted" else text})


def test_a_purpose_outside_ascii_is_refused():
    """
    Keys have an order that all readers agree on.
    """
    with pytest.raises(LogError, match="purpose"):
        make(purposes={"médias": "granted"})


@pytest.mark.parametrize("now_ns", [-1, 253_402_300_800_000 * MS], ids=["1969", "10000"])
def test_a_clock_that_is_far_off_is_refused(now_ns):
    """
    A time that cannot be written in four digits of a year is a fault of the machine.
    """
    with pytest.raises(LogError, match="clock"):
        make(now_ns=now_ns)


@pytest.mark.parametrize(
    ("ms", "written"),
    [
        (0, "1970-01-01T00:00:00.000Z"),
        (NOW // MS, "2026-11-25T03:50:00.123Z"),
        (951_782_400_007, "2000-02-29T00:00:00.007Z"),
        (253_402_300_799_999, "9999-12-31T23:59:59.999Z"),
    ],
    ids=["first", "now", "leap day", "last"],
)
def test_time_is_written_in_utc_with_milliseconds(ms, written):
    """
    Time is the server's, in UTC, in the notation of RFC 3339 (EV-09).
    """
    assert event.timestamp(ms) == written
