"""Turns a file's bytes into a `Photo`: read up to the header first, and decoded when needed."""

from __future__ import annotations

import io
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from PIL import Image, UnidentifiedImageError

from showtell_lib.errors import PhotoError, PhotoFormatError, PhotoSizeError
from showtell_lib.photos.formats import NAMES, known_formats, missing_reader
from showtell_lib.photos.metadata import ORIENTATION, essentials, read_orientation
from showtell_lib.photos.photo import Photo
from showtell_lib.photos.pixels import upright_rgb
from showtell_lib.photos.scans import MAX_SCANS, too_many_scans

# Pillow warns of large photos, which we refuse, and of odd metadata, which we do not read.
warnings.filterwarnings("ignore", module=r"PIL\.")
warnings.filterwarnings("ignore", category=Image.DecompressionBombWarning)

MAX_PIXELS = 178_956_970
# The least width and height that libjpeg may shrink a picture to: twice those of thumbnails.
LOOKED_THROUGH = 640


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
        return self.orientation or orientation_of(self.image)

    def _draft(self) -> bool:
        """Tells libjpeg to shrink the picture while decoding; returns whether it will."""
        with pillow_errors(self.label, self.data):
            before = self.image.size
            self.image.draft(None, (LOOKED_THROUGH, LOOKED_THROUGH))
            return self.image.size != before

    def _photo(self, kind: type[Photo]) -> Photo:
        with pillow_errors(self.label, self.data):
            keeps = _decodes_the_same(self.image, self.data)
            self.image.load()
            orientation = self._known_orientation
            original = self.data if keeps and orientation == 1 else None
            return kind(self.name, upright_rgb(self.image, orientation), original)


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
    with pillow_errors(label, data):
        image, orientation = open_pixels(data)
        check_size(label, *image.size)
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
def pillow_errors(label: str, data: bytes = b"") -> Iterator[None]:
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


def check_size(label: str, width: int, height: int) -> None:
    """Refuses a picture without pixels, or with too many.

    Raises:
        PhotoError: it has none.
        PhotoSizeError: it has more than `MAX_PIXELS`.
    """
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


def orientation_of(image: Image.Image) -> int:
    """The orientation that Pillow finds with a picture; 1 where it finds none or fails."""
    try:
        return int(image.getexif().get(ORIENTATION, 1))
    except Exception:
        # Pillow reads all of the block, and raises almost anything on what it does not like.
        return read_orientation(bytes(image.info.get("exif") or b"")) or 1
