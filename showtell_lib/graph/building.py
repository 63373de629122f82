"""Building the frozen graph of a captioner: the one format that every model has here."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from showtell_lib.graph.checking import check_graph
from showtell_lib.graph.nodes import (
    IMAGE_FEED,
    INITIAL_STATE,
    INPUT_FEED,
    SOFTMAX,
    STATE,
    STATE_FEED,
    ancestors,
    node_name,
    tensor_name,
)
from showtell_lib.graph.parts import features_tensor
from showtell_lib.lstm import FORGET_BIAS
from showtell_lib.quiet import DType, GraphDef, NodeDef, Tensor, import_tensorflow

tf = import_tensorflow()

HALF_FROM_ELEMENTS = 1024


@dataclass(frozen=True)
class EncoderGraph:
    """An encoder as a graph without its weights, which are kept apart so that nobody copies them.

    Attributes:
        graph_def: from `images` to `features`, with a placeholder for each weight.
        weights: float32 arrays by the names of those placeholders.
    """

    graph_def: GraphDef
    weights: Mapping[str, np.ndarray]


def inference_graph(
    encoder: EncoderGraph,
    preprocess: Callable[[Tensor], Tensor],
    weights: Mapping[str, np.ndarray],
    *,
    half: bool,
) -> GraphDef:
    """The frozen `GraphDef` of an encoder and a decoder.

    Args:
        encoder: as `encoder_graph` makes it.
        preprocess: decoded pixels, uint8 [height, width, 3], to what the encoder takes.
        weights: the decoder's, by the names of the frozen format, float32.
        half: whether large weights are stored as float16, with a cast behind each of them.
    """
    inside = {f"encoder/{name}": value for name, value in encoder.weights.items()}
    with tf.Graph().as_default() as graph:
        encoded = tf.compat.v1.placeholder(tf.string, [], name=IMAGE_FEED)
        # [height, width, 3], as the photo is
        pixels = tf.io.decode_jpeg(encoded, channels=3, name="decode/DecodeJpeg")
        image = preprocess(pixels)  # [1, size, size, 3]
        features = tf.graph_util.import_graph_def(
            encoder.graph_def, {"images": image}, return_elements=["features:0"], name="encoder"
        )[0]  # [photos, features]
        _decoder(features, weights)
    graph_def = _filled(graph.as_graph_def(), {**inside, **weights}, half)
    check_graph(graph_def)
    return graph_def


def with_decoder(graph_def: GraphDef, weights: Mapping[str, np.ndarray]) -> GraphDef:
    """A frozen graph whose encoder stays as it is, to the last bit, with another decoder.

    Args:
        graph_def: a graph that `check_graph` has passed.
        weights: the decoder's, as `inference_graph` takes them; stored as float16.
    """
    features = tensor_name(features_tensor(graph_def))
    encoder = tf.compat.v1.GraphDef(versions=graph_def.versions, library=graph_def.library)
    kept = ancestors(graph_def, [node_name(features)])
    encoder.node.extend(node for node in graph_def.node if node.name in kept)
    with tf.Graph().as_default() as graph:
        # [photos, features]
        (made,) = tf.graph_util.import_graph_def(encoder, return_elements=[features], name="")
        _decoder(made, weights)
    made_def = _filled(graph.as_graph_def(), weights, half=True)
    check_graph(made_def)
    return made_def


def encoder_graph(encode: Callable[[Tensor], Tensor], size: int) -> EncoderGraph:
    """An encoder made of Keras layers as a graph.

    Args:
        encode: pixels float32 [N, size, size, 3] to features [N, features].
        size: height and width in pixels.
    """

    def run(images: Tensor) -> Tensor:
        return tf.identity(encode(images), name="features")  # [photos, features]

    spec = tf.TensorSpec([None, size, size, 3], tf.float32, name="images")
    graph = tf.function(run, autograph=False).get_concrete_function(spec).graph
    variables = {id(variable.handle): variable for variable in graph.variables}
    weights = {
        inside.op.name: np.asarray(variables.get(id(outside), outside), np.float32)
        for outside, inside in graph.captures
    }
    graph_def = graph.as_graph_def()
    for node in graph_def.node:
        if node.op == "ReadVariableOp":
            _become(node, "Identity", T=tf.float32)
        elif node.name in weights:
            _become(node, "Placeholder", dtype=tf.float32)
            shape = tf.TensorShape(weights[node.name].shape).as_proto()
            node.attr["shape"].shape.CopyFrom(shape)
    return EncoderGraph(graph_def, weights)


def _become(node: NodeDef, op: str, **types: DType) -> None:
    node.op = op
    node.attr.clear()
    for name, dtype in types.items():
        node.attr[name].type = dtype.as_datatype_enum


def _filled(graph_def: GraphDef, weights: Mapping[str, np.ndarray], half: bool) -> GraphDef:
    """The graph with its weights in place of their placeholders."""
    filled = tf.compat.v1.GraphDef()
    filled.versions.CopyFrom(graph_def.versions)
    for node in graph_def.node:
        if node.name not in weights:
            filled.node.add().CopyFrom(node)
        elif half and weights[node.name].size >= HALF_FROM_ELEMENTS:
            _constant(filled.node.add(), f"{node.name}/half", weights[node.name], tf.float16)
            cast = filled.node.add(name=node.name, op="Cast", input=[f"{node.name}/half"])
            cast.attr["SrcT"].type = tf.float16.as_datatype_enum
            cast.attr["DstT"].type = tf.float32.as_datatype_enum
        else:
            _constant(filled.node.add(), node.name, weights[node.name], tf.float32)
    return filled


def _constant(node: NodeDef, name: str, value: np.ndarray, dtype: DType) -> None:
    node.name, node.op = name, "Const"
    node.attr["dtype"].type = dtype.as_datatype_enum
    tensor = node.attr["value"].tensor
    tensor.dtype = dtype.as_datatype_enum
    tensor.tensor_shape.CopyFrom(tf.TensorShape(value.shape).as_proto())
    tensor.tensor_content = value.astype(dtype.as_numpy_dtype).tobytes()


def _decoder(features: Tensor, weights: Mapping[str, np.ndarray]) -> None:
    """Adds a decoder to the graph, with a placeholder for each of its weights."""
    placeholders = {
        name: tf.compat.v1.placeholder(tf.float32, value.shape, name=name)
        for name, value in weights.items()
    }
    _initial_state(features, placeholders)
    _decoder_step(placeholders)


def _initial_state(features: Tensor, constants: Mapping[str, Tensor]) -> None:
    # [photos, features] @ [features, units] -> [photos, units]
    embedding = tf.matmul(features, constants["image_embedding/weights"])
    if "image_embedding/biases" in constants:
        embedding = tf.nn.bias_add(embedding, constants["image_embedding/biases"])
    embedding = tf.identity(embedding, name="image_embedding")
    zeros = tf.zeros_like(embedding, name="lstm/zero_state")  # [photos, units]
    # [photos, 2 * units]: cell state, then hidden state
    tf.concat(_lstm(embedding, zeros, zeros, constants), 1, name=INITIAL_STATE)


def _decoder_step(constants: Mapping[str, Tensor]) -> None:
    units = constants["lstm/basic_lstm_cell/kernel"].shape[1] // 4
    tokens = tf.compat.v1.placeholder(tf.int64, [None], name=INPUT_FEED)  # [N]
    # [N, 2 * units]
    state = tf.compat.v1.placeholder(tf.float32, [None, 2 * units], name=STATE_FEED)
    # [N, units]: rows of [vocabulary, units]
    words = tf.gather(constants["seq_embedding/map"], tokens, name="seq_embedding/lookup")
    cell_state, hidden_state = tf.split(state, 2, axis=1, name="lstm/split")  # [N, units] each
    cell_state, hidden_state = _lstm(words, cell_state, hidden_state, constants)
    tf.concat([cell_state, hidden_state], 1, name=STATE)  # [N, 2 * units]
    # [N, units] @ [units, vocabulary] -> [N, vocabulary]
    scores = tf.matmul(hidden_state, constants["logits/weights"])
    tf.nn.softmax(tf.nn.bias_add(scores, constants["logits/biases"]), name=SOFTMAX)


def _lstm(
    inputs: Tensor, cell_state: Tensor, hidden_state: Tensor, constants: Mapping[str, Tensor]
) -> tuple[Tensor, Tensor]:
    """Both states [N, units] after TensorFlow 1's BasicLSTMCell; in NumPy it is `lstm_gates`."""
    with tf.name_scope("lstm/basic_lstm_cell"):
        both = tf.concat([inputs, hidden_state], 1)  # [N, embedding + units]
        # [N, embedding + units] @ [embedding + units, 4 * units] -> [N, 4 * units]
        gates = tf.matmul(both, constants["lstm/basic_lstm_cell/kernel"])
        gates = tf.nn.bias_add(gates, constants["lstm/basic_lstm_cell/bias"])
        # [N, units] each
        input_gate, candidate, forget_gate, output_gate = tf.split(gates, 4, axis=1)
        kept = cell_state * tf.sigmoid(forget_gate + FORGET_BIAS)
        cell_state = kept + tf.sigmoid(input_gate) * tf.tanh(candidate)
        return cell_state, tf.tanh(cell_state) * tf.sigmoid(output_gate)
