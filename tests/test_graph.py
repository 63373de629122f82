"""A graph is a program: whatever is not a plain Show and Tell graph is refused before import."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from showtell_lib.errors import ModelError, ShowTellError
from showtell_lib.graph import check_graph, read_graph
from showtell_lib.graph.functions import GraphFunctions
from showtell_lib.graph.nodes import FETCHES, Walk, ancestors
from showtell_lib.graph.weights import LiftedWeights
from showtell_lib.quiet import import_tensorflow
from tests.tiny_graph import tiny_graph, tiny_weights


def test_a_show_and_tell_graph_passes(tmp_path: Path) -> None:
    path = tmp_path / "model.pb"
    path.write_bytes(tiny_graph().SerializeToString())
    assert len(read_graph(path).node) == len(tiny_graph().node)


def test_the_published_nodes_pass(full_size_model: Path) -> None:
    check_graph(read_graph(full_size_model / "show-and-tell.pb"))


@pytest.mark.parametrize(
    "op",
    [
        "ReadFile",
        "WriteFile",
        "MatchingFiles",
        "PyFunc",
        "EagerPyFunc",
        "PrintV2",
        "SaveV2",
        "RestoreV2",
        "StatefulPartitionedCall",
        "PartitionedCall",
        "While",
        "If",
        "RpcCall",
        "Send",
        "QueueDequeueV2",
        "TensorArrayV3",
        "VarHandleOp",
        "XlaLaunch",
        "NotAnOpAtAll",
    ],
)
def test_a_forbidden_op_is_refused_by_name(op: str) -> None:
    graph = tiny_graph()
    graph.node.add(name="innocent", op=op)
    with pytest.raises(ModelError, match=f"'innocent' has the operation '{op}'"):
        check_graph(graph)


def test_a_forbidden_op_hidden_in_a_function_is_refused() -> None:
    graph = tiny_graph()
    function = graph.library.function.add()
    function.signature.name = "helper"
    function.node_def.add(name="inner", op="WriteFile")
    with pytest.raises(ModelError, match="'inner' of function 'helper' has the operation 'WriteFi"):
        check_graph(graph)


def test_a_call_of_a_function_by_its_own_name_is_refused() -> None:
    graph = tiny_graph()
    graph.library.function.add().signature.name = "helper"
    graph.node.add(name="call", op="helper")
    with pytest.raises(ModelError, match="operation 'helper'"):
        check_graph(graph)


def test_a_function_that_stands_in_for_a_gradient_is_refused() -> None:
    graph = tiny_graph()
    graph.library.gradient.add(function_name="innocent", gradient_func="helper")
    with pytest.raises(ModelError, match="gradient of 'innocent'"):
        check_graph(graph)


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("name", ["conv/weights", "logits/biases"])
def test_weights_that_are_not_finite_are_refused(name: str, value: float) -> None:
    weights = tiny_weights()
    weights[name].flat[-1] = value
    with pytest.raises(ModelError, match=f"weights of '{name}' are not finite"):
        check_graph(tiny_graph(weights))


def _without(name: str) -> Callable[[Any], None]:
    def remove(graph: Any) -> None:
        kept = [node for node in graph.node if node.name != name]
        del graph.node[:]
        graph.node.extend(kept)

    return remove


def _rename_softmax(graph: Any) -> None:
    next(node for node in graph.node if node.name == "softmax").name = "probabilities"


def _loop(graph: Any) -> None:
    next(node for node in graph.node if node.name == "logits").input.append("^softmax")


def _twin(graph: Any) -> None:
    graph.node.add().CopyFrom(graph.node[0])


def _token_type(graph: Any) -> None:
    next(node for node in graph.node if node.name == "input_feed").attr["dtype"].type = 1


def _state_shape(graph: Any) -> None:
    node = next(node for node in graph.node if node.name == "lstm/state_feed")
    node.attr["shape"].shape.dim[1].size = 7


def _no_state_shape(graph: Any) -> None:
    node = next(node for node in graph.node if node.name == "lstm/state_feed")
    node.attr["shape"].shape.unknown_rank = True
    del node.attr["shape"].shape.dim[:]


def _gigantic(graph: Any) -> None:
    tensor = next(n for n in graph.node if n.name == "logits/weights").attr["value"].tensor
    tensor.tensor_shape.dim[0].size = 2**40


def _short_content(graph: Any) -> None:
    tensor = next(n for n in graph.node if n.name == "logits/weights").attr["value"].tensor
    tensor.tensor_content = tensor.tensor_content[:-3]


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (_without("conv/weights"), "reads from 'conv/weights', which is not there"),
        (_rename_softmax, "it has no softmax"),
        (_loop, "part of a loop"),
        (_twin, "2 nodes are called"),
        (_token_type, "input_feed should take int64, but is a Placeholder of float32"),
        (_state_shape, r"lstm/state_feed has the shape \[-1, 7\]"),
        (_no_state_shape, r"lstm/state_feed has the shape \[\]"),
        (_gigantic, "'logits/weights' claims the shape"),
        (_short_content, "malformed constant 'logits/weights'"),
    ],
)
def test_a_malformed_graph_is_refused(damage: Callable[[Any], None], message: str) -> None:
    graph = tiny_graph()
    damage(graph)
    with pytest.raises(ModelError, match=message):
        check_graph(graph)


@pytest.mark.parametrize(
    "data", [b"", b"\x00" * 64, b"<html>quota exceeded</html>", b"PK\x03\x04" + b"x" * 99]
)
def test_a_file_that_is_no_graph_is_refused(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "model.pb"
    path.write_bytes(data)
    with pytest.raises(ModelError, match="not a frozen TensorFlow graph") as caught:
        read_graph(path)
    assert str(path) in str(caught.value)


def test_a_graph_cut_short_anywhere_is_refused(tmp_path: Path) -> None:
    data = tiny_graph().SerializeToString()
    path = tmp_path / "model.pb"
    for length in range(0, len(data) - 1, 97):
        path.write_bytes(data[:length])
        with pytest.raises(ShowTellError):
            read_graph(path)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"none\.pb: cannot read it"):
        read_graph(tmp_path / "none.pb")


def test_ancestors_stop_where_told() -> None:
    import_tensorflow()
    graph = tiny_graph()
    assert "image_feed" in ancestors(graph, ["lstm/initial_state"])
    assert "image_feed" not in ancestors(graph, ["softmax"])
    assert "lstm/state_feed" not in ancestors(graph, ["softmax"], stop_at=["lstm/split"])


def _one_value(graph: Any, name: str, shape: list[int]) -> None:
    """A constant that claims many values and holds one."""
    tf = import_tensorflow()
    node = graph.node.add(name=name, op="Const")
    node.attr["dtype"].type = tf.float32.as_datatype_enum
    tensor = node.attr["value"].tensor
    tensor.dtype = tf.float32.as_datatype_enum
    tensor.tensor_shape.CopyFrom(tf.TensorShape(shape).as_proto())
    tensor.float_val.append(1.0)


def test_a_constant_that_is_far_larger_than_the_file_is_refused_unexpanded() -> None:
    graph = tiny_graph()
    _one_value(graph, "idle", [2**28])
    with pytest.raises(ModelError, match=r"constant 'idle' claims the shape \[268435456\]"):
        check_graph(graph)


def test_constants_are_bounded_together() -> None:
    graph = tiny_graph()
    _one_value(graph, "small", [2**23])
    check_graph(graph)
    for number in range(3):
        _one_value(graph, f"next{number}", [2**23])
    with pytest.raises(ModelError, match=r"'next\d' claims the shape \[8388608\].* 67,108,864 are"):
        check_graph(graph)


def test_a_constant_that_nothing_needs_becomes_no_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("showtell_lib.graph.weights.LIFT_FROM_ELEMENTS", 1)
    graph = tiny_graph()
    _one_value(graph, "idle", [2**20])
    lifted = LiftedWeights(Walk(graph), ancestors(graph, FETCHES)).by_node
    assert "logits/weights" in lifted
    assert "idle" not in lifted


def test_a_constant_of_text_is_refused() -> None:
    graph = tiny_graph()
    node = graph.node.add(name="words", op="Const")
    node.attr["dtype"].type = 7
    node.attr["value"].tensor.dtype = 7
    node.attr["value"].tensor.tensor_shape.dim.add().size = 2**20
    node.attr["value"].tensor.string_val.append(b"x" * 1000)
    with pytest.raises(ModelError, match="constant 'words' holds no numbers"):
        check_graph(graph)


@pytest.mark.parametrize("name", ["logits/weights", "input_feed"])
def test_a_type_that_does_not_exist_is_refused(name: str) -> None:
    graph = tiny_graph()
    node = next(node for node in graph.node if node.name == name)
    node.attr["dtype"].type = node.attr["value"].tensor.dtype = 999
    with pytest.raises(ModelError, match=f"{name}.*999"):
        check_graph(graph)


def _numbers(graph: Any, name: str, values: Any) -> None:
    tf = import_tensorflow()
    node = graph.node.add(name=name, op="Const")
    node.attr["dtype"].type = tf.int32.as_datatype_enum
    node.attr["value"].tensor.CopyFrom(tf.make_tensor_proto(np.array(values, np.int32)))


@pytest.mark.parametrize(
    ("op", "values", "allowed"),
    [
        ("Fill", [30_000, 30_000], [3000, 3000]),
        ("Pad", [[0, 0], [0, 9000], [9000, 0], [0, 0]], [[0, 0], [100, 100], [100, 100], [0, 0]]),
        ("ResizeBilinear", [100_000, 100_000], [346, 346]),
        ("ScaleAndTranslate", [100_000, 100_000], [346, 346]),
    ],
)
def test_what_a_few_numbers_would_blow_up_is_refused(op: str, values: Any, allowed: Any) -> None:
    for written, fits in ((values, False), (allowed, True)):
        graph = tiny_graph()
        _numbers(graph, "size", written)
        graph.node.add(name="same", op="Identity", input=["size"])
        inputs = ["same", "conv/weights"] if op == "Fill" else ["conv/weights", "same"]
        graph.node.add(name="bomb", op=op, input=inputs)
        if fits:
            check_graph(graph)
            continue
        with pytest.raises(ModelError, match=rf"node 'bomb' \({op}\) makes a tensor of [\d,]+ el"):
            check_graph(graph)


def test_a_size_put_together_without_end_is_refused() -> None:
    graph = tiny_graph()
    _numbers(graph, "part0", [1])
    for number in range(40):
        source = f"part{number}"
        graph.node.add(name=f"part{number + 1}", op="Pack", input=[source, source])
    graph.node.add(name="bomb", op="Fill", input=["part40", "conv/weights"])
    with pytest.raises(ModelError, match="size of node 'bomb'"):
        check_graph(graph)


def test_a_product_that_is_huge_is_refused_before_it_runs() -> None:
    tf = import_tensorflow()
    with tf.Graph().as_default() as built:
        tf.graph_util.import_graph_def(tiny_graph(), name="")
        long = tf.reshape(built.get_tensor_by_name("seq_embedding/map:0"), [-1, 1])
        for _ in range(10):
            long = tf.concat([long, long], 0)
        huge = tf.reduce_mean(tf.matmul(long, tf.reshape(long, [1, -1])))
        softmax = built.get_tensor_by_name("softmax:0")
        tf.add(softmax, huge, name="sum")
    graph = built.as_graph_def()
    names = {"softmax": "inner", "sum": "softmax"}
    for node in graph.node:
        node.name = names.get(node.name, node.name)
        node.input[:] = ["inner" if source == "softmax" else source for source in node.input]
    check_graph(graph)
    with pytest.raises(ModelError, match=r"\(MatMul\) makes a tensor of 1,073,741,824 elements"):
        GraphFunctions(graph)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"\x0a\x00" * 3_000_000, "bytes that are no weights"),  # Empty nodes.
        (b"\x0a\x06\x1a\x00\x1a\x00\x1a\x00" * 700_000, "bytes that are no weights"),
        (b"\x0a\x04\x2a\x02\x12\x00" * 1_000_000, "bytes that are no weights"),  # Attributes.
    ],
)
def test_a_file_of_very_many_small_things_is_refused_unparsed(
    tmp_path: Path, data: bytes, message: str
) -> None:
    path = tmp_path / "model.pb"
    path.write_bytes(data)
    with pytest.raises(ModelError, match=message):
        read_graph(path)


def test_too_many_nodes_are_refused() -> None:
    graph = tiny_graph()
    for number in range(10_000):
        graph.node.add(name=f"n{number}", op="NoOp")
    with pytest.raises(ModelError, match="at most 10,000"):
        check_graph(graph)


def test_a_file_that_is_far_too_large_is_refused_by_its_size(tmp_path: Path) -> None:
    path = tmp_path / "model.pb"
    with path.open("wb") as file:
        file.truncate(20_000_000_000)
    with pytest.raises(ModelError, match=r"refused: 20,000,000,000 bytes, where at most 600,000,"):
        read_graph(path)
