"""
Time stamps (RFC 3161): what a third party says about when a checkpoint was there.

A time stamping authority signs the SHA-256 of a checkpoint together with the time. It learns
nothing else. What it answers is kept beside the key of the log, one pair of files for each
checkpoint, so that every tool for such answers can read them:

    <key>.stamps/<origin>/<size>.txt     the checkpoint, as it was signed
    <key>.stamps/<origin>/<size>.tsr     the answer of the authority (TimeStampResp, DER)

Stamping is a matter of its own: sealing neither waits for it nor knows of it. What does not fit
the question, or is not signed by the authority that was chosen, is not kept.
"""

from __future__ import annotations

import importlib.util
import re
from base64 import b64encode
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Self
from urllib.parse import SplitResult, unquote_to_bytes, urlsplit

from consent.errors import ConfigError, LogError
from consent.log.files import complete_or_absent, make_folder, unwritable
from consent.log.merkle.logs import LogInfo

if TYPE_CHECKING:
    from rfc3161_client import TimeStampResponse

#: Seconds that the authority may take for each part of its answer, and bytes of the longest one.
PATIENCE, LONGEST = 15, 1 << 16

#: Seconds by which the authority's time and this machine's clock may differ.
TOLERANCE = 300

_SHA256 = "2.16.840.1.101.3.4.2.1"


@dataclass(frozen=True, slots=True)
class Authority:
    """
    Who stamps: where it answers, and the certificates that its signature has to lead to.

    A name and a password before its host are sent as HTTP wants them (RFC 7617), and to nobody
    else. What is told of the authority holds neither them nor what the address asks with.

    Raises ConfigError for a *url* that is none, for a file *certificates* without one, and where
    the library for such answers is missing.
    """

    url: str = field(repr=False)
    certificates: Path  #: PEM

    def __post_init__(self) -> None:
        if not _is_address(self.url):
            found = re.sub(r"(?<=//).*@", "", self.url).partition("?")[0]  # it may hold a password
            raise ConfigError(
                f"CONSENT_TSA: found {found[:60]!r}, wanted the address of a time stamping"
                " authority (RFC 3161) such as https://tsa.example/tsr"
            )
        try:
            holds = b"-----BEGIN CERTIFICATE-----" in self.certificates.read_bytes()
        except OSError:
            holds = False
        if not holds:
            raise ConfigError(
                f"CONSENT_TSA_CERTIFICATES: found no certificate in {self.certificates}, wanted a"
                " PEM file with those of the authority; it publishes them beside its address"
            )
        if importlib.util.find_spec("rfc3161_client") is None:
            raise ConfigError(
                "CONSENT_TSA: the library for time stamps is missing\n"
                "    hint: pip install 'consentry[timestamp]'"
            )

    @property
    def name(self) -> str:
        """What to call it in messages: its address without what may be a secret."""
        return _apart(self.url)[1]._replace(query="").geturl()

    def stamp(self, message: bytes) -> tuple[bytes, datetime]:
        """
        Return an answer over *message* that was checked, and the time in it.

        Raises LogError if there is no answer, or one that does not fit the question.
        """
        from cryptography.x509 import load_pem_x509_certificates
        from rfc3161_client import (
            HashAlgorithm,
            TimestampRequestBuilder,
            VerificationError,
            VerifierBuilder,
            decode_timestamp_response,
        )

        asking = TimestampRequestBuilder(message, HashAlgorithm.SHA256).build()
        answer = self._ask(asking.as_bytes())
        try:
            roots = load_pem_x509_certificates(self.certificates.read_bytes())
            response = decode_timestamp_response(answer)
            verifier = VerifierBuilder(roots=roots, nonce=asking.nonce).build()
            verifier.verify(response, sha256(message).digest())
            return answer, _time(response)
        except (ValueError, VerificationError, OSError) as error:
            # One line, and not longer than a line: the words are the authority's, perhaps.
            why = " ".join(str(error).split())[:200]
            raise LogError(f"{self.name}: the answer is no time stamp for this: {why}") from None

    def _ask(self, question: bytes) -> bytes:
        # Only the command asks, so only it spends the time for these.
        import http.client
        import urllib.error
        import urllib.request

        login, place = _apart(self.url)
        request = urllib.request.Request(  # noqa: S310 - the scheme is one of two
            place.geturl(), question, {"Content-Type": "application/timestamp-query"}
        )
        if login:
            basic = b64encode(unquote_to_bytes(login)).decode()
            request.add_unredirected_header("Authorization", f"Basic {basic}")
        try:
            with urllib.request.urlopen(request, timeout=PATIENCE) as answer:  # noqa: S310
                content: bytes = answer.read(LONGEST + 1)
        except urllib.error.HTTPError as error:
            error.close()
            raise LogError(f"{self.name}: the authority answers with {error.code}") from None
        except (OSError, http.client.HTTPException) as error:
            raise LogError(f"{self.name}: the authority does not answer: {error}") from None
        if len(content) > LONGEST:
            raise LogError(f"{self.name}: the answer has more than {LONGEST} bytes")
        return content


