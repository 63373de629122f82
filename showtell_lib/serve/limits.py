"""What the service takes on at most, so that no client can exhaust it."""

from __future__ import annotations

from dataclasses import dataclass

# Part of the API's description, which is the same whatever model is served.
WIDEST_BEAM = 20
LARGEST_PENALTY = 10.0


@dataclass(frozen=True)
class Limits:
    """Limits of one service.

    Attributes:
        photo_bytes: of an uploaded file.
        photo_pixels: width times height; a small file can hold a huge picture.
        upload_seconds: for a client to send its photo.
        answer_seconds: from then on to the answer.
        requests: that are worked on or waiting at the same time; more are turned away. With
            `photo_bytes` it bounds the memory.
        batch: photos that are captioned in one call.
        wait_seconds: that the first photo of a batch waits for others.
    """

    photo_bytes: int = 10_000_000
    photo_pixels: int = 25_000_000
    upload_seconds: float = 10.0
    answer_seconds: float = 30.0
    requests: int = 64
    batch: int = 16
    wait_seconds: float = 0.004
