"""The small world with two things beside each other, and one right sentence for each picture.

"a red cup is left of a blue house": who is named first is not who is on the left, but who comes
first in `KINDS`. So both colours, both kinds and the side have to be seen. A fifth of the
combinations of two kinds and their colours is held out.
"""

from __future__ import annotations

import random as randoms
from dataclasses import replace
from itertools import combinations as pairs_of
from itertools import product

from showtell_lib.errors import SceneError
from showtell_lib.scenes import Actor, Scene
from showtell_lib.scenes.world.catalogue import FACINGS
from showtell_lib.scenes.world.random_scene import Split
from showtell_lib.training.small_world import COLOURS, DEPTHS, PLACES, checked_split

SIZE = 48
KINDS = ("bird", "cup", "umbrella", "car", "house")
PAIRS = tuple(pairs_of(KINDS, 2))
# Named first and named second; with these sizes neither covers much of the other.
SIZES = {
    "bird": (0.75, 1.4),
    "cup": (0.8, 1.5),
    "umbrella": (1.0, 1.0),
    "car": (0.7, 0.7),
    "house": (0.8, 0.8),
}
LEFT, RIGHT, APART = 0.2, 0.82, 0.4
HELD_OUT_OF = 5

# Kind and colour of what is named first, and of what is named second.
Combination = tuple[str, str, str, str]


def combination(scene: Scene) -> Combination:
    """Kinds and colours of both things, which decide the split."""
    first, second = scene.actors
    return first.kind, first.colour, second.kind, second.colour


def combinations(split: Split) -> list[Combination]:
    """All combinations of a split, `train` or `heldout`.

    Raises:
        SettingsError: there is no such split.
    """
    wanted = checked_split(split) == "heldout"
    everything = product(PAIRS, COLOURS, COLOURS)
    named = [(kinds[0], first, kinds[1], second) for kinds, first, second in everything]
    return [some for some in named if _is_held_out(*some) == wanted]


def scenes(count: int, split: Split, seed: int = 0) -> list[Scene]:
    """Scenes drawn by lot from the combinations of a split.

    Args:
        count: how many; a larger count adds scenes and keeps the others.
        split: `train` or `heldout`.
        seed: another seed gives other scenes.

    Raises:
        SettingsError: there is no such split.
    """
    allowed = combinations(split)
    random = randoms.Random(f"{seed}/{split}/side by side")
    return [_scene(random.choice(allowed), random) for _ in range(count)]


def caption(scene: Scene) -> str:
    """The only sentence for a scene of this world: what is on which side of what.

    Raises:
        SceneError: the scene is none of this world.
    """
    kinds = tuple(actor.kind for actor in scene.actors)
    if kinds not in PAIRS:
        raise SceneError(
            f"in the world of two things there is no scene of {', '.join(kinds)}; it has two "
            f"different kinds, in this order: {', '.join(KINDS)}"
        )
    first, second = scene.actors
    side = "left" if first.x < second.x else "right"
    return f"a {first.colour} {first.kind} is {side} of a {second.colour} {second.kind}"


def swapped(scene: Scene) -> Scene:
    """The same scene with its two things in each other's place; all the rest stays."""
    first, second = scene.actors
    return replace(scene, actors=(replace(first, x=second.x), replace(second, x=first.x)))


def _is_held_out(kind: str, colour: str, other_kind: str, other_colour: str) -> bool:
    """For two kinds and the first one's colour, at most one colour of the second is held out.

    So training shows every thing in every colour on both places of the sentence, and all but one
    of the colours beside it.
    """
    number = PAIRS.index((kind, other_kind)) + COLOURS.index(colour)
    return (number + 2 * COLOURS.index(other_colour)) % HELD_OUT_OF == 0


def _scene(chosen: Combination, random: randoms.Random) -> Scene:
    left = random.uniform(LEFT, RIGHT - APART - LEFT / 10)
    sides = [left, random.uniform(left + APART, RIGHT)]
    random.shuffle(sides)
    actors = (
        _actor(chosen[2 * number], chosen[2 * number + 1], sides[number], number, random)
        for number in range(2)
    )
    place = random.choice(PLACES)
    return Scene(place, "day", tuple(actors), seed=random.randrange(2**31))


def _actor(kind: str, colour: str, x: float, number: int, random: randoms.Random) -> Actor:
    return Actor(
        kind=kind,
        colour=colour,
        action="stand" if kind == "bird" else "rest",
        x=round(x, 3),
        depth=round(random.uniform(*DEPTHS), 3),
        size=round(SIZES[kind][number] * random.uniform(0.9, 1.1), 3),
        facing=random.choice(FACINGS),
    )
