"""TensorFlow 1 checkpoints of the im2txt family, converted to the frozen format.

Their encoder is Inception v3 as TF-Slim builds it. Keras has the same network with other names, so
its layers are filled in the order in which both build it; batch normalisation is folded into the
convolutions, which gives the same numbers in half the operations.
"""

from __future__ import annotations

import gc
from collections.abc import Callable
from pathlib import Path

import numpy as np

from showtell_lib.errors import ModelError, first_line
from showtell_lib.graph.building import encoder_graph, inference_graph
from showtell_lib.graph.writing import write_model
from showtell_lib.quiet import Layer, Tensor, import_keras, import_tensorflow
from showtell_lib.store import GRAPH_FILE
from showtell_lib.vocabulary import read_vocabulary

tf = import_tensorflow()

SIZE, RESIZED = 299, 346
# What TF-Slim and Keras add to a variance.
EPSILON = 1e-3
# What a convolution has in a checkpoint.
VARIABLES = ("weights", "BatchNorm/beta", "BatchNorm/moving_mean", "BatchNorm/moving_variance")

# Each decoder weight's name in the frozen format, and its names in checkpoints, newest first.
CELL = "lstm/basic_lstm_cell"
DECODER = {
    "image_embedding/weights": ("image_embedding/weights",),
    "seq_embedding/map": ("seq_embedding/map",),
    f"{CELL}/kernel": (f"{CELL}/kernel", f"{CELL}/weights", "lstm/BasicLSTMCell/Linear/Matrix"),
    f"{CELL}/bias": (f"{CELL}/bias", f"{CELL}/biases", "lstm/BasicLSTMCell/Linear/Bias"),
    "logits/weights": ("logits/weights",),
    "logits/biases": ("logits/biases",),
}

_SEVENS = (
    "Branch_0/Conv2d_0a_1x1 Branch_1/Conv2d_0a_1x1 Branch_1/Conv2d_0b_1x7 Branch_1/Conv2d_0c_7x1 "
    "Branch_2/Conv2d_0a_1x1 Branch_2/Conv2d_0b_7x1 Branch_2/Conv2d_0c_1x7 Branch_2/Conv2d_0d_7x1 "
    "Branch_2/Conv2d_0e_1x7 Branch_3/Conv2d_0b_1x1"
)
_FIVES = (
    "Branch_0/Conv2d_0a_1x1 Branch_1/Conv2d_0a_1x1 Branch_1/Conv2d_0b_5x5 Branch_2/Conv2d_0a_1x1 "
    "Branch_2/Conv2d_0b_3x3 Branch_2/Conv2d_0c_3x3 Branch_3/Conv2d_0b_1x1"
)
_SPLIT = (
    "Branch_0/Conv2d_0a_1x1 Branch_1/Conv2d_0a_1x1 Branch_1/Conv2d_0b_1x3 Branch_1/Conv2d_0{}_3x1 "
    "Branch_2/Conv2d_0a_1x1 Branch_2/Conv2d_0b_3x3 Branch_2/Conv2d_0c_1x3 Branch_2/Conv2d_0d_3x1 "
    "Branch_3/Conv2d_0b_1x1"
)
# TF-Slim's convolutions in the order in which Keras makes its own. Mixed_5c and Mixed_7b have
# names that break the pattern; they were published so.
BLOCKS = {
    "": "Conv2d_1a_3x3 Conv2d_2a_3x3 Conv2d_2b_3x3 Conv2d_3b_1x1 Conv2d_4a_3x3",
    "Mixed_5b/": _FIVES,
    "Mixed_5c/": _FIVES.replace("1/Conv2d_0a_1x1", "1/Conv2d_0b_1x1").replace(
        "Conv2d_0b_5x5", "Conv_1_0c_5x5"
    ),
    "Mixed_5d/": _FIVES,
    "Mixed_6a/": "Branch_0/Conv2d_1a_1x1 Branch_1/Conv2d_0a_1x1 Branch_1/Conv2d_0b_3x3 "
    "Branch_1/Conv2d_1a_1x1",
    **{f"Mixed_6{letter}/": _SEVENS for letter in "bcde"},
    "Mixed_7a/": "Branch_0/Conv2d_0a_1x1 Branch_0/Conv2d_1a_3x3 Branch_1/Conv2d_0a_1x1 "
    "Branch_1/Conv2d_0b_1x7 Branch_1/Conv2d_0c_7x1 Branch_1/Conv2d_1a_3x3",
    "Mixed_7b/": _SPLIT.format("b"),
    "Mixed_7c/": _SPLIT.format("c"),
}
CONVOLUTIONS = tuple(
    f"InceptionV3/{block}{name}" for block, names in BLOCKS.items() for name in names.split()
)


def convert_checkpoint(checkpoint: Path, vocabulary: Path, out: Path) -> Path:
    """Converts a TensorFlow 1 checkpoint of the full-size model to the frozen format.

    Args:
        checkpoint: its path, with or without `.index` or `.data-...`.
        vocabulary: the `word_counts.txt` that belongs to it.
        out: the folder to write `show-and-tell.pb` and `word_counts.txt` into.

    Returns:
        The path of the graph.

    Raises:
        ModelError: the checkpoint is missing, damaged, or of another network.
        VocabularyError: the vocabulary is malformed or has more words than the softmax is wide.
    """
    reader = _Reader(checkpoint)
    weights = {name: reader.first_of(names) for name, names in DECODER.items()}
    read_vocabulary(vocabulary).sized(len(weights["logits/biases"]))
    encoder = encoder_graph(_inception_v3(reader), SIZE)
    graph_def = inference_graph(encoder, preprocessed, weights, half=False)
    write_model(graph_def, vocabulary, out)
    return out / GRAPH_FILE


