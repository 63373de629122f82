"""BLEU (Papineni et al. 2002): how many of the caption's n-grams people also used."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from showtell_lib.metrics.ngrams import MAX_N, Ngram, count_ngrams

# The standard tool adds these so that nothing is divided by zero; they show in the last digits.
TINY, SMALL = 1e-15, 1e-9


@dataclass(frozen=True)
class BleuCounts:
    """What BLEU counts in one caption; corpus BLEU adds these up before dividing.

    Attributes:
        correct: n-grams found in a reference, by n, clipped to the largest count in any reference.
        guessed: n-grams in the caption, by n.
        length: words in the caption.
        reference_length: words in the reference whose length is closest.
    """

    correct: np.ndarray
    guessed: np.ndarray
    length: int
    reference_length: int

    def __add__(self, other: BleuCounts) -> BleuCounts:
        return BleuCounts(
            self.correct + other.correct,
            self.guessed + other.guessed,
            self.length + other.length,
            self.reference_length + other.reference_length,
        )


def count_bleu(candidate: Sequence[str], references: Sequence[Sequence[str]]) -> BleuCounts:
    """Counts matching n-grams of one tokenized caption."""
    most: Counter[Ngram] = Counter()
    for reference in references:
        most |= count_ngrams(reference)
    correct = np.zeros(MAX_N)
    for ngram, count in count_ngrams(candidate).items():
        correct[len(ngram) - 1] += min(count, most[ngram])
    length = len(candidate)
    guessed = np.array([max(length - n, 0) for n in range(MAX_N)], float)
    closest = min((abs(len(reference) - length), len(reference)) for reference in references)
    return BleuCounts(correct, guessed, length, closest[1])


def bleu(counts: Iterable[BleuCounts]) -> np.ndarray:
    """BLEU-1 to BLEU-4 of captions counted together, 0 to 1, float64 [4]."""
    first, *rest = counts
    total = sum(rest, start=first)
    precisions = (total.correct + TINY) / (total.guessed + SMALL)
    means = np.cumprod(precisions) ** (1 / np.arange(1, MAX_N + 1))
    ratio = (total.length + TINY) / (total.reference_length + SMALL)
    return np.asarray(means * np.exp(min(0.0, 1 - 1 / ratio)))
