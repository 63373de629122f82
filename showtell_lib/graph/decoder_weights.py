"""Finding the decoder's weights in a frozen graph by its structure.

Their names differ from one TensorFlow to the next (`lstm/basic_lstm_cell/kernel`,
`lstm/BasicLSTMCell/Linear/Matrix`, ...); what is multiplied with what stays the same.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from showtell_lib.graph.interface import INITIAL_STATE, SOFTMAX, STATE
from showtell_lib.graph.nodes import Walk, ancestors
from showtell_lib.quiet import GraphDef

# Gives the array that a tensor's name stands for.
Value = Callable[[str], np.ndarray]


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
    kernel = walk.source(cell.input[1])
    image = walk.only("MatMul", first, lambda node: walk.source(node.input[1]) != kernel)
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
