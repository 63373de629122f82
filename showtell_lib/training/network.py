"""The decoder to train, Show and Tell's LSTM in Keras (Vinyals et al. 2015, equations 10 to 12).

The reader of facts beside it is used in training only (see `facts`).
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from showtell_lib.quiet import DType, Layer, Tensor, import_keras, import_tensorflow
from showtell_lib.training.facts import QUESTIONS

import_keras()
tf = import_tensorflow()
import keras  # noqa: E402

DEVIATION_FLOOR = 0.02
# How many answers each question has.
ANSWERS = tuple(map(len, QUESTIONS.values()))
# More than an epoch has steps, so that no two epochs share random numbers.
STEPS_APART = 1_000_000


def seeded(initializer: Layer, seed: int) -> Layer:
    """The initializer with this seed; the first Keras 3 replaces a seed of 0 by another one."""
    initializer.seed = seed
    return initializer


class GateOrthogonal(keras.initializers.Initializer):  # type: ignore[misc]
    """Recurrent kernel [units, 4 * units] that is orthogonal within each of the four gates."""

    def __init__(self, seed: int = 0) -> None:
        self.seed = seed

    def __call__(self, shape: tuple[int, int], dtype: DType = None) -> Tensor:
        """A kernel of this shape."""
        units = shape[0]
        gates = [
            seeded(keras.initializers.Orthogonal(), self.seed + gate)((units, units), dtype)
            for gate in range(4)
        ]
        return keras.ops.concatenate(gates, axis=1)  # [units, 4 * units]


class Decoder(keras.Model):  # type: ignore[misc]
    """Image features and the words so far to logits of each next word.

    Args:
        vocabulary_size: number of token ids.
        feature_mean: float32 [features], mean of the training photos' features.
        feature_deviation: float32 [features], their standard deviation.
        units: of the LSTM, and size of the word and image embeddings.
        dropout: share of LSTM inputs and outputs that is silenced while training.
        seed: decides the initial weights and the dropout.
        precision: of the LSTM's and the logits' products, `float32` or `bfloat16`.
    """

    def __init__(
        self,
        vocabulary_size: int,
        feature_mean: np.ndarray,
        feature_deviation: np.ndarray,
        units: int = 512,
        dropout: float = 0.4,
        seed: int = 0,
        precision: str = "float32",
    ) -> None:
        super().__init__()
        policy = "float32" if precision == "float32" else f"mixed_{precision}"
        uniform = seeded(keras.initializers.RandomUniform(-0.3, 0.3), seed)
        glorot = seeded(keras.initializers.GlorotUniform(), seed)
        self.feature_mean = np.asarray(feature_mean, np.float32)
        self.feature_scale = 1 / (np.asarray(feature_deviation, np.float32) + DEVIATION_FLOOR)
        self.image_embedding = keras.layers.Dense(units, kernel_initializer=glorot)
        self.word_embedding = keras.layers.Embedding(vocabulary_size, units, uniform)
        self.lstm = keras.layers.LSTM(
            units,
            return_sequences=True,
            kernel_initializer=glorot,
            recurrent_initializer=GateOrthogonal(seed),
            dtype=policy,
        )
        self.input_dropout = keras.layers.Dropout(dropout, seed=seed)
        self.output_dropout = keras.layers.Dropout(dropout, seed=seed + 1)
        self.logits = keras.layers.Dense(vocabulary_size, kernel_initializer=glorot, dtype=policy)
        self.seed = seed
        self(np.zeros((1, len(self.feature_mean)), np.float32), np.zeros((1, 1), np.int32))

    def call(self, features: Tensor, tokens: Tensor, training: bool = False) -> Tensor:
        """Teacher forcing: each position sees the true words before it.

        Args:
            features: float32 [N, features], pooled and not yet standardised.
            tokens: int32 [N, length], captions from `<S>` on.
            training: whether to apply dropout.

        Returns:
            Logits of the word after each token, float32 [N, length, vocabulary].
        """
        image = self.image_embedding(self.standardised(features))  # [N, units]
        image = keras.ops.expand_dims(image, 1)  # [N, 1, units]
        words = self.word_embedding(tokens)  # [N, length, units]
        inputs = keras.ops.concatenate([image, words], 1)  # [N, 1 + length, units]
        hidden = self.lstm(self.input_dropout(inputs, training=training))  # [N, 1 + length, units]
        hidden = self.output_dropout(hidden[:, 1:], training=training)  # [N, length, units]
        logits = self.logits(hidden)  # [N, length, vocabulary]
        return keras.ops.cast(logits, "float32")

    def first_states(self, features: Tensor) -> list[Tensor]:
        """The LSTM's hidden and cell state [N, units] after image features [N, features]."""
        image = self.image_embedding(self.standardised(features))  # [N, units]
        nothing = tf.zeros_like(image, self.lstm.compute_dtype)  # [N, units]
        return list(self.lstm.cell(image, [nothing, nothing])[1])

    def step(self, tokens: Tensor, states: list[Tensor]) -> tuple[Tensor, list[Tensor]]:
        """One step without dropout.

        Args:
            tokens: int32 [N], the last token of each caption.
            states: the LSTM's hidden and cell state before that token, [N, units] each.

        Returns:
            Logits of the next token, float32 [N, vocabulary], and the states after the last one.
        """
        words = self.word_embedding(tokens)  # [N, units]
        hidden, after = self.lstm.cell(words, states)  # [N, units] each
        return tf.cast(self.logits(hidden), "float32"), list(after)

    def standardised(self, features: Tensor) -> Tensor:
        """Features float32 [N, features] minus the photos' mean, divided by their deviation."""
        return (features - self.feature_mean) * self.feature_scale

    def start_epoch(self, epoch: int) -> None:
        """Restarts the dropout's random numbers, so that a resumed run draws the same ones."""
        for number, dropout in enumerate((self.input_dropout, self.output_dropout)):
            if dropout.rate:  # Without a rate, Keras gives it no random numbers at all.
                dropout.seed_generator.state.assign([self.seed + number, epoch * STEPS_APART])


