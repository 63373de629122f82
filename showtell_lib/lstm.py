"""One LSTM step in NumPy with its gates named; it computes what the graph's step does."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from showtell_lib.inputs import checked_ids, checked_states
from showtell_lib.vocabulary import Vocabulary

FORGET_BIAS = 1.0


@dataclass(frozen=True)
class Gates:
    """The values inside one LSTM step, each float32 [N, units].

    Attributes:
        input_gate: how much of the candidate is written, 0 to 1.
        candidate: what could be written, -1 to 1.
        forget_gate: how much of the old cell state stays, 0 to 1.
        output_gate: how much of the cell state shows, 0 to 1.
        cell_state: after the step.
        hidden_state: after the step.
    """

    input_gate: np.ndarray
    candidate: np.ndarray
    forget_gate: np.ndarray
    output_gate: np.ndarray
    cell_state: np.ndarray
    hidden_state: np.ndarray

    @property
    def state(self) -> np.ndarray:
        """The next state, float32 [N, 2 * units]: cell state, then hidden state."""
        return np.concatenate([self.cell_state, self.hidden_state], axis=1)


def lstm_gates(
    inputs: np.ndarray,
    state: np.ndarray,
    kernel: np.ndarray,
    bias: np.ndarray,
    forget_bias: float = FORGET_BIAS,
) -> Gates:
    """One step of TensorFlow 1's BasicLSTMCell (Zaremba et al. 2014, section 3.1).

    Args:
        inputs: float32 [N, embedding], what the LSTM sees in this step.
        state: float32 [N, 2 * units], cell state, then hidden state.
        kernel: float32 [embedding + units, 4 * units], gates in the order i, j, f, o.
        bias: float32 [4 * units].
        forget_bias: added to the forget gate before its sigmoid.
    """
    cell_state, hidden_state = np.split(state, 2, axis=1)  # [N, units] each
    # [N, embedding + units] @ [embedding + units, 4 * units] -> [N, 4 * units]
    sums = np.concatenate([inputs, hidden_state], axis=1) @ kernel + bias
    i, j, f, o = np.split(sums, 4, axis=1)  # [N, units] each
    input_gate, candidate = sigmoid(i), np.tanh(j)
    forget_gate, output_gate = sigmoid(f + np.float32(forget_bias)), sigmoid(o)
    cell_state = cell_state * forget_gate + input_gate * candidate
    hidden_state = np.tanh(cell_state) * output_gate
    return Gates(input_gate, candidate, forget_gate, output_gate, cell_state, hidden_state)


def sigmoid(x: np.ndarray) -> np.ndarray:
    """1 / (1 + e^-x), written so that a large negative x does not overflow."""
    return np.asarray(0.5 * (1 + np.tanh(0.5 * x)))


def log_softmax(logits: np.ndarray) -> np.ndarray:
    """Natural-log probabilities [N, vocabulary] of logits [N, vocabulary]."""
    logits = logits - logits.max(axis=1, keepdims=True)
    return np.asarray(logits - np.log(np.exp(logits).sum(axis=1, keepdims=True)))


@dataclass(frozen=True)
class NumpyDecoder:
    """A decoder from weights alone: `encode` from features and `step`, without TensorFlow.

    Attributes:
        weights: arrays by the names of the frozen format.
        vocabulary: the words.
        forget_bias: added to the forget gate before its sigmoid.
    """

    weights: Mapping[str, np.ndarray]
    vocabulary: Vocabulary
    forget_bias: float = FORGET_BIAS

    def encode(self, features: np.ndarray) -> np.ndarray:
        """The state [N, 2 * units] after the image embedding of features [N, features]."""
        return self.see(features).state

    def see(self, features: np.ndarray) -> Gates:
        """The very first step, whose input is the image embedding of features [N, features]."""
        # [N, features] @ [features, units] -> [N, units]
        embedding = features @ self.weights["image_embedding/weights"]
        embedding = embedding + self.weights.get("image_embedding/biases", np.float32(0))
        return self._first(embedding)

    def state_of(self, embeddings: np.ndarray) -> np.ndarray:
        """The state [N, 2 * units] after image embeddings [N, units], the LSTM's first input."""
        return self._first(np.asarray(embeddings, np.float32)).state

    def step(
        self, token_ids: Sequence[int] | np.ndarray, state: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        """Natural-log probabilities [N, vocabulary] and next states [N, 2 * units]."""
        gates = self.gates(token_ids, state)
        return self.log_probs(gates.hidden_state), gates.state

    def gates(self, token_ids: Sequence[int] | np.ndarray, state: np.ndarray) -> Gates:
        """All gates of one step: token ids int [N] and states [N, 2 * units] in.

        Raises:
            SettingsError: an id is outside the vocabulary, or the states have another shape.
        """
        words = self.weights["seq_embedding/map"]
        ids = checked_ids(token_ids, len(words))
        units = len(self.weights["lstm/basic_lstm_cell/bias"]) // 4
        return self._gates(words[ids], checked_states(state, 2 * units, len(ids)))

    def log_probs(self, hidden_state: np.ndarray) -> np.ndarray:
        """Natural-log probabilities [N, vocabulary] of the next word from a hidden state."""
        # [N, units] @ [units, vocabulary] -> [N, vocabulary]
        logits = hidden_state @ self.weights["logits/weights"] + self.weights["logits/biases"]
        return log_softmax(logits)

    def _first(self, embedding: np.ndarray) -> Gates:
        """The first step: an image embedding [N, units] in, on a state of zeros."""
        units = len(self.weights["lstm/basic_lstm_cell/bias"]) // 4
        return self._gates(embedding, np.zeros((len(embedding), 2 * units), np.float32))

    def _gates(self, inputs: np.ndarray, state: np.ndarray) -> Gates:
        kernel = self.weights["lstm/basic_lstm_cell/kernel"]
        bias = self.weights["lstm/basic_lstm_cell/bias"]
        return lstm_gates(inputs, state, kernel, bias, self.forget_bias)
