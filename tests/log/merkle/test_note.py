"""Notes and checkpoints are those of others, and are read in one spelling only."""

from __future__ import annotations

from base64 import b64decode, b64encode

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from consent.errors import LogError
from consent.log.merkle import checkpoint, note
from consent.log.merkle.checkpoint import Checkpoint
from consent.log.merkle.note import Signer

#: The example of Go's golang.org/x/mod/sumdb/note.
PETER = "PeterNeumann"
SEED = "AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz"
VKEY = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
TEXT = (
    "If you think cryptography is the answer to your problem,\n"
    "then you don't know what your problem is.\n"
)
SIGNATURE = (
    "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdng"
    "otpRZb6KE6RyyBwJnAM=\n"
)

ORIGIN = "verein.example/consent/2026"
SIGNER = Signer(ORIGIN, Ed25519PrivateKey.from_private_bytes(bytes(range(32))))
OTHER = Signer(ORIGIN, Ed25519PrivateKey.from_private_bytes(bytes(32)))
ROOT = b64encode(bytes(range(32))).decode()
LINES = f"{ORIGIN}\n7\n{ROOT}\n"


def signed_anyway(text: str) -> str:
    """Return *text*, whatever it is, with a signature that fits."""
    signature = b64encode(SIGNER.verifier.id + SIGNER.key.sign(text.encode())).decode()
    return f"{text}\n— {ORIGIN} {signature}\n"


def peter() -> Signer:
    return Signer(PETER, Ed25519PrivateKey.from_private_bytes(b64decode(SEED)[1:]))


class TestNote:
    def test_the_example_of_others_comes_out(self):
        """
        A text that Go's package signs in its documentation has the same note here, byte by byte
        (EV-08).
        """
        signed = note.sign(TEXT, [peter()])

        assert signed == TEXT + "\n" + SIGNATURE
        assert note.open_note(signed, [note.parse_vkey(VKEY)]) == TEXT

    def test_a_key_is_spelled_as_others_spell_it(self):
        """
        The public key in the form that others read is the one of the example.
        """
        assert peter().verifier.vkey == VKEY
        assert note.parse_vkey(VKEY).vkey == VKEY

    def test_unknown_signatures_are_no_reason_to_refuse(self):
        """
        While a key changes a note may carry two signatures; one that is known is enough.
        """
        both = note.sign(LINES, [OTHER, SIGNER])

        assert note.open_note(both, [SIGNER.verifier]) == LINES
        assert note.open_note(both, [OTHER.verifier]) == LINES

    def test_a_note_of_somebody_else_is_refused(self):
        """
        A note without a signature of a known key proves nothing, whatever name it carries.
        """
        with pytest.raises(LogError, match="wanted verein"):
            note.open_note(note.sign(LINES, [OTHER]), [SIGNER.verifier])
        with pytest.raises(LogError, match="none that is known"):
            note.open_note(note.sign(LINES, [OTHER]), [])

    def test_a_wrong_signature_of_a_known_key_is_refused(self):
        """
        A note whose text was changed is refused, even if another known key signed it.
        """
        forged = note.sign(LINES, [SIGNER]).replace("\n7\n", "\n8\n")
        line = note.sign(f"{ORIGIN}\n8\n{ROOT}\n", [OTHER]).splitlines(keepends=True)[-1]

        for text in (forged, forged + line):
            with pytest.raises(LogError, match="does not fit"):
                note.open_note(text, [SIGNER.verifier, OTHER.verifier])

    @pytest.mark.parametrize(
        "change",
        [
            lambda text: "",
            lambda text: "\n\n",
            lambda text: text.rstrip("\n"),
            lambda text: text + "\n",
            lambda text: text.replace("\n\n", "\n"),
            lambda text: text.replace("—", "-"),
            lambda text: text.replace("— ", "—"),
            lambda text: text.replace("verein.example/consent/2026 ", "verein.example+x "),
            lambda text: text.replace("verein.example/consent/2026 ", "verein\u2003x "),
            lambda text: text.replace("\n7\n", "\n7\r\n"),
            lambda text: text.replace("\n7\n", "\n7\t\n"),
            lambda text: text.replace("=\n", "\n", 9),
            lambda text: text[:-3] + "==\n",
            lambda text: text[:-2] + " \n",
            lambda text: text.splitlines(keepends=True)[0] + "\n— x AAAA\n",
        ],
        ids=[
            *("nothing", "empty lines", "no end", "two ends", "no empty line", "hyphen"),
            *("no space", "plus in a name", "space in a name", "carriage return", "tab"),
            *("no padding", "too much padding", "space at the end", "short"),
        ],
    )  # fmt: skip
    def test_what_is_spelled_otherwise_is_no_note(self, change):
        """
        There is one way to write a note, and everything else is refused.
        """
        signed = note.sign(LINES, [SIGNER])

        with pytest.raises(LogError):
            note.open_note(change(signed), [SIGNER.verifier])

    @pytest.mark.parametrize(
        "line",
        ["x AAAAAA==", "a+b AAAAAAA=", "x AAAAAAB=", "x AAAAAAA= x", "x AAAAAAA", "x AAAA=AAA"],
        ids=["no key", "plus in a name", "other spelling", "more", "no padding", "padding within"],
    )
    def test_what_stands_beside_a_signature_that_fits_has_to_be_one(self, line):
        """
        A line that others do not read as a signature makes it no note, whoever signed it, too.
        """
        signed = note.sign(LINES, [SIGNER])

        assert note.open_note(f"{signed}— x AAAAAAA=\n", [SIGNER.verifier]) == LINES
        with pytest.raises(LogError, match="no signature"):
            note.open_note(f"{signed}— {line}\n", [SIGNER.verifier])

    @pytest.mark.parametrize("text", ["bell\a\n", "nul\0\n", "tab\t\n", "line\r\n"])
    def test_what_is_signed_has_to_be_lines(self, text):
        """
        A text with control characters is no note, though the signature fits.
        """
        with pytest.raises(LogError, match="wanted a signed note"):
            note.open_note(signed_anyway(text), [SIGNER.verifier])

    def test_it_may_have_empty_lines(self):
        """
        The signatures begin after the last empty line of a note, not after the first.
        """
        text = f"{LINES}\nmore\n"

        assert note.open_note(note.sign(text, [SIGNER]), [SIGNER.verifier]) == text

    def test_there_is_a_longest_and_one_of_most_signatures(self):
        """
        As much as others read is read, and not one letter or signature more.
        """
        most = note.MAX_LENGTH - len(signed_anyway("\n")) + 1
        longest = "x" * (most - 1) + "\n"
        signed = note.sign(LINES, [SIGNER])
        line = signed.splitlines(keepends=True)[-1]

        assert len(signed_anyway(longest)) == note.MAX_LENGTH
        assert note.open_note(signed_anyway(longest), [SIGNER.verifier]) == longest
        assert note.open_note(signed + line * 99, [SIGNER.verifier]) == LINES
        for text in (signed_anyway(f"x{longest}"), signed + line * 100):
            with pytest.raises(LogError, match="wanted a signed note"):
                note.open_note(text, [SIGNER.verifier])

    @pytest.mark.parametrize("text", ["", "no line end", "bell\a\n", "nul\0\n"])
    def test_what_is_no_lines_is_not_signed(self, text):
        """
        Nothing is signed that a reader would refuse.
        """
        with pytest.raises(LogError):
            note.sign(text, [SIGNER])

    @pytest.mark.parametrize(
        "vkey",
        [
            "",
            PETER,
            VKEY.replace("c74f20a3", "c74f20a4"),
            VKEY.replace("c74f20a3", "C74F20A3"),
            VKEY.replace("Peter", "Paul"),
            VKEY.replace("+ARpc", "+AhpC"),
            VKEY[:-4],
            VKEY + "\n",
            " " + VKEY,
        ],
        ids=[
            *("nothing", "name only", "other id", "capitals", "other name", "other kind"),
            *("cut", "line end", "space"),
        ],
    )  # fmt: skip
    def test_what_is_spelled_otherwise_is_no_key(self, vkey):
        """
        A key that was cut or mixed up is noticed before anything is verified with it.
        """
        with pytest.raises(LogError):
            note.parse_vkey(vkey)

    @pytest.mark.parametrize("name", ["", "a b", "a+b", "a\u2003b"])
    def test_a_name_that_cannot_be_read_back_is_refused(self, name):
        """
        Nothing is signed under a name that others could not tell from the rest of the line.
        """
        with pytest.raises(LogError):
            _ = Signer(name, SIGNER.key).verifier.vkey


