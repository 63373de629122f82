"""The most that the service takes on, so that no client can exhaust it."""

from __future__ import annotations

from dataclasses import dataclass

# These stand in the API's description, which is the same for every model.
WIDEST_BEAM = 20
LARGEST_PENALTY = 10.0


@dataclass(frozen=True)
class Limits:
    """Limits of one service.

    Attributes:
        photo_bytes: most bytes of an uploaded file.
        photo_pixels: most pixels of a photo; a small file can hold a huge picture.
        upload_seconds: how long a client may take to send its photo.
        open_seconds: how long a photo may take to open, once it has its turn.
        stuck_seconds: the service is not ready while every process that opens photos has worked on
            its photo for longer than this.
        answer_seconds: how long the answer may take after the upload.
        requests: most requests that are worked on or waiting at the same time; more are turned
            away. With `photo_bytes` it bounds the memory.
        uploads_of_one: most photos that one client may be sending at the same time, so that other
            clients find a place.
        connections: most connections at the same time; more are closed at once.
        connections_of_one: most connections of one client.
        header_seconds: how long a connection may take to bring a whole request.
        end_seconds: how long requests may still take once the service is told to end.
        batch: most photos that are captioned in one call.
        wait_seconds: how long the first photo of a batch waits for others.
    """

    photo_bytes: int = 10_000_000
    photo_pixels: int = 25_000_000
    upload_seconds: float = 10.0
    open_seconds: float = 10.0
    stuck_seconds: float = 2.0
    answer_seconds: float = 30.0
    requests: int = 64
    uploads_of_one: int = 32
    connections: int = 256
    connections_of_one: int = 128
    header_seconds: float = 10.0
    end_seconds: float = 4.0
    batch: int = 16
    wait_seconds: float = 0.004
