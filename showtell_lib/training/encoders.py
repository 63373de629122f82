"""The image encoders. Each has a frozen body, whose output is cached, and a tail to train."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path

from showtell_lib.errors import DownloadError, SettingsError, first_line
from showtell_lib.quiet import Layer, Tensor, import_keras, import_tensorflow
from showtell_lib.training.efficientnet_lite import efficientnet_lite0
from showtell_lib.transfer import innermost_reason

import_keras()
tf = import_tensorflow()
import keras  # noqa: E402

IMAGENET = "imagenet"


@dataclass(frozen=True)
class EncoderKind:
    """What the trainer needs to know of a network.

    Attributes:
        network: its name in `keras.applications`, or `EfficientNetLite0`, which is ours.
        size: height and width in pixels of its input.
        split: the layer that ends the frozen body.
        last: the layer whose output is averaged into the features.
        features: how many features that gives.
    """

    network: str
    size: int
    split: str
    last: str
    features: int


ENCODERS = {
    "mobilenet_v2": EncoderKind("MobileNetV2", 224, "block_13_project_BN", "out_relu", 1280),
    "efficientnet_lite0": EncoderKind("EfficientNetLite0", 224, "b11_bn2", "head_relu", 1280),
    "inception_v3": EncoderKind("InceptionV3", 299, "mixed8", "mixed10", 2048),
}


@dataclass(frozen=True)
class Encoder:
    """A convolutional network cut in two.

    Attributes:
        kind: which network it is.
        body: pixels float32 [N, size, size, 3] in -1 to 1, to feature maps; never trained.
        tail: feature maps to features, float32 [N, features]; trained in stage two.
        prepare: a photo or a part of it, uint8 [height, width, 3], to pixels [size, size, 3].
    """

    kind: EncoderKind
    body: Layer
    tail: Layer
    prepare: Callable[[Tensor], Tensor]

    @cached_property
    def compiled(self) -> Callable[[Tensor], tuple[Tensor, Tensor]]:
        """Pixels to feature maps and features, as a graph that is traced once."""
        return _traced(self._whole, self.body.input)

    @cached_property
    def compiled_tail(self) -> Callable[[Tensor], Tensor]:
        """Feature maps to features, as a graph that is traced once."""
        return _traced(lambda maps: self.tail(maps, training=False), self.tail.input)

    def _whole(self, images: Tensor) -> tuple[Tensor, Tensor]:
        maps = self.body(images, training=False)  # [photos, height, width, channels]
        return maps, self.tail(maps, training=False)


def _traced(run: Callable[[Tensor], Tensor], like: Tensor) -> Callable[[Tensor], Tensor]:
    """A function as a graph, for any number of inputs of the shape of `like`."""
    signature = [tf.TensorSpec([None, *like.shape[1:]], tf.float32)]
    traced: Callable[[Tensor], Tensor] = tf.function(
        run, input_signature=signature, autograph=False
    )
    return traced


def build_encoder(name: str, weights: str | Path | None = IMAGENET) -> Encoder:
    """Builds an encoder and cuts it at its split layer.

    Args:
        name: a key of `ENCODERS`.
        weights: `"imagenet"` (Keras downloads them), a local file of the whole network, or None
            for random weights. For a network of Keras the file is a `.weights.h5` with the
            ImageNet top, for EfficientNet-Lite0 a `.npz` (see `efficientnet_lite`).

    Raises:
        SettingsError: the name is unknown or the weights do not fit.
    """
    check_encoder(name, weights)
    kind = ENCODERS[name]
    build = _ours if kind.network == "EfficientNetLite0" else _of_keras
    network = build(kind, weights)
    last = network.get_layer(kind.last).output  # [photos, height, width, features]
    pooled = keras.layers.GlobalAveragePooling2D()(last)  # [photos, features]
    middle = network.get_layer(kind.split).output  # [photos, height, width, channels]
    body, tail = keras.Model(network.input, middle), keras.Model(middle, pooled)
    return Encoder(kind, body, tail, partial(to_encoder_input, size=kind.size))


def to_encoder_input(image: Tensor, size: int) -> Tensor:
    """Squashes a whole photo to the encoder's square with antialiasing and scales it to -1 to 1.

    Args:
        image: uint8 or float32 [height, width, 3], 0 to 255.
        size: of the square, pixels.
    """
    # [size, size, 3]
    resized = tf.image.resize(tf.cast(image, tf.float32), [size, size], antialias=True)
    return tf.ensure_shape(resized, [size, size, 3]) / 127.5 - 1.0


def _ours(kind: EncoderKind, weights: str | Path | None) -> Layer:
    if weights == IMAGENET:
        raise SettingsError(
            "Keras has no weights of EfficientNet-Lite0: `showtell data efficientnet-lite0 --to "
            "FILE.npz` fetches them; then --encoder-weights FILE.npz"
        )
    return efficientnet_lite0((kind.size, kind.size, 3), weights)


def check_encoder(name: str, weights: str | Path | None) -> None:
    """Checks what `build_encoder` takes, as far as that is possible without building.

    Raises:
        SettingsError: the name is unknown, or the file of the weights is not there.
    """
    if name not in ENCODERS:
        raise SettingsError(f"no encoder called {name!r}; known are {', '.join(ENCODERS)}")
    if weights not in (IMAGENET, None) and not Path(str(weights)).is_file():
        raise SettingsError(f"{weights}: no such file; --encoder-weights takes imagenet or a file")


def _of_keras(kind: EncoderKind, weights: str | Path | None) -> Layer:
    build = getattr(keras.applications, kind.network)
    named = weights if weights in (IMAGENET, None) else None
    try:
        network = build(input_shape=(kind.size, kind.size, 3), weights=named)
    except Exception as error:  # Keras has no class of its own for a download that fails.
        if named is None:
            raise
        raise DownloadError(
            f"Keras cannot download the ImageNet weights of {kind.network} "
            f"({innermost_reason(error)}); without a network give --encoder-weights a file of "
            "them, or begin with a model that is here: --start-from mini"
        ) from None
    if weights is not None and named is None:
        try:
            network.load_weights(Path(weights))
        except (OSError, ValueError) as error:
            raise SettingsError(
                f"{weights}: not weights of {network.name} ({first_line(error)})"
            ) from None
    return network