class FactReader(keras.Model):  # type: ignore[misc]
    """Features to the logits of every answer to every question."""

    def __init__(self, features: int, seed: int = 0) -> None:
        super().__init__()
        glorot = seeded(keras.initializers.GlorotUniform(), seed)
        self.answers = keras.layers.Dense(sum(ANSWERS), kernel_initializer=glorot)
        self(np.zeros((1, features), np.float32))

    def call(self, features: Tensor) -> Tensor:
        """Logits, float32 [N, answers to the first question, to the second, ...]."""
        return self.answers(features)


def forced_loss(
    decoder: Decoder, features: Tensor, tokens: Tensor, *, training: bool = False
) -> Tensor:
    """`caption_loss` of teacher forcing: each token is predicted from the true tokens before it.

    Args:
        decoder: the decoder.
        features: float32 [N, features], those of each caption's image.
        tokens: int32 [N, length], captions from `<S>` on, padded with -1.
        training: whether to apply dropout.
    """
    before = tf.maximum(tokens[:, :-1], 0)  # [N, length - 1]
    logits = decoder(features, before, training=training)  # [N, length - 1, vocabulary]
    return caption_loss(logits, tokens[:, 1:])


def caption_loss(logits: Tensor, tokens: Tensor, weights: Tensor | float = 1.0) -> Tensor:
    """Mean negative log-probability per token, natural log; padding (id below 0) is left out.

    Args:
        logits: float32 [N, length, vocabulary].
        tokens: int32 [N, length], the true next tokens, padded with -1.
        weights: float32 [N, 1], how much each caption counts.
    """
    real = tf.cast(tokens >= 0, tf.float32)  # [N, length]
    # [N, length]
    losses = tf.nn.sparse_softmax_cross_entropy_with_logits(tf.maximum(tokens, 0), logits)
    return tf.reduce_sum(losses * real * weights) / tf.reduce_sum(real)


