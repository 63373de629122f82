"""Axes that neither hide a difference nor make a mountain of it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.ticker import FuncFormatter, LogLocator, MaxNLocator, NullFormatter, NullLocator

from showtell_lib.errors import SettingsError
from showtell_lib.plots.wording import rounded

# Of the largest value's size: the least that an axis without a zero shows.
LEAST_SPAN = 0.3
ROOM = 0.07
# More places than these are not all written below an axis; nor are those nearer than this share of
# the axis where one panel fills the figure, and than more of it where several share the width.
MOST_TICKS, LEAST_GAP, ONE_PANEL = 14, 0.035, 0.775
RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def linear_limits(values: Sequence[float] | np.ndarray) -> tuple[float, float] | None:
    """From where to where an axis goes that shows these values.

    What cannot be below 0 is drawn from 0 on. Where all is below 0, as log-probabilities are, the
    axis shows at least `LEAST_SPAN` of the largest value's size, so that a small difference looks
    small.

    Returns:
        The lower and the upper end; None where there are no values, or where values lie on both
        sides of 0, which then is the measure.
    """
    finite = np.asarray(values, np.float64)
    finite = finite[np.isfinite(finite)]
    if not finite.size or finite.min() < 0 < finite.max():
        return None
    low, high = float(finite.min()), float(finite.max())
    if low >= 0:
        return 0.0, (1 + ROOM) * high or 1.0
    span = max(high - low, -LEAST_SPAN * low)
    middle = min((low + high) / 2, -span / 2)
    return middle - (0.5 + ROOM) * span, min(0.0, middle + (0.5 + ROOM) * span)


def set_value_axis(axes: Axes, values: Sequence[float] | np.ndarray, *, log: bool) -> None:
    """Scale and ends of the y axis.

    Raises:
        SettingsError: a logarithmic axis was asked for, and a value is 0 or less.
    """
    if not log:
        limits = linear_limits(values)
        if limits:
            axes.set_ylim(limits)
        return
    check_positive(values)
    axes.set_yscale("log")
    name_powers(axes.yaxis)
    axes.yaxis.set_minor_formatter(NullFormatter())


def name_powers(axis: Axis) -> None:
    """Ticks of a logarithmic axis at powers of ten, as plain text: figures set no formulas."""
    axis.set_major_locator(LogLocator(numticks=9))
    axis.set_major_formatter(FuncFormatter(lambda value, _: power_of_ten(value)))


def power_of_ten(value: float) -> str:
    """A power of ten with its exponent raised, such as 10⁻³; any other number as it is."""
    exponent = round(np.log10(value))
    if not np.isclose(value, 10.0**exponent, rtol=1e-6, atol=0):
        return f"{value:g}"
    return f"10{str(exponent).translate(RAISED)}"


def check_positive(values: Sequence[float] | np.ndarray) -> None:
    """Refuses what a logarithmic axis cannot show.

    Raises:
        SettingsError: a value is 0 or less.
    """
    least = float(np.min(np.asarray(values, np.float64)))
    if not least > 0:
        raise SettingsError(
            f"a logarithmic axis shows what is above 0, and one value is {rounded(least)}"
        )


def tick_places(axes: Axes, places: Sequence[float], *, log: bool = False) -> None:
    """Ticks on the x axis where something was measured, as far as there is room for them.

    The first and the last place always have one.

    Whole numbers, such as epochs, are not told in fractions.
    """
    if log:
        check_positive(places)
        axes.set_xscale("log")
        axes.xaxis.set_minor_locator(NullLocator())
    at = np.log(places) if log else np.asarray(places, np.float64)
    if not log and len(at) > MOST_TICKS:
        if (at == at.round()).all():
            axes.xaxis.set_major_locator(MaxNLocator(integer=True))
        return
    gap = LEAST_GAP * ONE_PANEL / axes.get_position().width
    least, last, shown = gap * float(np.ptp(at)), len(at) - 1, [0]
    for index in range(1, last):
        if min(at[index] - at[shown[-1]], at[last] - at[index]) >= least:
            shown.append(index)
    shown = sorted({*shown, last})
    axes.set_xticks([places[i] for i in shown], [f"{places[i]:g}" for i in shown])
