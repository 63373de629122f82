"""Cutting a checked graph into TensorFlow functions that share its weights.

Only the nodes that a function needs are imported into it, and the large weights become variables
that all functions share. Left as constants they would be copied and folded again in every
function, which is slow to start.
"""

from __future__ import annotations

from functools import cached_property
from typing import Any

import numpy as np

from showtell_lib.errors import ModelError
from showtell_lib.graph.decoder_weights import decoder_weights
from showtell_lib.graph.encoder_tensors import embedding_tensor, passages
from showtell_lib.graph.interface import (
    IMAGE_FEED,
    INITIAL_STATE,
    INPUT_FEED,
    SOFTMAX,
    STATE,
    STATE_FEED,
    state_size,
)
from showtell_lib.graph.nodes import ancestors, constant_value, consumers_by_name, node_name
from showtell_lib.quiet import import_tensorflow

LIFT_FROM_ELEMENTS = 1024


class GraphFunctions:
    """The three functions of a Show and Tell graph: `preprocess`, `encode`, `step`.

    Attributes:
        preprocess: encoded image bytes, a string scalar, to float32 [1, height, width, 3].
        encode: pixels float32 [N, height, width, 3] to the initial state [N, 2 * units].
        step: tokens int64 [N] and states [N, 2 * units] to softmax [N, words] and next states.

    Raises:
        ModelError: TensorFlow cannot build one of them from the graph.
    """

    def __init__(self, graph_def: Any) -> None:
        tf = import_tensorflow()
        self._graph_def = graph_def
        self._nodes = {node.name: node for node in graph_def.node}
        self._weights = self._lift_weights()
        width = state_size(graph_def)
        image = self._first_convolution_input()
        self.preprocess = self._function([tf.TensorSpec([], tf.string)], [IMAGE_FEED], [image])
        height_width = self.preprocess.structured_outputs.shape[1:3]
        self._image = image
        self._image_specs = [tf.TensorSpec([None, *height_width, 3], tf.float32)]
        self.encode = self._function(self._image_specs, [image], [INITIAL_STATE])
        self.step = self._function(
            [tf.TensorSpec([None], tf.int64), tf.TensorSpec([None, width], tf.float32)],
            [INPUT_FEED, STATE_FEED],
            [SOFTMAX, STATE],
        )
        # The weights are in variables now; a second copy would cost as much memory again.
        self._graph_def = self._without_lifted()
        self._nodes = {node.name: node for node in self._graph_def.node}

    @cached_property
    def embed(self) -> Any:
        """Pixels float32 [N, height, width, 3] to the image embeddings [N, units].

        Raises:
            ModelError: the graph is wired in another way than a Show and Tell model.
        """
        return self._function(self._image_specs, [self._image], [embedding_tensor(self._graph_def)])

    def feature_maps(self, pixels: Any) -> list[tuple[str, Any]]:
        """The last activation at each size, names and values [N, height, width, channels].

        Raises:
            ModelError: the graph is wired in another way than a Show and Tell model.
        """
        names, function = self._passages
        values = function(pixels)
        last = {values[i].shape[1:3]: i for i in range(len(names)) if values[i].shape.rank == 4}
        return [(names[i], values[i]) for i in last.values()]

    @cached_property
    def _passages(self) -> tuple[list[str], Any]:
        names = passages(self._graph_def, self._image, embedding_tensor(self._graph_def))
        # The function's answer is a tuple only where there are two or more.
        fetches = names if len(names) > 1 else names * 2
        return names, self._function(self._image_specs, [self._image], fetches)

    def decoder_weights(self) -> tuple[dict[str, np.ndarray], float]:
        """The decoder's weights and the LSTM's forget bias; see `decoder_weights`.

        Raises:
            ModelError: the graph is wired in another way than a Show and Tell model.
        """
        return decoder_weights(self._graph_def, self._value)

    def _value(self, tensor: str) -> np.ndarray:
        name = node_name(tensor)
        while name not in self._weights and self._nodes[name].op in ("Identity", "Cast"):
            name = node_name(self._nodes[name].input[0])
        if name in self._weights:
            return np.asarray(self._weights[name])
        if self._nodes[name].op != "Const":
            raise ModelError(f"not a Show and Tell graph: {name} is no constant weight")
        return constant_value(self._nodes[name]).astype(np.float32)

    def _without_lifted(self) -> Any:
        from tensorflow.core.framework import graph_pb2

        light = graph_pb2.GraphDef()
        for node in self._graph_def.node:
            if node.op == "Const" and _is_large_float(node):
                light.node.add(name=node.name, op=node.op)
            else:
                light.node.add().CopyFrom(node)
        return light

    def _first_convolution_input(self) -> str:
        """The tensor of pixels: found by walking, since its name differs between freezes."""
        path = ancestors(self._graph_def, [INITIAL_STATE])
        from_photo = _descendants(self._graph_def, IMAGE_FEED)
        for node in self._graph_def.node:
            if node.op == "Conv2D" and node.name in path & from_photo:
                before = ancestors(self._graph_def, [node.name]) - {node.name}
                if not any(self._nodes[name].op == "Conv2D" for name in before):
                    return str(node.input[0])
        raise ModelError(
            f"not a Show and Tell graph: no convolution lies between {IMAGE_FEED} and "
            f"{INITIAL_STATE}"
        )

    def _lift_weights(self) -> dict[str, Any]:
        tf = import_tensorflow()
        consumers = consumers_by_name(self._graph_def)
        weights = {}
        for node in self._graph_def.node:
            if node.op == "Const" and _is_large_float(node):
                value = constant_value(node).astype(np.float32)
                for name in self._float32_names(node, consumers.get(node.name, [])):
                    weights[name] = tf.Variable(value, trainable=False)
        return weights

    def _float32_names(self, node: Any, consumers: list[str]) -> list[str]:
        """The constant itself, or the casts that turn a stored float16 into float32."""
        from tensorflow.core.framework import types_pb2

        if node.attr["dtype"].type == types_pb2.DT_FLOAT:
            return [node.name]
        return [name for name in consumers if self._nodes[name].op == "Cast"]

    def _function(self, specs: list[Any], feeds: list[str], fetches: list[str]) -> Any:
        tf = import_tensorflow()
        stops = {node_name(feed) for feed in feeds} | set(self._weights)
        wanted = ancestors(self._graph_def, map(node_name, fetches), stops)
        weights = {name: self._weights[name] for name in wanted & set(self._weights)}
        zeros = [name for name in wanted - set(weights) if _is_zero_state(self._nodes[name])]
        part = self._part(wanted)

        def run(*values: Any) -> Any:
            fed = {
                feed: value
                for feed, value in zip(feeds, values, strict=True)
                if node_name(feed) in wanted
            }
            fed |= {name: weight.read_value() for name, weight in weights.items()}
            fed |= {name: _zeros_like(self._nodes[name], values[0]) for name in zeros}
            return _import(part, fed, fetches)

        try:
            return tf.function(run, input_signature=specs, autograph=False).get_concrete_function()
        except (ValueError, TypeError) as error:
            raise ModelError(f"malformed graph: {str(error).splitlines()[0]}") from None

    def _part(self, wanted: set[str]) -> Any:
        """The wanted nodes; lifted weights and feeds shrink to placeholders."""
        from tensorflow.core.framework import graph_pb2

        part = graph_pb2.GraphDef()
        part.versions.CopyFrom(self._graph_def.versions)
        for name in sorted(wanted):
            node = part.node.add()
            source = self._nodes[name]
            if name in self._weights:
                node.name, node.op = name, "Placeholder"
                node.attr["dtype"].type = 1
            else:
                node.CopyFrom(source)
                node.device = ""
                kept = [i for i in source.input if node_name(i) in wanted]
                if len(kept) < len(source.input):
                    _cut_off(node)
        return part


