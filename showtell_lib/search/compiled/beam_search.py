"""Beam search for a batch of photos as one TensorFlow graph.

The same search as `search.beam`, to the same answers: a while loop over the steps, the best words
picked inside the graph, states gathered by parent, and a photo that can no longer improve left
alone while the others go on. Every tensor has a first axis of photos and a second of places.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from showtell_lib.quiet import import_tensorflow
from showtell_lib.search.common import LEAST_LOG_PROB, bound, score
from showtell_lib.search.compiled.best_words import best_words, log_probabilities

# Below every real log-probability, so that an empty place never wins.
NEVER = -1e30
LARGEST_VOCABULARY = 1 << 24

Step = Callable[[Any, Any], tuple[Any, Any]]


@dataclass(frozen=True)
class BeamSearch:
    """The whole search.

    Attributes:
        step: tokens int64 [N] and states [N, 2 * units] to softmax [N, words] and next states.
        start_id: of `<S>`.
        end_id: of `</S>`.
        width: places for open hypotheses, and for finished ones.
        length: most tokens.
    """

    step: Step
    start_id: int
    end_id: int
    width: int
    length: int

    def __call__(self, states: Any, penalty: Any) -> tuple[Any, Any, Any]:
        """What was found, W places for each photo, best first.

        Args:
            states: float32 [N, 2 * units].
            penalty: float64, the length penalty.

        Returns:
            Tokens int32 [N, W, length], `<S>` first and -1 after the end; log-probabilities of
            each token after `<S>`, float32 [N, W, length - 1]; scores float64 [N, W], where an
            empty place has `NEVER`.
        """
        tf = import_tensorflow()
        loop = _Loop(self.step, self.end_id, self.width, self.length, penalty)
        last = tf.while_loop(
            lambda t, open_, pool: (t < self.length) & tf.reduce_any(loop.can_improve(open_, pool)),
            loop.advance,
            (tf.constant(1), *loop.start(states, self.start_id)),
        )
        tokens, log_probs, scores = loop.ranked(*last[1:])
        return tokens, log_probs, scores


@dataclass(frozen=True)
class _Loop:
    """One step of the search, and what to do before and after.

    A hypothesis is a row of: `tokens` [length], `log_probs` [length - 1] of each, their `sum` in
    float64 as Python adds them, and, while it is open, the LSTM's `state` and its `place` in the
    order of token ids among the open ones, by which ties are broken.
    """

    step: Step
    end_id: int
    width: int
    length: int
    penalty: Any

    def start(self, states: Any, start_id: int) -> tuple[dict[str, Any], dict[str, Any]]:
        """One open hypothesis, `<S>`, the other places empty; an empty pool."""
        tf = import_tensorflow()
        photos = tf.shape(states)[0]
        tokens = tf.fill([photos, self.width, self.length], -1)
        log_probs = tf.zeros([photos, self.width, self.length - 1])
        nothing = tf.fill([photos, self.width], tf.constant(NEVER, tf.float64))
        begun = tf.concat([tf.fill([photos, self.width, 1], start_id), tokens[:, :, 1:]], axis=2)
        only = tf.one_hot(0, self.width, on_value=0.0, off_value=NEVER, dtype=tf.float64)
        open_ = {
            "tokens": begun,
            "log_probs": log_probs,
            "sum": tf.broadcast_to(only, [photos, self.width]),
            "state": tf.repeat(states[:, tf.newaxis], self.width, axis=1),
            "place": tf.tile(tf.range(self.width)[tf.newaxis], [photos, 1]),
        }
        pool = {"tokens": tokens, "log_probs": log_probs, "sum": nothing, "score": nothing}
        return open_, pool

    def advance(self, t: Any, open_: Any, pool: Any) -> tuple[Any, Any, Any]:
        """Expands every open hypothesis by its best words and decides which may stay."""
        tf = import_tensorflow()
        log_probs, words, states = self._best_words(t, open_, self.can_improve(open_, pool))
        sums = open_["sum"][:, :, tf.newaxis] + tf.cast(log_probs, tf.float64)
        sums = tf.where(log_probs < LEAST_LOG_PROB, tf.constant(NEVER, tf.float64), sums)
        candidates = self._candidates(open_["place"], sums, log_probs, words)
        new_open = self._kept_open(t, open_, states, candidates)
        return t + 1, new_open, self._kept_pool(t, open_, pool, candidates)

    def _best_words(self, t: Any, open_: Any, which: Any) -> tuple[Any, Any, Any]:
        """The best words of some open hypotheses, [N, W, W], and the next states.

        Those left out get words of no probability: they have no place among the open ones then,
        and neither has a hypothesis worse than they are, which could improve nothing either.
        """
        tf = import_tensorflow()
        state, tokens = open_["state"], open_["tokens"][:, :, t - 1]
        rows = tf.where(tf.reshape(which, [-1]))

        def back(values: Any, nothing: float) -> Any:
            """Rows at their places again, [N, W, ...], and nothing at the others."""
            width = values.shape[1]
            everywhere = tf.fill([tf.size(which), width], tf.cast(nothing, values.dtype))
            spread = tf.tensor_scatter_nd_update(everywhere, rows, values)
            return tf.reshape(spread, [-1, self.width, width])

        last = tf.gather_nd(tf.reshape(tokens, [-1]), rows)
        before = tf.gather_nd(tf.reshape(state, [-1, state.shape[2]]), rows)
        softmax, after = self.step(tf.cast(last, tf.int64), before)
        best, words = best_words(softmax, self.width)
        log_probs = log_probabilities(best)
        return back(log_probs, NEVER), back(words, 0), back(after, 0)

    def _candidates(self, places: Any, sums: Any, log_probs: Any, words: Any) -> dict[str, Any]:
        """All expansions of a photo in one row, [N, W * W], in the order of their token ids."""
        tf = import_tensorflow()
        flat = [tf.shape(sums)[0], self.width * self.width]
        parents = tf.repeat(tf.range(self.width), self.width)
        candidates = {
            "sum": tf.reshape(sums, flat),
            "log_prob": tf.reshape(log_probs, flat),
            "word": tf.reshape(words, flat),
            "parent": tf.broadcast_to(parents, flat),
        }
        place = tf.cast(tf.gather(places, candidates["parent"], batch_dims=1), tf.int64)
        order = tf.argsort(place * LARGEST_VOCABULARY + tf.cast(candidates["word"], tf.int64))
        return {name: tf.gather(x, order, batch_dims=1) for name, x in candidates.items()}

    def _kept_open(self, t: Any, open_: Any, states: Any, candidates: Any) -> dict[str, Any]:
        tf = import_tensorflow()
        ended = candidates["word"] == self.end_id
        sums = tf.where(ended, tf.constant(NEVER, tf.float64), candidates["sum"])
        best, at = tf.math.top_k(sums, self.width)
        kept = self._extended(t, open_, candidates, at)
        parents = tf.gather(candidates["parent"], at, batch_dims=1)
        state = tf.gather(states, parents, batch_dims=1)
        return {**kept, "sum": best, "state": state, "place": at}

    def _kept_pool(self, t: Any, open_: Any, pool: Any, candidates: Any) -> dict[str, Any]:
        """The best of what had finished and what finishes now."""
        tf = import_tensorflow()
        ended = candidates["word"] == self.end_id
        sums = tf.where(ended, candidates["sum"], tf.constant(NEVER, tf.float64))
        best, at = tf.math.top_k(sums, self.width)
        new = {**self._extended(t, open_, candidates, at), "sum": best}
        real = best > NEVER / 2
        tokens = tf.cast(t + 1, tf.float64)
        new["score"] = tf.where(real, score(best, tokens, self.penalty), best)
        both = {name: tf.concat([pool[name], new[name]], axis=1) for name in pool}
        places = tf.argsort(_merged_places(pool, new))[:, : self.width]
        return {name: tf.gather(both[name], places, batch_dims=1) for name in pool}

    def _extended(self, t: Any, open_: Any, candidates: Any, at: Any) -> dict[str, Any]:
        """The chosen candidates' tokens and their log-probabilities."""
        tf = import_tensorflow()
        chosen = {n: tf.gather(candidates[n], at, batch_dims=1) for n in candidates}
        tokens = tf.gather(open_["tokens"], chosen["parent"], batch_dims=1)
        log_probs = tf.gather(open_["log_probs"], chosen["parent"], batch_dims=1)
        here = tf.range(self.length) == t
        tokens = tf.where(here, chosen["word"][:, :, tf.newaxis], tokens)
        log_probs = tf.where(here[1:], chosen["log_prob"][:, :, tf.newaxis], log_probs)
        return {"tokens": tokens, "log_probs": log_probs}

    def can_improve(self, open_: Any, pool: Any) -> Any:
        """Which open hypotheses can still enter the pool, [N, W]; see `search.beam`."""
        tf = import_tensorflow()
        longest = tf.cast(self.length, tf.float64)
        reachable = bound(open_["sum"], longest, self.penalty)
        worst = pool["score"][:, -1:]
        full = worst > NEVER / 2
        return (open_["sum"] > NEVER / 2) & ~(full & (reachable < worst))

    def ranked(self, open_: Any, pool: Any) -> tuple[Any, Any, Any]:
        """The pool, or the open hypotheses of a photo where nothing finished."""
        finished = pool["score"][:, 0] > NEVER / 2
        open_ = {**open_, "score": open_["sum"]}
        names = ("tokens", "log_probs", "score")
        chosen = _choose(finished, {n: pool[n] for n in names}, {n: open_[n] for n in names})
        return chosen["tokens"], chosen["log_probs"], chosen["score"]


