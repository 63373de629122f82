"""Changing scenes: one thing and nothing else, or one thing and whatever has to follow from it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Literal, get_args

from showtell_lib.errors import SceneError
from showtell_lib.scenes.world import catalogue
from showtell_lib.scenes.world.actor import Actor
from showtell_lib.scenes.world.catalogue import FACINGS, KINDS, PLACES, RELATIONS, TIMES
from showtell_lib.scenes.world.rules import MOST_ACTORS, fitted, relations_for
from showtell_lib.scenes.world.scene import AnyScene, SceneData

Attribute = Literal["colour", "kind", "place"]
ATTRIBUTES: tuple[Attribute, ...] = get_args(Attribute)
OF_SCENE = ("place", "time", "relation")
OF_ACTOR = ("colour", "kind", "action")

NOBODY, NO_RELATION = "nobody", "none"
ACTOR_NAMES = ("main", "second", "third")
WHERE = {"left": 0.2, "middle": 0.5, "right": 0.8}
# Follows from other choices too often to be worth a word.
UNSAID = ("where", "facing")
# Where someone new stands who has no relation: away from the main actor, in the middle or beside.
PLACES_OF_NEW = {1: (0.8, 0.3), 2: (0.15, 0.75)}


@dataclass(frozen=True)
class Control:
    """Something of a scene that one can choose.

    Attributes:
        attribute: `place`, `time` or `relation` of the scene; `kind`, `colour`, `action`, `where`
            (in which third of the picture) or `facing` of an actor.
        actor: which actor, counted from 0.
    """

    attribute: str
    actor: int = 0

    @property
    def of_scene(self) -> bool:
        """Whether it is about the scene, not about an actor."""
        return self.attribute in OF_SCENE

    def __str__(self) -> str:
        return self.attribute if self.of_scene else f"{ACTOR_NAMES[self.actor]} {self.attribute}"


# Earlier ones decide what the later ones can be.
_MAIN, *_OTHERS = (
    tuple(Control(attribute, actor) for attribute in ("kind", "colour", "action", *UNSAID))
    for actor in range(MOST_ACTORS)
)
CONTROLS = (Control("place"), Control("time"), *_MAIN, Control("relation"), *sum(_OTHERS, ()))


def replaced(scene: AnyScene, changes: Mapping[str, str | int]) -> AnyScene:
    """A scene with changes, and nothing else changed; see `Scene.replace`."""
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
    actor = replace(scene.actors[index], **of_actor)  # type: ignore[arg-type]
    return replace(scene, actors=_with(scene, index, actor), **of_scene)  # type: ignore[arg-type]


def alternatives(scene: AnyScene, attribute: Attribute) -> tuple[AnyScene, ...]:
    """Every valid scene that differs from this one in just that attribute of its main actor.

    Kinds stay in their family: a boy for a man, a cat for a dog.

    Raises:
        SceneError: if it is no attribute.
    """
    kind = KINDS[scene.main.kind]
    kin = tuple(name for name, other in KINDS.items() if other.family == kind.family)
    values = {"colour": kind.colours, "kind": kin, "place": PLACES}
    if attribute not in values:
        raise SceneError(f"the attribute is {attribute!r}; allowed: {', '.join(values)}")
    others = []
    for value in values[attribute]:
        with suppress(SceneError):
            others.append(replaced(scene, {attribute: value}))
    return tuple(other for other in others if other != scene)


def value_of(scene: SceneData, control: Control) -> str:
    """What a control shows for a scene; empty for a colour or an action of nobody."""
    index, attribute = control.actor, control.attribute
    if attribute == "relation":
        return scene.relation or _no_relation(scene)
    if control.of_scene:
        return str(getattr(scene, attribute))
    if index >= len(scene.actors):
        return NOBODY if attribute == "kind" else ""
    if attribute == "where":
        return _where(scene, index)
    return str(getattr(scene.actors[index], attribute))


def options(scene: SceneData, control: Control) -> tuple[str, ...]:
    """The values that a control can take in a scene, so that `chosen` can follow."""
    return tuple(value for value, _ in _choices(scene, control))


def single_changes(scene: SceneData, control: Control) -> tuple[str, ...]:
    """The values that a control can take if nothing else at all may change."""
    choices = _choices(scene, control)
    return tuple(value for value, after in choices if not side_effects(scene, after, control))


def _choices(scene: SceneData, control: Control) -> Iterator[tuple[str, SceneData]]:
    """The values that a control can take, each with the scene that it leads to."""
    now = value_of(scene, control)
    for value in _candidates(scene, control):
        after = scene if value == now else chosen(scene, control, value)
        if after is not None:
            yield value, after


def chosen(scene: AnyScene, control: Control, value: str) -> AnyScene | None:
    """The scene after a choice; what comes later in `CONTROLS` follows if it must.

    A man who swims and is put in a field stands there; whoever is to ride gets a bike.

    Returns:
        The new scene; None if it cannot be.
    """
    index, attribute = control.actor, control.attribute
    if attribute == "time":
        return _attempt(scene, time=value)
    if attribute == "place":
        return _moved(scene, value)
    if attribute == "relation":
        relation = "" if value == NO_RELATION else value
        return _with_relation(scene, scene.actors, scene.place, relation)
    if attribute == "kind" and index > 0:
        return _cast(scene, index, value)
    if index >= len(scene.actors) or (attribute == "where" and value not in WHERE):
        return None
    if attribute != "where":
        return _acted(scene, index, attribute, value)
    actor = replace(scene.actors[index], x=WHERE[value])
    return _attempt(scene, actors=_with(scene, index, actor))


def side_effects(before: SceneData, after: SceneData, control: Control) -> list[str]:
    """What else changed beside a control, in words.

    That someone who comes has a colour and an action goes without saying.
    """
    newcomers = range(*sorted((len(before.actors), len(after.actors))))
    return [
        f"{other}: {value_of(before, other)} → {value_of(after, other)}"
        for other in CONTROLS
        if other != control
        and other.attribute not in UNSAID
        and (other.attribute == "kind" or other.actor not in newcomers)
        and _said(before, other) != _said(after, other)
    ]


def _no_relation(scene: SceneData) -> str:
    return NO_RELATION if len(scene.actors) > 1 else ""


def _said(scene: SceneData, control: Control) -> str:
    value = value_of(scene, control)
    return "" if value == NO_RELATION else value


def _where(scene: SceneData, index: int) -> str:
    """In which third an actor is; empty for one whose place follows from its relation."""
    if index == 1 and scene.relation:
        return ""
    x = scene.actors[index].x
    return min(WHERE, key=lambda name: abs(WHERE[name] - x))


def _candidates(scene: SceneData, control: Control) -> tuple[str, ...]:
    """The values that a control could take, if all else allowed it."""
    index, attribute = control.actor, control.attribute
    if control.of_scene:
        relations = relations_for(scene.main.kind, scene.main.action)
        of_scene = {"place": PLACES, "time": TIMES, "relation": (_no_relation(scene), *relations)}
        return of_scene[attribute]
    if attribute == "kind":
        return tuple(KINDS) if index == 0 else (NOBODY, *KINDS)
    if index >= len(scene.actors):
        return ("",)
    if attribute == "where":
        return tuple(WHERE) if _where(scene, index) else ("",)
    kind = KINDS[scene.actors[index].kind]
    return {"colour": kind.colours, "action": kind.actions, "facing": FACINGS}[attribute]


def _attempt(scene: AnyScene, **changes: object) -> AnyScene | None:
    try:
        return replace(scene, **changes)  # type: ignore[arg-type]
    except SceneError:
        return None


def _first(attempts: Iterator[AnyScene | None]) -> AnyScene | None:
    return next((found for found in attempts if found is not None), None)


def _with(scene: SceneData, index: int, *actor: Actor) -> tuple[Actor, ...]:
    """The actors of a scene with another actor (or none) in one's place."""
    return (*scene.actors[:index], *actor, *scene.actors[index + 1 :])


