"""Finding the decoder's weights in a frozen graph by its structure.

Their names differ from one TensorFlow to the next (`lstm/basic_lstm_cell/kernel`,
`lstm/BasicLSTMCell/Linear/Matrix`, ...); what is multiplied with what does not.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from showtell_lib import graph as graphs
from showtell_lib.errors import ModelError

ADDITIONS = ("BiasAdd", "Add", "AddV2")
Value = Callable[[str], np.ndarray]


def decoder_weights(graph_def: Any, value: Value) -> tuple[dict[str, np.ndarray], float]:
    """The decoder's weights by the names of the frozen format, and the LSTM's forget bias.

    Args:
        graph_def: a graph that `graph.check_graph` has passed.
        value: the array that a tensor's name stands for, through casts and copies.

    Raises:
        ModelError: the graph is wired in another way than a Show and Tell model.
    """
    walk = Walk(graph_def)
    step = graphs.ancestors(graph_def, [graphs.STATE])
    cell = walk.only("MatMul", step)
    output = walk.only("MatMul", graphs.ancestors(graph_def, [graphs.SOFTMAX]) - step)
    first = graphs.ancestors(graph_def, [graphs.INITIAL_STATE])
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


class Walk:
    """Questions about how a graph is wired."""

    def __init__(self, graph_def: Any) -> None:
        self.nodes = {node.name: node for node in graph_def.node}
        self.consumers = graphs.consumers_by_name(graph_def)

    def only(self, op: str, among: set[str], fits: Callable[[Any], bool] = lambda _: True) -> Any:
        """The one node with an operation that starts so."""
        named = [self.nodes[name] for name in sorted(among)]
        found = [node for node in named if node.op.startswith(op) and fits(node)]
        if len(found) != 1:
            raise ModelError(
                f"not a Show and Tell graph: {len(found)} {op} nodes where there should be one "
                f"({', '.join(node.name for node in found) or 'none'})"
            )
        return found[0]

    def source(self, tensor: str) -> str:
        """The node that a tensor comes from, past copies and casts."""
        node = self.nodes[graphs.node_name(tensor)]
        while node.op in ("Identity", "Cast"):
            node = self.nodes[graphs.node_name(node.input[0])]
        return str(node.name)

    def added_to(self, node: Any) -> str:
        """The constant that is added to a node's result; empty if none is."""
        for name in self.consumers.get(node.name, ()):
            consumer = self.nodes[name]
            if consumer.op in ADDITIONS and self.is_constant(consumer.input[1]):
                return str(consumer.input[1])
        return ""

    def is_constant(self, tensor: str) -> bool:
        """Whether a tensor is a constant, past copies and casts."""
        return bool(self.nodes[self.source(tensor)].op == "Const")

    def forget_bias(self, step: set[str]) -> str:
        """The constant that one gate, and only one, gets before its sigmoid."""
        gates = [self.nodes[n] for n in sorted(step) if self.nodes[n].op == "Sigmoid"]
        sums = [self.nodes[graphs.node_name(gate.input[0])] for gate in gates]
        found = [node for node in sums if node.op in ADDITIONS and self.is_constant(node.input[1])]
        if len(found) != 1:
            raise ModelError(
                f"not a Show and Tell graph: {len(found)} gates of the LSTM have a constant added "
                "to them, where the forget gate alone should"
            )
        return str(found[0].input[1])
