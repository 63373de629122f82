"""Beam search for a batch of photos as one TensorFlow graph.

The same search as `search.beam`, to the same answers: a while loop over the steps, the best words
picked inside the graph, states gathered by parent, and a photo that can no longer improve left
alone while the others go on.

The shape of a tensor stands beside it. `photos` is how many there are in the batch, `width` is the
beam width, `length` is the most tokens, and `rows` are the open hypotheses that are extended.
"""

from __future__ import annotations

from dataclasses import dataclass

from showtell_lib.graph.nodes import Step
from showtell_lib.quiet import Tensor, import_tensorflow
from showtell_lib.search.common import LEAST_LOG_PROB, bound, score
from showtell_lib.search.compiled.best_words import best_words, log_probabilities
from showtell_lib.search.compiled.merging import Rows, merged_places

tf = import_tensorflow()

# Below every real log-probability, so that an empty place never wins.
NEVER = -1e30
# More than any vocabulary has words: see `_Loop._candidates`.
LARGEST_VOCABULARY = 1 << 24


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

    def __call__(self, states: Tensor, penalty: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """What was found, `width` places for each photo, best first.

        Args:
            states: float32 [photos, 2 * units].
            penalty: float64, the length penalty.

        Returns:
            Tokens int32 [photos, width, length], `<S>` first and -1 after the end;
            log-probabilities of each token after `<S>`, float32 [photos, width, length - 1];
            scores float64 [photos, width], where an empty place has `NEVER`.
        """
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
    penalty: Tensor

    def start(self, states: Tensor, start_id: int) -> tuple[Rows, Rows]:
        """One open hypothesis, `<S>`, the other places empty; an empty pool."""
        photos = tf.shape(states)[0]
        tokens = tf.fill([photos, self.width, self.length], -1)  # [photos, width, length]
        log_probs = tf.zeros([photos, self.width, self.length - 1])  # [photos, width, length - 1]
        nothing = tf.fill([photos, self.width], tf.constant(NEVER, tf.float64))  # [photos, width]
        first = tf.fill([photos, self.width, 1], start_id)  # [photos, width, 1]
        only = tf.one_hot(0, self.width, on_value=0.0, off_value=NEVER, dtype=tf.float64)  # [width]
        open_ = {
            "tokens": tf.concat([first, tokens[:, :, 1:]], axis=2),  # [photos, width, length]
            "log_probs": log_probs,
            "sum": tf.broadcast_to(only, [photos, self.width]),  # [photos, width]
            # [photos, width, 2 * units]
            "state": tf.repeat(states[:, tf.newaxis], self.width, axis=1),
            "place": tf.tile(tf.range(self.width)[tf.newaxis], [photos, 1]),  # [photos, width]
        }
        pool = {"tokens": tokens, "log_probs": log_probs, "sum": nothing, "score": nothing}
        return open_, pool

    def advance(self, t: Tensor, open_: Rows, pool: Rows) -> tuple[Tensor, Rows, Rows]:
        """Expands every open hypothesis by its best words and decides which may stay."""
        # [photos, width, width] twice, and [photos, width, 2 * units]
        log_probs, words, states = self._best_words(t, open_, self.can_improve(open_, pool))
        # [photos, width, 1] + [photos, width, width]
        sums = open_["sum"][:, :, tf.newaxis] + tf.cast(log_probs, tf.float64)
        sums = tf.where(log_probs < LEAST_LOG_PROB, tf.constant(NEVER, tf.float64), sums)
        candidates = self._candidates(open_["place"], sums, log_probs, words)
        new_open = self._kept_open(t, open_, states, candidates)
        return t + 1, new_open, self._kept_pool(t, open_, pool, candidates)

    def _best_words(self, t: Tensor, open_: Rows, which: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """The best words of some open hypotheses, and the next states.

        The others get words of no probability, and so lose their open places. The same happens to
        every hypothesis that is worse than they are, which could not improve the answer either.
        """
        # [photos, width, 2 * units] and [photos, width]
        state, tokens = open_["state"], open_["tokens"][:, :, t - 1]
        rows = tf.where(tf.reshape(which, [-1]))  # [rows, 1], places in [photos * width]

        def back(values: Tensor, nothing: float) -> Tensor:
            """Rows at their places again, and nothing at the others: [photos, width, columns]."""
            columns = values.shape[1]
            # [photos * width, columns]
            everywhere = tf.fill([tf.size(which), columns], tf.cast(nothing, values.dtype))
            spread = tf.tensor_scatter_nd_update(everywhere, rows, values)
            return tf.reshape(spread, [-1, self.width, columns])

        last = tf.gather_nd(tf.reshape(tokens, [-1]), rows)  # [rows]
        before = tf.gather_nd(tf.reshape(state, [-1, state.shape[2]]), rows)  # [rows, 2 * units]
        # [rows, words] and [rows, 2 * units]
        softmax, after = self.step(tf.cast(last, tf.int64), before)
        best, words = best_words(softmax, self.width)  # [rows, width] twice
        log_probs = log_probabilities(best)  # [rows, width]
        return back(log_probs, NEVER), back(words, 0), back(after, 0)

    def _candidates(self, places: Tensor, sums: Tensor, log_probs: Tensor, words: Tensor) -> Rows:
        """All expansions of a photo in one row, in the order of their token ids.

        That order decides ties: `top_k` takes the first of equals, hence the lower token ids, as
        Python's sort by `(-log_prob, token_ids)` does. Token ids compare by the parent's place
        first, then by the new word, as numbers of two digits do.
        """
        flat = [tf.shape(sums)[0], self.width * self.width]
        parents = tf.repeat(tf.range(self.width), self.width)  # [width * width]
        candidates = {  # Each [photos, width * width].
            "sum": tf.reshape(sums, flat),
            "log_prob": tf.reshape(log_probs, flat),
            "word": tf.reshape(words, flat),
            "parent": tf.broadcast_to(parents, flat),
        }
        # [photos, width * width], all three
        place = tf.cast(tf.gather(places, candidates["parent"], batch_dims=1), tf.int64)
        word = tf.cast(candidates["word"], tf.int64)
        order = tf.argsort(place * LARGEST_VOCABULARY + word)
        return {name: tf.gather(x, order, batch_dims=1) for name, x in candidates.items()}

    def _kept_open(self, t: Tensor, open_: Rows, states: Tensor, candidates: Rows) -> Rows:
        """The best of those that go on."""
        ended = candidates["word"] == self.end_id  # [photos, width * width]
        sums = tf.where(ended, tf.constant(NEVER, tf.float64), candidates["sum"])
        best, at = tf.math.top_k(sums, self.width)  # [photos, width] twice
        kept = self._extended(t, open_, candidates, at)
        parents = tf.gather(candidates["parent"], at, batch_dims=1)  # [photos, width]
        state = tf.gather(states, parents, batch_dims=1)  # [photos, width, 2 * units]
        return {**kept, "sum": best, "state": state, "place": at}

    def _kept_pool(self, t: Tensor, open_: Rows, pool: Rows, candidates: Rows) -> Rows:
        """The best hypotheses among those that finished before and those that finish now."""
        ended = candidates["word"] == self.end_id  # [photos, width * width]
        sums = tf.where(ended, candidates["sum"], tf.constant(NEVER, tf.float64))
        best, at = tf.math.top_k(sums, self.width)  # [photos, width] twice
        new = {**self._extended(t, open_, candidates, at), "sum": best}
        real = best > NEVER / 2  # [photos, width]
        tokens = tf.cast(t + 1, tf.float64)  # []
        new["score"] = tf.where(real, score(best, tokens, self.penalty), best)
        # Each [photos, 2 * width, ...].
        both = {name: tf.concat([pool[name], new[name]], axis=1) for name in pool}
        places = tf.argsort(merged_places(pool, new))[:, : self.width]  # [photos, width]
        return {name: tf.gather(both[name], places, batch_dims=1) for name in pool}

    def _extended(self, t: Tensor, open_: Rows, candidates: Rows, at: Tensor) -> Rows:
        """The chosen candidates' tokens and their log-probabilities."""
        # Each [photos, width].
        chosen = {n: tf.gather(candidates[n], at, batch_dims=1) for n in candidates}
        # [photos, width, length] and [photos, width, length - 1]
        tokens = tf.gather(open_["tokens"], chosen["parent"], batch_dims=1)
        log_probs = tf.gather(open_["log_probs"], chosen["parent"], batch_dims=1)
        here = tf.range(self.length) == t  # [length]
        tokens = tf.where(here, chosen["word"][:, :, tf.newaxis], tokens)
        log_probs = tf.where(here[1:], chosen["log_prob"][:, :, tf.newaxis], log_probs)
        return {"tokens": tokens, "log_probs": log_probs}

    def can_improve(self, open_: Rows, pool: Rows) -> Tensor:
        """Which open hypotheses can still enter the pool, [photos, width]; see `search.beam`."""
        longest = tf.cast(self.length, tf.float64)  # []
        reachable = bound(open_["sum"], longest, self.penalty)  # [photos, width]
        worst = pool["score"][:, -1:]  # [photos, 1]
        full = worst > NEVER / 2  # [photos, 1]
        return (open_["sum"] > NEVER / 2) & ~(full & (reachable < worst))

    def ranked(self, open_: Rows, pool: Rows) -> tuple[Tensor, Tensor, Tensor]:
        """The pool, or the open hypotheses of a photo where nothing finished."""
        finished = pool["score"][:, 0] > NEVER / 2  # [photos]
        open_ = {**open_, "score": open_["sum"]}
        names = ("tokens", "log_probs", "score")
        chosen = _choose(finished, {n: pool[n] for n in names}, {n: open_[n] for n in names})
        return chosen["tokens"], chosen["log_probs"], chosen["score"]


def _choose(which: Tensor, yes: Rows, no: Rows) -> Rows:
    """`yes` or `no` for each photo: `which` is bool [photos], the others [photos, width, ...]."""
    return {
        name: tf.where(tf.reshape(which, [-1] + [1] * (value.shape.rank - 1)), value, no[name])
        for name, value in yes.items()
    }
