"""Attention: against loops in plain Python, as a model that every search takes, and as trained."""

from __future__ import annotations

import math
from functools import cache
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from showtell_lib import plots, search
from showtell_lib.attention import AttendingDecoder, attend, context_of
from showtell_lib.errors import SettingsError
from showtell_lib.vocabulary import Vocabulary
from tests.examples import examples

VOCABULARY = Vocabulary(("<S>", "</S>", "a", "red", "cup", "<UNK>"))
PLACES, FEATURES, UNITS = 4, 3, 5


def random_weights(seed: int = 0, size: float = 0.8) -> dict[str, np.ndarray]:
    random = np.random.default_rng(seed)
    shapes = {
        "attention/from_features": (FEATURES, 7),
        "attention/from_hidden": (UNITS, 7),
        "attention/to_score": (7, 1),
        "first/kernel": (FEATURES, 2 * UNITS),
        "first/bias": (2 * UNITS,),
        "seq_embedding/map": (len(VOCABULARY), 2),
        "lstm/basic_lstm_cell/kernel": (2 + FEATURES + UNITS, 4 * UNITS),
        "lstm/basic_lstm_cell/bias": (4 * UNITS,),
        "logits/weights": (UNITS + FEATURES, len(VOCABULARY)),
        "logits/biases": (len(VOCABULARY),),
    }
    return {
        name: (size * random.normal(size=shape)).astype(np.float32)
        for name, shape in shapes.items()
    }


WEIGHTS = random_weights()
MODEL = AttendingDecoder(WEIGHTS, VOCABULARY, PLACES)
GRIDS = np.random.default_rng(1).normal(size=(3, PLACES, FEATURES)).astype(np.float32)


def by_hand(grid: Any, hidden: Any, weights: Any) -> tuple[list[float], list[float]]:
    """Context and weights for one photo, number by number (Bahdanau et al. 2015, section 3.1)."""
    to_features, to_hidden, to_score = (
        weights[f"attention/{name}"] for name in ("from_features", "from_hidden", "to_score")
    )
    scores = []
    for place in grid:
        score = 0.0
        for k in range(to_score.shape[0]):
            total = sum(float(place[i]) * float(to_features[i, k]) for i in range(len(place)))
            total += sum(float(hidden[i]) * float(to_hidden[i, k]) for i in range(len(hidden)))
            score += math.tanh(total) * float(to_score[k, 0])
        scores.append(math.exp(score))
    look = [score / sum(scores) for score in scores]
    context = [sum(w * float(p[i]) for w, p in zip(look, grid, strict=True)) for i in range(3)]
    return context, look


def test_it_is_what_loops_compute() -> None:
    hidden = np.random.default_rng(2).normal(size=(3, UNITS)).astype(np.float32)
    matrices = [v for k, v in WEIGHTS.items() if k.startswith("attention/")]
    contexts, looks = attend(GRIDS, hidden, *matrices)
    for grid, one, context, look in zip(GRIDS, hidden, contexts, looks, strict=True):
        np.testing.assert_allclose(by_hand(grid, one, WEIGHTS)[0], context, atol=1e-5)
        np.testing.assert_allclose(by_hand(grid, one, WEIGHTS)[1], look, atol=1e-5)


def sigmoid(x: float) -> float:
    return 1 / (1 + math.exp(-x))


def step_by_hand(token: int, cell: Any, hidden: Any, grid: Any) -> tuple[Any, Any, Any]:
    """One step for one photo: log-probabilities, cell state, hidden state."""
    context = by_hand(grid, hidden, WEIGHTS)[0]
    inputs = [*WEIGHTS["seq_embedding/map"][token], *context, *hidden]
    sums = np.array(inputs, np.float64) @ WEIGHTS["lstm/basic_lstm_cell/kernel"]
    i, j, f, o = np.split(sums + WEIGHTS["lstm/basic_lstm_cell/bias"], 4)
    cells, hiddens = [], []
    for k in range(UNITS):
        cells.append(sigmoid(f[k] + 1) * cell[k] + sigmoid(i[k]) * math.tanh(j[k]))
        hiddens.append(sigmoid(o[k]) * math.tanh(cells[k]))
    logits = np.array([*hiddens, *context]) @ WEIGHTS["logits/weights"] + WEIGHTS["logits/biases"]
    return logits - math.log(sum(math.exp(x) for x in logits)), cells, hiddens


def test_two_steps_are_what_loops_compute() -> None:
    states = MODEL.encode(GRIDS)
    first = np.tanh(GRIDS.mean(axis=1) @ WEIGHTS["first/kernel"] + WEIGHTS["first/bias"])
    cells, hiddens = list(first[:, :UNITS]), list(first[:, UNITS:])
    for tokens in ([0, 0, 0], [2, 3, 4]):
        log_probs, states = MODEL.step(tokens, states)
        for n in range(3):
            expected, cells[n], hiddens[n] = step_by_hand(tokens[n], cells[n], hiddens[n], GRIDS[n])
            np.testing.assert_allclose(log_probs[n], expected, atol=1e-5)
    np.testing.assert_allclose(states[:, : 2 * UNITS], np.hstack([cells, hiddens]), atol=1e-5)


