"""Photos that are no files: pictures of Pillow and NumPy arrays."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from PIL import Image

from showtell_lib.errors import PhotoError
from showtell_lib.photos.decoding import check_size, orientation_of, pillow_errors
from showtell_lib.photos.photo import Photo
from showtell_lib.photos.pixels import upright_rgb


@dataclass(frozen=True)
class InMemory:
    """A picture that needs at most a conversion.

    Attributes:
        pixel_count: how many pixels the photo will have.
        decode: gives the photo.
    """

    pixel_count: int
    decode: Callable[[], Photo]

    def decode_for_graph(self) -> Photo:
        """The photo: what a graph takes is made from its pixels."""
        return self.decode()


def from_image(image: Image.Image) -> Photo:
    """A photo of a Pillow image in any mode."""
    name = Path(str(getattr(image, "filename", "") or "image")).name
    check_size(name, *image.size)
    with pillow_errors(name):
        image.load()
        return Photo(name, upright_rgb(image, orientation_of(image)))


def from_array(array: np.ndarray) -> Photo:
    """A photo of the pixels that `open_photo` takes."""
    grey = array.ndim == 2 or (array.ndim == 3 and array.shape[2] == 1)
    if not grey and not (array.ndim == 3 and array.shape[2] in (3, 4)):
        raise PhotoError(
            f"array: shape {list(array.shape)} is not a picture; it should be [height, width] or "
            "[height, width, 1, 3 or 4]"
        )
    check_size("array", array.shape[1], array.shape[0])
    image = Image.fromarray(_array_to_8_bits(array.reshape(array.shape[:2]) if grey else array))
    return replace(from_image(image), name="array")


def _array_to_8_bits(array: np.ndarray) -> np.ndarray:
    if array.dtype == np.uint8:
        return np.ascontiguousarray(array)
    if array.dtype == np.uint16:
        return np.round(array / 257).astype(np.uint8)
    if array.dtype == bool:
        return array.astype(np.uint8) * 255
    if array.dtype.kind != "f":
        raise PhotoError(f"array: type {array.dtype} is no picture; use uint8, or float 0 to 1")
    if not (np.isfinite(array).all() and array.min() >= 0 and array.max() <= 1):
        raise PhotoError("array: float values must be from 0 to 1; divide by 255?")
    return np.round(array.astype(np.float64) * 255).astype(np.uint8)
