"""Exact search on the bundled model and real photos: it proves its answers, and nothing beats them.

The photos are Flickr8k's first 100 test photos; without them these tests skip.
"""

from __future__ import annotations

import tarfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from showtell_lib import search
from showtell_lib.captioner import Captioner

PHOTOS = 100
ROUNDING = 1e-4


@pytest.fixture(scope="module")
def states(
    captioner: Captioner, shared: Path, tmp_path_factory: pytest.TempPathFactory
) -> np.ndarray:
    """float32 [100, 2 * units]."""
    wanted = (shared / "flickr8k" / "test.txt").read_text().split()[:PHOTOS]
    folder = tmp_path_factory.mktemp("flickr8k")
    for path in sorted((shared / "flickr8k").glob("images-*.tar")):
        with tarfile.open(path) as archive:
            for member in archive.getmembers():
                if Path(member.name).name in wanted and (file := archive.extractfile(member)):
                    (folder / Path(member.name).name).write_bytes(file.read())
    return captioner.encode_many([folder / name for name in wanted])


@pytest.fixture(scope="module")
def oracle(captioner: Captioner, states: np.ndarray) -> list[search.ExactResult]:
    return [search.exact(captioner, state[np.newaxis]) for state in states]


def test_it_proves_its_answer(oracle: list[search.ExactResult]) -> None:
    assert sum(answer.proved for answer in oracle) >= 99


@pytest.mark.parametrize(
    "find",
    [
        search.greedy,
        search.beam,
        lambda model, state: search.beam(model, state, beam_width=20),
        lambda model, state: search.diverse_beam(model, state, beam_width=6, groups=3),
        lambda model, state: search.sample(model, state, captions=3, seed=1),
    ],
    ids=["greedy", "beam 3", "beam 20", "diverse beam", "sampling"],
)
def test_no_other_search_beats_it(
    find: Any, captioner: Captioner, states: np.ndarray, oracle: list[search.ExactResult]
) -> None:
    for state, answer in zip(states, oracle, strict=True):
        found = [c.log_prob for c in find(captioner, state[np.newaxis]).captions if c.finished]
        assert max(found, default=-np.inf) <= answer.best.log_prob + ROUNDING


def test_the_best_several(
    captioner: Captioner, states: np.ndarray, oracle: list[search.ExactResult]
) -> None:
    for state, best in zip(states[:10], oracle, strict=False):
        several = search.exact(captioner, state[np.newaxis], captions=3)
        wide = search.beam(captioner, state[np.newaxis], beam_width=50).captions[:3]
        assert several.proved
        assert several.best.token_ids == best.best.token_ids
        for exact, beam in zip(several.captions, wide, strict=True):
            assert exact.log_prob >= beam.log_prob - ROUNDING
