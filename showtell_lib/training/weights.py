"""Trained weights on disk: the decoder's by their frozen names, the tail's in Keras's order."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from showtell_lib.errors import DataError
from showtell_lib.training.encoders import Encoder


def read_weights(path: Path) -> dict[str, np.ndarray]:
    """Reads the weights that training saved.

    Raises:
        DataError: they are not there or are damaged.
    """
    try:
        with np.load(path, allow_pickle=False) as arrays:
            return dict(arrays)
    except OSError:
        raise DataError(f"{path}: no trained weights; run `showtell train` first") from None
    except ValueError as error:
        raise DataError(f"{path}: damaged weights ({error}); train again") from None


def tail_weights(encoder: Encoder) -> dict[str, np.ndarray]:
    """The weights of an encoder's tail, by their names in the file."""
    return {f"tail/{i}": value for i, value in enumerate(encoder.tail.get_weights())}


def set_tail_weights(encoder: Encoder, weights: Mapping[str, np.ndarray]) -> None:
    """Gives an encoder's tail the weights that `tail_weights` took from one like it."""
    encoder.tail.set_weights([weights[name] for name in tail_weights(encoder)])
