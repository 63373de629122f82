"""NumPy's numbers, and one thing where several are wanted: it works, or our own error says why."""

from __future__ import annotations

import json
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

import showtell_lib as st
from showtell_lib import search
from showtell_lib.errors import SettingsError, VocabularyError
from showtell_lib.evaluation.photos import Evaluation
from showtell_lib.photos import sample_photo
from showtell_lib.reports import StoredCaptions
from showtell_lib.search import BeamSettings
from showtell_lib.search.sampling import in_nucleus
from tests.toy_models import START_STATE, random_model

NUMPY = {
    "beam": {
        "beam_width": np.int64(2),
        "length_penalty": np.float32(0.5),
        "max_length": np.uint8(6),
    },
    "greedy": {"max_length": np.int32(6)},
    "sample": {
        "captions": np.int64(3),
        "temperature": np.float32(0.5),
        "top_k": np.int16(3),
        "top_p": np.float64(0.75),
        "seed": np.uint32(7),
        "max_length": np.int64(6),
    },
    "diverse_beam": {
        "beam_width": np.int64(4),
        "groups": np.int64(2),
        "diversity": np.float16(0.5),
        "length_penalty": np.int64(0),
        "max_length": np.int64(6),
    },
    "exact": {
        "captions": np.int64(2),
        "length_penalty": np.float32(0.5),
        "budget": np.int64(500),
        "max_length": np.int64(5),
    },
}


@pytest.mark.parametrize("name", NUMPY)
def test_a_search_takes_numpys_numbers_as_pythons(name: str) -> None:
    model, run = random_model(3), getattr(search, name)
    found = run(model, START_STATE, **NUMPY[name], trace=True)
    plain = {key: value.item() for key, value in NUMPY[name].items()}
    assert found == run(model, START_STATE, **plain, trace=True)
    assert search.greedy(model, START_STATE[0]) == search.greedy(model, START_STATE)
    assert json.loads(found.trace.to_json())["settings"] == {
        key: plain.get(key, value) for key, value in found.trace.settings.items()
    }


@pytest.mark.parametrize("bad", [True, np.True_, 3.0, np.float32(3), "3", None, [3]])
def test_no_whole_number(bad: Any) -> None:
    for name in ("beam_width", "max_length"):
        with pytest.raises(SettingsError, match=f"{name} must be a whole number"):
            search.beam(random_model(0), START_STATE, **{name: bad})


@pytest.mark.parametrize("bad", [True, np.True_, "1", None, np.nan, np.complex64(1), 10**400])
def test_no_number(bad: Any) -> None:
    with pytest.raises(SettingsError, match="length_penalty must be a number"):
        search.beam(random_model(0), START_STATE, length_penalty=bad)


def test_results_with_numpys_numbers_are_json() -> None:
    one = np.float32(0.5)
    result = Evaluation(
        np.int64(3), np.int64(2), one, 20, {"cider": one}, one, one, one, one, 0, 5, {}
    )
    document = json.loads(json.dumps(result.as_dict()))
    assert (document["beam_width"], document["scores"]) == (2, {"cider": 0.5})


def test_stored_captions_take_numpys_numbers(tmp_path: Any) -> None:
    stored = StoredCaptions("00", {"beam_width": np.int64(3)}, {}, {"x": {"cider": np.float32(1)}})
    stored.save(tmp_path / "stored.json")
    assert json.loads((tmp_path / "stored.json").read_text())["settings"] == {"beam_width": 3}


def test_a_scene_by_a_numpy_seed() -> None:
    scene = st.Scene.random(np.int64(66))
    assert scene == st.Scene.random(66)
    assert st.Scene.from_json(scene.to_json()) == scene


@settings(max_examples=300, deadline=None)
@given(data=some.data(), parts=some.integers(2, 60))
def test_the_nucleus_is_that_of_exact_fractions(data: some.DataObject, parts: int) -> None:
    """However the shares of `parts` are dealt, and at every sum that they can reach."""
    shares = sorted(_dealt(data, parts), reverse=True)
    reached = data.draw(some.integers(1, parts))
    log_probs = np.log(np.array([s / parts for s in shares])).astype(np.float32)
    probabilities = np.exp(log_probs.astype(np.float64))
    found = in_nucleus(probabilities / probabilities.sum(), reached / parts)
    before = [Fraction(sum(shares[:n]), parts) for n in range(len(shares))]
    assert found.tolist() == [share < Fraction(reached, parts) for share in before]


def _dealt(data: some.DataObject, parts: int) -> list[int]:
    shares = []
    while parts:
        shares.append(data.draw(some.integers(1, parts)))
        parts -= shares[-1]
    return shares


