"""Where a photo carries a word: maps of how far the word's log-probability falls when covered."""

from __future__ import annotations

from collections.abc import Sequence

import matplotlib
import numpy as np
from matplotlib.axes import Axes
from matplotlib.colorbar import Colorbar
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

# The colour scale ends where this share of all squares is within, so that a single outlier does
# not leave the rest grey; and not below a tenth of a nat, which nobody should take for a finding.
WITHIN, LEAST_SCALE = 0.97, 0.1
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
        bar = figure.colorbar(heat, ax=covered, fraction=0.05, pad=0.02, extend=_beyond(values))
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

    The scale ends where 97% of all squares are within; what is beyond has the last colour. The
    strongest square of a map is framed, unless it is next to nothing.

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
        for axes, falls, word in zip(places, values, words, strict=False):
            heading = f"{word}  {falls.max():.1f}"
            heat = _show_heat(axes, picture, falls, _scale(values), heading)
            regions.append(f'"{word}" {_region(falls)}')
        for unused in places[len(words) :]:
            unused.set_axis_off()
        bar = figure.colorbar(
            heat, ax=places, location="bottom", fraction=0.06, aspect=50, extend=_beyond(values)
        )
        _finish(bar, "fall of log-probability where the photo is covered; the largest in the title")
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


def _scale(values: np.ndarray) -> float:
    """Where the colour scale ends, for falls as for rises."""
    within = float(np.quantile(np.abs(values), WITHIN, method="lower"))
    return max(within, LEAST_SCALE)


def _beyond(values: np.ndarray) -> str:
    """At which ends the colour bar gets a tip, because values go on there."""
    scale = _scale(values)
    ends = {(False, False): "neither", (True, False): "max", (False, True): "min"}
    return ends.get((bool(values.max() > scale), bool(values.min() < -scale)), "both")


def _finish(bar: Colorbar, label: str) -> None:
    bar.set_label(label)
    bar.outline.set_visible(False)


def _strongest(values: np.ndarray) -> tuple[int, int]:
    """Row and column of the largest fall; of several nearly as large, of the first."""
    row, column = np.unravel_index(first_largest(values), values.shape)
    return int(row), int(column)


def _show_heat(
    axes: Axes, picture: Image.Image, values: np.ndarray, most: float, heading: str
) -> AxesImage:
    """The map over the photo in grey, with its strongest square framed if it is worth it."""
    show(axes, picture.convert("L"), heading, cmap="gray")
    width, height = picture.size
    heat = axes.imshow(
        values, cmap=style.DIVERGING, vmin=-most, vmax=most, alpha=0.62,
        extent=(-0.5, width - 0.5, height - 0.5, -0.5), interpolation="nearest",
    )  # fmt: skip
    if values.max() < LEAST_SCALE:
        return heat
    row, column = _strongest(values)
    side_y, side_x = height / values.shape[0], width / values.shape[1]
    left, top = column * side_x - 0.5, row * side_y - 0.5
    xs = [left, left + side_x, left + side_x, left, left]
    ys = [top, top, top + side_y, top + side_y, top]
    axes.plot(xs, ys, color=style.INK, linewidth=2)
    return heat


def _region(falls: np.ndarray) -> str:
    """Where a map is strongest, and by how much; what is next to nothing has no place."""
    if falls.max() < LEAST_SCALE:
        return f"hardly anywhere, by less than {LEAST_SCALE}"
    return f"{whereabouts(*_strongest(falls), falls.shape)}, by {rounded(falls.max())}"
