"""People and animals: within bounds, reproducible, and coloured without changing shape."""

import random
from typing import Any

import numpy as np
import pytest
from PIL import Image

from showtell_lib.scenes import Actor
from showtell_lib.scenes.drawing.figures import draw_figure
from showtell_lib.scenes.drawing.pencil import Pencil
from showtell_lib.scenes.world.catalogue import ANIMALS, ATTACHED, COATS, KINDS, PAINTS, PEOPLE

SIDE, UNIT, GROUND = 320, 64, 240
BACKGROUND = (1, 254, 3)
EVERYONE = [(kind, action) for kind in (*PEOPLE, *ANIMALS) for action in KINDS[kind].actions]
# With ears and all, metres. Small animals are larger than life, so that one sees what they are.
HEIGHTS = {
    **{"man": 1.8, "woman": 1.7, "boy": 1.25, "girl": 1.25, "dog": 0.8, "cat": 0.55},
    **{"horse": 1.95, "cow": 1.5, "bird": 0.35, "duck": 0.5},
}
TOGETHER = [
    ("man", "ride", "riding", "bike"),
    ("girl", "ride", "riding", "bike"),
    ("boy", "ride", "riding", "skateboard"),
    ("woman", "ride", "riding", "horse"),
    ("woman", "hold", "holding", "umbrella"),
    ("man", "hold", "holding", "cup"),
    ("girl", "hold", "holding", "flower"),
    ("boy", "throw", "throwing", "frisbee"),
    ("man", "kick", "kicking", "ball"),
    ("dog", "catch", "catching", "frisbee"),
]


def drawn(actor: Actor, seed: int = 0, mirrored: bool = False, **options: Any) -> np.ndarray:
    image = Image.new("RGB", (SIDE, SIDE), BACKGROUND)
    pencil = Pencil(image, (SIDE / 2, GROUND), UNIT, mirrored)
    draw_figure(pencil, actor, random.Random(seed), **options)
    return np.asarray(image)


def mask(pixels: np.ndarray) -> np.ndarray:
    return (pixels != BACKGROUND).any(axis=-1)


@pytest.mark.parametrize(("kind", "action"), EVERYONE)
def test_draws_within_bounds(kind: str, action: str) -> None:
    for seed in range(3):
        shape = mask(drawn(Actor(kind, "brown" if kind in ANIMALS else "red", action), seed))
        rows, columns = np.flatnonzero(shape.any(axis=1)), np.flatnonzero(shape.any(axis=0))
        high, low = (GROUND - rows[0]) / UNIT, (GROUND - rows[-1]) / UNIT
        height = HEIGHTS[kind]
        assert 0.2 * height < high < 2 * height
        assert -0.6 * height < low < 0.75 * height
        assert 0.2 * height < (columns[-1] - columns[0]) / UNIT < 2.2 * height + 0.3


@pytest.mark.parametrize(("kind", "action"), EVERYONE)
def test_colour_changes_no_shape(kind: str, action: str) -> None:
    colours = COATS if kind in ANIMALS else PAINTS
    first, *others = (drawn(Actor(kind, colour, action), 5) for colour in colours)
    for other in others:
        assert (mask(first) == mask(other)).all()
        assert (first != other).any()


@pytest.mark.parametrize("kind", PEOPLE)
def test_a_shirt_changes_only_itself(kind: str) -> None:
    red, blue = (drawn(Actor(kind, colour, "stand"), 2) for colour in ("red", "blue"))
    same = (red == blue).all(axis=-1) & mask(red)
    assert same.sum() > 0.25 * mask(red).sum()
    assert (~same & mask(red)).sum() > 0.2 * mask(red).sum()


@pytest.mark.parametrize(("kind", "action"), EVERYONE[::3])
def test_the_seed_decides(kind: str, action: str) -> None:
    actor = Actor(kind, "white", action)
    assert (drawn(actor, 1) == drawn(actor, 1)).all()
    assert (drawn(actor, 1) != drawn(actor, 2)).any()


@pytest.mark.parametrize(("kind", "action", "relation", "thing"), TOGETHER)
def test_companions_are_drawn_too(kind: str, action: str, relation: str, thing: str) -> None:
    actor, companion = Actor(kind, "orange", action), Actor(thing, "white")
    alone = mask(drawn(actor, 3))
    both = drawn(actor, 3, relation=relation, companion=companion)
    assert relation in ATTACHED
    assert (mask(both) & ~alone).any()
    other = drawn(actor, 3, relation=relation, companion=Actor(thing, "black"))
    assert (mask(both) == mask(other)).all()
    assert (both != other).any()


def test_other_relations_leave_the_companion_to_the_scene() -> None:
    actor = Actor("man", "red", "stand")
    beside = drawn(actor, 4, relation="next to", companion=Actor("dog", "black"))
    assert (drawn(actor, 4) == beside).all()


def test_mirrored_looks_left() -> None:
    pixels = drawn(Actor("dog", "brown", "stand"), 0)
    left = mask(drawn(Actor("dog", "brown", "stand"), 0, mirrored=True))
    assert (mask(pixels)[:, ::-1] == left).mean() > 0.99
