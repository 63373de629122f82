"""Measuring a captioner on drawn scenes, where what is true is known to the last detail."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from tqdm import tqdm

from showtell_lib.evaluation.photos import ENCODED_AT_ONCE, PhotoCaptioner, best_captions
from showtell_lib.scenes import (
    CaptionCheck,
    ChangePair,
    Scene,
    check_caption,
    one_change_pairs,
)
from showtell_lib.scenes.language.differences import changed_words_are_about
from showtell_lib.search import BeamSettings
from showtell_lib.search.settings import check_whole
from showtell_lib.trace import Caption

# Far from the seeds that training starts from at 0.
FIRST_SEED = 1_000_000
FRESH, HELD_OUT, PAIRS = 300, 200, 200


@dataclass(frozen=True)
class SceneSet:
    """What to measure on.

    Attributes:
        fresh: scenes never trained on, of combinations that were.
        held_out: scenes of combinations that were kept from training.
        pairs: two scenes each that differ in one attribute.
    """

    fresh: Sequence[Scene]
    held_out: Sequence[Scene]
    pairs: Sequence[ChangePair]


@dataclass(frozen=True)
class Shares:
    """The shares of scenes whose captions do what they should.

    Attributes:
        scenes: how many scenes there are.
        actor: the share whose caption names the main actor; `action` and `place` likewise.
        complete: the share whose caption names all three.
        true: the share whose caption says nothing untrue about actors, colours, place or time.
    """

    scenes: int
    actor: float
    action: float
    place: float
    complete: float
    true: float


@dataclass(frozen=True)
class SceneEvaluation:
    """How well captions fit drawn scenes.

    Attributes:
        beam_width: of the search; `length_penalty` and `max_length` likewise.
        fresh: on new scenes; `held_out` on new combinations.
        one_change: of pairs that differ in one attribute, the share whose captions differ in
            words about it; by attribute and for `all`.
    """

    beam_width: int
    length_penalty: float
    max_length: int
    fresh: Shares
    held_out: Shares
    one_change: dict[str, float]

    def as_dict(self) -> dict[str, Any]:
        """Plain data for JSON."""
        return asdict(self)


def fresh_scenes(limit: int | None = None) -> SceneSet:
    """The scenes that captioners are measured on, the same for every captioner.

    Args:
        limit: at most so many of each kind; None takes 300, 200 and 200.

    Raises:
        SettingsError: the limit is below 1.
    """
    if limit is not None:
        check_whole("limit", limit, 1)
    fresh, held_out, pairs = (min(n, limit or n) for n in (FRESH, HELD_OUT, PAIRS))
    return SceneSet(
        [Scene.random(FIRST_SEED + i, split="train") for i in range(fresh)],
        [Scene.random(2 * FIRST_SEED + i, split="heldout") for i in range(held_out)],
        one_change_pairs(pairs, FIRST_SEED),
    )


def evaluate_scenes(
    captioner: PhotoCaptioner, scenes: SceneSet, settings: BeamSettings
) -> SceneEvaluation:
    """Captions scenes and checks every caption against what is in its scene."""
    after = [pair.after for pair in scenes.pairs]
    before = [pair.before for pair in scenes.pairs]
    wanted = [*scenes.fresh, *scenes.held_out, *before, *after]
    captions = caption_scenes(captioner, wanted, settings)
    texts = {scene: caption.text for scene, caption in zip(wanted, captions, strict=True)}
    return SceneEvaluation(
        **settings.as_dict(),
        fresh=_shares([check_caption(scene, texts[scene]) for scene in scenes.fresh]),
        held_out=_shares([check_caption(scene, texts[scene]) for scene in scenes.held_out]),
        one_change=_one_change(scenes.pairs, texts),
    )


def caption_scenes(
    captioner: PhotoCaptioner, scenes: Sequence[Scene], settings: BeamSettings
) -> list[Caption]:
    """The best caption of each scene."""
    captions: list[Caption] = []
    starts = range(0, len(scenes), ENCODED_AT_ONCE)
    for first in tqdm(starts, "scenes", leave=False, disable=None):
        drawn = [scene.draw() for scene in scenes[first : first + ENCODED_AT_ONCE]]
        states = captioner.encode_many(drawn)
        captions += best_captions(captioner, states, settings)
    return captions


def _shares(checks: Sequence[CaptionCheck]) -> Shares:
    def share(name: str) -> float:
        return float(np.mean([getattr(check, name) for check in checks]))

    names = ("names_actor", "names_action", "names_place", "complete", "is_true")
    return Shares(len(checks), *map(share, names))


def _one_change(pairs: Sequence[ChangePair], texts: dict[Scene, str]) -> dict[str, float]:
    right: dict[str, list[bool]] = {"all": []}
    for pair in pairs:
        about = changed_words_are_about(
            pair.attribute, pair.before, pair.after, texts[pair.before], texts[pair.after]
        )
        right["all"].append(about)
        right.setdefault(pair.attribute, []).append(about)
    return {attribute: float(np.mean(found)) for attribute, found in right.items()}
