"""Turns a file's bytes, a picture or an array into upright RGB pixels."""

from __future__ import annotations

import io
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
from PIL import Image, UnidentifiedImageError

from showtell_lib.errors import PhotoError, PhotoFormatError, PhotoSizeError
from showtell_lib.photos.formats import NAMES, known_formats, missing_reader
from showtell_lib.photos.metadata import ORIENTATION, essentials, read_orientation
from showtell_lib.photos.photo import Photo
from showtell_lib.photos.scans import MAX_SCANS, too_many_scans

# Pillow warns of large photos, which we refuse, and of odd metadata, which we do not read.
warnings.filterwarnings("ignore", module=r"PIL\.")
warnings.filterwarnings("ignore", category=Image.DecompressionBombWarning)

MAX_PIXELS = 178_956_970
# The least width and height that libjpeg may shrink a picture to: twice those of thumbnails.
LOOKED_THROUGH = 640
# Pixels that are converted at a time, at up to 40 bytes each; a whole photo would take a gigabyte.
STRIP_PIXELS = 1_000_000
# What makes a picture upright again, by its orientation; 1 is upright.
_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


@dataclass(frozen=True)
class Undecoded:
    """A photo's file of which only the header was read; its pixels are still compressed.

    Attributes:
        name: of the photo.
        label: what errors call it.
        data: the file as it came.
        image: the same for Pillow, without metadata.
        orientation: as EXIF says; None if only Pillow may know it.
    """

    name: str
    label: str
    data: bytes = field(repr=False)
    image: Image.Image
    orientation: int | None

    @property
    def pixel_count(self) -> int:
        """How many pixels the photo will have."""
        return self.image.width * self.image.height

    def decode(self) -> Photo:
        """The photo.

        Raises:
            PhotoError: it is damaged or cut short.
        """
        return self._photo(Photo)

    def decode_for_graph(self) -> Photo:
        """The photo for a graph, which decodes the original bytes of a JPEG itself.

        So a large JPEG is only checked, and its `pixels` are those of a smaller picture.

        Raises:
            PhotoError: it is damaged or cut short.
        """
        if not _decodes_the_same(self.image, self.data) or self._known_orientation != 1:
            return self.decode()
        return self._photo(LookedThrough if self._draft() else Photo)

    @property
    def _known_orientation(self) -> int:
        return self.orientation or _orientation_of(self.image)

    def _draft(self) -> bool:
        """Tells libjpeg to shrink the picture while decoding; returns whether it will."""
        with _pillow(self.label, self.data):
            before = self.image.size
            self.image.draft(None, (LOOKED_THROUGH, LOOKED_THROUGH))
            return self.image.size != before

    def _photo(self, kind: type[Photo]) -> Photo:
        with _pillow(self.label, self.data):
            keeps = _decodes_the_same(self.image, self.data)
            self.image.load()
            orientation = self._known_orientation
            original = self.data if keeps and orientation == 1 else None
            return kind(self.name, _pixels(self.image, orientation), original)


class LookedThrough(Photo):
    """A photo that a graph decodes itself; these pixels may be of a smaller picture."""

    def as_png(self) -> bytes:
        """The pixels at full size, in case the graph cannot decode the file after all."""
        return from_bytes(self.name, self.name, self.original or b"").decode().as_png()


def from_bytes(name: str, label: str, data: bytes) -> Undecoded:
    """A photo of a file's content; `label` is what errors call it.

    Raises:
        PhotoFormatError: it is no photo.
        PhotoSizeError: it has too many pixels.
        PhotoError: it is empty, its header is damaged, or it is a JPEG of too many scans.
    """
    if not data:
        raise PhotoError(f"{label}: the file is empty; copy it again")
    if too_many_scans(data):
        raise PhotoError(
            f"{label}: a JPEG of more than {MAX_SCANS} scans, which no camera writes and which "
            "would take minutes to open; save it anew with another program"
        )
    with _pillow(label, data):
        image, orientation = open_pixels(data)
        _check_size(label, *image.size)
    return Undecoded(name, label, data, image, orientation)


def open_pixels(data: bytes) -> tuple[Image.Image, int | None]:
    """Opens a photo's file without its metadata; gives the orientation that the metadata state.

    Raises:
        Exception: whatever Pillow raises.
    """
    needed = essentials(data)
    image = Image.open(io.BytesIO(needed.data), formats=known_formats())
    return image, needed.orientation


@contextmanager
def _pillow(label: str, data: bytes = b"") -> Iterator[None]:
    """Turns Pillow's errors into a `PhotoError` of one line."""
    try:
        yield
    except PhotoError:
        raise
    except Image.DecompressionBombError:
        raise PhotoSizeError(_too_large(label)) from None
    except UnidentifiedImageError:
        reason = missing_reader(data) or f"not a photo that can be read; supported are {NAMES}"
        raise PhotoFormatError(f"{label}: {reason}") from None
    except MemoryError:
        raise PhotoError(
            f"{label}: there is not enough memory to open it; make it smaller"
        ) from None
    except Exception as error:
        # Pillow's readers raise almost anything on damaged files.
        raise PhotoError(f"{label}: damaged or cut short ({error}); copy it again") from None


