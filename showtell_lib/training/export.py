"""Freezing a trained captioner to the one model format: a TensorFlow graph and its vocabulary.

Weights are stored as float16 with a cast behind each, which halves the file.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np

from showtell_lib.graph import read_graph
from showtell_lib.graph.building import encoder_graph, inference_graph, with_decoder
from showtell_lib.graph.writing import write_model
from showtell_lib.quiet import Tensor, import_tensorflow
from showtell_lib.store import GRAPH_FILE
from showtell_lib.training.encoders import build_encoder
from showtell_lib.training.options import read_options
from showtell_lib.training.start import OPTIONS_FILE, VOCABULARY_FILE, graph_in
from showtell_lib.training.weights import BEST_FILE, read_weights, set_tail_weights

tf = import_tensorflow()


def export(run: Path, out: Path) -> Path:
    """Exports the best weights of a training run as a model folder.

    Returns:
        The path of the graph.

    Raises:
        DataError: the folder does not hold a training run that has come to its first epoch.
    """
    options = read_options(run / OPTIONS_FILE)
    weights = read_weights(run / BEST_FILE)
    decoder = {name: value for name, value in weights.items() if not name.startswith("tail/")}
    if graph := graph_in(run):
        write_model(with_decoder(read_graph(graph), decoder), run / VOCABULARY_FILE, out)
        return out / GRAPH_FILE
    encoder = build_encoder(options.encoder, options.initial_weights)
    set_tail_weights(encoder, weights)

    def encode(images: Tensor) -> Tensor:
        maps = encoder.body(images, training=False)  # [photos, height, width, channels]
        return encoder.tail(maps, training=False)  # [photos, features]

    return freeze(encode, encoder.kind.size, decoder, run / VOCABULARY_FILE, out)


def freeze(
    encode: Callable[[Tensor], Tensor],
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

    def preprocess(pixels: Tensor) -> Tensor:
        """The photo as the encoder was trained on it: squashed whole, antialiased, -1 to 1."""
        pixels = tf.cast(pixels, tf.float32)[tf.newaxis]  # [1, height, width, 3]
        resized = tf.image.resize(pixels, [size, size], antialias=True)  # [1, size, size, 3]
        return tf.subtract(resized / 127.5, 1.0, name="image")

    graph_def = inference_graph(encoder_graph(encode, size), preprocess, weights, half=True)
    write_model(graph_def, vocabulary, out)
    return out / GRAPH_FILE
