"""EfficientNet-Lite0 in Keras, built from its published table of blocks.

EfficientNet (Tan and Le 2019, "EfficientNet: Rethinking model scaling for convolutional neural
networks") is MobileNetV2's kind of network: a block widens its input by a 1x1 convolution, filters
every channel on its own, and narrows it again; where the shapes agree, the input is added. The
Lite variants (Google 2020) leave out squeeze-and-excitation and use ReLU6 throughout.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from showtell_lib.errors import SettingsError
from showtell_lib.foreign import read_arrays as read_archive
from showtell_lib.quiet import Layer, Tensor, import_keras

import_keras()
import keras  # noqa: E402
from keras import layers  # noqa: E402

SIZE = 224
STEM_FILTERS, HEAD_FILTERS = 32, 1280
EPSILON = 1e-3
# The order in which Keras's BatchNormalization keeps its weights.
NORM_PARTS = ("gamma", "beta", "moving_mean", "moving_variance")


@dataclass(frozen=True)
class Blocks:
    """A row of the table: blocks of one kind, one after the other.

    Attributes:
        repeats: how many blocks.
        kernel: side of the depthwise filter, pixels.
        stride: of the first block; the others have stride 1.
        expansion: how many times as wide as its input a block is inside.
        filters: channels that come out.
    """

    repeats: int
    kernel: int
    stride: int
    expansion: int
    filters: int


# Tan and Le 2019, table 1.
TABLE = (
    Blocks(1, 3, 1, 1, 16),
    Blocks(2, 3, 2, 6, 24),
    Blocks(2, 5, 2, 6, 40),
    Blocks(3, 3, 2, 6, 80),
    Blocks(3, 5, 1, 6, 112),
    Blocks(4, 5, 2, 6, 192),
    Blocks(1, 3, 1, 6, 320),
)


def efficientnet_lite0(
    input_shape: tuple[int, int, int] = (SIZE, SIZE, 3), weights: str | Path | None = None
) -> Layer:
    """The network without its classifier, as a Keras model.

    Its layers are named as the arrays of the weights file: `stem`, `b0_dw`, `b1_expand`,
    `b1_bn0`, ..., `head`, `head_bn`, and `head_relu` at the end.

    Args:
        input_shape: height and width in pixels, and 3 colours, -1 to 1.
        weights: a `.npz` file of weights (see `read_arrays`), or None for random ones.

    Returns:
        A model from float32 [N, height, width, 3] to [N, height / 32, width / 32, 1280].

    Raises:
        SettingsError: the weights do not fit.
    """
    image = keras.Input(input_shape)  # [photos, height, width, 3]
    maps = _convolved(image, "stem", STEM_FILTERS, kernel=3, stride=2)  # half as high and wide
    number = 0
    for blocks in TABLE:
        for place in range(blocks.repeats):
            maps = _block(maps, f"b{number}", blocks, blocks.stride if place == 0 else 1)
            number += 1
    # [photos, height / 32, width / 32, 1280]
    maps = _convolved(maps, "head", HEAD_FILTERS, kernel=1)
    network = keras.Model(image, maps, name="efficientnet_lite0")
    if weights is not None:
        _set_weights(network, Path(weights))
    return network


def read_arrays(path: Path) -> dict[str, np.ndarray]:
    """Reads weights by `layer/part`, such as `stem/kernel` or `b1_bn0/gamma`.

    Args:
        path: a plain NumPy archive. Kernels are [height, width, in, out], those of depthwise
            layers [height, width, channels, 1].

    Raises:
        SettingsError: the file is not there or is not such an archive.
    """
    hint = (
        "not weights of EfficientNet-Lite0; `showtell data efficientnet-lite0 --to FILE.npz` "
        "fetches them"
    )
    return read_archive(path, SettingsError, hint=hint)


def _convolved(maps: Tensor, name: str, filters: int, kernel: int, stride: int = 1) -> Tensor:
    """A convolution without bias, batch norm (`name_bn`) and ReLU6."""
    convolution = layers.Conv2D(filters, kernel, stride, "same", use_bias=False, name=name)
    return _relu6(_normed(convolution(maps), f"{name}_bn"), f"{name}_relu")


def _block(maps: Tensor, name: str, blocks: Blocks, stride: int) -> Tensor:
    """Widen, filter each channel on its own, narrow; add the input where the shapes agree."""
    channels = maps.shape[-1]
    inside = maps
    if blocks.expansion > 1:
        width = channels * blocks.expansion
        widen = layers.Conv2D(width, 1, use_bias=False, name=f"{name}_expand")
        # [photos, height, width, channels * expansion]
        inside = _relu6(_normed(widen(inside), f"{name}_bn0"), f"{name}_relu0")
    filtered = layers.DepthwiseConv2D(
        blocks.kernel, stride, "same", use_bias=False, name=f"{name}_dw"
    )
    # [photos, height / stride, width / stride, channels * expansion]
    inside = _relu6(_normed(filtered(inside), f"{name}_bn1"), f"{name}_relu1")
    narrow = layers.Conv2D(blocks.filters, 1, use_bias=False, name=f"{name}_project")
    # [photos, height / stride, width / stride, filters]
    out = _normed(narrow(inside), f"{name}_bn2")
    if stride == 1 and channels == blocks.filters:
        out = layers.Add(name=f"{name}_add")([maps, out])
    return out


def _normed(maps: Tensor, name: str) -> Tensor:
    return layers.BatchNormalization(epsilon=EPSILON, name=name)(maps)


def _relu6(maps: Tensor, name: str) -> Tensor:
    return layers.ReLU(6.0, name=name)(maps)


def _set_weights(network: Layer, path: Path) -> None:
    arrays = read_arrays(path)
    for layer in network.layers:
        if not layer.weights:
            continue
        parts = NORM_PARTS if len(layer.weights) == len(NORM_PARTS) else ("kernel",)
        names = [f"{layer.name}/{part}" for part in parts]
        layer.set_weights(
            [
                _fitting(arrays, name, tuple(weight.shape), path)
                for name, weight in zip(names, layer.weights, strict=True)
            ]
        )


def _fitting(
    arrays: dict[str, np.ndarray], name: str, shape: tuple[int, ...], path: Path
) -> np.ndarray:
    array = arrays.get(name)
    if array is None:
        raise SettingsError(f"{path}: no array {name!r}; is it of EfficientNet-Lite0?")
    if array.shape != shape:
        raise SettingsError(f"{path}: {name} has the shape {list(array.shape)}, not {list(shape)}")
    if not np.isfinite(array).all():
        raise SettingsError(f"{path}: {name} holds numbers that are not finite")
    return np.asarray(array, np.float32)
