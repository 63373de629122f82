"""The settings of a training run, stored with it so that it can be resumed and repeated."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from showtell_lib.errors import DataError, SettingsError
from showtell_lib.files import written
from showtell_lib.foreign import read_json

# Options that count something, and their smallest sensible values.
LOWEST = {
    **dict.fromkeys(("decoder_epochs", "tuning_epochs", "self_critical_epochs"), 0),
    **dict.fromkeys(("units", "batch_size", "photos_per_step", "min_count", "views"), 1),
    **dict.fromkeys(("broader_per_step", "scenes", "scenes_per_step", "warm_up_steps", "seed"), 0),
    "dev_photos": 1,
}
# The name of the encoder in a run that starts from a finished model and keeps its encoder.
OWN_ENCODER = "own"
# Defaults of a run that starts from a model: they suit few photos and an unchanged encoder.
FROM_MODEL: Mapping[str, Any] = {
    "encoder": OWN_ENCODER,
    "encoder_weights": "none",
    "decoder_epochs": 40,
    "tuning_epochs": 0,
    "self_critical_epochs": 0,
    "batch_size": 4,
    "decoder_rate": 1e-3,
    "warm_up_steps": 10,
    "average": 0.9,
    "min_count": 1,
}
# How many pictures of each source a step of stage three takes.
SELF_CRITICAL_PER_STEP = {"train": 32, "broader": 12, "scenes": 160}


@dataclass(frozen=True)
class StageOptions:
    """What one stage takes from the options of its run.

    Attributes:
        epochs: how many epochs the stage has.
        decoder_rate: Adam's learning rate for the decoder.
        encoder_rate: the learning rate of the encoder; 0 where the encoder is not trained.
        shares: the share of all captions that each source beside the main one has; empty where
            pictures are counted instead.
        per_step: how many pictures of each source a step takes; empty where captions are counted.
    """

    epochs: int
    decoder_rate: float
    encoder_rate: float = 0.0
    shares: Mapping[str, float] = field(default_factory=dict)
    per_step: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class TrainingOptions:
    """Everything that decides a training run, apart from the photos themselves.

    Attributes:
        encoder: a key of `encoders.ENCODERS`, or `own` where the run starts from a model.
        encoder_weights: `imagenet`, `none`, or a file.
        start_from: the folder of an earlier run, or the name or folder of a model, whose
            vocabulary and weights this run starts with; empty for none. New words join the
            vocabulary. See `start.options_from` for the defaults.
        decoder_epochs: epochs of stage one, the decoder on the frozen encoder's features; 0 leaves
            a stage out.
        tuning_epochs: epochs of stage two, the encoder's last blocks as well.
        self_critical_epochs: epochs of stage three, the decoder by its own captions.
        units: of the LSTM and the embeddings.
        dropout: share of LSTM inputs and outputs silenced.
        batch_size: captions per step of stage one.
        photos_per_step: photos of the main dataset per step of stage two.
        broader_share: share of captions from the broader photos in stage one.
        broader_per_step: broader photos per step of stage two.
        scenes: how many drawn scenes to learn from as well; each comes with a neighbour that
            differs in one thing.
        scene_share: share of captions of scenes in stage one.
        scenes_per_step: scenes per step of stage two, each with one of its captions: many
            pictures teach more than many words about few.
        decoder_rate: Adam's learning rate in stage one.
        tuning_decoder_rate: the decoder's in stage two.
        tuning_encoder_rate: the encoder's in stage two.
        self_critical_rate: the decoder's in stage three.
        warm_up_steps: steps over which each rate rises from zero.
        facts_weight: how much the loss of the facts of scenes (see `facts`) counts beside that
            of the captions.
        clip_norm: largest norm of all gradients together.
        average: share of the old value that a running average of the weights keeps at each step;
            the averaged weights are what is measured and kept. 0 keeps the weights themselves.
            During the first steps the average is a plain mean.
        precision: of the decoder's large products, `float32` or `bfloat16` (several times faster
            where the processor has instructions for it); weights and sums stay float32.
        min_count: rarer words are unknown.
        views: cached views per photo.
        dev_photos: how many dev photos are captioned after each epoch to measure CIDEr.
        seed: decides initial weights, order, views and crops.
    """

    encoder: str = "mobilenet_v2"
    encoder_weights: str = "imagenet"
    start_from: str = ""
    decoder_epochs: int = 8
    tuning_epochs: int = 6
    self_critical_epochs: int = 4
    units: int = 512
    dropout: float = 0.4
    batch_size: int = 64
    photos_per_step: int = 16
    broader_share: float = 0.2
    broader_per_step: int = 4
    scenes: int = 0
    scene_share: float = 0.15
    scenes_per_step: int = 32
    decoder_rate: float = 1e-3
    tuning_decoder_rate: float = 6e-4
    tuning_encoder_rate: float = 2e-4
    self_critical_rate: float = 6e-4
    facts_weight: float = 0.2
    warm_up_steps: int = 100
    clip_norm: float = 5.0
    average: float = 0.998
    precision: str = "float32"
    min_count: int = 5
    views: int = 6
    dev_photos: int = 1000
    seed: int = 0

    def __post_init__(self) -> None:
        lowest = LOWEST | {"facts_weight": 0, "decoder_epochs": 0 if self.start_from else 1}
        for name, least in lowest.items():
            if getattr(self, name) < least:
                raise SettingsError(f"{name} must be {least} or more, not {getattr(self, name)}")
        for name in ("dropout", "broader_share", "scene_share", "average"):
            if not 0 <= getattr(self, name) < 1:
                raise SettingsError(f"{name} must be from 0 to below 1, not {getattr(self, name)}")
        if self.broader_share + self.scene_share >= 1:
            raise SettingsError("broader_share and scene_share must be below 1 together")
        # Late, as it brings NumPy with it, and `--help` reads the defaults above.
        from showtell_lib.graph.precision import check_precision

        check_precision(self.precision)

    @property
    def initial_weights(self) -> str | None:
        """The encoder's weights as `build_encoder` takes them: None for random ones."""
        return None if self.encoder_weights == "none" else self.encoder_weights

    @property
    def decoder_stage(self) -> StageOptions:
        """Stage one, which counts captions."""
        shares = {"broader": self.broader_share, "scenes": self.scene_share}
        return StageOptions(self.decoder_epochs, self.decoder_rate, shares=shares)

    @property
    def tuning_stage(self) -> StageOptions:
        """Stage two, which counts pictures, since each costs a pass through the encoder's tail."""
        return StageOptions(
            self.tuning_epochs,
            self.tuning_decoder_rate,
            self.tuning_encoder_rate,
            per_step={
                "train": self.photos_per_step,
                "broader": self.broader_per_step,
                "scenes": self.scenes_per_step,
            },
        )

    @property
    def self_critical_stage(self) -> StageOptions:
        """Stage three, which counts pictures, too."""
        return StageOptions(
            self.self_critical_epochs, self.self_critical_rate, per_step=SELF_CRITICAL_PER_STEP
        )

    def save(self, path: Path) -> None:
        """Writes the options as JSON."""
        from showtell_lib.inputs import plain  # As above.

        with written(path) as part:
            part.write_text(json.dumps(plain(asdict(self)), indent=2) + "\n", encoding="utf-8")


def read_options(path: Path) -> TrainingOptions:
    """Reads the options of an earlier run.

    Raises:
        DataError: the file is missing or is not such a file.
    """
    try:
        return TrainingOptions(**read_json(path, DataError))
    except DataError as error:
        raise DataError(f"{error}; give the folder of a training run") from None
    except (TypeError, ValueError) as error:
        raise DataError(f"{path}: not the options of a training run ({error})") from None
