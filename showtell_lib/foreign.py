"""Files that somebody else may have made: read within bounds, or refused in one line."""

from __future__ import annotations

import errno
import json
import math
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import IO, TYPE_CHECKING, Any

from showtell_lib.errors import ShowTellError, first_line
from showtell_lib.files import read_text

if TYPE_CHECKING:
    import numpy as np

LARGEST_ARRAYS = 4_000_000_000
NO_KINDS: Mapping[str, str] = {}


def read_json(path: Path, error: type[ShowTellError]) -> dict[str, Any]:
    """The object that a JSON file holds.

    Raises:
        ShowTellError: of the class given: the file cannot be read, or holds something else.
    """
    return parse_json(read_text(path, error), str(path), error)


def parse_json(text: str | bytes, name: str, error: type[ShowTellError]) -> dict[str, Any]:
    """The object that a JSON text holds; `name` says in messages where the text is from.

    Raises:
        ShowTellError: of the class given: the text is none, or holds something else.
    """
    try:
        document = json.loads(text)
    except ValueError as failure:
        raise error(f"{name}: not JSON ({failure})") from None
    except RecursionError:
        raise error(f"{name}: not JSON of ours (nested too deeply)") from None
    if not isinstance(document, dict):
        raise error(f"{name}: not JSON of ours (a {type(document).__name__}, not an object)")
    return document


def read_arrays(
    path: Path, error: type[ShowTellError], kinds: Mapping[str, str] = NO_KINDS, hint: str = ""
) -> dict[str, np.ndarray]:
    """The arrays of an `.npz` file by name.

    No array takes more memory than the file says that it holds, and all of them together at most
    `LARGEST_ARRAYS` bytes.

    Args:
        path: the file.
        error: what is raised.
        kinds: the arrays that must be there: NumPy's letter of the kind of their numbers, and how
            many dimensions they have, such as `f2`.
        hint: what the file should be and what makes one, for messages.

    Raises:
        ShowTellError: of the class given: the file is missing, damaged or something else.
    """
    try:
        arrays = _unpacked(path)
        for name, kind in kinds.items():
            found = f"{arrays[name].dtype.kind}{arrays[name].ndim}" if name in arrays else "none"
            if found != kind:
                raise ValueError(f"{name} is {found}, where {kind} is expected")
    # NumPy, zipfile and the unpackers raise whatever they stumble over.
    except Exception as failure:
        reason = getattr(failure, "strerror", None) or failure or type(failure).__name__
        what = hint or "not an archive of NumPy arrays"
        raise error(f"{path}: {what} ({reason})") from None
    return arrays


def _unpacked(path: Path) -> dict[str, np.ndarray]:
    with zipfile.ZipFile(path) as archive:
        entries = archive.infolist()
        size = sum(entry.file_size for entry in entries)
        if size > LARGEST_ARRAYS:
            raise ValueError(f"it unpacks to {size:,} bytes, far too many")
        return {e.filename.removesuffix(".npy"): _array(archive, e) for e in entries}


def _array(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> np.ndarray:
    """One array. NumPy would make room for whatever its header claims, so that is read first."""
    from numpy.lib import format as layout

    with archive.open(entry) as file:
        shape, dtype = _header(file)
        held = entry.file_size - file.tell()
    if math.prod(shape) * dtype.itemsize != held:
        raise ValueError(f"{entry.filename} claims the shape {shape}, but holds {held:,} bytes")
    with archive.open(entry) as file:
        return layout.read_array(file, allow_pickle=False)


def _header(file: IO[bytes]) -> tuple[tuple[int, ...], np.dtype[Any]]:
    from numpy.lib import format as layout

    if layout.read_magic(file) == (1, 0):
        shape, _, dtype = layout.read_array_header_1_0(file)
    else:
        shape, _, dtype = layout.read_array_header_2_0(file)
    return shape, dtype


@contextmanager
def unpacking(archive: str, error: type[ShowTellError]) -> Iterator[None]:
    """Turns what the readers of archives raise over a damaged or encrypted one into one error.

    The disk's own errors pass. They have a number; it is not that of an invalid argument, which is
    what an archive gets that points to before its beginning.

    Raises:
        ShowTellError: of the class given, with the name of the archive.
    """
    try:
        yield
    except ShowTellError:
        raise
    # Each way of packing has exceptions of its own, and their readers stumble in many more.
    except Exception as failure:
        if getattr(failure, "errno", None) not in (None, errno.EINVAL):
            raise
        reason = first_line(failure).rstrip(":") or type(failure).__name__
        raise error(
            f"{archive}: damaged or cut short ({reason}); delete it and get it again"
        ) from None


def leaves_folder(name: str) -> bool:
    """Whether a name inside an archive would leave the folder that it is unpacked to, anywhere.

    A backslash separates folders on Windows only, but an archive is judged alike on every system.
    """
    parts = PurePosixPath(name.replace("\\", "/"))
    return parts.is_absolute() or ".." in parts.parts or bool(PureWindowsPath(name).drive)


def bare_name(name: str) -> str:
    """The last part of a name inside an archive, whichever system it was made on."""
    return PurePosixPath(name.replace("\\", "/")).name
