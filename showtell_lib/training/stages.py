"""One stage of training: its data, losses, optimizers, averages and checkpoints."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import ClassVar

import numpy as np
from tqdm import tqdm

from showtell_lib.quiet import Layer, Tensor, import_tensorflow
from showtell_lib.training import batches
from showtell_lib.training.batches import Batch, Source
from showtell_lib.training.learner import Learner
from showtell_lib.training.network import facts_loss, forced_loss
from showtell_lib.training.options import StageOptions, TrainingOptions

tf = import_tensorflow()
import keras  # noqa: E402

STAGES = ("decoder", "tuning", "self_critical")
# In this order; the first is the main one.
SOURCES = ("train", "broader", "scenes")
MOST_EPOCHS = 1000

# A learning rate, and the variables that are trained at it.
Trained = tuple[float, list[Tensor]]


class Loop(ABC):
    """The base of all stages.

    Args:
        learner: the models to train.
        sources: `train` and perhaps `broader` and `scenes`, in this order.
    """

    stage: ClassVar[str]
    # Whether an epoch is kept only if it beats all earlier epochs, not just the earlier stages.
    strict: ClassVar[bool] = True

    def __init__(self, learner: Learner, sources: Mapping[str, Source]) -> None:
        self.learner = learner
        self.names, self.sources = list(sources), list(sources.values())
        self.options = self.stage_options(learner.options)
        self.epochs = self.options.epochs
        self.steps = self._steps_per_epoch()
        self.groups = self._optimizers()
        self.variables = [variable for _, group in self.groups for variable in group]
        self.averages = [tf.Variable(variable.value) for variable in self.variables]
        self.step = tf.function(
            self._step,
            input_signature=self._signature(),
            reduce_retracing=True,
            autograph=False,
        )
        self.checkpoint = tf.train.Checkpoint(
            decoder=learner.decoder,
            tail=learner.encoder.tail,
            reader=learner.reader,
            # Variable by variable: the first Keras 3 hides those of an optimizer from checkpoints.
            optimizers=[[v.value for v in optimizer.variables] for optimizer, _ in self.groups],
            averages=self.averages,
        )

    @staticmethod
    @abstractmethod
    def stage_options(options: TrainingOptions) -> StageOptions:
        """What this stage takes from the options of the run."""

    def features(self, images: Tensor) -> Tensor:
        """Features float32 [N, features] of a source's images, which may be features already."""
        return images

    def _signature(self) -> tuple[Tensor, ...] | None:
        """The shapes of the arguments of `_losses`, if they are known before the first step."""
        return None

    def _per_step(self) -> list[int]:
        """How many pictures of each source a step takes."""
        return [self.options.per_step[name] for name in self.names]

    @abstractmethod
    def _steps_per_epoch(self) -> int: ...

    @abstractmethod
    def _trained(self) -> list[Trained]:
        """Learning rates, each with the variables that are trained at it."""

    @abstractmethod
    def _prepared(self, random: np.random.Generator) -> Iterable[tuple[Tensor, ...]]:
        """The arguments of `_losses`, step by step."""

    @abstractmethod
    def _losses(self, *batch: Tensor) -> tuple[Tensor, Tensor]:
        """The loss to minimise, and the captions' mean loss per token."""

    def _optimizers(self) -> list[tuple[Layer, list[Tensor]]]:
        steps = self.steps * max(self.epochs, 1)
        optimizers = []
        for rate, group in self._trained():
            optimizer = _adam(rate, steps, self.learner.options.warm_up_steps)
            optimizer.build(group)
            optimizers.append((optimizer, group))
        return optimizers

    def run_epoch(self, epoch: int) -> float:
        """Trains one epoch; returns the captions' mean loss per step."""
        stage = STAGES.index(self.stage)
        self.learner.decoder.start_epoch(stage * MOST_EPOCHS + epoch)
        random = np.random.default_rng([self.learner.options.seed, stage, epoch])
        progress = tqdm(
            self._prepared(random),
            f"{self.stage} {epoch + 1}",
            total=self.steps,
            leave=False,
            disable=None,
        )
        losses = []
        for batch in progress:
            losses.append(float(self.step(*batch)))
            if len(losses) % 20 == 0:
                progress.set_postfix(loss=f"{np.mean(losses[-100:]):.3f}")
        return float(np.mean(losses))

    def _step(self, *batch: Tensor) -> Tensor:
        options = self.learner.options
        with tf.GradientTape() as tape:
            loss, captions = self._losses(*batch)
        values = [variable.value for variable in self.variables]
        gradients, _ = tf.clip_by_global_norm(tape.gradient(loss, values), options.clip_norm)
        for optimizer, group in self.groups:
            optimizer.apply(gradients[: len(group)], group)
            gradients = gradients[len(group) :]
        # First a plain mean: otherwise a short run would stay near its starting point.
        steps = tf.cast(self.groups[0][0].iterations, tf.float32)
        kept = tf.minimum(options.average, 1 - 1 / steps)
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
        """Writes a checkpoint and deletes the last but one."""
        folder = self.learner.folder / "checkpoints"
        self.checkpoint.write(str(folder / f"{self.stage}_{epochs_done}"))
        for old in folder.glob(f"{self.stage}_{epochs_done - 2}.*"):
            old.unlink()

    def restore(self, epochs_done: int) -> None:
        """Restores the state after so many epochs of this stage."""
        if epochs_done:
            path = self.learner.folder / "checkpoints" / f"{self.stage}_{epochs_done}"
            self.checkpoint.read(str(path)).expect_partial()


