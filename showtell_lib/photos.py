"""Photos: opened from anything, upright, in RGB, ready for the eye and for the graph."""

from __future__ import annotations

import io
import os
import warnings
from dataclasses import dataclass, field, replace
from functools import cached_property
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

from showtell_lib.errors import PhotoError

# Pillow warns of large photos, which we refuse, and of odd metadata, which we do not read.
warnings.filterwarnings("ignore", module=r"PIL\.")
warnings.filterwarnings("ignore", category=Image.DecompressionBombWarning)

MAX_PIXELS = 178_956_970
EXTENSIONS = frozenset(".jpg .jpeg .png .gif .bmp .webp .tif .tiff .avif".split())
# Formats of photos. Others that Pillow knows run outside programs (EPS) or are no photos.
FORMATS = ("JPEG", "MPO", "PNG", "GIF", "BMP", "DIB", "WEBP", "TIFF", "PPM", "AVIF", "JPEG2000")
ORIENTATION = 0x0112
SAMPLES = {
    "astronaut": ("skimage", "data/astronaut.png", "NASA, public domain; from scikit-image"),
    "camera": ("skimage", "data/camera.png", "Lav Varshney, CC0; from scikit-image"),
    "chelsea": ("skimage", "data/chelsea.png", "Stéfan van der Walt, CC0; from scikit-image"),
    "coffee": ("skimage", "data/coffee.png", "Rachel Michetti, CC0; from scikit-image"),
    "rocket": ("skimage", "data/rocket.jpg", "SpaceX, CC0; from scikit-image"),
    "grace_hopper": (
        "matplotlib",
        "mpl-data/sample_data/grace_hopper.jpg",
        "US Navy, public domain; from Matplotlib",
    ),
    "china": (
        "sklearn",
        "datasets/images/china.jpg",
        "danielbuechele, CC BY 2.0; from scikit-learn",
    ),
    "flower": (
        "sklearn",
        "datasets/images/flower.jpg",
        "vultilion, CC BY 2.0; from scikit-learn",
    ),
}
PACKAGES = {"skimage": "scikit-image", "matplotlib": "matplotlib", "sklearn": "scikit-learn"}


@dataclass(frozen=True, eq=False)
class Photo:
    """An opened photo, as a person sees it.

    Attributes:
        name: file name, or what it was made from.
        pixels: upright RGB, uint8 [height, width, 3], read-only.
        original: the file's own bytes, where a graph decodes them to the very same picture.
        credit: who made it and under which terms, for sample photos.
    """

    name: str
    pixels: np.ndarray
    original: bytes | None = field(default=None, repr=False)
    credit: str = ""

    @property
    def height(self) -> int:
        """Pixels from top to bottom."""
        return int(self.pixels.shape[0])

    @property
    def width(self) -> int:
        """Pixels from left to right."""
        return int(self.pixels.shape[1])

    @property
    def encoded(self) -> bytes:
        """What a graph's decoder gets: the original bytes, or a lossless PNG of the pixels."""
        return self.original if self.original is not None else self.as_png()

    def as_png(self) -> bytes:
        """The pixels as a lossless PNG."""
        return self._png

    @cached_property
    def _png(self) -> bytes:
        buffer = io.BytesIO()
        self.as_image().save(buffer, "PNG", compress_level=1)
        return buffer.getvalue()

    def as_image(self) -> Image.Image:
        """The photo for Pillow."""
        return Image.fromarray(self.pixels)

    def thumbnail(self, size: int = 320) -> Image.Image:
        """The photo for Pillow, at most `size` pixels wide and high."""
        image = self.as_image()
        image.thumbnail((size, size))
        return image

    def _repr_jpeg_(self) -> bytes:
        buffer = io.BytesIO()
        self.thumbnail().save(buffer, "JPEG", quality=88)
        return buffer.getvalue()

    def __repr__(self) -> str:
        return f"<Photo {self.name}: {self.width} x {self.height}>"


