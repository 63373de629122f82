"""Freezing a trained captioner to the one model format: a TensorFlow graph and its vocabulary.

Weights are stored as float16 with a cast behind each, which halves the file.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from showtell_lib.graph.building import encoder_graph, inference_graph
from showtell_lib.graph.writing import write_model
from showtell_lib.quiet import import_tensorflow
from showtell_lib.store import GRAPH_FILE
from showtell_lib.training.encoders import Encoder, build_encoder
from showtell_lib.training.options import read_options
from showtell_lib.training.weights import read_weights, set_tail_weights


def export(run: Path, out: Path) -> Path:
    """Exports the best weights of a training run.

    Args:
        run: the folder of the run.
        out: the folder to write `show-and-tell.pb` and `word_counts.txt` into.

    Returns:
        The path of the graph.

    Raises:
        DataError: the folder does not hold a training run that has come to its first epoch.
    """
    options = read_options(run / "options.json")
    weights = read_weights(run / "best.npz")
    encoder = build_encoder(
        options.encoder, None if options.encoder_weights == "none" else options.encoder_weights
    )
    set_tail_weights(encoder, weights)
    decoder = {name: value for name, value in weights.items() if not name.startswith("tail/")}
    return freeze(_whole(encoder), encoder.kind.size, decoder, run / "word_counts.txt", out)


def freeze(
    encode: Callable[[Any], Any],
    size: int,
    weights: Mapping[str, np.ndarray],
    vocabulary: Path,
    out: Path,
) -> Path:
    """Freezes an encoder and a decoder to a model folder.

    Args:
        encode: pixels float32 [N, size, size, 3] in -1 to 1, to features [N, features].
        size: height and width in pixels that a photo is squashed to.
        weights: the decoder's, as `training.network.frozen_weights` gives them.
        vocabulary: the `word_counts.txt` it was trained with.
        out: the folder to write `show-and-tell.pb` and `word_counts.txt` into.

    Returns:
        The path of the graph.
    """
    graph_def = inference_graph(encoder_graph(encode, size), _squashed(size), weights, half=True)
    write_model(graph_def, vocabulary, out)
    return out / GRAPH_FILE


def _whole(encoder: Encoder) -> Any:
    return lambda images: encoder.tail(encoder.body(images, training=False), training=False)


def _squashed(size: int) -> Any:
    """The photo as the encoder was trained on it: squashed whole, antialiased, -1 to 1."""
    tf = import_tensorflow()

    def preprocess(pixels: Any) -> Any:
        pixels = tf.cast(pixels, tf.float32)[tf.newaxis]
        resized = tf.image.resize(pixels, [size, size], antialias=True)
        return tf.subtract(resized / 127.5, 1.0, name="image")

    return preprocess
