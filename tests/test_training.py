"""Training: what the trainer is fed, what it minimises, and that a run can be cut off."""

from __future__ import annotations

import csv
import itertools
import json
import shutil
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from showtell_lib.cli import main
from showtell_lib.errors import DataError, SettingsError
from showtell_lib.lstm import NumpyDecoder
from showtell_lib.quiet import import_keras
from showtell_lib.scenes import Scene
from showtell_lib.scenes.world.changes import ATTRIBUTES, alternatives
from showtell_lib.scenes.world.random_scene import is_held_out
from showtell_lib.training import batches, text
from showtell_lib.training.datasets import CaptionedPhoto, read_flickr8k
from showtell_lib.training.facts import NOTHING_KNOWN, QUESTIONS, facts_of
from showtell_lib.training.options import TrainingOptions, read_options
from showtell_lib.training.scene_photos import neighbour
from showtell_lib.training.weights import read_weights
from showtell_lib.vocabulary import read_vocabulary
from tests import tiny_encoder
from tests.test_precision import needs_bfloat16
from tests.tiny_dataset import make_broader, make_dataset

SMALL: dict[str, object] = {
    "units": 8,
    "decoder_epochs": 2,
    "tuning_epochs": 1,
    "self_critical_epochs": 1,
    "views": 2,
    "min_count": 1,
    "batch_size": 8,
    "photos_per_step": 4,
    "broader_per_step": 1,
    "scenes": 3,
    "scenes_per_step": 1,
}


@pytest.fixture(scope="module")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_dataset(tmp_path_factory.mktemp("data") / "shapes")


