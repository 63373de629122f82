"""One stage of training: what is learned from what, its optimizers, averages and checkpoints."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, ClassVar

import numpy as np
from tqdm import tqdm

from showtell_lib.quiet import import_keras, import_tensorflow
from showtell_lib.training import batches
from showtell_lib.training.batches import Batch, Source
from showtell_lib.training.learner import Learner
from showtell_lib.training.network import facts_loss, forced_loss

STAGES = ("decoder", "tuning", "self_critical")
# Of the sources beside the main one, the share of captions in stage one.
SHARES = {"broader": "broader_share", "scenes": "scene_share"}
# Where the encoder learns too: how many photos of each source a step takes, the main one first.
PER_STEP = {
    "train": "photos_per_step",
    "broader": "broader_per_step",
    "scenes": "scenes_per_step",
}
MOST_EPOCHS = 1000


class Loop(ABC):
    """What all stages have in common.

    Args:
        learner: whose models are trained.
        sources: `train` and perhaps `broader` and `scenes`, in this order.
    """

    stage: ClassVar[str]
    # Whether an epoch has to beat all before it to be kept, or only those of the stages before.
    strict: ClassVar[bool] = True

    def __init__(self, learner: Learner, sources: Mapping[str, Source]) -> None:
        tf = import_tensorflow()
        self.learner = learner
        self.names, self.sources = list(sources), list(sources.values())
        self.epochs = learner.options.epochs(self.stage)
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
            # One by one: the first Keras 3 does not let a checkpoint see into an optimizer.
            optimizers=[[v.value for v in optimizer.variables] for optimizer, _ in self.groups],
            averages=self.averages,
        )

    def features(self, images: Any) -> Any:
        """What a source holds of images, to features float32 [N, features]: these themselves."""
        return images

    def _signature(self) -> Any:
        """What the arguments of `_losses` are like, where that is known before the first step."""
        return None

    @abstractmethod
    def _steps_per_epoch(self) -> int: ...

    @abstractmethod
    def _trained(self) -> list[tuple[float, list[Any]]]:
        """Learning rates, each with the variables that are trained at it."""

    @abstractmethod
    def _prepared(self, random: np.random.Generator) -> Iterable[tuple[Any, ...]]:
        """The arguments of `_losses`, step by step."""

    @abstractmethod
    def _losses(self, *batch: Any) -> tuple[Any, Any]:
        """What is minimised, and the captions' mean loss per token."""

    def _optimizers(self) -> list[tuple[Any, list[Any]]]:
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

    def _step(self, *batch: Any) -> Any:
        tf = import_tensorflow()
        options = self.learner.options
        with tf.GradientTape() as tape:
            loss, captions = self._losses(*batch)
        values = [variable.value for variable in self.variables]
        gradients, _ = tf.clip_by_global_norm(tape.gradient(loss, values), options.clip_norm)
        for optimizer, group in self.groups:
            optimizer.apply(gradients[: len(group)], group)
            gradients = gradients[len(group) :]
        # A plain mean at first: a short run would hardly leave where it started.
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
        """Writes a checkpoint; the one before the last is dropped."""
        folder = self.learner.folder / "checkpoints"
        self.checkpoint.write(str(folder / f"{self.stage}_{epochs_done}"))
        for old in folder.glob(f"{self.stage}_{epochs_done - 2}.*"):
            old.unlink()

    def restore(self, epochs_done: int) -> None:
        """Goes on after so many epochs of this stage."""
        if epochs_done:
            path = self.learner.folder / "checkpoints" / f"{self.stage}_{epochs_done}"
            self.checkpoint.read(str(path)).expect_partial()


class _ForcedLoop(Loop):
    """Teacher forcing, and beside it the facts of scenes, read off the features."""

    @abstractmethod
    def _batches(self, random: np.random.Generator) -> Iterator[Batch]: ...

    def _signature(self) -> Any:
        return batches.signature(self.sources[0].images.shape[2:])

    def _prepared(self, random: np.random.Generator) -> Iterable[tuple[Any, ...]]:
        dataset: Iterable[tuple[Any, ...]] = batches.as_dataset(
            lambda: self._batches(random), self._signature()
        )
        return dataset

    def _losses(self, *batch: Any) -> tuple[Any, Any]:
        tf = import_tensorflow()
        images, owners, tokens, facts = batch
        decoder = self.learner.decoder
        features = self.features(images)
        captions = forced_loss(decoder, tf.gather(features, owners), tokens, training=True)
        answers = self.learner.reader(decoder.standardised(features))
        return captions + self.learner.options.facts_weight * facts_loss(answers, facts), captions

    def _learners(self) -> list[Any]:
        learner = self.learner
        return [*learner.decoder.trainable_variables, *learner.reader.trainable_variables]


class DecoderLoop(_ForcedLoop):
    """Stage one: the decoder, on features of the untrained encoder."""

    stage = "decoder"

    def _shares(self) -> list[float]:
        options = self.learner.options
        return [getattr(options, SHARES[name]) for name in self.names if name in SHARES]

    def _steps_per_epoch(self) -> int:
        captions = sum(len(captions) for captions in self.sources[0].captions)
        captions += sum(batches.mixed_counts(captions, self._shares()))
        return -(-captions // self.learner.options.batch_size)

    def _trained(self) -> list[tuple[float, list[Any]]]:
        return [(self.learner.options.decoder_rate, self._learners())]

    def _batches(self, random: np.random.Generator) -> Iterator[Batch]:
        size = self.learner.options.batch_size
        return batches.decoder_batches(self.sources, size, self._shares(), random)


class TuningLoop(_ForcedLoop):
    """Stage two: the decoder and the encoder's tail, on feature maps.

    The last of its epochs is kept that is better than all of stage one.
    """

    stage = "tuning"
    # CIDEr on photos wavers from epoch to epoch, while seeing is still being learned.
    strict = False

    def features(self, images: Any) -> Any:
        """What the tail makes of feature maps."""
        # Never in training mode: the batch norm statistics may not be real ones.
        return self.learner.encoder.tail(images, training=False)

    def _per_step(self) -> list[int]:
        return [getattr(self.learner.options, PER_STEP[name]) for name in self.names]

    def _steps_per_epoch(self) -> int:
        return batches.photo_steps(self.sources, self._per_step())

    def _trained(self) -> list[tuple[float, list[Any]]]:
        options = self.learner.options
        tail = self.learner.encoder.tail.trainable_variables
        return [
            (options.tuning_decoder_rate, self._learners()),
            (options.tuning_encoder_rate, tail),
        ]

    def _batches(self, random: np.random.Generator) -> Iterator[Batch]:
        return batches.tuning_batches(self.sources, self._per_step(), random)


def _adam(rate: float, steps: int, warm_up_steps: int) -> Any:
    keras = import_keras()
    warm_up = min(warm_up_steps, max(steps // 2, 1))
    schedule = keras.optimizers.schedules.CosineDecay(
        0.0, max(steps - warm_up, 1), warmup_target=rate, warmup_steps=warm_up
    )
    return keras.optimizers.Adam(schedule)
