"""`load` and `Captioner`, which combines a model with beam search."""

from __future__ import annotations

from collections.abc import Iterator, Sized
from functools import cached_property
from pathlib import Path

import numpy as np

from showtell_lib.errors import PhotoError
from showtell_lib.graph import parse_graph
from showtell_lib.graph.precision import check_precision
from showtell_lib.inputs import checked_states, is_several, several
from showtell_lib.model import CaptionModel
from showtell_lib.photos import PhotoSource
from showtell_lib.search import LONGEST, BeamSettings
from showtell_lib.search.compiled import CompiledSearch
from showtell_lib.store import ModelFiles, find_model
from showtell_lib.streaming import PhotoCaptions, stream
from showtell_lib.trace import Caption
from showtell_lib.vocabulary import parse_vocabulary

STATES_AT_ONCE = 64


class Captioner(CaptionModel):
    """A model that turns photos into ranked captions by beam search.

    Args:
        files: the model's files on disk.
        precision: of the encoder's convolutions; see `load`.

    Attributes:
        files: the model's files on disk, with the hashes of what was loaded from them.
    """

    def __init__(self, files: ModelFiles, precision: str = "float32") -> None:
        check_precision(precision)
        content = files.read()
        files = content.files
        files.check_unchanged()
        vocabulary = parse_vocabulary(content.vocabulary, files.vocabulary)
        graph_def = parse_graph(content.graph, files.graph)
        del content
        super().__init__(graph_def, vocabulary, precision)
        self.files = files

    def __repr__(self) -> str:
        return (
            f"<Captioner {self.files.name}: {len(self.vocabulary):,} words, {self.units} LSTM "
            f"units, {self.files.provenance.origin}, {self.files.provenance.verification}, sha256 "
            f"{self.files.sha256[:12]}>"
        )

    @cached_property
    def compiled(self) -> CompiledSearch:
        """The searches as compiled functions over this model's decoder."""
        return CompiledSearch(self.step_function, self.vocabulary)

    def caption(
        self,
        photo: PhotoSource,
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
        photos: PhotoSource,
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
        photos: PhotoSource,
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
                stream(self, self.compiled, photos, settings, thumbnails=thumbnails),
                total=len(photos) if isinstance(photos, Sized) else None,
                unit="photo",
                leave=False,
                disable=None if progress else True,
            )
        )

    def caption_states(self, states: np.ndarray, settings: BeamSettings) -> list[list[Caption]]:
        """Ranked captions by beam search from the states of N photos, float32 [N, 2 * units].

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
