"""Boxes pushed apart so that none hides another, each as near as can be to where it belongs."""

from __future__ import annotations

import numpy as np

ROUNDS = 400
# Pixels that a place takes, which is marked with a ring.
PLACE = 12.0


def pushed_apart(
    places: np.ndarray, size: np.ndarray, room: tuple[float, float, float, float]
) -> np.ndarray:
    """Where boxes can lie without covering each other.

    In each round any two that overlap move half of their overlap away from each other, the
    shorter way; one that covers the place where another belongs moves away from it; then all are
    moved back into the room.

    Args:
        places: float [N, 2], the middle of each box, where it belongs.
        size: float [N, 2], its width and height with a margin.
        room: left, bottom, right and top that no box may pass.

    Returns:
        float [N, 2], the middles. Where the room is too small for all, some still overlap.
    """
    count = len(places)
    # Two in the very same place would not know which way to go.
    middles = places + 1e-3 * np.arange(count)[:, np.newaxis] * [1.0, 0.7]
    low, high = room[:2] + size / 2, room[2:] - size / 2
    # The boxes can move, and after them in the table are the places, which cannot.
    first, second = np.nonzero(np.triu(np.ones((2 * count, 2 * count), bool), 1)[:count])
    others = second != first + count
    first, second = first[others], second[others]
    sizes = np.concatenate([size, np.full_like(size, PLACE)])
    apart = (sizes[first] + sizes[second]) / 2
    movable = second < count
    for _ in range(ROUNDS):
        middles = np.clip(middles, low, np.maximum(low, high))
        every = np.concatenate([middles, places])
        between = every[second] - every[first]
        overlap = apart - np.abs(between)  # [pairs, 2], above 0 in both: they cover each other
        pairs = np.flatnonzero((overlap > 0).all(axis=1))
        if not len(pairs):
            break
        along = np.argmin(overlap[pairs], axis=1)
        push = (overlap[pairs, along] + 0.1) * np.where(between[pairs, along] < 0, -1, 1) / 2
        np.add.at(middles, (first[pairs], along), np.where(movable[pairs], -push, -2 * push))
        moved = movable[pairs]
        np.add.at(middles, (second[pairs][moved], along[moved]), push[moved])
    return np.asarray(np.clip(middles, low, np.maximum(low, high)))
