"""CIDEr (Vedantam et al. 2015): likeness to what people say, in which rare n-grams count more.

This is the variant of the standard COCO tool, CIDEr-D: clipped counts and a penalty on length.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from showtell_lib.metrics.ngrams import MAX_N, Ngram, count_ngrams

SIGMA = 6.0
SCALE = 10.0


@dataclass(frozen=True)
class _Vector:
    """A caption's n-grams, each by its count times its rarity.

    Attributes:
        weights: by n - 1, then by n-gram.
        norms: their Euclidean lengths, by n - 1.
        length: how many bigrams the caption has, which is the tool's measure of length.
    """

    weights: list[dict[Ngram, float]]
    norms: list[float]
    length: int


class CiderScorer:
    """CIDEr against what people said about a set of photos.

    Rarity is counted over these references: the CIDEr of a single photo means nothing, and two
    figures can be compared only if they were measured on the same photos.

    Args:
        references: of each of N photos, the tokenized captions that people wrote.
    """

    def __init__(self, references: Sequence[Sequence[Sequence[str]]]) -> None:
        counted = [[count_ngrams(reference) for reference in photo] for photo in references]
        self._photos_with = Counter(ngram for photo in counted for ngram in set().union(*photo))
        self._log_photos = math.log(len(references))
        self._references = [[self._vector(counts) for counts in photo] for photo in counted]

    def score(self, photo: int, candidate: Sequence[str]) -> float:
        """CIDEr of a tokenized caption of one of the photos."""
        said = self._vector(count_ngrams(candidate))
        alike = [_similarity(said, reference) for reference in self._references[photo]]
        return SCALE * sum(alike) / len(alike)

    def _vector(self, counts: Counter[Ngram]) -> _Vector:
        weights: list[dict[Ngram, float]] = [{} for _ in range(MAX_N)]
        for ngram, count in counts.items():
            rarity = self._log_photos - math.log(max(1, self._photos_with[ngram]))
            weights[len(ngram) - 1][ngram] = count * rarity
        norms = [math.sqrt(sum(w * w for w in part.values())) for part in weights]
        return _Vector(weights, norms, sum(c for ngram, c in counts.items() if len(ngram) == 2))


def cider(
    candidates: Sequence[Sequence[str]], references: Sequence[Sequence[Sequence[str]]]
) -> np.ndarray:
    """CIDEr of each of N tokenized captions, float64 [N]; the corpus figure is their mean."""
    scorer = CiderScorer(references)
    return np.array([scorer.score(i, candidate) for i, candidate in enumerate(candidates)])


def _similarity(candidate: _Vector, reference: _Vector) -> float:
    """Mean over n of the clipped cosine, lowered where the lengths differ."""
    difference = candidate.length - reference.length
    too_long_or_short = math.exp(-(difference**2) / (2 * SIGMA**2))
    cosines = [_clipped_cosine(candidate, reference, n) for n in range(MAX_N)]
    return too_long_or_short * sum(cosines) / MAX_N


def _clipped_cosine(candidate: _Vector, reference: _Vector, n: int) -> float:
    norms = candidate.norms[n] * reference.norms[n]
    others = reference.weights[n]
    product = sum(
        min(weight, others[ngram]) * others[ngram]
        for ngram, weight in candidate.weights[n].items()
        if ngram in others
    )
    return product / norms if norms else product
