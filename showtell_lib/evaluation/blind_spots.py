"""What captions do not show: how often a caption stays when the picture changes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageOps

from showtell_lib.captioner import Captioner
from showtell_lib.embeddings import cosine_similarity
from showtell_lib.scenes import one_change_pairs, two_for_one_pairs
from showtell_lib.search import BeamSettings
from showtell_lib.search.settings import check_whole

Pairs = Sequence[tuple[Image.Image, Image.Image]]


@dataclass(frozen=True)
class Unnoticed:
    """Of so many pairs of pictures that differ in one thing, how many have the same caption.

    Attributes:
        pairs: how many.
        same_caption: in how many the caption stays, word for word.
        similarity: mean cosine between the embeddings of the two.
    """

    pairs: int
    same_caption: int
    similarity: float


def blind_spots(
    captioner: Captioner, count: int = 40, *, seed: int = 0, beam_width: int = 3
) -> dict[str, Unnoticed]:
    """How often the caption of a scene stays when one thing in it changes.

    `mirrored` swaps left and right; `two for one` puts another of the same kind and colour beside
    a main actor that was alone; `colour`, `kind` and `place` change that of the main actor, or the
    place. Where a caption stays although it could have said the change, the embedding did not
    carry it to the words.

    Args:
        captioner: the model.
        count: how many pairs of each; 40 take a few seconds.
        seed: the same seed gives the same scenes.
        beam_width: of the search.

    Raises:
        SettingsError: a number is below 1.
    """
    check_whole("count", count, 1)
    settings = BeamSettings(beam_width).checked(len(captioner.vocabulary))
    return {
        name: _unnoticed(captioner, found, settings) for name, found in _pairs(count, seed).items()
    }


def _pairs(count: int, seed: int) -> Mapping[str, Pairs]:
    twos = [(one.draw(), two.draw()) for one, two in two_for_one_pairs(count, seed)]
    changed = one_change_pairs(3 * count, seed)
    mirrored = [pair.before.draw() for pair in changed[:count]]
    found: dict[str, Pairs] = {
        "mirrored": [(picture, ImageOps.mirror(picture)) for picture in mirrored],
        "two for one": twos,
    }
    for attribute in ("colour", "kind", "place"):
        of_it = [pair for pair in changed if pair.attribute == attribute]
        found[attribute] = [(pair.before.draw(), pair.after.draw()) for pair in of_it]
    return found


def _unnoticed(captioner: Captioner, pairs: Pairs, settings: BeamSettings) -> Unnoticed:
    embeddings = captioner.embed([picture for pair in pairs for picture in pair])
    states = captioner.numpy_decoder.state_of(embeddings)
    texts = [ranked[0].text for ranked in captioner.caption_states(states, settings)]
    same = sum(before == after for before, after in zip(texts[::2], texts[1::2], strict=True))
    alike = np.diag(cosine_similarity(embeddings[::2], embeddings[1::2]))
    return Unnoticed(len(pairs), same, float(alike.mean()))
