"""The image encoders one can train with: a frozen body whose output is cached, a tunable tail."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from showtell_lib.errors import SettingsError
from showtell_lib.quiet import import_tensorflow


@dataclass(frozen=True)
class EncoderKind:
    """What the trainer needs to know of a network of `keras.applications`.

    Attributes:
        application: its name in `keras.applications`.
        size: height and width in pixels of its input.
        split: the layer that ends the frozen body.
        last: the layer whose output is averaged into the features.
        features: how many features that gives.
    """

    application: str
    size: int
    split: str
    last: str
    features: int


ENCODERS = {
    "mobilenet_v2": EncoderKind("MobileNetV2", 224, "block_13_project_BN", "out_relu", 1280),
    "inception_v3": EncoderKind("InceptionV3", 299, "mixed8", "mixed10", 2048),
}


@dataclass(frozen=True)
class Encoder:
    """A convolutional network cut in two.

    Attributes:
        kind: which network it is.
        body: pixels float32 [N, size, size, 3] in -1 to 1, to feature maps; never trained.
        tail: feature maps to features, float32 [N, features]; trained in stage two.
    """

    kind: EncoderKind
    body: Any
    tail: Any


def build_encoder(name: str, weights: str | Path | None = "imagenet") -> Encoder:
    """Builds an encoder and cuts it at its split layer.

    Args:
        name: a key of `ENCODERS`.
        weights: `"imagenet"` (Keras downloads them), a local `.weights.h5` file of the whole
            network with its ImageNet top, or None for random weights.

    Raises:
        SettingsError: the name is unknown or the weights do not fit.
    """
    if name not in ENCODERS:
        raise SettingsError(f"no encoder called {name!r}; known are {', '.join(ENCODERS)}")
    import_tensorflow()
    import keras

    kind = ENCODERS[name]
    shape = (kind.size, kind.size, 3)
    named = weights if weights in ("imagenet", None) else None
    network = getattr(keras.applications, kind.application)(input_shape=shape, weights=named)
    if weights is not None and named is None:
        _load(network, Path(weights))
    pooled = keras.layers.GlobalAveragePooling2D()(network.get_layer(kind.last).output)
    middle = network.get_layer(kind.split).output
    return Encoder(kind, keras.Model(network.input, middle), keras.Model(middle, pooled))


def _load(network: Any, path: Path) -> None:
    try:
        network.load_weights(path)
    except (OSError, ValueError) as error:
        reason = str(error).partition("\n")[0]
        raise SettingsError(f"{path}: not weights of {network.name} ({reason})") from None
