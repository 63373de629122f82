"""The training loop: one trainer for all stages, resumable after every epoch."""

from __future__ import annotations

import csv
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from tqdm import tqdm

from showtell_lib.errors import DataError
from showtell_lib.files import read_text, written
from showtell_lib.lstm import NumpyDecoder
from showtell_lib.metrics import score_captions
from showtell_lib.quiet import import_tensorflow
from showtell_lib.search import beam
from showtell_lib.training import batches
from showtell_lib.training.batches import Source
from showtell_lib.training.datasets import CaptionedPhoto
from showtell_lib.training.learner import Learner
from showtell_lib.training.network import (
    forced_loss,
    frozen_weights,
    set_frozen_weights,
)
from showtell_lib.training.stages import SOURCES, Loop
from showtell_lib.training.weights import (
    BEST_FILE,
    read_weights,
    set_tail_weights,
    tail_weights,
)

tf = import_tensorflow()

COLUMNS = ("stage", "epoch", "train_loss", "train_perplexity", "dev_loss", "dev_cider", "seconds")
LOG_FILE = "log.csv"
DEV_BATCH = 20
# Of a run that was logged before the column was there, which epochs were kept is not known.
KEPT = "kept_by"
# With fewer dev photos CIDEr is mostly luck: one caption decides between two epochs, and that of
# an epoch that has hardly learned to speak may be the highest. The loss counts every word.
FEWEST_FOR_CIDER = 50


class Trainer:
    """Trains the decoder, then the encoder's tail with it, then the decoder on its own captions.

    Args:
        learner: the networks to train.
        dev: photos to measure CIDEr on, in the order of the dev source.
    """

    def __init__(self, learner: Learner, dev: Sequence[CaptionedPhoto]) -> None:
        self.learner, self.dev = learner, dev

    def run_stage(self, kind: type[Loop], sources: Mapping[str, Source]) -> None:
        """Runs or resumes one stage.

        Args:
            kind: of the stage.
            sources: `train`, `dev` and perhaps `broader` and `scenes`, as the stage needs them.
        """
        mixed = {name: sources[name] for name in SOURCES if name in sources}
        loop = kind(self.learner, mixed)
        done = self._epochs_done(kind)
        loop.restore(done)
        for epoch in range(done, loop.epochs):
            started = time.perf_counter()
            train_loss = loop.run_epoch(epoch)
            loop.save(epoch + 1)
            with loop.averaged():
                dev_loss, cider = self._measure(loop, sources["dev"])
                kept = self._keep_if_better(loop, {"dev_loss": dev_loss, "dev_cider": cider})
            self._write_row(loop.stage, epoch + 1, train_loss, dev_loss, cider, started, kept)

    def has_to_run(self, kind: type[Loop]) -> bool:
        """Whether a stage has epochs that are not done."""
        return self._epochs_done(kind) < kind.stage_options(self.learner.options).epochs

    def take_best(self) -> None:
        """Replaces the latest weights by the best ones so far."""
        weights = read_weights(self.learner.folder / BEST_FILE)
        set_tail_weights(self.learner.encoder, weights)
        set_frozen_weights(self.learner.decoder, weights)

    def _epochs_done(self, kind: type[Loop]) -> int:
        return sum(row["stage"] == kind.stage for row in self._log())

    def _measure(self, loop: Loop, dev: Source) -> tuple[float, float]:
        """Mean loss per token on all dev photos; CIDEr of beam width 3 on some of them."""
        features, losses = [], []
        for images, owners, tokens, _ in batches.plain_batches(dev, DEV_BATCH):
            of_photos = loop.features(images)  # [photos, features]
            features.append(np.asarray(of_photos))
            of_captions = tf.gather(of_photos, owners)  # [captions, features]
            losses.append(float(forced_loss(self.learner.decoder, of_captions, tokens)))
        decoder = NumpyDecoder(frozen_weights(self.learner.decoder), self.learner.vocabulary)
        # [photos, features] -> [photos, 2 * units]
        states = decoder.encode(np.concatenate(features)[: len(self.dev)])
        captions = {
            photo.name: beam(decoder, state[np.newaxis], beam_width=3).best.text
            for photo, state in zip(
                tqdm(self.dev, "dev", leave=False, disable=None), states, strict=True
            )
        }
        references = {photo.name: photo.captions for photo in self.dev}
        return float(np.mean(losses)), score_captions(captions, references).cider

    def _keep_if_better(self, loop: Loop, measured: Mapping[str, float]) -> str:
        """Keeps the weights if they are the best so far; the measure that says so, or nothing."""
        by = choice(len(self.dev))
        strict = loop.strict or by == "dev_loss"
        rows = [row for row in self._log() if strict or row["stage"] != loop.stage]
        before = [float(row[by]) for row in rows]
        best = measured[by] < min(before, default=np.inf)
        if by == "dev_cider":
            best = measured[by] > max(before, default=-1.0)
        if best:
            save_weights(self.learner, self.learner.folder / BEST_FILE)
        return by if best else ""

    def _log(self) -> list[dict[str, str]]:
        path = self.learner.folder / LOG_FILE
        return read_log(path) if path.is_file() else []

    def _write_row(
        self,
        stage: str,
        epoch: int,
        train_loss: float,
        dev_loss: float,
        cider: float,
        started: float,
        kept: str,
    ) -> None:
        seconds = time.perf_counter() - started
        perplexity = float(np.exp(train_loss))
        numbers = (f"{x:.4f}" for x in (train_loss, perplexity, dev_loss, cider))
        row = [stage, str(epoch), *numbers, f"{seconds:.1f}", kept]
        rows = [list(old.values()) for old in self._log()]
        with (
            written(self.learner.folder / LOG_FILE) as part,
            part.open("w", newline="", encoding="utf-8") as file,
        ):
            csv.writer(file, lineterminator="\n").writerows([[*COLUMNS, KEPT], *rows, row])
        tqdm.write(
            f"{stage} epoch {epoch}: loss {train_loss:.3f} (dev {dev_loss:.3f}), "
            f"dev CIDEr {100 * cider:.1f}, {seconds:.0f} s{', the best so far' if kept else ''}"
        )


def choice(dev_photos: int) -> str:
    """The column of the log by which the best epoch is chosen, with so many dev photos."""
    return "dev_loss" if dev_photos < FEWEST_FOR_CIDER else "dev_cider"


def read_log(path: Path) -> list[dict[str, str]]:
    """The rows of a training log by column.

    Raises:
        DataError: it is no such log.
    """
    try:
        header, *rows = csv.reader(read_text(path, DataError).splitlines(), strict=True)
        if header == list(COLUMNS):
            rows = [[*row, ""] for row in rows]
        elif header != [*COLUMNS, KEPT]:
            raise ValueError(f"its columns are not {', '.join(COLUMNS)}")
        for row in rows:
            list(map(float, row[1:-1]))  # All but the name of the stage are numbers.
            if len(row) != len(COLUMNS) + 1:
                raise ValueError("a row is cut off")
    except (ValueError, csv.Error) as error:
        raise DataError(
            f"{path}: not the log of a training run ({error}); move it away to start a new one"
        ) from None
    return [dict(zip((*COLUMNS, KEPT), row, strict=True)) for row in rows]


def save_weights(learner: Learner, path: Path) -> None:
    """Writes the decoder's weights by their frozen names and the tail's in Keras's order."""
    arrays = frozen_weights(learner.decoder) | tail_weights(learner.encoder)
    with written(path) as part, part.open("wb") as file:
        np.savez(file, **arrays)  # type: ignore[arg-type]
