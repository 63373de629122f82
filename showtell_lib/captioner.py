"""`load` and `Captioner`: model and search in one hand."""

from __future__ import annotations

from collections.abc import Iterator, Sequence, Sized
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from showtell_lib.errors import ModelError, PhotoError
from showtell_lib.graph.precision import check_precision
from showtell_lib.inputs import checked_states, is_several, several
from showtell_lib.lstm import NumpyDecoder
from showtell_lib.photos import Photo, open_photo
from showtell_lib.search import LONGEST, BeamSettings
from showtell_lib.search.compiled import CompiledSearch
from showtell_lib.store import ModelFiles, find_model
from showtell_lib.streaming import PhotoCaptions, stream
from showtell_lib.trace import Caption
from showtell_lib.vocabulary import Vocabulary, read_vocabulary

STATES_AT_ONCE = 64


class Captioner:
    """Turns photos into ranked captions.

    Attributes:
        files: the model's files on disk.
    """

    def __init__(self, files: ModelFiles, precision: str = "float32") -> None:
        check_precision(precision)
        from showtell_lib.graph import read_graph
        from showtell_lib.model import CaptionModel

        if files.provenance.changed:
            raise ModelError(
                f"model {files.name!r} is {files.provenance.origin}, but its files have changed "
                f"since: {files.remedy}"
            )
        self.files = files
        vocabulary = read_vocabulary(files.vocabulary)
        self._model = CaptionModel(read_graph(files.graph), vocabulary, precision)

    def __repr__(self) -> str:
        return (
            f"<Captioner {self.files.name}: {len(self.vocabulary):,} words, {self.units} LSTM "
            f"units, {self.files.provenance.origin}, {self.files.provenance.verification}, sha256 "
            f"{self.files.sha256[:12]}>"
        )

    @property
    def vocabulary(self) -> Vocabulary:
        """The model's words."""
        return self._model.vocabulary

    @property
    def units(self) -> int:
        """Size of the LSTM's cell state and of its hidden state."""
        return self._model.units

    @cached_property
    def numpy_decoder(self) -> NumpyDecoder:
        """The same decoder in NumPy, its gates open to see: `captioner.numpy_decoder.gates(...)`.

        Raises:
            ModelError: the graph is wired in another way than a Show and Tell model.
        """
        return self._model.numpy_decoder()

    @cached_property
    def compiled(self) -> CompiledSearch:
        """The searches as compiled functions over this model's decoder."""
        return CompiledSearch(self._model.step_function, self.vocabulary)

    def encode(self, photo: Any) -> np.ndarray:
        """The LSTM state after the image embedding of one photo.

        Args:
            photo: anything `open_photo` takes.

        Returns:
            float32 [1, 2 * units]: cell state, then hidden state.

        Raises:
            PhotoError: the photo cannot be opened.
        """
        return self.encode_many([photo])

    def encode_many(self, photos: Any) -> np.ndarray:
        """The LSTM states of N photos, float32 [N, 2 * units]; see `encode`.

        A photo encoded among others differs in the last digits from the photo alone: by 7e-6 with
        the bundled model, by 1e-4 with a full-size graph of random weights.
        """
        return self._model.encode([open_photo(photo) for photo in several(photos)])

    def embed(self, photos: Any) -> np.ndarray:
        """The image embeddings of N photos: all that the LSTM is told of them.

        Args:
            photos: a list of anything `open_photo` takes, or a single one.

        Returns:
            float32 [N, units].

        Raises:
            PhotoError: a photo cannot be opened.
            ModelError: the graph is wired in another way than a Show and Tell model.
        """
        return self._model.embed([open_photo(photo) for photo in several(photos)])

    def feature_maps(self, photo: Any) -> list[tuple[str, np.ndarray]]:
        """What the encoder makes of a photo on the way to its embedding.

        Args:
            photo: anything `open_photo` takes.

        Returns:
            For each size that maps have in the encoder, the largest first, the last activation:
            the name of its node in the graph, and float32 [height, width, channels].
        """
        return self._model.feature_maps(open_photo(photo))

    def pixels(self, photo: Any) -> np.ndarray:
        """What the encoder sees of a photo: float32 [1, height, width, 3], about -1 to 1."""
        return self._model.pixels(open_photo(photo))

    def encode_pixels(self, pixels: np.ndarray) -> np.ndarray:
        """The LSTM states [N, 2 * units] of N photos' `pixels`, float32 [N, height, width, 3]."""
        return self._model.encode_pixels(pixels)

    def step(
        self, token_ids: Sequence[int] | np.ndarray, state: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        """One decoder step for N hypotheses.

        Args:
            token_ids: int [N], the last token of each; or a single one.
            state: float32 [N, 2 * units], their LSTM states; or a single one, [2 * units].

        Returns:
            Natural-log probabilities of the next word, float32 [N, vocabulary], and the next
            states, float32 [N, 2 * units].

        Raises:
            SettingsError: an id is no whole number or outside the vocabulary, or the states have
                another shape or number.
        """
        return self._model.step(token_ids, state)

    def caption(
        self,
        photo: Any,
        *,
        beam_width: int | None = None,
        length_penalty: float | None = None,
        max_length: int = LONGEST,
    ) -> list[Caption]:
        """Ranked captions of one photo by beam search, best first.

        Args:
            photo: anything `open_photo` takes.
            beam_width: hypotheses kept at each step; 1 is greedy decoding; None takes the model's
                own, `files.beam_width`.
            length_penalty: power of the caption's length that divides its log-probability; None
                takes the model's own, `files.length_penalty`.
            max_length: most tokens in a caption, `<S>` and `</S>` included.

        Raises:
            SettingsError: a setting is outside what is allowed; nothing was done.
            PhotoError: the photo cannot be opened, or there are several.
        """
        settings = self._checked(beam_width, length_penalty, max_length)
        if is_several(photo):
            raise PhotoError(
                f"`caption` takes one photo, not a {type(photo).__name__}; `caption_batch` takes "
                "several photos"
            )
        return self.caption_states(self.encode(photo), settings)[0]

    def caption_batch(
        self,
        photos: Any,
        *,
        beam_width: int | None = None,
        length_penalty: float | None = None,
        max_length: int = LONGEST,
    ) -> list[list[Caption]]:
        """Ranked captions of several photos, which are held in memory together.

        Args:
            photos: a list of anything `open_photo` takes.
            beam_width: as in `caption`.
            length_penalty: as in `caption`.
            max_length: as in `caption`.

        Returns:
            For each photo its captions, best first.

        Raises:
            SettingsError: a setting is outside what is allowed; nothing was done.
            PhotoError: a photo cannot be opened; `caption_many` goes on with the others.
        """
        settings = self._checked(beam_width, length_penalty, max_length)
        return self.caption_states(self.encode_many(photos), settings)

    def caption_many(
        self,
        photos: Any,
        *,
        beam_width: int | None = None,
        length_penalty: float | None = None,
        max_length: int = LONGEST,
        thumbnails: bool = False,
        progress: bool = True,
    ) -> Iterator[PhotoCaptions]:
        """Captions any number of photos, in their order, in bounded memory.

        They are opened and prepared in threads while others are captioned. A bad photo comes out
        with its error and does not stop the rest.

        Args:
            photos: files, or anything else that `open_photo` takes; may be a generator, or a
                single photo.
            beam_width: as in `caption`.
            length_penalty: as in `caption`.
            max_length: as in `caption`.
            thumbnails: whether to keep a small JPEG of each, as `galleries` shows them.
            progress: whether to show a progress bar.

        Raises:
            SettingsError: a setting is outside what is allowed; no photo was opened.
        """
        settings = self._checked(beam_width, length_penalty, max_length)
        from tqdm.auto import tqdm

        photos = several(photos)
        return iter(
            tqdm(
                stream(self._model, self.compiled, photos, settings, thumbnails=thumbnails),
                total=len(photos) if isinstance(photos, Sized) else None,
                unit="photo",
                leave=False,
                disable=None if progress else True,
            )
        )

    def caption_states(self, states: np.ndarray, settings: BeamSettings) -> list[list[Caption]]:
        """Ranked captions by beam search from encoded photos, float32 [N, 2 * units].

        Args:
            states: as `encode_many` gives them.
            settings: of beam search.

        Raises:
            SettingsError: a setting is outside what is allowed, or the states have another shape.
        """
        states = checked_states(states, 2 * self.units)
        captions: list[list[Caption]] = []
        for first in range(0, len(states), STATES_AT_ONCE):
            captions += self.compiled.beam(states[first : first + STATES_AT_ONCE], settings)
        return captions

    def _checked(
        self, beam_width: int | None, length_penalty: float | None, max_length: int
    ) -> BeamSettings:
        settings = BeamSettings.of(self.files, beam_width, length_penalty, max_length)
        return settings.checked(len(self.vocabulary))


def load(name: str | Path = "mini", *, precision: str = "float32") -> Captioner:
    """Loads a model by name or path.

    Args:
        name: `"mini"`, the bundled model; `"2m"` or `"1m"` once downloaded; or the path of a
            frozen graph (`.pb`, with its `word_counts.txt` beside it) or of the folder with both.
        precision: of the encoder's convolutions: `"float32"`, or `"bfloat16"`, faster on some
            processors, with other words in some captions.

    Raises:
        SettingsError: there is no such precision.
        ModelError: there is no such model, or it is unsafe, malformed, or was changed since it
            was downloaded or verified.
        VocabularyError: its vocabulary is malformed or does not fit.
    """
    return Captioner(find_model(name), precision)


__all__ = ["Caption", "Captioner", "Photo", "load"]
