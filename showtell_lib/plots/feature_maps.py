"""What channels of the encoder see of a photo, on one colour scale."""

from __future__ import annotations

from collections.abc import Sequence

import matplotlib
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.image import AxesImage
from numpy.typing import ArrayLike

from showtell_lib.errors import SettingsError
from showtell_lib.plots import style
from showtell_lib.plots.photo_grid import Pictured, as_image, show, squared
from showtell_lib.plots.picture import Picture
from showtell_lib.plots.wording import named, rounded

COLUMNS = 5
# ReLU6, the activation of MobileNets and EfficientNet-Lites, lets through 0 to 6 and no more.
CAP, NEARLY = 6.0, 1e-3
# Marks fit only into fields of a certain size.
MOST_MARKED = 14


def feature_maps(
    image: Pictured,
    maps: ArrayLike,
    *,
    channels: Sequence[int] | None = None,
    count: int = 9,
    title: str = "",
) -> Picture:
    """The photo and some of the encoder's feature maps, all on one colour scale.

    Where the activation is ReLU6, the scale ends at its cap of 6, and the fields of small maps
    that lie at the cap are dotted: they might be more, and cannot.

    Args:
        image: a Pillow image, an array, or whatever has `as_image()` or `draw()`.
        maps: float [height, width, channels].
        channels: which to show, such as `embeddings.distinctive_channels` gives; if None those
            with the largest mean.
        count: how many channels where none are given.
        title: above the figure.

    Raises:
        SettingsError: a channel is not one of the maps', or there is none.
    """
    values = np.asarray(maps, np.float64)
    strength = values.mean(axis=(0, 1))
    strongest = np.argsort(-strength, kind="stable")[:count].tolist()
    chosen = strongest if channels is None else [int(channel) for channel in channels]
    if not chosen or not all(0 <= channel < values.shape[2] for channel in chosen):
        last = values.shape[2] - 1
        raise SettingsError(f"channels are {chosen}; the maps have the channels 0 to {last}")
    shown = values[:, :, chosen]
    capped = _capped(values)
    with matplotlib.rc_context(style.SETTINGS):
        figure, (photo, *places) = _grid(len(chosen) + 1, title)
        show(photo, squared(as_image(image)), "the photo")
        for axes, channel in zip(places, chosen, strict=False):
            field = values[:, :, channel]
            top = CAP if capped else float(shown.max())
            heat = _show_map(axes, field, top or 1.0, f"channel {channel}", capped=capped)
        for unused in places[len(chosen) :]:
            unused.set_axis_off()
        _colour_bar(figure, heat, places, capped=capped, marked=max(shown.shape[:2]) <= MOST_MARKED)
    which = "the strongest" if channels is None else "chosen"
    return Picture(figure, _describe(values, chosen, which, title))


def _capped(values: np.ndarray) -> bool:
    """Whether several fields lie at ReLU6's cap and none above it."""
    at_cap = np.count_nonzero(values >= CAP - NEARLY)
    return bool(at_cap > 1 and values.max() <= CAP + NEARLY)


def _grid(count: int, title: str) -> tuple[Figure, list[Axes]]:
    rows = -(-count // COLUMNS)
    figure = style.new_figure(1.95 * rows + 0.6 + (0.3 if title else 0))
    if title:
        figure.suptitle(title, x=0.01, ha="left", fontsize=12, fontweight="bold")
    return figure, list(figure.subplots(rows, COLUMNS, squeeze=False).flat)


def _show_map(
    axes: Axes, values: np.ndarray, top: float, heading: str, *, capped: bool
) -> AxesImage:
    show(axes, values, heading, cmap=style.SEQUENTIAL)
    heat = axes.images[0]
    heat.set_clim(0, top)
    if capped and max(values.shape) <= MOST_MARKED:
        rows, columns = np.nonzero(values >= CAP - NEARLY)
        axes.plot(columns, rows, ".", color=style.INK, markersize=4)
    return heat


def _colour_bar(
    figure: Figure, heat: AxesImage, places: list[Axes], *, capped: bool, marked: bool
) -> None:
    bar = figure.colorbar(heat, ax=places, location="bottom", fraction=0.05, aspect=60, pad=0.03)
    bar.outline.set_visible(False)
    if not capped:
        bar.set_label("activation")
        return
    bar.set_ticks([0, 2, 4, 6], labels=["0", "2", "4", "6, the cap"])
    dots = "; a dot: at the cap" if marked else ""
    bar.set_label(f"activation, which ReLU6 keeps between 0 and 6{dots}")


def _describe(values: np.ndarray, chosen: list[int], which: str, title: str) -> str:
    height, width, channels = values.shape
    listed = ", ".join(f"{c} (mean {rounded(float(values[..., c].mean()))})" for c in chosen[:3])
    alt = (
        f"{named(title)}The photo and {len(chosen)} of {channels} feature maps of {height} by "
        f"{width}, {which}; channels {listed} first."
    )
    if not _capped(values):
        return alt
    share = 100 * float((values[:, :, chosen] >= CAP - NEARLY).mean())
    return f"{alt} Of their fields {share:.1f}% lie at 6, the most that ReLU6 lets through."
