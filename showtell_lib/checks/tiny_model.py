"""Models that fit in the hand, for exercise checks, with probabilities drawn by lot."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from itertools import product

import numpy as np

from showtell_lib.checks.result import expect
from showtell_lib.search import TableModel
from showtell_lib.vocabulary import END, Vocabulary

WORDS = ("a", "cat", "dog", "sleeps")
# Up to so many words the next one depends on all that was said, then on the last word only.
REMEMBERED = 3


@cache
def tiny_model(seed: int) -> TableModel:
    """A model of four words, in which any word can follow any other; so can the end.

    What comes next depends on all that was said, so who forgets the state, or takes that of
    another hypothesis, gets other numbers. No two probabilities are alike.

    Args:
        seed: the same seed draws the same model.
    """
    random = np.random.default_rng(seed)
    choices = (*WORDS, END)
    table = {}
    for length in range(REMEMBERED + 1):
        for sentence in product(WORDS, repeat=length):
            chances = np.exp(random.normal(size=len(choices)))
            row = dict(zip(choices, (chances / chances.sum()).tolist(), strict=True))
            table[" ".join(sentence)] = row
    return TableModel(table)


@dataclass
class WatchedModel:
    """A model that loses patience with a search that goes on and on.

    Attributes:
        model: the one that answers.
        patience: how many calls of `step` no right search needs.
        calls: how many there were.
    """

    model: TableModel
    patience: int
    calls: int = 0

    @property
    def vocabulary(self) -> Vocabulary:
        """The model's words."""
        return self.model.vocabulary

    def step(
        self, token_ids: Sequence[int] | np.ndarray, state: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        """As the model's own.

        Raises:
            WrongError: it was called more often than any right search calls it.
        """
        self.calls += 1
        expect(
            self.calls <= self.patience,
            "it never stops where `</S>` does not come: no caption is longer than `max_length` "
            "tokens.",
        )
        return self.model.step(token_ids, state)
