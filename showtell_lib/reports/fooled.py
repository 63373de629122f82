"""Scores captions that nobody would want, to show what the metrics reward."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from showtell_lib.evaluation.photos import shuffled
from showtell_lib.metrics import Scores, score_captions

KEPT_WORDS = 4


def fooled_scores(
    texts: Mapping[str, str], references: Mapping[str, Sequence[str]], *, seed: int = 0
) -> dict[str, Scores]:
    """Scores captions as they are, and after three ways to spoil them.

    Returns:
        The scores of `as they are`; `shuffled`, every photo with another photo's caption;
        `constant`, every photo with the caption that is said most often; and `too short`, the
        first four words of each.

    Raises:
        DataError: there are no captions, or one has no references.
    """
    spoiled = {
        "as they are": dict(texts),
        "shuffled": shuffled(texts, seed=seed),
        "constant": constant(texts),
        "too short": {name: " ".join(text.split()[:KEPT_WORDS]) for name, text in texts.items()},
    }
    return {name: score_captions(captions, references) for name, captions in spoiled.items()}


def constant(texts: Mapping[str, str]) -> dict[str, str]:
    """The most frequent caption for every photo; among equals, the first one."""
    counts = Counter(texts.values())
    return dict.fromkeys(texts, counts.most_common(1)[0][0] if counts else "")
