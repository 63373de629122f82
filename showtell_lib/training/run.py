"""A training run, from photos to the best weights."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from showtell_lib.errors import DataError
from showtell_lib.training import batches, datasets, text
from showtell_lib.training.datasets import CaptionedPhoto
from showtell_lib.training.encoders import Encoder, check_encoder
from showtell_lib.training.facts import NOTHING_KNOWN
from showtell_lib.training.features import Features, cache_features, tuned_features
from showtell_lib.training.learner import Learner
from showtell_lib.training.network import Decoder, FactReader
from showtell_lib.training.options import OWN_ENCODER, TrainingOptions, read_options
from showtell_lib.training.self_critical import SelfCriticalLoop
from showtell_lib.training.stages import DecoderLoop, TuningLoop
from showtell_lib.training.start import (
    OPTIONS_FILE,
    VOCABULARY_FILE,
    check_start,
    encoder_of,
    take_over,
)
from showtell_lib.training.trainer import Trainer
from showtell_lib.training.weights import BEST_FILE
from showtell_lib.vocabulary import Vocabulary, read_vocabulary

# The views of a scene are its picture and the mirror image; a crop could cut off an actor.
SCENE_VIEWS = 2
# A scene's first sentence, in the usual words, counts as much as the four others together, so that
# the captioner learns what is in a scene rather than how else to say it; at the end three times
# as much.
PLAIN_TIMES, PLAIN_TIMES_LAST = 4, 12


@dataclass(frozen=True)
class TrainingData:
    """Photos with captions to learn from and to choose by.

    Attributes:
        train: the main dataset's training photos.
        dev: photos that only decide which epoch is kept.
        broader: photos to mix in; may be empty.
        scenes: drawn scenes to mix in; may be empty.
    """

    train: Sequence[CaptionedPhoto]
    dev: Sequence[CaptionedPhoto]
    broader: Sequence[CaptionedPhoto] = ()
    scenes: Sequence[CaptionedPhoto] = ()


def train(data: TrainingData, options: TrainingOptions, folder: Path) -> Path:
    """Trains a captioner, or resumes an interrupted run in this folder.

    Args:
        data: what to train on.
        options: how to train; a resumed run must have the options that it was started with.
        folder: gets `options.json`, `word_counts.txt`, `log.csv`, the feature cache, checkpoints
            and `best.npz`: the weights that scored best on the dev photos, by CIDEr or, with fewer
            than 50 dev photos, by the loss. Of stages two and three, the last weights are kept
            that scored a better CIDEr than all earlier stages.

    Returns:
        The path of `best.npz`.

    Raises:
        DataError: there is nothing to train on or to choose by; the folder holds a run with other
            options; or the run to start from is incomplete.
        SettingsError: there is no such encoder, its weights do not fit, or the run to start from
            has another encoder or another size.
    """
    for what, photos in (("train on", data.train), ("choose by", data.dev)):
        if not photos:
            raise DataError(f"there are no photos to {what}; look at the split files")
    check_run(options, folder)
    encoder = encoder_of(options, folder)
    folder.mkdir(parents=True, exist_ok=True)
    options.save(folder / OPTIONS_FILE)
    vocabulary = _vocabulary(data, options, folder)
    cached = _cached(data, encoder, options, folder / "features")
    mean, deviation = _statistics(cached["train"].pooled)
    decoder = Decoder(
        len(vocabulary),
        feature_mean=mean,
        feature_deviation=deviation,
        units=options.units,
        dropout=options.dropout,
        seed=options.seed,
        precision=options.precision,
    )
    reader = FactReader(len(mean), options.seed)
    dev = data.dev[: options.dev_photos]
    trainer = Trainer(Learner(encoder, decoder, reader, vocabulary, options, folder), dev)
    if options.start_from:
        trainer.take_best()
    pooled = {name: features.pooled for name, features in cached.items()}
    maps = {name: features.maps for name, features in cached.items()}
    trainer.run_stage(DecoderLoop, _sources(data, pooled, vocabulary, PLAIN_TIMES))
    if trainer.has_to_run(TuningLoop):
        trainer.run_stage(TuningLoop, _sources(data, maps, vocabulary, PLAIN_TIMES))
    if trainer.has_to_run(SelfCriticalLoop):
        trainer.take_best()
        tuned = {name: tuned_features(cached_maps, encoder) for name, cached_maps in maps.items()}
        trainer.run_stage(SelfCriticalLoop, _sources(data, tuned, vocabulary, PLAIN_TIMES_LAST))
    return folder / BEST_FILE


def check_run(options: TrainingOptions, folder: Path) -> None:
    """Checks a run as far as possible before anything is read, drawn or written.

    Raises:
        DataError: the folder holds a run with other options, or the start is incomplete.
        SettingsError: there is no such encoder, or the run to start from has another one.
    """
    if options.encoder != OWN_ENCODER or not options.start_from:
        check_encoder(options.encoder, options.initial_weights)
    check_start(options, folder)
    path = folder / OPTIONS_FILE
    if path.is_file() and read_options(path) != options:
        raise DataError(
            f"{folder} holds a run with other options; give another folder, or the options in "
            f"{path.name}"
        )


def _vocabulary(data: TrainingData, options: TrainingOptions, folder: Path) -> Vocabulary:
    captions = datasets.all_captions([*data.train, *data.broader, *data.scenes])
    path = folder / VOCABULARY_FILE
    if options.start_from:
        take_over(options, folder, captions)
    else:
        text.write_word_counts(text.count_words(captions, options.min_count), path)
    return read_vocabulary(path)


def _cached(
    data: TrainingData, encoder: Encoder, options: TrainingOptions, folder: Path
) -> dict[str, Features]:
    wanted = {"dev": (data.dev, 1), "train": (data.train, options.views)}
    if data.broader:
        wanted["broader"] = (data.broader, options.views)
    if data.scenes:
        wanted["scenes"] = (data.scenes, min(options.views, SCENE_VIEWS))
    return {
        name: cache_features(photos, encoder, folder, name, views=views, seed=options.seed)
        for name, (photos, views) in wanted.items()
    }


def _statistics(pooled: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Mean and standard deviation of the features over all photos and views, [features] each."""
    # [photos, views, features] -> [photos * views, features]
    rows = np.asarray(pooled, np.float32).reshape(-1, pooled.shape[-1])
    return rows.mean(axis=0), rows.std(axis=0)


def _sources(
    data: TrainingData,
    images: Mapping[str, np.ndarray],
    vocabulary: Vocabulary,
    plain_times: int,
) -> dict[str, batches.Source]:
    photos = {
        "train": data.train,
        "dev": data.dev,
        "broader": data.broader,
        "scenes": data.scenes,
    }
    sources = {}
    for name, views in images.items():
        captions = [
            [text.encode_caption(vocabulary, caption) for caption in photo.captions]
            for photo in photos[name]
        ]
        if name == "scenes":
            captions = [[plain] * plain_times + others for plain, *others in captions]
        sources[name] = batches.Source(
            images=views,
            captions=captions,
            facts=np.array([photo.facts or NOTHING_KNOWN for photo in photos[name]], np.int32),
            weights=datasets.sampling_weights(data.broader) if name == "broader" else None,
            captions_at_once=1 if name == "scenes" else None,
            judges=np.array([photo.caption_by != "template" for photo in photos[name]]),
        )
    return sources
