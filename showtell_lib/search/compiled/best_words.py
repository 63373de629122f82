"""The most probable words of many hypotheses, found in a part of the vocabulary."""

from __future__ import annotations

from showtell_lib.quiet import Tensor, import_tensorflow
from showtell_lib.search.common import SMALLEST_PROBABILITY

tf = import_tensorflow()

CHUNK = 32
NO_PROBABILITY = -1.0


def best_words(probabilities: Tensor, count: int) -> tuple[Tensor, Tensor]:
    """What `tf.math.top_k` gives, several times faster for a large vocabulary.

    The vocabulary is cut into chunks. The best words can only be in the chunks with the highest
    maxima, and a maximum is found faster than an order. Of equal words the lower id comes first,
    as in `top_k`: so do chunks of equal maxima, and the chosen chunks are put in their order.

    Args:
        probabilities: float32 [N, words], none below zero.
        count: how many words.

    Returns:
        Probabilities float32 [N, count], best first, and token ids int32 [N, count].
    """
    words = probabilities.shape[1]
    if words is None or words < 2 * CHUNK * count:
        best, ids = tf.math.top_k(probabilities, count)  # [N, count] twice
        return best, ids
    padding = -words % CHUNK
    if padding:
        probabilities = tf.pad(
            probabilities, [[0, 0], [0, padding]], constant_values=NO_PROBABILITY
        )
    # [N, chunks, CHUNK]
    chunks = tf.reshape(probabilities, [-1, (words + padding) // CHUNK, CHUNK])
    _, chosen = tf.math.top_k(tf.reduce_max(chunks, axis=2), count)  # [N, count]
    chosen = tf.sort(chosen, axis=1)  # [N, count]
    # [N, count, CHUNK], then [N, count * CHUNK]
    candidates = tf.reshape(tf.gather(chunks, chosen, batch_dims=1), [-1, count * CHUNK])
    best, at = tf.math.top_k(candidates, count)  # [N, count] twice
    # [N, count]: the chunk that each was in, and its place there.
    ids = tf.gather(chosen, at // CHUNK, batch_dims=1) * CHUNK + at % CHUNK
    return best, ids


def log_probabilities(probabilities: Tensor) -> Tensor:
    """Natural logarithms, float32 of the same shape, none above 0; equal for equal numbers.

    TensorFlow's float32 logarithm of one number may differ by 6e-8 between places of a tensor, so
    that the place would decide ties. The float64 logarithm differs by so little that the
    difference is lost in float32. `CaptionModel.step` rounds in the same way.

    Args:
        probabilities: float32; one too small for float32 counts as the smallest that it has.
    """
    exact = tf.math.log(tf.cast(tf.maximum(probabilities, SMALLEST_PROBABILITY), tf.float64))
    return tf.cast(tf.minimum(exact, 0.0), tf.float32)
