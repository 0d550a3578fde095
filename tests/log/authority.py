"""A time stamping authority of our own: ``openssl ts`` behind HTTP, with throwaway certificates."""

from __future__ import annotations

import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

SETTINGS = """
[tsa]
serial = {folder}/serial
default_policy = 1.2.3.4.1
digests = sha256
signer_digest = sha256
"""


class Authority:
    """An authority with its files in *folder*; :attr:`roots` is what others trust."""

    def __init__(self, folder: Path, name: str) -> None:
        folder.mkdir()
        self.folder, self.roots = folder, folder / "roots.pem"
        self.asked: list[bytes] = []
        self.addressed: list[tuple[str, str | None]] = []  #: path, and who says to ask
        self.answer: Callable[[bytes], bytes] = self.stamp  #: what it does; a test may change it
        root_key, key = (
            ec.generate_private_key(ec.SECP256R1()),
            ec.generate_private_key(ec.SECP256R1()),
        )
        root = _certificate(f"{name} root", root_key, f"{name} root", root_key)
        own = _certificate(f"{name} TSA", key, f"{name} root", root_key)
        pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        (folder / "key.pem").write_bytes(pem)
        (folder / "own.pem").write_bytes(own.public_bytes(Encoding.PEM))
        (folder / "settings").write_text(SETTINGS.format(folder=folder))
        (folder / "serial").write_text("01\n")
        self.roots.write_bytes(root.public_bytes(Encoding.PEM))

    def stamp(self, question: bytes) -> bytes:
        """Answer as an authority does."""
        (self.folder / "question").write_bytes(question)
        words = f"-config {self.folder}/settings -section tsa -queryfile {self.folder}/question"
        words += f" -signer {self.folder}/own.pem -inkey {self.folder}/key.pem"
        command = ["openssl", "ts", "-reply", *words.split()]
        return subprocess.run(command, capture_output=True, check=True).stdout

    def accepts(self, answer: Path, data: Path) -> bool:
        """Tell what ``openssl ts -verify`` says, which is how an auditor asks."""
        words = f"-data {data} -in {answer} -CAfile {self.roots}"
        command = ["openssl", "ts", "-verify", *words.split()]
        return subprocess.run(command, capture_output=True).returncode == 0

    @contextmanager
    def served(self) -> Iterator[str]:
        """Give the address at which it answers."""
        authority = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                authority.asked.append(self.rfile.read(int(self.headers["Content-Length"])))
                authority.addressed.append((self.path, self.headers["Authorization"]))
                answer = authority.answer(authority.asked[-1])
                is_question = self.headers["Content-Type"] == "application/timestamp-query"
                self.send_response(415 if not is_question else 200 if answer else 503)
                self.send_header("Content-Type", "application/timestamp-reply")
                self.end_headers()
                self.wfile.write(answer)

            def log_message(self, *about: object) -> None:
                pass

        with HTTPServer(("127.0.0.1", 0), Handler) as server:
            thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
            thread.start()
            yield f"http://127.0.0.1:{server.server_address[1]}/tsr"
            server.shutdown()
            thread.join()


def _certificate(
    name: str,
    key: ec.EllipticCurvePrivateKey,
    issuer: str,
    issuer_key: ec.EllipticCurvePrivateKey,
) -> x509.Certificate:
    now = datetime.now(UTC)
    building = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]))
        .issuer_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, issuer)]))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=2))
        .add_extension(x509.BasicConstraints(ca=name == issuer, path_length=None), critical=True)
    )
    if name != issuer:
        usage = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING])
        building = building.add_extension(usage, critical=True)
    return building.sign(issuer_key, SHA256())
