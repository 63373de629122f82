"""Prints to standard output and error even if they are closed or full, or lack letters.

All commands print as usual; `main` replaces Python's own streams by these.
"""

from __future__ import annotations

import errno
import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, TextIO, cast

from showtell_lib.errors import printable, without_password

REMEDIES = {
    errno.ENOSPC: "make room",
    errno.EROFS: "choose a place that can be written to",
    errno.EACCES: "check its permissions",
    errno.EPERM: "check its permissions",
    errno.ENAMETOOLONG: "take a shorter name",
}


class Output:
    """A stream that may fail without stopping the work; later output is lost.

    Attributes:
        failure: the first error of writing; None as long as all is well.
    """

    def __init__(self, stream: TextIO) -> None:
        self.failure: OSError | None = None
        self._stream = stream

    def write(self, text: str) -> int:
        """Writes the text, or remembers why that failed."""
        try:
            return self._stream.write(text)
        except OSError as error:
            self._fail(error)
            return len(text)

    def flush(self) -> None:
        """Flushes the stream, or remembers why that failed."""
        try:
            self._stream.flush()
        except OSError as error:
            self._fail(error)

    def _fail(self, error: OSError) -> None:
        self.failure = self.failure or error
        # The text in the stream's buffer would fail again at exit, and Python would print an error.
        with suppress(OSError, ValueError):
            _to_nowhere(self._stream.fileno())

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


@contextmanager
def usable_streams() -> Iterator[tuple[Output | None, Output]]:
    """Replaces `sys.stdout` and `sys.stderr` by streams that do not fail.

    A letter that a stream's encoding lacks is printed as an escape.

    Yields:
        Standard output, None if it is closed, and standard error.
    """
    _open_closed_numbers()
    before = sys.stdout, sys.stderr
    with _usable(before[0]) as out, _usable(before[1]) as err:
        sys.stdout, sys.stderr = cast(TextIO, out), cast(TextIO, err)
        try:
            yield (out if before[0] else None), err
        finally:
            out.flush()
            err.flush()
            sys.stdout, sys.stderr = before


@contextmanager
def _usable(stream: TextIO | None) -> Iterator[Output]:
    if stream is None:  # It was closed when Python started.
        with Path(os.devnull).open("w", encoding="utf-8", errors="replace") as nowhere:
            yield Output(nowhere)
        return
    errors = getattr(stream, "errors", None)
    # The user may have chosen another error handler: PYTHONIOENCODING=ascii:replace.
    change = errors in ("strict", "surrogateescape") and hasattr(stream, "reconfigure")
    if change:
        cast(Any, stream).reconfigure(errors="backslashreplace")
    try:
        yield Output(stream)
    finally:
        if change:
            cast(Any, stream).reconfigure(errors=errors)


def _open_closed_numbers() -> None:
    """Opens those of the first three file numbers that are closed, so that no other file gets them.

    C++ code that then writes to standard error would write into a photo or a model.
    """
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            _to_nowhere(number)


def _to_nowhere(number: int) -> None:
    nowhere = os.open(os.devnull, os.O_RDWR)
    if nowhere != number:
        os.dup2(nowhere, number)
        os.close(nowhere)


def output_is_lost() -> bool:
    """Whether standard output has failed, so that printed text is lost."""
    return getattr(sys.stdout, "failure", None) is not None


def print_json(document: Any) -> None:
    """Prints JSON.

    Letters become JSON escapes if the stream's encoding lacks one, or if one of them would change
    how a terminal shows the others.
    """
    text = json.dumps(document, indent=2, ensure_ascii=False)
    try:
        text.encode(getattr(sys.stdout, "encoding", None) or "utf-8")
        plain = all(line == printable(line) for line in text.split("\n"))
    except UnicodeEncodeError:
        plain = False
    print(text if plain else json.dumps(document, indent=2))


def print_line(text: str) -> None:
    """Prints one line on standard output; escapes line breaks and leaves passwords out."""
    print(printable(without_password(text)))


def counted(count: int, noun: str) -> str:
    """A count with its noun: `1 photo`, `2,000 photos`."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def print_error(message: object) -> None:
    """Prints one line on standard error: what is wrong."""
    print(f"showtell: {printable(without_password(str(message)))}", file=sys.stderr)


def reason_of(error: OSError) -> str:
    """What the system refused, in words, with the file's name and a remedy where one is known."""
    if not error.strerror:
        return str(error)
    name = f"{os.fsdecode(error.filename)}: " if isinstance(error.filename, (str, bytes)) else ""
    remedy = REMEDIES.get(error.errno or 0, "")
    if "temporary directory" in error.strerror:
        remedy = "set TMPDIR to a folder that can be written to"
    return f"{name}{error.strerror}{f'; {remedy}' if remedy else ''}"
