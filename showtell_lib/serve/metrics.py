"""The counts and times of the service, for Prometheus."""

from __future__ import annotations

import time
from http import HTTPStatus
from typing import Any

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    ProcessCollector,
    generate_latest,
)

PHOTOS_IN_A_BATCH = (1, 2, 4, 8, 12, 16, 32)
SECONDS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)


class Metrics:
    """The metrics of one service.

    Attributes:
        requests: how many were answered, by path and status.
        seconds: from the first line of a request to the end of its answer, by path and status:
            requests that are turned away take no time, and would hide how long the others take.
        batches: photos in each call of the model.
        inside: requests being worked on or waiting.
    """

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        ProcessCollector(registry=self._registry)
        self.requests = Counter(
            "showtell_requests", "Requests answered", ["path", "status"], registry=self._registry
        )
        self.seconds = Histogram(
            "showtell_request_seconds",
            "Seconds to answer a request",
            ["path", "status"],
            buckets=SECONDS,
            registry=self._registry,
        )
        self.batches = Histogram(
            "showtell_batch_photos",
            "Photos captioned in one call",
            buckets=PHOTOS_IN_A_BATCH,
            registry=self._registry,
        )
        self.inside = Gauge(
            "showtell_requests_inside", "Requests worked on or waiting", registry=self._registry
        )

    def text(self) -> bytes:
        """All metrics in the text format of Prometheus."""
        return generate_latest(self._registry)


class Measured:
    """ASGI middleware that counts and times every request.

    Args:
        app: what answers the requests.
        metrics: what to write to.
        paths: the paths that are counted by name; all others count as one, so that clients cannot
            create new labels.
    """

    def __init__(self, app: Any, metrics: Metrics, paths: frozenset[str]) -> None:
        self._app, self._metrics, self._paths = app, metrics, paths

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Answers one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        path = scope["path"] if scope["path"] in self._paths else "other"
        started = time.perf_counter()
        # A fault's answer is sent from further out.
        status = int(HTTPStatus.INTERNAL_SERVER_ERROR)

        async def send_and_note(message: Any) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                self._metrics.requests.labels(path, status).inc()
            await send(message)

        try:
            await self._app(scope, receive, send_and_note)
        except Exception:
            self._metrics.requests.labels(path, HTTPStatus.INTERNAL_SERVER_ERROR.value).inc()
            raise
        finally:
            self._metrics.seconds.labels(path, status).observe(time.perf_counter() - started)
