"""Every model that has a name, whether it is on this machine or not."""

from __future__ import annotations

from dataclasses import dataclass

from showtell_lib.errors import ModelError
from showtell_lib.store.folders import model_folder
from showtell_lib.store.model_files import GRAPH_FILE, ModelFiles, find_model
from showtell_lib.store.published import MODELS


def models() -> list[ModelRow]:
    """Every model that has a name, whether it is on this machine or not."""
    return [
        ModelRow(name, known.about, find_model(name) if is_here(name) else None, known.size)
        for name, known in MODELS.items()
    ]


@dataclass(frozen=True)
class ModelRow:
    """A line of the list of models.

    Attributes:
        name: what `load` takes.
        about: what it is.
        files: its files; None if the model is not on this machine.
        download_size: about how many bytes the model takes once it is downloaded.
    """

    name: str
    about: str
    files: ModelFiles | None
    download_size: int


def is_here(name: str) -> bool:
    """Whether a registered model is on this machine; a user without a home has none downloaded."""
    try:
        return (model_folder(name) / GRAPH_FILE).is_file()
    except ModelError:
        return False
