"""Limits of connections: each must bring a request soon, and no client may hold most of them."""

from __future__ import annotations

import asyncio
import sys
import time
from typing import Any

from uvicorn.protocols.http.h11_impl import H11Protocol

from showtell_lib.serve.clients import client_of
from showtell_lib.serve.limits import Limits

# An event loop without free descriptors would report that thousands of times a second.
REPEATED_SECONDS = 60.0


class LimitedProtocol(H11Protocol):
    """Closes the connection of a client that sends no request, or does not read its answer.

    uvicorn limits only the time between requests, and any byte ends that time.
    """

    limits = Limits()
    owner = ""
    _deadline: asyncio.TimerHandle | None = None

    def connection_made(self, transport: Any) -> None:
        """Takes a connection, if there is room for it."""
        super().connection_made(transport)
        self.owner = client_of(self.client[0] if self.client else None)
        if self._too_many():
            transport.abort()
        else:
            self._watch()

    def connection_lost(self, exc: Exception | None) -> None:
        """The connection has ended, from either side."""
        self._stop_watching()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Takes a part of a request."""
        super().data_received(data)
        self._watch()

    def on_response_complete(self) -> None:
        """Waits for the next request."""
        super().on_response_complete()
        self._watch()

    def pause_writing(self) -> None:
        """The client reads its answer more slowly than the service sends it."""
        super().pause_writing()
        self._deadline = self._deadline or self._hang_up_later()

    def resume_writing(self) -> None:
        """The client has read what was sent."""
        super().resume_writing()
        self._stop_watching()
        self._watch()

    def _too_many(self) -> bool:
        own = sum(getattr(one, "owner", None) == self.owner for one in self.connections)
        return len(self.connections) > self._most or own > self.limits.connections_of_one

    @property
    def _most(self) -> int:
        return min(self.limits.connections, _descriptors() // 2)

    def _watch(self) -> None:
        """Limits the time that a client may take until its request is complete."""
        asked = self.cycle is not None and not self.cycle.response_complete
        if asked and not self.flow.write_paused:
            self._stop_watching()
        elif self._deadline is None:
            self._deadline = self._hang_up_later()

    def _hang_up_later(self) -> asyncio.TimerHandle:
        return self.loop.call_later(self.limits.header_seconds, self.transport.abort)

    def _stop_watching(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None


def protocol(limits: Limits) -> type[LimitedProtocol]:
    """HTTP for uvicorn, within limits of connections and of time."""
    return type("Protocol", (LimitedProtocol,), {"limits": limits})


def _descriptors() -> int:
    """How many files and connections this process may have open."""
    try:
        import resource
    except ImportError:  # Windows has no such limit.
        return sys.maxsize
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return sys.maxsize if soft == resource.RLIM_INFINITY else int(soft)


class SaidOnce:
    """Handles the faults of an event loop: reports each kind at most once a minute."""

    def __init__(self) -> None:
        self._told: dict[str, float] = {}

    def __call__(self, loop: asyncio.AbstractEventLoop, fault: dict[str, Any]) -> None:
        """Reports a fault, unless one of its kind was reported in the last minute."""
        kind, now = str(fault.get("message")), time.monotonic()
        if now - self._told.get(kind, -REPEATED_SECONDS) >= REPEATED_SECONDS:
            self._told[kind] = now
            loop.default_exception_handler(fault)
