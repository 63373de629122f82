from . import (
    batch,
    checks,
    embeddings,
    evaluation,
    galleries,
    graph,
    lstm,
    metrics,
    photos,
    plots,
    pretrained,
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
from .captioner import Captioner, load
from .errors import ShowTellError
from .photos import Photo, open_photo, sample_photo, sample_photos
from .pretrained.downloads import download
from .pretrained.verification import verify
from .scenes import Scene
from .store import models
from .trace import Caption, SearchTrace
from .vocabulary import Vocabulary

__version__: str
__all__ = [
    "Caption",
    "Captioner",
    "Photo",
    "Scene",
    "SearchTrace",
    "ShowTellError",
    "Vocabulary",
    "batch",
    "checks",
    "download",
    "embeddings",
    "evaluation",
    "galleries",
    "graph",
    "load",
    "lstm",
    "metrics",
    "models",
    "open_photo",
    "photos",
    "plots",
    "pretrained",
    "reports",
    "sample_photo",
    "sample_photos",
    "scenes",
    "search",
    "serve",
    "store",
    "trace",
    "training",
    "verify",
    "vocabulary",
    "widgets",
]
