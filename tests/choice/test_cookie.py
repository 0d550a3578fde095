"""The two signed cookies: known answers, and everything that is not one."""

import base64
import hmac
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consent.choice.choice import Choice
from consent.choice.cookie import Seal
from consent.choice.receipt import new_receipt
from consent.day import date_of, day_of

KEY = "0123456789abcdef0123456789abcdef"
SITE = "kreisverband-musterland.example"
NOTICE = "AAECAwQFBgcICQoLDA0ODw"
CHOICE = Choice(NOTICE, 20_782, frozenset({"matomo", "youtube"}))
PAYLOAD = f"1.{NOTICE}.20261125.matomo+youtube"


@pytest.fixture
def seal():
    return Seal([KEY], SITE)


def signature(payload, key=KEY, salt=f"consent/choice/1/{SITE}"):
    """Sign as FORMAT.md says, with nothing but the standard library."""
    derived = hmac.digest(key.encode(), salt.encode(), sha256)
    made = hmac.digest(derived, payload.encode(), sha256)
    return base64.urlsafe_b64encode(made).rstrip(b"=").decode()


def signed(payload, **how):
    return f"{payload}.{signature(payload, **how)}"


def test_the_choice_is_written_as_the_format_says(seal):
    """
    The cookie is exactly what FORMAT.md describes, computed here without our own code, whether the
    key is text or, as ``os.urandom`` makes it, bytes (PS-05).
    """
    assert seal.write_choice(CHOICE) == signed(PAYLOAD)
    assert Seal([KEY.encode()], SITE).write_choice(CHOICE) == signed(PAYLOAD)


def test_the_receipt_is_written_as_the_format_says(seal):
    """
    The receipt cookie has a salt of its own, so that one cookie never passes for the other.
    """
    receipt = "MZXW6YTBOIAAAAAAAAAAAAAAAA"

    assert seal.write_receipt(receipt) == signed(receipt, salt=f"consent/receipt/1/{SITE}")
    assert seal.read_receipt([seal.write_receipt(receipt)]) == receipt


def test_equal_decisions_give_equal_bytes(seal):
    """
    Two visitors who decide alike on the same day hold byte-identical cookies (PS-06).
    """
    again = Seal([KEY], SITE).write_choice(Choice(NOTICE, 20_782, frozenset(["youtube", "matomo"])))

    assert again == seal.write_choice(CHOICE)


@pytest.mark.parametrize(
    "choice",
    [
        CHOICE,
        Choice(NOTICE, 20_782),
        Choice(NOTICE, 0, frozenset({"a"}), frozenset({"b", "c-d"})),
        Choice(NOTICE, 20_782, frozenset(), frozenset({"b"})),
        Choice(NOTICE, 20_782, frozenset("aceg"), frozenset("bdfhijkl")),
        Choice(NOTICE, 20_782, frozenset({"a"}), despite_signal=True),
    ],
    ids=["two", "refusal", "open", "only open", "many", "despite a signal"],
)
def test_what_was_written_is_read(seal, choice):
    """
    A choice survives the way through the browser unchanged.
    """
    assert seal.read_choice([seal.write_choice(choice)]) == choice


JUNK = {
    "empty": "",
    "unsigned": PAYLOAD,
    "json": '{"matomo":true}',
    "dots": "a.b.c.d.e",
    "huge": "=" * 10_000,
    "huge and signed": signed(f"1.{NOTICE}.20261125." + "+".join(f"a{n:03}" for n in range(810))),
    "not ascii": "\N{SNOWMAN}" + signed(PAYLOAD),
    "lone surrogate": signed(PAYLOAD) + "\udcff",
    "lone surrogate in front": "\udcff" + signed(PAYLOAD),
    "junk in the signature": signed(PAYLOAD)[:-1] + "!!!!" + signed(PAYLOAD)[-1],
    "padding behind it": signed(PAYLOAD) + "=",
    "nul": signed(PAYLOAD) + "\0",
    "other key": signed(PAYLOAD, key="x" * 32),
    "other site": signed(PAYLOAD, salt="consent/choice/1/other.example"),
    "other purpose": signed(PAYLOAD, salt=f"consent/receipt/1/{SITE}"),
    "other version": signed("2" + PAYLOAD[1:]),
    "no date": signed(f"1.{NOTICE}.20261325.matomo"),
    "date before everything": signed(f"1.{NOTICE}.00001125.matomo"),
    "unsorted": signed(f"1.{NOTICE}.20261125.youtube+matomo"),
    "twice the same": signed(f"1.{NOTICE}.20261125.matomo+matomo"),
    "empty list of open ones": signed(f"1.{NOTICE}.20261125.matomo?"),
    "bad id": signed(f"1.{NOTICE}.20261125.Matomo"),
    "short notice": signed(f"1.{NOTICE[:-1]}.20261125.matomo"),
    "line feed": signed(PAYLOAD + "\n"),
    "arabic digits": signed(f"1.{NOTICE}.٢٠٢٦١١٢٥.matomo"),
    "a receipt": signed("MZXW6YTBOIAAAAAAAAAAAAAAAA"),
}


