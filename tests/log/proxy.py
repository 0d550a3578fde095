"""A network between us and PostgreSQL that breaks where a test wants it to."""

from __future__ import annotations

import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress

from sqlalchemy.engine import make_url

#: What ends a statement of the frontend: Sync, and Query, which is a statement by itself; and
#: what belongs to one: Parse, Bind, Describe, Execute, Close. The rest is passed on at once.
ENDS, OTHERS = (b"S", b"Q"), (b"P", b"B", b"D", b"E", b"C")


class Proxy:
    """Forwards to the server of *url*; :meth:`cut` says when it stops to."""

    def __init__(self, url: str) -> None:
        self._server = make_url(url)
        self._listener = socket.create_server(("127.0.0.1", 0))
        own = self._server.set(host="127.0.0.1", port=self._listener.getsockname()[1])
        own = own.update_query_dict({"sslmode": "disable", "gssencmode": "disable"})
        self.url = own.render_as_string(hide_password=False)
        self.heal()

    def heal(self) -> None:
        """Break nothing any more."""
        self.cut(0, 0, answered=False)

    def cut(self, number: int, times: int, *, answered: bool) -> None:
        """
        Break the connection at its statement *number* from now on, and *times* connections so.

        Before the statement reaches the server; if *answered*, the server does it and only its
        answer is lost.
        """
        self.number, self.times, self.answered, self.cuts = number, times, answered, 0
        self._counted: dict[socket.socket, int] = {}

    @property
    def sent(self) -> int:
        """How many statements came since it was last told to break something, or nothing."""
        return sum(self._counted.values())

    @contextmanager
    def running(self) -> Iterator[Proxy]:
        """Forward while the block runs."""
        thread = threading.Thread(target=self._accept, daemon=True)
        thread.start()
        try:
            yield self
        finally:
            self._listener.shutdown(socket.SHUT_RDWR)
            thread.join()
            self._listener.close()

    def _accept(self) -> None:
        with ExitStack() as ends:
            while True:
                try:
                    client, _ = self._listener.accept()
                except OSError:
                    return
                server = socket.create_connection((self._server.host, self._server.port))
                threads = self._pipe(client, server)
                ends.callback(_end, client, server, threads)

    def _pipe(self, client: socket.socket, server: socket.socket) -> list[threading.Thread]:
        """Forward in both directions, in threads that end when one of the two is gone."""
        cutting, answered = threading.Event(), threading.Event()
        threads = [
            threading.Thread(target=self._ask, args=(client, server, cutting, answered)),
            threading.Thread(target=_answer, args=(server, client, cutting, answered)),
        ]
        for thread in threads:
            thread.start()
        return threads

    def _ask(
        self,
        client: socket.socket,
        server: socket.socket,
        cutting: threading.Event,
        answered: threading.Event,
    ) -> None:
        with suppress(OSError), client.makefile("rb") as stream:
            size = stream.read(4)
            server.sendall(size + stream.read(struct.unpack("!i", size)[0] - 4))
            held = b""
            while head := stream.read(5):
                kind, size = struct.unpack("!ci", head)
                held += head + stream.read(size - 4)
                if kind in OTHERS:
                    continue
                if kind in ENDS and self._is_cut(client):
                    if self.answered:
                        cutting.set()
                        server.sendall(held)
                        answered.wait(10)
                    break
                server.sendall(held)
                held = b""
        _shut(client, server)

    def _is_cut(self, client: socket.socket) -> bool:
        """Count a statement of *client*, and tell whether its connection breaks at it."""
        self._counted[client] = self._counted.get(client, 0) + 1
        if not self.times or self._counted[client] != self.number:
            return False
        self.times, self.cuts = self.times - 1, self.cuts + 1
        return True


def _answer(
    server: socket.socket,
    client: socket.socket,
    cutting: threading.Event,
    answered: threading.Event,
) -> None:
    with suppress(OSError):
        while data := server.recv(1 << 16):
            if cutting.is_set():
                answered.set()
            else:
                client.sendall(data)
    answered.set()
    _shut(client, server)


def _shut(*sockets: socket.socket) -> None:
    for one in sockets:
        with suppress(OSError):
            one.shutdown(socket.SHUT_RDWR)


def _end(client: socket.socket, server: socket.socket, threads: list[threading.Thread]) -> None:
    _shut(client, server)
    for thread in threads:
        thread.join()
    client.close()
    server.close()
