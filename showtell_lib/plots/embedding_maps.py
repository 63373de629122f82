"""Embeddings on a plane: colours and marks for groups, thumbnails for some."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

import matplotlib
import numpy as np
from matplotlib.axes import Axes
from matplotlib.offsetbox import AnnotationBbox, OffsetImage
from matplotlib.transforms import Bbox
from numpy.typing import ArrayLike

from showtell_lib.errors import SettingsError
from showtell_lib.near_ties import first_largest
from showtell_lib.plots import style
from showtell_lib.plots.apart import laid_apart
from showtell_lib.plots.photo_grid import Pictured, as_image
from showtell_lib.plots.picture import Picture
from showtell_lib.plots.wording import named

MARKS = "os^DvPX*<>"
# Points: a small picture's longer side, and what its frame and a gap take.
THUMBNAIL, FRAME = 44, 8
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
        images: which points to show as thumbnails: (index, Pillow image, photo or scene). They
            are laid apart so that none hides another; a line leads from each to its point.
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
        axes.set_xticks([])
        axes.set_yticks([])
        axes.spines[:].set_visible(False)
        axes.margins(0.06)
        if counts:
            axes.legend(frameon=False, loc="center left", bbox_to_anchor=(1.0, 0.5))
        figure.draw_without_rendering()
        taken = _thumbnails(axes, places, images or [])
        _write_labels(axes, places, labels or [], taken)
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


def _thumbnails(
    axes: Axes, places: np.ndarray, images: Sequence[tuple[int, Pictured]]
) -> list[Bbox]:
    """Small pictures near their points, none over another; a thin line leads to the point.

    Returns:
        Where they lie, in pixels.
    """
    if not images:
        return []
    points = places[[index for index, _ in images]]
    small = [as_image(image) for _, image in images]
    for picture in small:
        # Twice as many pixels as points, for sharp screens.
        picture.thumbnail((3 * THUMBNAIL, 3 * THUMBNAIL))
    pixels = axes.figure.dpi / 72
    zooms = [THUMBNAIL / max(picture.size) for picture in small]
    sizes = np.array([np.array(p.size) * z + FRAME for p, z in zip(small, zooms, strict=True)])
    middles = laid_apart(axes.transData.transform(points), sizes * pixels, axes.bbox.extents)
    for point, middle, picture, zoom in zip(points, middles, small, zooms, strict=True):
        _thumbnail(axes, point, middle, OffsetImage(np.asarray(picture), zoom=zoom))
    corners = np.concatenate([middles - sizes * pixels / 2, middles + sizes * pixels / 2], axis=1)
    return [Bbox.from_extents(*corner) for corner in corners]


def _thumbnail(axes: Axes, point: np.ndarray, middle: np.ndarray, image: OffsetImage) -> None:
    """One small picture, in place relative to the axes, so that any resolution draws the same."""
    box = AnnotationBbox(
        image,
        tuple(point),
        xybox=tuple(axes.transAxes.inverted().transform(middle)),
        xycoords="data",
        boxcoords="axes fraction",
        pad=0.08,
        bboxprops={"edgecolor": style.INK, "linewidth": 0.8},
        arrowprops={"arrowstyle": "-", "color": style.INK, "linewidth": 0.9},
        zorder=4,
    )
    # Its line would stretch the figure's layout, and shift what was placed.
    box.set_in_layout(False)
    axes.add_artist(box)
    axes.plot(*point, "o", markersize=5, markerfacecolor="none", color=style.INK, zorder=3.5)


def _write_labels(axes: Axes, places: np.ndarray, labels: Sequence[str], taken: list[Bbox]) -> None:
    """Writes each label beside its point, on a side where it covers nothing; else not at all."""
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
