"""Downloads datasets, unpacks them safely, and puts them into one layout."""

from __future__ import annotations

import shutil
import tarfile
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO

from tqdm import tqdm

from showtell_lib.errors import DataError
from showtell_lib.files import check_output_folder, unfinished
from showtell_lib.foreign import bare_name, leaves_folder, unpacking
from showtell_lib.training.datasets import (
    ORIGINAL_SPLITS,
    SPLITS,
    read_broader_photos,
    read_flickr8k,
    some,
)
from showtell_lib.transfer import RemoteFile, fetch_file, zip_problem

FLICKR8K_TERMS = (
    "Flickr8k (Hodosh, Young and Hockenmaier 2013) is for non-commercial research and education; "
    "its photos remain under their owners' copyright."
)
MIRROR = "https://github.com/jbrownlee/Datasets/releases/download/Flickr8k/"
ARCHIVES = ("Flickr8k_Dataset.zip", "Flickr8k_text.zip")
MAX_FILES, MAX_BYTES = 100_000, 4_000_000_000
MAX_FILE_BYTES = 200_000_000
PHOTO_SUFFIXES = frozenset({".jpg", ".jpeg"})
# The last name is that of Kaggle's copy.
CAPTION_FILES = ("captions.csv", "Flickr8k.token.txt", "captions.txt")
TEXT_NAMES = frozenset(
    {*CAPTION_FILES, "photos.csv"}
    | {f"{split}.txt" for split in SPLITS}
    | {f"{name}.txt" for name in ORIGINAL_SPLITS.values()}
)


def prepare_flickr8k(out: Path, source: Path | None = None, url: str = MIRROR) -> Path:
    """Puts Flickr8k into `out`: `images/`, captions and split files.

    Args:
        out: a folder, new or empty; left alone if it already holds the dataset.
        source: a local folder with the photos (in a folder or in archives) and the text files,
            also without split files, as Kaggle has it; None downloads both archives.
        url: where to download them from.

    Raises:
        DataError: it cannot be fetched, unpacked or read; nothing half-done is left in `out`.
    """
    return _prepare(out, source, url, "images", _check_flickr8k)


def _check_flickr8k(folder: Path) -> None:
    splits = read_flickr8k(folder / "images", captions_in(folder), splits_in(folder))
    for split, photos in splits.items():
        some(photos, f"the {split} split in {folder}")


def prepare_broader(out: Path, source: Path) -> Path:
    """Puts the broader photos into `out`: the photos flat, with `photos.csv`.

    Raises:
        DataError: as `prepare_flickr8k`.
    """
    return _prepare(out, source, "", ".", read_broader_photos)


def captions_in(folder: Path) -> Path:
    """The captions file of a folder that `prepare_flickr8k` made."""
    paths = [folder / name for name in CAPTION_FILES]
    return next((path for path in paths if path.is_file()), paths[0])


def splits_in(folder: Path) -> Path | None:
    """The folder itself if any split file is in it, else None: its photos are split by name."""
    names = (*SPLITS, *ORIGINAL_SPLITS.values())
    return folder if any((folder / f"{name}.txt").is_file() for name in names) else None


def _prepare(
    out: Path, source: Path | None, url: str, photo_folder: str, check: Callable[[Path], object]
) -> Path:
    if out.is_dir() and any(out.iterdir()):
        check(out)
        return out
    if source and not source.is_dir():
        raise DataError(f"{source}: no such folder")
    check_output_folder(out)
    part = unfinished(out)
    try:
        part.mkdir(parents=True)  # It fails if anything has that name, a link too.
        (part / photo_folder).mkdir(exist_ok=True)
        for name, read in _files(source if source else _download(url, out.parent)):
            if name in TEXT_NAMES:
                (part / name).write_bytes(read())
            elif Path(name).suffix.lower() in PHOTO_SUFFIXES:
                (part / photo_folder / name).write_bytes(read())
        check(part)
        if out.is_dir():  # It is empty.
            out.rmdir()
        part.rename(out)
    except (OSError, ValueError) as error:  # ValueError: no file can have such a name.
        reason = getattr(error, "strerror", None) or error
        raise DataError(f"{out}: cannot write there ({reason})") from None
    finally:
        shutil.rmtree(part, ignore_errors=True)
    return out


def _files(source: Path) -> Iterator[tuple[str, Callable[[], bytes]]]:
    """Every file of a folder, and every file inside its archives, by bare name."""
    paths = [path for path in sorted(source.rglob("*")) if path.is_file()]
    for path in tqdm(paths, "reading", unit="file", leave=False, disable=None):
        if path.suffix == ".zip":
            yield from _zip_files(path)
        elif path.suffix == ".tar":
            yield from _tar_files(path)
        else:
            yield path.name, path.read_bytes


def _zip_files(path: Path) -> Iterator[tuple[str, Callable[[], bytes]]]:
    with unpacking(str(path), DataError), zipfile.ZipFile(path) as archive:
        entries = [entry for entry in archive.infolist() if not entry.is_dir()]
        _check_archive(path, [(e.filename, e.file_size) for e in entries])
        for entry in tqdm(entries, path.name, unit="file", leave=False, disable=None):
            name = bare_name(entry.filename)
            # macOS puts a shadow of each file into its archives.
            if not name.startswith("._"):
                yield name, _reading(path, archive.open(entry))


def _tar_files(path: Path) -> Iterator[tuple[str, Callable[[], bytes]]]:
    # Plain tars only: to list a packed one, all of it must be unpacked, however much that is.
    with unpacking(str(path), DataError), tarfile.open(path, "r:") as archive:
        entries = [entry for entry in archive.getmembers() if entry.isfile()]
        _check_archive(path, [(e.name, e.size) for e in entries])
        for entry in tqdm(entries, path.name, unit="file", leave=False, disable=None):
            file = archive.extractfile(entry)
            if file is not None:
                yield bare_name(entry.name), _reading(path, file)


def _reading(path: Path, file: IO[bytes]) -> Callable[[], bytes]:
    """What reads a file of an archive, if that is asked for: photos and texts are, others not."""

    def read() -> bytes:
        with unpacking(str(path), DataError), file:
            data = file.read(MAX_FILE_BYTES + 1)
        if len(data) > MAX_FILE_BYTES:
            raise DataError(f"{path}: a file in it is far larger than a photo; refused to unpack")
        return data

    return read


def _check_archive(path: Path, entries: list[tuple[str, int]]) -> None:
    if len(entries) > MAX_FILES or sum(size for _, size in entries) > MAX_BYTES:
        raise DataError(f"{path}: far larger than the dataset; refused to unpack it")
    for name, _ in entries:
        if leaves_folder(name):
            raise DataError(f"{path}: refused: it holds {name!r}, outside its own folder")


def _download(url: str, folder: Path) -> Path:
    """Downloads both archives to a folder of their own, except those that are there already."""
    cache = folder / "downloads"
    for name in ARCHIVES:
        fetch_file(RemoteFile(name, f"{url.rstrip('/')}/{name}", problem=zip_problem), cache)
    return cache
