"""Scenes with one thing changed: for curious learners, and for measuring what a model notices."""

from __future__ import annotations

import random as randoms
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

from showtell_lib.errors import SceneError
from showtell_lib.scenes import catalogue
from showtell_lib.scenes.scene import Scene

Attribute = Literal["colour", "kind", "place"]
ATTRIBUTES: tuple[Attribute, ...] = ("colour", "kind", "place")
OF_SCENE = ("place", "time", "relation")
OF_ACTOR = ("colour", "kind", "action")


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


def replaced(scene: Scene, changes: Mapping[str, Any]) -> Scene:
    """A scene with changes; see `Scene.replace`."""
    allowed = (*OF_SCENE, *OF_ACTOR, "actor")
    for name in changes:
        if name not in allowed:
            raise SceneError(f"cannot replace {name!r}; allowed: {', '.join(allowed)}")
    index = changes.get("actor", 0)
    if type(index) is not int or not 0 <= index < len(scene.actors):
        last = len(scene.actors) - 1
        raise SceneError(f"actor is {index!r}; the scene has the actors 0 to {last}")
    of_actor = {name: changes[name] for name in OF_ACTOR if name in changes}
    of_scene = {name: changes[name] for name in OF_SCENE if name in changes}
    actors = list(scene.actors)
    actors[index] = replace(actors[index], **of_actor)
    return replace(scene, actors=tuple(actors), **of_scene)


def alternatives(scene: Scene, attribute: Attribute) -> tuple[Scene, ...]:
    """Every valid scene that differs from this one in just that attribute of its main actor.

    Kinds stay in their family: a boy for a man, a cat for a dog.

    Raises:
        SceneError: if it is no attribute.
    """
    kind = scene.main.kind
    kin = [other for other in catalogue.KINDS if catalogue.family(other) == catalogue.family(kind)]
    values = {"colour": catalogue.COLOURS_OF[kind], "kind": kin, "place": catalogue.PLACES}
    if attribute not in values:
        raise SceneError(f"the attribute is {attribute!r}; allowed: {', '.join(values)}")
    changed = (_attempt(scene, attribute, value) for value in values[attribute])
    return tuple(other for other in changed if other is not None and other != scene)


def one_change_pairs(count: int, seed: int) -> list[ChangePair]:
    """Pairs of scenes that differ in one attribute; the attributes take turns.

    Args:
        count: how many.
        seed: the same seed gives the same pairs.
    """
    random = randoms.Random(f"{seed}/pairs")
    pairs: list[ChangePair] = []
    while len(pairs) < count:
        attribute = ATTRIBUTES[len(pairs) % len(ATTRIBUTES)]
        before = Scene.random(random.randrange(2**31))
        others = alternatives(before, attribute)
        if others:
            pairs.append(ChangePair(before, random.choice(others), attribute))
    return pairs


def _attempt(scene: Scene, attribute: str, value: str) -> Scene | None:
    try:
        return replaced(scene, {attribute: value})
    except SceneError:
        return None
