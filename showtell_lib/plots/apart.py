"""Boxes laid out so that none hides another, each as near as can be to where it belongs."""

from __future__ import annotations

import numpy as np

# Pixels: between the rings on which a place is sought, and what a point's own mark takes.
STEP, MARK = 6.0, 12.0
DIRECTIONS = 32


def laid_apart(
    places: np.ndarray, size: np.ndarray, room: tuple[float, float, float, float]
) -> np.ndarray:
    """Where boxes can lie without covering each other.

    One after another, each takes the nearest spot that covers no box before it, and if it can be
    none of the places where others belong.

    Args:
        places: float [N, 2], the middle of each box, where it belongs.
        size: float [N, 2], its width and height with a margin.
        room: left, bottom, right and top that no box may pass.

    Returns:
        float [N, 2], the middles. A box for which there is no room stays where it belongs.
    """
    offsets = _rings(float(np.hypot(room[2] - room[0], room[3] - room[1])))
    middles = np.zeros_like(places)
    for index, (place, own) in enumerate(zip(places, size, strict=True)):
        low, high = room[:2] + own / 2, room[2:] - own / 2
        spots = np.clip(place + offsets, low, np.maximum(low, high))
        free = ~_covering(spots, middles[:index], (own + size[:index]) / 2)
        others = np.delete(places, index, axis=0)
        best = free & ~_covering(spots, others, (own + MARK) / 2)
        wanted = best if best.any() else free if free.any() else np.ones(len(spots), bool)
        distances = np.linalg.norm(spots - place, axis=1)
        middles[index] = spots[np.argmin(np.where(wanted, distances, np.inf))]
    return middles


def _rings(reach: float) -> np.ndarray:
    """Offsets on rings around a place, float [spots, 2], the place itself first."""
    radii = np.arange(STEP, reach, STEP)[:, np.newaxis]
    angles = np.linspace(0, 2 * np.pi, DIRECTIONS, endpoint=False)
    around = np.stack([radii * np.cos(angles), radii * np.sin(angles)], axis=-1)
    return np.concatenate([np.zeros((1, 2)), around.reshape(-1, 2)])


def _covering(spots: np.ndarray, taken: np.ndarray, apart: np.ndarray) -> np.ndarray:
    """Which spots are nearer than `apart` [N, 2] or [2] to one of those taken: bool [spots]."""
    near = np.abs(spots[:, np.newaxis] - taken) < apart  # [spots, N, 2]
    return np.asarray(near.all(axis=2).any(axis=1))