class TestCheckpoint:
    def test_it_is_three_lines(self):
        """
        A checkpoint says which log, how many leaves, and the root over them (EV-08).
        """
        made = Checkpoint(ORIGIN, 7, bytes(range(32)))

        assert made.text == LINES
        assert checkpoint.parse(LINES) == made
        assert checkpoint.open_checkpoint(made.signed(SIGNER), [SIGNER.verifier]) == made
        assert checkpoint.claimed(made.signed(SIGNER)) == made

    def test_an_empty_log_has_none(self):
        """
        Nothing is said about a log without leaves, as readers do not agree about its root.
        """
        with pytest.raises(LogError):
            _ = Checkpoint(ORIGIN, 0, bytes(32)).text

    def test_a_key_of_another_name_does_not_count(self):
        """
        A log speaks under its own name only: what was signed for another log proves nothing.
        """
        strange = Signer("other.example/consent/2026", SIGNER.key)
        signed = note.sign(LINES, [strange])

        with pytest.raises(LogError):
            checkpoint.open_checkpoint(signed, [strange.verifier, SIGNER.verifier])

    @pytest.mark.parametrize(
        "text",
        [
            "",
            f"{ORIGIN}\n07\n{ROOT}\n",
            f"{ORIGIN}\n+7\n{ROOT}\n",
            f"{ORIGIN}\n 7\n{ROOT}\n",
            f"{ORIGIN}\n7 \n{ROOT}\n",
            f"{ORIGIN}\n-7\n{ROOT}\n",
            f"{ORIGIN}\n0\n{ROOT}\n",
            f"{ORIGIN}\n٧\n{ROOT}\n",
            f"{ORIGIN}\n{'9' * 19}\n{ROOT}\n",
            f"{ORIGIN}\n7\n{ROOT[:-1]}\n",
            f"{ORIGIN}\n7\n{ROOT[:-2]}9=\n",
            f"{ORIGIN}\n7\n{ROOT[:40]}\n",
            f"{ORIGIN}\n7\n{ROOT}",
            f"{ORIGIN}\n7\n{ROOT}\n\n",
            f"{ORIGIN}\n7\n{ROOT}\nmore\n",
            f"{ORIGIN}\r\n7\r\n{ROOT}\r\n",
            f" {ORIGIN}\n7\n{ROOT}\n",
            f"\n7\n{ROOT}\n",
        ],
        ids=[
            *("nothing", "leading zero", "plus", "space before", "space after", "minus", "zero"),
            *("other digits", "long", "no padding", "loose bits", "short root", "no end"),
            *("two ends", "fourth line", "carriage returns", "space first", "no origin"),
        ],
    )  # fmt: skip
    def test_what_is_spelled_otherwise_is_no_checkpoint(self, text):
        """
        A checkpoint has one spelling, so that two readers never understand it differently.
        """
        with pytest.raises(LogError):
            checkpoint.parse(text)
