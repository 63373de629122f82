"""Show and Tell, in notebooks: the helper library behind the lessons.

>>> import showtell_lib as st
>>> captioner = st.load()
>>> captioner.caption("photo.jpg")
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    # What editors and type checkers see of the names that are imported when first used.
    from showtell_lib import (
        batch,
        checks,
        datasets,
        embeddings,
        evaluation,
        export,
        galleries,
        lstm,
        metrics,
        photos,
        plots,
        reports,
        scenes,
        search,
        serve,
        store,
        trace,
        training,
        vocabulary,
        widgets,
    )
    from showtell_lib.captioner import Captioner, load
    from showtell_lib.downloads import download
    from showtell_lib.errors import ShowTellError
    from showtell_lib.photos import Photo, open_photo, sample_photo, sample_photos
    from showtell_lib.scenes import Scene
    from showtell_lib.store import models
    from showtell_lib.trace import Caption, SearchTrace
    from showtell_lib.verification import verify
    from showtell_lib.vocabulary import Vocabulary

__version__ = "0.1.0"

_HOMES = {
    "load": "captioner",
    "download": "downloads",
    "verify": "verification",
    "models": "store",
    "Captioner": "captioner",
    "Photo": "photos",
    "open_photo": "photos",
    "sample_photo": "photos",
    "sample_photos": "photos",
    "Scene": "scenes",
    "Caption": "trace",
    "SearchTrace": "trace",
    "ShowTellError": "errors",
    "Vocabulary": "vocabulary",
}
_MODULES = (
    "batch",
    "checks",
    "datasets",
    "embeddings",
    "evaluation",
    "export",
    "galleries",
    "lstm",
    "metrics",
    "photos",
    "plots",
    "reports",
    "scenes",
    "search",
    "serve",
    "store",
    "trace",
    "training",
    "vocabulary",
    "widgets",
)


def __getattr__(name: str) -> Any:
    """Imports a part when it is first used, so that `import showtell_lib` stays quick."""
    if name in _HOMES:
        return getattr(importlib.import_module(f"{__name__}.{_HOMES[name]}"), name)
    if name in _MODULES:
        return importlib.import_module(f"{__name__}.{name}")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted([*_HOMES, *_MODULES, "__version__"])
