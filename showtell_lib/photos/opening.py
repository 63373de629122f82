"""`open_photo`: opens a photo from almost any source."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from showtell_lib.errors import PhotoError
from showtell_lib.photos.addresses import fetch_photo
from showtell_lib.photos.decoding import Undecoded, from_bytes
from showtell_lib.photos.in_memory import InMemory, from_array, from_image
from showtell_lib.photos.names import (
    data_of,
    data_uri_label,
    is_address,
    is_data_uri,
    path_of,
    refuse_name,
    shown,
)
from showtell_lib.photos.photo import Photo, PhotoSource
from showtell_lib.photos.room import ROOM


def open_photo(source: PhotoSource) -> Photo:
    """Opens a photo from almost anything.

    EXIF orientation is honoured, and no other metadata is read. Transparency is flattened on white,
    the first frame of an animation taken, and CMYK, 16-bit, palette and grey pictures converted to
    RGB.

    Args:
        source: a path, an address (`http://` or `https://`), a data URI, bytes, a binary file
            object (read from its start where it can be rewound), a Pillow image, a NumPy array
            (uint8 0 to 255, uint16 0 to 65535 or float 0 to 1; [height, width] or [height, width,
            1, 3 or 4]), or a `Photo`, which is returned as it is.

    Raises:
        PhotoError: it is missing, cannot be fetched, empty, truncated, damaged, not a photo, or too
            large; the message names it and says what to do.
    """
    return _begun(source).decode()


@contextmanager
def opened_in_turn(source: PhotoSource) -> Iterator[Photo]:
    """Opens a photo for a graph when there is room for it, and keeps the room until the end.

    Use it to open many photos in threads; see `Room`. If the graph itself decodes a large JPEG, the
    photo's `pixels` are those of a smaller picture.

    Raises:
        PhotoError: as `open_photo` does.
    """
    begun = _begun(source)
    with ROOM.taken(begun.pixel_count):
        yield begun.decode_for_graph()


def _begun(source: PhotoSource) -> Undecoded | InMemory:
    """The photo before its pixels are decoded."""
    if isinstance(source, Photo):
        return InMemory(source.height * source.width, lambda: source)
    if isinstance(source, np.ndarray):
        return InMemory(int(np.prod(source.shape[:2])), lambda: from_array(source))
    if isinstance(source, Image.Image):
        return InMemory(source.width * source.height, lambda: from_image(source))
    return _undecoded(source)


def _undecoded(source: PhotoSource) -> Undecoded:
    if is_address(source):
        return fetch_photo(source)
    if is_data_uri(source):
        label = data_uri_label(source)
        return from_bytes(label, label, data_of(source))
    if isinstance(source, (str, os.PathLike)):
        path = path_of(Path(source))
        return from_bytes(path.name, shown(path), _read(path))
    if isinstance(source, (bytes, bytearray, memoryview)):
        return from_bytes("bytes", "bytes", bytes(source))
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
        refuse_name(path, error)
        reason = getattr(error, "strerror", None) or error
        raise PhotoError(f"{path}: cannot read it ({reason}); check its permissions") from None


def _from_file(file: Any) -> Undecoded:
    label = shown(getattr(file, "name", "file"))
    seekable = getattr(file, "seekable", None)
    try:
        if callable(seekable) and seekable():
            file.seek(0)  # The file may have been read already; Pillow rewinds, too.
        data = file.read()
    except UnicodeDecodeError:
        data = ""
    except (OSError, ValueError) as error:
        raise PhotoError(f"{label}: cannot read it ({error}); open it again") from None
    if not isinstance(data, (bytes, bytearray, memoryview)):
        raise PhotoError(f"{label}: opened as text; open it with mode 'rb'")
    if not data and callable(seekable) and not seekable():
        raise PhotoError(f"{label}: empty, or read to its end before; open it again")
    return from_bytes(Path(label).name, label, bytes(data))
