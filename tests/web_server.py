"""A web server on this machine that misbehaves when it is told to."""

from __future__ import annotations

import http.server
import re
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Any

PAGE = b"<!DOCTYPE html><title>Quota exceeded</title>"


@dataclass(frozen=True)
class Fault:
    """What to do instead of answering properly.

    Attributes:
        status: the status to answer with.
        headers: more headers.
        reason: what it says beside the status.
        cut: the share of the body after which the connection breaks; so `promise` if the length
            was announced as that share of the real one.
        body: another body.
        unmeasured: whether the length of the body is left out.
        drip: seconds between single bytes of the body.
        header_drip: seconds between single bytes of a header that does not end.
    """

    status: int = 200
    headers: tuple[tuple[str, str], ...] = ()
    reason: str | None = None
    cut: float | None = None
    promise: float | None = None
    body: bytes | None = None
    unmeasured: bool = False
    drip: float = 0.0
    header_drip: float = 0.0


@dataclass
class Server:
    """What the server has, what it will do wrong, and what it was asked.

    Attributes:
        url: its address, with a slash at the end.
        files: what it has, by name.
        faults: by name, faults to commit one after the other before all is well.
        asked: the names asked for, in order, each with the first byte that was wanted.
    """

    url: str = ""
    files: dict[str, bytes] = field(default_factory=dict)
    faults: dict[str, list[Fault]] = field(default_factory=dict)
    asked: list[tuple[str, int]] = field(default_factory=list)

    @property
    def names_asked(self) -> list[str]:
        """The names asked for, in order."""
        return [name for name, _ in self.asked]

    def answer(self, handler: http.server.BaseHTTPRequestHandler) -> None:
        """Answers a request, as well as its next fault allows."""
        name = PurePosixPath(handler.path).name
        wanted = re.fullmatch(r"bytes=(\d+)-", handler.headers.get("Range", ""))
        start = int(wanted[1]) if wanted else 0
        self.asked.append((name, start))
        faults = self.faults.get(name, [])
        fault = faults.pop(0) if faults else Fault()
        if fault.body is None and fault.status == 200 and name not in self.files:
            fault = Fault(404)
        body = self.files.get(name, b"") if fault.body is None else fault.body
        if fault.status != 200:
            _send(handler, fault, b"", fault.status)
        elif start and start >= len(body):
            _send(handler, fault, b"", 416)
        else:
            _send(handler, fault, body[start:], 206 if start else 200)


def _send(
    handler: http.server.BaseHTTPRequestHandler, fault: Fault, body: bytes, status: int
) -> None:
    if fault.header_drip:
        _drip_a_header(handler, fault.header_drip)
    handler.send_response(status, fault.reason)
    length = len(body) if fault.promise is None else round(len(body) * fault.promise)
    measured = () if fault.unmeasured else (("Content-Length", str(length)),)
    for name, value in (*measured, *fault.headers):
        handler.send_header(name, value)
    handler.end_headers()
    if fault.cut is not None:
        body = body[: round(len(body) * fault.cut)]
    try:
        if not fault.drip:
            handler.wfile.write(body)
        for byte in body if fault.drip else b"":
            handler.wfile.write(bytes([byte]))
            time.sleep(fault.drip)
    except OSError:
        pass  # Whoever asked has gone.
    handler.close_connection = True


def _drip_a_header(handler: http.server.BaseHTTPRequestHandler, pause: float) -> None:
    handler.wfile.write(b"HTTP/1.0 200 OK\r\nX-Patience: ")
    for _ in range(1000):
        try:
            handler.wfile.write(b"x")
        except OSError:
            break  # Whoever asked has gone.
        time.sleep(pause)


@contextmanager
def running() -> Iterator[Server]:
    """Runs a server for a while."""
    state = Server()

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            state.answer(self)

        def log_message(self, *_: Any) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as web:
        web.daemon_threads = True
        state.url = f"http://127.0.0.1:{web.server_port}/files/"
        # How often it looks whether it should end, which the tests wait for.
        threading.Thread(target=web.serve_forever, args=(0.02,), daemon=True).start()
        yield state
        web.shutdown()
