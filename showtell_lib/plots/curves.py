"""Lines, bars and the length-penalty sweep."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from typing import Any

import matplotlib
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from showtell_lib.errors import SettingsError
from showtell_lib.near_ties import first_largest
from showtell_lib.plots import style
from showtell_lib.plots.picture import Picture
from showtell_lib.plots.scales import set_value_axis, tick_places
from showtell_lib.plots.wording import named, rounded, within
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
        _draw_lines(axes, x, series, [series], log_x=log_x, log_y=log_y)
        _write_legend(figure, series)
    parts = "; ".join(f"{name} {_course(x, values)}" for name, values in series.items())
    return Picture(
        figure, f"{named(title)}{y_label} over {x_label}, as lines{_scale(log_y)}. {parts}."
    )


def line_panels(
    x: Axis,
    panels: Mapping[str, Mapping[str, Sequence[float]]],
    *,
    x_label: str,
    title: str = "",
    log_x: bool = False,
    log_y: bool = False,
    share_y: bool = False,
    marked: Mapping[str, float] | None = None,
) -> Picture:
    """Panels beside each other: different measures over the same x, each on a y axis of its own.

    Args:
        x: numbers, or names.
        panels: by what is measured, with its unit, the lines of a panel as `lines` takes them.
        x_label: what x is, with its unit.
        title: above the figure.
        log_x: as in `lines`.
        log_y: as in `lines`, for all panels.
        share_y: whether all panels have the same y axis, for measures with the same unit.
        marked: places on the x axis by name; each gets a vertical line.

    Raises:
        SettingsError: as in `lines`; or there is no panel.
    """
    for series in panels.values() or [{}]:
        _check_lengths(x, series)
    marks = dict(marked or {})
    with matplotlib.rc_context(style.SETTINGS):
        figure = style.new_figure(3.4 + (0.3 if title else 0))
        if title:
            figure.suptitle(title, x=0.01, ha="left", fontsize=12, fontweight="bold")
        for axes, (name, series) in zip(
            figure.subplots(1, len(panels), squeeze=False, sharey=share_y)[0],
            panels.items(),
            strict=True,
        ):
            axes.set(xlabel=x_label, ylabel=name)
            shown = panels.values() if share_y else [series]
            _draw_lines(axes, x, series, shown, log_x=log_x, log_y=log_y)
            _draw_marks(axes, marks)
        _write_legend(figure, max(panels.values(), key=len))
    told = "; ".join(
        f"{name}: {', '.join(f'{line} {_course(x, values)}' for line, values in series.items())}"
        for name, series in panels.items()
    )
    lines_at = "".join(f" {name} is marked at {rounded(place)}." for name, place in marks.items())
    return Picture(
        figure, f"{named(title)}Over {x_label}, as lines{_scale(log_y)}. {told}.{lines_at}"
    )


def bars(
    labels: Sequence[str],
    values: Sequence[float],
    *,
    y_label: str,
    title: str = "",
    limits: tuple[float, float] | None = None,
) -> Picture:
    """Labelled bars with their values.

    Args:
        labels: the name of each bar.
        values: the height of each.
        y_label: what the values are, with their unit.
        title: above the figure.
        limits: the least and the most that such a value can be. The y axis then shows all between
            them, so that what is next to nothing looks like it, and values are told no finer than
            that; by default, the axis is as high as the bars.

    Raises:
        SettingsError: there are no bars, not as many labels as values, or values beyond `limits`.
    """
    _check_lengths(labels, {"values": values})
    names = [str(label) for label in labels]
    span = float(np.ptp(values))
    told = [within(value, *limits) if limits else rounded(value, span) for value in values]
    with matplotlib.rc_context(style.SETTINGS):
        figure = style.new_figure(3.2)
        axes = figure.add_subplot(title=title or None, ylabel=y_label)
        drawn = axes.bar(range(len(names)), values, color=style.BLUE, width=0.65)
        axes.bar_label(drawn, told, padding=2, fontsize=9)
        axes.set_xticks(range(len(names)), _wrapped(names))
        axes.margins(y=0.12)
        if limits:
            axes.set_ylim(limits)
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


def _draw_lines(
    axes: Axes,
    x: Axis,
    series: Mapping[str, Sequence[float]],
    shown: Iterable[Mapping[str, Sequence[float]]],
    *,
    log_x: bool,
    log_y: bool,
) -> None:
    """A panel's lines and axes; the y axis has room for all the series that are `shown` on it."""
    numbers = [place for place in x if not isinstance(place, str)]
    # Names are counted, not compared: a word that comes twice has two places.
    places = numbers if len(numbers) == len(x) else list(range(len(x)))
    for index, (name, values) in enumerate(series.items()):
        _draw_line(axes, places, values, name, index)
    on_it = [np.asarray(values) for one in shown for values in one.values()]
    set_value_axis(axes, np.concatenate(on_it), log=log_y)
    if len(numbers) == len(x):
        tick_places(axes, numbers, log=log_x)
    else:
        axes.set_xticks(places, [str(name) for name in x], **(SLANTED if len(x) > 11 else {}))
    axes.grid(axis="y")


def _draw_marks(axes: Axes, marks: Mapping[str, float]) -> None:
    for name, place in marks.items():
        axes.axvline(place, color=style.INK, linewidth=1, linestyle=(0, (1, 2)))
        # Above the panel, where no line can run behind it.
        axes.annotate(
            name, (place, 1.02), xycoords=("data", "axes fraction"), ha="center", fontsize=8.5
        )


def _write_legend(figure: Figure, series: Mapping[str, object]) -> None:
    """Names the lines where there are several; outside, where no line can run behind it."""
    if len(series) > 1:
        handles, names = figure.axes[0].get_legend_handles_labels()
        figure.legend(handles, names, frameon=False, loc="outside lower center", ncols=3)


def _scale(log_y: bool) -> str:
    return ", on a logarithmic axis" if log_y else ""


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
