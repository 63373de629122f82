"""Drawn scenes as a dataset: pictures on disk with the sentences that describe them."""

from __future__ import annotations

import random as randoms
from pathlib import Path

from tqdm import tqdm

from showtell_lib.files import written
from showtell_lib.scenes import Scene
from showtell_lib.scenes.world.changes import Attribute, alternatives
from showtell_lib.scenes.world.random_scene import is_held_out
from showtell_lib.training.datasets import CaptionedPhoto
from showtell_lib.training.facts import facts_of

SIZE = 224
# The attributes in which a neighbour may differ. Kinds are the most numerous, and the hardest to
# tell apart.
CHANGES: tuple[Attribute, ...] = ("colour", "kind", "kind", "place")


def draw_scenes(count: int, folder: Path) -> list[CaptionedPhoto]:
    """Draws scenes to learn from, each with its neighbour, none of a held-out combination.

    Args:
        count: how many scenes, not counting neighbours; scene i has seed i, so a larger count
            keeps the scenes of a smaller one.
        folder: gets a PNG per picture; a picture that is already there is not drawn again.

    Returns:
        Each scene, followed by its neighbour if it has one.
    """
    folder.mkdir(parents=True, exist_ok=True)
    drawn = []
    for seed in tqdm(range(count), "drawing", leave=False, disable=None):
        scene = Scene.random(seed, split="train")
        drawn.append(_drawn(scene, folder / f"scene_{seed:05}.png"))
        if other := neighbour(scene):
            drawn.append(_drawn(other, folder / f"scene_{seed:05}_changed.png"))
    return drawn


def neighbour(scene: Scene) -> Scene | None:
    """The same scene with one thing changed (the seed decides which), of no held-out combination.

    Two pictures that differ in one thing teach which word names that thing.
    """
    random = randoms.Random(f"{scene.seed}/neighbour")
    for attribute in random.sample(CHANGES, len(CHANGES)):
        others = [other for other in alternatives(scene, attribute) if not is_held_out(other)]
        if others:
            return random.choice(others)
    return None


def _drawn(scene: Scene, path: Path) -> CaptionedPhoto:
    if not path.is_file():
        with written(path) as part:
            scene.draw(SIZE).save(part, "PNG", compress_level=1)
    return CaptionedPhoto(
        path.name, path, scene.describe(), caption_by="project", facts=facts_of(scene)
    )
