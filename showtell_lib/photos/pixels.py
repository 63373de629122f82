"""Upright RGB pixels of a picture in any mode: grey, CMYK, 16-bit, palette, transparent."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from PIL import Image

# Pixels that are converted at a time, at up to 40 bytes each; a whole photo would take a gigabyte.
STRIP_PIXELS = 1_000_000
# What makes a picture upright again, by its orientation; 1 is upright.
_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


def upright_rgb(image: Image.Image, orientation: int) -> np.ndarray:
    """Upright RGB, uint8 [height, width, 3], of a loaded picture in any mode."""
    full = _full_scale(image) if image.mode.startswith(("I", "F")) else 0.0
    if orientation in _TURNS:
        image = image.transpose(_TURNS[orientation])
    pixels = np.empty((image.height, image.width, 3), np.uint8)
    for strip in _strips(image):
        pixels[strip] = _rgb(image.crop((0, strip.start, image.width, strip.stop)), full)
    pixels.setflags(write=False)
    return pixels


def _strips(image: Image.Image) -> Iterator[slice]:
    """The rows of a picture, about `STRIP_PIXELS` pixels at a time."""
    rows = max(1, STRIP_PIXELS // image.width)
    for top in range(0, image.height, rows):
        yield slice(top, min(top + rows, image.height))


def _rgb(strip: Image.Image, full: float) -> np.ndarray:
    """RGB, uint8 [height, width, 3], of a part of a picture; `full` is the white of numbers."""
    if full:
        strip = Image.fromarray(_scaled_to_8_bits(strip, full))
    if strip.mode in ("RGBA", "LA", "PA", "La", "RGBa") or "transparency" in strip.info:
        opaque = Image.new("RGBA", strip.size, "white")
        strip = Image.alpha_composite(opaque, _as_rgba(strip))
    return np.asarray(strip if strip.mode == "RGB" else strip.convert("RGB"))


def _as_rgba(image: Image.Image) -> Image.Image:
    straight = {"La": "LA", "RGBa": "RGBA"}.get(image.mode)
    return (image.convert(straight) if straight else image).convert("RGBA")


def _full_scale(image: Image.Image) -> float:
    """The value that is white in a 16-bit, 32-bit or floating-point picture."""
    if image.mode.startswith("I;16") or image.format == "PNG":
        return 65535.0
    parts = (image.crop((0, rows.start, image.width, rows.stop)) for rows in _strips(image))
    largest = max(0.0, *(float(_numbers(part).max()) for part in parts))
    return next((limit for limit in (1.0, 255.0, 65535.0) if largest <= limit), largest)


def _numbers(image: Image.Image) -> np.ndarray:
    return np.nan_to_num(np.asarray(image, np.float64))


def _scaled_to_8_bits(image: Image.Image, full: float) -> np.ndarray:
    return np.round(np.clip(_numbers(image) / full, 0, 1) * 255).astype(np.uint8)
