"""Exact ties: the compiled search decides them as the readable one does, by the lower token ids."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

from showtell_lib import search
from showtell_lib.quiet import import_tensorflow
from showtell_lib.search import BeamSettings
from showtell_lib.search.compiled import CompiledSearch
from showtell_lib.vocabulary import Vocabulary

WORDS, STEPS, TABLES = 12, 4, 42
VOCABULARY = Vocabulary(("<S>", "</S>", *(f"w{i}" for i in range(WORDS - 3)), "<UNK>"))
FIRST = np.zeros((1, 2), np.float32)


class TiedModel:
    """Next-word probabilities from tables, float32 [tables, STEPS, WORDS, WORDS].

    A state is the number of its table and of its step.
    """

    vocabulary = VOCABULARY

    def __init__(self, tables: np.ndarray) -> None:
        self.tables = tables
        self.compiled = CompiledSearch(self._step, self.vocabulary)

    def step(
        self, token_ids: Sequence[int] | np.ndarray, state: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        """As `CaptionModel.step` takes its logarithms."""
        tables, steps = state.astype(int).T
        rows = self.tables[tables, np.minimum(steps, STEPS - 1), np.asarray(token_ids)]
        return np.log(rows, dtype=np.float64).astype(np.float32), state + np.float32([[0, 1]])

    def _step(self, tokens: Any, states: Any) -> tuple[Any, Any]:
        tf = import_tensorflow()
        tables, steps = tf.unstack(tf.cast(states, tf.int64), axis=1)
        places = tf.stack([tables, tf.minimum(steps, STEPS - 1), tokens], axis=1)
        return tf.gather_nd(tf.constant(self.tables), places), states + tf.constant([[0.0, 1.0]])


@pytest.fixture(scope="module")
def model() -> TiedModel:
    return TiedModel(np.stack([few_distinct(seed) for seed in range(TABLES)]))


def few_distinct(seed: int) -> np.ndarray:
    """A table of two to four distinct probabilities; every third has products that tie exactly."""
    random = np.random.default_rng(seed)
    values = random.uniform(0.1, 0.95, random.integers(2, 5))
    if seed % 3 == 0:
        values = np.array([1.0, 0.5, 0.25, 0.125])  # 0.5 x 0.5 is 0.25 x 1: lengths tie, too.
    return random.choice(values.astype(np.float32), (STEPS, WORDS, WORDS))


@pytest.mark.parametrize("max_length", [4, 7])
@pytest.mark.parametrize("beam_width", [3, 5])
def test_336_searches_among_few_distinct_probabilities(
    beam_width: int, max_length: int, model: TiedModel
) -> None:
    """Every answer is the readable search's, word for word and in its order."""
    states = np.array([[table, 0] for table in range(TABLES)], np.float32)
    different = []
    for length_penalty in (0.0, 0.7):
        chosen = {
            "beam_width": beam_width,
            "length_penalty": length_penalty,
            "max_length": max_length,
        }
        for state, found in zip(
            states, model.compiled.beam(states, BeamSettings(**chosen)), strict=True
        ):
            expected = search.beam(model, state, **chosen).captions
            if [c.token_ids for c in found] != [c.token_ids for c in expected]:
                different.append((int(state[0]), length_penalty))
    assert not different


def test_a_number_has_one_logarithm_wherever_it_stands() -> None:
    tf = import_tensorflow()
    from showtell_lib.search.compiled.best_words import log_probabilities

    numbers = np.random.default_rng(0).random(500).astype(np.float32)
    rows = log_probabilities(tf.constant(np.repeat(numbers[:, np.newaxis], 19, axis=1))).numpy()
    np.testing.assert_array_equal(rows, rows[:, :1] + np.zeros_like(rows))
    np.testing.assert_array_equal(rows[:, 0], np.log(numbers, dtype=np.float64).astype(np.float32))


def test_of_equal_products_the_readable_search_keeps_the_lower_ids() -> None:
    """0.3 x 0.4 and 0.4 x 0.3: the published heap keeps what it held first."""
    table = np.full((STEPS, WORDS, WORDS), 0.001, np.float32)
    table[:, 0, 3], table[:, 0, 2] = 0.4, 0.3
    table[:, 3, 4], table[:, 2, 4] = 0.3, 0.4
    model = TiedModel(table[np.newaxis])
    (best,) = search.beam(model, FIRST, beam_width=1, max_length=3).captions
    assert best.token_ids == (0, 3, 4)
    two = search.beam(model, FIRST, beam_width=2, max_length=3).captions
    assert [caption.token_ids for caption in two] == [(0, 2, 4), (0, 3, 4)]
