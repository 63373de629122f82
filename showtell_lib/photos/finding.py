"""Photos by name: files, folders, globs, addresses and data URIs."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path, PurePosixPath

from showtell_lib.errors import PhotoError
from showtell_lib.photos.formats import (
    EXTENSIONS,
    HEAD_BYTES,
    OTHER_EXTENSIONS,
    starts_as_a_photo,
)
from showtell_lib.photos.names import exists, is_address, is_data_uri, path_of, shown

# Folders of the system's own: thumbnails of a network drive, shadows in a zip of macOS.
SYSTEM_FOLDERS = frozenset({"@eadir", "__macosx", "$recycle.bin"})
MARKS = "*?["

# Of a name that no file can have, as much as is needed to know it again.
LONGEST_SHOWN = 80


def find_photos(names: list[str]) -> list[Path | str | PhotoError]:
    """The files that names of files, folders and globs stand for, in order.

    Args:
        names: a folder stands for the photos directly in it, as `photos_in` finds them; a glob for
            the files that it matches, `**` included, hidden files only if it names them so. A
            file with exactly this name comes before a glob. An address stands for itself.

    Returns:
        Paths, addresses and data URIs; for a name that stands for nothing, the error that says so.
    """
    return [found for name in names for found in _find(name)]


def _find(name: str) -> list[Path | str | PhotoError]:
    if is_address(name) or is_data_uri(name):
        return [name]
    try:
        path = path_of(name)
        if not exists(path):
            return _matches(name, path)
        if not path.is_dir():
            return [path]
        photos = [path / found for found in photos_in(path)]
    except PhotoError as error:
        return [error]
    except OSError as error:
        reason = error.strerror or error
        return [PhotoError(f"{shown(name)}: cannot be listed ({reason}); check its permissions")]
    return [*photos] or [PhotoError(f"{name}: no photos in this folder")]


def _matches(name: str, path: Path) -> list[Path | str | PhotoError]:
    if not any(mark in name for mark in MARKS):
        return [PhotoError(f"{name}: no such file; check the path")]
    try:
        matches = _globbed(path)
    except (ValueError, NotImplementedError) as error:
        return [PhotoError(f"{shown(name)}: no pattern ({error}); check it")]
    return [*matches] or [PhotoError(f"{name}: no file matches")]


def _globbed(path: Path) -> list[Path]:
    """The files that a glob matches.

    A bracket means itself if a folder has exactly that name, or if nothing matches otherwise.
    """
    anchor, parts = Path(path.anchor), list(path.relative_to(path.anchor).parts)
    while parts and exists(anchor / parts[0]):
        anchor /= parts.pop(0)
    pattern = "/".join(parts)
    hidden = any(_is_hidden(part) for part in parts)
    for attempt in (pattern, pattern.replace("[", "[[]")):
        matches = sorted(p for p in anchor.glob(attempt) if p.is_file())
        found = [p for p in matches if hidden or not _hides(p.relative_to(anchor).parts)]
        if found:
            return found
    return []


def photos_in(folder: Path, *, deep: bool = False) -> list[str]:
    """The photos of a folder, by name.

    Hidden files and folders are left out, among them the `._` shadows of macOS. A link to a folder
    is followed unless it leads back to a folder that holds it; no folder is entered twice.

    Args:
        folder: where they are.
        deep: whether to search the folders inside, too.

    Returns:
        Their paths, relative to the folder, with `/` between the parts.

    Raises:
        OSError: the folder cannot be read.
    """
    files = _files_below(folder) if deep else [e.name for e in os.scandir(folder) if e.is_file()]
    return photos_among(files, lambda name: _head(folder / name))


def photos_among(names: Iterable[str], head: Callable[[str], bytes]) -> list[str]:
    """The photos among files, sorted; a file with an unusual suffix is judged by its first bytes.

    Args:
        names: of files, relative to one folder.
        head: gives the first `HEAD_BYTES` of such a file, or none if it cannot be read.
    """
    return sorted(name for name in names if _is_photo(PurePosixPath(name), head))


def _is_photo(name: PurePosixPath, head: Callable[[str], bytes]) -> bool:
    suffix = name.suffix.lower()
    if _hides(name.parts) or suffix in OTHER_EXTENSIONS:
        return False
    return suffix in EXTENSIONS or starts_as_a_photo(head(str(name)))


def _hides(parts: Iterable[str]) -> bool:
    return any(_is_hidden(part) for part in parts)


def _is_hidden(name: str) -> bool:
    return name.startswith(".") or name.lower() in SYSTEM_FOLDERS


def _head(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(HEAD_BYTES)
    except OSError:
        return b""


def _files_below(folder: Path) -> Iterator[str]:
    """All files in a folder and below; each folder is entered once, whatever links there are."""
    entered: set[str] = set()
    starts = [str(folder)]
    while starts:
        for place, folders, files in os.walk(starts.pop(0), onerror=_only_of(folder)):
            real = os.path.realpath(place)
            if real in entered:
                folders.clear()
                continue
            entered.add(real)
            folders[:] = sorted(name for name in folders if not _is_hidden(name))
            starts += _links_elsewhere(place, folders)
            yield from _regular(folder, place, files)


def _links_elsewhere(place: str, folders: list[str]) -> Iterator[str]:
    """The links among folders that do not lead back to a folder that holds them."""
    here = Path(os.path.realpath(place))
    for name in folders:
        link = Path(place, name)
        if link.is_symlink() and not here.is_relative_to(os.path.realpath(link)):
            yield str(link)


def _regular(folder: Path, place: str, files: list[str]) -> Iterator[str]:
    for name in files:
        path = Path(place, name)
        if path.is_file():
            yield path.relative_to(folder).as_posix()


def _only_of(folder: Path) -> Callable[[OSError], None]:
    """Ignores a folder that cannot be read, unless it is the folder that was named."""

    def tell(error: OSError) -> None:
        if error.filename == str(folder):
            raise error

    return tell
