"""What notebooks 03 and 04 write out in full is what the library does."""

from __future__ import annotations

from collections import Counter
from functools import cache
from typing import Any

import numpy as np
import pytest

import showtell_lib as st
from showtell_lib.captioner import Captioner
from showtell_lib.search import TableModel
from tests.notebook_source import run, solution
from tests.toy_models import START_STATE, random_model

PHOTOS = ("chelsea", "coffee", "rocket")


@cache
def notebook_04() -> dict[str, Any]:
    """What notebook 04 defines, and the solutions of its exercises."""
    cells = ("entropy-code", "draw", "temperature-code", "with-temperature")
    names = run("04", *cells, np=np, st=st)
    written = ("greedy_caption", "top_k", "nucleus")
    return names | {name: solution("04", name, np=np) for name in written}


@pytest.fixture(scope="module")
def notebook_03(captioner: Captioner) -> dict[str, Any]:
    names = {"np": np, "captioner": captioner, "vocabulary": captioner.vocabulary}
    return run("03", "weights", "lstm-step-stub", "numpy-step", **names)


def test_the_step_of_03_is_the_librarys_and_the_graphs(
    captioner: Captioner, notebook_03: dict[str, Any]
) -> None:
    tokens = np.full(len(PHOTOS), captioner.vocabulary.start_id)
    state = captioner.encode_many([st.sample_photo(name) for name in PHOTOS])
    for _ in range(8):
        ours, our_state = notebook_03["numpy_step"](tokens, state)
        for model in (captioner.numpy_decoder, captioner):
            log_probs, next_state = model.step(tokens, state)
            np.testing.assert_allclose(our_state, next_state, atol=1e-5)
            np.testing.assert_allclose(np.exp(ours), np.exp(log_probs), atol=1e-5)
        tokens, state = ours.argmax(axis=1), our_state


def test_the_learners_lstm_step_of_03_goes_in_the_librarys_place(
    captioner: Captioner, notebook_03: dict[str, Any]
) -> None:
    answer = solution("03", "lstm_step", np=np, sigmoid=notebook_03["sigmoid"])
    state = captioner.encode(st.sample_photo("coffee"))
    weights, tokens = captioner.numpy_decoder.weights, [captioner.vocabulary.start_id]
    kernel, bias = (weights[f"lstm/basic_lstm_cell/{name}"] for name in ("kernel", "bias"))
    for _ in range(8):
        log_probs, expected = captioner.step(tokens, state)
        vectors = weights["seq_embedding/map"][tokens]
        np.testing.assert_allclose(answer(vectors, state, kernel, bias), expected, atol=1e-5)
        tokens, state = log_probs.argmax(axis=1), expected


@pytest.mark.parametrize("name", PHOTOS)
def test_greedy_of_04_is_the_librarys(captioner: Captioner, name: str) -> None:
    state = captioner.encode(st.sample_photo(name))
    library = st.search.greedy(captioner, state).best
    assert tuple(notebook_04()["greedy_caption"](captioner, state, 20)) == library.token_ids


@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize("max_length", [2, 3, 20])
def test_greedy_of_04_is_the_librarys_on_toy_models(seed: int, max_length: int) -> None:
    model = random_model(seed)
    library = st.search.greedy(model, START_STATE, max_length=max_length).best
    token_ids = notebook_04()["greedy_caption"](model, START_STATE, max_length)
    assert tuple(token_ids) == library.token_ids


def test_greedy_of_04_takes_the_lower_id_in_a_tie() -> None:
    model = TableModel({"": {"a": 0.4, "the": 0.4}})
    assert notebook_04()["greedy_caption"](model, model.start_state, 20) == [0, 2, 1]


def test_a_frozen_forget_gate_is_frozen(captioner: Captioner) -> None:
    names = run("03", "freeze-models", captioner=captioner)
    state = captioner.encode(st.sample_photo("chelsea"))
    for frozen, value in (("frozen at 0", 0), ("frozen at 1", 1)):
        gates = names["models"][frozen].gates([captioner.vocabulary.start_id], state)
        assert (gates.forget_gate == value).all()


def test_entropy_is_in_bits() -> None:
    entropy = notebook_04()["entropy"]
    assert entropy(np.log(np.full(8, 1 / 8))) == pytest.approx(3)
    assert entropy(np.log([0.5, 0.25, 0.25])) == pytest.approx(1.5)


@pytest.mark.parametrize(
    "settings", [{}, {"temperature": 0.5}, {"temperature": 1.7}, {"top_k": 3}, {"top_p": 0.6}]
)
def test_words_are_drawn_from_the_librarys_distribution(settings: dict[str, Any]) -> None:
    """The words drawn first, counted, against what the notebook's filters make of the row."""
    model = random_model(seed=3, size=7)
    log_probs = model.tables[0, model.vocabulary.start_id].astype(np.float64)
    drawn = st.search.sample(model, START_STATE, captions=4000, max_length=2, **settings).captions
    counts = np.bincount([caption.token_ids[1] for caption in drawn], minlength=7)
    expected = _filtered(log_probs, **settings)
    assert ((counts > 0) == (expected > 0.001)).all()
    np.testing.assert_allclose(counts / 4000, expected, atol=0.035)


def _filtered(
    log_probs: np.ndarray, temperature: float = 1.0, top_k: int = 7, top_p: float = 1.0
) -> np.ndarray:
    names = notebook_04()
    warm = names["with_temperature"](log_probs, temperature)
    return np.asarray(names["nucleus"](names["top_k"](warm, top_k), top_p))


def test_the_loop_of_04_stops_in_time() -> None:
    model, random = random_model(seed=5), np.random.default_rng(0)
    for _ in range(20):
        drawn = notebook_04()["draw"](model, START_STATE, random, 4)
        assert drawn[0] == model.vocabulary.start_id
        assert len(drawn) == 4 or drawn[-1] == model.vocabulary.end_id


@pytest.mark.parametrize("temperature", [0.4, 1.0, 2.5])
def test_a_world_at_a_temperature_is_what_the_library_draws_from(temperature: float) -> None:
    world = st.search.worlds.BEAM_WINS
    tempered = notebook_04()["at_temperature"](world, temperature)
    settings: dict[str, Any] = {"captions": 4000, "temperature": temperature}
    drawn = st.search.sample(world, world.start_state, **settings).captions
    counts = Counter(caption.text for caption in drawn)
    for sentence in st.search.all_sentences(tempered):
        assert counts[sentence.text] / 4000 == pytest.approx(sentence.probability, abs=0.035)


def test_the_world_of_04_is_one_where_greedy_misses_the_best() -> None:
    world = run("04", "world", st=st, plots=st.plots)["world"]
    assert world == st.search.worlds.BEAM_WINS
