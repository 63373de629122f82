"""The captioner that users hold, on the bundled model."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, strategies

import showtell_lib as st
from showtell_lib.errors import ModelError, PhotoError, SettingsError
from showtell_lib.photos import sample_photo
from showtell_lib.store import bundled_folder
from tests.examples import examples

NAMES = ("chelsea", "coffee", "flower", "china", "rocket")


CUP, TEMPLE = {"cup", "coffee", "mug"}, {"building", "castle", "temple", "tower"}


@pytest.mark.parametrize(
    ("name", "words", "beam_width"),
    [
        ("chelsea", {"cat", "kitten"}, 1),
        ("chelsea", {"cat", "kitten"}, 3),
        ("coffee", CUP, 1),
        ("coffee", CUP, 3),
        ("flower", {"flower", "flowers"}, 1),
        ("flower", {"flower", "flowers"}, 3),
        ("china", TEMPLE, 1),
        ("china", TEMPLE, 3),
    ],
)
def test_it_says_what_is_there(
    captioner: st.Captioner, name: str, words: set[str], beam_width: int
) -> None:
    best = captioner.caption(sample_photo(name), beam_width=beam_width)[0]
    assert words & set(best.text.split())


def test_drawn_scenes_keep_their_captions(captioner: st.Captioner) -> None:
    """The captions of 50 scenes, stored when the bundled model was made."""
    path = Path(__file__).parent / "fixtures" / "scene_captions.json"
    stored = json.loads(path.read_text(encoding="utf-8"))
    assert len(stored) == 50
    pictures = [st.Scene.random(int(seed)).draw() for seed in stored]
    for captions, expected in zip(captioner.caption_batch(pictures), stored.values(), strict=True):
        best, second = captions[:2]
        if best.log_prob - second.log_prob < 1e-2:  # Another processor may turn a near tie.
            assert expected in (best.text, second.text)
        else:
            assert best.text == expected


def test_a_model_may_have_search_settings_of_its_own(captioner: st.Captioner) -> None:
    photo, files = sample_photo("chelsea"), captioner.files
    own = {"beam_width": files.beam_width, "length_penalty": files.length_penalty}
    assert captioner.caption(photo) == captioner.caption(photo, **own)
    by_path = st.load(files.graph.parent).files
    assert (by_path.beam_width, by_path.length_penalty) == (3, 0)


def test_many_photos_are_captioned_as_each_alone(captioner: st.Captioner) -> None:
    photos = [sample_photo(name) for name in NAMES]
    for photo, together in zip(photos, captioner.caption_batch(photos), strict=True):
        alone = captioner.caption(photo)
        assert [c.token_ids for c in together] == [c.token_ids for c in alone]
        np.testing.assert_allclose(
            [c.log_prob for c in together], [c.log_prob for c in alone], atol=1e-4
        )


def test_states_do_not_depend_on_the_batch(captioner: st.Captioner) -> None:
    photos = [sample_photo(name) for name in NAMES]
    together = captioner.encode_many(photos)
    assert together.dtype == np.float32
    assert together.shape == (len(NAMES), 2 * captioner.units)
    for photo, state in zip(photos, together, strict=True):
        np.testing.assert_allclose(captioner.encode(photo)[0], state, atol=1e-4)


def test_probabilities_of_a_step_sum_to_one(captioner: st.Captioner) -> None:
    state = captioner.encode_many([sample_photo(name) for name in NAMES])
    log_probs, after = captioner.step([captioner.vocabulary.start_id] * len(NAMES), state)
    assert log_probs.shape == (len(NAMES), len(captioner.vocabulary))
    assert after.shape == state.shape
    np.testing.assert_allclose(np.exp(log_probs.astype(float)).sum(axis=1), 1, atol=1e-5)


def test_a_caption_adds_up(captioner: st.Captioner) -> None:
    photo = sample_photo("chelsea")
    for caption in captioner.caption(photo, beam_width=5):
        state, total = captioner.encode(photo), 0.0
        for token_id, following in zip(caption.token_ids, caption.token_ids[1:], strict=False):
            log_probs, state = captioner.step([token_id], state)
            total += float(log_probs[0, following])
        assert caption.log_prob == pytest.approx(total, abs=1e-3)
        assert caption.probability == pytest.approx(np.exp(caption.log_prob))


def test_no_photos_no_captions(captioner: st.Captioner) -> None:
    assert captioner.caption_batch([]) == []


def test_the_encoder_sees_the_whole_photo(captioner: st.Captioner) -> None:
    half = np.zeros((60, 80, 3), np.uint8)
    half[:, 40:] = 255
    pixels = captioner.pixels(half)
    assert pixels.shape == (1, 224, 224, 3)
    np.testing.assert_allclose(pixels[0, :, :100], -1, atol=0.01)
    np.testing.assert_allclose(pixels[0, :, 124:], 1, atol=0.01)


@pytest.mark.parametrize("bad", [{"beam_width": 0}, {"length_penalty": -0.1}, {"max_length": 1}])
def test_bad_settings_are_refused_before_the_photo_is_opened(
    captioner: st.Captioner, bad: dict[str, float]
) -> None:
    with pytest.raises(SettingsError):
        captioner.caption("no such photo.jpg", **bad)


def test_bad_photos(captioner: st.Captioner) -> None:
    with pytest.raises(PhotoError, match=r"no such photo\.jpg"):
        captioner.caption("no such photo.jpg")
    with pytest.raises(PhotoError, match="NoneType"):
        captioner.caption(None)


@pytest.mark.parametrize(
    "photos", [[], ["a.jpg"], ("a.jpg", "b.jpg"), iter(["a.jpg"]), np.zeros((2, 8, 8, 3), np.uint8)]
)
def test_several_photos_are_for_another_method(captioner: st.Captioner, photos: Any) -> None:
    with pytest.raises(PhotoError, match="`caption_batch` takes several"):
        captioner.caption(photos)


def test_a_model_by_its_folder_or_its_file(captioner: st.Captioner) -> None:
    folder = bundled_folder() / "mini"
    for path in (folder, str(folder), folder / "show-and-tell.pb"):
        loaded = st.load(path)
        assert loaded.vocabulary == captioner.vocabulary
    assert "mini" in repr(captioner)


def test_an_unknown_model() -> None:
    with pytest.raises(ModelError, match="did you mean mini"):
        st.load("minny")
    with pytest.raises(ModelError, match=r"show-and-tell\.pb is missing"):
        st.load(Path(__file__).parents[1] / "tests")


def encoded_cat(file_format: str) -> bytes:
    buffer = io.BytesIO()
    sample_photo("chelsea").thumbnail(64).save(buffer, file_format)
    return buffer.getvalue()


DAMAGED = {file_format: encoded_cat(file_format) for file_format in ("JPEG", "PNG", "GIF")}


@pytest.mark.parametrize("file_format", DAMAGED)
@given(data=strategies.data())
@examples(25)
def test_a_damaged_photo_gets_a_state_or_a_photo_error(
    captioner: st.Captioner, file_format: str, data: strategies.DataObject
) -> None:
    """What one decoder lets pass must not crash the other."""
    damaged = bytearray(DAMAGED[file_format])
    for _ in range(data.draw(strategies.integers(1, 4))):
        position = data.draw(strategies.integers(0, len(damaged) - 1))
        damaged[position] ^= 1 << data.draw(strategies.integers(0, 7))
    try:
        state = captioner.encode(bytes(damaged))
    except PhotoError:
        return
    assert np.isfinite(state).all()
