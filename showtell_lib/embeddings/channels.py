"""Which of an encoder's feature maps say something about one photo rather than about all."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from showtell_lib.errors import SettingsError
from showtell_lib.near_ties import first_largest

# Of all channels' spread between photos: below it a channel that hardly moves is noise.
LEAST_SPREAD = 0.5
MOST_ALIKE = 0.5


def distinctive_channels(
    maps: ArrayLike, other_maps: Sequence[ArrayLike], *, count: int = 9
) -> list[int]:
    """The channels by which a photo stands out: active here, and less so in other photos.

    A channel's activity is its mean over the map; it stands out by how many standard deviations
    it lies above its mean over the other photos. Of channels that say nearly the same, only the
    first is taken: a map that follows one already taken (correlation above 0.5) is passed over
    while there are others.

    Args:
        maps: of the photo, float [height, width, channels].
        other_maps: of two other photos or more, each of the same shape.
        count: how many channels, at most all.

    Returns:
        Channel numbers, the most distinctive first.

    Raises:
        SettingsError: fewer than two other photos, or maps of another shape.
    """
    own = np.asarray(maps, np.float64)
    others = [np.asarray(other, np.float64) for other in other_maps]
    if len(others) < 2 or own.ndim != 3 or any(other.shape != own.shape for other in others):
        raise SettingsError(
            "give the feature maps of one layer, float [height, width, channels], of the photo "
            f"and of two other photos or more, not {[other.shape for other in others]} "
            f"beside {own.shape}"
        )
    usual = np.stack([other.mean(axis=(0, 1)) for other in others])  # [photos, channels]
    spread = usual.std(axis=0)
    least = max(LEAST_SPREAD * float(spread.mean()), 1e-9)
    stands_out = (own.mean(axis=(0, 1)) - usual.mean(axis=0)) / np.maximum(spread, least)
    return _unlike_each_other(stands_out, own, min(count, own.shape[2]))


def _unlike_each_other(scores: np.ndarray, maps: np.ndarray, count: int) -> list[int]:
    """Channels by falling score; those whose map follows a taken one come after all others."""
    shapes = maps.reshape(-1, maps.shape[2]) - maps.mean(axis=(0, 1))
    shapes = shapes / np.maximum(np.linalg.norm(shapes, axis=0), 1e-9)  # [fields, channels]
    chosen: list[int] = []
    left = scores.astype(np.float64).copy()
    alike = np.zeros(len(scores))
    while len(chosen) < count:
        free = np.where(alike <= MOST_ALIKE, left, -np.inf)
        best = first_largest(free if np.isfinite(free).any() else left)
        chosen.append(best)
        left[best] = -np.inf
        alike = np.maximum(alike, shapes.T @ shapes[:, best])
    return chosen
