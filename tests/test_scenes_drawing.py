"""Scenes as pictures: the same every time, at any size, and only what is changed changes."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from showtell_lib.scenes import Actor, Scene
from showtell_lib.scenes.drawing.layout import Spot, arrange
from showtell_lib.scenes.drawing.picture import SUPERSAMPLING, draw, draw_spot
from showtell_lib.scenes.drawing.places import ground
from showtell_lib.scenes.world.catalogue import (
    ACTION_PLACES,
    KINDS,
    PLACES,
    RELATIONS,
    THINGS,
    TIMES,
)

SIZE = 96
BOY = Actor("boy", "red", "run", x=0.35, depth=0.1)
DOG = Actor("dog", "brown", "run", x=0.75, depth=0.2)
SCENE = Scene("field", "day", (BOY, DOG), "", seed=7)
# In each relation, a main actor and a second one that it can have it with.
PAIRS = {
    "riding": (Actor("girl", "green", "ride"), Actor("bike", "red")),
    "holding": (Actor("woman", "blue", "hold"), Actor("umbrella", "yellow")),
    "throwing": (Actor("man", "white", "throw"), Actor("frisbee", "red")),
    "kicking": (Actor("boy", "red", "kick"), Actor("ball", "blue")),
    "catching": (Actor("dog", "black", "catch"), Actor("frisbee", "orange")),
    "chasing": (Actor("dog", "white", "chase", facing="left"), Actor("cat", "gray", "run")),
    "jumping over": (Actor("horse", "brown", "jump"), Actor("bench", "brown")),
    "next to": (Actor("cow", "brown", "stand"), Actor("house", "white", x=0.2)),
    "in front of": (Actor("man", "red", "stand"), Actor("tree", "green", depth=0.5)),
    "under": (Actor("girl", "pink", "sit"), Actor("tree", "green")),
}


def pixels(scene: Scene, size: int = SIZE) -> np.ndarray:
    return np.asarray(draw(scene, size), dtype=np.int16)


def covered(scene: Scene, index: int) -> np.ndarray:
    """The pixels that an actor covers wholly: they look the same on black and on white."""
    spot = next(spot for spot in arrange(scene) if spot.index == index)
    sheets = []
    for paper in ("black", "white"):
        image = Image.new("RGB", (SIZE * SUPERSAMPLING, SIZE * SUPERSAMPLING), paper)
        draw_spot(image, scene, spot)
        sheets.append(np.asarray(image.resize((SIZE, SIZE), Image.Resampling.BOX)))
    return (sheets[0] == sheets[1]).all(axis=2)


def repainted(scene: Scene, index: int, **changes: str) -> Scene:
    actors = list(scene.actors)
    actors[index] = replace(actors[index], **changes)  # type: ignore[arg-type]
    return replace(scene, actors=tuple(actors))


@pytest.mark.parametrize("time", TIMES)
@pytest.mark.parametrize("place", PLACES)
def test_every_place_is_drawn_the_same_every_time_and_unlike_with_another_seed(
    place: str, time: str
) -> None:
    scene = replace(SCENE, place=place, time=time)
    picture = draw(scene, SIZE)
    assert picture.size == (SIZE, SIZE)
    assert picture.mode == "RGB"
    assert (np.asarray(draw(scene, SIZE)) == np.asarray(picture)).all()
    assert np.abs(pixels(replace(scene, seed=8)) - pixels(scene)).mean() > 3


@pytest.mark.parametrize("place", PLACES)
def test_night_is_darker_than_day(place: str) -> None:
    day, night = (pixels(replace(SCENE, place=place, time=time)).mean() for time in TIMES)
    assert night < 0.75 * day


def test_places_look_unlike_each_other() -> None:
    cat = Actor("cat", "gray", "stand", x=0.1, size=0.25)
    sheets = [pixels(Scene(place, "day", (cat,), seed=3)) for place in PLACES]
    for i, sheet in enumerate(sheets):
        for other in sheets[:i]:
            assert np.abs(sheet - other).mean() > 12


@pytest.mark.parametrize("colour", ["blue", "white", "black"])
def test_a_new_colour_changes_pixels_of_that_actor_only(colour: str) -> None:
    changed = pixels(repainted(SCENE, 0, colour=colour)) != pixels(SCENE)
    rows, columns = np.nonzero(changed.any(axis=2))
    spot = next(spot for spot in arrange(SCENE) if spot.index == 0)
    assert len(rows) > 30
    assert columns.min() >= spot.left * SIZE - 2
    assert columns.max() <= spot.right * SIZE + 2
    assert rows.min() >= (1 - spot.top) * SIZE - 2


def test_another_kind_leaves_the_other_actor_as_it_is() -> None:
    scene = repainted(SCENE, 0, kind="girl")
    mask = covered(SCENE, 1)
    assert mask.sum() > 50
    assert (pixels(scene)[mask] == pixels(SCENE)[mask]).all()


@pytest.mark.parametrize("place", ["park", "forest", "desert", "snow", "mountain"])
def test_another_place_leaves_the_actors_as_they_are(place: str) -> None:
    assert ground(place) == ground(SCENE.place)
    scene = replace(SCENE, place=place)
    for index in (0, 1):
        mask = covered(SCENE, index)
        assert (pixels(scene)[mask] == pixels(SCENE)[mask]).all()


@pytest.mark.parametrize("place", ["field", "street", "pool", "room"])
def test_a_larger_picture_is_the_same_picture(place: str) -> None:
    scene = replace(SCENE, place=place)
    large = draw(scene, 2 * SIZE).resize((SIZE, SIZE), Image.Resampling.BOX)
    difference = np.abs(np.asarray(large, dtype=np.int16) - pixels(scene))
    assert difference.mean() < 2


@pytest.mark.parametrize("kind", THINGS)
def test_every_thing_can_be_the_main_actor_and_is_large_enough(kind: str) -> None:
    place, colour = KINDS[kind].places[0], KINDS[kind].colours[0]
    scene = Scene(place, "day", (Actor(kind, colour),), seed=2)
    (spot,) = arrange(scene)
    assert max(spot.width, spot.extent.height * spot.unit) > 0.25
    draw(scene, SIZE)


@pytest.mark.parametrize("relation", RELATIONS)
@pytest.mark.parametrize("place", ["street", "lake"])
@pytest.mark.parametrize("x", [0.0, 0.5, 1.0])
def test_nobody_is_cut_off_in_any_relation(relation: str, place: str, x: float) -> None:
    main, other = PAIRS[relation]
    scene = Scene(place, "night", (replace(main, x=x), other), relation, seed=4)
    for spot in arrange(scene):
        assert spot.left > 0
        assert spot.right < 1
        assert spot.top < 1
    draw(scene, SIZE)


def test_relations_are_seen_in_where_the_actors_are() -> None:
    def spots(relation: str) -> tuple[Spot, Spot]:
        scene = Scene("field", "day", PAIRS[relation], relation)
        found = {spot.index: spot for spot in arrange(scene)}
        return found[0], found[1]

    main, other = spots("jumping over")
    assert main.y + main.lift + main.extent.bottom * main.unit >= other.top
    assert other.left < main.x < other.right
    main, other = spots("next to")
    assert main.left > other.right
    main, other = spots("chasing")
    assert main.left > other.right
    main, other = spots("under")
    assert other.top > main.top
    assert other.left < main.x < other.right
    main, other = spots("in front of")
    assert main.y < other.y


@pytest.mark.parametrize(
    ("place", "action"),
    [
        (place, action)
        for place in ("pool", "lake", "beach")
        for action in KINDS["man"].actions[:6]
        if place in ACTION_PLACES.get(action, PLACES)
    ],
)
def test_only_swimmers_are_in_the_water(place: str, action: str) -> None:
    (spot,) = arrange(Scene(place, "day", (Actor("man", "red", action),)))
    assert spot.floats == (action == "swim")
    if spot.floats:
        assert spot.y > ground(place).back


def test_pictures_are_those_of_every_other_machine() -> None:
    """Stored as colours of 8 x 8 patches: what a patch averages over hides a decoder's last bit."""
    stored = json.loads((Path(__file__).parent / "fixtures" / "scene_colours.json").read_text())
    assert len(stored) == 12
    for seed, colours in stored.items():
        patches = draw(Scene.random(int(seed)), 64).resize((8, 8), Image.Resampling.BOX)
        assert np.abs(np.asarray(patches, int) - np.array(colours)).max() <= 4, seed
