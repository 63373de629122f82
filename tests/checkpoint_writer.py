"""Writing the full-size graph's weights as a TensorFlow 1 checkpoint, as im2txt saved its own."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from showtell_lib.graph import constant_value, read_graph
from showtell_lib.quiet import import_tensorflow

VARIABLES = ("weights", "beta", "moving_mean", "moving_variance", "map", "kernel", "bias", "biases")


def variables_of(graph: Path) -> dict[str, np.ndarray]:
    """The variables that were frozen into a graph, by the names they had."""
    values: dict[str, np.ndarray] = {
        node.name: constant_value(node)
        for node in read_graph(graph).node
        if node.op == "Const" and node.name.rpartition("/")[2] in VARIABLES
    }
    return {**values, "global_step": np.asarray(1_000_000, np.int64)}


def write_checkpoint(values: Mapping[str, np.ndarray], prefix: Path) -> Path:
    """Writes `PREFIX.index` and `PREFIX.data-00000-of-00001`, as TensorFlow 1's Saver does.

    The operation is the Saver's own, and so are the bytes; it needs no session.
    """
    tf = import_tensorflow()
    prefix.parent.mkdir(parents=True, exist_ok=True)
    names = sorted(values)
    tf.raw_ops.SaveV2(
        prefix=str(prefix),
        tensor_names=names,
        shape_and_slices=[""] * len(names),
        tensors=[tf.constant(values[name]) for name in names],
    )
    return prefix
