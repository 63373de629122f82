"""Finds models on disk: the bundled one and downloaded ones by name, any other by its path."""

from __future__ import annotations

import difflib
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from showtell_lib.errors import ModelError
from showtell_lib.files import read_bytes, user_path
from showtell_lib.foreign import read_json
from showtell_lib.store.folders import model_folder
from showtell_lib.store.published import MODELS, Registered

NOT_VERIFIED = "not verified"
GRAPH_FILE, VOCABULARY_FILE = "show-and-tell.pb", "word_counts.txt"
# Records beside a downloaded model: where it came from, and that it was verified.
ORIGIN_FILE, VERIFIED_FILE = "origin.json", "verified.json"
# The files of the full-size models have 149 MB and 0.1 MB.
LARGEST_GRAPH, LARGEST_VOCABULARY = 600_000_000, 50_000_000


@dataclass(frozen=True)
class ModelFiles:
    """A model on disk: a frozen graph and its vocabulary, which belong together.

    Attributes:
        name: what the user called it: a registered name or a path.
        graph: the `.pb` file.
        vocabulary: its `word_counts.txt`.
        beam_width: the beam width that suits the model; used unless the caller gives another.
        length_penalty: the same for the length penalty.
        loaded: the sha256 of each file when it was loaded; None if the model is not loaded.
    """

    name: str
    graph: Path
    vocabulary: Path
    beam_width: int = Registered.beam_width
    length_penalty: float = Registered.length_penalty
    loaded: Mapping[str, str] | None = field(default=None, repr=False, compare=False)

    def read(self) -> ModelContent:
        """The content of both files, each read once, so that the hashes are those of what is used.

        Raises:
            ModelError: a file cannot be read, or is far larger than a model's file.
        """
        graph = read_bytes(self.graph, LARGEST_GRAPH, ModelError)
        vocabulary = read_bytes(self.vocabulary, LARGEST_VOCABULARY, ModelError)
        hashes = {
            path.name: hashlib.sha256(data).hexdigest()
            for path, data in ((self.graph, graph), (self.vocabulary, vocabulary))
        }
        return ModelContent(replace(self, loaded=hashes), graph, vocabulary)

    @cached_property
    def hashes(self) -> dict[str, str]:
        """The sha256 of each file, hex, by its name: when it was loaded, or else as it is now."""
        if self.loaded is not None:
            return dict(self.loaded)
        return {path.name: _sha256(path) for path in (self.graph, self.vocabulary)}

    @property
    def sha256(self) -> str:
        """One hash of both files, hex, which changes with every word and every weight."""
        return hashlib.sha256(bytes.fromhex("".join(self.hashes.values()))).hexdigest()

    @property
    def remedy(self) -> str:
        """What to do about a changed model."""
        if self.name in MODELS and MODELS[self.name].bundled:
            return "install showtell_lib again"
        return f"run `showtell download {self.name} --force`"

    @cached_property
    def provenance(self) -> Provenance:
        """Where the model came from, and whether it is the real one."""
        if self.name not in MODELS:
            return Provenance("your own files", NOT_VERIFIED)
        if MODELS[self.name].bundled:
            card = read_json(self.graph.with_name("metrics.json"), ModelError).get("model")
            same = isinstance(card, dict) and card.get("sha256") == self.sha256
            verdict = "the one in its model card" if same else "changed"
            return Provenance("bundled with showtell_lib", verdict, changed=not same)
        return self._downloaded()

    def check_unchanged(self) -> None:
        """Checks that the files are still those that were bundled, downloaded or verified.

        Raises:
            ModelError: they have changed; the message says what to do.
        """
        if self.provenance.changed:
            raise ModelError(
                f"model {self.name!r} is {self.provenance.origin}, but its files have changed "
                f"since: {self.remedy}"
            )

    def _downloaded(self) -> Provenance:
        origin, lock = (_read_record(self.graph.with_name(n)) for n in (ORIGIN_FILE, VERIFIED_FILE))
        source = f"downloaded {origin.get('date', 'once')} from {origin.get('source', '?')}"
        expected = lock.get("files") or origin.get("files")
        if expected != self.hashes:
            return Provenance(source, "changed", changed=True)
        verdict = f"verified {lock.get('date', 'once')}" if lock else NOT_VERIFIED
        return Provenance(source, verdict)

    @property
    def size(self) -> int:
        """Bytes of both files."""
        return self.graph.stat().st_size + self.vocabulary.stat().st_size


@dataclass(frozen=True)
class ModelContent:
    """The bytes of a model's two files, and its `ModelFiles` with the hashes of these bytes."""

    files: ModelFiles
    graph: bytes
    vocabulary: bytes


@dataclass(frozen=True)
class Provenance:
    """What is known about a model's files.

    Attributes:
        origin: where the files came from.
        verification: whether the files were verified, in words.
        changed: whether the files differ from those that were downloaded, verified or bundled.
    """

    origin: str
    verification: str
    changed: bool = False


def find_model(name: str | Path = "mini") -> ModelFiles:
    """Finds a model's two files.

    Args:
        name: a registered name, a folder that holds `show-and-tell.pb` (or a single other `.pb`)
            and `word_counts.txt`, or the path of a `.pb` with `word_counts.txt` beside it.

    Raises:
        ModelError: there is no such model, or one of its files is missing.
    """
    if str(name) in MODELS:
        known = MODELS[str(name)]
        files = _in_folder(known.name, model_folder(known.name))
        return replace(files, beam_width=known.beam_width, length_penalty=known.length_penalty)
    path = user_path(name)
    if path.is_dir():
        return _in_folder(str(name), path)
    if path.is_file():
        return _checked(ModelFiles(str(name), path, path.with_name(VOCABULARY_FILE)))
    raise ModelError(_unknown(str(name)))


def _sha256(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(1 << 20):
            digest.update(chunk)
    return digest.hexdigest()


def _read_record(path: Path) -> dict[str, Any]:
    """A record beside a model; empty if there is none.

    A record that cannot be read fits no files, so the model counts as changed.
    """
    try:
        return read_json(path, ModelError) if path.exists() else {}
    except ModelError:
        return {"files": "unreadable"}


def _in_folder(name: str, folder: Path) -> ModelFiles:
    if name in MODELS and not folder.is_dir():
        size = MODELS[name].size / 1e6
        raise ModelError(
            f"model {name!r} is not here yet: run `showtell download {name}` (about {size:.0f} MB)"
        )
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
    near = difflib.get_close_matches(name, MODELS, n=3, cutoff=0.4)
    hint = f"did you mean {' or '.join(near)}? " if near else ""
    return (
        f"no model called {name!r}: {hint}known models are {', '.join(MODELS)}; "
        "or give the path of a .pb file or of the folder that holds it"
    )
