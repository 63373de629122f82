"""The published algorithm, exactly: every answer of the published implementation on its graph."""

from __future__ import annotations

import functools
import json
from collections import defaultdict
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from showtell_lib import search
from showtell_lib.captioner import Captioner, load
from showtell_lib.cli import main

# One pair of captions (camera.jpg, beam width 20, penalty 0, ranks 9 and 10) is 4.8e-6 apart in
# the reference. Convolution kernels differ by more than that between processors: TensorFlow 1's
# own session swaps the two on another machine than the reference's.
DEAD_HEAT = 1e-5


@pytest.fixture(scope="module")
def reference(shared: Path) -> dict[str, Any]:
    document: dict[str, Any] = json.loads((shared / "full_size" / "reference.json").read_text())
    return document


@pytest.fixture(scope="module", params=["full_size_model", "converted_model"])
def captioner(request: pytest.FixtureRequest) -> Captioner:
    """The published graph, and the same weights converted from a checkpoint."""
    return load(request.getfixturevalue(request.param))


def by_settings(reference: dict[str, Any]) -> dict[tuple[int, float], list[dict[str, Any]]]:
    groups = defaultdict(list)
    for case in reference["cases"]:
        groups[case["beam_size"], case["length_normalization_factor"]].append(case)
    return groups


def assert_same(found: list[tuple[Any, float, float]], case: dict[str, Any]) -> None:
    """Same captions in the same order, but for captions that the reference has in a dead heat."""
    expected = {tuple(caption["ids"]): caption for caption in case["captions"]}
    assert {tuple(ids) for ids, _, _ in found} == expected.keys()
    for (ids, log_prob, score), in_place in zip(found, case["captions"], strict=True):
        caption = expected[tuple(ids)]
        assert log_prob == pytest.approx(caption["logprob"], abs=5e-3)
        assert score == pytest.approx(caption["score"], abs=5e-3)
        assert caption == in_place or abs(caption["score"] - in_place["score"]) < DEAD_HEAT


def test_initial_states(captioner: Captioner, reference: dict[str, Any], shared: Path) -> None:
    for name, expected in reference["initial_state"].items():
        state = captioner.encode(shared / "full_size" / "photos" / name)
        assert state.sum() == pytest.approx(expected["sum"], abs=0.05)
        np.testing.assert_allclose(state[0, :8], expected["first8"], atol=1e-3)


def test_beam_search(captioner: Captioner, reference: dict[str, Any], shared: Path) -> None:
    assert len(reference["cases"]) == 32
    folder = shared / "full_size" / "photos"
    states = {name: captioner.encode(folder / name) for name in reference["initial_state"]}
    for case in reference["cases"]:
        captions = search.beam(
            captioner,
            states[case["image"]],
            beam_width=case["beam_size"],
            length_penalty=case["length_normalization_factor"],
            max_length=reference["max_caption_length"],
        ).captions
        assert_same([(c.token_ids, c.log_prob, c.score) for c in captions], case)
        for caption in captions:
            assert caption.finished == (caption.token_ids[-1] == reference["end_id"])


def test_command_line(
    full_size_model: Path,
    reference: dict[str, Any],
    shared: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    # The command loads the model of the first settings, and has it still for the others.
    monkeypatch.setattr("showtell_lib.captioner.Captioner", functools.cache(Captioner))
    for (beam_width, length_penalty), cases in by_settings(reference).items():
        photos = [str(shared / "full_size" / "photos" / case["image"]) for case in cases]
        settings = ["--beam-width", str(beam_width), "--length-penalty", str(length_penalty)]
        assert main(["caption", *photos, "--model", str(full_size_model), *settings, "--json"]) == 0
        printed = json.loads(capsys.readouterr().out)["photos"]
        for result, case in zip(printed, cases, strict=True):
            captions = result["captions"]
            assert_same([(c["token_ids"], c["log_prob"], c["score"]) for c in captions], case)