@examples(30)
@given(seed=st.integers(0, 10**6), size=st.floats(0.01, 300), places=st.integers(1, 9))
def test_weights_are_positive_and_add_up_to_1(seed: int, size: float, places: int) -> None:
    random = np.random.default_rng(seed)
    features, hidden = random.normal(size=(2, places, 3)), random.normal(size=(2, 4))
    matrices = (size * random.normal(size=shape) for shape in ((3, 5), (4, 5), (5, 1)))
    context, weights = attend(features, hidden, *matrices)
    assert weights.min() >= 0
    np.testing.assert_allclose(weights.sum(axis=1), 1, atol=1e-5)
    assert (context >= features.min(axis=1) - 1e-5).all()
    assert (context <= features.max(axis=1) + 1e-5).all()


def test_the_order_of_the_places_makes_no_difference_to_what_is_said() -> None:
    order = [2, 0, 3, 1]
    here, there = MODEL.encode(GRIDS), MODEL.encode(GRIDS[:, order])
    np.testing.assert_allclose(MODEL.look(here)[:, order], MODEL.look(there), atol=1e-6)
    said, also = (MODEL.step([2, 3, 4], states)[0] for states in (here, there))
    np.testing.assert_allclose(said, also, atol=1e-5)


def test_a_look_of_ones_own() -> None:
    state = MODEL.encode(GRIDS)
    usual = MODEL.step([2, 3, 4], state)
    same = MODEL.step_looking([2, 3, 4], state, MODEL.look(state))
    np.testing.assert_array_equal(usual[0], same[0])
    one_place = np.eye(PLACES)[[1, 1, 1]]
    np.testing.assert_allclose(context_of(GRIDS, one_place), GRIDS[:, 1])
    elsewhere, _ = MODEL.step_looking([2, 3, 4], state, one_place)
    assert np.abs(elsewhere - usual[0]).max() > 1e-3


def test_every_search_takes_it_and_draws_its_tree() -> None:
    state = MODEL.encode(GRIDS[:1])
    found = search.beam(MODEL, state, beam_width=5, max_length=6, trace=True)
    exact = search.exact(MODEL, state, max_length=6).best
    assert found.best.log_prob <= exact.log_prob + 1e-5
    total, forced = 0.0, state
    for before, after in zip(exact.token_ids, exact.token_ids[1:], strict=False):
        log_probs, forced = MODEL.step([before], forced)
        total += float(log_probs[0, after])
    assert exact.log_prob == pytest.approx(total, abs=1e-5)
    assert found.best.text in plots.search_tree(found.recorded).alt
    assert search.greedy(MODEL, state).best.log_prob <= exact.log_prob + 1e-5


def test_where_it_looked_for_each_word_of_a_caption() -> None:
    state = MODEL.encode(GRIDS[:1])
    looks = MODEL.looks(state, (0, 2, 3, 1))
    assert looks.shape == (3, PLACES)
    _, after = MODEL.step([0], state)
    np.testing.assert_allclose(looks[:2], [MODEL.look(state)[0], MODEL.look(after)[0]])


def test_states_of_another_model_are_refused() -> None:
    with pytest.raises(SettingsError, match=r"states must have the shape \[N, 22\]"):
        MODEL.step([0], np.zeros((1, 2 * UNITS), np.float32))


@cache
def trained() -> Any:
    """A decoder in Keras with random weights, with the attention of notebook 12."""
    from showtell_lib.quiet import import_tensorflow
    from showtell_lib.training.attention import AttentionDecoder
    from tests.notebook_source import run

    attend_with_tensorflow = run("12", "attend", tf=import_tensorflow())["attend"]
    return AttentionDecoder(len(VOCABULARY), attend_with_tensorflow, FEATURES, UNITS, seed=3)


def test_what_was_trained_in_keras_steps_the_same_in_numpy() -> None:
    from showtell_lib.training.attention import attending_weights

    tokens = np.array([[0, 2, 3, 4], [0, 2, 4, 4], [0, 3, 3, 2]])
    logits = np.asarray(trained()(GRIDS, tokens))
    wanted = logits - np.log(np.exp(logits).sum(axis=2, keepdims=True))
    model = AttendingDecoder(attending_weights(trained()), VOCABULARY, PLACES)
    states = model.encode(GRIDS)
    for position in range(tokens.shape[1]):
        log_probs, states = model.step(tokens[:, position], states)
        np.testing.assert_allclose(log_probs, wanted[:, position], atol=1e-5)


def test_a_seed_decides_the_initial_weights() -> None:
    from showtell_lib.training.attention import AttentionDecoder, attending_weights

    attend = trained().attend
    again, other = (
        attending_weights(AttentionDecoder(len(VOCABULARY), attend, FEATURES, UNITS, seed=seed))
        for seed in (3, 4)
    )
    for name, weights in attending_weights(trained()).items():
        np.testing.assert_array_equal(weights, again[name])
    name = "attention/from_hidden"
    assert not np.array_equal(again[name], other[name])