class _Reader:
    """A checkpoint's variables by name."""

    def __init__(self, checkpoint: Path) -> None:
        text = str(checkpoint).removesuffix(".index").partition(".data-")[0]
        self.path = Path(text)
        try:
            self._reader = tf.train.load_checkpoint(text)
        except (ValueError, tf.errors.OpError) as error:
            raise ModelError(
                f"{text}: cannot read this checkpoint ({first_line(error)}); give its name "
                "without .index or .data-00000-of-00001; both files must be there"
            ) from None
        self._shapes = self._reader.get_variable_to_shape_map()

    def __call__(self, name: str) -> np.ndarray:
        return self.first_of((name,))

    def check_has(self, names: tuple[str, ...]) -> str:
        """The first of the names that a variable has."""
        name = next((name for name in names if name in self._shapes), None)
        if name is None:
            raise ModelError(
                f"{self.path}: no variable {' or '.join(names)}; this is not a checkpoint of the "
                "full-size Show and Tell model (im2txt, Inception v3)"
            )
        return name

    def first_of(self, names: tuple[str, ...]) -> np.ndarray:
        name = self.check_has(names)
        try:
            value = np.asarray(self._reader.get_tensor(name), np.float32)
        except tf.errors.OpError as error:
            raise ModelError(
                f"{self.path}: variable {name} is damaged ({first_line(error)}); get the "
                "checkpoint again"
            ) from None
        return value


def _inception_v3(reader: _Reader) -> Callable[[Tensor], Tensor]:
    """Keras's Inception v3 with the checkpoint's weights: images to features [N, 2048]."""
    # To build the network takes seconds; that a variable is missing is told at once.
    for name in CONVOLUTIONS:
        for variable in VARIABLES:
            reader.check_has((f"{name}/{variable}",))
    import_keras()
    import keras

    class Nothing(keras.layers.Layer):  # type: ignore[misc]
        """Takes the place of batch normalisation, and passes its input on."""

        def call(
            self, inputs: Tensor, training: bool | None = None, mask: Tensor | None = None
        ) -> Tensor:
            return inputs

    def folded(layer: Layer) -> Layer:
        if isinstance(layer, keras.layers.Conv2D):
            zeros = {"kernel_initializer": "zeros", "use_bias": True}
            return keras.layers.Conv2D.from_config(layer.get_config() | zeros)
        if isinstance(layer, keras.layers.BatchNormalization):
            return Nothing(name=layer.name)
        return layer.__class__.from_config(layer.get_config())

    # The graph holds Keras's numbered names of layers. The numbers start again, so that the same
    # checkpoint gives the same bytes whatever was built before.
    keras.backend.clear_session()
    plain = keras.applications.InceptionV3(
        include_top=False, weights=None, input_shape=(SIZE, SIZE, 3), pooling="avg"
    )
    network = keras.models.clone_model(plain, clone_function=folded)
    del plain
    keras.backend.clear_session()
    gc.collect()
    layers = [layer for layer in network.layers if isinstance(layer, keras.layers.Conv2D)]
    for layer, name in zip(sorted(layers, key=_made), CONVOLUTIONS, strict=True):
        _fill(layer, name, reader)
    return lambda images: network(images, training=False)


def _made(layer: Layer) -> int:
    """The number of a layer in the order in which Keras makes them: `conv2d`, `conv2d_1`, ..."""
    return int(layer.name.removeprefix("conv2d").lstrip("_") or 0)


def _fill(layer: Layer, name: str, reader: _Reader) -> None:
    kernel, beta, mean, variance = (reader(f"{name}/{variable}") for variable in VARIABLES)
    scale = 1 / np.sqrt(variance + EPSILON)
    bias = beta - mean * scale
    try:
        layer.set_weights([kernel * scale, bias])
    except ValueError:
        raise ModelError(
            f"{reader.path}: {name}/weights has the shape {kernel.shape}, but Inception v3 has "
            f"{tuple(layer.kernel.shape)} there"
        ) from None


def preprocessed(pixels: Tensor) -> Tensor:
    """The photo as the full-size models were trained on it, float32 [1, 299, 299, 3], -1 to 1.

    The photo is squashed to 346x346 as TensorFlow 1 resized (today's `tf.image.resize` differs);
    its middle is kept.

    Args:
        pixels: uint8 [height, width, 3].
    """
    image = (tf.cast(pixels, tf.float32) * (1 / 255))[tf.newaxis]  # [1, height, width, 3]
    image = tf.raw_ops.ResizeBilinear(images=image, size=[RESIZED, RESIZED])  # [1, 346, 346, 3]
    edge = (RESIZED - SIZE) // 2
    image = tf.slice(image, [0, edge, edge, 0], [1, SIZE, SIZE, 3])  # [1, 299, 299, 3]
    return tf.multiply(image - 0.5, 2.0, name="image")
