"""Words that all figures share."""

from __future__ import annotations

from numbers import Integral
from typing import Any

import numpy as np

from showtell_lib.vocabulary import END


def said(word: str) -> str:
    """A word as figures and alt texts say it: the end marker by its name."""
    return "end" if word == END else word


def named(title: str) -> str:
    """A title at the start of an alt text."""
    if not title:
        return ""
    return f"{title} " if title[-1] in ".:?!" else f"{title}: "


def counted(number: int, one: str, many: str = "") -> str:
    """A number with its noun, as "1 step" or "3 steps"."""
    return f"{number} {one if number == 1 else many or one + 's'}"


def rounded(value: float) -> str:
    """A count as it is; a measurement with two digits that count, from 10 on with a decimal.

    A decimal tells that a number was measured: its last digit may differ on another machine.
    """
    if isinstance(value, Integral):
        return str(int(value))
    if 9.95 <= abs(value) < 1e15:
        return f"{value:.1f}"
    return f"{float(f'{value:.2g}'):g}"


def first_largest(values: Any, margin: float = 1e-3) -> int:
    """The first place, in flat order, whose value is the largest or nearly so.

    Nearly is within `margin` of the range of all values. Processors add up in another order: of
    two that are nearly equal, which is the larger may differ from machine to machine.

    Args:
        values: floats of any shape; what is not finite is passed over, one at least is finite.
        margin: 0 to 1.
    """
    flat = np.asarray(values, np.float64).reshape(-1)
    finite = flat[np.isfinite(flat)]
    least = finite.max() - margin * np.ptp(finite)
    return int(np.flatnonzero(np.isfinite(flat) & (flat >= least))[0])
