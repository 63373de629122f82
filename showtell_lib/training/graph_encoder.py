"""The encoder of a finished model, taken unchanged from its frozen graph; any network will do."""

from __future__ import annotations

import hashlib
from pathlib import Path

from showtell_lib.errors import ModelError
from showtell_lib.files import read_bytes
from showtell_lib.graph import parse_graph
from showtell_lib.graph.functions import GraphFunctions
from showtell_lib.quiet import ConcreteFunction, Tensor, import_keras, import_tensorflow
from showtell_lib.store import LARGEST_GRAPH
from showtell_lib.training.encoders import Encoder, EncoderKind

import_keras()
tf = import_tensorflow()
import keras  # noqa: E402

# PNG keeps every pixel. Each photo is written and read only once, so the size does not matter.
FASTEST_PNG = 1


class _Frozen(keras.layers.Layer):  # type: ignore[misc]
    """A function of a graph as a layer; it has no weights to train."""

    def __init__(self, function: ConcreteFunction) -> None:
        super().__init__(trainable=False)
        self._function = function

    def call(self, images: Tensor) -> Tensor:
        """The function's values for a batch of images."""
        return self._function(images)


def graph_encoder(path: Path) -> Encoder:
    """The encoder of a frozen graph, with the graph's own preprocessing.

    The body computes the features, [N, features], and the tail hands them on; neither is trained.

    Raises:
        ModelError: the file is no Show and Tell graph.
    """
    data = read_bytes(path, LARGEST_GRAPH, ModelError)
    functions = GraphFunctions(parse_graph(data, path))
    height, width, colours = functions.preprocess.structured_outputs.shape[1:]

    def prepare(image: Tensor) -> Tensor:
        encoded = tf.io.encode_png(image, compression=FASTEST_PNG)
        pixels = functions.preprocess(encoded)[0]  # [height, width, 3]
        return tf.ensure_shape(pixels, [height, width, colours])

    images = keras.Input((height, width, colours))  # [photos, height, width, 3]
    features = _Frozen(functions.features)(images)  # [photos, features]
    same = keras.Input(features.shape[1:])  # [photos, features]
    tail = keras.Model(same, keras.layers.Activation("linear")(same))
    name = f"graph {hashlib.sha256(data).hexdigest()[:12]}"
    kind = EncoderKind(name, height, "", "", int(features.shape[1]))
    return Encoder(kind, keras.Model(images, features), tail, prepare)
