"""Scenes drawn by lot, and the combinations that are held out of training."""

from __future__ import annotations

import hashlib
import random as randoms
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal, get_args

from showtell_lib.errors import SceneError
from showtell_lib.inputs import plain
from showtell_lib.scenes.world import catalogue, placing
from showtell_lib.scenes.world.actor import Actor
from showtell_lib.scenes.world.catalogue import KINDS, PLACES, RELATIONS, Kind
from showtell_lib.scenes.world.rules import relations_for
from showtell_lib.scenes.world.scene import AnyScene, SceneData

Split = Literal["train", "heldout"]

HELD_OUT_SHARE = 0.12
NIGHT_SHARE = 0.3
RELATION_SHARE = 0.5
BYSTANDER_SHARE = 0.28  # A few find no room.
FAMILY_SHARES = {"person": 0.5, "animal": 0.35, "thing": 0.15}
# Things that are worth a picture of their own.
ALONE = ("car", "boat", "bus", "bike", "cup", "flower", "house", "tree", "umbrella", "bench")
# What few places or few kinds allow is drawn more often where it is allowed.
ACTION_WEIGHTS = {"swim": 4.0, "fly": 3.0}
RELATION_WEIGHTS = {
    **{"riding": 2.5, "holding": 2.0, "catching": 4.0, "chasing": 2.0},
    **{"throwing": 1.3, "kicking": 1.3, "in front of": 0.7, "under": 0.8},
}
RARELY_ORANGE = 0.25  # Animals other than cats.
# What the second actor does if it can, where that is not what the main actor does.
_LIKELY = {"chasing": ("fly", "run"), "riding": ("run",)}


@dataclass(frozen=True)
class _Plot:
    """Who does what, before colours and positions."""

    action: str
    relation: str = ""
    second: str = ""


def is_held_out(scene: SceneData) -> bool:
    """Whether the main actor's kind, colour and action in this place are kept from training.

    A hash of the four words decides, the same on every machine, for 12% of the combinations.
    """
    main = scene.main
    words = "/".join((main.kind, main.colour, main.action, scene.place))
    share = int.from_bytes(hashlib.sha256(words.encode()).digest()[:8], "big") / 2**64
    return share < HELD_OUT_SHARE


def random_scene(seed: int, split: Split | None, of: type[AnyScene]) -> AnyScene:
    """Draws a scene of the class `of` by lot; see `Scene.random`.

    Raises:
        SceneError: if there is no such split, or the seed is no whole number.
    """
    if split not in (None, *get_args(Split)):
        raise SceneError(f"the split is {split!r}; allowed: 'train', 'heldout' or None")
    seed = plain(seed)
    if type(seed) is not int:
        raise SceneError(f"the seed is {seed!r}; it must be a whole number")
    random = randoms.Random(f"{seed}/scene")
    while True:
        scene = _attempt(seed, of, random)
        if scene and (split is None or is_held_out(scene) == (split == "heldout")):
            return scene


def _attempt(seed: int, of: type[AnyScene], random: randoms.Random) -> AnyScene | None:
    """A scene; None if its actors do not fit into the picture."""
    place = random.choice(PLACES)
    kind = _main_kind(place, random)
    plot = _plot(kind, place, random)
    group = _group(kind, plot, place, random)
    if not placing.fits(group):
        return None
    group += _bystanders(group, place, random)
    time = "night" if random.random() < NIGHT_SHARE else "day"
    return of(place, time, tuple(group), plot.relation, seed)


def _main_kind(place: str, random: randoms.Random) -> str:
    family = _weighted(FAMILY_SHARES, random)
    kinds = (KINDS[name] for name in (*catalogue.PEOPLE, *catalogue.ANIMALS, *ALONE))
    # A boat is seen in two places only, so it is more likely there.
    weights = {
        kind.name: kind.weight / len(kind.places)
        for kind in kinds
        if kind.family == family and place in kind.places
    }
    return _weighted(weights, random)


