"""What captions do not show: the same scenes with one thing changed, counted."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from PIL import ImageOps

from showtell_lib.captioner import load
from showtell_lib.errors import SettingsError
from showtell_lib.evaluation.blind_spots import blind_spots
from showtell_lib.scenes import two_for_one_pairs


def test_two_for_one_differs_in_a_second_of_the_same_kind() -> None:
    pairs = two_for_one_pairs(30, seed=3)
    assert pairs == two_for_one_pairs(30, seed=3)
    for one, two in pairs:
        assert len(one.actors) == 1
        assert replace(two, actors=one.actors) == one
        assert two.main == one.main
        first, second = two.actors
        assert replace(second, x=first.x) == first
        assert 0.05 < abs(second.x - first.x) < 1


def test_counts_are_those_of_single_captions() -> None:
    captioner = load()
    found = blind_spots(captioner, 2, seed=1)
    assert list(found)[:2] == ["mirrored", "two for one"]
    texts = {"mirrored": 0, "two for one": 0}
    cosines = []
    for one, two in two_for_one_pairs(2, seed=1):
        picture = one.draw()
        said = captioner.caption(picture, beam_width=3, length_penalty=0)[0].text
        for name, after in (("mirrored", ImageOps.mirror(picture)), ("two for one", two.draw())):
            again = captioner.caption(after, beam_width=3, length_penalty=0)[0].text
            texts[name] += said == again
        left, right = captioner.embed([picture, ImageOps.mirror(picture)])
        cosines.append(left @ right / np.linalg.norm(left) / np.linalg.norm(right))
    assert {name: found[name].same_caption for name in texts} == texts
    assert found["mirrored"].similarity == pytest.approx(np.mean(cosines), abs=1e-4)
    assert found["mirrored"].scenes == 2


def test_no_scenes_are_refused() -> None:
    with pytest.raises(SettingsError, match="count"):
        blind_spots(None, 0)  # type: ignore[arg-type]
