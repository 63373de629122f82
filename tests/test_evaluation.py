"""Evaluations: figures of captions whose quality is known beforehand."""

from __future__ import annotations

import io
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from showtell_lib.cli import main
from showtell_lib.evaluation.degradations import DEGRADATIONS
from showtell_lib.evaluation.photos import caption_states, classes_named, encode_photos, evaluate
from showtell_lib.evaluation.scenes import evaluate_scenes, fresh_scenes
from showtell_lib.photos import sample_photo
from showtell_lib.reports import load_captions
from showtell_lib.scenes.world.random_scene import is_held_out
from showtell_lib.search import BeamSettings
from showtell_lib.store import find_model
from showtell_lib.training.datasets import CaptionedPhoto, own_captions, sampling_weights
from showtell_lib.vocabulary import Vocabulary
from tests.tiny_dataset import make_broader, make_dataset

SETTINGS = BeamSettings(beam_width=2)


class Parrot:
    """A captioner that says given sentences, one photo after another, whatever they show."""

    def __init__(self, sentences: Sequence[str]) -> None:
        words = sorted({word for sentence in sentences for word in sentence.split()})
        self.vocabulary = Vocabulary(("<S>", "</S>", *words))
        self.sentences = [self.vocabulary.encode(sentence.split()) for sentence in sentences]
        self.photos: list[Any] = []

    def encode_many(self, photos: Sequence[Any]) -> np.ndarray:
        """States that name a sentence and say how many of its words have been said."""
        first = len(self.photos)
        self.photos += photos
        rows = [(first + i, 0.0) for i in range(len(photos))]
        return np.array(rows, np.float32)

    def step(self, token_ids: Any, state: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Nearly certain of the sentence's next word."""
        log_probs = np.full((len(state), len(self.vocabulary)), -20.0)
        for row, (sentence, said) in zip(log_probs, state.astype(int), strict=True):
            tokens = self.sentences[sentence]
            row[tokens[min(said + 1, len(tokens) - 1)]] = -1e-6
        return log_probs, state + np.array([0.0, 1.0], np.float32)


@pytest.fixture
def photos(tmp_path: Path) -> list[CaptionedPhoto]:
    image = Image.new("RGB", (8, 8))
    photos = []
    for number, said in enumerate(["a man on a red bike", "two dogs run", "a woman in blue"]):
        path = tmp_path / f"{number}.png"
        image.save(path)
        references = (said, f"{said} outside", said, said, "something else")
        photos.append(CaptionedPhoto(path.name, path, references))
    return photos


def figures(photos: list[CaptionedPhoto], sentences: list[str]) -> Any:
    parrot = Parrot(sentences)
    states = encode_photos(parrot, photos, progress=False)
    captions = caption_states(parrot, photos, states, SETTINGS, progress=False)
    assert [caption.text for caption in captions.values()] == sentences
    return evaluate(captions, photos, SETTINGS)


def test_who_says_what_people_say(photos: list[CaptionedPhoto]) -> None:
    result = figures(photos, [photo.captions[0] for photo in photos])
    assert result.scores["bleu_1"] == pytest.approx(1)
    assert result.scores["cider"] > 5 > 1 > result.shuffled_cider
    assert result.distinct_per_1000 == pytest.approx(1000)
    assert result.mean_words == pytest.approx((6 + 3 + 4) / 3)
    assert result.unfinished == result.unknown == 0
    assert result.words_used == len("a man on red bike two dogs run woman in blue".split())
    assert result.words["red"] == {"said": 1, "agreed": 1, "in_references": 1}


def test_who_says_always_the_same(photos: list[CaptionedPhoto]) -> None:
    result = figures(photos, ["a man in red"] * 3)
    assert result.scores["cider"] == pytest.approx(result.shuffled_cider)
    assert result.distinct_per_1000 == pytest.approx(1000 / 3)
    assert result.words["red"] == {"said": 3, "agreed": 1, "in_references": 1}
    assert result.words["man"] == {"said": 3, "agreed": 1, "in_references": 1}
    assert result.words["woman"] == {"said": 0, "agreed": 0, "in_references": 1}


def test_the_shuffled_captions_are_never_their_own(photos: list[CaptionedPhoto]) -> None:
    """Else the figure would hold a share of what does come from looking."""
    many = [
        CaptionedPhoto(f"{i}", photos[0].path, (f"only w{i} has x{i} and y{i}",)) for i in range(50)
    ]
    assert figures(many, [photo.captions[0] for photo in many]).shuffled_cider < 0.2


def test_classes_named() -> None:
    captions = {
        str(number): type("Said", (), {"text": text})()
        for number, text in enumerate(["a kitten on a rug", "a dog", "a big jet", "a man"])
    }
    groups = ["cat", "cat", "airplane", "coco"]
    photos = [CaptionedPhoto(str(i), Path(), ("",), group) for i, group in enumerate(groups)]
    assert classes_named(captions, photos) == {"0": True, "1": False, "2": True}


def test_rare_and_careful_captions_are_drawn_more_often() -> None:
    by = {"template": 0, "project": 1, "coco": 2, "cat": 3}
    photos = [CaptionedPhoto("t", Path(), ("a",), "street", caption_by="template")] * 400
    photos += [CaptionedPhoto("p", Path(), ("a",), "street", caption_by="project")]
    photos += [CaptionedPhoto("c", Path(), ("a",), "coco", caption_by="coco")]
    weights = sampling_weights(photos)[399:]
    assert weights[by["project"]] > weights[by["coco"]] > weights[by["template"]]
    assert sampling_weights(photos).sum() == pytest.approx(1)


def test_our_own_captions_are_plain_sentences() -> None:
    own = own_captions()
    assert len(own) >= 400
    for name, captions in own.items():
        assert len(set(captions)) == 4, name
        for caption in captions:
            assert caption == " ".join(caption.lower().split()), name
            assert caption.replace(" ", "").isalpha(), name


def cat() -> Image.Image:
    return sample_photo("chelsea").as_image()


@pytest.mark.parametrize("name", DEGRADATIONS)
def test_a_degraded_photo_is_still_the_photo(name: str) -> None:
    before, after = cat(), DEGRADATIONS[name](cat())
    assert after.mode == "RGB"
    small = [np.asarray(image.resize((9, 6)), float).ravel() for image in (before, after)]
    if name == "mirrored":
        small[1] = np.asarray(after.resize((9, 6)), float)[:, ::-1].ravel()
    assert np.corrcoef(*small)[0, 1] > 0.5
    assert np.abs(np.subtract(*small)).max() > 0 or name == "mirrored"


def test_degradations_are_what_they_are_called() -> None:
    def pixels(name: str) -> np.ndarray:
        return np.asarray(DEGRADATIONS[name](cat()), float)

    original = np.asarray(cat(), float)
    loss = [np.abs(pixels(f"jpeg_{quality}") - original).mean() for quality in (60, 75, 85, 95)]
    assert sorted(loss, reverse=True) == loss
    sharpness = [
        np.abs(np.diff(p, axis=1)).mean()
        for p in (pixels("strong_blur"), pixels("slight_blur"), original)
    ]
    assert sorted(sharpness) == sharpness
    assert np.ptp(pixels("grey"), axis=2).max() == 0
    np.testing.assert_array_equal(pixels("mirrored")[:, ::-1], original)
    assert pixels("crop").shape == (240, 361, 3)
    assert pixels("rotated_10").shape == original.shape


def test_an_unknown_degradation(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    data = make_dataset(tmp_path / "data")
    paths = ["--photos", f"{data}/images", "--captions", f"{data}/captions.csv"]
    assert main(["evaluate", *paths, "--splits", str(data), "--degraded", "rain"]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert "'rain'" in line
    assert "jpeg_75" in line


def test_scenes_are_of_their_splits() -> None:
    scenes = fresh_scenes(40)
    assert not any(is_held_out(scene) for scene in scenes.fresh)
    assert all(is_held_out(scene) for scene in scenes.held_out)
    assert [pair.attribute for pair in scenes.pairs[:3]] == ["colour", "kind", "place"]
    assert fresh_scenes(40) == scenes


def test_who_describes_scenes_truly_has_full_marks() -> None:
    scenes = fresh_scenes(12)
    wanted = [*scenes.fresh, *scenes.held_out, *(pair.before for pair in scenes.pairs)]
    wanted += [pair.after for pair in scenes.pairs]
    parrot = Parrot([scene.describe()[0] for scene in wanted])
    result = evaluate_scenes(parrot, scenes, SETTINGS)
    for shares in (result.fresh, result.held_out):
        assert shares.scenes == 12
        assert shares.complete == shares.true == 1
    assert all(image.size == (224, 224) for image in parrot.photos)
    assert json.dumps(result.as_dict())


def test_who_says_the_same_of_every_scene_has_not() -> None:
    scenes = fresh_scenes(12)
    parrot = Parrot(["a purple cow is swimming in the pool at night"] * 48)
    result = evaluate_scenes(parrot, scenes, SETTINGS)
    assert result.fresh.true == result.held_out.true == 0
    assert result.fresh.complete == 0


def test_the_command_on_a_dataset(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    data = make_dataset(tmp_path / "data")
    arguments = ["evaluate", "--photos", f"{data}/images", "--captions", f"{data}/captions.csv"]
    arguments += ["--splits", str(data), "--beam-width", "1", "3", "--degraded", "grey", "crop"]
    out = tmp_path / "said.json"
    assert main([*arguments, "--json", "--captions-out", str(out)]) == 0
    document = json.loads(capsys.readouterr().out)
    keys = [(r["degraded"], r["beam_width"]) for r in document["results"]]
    assert keys == [("grey", 1), ("grey", 3), ("crop", 1), ("crop", 3)]
    stored = load_captions(out)
    assert set(stored.captions) == set((data / "test.txt").read_text().split())
    assert stored.model == find_model("mini").sha256
    assert stored.settings["beam_width"] == 3
    assert stored.fooled["as they are"] == document["results"][-1]["scores"]
    assert main(arguments) == 0
    assert len(capsys.readouterr().out.splitlines()) == 5


def test_the_command_on_broader_photos_and_scenes(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    broader = make_broader(tmp_path / "broader")
    assert main(["evaluate", "--on", "broader", "--photos", str(broader)]) == 0
    assert "of 1" in capsys.readouterr().out
    assert main(["evaluate", "--on", "scenes", "--limit", "2"]) == 0
    assert "one change, one consequence: all" in capsys.readouterr().out
    assert main(["evaluate"]) == 2
    assert "--photos" in capsys.readouterr().err


def test_an_unreadable_photo_is_named(tmp_path: Path) -> None:
    """A photo that went bad after it was listed is named."""
    buffer = io.BytesIO()
    cat().save(buffer, "JPEG")
    path = tmp_path / "half.jpg"
    path.write_bytes(buffer.getvalue()[:500])
    from showtell_lib.errors import PhotoError

    with pytest.raises(PhotoError, match=r"half\.jpg"):
        encode_photos(Parrot(["a"]), [CaptionedPhoto("half.jpg", path, ("a",))], degraded="grey")
