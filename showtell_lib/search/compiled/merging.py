"""Two ranked lists of finished hypotheses in one, ties decided by the token ids.

`photos` is how many there are in the batch, `width` is the beam width.
"""

from __future__ import annotations

from showtell_lib.quiet import Tensor, import_tensorflow

tf = import_tensorflow()

# What belongs to hypotheses, by name: tokens, log-probabilities, scores and more.
Rows = dict[str, Tensor]


def merged_places(pool: Rows, new: Rows) -> Tensor:
    """The places [photos, 2 * width] of two lists in one: best score first, ties by the token ids.

    Each list is in that order already, so only pairs of an old and a new one must be compared.
    """
    # [photos, width, 1] and [photos, 1, width]
    old_score, new_score = pool["score"][:, :, tf.newaxis], new["score"][:, tf.newaxis]
    # [photos, width, width]: whether the old one comes before the new one.
    first = (old_score > new_score) | ((old_score == new_score) & _lower_ids(pool, new))
    width = tf.range(pool["score"].shape[1])  # [width]
    return tf.concat(
        [
            width + tf.reduce_sum(tf.cast(~first, tf.int32), axis=2),
            width + tf.reduce_sum(tf.cast(first, tf.int32), axis=1),
        ],
        axis=1,
    )


def _lower_ids(pool: Rows, new: Rows) -> Tensor:
    """Whether a caption's token ids come before another's, as Python compares them.

    Returns:
        bool [photos, width, width].
    """
    # [photos, width, width, length]
    apart = pool["tokens"][:, :, tf.newaxis] - new["tokens"][:, tf.newaxis]
    length = apart.shape[3]
    # [photos, width, width, length]; the least is where they first differ.
    here = tf.where(apart != 0, tf.range(length), length - 1)
    return tf.gather(apart, tf.reduce_min(here, axis=3), batch_dims=3) < 0
