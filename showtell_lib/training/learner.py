"""The networks and options of a training run, which all its stages share."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from showtell_lib.training.encoders import Encoder
from showtell_lib.training.network import Decoder, FactReader
from showtell_lib.training.options import TrainingOptions
from showtell_lib.vocabulary import Vocabulary


@dataclass(frozen=True, eq=False)
class Learner:
    """The networks of a run, with its words, options and folder.

    Attributes:
        encoder: stage two trains its tail.
        decoder: every stage trains it.
        reader: reads facts from the features while the features are trained.
        vocabulary: the words.
        options: how to train.
        folder: gets the log, the checkpoints and the best weights.
    """

    encoder: Encoder
    decoder: Decoder
    reader: FactReader
    vocabulary: Vocabulary
    options: TrainingOptions
    folder: Path
