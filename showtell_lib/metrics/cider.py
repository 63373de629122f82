"""CIDEr (Vedantam et al. 2015): likeness to what people say, rare n-grams counting more.

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


def cider(
    candidates: Sequence[Sequence[str]], references: Sequence[Sequence[Sequence[str]]]
) -> np.ndarray:
    """CIDEr of each tokenized caption, float64 [N]; the corpus figure is their mean.

    How rare an n-gram is is counted over these very references: CIDEr of a single photo means
    nothing, and two figures compare only if they are over the same photos.

    Args:
        candidates: N captions.
        references: N lists of what people said.
    """
    counted = [[count_ngrams(reference) for reference in photo] for photo in references]
    photos_with = Counter(ngram for photo in counted for ngram in set().union(*photo))
    log_photos = math.log(len(references))

    def vector(counts: Counter[Ngram]) -> _Vector:
        weights: list[dict[Ngram, float]] = [{} for _ in range(MAX_N)]
        for ngram, count in counts.items():
            rarity = log_photos - math.log(max(1, photos_with[ngram]))
            weights[len(ngram) - 1][ngram] = count * rarity
        norms = [math.sqrt(sum(w * w for w in part.values())) for part in weights]
        return _Vector(weights, norms, sum(c for ngram, c in counts.items() if len(ngram) == 2))

    scores = []
    for candidate, photo in zip(candidates, counted, strict=True):
        said = vector(count_ngrams(candidate))
        scores.append(SCALE * np.mean([_similarity(said, vector(counts)) for counts in photo]))
    return np.array(scores)


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
