"""Calibration: is a model right in a share p of what it says with probability p?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from showtell_lib.errors import DataError


@dataclass(frozen=True)
class Bin:
    """Predictions of about the same probability.

    Attributes:
        count: how many.
        probability: their mean probability, 0 to 1.
        right: the share of them that is right, 0 to 1.
    """

    count: int
    probability: float
    right: float


def calibrate(
    probabilities: Sequence[float], right: Sequence[bool], *, bins: int = 5
) -> tuple[Bin, ...]:
    """Sorts predictions by probability, cuts them into bins of equal size, and compares.

    Args:
        probabilities: of N predictions, 0 to 1.
        right: whether each is right.
        bins: how many; fewer where there are fewer predictions.

    Raises:
        DataError: there are no predictions, or not as many answers as probabilities.
    """
    if not probabilities or len(probabilities) != len(right):
        raise DataError(f"{len(probabilities)} probabilities and {len(right)} answers to compare")
    order = np.argsort(np.asarray(probabilities), kind="stable")
    parts = np.array_split(order, min(bins, len(order)))
    values, answers = np.asarray(probabilities, float), np.asarray(right, float)
    return tuple(
        Bin(len(part), float(values[part].mean()), float(answers[part].mean())) for part in parts
    )


def expected_calibration_error(bins: Sequence[Bin]) -> float:
    """How far probability and truth lie apart, on the mean over all predictions, 0 to 1.

    Guo et al. (2017) take bins of equal width; with those of `calibrate`, of equal size, no bin
    rests on a handful of predictions.

    Raises:
        DataError: there are no bins.
    """
    if not bins:
        raise DataError("there are no bins of predictions to compare")
    total = sum(part.count for part in bins)
    return sum(part.count * abs(part.probability - part.right) for part in bins) / total
