"""Sampling as one compiled TensorFlow function, for a batch of photos at once.

Draws from the same distribution as `search.sample`, with other random numbers.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from showtell_lib.graph.nodes import Step
from showtell_lib.quiet import Tensor, import_tensorflow
from showtell_lib.search.compiled.best_words import best_words, log_probabilities
from showtell_lib.search.sampling import ROUNDING

tf = import_tensorflow()


@dataclass(frozen=True)
class Sampling:
    """Draws one caption for each row of states.

    Attributes:
        step: tokens int64 [N] and states [N, 2 * units] to softmax [N, words] and next states.
        start_id: of `<S>`.
        end_id: of `</S>`.
        top_k: draw only from this many most probable words.
        length: most tokens.
    """

    step: Step
    start_id: int
    end_id: int
    top_k: int
    length: int

    def __call__(
        self, states: Tensor, temperature: Tensor, top_p: Tensor, seed: Tensor
    ) -> tuple[Tensor, Tensor]:
        """Draws a caption for each photo.

        Args:
            states: float32 [photos, 2 * units].
            temperature: float32; log-probabilities are divided by it.
            top_p: float64, the nucleus; see `search.sample`.
            seed: int32 [2].

        Returns:
            Tokens int32 [photos, length], -1 after the end, and log-probabilities float32
            [photos, length - 1].
        """
        photos = tf.shape(states)[0]
        first = tf.fill([photos, 1], self.start_id)  # [photos, 1]
        tokens = tf.concat([first, tf.fill([photos, self.length - 1], -1)], axis=1)
        log_probs = tf.zeros([photos, self.length - 1])  # [photos, length - 1]
        going = tf.fill([photos], True)  # [photos]

        def advance(
            t: Tensor, going: Tensor, tokens: Tensor, log_probs: Tensor, states: Tensor
        ) -> tuple[Tensor, ...]:
            # [photos, words] and [photos, 2 * units]
            softmax, states = self.step(tf.cast(tf.maximum(tokens[:, t - 1], 0), tf.int64), states)
            # [photos] twice
            word, log_prob = self._draw(softmax, temperature, top_p, seed + tf.stack([0, t]))
            here = tf.range(self.length) == t  # [length]
            # [length] & [photos, 1] chooses in [photos, length]
            tokens = tf.where(here & going[:, tf.newaxis], word[:, tf.newaxis], tokens)
            new = tf.where(here[1:] & going[:, tf.newaxis], log_prob[:, tf.newaxis], log_probs)
            return t + 1, going & (word != self.end_id), tokens, new, states

        _, _, tokens, log_probs, _ = tf.while_loop(
            lambda t, going, *_: (t < self.length) & tf.reduce_any(going),
            advance,
            (tf.constant(1), going, tokens, log_probs, states),
        )
        return tokens, log_probs

    def _draw(
        self, softmax: Tensor, temperature: Tensor, top_p: Tensor, seed: Tensor
    ) -> tuple[Tensor, Tensor]:
        """A word for each row, and its log-probability under the model."""
        best, words = best_words(softmax, self.top_k)  # [photos, top_k] twice
        log_probs = log_probabilities(best)  # [photos, top_k]
        probabilities = tf.nn.softmax(log_probs / temperature)  # [photos, top_k]
        # See `search.sampling.in_nucleus`; in float64, as there.
        before = tf.cumsum(tf.cast(probabilities, tf.float64), axis=1, exclusive=True)
        inside = (before < top_p * (1 - ROUNDING)) | (top_p >= 1)  # [photos, top_k]
        chosen = tf.where(inside, probabilities, 0.0)  # [photos, top_k]
        reached = tf.cumsum(chosen, axis=1)  # [photos, top_k]
        # [photos, 1]
        dice = tf.random.stateless_uniform([tf.shape(best)[0], 1], seed) * reached[:, -1:]
        # The first word at which the running sum passes the dice.
        place = tf.reduce_sum(tf.cast(reached <= dice, tf.int32), axis=1)  # [photos]
        last = tf.reduce_sum(tf.cast(inside, tf.int32), axis=1) - 1  # [photos]
        place = tf.minimum(place, last)
        word, log_prob = (tf.gather(x, place, batch_dims=1) for x in (words, log_probs))
        return word, log_prob


def short_seed(seed: int) -> int:
    """The seed; a seed of more than 31 bits becomes another one of 31 bits, always the same."""
    return seed if seed < 1 << 31 else int(np.random.SeedSequence(seed).generate_state(1)[0] >> 1)
