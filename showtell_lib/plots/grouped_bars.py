"""Bars in groups: several series side by side at each label, told apart by colour and hatching."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import matplotlib
import numpy as np

from showtell_lib.errors import SettingsError
from showtell_lib.plots import style
from showtell_lib.plots.picture import Picture
from showtell_lib.plots.shares import COLORS, HATCHES
from showtell_lib.plots.wording import named, rounded

# Of the distance between two labels: what the bars of a group take together.
GROUP_WIDTH = 0.8


def grouped_bars(
    labels: Sequence[str],
    series: Mapping[str, Sequence[float]],
    *,
    y_label: str,
    title: str = "",
    level: float | None = None,
) -> Picture:
    """Bars of several series beside each other at each label, with their values.

    Args:
        labels: the name of each group.
        series: by name, a value for each group; none below 0.
        y_label: what the values are, with their unit.
        title: above the figure.
        level: a value to compare with, drawn as a dashed line over all groups.

    Raises:
        SettingsError: there is nothing to draw, a series has another length than `labels`, or a
            value is below 0.
    """
    table = np.array([list(values) for values in series.values()]) if labels and series else None
    if table is None or table.shape != (len(series), len(labels)) or not (table >= 0).all():
        raise SettingsError("grouped_bars takes for each series a value per label, none below 0")
    places, width = np.arange(len(labels)), GROUP_WIDTH / len(series)
    with matplotlib.rc_context(style.SETTINGS):
        figure = style.new_figure(3.4)
        axes = figure.add_subplot(title=title or None, ylabel=y_label)
        for index, (name, values) in enumerate(zip(series, table, strict=True)):
            drawn = axes.bar(
                places + (index - (len(series) - 1) / 2) * width, values, width * 0.92, label=name,
                color=COLORS[index % len(COLORS)], hatch=HATCHES[index % len(HATCHES)],
                edgecolor=style.INK, linewidth=0.7,
            )  # fmt: skip
            axes.bar_label(drawn, [rounded(value) for value in values], padding=2, fontsize=8)
        if level is not None:
            axes.axhline(level, color=style.FAINT, linestyle="--", linewidth=1, zorder=0)
        axes.set_xticks(places, labels)
        axes.tick_params(axis="x", length=0)
        axes.margins(y=0.12)
        figure.legend(frameon=False, loc="outside lower center", ncols=min(4, len(series)))
    told = "; ".join(
        f"{label}: " + ", ".join(f"{n} {rounded(v)}" for n, v in zip(series, column, strict=True))
        for label, column in zip(labels, table.T, strict=True)
    )
    compared = "" if level is None else f" Dashed line at {rounded(level)}."
    return Picture(figure, f"{named(title)}{y_label} as grouped bars. {told}.{compared}")
