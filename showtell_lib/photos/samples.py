"""Sample photos: they come with installed packages, each with its credit."""

from __future__ import annotations

from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path

from showtell_lib.errors import PhotoError
from showtell_lib.photos.opening import open_photo
from showtell_lib.photos.photo import Photo

SAMPLES = {
    "astronaut": ("skimage", "data/astronaut.png", "NASA, public domain; from scikit-image"),
    "camera": ("skimage", "data/camera.png", "Lav Varshney, CC0; from scikit-image"),
    "chelsea": ("skimage", "data/chelsea.png", "Stéfan van der Walt, CC0; from scikit-image"),
    "coffee": ("skimage", "data/coffee.png", "Rachel Michetti, CC0; from scikit-image"),
    "rocket": ("skimage", "data/rocket.jpg", "SpaceX, CC0; from scikit-image"),
    "grace_hopper": (
        "matplotlib",
        "mpl-data/sample_data/grace_hopper.jpg",
        "US Navy, public domain; from Matplotlib",
    ),
    "china": (
        "sklearn",
        "datasets/images/china.jpg",
        "danielbuechele, CC BY 2.0; from scikit-learn",
    ),
    "flower": (
        "sklearn",
        "datasets/images/flower.jpg",
        "vultilion, CC BY 2.0; from scikit-learn",
    ),
}
PACKAGES = {"skimage": "scikit-image", "matplotlib": "matplotlib", "sklearn": "scikit-learn"}


def sample_photos() -> tuple[str, ...]:
    """Names of the photos that come with installed packages."""
    return tuple(SAMPLES)


def sample_photo(name: str) -> Photo:
    """A photo that came with an installed package, with its credit.

    Raises:
        PhotoError: there is none of this name, or its package is not installed.
    """
    if name not in SAMPLES:
        raise PhotoError(f"no sample photo called {name!r}; there are {', '.join(SAMPLES)}")
    package, file, credit = SAMPLES[name]
    spec = find_spec(package)
    if spec is None or spec.origin is None:
        raise PhotoError(f"sample photo {name!r} comes with {PACKAGES[package]}; install it")
    photo = open_photo(Path(spec.origin).parent / file)
    return replace(photo, credit=credit)
