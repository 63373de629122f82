"""The tests in several processes: which files are begun first, and what is made for all of them."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path, PurePosixPath

import pytest
from filelock import FileLock
from xdist.scheduler import LoadFileScheduling

# Files that one worker runs, one after the other, so that no two of them have their memory at once.
TOGETHER = {
    # Chromium, JupyterLab and a service; then Ray.
    "many processes": (
        "test_accessibility.py",
        "test_site.py",
        "test_widgets_in_jupyterlab.py",
        "test_notebooks_in_jupyterlab.py",
        "test_serve_page.py",
        "test_batch.py",
        "test_batch_s3.py",
        "11_a_million_photos.ipynb",
    ),
    # The full-size model, which the worker makes and loads; nobody waits for it meanwhile.
    "full size": (
        "test_reference.py",
        "test_embeddings.py",
        "test_checkpoints.py",
        "test_downloads.py",
        "test_compiled.py",
        "test_lstm.py",
    ),
}
# By the seconds of processor time that each takes, the most first.
LONGEST_FIRST = (
    *TOGETHER["many processes"],
    *TOGETHER["full size"],
    "09_train_your_own.ipynb",
    "12_look_again.ipynb",
    "test_training.py",
    "test_oracle.py",
    "test_serve.py",
    "test_serve_hostile.py",
    "05_beam_search.ipynb",
    "02_from_pixels_to_an_embedding.ipynb",
    "06_greedy_against_beam.ipynb",
    "test_start.py",
    "test_cli_outside.py",
    "10_serve_captions.ipynb",
    "test_claims.py",
    "test_serve_traces.py",
    "test_plots_trees.py",
    "03_step_the_lstm.ipynb",
    "test_fuzzing.py",
    "test_widgets_faces.py",
    "04_greedy_decoding_and_sampling.ipynb",
    "test_plots.py",
    "test_reports.py",
    "07_your_own_photos.ipynb",
    "08_measure_captions.ipynb",
    "test_publish.py",
    "00_caption_a_photo.ipynb",
    "01_download_the_model.ipynb",
)


class FilesTogether(LoadFileScheduling):
    """Gives a worker a file at a time, and the files of a group to the same worker."""

    def _split_scope(self, nodeid: str) -> str:
        file = str(super()._split_scope(nodeid))
        name = PurePosixPath(file).name
        return next((group for group, names in TOGETHER.items() if name in names), file)


def longest_first(items: list[pytest.Item]) -> None:
    """Puts the tests of the longest files first, so that no worker is left with one at the end."""
    place = {name: number for number, name in enumerate(LONGEST_FIRST)}
    items.sort(key=lambda item: place.get(item.path.name, len(place)))


def among_all(factory: pytest.TempPathFactory) -> Path:
    """The temporary folder of this run of the tests, the same one in every worker."""
    folder = factory.getbasetemp()
    return folder.parent if "PYTEST_XDIST_WORKER" in os.environ else folder


def made_once(folder: Path, make: Callable[[Path], object]) -> Path:
    """A folder that the first worker to ask makes, while the others wait; none may change it.

    Args:
        folder: where it will be.
        make: fills a folder with what is to be in it.
    """
    unfinished = folder.with_suffix(".unfinished")
    with FileLock(folder.with_suffix(".lock")):
        if not folder.is_dir():
            shutil.rmtree(unfinished, ignore_errors=True)
            unfinished.mkdir()
            make(unfinished)
            unfinished.rename(folder)
    return folder