def _check_size(label: str, width: int, height: int) -> None:
    if width < 1 or height < 1:
        raise PhotoError(f"{label}: the picture has no pixels ({width} x {height})")
    if width * height > MAX_PIXELS:
        raise PhotoSizeError(_too_large(label))


def _too_large(label: str) -> str:
    return f"{label}: more than {MAX_PIXELS / 1e6:.0f} million pixels; make it smaller first"


def _decodes_the_same(image: Image.Image, data: bytes) -> bool:
    """Whether a graph's decoder makes the same picture of these bytes as Pillow, if upright."""
    plain = image.mode in ("RGB", "L") and "transparency" not in image.info
    if image.format == "PNG":
        depth = data[24] if data[12:16] == b"IHDR" else 0
        return plain and depth == 8 and getattr(image, "n_frames", 1) == 1
    return plain and image.format == "JPEG"


def _orientation_of(image: Image.Image) -> int:
    """The orientation that Pillow finds with a picture; 1 where it finds none or fails."""
    try:
        return int(image.getexif().get(ORIENTATION, 1))
    except Exception:
        # Pillow reads all of the block, and raises almost anything on what it does not like.
        return read_orientation(bytes(image.info.get("exif") or b"")) or 1


def _pixels(image: Image.Image, orientation: int) -> np.ndarray:
    """Upright RGB, uint8 [height, width, 3], of a loaded picture in any mode."""
    full = _full_scale(image) if image.mode.startswith(("I", "F")) else 0.0
    if orientation in _TURNS:
        image = image.transpose(_TURNS[orientation])
    pixels = np.empty((image.height, image.width, 3), np.uint8)
    for strip in _strips(image):
        pixels[strip] = _rgb(image.crop((0, strip.start, image.width, strip.stop)), full)
    pixels.setflags(write=False)
    return pixels


def _strips(image: Image.Image) -> Iterator[slice]:
    """The rows of a picture, about `STRIP_PIXELS` pixels at a time."""
    rows = max(1, STRIP_PIXELS // image.width)
    for top in range(0, image.height, rows):
        yield slice(top, min(top + rows, image.height))


def _rgb(strip: Image.Image, full: float) -> np.ndarray:
    """RGB, uint8 [height, width, 3], of a part of a picture; `full` is the white of numbers."""
    if full:
        strip = Image.fromarray(_scaled_to_8_bits(strip, full))
    if strip.mode in ("RGBA", "LA", "PA", "La", "RGBa") or "transparency" in strip.info:
        opaque = Image.new("RGBA", strip.size, "white")
        strip = Image.alpha_composite(opaque, _as_rgba(strip))
    return np.asarray(strip if strip.mode == "RGB" else strip.convert("RGB"))


def _as_rgba(image: Image.Image) -> Image.Image:
    straight = {"La": "LA", "RGBa": "RGBA"}.get(image.mode)
    return (image.convert(straight) if straight else image).convert("RGBA")


def _full_scale(image: Image.Image) -> float:
    """The value that is white in a 16-bit, 32-bit or floating-point picture."""
    if image.mode.startswith("I;16") or image.format == "PNG":
        return 65535.0
    parts = (image.crop((0, rows.start, image.width, rows.stop)) for rows in _strips(image))
    largest = max(0.0, *(float(_numbers(part).max()) for part in parts))
    return next((limit for limit in (1.0, 255.0, 65535.0) if largest <= limit), largest)


def _numbers(image: Image.Image) -> np.ndarray:
    return np.nan_to_num(np.asarray(image, np.float64))


def _scaled_to_8_bits(image: Image.Image, full: float) -> np.ndarray:
    return np.round(np.clip(_numbers(image) / full, 0, 1) * 255).astype(np.uint8)


def from_image(image: Image.Image) -> Photo:
    """A photo of a Pillow image in any mode."""
    name = Path(str(getattr(image, "filename", "") or "image")).name
    _check_size(name, *image.size)
    with _pillow(name):
        image.load()
        return Photo(name, _pixels(image, _orientation_of(image)))


def from_array(array: np.ndarray) -> Photo:
    """A photo of the pixels that `open_photo` takes."""
    grey = array.ndim == 2 or (array.ndim == 3 and array.shape[2] == 1)
    if not grey and not (array.ndim == 3 and array.shape[2] in (3, 4)):
        raise PhotoError(
            f"array: shape {list(array.shape)} is not a picture; it should be [height, width] or "
            "[height, width, 1, 3 or 4]"
        )
    _check_size("array", array.shape[1], array.shape[0])
    image = Image.fromarray(_array_to_8_bits(array.reshape(array.shape[:2]) if grey else array))
    return replace(from_image(image), name="array")


def _array_to_8_bits(array: np.ndarray) -> np.ndarray:
    if array.dtype == np.uint8:
        return np.ascontiguousarray(array)
    if array.dtype == np.uint16:
        return np.round(array / 257).astype(np.uint8)
    if array.dtype == bool:
        return array.astype(np.uint8) * 255
    if array.dtype.kind != "f":
        raise PhotoError(f"array: type {array.dtype} is no picture; use uint8, or float 0 to 1")
    if not (np.isfinite(array).all() and array.min() >= 0 and array.max() <= 1):
        raise PhotoError("array: float values must be from 0 to 1; divide by 255?")
    return np.round(array.astype(np.float64) * 255).astype(np.uint8)
