"""`CaptionModel`: a frozen graph and its vocabulary, used by `encode` and `step`."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import cached_property

import numpy as np

from showtell_lib.errors import ModelError, PhotoError
from showtell_lib.graph.functions import GraphFunctions
from showtell_lib.graph.nodes import INITIAL_STATE, SOFTMAX, STATE, Step, state_size
from showtell_lib.graph.precision import computed_in
from showtell_lib.inputs import checked_ids, checked_states, several
from showtell_lib.lstm import NumpyDecoder
from showtell_lib.photos import PhotoSource, open_photo, opened_in_turn
from showtell_lib.quiet import GraphDef, Tensor, import_tensorflow
from showtell_lib.search.common import SMALLEST_PROBABILITY
from showtell_lib.vocabulary import Vocabulary

tf = import_tensorflow()

ENCODER_BATCH = 16


class CaptionModel:
    """A loaded Show and Tell model: turns photos into states, and states into next words.

    Args:
        graph_def: a graph that `graph.read_graph` has checked.
        vocabulary: the words that were saved with it.
        precision: of the encoder's convolutions, `float32` or `bfloat16`; see `precision`.

    Attributes:
        vocabulary: the words, as many as the softmax is wide.
        units: size of the LSTM's cell state and of its hidden state.

    Raises:
        ModelError: a tensor of the graph has the wrong shape.
        VocabularyError: there are more words than the softmax is wide.
        SettingsError: there is no such precision.
    """

    def __init__(
        self, graph_def: GraphDef, vocabulary: Vocabulary, precision: str = "float32"
    ) -> None:
        self._functions = GraphFunctions(graph_def)
        self._encode = computed_in(precision, self._functions.encode)
        self.units = state_size(graph_def) // 2
        softmax, state = self._functions.step.structured_outputs
        _check_shape(INITIAL_STATE, self._functions.encode.structured_outputs, 2 * self.units)
        _check_shape(STATE, state, 2 * self.units)
        _check_shape(SOFTMAX, softmax, softmax.shape[-1] if softmax.shape.rank else None)
        self.vocabulary = vocabulary.sized(int(softmax.shape[1]))

    @cached_property
    def numpy_decoder(self) -> NumpyDecoder:
        """The same decoder in NumPy, its gates open to see: `captioner.numpy_decoder.gates(...)`.

        Its weights are found by the graph's structure.

        Raises:
            ModelError: the graph is wired in another way than a Show and Tell model.
        """
        weights, forget_bias = self._functions.decoder_weights()
        return NumpyDecoder(weights, self.vocabulary, forget_bias)

    @property
    def step_function(self) -> Step:
        """The graph's own step: tokens int64 [N] and states in, softmax and next states out."""
        step: Step = self._functions.step
        return step

    def encode(self, photo: PhotoSource) -> np.ndarray:
        """The LSTM state after the image embedding of one photo.

        Args:
            photo: anything `open_photo` takes.

        Returns:
            float32 [1, 2 * units]: cell state, then hidden state.

        Raises:
            PhotoError: the photo cannot be opened, or the graph cannot decode it.
        """
        return self.encode_many([photo])

    def encode_many(self, photos: PhotoSource) -> np.ndarray:
        """The LSTM states of N photos, float32 [N, 2 * units]; see `encode`.

        A photo encoded among others differs in the last digits from the photo alone: by 7e-6 with
        the bundled model, by 1e-4 with a full-size graph of random weights.

        Args:
            photos: a list of anything `open_photo` takes, or a single one.
        """
        return self._in_batches(self._encode, photos, 2 * self.units)

    def embed(self, photos: PhotoSource) -> np.ndarray:
        """The image embeddings of N photos: all that the LSTM is told of them.

        Args:
            photos: a list of anything `open_photo` takes, or a single one.

        Returns:
            float32 [N, width of the LSTM's input].

        Raises:
            PhotoError: a photo cannot be opened, or the graph cannot decode it.
            ModelError: the graph is wired in another way than a Show and Tell model.
        """
        embed = self._functions.embed
        return self._in_batches(embed, photos, int(embed.structured_outputs.shape[1]))

    def _in_batches(
        self,
        function: Callable[[Tensor], Tensor],
        photos: PhotoSource,
        width: int,
    ) -> np.ndarray:
        pictures = several(photos)
        batches = [np.zeros((0, width), np.float32)]
        with ThreadPoolExecutor(min(os.cpu_count() or 1, max(len(pictures), 1))) as pool:
            for first in range(0, len(pictures), ENCODER_BATCH):
                images = [*pool.map(self._pixels_in_turn, pictures[first : first + ENCODER_BATCH])]
                batches.append(function(tf.constant(np.concatenate(images))).numpy())
        return np.concatenate(batches)

    def _pixels_in_turn(self, photo: PhotoSource) -> np.ndarray:
        with opened_in_turn(photo) as opened:
            return self.pixels(opened)

    def feature_maps(self, photo: PhotoSource) -> list[tuple[str, np.ndarray]]:
        """What the encoder makes of a photo on the way to its embedding.

        Only activations are taken that all the encoder sees must pass: not those inside one of
        several branches.

        Args:
            photo: anything `open_photo` takes.

        Returns:
            For each size that maps have in the encoder, the largest first, the last activation:
            the name of its node in the graph, and float32 [height, width, channels].

        Raises:
            PhotoError: the photo cannot be opened, or the graph cannot decode it.
            ModelError: the graph is wired in another way than a Show and Tell model.
        """
        maps = self._functions.feature_maps(tf.constant(self.pixels(photo)))
        return [(name, np.asarray(values[0])) for name, values in maps]

    def pixels(self, photo: PhotoSource) -> np.ndarray:
        """What the encoder sees of a photo: float32 [1, height, width, 3], about -1 to 1.

        Args:
            photo: anything `open_photo` takes.

        Raises:
            PhotoError: the photo cannot be opened, or the graph cannot decode it.
        """
        opened, preprocess = open_photo(photo), self._functions.preprocess
        # Some files that Pillow opens are beyond TensorFlow's decoder; their pixels are not.
        with suppress(tf.errors.OpError):
            return np.asarray(preprocess(tf.constant(opened.encoded)))
        try:
            return np.asarray(preprocess(tf.constant(opened.as_png())))
        except tf.errors.OpError as error:
            reason = str(error.message).partition("\n")[0]
            message = f"{opened.name}: the model cannot take this photo ({reason})"
            raise PhotoError(message) from None

    def encode_pixels(self, pixels: np.ndarray) -> np.ndarray:
        """The LSTM states [N, 2 * units] of N photos' `pixels`, float32 [N, height, width, 3]."""
        return np.asarray(self._encode(tf.constant(pixels)))

    def step(
        self, token_ids: Sequence[int] | np.ndarray, state: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        """One decoder step for N hypotheses.

        Args:
            token_ids: int [N], the last token of each hypothesis; or a single one.
            state: float32 [N, 2 * units], their LSTM states; or a single one, [2 * units].

        Returns:
            Natural-log probabilities of the next word, float32 [N, vocabulary], and the next
            states, float32 [N, 2 * units]. A probability too small for float32 counts as the
            smallest one it has, so that every logarithm is finite.

        Raises:
            SettingsError: an id is no whole number or outside the vocabulary, or the states have
                another shape or number.
        """
        tokens = checked_ids(token_ids, len(self.vocabulary))
        states = checked_states(state, 2 * self.units, len(tokens))
        softmax, next_state = self._functions.step(tf.constant(tokens), tf.constant(states))
        # Rounded from float64, as compiled searches do: float32 logarithms differ by library.
        log_probs = np.log(np.maximum(softmax.numpy(), SMALLEST_PROBABILITY), dtype=np.float64)
        return log_probs.astype(np.float32), next_state.numpy()


def _check_shape(name: str, tensor: Tensor, width: int | None) -> None:
    if tensor.shape.rank != 2 or width is None or tensor.shape[1] != width:
        expected = "words" if width is None else width
        raise ModelError(
            f"not a Show and Tell graph: {name} has the shape {tensor.shape}, but should be "
            f"[any, {expected}]"
        )
