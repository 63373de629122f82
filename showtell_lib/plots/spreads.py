"""Several measures over the same settings, each with its mean and its spread."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import matplotlib
import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from numpy.typing import ArrayLike

from showtell_lib.errors import SettingsError
from showtell_lib.plots import style
from showtell_lib.plots.curves import DASHES, MARKS
from showtell_lib.plots.picture import Picture
from showtell_lib.plots.scales import linear_limits
from showtell_lib.plots.wording import named, rounded


def spreads(
    places: Sequence[str],
    measures: Mapping[str, ArrayLike],
    *,
    x_label: str,
    title: str = "",
) -> Picture:
    """A panel per measure: its mean at each place as a line, the middle half of values as a band.

    Args:
        places: names of the settings, in order; they are drawn equally far apart.
        measures: by name, float [N, places], a row for each photo.
        x_label: what the places are.
        title: above the figure.

    Raises:
        SettingsError: there is nothing to draw, or a measure has another number of columns.
    """
    tables = {name: np.asarray(values, np.float64) for name, values in measures.items()}
    if not places or not tables:
        raise SettingsError("there is nothing to draw")
    for name, table in tables.items():
        if table.ndim != 2 or table.shape[1] != len(places) or not len(table):
            raise SettingsError(
                f"{name!r} has the shape {list(table.shape)}; it must be [N, {len(places)}]"
            )
    with matplotlib.rc_context(style.SETTINGS):
        figure = style.new_figure(3.3 + (0.3 if title else 0))
        if title:
            figure.suptitle(title, x=0.01, ha="left", fontsize=12, fontweight="bold")
        panels = figure.subplots(1, len(tables), squeeze=False)[0]
        for index, (axes, (name, table)) in enumerate(zip(panels, tables.items(), strict=True)):
            _draw_panel(axes, table, index)
            axes.set_title(name, fontsize=10)
            axes.set(xlabel=x_label)
            axes.set_xticks(range(len(places)), places)
        band = panels[0].collections[0]
        # Each panel's line has a colour and a mark of its own, so the legend's has neither.
        mean = Line2D([], [], color=style.INK, label="mean")
        figure.legend(handles=[mean, band], frameon=False, loc="outside lower center", ncols=2)
    told = "; ".join(f"{name} {_told(places, table)}" for name, table in tables.items())
    return Picture(
        figure,
        f"{named(title)}Means over {x_label}, with the middle half of all as a band. {told}.",
    )


def _draw_panel(axes: Axes, table: np.ndarray, index: int) -> None:
    means, places = table.mean(axis=0), range(table.shape[1])
    low, high = np.quantile(table, [0.25, 0.75], axis=0)
    color = style.CYCLE[index % len(style.CYCLE)]
    axes.fill_between(
        places, low, high, color=style.FAINT, alpha=0.25, linewidth=0, label="the middle half"
    )
    axes.plot(
        places, means, color=color, markersize=5,
        marker=MARKS[index % len(MARKS)], linestyle=DASHES[index % len(DASHES)],
    )  # fmt: skip
    limits = linear_limits(np.concatenate([means, low, high]))
    if limits:
        axes.set_ylim(limits)
    axes.grid(axis="y")


def _told(places: Sequence[str], table: np.ndarray) -> str:
    means = table.mean(axis=0)
    span = float(np.ptp(means))
    listed = ", ".join(f"{p} {rounded(m, span)}" for p, m in zip(places, means, strict=True))
    low, high = np.quantile(table, [0.25, 0.75], axis=0)
    ends = (f"{rounded(low[at])} to {rounded(high[at])}" for at in (0, -1))
    return f"{listed} (middle half {' and '.join(ends)} at the ends)"