def _cut_off(node: Any) -> None:
    """Turns a fed node into a placeholder, since what it reads from is not imported."""
    node.op = "Placeholder"
    del node.input[:]
    dtype = node.attr["T"].type
    node.attr.clear()
    node.attr["dtype"].type = dtype


def _import(part: Any, fed: dict[str, Any], fetches: list[str]) -> Any:
    tf = import_tensorflow()
    found = tf.graph_util.import_graph_def(
        part,
        input_map={_tensor(name): value for name, value in fed.items()},
        return_elements=[_tensor(name) for name in fetches],
        name="",
    )
    return found[0] if len(found) == 1 else tuple(found)


def _tensor(name: str) -> str:
    return name if ":" in name else f"{name}:0"


def _descendants(graph_def: Any, name: str) -> set[str]:
    consumers = consumers_by_name(graph_def)
    found: set[str] = set()
    open_names = [name]
    while open_names:
        name = open_names.pop()
        if name not in found:
            found.add(name)
            open_names.extend(consumers.get(name, ()))
    return found


def _is_large_float(node: Any) -> bool:
    from tensorflow.core.framework import types_pb2

    floats = (types_pb2.DT_FLOAT, types_pb2.DT_HALF)
    sizes = [dim.size for dim in node.attr["value"].tensor.tensor_shape.dim]
    large = int(np.prod(sizes)) >= LIFT_FROM_ELEMENTS
    return large and node.attr["dtype"].type in floats and not _is_zero_state(node)


def _is_zero_state(node: Any) -> bool:
    """Whether this is an all-zero [1, units] constant: the state before the first LSTM step."""
    if node.op != "Const":
        return False
    sizes = [dim.size for dim in node.attr["value"].tensor.tensor_shape.dim]
    return len(sizes) == 2 and sizes[0] == 1 and not constant_value(node).any()


def _zeros_like(node: Any, batch: Any) -> Any:
    """The zero state for as many photos as the batch holds, where the graph has it for one."""
    tf = import_tensorflow()
    return tf.zeros([tf.shape(batch)[0], constant_value(node).shape[1]])
