"""
Bundles to test with, made from the written formats alone.

Nothing here imports the package: trees follow the recursive definitions of RFC 6962, keys and
signatures come from ``cryptography``, JSON and zip from the standard library.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import random
import zipfile
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

SITE = "verein.example"
KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
STRANGER = Ed25519PrivateKey.from_private_bytes(bytes(range(1, 33)))
SOFTWARE = "consentry/0.1.0"

#: 2026-11-25T03:50:00Z, in milliseconds.
NOW = 1_795_578_600_000
MINUTE, DAY = 60_000, 86_400_000

FILES = {"css/consent.css": b"#consent{}", "js/consent.js": b"export {}"}

#: What computers leave in a folder that somebody looks at, or opens a file of.
DESKTOP = (
    ".DS_Store",
    "2026/._events.jsonl",
    "Thumbs.db",
    "2026/desktop.ini",
    ".directory",
    "2026/.~lock.events.jsonl#",
    "~$README.txt",
)


def sha(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()


def b64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def canonical(fields: object) -> bytes:
    text = json.dumps(fields, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return text.encode()


# The tree: MTH, PATH, PROOF as RFC 6962 section 2.1 defines them.


def split(n: int) -> int:
    return 1 << (n - 1).bit_length() - 1


def mth(hashes: list[bytes]) -> bytes:
    if len(hashes) == 1:
        return hashes[0]
    k = split(len(hashes))
    return sha(b"\1" + mth(hashes[:k]) + mth(hashes[k:]))


def path(m: int, hashes: list[bytes]) -> list[bytes]:
    if len(hashes) == 1:
        return []
    k = split(len(hashes))
    if m < k:
        return [*path(m, hashes[:k]), mth(hashes[k:])]
    return [*path(m - k, hashes[k:]), mth(hashes[:k])]


def proof(m: int, hashes: list[bytes], whole: bool = True) -> list[bytes]:
    if m == len(hashes):
        return [] if whole else [mth(hashes)]
    k = split(len(hashes))
    if m <= k:
        return [*proof(m, hashes[:k], whole), mth(hashes[k:])]
    return [*proof(m - k, hashes[k:], False), mth(hashes[:k])]


# Signed notes.


def public(key: Ed25519PrivateKey) -> bytes:
    return key.public_key().public_bytes_raw()


def key_id(name: str, key: Ed25519PrivateKey) -> bytes:
    return sha(name.encode() + b"\n\1" + public(key))[:4]


def vkey(name: str, key: Ed25519PrivateKey = KEY) -> str:
    return f"{name}+{key_id(name, key).hex()}+{b64(bytes([1]) + public(key))}"


def signed(text: str, name: str, *keys: Ed25519PrivateKey) -> bytes:
    lines = [
        f"— {name} {b64(key_id(name, key) + key.sign(text.encode()))}\n" for key in keys or (KEY,)
    ]
    return (text + "\n" + "".join(lines)).encode()


def checkpoint(origin: str, hashes: list[bytes], *keys: Ed25519PrivateKey) -> bytes:
    return signed(f"{origin}\n{len(hashes)}\n{b64(mth(hashes))}\n", origin, *keys)


# Events.


def stamp(ms: int) -> str:
    return f"{datetime.fromtimestamp(ms // 1000, UTC):%Y-%m-%dT%H:%M:%S}.{ms % 1000:03d}Z"


def event(chance: random.Random, ms: int, sort: str, **fields: object) -> bytes:
    rest = f"{chance.getrandbits(74):019x}"
    digits = f"{ms:012x}7{rest[:3]}{'89ab'[chance.getrandbits(2)]}{rest[3:18]}"
    id = "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))
    about = {"event": sort, "format": "consent-event/1", "id": id, "recorded_at": stamp(ms)}
    return canonical({**about, "site": SITE, "software": SOFTWARE, **fields})


def decision(chance: random.Random, ms: int, notice: str, kind: str = "grant", **fields) -> bytes:
    refused = kind in {"refusal", "withdrawal"}
    services = ["matomo", "youtube"]
    offered = {"once": services[:1]}.get(kind, services)
    linked = kind in {"change", "withdrawal"}
    about = {
        "control": "reject" if refused else "accept",
        "granted": [] if refused else offered,
        "kind": kind,
        "language": json.loads(NOTICES.get(notice, b'{"language":"de"}'))["language"],
        "layer": "banner",
        "notice": notice,
        "previous": "01a210d3-1abb-774f-98c4-dc0c0c07398f" if linked else None,
        "purposes": dict.fromkeys(("media", "statistics"), "refused" if refused else "granted"),
        "receipt": None if kind == "refusal" else receipt(chance),
        "refused": services if refused else [],
        "undecided": services[len(offered) :],
        "valid_until": "2027-05-24",
    }
    return event(chance, ms, "decision", **{**about, **fields})


def receipt(chance: random.Random) -> str:
    return base64.b32encode(chance.randbytes(16)).decode().rstrip("=")


# Logs and bundles.


def leaf_hash(salt: bytes, body: bytes) -> bytes:
    commitment = hmac.digest(salt, body, "sha256")
    return sha(b"\0consent-leaf/1\n" + b64(commitment).encode() + b"\n")


@dataclass
class Leaf:
    """One leaf; *state* is "given", "erased" or "outside"."""

    body: bytes
    salt: bytes
    state: str = "given"

    @property
    def hash(self) -> bytes:
        return leaf_hash(self.salt, self.body)

    @property
    def line(self) -> str:
        return f"{b64(self.salt) if self.state == 'given' else self.state} {b64(self.hash)}"


@dataclass
class Log:
    """One log of a site."""

    origin: str
    folder: str
    leaves: list[Leaf] = field(default_factory=list)

    @property
    def hashes(self) -> list[bytes]:
        return [leaf.hash for leaf in self.leaves]

    def checkpoint(self, size: int | None = None, *keys: Ed25519PrivateKey) -> bytes:
        return checkpoint(self.origin, self.hashes[:size], *keys)

    def consistency(self, old: int) -> bytes:
        lines = [b64(one) + "\n" for one in proof(old, self.hashes)]
        return f"old {old}\n{''.join(lines)}\n".encode() + self.checkpoint()

    def inclusion(self, index: int, size: int | None = None) -> str:
        """Return a tlog-proof."""
        lines = "".join(b64(one) + "\n" for one in path(index, self.hashes[:size]))
        salt = b64(self.leaves[index].salt)
        head = f"c2sp.org/tlog-proof@v1\nextra {salt}\nindex {index}\n{lines}\n"
        return head + self.checkpoint(size).decode()

    def files(self) -> dict[str, bytes]:
        given = [leaf.body + b"\n" for leaf in self.leaves if leaf.state == "given"]
        return {
            f"{self.folder}/events.jsonl": b"".join(given),
            f"{self.folder}/leaves.txt": "".join(leaf.line + "\n" for leaf in self.leaves).encode(),
            f"{self.folder}/checkpoint.txt": self.checkpoint(),
        }


def notice(language: str) -> bytes:
    files = {name: sha(body).hex() for name, body in FILES.items()}
    services = [{"id": id} for id in ("youtube", "matomo")]
    about = {"format": "consent-notice/1", "language": language, "services": services, "site": SITE}
    return canonical({**about, "files": files})


NOTICES = {sha(body).hex(): body for body in map(notice, ("de", "en"))}


def first_leaf(chance: random.Random, ms: int, origin: str, previous: bytes | None, **more) -> Leaf:
    text = None if previous is None else previous.decode()
    reason = "first" if previous is None else "year"
    about = {"key": vkey(origin), "origin": origin, "previous": text, "reason": reason, "gap": None}
    return Leaf(event(chance, ms, "log", **{**about, **more}), chance.randbytes(32))


def story(rows: int = 40, seed: int = 1) -> list[Log]:
    """Two years of a site with all kinds of events, *rows* in the first; three are erased."""
    chance = random.Random(seed)
    kinds = ["grant", "refusal", "grant", "change", "refusal", "withdrawal", "once"]
    hashes = list(NOTICES)
    old = Log(f"{SITE}/consent/2026", "2026")
    old.leaves.append(first_leaf(chance, NOW, old.origin, None))
    for n in range(1, rows):
        kind = kinds[n % len(kinds)]
        body = decision(chance, NOW + n * DAY // 2, hashes[n % 2], kind)
        old.leaves.append(Leaf(body, chance.randbytes(32)))
    new = Log(f"{SITE}/consent/2027", "2027")
    then = NOW + rows * DAY
    new.leaves.append(first_leaf(chance, then, new.origin, old.checkpoint()))
    for n in range(1, 8):
        body = decision(chance, then + n * MINUTE, hashes[0], kinds[n % len(kinds)])
        new.leaves.append(Leaf(body, chance.randbytes(32)))
    erasures = (
        {"log": old.origin, "indexes": "4 9-10", "ground": "retention", "by": "cron", "rows": 3},
        {"log": new.origin, "indexes": "2", "ground": "art-17", "by": "Müller\u2028", "rows": 1},
    )
    for n, about in enumerate(erasures):
        body = event(chance, then + (9 + n) * MINUTE, "erasure", **about)
        new.leaves.append(Leaf(body, chance.randbytes(32)))
    for log, indexes in ((old, (4, 9, 10)), (new, (2,))):
        for index in indexes:
            log.leaves[index].state = "erased"
    about = {"as": "bundle", "by": "Müller", "rows": 43, "since": None, "until": None}
    new.leaves.append(Leaf(event(chance, then + DAY, "export", **about), chance.randbytes(32)))
    return [old, new]


def files_of(logs: list[Log], /, **about: object) -> dict[str, bytes]:
    """Return the files of a bundle of *logs*; *about* changes fields of the manifest."""
    given = [leaf.body for log in logs for leaf in log.leaves if leaf.state == "given"]
    used = {hash for body in given for hash in NOTICES if hash.encode() in body}
    files = {
        "LIESMICH.txt": b"Lies mich.\n",
        "README.txt": b"Read me.\n",
        "verify.py": b"#\n",
        "verify.sh": b"#\n",
        "vkeys.txt": "".join(vkey(name) + "\n" for name in names(logs)).encode(),
        **{f"notices/{h}.json": body for h, body in NOTICES.items() if h in used},
        **{f"files/{sha(body).hex()}": body for body in FILES.values() if used},
    }
    for log in logs:
        files |= log.files()
    return with_manifest(files, logs, **about)


def names(logs: list[Log]) -> list[str]:
    return [f"{SITE}/consent/manifest", *(log.origin for log in logs)]


#: What becomes of a text that somebody saves with an editor, or with a shell of Windows.
SAVED: dict[str, Callable[[str], bytes]] = {
    "CR LF": lambda text: text.replace("\n", "\r\n").encode(),
    "a byte order mark": lambda text: text.encode("utf-8-sig"),
    "UTF-16": lambda text: text.replace("\n", "\r\n").encode("utf-16"),
    "no last end": lambda text: text.rstrip("\n").encode(),
    "empty lines": lambda text: f"\n{text}\n\n".encode(),
}


def with_manifest(files: dict[str, bytes], logs: list[Log], /, **about: object) -> dict[str, bytes]:
    """Return *files* with a manifest that fits them, signed by whoever has the site's key."""
    rest = {name: body for name, body in files.items() if name != "manifest.note"}
    return {**rest, "manifest.note": sign_manifest({**manifest(rest, logs), **about})}


