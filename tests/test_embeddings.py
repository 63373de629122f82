"""Image embeddings and feature maps, and what `embeddings` computes from them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from showtell_lib.captioner import Captioner, load
from showtell_lib.lstm import lstm_gates
from showtell_lib.photos import sample_photo
from tests.tiny_graph import write_model

NAMES = ("coffee", "chelsea", "astronaut")
SIZES = {
    "mini": [(112, 112), (56, 56), (28, 28), (14, 14), (7, 7)],
    "tiny": [(4, 4)],
    "full_size_model": [(149, 149), (147, 147), (73, 73), (71, 71), (35, 35), (17, 17), (8, 8)],
}
SIZES["converted_model"] = SIZES["full_size_model"]


@pytest.fixture(scope="module", params=list(SIZES))
def named(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> tuple[str, Captioner]:
    if request.param == "mini":
        return "mini", load()
    if request.param == "tiny":
        return "tiny", load(write_model(tmp_path_factory.mktemp("tiny")))
    return request.param, load(request.getfixturevalue(request.param))


def test_the_lstm_makes_the_state_from_the_embedding(named: tuple[str, Captioner]) -> None:
    captioner = named[1]
    photos = [sample_photo(name) for name in NAMES]
    decoder = captioner.numpy_decoder
    kernel = decoder.weights["lstm/basic_lstm_cell/kernel"]
    bias = decoder.weights["lstm/basic_lstm_cell/bias"]
    embeddings = captioner.embed(photos)
    assert embeddings.shape == (len(NAMES), len(kernel) - captioner.units)
    assert embeddings.dtype == np.float32
    zeros = np.zeros((len(NAMES), 2 * captioner.units), np.float32)
    gates = lstm_gates(embeddings, zeros, kernel, bias, decoder.forget_bias)
    np.testing.assert_allclose(gates.state, captioner.encode_many(photos), atol=1e-5)


def test_no_photo_has_no_embedding(named: tuple[str, Captioner]) -> None:
    assert named[1].embed([]).shape == (0, named[1].units)


def test_a_map_for_each_size(named: tuple[str, Captioner]) -> None:
    name, captioner = named
    maps = captioner.feature_maps(sample_photo("chelsea"))
    assert [values.shape[:2] for _, values in maps] == SIZES[name]
    assert all(values.dtype == np.float32 and values.ndim == 3 for _, values in maps)


def test_the_last_map_is_what_the_embedding_is_made_of(named: tuple[str, Captioner]) -> None:
    """Mean over the map, then one product: the end of every Show and Tell encoder."""
    _, captioner = named
    photo = sample_photo("coffee")
    _, last = captioner.feature_maps(photo)[-1]
    decoder = captioner.numpy_decoder
    found = last.mean(axis=(0, 1)) @ decoder.weights["image_embedding/weights"]
    found = found + decoder.weights.get("image_embedding/biases", np.float32(0))
    np.testing.assert_allclose(found, captioner.embed([photo])[0], atol=1e-4)
