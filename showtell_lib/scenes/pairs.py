"""Pairs of scenes that differ in one thing: for measuring what a model notices."""

from __future__ import annotations

import random as randoms
from dataclasses import dataclass, replace

from showtell_lib.scenes.scene import Scene
from showtell_lib.scenes.world.changes import ATTRIBUTES, Attribute, alternatives
from showtell_lib.scenes.world.placing import fits, half_width


@dataclass(frozen=True)
class ChangePair:
    """Two scenes that differ in one attribute.

    Attributes:
        before: a random scene.
        after: the same with another value of the attribute.
        attribute: `colour` or `kind` of the main actor, or `place`.
    """

    before: Scene
    after: Scene
    attribute: Attribute


def one_change_pairs(count: int, seed: int) -> list[ChangePair]:
    """Pairs of scenes that differ in one attribute; the attributes take turns."""
    random = randoms.Random(f"{seed}/pairs")
    pairs: list[ChangePair] = []
    while len(pairs) < count:
        attribute = ATTRIBUTES[len(pairs) % len(ATTRIBUTES)]
        before = Scene.random(random.randrange(2**31))
        others = alternatives(before, attribute)
        if others:
            pairs.append(ChangePair(before, random.choice(others), attribute))
    return pairs


def two_for_one_pairs(count: int, seed: int) -> list[tuple[Scene, Scene]]:
    """Pairs of scenes, one with somebody alone, one with two of the same: two dogs for one.

    The second is of the same kind and colour, does the same, and stands beside the first.

    Args:
        count: how many.
        seed: the same seed gives the same pairs.
    """
    random = randoms.Random(f"{seed}/two for one")
    pairs: list[tuple[Scene, Scene]] = []
    while len(pairs) < count:
        before = Scene.random(random.randrange(2**31))
        after = _doubled(before)
        if after is not None:
            pairs.append((before, after))
    return pairs


def _doubled(scene: Scene) -> Scene | None:
    """The scene with its main actor twice; None if it is not alone, or there is no room."""
    if len(scene.actors) > 1:
        return None
    main = scene.main
    apart = 2 * half_width(main)
    second = replace(main, x=round(main.x + (apart if main.x < 0.5 else -apart), 3))
    return replace(scene, actors=(main, second)) if fits([main, second]) else None
