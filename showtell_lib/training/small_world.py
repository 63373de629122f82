"""A small world of drawn scenes, to train a captioner in minutes.

A scene has one actor, in one of four colours, by day, in one of five places. A fifth of the
combinations of kind, colour and place is held out, to test a captioner on combinations that it has
never seen.
"""

from __future__ import annotations

import random as randoms
from collections.abc import Sequence
from itertools import product

import numpy as np

from showtell_lib.errors import SceneError, SettingsError
from showtell_lib.scenes import Actor, Scene
from showtell_lib.scenes.language import words
from showtell_lib.scenes.world.catalogue import FACINGS
from showtell_lib.scenes.world.random_scene import Split

SIZE = 64
PLACES = ("beach", "snow", "street", "field", "mountain")
COLOURS = ("red", "yellow", "blue", "black")
# What each kind can do, and the word for it.
VERBS = {
    "boy": {"stand": "standing", "run": "running", "sit": "sitting"},
    "bird": {"stand": "standing", "fly": "flying"},
    "car": {"rest": "parked"},
    "house": {"rest": "standing"},
    "umbrella": {"rest": "standing"},
    "cup": {"rest": "standing"},
}
KINDS = tuple(VERBS)
# Actors are large, so that 64 pixels are enough to recognise them.
SIZES = {"boy": 1.9, "umbrella": 1.3, "cup": 3.0}
MIDDLES = (0.25, 0.75)
DEPTHS = (0.0, 0.25)
# What a picture decides of its caption, and the words for it.
SLOTS = {
    "who": KINDS,
    "colour": COLOURS,
    "place": tuple(words.PLACE_PHRASES["there"][place][0].split()[-1] for place in PLACES),
}

Combination = tuple[str, str, str]


def combination(scene: Scene) -> Combination:
    """The main actor's kind and colour, and the place, which decide the split."""
    return scene.main.kind, scene.main.colour, scene.place


def combinations(split: Split) -> list[Combination]:
    """All combinations of a split, `train` or `heldout`.

    Raises:
        SettingsError: there is no such split.
    """
    wanted = checked_split(split) == "heldout"
    everything = product(KINDS, COLOURS, PLACES)
    return [some for some in everything if _is_held_out(*some) == wanted]


def checked_split(split: Split) -> Split:
    """The name of a split.

    Raises:
        SettingsError: there is no such split.
    """
    if split not in ("train", "heldout"):
        raise SettingsError(f"the split is {split!r}; allowed: 'train' or 'heldout'")
    return split


def scenes(count: int, split: Split, seed: int = 0) -> list[Scene]:
    """Scenes drawn by lot from the combinations of a split, each combination about equally often.

    Args:
        count: how many; a larger count adds scenes and keeps the others.
        split: `train` or `heldout`.
        seed: another seed gives other scenes.

    Raises:
        SettingsError: there is no such split.
    """
    allowed = combinations(split)
    random = randoms.Random(f"{seed}/{split}/small world")
    return [_scene(random.choice(allowed), random) for _ in range(count)]


def caption(scene: Scene) -> str:
    """The only sentence for a scene of this world: who, in which colour, does what, where.

    Raises:
        SceneError: this world has no such actor, action or place.
    """
    main = scene.main
    verb = VERBS.get(main.kind, {}).get(main.action)
    if verb is None or scene.place not in PLACES:
        raise SceneError(
            f"in the small world there is no {main.kind} with {main.action!r} and the place "
            f"{scene.place!r}; its kinds are {', '.join(KINDS)}, its places {', '.join(PLACES)}"
        )
    manner = "flying" if main.action == "fly" else "there"
    where = words.PLACE_PHRASES[manner][scene.place][0]
    if main.kind == "boy":
        return f"a boy in a {main.colour} shirt is {verb} {where}"
    return f"a {main.colour} {main.kind} is {verb} {where}"


def slots(caption: str) -> dict[str, str]:
    """What a caption says in each slot, whatever its place; "" for none of the words, or several.

    Captions of different lengths can so be compared: "a boy in a red shirt is ..." has its colour
    at another place than "a red bird is ...".
    """
    said = set(caption.split())
    named = {slot: said.intersection(allowed) for slot, allowed in SLOTS.items()}
    return {slot: found.pop() if len(found) == 1 else "" for slot, found in named.items()}


def pictures(scenes: Sequence[Scene], size: int = SIZE) -> np.ndarray:
    """The scenes drawn, uint8 [N, size, size, 3]."""
    return np.stack([np.asarray(scene.draw(size)) for scene in scenes])


def _is_held_out(kind: str, colour: str, place: str) -> bool:
    """For each kind in each colour one place is held out, another place for the next colour.

    So training shows every word, and every two words of a combination, but never all three.
    """
    number = KINDS.index(kind) + COLOURS.index(colour) + PLACES.index(place)
    return number % len(PLACES) == 0


def _scene(chosen: Combination, random: randoms.Random) -> Scene:
    kind, colour, place = chosen
    actor = Actor(
        kind=kind,
        colour=colour,
        action=random.choice(list(VERBS[kind])),
        x=round(random.uniform(*MIDDLES), 3),
        depth=round(random.uniform(*DEPTHS), 3),
        size=SIZES.get(kind, 1.0),
        facing=random.choice(FACINGS),
    )
    return Scene(place, "day", (actor,), seed=random.randrange(2**31))