def _acted(scene: AnyScene, index: int, attribute: str, value: str) -> AnyScene | None:
    """The scene with the kind, colour, action or facing of an actor changed."""
    varied = replace(scene.actors[index], **{attribute: value})  # type: ignore[arg-type]
    actor = fitted(varied, scene.place, keep=attribute)
    if actor is None:
        return None
    actors = _with(scene, index, actor)
    return _settled(scene, actors, scene.place) if index == 0 else _attempt(scene, actors=actors)


def _moved(scene: AnyScene, place: str) -> AnyScene | None:
    """The scene elsewhere: actors do there what they can; those who cannot be there stay away."""
    main, *others = (fitted(actor, place) for actor in scene.actors)
    if main is None:
        return None
    return _settled(scene, (main, *(actor for actor in others if actor is not None)), place)


def _cast(scene: AnyScene, index: int, kind: str) -> AnyScene | None:
    """The scene with another second or third actor, or without it."""
    if kind == NOBODY:
        return _attempt(scene, actors=_with(scene, index))
    if index > len(scene.actors):
        return None
    if index == len(scene.actors):
        actor = _newcomer(kind, scene.place, index)
    else:
        actor = fitted(replace(scene.actors[index], kind=kind), scene.place)
    if actor is None:
        return None
    variants = (replace(actor, action=action) for action in (actor.action, *KINDS[kind].actions))
    return _first(_attempt(scene, actors=_with(scene, index, variant)) for variant in variants)


def _settled(scene: AnyScene, actors: tuple[Actor, ...], place: str) -> AnyScene | None:
    """The scene with these actors, its relation and second actor adapted to the main one."""
    needed = catalogue.ACTIONS_WITH_OBJECT.get(actors[0].action)
    relations = (needed,) if needed else (scene.relation, "")
    return _first(_with_relation(scene, actors, place, relation) for relation in relations)


def _with_relation(
    scene: AnyScene, actors: tuple[Actor, ...], place: str, relation: str
) -> AnyScene | None:
    """The scene with this relation; the second actor changes as little as it can."""
    return _first(
        _attempt(scene, place=place, relation=relation, actors=(actors[0], *others))
        for others in _possible_others(actors, place, relation)
    )


def _possible_others(
    actors: tuple[Actor, ...], place: str, relation: str
) -> Iterator[tuple[Actor, ...]]:
    """What the actors after the main one could be, the least change first."""
    yield actors[1:]
    kinds = RELATIONS[relation].others if relation else tuple(KINDS)
    seconds = [actor for actor in actors[1:2] if actor.kind in kinds]
    newcomers = [_newcomer(kind, place, 1) for kind in kinds] if relation else []
    for second in (*seconds, *newcomers):
        if second is not None:
            for action in (second.action, *KINDS[second.kind].actions):
                yield (replace(second, action=action), *actors[2:])


def _newcomer(name: str, place: str, index: int) -> Actor | None:
    x, depth = PLACES_OF_NEW[index]
    kind = KINDS[name]
    new = Actor(name, kind.colours[0], kind.actions[0], x=x, depth=depth, size=kind.size)
    return fitted(new, place)
