"""A run that starts from a finished model: its encoder stays, its words stay, new ones join."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw

from showtell_lib.captioner import Captioner, load
from showtell_lib.cli import main
from showtell_lib.store import find_model
from showtell_lib.training.options import FROM_MODEL
from showtell_lib.training.weights import read_weights
from showtell_lib.vocabulary import read_vocabulary
from tests.tiny_dataset import make_dataset
from tests.tiny_graph import UNITS, WORDS, tiny_graph, tiny_weights, write_model

# Words that no model knows, and what they are called in these tests.
KINDS = {"zorb": ("ellipse", "red"), "flim": ("rectangle", "blue")}


@pytest.fixture
def dataset(tmp_path: Path) -> Path:
    return make_dataset(tmp_path / "shapes")


@pytest.fixture
def tiny(tmp_path: Path) -> Path:
    """A model with another encoder, other preprocessing, and no bias of the image embedding."""
    return write_model(tmp_path / "tiny")


def train(dataset: Path, out: Path, **options: object) -> int:
    arguments = ["train", "--photos", str(dataset / "images"), "--splits", str(dataset)]
    arguments += ["--captions", str(dataset / "captions.csv"), "--out", str(out)]
    for name, value in options.items():
        arguments += ["--" + name.replace("_", "-"), str(value)]
    return main(arguments)


def exported(run: Path) -> Captioner:
    assert main(["export", str(run), str(run / "model")]) == 0
    return load(run / "model")


def known_log_probs(captioner: Captioner, photo: Path, words: list[int]) -> np.ndarray:
    """Log-probabilities of some words after two steps, as if there were no other words."""
    _, state = captioner.step([captioner.vocabulary.start_id], captioner.encode(photo))
    log_probs, _ = captioner.step([captioner.vocabulary.token_id("cat")], state)
    some = log_probs[0, words]
    return np.asarray(some - np.log(np.exp(some).sum()))


def test_with_a_rate_of_nothing_it_is_the_model_with_more_words(
    dataset: Path, tiny: Path, tmp_path: Path
) -> None:
    """The known words are as probable beside each other as before, whatever the encoder is."""
    out = tmp_path / "run"
    options = {"decoder_epochs": 1, "decoder_rate": 0, "units": UNITS, "views": 2}
    assert train(dataset, out, start_from=tiny, **options) == 0
    stored = json.loads((out / "options.json").read_text())
    assert stored == stored | FROM_MODEL | options, "what is not given suits a model"
    before, after = load(tiny), exported(out)
    tokens = read_vocabulary(out / "word_counts.txt").tokens
    assert tokens[: len(WORDS)] == WORDS
    assert {"red", "green", "square", "circle", "dark"} <= set(tokens)
    words = list(range(len(WORDS) + 1))  # The last one is <UNK>.
    for photo in (dataset / "images").iterdir():
        np.testing.assert_allclose(
            known_log_probs(after, photo, words), known_log_probs(before, photo, words), atol=5e-3
        )


def test_a_run_keeps_the_model_that_it_started_from(
    dataset: Path, tiny: Path, tmp_path: Path
) -> None:
    """Another model in its place changes nothing; a further run takes the encoder from the run."""
    options = {"decoder_epochs": 1, "units": UNITS, "views": 1}
    assert train(dataset, tmp_path / "run", start_from=tiny, **options) == 0
    photo = next((dataset / "images").iterdir())
    expected = exported(tmp_path / "run").encode(photo)
    write_model(tiny, tiny_graph(tiny_weights(seed=1)))
    np.testing.assert_allclose(exported(tmp_path / "run").encode(photo), expected, atol=1e-6)
    options |= {"decoder_rate": 0}
    assert train(dataset, tmp_path / "next", start_from=tmp_path / "run", **options) == 0
    np.testing.assert_allclose(exported(tmp_path / "next").encode(photo), expected, atol=1e-3)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"encoder": "mobilenet_v2"}, "brings its own encoder: leave out --encoder"),
        ({"encoder_weights": "imagenet"}, "brings its own encoder"),
        ({"tuning_epochs": 1}, "stays as it is: leave out --tuning-epochs"),
        ({"units": 8}, f"it has {UNITS} units, not own and 8"),
        ({"start_from": "minni"}, "neither a model nor the folder of a training run"),
        ({"start_from": ""}, "no encoder called 'own'"),
    ],
)
def test_what_does_not_fit_is_said_and_nothing_is_left(
    options: dict[str, object],
    words: str,
    dataset: Path,
    tiny: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    given = {"start_from": tiny, "units": UNITS, **options}
    if not given["start_from"]:
        given["encoder"] = "own"
    assert train(dataset, tmp_path / "run", **given) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert words in line
    assert not (tmp_path / "run").exists()


def draw(kind: str, random: np.random.Generator) -> Image.Image:
    """A red disc or a blue box of any size, anywhere on a ground of any grey."""
    shape, colour = KINDS[kind]
    image = Image.new("RGB", (160, 120), (int(random.integers(60, 200)),) * 3)
    left, top, size = random.integers(0, 70), random.integers(0, 40), random.integers(40, 75)
    getattr(ImageDraw.Draw(image), shape)((left, top, left + size, top + size), fill=colour)
    return image


@pytest.fixture
def mine(tmp_path: Path) -> Path:
    """A learner's photos of two kinds: 16 to learn from, 4 to choose by, 6 to test with."""
    folder, random = tmp_path / "mine", np.random.default_rng(0)
    (folder / "images").mkdir(parents=True)
    rows = [["image", "caption"]]
    for split, count in (("train", 16), ("dev", 4), ("test", 6)):
        names = []
        for number in range(count):
            kind = list(KINDS)[number % 2]
            names.append(f"{kind}_{split}_{number}.png")
            draw(kind, random).save(folder / "images" / names[-1])
            rows.append([names[-1], f"a {kind} on a plain ground"])
        (folder / f"{split}.txt").write_text("\n".join(names) + "\n")
    with (folder / "captions.csv").open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows(rows)
    return folder


def test_a_learner_s_few_photos_teach_mini_their_words(mine: Path, tmp_path: Path) -> None:
    """Photos that it has not seen are called by words that it did not know."""
    vocabulary = read_vocabulary(find_model("mini").vocabulary)
    assert {vocabulary.token_id(kind) for kind in KINDS} == {vocabulary.unknown_id}
    options = {"views": 2, "decoder_epochs": 8, "decoder_rate": 0.006}
    assert train(mine, tmp_path / "run", start_from="mini", **options) == 0
    captioner = exported(tmp_path / "run")
    names = (mine / "test.txt").read_text().split()
    said = [captioner.caption(mine / "images" / name)[0].text for name in names]
    right = [name.partition("_")[0] in text.split() for name, text in zip(names, said, strict=True)]
    assert sum(right) >= len(names) - 1, said
    tail = [name for name in read_weights(tmp_path / "run" / "best.npz") if "tail" in name]
    assert not tail, "the encoder stays as it is"
