"""`open_photo`: one door for whatever may be a photo."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from showtell_lib.errors import PhotoError
from showtell_lib.photos.addresses import fetch_photo, is_address
from showtell_lib.photos.decoding import from_array, from_bytes, from_image
from showtell_lib.photos.photo import Photo


def open_photo(source: Any) -> Photo:
    """Opens a photo from almost anything.

    EXIF orientation is honoured, transparency flattened on white, the first frame of an animation
    taken, and CMYK, 16-bit, palette and grey pictures converted to RGB.

    Args:
        source: a path, an address (`http://` or `https://`), bytes, a binary file object, a Pillow
            image, a NumPy array (uint8 0 to 255, uint16 0 to 65535 or float 0 to 1; [height, width]
            or [height, width, 1, 3 or 4]), or a `Photo`, which is returned as it is.

    Raises:
        PhotoError: it is missing, cannot be fetched, empty, truncated, damaged, not a photo, or too
            large; the message names it and says what to do.
    """
    if isinstance(source, Photo):
        return source
    if is_address(source):
        return fetch_photo(source)
    if isinstance(source, (str, os.PathLike)):
        path = Path(source)
        return from_bytes(path.name, str(path), _read(path))
    if isinstance(source, (bytes, bytearray, memoryview)):
        return from_bytes("bytes", "bytes", bytes(source))
    if isinstance(source, np.ndarray):
        return from_array(source)
    if isinstance(source, Image.Image):
        return from_image(source)
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
    return from_bytes(Path(label).name, label, data)
