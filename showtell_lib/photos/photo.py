"""`Photo`: an opened photo, for the eye and for the graph."""

from __future__ import annotations

import io
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, TypeAlias

import numpy as np
from PIL import Image

# What `open_photo` takes: a path, an address, bytes, a file, a picture, an array. `open_photo`
# checks its argument itself, so no narrower type is needed.
PhotoSource: TypeAlias = Any


@dataclass(frozen=True, eq=False)
class Photo:
    """An opened photo, as a person sees it.

    Attributes:
        name: file name, or what it was made from.
        pixels: upright RGB, uint8 [height, width, 3], read-only.
        original: the file's own bytes, where a graph decodes them to the very same picture.
        credit: who made it and under which terms, for sample photos.
    """

    name: str
    pixels: np.ndarray
    original: bytes | None = field(default=None, repr=False)
    credit: str = ""

    @property
    def height(self) -> int:
        """Pixels from top to bottom."""
        return int(self.pixels.shape[0])

    @property
    def width(self) -> int:
        """Pixels from left to right."""
        return int(self.pixels.shape[1])

    @property
    def encoded(self) -> bytes:
        """What a graph's decoder gets: the original bytes, or a lossless PNG of the pixels."""
        return self.original if self.original is not None else self.as_png()

    def as_png(self) -> bytes:
        """The pixels as a lossless PNG."""
        return self._png

    @cached_property
    def _png(self) -> bytes:
        buffer = io.BytesIO()
        self.as_image().save(buffer, "PNG", compress_level=1)
        return buffer.getvalue()

    def as_image(self) -> Image.Image:
        """The photo for Pillow."""
        return Image.fromarray(self.pixels)

    def thumbnail(self, size: int = 320) -> Image.Image:
        """The photo for Pillow, at most `size` pixels wide and high."""
        image = self.as_image()
        image.thumbnail((size, size))
        return image

    def thumbnail_jpeg(self, size: int = 320) -> bytes:
        """The thumbnail as a JPEG file."""
        buffer = io.BytesIO()
        self.thumbnail(size).save(buffer, "JPEG", quality=88)
        return buffer.getvalue()

    @property
    def alt(self) -> str:
        """What the picture is, for those who do not see it."""
        return f"The photo {self.name}, {self.width} by {self.height} pixels."

    def _repr_jpeg_(self) -> tuple[bytes, dict[str, str]]:
        return self.thumbnail_jpeg(), {"alt": self.alt}

    def __repr__(self) -> str:
        return f"<Photo {self.name}: {self.width} x {self.height}>"
