"""Files: named as people name them, written whole or not at all, and checked before the work."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from showtell_lib.errors import DataError


@contextmanager
def written(path: Path) -> Iterator[Path]:
    """Gives a path to write to; it becomes `path` only if all went well.

    Yields:
        `path` with `.part` added; what an interrupted attempt left there is overwritten. A device
        or a pipe (`/dev/null`) is written to as it is: a file must not take its place.
    """
    if path.exists() and not path.is_file():
        yield path
        return
    part = path.with_name(path.name + ".part")
    try:
        yield part
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def user_path(name: str | Path) -> Path:
    """A path as a user names it: `~` and `~anna` stand for home folders.

    Where there is no such home, it is a file that happens to be called so.
    """
    path = Path(name)
    try:
        return path.expanduser()
    except RuntimeError:
        return path


def as_unicode(text: str) -> str:
    """Text that every file format takes: what is not Unicode in a file's name, as an escape."""
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


def check_output_file(path: Path) -> None:
    """Says before the work, not after it, that a file cannot be written.

    Raises:
        DataError: the path is a folder, or the folder that it names is not there or not writable.
    """
    if path.is_dir():
        raise DataError(f"cannot write {path}: it is a folder; name a file in it")
    if not path.parent.is_dir():
        raise DataError(f"cannot write {path}: there is no folder {path.parent}; make it first")
    _check_writable(path, path.parent)


def check_output_folder(path: Path) -> None:
    """Says before the work, not after it, that a folder cannot be made or written to.

    Raises:
        DataError: the path, or a part of it, is a file; or it is not writable.
    """
    nearest = next(folder for folder in (path, *path.absolute().parents) if folder.exists())
    if not nearest.is_dir():
        raise DataError(f"cannot write to {path}: {nearest} is not a folder; name another place")
    _check_writable(path, nearest)


def _check_writable(path: Path, folder: Path) -> None:
    if not os.access(folder, os.W_OK):
        raise DataError(
            f"cannot write {path}: the folder {folder} is not writable; name another place"
        )
