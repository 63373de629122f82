"""The nodes of a frozen graph: their names, their values, and how they are wired."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from showtell_lib.errors import ModelError

MAX_CONSTANT_ELEMENTS = 2**28
ASK_AGAIN = "download the model again from a source you trust"
ADDITIONS = ("BiasAdd", "Add", "AddV2")


def node_name(tensor_name: str) -> str:
    """The node that an input such as `^init`, `split:2` or `conv` comes from."""
    return tensor_name.removeprefix("^").partition(":")[0]


def consumers_by_name(graph_def: Any) -> dict[str, list[str]]:
    """For each node, the names of the nodes that read from it, once per input."""
    consumers: dict[str, list[str]] = {}
    for node in graph_def.node:
        for source in node.input:
            consumers.setdefault(node_name(source), []).append(node.name)
    return consumers


def ancestors(graph_def: Any, names: Iterable[str], stop_at: Iterable[str] = ()) -> set[str]:
    """Every node that the named nodes depend on, themselves included; not past `stop_at`."""
    nodes = {node.name: node for node in graph_def.node}
    stops = set(stop_at)
    found: set[str] = set()
    open_names = list(names)
    while open_names:
        name = open_names.pop()
        if name not in found:
            found.add(name)
            if name not in stops:
                open_names.extend(map(node_name, nodes[name].input))
    return found


def constant_value(node: Any) -> np.ndarray:
    """The value of a `Const` node.

    Raises:
        ModelError: the node claims a size that its bytes do not bear out, or one too large.
    """
    from tensorflow.python.framework import tensor_util

    tensor = node.attr["value"].tensor
    sizes = [dim.size for dim in tensor.tensor_shape.dim]
    elements = int(np.prod(sizes, dtype=object)) if sizes else 1
    if min(sizes, default=0) < 0 or elements > MAX_CONSTANT_ELEMENTS:
        raise ModelError(
            f"refused: constant {node.name!r} claims the shape {sizes}; the largest allowed has "
            f"{MAX_CONSTANT_ELEMENTS:,} elements"
        )
    try:
        return np.asarray(tensor_util.MakeNdarray(tensor))
    except (TypeError, ValueError) as error:
        raise ModelError(f"malformed constant {node.name!r}: {error}; {ASK_AGAIN}") from None


class Walk:
    """Questions about how a graph is wired."""

    def __init__(self, graph_def: Any) -> None:
        self.nodes = {node.name: node for node in graph_def.node}
        self.consumers = consumers_by_name(graph_def)

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
        node = self.nodes[node_name(tensor)]
        while node.op in ("Identity", "Cast"):
            node = self.nodes[node_name(node.input[0])]
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
        sums = [self.nodes[node_name(gate.input[0])] for gate in gates]
        found = [node for node in sums if node.op in ADDITIONS and self.is_constant(node.input[1])]
        if len(found) != 1:
            raise ModelError(
                f"not a Show and Tell graph: {len(found)} gates of the LSTM have a constant added "
                "to them, where the forget gate alone should"
            )
        return str(found[0].input[1])
