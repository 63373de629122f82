"""Reading and checking a frozen TensorFlow graph before anything in it can run.

A TensorFlow graph is a program: it can read files, open sockets and call Python. So before the
graph gets anywhere near TensorFlow's runtime, the operation of every node, also of those in the
function library, must be on a short allow-list.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from showtell_lib.errors import ModelError
from showtell_lib.files import read_bytes
from showtell_lib.graph.nodes import (
    ASK_AGAIN,
    FEEDS,
    FETCHES,
    constant_value,
    state_size,
)
from showtell_lib.graph.sizes import check_constant_sizes, check_output_sizes, check_structure
from showtell_lib.graph.wiring import check_wiring
from showtell_lib.quiet import GraphDef, NodeDef, import_tensorflow
from showtell_lib.store import LARGEST_GRAPH

ALLOWED_OPS = frozenset(
    "Add AddV2 AvgPool BiasAdd Cast ConcatV2 Const Conv2D DecodeJpeg DepthwiseConv2dNative "
    "ExpandDims Fill FusedBatchNorm FusedBatchNormV2 FusedBatchNormV3 Gather GatherV2 Identity "
    "MatMul MaxPool Maximum Mean Minimum Mul NoOp Pack Pad Placeholder RealDiv Relu Relu6 Reshape "
    "ResizeBilinear Rsqrt ScaleAndTranslate Shape Sigmoid Slice Softmax Split SplitV Squeeze "
    "StridedSlice Sub Tanh ZerosLike".split()
)


def read_graph(path: Path) -> GraphDef:
    """Reads a frozen graph and checks that it is safe and has the Show and Tell interface.

    Args:
        path: a `.pb` file, a serialized `GraphDef`.

    Returns:
        The `GraphDef`, checked by `check_graph`.

    Raises:
        ModelError: the file is missing, is not a graph, or fails a check.
    """
    return parse_graph(read_bytes(path, LARGEST_GRAPH, ModelError), path)


def parse_graph(data: bytes, path: Path) -> GraphDef:
    """The checked graph that a file's bytes are; see `read_graph`. The path is for messages."""
    import_tensorflow()
    from google.protobuf.message import DecodeError
    from tensorflow.core.framework import graph_pb2

    graph_def = graph_pb2.GraphDef()
    try:
        check_structure(data)
        graph_def.ParseFromString(data)
        check_graph(graph_def)
    except DecodeError:
        raise ModelError(f"{path}: not a frozen TensorFlow graph; {ASK_AGAIN}") from None
    except ModelError as error:
        raise ModelError(f"{path}: {error}") from None
    return graph_def


def check_graph(graph_def: GraphDef) -> None:
    """Checks a `GraphDef` without running or importing any of it.

    Raises:
        ModelError: it has no nodes, an operation outside `ALLOWED_OPS` (also inside a function),
            broken wiring, missing or mistyped interface tensors, sizes that no such graph has, or
            bad weights.
    """
    if not graph_def.node:
        raise ModelError(f"not a frozen TensorFlow graph (it has no nodes); {ASK_AGAIN}")
    _check_ops(graph_def)
    check_wiring(graph_def)
    _check_interface(graph_def)
    check_constant_sizes(graph_def)
    check_output_sizes(graph_def)
    _check_finite(graph_def)


def _check_ops(graph_def: GraphDef) -> None:
    for gradient in graph_def.library.gradient:
        raise ModelError(
            f"refused: it replaces the gradient of {gradient.function_name!r}, which no inference "
            f"graph needs; {ASK_AGAIN}"
        )
    for node, where in _all_nodes(graph_def):
        if node.op not in ALLOWED_OPS:
            raise ModelError(
                f"refused: node {node.name!r}{where} has the operation {node.op!r}, which no Show "
                f"and Tell graph needs and which could do harm; {ASK_AGAIN}"
            )


def _all_nodes(graph_def: GraphDef) -> Iterator[tuple[NodeDef, str]]:
    yield from ((node, "") for node in graph_def.node)
    for function in graph_def.library.function:
        where = f" of function {function.signature.name!r}"
        yield from ((node, where) for node in function.node_def)


def _check_interface(graph_def: GraphDef) -> None:
    from tensorflow.python.framework import dtypes

    nodes = {node.name: node for node in graph_def.node}
    missing = [name for name in (*FEEDS, *FETCHES) if name not in nodes]
    if missing:
        raise ModelError(
            f"not a Show and Tell graph: it has no {', '.join(missing)}; "
            "use a frozen inference graph, not a training checkpoint or another network"
        )
    for name, expected in FEEDS.items():
        node = nodes[name]
        number = node.attr["dtype"].type
        try:
            dtype = dtypes.as_dtype(number).name if number else "nothing"
        except TypeError:
            dtype = f"type {number}, which does not exist"
        if node.op != "Placeholder" or dtype != expected:
            raise ModelError(
                f"not a Show and Tell graph: {name} should take {expected}, but is a {node.op} "
                f"of {dtype}"
            )
    state_size(graph_def)


def _check_finite(graph_def: GraphDef) -> None:
    for node in graph_def.node:
        if node.op == "Const":
            values = constant_value(node)
            if values.dtype.kind == "f" and not np.isfinite(values).all():
                raise ModelError(
                    f"weights of {node.name!r} are not finite numbers (NaN or infinity); the file "
                    f"is damaged or its training failed: {ASK_AGAIN}"
                )
