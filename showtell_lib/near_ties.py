"""Choices between numbers that no last digit may decide.

Processors add up in another order: of two numbers that are nearly equal, which is the larger may
differ from machine to machine, and with it a word, a picture, an example.
"""

from __future__ import annotations

from typing import Any

import numpy as np


def first_largest(values: Any, margin: float = 1e-3) -> int:
    """The first place, in flat order, whose value is the largest or nearly so.

    Args:
        values: floats of any shape; what is not finite is passed over, one at least is finite.
        margin: what counts as nearly, as a share of the largest value or of the range of all,
            whichever is less.
    """
    flat = np.asarray(values, np.float64).reshape(-1)
    finite = flat[np.isfinite(flat)]
    most = finite.max()
    least = most - margin * min(np.ptp(finite), abs(most))
    return int(np.flatnonzero(np.isfinite(flat) & (flat >= least))[0])
