"""Caching the output of the encoder's frozen body for every photo, in several views.

The body never changes, so each photo goes through it once per view: the photo itself, its mirror
image, and random crops. Training then reads these feature maps from disk.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from tqdm import tqdm

from showtell_lib.errors import DataError, PhotoError, first_line
from showtell_lib.files import written
from showtell_lib.photos import open_photo
from showtell_lib.quiet import Tensor, import_tensorflow
from showtell_lib.training.datasets import CaptionedPhoto
from showtell_lib.training.encoders import Encoder

tf = import_tensorflow()

PHOTOS_PER_BATCH = 16
CROP_AREA = (0.55, 1.0)
CROP_LOG_ASPECT = (math.log(4 / 5), math.log(5 / 4))
# How a view is taken: top, left, height and width as fractions of the photo; whether it is
# mirrored; to which share of the encoder's size it shrinks first; JPEG quality, or 0.
PLAIN_VIEWS = ((0.0, 0.0, 1.0, 1.0, 0.0, 1.0, 0.0), (0.0, 0.0, 1.0, 1.0, 1.0, 1.0, 0.0))
BLUR = (0.6, 1.0)
JPEG_QUALITY = (40, 96)
SPOILED_SHARE = 0.5


@dataclass(frozen=True)
class Features:
    """Cached views of N photos.

    Attributes:
        maps: output of the encoder's body, float16 [N, views, height, width, channels].
        pooled: output of its untrained tail, float16 [N, views, features].
    """

    maps: np.ndarray
    pooled: np.ndarray


def cache_features(
    photos: Sequence[CaptionedPhoto],
    encoder: Encoder,
    folder: Path,
    name: str,
    *,
    views: int = 5,
    seed: int = 0,
) -> Features:
    """Reads the cached views of some photos, and makes the views first if they are not cached.

    Args:
        photos: N photos.
        encoder: the encoder; only its untrained state is cached.
        folder: where the cache lies.
        name: the name of the photos in the cache, such as `train`.
        views: 1 is the photo alone, 2 adds its mirror image, more add random crops, half of them
            blurred and half of them compressed as a JPEG file of lower quality.
        seed: decides the crops.

    Raises:
        DataError: a photo cannot be read; nothing is left in the cache.
    """
    key = _key(photos, encoder, views, seed)
    paths = [folder / f"{name}_{key}_{part}.npy" for part in ("maps", "pooled")]
    if not all(path.is_file() for path in paths):
        folder.mkdir(parents=True, exist_ok=True)
        with written(paths[0]) as maps, written(paths[1]) as pooled:
            _write(photos, encoder, [maps, pooled], _boxes(len(photos), views, seed))
    try:
        return Features(*(np.load(path, mmap_mode="r", allow_pickle=False) for path in paths))
    # NumPy raises whatever it stumbles over.
    except Exception as error:
        raise DataError(
            f"{folder}: the cached features {name}_{key} are damaged ({error}); delete them"
        ) from None


def tuned_features(maps: np.ndarray, encoder: Encoder) -> np.ndarray:
    """The features that the encoder's tail in its present state makes of cached feature maps.

    From maps [N, views, height, width, channels] it makes float16 [N, views, features].
    """
    features = np.empty((*maps.shape[:2], *encoder.tail.output.shape[1:]), np.float16)
    starts = range(0, len(maps), PHOTOS_PER_BATCH)
    for first in tqdm(starts, "features", leave=False, disable=None):
        some = np.asarray(maps[first : first + PHOTOS_PER_BATCH], np.float32)
        # [photos, views, height, width, channels] -> [photos * views, height, width, channels]
        made = encoder.compiled_tail(some.reshape(-1, *some.shape[2:])).numpy()
        features[first : first + len(some)] = made.reshape(*some.shape[:2], -1)
    return features


def _key(photos: Sequence[CaptionedPhoto], encoder: Encoder, views: int, seed: int) -> str:
    """A short hash of everything that decides the features, so that the cache is never stale."""
    names = "\n".join(f"{photo.path.resolve()}" for photo in photos)
    text = f"{encoder.kind} {views} {seed}\n{names}"
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def _boxes(count: int, views: int, seed: int) -> np.ndarray:
    """How each view is taken, float32 [N, views, 7]; see `PLAIN_VIEWS`."""
    random = np.random.default_rng(seed)
    boxes = np.zeros((count, views, len(PLAIN_VIEWS[0])), np.float32)
    for view in range(views):
        plain = view < len(PLAIN_VIEWS)
        boxes[:, view] = PLAIN_VIEWS[view] if plain else _random_boxes(count, random)
    return boxes


def _random_boxes(count: int, random: np.random.Generator) -> np.ndarray:
    area = random.uniform(*CROP_AREA, count)
    aspect = np.exp(random.uniform(*CROP_LOG_ASPECT, count))
    height = np.minimum(np.sqrt(area * aspect), 1)
    width = np.minimum(area / height, 1)
    top, left = random.uniform(size=count) * (1 - height), random.uniform(size=count) * (1 - width)
    blur = np.where(random.random(count) < SPOILED_SHARE, random.uniform(*BLUR, count), 1)
    quality = random.integers(*JPEG_QUALITY, count) * (random.random(count) < SPOILED_SHARE)
    mirrored = random.integers(0, 2, count)
    return np.stack([top, left, height, width, mirrored, blur, quality], 1)


def _write(
    photos: Sequence[CaptionedPhoto], encoder: Encoder, paths: list[Path], boxes: np.ndarray
) -> None:
    views = boxes.shape[1]
    maps, pooled = (
        np.lib.format.open_memmap(path, "w+", np.float16, (len(photos), views, *output.shape[1:]))
        for path, output in zip(paths, (encoder.body.output, encoder.tail.output), strict=True)
    )

    batches = tqdm(
        _batches(photos, boxes, encoder),
        total=-(-len(photos) // PHOTOS_PER_BATCH),
        disable=None,
    )
    first = 0
    try:
        for images in batches:
            last = first + len(images) // views
            for array, made in zip((maps, pooled), encoder.compiled(images), strict=True):
                array[first:last] = made.numpy().reshape(last - first, views, *made.shape[1:])
            first = last
    except tf.errors.OpError as error:
        raise _unreadable(photos, error) from None
    for array in (maps, pooled):
        array.flush()


def _unreadable(photos: Sequence[CaptionedPhoto], error: Exception) -> DataError:
    """An error that names the photo. TensorFlow's error names no file, so each photo is tried."""
    for photo in photos:
        try:
            open_photo(photo.path)
        except PhotoError as reason:
            return DataError(f"cannot train on {reason}")
    return DataError(f"a photo cannot be read: {first_line(error)}")


