"""The limits of the service, so that no client can exhaust it."""

from __future__ import annotations

from dataclasses import dataclass, fields

from showtell_lib.errors import SettingsError

# Part of the API's description, which is the same whatever model is served.
WIDEST_BEAM = 20
# A trace has up to 19 * width * width expansions: half a megabyte at this width.
WIDEST_TRACED = 10
LARGEST_PENALTY = 10.0


@dataclass(frozen=True)
class Limits:
    """Limits of one service. Each is an option of `showtell serve`, too.

    Attributes:
        photo_bytes: most bytes of an uploaded file.
        photo_pixels: most pixels of a photo, width times height: a small file can hold a huge
            picture.
        upload_seconds: how long a client may take to send its photo.
        open_seconds: how long a photo may take to open, once its turn has come.
        stuck_seconds: longer than photos take to open. While every process that opens photos has
            spent longer than this on its photo, the service says that it is not ready.
        answer_seconds: how long an answer may take after the upload.
        requests: most requests that are in progress or waiting at the same time; further requests
            are turned away. Together with `photo_bytes` this bounds the memory.
        uploads_of_one: most photos that one client may be sending at the same time, so that other
            clients find a place.
        connections: most connections at the same time; further connections are closed at once.
        connections_of_one: most connections of one client.
        header_seconds: how long a connection may take to bring a whole request before it is closed.
        end_seconds: how long requests in progress may go on when the service is told to end.
        batch: most photos that are captioned in one call.
        wait_seconds: how long the first photo of a batch waits for others.

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
