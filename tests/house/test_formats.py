"""The vectors in FORMAT.md, worked out again with the standard library alone."""

import base64
import hmac
import json
import re
import tomllib
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from consent.choice.choice import Choice
from consent.choice.cookie import Seal
from consent.day import day_of
from consent.log.event import access, decision
from consent.log.merkle import note, proof, tree
from consent.log.merkle.checkpoint import Checkpoint
from consent.policy.file import parse
from consent.policy.terms import terms
from tests.each import each

TEXT = (Path(__file__).parents[2] / "FORMAT.md").read_text(encoding="utf-8")


def vector(label):
    """The value that stands beside a label in a table of FORMAT.md."""
    return re.search(rf"\| {re.escape(label)} \| `([^`]*)`", TEXT).group(1)


KEY, SITE, NOTICE = vector("secret key"), vector("site"), vector("notice")
BY_NAME = {"files", "layers", "texts"}
FACTS, EVENT, LOOK_UP = re.findall(r"^    (\{.*\})$", TEXT, re.MULTILINE)


def signed(payload, purpose):
    key = hmac.digest(KEY.encode(), f"consent/{purpose}/1/{SITE}".encode(), sha256)
    signature = hmac.digest(key, payload.encode(), sha256)
    return f"{payload}.{base64.urlsafe_b64encode(signature).decode().rstrip('=')}"


def test_the_choice_cookie_of_the_document_is_what_the_rules_give():
    """
    Following FORMAT.md by hand gives the cookies that FORMAT.md shows.
    """
    granted = vector("cookie, matomo and youtube granted on 2026-11-25")

    assert granted == signed(f"1.{NOTICE}.20261125.matomo+youtube", "choice")
    assert vector("cookie, the same in spite of a signal") == signed(
        f"1.{NOTICE}.20261125.matomo+youtube!", "choice"
    )
    assert vector("cookie, everything refused that day") == signed(
        f"1.{NOTICE}.20261125.", "choice"
    )


def test_the_code_writes_the_choice_cookie_of_the_document():
    """
    The code and FORMAT.md agree on the choice cookie.
    """
    day = day_of(datetime(2026, 11, 25, tzinfo=UTC).timestamp())
    choice = Choice(NOTICE, day, frozenset({"matomo", "youtube"}))

    assert Seal([KEY], SITE).write_choice(choice) == vector(
        "cookie, matomo and youtube granted on 2026-11-25"
    )


def test_the_receipt_cookie_of_the_document_is_what_the_rules_give():
    """
    Following FORMAT.md by hand gives the receipt cookie, and the code agrees.
    """
    receipt, cookie = vector("receipt"), vector("cookie (key and site as above)")

    assert cookie == signed(receipt, "receipt")
    assert cookie == Seal([KEY], SITE).write_receipt(receipt)


def named_in(value):
    """The names of all fields in *value*, but not of what a notice has by name."""
    if isinstance(value, list):
        return set().union(*map(named_in, value))
    if not isinstance(value, dict):
        return set()
    below = (named_in(one) for name, one in value.items() if name not in BY_NAME)
    return set(value).union(*below)


def test_the_document_names_every_field_of_a_notice(visitor):
    """
    Whoever reads a notice with programs of their own finds each of its fields in FORMAT.md, and no
    other (EV-03).
    """
    told = TEXT.partition("## The notice")[2].partition("\nThe return path")[0]
    told = set(re.findall(r"`([a-z_]+)`", told.partition("| --- | --- |")[2]))
    fields = json.loads(visitor.get(f"/consent/notice/{visitor.notice()}?format=json").text)
    fields["services"][0]["transfers"] = [{"code": "CH", "name": "Schweiz"}]

    assert told - {"ltr", "rtl"} == named_in(fields)


def test_the_sample_of_the_document_is_what_the_rules_give():
    """
    Drawing by hand as FORMAT.md says gives the leaves that it shows.
    """
    told = re.search(r"the nonce `(.*)` and a million leaves: ([0-9, ]+)\.", TEXT)
    root, drawn = base64.b64encode(bytes(32)).decode(), []
    for k in range(1, 6):
        text = f"{root}\n{told[1]}\n{k}"
        drawn.append(int.from_bytes(sha256(text.encode()).digest(), "big") % 1_000_000)

    assert drawn == [int(number) for number in told[2].split(", ")]


def test_the_terms_of_the_document_are_what_the_rules_give():
    """
    Following FORMAT.md by hand gives the terms of a service, and the code agrees, whatever the
    order in the file (RP-04).
    """
    table = tomllib.loads(
        """
site = "verein.example"
controller = { name = "Verein", email = "post@verein.example" }
links = { privacy = "/datenschutz", imprint = "/impressum" }

[services.karte]
name = "Karte"
provider = "Karten GmbH"
country = "US"
transfers = ["IN", "CH"]
safeguard = "scc"
purposes = ["statistics", "media"]
practices = ["profiling", "cross-device"]
hosts = ["karten.example"]
items = [
  { name = "a", kind = "session-storage", duration = "session", content = "Ausschnitt" },
  { name = "b", kind = "local-storage", duration = "persistent", content = "Farbe" },
  { name = "c", kind = "cookie", duration = "2 weeks", content = "Sprache" },
  { name = "d", kind = "cookie", duration = "13 months", content = "Nummer" },
  { name = "e", kind = "cookie", duration = "2 weeks", content = "Nummer" },
]
"""
    )
    told = vector("terms of these facts")
    [service] = parse(table, "consent.toml").services

    assert sha256(FACTS.encode()).hexdigest() == told
    assert terms(service) == told


