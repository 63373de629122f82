"""One LSTM step in NumPy, gates named, against the graph's own on every model there is."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from showtell_lib.captioner import Captioner, load
from showtell_lib.errors import ModelError
from showtell_lib.graph.checking import constant_value
from showtell_lib.graph.parts import decoder_weights
from showtell_lib.lstm import lstm_gates
from showtell_lib.photos import sample_photo
from tests.tiny_graph import UNITS, tiny_graph, tiny_weights, write_model

NAMES = ("coffee", "chelsea", "astronaut")


@pytest.fixture(scope="module", params=["mini", "tiny", "full_size_model", "converted_model"])
def captioner(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Captioner:
    if request.param == "mini":
        return load()
    if request.param == "tiny":
        return load(write_model(tmp_path_factory.mktemp("tiny")))
    return load(request.getfixturevalue(request.param))


def test_a_step_in_numpy_is_the_graphs_step(captioner: Captioner) -> None:
    decoder = captioner.numpy_decoder
    state = captioner.encode_many([sample_photo(name) for name in NAMES])
    tokens = np.full(len(NAMES), captioner.vocabulary.start_id)
    for _ in range(8):
        log_probs, next_state = captioner.step(tokens, state)
        gates = decoder.gates(tokens, state)
        np.testing.assert_allclose(gates.state, next_state, atol=1e-5)
        found = np.exp(decoder.log_probs(gates.hidden_state))
        np.testing.assert_allclose(found, np.exp(log_probs), atol=1e-5)
        tokens, state = log_probs.argmax(axis=1), next_state


def test_gates_are_what_their_names_say(captioner: Captioner) -> None:
    state = captioner.encode(sample_photo("coffee"))
    gates = captioner.numpy_decoder.gates([captioner.vocabulary.start_id], state)
    for share in (gates.input_gate, gates.forget_gate, gates.output_gate):
        assert ((share >= 0) & (share <= 1)).all()
    assert (np.abs(gates.candidate) <= 1).all()
    before = state[:, : captioner.units]
    kept, new = before * gates.forget_gate, gates.candidate * gates.input_gate
    np.testing.assert_allclose(gates.cell_state, kept + new, atol=1e-6)
    shown = np.tanh(gates.cell_state) * gates.output_gate
    np.testing.assert_allclose(gates.hidden_state, shown, atol=1e-6)


def test_the_weights_are_found_whatever_they_are_called() -> None:
    weights = tiny_weights()
    graph = tiny_graph(weights)
    for node in graph.node:
        node.name = node.name.replace("lstm/basic_lstm_cell/kernel", "Matrix")
        for number, source in enumerate(node.input):
            node.input[number] = source.replace("lstm/basic_lstm_cell/kernel", "Matrix")
    nodes = {node.name: node for node in graph.node}
    found, forget_bias = decoder_weights(graph, lambda name: constant_value(nodes[name]))
    assert forget_bias == 1.0
    del weights["conv/weights"]
    assert found.keys() == weights.keys()
    for name, value in weights.items():
        np.testing.assert_array_equal(found[name], value)


def _second_product(graph: Any) -> None:
    product = next(n for n in graph.node if n.op == "MatMul" and "lstm" not in n.name)
    extra = graph.node.add()
    extra.CopyFrom(product)
    extra.name = "more"
    next(n for n in graph.node if n.name == "softmax").input.append("^more")


def _no_forget_bias(graph: Any) -> None:
    for node in graph.node:
        if node.op == "Sigmoid":
            addition = next(n for n in graph.node if n.name == node.input[0].partition(":")[0])
            if addition.op in ("Add", "AddV2"):
                node.input[0] = addition.input[0]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (_second_product, "2 MatMul nodes where there should be one"),
        (_no_forget_bias, "0 gates of the LSTM have a constant added"),
    ],
)
def test_another_wiring_is_told(change: Any, message: str) -> None:
    graph = tiny_graph()
    change(graph)
    with pytest.raises(ModelError, match=message):
        decoder_weights(graph, lambda _: np.zeros(1))


def test_a_step_by_hand() -> None:
    """Two units, worked out with a pocket calculator's functions."""
    state = np.array([[0.5, -1.0, 0.25, 0.75]], np.float32)
    inputs = np.array([[2.0, 1.0]], np.float32)
    kernel = np.zeros((4, 8), np.float32)
    kernel[0, 0], kernel[1, 2], kernel[2, 4], kernel[3, 7] = 1, 1, 1, 1
    bias = np.arange(8, dtype=np.float32) / 10
    gates = lstm_gates(inputs, state, kernel, bias)

    def s(x: float) -> float:
        return float(1 / (1 + np.exp(-x)))

    np.testing.assert_allclose(gates.input_gate, [[s(2.0), s(0.1)]], rtol=1e-6)
    np.testing.assert_allclose(gates.candidate, [[np.tanh(1.2), np.tanh(0.3)]], rtol=1e-6)
    np.testing.assert_allclose(gates.forget_gate, [[s(0.65 + 1), s(0.5 + 1)]], rtol=1e-6)
    np.testing.assert_allclose(gates.output_gate, [[s(0.6), s(1.45)]], rtol=1e-6)
    assert gates.state.shape == (1, 4)


def test_the_tiny_model_is_tiny(tmp_path: Path) -> None:
    decoder = load(write_model(tmp_path)).numpy_decoder
    assert decoder.weights["lstm/basic_lstm_cell/kernel"].shape == (2 * UNITS, 4 * UNITS)
    assert "image_embedding/biases" not in decoder.weights
