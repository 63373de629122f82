"""Additive attention in NumPy: a decoder that looks at the photo again for each word.

The features are those of a grid of places in the photo, not one vector for all of it (Bahdanau et
al. 2015, section 3.1, https://arxiv.org/abs/1409.0473; for photos Xu et al. 2015, section 3.1.2,
https://arxiv.org/abs/1502.03044).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from showtell_lib.inputs import checked_ids, checked_states
from showtell_lib.lstm import log_softmax, lstm_gates
from showtell_lib.vocabulary import Vocabulary

# The weights of `attend`, in its order.
MATRICES = ("from_features", "from_hidden", "to_score")


def attend(
    features: np.ndarray,
    hidden: np.ndarray,
    from_features: np.ndarray,
    from_hidden: np.ndarray,
    to_score: np.ndarray,
) -> tuple[np.ndarray, np.ndarray]:
    """Additive attention: the weights of all places, and the mean of the features by them.

    Args:
        features: float32 [N, places, features], one vector for each place of the grid.
        hidden: float32 [N, units], the decoder's hidden state, which says what to look for.
        from_features: float32 [features, size], projects the features of a place.
        from_hidden: float32 [units, size], projects the hidden state.
        to_score: float32 [size, 1], turns the tanh of both projections' sum into a score.

    Returns:
        The context float32 [N, features], the mean of all places by their weights, and the
        weights float32 [N, places], which are positive and add up to 1.
    """
    # [N, places, size] + [N, 1, size], a sum: this is why the attention is called additive
    compared = np.tanh(features @ from_features + (hidden @ from_hidden)[:, np.newaxis])
    scores = (compared @ to_score)[..., 0]  # [N, places]
    weights = np.exp(scores - scores.max(axis=1, keepdims=True))
    weights = weights / weights.sum(axis=1, keepdims=True)
    return context_of(features, weights), weights


def context_of(features: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """The mean [N, features] of features [N, places, features] by weights [N, places]."""
    return np.asarray((features * weights[..., np.newaxis]).sum(axis=1))


@dataclass(frozen=True)
class AttendingDecoder:
    """A decoder with attention, from weights alone: `encode` and `step`, as every search needs.

    A state holds the LSTM's cell state and hidden state, and after them the whole grid of features.
    So a search carries the photo along from word to word without knowing of attention.

    Attributes:
        weights: arrays by the names of `training.attention.attending_weights`.
        vocabulary: the words.
        places: how many places the grid has.
    """

    weights: Mapping[str, np.ndarray]
    vocabulary: Vocabulary
    places: int

    def encode(self, features: np.ndarray) -> np.ndarray:
        """The first states [N, 2 * units + places * features] of grids [N, places, features].

        The mean of all places gives the LSTM its first state (Xu et al. 2015, section 3.1.2).
        """
        features = np.asarray(features, np.float32)
        mean = features.mean(axis=1)  # [N, features]
        first = np.tanh(mean @ self.weights["first/kernel"] + self.weights["first/bias"])
        return np.concatenate([first, features.reshape(len(features), -1)], axis=1)

    def step(
        self, token_ids: Sequence[int] | np.ndarray, state: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        """Natural-log probabilities [N, vocabulary] and next states, of N hypotheses."""
        return self.step_looking(token_ids, state, self.look(state))

    def look(self, state: np.ndarray) -> np.ndarray:
        """How much the next step looks at each place, float32 [N, places]."""
        _, hidden, features = self._parts(state)
        matrices = (self.weights[f"attention/{name}"] for name in MATRICES)
        return attend(features, hidden, *matrices)[1]

    def step_looking(
        self, token_ids: Sequence[int] | np.ndarray, state: np.ndarray, look: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        """`step` with your own weights of the places, float32 [N, places], in place of `look`'s."""
        words = self.weights["seq_embedding/map"]
        words = words[checked_ids(token_ids, len(words))]  # [N, words' size]
        lstm, _, features = self._parts(state)
        context = context_of(features, look)  # [N, features]
        kernel, bias = (self.weights[f"lstm/basic_lstm_cell/{name}"] for name in ("kernel", "bias"))
        gates = lstm_gates(np.concatenate([words, context], axis=1), lstm, kernel, bias)
        said = np.concatenate([gates.hidden_state, context], axis=1)  # [N, units + features]
        logits = said @ self.weights["logits/weights"] + self.weights["logits/biases"]
        grid = features.reshape(len(features), -1)
        return log_softmax(logits), np.concatenate([gates.state, grid], axis=1)

    def looks(self, state: np.ndarray, token_ids: Sequence[int]) -> np.ndarray:
        """Where the model looked for each word of a caption.

        Args:
            state: the photo's state, as `encode` gives it, float32 [1, ...].
            token_ids: the tokens of the caption from `<S>` on, such as `caption.token_ids`.

        Returns:
            The weights float32 [words, places], for each token after `<S>`.
        """
        maps = []
        for token in token_ids[:-1]:
            maps.append(self.look(state)[0])
            _, state = self.step([token], state)
        return np.stack(maps)

    def _parts(self, state: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """The LSTM's state [N, 2 * units], its hidden half, the grid [N, places, features]."""
        double = self.weights["first/kernel"].shape[1]
        size = self.weights["attention/from_features"].shape[0]
        state = checked_states(state, double + self.places * size)
        lstm, grid = state[:, :double], state[:, double:]
        return lstm, lstm[:, double // 2 :], grid.reshape(len(grid), self.places, size)
