"""Fixtures shared by all tests."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import web_server

REPOSITORY = Path(__file__).parents[1]


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
    folder = tmp_path_factory.mktemp("full_size")
    command = [sys.executable, source / "make_full_size_graph.py", folder / "show-and-tell.pb"]
    subprocess.run([str(part) for part in command], check=True, capture_output=True)
    shutil.copy(source / "word_counts.txt", folder)
    return folder


@pytest.fixture
def server() -> Iterator[web_server.Server]:
    """A web server on this machine that misbehaves when it is told to."""
    with web_server.running() as running:
        yield running
