"""`encode` and `step` against a NumPy re-derivation and against the published implementation."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from showtell_lib.captioner import load
from showtell_lib.errors import ModelError, VocabularyError
from tests.tiny_graph import SIZE, UNITS, WORDS, tiny_graph, tiny_weights, write_model


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_model(tmp_path_factory.mktemp("tiny"))


def picture(seed: int, size: int = SIZE) -> Image.Image:
    pixels = np.random.default_rng(seed).integers(0, 256, (size, size, 3), dtype=np.uint8)
    return Image.fromarray(pixels)


def sigmoid(x: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-x))


def numpy_lstm(inputs: np.ndarray, cell: np.ndarray, hidden: np.ndarray) -> np.ndarray:
    weights = tiny_weights()
    gates = np.concatenate([inputs, hidden], 1) @ weights["lstm/basic_lstm_cell/kernel"]
    i, j, f, o = np.split(gates + weights["lstm/basic_lstm_cell/bias"], 4, axis=1)
    cell = cell * sigmoid(f + 1) + sigmoid(i) * np.tanh(j)
    return np.concatenate([cell, np.tanh(cell) * sigmoid(o)], 1)


def numpy_encode(image: Image.Image) -> np.ndarray:
    weights = tiny_weights()
    pixels = (np.asarray(image, np.float64) / 255 - 0.5) * 2
    padded = np.pad(pixels, ((0, 1), (0, 1), (0, 0)))
    kernel = weights["conv/weights"]
    convolved = [
        np.tensordot(padded[y : y + 3, x : x + 3], kernel, 3)
        for y in range(0, SIZE, 2)
        for x in range(0, SIZE, 2)
    ]
    embedding = np.maximum(convolved, 0).mean(0, keepdims=True) @ weights["image_embedding/weights"]
    return numpy_lstm(embedding, np.zeros((1, UNITS)), np.zeros((1, UNITS)))


def test_encode_equals_numpy(tiny: Path) -> None:
    captioner = load(tiny)
    for seed in range(3):
        expected = numpy_encode(picture(seed))
        np.testing.assert_allclose(captioner.encode(picture(seed)), expected, atol=1e-5)


def test_step_equals_numpy(tiny: Path) -> None:
    weights = tiny_weights()
    state = np.random.default_rng(7).normal(size=(3, 2 * UNITS)).astype(np.float32)
    tokens = [1, 3, 7]
    log_probs, next_state = load(tiny).step(tokens, state)
    expected = numpy_lstm(weights["seq_embedding/map"][tokens], *np.split(state, 2, axis=1))
    np.testing.assert_allclose(next_state, expected, atol=1e-5)
    logits = expected[:, UNITS:] @ weights["logits/weights"] + weights["logits/biases"]
    exact = logits - np.log(np.exp(logits).sum(1, keepdims=True))
    np.testing.assert_allclose(log_probs, exact, atol=1e-4)


def test_a_batch_of_photos_equals_one_by_one(tiny: Path) -> None:
    captioner = load(tiny)
    photos = [picture(seed, size=5 + seed) for seed in range(20)]
    together = captioner.encode_many(photos)
    assert together.shape == (20, 2 * UNITS)
    for photo, state in zip(photos, together, strict=True):
        np.testing.assert_allclose(captioner.encode(photo)[0], state, atol=1e-5)


def test_no_photos_give_no_states(tiny: Path) -> None:
    assert load(tiny).encode_many([]).shape == (0, 2 * UNITS)


def test_a_log_probability_is_finite_however_unlikely_the_word(tmp_path: Path) -> None:
    weights = tiny_weights()
    weights["logits/biases"][3] = -1e4
    captioner = load(write_model(tmp_path, tiny_graph(weights)))
    log_probs, _ = captioner.step([1], np.zeros((1, 2 * UNITS), np.float32))
    assert np.isfinite(log_probs).all()
    assert log_probs[0, 3] < -87


def test_softmax_wider_than_the_vocabulary_is_unknown_words(tiny: Path) -> None:
    vocabulary = load(tiny).vocabulary
    assert len(vocabulary) == len(WORDS) + 1
    assert vocabulary.word(len(WORDS)) == "<UNK>"


def test_a_vocabulary_that_does_not_fit_is_refused(tmp_path: Path) -> None:
    folder = write_model(tmp_path, words=(*WORDS, "one", "more"))
    with pytest.raises(VocabularyError, match=r"10 tokens .* knows only 8"):
        load(folder)


@pytest.mark.parametrize(
    ("name", "shape", "message"),
    [
        ("lstm/basic_lstm_cell/kernel", (2 * UNITS + 1, 4 * UNITS), "malformed graph"),
        ("lstm/basic_lstm_cell/bias", (3 * UNITS,), "malformed graph"),
        ("logits/weights", (UNITS + 2, len(WORDS) + 1), "malformed graph"),
    ],
)
def test_weights_of_the_wrong_shape_are_refused(
    tmp_path: Path, name: str, shape: tuple[int, ...], message: str
) -> None:
    graph = tiny_graph()
    tensor = next(node for node in graph.node if node.name == name).attr["value"].tensor
    tensor.tensor_content = np.zeros(shape, np.float32).tobytes()
    for dim, size in zip(tensor.tensor_shape.dim, shape, strict=True):
        dim.size = size
    with pytest.raises(ModelError, match=message):
        load(write_model(tmp_path, graph))


def test_an_output_of_the_wrong_shape_is_refused(tmp_path: Path) -> None:
    graph = tiny_graph()
    nodes = {node.name: node for node in graph.node}
    nodes["lstm/state"].name = "old_state"
    graph.node.add(name="lstm/state", op="Identity", input=["lstm/split"]).attr["T"].type = 1
    with pytest.raises(ModelError, match=r"lstm/state has the shape .* should be \[any, 8\]"):
        load(write_model(tmp_path, graph))
