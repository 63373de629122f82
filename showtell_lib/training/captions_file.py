"""Reads files of photos and captions in the forms in which datasets are published."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from pathlib import Path

from showtell_lib.errors import DataError
from showtell_lib.files import lines_of, read_text

PHOTO = re.compile(r"[^\n]+\.(jpe?g|jpe|jfif|png|gif|webp|bmp|tiff?|hei[cf]|avif)", re.IGNORECASE)
# The first field of a line, in quotes or not, and the separator after it.
FIRST_FIELD = re.compile(r'(?:"(?:[^"]|"")*"|[^,;\t|\n]*)([,;\t|])')
# `photo.jpg#0<TAB>caption`, as in Flickr8k.token.txt.
TOKEN_LINE = re.compile(r"(?P<photo>[^\t]+)#\d+\t(?P<caption>.*)")
# A row of Flickr30k's results.csv, as published, lacks the separator after its number.
NUMBER_AND_CAPTION = re.compile(r"\s*\d+\s+(\S.*)")

PHOTO_COLUMNS = frozenset("image image_name image_path file filename file_name photo".split())
CAPTION_COLUMNS = frozenset("caption comment text description sentence".split())
NUMBER_COLUMNS = frozenset("comment_number caption_number number".split())


def read_captions(path: Path) -> dict[str, list[str]]:
    """Reads a captions file: the captions of each photo, in the file's order.

    The file is a table, or it has lines such as `photo.jpg#0<TAB>caption` (`Flickr8k.token.txt`). A
    table begins with the header `image,caption` (or that of Kaggle's `captions.txt`, or Flickr30k's
    `image_name| comment_number| comment`) or at once with a photo; commas, semicolons, tabs or `|`
    separate its fields. A line break inside a quoted caption counts as a blank.

    Raises:
        DataError: the file cannot be read, or a line is not understood; the message names both.
    """
    text = read_text(path, DataError)
    first = next((line for line in lines_of(text) if line.strip()), "")
    rows = _token_rows if TOKEN_LINE.fullmatch(first) else _table_rows
    captions: dict[str, list[str]] = {}
    for photo, caption in rows(path, text) if first else ():
        captions.setdefault(photo, []).append(caption.replace("\n", " ").strip())
    if not captions:
        raise DataError(f"{path}: no captions in it")
    return captions


def read_rows(path: Path, text: str) -> Iterator[tuple[int, list[str]]]:
    """The rows of a table, blank ones left out, each with the number of its first line.

    Args:
        path: for the messages.
        text: as `files.read_text` gives it. What stands after the first field of the first line
            (a comma, a semicolon, a tab or `|`) separates all fields.

    Raises:
        DataError: a quotation mark is not closed where it should be.
    """
    match = FIRST_FIELD.match(text.lstrip("\n"))
    reader = csv.reader(
        io.StringIO(text, newline=""), delimiter=match[1] if match else ",", strict=True
    )
    line = 1
    try:
        for row in reader:
            if any(field.strip() for field in row):
                yield line, row
            line = reader.line_num + 1
    except csv.Error as error:
        raise DataError(
            f"{path}, line {line}: its quotation marks do not match ({error}); a field that holds "
            'one must stand in quotes, with "" for each'
        ) from None


def _token_rows(path: Path, text: str) -> Iterator[tuple[str, str]]:
    for number, line in enumerate(lines_of(text), start=1):
        match = TOKEN_LINE.fullmatch(line)
        if match:
            yield match["photo"].strip(), match["caption"]
        elif line.strip():
            raise DataError(f"{path}, line {number}: expected `photo.jpg#0<TAB>caption`")


def _table_rows(path: Path, text: str) -> Iterator[tuple[str, str]]:
    rows = read_rows(path, text)
    line, row = next(rows, (1, []))
    columns = _columns(row)
    if columns is None:
        raise DataError(
            f"{path}, line {line}: expected a photo and a caption, or the header `image,caption`, "
            f"got {row}"
        )
    if _photo_in(row):
        yield _photo_and_caption(path, line, row, columns)
    for line, row in rows:
        yield _photo_and_caption(path, line, row, columns)


def _columns(row: list[str]) -> list[str] | None:
    """What the columns hold, judged by the first row; None if it has neither header nor photo."""
    if _photo_in(row):
        numbered = len(row) == 3 and row[1].strip().isdecimal()
        if len(row) == 2 or numbered:
            return ["photo", "number", "caption"] if numbered else ["photo", "caption"]
        return None
    kinds = {"photo": PHOTO_COLUMNS, "caption": CAPTION_COLUMNS, "number": NUMBER_COLUMNS}
    names = [name.strip().lower() for name in row]
    columns = [next((kind for kind, known in kinds.items() if n in known), "") for n in names]
    complete = columns.count("photo") == 1 and columns.count("caption") == 1
    return columns if complete and "" not in columns else None


def _photo_in(row: list[str]) -> bool:
    return bool(row) and PHOTO.fullmatch(row[0].strip()) is not None


def _photo_and_caption(
    path: Path, line: int, row: list[str], columns: list[str]
) -> tuple[str, str]:
    if columns == ["photo", "number", "caption"] and len(row) == 2:
        match = NUMBER_AND_CAPTION.fullmatch(row[1])
        if match:
            return row[0].strip(), match[1]
    if len(row) != len(columns):
        raise DataError(
            f"{path}, line {line}: expected a photo and a caption, got {row}; a caption that holds "
            "the separator must stand in quotes"
        )
    values = dict(zip(columns, row, strict=True))
    _check_one_row(path, line, values)
    return values["photo"].strip(), values["caption"]


def _check_one_row(path: Path, line: int, values: dict[str, str]) -> None:
    """Refuses a row without a photo, and a caption whose quotation mark swallowed other rows."""
    if not values["photo"].strip() or "\n" in values["photo"]:
        raise DataError(f"{path}, line {line}: expected a photo and a caption, got {values}")
    for further in values["caption"].split("\n")[1:]:
        first = FIRST_FIELD.match(further)
        if first and PHOTO.fullmatch(first[0][:-1].strip().strip('"')):
            raise DataError(
                f"{path}, line {line}: a quotation mark begins the caption and ends only some "
                "lines later, with other photos between; close it"
            )
