"""Boxes pushed apart so that none hides another, each as near as can be to where it belongs."""

from __future__ import annotations

import numpy as np

ROUNDS = 400


def pushed_apart(
    places: np.ndarray, size: np.ndarray, room: tuple[float, float, float, float]
) -> np.ndarray:
    """Where boxes can lie without covering each other.

    In each round any two that overlap move half of their overlap away from each other, the
    shorter way; then all are moved back into the room.

    Args:
        places: float [N, 2], the middle of each box, where it belongs.
        size: float [N, 2], its width and height with a margin.
        room: left, bottom, right and top that no box may pass.

    Returns:
        float [N, 2], the middles. Where the room is too small for all, some still overlap.
    """
    # Two in the very same place would not know which way to go.
    middles = places + 1e-3 * np.arange(len(places))[:, np.newaxis] * [1.0, 0.7]
    low, high = room[:2] + size / 2, room[2:] - size / 2
    first, second = np.triu_indices(len(places), 1)
    apart = (size[first] + size[second]) / 2
    for _ in range(ROUNDS):
        middles = np.clip(middles, low, np.maximum(low, high))
        between = middles[second] - middles[first]
        overlap = apart - np.abs(between)  # [pairs, 2], above 0 in both: they cover each other
        covering = (overlap > 0).all(axis=1)
        if not covering.any():
            break
        shorter = np.argmin(overlap, axis=1)
        pairs = np.flatnonzero(covering)
        along = shorter[pairs]
        push = 0.5 * (overlap[pairs, along] + 0.1) * np.where(between[pairs, along] < 0, -1, 1)
        np.add.at(middles, (second[pairs], along), push)
        np.add.at(middles, (first[pairs], along), -push)
    return np.asarray(np.clip(middles, low, np.maximum(low, high)))
