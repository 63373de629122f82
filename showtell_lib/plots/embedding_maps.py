"""Embeddings on a plane: colours and marks for groups, thumbnails for some."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

import matplotlib
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.offsetbox import AnnotationBbox, OffsetImage
from matplotlib.transforms import Bbox
from numpy.typing import ArrayLike

from showtell_lib.errors import SettingsError
from showtell_lib.near_ties import first_largest
from showtell_lib.plots import style
from showtell_lib.plots.photo_grid import Pictured, as_image
from showtell_lib.plots.picture import Picture
from showtell_lib.plots.wording import named

MARKS = "os^DvPX*<>"
THUMBNAIL = 44
# Of a label from its point: offset in points, and how it is aligned there.
SIDES = (
    ((5, 3), "left", "bottom"),
    ((5, -3), "left", "top"),
    ((-5, 3), "right", "bottom"),
    ((-5, -3), "right", "top"),
    ((0, 6), "center", "bottom"),
    ((0, -6), "center", "top"),
)


def embedding_map(
    points: ArrayLike,
    *,
    images: Sequence[tuple[int, Pictured]] | None = None,
    labels: Sequence[str] | None = None,
    groups: Sequence[str] | None = None,
    title: str = "",
) -> Picture:
    """Points on a plane, one per photo.

    Args:
        points: float [N, 2], as PCA or t-SNE gives.
        images: which points to show as thumbnails: (index, Pillow image, photo or scene).
        labels: a short text beside each point; "" for none. A label for which there is no room
            without covering another is left out.
        groups: the name of each point's group; each group gets a colour and a mark.
        title: above the figure.

    Raises:
        SettingsError: shapes do not fit.
    """
    places = np.asarray(points, np.float64)
    _check(places, labels, groups)
    counts = Counter(groups or [])
    with matplotlib.rc_context(style.SETTINGS):
        figure = style.new_figure(6.0)
        axes = figure.add_subplot(title=title or None)
        _scatter(axes, places, groups, [name for name, _ in counts.most_common()])
        for index, image in images or []:
            _thumbnail(axes, places[index], image)
        axes.set_xticks([])
        axes.set_yticks([])
        axes.spines[:].set_visible(False)
        axes.margins(0.06)
        if counts:
            axes.legend(frameon=False, loc="center left", bbox_to_anchor=(1.0, 0.5))
        _write_labels(figure, axes, places, labels or [])
    return Picture(figure, _describe(places, len(images or []), labels, groups, title))


def _check(places: np.ndarray, labels: Sequence[str] | None, groups: Sequence[str] | None) -> None:
    if places.ndim != 2 or places.shape[1] != 2 or not len(places):
        raise SettingsError(f"points are float [N, 2], not {list(places.shape)}")
    for name, values in (("labels", labels), ("groups", groups)):
        if values is not None and len(values) != len(places):
            raise SettingsError(f"there are {len(values)} {name} for {len(places)} points")


def _scatter(
    axes: Axes, places: np.ndarray, groups: Sequence[str] | None, names: list[str]
) -> None:
    size, opacity = (14, 0.7) if len(places) > 200 else (34, 0.9)
    look: dict[str, Any] = {"s": size, "alpha": opacity, "linewidths": 0}
    if groups is None:
        axes.scatter(*places.T, color=style.BLUE, **look)
        return
    for index, name in enumerate(names):
        chosen = places[[group == name for group in groups]]
        color = (*style.CYCLE, style.FAINT, style.INK)[index % (len(style.CYCLE) + 2)]
        axes.scatter(*chosen.T, color=color, marker=MARKS[index % len(MARKS)], label=name, **look)


def _thumbnail(axes: Axes, place: np.ndarray, image: Pictured) -> None:
    small = as_image(image)
    # Twice as many pixels as points, for sharp screens.
    small.thumbnail((3 * THUMBNAIL, 3 * THUMBNAIL))
    box = OffsetImage(np.asarray(small), zoom=THUMBNAIL / max(small.size), interpolation="bilinear")
    frame = {"edgecolor": style.FAINT, "linewidth": 0.8}
    axes.add_artist(
        AnnotationBbox(box, tuple(place), frameon=True, pad=0.08, bboxprops=frame, zorder=4)
    )


def _write_labels(figure: Figure, axes: Axes, places: np.ndarray, labels: Sequence[str]) -> None:
    """Writes each label beside its point, on a side where it covers no other; else not at all."""
    figure.draw_without_rendering()
    taken: list[Bbox] = []
    for place, label in zip(places, labels, strict=False):
        for offset, horizontal, vertical in SIDES if label else ():
            text = axes.annotate(
                label, tuple(place), offset, textcoords="offset points", fontsize=8.5, zorder=5,
                ha=horizontal, va=vertical,
            )  # fmt: skip
            text.set_in_layout(False)
            box = text.get_window_extent()
            inside = axes.bbox.contains(box.x0, box.y0) and axes.bbox.contains(box.x1, box.y1)
            if inside and not any(box.overlaps(other) for other in taken):
                taken.append(box)
                break
            text.remove()


def _describe(
    places: np.ndarray,
    thumbnails: int,
    labels: Sequence[str] | None,
    groups: Sequence[str] | None,
    title: str,
) -> str:
    """Alt text: how many points, thumbnails and groups; which groups lie closest together."""
    parts = [named(title), f"Map of {len(places)} points on a plane"]
    if thumbnails:
        parts.append(f", {thumbnails} of them as small photos")
    parts.append(".")
    counts = Counter(groups or [])
    if groups is not None:
        sizes = ", ".join(f"{name} {count}" for name, count in counts.most_common())
        parts.append(f" Groups: {sizes}.")
    written = [label for label in labels or [] if label]
    if written:
        rest = f" and {len(written) - 5} more" if len(written) > 5 else ""
        parts.append(f" Labelled: {', '.join(written[:5])}{rest}.")
    if len(counts) > 2 and groups is not None:
        parts.append(f" {_closest(places, groups, sorted(counts))}")
    return "".join(parts)


def _closest(places: np.ndarray, groups: Sequence[str], names: list[str]) -> str:
    kinds = np.asarray(groups)
    centres = np.stack([places[kinds == name].mean(axis=0) for name in names])
    apart = np.linalg.norm(centres[:, None] - centres[None], axis=2)
    apart[np.diag_indices(len(names))] = np.inf
    first, second = np.unravel_index(first_largest(-apart), apart.shape)
    return f"The closest centres are those of {names[first]} and {names[second]}."