@pytest.fixture(scope="module")
def broader(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_broader(tmp_path_factory.mktemp("data") / "broader")


@pytest.fixture(scope="module", autouse=True)
def _tiny_by_default(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """What does not depend on the encoder is tried with one that takes milliseconds."""
    path = tiny_encoder.save_weights(tmp_path_factory.mktemp("weights") / "tiny.weights.h5")
    with pytest.MonkeyPatch.context() as patch:
        tiny_encoder.register(patch)
        patch.setitem(SMALL, "encoder", tiny_encoder.NAME)
        patch.setitem(SMALL, "encoder_weights", str(path))
        yield


@pytest.fixture(scope="module")
def encoder() -> Any:
    from showtell_lib.training.encoders import build_encoder

    return build_encoder(tiny_encoder.NAME, str(SMALL["encoder_weights"]))


def command(dataset: Path, out: Path, **options: object) -> list[str]:
    """The arguments of `showtell` that train on a tiny dataset."""
    arguments = ["train", "--photos", str(dataset / "images")]
    arguments += ["--captions", str(dataset / "captions.csv"), "--splits", str(dataset)]
    arguments += ["--out", str(out)]
    for name, value in (SMALL | options).items():
        arguments += ["--" + name.replace("_", "-"), str(value)]
    return arguments


def log_of(run: Path) -> list[dict[str, str]]:
    with (run / "log.csv").open() as file:
        return [row | {"seconds": ""} for row in csv.DictReader(file)]


@pytest.fixture(scope="module")
def run(dataset: Path, broader: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A finished run."""
    out = tmp_path_factory.mktemp("runs") / "whole"
    assert main([*command(dataset, out), "--broader-photos", str(broader)]) == 0
    return out


def with_features_of(run: Path, out: Path) -> Path:
    """A folder for a run, which has cached features already: no training changes them."""
    shutil.copytree(run / "features", out / "features")
    return out


def test_words() -> None:
    assert (
        text.plain_words("A dog's T-shirt , 'thrown' ( far ) .")
        == "a dog's t shirt thrown far".split()
    )


def test_rare_words_are_counted_as_unknown(tmp_path: Path) -> None:
    captions = ["a dog", "a dog runs", "a cat"]
    counts = text.count_words(captions, min_count=2)
    assert counts == [("<S>", 3), ("</S>", 3), ("<UNK>", 2), ("a", 3), ("dog", 2)]
    text.write_word_counts(counts, tmp_path / "word_counts.txt")
    vocabulary = read_vocabulary(tmp_path / "word_counts.txt")
    assert text.encode_caption(vocabulary, "A cat runs .") == [0, 3, 2, 2, 1]
    assert len(text.encode_caption(vocabulary, "a " * 40)) == 22 + 2


def source(photos: int, weights: np.ndarray | None = None, first_id: int = 10) -> batches.Source:
    """Photo p has view v [p, v], fact p, and three captions of 3 + p % 3 tokens, all its id."""
    images = np.stack([[[p, v] for v in range(2)] for p in range(photos)]).astype(np.float16)
    captions = [[[first_id + p] * (3 + p % 3) for _ in range(3)] for p in range(photos)]
    return batches.Source(images, captions, np.arange(photos)[:, np.newaxis], weights)


def test_an_epoch_of_the_decoder_says_every_caption_once() -> None:
    epoch = list(batches.decoder_batches([source(20)], 7, [], np.random.default_rng(0)))
    said: Counter[int] = Counter()
    for images, owners, tokens, facts in epoch:
        assert list(owners) == list(range(len(tokens)))
        assert (facts[:, 0] == images[:, 0]).all()
        assert len(tokens) <= 7
        for image, row in zip(images, tokens, strict=True):
            assert row[0] == 10 + image[0]
            assert list(row).count(row[0]) == 3 + int(image[0]) % 3
            assert set(row) <= {row[0], -1}
            said[int(row[0])] += 1
    assert said == {10 + p: 3 for p in range(20)}


def test_a_share_of_the_captions_is_of_the_broader_photos() -> None:
    weights = np.array([0.9, 0.1])
    both = [source(400), source(2, weights, first_id=900)]
    epoch = list(batches.decoder_batches(both, 32, [0.2], np.random.default_rng(0)))
    ids = np.concatenate([tokens[:, 0] for _, _, tokens, _ in epoch])
    assert np.mean(ids >= 900) == pytest.approx(0.2, abs=1e-3)
    assert np.mean(ids[ids >= 900] == 900) == pytest.approx(0.9, abs=0.05)


def test_captions_of_a_batch_are_of_about_one_length() -> None:
    padding = [
        np.mean(tokens < 0)
        for _, _, tokens, _ in batches.decoder_batches(
            [source(300)], 10, [], np.random.default_rng(0)
        )
    ]
    assert np.mean(padding) < 0.02


def test_an_epoch_of_tuning_sees_every_photo_once() -> None:
    both = [source(12), source(2, first_id=900)]
    epoch = list(batches.tuning_batches(both, [4, 1], np.random.default_rng(0)))
    assert len(epoch) == 3
    seen = [int(image[0]) for images, *_ in epoch for image in images[:4]]
    assert sorted(seen) == list(range(12))
    for images, owners, tokens, facts in epoch:
        assert (facts[:, 0] == images[:, 0]).all()
        assert images.shape[0] == 5
        assert list(owners) == sorted([*range(5)] * 3)
        assert all(tokens[i, 0] - 10 == images[o, 0] for i, o in enumerate(owners) if o < 4)
        assert all(tokens[owners == 4, 0] >= 900)


def test_a_source_may_give_one_caption_of_a_photo_at_a_time() -> None:
    scenes = replace(source(3), captions=[[[900 + p, c] for c in range(5)] for p in range(3)])
    both = [source(8), replace(scenes, captions_at_once=1)]
    epochs = [list(batches.tuning_batches(both, [4, 2], np.random.default_rng(i))) for i in (1, 2)]
    seen = set()
    for _, owners, tokens, _ in (batch for epoch in epochs for batch in epoch):
        assert list(owners) == [*np.repeat(range(4), 3), 4, 5]
        seen |= {tuple(row[:2]) for row in tokens[-2:]}
    assert len(seen) > 4


def test_the_seed_decides_everything() -> None:
    def epoch(seed: int) -> list[bytes]:
        random = np.random.default_rng(seed)
        return [t.tobytes() for _, _, t, _ in batches.decoder_batches([source(30)], 8, [], random)]

    assert epoch(1) == epoch(1) != epoch(2)


def test_the_second_view_is_the_mirror_image(dataset: Path, encoder: Any, tmp_path: Path) -> None:
    from showtell_lib.training.encoders import to_encoder_input
    from showtell_lib.training.features import cache_features

    photo = read_flickr8k(dataset / "images", dataset / "captions.csv", dataset)["train"][0]
    cached = cache_features([photo], encoder, tmp_path, "one", views=3)
    import tensorflow as tf

    pixels = tf.io.decode_jpeg(photo.path.read_bytes()).numpy()
    for view, array in enumerate((pixels, pixels[:, ::-1])):
        image = to_encoder_input(array, tiny_encoder.SIZE)
        maps = encoder.body(image[np.newaxis], training=False)
        np.testing.assert_allclose(cached.maps[0, view], maps[0], atol=0.02)
    assert not np.allclose(cached.maps[0, 0], cached.maps[0, 2], atol=0.02)


def test_cached_features_are_read_again_only_for_the_same_photos(
    dataset: Path, encoder: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from showtell_lib.training import features

    photos = read_flickr8k(dataset / "images", dataset / "captions.csv", dataset)["train"]
    first = features.cache_features(photos[:2], encoder, tmp_path, "x", views=1)
    other = features.cache_features(photos[2:4], encoder, tmp_path, "x", views=1)
    assert not np.array_equal(first.pooled, other.pooled)
    monkeypatch.setattr(features, "_write", lambda *_: pytest.fail("it encoded them again"))
    again = features.cache_features(photos[:2], encoder, tmp_path, "x", views=1)
    np.testing.assert_array_equal(again.pooled, first.pooled)


def test_some_views_are_spoiled_and_the_plain_ones_are_not() -> None:
    from showtell_lib.training.features import _boxes

    boxes = _boxes(2000, 4, seed=0)
    assert (boxes[:, :2, :4] == [0, 0, 1, 1]).all()
    assert (boxes[:, :2, 5:] == [1, 0]).all()
    blur, quality = boxes[:, 2:, 5], boxes[:, 2:, 6]
    assert np.mean(blur < 1) == pytest.approx(0.5, abs=0.05)
    assert np.mean(quality > 0) == pytest.approx(0.5, abs=0.05)
    assert blur.min() > 0.5
    assert quality[quality > 0].min() >= 40
    area = boxes[:, 2:, 2] * boxes[:, 2:, 3]
    assert 0.5 < area.min() < area.max() <= 1
    assert (boxes[..., :2] + boxes[..., 2:4] <= 1 + 1e-6).all()


def test_a_view_is_blurred_or_compressed_as_it_says() -> None:
    from showtell_lib.photos import sample_photo
    from showtell_lib.training.encoders import to_encoder_input
    from showtell_lib.training.features import PLAIN_VIEWS, _view

    cat = sample_photo("chelsea").pixels

    def seen(*box: float) -> np.ndarray:
        return np.asarray(to_encoder_input(_view(cat, np.array(box, np.float32), 224), 224))

    plain = seen(*PLAIN_VIEWS[0])
    np.testing.assert_allclose(plain, to_encoder_input(cat, 224), atol=1e-6)
    blurred, compressed = seen(0, 0, 1, 1, 0, 0.6, 0), seen(0, 0, 1, 1, 0, 1, 40)
    for spoiled in (blurred, compressed):
        assert 0.005 < np.abs(spoiled - plain).mean() < 0.1
    sharpness = [np.abs(np.diff(image, axis=1)).mean() for image in (blurred, plain)]
    assert sharpness[0] < 0.9 * sharpness[1]


def test_an_unreadable_photo_leaves_no_cache(encoder: Any, tmp_path: Path) -> None:
    from showtell_lib.training.features import cache_features

    (tmp_path / "bad.jpg").write_text("not a photo")
    with pytest.raises(DataError, match=r"bad\.jpg"):
        cache_features(
            [CaptionedPhoto("bad.jpg", tmp_path / "bad.jpg", ("a",))], encoder, tmp_path, "x"
        )
    assert not list(tmp_path.glob("*.npy"))


@pytest.mark.parametrize("seed", [0, 7])
def test_a_seed_decides_the_initial_weights(seed: int) -> None:
    from showtell_lib.training.network import Decoder, FactReader

    def weights(seed: int) -> np.ndarray:
        networks = Decoder(9, np.zeros(4), np.ones(4), units=6, seed=seed), FactReader(4, seed)
        return np.concatenate([w.ravel() for network in networks for w in network.get_weights()])

    assert (weights(seed) == weights(seed)).all()
    assert (weights(seed) != weights(seed + 1)).any()


def test_the_loss_is_teacher_forcing_s(tmp_path: Path) -> None:
    """Keras's mean loss per token equals one worked out in NumPy, word by word."""
    import tensorflow as tf

    from showtell_lib.training.network import Decoder, caption_loss, frozen_weights

    random = np.random.default_rng(3)
    mean, deviation = random.normal(size=20), random.uniform(0.1, 2, 20)
    decoder = Decoder(9, mean, deviation, units=6, seed=5)
    features = random.normal(size=(3, 20)).astype(np.float32)
    captions = [[0, 4, 5, 1], [0, 3, 1], [0, 8, 7, 6, 2, 1]]
    tokens = np.full((3, 6), -1, np.int32)
    for row, caption in zip(tokens, captions, strict=True):
        row[: len(caption)] = caption
    logits = decoder(features, tf.maximum(tokens[:, :-1], 0))
    loss = float(caption_loss(logits, tf.constant(tokens[:, 1:])))

    names = ["<S>", "</S>", "<UNK>", *"abcdef"]
    text.write_word_counts([(name, 1) for name in names], tmp_path / "words.txt")
    by_hand = NumpyDecoder(frozen_weights(decoder), read_vocabulary(tmp_path / "words.txt"))
    total, count = 0.0, 0
    for feature, caption in zip(features, captions, strict=True):
        state = by_hand.encode(feature[np.newaxis])
        for before, after in itertools.pairwise(caption):
            log_probs, state = by_hand.step([before], state)
            total, count = total - float(log_probs[0, after]), count + 1
    assert loss == pytest.approx(total / count, abs=1e-5)


@pytest.mark.parametrize("seed", range(20))
def test_the_facts_are_the_scene_s(seed: int) -> None:
    scene = Scene.random(seed)
    said = dict(zip(QUESTIONS, facts_of(scene), strict=True))
    answers = {question: QUESTIONS[question][number] for question, number in said.items()}
    main, *others = scene.actors
    assert (answers["place"], answers["time"]) == (scene.place, scene.time)
    assert (answers["kind"], answers["colour"], answers["action"]) == (
        *(main.kind, main.colour),
        main.action,
    )
    other = (others[0].kind, others[0].colour) if others else ("", "")
    assert (answers["other kind"], answers["other colour"]) == other
    assert answers["relation"] == scene.relation


def test_the_facts_loss_counts_only_pictures_with_facts() -> None:
    """Against NumPy: of two scenes and a photo, the mean of the scenes' log-probabilities."""
    from showtell_lib.training.network import ANSWERS, facts_loss

    random = np.random.default_rng(0)
    logits = random.normal(size=(3, sum(ANSWERS))).astype(np.float32)
    facts = np.array([facts_of(Scene.random(1)), NOTHING_KNOWN, facts_of(Scene.random(2))])
    total = 0.0
    for row, known in ((0, facts[0]), (2, facts[2])):
        for part, answer in zip(np.split(logits[row], np.cumsum(ANSWERS)[:-1]), known, strict=True):
            total -= float(part[answer] - np.log(np.exp(part).sum()))
    assert float(facts_loss(logits, facts.astype(np.int32))) == pytest.approx(total / 2, rel=1e-5)
    nothing = np.array([NOTHING_KNOWN], np.int32)
    assert float(facts_loss(logits[:1], nothing)) == 0


def tail_of(run: Path) -> dict[str, np.ndarray]:
    """The encoder's trained weights at the end of a run, by their place in the checkpoint."""
    import tensorflow as tf

    reader = tf.train.load_checkpoint(str(run / "checkpoints" / "tuning_1"))
    names = [name for name in reader.get_variable_to_shape_map() if name.startswith("tail/")]
    return {name: reader.get_tensor(name) for name in names}


def test_facts_move_the_encoder_but_are_not_kept(
    dataset: Path, broader: Path, run: Path, tmp_path: Path
) -> None:
    """Without them, the same run ends elsewhere; the weights kept are those of the captioner."""
    options = {"facts_weight": 0, "self_critical_epochs": 0}
    arguments = command(dataset, with_features_of(run, tmp_path / "without"), **options)
    assert main([*arguments, "--broader-photos", str(broader)]) == 0
    with_facts, without = tail_of(run), tail_of(tmp_path / "without")
    assert with_facts.keys() == without.keys()
    assert any(np.abs(with_facts[name] - without[name]).max() > 1e-5 for name in with_facts)
    assert not any("answer" in name for name in read_weights(run / "best.npz"))


def test_a_run_leaves_all_that_is_needed(run: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert {path.name for path in run.iterdir()} >= {"options.json", "word_counts.txt", "best.npz"}
    assert [(row["stage"], row["epoch"]) for row in log_of(run)] == [
        ("decoder", "1"),
        ("decoder", "2"),
        ("tuning", "1"),
        ("self_critical", "1"),
    ]
    for row in log_of(run):
        assert float(row["train_perplexity"]) == pytest.approx(
            np.exp(float(row["train_loss"])), rel=1e-3
        )
    options = json.loads((run / "options.json").read_text())
    assert options == json.loads(json.dumps(options | SMALL))
    words = read_vocabulary(run / "word_counts.txt")
    assert words.token_id("orange") != words.unknown_id
    assert not list(run.rglob("*.part"))


def test_it_learns_eight_photos_by_heart(dataset: Path, run: Path, tmp_path: Path) -> None:
    """What cannot be known is which of a photo's five captions is meant: ln 5 in all."""
    options = {"units": 32, "decoder_epochs": 25, "dropout": 0.0, "scenes": 0}
    options |= {"tuning_epochs": 0, "self_critical_epochs": 0}
    rate = {"decoder_rate": 0.02, "warm_up_steps": 2}
    out = with_features_of(run, tmp_path / "run")
    assert main(command(dataset, out, **options, **rate)) == 0
    losses = [float(row["train_loss"]) for row in log_of(out)]
    shortest_caption = len("the square is red".split()) + 1
    assert losses[0] > 2
    assert losses[-1] < np.log(5) / shortest_caption + 0.15


def test_a_run_that_is_cut_off_after_every_epoch_goes_on_to_the_same_end(
    dataset: Path, broader: Path, run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from showtell_lib.training.stages import Loop

    out = with_features_of(run, tmp_path / "run")
    arguments = [*command(dataset, out), "--broader-photos", str(broader)]
    run_epoch = Loop.run_epoch

    left = 0

    def run_or_break_off(loop: Any, epoch: int) -> float:
        nonlocal left
        if not left:
            raise KeyboardInterrupt
        left -= 1
        return run_epoch(loop, epoch)

    monkeypatch.setattr(Loop, "run_epoch", run_or_break_off)
    for done in (1, 2, 3):
        left = 1
        assert main(arguments) == 130
        assert len(log_of(out)) == done
    monkeypatch.undo()
    assert main(arguments) == 0
    for row, expected in zip(log_of(out), log_of(run), strict=True):
        assert row["stage"] == expected["stage"]
        assert float(row["train_loss"]) == pytest.approx(float(expected["train_loss"]), abs=2e-3)
        assert float(row["dev_loss"]) == pytest.approx(float(expected["dev_loss"]), abs=2e-3)


def test_a_run_starts_from_what_another_has_learned(
    dataset: Path, broader: Path, run: Path, tmp_path: Path
) -> None:
    """With a rate of nothing it ends where it started; the words are the other run's, too."""
    options = {"decoder_epochs": 0, "tuning_epochs": 1, "self_critical_epochs": 1, "scenes": 0}
    rates = {f"{name}_rate": 0.0 for name in ("tuning_decoder", "tuning_encoder", "self_critical")}
    out = with_features_of(run, tmp_path / "next")
    assert main(command(dataset, out, start_from=run, **options, **rates)) == 0
    assert [row["stage"] for row in log_of(out)] == ["tuning", "self_critical"]
    assert (out / "word_counts.txt").read_bytes() == (run / "word_counts.txt").read_bytes()
    before, after = read_weights(run / "best.npz"), read_weights(out / "best.npz")
    assert before.keys() == after.keys()
    for name, value in before.items():
        np.testing.assert_allclose(after[name], value, atol=1e-5, err_msg=name)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"units": 9}, ["cannot start from", "not tiny and 9"]),
        ({"start_from": "nowhere"}, ["nowhere"]),
    ],
)
def test_a_start_that_does_not_fit(
    options: dict[str, Any],
    words: list[str],
    dataset: Path,
    run: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(command(dataset, tmp_path / "next", **{"start_from": run, **options})) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert all(word in line for word in words), line
    assert not (tmp_path / "next" / "options.json").exists()


def test_averaging_changes_what_is_kept_not_how_it_learns(
    dataset: Path, run: Path, broader: Path, tmp_path: Path
) -> None:
    # Stage three would start from the best weights, and those are others.
    out = with_features_of(run, tmp_path / "run")
    arguments = command(dataset, out, average=0.0, self_critical_epochs=0)
    assert main([*arguments, "--broader-photos", str(broader)]) == 0
    plain, averaged = log_of(out), log_of(run)[:-1]
    for row, expected in zip(plain, averaged, strict=True):
        assert float(row["train_loss"]) == pytest.approx(float(expected["train_loss"]), abs=2e-3)
    # After a dozen steps the mean over all of them is still near where they started.
    assert float(plain[1]["dev_loss"]) < float(averaged[1]["dev_loss"])


@needs_bfloat16
def test_half_precision_learns_nearly_the_same(
    dataset: Path, run: Path, broader: Path, tmp_path: Path
) -> None:
    out = with_features_of(run, tmp_path / "run")
    options = {"precision": "bfloat16", "tuning_epochs": 0, "self_critical_epochs": 0}
    assert main([*command(dataset, out, **options), "--broader-photos", str(broader)]) == 0
    half, whole = log_of(out), log_of(run)[:2]
    for row, expected in zip(half, whole, strict=True):
        assert float(row["train_loss"]) == pytest.approx(float(expected["train_loss"]), rel=0.01)
    assert half != whole, "it was computed in full precision"
    with np.load(out / "best.npz") as weights:
        assert {array.dtype for array in weights.values()} == {np.dtype(np.float32)}


def test_scenes_are_learned_from(run: Path) -> None:
    words = read_vocabulary(run / "word_counts.txt").tokens
    scenes = [Scene.random(seed, split="train") for seed in range(3)]
    assert {word for scene in scenes for s in scene.describe() for word in s.split()} <= set(words)
    for seed, scene in enumerate(scenes):
        with Image.open(run / "scenes" / f"scene_{seed:05}.png") as image:
            np.testing.assert_array_equal(np.asarray(image), np.asarray(scene.draw()))
        with Image.open(run / "scenes" / f"scene_{seed:05}_changed.png") as image:
            assert (np.asarray(image) != np.asarray(scene.draw())).any()


def test_a_neighbour_differs_in_one_thing_and_is_not_held_out() -> None:
    differing: Counter[str] = Counter()
    for seed in range(200):
        scene = Scene.random(seed, split="train")
        other = neighbour(scene)
        assert other is not None
        assert not is_held_out(other)
        assert other == neighbour(scene)
        alike = [name for name in ATTRIBUTES if other in alternatives(scene, name)]
        differing.update(alike)
        assert len(alike) == 1
    assert set(differing) == set(ATTRIBUTES)


def test_the_best_epoch_is_kept_not_the_last(
    dataset: Path, run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of stages two and three, the last that is better than the stages before."""
    from showtell_lib.training import trainer

    ciders = iter([0.1, 0.3, 0.2, 0.5, 0.4, 0.25, 0.6, 0.55, 0.45])
    kept = []
    save_weights = trainer.save_weights

    def noted(*args: Any) -> None:
        kept.append(len(log_of_or_none(tmp_path)))
        save_weights(*args)

    monkeypatch.setattr(trainer, "FEWEST_FOR_CIDER", 2)  # The tiny dataset has two.
    monkeypatch.setattr(trainer.Trainer, "_measure", lambda *_: (1.0, next(ciders)))
    monkeypatch.setattr("showtell_lib.training.stages.Loop.run_epoch", lambda *_: 1.0)
    monkeypatch.setattr(trainer, "save_weights", noted)
    options = {"decoder_epochs": 3, "tuning_epochs": 3, "self_critical_epochs": 3, "scenes": 0}
    assert main(command(dataset, with_features_of(run, tmp_path / "run"), **options)) == 0
    assert kept == [0, 1, 3, 4, 6, 7]


def test_with_few_dev_photos_the_lowest_loss_is_kept(
    dataset: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """However high CIDEr is in another epoch, and also within stage two; the log says so."""
    from showtell_lib.training import trainer

    measured = iter([(3.0, 0.9), (2.0, 0.1), (2.5, 0.95), (1.5, 0.2), (1.6, 0.3)])
    monkeypatch.setattr(trainer.Trainer, "_measure", lambda *_: next(measured))
    monkeypatch.setattr("showtell_lib.training.stages.Loop.run_epoch", lambda *_: 1.0)
    options = {"decoder_epochs": 2, "tuning_epochs": 3, "self_critical_epochs": 0, "scenes": 0}
    assert main(command(dataset, tmp_path / "run", **options)) == 0
    kept = [row["kept_by"] for row in log_of(tmp_path / "run")]
    assert kept == ["dev_loss", "dev_loss", "", "dev_loss", ""]
    said = capsys.readouterr().out
    assert "fewer than 50 dev photos: the best epoch is the one with the lowest dev loss" in said
    assert "8 photos are too few" in said
    assert "--start-from mini" in said


def log_of_or_none(folder: Path) -> list[dict[str, str]]:
    return log_of(folder / "run") if (folder / "run" / "log.csv").is_file() else []


def test_a_run_with_other_options_is_not_continued(
    dataset: Path, run: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = (run / "options.json").read_bytes()
    assert main(command(dataset, run, units=16)) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert "other options" in line
    assert (run / "options.json").read_bytes() == before


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"encoder": "resnet"}, ["resnet", "mobilenet_v2, efficientnet_lite0, inception_v3"]),
        ({"encoder_weights": "nothing.weights.h5"}, ["nothing.weights.h5"]),
        ({"dropout": 1.0}, ["dropout"]),
        ({"decoder_epochs": 0}, ["decoder_epochs", "1 or more"]),
        ({"scene_share": 0.6, "broader_share": 0.5}, ["scene_share", "broader_share"]),
        ({"precision": "float8"}, ["float8", "float32 or bfloat16"]),
    ],
)
def test_bad_options(
    options: dict[str, Any],
    words: list[str],
    dataset: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(command(dataset, tmp_path / "run", **options)) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert all(word in line for word in words), line


def test_options_survive_a_file(tmp_path: Path) -> None:
    options = TrainingOptions(units=64, seed=7)
    options.save(tmp_path / "options.json")
    assert read_options(tmp_path / "options.json") == options
    (tmp_path / "options.json").write_text('{"unit": 3}')
    with pytest.raises(DataError, match=r"options\.json: not the options"):
        read_options(tmp_path / "options.json")


@pytest.fixture(scope="module")
def few(dataset: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two photos to learn from and one to choose by: large networks take long for each."""
    folder = tmp_path_factory.mktemp("data") / "few"
    shutil.copytree(dataset, folder)
    for split, count in (("train", 2), ("dev", 1)):
        names = (dataset / f"{split}.txt").read_text().split()[:count]
        (folder / f"{split}.txt").write_text("\n".join(names))
    return folder


@pytest.mark.parametrize(
    ("name", "size", "maps", "features"),
    [("mobilenet_v2", 224, (7, 7, 160), 1280), ("inception_v3", 299, (8, 8, 1280), 2048)],
)
def test_a_network_by_one_option(
    name: str,
    size: int,
    maps: tuple[int, int, int],
    features: int,
    few: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The same code for each, through all stages: cut in two it is still the whole network."""
    from showtell_lib.training import encoders, start

    built = []

    def noted(build: Any) -> Any:
        def building(*given: Any) -> Any:
            built.append(build(*given))
            return built[-1]

        return building

    monkeypatch.setattr(encoders, "_of_keras", noted(encoders._of_keras))
    monkeypatch.setattr(start, "build_encoder", noted(start.build_encoder))
    options = {
        "encoder": name,
        "encoder_weights": "none",
        "decoder_epochs": 1,
        "tuning_epochs": 1,
        "self_critical_epochs": 1,
        "views": 1,
        "scenes": 0,
    }
    assert main(command(few, tmp_path / "run", **options)) == 0
    assert len(log_of(tmp_path / "run")) == 3
    network, encoder = built
    assert encoder.body.output.shape[1:] == maps
    assert encoder.tail.output.shape[1:] == (features,)
    images = np.random.default_rng(0).uniform(-1, 1, (1, size, size, 3)).astype(np.float32)
    whole = import_keras().Model(network.input, network.get_layer(encoder.kind.last).output)
    expected = np.mean(whole(images, training=False), axis=(1, 2))
    halves = encoder.tail(encoder.body(images, training=False), training=False)
    # Random weights fade to next to nothing in so many layers.
    np.testing.assert_allclose(halves, expected, atol=1e-4 * expected.max())


def test_a_file_that_is_no_weights(tmp_path: Path) -> None:
    from showtell_lib.training.encoders import build_encoder

    (tmp_path / "x.weights.h5").write_bytes(b"no weights")
    with pytest.raises(SettingsError, match=r"x\.weights\.h5"):
        build_encoder("mobilenet_v2", tmp_path / "x.weights.h5")
