"""Photos and scenes with captions, feature maps and occlusion maps."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from typing import Protocol, runtime_checkable

import matplotlib
import numpy as np
from matplotlib.axes import Axes
from matplotlib.image import AxesImage
from numpy.typing import ArrayLike
from PIL import Image

from showtell_lib.errors import SettingsError
from showtell_lib.near_ties import first_largest
from showtell_lib.plots import style
from showtell_lib.plots.picture import Picture
from showtell_lib.plots.wording import named, rounded
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


def feature_maps(image: Pictured, maps: ArrayLike, *, count: int = 12, title: str = "") -> Picture:
    """The photo and the strongest of the encoder's feature maps.

    Args:
        image: a Pillow image, an array, or whatever has `as_image()` or `draw()`.
        maps: float [height, width, channels].
        count: how many channels; those with the largest mean.
        title: above the figure.
    """
    values = np.asarray(maps, np.float64)
    strength = values.mean(axis=(0, 1))
    chosen = np.argsort(-strength, kind="stable")[:count]
    columns = 5
    rows = -(-(len(chosen) + 1) // columns)
    with matplotlib.rc_context(style.SETTINGS):
        figure = style.new_figure(1.95 * rows + (0.3 if title else 0))
        if title:
            figure.suptitle(title, x=0.01, ha="left", fontsize=12, fontweight="bold")
        show(figure.add_subplot(rows, columns, 1), squared(as_image(image)), "the photo")
        for place, channel in enumerate(chosen, start=2):
            axes = figure.add_subplot(rows, columns, place)
            show(axes, values[:, :, channel], f"channel {channel}", cmap=style.SEQUENTIAL)
    height, width, channels = values.shape
    strongest = ", ".join(
        f"{channel} (mean {rounded(strength[channel])})" for channel in chosen[:3]
    )
    return Picture(
        figure,
        f"{named(title)}The photo and {len(chosen)} of {channels} feature maps of {height} by "
        f"{width}, the strongest; channels {strongest} first.",
    )


def occlusion(image: Pictured, drop: ArrayLike, word: str, *, title: str = "") -> Picture:
    """Where a photo carries a word: how far its log-probability falls when a square is covered.

    Args:
        image: a Pillow image, an array, or whatever has `as_image()` or `draw()`.
        drop: float [rows, columns], the fall for each square; below 0 is a rise.
        word: whose log-probability it is.
        title: above the figure.
    """
    values = np.asarray(drop, np.float64)
    picture = as_image(image)
    most = max(float(np.abs(values).max()), 1e-9)
    with matplotlib.rc_context(style.SETTINGS):
        figure = style.new_figure(3.9)
        if title:
            figure.suptitle(title, x=0.01, ha="left", fontsize=12, fontweight="bold")
        plain, covered = figure.subplots(1, 2)
        show(plain, picture, "the photo")
        row, column = _strongest(values)
        heat = _show_heat(covered, picture, values, most, f'covered here, "{word}" falls')
        bar = figure.colorbar(heat, ax=covered, fraction=0.05, pad=0.02)
        bar.set_label("fall of log-probability")
    rows, columns = values.shape
    return Picture(
        figure,
        f'{named(title)}Occlusion map of {rows} by {columns} squares for the word "{word}". '
        f"Covering row {row + 1}, column {column + 1}, "
        f"{_where(row, column, values.shape)}, lowers its log-probability most, "
        f"by {rounded(values.max())}.",
    )


def word_regions(
    image: Pictured, drops: ArrayLike, words: Sequence[str], *, title: str = ""
) -> Picture:
    """The occlusion maps of a few words beside each other, on one scale.

    Args:
        image: a Pillow image, an array, or whatever has `as_image()` or `draw()`.
        drops: float [words, rows, columns], as in `occlusion`.
        words: whose log-probabilities they are.
        title: above the figure.

    Raises:
        SettingsError: not as many maps as words, or none.
    """
    values = np.asarray(drops, np.float64)
    if not words or len(words) != len(values):
        raise SettingsError(f"there are {len(values)} occlusion maps for {len(words)} words")
    picture = as_image(image)
    most = max(float(np.abs(values).max()), 1e-9)
    regions = []
    with matplotlib.rc_context(style.SETTINGS):
        width = style.WIDTH / len(words)
        figure = style.new_figure(1.02 * width * picture.height / picture.width + 1.2)
        if title:
            figure.suptitle(title, x=0.01, ha="left", fontsize=12, fontweight="bold")
        places = figure.subplots(1, len(words), squeeze=False)[0]
        for axes, falls, word in zip(places, values, words, strict=True):
            heat = _show_heat(axes, picture, falls, most, f'"{word}"')
            where = _where(*_strongest(falls), falls.shape)
            regions.append(f'"{word}" {where}, by {rounded(falls.max())}')
        bar = figure.colorbar(heat, ax=list(places), location="bottom", fraction=0.06, aspect=50)
        bar.set_label("fall of log-probability where the photo is covered")
    return Picture(
        figure,
        f"{named(title)}Occlusion maps of {len(words)} words, each with the square whose covering "
        f"lowers its log-probability most: {'; '.join(regions)}.",
    )


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


def _strongest(values: np.ndarray) -> tuple[int, int]:
    """Row and column of the largest fall; of several nearly as large, of the first."""
    row, column = np.unravel_index(first_largest(values), values.shape)
    return int(row), int(column)


def _show_heat(
    axes: Axes, picture: Image.Image, values: np.ndarray, most: float, heading: str
) -> AxesImage:
    """The map over the photo in grey, with its strongest square framed."""
    show(axes, picture.convert("L"), heading, cmap="gray")
    width, height = picture.size
    heat = axes.imshow(
        values, cmap=style.DIVERGING, vmin=-most, vmax=most, alpha=0.62,
        extent=(-0.5, width - 0.5, height - 0.5, -0.5), interpolation="nearest",
    )  # fmt: skip
    row, column = _strongest(values)
    side_y, side_x = height / values.shape[0], width / values.shape[1]
    left, top = column * side_x - 0.5, row * side_y - 0.5
    xs = [left, left + side_x, left + side_x, left, left]
    ys = [top, top, top + side_y, top + side_y, top]
    axes.plot(xs, ys, color=style.INK, linewidth=2)
    return heat


def _where(row: int, column: int, shape: tuple[int, ...]) -> str:
    vertical = _third(row, shape[0], ("top", "", "bottom"))
    horizontal = _third(column, shape[1], ("left", "", "right"))
    return f"{vertical} {horizontal}".strip() or "in the middle"


def _third(place: int, count: int, names: tuple[str, str, str]) -> str:
    """The name of the third of a side in which the middle of a square lies."""
    return names[int(3 * (place + 0.5) / count)]
