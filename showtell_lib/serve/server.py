"""Running the service: the socket, the signals, and the end."""

from __future__ import annotations

import asyncio
import math
import os
import signal
import socket
from collections.abc import Iterable
from pathlib import Path
from threading import Event, Thread, Timer
from types import FrameType

import uvicorn
from fastapi import FastAPI
from uvicorn.config import LOGGING_CONFIG

from showtell_lib.captioner import load
from showtell_lib.errors import SettingsError
from showtell_lib.serve.app import create_app
from showtell_lib.serve.clients import LOOPBACK
from showtell_lib.serve.connections import protocol
from showtell_lib.serve.limits import Limits

BACKLOG = 64
# From when requests were given up to the end of the process.
LAST_SECONDS = 1.5


def run(
    model: str | Path,
    host: str,
    port: int,
    limits: Limits | None = None,
    hosts: Iterable[str] = (),
) -> None:
    """Serves until the process is told to end (SIGINT or SIGTERM).

    Requests that are being worked on are answered first, if that takes no longer than
    `limits.end_seconds`; new ones are refused. In a notebook it
    serves until the cell is interrupted; what else runs in the kernel waits.

    Args:
        model: name or path, as `load` takes it.
        host: the address to listen on.
        port: 0 takes a free one; the line that is printed says which.
        limits: what the service takes on at most.
        hosts: further names that clients may ask for, without ports; `*` is any. `localhost`, its
            addresses and `host` are always among them.

    Raises:
        SettingsError: the address cannot be listened on.
        ModelError: there is no such model, or it is bad.
    """
    limits = limits or Limits()
    with _listening(host, port) as listener:
        app = create_app(load(model), limits, {*LOOPBACK, host, *hosts})
        server = _Server(configured(app, limits), app, limits)
        server.line = _line(_address(listener), str(model))
        if _in_notebook_cell():
            _serve_beside(server, listener)
        else:
            # Before and after uvicorn has them, too: it ends by raising what ended it once more.
            for number in (signal.SIGINT, signal.SIGTERM):
                signal.signal(number, server.handle_exit)
            server.run(sockets=[listener])


def configured(app: FastAPI, limits: Limits) -> uvicorn.Config:
    """How uvicorn serves the app; a port is chosen unless it is given a socket."""
    return uvicorn.Config(
        app,
        port=0,
        http=protocol(limits),
        ws="none",
        # So many connections are taken at a time, before the first of them is looked at.
        backlog=BACKLOG,
        # A notebook's logging is its own: to set it anew would close other packages' streams.
        log_config=None if _in_notebook_cell() else LOGGING_CONFIG,
        log_level="error",
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=math.ceil(limits.end_seconds),
    )


def _in_notebook_cell() -> bool:
    """Whether this thread runs an event loop already, as a notebook's does."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True


def _serve_beside(server: uvicorn.Server, listener: socket.socket) -> None:
    """Serves in a thread of its own until this one is interrupted."""
    ended = Event()

    def serve() -> None:
        try:
            server.run(sockets=[listener])
        finally:
            ended.set()

    Thread(target=serve, daemon=True).start()
    # Not `Thread.join`: interrupted, it takes the thread for ended, and the socket would be closed
    # under it. Without a limit the wait could not be interrupted on Windows.
    try:
        while not ended.wait(0.5):
            pass
    except KeyboardInterrupt:
        server.should_exit = True
        ended.wait()


class _Server(uvicorn.Server):
    """Says where it is once it can be asked, and ends in time once it is told to."""

    line = ""

    def __init__(self, config: uvicorn.Config, app: FastAPI, limits: Limits) -> None:
        super().__init__(config)
        self._app, self._limits = app, limits

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Starts, then prints the address."""
        await super().startup(sockets)
        print(self.line, flush=True)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Begins to end; whatever is not done in time then ends with the process.

        A thread cannot be ended, and Python waits for it: for the model's work on a batch, or the
        warming up.
        """
        super().handle_exit(sig, frame)
        last = Timer(self._limits.end_seconds + LAST_SECONDS, self._end_at_once, [sig])
        last.daemon = True
        last.start()

    def _end_at_once(self, sig: int) -> None:
        try:
            self._app.state.service.abandon()
        finally:
            os._exit(128 + sig)


def _line(address: str, model: str) -> str:
    end = "Interrupting the cell" if _in_notebook_cell() else "Ctrl-C"
    return f"Serving {model} at {address} (API: {address}/docs). {end} ends it."


def _listening(host: str, port: int) -> socket.socket:
    """A socket bound before the model is loaded, so that a taken port is told at once."""
    listener = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
    except (OSError, OverflowError) as error:
        listener.close()
        reason = getattr(error, "strerror", None) or error
        raise SettingsError(
            f"cannot listen on {host}, port {port} ({reason}); try another --port, or 0 for a free "
            "one"
        ) from None
    return listener


def _address(listener: socket.socket) -> str:
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
