"""A tiny model for exercise checks, whose every probability can be looked up."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from showtell_lib.vocabulary import Vocabulary

STEPS = 6


def _random_tables(vocabulary: Vocabulary) -> np.ndarray:
    size = len(vocabulary)
    scores = np.random.default_rng(7).normal(size=(STEPS, size, size))
    return np.asarray(scores - np.log(np.exp(scores).sum(-1, keepdims=True)))


@dataclass(frozen=True)
class TinyModel:
    """A model whose next word depends on the last token and on how many tokens came before it.

    Its state counts the steps: a search that does not hand the state on stays at the first step.

    Attributes:
        vocabulary: a few words.
        tables: natural-log probabilities by step, last token and next token.
    """

    vocabulary: Vocabulary = field(
        default_factory=lambda: Vocabulary(("<S>", "</S>", "a", "cat", "dog", "sleeps", "<UNK>"))
    )

    @property
    def tables(self) -> np.ndarray:
        """Float [STEPS, vocabulary, vocabulary], the same for every model of this vocabulary."""
        return _random_tables(self.vocabulary)

    @property
    def start_state(self) -> np.ndarray:
        """As `Captioner.encode` returns it, float32 [1, 2]: no step done yet."""
        return np.zeros((1, 2), np.float32)

    def step(
        self, token_ids: Sequence[int] | np.ndarray, state: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        """Natural-log probabilities [N, vocabulary] and next states [N, 2]."""
        steps = np.minimum(np.asarray(state)[:, 0].astype(int), STEPS - 1)
        return self.tables[steps, np.asarray(token_ids)], state + np.array([[1, 0]], np.float32)