class _ForcedLoop(Loop):
    """Teacher forcing, and reading the facts of scenes from the features."""

    @abstractmethod
    def _batches(self, random: np.random.Generator) -> Iterator[Batch]: ...

    def _signature(self) -> tuple[Tensor, ...]:
        return batches.signature(self.sources[0].images.shape[2:])

    def _prepared(self, random: np.random.Generator) -> Iterable[tuple[Tensor, ...]]:
        return batches.as_dataset(lambda: self._batches(random), self._signature())

    def _losses(self, *batch: Tensor) -> tuple[Tensor, Tensor]:
        images, owners, tokens, facts = batch
        decoder = self.learner.decoder
        features = self.features(images)  # [photos, features]
        of_captions = tf.gather(features, owners)  # [captions, features]
        captions = forced_loss(decoder, of_captions, tokens, training=True)
        answers = self.learner.reader(decoder.standardised(features))  # [photos, answers]
        return captions + self.learner.options.facts_weight * facts_loss(answers, facts), captions

    def _learners(self) -> list[Tensor]:
        learner = self.learner
        return [*learner.decoder.trainable_variables, *learner.reader.trainable_variables]


class DecoderLoop(_ForcedLoop):
    """Stage one: the decoder, on features of the untrained encoder."""

    stage = "decoder"

    @staticmethod
    def stage_options(options: TrainingOptions) -> StageOptions:
        """What this stage takes from the options of the run."""
        return options.decoder_stage

    def _shares(self) -> list[float]:
        return [self.options.shares[name] for name in self.names[1:]]

    def _steps_per_epoch(self) -> int:
        captions = sum(len(captions) for captions in self.sources[0].captions)
        captions += sum(batches.mixed_counts(captions, self._shares()))
        return -(-captions // self.learner.options.batch_size)

    def _trained(self) -> list[Trained]:
        return [(self.options.decoder_rate, self._learners())]

    def _batches(self, random: np.random.Generator) -> Iterator[Batch]:
        size = self.learner.options.batch_size
        return batches.decoder_batches(self.sources, size, self._shares(), random)


class TuningLoop(_ForcedLoop):
    """Stage two: the decoder and the encoder's tail, on feature maps.

    The last epoch that is better than all of stage one is kept.
    """

    stage = "tuning"
    # CIDEr on photos wavers from epoch to epoch, while the encoder is still learning to see.
    strict = False

    @staticmethod
    def stage_options(options: TrainingOptions) -> StageOptions:
        """What this stage takes from the options of the run."""
        return options.tuning_stage

    def features(self, images: Tensor) -> Tensor:
        """Features [N, features] that the tail makes of maps [N, height, width, channels]."""
        # The tail never runs in training mode: few photos would spoil the batch norm's statistics.
        return self.learner.encoder.tail(images, training=False)

    def _steps_per_epoch(self) -> int:
        return batches.photo_steps(self.sources, self._per_step())

    def _trained(self) -> list[Trained]:
        tail = self.learner.encoder.tail.trainable_variables
        return [(self.options.decoder_rate, self._learners()), (self.options.encoder_rate, tail)]

    def _batches(self, random: np.random.Generator) -> Iterator[Batch]:
        return batches.tuning_batches(self.sources, self._per_step(), random)


def _adam(rate: float, steps: int, warm_up_steps: int) -> Layer:
    warm_up = min(warm_up_steps, max(steps // 2, 1))
    schedule = keras.optimizers.schedules.CosineDecay(
        0.0, max(steps - warm_up, 1), warmup_target=rate, warmup_steps=warm_up
    )
    return keras.optimizers.Adam(schedule)
