"""The world of two things: a split by combination, captions that are true, things that are seen."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from showtell_lib.errors import SceneError, SettingsError
from showtell_lib.scenes import Actor, Scene
from showtell_lib.scenes.drawing.layout import arrange
from showtell_lib.training import side_by_side

TRAIN = side_by_side.scenes(1500, "train")
HELD_OUT = side_by_side.scenes(300, "heldout")


def test_no_combination_is_on_both_sides_and_a_fifth_is_held_out() -> None:
    seen, unseen = ({side_by_side.combination(s) for s in part} for part in (TRAIN, HELD_OUT))
    assert not seen & unseen
    assert seen == set(side_by_side.combinations("train"))
    assert unseen == set(side_by_side.combinations("heldout"))
    assert len(unseen) * 5 == len(seen | unseen) == 10 * 4 * 4


def test_each_thing_of_a_held_out_picture_was_seen_in_its_place_of_the_sentence() -> None:
    for half in (slice(2), slice(2, 4)):
        seen = Counter(side_by_side.combination(s)[half] for s in TRAIN)
        assert all(seen[side_by_side.combination(s)[half]] > 20 for s in HELD_OUT)


def test_the_caption_says_on_which_side_the_picture_shows_it() -> None:
    for scene in TRAIN[:300]:
        first, second = sorted(arrange(scene), key=lambda spot: spot.index)
        words = side_by_side.caption(scene).split()
        assert (words[4] == "left") == (first.left + first.right < second.left + second.right)
        assert (words[1], words[2], words[7], words[8]) == (
            scene.actors[0].colour, scene.actors[0].kind,
            scene.actors[1].colour, scene.actors[1].kind,
        )  # fmt: skip
    sides = Counter(side_by_side.caption(scene).split()[4] for scene in TRAIN)
    assert min(sides.values()) > 0.4 * len(TRAIN)


def test_neither_thing_covers_much_of_the_other_and_both_can_be_seen() -> None:
    for scene in [*TRAIN[:500], *HELD_OUT]:
        left, right = sorted(arrange(scene), key=lambda spot: spot.left)
        covered = left.right - right.left
        assert covered < 0.4 * min(left.width, right.width)
        assert min(left.width, right.width) > 0.15


def test_swapped_only_the_side_is_another() -> None:
    for scene in HELD_OUT[:50]:
        other = side_by_side.swapped(scene)
        assert side_by_side.swapped(other) == scene
        before, after = (side_by_side.caption(s).split() for s in (scene, other))
        different = [place for place in range(9) if before[place] != after[place]]
        assert different == [4]


def test_the_seed_decides_and_more_only_adds() -> None:
    assert side_by_side.scenes(50, "train") == TRAIN[:50]
    assert side_by_side.scenes(50, "train", seed=1) != TRAIN[:50]


def test_scenes_of_other_worlds_and_other_splits_are_refused() -> None:
    cup, bird = Actor("cup", "red"), Actor("bird", "blue", "stand", x=0.8)
    for actors in ((cup,), (cup, bird), (cup, cup)):
        with pytest.raises(SceneError, match="in this order: bird, cup, umbrella"):
            side_by_side.caption(Scene("beach", "day", actors))
    with pytest.raises(SettingsError, match="'test'"):
        side_by_side.scenes(3, "test")  # type: ignore[arg-type]


def test_no_combination_is_rare() -> None:
    counts = Counter(side_by_side.combination(scene) for scene in TRAIN)
    assert min(counts.values()) >= 3
    assert np.mean(list(counts.values())) > 10
