"""Show and Tell, in notebooks: the helper library behind the lessons.

>>> import showtell_lib as st
>>> captioner = st.load()
>>> captioner.caption("photo.jpg")
"""

from __future__ import annotations

import importlib
from typing import Any

__version__ = "0.1.0"

_HOMES = {
    "load": "captioner",
    "Captioner": "captioner",
    "open_photo": "photos",
    "sample_photo": "photos",
    "sample_photos": "photos",
    "Caption": "trace",
    "SearchTrace": "trace",
    "ShowTellError": "errors",
    "Vocabulary": "vocabulary",
}
_MODULES = ("datasets", "evaluation", "export", "metrics", "photos", "search", "store", "training")


def __getattr__(name: str) -> Any:
    """Imports a part when it is first used, so that `import showtell_lib` stays quick."""
    if name in _HOMES:
        return getattr(importlib.import_module(f"{__name__}.{_HOMES[name]}"), name)
    if name in _MODULES:
        return importlib.import_module(f"{__name__}.{name}")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted([*_HOMES, *_MODULES, "__version__"])
