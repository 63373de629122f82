"""The large weights of a graph, lifted out into variables that all functions of the graph share.

As constants the weights would be copied and folded again in every function, which is slow to start.
"""

from __future__ import annotations

import math

import numpy as np

from showtell_lib.errors import ModelError
from showtell_lib.graph.nodes import Walk, constant_shape, constant_value, is_zero_state
from showtell_lib.quiet import GraphDef, NodeDef, Tensor, import_tensorflow

tf = import_tensorflow()

LIFT_FROM_ELEMENTS = 1024


class LiftedWeights:
    """Variables for the large constants of a graph.

    Args:
        walk: over the graph.
        needed: the names of the nodes that the functions need.

    Attributes:
        by_node: the variable that stands for a node: for a constant, or for the cast through which
            a constant is read that is stored as float16.
    """

    def __init__(self, walk: Walk, needed: set[str]) -> None:
        self._by_constant: dict[str, Tensor] = {}
        self.by_node: dict[str, Tensor] = {}
        for node in walk.nodes.values():
            if node.op != "Const" or node.name not in needed or not _is_large_float(node):
                continue
            variable = tf.Variable(constant_value(node).astype(np.float32), trainable=False)
            self._by_constant[node.name] = variable
            names = [node.name]
            if node.attr["dtype"].type == tf.float16.as_datatype_enum:
                consumers = walk.consumers.get(node.name, [])
                names = [name for name in consumers if walk.nodes[name].op == "Cast"]
            self.by_node.update(dict.fromkeys(names, variable))

    def value(self, walk: Walk, tensor: str) -> np.ndarray:
        """The constant that a tensor is, past copies and casts, float32.

        Raises:
            ModelError: the tensor is no constant.
        """
        name = walk.source(tensor)
        if name in self._by_constant:
            return np.asarray(self._by_constant[name])
        if walk.nodes[name].op != "Const":
            raise ModelError(f"not a Show and Tell graph: {name} is no constant weight")
        return constant_value(walk.nodes[name]).astype(np.float32)

    def taken_from(self, graph_def: GraphDef) -> GraphDef:
        """The same graph without the values that are in variables now."""
        light = tf.compat.v1.GraphDef()
        for node in graph_def.node:
            if node.name in self._by_constant:
                light.node.add(name=node.name, op=node.op)
            else:
                light.node.add().CopyFrom(node)
        return light


def _is_large_float(node: NodeDef) -> bool:
    floats = (tf.float32.as_datatype_enum, tf.float16.as_datatype_enum)
    large = math.prod(constant_shape(node)) >= LIFT_FROM_ELEMENTS
    return large and node.attr["dtype"].type in floats and not is_zero_state(node)
