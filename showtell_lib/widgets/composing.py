"""Composing a scene: what can be chosen next, and what has to follow from a choice."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from showtell_lib.errors import SceneError
from showtell_lib.scenes import Actor, Scene, catalogue
from showtell_lib.scenes.random_scene import SIZES
from showtell_lib.scenes.rules import check_actor, relations_for

NOBODY, NO_RELATION = "nobody", "none"
ACTORS = ("main", "second", "third")
OF_ACTOR = ("kind", "colour", "action", "where", "facing")
WHERE = {"left": 0.2, "middle": 0.5, "right": 0.8}
# Follows from other choices too often to be worth a word.
UNSAID = ("where", "facing")
# Higher ones decide what the lower ones can be.
CONTROLS = (
    "place",
    "time",
    *(f"main {name}" for name in OF_ACTOR),
    "relation",
    *(f"{actor} {name}" for actor in ACTORS[1:] for name in OF_ACTOR),
)
# Where someone new stands who has no relation: away from the main actor, in the middle or beside.
PLACES_OF_NEW = {1: (0.8, 0.3), 2: (0.15, 0.75)}


def value_of(scene: Scene, control: str) -> str:
    """What a control shows for a scene; empty for a colour or an action of nobody."""
    if control in ("place", "time"):
        return str(getattr(scene, control))
    if control == "relation":
        return scene.relation or (NO_RELATION if len(scene.actors) > 1 else "")
    actor, name = control.split()
    index = ACTORS.index(actor)
    if index >= len(scene.actors):
        return NOBODY if name == "kind" else ""
    if name == "where":
        return _where(scene, index)
    return str(getattr(scene.actors[index], name))


def _where(scene: Scene, index: int) -> str:
    """In which third an actor is; empty for one whose place follows from its relation."""
    if index == 1 and scene.relation:
        return ""
    x = scene.actors[index].x
    return min(WHERE, key=lambda name: abs(WHERE[name] - x))


def options(scene: Scene, control: str) -> tuple[str, ...]:
    """The values a control can take in a scene, so that `chosen` can follow."""
    return tuple(
        value
        for value in _candidates(scene, control)
        if value == value_of(scene, control) or chosen(scene, control, value) is not None
    )


def single_changes(scene: Scene, control: str) -> tuple[str, ...]:
    """The values a control can take if nothing else at all may change."""
    return tuple(
        value
        for value in _candidates(scene, control)
        if value == value_of(scene, control) or _is_single(scene, control, value)
    )


def chosen(scene: Scene, control: str, value: str) -> Scene | None:
    """The scene after a choice; what is below the control in `CONTROLS` follows if it must.

    A man who swims and is put in a field stands there; whoever is to ride gets a bike.

    Returns:
        The new scene; None if it cannot be.
    """
    if control == "time":
        return _scene(scene, time=value)
    if control == "place":
        return _moved(scene, value)
    if control == "relation":
        relation = "" if value in ("", NO_RELATION) else value
        return _with_relation(scene, scene.actors, scene.place, relation)
    actor, name = control.split()
    index = ACTORS.index(actor)
    if name == "kind" and index > 0:
        return _cast(scene, index, value)
    if index >= len(scene.actors):
        return None
    return _put(scene, index, value) if name == "where" else _acted(scene, index, name, value)


def _acted(scene: Scene, index: int, name: str, value: str) -> Scene | None:
    """The scene with an actor's kind, colour, action or facing changed."""
    changes: dict[str, Any] = {name: value}
    fitted = _fitted(replace(scene.actors[index], **changes), scene.place, keep=name)
    if fitted is None:
        return None
    actors = (*scene.actors[:index], fitted, *scene.actors[index + 1 :])
    return _settled(scene, actors) if index == 0 else _scene(scene, actors=actors)


def _put(scene: Scene, index: int, where: str) -> Scene | None:
    if where not in WHERE:
        return None
    actors = list(scene.actors)
    actors[index] = replace(actors[index], x=WHERE[where])
    return _scene(scene, actors=tuple(actors))


def side_effects(before: Scene, after: Scene, control: str) -> list[str]:
    """What else changed beside a control, in words.

    That someone who comes has a colour and an action goes without saying.
    """
    newcomers = [actor for actor in ACTORS if _is_there(before, actor) != _is_there(after, actor)]
    return [
        f"{other}: {value_of(before, other)} → {value_of(after, other)}"
        for other in CONTROLS
        if other != control
        and not other.endswith(UNSAID)
        and not (other.split()[0] in newcomers and not other.endswith("kind"))
        and _named(before, other) != _named(after, other)
    ]


def _is_there(scene: Scene, actor: str) -> bool:
    return ACTORS.index(actor) < len(scene.actors)


def _named(scene: Scene, control: str) -> str:
    value = value_of(scene, control)
    return "" if value == NO_RELATION else value


def _is_single(scene: Scene, control: str, value: str) -> bool:
    after = chosen(scene, control, value)
    return after is not None and not side_effects(scene, after, control)


