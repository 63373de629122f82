"""Folders on this machine, and in object stores through pyarrow's file systems."""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, cast
from urllib.parse import urlsplit
from urllib.request import url2pathname

from showtell_lib.errors import BatchError, first_line
from showtell_lib.files import user_path
from showtell_lib.photos.finding import photos_among, photos_in
from showtell_lib.photos.formats import HEAD_BYTES

# Readers of a folder of Parquet files pass over names that start so.
HIDDEN = "_"


@dataclass(frozen=True)
class Storage:
    """A folder, here or in an object store.

    Attributes:
        address: an absolute path, or an address such as `s3://bucket/folder`, `gs://bucket/folder`
            or `file:///folder`.
    """

    address: str

    @classmethod
    def at(cls, place: str | Path) -> Storage:
        """The folder that a user names; a path is taken from the working directory."""
        text = str(place)
        return cls(text if "://" in text else str(user_path(text).resolve()))

    @cached_property
    def _folder(self) -> Path | None:
        """The folder on this machine; None in an object store.

        Arrow's own local file system knows only names that are Unicode.
        """
        if self.address.startswith("file://"):
            return Path(url2pathname(urlsplit(self.address).path))
        return None if "://" in self.address else Path(self.address)

    @cached_property
    def _found(self) -> tuple[Any, str]:
        """The object store, and the folder's path in it."""
        from pyarrow.fs import FileSystem

        try:
            filesystem, folder = FileSystem.from_uri(self.address)
        except (OSError, ValueError) as error:
            raise BatchError(f"{self.address}: cannot be reached ({first_line(error)})") from None
        return filesystem, folder.rstrip("/")

    def _path(self, name: str) -> str:
        return f"{self._found[1]}/{name}"

    def names(self) -> list[str]:
        """The files in the folder and below, relative to it, sorted; none if the folder is missing.

        Raises:
            BatchError: it cannot be listed.
        """
        try:
            return sorted(self._names_in_store() if self._folder is None else self._names_here())
        except OSError as error:
            raise BatchError(f"{self.address}: cannot be listed ({first_line(error)})") from None

    def _names_here(self) -> Iterator[str]:
        folder = cast(Path, self._folder)
        if not folder.exists():
            return
        for inside, _, files in os.walk(folder, onerror=_raise):
            for name in files:
                yield (Path(inside) / name).relative_to(folder).as_posix()

    def _names_in_store(self) -> Iterator[str]:
        from pyarrow.fs import FileSelector, FileType

        filesystem, folder = self._found
        selector = FileSelector(folder, recursive=True, allow_not_found=True)
        files = filesystem.get_file_info(selector)
        start = len(folder) + 1
        return (file.path[start:] for file in files if file.type == FileType.File)

    def photos(self) -> list[str]:
        """The photos in the folder and below, as `photos_in` finds them.

        Raises:
            BatchError: there are none, or it cannot be listed.
        """
        try:
            if self._folder is not None:
                found = photos_in(self._folder, deep=True)
            else:
                found = photos_among(self.names(), self._head)
        except FileNotFoundError:
            found = []
        except OSError as error:
            raise BatchError(f"{self.address}: cannot be listed ({first_line(error)})") from None
        if not found:
            raise BatchError(f"{self.address}: no photos in this folder; check the address")
        return found

    def _head(self, name: str) -> bytes:
        with self._found[0].open_input_stream(self._path(name), compression=None) as stream:
            head: bytes = stream.read(HEAD_BYTES)
            return head

    def read(self, name: str) -> bytes:
        """A whole file.

        Raises:
            OSError: it cannot be read.
        """
        if self._folder is not None:
            return (self._folder / name).read_bytes()
        with self._found[0].open_input_stream(self._path(name), compression=None) as stream:
            data: bytes = stream.read()
            return data

    def write(self, name: str, data: bytes) -> None:
        """Writes a file that appears whole or not at all, even if two write it at once.

        An object store does so by itself. On this machine the file is renamed once it is whole.

        Raises:
            BatchError: it cannot be written.
        """
        try:
            self._write(name, data)
        except OSError as error:
            raise BatchError(
                f"{self.address}: {name} cannot be written ({first_line(error)}); make room, or "
                "check its permissions, and run the same command again to go on"
            ) from None

    def _write(self, name: str, data: bytes) -> None:
        if self._folder is None:
            with self._found[0].open_output_stream(self._path(name), compression=None) as stream:
                stream.write(data)
            return
        self._folder.mkdir(parents=True, exist_ok=True)
        part = self._folder / f"{HIDDEN}{uuid.uuid4().hex}.part"
        with part.open("xb") as file:
            file.write(data)
        part.replace(self._folder / name)

    def tidy(self) -> None:
        """Removes what killed writers left; in an object store they leave nothing."""
        if self._folder is not None:
            for path in self._folder.glob(f"{HIDDEN}*.part"):
                path.unlink(missing_ok=True)


@dataclass(frozen=True)
class StoredPhoto:
    """A photo in a folder, for `open_photo`: read when it is opened, and in that thread."""

    storage: Storage
    name: str

    def read(self) -> bytes:
        """The file's bytes.

        Raises:
            FileNotFoundError: this photo is gone; likewise PermissionError.
            BatchError: the storage fails. It would fail for the next photos too, so the run should
                stop rather than call them all bad.
        """
        try:
            return self.storage.read(self.name)
        except (FileNotFoundError, PermissionError):
            raise
        except OSError as error:
            raise BatchError(
                f"{self.storage.address}: cannot read {self.name} ({first_line(error)}); run the "
                "same command again to go on"
            ) from None


def _raise(error: OSError) -> None:
    raise error
