"""
The key of a site's logs: an Ed25519 private key in a file of its own (PEM, PKCS #8).

It is made when it is first needed, readable by its owner alone, and signs all logs of the site,
each under the log's own name. Whoever has it can make a second log that looks genuine; who only
has the database cannot.
"""

from __future__ import annotations

import os
import re
import secrets
from base64 import b64decode
from pathlib import Path
from typing import TYPE_CHECKING

from consent.errors import LogError
from consent.log.files import made, make_folder, real, sync_folder

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

#: A key as it is made here, and by most programs: one line of base64.
_PEM = re.compile(rb"-----BEGIN PRIVATE KEY-----\n([A-Za-z0-9+/]{64})\n-----END PRIVATE KEY-----\n")

#: What stands before the 32 bytes of the key in it (RFC 8410, section 7).
_PKCS8 = bytes.fromhex("302e020100300506032b657004220420")


def load(path: Path) -> Ed25519PrivateKey | None:
    """
    Return the key in the file *path*, or None if there is no such file.

    Raises LogError for a file that others may read, or that holds something else.
    """
    try:
        with path.open("rb") as file:
            mode = os.fstat(file.fileno()).st_mode & 0o777
            pem = file.read()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise LogError(f"{path}: the key of the log cannot be read: {error.strerror}") from None
    if os.name == "posix" and mode & 0o077:
        raise LogError(
            f"{path}: the key of the log has the mode {mode:04o}, wanted 0600\n"
            f"    hint: chmod 600 {path}; if others could read it, flask consent log rotate"
        )
    return _read(path, pem)


def _read(path: Path, pem: bytes) -> Ed25519PrivateKey:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    usual = _PEM.fullmatch(pem)
    der = b64decode(usual[1]) if usual else b""
    if der.startswith(_PKCS8):
        return Ed25519PrivateKey.from_private_bytes(der.removeprefix(_PKCS8))
    # What reads every spelling brings all kinds of keys along: more than a megabyte.
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    try:
        key = load_pem_private_key(pem, password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        key = None  # what it says might be repeated by an error
    if not isinstance(key, Ed25519PrivateKey):
        raise LogError(f"{path}: found something else, wanted an Ed25519 key as PEM (PKCS #8)")
    return key


def make(path: Path) -> Ed25519PrivateKey:
    """
    Return the key in the file *path*, made just now unless somebody was quicker.

    A link is followed, to where there is no file yet perhaps. Raises LogError if there can be none.
    """
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    key, path = Ed25519PrivateKey.generate(), real(path)
    draft = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
    try:
        make_folder(path.parent)
        try:
            _write(draft, key)
            # Complete or not at all, and never in the place of another one.
            os.link(draft, path)
        except FileExistsError:
            return _kept(path)
        finally:
            draft.unlink(missing_ok=True)
        sync_folder(path.parent)
    except OSError as error:
        raise LogError(f"{path}: the key of the log cannot be made: {error.strerror}") from None
    return key


def next_of(path: Path) -> Path:
    """Return the file for what is to be the next key in *path*, beside where that leads."""
    path = real(path)
    return path.with_name(path.name + ".next")


def holds(path: Path, key: Ed25519PrivateKey) -> bool:
    """Tell whether *key* is what the file *path* has."""
    try:
        there = load(path)
    except LogError:
        return False
    return there is not None and there.private_bytes_raw() == key.private_bytes_raw()


def replace(path: Path, draft: Path, key: Ed25519PrivateKey) -> None:
    """
    Let *key*, which is in the file *draft*, take the place of the one in *path*, which is gone.

    So it is where a link leads. Somebody else may have done that meanwhile. Raises LogError if it
    cannot be done.
    """
    path = real(path)
    try:
        draft.replace(path)
        sync_folder(path.parent)
    except OSError as error:
        if not holds(path, key):
            raise LogError(
                f"{path}: the new key cannot take its place: {error.strerror}\n"
                "    hint: when that is mended: flask consent log rotate"
            ) from None


def _kept(path: Path) -> Ed25519PrivateKey:
    """Return the key that is in the file *path*. Raises LogError if it is gone again."""
    key = load(path)
    if key is None:
        raise LogError(f"{path}: the key of the log went away while it was made")
    return key


def _write(path: Path, key: Ed25519PrivateKey) -> None:
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    descriptor = made(path, os.O_WRONLY, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(pem)
        file.flush()
        os.fsync(descriptor)