@pytest.mark.parametrize("cookie", JUNK.values(), ids=JUNK.keys())
def test_a_cookie_we_did_not_sign_opens_nothing(seal, cookie):
    """
    Anything but our own signature over our own format means: ask again (GA-01, RP-10, SE-02,
    EV-14).
    """
    assert seal.read_choice([cookie]) is None
    assert seal.read_receipt([cookie]) is None


@given(st.binary())
def test_no_text_at_all_is_an_error(header):
    """
    Whatever a browser sends as a cookie, reading it never fails. A server hands on the bytes of
    a header as Latin-1 (PEP 3333).
    """
    assert Seal([KEY], SITE).read_choice([header.decode("latin-1")]) is None


def test_contradicting_cookies_count_for_nothing(seal):
    """
    Two valid cookies that say different things are no decision: nobody knows which was meant. Both
    are ours, so the operator is not told of another key, whatever came with them.
    """
    both = [seal.write_choice(CHOICE), seal.write_choice(Choice(NOTICE, 20_782))]
    foreign = Seal(["another key of 16"], SITE).write_choice(CHOICE)

    for more in ([], [foreign]):
        assert seal.read_choice([*more, *both]) is None
        assert seal.notice_of_foreign([*more, *both]) is None
    assert seal.notice_of_foreign([foreign, "junk"]) == NOTICE


def test_junk_beside_a_valid_cookie_does_not_matter(seal):
    """
    A foreign cookie of the same name cannot undo a visitor's decision.
    """
    assert seal.read_choice(["junk", seal.write_choice(CHOICE)]) == CHOICE


def test_two_spellings_of_one_signature_are_one_decision(seal):
    """
    A signature has several accepted spellings; the payload alone is the decision.
    """
    text = seal.write_choice(CHOICE)
    other = text[:-1] + chr(ord(text[-1]) + 1)

    assert seal.read_choice([text, other]) == CHOICE


def test_a_retired_key_verifies_and_never_signs():
    """
    Changing the secret key asks nobody again, and old keys sign nothing new (SE-02).
    """
    old, new = "o" * 8 + KEY, "n" * 8 + KEY
    rotated = Seal([old, new], SITE)

    assert rotated.read_choice([Seal([old], SITE).write_choice(CHOICE)]) == CHOICE
    assert rotated.write_choice(CHOICE) == Seal([new], SITE).write_choice(CHOICE)


def test_thirty_services_fit():
    """
    The choice stays below 1,024 bytes with 30 services, name included (SE-03).
    """
    services = frozenset(f"service-with-a-name-{n:02}" for n in range(30))

    cookie = Seal([KEY], SITE).write_choice(Choice(NOTICE, 20_782, services))

    assert len("__Host-consent=" + cookie) <= 1024


def test_two_services_are_about_a_hundred_bytes(seal):
    """
    The usual cookie is small, since every request carries it (SE-03).
    """
    assert len("__Host-consent=" + seal.write_choice(CHOICE)) <= 125


def test_days_and_dates_agree():
    """
    A day is the UTC day, and its date is what the cookie shows.
    """
    assert date_of(day_of(1_795_651_199.9)).isoformat() == "2026-11-25"
    assert date_of(day_of(1_795_651_200)).isoformat() == "2026-11-26"


def test_receipt_ids_are_the_random_bits_of_the_system(monkeypatch):
    """
    All 128 bits are what the operating system gives for secrets, so that nobody can work out an
    id, and nothing of a visitor is in it (EV-05).
    """
    bits = bytes(range(100, 116))
    monkeypatch.setattr("consent.choice.receipt.urandom", lambda count: bits[:count])

    assert new_receipt() == base64.b32encode(bits).decode().rstrip("=")


def test_receipt_ids_are_random_and_long():
    """
    A receipt id has 128 random bits and says nothing about anybody (EV-05).
    """
    made = {new_receipt() for _ in range(1000)}

    assert len(made) == 1000
    assert {len(base64.b32decode(receipt + "======")) for receipt in made} == {16}
    assert {len(receipt) for receipt in made} == {26}
