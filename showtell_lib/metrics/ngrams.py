"""Counts n-grams for BLEU and CIDEr."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

MAX_N = 4
Ngram = tuple[str, ...]


def count_ngrams(words: Sequence[str]) -> Counter[Ngram]:
    """How often each run of 1 to 4 words occurs."""
    return Counter(
        tuple(words[first : first + n])
        for n in range(1, MAX_N + 1)
        for first in range(len(words) - n + 1)
    )
