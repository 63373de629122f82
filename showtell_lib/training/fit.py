"""The training loop: one trainer for all stages, resumable after every epoch."""

from __future__ import annotations

import csv
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from tqdm import tqdm

from showtell_lib.datasets import CaptionedPhoto
from showtell_lib.files import written
from showtell_lib.lstm import NumpyDecoder
from showtell_lib.metrics import score_captions
from showtell_lib.quiet import import_tensorflow
from showtell_lib.search import beam
from showtell_lib.training import batches
from showtell_lib.training.batches import Batch, Source
from showtell_lib.training.encoders import Encoder
from showtell_lib.training.network import (
    Decoder,
    FactReader,
    caption_loss,
    facts_loss,
    frozen_weights,
)
from showtell_lib.training.options import TrainingOptions
from showtell_lib.vocabulary import Vocabulary

STAGES = ("decoder", "tuning")
# Of the sources beside the main one, the share of captions in stage one.
SHARES = {"broader": "broader_share", "scenes": "scene_share"}
# Where the encoder learns too: how many photos of each source a step takes, the main one first.
PER_STEP = {
    "train": "photos_per_step",
    "broader": "broader_per_step",
    "scenes": "scenes_per_step",
}
COLUMNS = ("stage", "epoch", "train_loss", "train_perplexity", "dev_loss", "dev_cider", "seconds")
DEV_BATCH = 20
MOST_EPOCHS = 1000


class Trainer:
    """Trains the decoder, then the decoder with the encoder's tail.

    Args:
        encoder: whose tail stage two trains.
        decoder: what both stages train.
        reader: reads facts off the features while they are trained.
        vocabulary: the words.
        dev: photos to measure CIDEr on; their order is that of the dev source.
        options: how to train.
        folder: gets the log, the checkpoints and the best weights.
    """

    def __init__(
        self,
        encoder: Encoder,
        decoder: Decoder,
        reader: FactReader,
        vocabulary: Vocabulary,
        dev: Sequence[CaptionedPhoto],
        options: TrainingOptions,
        folder: Path,
    ) -> None:
        self.encoder, self.decoder, self.reader = encoder, decoder, reader
        self.vocabulary = vocabulary
        self.dev, self.options, self.folder = dev, options, folder
        self.best_cider = max((float(row["dev_cider"]) for row in self._log()), default=-1.0)

    def run_stage(self, stage: str, sources: Mapping[str, Source]) -> None:
        """Runs or resumes one stage.

        Args:
            stage: `decoder`, on features, or `tuning`, on feature maps.
            sources: `train`, `dev` and perhaps `broader` and `scenes`.
        """
        epochs = getattr(self.options, f"{stage}_epochs")
        done = sum(row["stage"] == stage for row in self._log())
        if not epochs:
            return
        mixed = {name: sources[name] for name in PER_STEP if name in sources}
        loop = _Loop(self, stage, mixed, epochs)
        loop.restore(done)
        for epoch in range(done, epochs):
            started = time.perf_counter()
            train_loss = loop.run_epoch(epoch)
            loop.save(epoch + 1)
            with loop.averaged():
                dev_loss, cider = self._measure(stage, sources["dev"])
                self._keep_if_best(cider)
            self._write_row(stage, epoch + 1, train_loss, dev_loss, cider, started)

    def _measure(self, stage: str, dev: Source) -> tuple[float, float]:
        """Mean loss per token on all dev photos; CIDEr of beam width 3 on some of them."""
        tf = import_tensorflow()
        features, losses = [], []
        for images, owners, tokens, _ in batches.plain_batches(dev, DEV_BATCH):
            seen = images if stage == "decoder" else self.encoder.tail(images, training=False)
            features.append(np.asarray(seen))
            logits = self.decoder(tf.gather(seen, owners), tf.maximum(tokens[:, :-1], 0))
            losses.append(float(caption_loss(logits, tf.constant(tokens[:, 1:]))))
        decoder = NumpyDecoder(frozen_weights(self.decoder), self.vocabulary)
        states = decoder.encode(np.concatenate(features)[: len(self.dev)])
        captions = {
            photo.name: beam(decoder, state[np.newaxis], beam_width=3)[0].text
            for photo, state in zip(
                tqdm(self.dev, "dev", leave=False, disable=None), states, strict=True
            )
        }
        references = {photo.name: photo.captions for photo in self.dev}
        return float(np.mean(losses)), score_captions(captions, references).cider

    def _keep_if_best(self, cider: float) -> None:
        if cider > self.best_cider:
            self.best_cider = cider
            save_weights(self.encoder, self.decoder, self.folder / "best.npz")

    def _log(self) -> list[dict[str, str]]:
        path = self.folder / "log.csv"
        if not path.is_file():
            return []
        with path.open(newline="", encoding="utf-8") as file:
            return list(csv.DictReader(file))

    def _write_row(
        self,
        stage: str,
        epoch: int,
        train_loss: float,
        dev_loss: float,
        cider: float,
        started: float,
    ) -> None:
        seconds = time.perf_counter() - started
        perplexity = float(np.exp(train_loss))
        numbers = (f"{x:.4f}" for x in (train_loss, perplexity, dev_loss, cider))
        row = [stage, str(epoch), *numbers, f"{seconds:.1f}"]
        rows = [list(old.values()) for old in self._log()]
        with (
            written(self.folder / "log.csv") as part,
            part.open("w", newline="", encoding="utf-8") as file,
        ):
            csv.writer(file, lineterminator="\n").writerows([COLUMNS, *rows, row])
        tqdm.write(
            f"{stage} epoch {epoch}: loss {train_loss:.3f} (dev {dev_loss:.3f}), "
            f"dev CIDEr {100 * cider:.1f}, {seconds:.0f} s"
        )


