"""Cutting a checked graph into TensorFlow functions that share its weights.

A function imports only the nodes that it needs, and reads the large weights from variables that all
functions share.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property, partial

import numpy as np

from showtell_lib.errors import ModelError, ShowTellError, first_line
from showtell_lib.graph.nodes import (
    FETCHES,
    IMAGE_FEED,
    INITIAL_STATE,
    INPUT_FEED,
    SOFTMAX,
    STATE,
    STATE_FEED,
    Walk,
    ancestors,
    constant_value,
    is_zero_state,
    node_name,
    state_size,
    tensor_name,
)
from showtell_lib.graph.parts import (
    decoder_weights,
    embedding_tensor,
    features_tensor,
    passages,
    pixels_tensor,
)
from showtell_lib.graph.sizes import check_inferred_sizes
from showtell_lib.graph.weights import LiftedWeights
from showtell_lib.quiet import ConcreteFunction, GraphDef, Tensor, import_tensorflow

tf = import_tensorflow()


class GraphFunctions:
    """The three functions of a Show and Tell graph: `preprocess`, `encode`, `step`.

    Attributes:
        preprocess: encoded image bytes, a string scalar, to float32 [1, height, width, 3].
        encode: pixels float32 [N, height, width, 3] to the initial state [N, 2 * units].
        step: tokens int64 [N] and states [N, 2 * units] to softmax [N, words] and next states.

    Raises:
        ModelError: TensorFlow cannot build one of them from the graph.
    """

    def __init__(self, graph_def: GraphDef) -> None:
        self._graph_def = graph_def
        self._walk = Walk(graph_def)
        with _malformed():
            self._weights = LiftedWeights(self._walk, ancestors(graph_def, FETCHES))
            self._cut(state_size(graph_def))
        # The weights are in variables now; a second copy would cost as much memory again.
        self._graph_def = self._weights.taken_from(graph_def)
        self._walk = Walk(self._graph_def)

    def _cut(self, width: int) -> None:
        image = pixels_tensor(self._graph_def)
        # [] -> [1, height, width, 3]
        self.preprocess = self._function([tf.TensorSpec([], tf.string)], [IMAGE_FEED], [image])
        height_width = self.preprocess.structured_outputs.shape[1:3]
        self._image = image
        self._image_specs = [tf.TensorSpec([None, *height_width, 3], tf.float32)]
        # [photos, height, width, 3] -> [photos, 2 * units]
        self.encode = self._function(self._image_specs, [image], [INITIAL_STATE])
        # [hypotheses], [hypotheses, 2 * units] -> [hypotheses, words], [hypotheses, 2 * units]
        self.step = self._function(
            [tf.TensorSpec([None], tf.int64), tf.TensorSpec([None, width], tf.float32)],
            [INPUT_FEED, STATE_FEED],
            [SOFTMAX, STATE],
        )

    @cached_property
    def embed(self) -> ConcreteFunction:
        """Pixels float32 [N, height, width, 3] to the image embeddings [N, units].

        Raises:
            ModelError: the graph is wired in another way than a Show and Tell model.
        """
        return self._function(self._image_specs, [self._image], [embedding_tensor(self._graph_def)])

    @cached_property
    def features(self) -> ConcreteFunction:
        """Pixels float32 [N, height, width, 3] to the encoder's features [N, features].

        Raises:
            ModelError: the graph is wired in another way than a Show and Tell model.
        """
        return self._function(self._image_specs, [self._image], [features_tensor(self._graph_def)])

    def feature_maps(self, pixels: Tensor) -> list[tuple[str, Tensor]]:
        """The last activation at each size, names and values [N, height, width, channels].

        Raises:
            ModelError: the graph is wired in another way than a Show and Tell model.
        """
        names, function = self._passages
        values = function(pixels)
        last = {values[i].shape[1:3]: i for i in range(len(names)) if values[i].shape.rank == 4}
        return [(names[i], values[i]) for i in last.values()]

    @cached_property
    def _passages(self) -> tuple[list[str], ConcreteFunction]:
        names = passages(self._graph_def, self._image, embedding_tensor(self._graph_def))
        # The function's answer is a tuple only where there are two or more.
        fetches = names if len(names) > 1 else names * 2
        return names, self._function(self._image_specs, [self._image], fetches)

    def decoder_weights(self) -> tuple[dict[str, np.ndarray], float]:
        """The decoder's weights and the LSTM's forget bias; see `decoder_weights`.

        Raises:
            ModelError: the graph is wired in another way than a Show and Tell model.
        """
        return decoder_weights(self._graph_def, partial(self._weights.value, self._walk))

    def _function(
        self, specs: list[Tensor], feeds: list[str], fetches: list[str]
    ) -> ConcreteFunction:
        lifted = self._weights.by_node
        stops = {node_name(feed) for feed in feeds} | set(lifted)
        wanted = ancestors(self._graph_def, map(node_name, fetches), stops)
        weights = {name: lifted[name] for name in wanted & set(lifted)}
        nodes = {name: self._walk.nodes[name] for name in wanted}
        zeros = [name for name in wanted - set(weights) if is_zero_state(nodes[name])]
        part = self._part(wanted)

        def run(*values: Tensor) -> Tensor:
            fed = {
                feed: value
                for feed, value in zip(feeds, values, strict=True)
                if node_name(feed) in wanted
            }
            fed |= {name: weight.read_value() for name, weight in weights.items()}
            # The graph has the zero state for one photo; the batch may hold more.
            widths = {name: constant_value(nodes[name]).shape[1] for name in zeros}
            fed |= {
                name: tf.zeros([tf.shape(values[0])[0], width]) for name, width in widths.items()
            }
            fetched = tf.graph_util.import_graph_def(
                part,
                input_map={tensor_name(name): value for name, value in fed.items()},
                return_elements=[tensor_name(name) for name in fetches],
                name="",
            )
            return fetched[0] if len(fetched) == 1 else tuple(fetched)

        with _malformed():
            traced = tf.function(run, input_signature=specs, autograph=False)
            function = traced.get_concrete_function()
        check_inferred_sizes(function)
        return function

    def _part(self, wanted: set[str]) -> GraphDef:
        """The wanted nodes; lifted weights and feeds shrink to placeholders."""
        part = tf.compat.v1.GraphDef()
        part.versions.CopyFrom(self._graph_def.versions)
        for name in sorted(wanted):
            node = part.node.add()
            source = self._walk.nodes[name]
            if name in self._weights.by_node:
                node.name, node.op = name, "Placeholder"
                node.attr["dtype"].type = tf.float32.as_datatype_enum
                continue
            node.CopyFrom(source)
            node.device = ""
            if any(node_name(tensor) not in wanted for tensor in source.input):
                # It is fed, and what it reads from is not imported: it becomes a placeholder.
                dtype = node.attr["T"].type
                node.op = "Placeholder"
                del node.input[:]
                node.attr.clear()
                node.attr["dtype"].type = dtype
        return part


@contextmanager
def _malformed() -> Iterator[None]:
    """Turns what TensorFlow, or what reads its shapes, stumbles over into a `ModelError`."""
    try:
        yield
    except ShowTellError:
        raise
    # Almost anything: a shape that cannot be inferred, for one, cannot be read either.
    except Exception as error:
        raise ModelError(f"malformed graph: {first_line(error)}") from None
