"""Words that all figures share."""

from __future__ import annotations

from math import copysign, floor, log10
from numbers import Integral

from showtell_lib.errors import SettingsError


def named(title: str) -> str:
    """A title at the start of an alt text."""
    if not title:
        return ""
    return f"{title} " if title[-1] in ".:?!" else f"{title}: "


def counted(number: int, singular: str, plural: str = "") -> str:
    """A number with its noun, as "1 step" or "3 steps"."""
    return f"{number} {singular if number == 1 else plural or singular + 's'}"


def rounded(value: float, span: float = 0.0) -> str:
    """A count as it is; a measurement with three digits that count, from 10 on with a decimal.

    A decimal tells that a number was measured: its last digit may differ on another machine. What
    is nearly 1 is not called 1.

    Args:
        value: the number.
        span: of the numbers that it is told among, from the lowest to the highest; enough decimals
            are given that they can be told apart.
    """
    if isinstance(value, Integral):
        return str(int(value))
    finer = min(6, 1 - floor(log10(span))) if 0 < span < 1 else 0
    if 9.995 <= abs(value) < 1e15:
        return f"{value:.{max(1, finer)}f}"
    three = f"{float(f'{value:.3g}'):g}"
    if 0.9995 <= abs(value) < 1:
        three = f"{copysign(min(abs(value), 0.9999), value):.4f}"
    exact = f"{float(f'{value:.{finer}f}'):g}"
    return max(three, exact, key=len)


def within(value: float, low: float, high: float) -> str:
    """A value of a measure that goes from `low` to `high`, with as many decimals as matter there.

    Raises:
        SettingsError: the value lies beyond them.
    """
    if not low <= value <= high or low == high:
        raise SettingsError(f"{value:g} does not lie between {low:g} and {high:g}")
    decimals = max(0, 2 - floor(log10(high - low)))
    # Adding 0 makes 0 of the -0 that small values are rounded to.
    return f"{round(value, decimals) + 0.0:.{decimals}f}"


def probability_label(probability: float) -> str:
    """A probability with two digits that count; 1.00 and not 1, since it was measured."""
    return f"{probability:.2f}" if probability >= 0.0995 else f"{probability:.2g}"


def whereabouts(row: int, column: int, shape: tuple[int, ...]) -> str:
    """Where a square of a grid lies, such as "top left"."""
    vertical = _third(row, shape[0], ("top", "", "bottom"))
    horizontal = _third(column, shape[1], ("left", "", "right"))
    return f"{vertical} {horizontal}".strip() or "in the middle"


def _third(place: int, count: int, names: tuple[str, str, str]) -> str:
    """The name of the third of a side in which the middle of a square lies."""
    return names[int(3 * (place + 0.5) / count)]
