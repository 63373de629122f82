"""Pairs of scenes that differ in one thing: for measuring what a model notices."""

from __future__ import annotations

import random as randoms
from dataclasses import dataclass

from showtell_lib.scenes.scene import Scene
from showtell_lib.scenes.world.changes import ATTRIBUTES, Attribute, alternatives


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
