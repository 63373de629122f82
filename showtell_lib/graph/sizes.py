"""Bounds on what a graph takes, judged before any of it is expanded or run.

A few bytes can claim gigabytes: a constant of a huge shape with a single value, a `Fill` or a `Pad`
of huge sizes, millions of empty nodes. Weights in the file are the only thing that may be large.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np

from showtell_lib.errors import ModelError
from showtell_lib.graph.nodes import ASK_AGAIN, constant_shape, constant_value, node_name
from showtell_lib.quiet import ConcreteFunction, GraphDef, NodeDef

# Everything but weights takes 0.2 MB in 1,300 nodes of the full-size models.
MAX_NODES, MAX_STRUCTURE_BYTES = 10_000, 4_000_000
# What constants may take beyond their bytes in the file: one value may stand for many.
MAX_EXPANDED_BYTES = 2**26
# Of one tensor for one photo; the largest activation of Inception v3 has 1.4 million.
MAX_ELEMENTS = 2**24
# From a GraphDef to its weights: node, attr, its value, tensor, tensor_content.
WEIGHTS = (1, 5, 2, 8, 4)
# The inputs by whose values an operation decides the size of its output.
SIZE_INPUTS = {"Fill": 0, "Pad": 1, "ResizeBilinear": 1, "ScaleAndTranslate": 1}
REARRANGING = frozenset("Identity ConcatV2 Pack Cast Reshape ExpandDims Squeeze".split())
# What a size is put together from: a handful of numbers.
MAX_SIZE_PARTS = 64
# Operations whose output is a weight, or a weight in another form: it may be as large as the file.
HELD = frozenset({"Placeholder", "ReadVariableOp", "Identity", "Const", "Cast"})
_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5


def check_structure(data: bytes) -> None:
    """Checks a serialized `GraphDef` before it is parsed: parsed, 2 bytes can take 100.

    Raises:
        ModelError: it is no `GraphDef`, has too many nodes, or too much beside its weights.
    """
    try:
        structure = _structure(data, 0, len(data), WEIGHTS, MAX_STRUCTURE_BYTES)
    except (IndexError, ValueError):
        raise ModelError(f"not a frozen TensorFlow graph; {ASK_AGAIN}") from None
    if structure > MAX_STRUCTURE_BYTES:
        raise ModelError(
            f"refused: more than {MAX_STRUCTURE_BYTES:,} bytes that are no weights; {ASK_AGAIN}"
        )


def _structure(data: bytes, start: int, end: int, path: tuple[int, ...], limit: int) -> int:
    """The bytes of a message except those of weights; it stops counting beyond a limit."""
    total, at = 0, start
    for number, kind, begin, stop in _fields(data, start, end):
        total += begin - at
        if number != path[0] or kind != _BYTES:
            total += stop - begin
        elif len(path) > 1:
            total += _structure(data, begin, stop, path[1:], limit - total)
        if total > limit:
            break
        at = stop
    return total


def _fields(data: bytes, start: int, end: int) -> Iterator[tuple[int, int, int, int]]:
    """Number, kind, and beginning and end of the content, of each field of a protobuf message.

    Raises:
        ValueError: it is no message; so IndexError.
    """
    at = start
    while at < end:
        tag, begin = _varint(data, at)
        kind = tag & 7
        if kind == _BYTES:
            length, begin = _varint(data, begin)
            at = begin + length
        elif kind == _VARINT:
            at = _varint(data, begin)[1]
        elif kind in (_FIXED64, _FIXED32):
            at = begin + (8 if kind == _FIXED64 else 4)
        else:
            raise ValueError(f"wire type {kind}")
        if at > end:
            raise ValueError("a field that is longer than its message")
        yield tag >> 3, kind, begin, at


def _varint(data: bytes, at: int) -> tuple[int, int]:
    """A number of 7 bits a byte, lowest first, and where it ends."""
    value = 0
    for shift in range(0, 70, 7):
        byte = data[at]
        at += 1
        value |= (byte & 127) << shift
        if byte < 128:
            return value, at
    raise ValueError("a number of more than 10 bytes")


def check_constant_sizes(graph_def: GraphDef) -> None:
    """Checks how many nodes there are and what all constants take, without expanding one of them.

    Raises:
        ModelError: there are too many nodes; or a constant holds no numbers, claims what no array
            can have, or makes it too much.
    """
    if len(graph_def.node) > MAX_NODES:
        raise ModelError(
            f"refused: {len(graph_def.node):,} nodes, where at most {MAX_NODES:,} are allowed; "
            f"{ASK_AGAIN}"
        )
    beyond = 0
    for node in graph_def.node:
        if node.op == "Const":
            beyond += max(0, _claimed_bytes(node) - node.attr["value"].tensor.ByteSize())
            if beyond > MAX_EXPANDED_BYTES:
                shape = constant_shape(node)
                raise ModelError(
                    f"refused: constant {node.name!r} claims the shape {shape}, far more "
                    f"values than the file holds: with those before it {beyond:,} bytes more, "
                    f"where {MAX_EXPANDED_BYTES:,} are allowed; {ASK_AGAIN}"
                )


def _claimed_bytes(node: NodeDef) -> int:
    from tensorflow.python.framework import dtypes

    number, shape = node.attr["value"].tensor.dtype, constant_shape(node)
    try:
        dtype = np.dtype(dtypes.as_dtype(number).as_numpy_dtype)
    except (TypeError, KeyError):
        dtype = np.dtype(object)
    if dtype.hasobject:  # Text, handles of resources, or a type that does not exist.
        raise ModelError(
            f"refused: constant {node.name!r} holds no numbers (type {number}); {ASK_AGAIN}"
        )
    if min(shape, default=0) < 0:
        raise ModelError(f"malformed constant {node.name!r}: the shape {shape}; {ASK_AGAIN}")
    return int(math.prod(shape) * dtype.itemsize)


def check_output_sizes(graph_def: GraphDef) -> None:
    """Checks sizes that are written into the graph: of what a `Fill`, `Pad` or resizing makes.

    A size that is computed is judged by `check_inferred_sizes`, once TensorFlow has inferred it.

    Raises:
        ModelError: one is too large.
    """
    nodes = {node.name: node for node in graph_def.node}
    for node in graph_def.node:
        place = SIZE_INPUTS.get(node.op)
        if place is not None and place < len(node.input):
            values = _written_values(nodes, node, node_name(node.input[place]))
            if node.op == "Pad":  # Before and after, for each dimension.
                values = [sum(values[i : i + 2]) for i in range(0, len(values), 2)]
            elements = math.prod(value for value in values if value)
            if elements > MAX_ELEMENTS:
                raise _too_large(node.name, node.op, elements)


def _written_values(nodes: dict[str, NodeDef], sized: NodeDef, name: str) -> list[int]:
    """The numbers that a size is put together from, as far as they are constants."""
    values: list[int] = []
    open_names, parts = [name], 0
    while open_names:
        node = nodes[open_names.pop(0)]
        if node.op in REARRANGING:
            open_names += [node_name(source) for source in node.input]
        elif node.op == "Const":
            parts += math.prod(constant_shape(node))
            values += _whole_numbers(node) if parts <= MAX_SIZE_PARTS else []
        parts += 1
        if parts > 4 * MAX_SIZE_PARTS:
            raise ModelError(
                f"refused: the size of node {sized.name!r} ({sized.op}) is put together from "
                f"more than {MAX_SIZE_PARTS} numbers; {ASK_AGAIN}"
            )
    return values


def _whole_numbers(node: NodeDef) -> list[int]:
    value = constant_value(node)
    return [abs(int(number)) for number in value.flat] if value.dtype.kind in "iu" else []


def check_inferred_sizes(function: ConcreteFunction) -> None:
    """Checks the shapes that TensorFlow has inferred for a function that nobody has called yet.

    Raises:
        ModelError: the function makes too large a tensor.
    """
    for operation in function.graph.get_operations():
        for tensor in operation.outputs:
            sizes = [size or 1 for size in tensor.shape.as_list()] if tensor.shape.rank else []
            if math.prod(sizes) > MAX_ELEMENTS and operation.type not in HELD:
                raise _too_large(operation.name, operation.type, math.prod(sizes))


def _too_large(name: str, op: str, elements: int) -> ModelError:
    """The refusal of a node that would make too large a tensor."""
    return ModelError(
        f"refused: node {name!r} ({op}) makes a tensor of {elements:,} elements, where at most "
        f"{MAX_ELEMENTS:,} are allowed; {ASK_AGAIN}"
    )