def test_of_ten_equal_words_eight_reach_four_fifths() -> None:
    assert in_nucleus(np.full(10, 0.1), 0.8).sum() == 8
    assert in_nucleus(np.full(10, 0.1), 1.0).all()
    assert in_nucleus(np.full(10, 0.1), 1e-9).tolist() == [True] + [False] * 9


@pytest.fixture(scope="module")
def captioner() -> st.Captioner:
    return st.load()


def test_settings_of_a_captioner(captioner: st.Captioner) -> None:
    photo = sample_photo("chelsea")
    chosen = {"beam_width": 2, "max_length": 8, "length_penalty": 0.5}
    numbers = {"beam_width": np.int64(2), "max_length": np.int64(8)}
    found = captioner.caption(photo, **numbers, length_penalty=np.float32(0.5))
    assert found == captioner.caption(photo, **chosen)
    states = captioner.encode(photo)
    drawn = captioner.compiled.sample(states, seed=np.int64(4), top_p=np.float32(0.5))
    assert drawn == captioner.compiled.sample(states, seed=4, top_p=0.5)
    assert captioner.compiled.sample(states, seed=2**40)  # More than TensorFlow's seeds hold.


def test_one_photo_where_several_are_wanted(captioner: st.Captioner, tmp_path: Any) -> None:
    path = tmp_path / "photo.png"
    sample_photo("chelsea").as_image().save(path)
    picture = np.asarray(sample_photo("chelsea").as_image())
    expected = captioner.encode(path)
    for photo in (str(path), path, path.read_bytes(), picture, sample_photo("chelsea")):
        np.testing.assert_allclose(captioner.encode_many(photo), expected, atol=1e-5)
    (result,) = captioner.caption_many(str(path), progress=False)
    assert (result.name, bool(result.captions)) == ("photo.png", True)
    assert len(captioner.caption_states(expected[0], BeamSettings(1, max_length=5)))


def test_one_id_and_one_state(captioner: st.Captioner) -> None:
    state = captioner.encode(sample_photo("chelsea"))
    start = captioner.vocabulary.start_id
    expected = captioner.step([start], state)
    for token_ids in (start, np.int32(start), np.array([start], np.uint16)):
        for one in (state, state[0], state.astype(np.float64), state.tolist()):
            for found, right in zip(captioner.step(token_ids, one), expected, strict=True):
                np.testing.assert_array_equal(found, right)
    with pytest.raises(SettingsError, match="token id"):
        captioner.numpy_decoder.step([-1], state)


@pytest.mark.parametrize(
    ("token_ids", "message"),
    [
        (10**6, "token id 1000000 is outside the vocabulary, 0 to"),
        ([-1], "token id -1 is outside"),
        ([1.0], "whole numbers"),
        ([True], "whole numbers"),
        ("dog", "whole numbers"),
        ([[1]], r"one list, \[N\], not of shape \[1, 1\]"),
        ([[1], [1, 2]], "whole numbers"),
        ([1, 2], "2 token ids need as many states, not 1"),
    ],
)
def test_wrong_ids(token_ids: Any, message: str, captioner: st.Captioner) -> None:
    state = np.zeros((1, 2 * captioner.units), np.float32)
    with pytest.raises(SettingsError, match=message):
        captioner.step(token_ids, state)


@pytest.mark.parametrize(
    "state", [np.zeros((1, 3)), np.zeros(3), np.zeros((1, 1, 4)), 0.0, [], "state", [["a", "b"]]]
)
def test_wrong_states(state: Any, captioner: st.Captioner) -> None:
    with pytest.raises(SettingsError, match="states must"):
        captioner.step([0], state)
    with pytest.raises(SettingsError, match="states must"):
        captioner.caption_states(state, BeamSettings(1, max_length=5))


def test_vocabulary_takes_a_sentence_and_single_ids(captioner: st.Captioner) -> None:
    words = captioner.vocabulary
    assert words.encode("a dog") == words.encode(["a", "dog"]) == words.encode(iter(["a", "dog"]))
    dog = words.token_id("dog")
    assert words.text(dog) == words.text(np.int64(dog)) == words.text(np.array([dog])) == "dog"
    assert words.word(np.int32(dog)) == "dog"
    for bad in (True, 1.0, "3", None):
        with pytest.raises(VocabularyError, match="must be a whole number"):
            words.word(bad)  # type: ignore[arg-type]
    with pytest.raises(VocabularyError, match="must be text"):
        words.encode([3])  # type: ignore[list-item]
