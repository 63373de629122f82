"""ROUGE-L (Lin 2004): the longest run of words, gaps allowed, that a person also wrote."""

from __future__ import annotations

from collections.abc import Sequence

BETA = 1.2


def rouge_l(candidate: Sequence[str], references: Sequence[Sequence[str]]) -> float:
    """ROUGE-L of one tokenized caption, 0 to 1: best precision and best recall over references."""
    # The standard tool splits an empty text into one empty word, so two empty texts are alike.
    candidate = candidate or [""]
    references = [reference or [""] for reference in references]
    common = [_longest_common(candidate, reference) for reference in references]
    precision = max(common) / len(candidate)
    recall = max(n / len(reference) for n, reference in zip(common, references, strict=True))
    if precision == 0 or recall == 0:
        return 0.0
    return (1 + BETA**2) * precision * recall / (recall + BETA**2 * precision)


def _longest_common(first: Sequence[str], second: Sequence[str]) -> int:
    """Length of the longest common subsequence, row by row of the usual table."""
    row = [0] * (len(second) + 1)
    for word in first:
        above = row
        row = [0]
        for column, other in enumerate(second):
            row.append(above[column] + 1 if word == other else max(above[column + 1], row[-1]))
    return row[-1]
