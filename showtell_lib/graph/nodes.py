"""The nodes of a frozen graph: their names, their values, and how they are wired.

Every Show and Tell graph has six nodes with published names: three feeds and three fetches.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeAlias

import numpy as np

from showtell_lib.errors import ModelError
from showtell_lib.quiet import GraphDef, NodeDef, Tensor

# Tokens int64 [N] and states [N, 2 * units] to softmax [N, words] and next states.
Step: TypeAlias = Callable[[Tensor, Tensor], tuple[Tensor, Tensor]]

IMAGE_FEED, INPUT_FEED, STATE_FEED = "image_feed", "input_feed", "lstm/state_feed"
INITIAL_STATE, SOFTMAX, STATE = "lstm/initial_state", "softmax", "lstm/state"
FEEDS = {IMAGE_FEED: "string", INPUT_FEED: "int64", STATE_FEED: "float32"}
FETCHES = (INITIAL_STATE, SOFTMAX, STATE)
ASK_AGAIN = "download the model again from a source you trust"
ADDITIONS = ("BiasAdd", "Add", "AddV2")


def node_name(tensor_name: str) -> str:
    """The node that an input such as `^init`, `split:2` or `conv` comes from."""
    return tensor_name.removeprefix("^").partition(":")[0]


def tensor_name(name: str) -> str:
    """The tensor that is meant by a node's name: its first output, unless another one is named."""
    return name if ":" in name else f"{name}:0"


def consumers_by_name(graph_def: GraphDef) -> dict[str, list[str]]:
    """For each node, the names of the nodes that read from it, once per input."""
    consumers: dict[str, list[str]] = {}
    for node in graph_def.node:
        for source in node.input:
            consumers.setdefault(node_name(source), []).append(node.name)
    return consumers


def ancestors(graph_def: GraphDef, names: Iterable[str], stop_at: Iterable[str] = ()) -> set[str]:
    """The named nodes and every node that they depend on; the walk ends at `stop_at`."""
    nodes = {node.name: node for node in graph_def.node}
    stops = set(stop_at)
    reached: set[str] = set()
    open_names = list(names)
    while open_names:
        name = open_names.pop()
        if name not in reached:
            reached.add(name)
            if name not in stops:
                open_names.extend(map(node_name, nodes[name].input))
    return reached


def constant_value(node: NodeDef) -> np.ndarray:
    """The value of a `Const` node.

    Raises:
        ModelError: the node claims a shape that its bytes do not fill.
    """
    from tensorflow.python.framework import tensor_util

    try:
        return np.asarray(tensor_util.MakeNdarray(node.attr["value"].tensor))
    except (TypeError, ValueError) as error:
        raise ModelError(f"malformed constant {node.name!r}: {error}; {ASK_AGAIN}") from None


def constant_shape(node: NodeDef) -> list[int]:
    """The shape that a `Const` node claims."""
    return [dim.size for dim in node.attr["value"].tensor.tensor_shape.dim]


def is_zero_state(node: NodeDef) -> bool:
    """Whether this is an all-zero [1, units] constant: the state before the first LSTM step."""
    if node.op != "Const":
        return False
    shape = constant_shape(node)
    return len(shape) == 2 and shape[0] == 1 and not constant_value(node).any()


def state_size(graph_def: GraphDef) -> int:
    """The width of the LSTM state, cell and hidden state together.

    Raises:
        ModelError: the graph does not state it, or states an odd or empty width.
    """
    node = next(node for node in graph_def.node if node.name == STATE_FEED)
    sizes = [dim.size for dim in node.attr["shape"].shape.dim]
    if len(sizes) != 2 or sizes[1] < 2 or sizes[1] % 2:
        raise ModelError(
            f"not a Show and Tell graph: {STATE_FEED} has the shape {sizes}, but should be "
            "[any, 2 * units]: cell state, then hidden state"
        )
    return int(sizes[1])


class Walk:
    """Questions about how a graph is wired."""

    def __init__(self, graph_def: GraphDef) -> None:
        self.nodes = {node.name: node for node in graph_def.node}
        self.consumers = consumers_by_name(graph_def)

    def only(
        self, op: str, among: set[str], fits: Callable[[NodeDef], bool] = lambda _: True
    ) -> NodeDef:
        """The one node among some whose operation starts with `op`.

        Raises:
            ModelError: there is no such node, or more than one.
        """
        named = [self.nodes[name] for name in sorted(among)]
        fitting = [node for node in named if node.op.startswith(op) and fits(node)]
        if len(fitting) != 1:
            raise ModelError(
                f"not a Show and Tell graph: {len(fitting)} {op} nodes where there should be one "
                f"({', '.join(node.name for node in fitting) or 'none'})"
            )
        return fitting[0]

    def readers(self, names: Iterable[str]) -> set[str]:
        """The nodes that read from one of these."""
        return {reader for name in names for reader in self.consumers.get(name, ())}

    def descendants(self, *names: str) -> set[str]:
        """The named nodes and every node that depends on one of them."""
        reached: set[str] = set()
        open_names = list(names)
        while open_names:
            name = open_names.pop()
            if name not in reached:
                reached.add(name)
                open_names.extend(self.consumers.get(name, ()))
        return reached

    def source(self, tensor: str) -> str:
        """The node that a tensor comes from, past copies and casts."""
        node = self.nodes[node_name(tensor)]
        while node.op in ("Identity", "Cast"):
            node = self.nodes[node_name(node.input[0])]
        return str(node.name)

    def added_to(self, node: NodeDef) -> str:
        """The constant that is added to a node's result; empty if nothing is added."""
        for name in self.consumers.get(node.name, ()):
            consumer = self.nodes[name]
            if consumer.op in ADDITIONS and self.is_constant(consumer.input[1]):
                return str(consumer.input[1])
        return ""

    def is_constant(self, tensor: str) -> bool:
        """Whether a tensor is a constant, past copies and casts."""
        return bool(self.nodes[self.source(tensor)].op == "Const")

    def forget_bias(self, step: set[str]) -> str:
        """The constant that is added to the forget gate, and to no other gate, before its sigmoid.

        Raises:
            ModelError: there is no such gate, or more than one.
        """
        gates = [self.nodes[n] for n in sorted(step) if self.nodes[n].op == "Sigmoid"]
        sums = [self.nodes[node_name(gate.input[0])] for gate in gates]
        biased = [n for n in sums if n.op in ADDITIONS and self.is_constant(n.input[1])]
        if len(biased) != 1:
            raise ModelError(
                f"not a Show and Tell graph: {len(biased)} gates of the LSTM have a constant added "
                "to them, where the forget gate alone should"
            )
        return str(biased[0].input[1])
