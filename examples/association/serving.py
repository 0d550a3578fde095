"""Serve both origins from one process, on loopback only."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Thread

from flask import Flask
from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server

from . import gallery, third_parties
from .site import create_app

#: The site is reached by number and the third parties by name, so that a browser takes them
#: for two sites that share no cookie.
ADDRESS = "127.0.0.1"


class PortError(Exception):
    """A port cannot be used, most often because another program has it."""

    def __init__(self, port: int, reason: str) -> None:
        self.port = port
        super().__init__(f"port {port} cannot be used: {reason}")


@dataclass(frozen=True, slots=True)
class Demo:
    """Both origins while they are served."""

    site_url: str  #: without a slash at the end
    standin_url: str
    site: Flask
    third_parties: Flask


@contextmanager
def serve(
    port: int = 0, data: str | Path | None = None, *, verbose: bool = False
) -> Iterator[Demo]:
    """
    Serve both origins until the ``with`` block is left.

    The site gets *port*, the third parties the next one; 0 lets the system choose both.
    *data* is the folder for key and database. Raises PortError.
    """
    with _listen(port) as front, _listen(port and port + 1) as back:
        site_url = f"http://{ADDRESS}:{front.getsockname()[1]}"
        standin_url = f"http://localhost:{back.getsockname()[1]}"
        site = create_app({"DATA": data, "STANDIN_ORIGIN": standin_url})
        gallery.mount(site)
        demo = Demo(site_url, standin_url, site, third_parties.create_app())
        handler = WSGIRequestHandler if verbose else Quiet
        servers = [_server(site, front, handler), _server(demo.third_parties, back, handler)]
    threads = [Thread(target=server.serve_forever) for server in servers]
    for thread in threads:
        thread.start()
    try:
        yield demo
    finally:
        for server, thread in zip(servers, threads, strict=True):
            server.shutdown()
            thread.join()


class Quiet(WSGIRequestHandler):
    """Writes no line for a request."""

    def log_request(self, *_: object) -> None:
        """Write nothing."""


def _listen(port: int) -> socket.socket:
    try:
        return socket.create_server((ADDRESS, port))
    except OSError as error:
        raise PortError(port, os.strerror(error.errno or 0).lower()) from error


def _server(app: Flask, door: socket.socket, handler: type[WSGIRequestHandler]) -> BaseWSGIServer:
    port = door.getsockname()[1]
    return make_server(ADDRESS, port, app, threaded=True, request_handler=handler, fd=door.fileno())