def open_photo(source: Any) -> Photo:
    """Opens a photo from almost anything.

    EXIF orientation is honoured, transparency flattened on white, the first frame of an animation
    taken, and CMYK, 16-bit, palette and grey pictures converted to RGB.

    Args:
        source: a path, bytes, a binary file object, a Pillow image, a NumPy array (uint8 0 to 255,
            uint16 0 to 65535 or float 0 to 1; [height, width] or [height, width, 1, 3 or 4]), or a
            `Photo`, which is returned as it is.

    Raises:
        PhotoError: it is missing, empty, truncated, damaged, not a photo, or too large; the
            message names it and says what to do.
    """
    if isinstance(source, Photo):
        return source
    if isinstance(source, (str, os.PathLike)):
        path = Path(source)
        return _from_bytes(path.name, str(path), _read(path))
    if isinstance(source, (bytes, bytearray, memoryview)):
        return _from_bytes("bytes", "bytes", bytes(source))
    if isinstance(source, np.ndarray):
        return _from_array(source)
    if isinstance(source, Image.Image):
        return _from_image(source)
    if callable(getattr(source, "read", None)):
        return _from_file(source)
    raise PhotoError(
        f"cannot make a photo of a {type(source).__name__}; give a path, bytes, a file, a Pillow "
        "image or a NumPy array"
    )


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        raise PhotoError(f"{path}: no such file; check the path") from None
    except IsADirectoryError:
        raise PhotoError(f"{path}: a folder, not a photo; name a file in it") from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise PhotoError(f"{path}: cannot read it ({reason}); check its permissions") from None


def _from_file(file: Any) -> Photo:
    label = str(getattr(file, "name", "file"))
    try:
        data = file.read()
    except (OSError, ValueError) as error:
        raise PhotoError(f"{label}: cannot read it ({error}); open it again") from None
    if not isinstance(data, bytes):
        raise PhotoError(f"{label}: opened as text; open it with mode 'rb'")
    return _from_bytes(Path(label).name, label, data)


def _from_bytes(name: str, label: str, data: bytes) -> Photo:
    if not data:
        raise PhotoError(f"{label}: the file is empty; copy it again")
    try:
        image = Image.open(io.BytesIO(data), formats=known_formats())
        _check_size(label, *image.size)
        keeps = _decodes_the_same(image, data)
        return Photo(name, _pixels(image), data if keeps else None)
    except PhotoError:
        raise
    except Image.DecompressionBombError:
        raise PhotoError(_too_large(label)) from None
    except UnidentifiedImageError:
        raise PhotoError(
            f"{label}: not a photo that can be read; supported are JPEG, PNG, GIF, BMP, WebP, TIFF"
        ) from None
    except Exception as error:
        # Pillow's readers raise almost anything on damaged files; none of it is our caller's.
        raise PhotoError(f"{label}: damaged or cut short ({error}); copy it again") from None


def known_formats() -> list[str]:
    """Pillow's names of the formats that are opened, as far as this Pillow has them."""
    Image.init()
    return [name for name in FORMATS if name in Image.OPEN]


def _check_size(label: str, width: int, height: int) -> None:
    if width < 1 or height < 1:
        raise PhotoError(f"{label}: the picture has no pixels ({width} x {height})")
    if width * height > MAX_PIXELS:
        raise PhotoError(_too_large(label))


def _too_large(label: str) -> str:
    return f"{label}: more than {MAX_PIXELS / 1e6:.0f} million pixels; make it smaller first"


def _decodes_the_same(image: Image.Image, data: bytes) -> bool:
    """Whether a graph's decoder makes the same picture of these bytes as we do."""
    upright = image.getexif().get(ORIENTATION, 1) == 1
    plain = image.mode in ("RGB", "L") and "transparency" not in image.info
    if image.format == "PNG":
        bit_depth = data[24]
        return upright and plain and bit_depth == 8 and getattr(image, "n_frames", 1) == 1
    return upright and plain and image.format == "JPEG"


