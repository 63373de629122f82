"""The searches, compiled: faster, for many photos at once, and with the same captions.

For the same probabilities, compiled beam search returns the same token ids as `search.beam`, in the
same order, exact ties included; its log-probabilities agree to 1e-4. Rounding decides only between
words whose probabilities differ by less than a float32 logarithm shows (a millionth, for words as
rare as 1 in 20,000). The last digits of a model's own answers may also change with the number of
rows that it is given.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from showtell_lib.errors import ModelError
from showtell_lib.graph.nodes import Step
from showtell_lib.inputs import checked_states
from showtell_lib.quiet import import_tensorflow
from showtell_lib.search.common import caption_of
from showtell_lib.search.compiled.beam_search import NEVER, BeamSearch
from showtell_lib.search.compiled.sampling import Sampling, short_seed
from showtell_lib.search.sampling import check_settings
from showtell_lib.search.settings import LONGEST, BeamSettings
from showtell_lib.trace import Caption
from showtell_lib.vocabulary import Vocabulary

tf = import_tensorflow()


class CompiledSearch:
    """Compiled searches over one model.

    A function is compiled once for each beam width and `max_length`; the number of photos, the
    length penalty and the states may change freely.

    Args:
        step: tokens int64 [N] and states [N, 2 * units] to softmax [N, words] and next states.
        vocabulary: the model's words.
    """

    def __init__(self, step: Step, vocabulary: Vocabulary) -> None:
        self._step, self.vocabulary = step, vocabulary
        self._functions: dict[tuple[Any, ...], Any] = {}

    @property
    def compiled(self) -> int:
        """How many functions have been compiled so far."""
        return sum(f.experimental_get_tracing_count() for f in self._functions.values())

    def beam(self, states: np.ndarray, settings: BeamSettings) -> list[list[Caption]]:
        """Ranked captions for each of N states, float32 [N, 2 * units]; see `search.beam`.

        Raises:
            SettingsError: a setting is outside what is allowed.
        """
        settings = settings.checked(len(self.vocabulary))
        if not len(states):
            return []
        states = checked_states(states, np.shape(states)[-1])
        function = self._beam_search(settings.beam_width, settings.max_length, states.shape[1])
        found = [x.numpy() for x in function(states, np.float64(settings.length_penalty))]
        if np.isnan(found[2]).any():
            raise ModelError("the model's step gives numbers that are not probabilities")
        return [self._found(*photo) for photo in zip(*found, strict=True)]

    def sample(
        self,
        states: np.ndarray,
        *,
        captions: int = 1,
        temperature: float = 1.0,
        top_k: int | None = None,
        top_p: float = 1.0,
        seed: int = 0,
        max_length: int = LONGEST,
    ) -> list[list[Caption]]:
        """Captions drawn for each photo, most probable first, as `search.sample` draws them.

        The states are float32 [N, 2 * units], the settings those of `search.sample`. The same seed
        always draws the same captions, but not the captions that `search.sample` draws with it.

        Raises:
            SettingsError: a setting is outside what is allowed.
        """
        settings = {"temperature": temperature, "top_k": top_k, "top_p": top_p, "seed": seed}
        checked = check_settings(
            len(self.vocabulary), captions=captions, max_length=max_length, **settings
        )
        captions, temperature, top_k, top_p, seed, max_length = checked.values()
        if not len(states):
            return []
        states = checked_states(states, np.shape(states)[-1])
        function = self._sampler(top_k or len(self.vocabulary), max_length, states.shape[1])
        numbers = (
            np.float32(temperature),
            np.float64(top_p),
            np.array([short_seed(seed), 0], np.int32),
        )
        drawn = [x.numpy() for x in function(np.repeat(states, captions, axis=0), *numbers)]
        every = [self._caption(tokens, log_probs) for tokens, log_probs in zip(*drawn, strict=True)]
        groups = [every[i : i + captions] for i in range(0, len(every), captions)]
        return [sorted(group, key=lambda c: (-c.log_prob, c.token_ids)) for group in groups]

    def _beam_search(self, beam_width: int, max_length: int, width: int) -> Any:
        markers = self.vocabulary.start_id, self.vocabulary.end_id
        return self._compiled(
            ("beam", beam_width, max_length),
            lambda: BeamSearch(self._step, *markers, beam_width, max_length),
            [tf.TensorSpec([None, width], tf.float32), tf.TensorSpec([], tf.float64)],
        )

    def _sampler(self, top_k: int, max_length: int, width: int) -> Any:
        markers = self.vocabulary.start_id, self.vocabulary.end_id
        numbers = [tf.TensorSpec([], tf.float32), tf.TensorSpec([], tf.float64)]
        states, seed = tf.TensorSpec([None, width], tf.float32), tf.TensorSpec([2], tf.int32)
        return self._compiled(
            ("sample", top_k, max_length),
            lambda: Sampling(self._step, *markers, top_k, max_length),
            [states, *numbers, seed],
        )

    def _compiled(self, key: tuple[Any, ...], make: Callable[[], Any], signature: Any) -> Any:
        """The function for these settings, compiled when it is first needed."""
        if key not in self._functions:
            self._functions[key] = tf.function(make(), input_signature=signature, autograph=False)
        return self._functions[key]

    def _found(
        self, tokens: np.ndarray, log_probs: np.ndarray, scores: np.ndarray
    ) -> list[Caption]:
        places = np.flatnonzero(scores > NEVER / 2)
        return [self._caption(tokens[i], log_probs[i], float(scores[i])) for i in places]

    def _caption(
        self, padded: np.ndarray, log_probs: np.ndarray, score: float | None = None
    ) -> Caption:
        tokens = tuple(int(token) for token in padded if token >= 0)
        steps = [float(x) for x in log_probs[: len(tokens) - 1]]
        ranked_by = sum(steps) if score is None else score
        return caption_of(self.vocabulary, tokens, steps, sum(steps), ranked_by)
