"""Runs the service: its socket, its signals, and its end."""

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
# The seconds between giving up the last requests and ending the process.
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
    `limits.end_seconds`; new requests are refused. In a notebook it serves until the cell is
    interrupted, and the kernel does nothing else.

    Args:
        model: name or path, as `load` takes it.
        host: the address to listen on.
        port: the port to listen on; 0 takes a free one, which the printed line names.
        limits: the most that the service takes on.
        hosts: more names of this service, without ports; `*` is any. `localhost`, its addresses
            and `host` are always among them.

    Raises:
        SettingsError: the service cannot listen on the address.
        ModelError: there is no such model, or it cannot be loaded.
    """
    limits = limits or Limits()
    with _listening(host, port) as listener:
        app = create_app(load(model), limits, {*LOOPBACK, host, *hosts})
        server = _Server(configured(app, limits), app, limits)
        server.line = _line(_address(listener), str(model))
        if _in_notebook_cell():
            _serve_beside(server, listener)
        else:
            # Signals can also come before and after uvicorn handles them: it ends by raising again
            # the signal that ended it.
            for number in (signal.SIGINT, signal.SIGTERM):
                signal.signal(number, server.handle_exit)
            server.run(sockets=[listener])


def configured(app: FastAPI, limits: Limits) -> uvicorn.Config:
    """The configuration with which uvicorn serves the app, on a free port or a given socket."""
    return uvicorn.Config(
        app,
        port=0,
        http=protocol(limits),
        ws="none",
        # uvicorn accepts so many connections at a time before it looks at the first of them.
        backlog=BACKLOG,
        # In a notebook, configuring logging again would close the streams of other packages.
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
    # Not `Thread.join`: if it is interrupted, it takes the thread for ended, and the socket would
    # be closed too soon. On Windows a wait without a limit could not be interrupted.
    try:
        while not ended.wait(0.5):
            pass
    except KeyboardInterrupt:
        server.should_exit = True
        ended.wait()


class _Server(uvicorn.Server):
    """Prints its address once it takes requests, and ends in time once it is told to."""

    line = ""

    def __init__(self, config: uvicorn.Config, app: FastAPI, limits: Limits) -> None:
        super().__init__(config)
        self._app, self._limits = app, limits

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Starts, then prints the address."""
        await super().startup(sockets)
        print(self.line, flush=True)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Begins to end; work that is not done in time ends with the process.

        A thread cannot be ended, and Python would wait for it: for one that captions a batch or
        warms up the model.
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
    """A socket, bound before the model is loaded, so that a taken port is reported at once."""
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
