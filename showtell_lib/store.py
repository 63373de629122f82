"""Where models live: the bundled one by its name, any other by its path."""

from __future__ import annotations

import difflib
import hashlib
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from showtell_lib.errors import ModelError

GRAPH_FILE, VOCABULARY_FILE = "show-and-tell.pb", "word_counts.txt"
BUNDLED = {"mini": "MobileNetV2 and LSTM, trained by this project on real photos; bundled"}

# Chosen by CIDEr on the dev split; the model card has the table.
SEARCH_DEFAULTS: dict[str, dict[str, Any]] = {"mini": {"beam_width": 3, "length_penalty": 0.0}}


@dataclass(frozen=True)
class ModelFiles:
    """A model on disk: a frozen graph and its vocabulary, which belong together.

    Attributes:
        name: what the user called it: a registered name or a path.
        graph: the `.pb` file.
        vocabulary: its `word_counts.txt`.
        beam_width: what beam search uses unless told otherwise; so `length_penalty`. They are
            the published algorithm's, except where a model's card says what suits it better.
    """

    name: str
    graph: Path
    vocabulary: Path
    beam_width: int = 3
    length_penalty: float = 0.0

    @cached_property
    def sha256(self) -> str:
        """One hash of both files, hex: a changed word or weight is another model."""
        parts = (
            hashlib.sha256(path.read_bytes()).digest() for path in (self.graph, self.vocabulary)
        )
        return hashlib.sha256(b"".join(parts)).hexdigest()

    def search_settings(
        self, beam_width: int | None, length_penalty: float | None, max_length: int
    ) -> dict[str, Any]:
        """Settings of beam search; None stands for the model's own."""
        return {
            "beam_width": self.beam_width if beam_width is None else beam_width,
            "length_penalty": self.length_penalty if length_penalty is None else length_penalty,
            "max_length": max_length,
        }

    @property
    def size(self) -> int:
        """Bytes of both files."""
        return self.graph.stat().st_size + self.vocabulary.stat().st_size


def find_model(name: str | Path = "mini") -> ModelFiles:
    """Finds a model's two files.

    Args:
        name: a registered name, a folder that holds `show-and-tell.pb` (or a single other `.pb`)
            and `word_counts.txt`, or the path of a `.pb` with `word_counts.txt` beside it.

    Raises:
        ModelError: there is no such model, or one of its files is missing.
    """
    if str(name) in BUNDLED:
        files = _in_folder(str(name), bundled_folder() / str(name))
        return replace(files, **SEARCH_DEFAULTS.get(str(name), {}))
    path = Path(name).expanduser()
    if path.is_dir():
        return _in_folder(str(name), path)
    if path.is_file():
        return _checked(ModelFiles(str(name), path, path.with_name(VOCABULARY_FILE)))
    raise ModelError(_unknown(str(name)))


def bundled_models() -> list[ModelFiles]:
    """The models that came with this library."""
    return [find_model(name) for name in BUNDLED]


def bundled_folder() -> Path:
    """The `data` folder: inside an installed package, or beside it in a checkout."""
    package = Path(__file__).resolve().parent
    inside = package / "data"
    return inside if inside.is_dir() else package.parent / "data"


def _in_folder(name: str, folder: Path) -> ModelFiles:
    graph = folder / GRAPH_FILE
    others = sorted(folder.glob("*.pb"))
    if not graph.is_file() and len(others) == 1:
        graph = others[0]
    elif not graph.is_file() and others:
        raise ModelError(
            f"{folder} holds several models ({', '.join(path.name for path in others)}); "
            "name one of these files"
        )
    return _checked(ModelFiles(name, graph, folder / VOCABULARY_FILE))


def _checked(files: ModelFiles) -> ModelFiles:
    for path in (files.graph, files.vocabulary):
        if not path.is_file():
            raise ModelError(
                f"model {files.name!r}: {path} is missing; a model is a frozen graph (.pb) with "
                f"its {VOCABULARY_FILE} beside it"
            )
    return files


def _unknown(name: str) -> str:
    near = difflib.get_close_matches(name, BUNDLED, n=3, cutoff=0.4)
    hint = f"did you mean {' or '.join(near)}? " if near else ""
    return (
        f"no model called {name!r}: {hint}known models are {', '.join(BUNDLED)}; "
        "or give the path of a .pb file or of the folder that holds it"
    )
