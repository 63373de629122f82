"""The small world: a split by combination, reproducible, with captions that are true."""

from __future__ import annotations

from collections import Counter
from itertools import combinations, product
from pathlib import Path

import numpy as np
import pytest

from showtell_lib.captioner import load
from showtell_lib.errors import SceneError, SettingsError
from showtell_lib.lstm import NumpyDecoder
from showtell_lib.scenes import Actor, Scene, check_caption
from showtell_lib.training import small_world, text
from showtell_lib.vocabulary import read_vocabulary

TRAIN = small_world.scenes(1500, "train")
HELD_OUT = small_world.scenes(300, "heldout")


def test_no_combination_is_on_both_sides() -> None:
    seen, unseen = ({small_world.combination(s) for s in part} for part in (TRAIN, HELD_OUT))
    assert not seen & unseen
    everything = set(product(small_world.KINDS, small_world.COLOURS, small_world.PLACES))
    assert seen | unseen == everything
    assert len(unseen) == len(everything) / 5


def test_whatever_two_are_held_out_together_was_seen_together() -> None:
    seen = {pair for s in TRAIN for pair in combinations(small_world.combination(s), 2)}
    for scene in HELD_OUT:
        assert seen.issuperset(combinations(small_world.combination(scene), 2))


def test_every_word_of_the_held_out_captions_was_seen() -> None:
    known = {word for scene in TRAIN for word in small_world.caption(scene).split()}
    assert known.issuperset(w for scene in HELD_OUT for w in small_world.caption(scene).split())


@pytest.mark.parametrize("scene", [*TRAIN[:200], *HELD_OUT[:200]])
def test_captions_are_true_and_say_all(scene: Scene) -> None:
    caption = small_world.caption(scene)
    check = check_caption(scene, caption)
    assert check.is_true
    assert check.complete
    assert scene.main.colour in caption.split()


@pytest.mark.parametrize("scene", [*TRAIN[:100], *HELD_OUT[:100]])
def test_the_slots_of_a_caption_are_those_of_the_scene(scene: Scene) -> None:
    place = {"mountain": "mountains"}.get(scene.place, scene.place)
    expected = {"who": scene.main.kind, "colour": scene.main.colour, "place": place}
    assert small_world.slots(small_world.caption(scene)) == expected


def test_a_slot_that_is_left_open_or_filled_twice_is_empty() -> None:
    said = small_world.slots("a red blue bird is standing")
    assert said == {"who": "bird", "colour": "", "place": ""}


def test_another_colour_or_place_in_the_caption_is_untrue() -> None:
    """The checker that judges trained captions is not blind to this world's mistakes."""
    for scene in HELD_OUT[:60]:
        own = small_world.caption(scene)
        other = next(c for c in small_world.COLOURS if c != scene.main.colour)
        assert not check_caption(scene, own.replace(scene.main.colour, other)).is_true
        elsewhere = scene.replace(place="snow" if scene.place != "snow" else "beach")
        assert not check_caption(elsewhere, own).is_true


def test_the_seed_decides_and_more_only_adds() -> None:
    assert small_world.scenes(50, "train") == TRAIN[:50]
    assert small_world.scenes(50, "train", seed=1) != TRAIN[:50]
    first = small_world.pictures(TRAIN[:2])
    assert first.shape == (2, small_world.SIZE, small_world.SIZE, 3)
    assert first.dtype == np.uint8
    np.testing.assert_array_equal(first, small_world.pictures(TRAIN[:2]))


def test_no_combination_is_rare() -> None:
    counts = Counter(small_world.combination(scene) for scene in TRAIN)
    mean = len(TRAIN) / len(counts)
    assert min(counts.values()) > mean / 4


def test_a_scene_of_another_world_has_no_caption() -> None:
    stranger = Scene("lake", "day", (Actor("duck", "white", "swim"),))
    for scene in (stranger, TRAIN[0].replace(place="forest", kind="cup", action="rest")):
        with pytest.raises(SceneError, match="its kinds are boy, bird"):
            small_world.caption(scene)


def test_another_split_is_refused() -> None:
    with pytest.raises(SettingsError, match="'test'"):
        small_world.scenes(3, "test")  # type: ignore[arg-type]


def test_a_network_of_ones_own_freezes_to_a_model_that_loads(tmp_path: Path) -> None:
    """As notebook 09 does it, batch normalisation included; the weights are not trained."""
    from showtell_lib.quiet import import_tensorflow
    from showtell_lib.training.export import freeze
    from showtell_lib.training.network import Decoder, frozen_weights

    keras = import_tensorflow().keras
    random = np.random.default_rng(0)
    layers = [keras.layers.Conv2D(6, 3, strides=2, use_bias=False)]
    layers += [keras.layers.BatchNormalization(), keras.layers.GlobalAveragePooling2D()]
    encoder = keras.Sequential([keras.layers.Input((64, 64, 3)), *layers])
    layers[1].set_weights([random.uniform(0.5, 2, 6) for _ in range(4)])
    text.write_word_counts(
        text.count_words([small_world.caption(s) for s in TRAIN], 1), tmp_path / "words.txt"
    )
    vocabulary = read_vocabulary(tmp_path / "words.txt")
    decoder = Decoder(len(vocabulary), np.zeros(6), np.ones(6), units=16, dropout=0.0)
    weights = frozen_weights(decoder)
    freeze(lambda p: encoder(p, training=False), 64, weights, tmp_path / "words.txt", tmp_path)
    loaded = load(tmp_path)
    pixels = small_world.pictures(TRAIN[:3]) / np.float32(127.5) - 1
    states = NumpyDecoder(weights, vocabulary).encode(np.asarray(encoder(pixels)))
    found = loaded.encode_many([scene.draw(small_world.SIZE) for scene in TRAIN[:3]])
    np.testing.assert_allclose(found, states, atol=2e-3)
    assert loaded.vocabulary.tokens == vocabulary.tokens