class _Loop:
    """The optimisers, batches and checkpoints of one stage."""

    def __init__(
        self, trainer: Trainer, stage: str, sources: Mapping[str, Source], epochs: int
    ) -> None:
        tf = import_tensorflow()
        self.trainer, self.stage = trainer, stage
        self.sources = list(sources.values())
        options = trainer.options
        self.shares = [getattr(options, SHARES[name]) for name in SHARES if name in sources]
        self.per_step: list[int] = [getattr(options, PER_STEP[name]) for name in sources]
        self.per_step[0] = min(self.per_step[0], len(self.sources[0].captions))
        self.steps = self._steps_per_epoch()
        self.groups = self._optimizers(self.steps * max(epochs, 1))
        self.variables = [variable for _, group in self.groups for variable in group]
        self.averages = [tf.Variable(variable.value) for variable in self.variables]
        self.step = tf.function(self._step, reduce_retracing=True)
        self.checkpoint = tf.train.Checkpoint(
            decoder=trainer.decoder,
            tail=trainer.encoder.tail,
            reader=trainer.reader,
            # One by one: the first Keras 3 does not let a checkpoint see into an optimizer.
            optimizers=[[v.value for v in optimizer.variables] for optimizer, _ in self.groups],
            averages=self.averages,
        )

    def _optimizers(self, steps: int) -> list[tuple[Any, list[Any]]]:
        """Each with the variables it trains."""
        options = self.trainer.options
        rates = {
            "decoder": [options.decoder_rate],
            "tuning": [options.tuning_decoder_rate, options.tuning_encoder_rate],
        }[self.stage]
        trainer = self.trainer
        groups = [[*trainer.decoder.trainable_variables, *trainer.reader.trainable_variables]]
        if self.stage != "decoder":
            groups.append(trainer.encoder.tail.trainable_variables)
        optimizers = [_adam(rate, steps, options.warm_up_steps) for rate in rates]
        for optimizer, group in zip(optimizers, groups, strict=True):
            optimizer.build(group)
        return list(zip(optimizers, groups, strict=True))

    def _steps_per_epoch(self) -> int:
        if self.stage != "decoder":
            return len(self.sources[0].captions) // self.per_step[0]
        captions = sum(len(captions) for captions in self.sources[0].captions)
        captions += sum(batches.mixed_counts(captions, self.shares))
        return -(-captions // self.trainer.options.batch_size)

    def run_epoch(self, epoch: int) -> float:
        """Trains one epoch; returns the captions' mean loss per step."""
        self.trainer.decoder.start_epoch(STAGES.index(self.stage) * MOST_EPOCHS + epoch)
        dataset = batches.as_dataset(lambda: self._batches(epoch), self.sources[0].images.shape[2:])
        progress = tqdm(
            dataset, f"{self.stage} {epoch + 1}", total=self.steps, leave=False, disable=None
        )
        losses = []
        for batch in progress:
            losses.append(float(self.step(*batch)))
            if len(losses) % 20 == 0:
                progress.set_postfix(loss=f"{np.mean(losses[-100:]):.3f}")
        return float(np.mean(losses))

    def _batches(self, epoch: int) -> Iterator[Batch]:
        options = self.trainer.options
        random = np.random.default_rng([options.seed, STAGES.index(self.stage), epoch])
        if self.stage != "decoder":
            return batches.tuning_batches(self.sources, self.per_step, random)
        return batches.decoder_batches(self.sources, options.batch_size, self.shares, random)

    def _step(self, images: Any, owners: Any, tokens: Any, facts: Any) -> Any:
        tf = import_tensorflow()
        trainer = self.trainer
        with tf.GradientTape() as tape:
            tail = trainer.encoder.tail
            # Never in training mode: the batch norm statistics may not be real ones.
            features = images if self.stage == "decoder" else tail(images, training=False)
            before = tf.maximum(tokens[:, :-1], 0)
            logits = trainer.decoder(tf.gather(features, owners), before, training=True)
            captions = caption_loss(logits, tokens[:, 1:])
            answers = trainer.reader(trainer.decoder.standardised(features))
            loss = captions + trainer.options.facts_weight * facts_loss(answers, facts)
        values = [variable.value for variable in self.variables]
        gradients, _ = tf.clip_by_global_norm(
            tape.gradient(loss, values), trainer.options.clip_norm
        )
        for optimizer, group in self.groups:
            optimizer.apply(gradients[: len(group)], group)
            gradients = gradients[len(group) :]
        # A plain mean at first: a short run would hardly leave where it started.
        steps = tf.cast(self.groups[0][0].iterations, tf.float32)
        kept = tf.minimum(trainer.options.average, 1 - 1 / steps)
        for average, variable in zip(self.averages, self.variables, strict=True):
            average.assign(kept * average + (1 - kept) * variable.value)
        return captions

    @contextmanager
    def averaged(self) -> Iterator[None]:
        """Puts the averaged weights in place of the latest ones for a while."""
        latest = [variable.numpy() for variable in self.variables]
        for variable, average in zip(self.variables, self.averages, strict=True):
            variable.assign(average)
        try:
            yield
        finally:
            for variable, value in zip(self.variables, latest, strict=True):
                variable.assign(value)

    def save(self, epochs_done: int) -> None:
        """Writes a checkpoint; the one before the last is dropped."""
        folder = self.trainer.folder / "checkpoints"
        self.checkpoint.write(str(folder / f"{self.stage}_{epochs_done}"))
        for old in folder.glob(f"{self.stage}_{epochs_done - 2}.*"):
            old.unlink()

    def restore(self, epochs_done: int) -> None:
        """Goes on after so many epochs of this stage."""
        if epochs_done:
            path = self.trainer.folder / "checkpoints" / f"{self.stage}_{epochs_done}"
            self.checkpoint.read(str(path)).expect_partial()


def _adam(rate: float, steps: int, warm_up_steps: int) -> Any:
    import keras

    warm_up = min(warm_up_steps, max(steps // 2, 1))
    schedule = keras.optimizers.schedules.CosineDecay(
        0.0, max(steps - warm_up, 1), warmup_target=rate, warmup_steps=warm_up
    )
    return keras.optimizers.Adam(schedule)


def save_weights(encoder: Encoder, decoder: Decoder, path: Path) -> None:
    """Writes the decoder's weights by their frozen names and the tail's in Keras's order."""
    arrays = frozen_weights(decoder)
    arrays |= {f"tail/{i}": value for i, value in enumerate(encoder.tail.get_weights())}
    with written(path) as part, part.open("wb") as file:
        np.savez(file, **arrays)  # type: ignore[arg-type]