def facts_loss(logits: Tensor, facts: Tensor) -> Tensor:
    """Mean over pictures of the negative log-probability of all true answers, natural log.

    Args:
        logits: float32 [N, answers], of a `FactReader`.
        facts: int32 [N, questions]; pictures of which nothing is known are left out.
    """
    known = tf.cast(facts >= 0, tf.float32)  # [N, questions]
    pieces = tf.split(logits, list(ANSWERS), axis=1)  # for each question [N, its answers]
    losses = [  # for each question [N]
        tf.nn.sparse_softmax_cross_entropy_with_logits(tf.maximum(facts[:, i], 0), piece)
        for i, piece in enumerate(pieces)
    ]
    pictures = tf.maximum(tf.reduce_sum(known[:, 0]), 1.0)
    return tf.reduce_sum(tf.stack(losses, axis=1) * known) / pictures


def frozen_weights(decoder: Decoder) -> dict[str, np.ndarray]:
    """The decoder's weights by the names of the frozen format, float32.

    The standardisation of the features is folded into the image embedding.
    """
    embedding, embedding_bias = decoder.image_embedding.get_weights()
    logits, logits_bias = decoder.logits.get_weights()
    scaled = embedding * decoder.feature_scale[:, np.newaxis]  # [features, units]
    return {
        "image_embedding/weights": scaled,
        "image_embedding/biases": embedding_bias - decoder.feature_mean @ scaled,
        "seq_embedding/map": decoder.word_embedding.get_weights()[0],
        **frozen_gates(*decoder.lstm.get_weights()),
        "logits/weights": logits,
        "logits/biases": logits_bias,
    }


def frozen_gates(
    kernel: np.ndarray, recurrent: np.ndarray, bias: np.ndarray
) -> dict[str, np.ndarray]:
    """An LSTM's weights by the names of the frozen format, float32.

    Keras's gate order (i, f, j, o) becomes that of TensorFlow 1's BasicLSTMCell (i, j, f, o), and
    the forget bias of 1, which the frozen graph adds at run time, is taken off.

    Args:
        kernel: [inputs, 4 * units], from the inputs to the gates, as Keras has them.
        recurrent: [units, 4 * units], from the hidden state to the gates.
        bias: [4 * units].
    """
    # [inputs + units + 1, 4 * units]: what the input, the hidden state and the bias add to each
    stacked = np.concatenate([kernel, recurrent, bias[np.newaxis]])
    i, f, j, o = np.split(stacked, 4, axis=1)  # [inputs + units + 1, units] each
    forget = f - np.concatenate([np.zeros(len(f) - 1), [1.0]])[:, np.newaxis]
    gates = np.concatenate([i, j, forget, o], axis=1).astype(np.float32)
    return {"lstm/basic_lstm_cell/kernel": gates[:-1], "lstm/basic_lstm_cell/bias": gates[-1]}


def set_frozen_weights(decoder: Decoder, weights: Mapping[str, np.ndarray]) -> None:
    """Gives a decoder the weights that `frozen_weights` took from a decoder of the same size."""
    scaled = weights["image_embedding/weights"]
    bias = weights["image_embedding/biases"] + decoder.feature_mean @ scaled
    decoder.image_embedding.set_weights([scaled / decoder.feature_scale[:, np.newaxis], bias])
    decoder.word_embedding.set_weights([weights["seq_embedding/map"]])
    kernel, gate_bias = (weights[f"lstm/basic_lstm_cell/{name}"] for name in ("kernel", "bias"))
    # [2 * units + 1, units] each
    i, j, f, o = np.split(np.concatenate([kernel, gate_bias[np.newaxis]]), 4, axis=1)
    forget = f + np.concatenate([np.zeros(len(f) - 1), [1.0]])[:, np.newaxis]
    gates = np.concatenate([i, forget, j, o], axis=1)
    units = decoder.lstm.units
    decoder.lstm.set_weights([gates[: -units - 1], gates[-units - 1 : -1], gates[-1]])
    decoder.logits.set_weights([weights["logits/weights"], weights["logits/biases"]])