def _candidates(scene: Scene, control: str) -> tuple[str, ...]:
    if control == "place":
        return catalogue.PLACES
    if control == "time":
        return catalogue.TIMES
    if control == "relation":
        if len(scene.actors) == 1:
            return ("", *relations_for(scene.main.kind, scene.main.action))
        return (NO_RELATION, *relations_for(scene.main.kind, scene.main.action))
    actor, name = control.split()
    index = ACTORS.index(actor)
    if name == "kind":
        return catalogue.KINDS if index == 0 else (NOBODY, *catalogue.KINDS)
    if index >= len(scene.actors):
        return ("",)
    if name == "where":
        return tuple(WHERE) if _where(scene, index) else ("",)
    return _of_kind(scene.actors[index].kind)[name]


def _of_kind(kind: str) -> dict[str, tuple[str, ...]]:
    colours, actions = catalogue.COLOURS_OF[kind], catalogue.ACTIONS_OF[kind]
    return {"colour": colours, "action": actions, "facing": catalogue.FACINGS}


def _scene(scene: Scene, **changes: object) -> Scene | None:
    try:
        return replace(scene, **changes)  # type: ignore[arg-type]
    except SceneError:
        return None


def _moved(scene: Scene, place: str) -> Scene | None:
    """The scene elsewhere: actors do there what they can; those who cannot be there stay away."""
    main = _fitted(scene.main, place)
    if main is None:
        return None
    others = [_fitted(actor, place) for actor in scene.actors[1:]]
    there = (main, *(actor for actor in others if actor is not None))
    return _settled(scene, there, place)


def _fitted(actor: Actor, place: str, keep: str = "") -> Actor | None:
    """An actor whose colour and action are possible; what it has is kept where it can be."""
    if place not in catalogue.PLACES_OF[actor.kind]:
        return None
    possible = _of_kind(actor.kind)
    if actor.colour not in possible["colour"]:
        actor = replace(actor, colour=possible["colour"][0])
    actions = (actor.action,) if keep == "action" else (actor.action, *possible["action"])
    for action in actions:
        fitted = replace(actor, action=action)
        if _is_possible(fitted, place):
            return fitted
    return None


def _is_possible(actor: Actor, place: str) -> bool:
    try:
        check_actor(actor, place)
    except SceneError:
        return False
    return True


def _settled(scene: Scene, actors: tuple[Actor, ...], place: str = "") -> Scene | None:
    """The scene with these actors, its relation and second actor adapted to the main one."""
    main, place = actors[0], place or scene.place
    needed = catalogue.ACTIONS_WITH_OBJECT.get(main.action)
    relations = (needed,) if needed else (scene.relation, "")
    for relation in relations:
        found = _with_relation(scene, actors, place, relation)
        if found is not None:
            return found
    return None


def _with_relation(
    scene: Scene, actors: tuple[Actor, ...], place: str, relation: str
) -> Scene | None:
    """The scene with this relation; the second actor changes as little as it can."""
    for rest in _seconds(actors, place, relation):
        found = _scene(scene, place=place, relation=relation, actors=(actors[0], *rest))
        if found is not None:
            return found
    return None


def _seconds(actors: tuple[Actor, ...], place: str, relation: str) -> Iterator[tuple[Actor, ...]]:
    """What the actors after the main one could be, the least change first."""
    yield actors[1:]
    kinds = catalogue.RELATION_RULES[relation].others if relation else catalogue.KINDS
    here = [actors[1]] if len(actors) > 1 and (not relation or actors[1].kind in kinds) else []
    others = [_newcomer(kind, place, 1) for kind in kinds] if relation else []
    for second in (*here, *others):
        if second is None:
            continue
        for action in (second.action, *catalogue.ACTIONS_OF[second.kind]):
            yield (replace(second, action=action), *actors[2:])


def _newcomer(kind: str, place: str, index: int) -> Actor | None:
    x, depth = PLACES_OF_NEW[index]
    colour, action = catalogue.COLOURS_OF[kind][0], catalogue.ACTIONS_OF[kind][0]
    size = SIZES.get(kind, 1.0)
    return _fitted(Actor(kind, colour, action, x=x, depth=depth, size=size), place)


def _cast(scene: Scene, index: int, kind: str) -> Scene | None:
    """The scene with another second or third actor, or without it."""
    before, after = scene.actors[:index], scene.actors[index + 1 :]
    if kind == NOBODY:
        return _scene(scene, actors=(*before, *after))
    if index > len(scene.actors):
        return None
    if index == len(scene.actors):
        actor = _newcomer(kind, scene.place, index)
    else:
        actor = _fitted(replace(scene.actors[index], kind=kind), scene.place)
    if actor is None:
        return None
    for action in (actor.action, *catalogue.ACTIONS_OF[kind]):
        found = _scene(scene, actors=(*before, replace(actor, action=action), *after))
        if found is not None:
            return found
    return None