def _merged_places(pool: Any, new: Any) -> Any:
    """The places [N, 2 * W] of two lists in one: best score first, ties by the token ids.

    Each list is in that order already, so it is enough to know who comes before whom of the other.
    """
    tf = import_tensorflow()
    old_score, new_score = pool["score"][:, :, tf.newaxis], new["score"][:, tf.newaxis]
    first = (old_score > new_score) | ((old_score == new_score) & _lower_ids(pool, new))
    width = tf.range(pool["score"].shape[1])
    return tf.concat(
        [
            width + tf.reduce_sum(tf.cast(~first, tf.int32), axis=2),
            width + tf.reduce_sum(tf.cast(first, tf.int32), axis=1),
        ],
        axis=1,
    )


def _lower_ids(pool: Any, new: Any) -> Any:
    """Whether one caption's token ids come before another's, as Python compares: bool [N, W, W]."""
    tf = import_tensorflow()
    apart = pool["tokens"][:, :, tf.newaxis] - new["tokens"][:, tf.newaxis]
    length = apart.shape[3]
    here = tf.where(apart != 0, tf.range(length), length - 1)
    return tf.gather(apart, tf.reduce_min(here, axis=3), batch_dims=3) < 0


def _choose(which: Any, yes: dict[str, Any], no: dict[str, Any]) -> dict[str, Any]:
    """Per photo one or the other."""
    tf = import_tensorflow()
    return {
        name: tf.where(tf.reshape(which, [-1] + [1] * (value.shape.rank - 1)), value, no[name])
        for name, value in yes.items()
    }
