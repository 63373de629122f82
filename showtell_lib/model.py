"""`CaptionModel`: a frozen graph with its vocabulary, as two verbs, `encode` and `step`."""

from __future__ import annotations

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np

from showtell_lib.errors import ModelError, PhotoError
from showtell_lib.graph.functions import GraphFunctions
from showtell_lib.graph.interface import INITIAL_STATE, SOFTMAX, STATE, state_size
from showtell_lib.graph.precision import computed_in
from showtell_lib.inputs import checked_ids, checked_states
from showtell_lib.lstm import NumpyDecoder
from showtell_lib.photos import Photo, opened_in_turn
from showtell_lib.quiet import import_tensorflow
from showtell_lib.vocabulary import Vocabulary

ENCODER_BATCH = 16
SMALLEST_PROBABILITY = np.finfo(np.float32).tiny


class CaptionModel:
    """A loaded Show and Tell model: it turns photos into states and states into next words.

    Args:
        graph_def: a graph that `graph.read_graph` has checked.
        vocabulary: the words that were saved with it.
        precision: of the encoder's convolutions, `float32` or `bfloat16`; see `precision`.

    Attributes:
        vocabulary: the words, as many as the softmax is wide.
        units: size of the LSTM's cell state and of its hidden state.
        image_size: height and width in pixels of what the encoder sees.

    Raises:
        ModelError: a tensor of the graph has the wrong shape.
        VocabularyError: there are more words than the softmax is wide.
        SettingsError: there is no such precision.
    """

    def __init__(self, graph_def: Any, vocabulary: Vocabulary, precision: str = "float32") -> None:
        self._functions = GraphFunctions(graph_def)
        self._encode = computed_in(precision, self._functions.encode)
        self.units = state_size(graph_def) // 2
        height, width = self._functions.preprocess.structured_outputs.shape[1:3]
        self.image_size = (height, width)
        self.vocabulary = vocabulary.sized(self._checked_softmax_width())

    def _checked_softmax_width(self) -> int:
        softmax, state = self._functions.step.structured_outputs
        initial_state = self._functions.encode.structured_outputs
        for name, tensor in ((INITIAL_STATE, initial_state), (STATE, state)):
            _check_shape(name, tensor, 2 * self.units)
        _check_shape(SOFTMAX, softmax, softmax.shape[-1] if softmax.shape.rank else None)
        return int(softmax.shape[1])

    def numpy_decoder(self) -> NumpyDecoder:
        """The decoder's weights, found by the graph's structure, as a decoder in NumPy.

        Raises:
            ModelError: the graph is wired in another way than a Show and Tell model.
        """
        weights, forget_bias = self._functions.decoder_weights()
        return NumpyDecoder(weights, self.vocabulary, forget_bias)

    @property
    def step_function(self) -> Any:
        """The graph's own step: tokens int64 [N] and states in, softmax and next states out."""
        return self._functions.step

    def encode(self, photos: Sequence[Any]) -> np.ndarray:
        """The LSTM state after it has seen each photo's image embedding.

        Args:
            photos: N of anything that `open_photo` takes.

        Returns:
            float32 [N, 2 * units]: cell state, then hidden state.

        Raises:
            PhotoError: a photo cannot be opened, or the graph cannot decode it.
        """
        return self._in_batches(self._encode, photos, 2 * self.units)

    def embed(self, photos: Sequence[Any]) -> np.ndarray:
        """The image embeddings of N photos, float32 [N, width of the LSTM's input]; see `encode`.

        Raises:
            PhotoError: a photo cannot be opened, or the graph cannot decode it.
            ModelError: the graph is wired in another way than a Show and Tell model.
        """
        embed = self._functions.embed
        return self._in_batches(embed, photos, int(embed.structured_outputs.shape[1]))

    def _in_batches(self, function: Any, photos: Sequence[Any], width: int) -> np.ndarray:
        found = [np.zeros((0, width), np.float32)]
        with ThreadPoolExecutor(min(os.cpu_count() or 1, max(len(photos), 1))) as pool:
            for first in range(0, len(photos), ENCODER_BATCH):
                images = [*pool.map(self._opened, photos[first : first + ENCODER_BATCH])]
                found.append(function(_constant(np.concatenate(images))).numpy())
        return np.concatenate(found)

    def _opened(self, photo: Any) -> np.ndarray:
        with opened_in_turn(photo) as opened:
            return self.pixels(opened)

    def feature_maps(self, photo: Photo) -> list[tuple[str, np.ndarray]]:
        """What the encoder makes of a photo, at each size the last activation before the next.

        Only activations are taken that all the encoder sees must pass: not those inside one of
        several branches.

        Returns:
            Name of the graph's node and float32 [height, width, channels], from pixels on.

        Raises:
            PhotoError: the graph cannot decode the photo.
            ModelError: the graph is wired in another way than a Show and Tell model.
        """
        maps = self._functions.feature_maps(_constant(self.pixels(photo)))
        return [(name, np.asarray(values[0])) for name, values in maps]

    def encode_pixels(self, pixels: np.ndarray) -> np.ndarray:
        """The states [N, 2 * units] of what `pixels` made, float32 [N, height, width, 3]."""
        return np.asarray(self._encode(_constant(pixels)))

    def pixels(self, photo: Photo) -> np.ndarray:
        """What the encoder sees of a photo: float32 [1, height, width, 3], about -1 to 1.

        Raises:
            PhotoError: the graph cannot decode the photo.
        """
        tf = import_tensorflow()
        try:
            return np.asarray(self._functions.preprocess(tf.constant(photo.encoded)))
        except tf.errors.OpError:
            # Some files that Pillow opens are beyond TensorFlow's decoder; their pixels are not.
            return self._pixels_of_png(photo)

    def _pixels_of_png(self, photo: Photo) -> np.ndarray:
        tf = import_tensorflow()
        try:
            return np.asarray(self._functions.preprocess(tf.constant(photo.as_png())))
        except tf.errors.OpError as error:
            reason = str(error.message).partition("\n")[0]
            raise PhotoError(f"{photo.name}: the model cannot take this photo ({reason})") from None

    def step(
        self, token_ids: Sequence[int] | np.ndarray, state: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        """One decoder step for N hypotheses.

        Args:
            token_ids: int [N], the last token of each hypothesis, or a single one.
            state: float32 [N, 2 * units], their LSTM states.

        Returns:
            Natural-log probabilities of the next word, float32 [N, vocabulary], and the next
            states, float32 [N, 2 * units]. A probability too small for float32 counts as the
            smallest one it has, so that every logarithm is finite.

        Raises:
            SettingsError: an id is outside the vocabulary, or the states have another shape.
        """
        tokens = checked_ids(token_ids, len(self.vocabulary))
        states = checked_states(state, 2 * self.units, len(tokens))
        softmax, next_state = self._functions.step(_constant(tokens), _constant(states))
        # Rounded from float64, as compiled searches do: float32 logarithms differ by library.
        log_probs = np.log(np.maximum(softmax.numpy(), SMALLEST_PROBABILITY), dtype=np.float64)
        return log_probs.astype(np.float32), next_state.numpy()


def _constant(values: np.ndarray) -> Any:
    return import_tensorflow().constant(values)


def _check_shape(name: str, tensor: Any, width: int | None) -> None:
    if tensor.shape.rank != 2 or width is None or tensor.shape[1] != width:
        expected = "words" if width is None else width
        raise ModelError(
            f"not a Show and Tell graph: {name} has the shape {tensor.shape}, but should be "
            f"[any, {expected}]"
        )