@each("event", [EVENT, LOOK_UP])
def test_the_events_of_the_document_are_canonical(event):
    """
    The events in FORMAT.md are their own canonical form, byte for byte (RFC 8785).
    """
    fields = json.loads(event)

    assert json.dumps(fields, sort_keys=True, separators=(",", ":"), ensure_ascii=False) == event


def test_the_code_writes_the_event_of_the_document():
    """
    The code and FORMAT.md agree on the event, but for the random part of its id.
    """
    told = json.loads(EVENT)
    moment = datetime.fromisoformat(told["recorded_at"])

    made = decision(
        now_ns=round(moment.timestamp() * 1000) * 1_000_000,
        **{
            name: told[name]
            for name in (
                "site", "notice", "language", "layer", "control", "kind", "granted", "refused",
                "undecided", "purposes", "receipt", "valid_until", "software",
            )
        },
        previous=None,
    )  # fmt: skip

    assert UUID(told["id"]).int >> 64 == made.id.int >> 64
    assert made.body.decode().replace(str(made.id), told["id"]) == EVENT


def test_the_code_writes_the_look_up_of_the_document():
    """
    The code and FORMAT.md agree on what is noted of an auditor, but for the random part of its id.
    """
    told = json.loads(LOOK_UP)
    moment = datetime.fromisoformat(told["recorded_at"])

    made = access(
        now_ns=round(moment.timestamp() * 1000) * 1_000_000,
        **{name: told[name] for name in ("site", "by", "what", "about", "software")},
    )

    assert UUID(told["id"]).int >> 64 == made.id.int >> 64
    assert made.body.decode().replace(str(made.id), told["id"]) == LOOK_UP
    assert made.receipt is None


def hashes():
    """The leaf hashes of the log of the document, worked out by its rules."""
    for n in (0, 1):
        salt = base64.b64decode(vector(f"salt of leaf {n}"))
        commitment = hmac.digest(salt, EVENT.encode(), sha256)
        leaf = b"\0consent-leaf/1\n" + base64.b64encode(commitment) + b"\n"
        yield commitment, sha256(leaf).digest()


def shown(first, after):
    """The indented block of FORMAT.md that begins with *first*, somewhere after a heading."""
    text = TEXT.partition(after)[2]
    lines = text[text.index(f"    {first}") :].splitlines()
    block = []
    for line in lines:
        if line and not line.startswith("    "):
            break
        block.append(line[4:])
    return "\n".join(block).rstrip("\n") + "\n"


def checkpoint():
    return shown("kreisverband-musterland.example/consent/2026", "Its checkpoint")


def test_the_leaves_of_the_document_are_what_the_rules_give():
    """
    Following FORMAT.md by hand gives the leaves that it shows, and the code agrees (EV-08).
    """
    (commitment, first), (_, second) = hashes()

    assert commitment.hex() == vector("commitment of leaf 0")
    assert (first.hex(), second.hex()) == (vector("hash of leaf 0"), vector("hash of leaf 1"))
    assert tree.commitment(bytes(range(32)), EVENT.encode()) == commitment
    assert tree.leaf_hash(commitment) == first


def test_the_checkpoint_of_the_document_is_what_the_rules_give():
    """
    The checkpoint in FORMAT.md has the root over both leaves and verifies with the key that it
    shows; the code writes the same bytes (EV-08).
    """
    (_, first), (_, second) = hashes()
    root = sha256(b"\1" + first + second).digest()
    public = vector("vkey")
    origin = public.partition("+")[0]
    signer = note.Signer(origin, Ed25519PrivateKey.from_private_bytes(bytes(range(32))))

    assert checkpoint().splitlines()[:3] == [origin, "2", base64.b64encode(root).decode()]
    assert note.open_note(checkpoint(), [note.parse_vkey(public)])
    assert Checkpoint(origin, 2, root).signed(signer) == checkpoint()
    assert signer.verifier.vkey == public


def test_the_proofs_of_the_document_are_what_the_rules_give():
    """
    Both proofs in FORMAT.md are for the log that it shows, and the code writes the same bytes.
    """
    _, (_, second) = hashes()
    inclusion = shown("c2sp.org/tlog-proof@v1", "## Proofs")
    consistency = shown("old 1", "## Proofs")

    written = proof.inclusion(0, bytes(range(32)), [second], "(the checkpoint)\n")
    assert inclusion == written
    assert consistency == proof.consistency(1, [second], "(the checkpoint)\n")
