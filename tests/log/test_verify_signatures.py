"""The signatures that the verifier takes are those that others take, and no more."""

from __future__ import annotations

import random
import re

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from consent.log import verify
from tests.log import bundles

#: RFC 8032, 7.1: TEST 1, TEST 2, TEST 3, TEST SHA(abc): public key, message, signature.
VECTORS = {
    "empty": (
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        "",
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46b"
        "d25bf5f0595bbe24655141438e7a100b",
    ),
    "one byte": (
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        "72",
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c"
        "387b2eaeb4302aeeb00d291612bb0c00",
    ),
    "two bytes": (
        "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
        "af82",
        "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc659"
        "4a7c15e9716ed28dc027beceea1ec40a",
    ),
    "a hash": (
        "ec172b93ad5e563bf4932c70e1245034c35467ef2efd4d64ebf819683467e2bf",
        "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd"
        "454d4423643ce80e2a9ac94fa54ca49f",
        "dc2a4459e7369633a52b1bf277839a00201009a3efbf3ecb69bea2186c26b58909351fc9ac90b3ecfdfbc7c66431e030"
        "3dca179c138ac17ad9bef1177331a704",
    ),
}  # fmt: skip

L, P = verify.L, verify.P
KEY = bundles.KEY
PUBLIC = bundles.public(KEY)
MESSAGE = b"what was sealed\n"
SIGNATURE = KEY.sign(MESSAGE)


def others_take(key: bytes, message: bytes, signature: bytes) -> bool:
    try:
        Ed25519PublicKey.from_public_bytes(key).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True


@pytest.mark.parametrize("name", VECTORS)
def test_the_vectors_of_the_standard_are_taken(name):
    """
    The signatures of RFC 8032 are right, and wrong for any other message or key.
    """
    key, message, signature = map(bytes.fromhex, VECTORS[name])

    assert verify.is_signed(key, message, signature)
    assert not verify.is_signed(key, message + b"\0", signature)
    assert not verify.is_signed(PUBLIC, message, signature)


def little(n: int) -> bytes:
    return n.to_bytes(32, "little")


S = int.from_bytes(SIGNATURE[32:], "little")
SMALL = [
    *(little(1), little(0), little(P - 1), little(P), little(P + 1)),
    *(little(1 | 1 << 255), little(P - 1 | 1 << 255), little(1 << 255)),
    bytes.fromhex("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05"),
    bytes.fromhex("c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a"),
]


@pytest.mark.parametrize(
    "signature",
    [
        SIGNATURE[:32] + little(S + L),
        SIGNATURE[:32] + little(L),
        SIGNATURE[:32] + little(0),
        SIGNATURE[:32] + bytes([255] * 32),
        SIGNATURE[:32] + little(S | 1 << 255),
        bytes([SIGNATURE[0] ^ 1]) + SIGNATURE[1:],
        SIGNATURE[:31] + bytes([SIGNATURE[31] ^ 128]) + SIGNATURE[32:],
        SIGNATURE[:-1],
        SIGNATURE + b"\0",
        b"",
        bytes(64),
        little(P + 1) + bytes(32),
        SIGNATURE[32:] + SIGNATURE[:32],
    ],
    ids=[
        *("s plus order", "s is order", "s is zero", "s too large", "s with high bit"),
        *("other point", "other sign", "short", "long", "empty", "zeros", "r not canonical"),
        "halves swapped",
    ],
)
def test_a_signature_that_is_not_the_one_spelling_is_refused(signature):
    """
    A right signature cannot be written in a second way, nor with anything altered.
    """
    assert verify.is_signed(PUBLIC, MESSAGE, SIGNATURE)
    assert not verify.is_signed(PUBLIC, MESSAGE, signature)
    assert not others_take(PUBLIC, MESSAGE, signature)


@pytest.mark.parametrize("key", SMALL, ids=[key.hex()[:8] + key.hex()[-2:] for key in SMALL])
def test_a_key_that_would_sign_anything_is_refused(key):
    """
    A key of small order or in a second spelling, under which one signature fits many messages,
    is no key.
    """
    for first in SMALL:
        assert not verify.is_signed(key, MESSAGE, first + bytes(32))


def spelled_past(more: int) -> bytes:
    """Return the first y of a point that has a second spelling, *more* than it is."""
    y = next(y for y in range(2, 19) if verify.point(little(y)) is not None)
    return little(y + more)


