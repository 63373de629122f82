"""Parts of a whole: stacked bars, told apart by colour and hatching, with their numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import matplotlib
import numpy as np
from matplotlib.axes import Axes
from numpy.typing import ArrayLike

from showtell_lib.errors import SettingsError
from showtell_lib.plots import style
from showtell_lib.plots.picture import Picture
from showtell_lib.plots.wording import named, rounded

HATCHES = ("", "///", "...", "xx", "\\\\\\", "++")
COLORS = (style.SKY, style.ORANGE, style.GREEN, style.PURPLE, style.RED, style.BLUE)
# A part narrower than this share of the longest bar has no room for its number.
LEAST_WRITTEN = 0.035
# Tiles of so much are dark: white figures are read there, black ones not.
DARK = 0.6


def shares(
    rows: Sequence[str],
    parts: Mapping[str, Sequence[float]],
    *,
    x_label: str,
    title: str = "",
) -> Picture:
    """What each whole is made of: a bar per row, its parts beside each other with their numbers.

    Args:
        rows: the name of each whole.
        parts: by name, for each row how much; none below 0.
        x_label: what is counted.
        title: above the figure.

    Raises:
        SettingsError: there is nothing to draw, a part has another length than `rows`, or a
            number is below 0.
    """
    table = np.array([list(values) for values in parts.values()]) if rows and parts else None
    if table is None or table.shape != (len(parts), len(rows)) or not (table >= 0).all():
        raise SettingsError("shares takes for each part as many numbers as rows, none below 0")
    with matplotlib.rc_context(style.SETTINGS):
        figure = style.new_figure(1.25 + 0.42 * len(rows) + (0.2 if title else 0))
        axes = figure.add_subplot(title=title or None, xlabel=x_label)
        lefts = np.zeros(len(rows))
        for index, (name, values) in enumerate(zip(parts, table, strict=True)):
            _draw_part(axes, lefts, values, name, index, table.sum(axis=0).max())
            lefts = lefts + values
        axes.set_yticks(range(len(rows)), rows)
        axes.tick_params(axis="y", length=0)
        axes.invert_yaxis()
        axes.set_xlim(0, float(lefts.max()) or 1.0)
        figure.legend(frameon=False, loc="outside lower center", ncols=min(4, len(parts)))
    told = [
        f"{' '.join(row.split())}: "
        + ", ".join(f"{name} {rounded(n)}" for name, n in zip(parts, column, strict=True))
        for row, column in zip(rows, table.T, strict=True)
    ]
    return Picture(figure, f"{named(title)}{x_label} as stacked bars. {'; '.join(told)}.")


def _draw_part(
    axes: Axes, lefts: np.ndarray, values: np.ndarray, name: str, index: int, longest: float
) -> None:
    axes.barh(
        range(len(values)), values, left=lefts, height=0.68, label=name,
        color=COLORS[index % len(COLORS)], hatch=HATCHES[index % len(HATCHES)],
        edgecolor=style.INK, linewidth=0.7,
    )  # fmt: skip
    for row, (left, value) in enumerate(zip(lefts, values, strict=True)):
        if value >= LEAST_WRITTEN * longest:
            axes.text(
                left + value / 2, row, rounded(value), ha="center", va="center", fontsize=9,
                bbox={"facecolor": style.BACKGROUND, "edgecolor": "none", "pad": 1.5},
            )  # fmt: skip


def tiles(
    values: ArrayLike,
    rows: Sequence[str],
    columns: Sequence[str],
    *,
    row_label: str = "",
    column_label: str = "",
    title: str = "",
) -> Picture:
    """A table of probabilities or shares as tiles, each with its number.

    Args:
        values: float [rows, columns], 0 to 1.
        rows: the name of each row.
        columns: the name of each column.
        row_label: what the rows are.
        column_label: what the columns are.
        title: above the figure.

    Raises:
        SettingsError: not as many names as rows or columns, or values outside 0 to 1.
    """
    table = np.asarray(values, np.float64)
    if not table.size or table.shape != (len(rows), len(columns)):
        raise SettingsError(
            f"tiles of shape {list(table.shape)} for {len(rows)} rows and {len(columns)} columns"
        )
    if table.min() < 0 or table.max() > 1 + 1e-6:
        raise SettingsError("tiles show probabilities or shares, 0 to 1")
    with matplotlib.rc_context(style.SETTINGS):
        figure = style.new_figure(1.0 + 0.42 * len(rows) + (0.2 if title else 0))
        axes = figure.add_subplot(title=title or None, xlabel=column_label, ylabel=row_label)
        axes.imshow(table, cmap="Blues", vmin=0, vmax=1.35, aspect="auto")
        for (row, column), value in np.ndenumerate(table):
            weight = "bold" if value >= 0.5 else "normal"
            color = style.BACKGROUND if value >= DARK else style.INK
            axes.text(
                column, row, f"{value:.2f}", ha="center", va="center", fontweight=weight,
                color=color,
            )  # fmt: skip
        axes.set_xticks(range(len(columns)), columns)
        axes.set_yticks(range(len(rows)), rows)
        axes.tick_params(length=0)
        axes.spines[:].set_visible(False)
    told = "; ".join(
        f"{row}: " + ", ".join(f"{name} {v:.2f}" for name, v in zip(columns, line, strict=True))
        for row, line in zip(rows, table, strict=True)
    )
    return Picture(
        figure,
        f"{named(title)}Table of {row_label or 'rows'} by "
        f"{column_label or 'columns'} as tiles. {told}.",
    )
