"""A graph is a program: whatever is not a plain Show and Tell graph is refused before import."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from showtell_lib.errors import ModelError, ShowTellError
from showtell_lib.graph import check_graph, read_graph
from showtell_lib.graph.nodes import ancestors
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
    with pytest.raises(ModelError, match="cannot read the model file"):
        read_graph(tmp_path / "none.pb")


def test_ancestors_stop_where_told() -> None:
    import_tensorflow()
    graph = tiny_graph()
    assert "image_feed" in ancestors(graph, ["lstm/initial_state"])
    assert "image_feed" not in ancestors(graph, ["softmax"])
    assert "lstm/state_feed" not in ancestors(graph, ["softmax"], stop_at=["lstm/split"])
