"""What captions do not show: how often a caption stays when the picture changes."""

from __future__ import annotations

import random as randoms
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageOps

from showtell_lib.captioner import Captioner
from showtell_lib.embeddings import cosine_similarity
from showtell_lib.scenes import Scene, two_for_one_pairs
from showtell_lib.scenes.world.changes import ATTRIBUTES, alternatives
from showtell_lib.search import BeamSettings
from showtell_lib.search.settings import check_whole

Changes = dict[str, Image.Image]


@dataclass(frozen=True)
class Unnoticed:
    """Of so many scenes in which one thing was changed, how many keep their caption.

    Attributes:
        scenes: how many could be changed so.
        same_caption: in how many the caption stays, word for word.
        similarity: mean cosine between the embeddings before and after.
    """

    scenes: int
    same_caption: int
    similarity: float


def blind_spots(
    captioner: Captioner, count: int = 20, *, seed: int = 0, beam_width: int = 3
) -> dict[str, Unnoticed]:
    """How often the caption of a scene stays when one thing in it changes.

    In every scene somebody is alone. `mirrored` swaps left and right; `two for one` puts another
    of the same kind and colour beside; `colour` and `kind` change, or the `place`.

    Args:
        captioner: the model.
        count: how many scenes; each takes six pictures.
        seed: the same seed gives the same scenes.
        beam_width: of the search.

    Returns:
        By change, in this order.

    Raises:
        SettingsError: a number is below 1.
    """
    check_whole("count", count, 1)
    settings = BeamSettings(beam_width).checked(len(captioner.vocabulary))
    random = randoms.Random(f"{seed}/blind spots")
    pairs = two_for_one_pairs(count, seed)
    before = [one.draw() for one, _ in pairs]
    changed = [
        _changes(one, two, picture, random)
        for (one, two), picture in zip(pairs, before, strict=True)
    ]
    pictures = [*before, *(picture for changes in changed for picture in changes.values())]
    names = [(at, name) for at, changes in enumerate(changed) for name in changes]
    embeddings = captioner.embed(pictures)
    states = captioner.numpy_decoder.state_of(embeddings)
    texts = [ranked[0].text for ranked in captioner.caption_states(states, settings)]
    return {
        name: _counted(name, names, texts, embeddings)
        for name in dict.fromkeys(name for _, name in names)
    }


def _counted(
    change: str, names: list[tuple[int, str]], texts: list[str], embeddings: np.ndarray
) -> Unnoticed:
    """What became of one change; `names` are of the pictures after those of the scenes."""
    first = len(texts) - len(names)
    pairs = [(at, first + i) for i, (at, name) in enumerate(names) if name == change]
    same = sum(texts[before] == texts[after] for before, after in pairs)
    before, after = (embeddings[list(side)] for side in zip(*pairs, strict=True))
    return Unnoticed(len(pairs), same, float(np.diag(cosine_similarity(before, after)).mean()))


def _changes(one: Scene, two: Scene, picture: Image.Image, random: randoms.Random) -> Changes:
    """The pictures of a scene after each change that it allows."""
    changes = {"mirrored": ImageOps.mirror(picture), "two for one": two.draw()}
    for attribute in ATTRIBUTES:
        others = alternatives(one, attribute)
        if others:
            changes[attribute] = random.choice(others).draw()
    return changes
