"""Lines, bars and the length-penalty sweep."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Any

import matplotlib
import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from showtell_lib.errors import SettingsError
from showtell_lib.near_ties import first_largest
from showtell_lib.plots import style
from showtell_lib.plots.picture import Picture
from showtell_lib.plots.scales import set_value_axis, tick_places
from showtell_lib.plots.wording import named, rounded
from showtell_lib.trace import Caption

# What a line runs over: numbers, or names.
Axis = Sequence[float] | Sequence[str]
MARKS, DASHES = "osD^vP", ("-", "--", "-.", ":")
# Names below an axis that would run into each other.
SLANTED: dict[str, Any] = {"rotation": 35, "ha": "right", "rotation_mode": "anchor"}


def lines(
    x: Axis,
    series: Mapping[str, Sequence[float]],
    *,
    x_label: str,
    y_label: str,
    title: str = "",
    log_x: bool = False,
    log_y: bool = False,
) -> Picture:
    """One or more lines over the same x, told apart by colour, mark and dashes.

    The ticks are at the places of `x`. The y axis begins at 0; where values are below 0, it spans
    at least 30% of their size.

    Args:
        x: numbers, or names.
        series: by name, as many values as `x` has.
        x_label: what x is, with its unit.
        y_label: what the values are, with their unit.
        title: above the figure.
        log_x: whether equal factors of x are equally far apart.
        log_y: the same of the values: 0.9 and 0.0001 can be told apart.

    Raises:
        SettingsError: there is no series, or one of another length than `x`, or what a logarithmic
            axis cannot show.
    """
    _check_lengths(x, series)
    with matplotlib.rc_context(style.SETTINGS):
        figure = style.new_figure(3.4)
        axes = figure.add_subplot(title=title or None, xlabel=x_label, ylabel=y_label)
        numbers = [place for place in x if not isinstance(place, str)]
        # Names are counted, not compared: a word that comes twice has two places.
        places = numbers if len(numbers) == len(x) else list(range(len(x)))
        for index, (name, values) in enumerate(series.items()):
            _draw_line(axes, places, values, name, index)
        set_value_axis(axes, np.concatenate([*map(np.asarray, series.values())]), log=log_y)
        if len(numbers) == len(x):
            tick_places(axes, numbers, log=log_x)
        else:
            axes.set_xticks(places, [str(name) for name in x], **(SLANTED if len(x) > 11 else {}))
        axes.grid(axis="y")
        if len(series) > 1:
            # Outside, where no line can run behind it.
            figure.legend(frameon=False, loc="outside lower center", ncols=3)
    parts = "; ".join(f"{name} {_course(x, values)}" for name, values in series.items())
    scale = ", on a logarithmic axis" if log_y else ""
    return Picture(figure, f"{named(title)}{y_label} over {x_label}, as lines{scale}. {parts}.")


def bars(
    labels: Sequence[str], values: Sequence[float], *, y_label: str, title: str = ""
) -> Picture:
    """Labelled bars with their values.

    Raises:
        SettingsError: there are no bars, or not as many labels as values.
    """
    _check_lengths(labels, {"values": values})
    names = [str(label) for label in labels]
    span = float(np.ptp(values))
    told = [rounded(value, span) for value in values]
    with matplotlib.rc_context(style.SETTINGS):
        figure = style.new_figure(3.2)
        axes = figure.add_subplot(title=title or None, ylabel=y_label)
        drawn = axes.bar(range(len(names)), values, color=style.BLUE, width=0.65)
        axes.bar_label(drawn, told, padding=2, fontsize=9)
        axes.set_xticks(range(len(names)), _wrapped(names))
        axes.margins(y=0.12)
        axes.axhline(0, color=style.FAINT, linewidth=0.8)
    heights = ", ".join(f"{name} {value}" for name, value in zip(names, told, strict=True))
    return Picture(figure, f"{named(title)}{y_label} as bars: {heights}.")


def length_penalty_sweep(
    penalties: Sequence[float], captions: Sequence[Caption], *, title: str = ""
) -> Picture:
    """The winner's length and log-probability over the length penalty, with each new winner named.

    Args:
        penalties: rising.
        captions: the winner at each.
        title: above the figure.

    Raises:
        SettingsError: not as many captions as penalties, or none.
    """
    _check_lengths(penalties, {"captions": captions})
    lengths = [len(caption.text.split()) for caption in captions]
    log_probs = [caption.log_prob for caption in captions]
    pairs = zip(penalties, captions, strict=True)
    # The first penalty and the caption of each run of equal winners.
    runs = [next(run) for _, run in groupby(pairs, key=lambda pair: pair[1].token_ids)]
    with matplotlib.rc_context(style.SETTINGS):
        figure = style.new_figure(3.6 + 0.22 * len(runs))
        grid = figure.add_gridspec(2, 2, height_ratios=[3.0, 0.6 + 0.25 * len(runs)])
        titled = figure.add_subplot(grid[0, 0], title=title or None, ylabel="words in the winner")
        other = figure.add_subplot(grid[0, 1], ylabel="its log-probability")
        _draw_line(titled, penalties, lengths, "words", 0, steps=True)
        _draw_line(other, penalties, log_probs, "log-probability", 1, steps=True)
        for axes in (titled, other):
            axes.set_xlabel("length penalty")
            axes.grid(axis="y")
        titled.yaxis.set_major_locator(MaxNLocator(integer=True))
        _write_winners(figure.add_subplot(grid[1, :]), runs)
    winners = "; ".join(f'from {penalty:g} "{caption.text}"' for penalty, caption in runs)
    alt = (
        f"{named(title)}Winners at {len(captions)} length penalties from {penalties[0]:g} to "
        f"{penalties[-1]:g}: {lengths[0]} words at the first, {lengths[-1]} at the last. "
        f"Winners: {winners}."
    )
    return Picture(figure, alt)


def _draw_line(
    axes: Axes,
    x: Sequence[float],
    values: Sequence[float],
    name: str,
    index: int,
    *,
    steps: bool = False,
) -> None:
    axes.plot(
        list(x),
        list(values),
        label=name,
        color=style.CYCLE[index % len(style.CYCLE)],
        marker=MARKS[index % len(MARKS)],
        linestyle=DASHES[index % len(DASHES)],
        markersize=5,
        drawstyle="steps-post" if steps else "default",
    )


def _write_winners(axes: Axes, runs: Sequence[tuple[float, Caption]]) -> None:
    axes.set_axis_off()
    axes.set(xlim=(0, 1), ylim=(len(runs), 0))
    for index, (penalty, caption) in enumerate(runs):
        text = textwrap.shorten(caption.text, 95, placeholder=" …")
        axes.text(0, index + 0.5, f"from {penalty:g}:", va="center", fontweight="bold")
        axes.text(0.1, index + 0.5, text, va="center")


def _course(x: Axis, values: Sequence[float]) -> str:
    """A line in words: its ends, its highest and its lowest point, the first where it is flat."""
    numbers = np.asarray(values, np.float64)
    if not np.isfinite(numbers).any():
        return "has no values"
    low, high = first_largest(-numbers), first_largest(numbers)
    span = float(np.ptp(numbers[np.isfinite(numbers)]))
    first, last, least, most = (rounded(values[at], span) for at in (0, -1, low, high))
    return f"goes from {first} to {last}, lowest {least} at {x[low]}, highest {most} at {x[high]}"


def _wrapped(names: Sequence[str]) -> list[str]:
    """Labels broken into lines so that neighbours do not run into each other."""
    room = max(6, 100 // max(len(names), 1))
    return [textwrap.fill(name, room) for name in names]


def _check_lengths(x: Sequence[object], series: Mapping[str, Sequence[object]]) -> None:
    if not len(x) or not series:
        raise SettingsError("there is nothing to draw")
    for name, values in series.items():
        if len(values) != len(x):
            raise SettingsError(f"{name!r} has {len(values)} values for {len(x)} places")
