"""Files: named as people name them, read as people save them, written whole or not at all."""

from __future__ import annotations

import codecs
import os
import secrets
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from showtell_lib.errors import DataError, ShowTellError

# On Windows links are no concern here: only administrators make them.
NOT_THROUGH_LINKS = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)
NEW = os.O_CREAT | os.O_EXCL | NOT_THROUGH_LINKS
# Of a name, what its unfinished file keeps, so that this one is no longer than a system allows.
LONGEST_START = 40
LARGEST_TEXT = 500_000_000

# What marks a text at its very beginning, and as what it is to be read.
MARKS = {
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}


@contextmanager
def written(path: Path) -> Iterator[Path]:
    """Gives a path to write to; it becomes `path` only if all went well.

    Yields:
        A new, empty file beside `path`, as `unfinished` names it. A device or a pipe (`/dev/null`)
        is written to as it is: a file must not take its place.
    """
    if path.exists() and not path.is_file():
        yield path
        return
    part = unfinished(path)
    try:
        # Made here, and only if nothing has that name: a link would lead to somebody's file.
        os.close(os.open(part, os.O_WRONLY | NEW, 0o666))
        yield part
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def unfinished(path: Path) -> Path:
    """A name beside `path` for what will become it; nobody can guess it and put a link there."""
    return path.with_name(f"{path.name[:LONGEST_START]}.{secrets.token_hex(8)}.part")


def open_to_append(path: Path) -> BinaryIO:
    """Opens a file with a known name, new or to go on with it, but never through a link.

    Raises:
        OSError: it cannot be written.
    """
    new = 0 if is_own_file(path) else NEW
    return os.fdopen(os.open(path, os.O_RDWR | os.O_APPEND | new | NOT_THROUGH_LINKS, 0o666), "ab")


def is_own_file(path: Path) -> bool:
    """Whether this is a plain file of this user: no link, and with no second name elsewhere."""
    try:
        found = path.lstat()
    except FileNotFoundError:
        return False
    own = not hasattr(os, "getuid") or found.st_uid == os.getuid()
    return own and stat.S_ISREG(found.st_mode) and found.st_nlink == 1


def read_text(path: Path, error: type[ShowTellError]) -> str:
    r"""The text of a file, whatever editor saved it: its lines end in `\n`, no mark before it.

    Read are UTF-8, with or without a byte-order mark, and UTF-16 with one; lines may end as on
    Unix, Windows or an old Mac.

    Raises:
        ShowTellError: of the class given: the file cannot be read, or is no text; the message
            names the file and, where it can, the line.
    """
    return text_of(read_bytes(path, LARGEST_TEXT, error), path, error)


def text_of(data: bytes, path: Path, error: type[ShowTellError]) -> str:
    """The text that a file's bytes are; see `read_text`."""
    return _unix_lines(_decoded(data, path, error))


def read_bytes(path: Path, limit: int, error: type[ShowTellError]) -> bytes:
    """A whole file of at most `limit` bytes.

    Raises:
        ShowTellError: of the class given: it cannot be read, or is larger.
    """
    try:
        with path.open("rb") as file:
            # What is far too large is not read at all; a pipe has no size, and a file may grow.
            size = os.fstat(file.fileno()).st_size
            data = file.read(limit + 1) if size <= limit else b""
    except OSError as failure:
        raise error(f"{path}: cannot read it ({failure.strerror or failure})") from None
    if max(size, len(data)) > limit:
        raise error(
            f"{path}: refused: {max(size, len(data)):,} bytes, where at most {limit:,} are read"
        )
    return data


def lines_of(text: str) -> list[str]:
    """The lines of what `read_text` gave.

    `str.splitlines` would also cut at form feeds and at U+2028, which occur inside captions.
    """
    return text.removesuffix("\n").split("\n") if text else []


def _decoded(data: bytes, path: Path, error: type[ShowTellError]) -> str:
    encoding = next((name for mark, name in MARKS.items() if data.startswith(mark)), "utf-8")
    if encoding == "utf-8-sig":
        # Without its mark: a failure is counted from after it.
        data, encoding = data.removeprefix(codecs.BOM_UTF8), "utf-8"
    try:
        text, end = data.decode(encoding), None
    except UnicodeDecodeError as failure:
        if encoding == "utf-16":
            raise error(f"{path}: cut short; save it again, as UTF-8") from None
        text = data[: failure.start].decode(encoding)
        end = len(text)
    if "\0" in text:  # UTF-16 without its mark, UTF-32, or no text at all.
        end = text.index("\0")
    if end is not None:
        line = _unix_lines(text[:end]).count("\n") + 1
        why = " but zero bytes" if "\0" in text else ""
        raise error(f"{path}, line {line}: not UTF-8 text{why}; save the file as UTF-8")
    return text


def _unix_lines(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")


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
