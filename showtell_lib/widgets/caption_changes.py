"""What moved from one caption to another, and how far the model's mind moved with it."""

from __future__ import annotations

import html
import math
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import zip_longest

import numpy as np

from showtell_lib.search.common import Hypothesis, StepModel, step_all
from showtell_lib.trace import Caption

NOTHING = "nothing"


@dataclass(frozen=True)
class Moved:
    """The first word that differs between two captions.

    Attributes:
        place: which word it is, 1 is the first.
        before: the word in the first caption, or `nothing` where that had ended unfinished.
        after: the word in the second.
    """

    place: int
    before: str
    after: str


def first_moved(before: Caption, after: Caption) -> Moved | None:
    """The first word that differs, end marks included; None where none does."""
    pairs = zip_longest(before.words, after.words, fillvalue=(NOTHING, 0.0))
    for place, ((old, _), (new, _)) in enumerate(pairs, start=1):
        if old != new:
            return Moved(place, old, new)
    return None


def marked(before: Caption, after: Caption) -> tuple[str, str]:
    """Both captions as HTML, the words that only one has at their place marked."""
    old, new = before.text.split(), after.text.split()
    pieces: tuple[list[str], list[str]] = ([], [])
    for tag, i1, i2, j1, j2 in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        for words, piece in zip((old[i1:i2], new[j1:j2]), pieces, strict=True):
            if words:
                text = html.escape(" ".join(words))
                piece.append(text if tag == "equal" else f"<mark>{text}</mark>")
    return " ".join(pieces[0]), " ".join(pieces[1])


def changed_words(before: Caption, after: Caption) -> str:
    """The changed words, in a sentence."""
    old, new = before.text.split(), after.text.split()
    codes = SequenceMatcher(None, old, new, autojunk=False).get_opcodes()
    changes = [
        f"“{' '.join(old[i1:i2]) or NOTHING}” → “{' '.join(new[j1:j2]) or NOTHING}”"
        for tag, i1, i2, j1, j2 in codes
        if tag != "equal"
    ]
    return "; ".join(changes) or "none: the caption stayed the same"


def next_log_probs(model: StepModel, state: np.ndarray, token_ids: tuple[int, ...]) -> np.ndarray:
    """Log-probabilities of what follows these tokens, float32 [vocabulary].

    Args:
        model: gives the next words.
        state: an encoded photo, float32 [1, 2 * units].
        token_ids: from `<S>` on.
    """
    log_probs, following = np.zeros((1, 0), np.float32), state[0]
    for count in range(1, len(token_ids) + 1):
        prefix = Hypothesis(token_ids[:count], (), 0.0, following)
        log_probs, states = step_all(model, [prefix])
        following = states[0]
    return np.asarray(log_probs[0])


@dataclass(frozen=True)
class Odds:
    """How probable the two rival words are where the captions part, 0 to 1.

    Attributes:
        moved: the words.
        before: probabilities of the old and of the new word, for the first picture.
        after: the same for the second picture.
    """

    moved: Moved
    before: tuple[float, float]
    after: tuple[float, float]

    def __str__(self) -> str:
        old, new = self.moved.before, self.moved.after
        return (
            f"The first word that moved is word {self.moved.place}: “{old}” became “{new}”. There "
            f"“{old}” went from {self.before[0]:.2f} to {self.after[0]:.2f}, and “{new}” from "
            f"{self.before[1]:.2f} to {self.after[1]:.2f}."
        )


def odds(
    model: StepModel, states: tuple[np.ndarray, np.ndarray], before: Caption, after: Caption
) -> Odds | None:
    """Compares two pictures where their captions part; None where they do not.

    Args:
        model: gives the next words.
        states: both encoded pictures, float32 [1, 2 * units].
        before: the first picture's caption.
        after: the second's.
    """
    moved = first_moved(before, after)
    if moved is None or NOTHING in (moved.before, moved.after):
        return None
    prefix = before.token_ids[: moved.place]
    rivals = before.token_ids[moved.place], after.token_ids[moved.place]
    rows = [next_log_probs(model, state, prefix) for state in states]
    found = [(math.exp(row[rivals[0]]), math.exp(row[rivals[1]])) for row in rows]
    return Odds(moved, found[0], found[1])
