"""All metrics of a set of captions at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass

import numpy as np

from showtell_lib.errors import DataError
from showtell_lib.metrics.bleu import bleu, count_bleu
from showtell_lib.metrics.cider import cider
from showtell_lib.metrics.rouge import rouge_l
from showtell_lib.metrics.tokenizer import tokenize


@dataclass(frozen=True)
class Scores:
    """Metrics of a set of captions, as fractions: a CIDEr of 0.452 is often printed as 45.2.

    Attributes:
        bleu_1: corpus BLEU of single words; `bleu_2` to `bleu_4` of up to that many in a row.
        rouge_l: mean ROUGE-L.
        cider: mean CIDEr.
    """

    bleu_1: float
    bleu_2: float
    bleu_3: float
    bleu_4: float
    rouge_l: float
    cider: float

    def as_dict(self) -> dict[str, float]:
        """The figures by name."""
        return asdict(self)


def score_captions(
    candidates: Mapping[str, str], references: Mapping[str, Sequence[str]]
) -> Scores:
    """Scores one caption per photo against what people said.

    Args:
        candidates: caption by photo.
        references: people's captions by photo; a single caption may stand without a list.
            Photos without a candidate are left out.

    Raises:
        DataError: there are no captions, or one has no references.
    """
    per_photo = score_each(candidates, references)
    names = list(candidates)
    said, people = _tokenized(candidates, references)
    total = bleu(count_bleu(s, p) for s, p in zip(said, people, strict=True))
    means = [
        float(np.mean([per_photo[name][key] for name in names])) for key in ("rouge_l", "cider")
    ]
    return Scores(*map(float, total), *means)


def score_each(
    candidates: Mapping[str, str], references: Mapping[str, Sequence[str]]
) -> dict[str, dict[str, float]]:
    """The metrics of each single caption, by photo; CIDEr counts rarity over all photos.

    Raises:
        DataError: there are no captions, or one has no references.
    """
    said, people = _tokenized(candidates, references)
    rows = {}
    for name, s, p, cider_score in zip(candidates, said, people, cider(said, people), strict=True):
        values = bleu([count_bleu(s, p)])
        row = {f"bleu_{n}": float(value) for n, value in enumerate(values, start=1)}
        rows[name] = row | {"rouge_l": rouge_l(s, p), "cider": float(cider_score)}
    return rows


def _tokenized(
    candidates: Mapping[str, str], references: Mapping[str, Sequence[str]]
) -> tuple[list[list[str]], list[list[list[str]]]]:
    if not candidates:
        raise DataError("no captions to score")
    for name in candidates:
        if not references.get(name):
            raise DataError(f"{name}: no reference captions to score against")
    said = [tokenize(caption) for caption in candidates.values()]
    people = [[tokenize(caption) for caption in _listed(references[name])] for name in candidates]
    return said, people


def _listed(captions: str | Sequence[str]) -> Sequence[str]:
    return [captions] if isinstance(captions, str) else captions
