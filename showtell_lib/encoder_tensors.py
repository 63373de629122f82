"""Finding in a frozen graph what its encoder makes: feature maps and the image embedding.

As with the decoder's weights, by how the graph is wired: names differ between freezes.
"""

from __future__ import annotations

from typing import Any

from showtell_lib import graph as graphs
from showtell_lib.decoder_weights import Walk
from showtell_lib.errors import ModelError

# What ends a layer: a rectifier, or the concatenation of an Inception block's branches.
ACTIVATIONS = ("Relu", "Relu6", "ConcatV2")


def embedding_tensor(graph_def: Any) -> str:
    """The image embedding: what the LSTM sees first, beside its zero state.

    Raises:
        ModelError: the graph is wired in another way than a Show and Tell model.
    """
    walk = Walk(graph_def)
    cell = walk.only("MatMul", graphs.ancestors(graph_def, [graphs.STATE]))
    kernel = walk.source(cell.input[1])
    first = graphs.ancestors(graph_def, [graphs.INITIAL_STATE])
    product = walk.only("MatMul", first, lambda node: walk.source(node.input[1]) == kernel)
    joined = walk.nodes[graphs.node_name(product.input[0])]
    if joined.op != "ConcatV2":
        raise ModelError(
            f"not a Show and Tell graph: the LSTM's first input comes from a {joined.op}, not from "
            "a concatenation of image embedding and state"
        )
    return str(joined.input[0])


def passages(graph_def: Any, image: str, embedding: str) -> list[str]:
    """The activations that all the encoder sees of an image must pass, from pixels on.

    Branches run beside each other in many encoders; what lies in only one of them is left out.

    Args:
        graph_def: the graph.
        image: the tensor of pixels.
        embedding: the tensor of the image embedding.
    """
    source, end = graphs.node_name(image), graphs.node_name(embedding)
    before = graphs.ancestors(graph_def, [source])
    encoder = graphs.ancestors(graph_def, [end]) - before
    depths = {}
    for node in graph_def.node:
        if node.name in encoder and node.op in ACTIVATIONS:
            around = graphs.ancestors(graph_def, [end], [node.name])
            if source not in around:
                depths[str(node.name)] = len(graphs.ancestors(graph_def, [node.name]))
    return sorted(depths, key=lambda name: depths[name])
