"""Opens photos in a process apart, which can be ended while it decodes; a thread cannot.

    python -m showtell_lib.photos.apart MEMORY

MEMORY is the most bytes that it may take. On its standard input it gets a photo as a line with the
number of its bytes, then the bytes. It answers with lines of JSON: first how many pixels the photo
has, then, told to `go` on, the shape of a smaller picture, whose pixels follow, and how many bytes
follow these for a graph to decode: a PNG, or none if the graph can take the photo as it came. What
cannot be opened, or is refused by any other line, is answered with the error.
"""

from __future__ import annotations

import json
import signal
import sys
from contextlib import suppress
from typing import Any, BinaryIO

import numpy as np

from showtell_lib.errors import PhotoError
from showtell_lib.photos.decoding import LOOKED_THROUGH, from_bytes
from showtell_lib.photos.formats import known_formats


def main() -> None:
    """Opens one photo after the other, until the standard input ends."""
    # Ctrl-C in a terminal is for the service, which ends this process when it has no more use.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _limit_memory(int(sys.argv[1]))
    known_formats()  # Loads Pillow's readers, so that the first photo need not wait for them.
    asked, answers = sys.stdin.buffer, sys.stdout.buffer
    _say(answers, ready=True)
    while line := asked.readline():
        _open(asked.read(int(line)), asked, answers)


def _open(data: bytes, asked: BinaryIO, answers: BinaryIO) -> None:
    try:
        begun = from_bytes("bytes", "bytes", data)
        _say(answers, pixels=begun.pixel_count)
        if asked.readline() != b"go\n":
            raise PhotoError("refused")
        photo = begun.decode_for_graph()
    except PhotoError as error:
        _say(answers, error=type(error).__name__, message=str(error))
        return
    small = np.asarray(photo.thumbnail(LOOKED_THROUGH))
    png = b"" if photo.original is not None else photo.as_png()
    _say(answers, shape=small.shape, png=len(png))
    answers.write(small.tobytes() + png)
    answers.flush()


def _say(answers: BinaryIO, **what: Any) -> None:
    answers.write(json.dumps(what).encode() + b"\n")
    answers.flush()


def _limit_memory(most: int) -> None:
    """Lets the system refuse more than `most` bytes to this process, where it can (not Windows)."""
    with suppress(ImportError, OSError, ValueError):
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (most, most))


if __name__ == "__main__":
    main()
