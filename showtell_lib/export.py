"""Freezing a trained captioner to the one model format: a TensorFlow graph and its vocabulary.

Weights are stored as float16 with a cast behind each, which halves the file.
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from showtell_lib.errors import DataError
from showtell_lib.graph import (
    IMAGE_FEED,
    INITIAL_STATE,
    INPUT_FEED,
    SOFTMAX,
    STATE,
    STATE_FEED,
    check_graph,
)
from showtell_lib.lstm import FORGET_BIAS
from showtell_lib.quiet import import_tensorflow
from showtell_lib.store import GRAPH_FILE, VOCABULARY_FILE
from showtell_lib.training.encoders import Encoder, build_encoder
from showtell_lib.training.options import read_options

HALF_FROM_ELEMENTS = 1024


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
    tail = [weights[f"tail/{i}"] for i in range(len(encoder.tail.get_weights()))]
    encoder.tail.set_weights(tail)
    graph_def = inference_graph(encoder, weights)
    out.mkdir(parents=True, exist_ok=True)
    part = out / "show-and-tell.part"
    part.write_bytes(graph_def.SerializeToString(deterministic=True))
    shutil.copyfile(run / "word_counts.txt", out / "word_counts.part")
    (out / "word_counts.part").replace(out / VOCABULARY_FILE)
    part.replace(out / GRAPH_FILE)
    return out / GRAPH_FILE


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


def inference_graph(encoder: Encoder, weights: Mapping[str, np.ndarray]) -> Any:
    """The frozen `GraphDef` of an encoder and a decoder.

    Args:
        encoder: the trained encoder.
        weights: the decoder's, by the names of the frozen format, float32.
    """
    tf = import_tensorflow()
    network = _frozen_encoder(encoder)
    with tf.Graph().as_default() as graph:
        constants = {n: _constant(n, w) for n, w in weights.items() if not n.startswith("tail/")}
        image = _preprocessed(encoder.kind.size)
        features = tf.graph_util.import_graph_def(
            network, {"images": image}, return_elements=["features:0"], name="encoder"
        )[0]
        _initial_state(features, constants)
        _decoder_step(constants)
    graph_def = graph.as_graph_def()
    check_graph(graph_def)
    return graph_def


def _constant(name: str, value: np.ndarray) -> Any:
    """A weight; a large one is stored as float16."""
    tf = import_tensorflow()
    if value.size < HALF_FROM_ELEMENTS:
        return tf.constant(value, tf.float32, name=name)
    return tf.cast(
        tf.constant(value.astype(np.float16), name=name), tf.float32, name=f"{name}/read"
    )


def _preprocessed(size: int) -> Any:
    """The photo as the encoder was trained on it: squashed whole, antialiased, -1 to 1."""
    tf = import_tensorflow()
    encoded = tf.compat.v1.placeholder(tf.string, [], name=IMAGE_FEED)
    pixels = tf.cast(tf.io.decode_jpeg(encoded, channels=3, name="decode/DecodeJpeg"), tf.float32)
    resized = tf.image.resize(pixels[tf.newaxis], [size, size], antialias=True)
    return tf.subtract(resized / 127.5, 1.0, name="image")


def _initial_state(features: Any, constants: Mapping[str, Any]) -> None:
    tf = import_tensorflow()
    embedding = tf.matmul(features, constants["image_embedding/weights"])
    embedding = tf.nn.bias_add(
        embedding, constants["image_embedding/biases"], name="image_embedding"
    )
    zeros = tf.zeros_like(embedding, name="lstm/zero_state")
    tf.concat(_lstm(embedding, zeros, zeros, constants), 1, name=INITIAL_STATE)


def _decoder_step(constants: Mapping[str, Any]) -> None:
    tf = import_tensorflow()
    units = constants["lstm/basic_lstm_cell/kernel"].shape[1] // 4
    tokens = tf.compat.v1.placeholder(tf.int64, [None], name=INPUT_FEED)
    state = tf.compat.v1.placeholder(tf.float32, [None, 2 * units], name=STATE_FEED)
    words = tf.gather(constants["seq_embedding/map"], tokens, name="seq_embedding/lookup")
    cell_state, hidden_state = tf.split(state, 2, axis=1, name="lstm/split")
    cell_state, hidden_state = _lstm(words, cell_state, hidden_state, constants)
    tf.concat([cell_state, hidden_state], 1, name=STATE)
    scores = tf.matmul(hidden_state, constants["logits/weights"])
    tf.nn.softmax(tf.nn.bias_add(scores, constants["logits/biases"]), name=SOFTMAX)


def _lstm(
    inputs: Any, cell_state: Any, hidden_state: Any, constants: Mapping[str, Any]
) -> tuple[Any, Any]:
    """TensorFlow 1's BasicLSTMCell; the NumPy version of it is `lstm.lstm_step`."""
    tf = import_tensorflow()
    with tf.name_scope("lstm/basic_lstm_cell"):
        both = tf.concat([inputs, hidden_state], 1)
        gates = tf.matmul(both, constants["lstm/basic_lstm_cell/kernel"])
        gates = tf.nn.bias_add(gates, constants["lstm/basic_lstm_cell/bias"])
        input_gate, candidate, forget_gate, output_gate = tf.split(gates, 4, axis=1)
        kept = cell_state * tf.sigmoid(forget_gate + FORGET_BIAS)
        cell_state = kept + tf.sigmoid(input_gate) * tf.tanh(candidate)
        return cell_state, tf.tanh(cell_state) * tf.sigmoid(output_gate)


def _frozen_encoder(encoder: Encoder) -> Any:
    """The encoder alone as a `GraphDef` from `images` to `features`, weights as float16."""
    tf = import_tensorflow()
    from tensorflow.python.framework.convert_to_constants import (
        convert_variables_to_constants_v2,
    )

    size = encoder.kind.size

    def run(images: Any) -> Any:
        features = encoder.tail(encoder.body(images, training=False), training=False)
        return tf.identity(features, name="features")

    spec = tf.TensorSpec([None, size, size, 3], tf.float32, name="images")
    concrete = tf.function(run, autograph=False).get_concrete_function(spec)
    frozen = convert_variables_to_constants_v2(concrete).graph.as_graph_def()
    return _with_half_weights(frozen)


def _with_half_weights(graph_def: Any) -> Any:
    tf = import_tensorflow()
    from tensorflow.core.framework import graph_pb2

    halved = graph_pb2.GraphDef()
    halved.versions.CopyFrom(graph_def.versions)
    for node in graph_def.node:
        value = tf.make_ndarray(node.attr["value"].tensor) if node.op == "Const" else np.zeros(0)
        if value.dtype != np.float32 or value.size < HALF_FROM_ELEMENTS:
            halved.node.add().CopyFrom(node)
            continue
        half = halved.node.add(name=f"{node.name}/half", op="Const")
        half.attr["dtype"].type = tf.float16.as_datatype_enum
        half.attr["value"].tensor.CopyFrom(tf.make_tensor_proto(value.astype(np.float16)))
        cast = halved.node.add(name=node.name, op="Cast", input=[half.name])
        cast.attr["SrcT"].type = tf.float16.as_datatype_enum
        cast.attr["DstT"].type = tf.float32.as_datatype_enum
    return halved
