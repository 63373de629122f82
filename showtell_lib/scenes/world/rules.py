"""What makes a scene valid; each rule raises `SceneError`, naming the value and what is allowed."""

from __future__ import annotations

import math
from collections.abc import Collection
from contextlib import suppress
from dataclasses import replace

from showtell_lib.errors import SceneError
from showtell_lib.scenes.world import catalogue
from showtell_lib.scenes.world.actor import Actor

MOST_ACTORS = 3
RANGES = {"x": (0.0, 1.0), "depth": (0.0, 1.0), "size": (0.25, 4.0)}


def check_scene(place: str, time: str, actors: tuple[Actor, ...], relation: str, seed: int) -> None:
    """Checks everything about a scene.

    Raises:
        SceneError: about the first thing that is wrong.
    """
    _one_of(place, catalogue.PLACES, "the place of a scene")
    _one_of(time, catalogue.TIMES, "the time of a scene")
    if type(seed) is not int:
        raise SceneError(f"the seed of a scene is {seed!r}; it must be a whole number")
    if not isinstance(actors, tuple) or not all(isinstance(actor, Actor) for actor in actors):
        raise SceneError(f"the actors of a scene are {actors!r}; they must be a tuple of Actor")
    if not 1 <= len(actors) <= MOST_ACTORS:
        raise SceneError(f"a scene has {len(actors)} actors; it must have 1 to {MOST_ACTORS}")
    for actor in actors:
        check_actor(actor, place)
    _check_relation(relation, *actors)


def check_actor(actor: Actor, place: str) -> None:
    """Checks one actor on its own and in its place.

    Raises:
        SceneError: about the first thing that is wrong.
    """
    kind = actor.kind
    _one_of(kind, catalogue.KINDS, "the kind of an actor")
    allowed = catalogue.KINDS[kind]
    _one_of(actor.colour, allowed.colours, f"the colour of a {kind}")
    _one_of(actor.action, allowed.actions, f"the action of a {kind}")
    _one_of(actor.facing, catalogue.FACINGS, f"the facing of a {kind}")
    for name, (low, high) in RANGES.items():
        _check_number(getattr(actor, name), f"the {name} of a {kind}", low, high)
    _one_of(place, allowed.places, f"the place of a {kind}")
    places = catalogue.ACTION_PLACES.get(actor.action, catalogue.PLACES)
    _one_of(place, places, f"the place where a {kind} does {actor.action!r}")


def fitted(actor: Actor, place: str, keep: str = "") -> Actor | None:
    """An actor with a colour and an action that are possible in a place; None if none are.

    Args:
        actor: its own colour and action are kept if they are possible.
        place: where it is.
        keep: `action` if no other action will do.
    """
    kind = catalogue.KINDS[actor.kind]
    if actor.colour not in kind.colours:
        actor = replace(actor, colour=kind.colours[0])
    for action in (actor.action,) if keep == "action" else (actor.action, *kind.actions):
        with suppress(SceneError):
            changed = replace(actor, action=action)
            check_actor(changed, place)
            return changed
    return None


def relations_for(kind: str, action: str) -> tuple[str, ...]:
    """The relations that a main actor of this kind can have, doing this."""
    return tuple(
        name
        for name, rule in catalogue.RELATIONS.items()
        if action in rule.actions and kind in rule.mains
    )


def _check_relation(relation: str, main: Actor, *others: Actor) -> None:
    for actor in others:
        if actor.action in catalogue.ACTIONS_WITH_OBJECT:
            raise SceneError(
                f"the action of a {actor.kind} that is not the main actor is {actor.action!r}; "
                f"only the first actor can do that"
            )
    of_main = f"the relation of a {main.kind} with {main.action!r}"
    needed = catalogue.ACTIONS_WITH_OBJECT.get(main.action)
    if needed:
        _one_of(relation, (needed,), of_main)
    if not relation:
        return
    _one_of(relation, relations_for(main.kind, main.action), of_main)
    if not others:
        raise SceneError(f"the relation is {relation!r}; it needs a second actor")
    _check_pair(main, others[0], relation)


def _check_pair(main: Actor, second: Actor, relation: str) -> None:
    others = catalogue.RELATIONS[relation].others
    _one_of(second.kind, others, f"what a {main.kind} is {relation}")
    wet = [catalogue.is_in_water(actor.kind, actor.action) for actor in (main, second)]
    apart = relation in ("next to", "under") and wet[0] != wet[1]
    if apart or (second.action == "fly" and relation != "chasing"):
        raise SceneError(
            f"a {main.kind} with {main.action!r} cannot be {relation} a {second.kind} with "
            f"{second.action!r}; both must be on land, or both in the water"
        )


def _one_of(value: object, allowed: Collection[str], what: str) -> None:
    if not isinstance(value, str) or value not in allowed:
        names = ", ".join(repr(name) for name in allowed) or "none"
        raise SceneError(f"{what} is {value!r}; allowed: {names}")


def _check_number(value: object, what: str, low: float, high: float) -> None:
    if (
        not isinstance(value, (int, float))
        or isinstance(value, bool)
        or not (math.isfinite(value) and low <= value <= high)
    ):
        raise SceneError(f"{what} is {value!r}; it must be a number from {low:g} to {high:g}")