def sign_manifest(fields: dict[str, object], *keys: Ed25519PrivateKey) -> bytes:
    text = json.dumps(fields, sort_keys=True, indent=2, ensure_ascii=False)
    return signed(f"consent-manifest/1\n{text}\n", f"{SITE}/consent/manifest", *keys)


def manifest(files: dict[str, bytes], logs: list[Log]) -> dict[str, object]:
    counts: Counter[str] = Counter()
    about = []
    for log in logs:
        events = list(map(fields, (leaf.body for leaf in log.leaves if leaf.state == "given")))
        counts.update(event.get("kind", event.get("event")) for event in events)
        times = sorted(event["recorded_at"] for event in events if event)
        states = Counter(leaf.state for leaf in log.leaves)
        about.append(
            {
                "origin": log.origin,
                "folder": log.folder,
                "size": len(log.leaves),
                "root": b64(mth(log.hashes)),
                "events": states["given"],
                "erased": states["erased"],
                "outside": states["outside"],
                "recorded_from": times[0] if times else None,
                "recorded_until": times[-1] if times else None,
            }
        )
    return {
        "format": "consent-bundle/1",
        "site": SITE,
        "software": SOFTWARE,
        "by": "Müller",
        "exported_at": stamp(NOW + 400 * DAY),
        "since": None,
        "until": None,
        "from": None,
        "sealed_until": None,
        "logs": about,
        "counts": {kind: n for kind, n in counts.items() if kind},
        "notices": sum(name.startswith("notices/") for name in files),
        "missing": [],
        "files": {
            name: {"sha256": sha(body).hex(), "bytes": len(body)} for name, body in files.items()
        },
    }


def fields(body: bytes) -> dict[str, str]:
    """Return the fields of an event; none of what is not even an object."""
    try:
        return dict(json.loads(body))
    except (ValueError, RecursionError):
        return {}


def write(files: dict[str, bytes], target: Path, method: int = zipfile.ZIP_DEFLATED) -> Path:
    """Write *files* as a zip to *target*, and return it."""
    with zipfile.ZipFile(target, "w", method) as zip:
        for name, body in files.items():
            zip.writestr(name, body)
    return target


def unpack(files: dict[str, bytes], folder: Path) -> Path:
    """Write *files* into *folder*, and return it."""
    for name, body in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(body)
    return folder
