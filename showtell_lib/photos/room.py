"""Room in memory for photos that threads open at the same time."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

# A pixel takes 18 bytes while a photo is decoded and resized: three of them in Pillow's picture,
# three in TensorFlow's and twelve as floats. So this is a little less than 1 GB.
ROOM_PIXELS = 50_000_000


class Room:
    """Lets in photos of so many pixels together, or a single larger photo alone."""

    def __init__(self, pixels: int) -> None:
        self._pixels, self._taken = pixels, 0
        self._changed = threading.Condition()

    @contextmanager
    def taken(self, pixels: int) -> Iterator[None]:
        """Waits until there is room for so many pixels, and keeps it until the block ends."""
        with self._changed:
            self._changed.wait_for(lambda: not self._taken or self._taken + pixels <= self._pixels)
            self._taken += pixels
        try:
            yield
        finally:
            with self._changed:
                self._taken -= pixels
                self._changed.notify_all()


ROOM = Room(ROOM_PIXELS)
