"""Trained weights on disk: the decoder's by their frozen names, the tail's in Keras's order."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from showtell_lib.errors import DataError
from showtell_lib.foreign import read_arrays
from showtell_lib.training.encoders import Encoder

BEST_FILE = "best.npz"


def read_weights(path: Path) -> dict[str, np.ndarray]:
    """Reads the weights that training saved.

    Raises:
        DataError: they are not there or are damaged.
    """
    return read_arrays(path, DataError, hint="no trained weights; `showtell train` makes them")


def tail_weights(encoder: Encoder) -> dict[str, np.ndarray]:
    """The weights of an encoder's tail, by their names in the file."""
    return {f"tail/{i}": value for i, value in enumerate(encoder.tail.get_weights())}


def set_tail_weights(encoder: Encoder, weights: Mapping[str, np.ndarray]) -> None:
    """Gives an encoder's tail the weights that `tail_weights` took from one like it."""
    encoder.tail.set_weights([weights[name] for name in tail_weights(encoder)])