def _batches(
    photos: Sequence[CaptionedPhoto], boxes: np.ndarray, encoder: Encoder
) -> Iterable[Tensor]:
    """Views as the encoder takes them: float32 [photos * views, height, width, 3] per batch."""
    height, width, colours = shape = encoder.body.input.shape[1:]

    def read() -> Iterator[tuple[bytes, np.ndarray]]:
        for photo, photo_boxes in zip(photos, boxes, strict=True):
            yield open_photo(photo.path).encoded, photo_boxes

    @tf.autograph.experimental.do_not_convert  # type: ignore[untyped-decorator]
    def load(encoded: Tensor, photo_boxes: Tensor) -> Tensor:
        image = tf.io.decode_jpeg(encoded, channels=3)  # [height, width, 3]
        # A loop, so that TensorFlow builds the graph of one view, however many there are.
        return tf.map_fn(  # [views, height, width, 3]
            lambda box: encoder.prepare(_view(image, box, height)),
            photo_boxes,
            fn_output_signature=tf.TensorSpec(shape, tf.float32),
        )

    signature = (tf.TensorSpec([], tf.string), tf.TensorSpec(boxes.shape[1:], tf.float32))
    dataset = tf.data.Dataset.from_generator(read, output_signature=signature)
    dataset = dataset.map(load, num_parallel_calls=tf.data.AUTOTUNE)
    dataset = dataset.batch(PHOTOS_PER_BATCH)  # [photos, views, height, width, 3]
    dataset = dataset.map(lambda images: tf.reshape(images, [-1, height, width, colours]))
    batches: Iterable[Tensor] = dataset.prefetch(2)
    return batches


def _view(image: Tensor, box: Tensor, size: int) -> Tensor:
    """One view of a photo, both uint8 [height, width, 3], taken as `PLAIN_VIEWS` explains."""
    full = tf.cast(tf.shape(image)[:2], tf.float32)  # [2]: height and width
    top, left = tf.unstack(tf.cast(tf.round(box[:2] * full), tf.int32))
    height, width = tf.unstack(tf.cast(tf.math.floor(box[2:4] * full), tf.int32))
    crop = image[top : top + height, left : left + width]  # [height, width, 3], now of the crop
    crop = tf.cond(box[4] > 0, lambda: tf.image.flip_left_right(crop), lambda: crop)
    crop = tf.cond(box[5] < 1, lambda: _blurred(crop, box[5] * size), lambda: crop)
    crop = tf.cond(box[6] > 0, lambda: _compressed(crop, box[6]), lambda: crop)
    return crop


def _blurred(image: Tensor, size: Tensor) -> Tensor:
    """An image that was shrunk to `size` by `size` pixels, uint8, so that it has lost detail."""
    small = tf.cast(tf.round(tf.stack([size, size])), tf.int32)  # [2]
    # [size, size, 3]
    shrunk = tf.image.resize(tf.cast(image, tf.float32), small, antialias=True)
    return tf.saturate_cast(tf.round(shrunk), tf.uint8)


def _compressed(image: Tensor, quality: Tensor) -> Tensor:
    quality = tf.cast(quality, tf.int32)
    encoded = tf.raw_ops.EncodeJpegVariableQuality(images=image, quality=quality)
    return tf.io.decode_jpeg(encoded, channels=3)  # [height, width, 3]
