"""One LSTM step in NumPy, gates named, equal to the graph's."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from showtell_lib.vocabulary import Vocabulary

FORGET_BIAS = 1.0


def lstm_step(
    inputs: np.ndarray, state: np.ndarray, kernel: np.ndarray, bias: np.ndarray
) -> np.ndarray:
    """One step of TensorFlow 1's BasicLSTMCell (Zaremba et al. 2014, section 3.1).

    Args:
        inputs: float32 [N, embedding], what the LSTM sees.
        state: float32 [N, 2 * units], cell state, then hidden state.
        kernel: float32 [embedding + units, 4 * units], gates in the order i, j, f, o.
        bias: float32 [4 * units].

    Returns:
        The next state, float32 [N, 2 * units].
    """
    cell_state, hidden_state = np.split(state, 2, axis=1)
    gates = np.concatenate([inputs, hidden_state], axis=1) @ kernel + bias
    input_gate, candidate, forget_gate, output_gate = np.split(gates, 4, axis=1)
    kept = cell_state * sigmoid(forget_gate + FORGET_BIAS)
    cell_state = kept + sigmoid(input_gate) * np.tanh(candidate)
    hidden_state = np.tanh(cell_state) * sigmoid(output_gate)
    return np.concatenate([cell_state, hidden_state], axis=1)


def sigmoid(x: np.ndarray) -> np.ndarray:
    """1 / (1 + e^-x), written so that a large negative x does not overflow."""
    return np.asarray(0.5 * (1 + np.tanh(0.5 * x)))


@dataclass(frozen=True)
class NumpyDecoder:
    """A decoder from weights alone: `encode` from features and `step`, without TensorFlow.

    Attributes:
        weights: arrays by the names of the frozen format.
        vocabulary: the words.
    """

    weights: Mapping[str, np.ndarray]
    vocabulary: Vocabulary

    def encode(self, features: np.ndarray) -> np.ndarray:
        """The state [N, 2 * units] after the image embedding of features [N, features]."""
        embedding = features @ self.weights["image_embedding/weights"]
        embedding = embedding + self.weights["image_embedding/biases"]
        units = len(self.weights["lstm/basic_lstm_cell/bias"]) // 4
        return self._lstm(embedding, np.zeros((len(features), 2 * units), np.float32))

    def step(
        self, token_ids: Sequence[int] | np.ndarray, state: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        """Natural-log probabilities [N, vocabulary] and next states [N, 2 * units]."""
        words = self.weights["seq_embedding/map"][np.asarray(token_ids)]
        state = self._lstm(words, state)
        hidden_state = state[:, state.shape[1] // 2 :]
        logits = hidden_state @ self.weights["logits/weights"] + self.weights["logits/biases"]
        logits = logits - logits.max(axis=1, keepdims=True)
        return logits - np.log(np.exp(logits).sum(axis=1, keepdims=True)), state

    def _lstm(self, inputs: np.ndarray, state: np.ndarray) -> np.ndarray:
        kernel = self.weights["lstm/basic_lstm_cell/kernel"]
        return lstm_step(inputs, state, kernel, self.weights["lstm/basic_lstm_cell/bias"])
