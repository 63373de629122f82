"""A tiny checkpoint of the im2txt family: its decoder is all there, its encoder one convolution."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from showtell_lib.pretrained import checkpoints
from showtell_lib.quiet import import_tensorflow
from tests.checkpoint_writer import write_checkpoint
from tests.tiny_graph import tiny_weights


def tiny_checkpoint(prefix: Path, other_names: Mapping[str, str] | None = None) -> Path:
    """Writes the weights of the tiny graph, some of them by other names."""
    named = other_names or {}
    values = {named.get(name, name): value for name, value in tiny_weights().items()}
    return write_checkpoint(values, prefix)


def convert_tiny_ones(patch: pytest.MonkeyPatch) -> None:
    """Lets checkpoints be converted that have this encoder in place of Inception v3."""
    tf = import_tensorflow()

    def encoder(reader: Callable[[str], Any]) -> Callable[[Any], Any]:
        kernel = tf.constant(reader("conv/weights"))
        return lambda images: tf.reduce_mean(tf.nn.conv2d(images, kernel, 2, "SAME"), [1, 2])

    patch.setattr(checkpoints, "_inception_v3", encoder)
