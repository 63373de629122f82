"""Where a photo carries a word: maps of how far the word's log-probability falls when covered."""

from __future__ import annotations

from collections.abc import Sequence

import matplotlib
import numpy as np
from matplotlib.axes import Axes
from matplotlib.colorbar import Colorbar
from matplotlib.colors import Normalize, SymLogNorm
from matplotlib.figure import Figure
from matplotlib.image import AxesImage
from numpy.typing import ArrayLike
from PIL import Image

from showtell_lib.errors import SettingsError
from showtell_lib.near_ties import first_largest
from showtell_lib.plots import style
from showtell_lib.plots.photo_grid import Pictured, as_image, show
from showtell_lib.plots.picture import Picture
from showtell_lib.plots.wording import named, rounded, whereabouts

# Of a log-probability: nobody should take less for a finding. Up to here colours grow evenly, and
# from here on with each factor alike, so that a large fall does not leave the others grey.
LEAST_FALL = 0.1
# Where the colour bar may have a tick, above 0 as below it.
TICKS = (0.1, 0.3, 1, 3, 10, 30)
COLUMNS = 4
HEADING = 0.34


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
    with matplotlib.rc_context(style.SETTINGS):
        figure = style.new_figure(3.9)
        _write_title(figure, title)
        plain, covered = figure.subplots(1, 2)
        show(plain, picture, "the photo")
        row, column = _strongest(values)
        heat = _show_heat(covered, picture, values, _scale(values), f'covered here, "{word}" falls')
        bar = figure.colorbar(heat, ax=covered, fraction=0.05, pad=0.02)
        _finish(bar, "fall of log-probability")
    rows, columns = values.shape
    return Picture(
        figure,
        f'{named(title)}Occlusion map of {rows} by {columns} squares for the word "{word}". '
        f"Covering row {row + 1}, column {column + 1}, "
        f"{whereabouts(row, column, values.shape)}, lowers its log-probability most, "
        f"by {rounded(values.max())}.",
    )


def word_regions(
    image: Pictured, drops: ArrayLike, words: Sequence[str], *, title: str = ""
) -> Picture:
    """A strip of occlusion maps, one per word, all on one colour scale.

    The scale ends at the largest fall or rise of all, and is logarithmic from 0.1 on. The strongest
    square of a map is framed and its fall told beside the word, unless it is less than 0.1.

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
    regions = []
    with matplotlib.rc_context(style.SETTINGS):
        figure, places = strip(len(words), picture, title)
        scale = _scale(values)
        for axes, falls, word in zip(places, values, words, strict=False):
            heading = f"{word}  {_largest(falls)}"
            heat = _show_heat(axes, picture, falls, scale, heading)
            regions.append(f'"{word}" {_region(falls)}')
        for unused in places[len(words) :]:
            unused.set_axis_off()
        bar = figure.colorbar(heat, ax=places, location="bottom", fraction=0.06, aspect=50)
        _finish(
            bar, "fall of log-probability where the photo is covered; beside a word, its largest"
        )
    return Picture(
        figure,
        f"{named(title)}Occlusion maps of {len(words)} words, each with the square whose covering "
        f"lowers its log-probability most: {'; '.join(regions)}.",
    )


def strip(count: int, picture: Image.Image, title: str) -> tuple[Figure, list[Axes]]:
    """A figure with a place for each map, the same number in every row where that is possible."""
    rows = -(-count // COLUMNS)
    columns = -(-count // rows)
    width = min(style.WIDTH / columns, 3.6)
    height = rows * (width * picture.height / picture.width + HEADING)
    figure = style.new_figure(height + 0.85 + HEADING * bool(title))
    _write_title(figure, title)
    return figure, list(figure.subplots(rows, columns, squeeze=False).flat)


def _write_title(figure: Figure, title: str) -> None:
    if title:
        figure.suptitle(title, x=0.01, ha="left", fontsize=12, fontweight="bold")


def _scale(values: np.ndarray) -> Normalize:
    """Colours for falls as for rises, up to the largest of them."""
    most = float(np.abs(values).max())
    if most <= LEAST_FALL:
        return Normalize(-LEAST_FALL, LEAST_FALL)
    return SymLogNorm(LEAST_FALL, linscale=0.5, vmin=-most, vmax=most, base=10)


def _finish(bar: Colorbar, label: str) -> None:
    """Names what the colours are, with ticks that have room."""
    above = [tick for tick in TICKS if tick <= (bar.norm.vmax or LEAST_FALL)]
    ticks = [*(-tick for tick in reversed(above)), 0, *above]
    bar.set_ticks(ticks, labels=[f"{tick:g}" for tick in ticks])
    bar.minorticks_off()
    bar.set_label(label)
    bar.outline.set_visible(False)


def _strongest(values: np.ndarray) -> tuple[int, int]:
    """Row and column of the largest fall; of several nearly as large, of the first."""
    row, column = np.unravel_index(first_largest(values), values.shape)
    return int(row), int(column)


def _show_heat(
    axes: Axes, picture: Image.Image, values: np.ndarray, scale: Normalize, heading: str
) -> AxesImage:
    """The map over the photo in grey, with its strongest square framed if it is worth it."""
    show(axes, picture.convert("L"), heading, cmap="gray")
    width, height = picture.size
    heat = axes.imshow(
        values, cmap=style.DIVERGING, norm=scale, alpha=0.62,
        extent=(-0.5, width - 0.5, height - 0.5, -0.5), interpolation="nearest",
    )  # fmt: skip
    if values.max() < LEAST_FALL:
        return heat
    row, column = _strongest(values)
    side_y, side_x = height / values.shape[0], width / values.shape[1]
    left, top = column * side_x - 0.5, row * side_y - 0.5
    xs = [left, left + side_x, left + side_x, left, left]
    ys = [top, top, top + side_y, top + side_y, top]
    axes.plot(xs, ys, color=style.INK, linewidth=2)
    return heat


def _largest(falls: np.ndarray) -> str:
    """The largest fall of a map in two digits, unless it is next to nothing."""
    if falls.max() < LEAST_FALL:
        return f"under {LEAST_FALL}"
    return f"{falls.max():.2g}"


def _region(falls: np.ndarray) -> str:
    """Where a map is strongest, and by how much; what is next to nothing has no place."""
    if falls.max() < LEAST_FALL:
        return f"hardly anywhere, by less than {LEAST_FALL}"
    return f"{whereabouts(*_strongest(falls), falls.shape)}, by {rounded(falls.max())}"
