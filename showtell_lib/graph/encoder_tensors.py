"""Finding the tensors of an encoder in a frozen graph: its feature maps and the image embedding.

They are found, as the decoder's weights are, by how the graph is wired: names differ from one
freezing to the next.
"""

from __future__ import annotations

from showtell_lib.errors import ModelError
from showtell_lib.graph.interface import INITIAL_STATE, STATE
from showtell_lib.graph.nodes import Walk, ancestors, node_name
from showtell_lib.quiet import GraphDef

# What ends a layer: a rectifier, or the concatenation of an Inception block's branches.
ACTIVATIONS = ("Relu", "Relu6", "ConcatV2")


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
    """The activations through which everything must pass on its way from pixels to embedding.

    In many encoders branches run beside each other; an activation inside one branch is left out.

    Args:
        graph_def: the graph.
        image: the tensor of pixels.
        embedding: the tensor of the image embedding.
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
