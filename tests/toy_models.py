"""Tiny step models whose every caption can be listed."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from showtell_lib.search import TableModel
from showtell_lib.vocabulary import Vocabulary

START_STATE = np.zeros((1, 2), np.float32)
# Beam search of width 2 drops "a cat" at step 2, and with it the optimum, "a cat sits": 0.35 x 0.95
# is more than 0.9 x 0.5, but only after the third word.
CATS = TableModel(
    {
        "": {"a": 0.6, "the": 0.4},
        "a": {"dog": 0.4, "cat": 0.35, "bird": 0.25},
        "the": {"dog": 0.9, "cat": 0.1},
        "dog": {"runs": 0.5, "sits": 0.3},
        "a cat": {"sits": 0.95, "runs": 0.05},
    }
)


NEVER_ENDS = TableModel({key: {"a": 0.5, "b": 0.3, "c": 0.2} for key in ("", "a", "b", "c")})


@dataclass(frozen=True)
class ToyModel:
    """Next-word probabilities that depend on the last token and on how many came before.

    Attributes:
        tables: float [steps, vocabulary, vocabulary], log-probabilities by step and last token.
    """

    tables: np.ndarray

    @property
    def vocabulary(self) -> Vocabulary:
        """`<S>` is 0, `</S>` is 1, `<UNK>` is the last."""
        size = self.tables.shape[1]
        words = [f"w{i}" for i in range(size - 3)]
        return Vocabulary(("<S>", "</S>", *words, "<UNK>"))

    def step(
        self, token_ids: Sequence[int] | np.ndarray, state: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        """Looks the probabilities up; the state counts the steps."""
        steps = np.minimum(state[:, 0].astype(int), len(self.tables) - 1)
        log_probs = self.tables[steps, np.asarray(token_ids)]
        return log_probs.astype(np.float32), state + np.array([[1, 0]], np.float32)


def random_model(seed: int, size: int = 5, steps: int = 4, sharpness: float = 1.0) -> ToyModel:
    """A model of random probabilities."""
    logits = np.random.default_rng(seed).normal(size=(steps, size, size)) * sharpness
    log_probs = logits - np.log(np.exp(logits).sum(-1, keepdims=True))
    return ToyModel(log_probs.astype(np.float32))


def table_model(rows: Sequence[Sequence[float]]) -> ToyModel:
    """A model with these next-word probabilities, by last token, at every step."""
    with np.errstate(divide="ignore"):
        log_probs = np.log(np.asarray(rows, np.float64))
    return ToyModel(np.maximum(log_probs, -80).astype(np.float32)[np.newaxis])


def every_caption(model: ToyModel, max_length: int) -> Iterator[tuple[tuple[int, ...], float]]:
    """Each finished caption of at most `max_length` tokens, with its log-probability."""
    vocabulary = model.vocabulary
    others = [t for t in range(len(vocabulary)) if t != vocabulary.end_id]
    for length in range(max_length - 1):
        for middle in itertools.product(others, repeat=length):
            tokens = (vocabulary.start_id, *middle, vocabulary.end_id)
            yield tokens, log_prob_of(model, tokens)


def log_prob_of(model: ToyModel, tokens: Sequence[int]) -> float:
    """Sum of the log-probabilities of all tokens after the first, straight from the tables."""
    last = len(model.tables) - 1
    pairs = enumerate(itertools.pairwise(tokens))
    return float(sum(model.tables[min(step, last), a, b] for step, (a, b) in pairs))
