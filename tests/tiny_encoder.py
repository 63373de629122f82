"""An encoder of a few layers, trained as any other: for what its network does not decide."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from showtell_lib.quiet import import_keras

NAME, SIZE, CHANNELS, FEATURES = "tiny", 40, 12, 24


def network(input_shape: tuple[int, int, int], weights: None = None) -> Any:
    """The network as `keras.applications` would have it; its weights are the same every time."""
    keras = import_keras()
    layers = keras.layers

    def convolution(filters: int, name: str) -> Any:
        start = keras.initializers.HeNormal(seed=filters)
        return layers.Conv2D(filters, 5, 3, "same", kernel_initializer=start, name=name)

    images = keras.Input(input_shape)  # [photos, 40, 40, 3]
    maps = layers.ReLU(name="split")(convolution(CHANNELS, "first")(images))
    last = layers.BatchNormalization(name="norm")(convolution(FEATURES, "second")(maps))
    return keras.Model(images, layers.ReLU(name="last")(last))


def register(patch: pytest.MonkeyPatch) -> None:
    """Makes it one of the encoders, by the name `tiny`."""
    from showtell_lib.training.encoders import ENCODERS, EncoderKind

    patch.setattr(import_keras().applications, "Tiny", network, raising=False)
    patch.setitem(ENCODERS, NAME, EncoderKind("Tiny", SIZE, "split", "last", FEATURES))


def save_weights(path: Path) -> Path:
    """Writes the weights of the whole network, as `--encoder-weights` takes them."""
    network((SIZE, SIZE, 3)).save_weights(path)
    return path