def _apart(url: str) -> tuple[str, SplitResult]:
    """Return what stands before the host of *url*, a name and a password, and the rest."""
    parts = urlsplit(url)
    login, _, host = parts.netloc.rpartition("@")
    return login, parts._replace(netloc=host)


def _is_address(url: str) -> bool:
    try:
        parts = urlsplit(url)
        is_http = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:  # a bracket that is not closed, a port that is none
        return False
    # As it is sent: of other letters and of spaces nothing would be.
    return is_http and all("!" <= letter <= "~" for letter in url)


def _time(response: TimeStampResponse) -> datetime:
    """Return the time in *response*. Raises ValueError for one that cannot be, or another hash."""
    about = response.tst_info
    if about.message_imprint.hash_algorithm.dotted_string != _SHA256:
        raise ValueError("it is over another kind of hash than SHA-256")
    at = about.gen_time.replace(tzinfo=UTC) if about.gen_time.tzinfo is None else about.gen_time
    now = datetime.now(UTC)
    if abs((at - now).total_seconds()) > TOLERANCE:
        raise ValueError(f"it says {at:%Y-%m-%dT%H:%M:%SZ}, the clock here {now:%H:%M:%SZ}")
    return at


@dataclass(frozen=True, slots=True)
class Stamp:
    """A checkpoint and the answer of an authority about it."""

    size: int
    note: str
    answer: bytes


class Stamps:
    """The time stamps in the folder *path*."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @classmethod
    def beside(cls, key: Path) -> Self:
        """Return those that belong to the log with the *key* in that file."""
        return cls(key.with_suffix(".stamps"))

    def of(self, log: LogInfo) -> Iterator[Stamp]:
        """
        Give the stamps of *log* that are complete, from the smallest checkpoint on.

        Raises LogError for one that cannot be read.
        """
        folder = self.path / log.origin
        sizes = [int(file.stem) for file in folder.glob("*.tsr") if file.stem.isdecimal()]
        for size in sorted(sizes):
            try:
                # What is no text is no checkpoint that a log had, either.
                note = (folder / f"{size}.txt").read_text("utf-8", "replace")
                yield Stamp(size, note, (folder / f"{size}.tsr").read_bytes())
            except OSError as error:
                raise LogError(f"{folder}/{size}: cannot be read: {error.strerror}") from None

    def add(self, log: LogInfo, authority: Authority) -> datetime | None:
        """
        Have the newest checkpoint of *log* stamped and return when; None: it was before.

        Raises LogError if there is no proper answer, or if it cannot be kept.
        """
        file = self.path / log.origin / f"{log.size}.tsr"
        if file.exists():
            return None
        answer, at = authority.stamp(log.checkpoint.encode())
        try:
            make_folder(file.parent)
            # The answer comes last: without it there is no stamp.
            parts = (file.with_suffix(".txt"), log.checkpoint.encode()), (file, answer)
            for part, content in parts:
                with complete_or_absent(part, 0o644) as target:
                    target.write(content)
        except OSError as error:
            raise unwritable(file, error) from None
        return at