def _plot(kind: str, place: str, random: randoms.Random) -> _Plot:
    actions = _actions(kind, place)
    options = _relations(kind, place, actions)
    if options and random.random() < RELATION_SHARE:
        relation = _weighted({r: RELATION_WEIGHTS.get(r, 1.0) for r in options}, random)
        fitting = [action for action in RELATIONS[relation].actions if action in actions]
        action = random.choice(fitting)
        seconds = [other for other in options[relation] if _go_together(kind, action, other, place)]
        if seconds:
            return _Plot(action, relation, random.choice(seconds))
    free = [action for action in actions if action not in catalogue.ACTIONS_WITH_OBJECT]
    return _Plot(_weighted({action: ACTION_WEIGHTS.get(action, 1.0) for action in free}, random))


def _actions(kind: str, place: str) -> list[str]:
    """What someone of this kind can do here."""
    return [
        action
        for action in KINDS[kind].actions
        if place in catalogue.ACTION_PLACES.get(action, PLACES)
    ]


def _relations(kind: str, place: str, actions: Sequence[str]) -> dict[str, list[str]]:
    """The relations that are possible here, each with the kinds of the second actor."""
    names = {relation for action in actions for relation in relations_for(kind, action)}
    options = {
        name: [other for other in relation.others if place in KINDS[other].places]
        for name, relation in RELATIONS.items()
        if name in names
    }
    return {name: others for name, others in options.items() if others}


def _go_together(kind: str, action: str, other: str, place: str) -> bool:
    """Whether those two can be side by side: both in the water, or neither."""
    if not catalogue.is_in_water(kind, action):
        return other != "boat"
    return other == "boat" or "swim" in _actions(other, place)


def _group(kind: str, plot: _Plot, place: str, random: randoms.Random) -> list[Actor]:
    """The main actor and the one it is related to."""
    depth = round(random.uniform(0.05, 0.35), 3)
    main = _actor(KINDS[kind], plot.action, random, depth, KINDS[kind].main_size)
    if not plot.relation:
        return placing.move_inside([replace(main, x=0.0)], random)
    action = _second_action(kind, plot, place, random)
    second = _actor(KINDS[plot.second], action, random, depth, KINDS[plot.second].size)
    if plot.relation == "riding":
        second = replace(second, facing=main.facing)
    return placing.place_pair(main, second, plot.relation, random)


def _second_action(kind: str, plot: _Plot, place: str, random: randoms.Random) -> str:
    """What the second actor does so that the relation is true."""
    possible = _actions(plot.second, place)
    afloat = catalogue.is_in_water(kind, plot.action)
    likely = ("swim",) if afloat else _LIKELY.get(plot.relation, (plot.action,))
    still = [action for action in ("stand", "sit", "lie", "rest") if action in possible]
    return next((action for action in likely if action in possible), random.choice(still))


def _bystanders(group: Sequence[Actor], place: str, random: randoms.Random) -> list[Actor]:
    """Somebody far off, now and then."""
    if random.random() > BYSTANDER_SHARE:
        return []
    options = [
        (name, action)
        for name, kind in KINDS.items()
        if kind.far_off and place in kind.places
        for action in _actions(name, place)
        if action not in catalogue.ACTIONS_WITH_OBJECT
    ]
    if place in catalogue.ACTION_PLACES["swim"]:
        # The water begins right behind those who stand on its edge: far off is in it or above it.
        options = [o for o in options if catalogue.is_in_water(*o) or o[1] == "fly"]
    name = random.choice(sorted({name for name, _ in options}))
    action = random.choice([action for other, action in options if other == name])
    bystander = _actor(KINDS[name], action, random, 0.8, KINDS[name].size)
    placed = placing.place_far_off(bystander, group, random)
    return [placed] if placed else []


def _actor(kind: Kind, action: str, random: randoms.Random, depth: float, size: float) -> Actor:
    rare = {"orange": RARELY_ORANGE} if kind.family == "animal" and kind.name != "cat" else {}
    return Actor(
        kind=kind.name,
        colour=_weighted({colour: rare.get(colour, 1.0) for colour in kind.colours}, random),
        action=action,
        depth=depth,
        size=round(size * random.uniform(0.9, 1.1), 3),
        facing=random.choice(catalogue.FACINGS),
    )


def _weighted(weights: Mapping[str, float], random: randoms.Random) -> str:
    return random.choices(list(weights), list(weights.values()))[0]
