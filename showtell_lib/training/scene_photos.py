"""Drawn scenes as a dataset: pictures on disk with the sentences that describe them."""

from __future__ import annotations

from pathlib import Path

from tqdm import tqdm

from showtell_lib.datasets import CaptionedPhoto
from showtell_lib.files import written
from showtell_lib.scenes import Scene
from showtell_lib.training.facts import facts_of

SIZE = 224


def draw_scenes(count: int, folder: Path) -> list[CaptionedPhoto]:
    """Draws scenes to learn from, none of a held-out combination.

    Args:
        count: how many; scene i is the one of seed i, so more of them only adds to the others.
        folder: gets a PNG per scene; what is there already is not drawn again.
    """
    folder.mkdir(parents=True, exist_ok=True)
    return [
        _drawn(Scene.random(seed, split="train"), folder / f"scene_{seed:05}.png")
        for seed in tqdm(range(count), "drawing", leave=False, disable=None)
    ]


def _drawn(scene: Scene, path: Path) -> CaptionedPhoto:
    if not path.is_file():
        with written(path) as part:
            scene.draw(SIZE).save(part, "PNG", compress_level=1)
    return CaptionedPhoto(
        path.name, path, scene.describe(), caption_by="project", facts=facts_of(scene)
    )
