"""Photos: opened from almost any source, upright, in RGB, for people and for the graph."""

from showtell_lib.photos.decoding import MAX_PIXELS
from showtell_lib.photos.finding import find_photos
from showtell_lib.photos.formats import EXTENSIONS, FORMATS
from showtell_lib.photos.metadata import ORIENTATION
from showtell_lib.photos.opening import open_photo, opened_in_turn
from showtell_lib.photos.photo import Photo, PhotoSource
from showtell_lib.photos.samples import PACKAGES, SAMPLES, sample_photo, sample_photos

__all__ = [
    "EXTENSIONS",
    "FORMATS",
    "MAX_PIXELS",
    "ORIENTATION",
    "PACKAGES",
    "SAMPLES",
    "Photo",
    "PhotoSource",
    "find_photos",
    "open_photo",
    "opened_in_turn",
    "sample_photo",
    "sample_photos",
]
