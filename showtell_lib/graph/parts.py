"""Finding a captioner's weights and tensors in a frozen graph by how the graph is wired.

Names differ from one TensorFlow to the next (`lstm/basic_lstm_cell/kernel`,
`lstm/BasicLSTMCell/Linear/Matrix`, ...); what is multiplied with what stays the same.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from showtell_lib.errors import ModelError
from showtell_lib.graph.nodes import (
    IMAGE_FEED,
    INITIAL_STATE,
    SOFTMAX,
    STATE,
    Walk,
    ancestors,
    node_name,
)
from showtell_lib.quiet import GraphDef, NodeDef

# Gives the array that a tensor's name stands for.
Value = Callable[[str], np.ndarray]
# What ends a layer: a rectifier, or the concatenation of an Inception block's branches.
ACTIVATIONS = ("Relu", "Relu6", "ConcatV2")


def decoder_weights(graph_def: GraphDef, value: Value) -> tuple[dict[str, np.ndarray], float]:
    """The decoder's weights by the names of the frozen format, and the LSTM's forget bias.

    Args:
        graph_def: a graph that `check_graph` has passed.
        value: the array that a tensor's name stands for, through casts and copies.

    Raises:
        ModelError: the graph is wired in another way than a Show and Tell model.
    """
    walk = Walk(graph_def)
    step = ancestors(graph_def, [STATE])
    cell = walk.only("MatMul", step)
    output = walk.only("MatMul", ancestors(graph_def, [SOFTMAX]) - step)
    first = ancestors(graph_def, [INITIAL_STATE])
    image = _image_product(walk, first, walk.source(cell.input[1]))
    named = {
        "image_embedding/weights": image.input[1],
        "image_embedding/biases": walk.added_to(image),
        "seq_embedding/map": walk.only("Gather", step).input[0],
        "lstm/basic_lstm_cell/kernel": cell.input[1],
        "lstm/basic_lstm_cell/bias": walk.added_to(cell),
        "logits/weights": output.input[1],
        "logits/biases": walk.added_to(output),
    }
    weights = {name: value(tensor) for name, tensor in named.items() if tensor}
    return weights, float(value(walk.forget_bias(step)))


def pixels_tensor(graph_def: GraphDef) -> str:
    """The tensor of a photo's pixels: what the first convolution of the encoder reads.

    Raises:
        ModelError: no convolution lies between the photo and the LSTM's state.
    """
    walk = Walk(graph_def)
    path = ancestors(graph_def, [INITIAL_STATE])
    from_photo = walk.descendants(IMAGE_FEED)
    all_convolutions = [node.name for node in graph_def.node if node.op == "Conv2D"]
    later = walk.descendants(*walk.readers(all_convolutions))
    for node in graph_def.node:
        if node.op == "Conv2D" and node.name in (path & from_photo) - later:
            return str(node.input[0])
    raise ModelError(
        f"not a Show and Tell graph: no convolution lies between {IMAGE_FEED} and {INITIAL_STATE}"
    )


def features_tensor(graph_def: GraphDef) -> str:
    """The tensor of the encoder's features, from which the image embedding is made.

    Raises:
        ModelError: the graph is wired in another way than a Show and Tell model.
    """
    walk = Walk(graph_def)
    cell = walk.only("MatMul", ancestors(graph_def, [STATE]))
    first = ancestors(graph_def, [INITIAL_STATE])
    return str(_image_product(walk, first, walk.source(cell.input[1])).input[0])


def _image_product(walk: Walk, first: set[str], kernel: str) -> NodeDef:
    """The product of features and image embedding; the other one of the first step is the cell."""
    return walk.only("MatMul", first, lambda node: walk.source(node.input[1]) != kernel)


def embedding_tensor(graph_def: GraphDef) -> str:
    """The tensor of the image embedding, which the LSTM sees first, together with its zero state.

    Raises:
        ModelError: the graph is wired in another way than a Show and Tell model.
    """
    walk = Walk(graph_def)
    cell = walk.only("MatMul", ancestors(graph_def, [STATE]))
    kernel = walk.source(cell.input[1])
    first = ancestors(graph_def, [INITIAL_STATE])
    product = walk.only("MatMul", first, lambda node: walk.source(node.input[1]) == kernel)
    joined = walk.nodes[node_name(product.input[0])]
    if joined.op != "ConcatV2":
        raise ModelError(
            f"not a Show and Tell graph: the LSTM's first input comes from a {joined.op}, not from "
            "a concatenation of image embedding and state"
        )
    return str(joined.input[0])


def passages(graph_def: GraphDef, image: str, embedding: str) -> list[str]:
    """The activations that everything on its way from `image` to `embedding` must pass.

    In many encoders branches run beside each other; an activation inside one branch is left out.
    """
    source, end = node_name(image), node_name(embedding)
    before = ancestors(graph_def, [source])
    encoder = ancestors(graph_def, [end]) - before
    depths = {}
    for node in graph_def.node:
        if node.name in encoder and node.op in ACTIVATIONS:
            # Whoever cannot reach the pixels without this node has to go through it.
            around = ancestors(graph_def, [end], [node.name])
            if source not in around:
                depths[str(node.name)] = len(ancestors(graph_def, [node.name]))
    return sorted(depths, key=lambda name: depths[name])
