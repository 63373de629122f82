"""A tiny Show and Tell graph with known weights, written node by node in TensorFlow 1 style."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from showtell_lib.quiet import import_tensorflow

WORDS = ("a", "<S>", "</S>", "cat", "dog", "sits", ".")
SIZE, FILTERS, UNITS = 8, 5, 4


def tiny_weights(seed: int = 0) -> dict[str, np.ndarray]:
    """Random weights, float32, by the names that the published graph has for them."""
    random = np.random.default_rng(seed)
    shapes = {
        "conv/weights": (3, 3, 3, FILTERS),
        "image_embedding/weights": (FILTERS, UNITS),
        "seq_embedding/map": (len(WORDS) + 1, UNITS),
        "lstm/basic_lstm_cell/kernel": (2 * UNITS, 4 * UNITS),
        "lstm/basic_lstm_cell/bias": (4 * UNITS,),
        "logits/weights": (UNITS, len(WORDS) + 1),
        "logits/biases": (len(WORDS) + 1,),
    }
    return {name: random.normal(size=s).astype(np.float32) for name, s in shapes.items()}


def tiny_graph(weights: dict[str, np.ndarray] | None = None) -> Any:
    """The frozen `GraphDef` of the tiny model."""
    tf = import_tensorflow()
    weights = weights or tiny_weights()
    with tf.Graph().as_default() as graph:
        constants = {name: tf.constant(value, name=name) for name, value in weights.items()}
        _encoder(tf, constants)
        _decoder(tf, constants)
    return graph.as_graph_def()


def _encoder(tf: Any, constants: dict[str, Any]) -> None:
    image = tf.compat.v1.placeholder(tf.string, [], name="image_feed")
    pixels = tf.cast(tf.io.decode_jpeg(image, channels=3), tf.float32) / 255.0
    resized = tf.compat.v1.image.resize_bilinear(tf.expand_dims(pixels, 0), [SIZE, SIZE])
    convolved = tf.nn.relu(
        tf.nn.conv2d((resized - 0.5) * 2.0, constants["conv/weights"], 2, "SAME")
    )
    embedding = tf.reduce_mean(convolved, [1, 2]) @ constants["image_embedding/weights"]
    zeros = tf.constant(np.zeros((1, UNITS), np.float32), name="lstm/zeros")
    cell, hidden = _lstm(tf, constants, embedding, zeros, zeros)
    tf.concat([cell, hidden], 1, name="lstm/initial_state")


def _decoder(tf: Any, constants: dict[str, Any]) -> None:
    tokens = tf.compat.v1.placeholder(tf.int64, [None], name="input_feed")
    state = tf.compat.v1.placeholder(tf.float32, [None, 2 * UNITS], name="lstm/state_feed")
    words = tf.gather(constants["seq_embedding/map"], tokens)
    cell, hidden = tf.split(state, 2, axis=1, name="lstm/split")
    cell, hidden = _lstm(tf, constants, words, cell, hidden)
    tf.concat([cell, hidden], 1, name="lstm/state")
    logits = tf.nn.bias_add(
        hidden @ constants["logits/weights"], constants["logits/biases"], name="logits"
    )
    tf.nn.softmax(logits, name="softmax")


def _lstm(
    tf: Any, constants: dict[str, Any], inputs: Any, cell: Any, hidden: Any
) -> tuple[Any, Any]:
    kernel = constants["lstm/basic_lstm_cell/kernel"]
    gates = tf.nn.bias_add(
        tf.concat([inputs, hidden], 1) @ kernel, constants["lstm/basic_lstm_cell/bias"]
    )
    i, j, f, o = tf.split(gates, 4, axis=1)
    cell = cell * tf.sigmoid(f + 1.0) + tf.sigmoid(i) * tf.tanh(j)
    return cell, tf.tanh(cell) * tf.sigmoid(o)


def write_model(folder: Path, graph_def: Any = None, words: tuple[str, ...] = WORDS) -> Path:
    """Writes `show-and-tell.pb` and `word_counts.txt` into the folder and returns the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    graph_def = graph_def or tiny_graph()
    (folder / "show-and-tell.pb").write_bytes(graph_def.SerializeToString(deterministic=True))
    lines = "".join(f"{word} {9 - index}\n" for index, word in enumerate(words))
    (folder / "word_counts.txt").write_text(lines, encoding="utf-8")
    return folder