@pytest.mark.parametrize("key", [b"", bytes(31), PUBLIC + b"\0", little(2), bytes([255] * 32)])
def test_what_is_no_point_is_no_key(key):
    """
    A text that is no point on the curve verifies nothing.
    """
    assert not verify.is_signed(key, MESSAGE, SIGNATURE)


@pytest.mark.parametrize(
    ("text", "is_point"),
    [
        (spelled_past(0), True),
        (spelled_past(verify.P), False),
        (little(2), False),
        (little(1), True),
        (little(1 | 1 << 255), False),
        (bytes(33), False),
    ],
    ids=["canonical", "past P", "off the curve", "no x", "minus no x", "too long"],
)
def test_a_point_has_one_spelling(text, is_point):
    """
    A point past the order of the field, or the negative of nought, is another spelling of one.
    """
    assert (verify.point(text) is not None) is is_point


@pytest.mark.parametrize("seed", range(20))
def test_the_same_is_taken_as_by_a_library_of_others(seed):
    """
    The verdict on right and on altered signatures is that of a widely used library.
    """
    chance = random.Random(seed)
    key = Ed25519PrivateKey.from_private_bytes(chance.randbytes(32))
    message = chance.randbytes(chance.randrange(200))
    signature, public = key.sign(message), bundles.public(key)
    altered = bytearray(signature)
    altered[chance.randrange(64)] ^= 1 << chance.randrange(8)
    other = bytearray(public)
    other[chance.randrange(32)] ^= 1 << chance.randrange(8)

    for case in (
        (public, message, signature),
        (public, message, bytes(altered)),
        (bytes(other), message, signature),
    ):
        assert verify.is_signed(*case) == others_take(*case)


# --- Notes ----------------------------------------------------------------------------------------

NAME = "verein.example/consent/2026"
TRUST = verify.Trust([bundles.vkey(NAME)])


def test_a_second_signature_does_no_harm():
    """
    While a key is changed there are two signatures, and one that is trusted is enough.
    """
    note = bundles.signed("text\n", NAME, bundles.STRANGER, KEY)

    assert TRUST.open(note, NAME)[0] == "text\n"


def test_a_signature_that_is_repeated_is_checked_once(monkeypatch):
    """
    Whoever writes the same line a hundred thousand times does not keep the auditor for minutes.
    """
    checked = []
    monkeypatch.setattr(verify, "is_signed", lambda *about: not checked.append(about))
    note = bundles.signed("text\n", NAME)
    again = note.partition(b"\n\n")[2] * 9

    assert TRUST.open(note + again, NAME)[0] == "text\n"
    assert len(checked) == 1


def test_one_wrong_signature_of_a_trusted_key_is_enough_to_refuse():
    """
    A forged line under a trusted key is not outweighed by a right one.
    """
    right = bundles.signed("text\n", NAME)
    wrong = bundles.signed("other\n", NAME).split(b"\n\n")[1]

    with pytest.raises(verify.Wrong, match="forged"):
        TRUST.open(right + wrong, NAME)


@pytest.mark.parametrize(
    "note",
    [
        b"",
        b"text\n",
        b"text\n\n",
        b"text\n\n\n",
        b"\xff\n\n" + bundles.signed("text\n", NAME).split(b"\n\n")[1],
        bundles.signed("te\rxt\n", NAME),
        bundles.signed("te\0xt\n", NAME),
        bundles.signed("text\n", NAME)[:-1],
        bundles.signed("text\n", NAME).replace("—".encode(), b"-"),
        bundles.signed("text\n", NAME).replace(b" verein", b"  verein"),
        bundles.signed("text\n", NAME).replace(b"=\n", b"\n"),
        bundles.signed("text\n", NAME).rpartition(b" ")[0] + b" A===\n",
        bundles.signed("text\n", NAME) + b"more\n",
        bundles.signed("text\n", NAME).replace(b" verein", b" other"),
        re.sub(
            rb"(.)=\n$", lambda m: bytes([m[1][0] + 1]) + b"=\n", bundles.signed("text\n", NAME)
        ),
    ],
    ids=[
        *("empty", "unsigned", "no signature", "empty signature", "no text", "return", "NUL"),
        *(
            "no end",
            "other dash",
            "more space",
            "no padding",
            "nothing but padding",
            "more",
            "other name",
            "other spelling",
        ),
    ],
)
def test_what_is_no_signed_note_is_refused(note):
    """
    A signed note has one spelling.
    """
    with pytest.raises(verify.Wrong):
        TRUST.open(note, NAME)
