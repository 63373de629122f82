"""The decoder with attention, to train: it looks at a grid of places for each word.

The decoder is that of Xu et al. (2015, https://arxiv.org/abs/1502.03044, section 3.1.2) with soft
attention and without its doubly stochastic penalty; the word is read off from the hidden state and
the context.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from showtell_lib.attention import MATRICES
from showtell_lib.quiet import Tensor, import_keras, import_tensorflow
from showtell_lib.training.network import GateOrthogonal, frozen_gates, seeded

import_keras()
tf = import_tensorflow()
import keras  # noqa: E402

# Features [N, places, features], the hidden state [N, units] and the three matrices of `attend`
# to the context [N, features] and the weights [N, places].
Attend = Callable[[Tensor, Tensor, Tensor, Tensor, Tensor], Sequence[Tensor]]


class AttentionDecoder(keras.Model):  # type: ignore[misc]
    """A grid of image features and the words so far to logits of each next word.

    Args:
        vocabulary_size: number of token ids.
        attend: where to look, such as notebook 12 writes it: `attention.attend` with TensorFlow.
        features: how many numbers there are for each place.
        units: of the LSTM, and size of the word embedding.
        size: of what is compared, place and hidden state.
        seed: decides the initial weights.
    """

    def __init__(
        self,
        vocabulary_size: int,
        attend: Attend,
        features: int,
        units: int = 96,
        size: int = 32,
        seed: int = 0,
    ) -> None:
        super().__init__()
        glorot = seeded(keras.initializers.GlorotUniform(), seed)
        uniform = seeded(keras.initializers.RandomUniform(-0.3, 0.3), seed)
        self.attend = attend
        shapes = ((features, size), (units, size), (size, 1))
        self.matrices = [
            self.add_weight(
                shape=shape,
                initializer=seeded(keras.initializers.GlorotUniform(), seed + i),
                name=name,
            )
            for i, (name, shape) in enumerate(zip(MATRICES, shapes, strict=True))
        ]
        self.first = keras.layers.Dense(2 * units, "tanh", kernel_initializer=glorot)
        self.word_embedding = keras.layers.Embedding(vocabulary_size, units, uniform)
        self.cell = keras.layers.LSTMCell(
            units, kernel_initializer=glorot, recurrent_initializer=GateOrthogonal(seed)
        )
        self.logits = keras.layers.Dense(vocabulary_size, kernel_initializer=glorot)
        self(np.zeros((1, 1, features), np.float32), np.zeros((1, 1), np.int32))

    def call(self, features: Tensor, tokens: Tensor, training: bool = False) -> Tensor:
        """Teacher forcing: each position sees the true words before it, and looks once.

        Args:
            features: float32 [N, places, features].
            tokens: int32 [N, length], captions from `<S>` on.
            training: makes no difference.

        Returns:
            Logits of the word after each token, float32 [N, length, vocabulary].
        """
        cell, hidden = tf.split(self.first(tf.reduce_mean(features, 1)), 2, axis=1)
        words = self.word_embedding(tokens)  # [N, length, units]
        said = []
        for position in range(tokens.shape[1]):
            context, _ = self.attend(features, hidden, *self.matrices)  # [N, features]
            inputs = tf.concat([words[:, position], context], 1)
            hidden, (_, cell) = self.cell(inputs, [hidden, cell])
            said.append(tf.concat([hidden, context], 1))  # [N, units + features]
        return self.logits(tf.stack(said, 1))


def attending_weights(decoder: AttentionDecoder) -> dict[str, np.ndarray]:
    """The weights of a decoder for `attention.AttendingDecoder`, float32 by name."""
    first, first_bias = decoder.first.get_weights()
    logits, logits_bias = decoder.logits.get_weights()
    matrices = zip(MATRICES, decoder.matrices, strict=True)
    return {
        **{f"attention/{name}": np.asarray(matrix) for name, matrix in matrices},
        "first/kernel": first,
        "first/bias": first_bias,
        "seq_embedding/map": decoder.word_embedding.get_weights()[0],
        **frozen_gates(*decoder.cell.get_weights()),
        "logits/weights": logits,
        "logits/biases": logits_bias,
    }
