"""How the tests are run, and the fixtures that they share.

Each worker has session fixtures of its own; a folder that takes long to fill is made by one worker
for all of them (`workers.made_once`).
"""

from __future__ import annotations

import functools
import gc
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import settings

from tests import web_server, workers
from tests.examples import QUICK, THOROUGH

# TensorFlow is imported by the workers alone: what hands out the tests to them needs none.
if TYPE_CHECKING:
    from showtell_lib.captioner import Captioner
    from showtell_lib.store import ModelFiles

REPOSITORY = Path(__file__).parents[1]

# Ray makes way for every other process; beside a second worker of tests its own would stand still.
os.environ.setdefault("RAY_worker_niceness", "0")

# A quick run tries the same examples everywhere, so that nobody meets a failure that the last
# change did not cause; the weekly thorough run seeks new ones.
settings.register_profile("quick", max_examples=QUICK, deadline=None, derandomize=True)
settings.register_profile("thorough", max_examples=THOROUGH, deadline=None, derandomize=False)
settings.load_profile("quick")


# The tests and what they import live to the end: looking through them for garbage, again and again,
# takes a tenth of the processor's time and finds none.
def pytest_sessionstart() -> None:
    gc.disable()


def pytest_collection_finish() -> None:
    gc.enable()
    gc.freeze()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    workers.longest_first(items)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> workers.FilesTogether:
    return workers.FilesTogether(config, log)


@pytest.fixture(scope="session", autouse=True)
def _bundled_model_once() -> Iterator[None]:
    """Whatever loads the bundled model in a worker shares one, with its compiled searches.

    So a command that is tried in this process pays neither again. That it loads the model by
    itself is seen where it runs in a process of its own, and with every other model.
    """
    from showtell_lib.captioner import Captioner
    from showtell_lib.store import bundled_folder

    bundled, load = bundled_folder(), Captioner.__init__

    @functools.cache
    def loaded(files: ModelFiles, precision: str) -> dict[str, Any]:
        first = object.__new__(Captioner)
        load(first, files, precision)
        return vars(first)

    def load_once(self: Captioner, files: ModelFiles, precision: str = "float32") -> None:
        if files.graph.is_relative_to(bundled):
            self.__dict__ = loaded(files, precision)
        else:
            load(self, files, precision)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Captioner, "__init__", load_once)
        yield


@pytest.fixture(scope="session")
def captioner() -> Captioner:
    """The bundled model."""
    from showtell_lib.captioner import load

    return load()


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of training data beside the repository; tests that need it skip without it."""
    folder = REPOSITORY.parent / "shared"
    if not folder.is_dir():
        pytest.skip("needs the project's training data in ../shared, which is not here")
    return folder


@pytest.fixture(scope="session")
def full_size_model(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the full-size graph of random weights and its vocabulary (149 MB)."""
    source = shared / "full_size"

    def make(folder: Path) -> None:
        command = [sys.executable, source / "make_full_size_graph.py", folder / "show-and-tell.pb"]
        subprocess.run([str(part) for part in command], check=True, capture_output=True)
        shutil.copy(source / "word_counts.txt", folder)

    return workers.made_once(workers.among_all(tmp_path_factory) / "full_size", make)


@pytest.fixture(scope="session")
def full_size_checkpoint(full_size_model: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The full-size graph's weights as a TensorFlow 1 checkpoint."""
    from tests.checkpoint_writer import variables_of, write_checkpoint

    name = "model.ckpt-1000000"
    graph = full_size_model / "show-and-tell.pb"
    made = workers.made_once(
        workers.among_all(tmp_path_factory) / "checkpoint",
        lambda folder: write_checkpoint(variables_of(graph), folder / name),
    )
    return made / name


@pytest.fixture(scope="session")
def converted_model(
    full_size_checkpoint: Path, full_size_model: Path, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """A folder with that checkpoint, converted back."""
    from showtell_lib.pretrained.checkpoints import convert_checkpoint

    words = full_size_model / "word_counts.txt"
    return workers.made_once(
        workers.among_all(tmp_path_factory) / "converted",
        lambda out: convert_checkpoint(full_size_checkpoint, words, out),
    )


@pytest.fixture
def server() -> Iterator[web_server.Server]:
    """A web server on this machine that misbehaves when it is told to."""
    with web_server.running() as running:
        yield running
