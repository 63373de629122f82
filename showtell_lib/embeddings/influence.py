"""Which words of a caption the photo decides: other photos in its place, the same words forced."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from showtell_lib.errors import SettingsError
from showtell_lib.search.common import StepModel


def forced_log_probs(model: StepModel, states: np.ndarray, token_ids: Sequence[int]) -> np.ndarray:
    """What could follow each word of a caption, with its words forced on N photos.

    Args:
        model: anything with `step`, such as a captioner.
        states: float32 [N, 2 * units], of N encoded photos.
        token_ids: the caption's, from `<S>` on.

    Returns:
        float32 [N, words, vocabulary], natural-log probabilities: at place 0 those of the word
        after `<S>`, last those in the place of the caption's last token.

    Raises:
        SettingsError: there is no word after the first token.
    """
    if len(token_ids) < 2:
        raise SettingsError(f"a caption has `<S>` and a word at least, not {list(token_ids)}")
    rows = []
    for token in token_ids[:-1]:
        log_probs, states = model.step(np.full(len(states), token), states)
        rows.append(log_probs)  # [N, vocabulary]
    return np.stack(rows, axis=1)  # [N, words, vocabulary]


def photo_influence(
    model: StepModel, state: np.ndarray, token_ids: Sequence[int], other_states: np.ndarray
) -> np.ndarray:
    """How much of each word of a caption the photo decides, in bits.

    All photos are given the words of the caption, so that only the photo differs. P is what the
    model then expects next from the photo itself, Q what it expects from another photo: the
    Kullback-Leibler divergence D(P ‖ Q) = Σ P log2(P / Q), in this direction, is how many bits
    are lost by whoever looks at the other photo (Kullback and Leibler 1951). It is 0 where the
    words before decide, and 10 where the words that the photo asks for are about 1,000 times
    less probable with another photo.

    Args:
        model: anything with `step`, such as a captioner.
        state: of the photo, float32 [1, 2 * units] or [2 * units].
        token_ids: the caption's, from `<S>` on.
        other_states: of N other photos, float32 [N, 2 * units].

    Returns:
        float64 [words], for each token after `<S>` the mean over the other photos; never below 0.

    Raises:
        SettingsError: there is no other photo, or no word after the first token.
    """
    if not len(other_states):
        raise SettingsError("there is no other photo to compare with; give the states of some")
    states = np.concatenate([np.atleast_2d(state), other_states])
    log_probs = forced_log_probs(model, states, token_ids).astype(np.float64)
    # A softmax in float32 adds up to 1 only nearly; a divergence needs it exactly.
    log_probs -= np.log(np.exp(log_probs).sum(axis=2, keepdims=True))
    own, others = log_probs[:1], log_probs[1:]
    bits = (np.exp(own) * (own - others)).sum(axis=2) / np.log(2)  # [N, words]
    return np.asarray(np.maximum(bits, 0).mean(axis=0))
