"""What makes a scene valid; each rule raises `SceneError`, naming the value and what is allowed."""

from __future__ import annotations

import math
from collections.abc import Collection
from typing import TYPE_CHECKING, Any

from showtell_lib.errors import SceneError
from showtell_lib.scenes import catalogue

if TYPE_CHECKING:
    from showtell_lib.scenes.scene import Actor, Scene

MOST_ACTORS = 3
RANGES = {"x": (0.0, 1.0), "depth": (0.0, 1.0), "size": (0.25, 4.0)}


def check_scene(scene: Scene) -> None:
    """Checks everything about a scene.

    Raises:
        SceneError: about the first thing that is wrong.
    """
    _one_of(scene.place, catalogue.PLACES, "the place of a scene")
    _one_of(scene.time, catalogue.TIMES, "the time of a scene")
    if type(scene.seed) is not int:
        raise SceneError(f"the seed of a scene is {scene.seed!r}; it must be a whole number")
    _check_actors(scene)
    for actor in scene.actors:
        check_actor(actor, scene.place)
    _check_relation(scene)


def check_actor(actor: Actor, place: str) -> None:
    """Checks one actor on its own and in its place.

    Raises:
        SceneError: about the first thing that is wrong.
    """
    kind = actor.kind
    _one_of(kind, catalogue.KINDS, "the kind of an actor")
    _one_of(actor.colour, catalogue.COLOURS_OF[kind], f"the colour of a {kind}")
    _one_of(actor.action, catalogue.ACTIONS_OF[kind], f"the action of a {kind}")
    _one_of(actor.facing, catalogue.FACINGS, f"the facing of a {kind}")
    for name, (low, high) in RANGES.items():
        _check_number(getattr(actor, name), f"the {name} of a {kind}", low, high)
    _one_of(place, catalogue.PLACES_OF[kind], f"the place of a {kind}")
    places = catalogue.ACTION_PLACES.get(actor.action, catalogue.PLACES)
    _one_of(place, places, f"the place where a {kind} does {actor.action!r}")


def relations_for(kind: str, action: str) -> tuple[str, ...]:
    """The relations that a main actor of this kind can have, doing this."""
    return tuple(
        name
        for name, rule in catalogue.RELATION_RULES.items()
        if action in rule.actions and kind in rule.mains
    )


def _check_actors(scene: Scene) -> None:
    from showtell_lib.scenes.scene import Actor

    actors: Any = scene.actors
    if not isinstance(actors, tuple) or not all(isinstance(actor, Actor) for actor in actors):
        raise SceneError(f"the actors of a scene are {actors!r}; they must be a tuple of Actor")
    if not 1 <= len(actors) <= MOST_ACTORS:
        raise SceneError(f"a scene has {len(actors)} actors; it must have 1 to {MOST_ACTORS}")


def _check_relation(scene: Scene) -> None:
    main, *others = scene.actors
    for actor in others:
        if actor.action in catalogue.ACTIONS_WITH_OBJECT:
            raise SceneError(
                f"the action of a {actor.kind} that is not the main actor is {actor.action!r}; "
                f"only the first actor can do that"
            )
    needed = catalogue.ACTIONS_WITH_OBJECT.get(main.action)
    if needed:
        _one_of(scene.relation, (needed,), f"the relation of a {main.kind} with {main.action!r}")
    if not scene.relation:
        return
    allowed = relations_for(main.kind, main.action)
    _one_of(scene.relation, allowed, f"the relation of a {main.kind} with {main.action!r}")
    if not others:
        raise SceneError(f"the relation is {scene.relation!r}; it needs a second actor")
    _check_second(scene, others[0])


def _check_second(scene: Scene, second: Actor) -> None:
    main, relation = scene.actors[0], scene.relation
    others = catalogue.RELATION_RULES[relation].others
    _one_of(second.kind, others, f"what a {main.kind} is {relation}")
    wet = [catalogue.is_in_water(actor.kind, actor.action) for actor in (main, second)]
    apart = relation in ("next to", "under") and wet[0] != wet[1]
    if apart or (second.action == "fly" and relation != "chasing"):
        raise SceneError(
            f"a {main.kind} with {main.action!r} cannot be {relation} a {second.kind} with "
            f"{second.action!r}; both must be on land, or both in the water"
        )


def _one_of(value: Any, allowed: Collection[str], what: str) -> None:
    if not isinstance(value, str) or value not in allowed:
        names = ", ".join(repr(name) for name in allowed) or "none"
        raise SceneError(f"{what} is {value!r}; allowed: {names}")


def _check_number(value: Any, what: str, low: float, high: float) -> None:
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
    if not (is_number and math.isfinite(value) and low <= value <= high):
        raise SceneError(f"{what} is {value!r}; it must be a number from {low:g} to {high:g}")
