"""Photos made worse on purpose, to see how much of a captioner's quality survives."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from functools import partial

from PIL import Image, ImageOps

Degradation = Callable[[Image.Image], Image.Image]


def _jpeg(image: Image.Image, quality: int) -> Image.Image:
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=quality)
    return Image.open(io.BytesIO(buffer.getvalue()))


def _blurred(image: Image.Image, share: float) -> Image.Image:
    """Shrunk to a share of its size and enlarged again."""
    small = (max(1, round(image.width * share)), max(1, round(image.height * share)))
    shrunk = image.resize(small, Image.Resampling.BICUBIC)
    return shrunk.resize(image.size, Image.Resampling.BICUBIC)


def _cropped(image: Image.Image, share: float) -> Image.Image:
    """The middle, `share` of the height and of the width."""
    x, y = image.width * (1 - share) / 2, image.height * (1 - share) / 2
    return image.crop((round(x), round(y), round(image.width - x), round(image.height - y)))


def _rotated(image: Image.Image, degrees: float) -> Image.Image:
    """Turned anticlockwise; the corners are filled with mid grey."""
    return image.rotate(degrees, Image.Resampling.BICUBIC, fillcolor=(128, 128, 128))


def _grey(image: Image.Image) -> Image.Image:
    return ImageOps.grayscale(image).convert("RGB")


DEGRADATIONS: Mapping[str, Degradation] = {
    **{f"jpeg_{quality}": partial(_jpeg, quality=quality) for quality in (60, 75, 85, 95)},
    # Of 224 pixels, 200 and 112 are left.
    "slight_blur": partial(_blurred, share=200 / 224),
    "strong_blur": partial(_blurred, share=0.5),
    "crop": partial(_cropped, share=0.8),
    "grey": _grey,
    "mirrored": ImageOps.mirror,
    "rotated_10": partial(_rotated, degrees=10),
}
