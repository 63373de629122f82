"""Models on disk, and the models that have names."""

from showtell_lib.store.folders import bundled_folder, cache_folder, model_folder
from showtell_lib.store.listing import ModelRow, is_here, models
from showtell_lib.store.model_files import (
    GRAPH_FILE,
    LARGEST_GRAPH,
    NOT_VERIFIED,
    ORIGIN_FILE,
    VERIFIED_FILE,
    VOCABULARY_FILE,
    ModelContent,
    ModelFiles,
    Provenance,
    find_model,
)

__all__ = [
    "GRAPH_FILE",
    "LARGEST_GRAPH",
    "NOT_VERIFIED",
    "ORIGIN_FILE",
    "VERIFIED_FILE",
    "VOCABULARY_FILE",
    "ModelContent",
    "ModelFiles",
    "ModelRow",
    "Provenance",
    "bundled_folder",
    "cache_folder",
    "find_model",
    "is_here",
    "model_folder",
    "models",
]
