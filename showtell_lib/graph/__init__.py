"""Frozen TensorFlow graphs: read, checked, cut into functions, and built."""

from showtell_lib.graph.checking import ALLOWED_OPS, check_graph, parse_graph, read_graph
from showtell_lib.graph.nodes import FEEDS, FETCHES, constant_value, node_name

__all__ = [
    "ALLOWED_OPS",
    "FEEDS",
    "FETCHES",
    "check_graph",
    "constant_value",
    "node_name",
    "parse_graph",
    "read_graph",
]
