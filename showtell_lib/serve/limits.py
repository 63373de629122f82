"""What the service takes on at most, so that no client can exhaust it."""

from __future__ import annotations

from dataclasses import dataclass, fields

from showtell_lib.errors import SettingsError

# Part of the API's description, which is the same whatever model is served.
WIDEST_BEAM = 20
# A trace has up to 19 times the square of it expansions, which makes half a megabyte.
WIDEST_TRACED = 10
LARGEST_PENALTY = 10.0


@dataclass(frozen=True)
class Limits:
    """Limits of one service. Each is an option of `showtell serve`, too.

    Attributes:
        photo_bytes: of an uploaded file.
        photo_pixels: width times height; a small file can hold a huge picture.
        upload_seconds: for a client to send its photo.
        open_seconds: to open it, on top of waiting for a turn.
        stuck_seconds: longer than photos take to open; the service is not ready while every process
            that opens photos has been at one for so long.
        answer_seconds: from the upload to the answer.
        requests: that are worked on or waiting at the same time; more are turned away. With
            `photo_bytes` it bounds the memory.
        uploads_of_one: photos that one client may be sending at the same time, so that others find
            a place.
        connections: that are open at the same time; more are closed at once.
        connections_of_one: of one client.
        header_seconds: for a connection to bring a whole request, before it is closed.
        end_seconds: for requests that are being worked on when the service is told to end.
        batch: photos that are captioned in one call.
        wait_seconds: that the first photo of a batch waits for others.

    Raises:
        SettingsError: a limit is no number, or too small.
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

    def __post_init__(self) -> None:
        for limit in fields(self):
            value = getattr(self, limit.name)
            least = 1 if isinstance(limit.default, int) else 0
            if not least <= value < float("inf"):
                raise SettingsError(f"{limit.name} must be {least} or more, not {value}")
