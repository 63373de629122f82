from . import (
    blind_spots,
    degradations,
    photos,
    scenes,
    search_study,
    study_figures,
)

__all__ = [
    "blind_spots",
    "degradations",
    "photos",
    "scenes",
    "search_study",
    "study_figures",
]
