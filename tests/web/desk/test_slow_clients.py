"""A large export over a real socket: slow readers and those who leave are no trouble to others."""

from __future__ import annotations

import http.client
import threading
import time
from collections.abc import Iterator

import pytest
from sqlalchemy import event as hook
from werkzeug.serving import make_server

from consent.web.desk import prepared
from tests.conftest import Visitor, events
from tests.log.samples import SITE, make
from tests.web.desk.reader import Reader

#: Events of more bytes than the buffers of two sockets take.
LARGE = 40
PADDING = "x" * 400_000


@pytest.fixture
def served(make_app) -> Iterator[tuple[Reader, int]]:
    """A site on a port of this machine, a thread for each request, and somebody at its desk."""
    app = make_app(CONSENT_AUDITOR=lambda: "Dr. Prüfer")
    reader = Reader(app, decisions=1)
    for _ in range(LARGE):
        reader.site.store.append(
            make(now_ns=time.time_ns(), site=SITE, language="de", control=PADDING)
        )
    server = make_server("127.0.0.1", 0, app, threaded=True)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}).start()
    yield reader, server.server_port
    server.shutdown()
    server.server_close()


class Download:
    """An export that is asked for and not read."""

    def __init__(self, reader: Reader, port: int) -> None:
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
        cookies = "; ".join(f"{c.key}={c.value}" for c in reader.client._cookies.values())
        headers = {
            "Cookie": cookies.replace("__Secure-", "").replace("__Host-", ""),
            "Sec-Fetch-Site": "same-origin",
            "Content-Type": "application/x-www-form-urlencoded",
        }
        self.connection.request("POST", "/consent/audit/exports/file", "format=jsonl", headers)
        self.answer = self.connection.getresponse()

    def leave(self) -> None:
        self.answer.close()
        self.connection.close()


def free() -> int:
    """Return how many downloads there is room for."""
    return prepared._slots._value


def waited_for(what) -> bool:
    """Tell whether *what* comes true within some seconds."""
    end = time.monotonic() + 10
    while not what() and time.monotonic() < end:
        time.sleep(0.005)
    return what()


def test_others_are_answered_while_somebody_reads_slowly(served):
    """
    While a download hangs half way, visitors decide and pages answer; then it is complete.
    """
    reader, port = served
    before = len(events(reader.app))
    slow = Download(reader, port)
    assert slow.answer.status == 200
    start = slow.answer.read(1000)

    decided = Visitor(reader.app).decide("accept")
    other = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    other.request("GET", "/plain")
    answer = other.getresponse()
    assert (decided.status_code, answer.status, answer.read()) == (303, 200, b"nothing of ours")
    other.close()
    assert free() == prepared.SLOTS - 1

    rest = slow.answer.read()
    slow.leave()
    assert (start + rest).count(b"\n") == before
    assert len(start + rest) == int(slow.answer.headers["Content-Length"])
    assert waited_for(lambda: free() == prepared.SLOTS)


def test_who_leaves_half_way_frees_everything(served):
    """
    A connection that breaks off gives back its place and its connection to the database.
    """
    reader, port = served
    pool = reader.site.store._engine.pool
    returned = []
    hook.listen(pool, "checkin", lambda *_: returned.append(1))
    slow = Download(reader, port)
    slow.answer.read(1000)
    assert free() == prepared.SLOTS - 1
    returned.clear()
    slow.leave()

    assert waited_for(lambda: free() == prepared.SLOTS)
    assert waited_for(lambda: pool.checkedout() == 0)
    assert returned
