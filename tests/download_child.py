"""Downloads `2m` in a process of its own: `python -m tests.download_child URL HASH_OF_WORDS`."""

from __future__ import annotations

import dataclasses
import sys

from showtell_lib.cli import main
from showtell_lib.store import VOCABULARY_FILE, published
from showtell_lib.store.published import Source


def child(url: str, words: str) -> int:
    """The exit status of the command, which here knows of another process's tiny `2m`."""
    vocabulary = Source(VOCABULARY_FILE, "", words)
    published.MODELS["2m"] = dataclasses.replace(published.MODELS["2m"], vocabulary=vocabulary)
    return main(["download", "2m", "--url", url])


if __name__ == "__main__":
    sys.exit(child(*sys.argv[1:]))
