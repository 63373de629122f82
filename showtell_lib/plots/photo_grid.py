"""Photos and scenes beside each other with captions, and how a picture gets into a figure."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from typing import Protocol, runtime_checkable

import matplotlib
import numpy as np
from matplotlib.axes import Axes
from numpy.typing import ArrayLike
from PIL import Image

from showtell_lib.errors import SettingsError
from showtell_lib.plots import style
from showtell_lib.plots.picture import Picture
from showtell_lib.trace import Caption

LONGEST_SIDE = 480


@runtime_checkable
class Opened(Protocol):
    """What can be had as a Pillow image, as a `Photo` can."""

    def as_image(self) -> Image.Image:
        """The picture."""


@runtime_checkable
class Drawable(Protocol):
    """What can draw itself, as a `Scene` can."""

    def draw(self) -> Image.Image:
        """The picture."""


Pictured = Image.Image | Opened | Drawable | ArrayLike


def photo_row(
    photos: Sequence[Pictured], captions: Sequence[str | Caption], *, columns: int = 4
) -> Picture:
    """Photos or scenes in a grid with a caption under each.

    Args:
        photos: Pillow images, arrays, or whatever has `as_image()` or `draw()`.
        captions: strings or `Caption`s, one each.
        columns: photos beside each other.

    Raises:
        SettingsError: not as many captions as photos, or none.
    """
    if not photos or len(photos) != len(captions):
        raise SettingsError(f"there are {len(captions)} captions for {len(photos)} photos")
    columns = max(1, min(columns, len(photos)))
    texts = [str(getattr(caption, "text", caption)) for caption in captions]
    images = [as_image(photo) for photo in photos]
    wrapped = [_wrapped(text, columns) for text in texts]
    with matplotlib.rc_context(style.SETTINGS):
        figure = style.new_figure(_height(images, wrapped, columns))
        for index, (image, text) in enumerate(zip(images, wrapped, strict=True)):
            axes = figure.add_subplot(-(-len(images) // columns), columns, index + 1, anchor="N")
            show(axes, image)
            axes.set_xlabel(text, fontsize=10)
    quoted = "; ".join(f'"{" ".join(text.split())}"' for text in texts)
    kind = "picture" if len(photos) == 1 else "pictures"
    return Picture(figure, f"{len(photos)} {kind} with captions: {quoted}.")


def as_image(photo: Pictured) -> Image.Image:
    """A Pillow image of a Pillow image, a `Photo`, a `Scene` or an array."""
    if isinstance(photo, Image.Image):
        image = photo.convert("RGB")
    elif isinstance(photo, Opened):
        image = photo.as_image()
    elif isinstance(photo, Drawable):
        image = photo.draw()
    else:
        image = Image.fromarray(np.asarray(photo, np.uint8)).convert("RGB")
    image = image.copy()
    image.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
    return image


def squared(image: Image.Image) -> Image.Image:
    """The whole picture squeezed into a square, as the encoder sees it."""
    side = max(image.size)
    return image.resize((side, side))


def show(
    axes: Axes, image: Image.Image | np.ndarray, heading: str = "", *, cmap: str | None = None
) -> None:
    """An image without ticks and frame."""
    axes.imshow(image, cmap=cmap)
    axes.set_xticks([])
    axes.set_yticks([])
    for spine in axes.spines.values():
        spine.set_visible(False)
    if heading:
        axes.set_title(heading, fontsize=10, fontweight="normal")


def _wrapped(text: str, columns: int) -> str:
    room = max(12, int(style.WIDTH * 12.5 / columns) - 2)
    return "\n".join(textwrap.fill(line, room) for line in text.splitlines())


def _height(images: Sequence[Image.Image], texts: Sequence[str], columns: int) -> float:
    """Inches: per row the tallest picture and the longest caption."""
    column = min(style.WIDTH / columns, 4.5)
    total = 0.1
    for first in range(0, len(images), columns):
        tallest = max(i.height / i.width for i in images[first : first + columns])
        text_lines = max(text.count("\n") + 1 for text in texts[first : first + columns])
        total += column * min(tallest, 1.4) + 0.18 * text_lines + 0.15
    return total
