"""What all searches share: hypotheses, and picking the most probable words."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

import numpy as np

from showtell_lib.errors import ModelError, SettingsError
from showtell_lib.trace import ROOT, Caption, Expansion, Status
from showtell_lib.vocabulary import Vocabulary

# The published implementation drops words less probable than this.
LEAST_LOG_PROB = math.log(1e-12)
# Less probable words count as this probable, so that every logarithm is finite.
SMALLEST_PROBABILITY = float(np.finfo(np.float32).tiny)

Number = TypeVar("Number", float, np.ndarray)


class StepModel(Protocol):
    """All that a search needs of a model."""

    @property
    def vocabulary(self) -> Vocabulary:
        """The model's words."""

    def step(
        self, token_ids: Sequence[int] | np.ndarray, state: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        """Natural-log probabilities [N, vocabulary] and next states for N hypotheses."""


@dataclass(frozen=True)
class Hypothesis:
    """A caption in the making.

    Attributes:
        token_ids: from `<S>` on.
        log_probs: natural-log probability of each token after `<S>`.
        log_prob: their sum.
        state: the LSTM state before its last token is fed, float32 [2 * units].
        hypothesis_id: its id in the trace; its parent's is `parent_id`.
    """

    token_ids: tuple[int, ...]
    log_probs: tuple[float, ...]
    log_prob: float
    state: np.ndarray
    hypothesis_id: int = ROOT
    parent_id: int = ROOT

    @property
    def order(self) -> tuple[float, tuple[int, ...]]:
        """Sorts the most probable first; ties go to the lower token ids."""
        return -self.log_prob, self.token_ids

    def extended(
        self, token_id: int, log_prob: float, state: np.ndarray, hypothesis_id: int
    ) -> Hypothesis:
        """This hypothesis with one more token."""
        return Hypothesis(
            (*self.token_ids, token_id),
            (*self.log_probs, log_prob),
            self.log_prob + log_prob,
            state,
            hypothesis_id,
            self.hypothesis_id,
        )


def start(model: StepModel, state: np.ndarray) -> Hypothesis:
    """The hypothesis that all others grow from: `<S>` alone.

    Args:
        model: whose vocabulary says what `<S>` is.
        state: an encoded photo, float32 [1, 2 * units] or [2 * units].

    Raises:
        SettingsError: it is not the state of exactly one photo.
    """
    shape = np.shape(state)
    if not shape or len(shape) > 2 or (len(shape) == 2 and shape[0] != 1):
        raise SettingsError(
            f"a search takes the state of one photo, shape [1, 2 * units], not {list(shape)}"
        )
    return Hypothesis((model.vocabulary.start_id,), (), 0.0, np.atleast_2d(state)[0])


def step_all(model: StepModel, hypotheses: Sequence[Hypothesis]) -> tuple[np.ndarray, np.ndarray]:
    """One model step for all hypotheses at once.

    Returns:
        Natural-log probabilities [N, vocabulary], none above 0, and next states [N, 2 * units].

    Raises:
        ModelError: the model returns what is not a log-probability, or -inf for every word.
    """
    tokens = [hypothesis.token_ids[-1] for hypothesis in hypotheses]
    states = np.stack([hypothesis.state for hypothesis in hypotheses])
    log_probs, next_states = model.step(tokens, states)
    best = np.max(log_probs, axis=1)
    if np.isnan(best).any() or (best > 1e-3).any() or np.isneginf(best).any():
        raise ModelError("the model's step gives numbers that are not log-probabilities")
    # A softmax may round to just above 1; early stopping and exact search rely on the bound.
    return np.minimum(log_probs, 0), next_states


def most_probable(log_probs: np.ndarray, count: int) -> list[int]:
    """The `count` most probable token ids, best first; ties go to the lower id.

    Args:
        log_probs: float [vocabulary].
        count: at most the vocabulary's size.
    """
    threshold = np.partition(log_probs, -count)[-count]
    candidates = np.flatnonzero(log_probs >= threshold)
    order = np.argsort(-log_probs[candidates], kind="stable")[:count]
    best: list[int] = candidates[order].tolist()
    return best


def score(log_prob: Number, tokens: int, penalty: float) -> Number:
    """What a finished caption is ranked by: its log-probability, normalised by its length.

    Args:
        log_prob: of the whole caption.
        tokens: how many it has, `<S>` and `</S>` included.
        penalty: the length penalty; 0 leaves the log-probability as it is.
    """
    divisor: float = tokens**penalty
    return log_prob / divisor


def bound(log_prob: Number, max_length: int, penalty: float) -> Number:
    """The best score that a prefix can still reach.

    A log-probability only falls as words are added, so no caption that starts like this can do
    better than the prefix's own log-probability at the greatest length.

    Args:
        log_prob: of the prefix.
        max_length: most tokens of a caption, `<S>` and `</S>` included.
        penalty: the length penalty.
    """
    return score(log_prob, max_length, penalty)


def expansion(
    hypothesis: Hypothesis,
    vocabulary: Vocabulary,
    status: Status,
    *,
    rank: int = 0,
    score: float | None = None,
    **lost: Any,
) -> Expansion:
    """The trace's record of a hypothesis; `lost` are its fields `lost_to`, `lost_by`, `group`."""
    token_id = hypothesis.token_ids[-1]
    return Expansion(
        step=len(hypothesis.log_probs),
        hypothesis_id=hypothesis.hypothesis_id,
        parent_id=hypothesis.parent_id,
        token_id=token_id,
        word=vocabulary.word(token_id),
        log_prob=hypothesis.log_probs[-1],
        cumulative_log_prob=hypothesis.log_prob,
        score=hypothesis.log_prob if score is None else score,
        rank=rank,
        status=status,
        **lost,
    )


def as_caption(
    hypothesis: Hypothesis, vocabulary: Vocabulary, score: float | None = None
) -> Caption:
    """What a search returns for a hypothesis; its score is its log-probability unless given."""
    ranked_by = hypothesis.log_prob if score is None else score
    ids, log_probs = hypothesis.token_ids, hypothesis.log_probs
    return caption_of(vocabulary, ids, log_probs, hypothesis.log_prob, ranked_by)


def caption_of(
    vocabulary: Vocabulary,
    token_ids: tuple[int, ...],
    log_probs: Sequence[float],
    log_prob: float,
    score: float,
) -> Caption:
    """A caption of tokens.

    Args:
        vocabulary: the model's words.
        token_ids: from `<S>` on.
        log_probs: natural-log probability of each token after `<S>`.
        log_prob: their sum.
        score: what the caption is ranked by.
    """
    words = (vocabulary.word(token_id) for token_id in token_ids[1:])
    return Caption(
        text=vocabulary.text(token_ids),
        token_ids=token_ids,
        log_prob=log_prob,
        score=score,
        finished=token_ids[-1] == vocabulary.end_id and len(token_ids) > 1,
        words=tuple(zip(words, log_probs, strict=True)),
    )