def _pixels(image: Image.Image) -> np.ndarray:
    """Upright RGB, uint8 [height, width, 3], of a picture in any mode."""
    image.load()
    image = ImageOps.exif_transpose(image)
    if image.mode.startswith(("I", "F")):
        image = Image.fromarray(_scaled_to_8_bits(image))
    if image.mode in ("RGBA", "LA", "PA", "La", "RGBa") or "transparency" in image.info:
        opaque = Image.new("RGBA", image.size, "white")
        image = Image.alpha_composite(opaque, _as_rgba(image))
    pixels = np.asarray(image.convert("RGB"))
    pixels.setflags(write=False)
    return pixels


def _as_rgba(image: Image.Image) -> Image.Image:
    straight = {"La": "LA", "RGBa": "RGBA"}.get(image.mode)
    return (image.convert(straight) if straight else image).convert("RGBA")


def _scaled_to_8_bits(image: Image.Image) -> np.ndarray:
    """Grey values of a 16-bit, 32-bit or floating-point picture, as uint8."""
    values = np.nan_to_num(np.asarray(image, np.float64))
    largest = max(float(values.max()), 0.0)
    if image.mode.startswith("I;16") or image.format == "PNG":
        full = 65535.0
    else:
        full = next((limit for limit in (1.0, 255.0, 65535.0) if largest <= limit), largest)
    return np.round(np.clip(values / full, 0, 1) * 255).astype(np.uint8)


def _from_image(image: Image.Image) -> Photo:
    name = Path(str(getattr(image, "filename", "") or "image")).name
    _check_size(name, *image.size)
    try:
        return Photo(name, _pixels(image))
    except Exception as error:
        # As above: a lazily loaded file may be damaged in any way.
        raise PhotoError(f"{name}: damaged or cut short ({error}); copy it again") from None


def _from_array(array: np.ndarray) -> Photo:
    grey = array.ndim == 2 or (array.ndim == 3 and array.shape[2] == 1)
    if not grey and not (array.ndim == 3 and array.shape[2] in (3, 4)):
        raise PhotoError(
            f"array: shape {list(array.shape)} is not a picture; it should be [height, width] or "
            "[height, width, 1, 3 or 4]"
        )
    _check_size("array", array.shape[1], array.shape[0])
    image = Image.fromarray(_array_to_8_bits(array.reshape(array.shape[:2]) if grey else array))
    return replace(_from_image(image), name="array")


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


def sample_photos() -> tuple[str, ...]:
    """Names of the photos that come with installed packages."""
    return tuple(SAMPLES)


def sample_photo(name: str) -> Photo:
    """A photo that came with an installed package, with its credit.

    Raises:
        PhotoError: there is none of this name, or its package is not installed.
    """
    if name not in SAMPLES:
        raise PhotoError(f"no sample photo called {name!r}; there are {', '.join(SAMPLES)}")
    package, file, credit = SAMPLES[name]
    spec = find_spec(package)
    if spec is None or spec.origin is None:
        raise PhotoError(f"sample photo {name!r} comes with {PACKAGES[package]}; install it")
    photo = open_photo(Path(spec.origin).parent / file)
    return replace(photo, credit=credit)


def find_photos(names: list[str]) -> list[Path | PhotoError]:
    """Files for names of files, folders and globs, in order.

    Args:
        names: a folder stands for the photos directly in it, by name; a glob for what it matches,
            `**` included.

    Returns:
        Paths; and in the place of a name that stands for nothing, the error that says so.
    """
    return [found for name in names for found in _find(name)]


def _find(name: str) -> list[Path | PhotoError]:
    path = Path(name).expanduser()
    if path.is_dir():
        files = sorted(p for p in path.iterdir() if p.suffix.lower() in EXTENSIONS)
        return [*files] or [PhotoError(f"{name}: no photos in this folder")]
    if not path.exists() and any(mark in name for mark in "*?["):
        anchor = Path(path.anchor)
        matches = sorted(p for p in anchor.glob(str(path.relative_to(anchor))) if p.is_file())
        return [*matches] or [PhotoError(f"{name}: no file matches")]
    return [path if path.exists() else PhotoError(f"{name}: no such file; check the path")]
