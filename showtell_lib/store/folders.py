"""The folders in which models lie: the bundled ones, and those for downloads."""

from __future__ import annotations

import os
from pathlib import Path

from showtell_lib.errors import ModelError
from showtell_lib.files import user_path
from showtell_lib.store.published import MODELS


def model_folder(name: str) -> Path:
    """The folder of a registered model, whether it exists or not."""
    return (bundled_folder() if MODELS[name].bundled else cache_folder() / "models") / name


def cache_folder() -> Path:
    """The folder for downloads: `SHOWTELL_HOME`, or else the system's cache folder.

    Raises:
        ModelError: there is no such place, since the user has no home folder.
    """
    import platformdirs

    if home := os.environ.get("SHOWTELL_HOME"):
        return user_path(home)
    try:
        folder = platformdirs.user_cache_path("showtell")
    except RuntimeError:
        folder = Path()
    if not folder.is_absolute():  # Older releases of platformdirs leave the ~ as it is.
        raise ModelError(
            "you have no home folder: set SHOWTELL_HOME to a folder in which models can be kept"
        )
    return folder


def bundled_folder() -> Path:
    """The `data` folder: inside an installed package, or beside it in a checkout."""
    package = Path(__file__).resolve().parents[1]
    inside = package / "data"
    return inside if inside.is_dir() else package.parent / "data"
