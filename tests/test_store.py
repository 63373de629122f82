"""Finding models by name and path, and saying what to do when there is none."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from showtell_lib.errors import ModelError
from showtell_lib.search import BeamSettings
from showtell_lib.store import find_model, models
from tests.tiny_graph import write_model


def test_the_bundled_model_is_here_and_small() -> None:
    assert [row.name for row in models()] == ["mini", "2m", "1m"]
    mini = models()[0].files
    assert mini is not None
    assert mini.graph.stat().st_size < 20e6
    assert len(mini.sha256) == 64


def test_a_folder_or_its_graph_name_the_same_model(tmp_path: Path) -> None:
    folder = write_model(tmp_path / "own")
    files = find_model(folder)
    assert files.graph == find_model(folder / "show-and-tell.pb").graph
    assert files.vocabulary == folder / "word_counts.txt"


def test_a_folder_with_one_graph_of_another_name_will_do(tmp_path: Path) -> None:
    folder = write_model(tmp_path)
    (folder / "show-and-tell.pb").rename(folder / "other.pb")
    assert find_model(folder).graph.name == "other.pb"
    shutil.copy(folder / "other.pb", folder / "third.pb")
    with pytest.raises(ModelError, match=r"several models \(other\.pb, third\.pb\)"):
        find_model(folder)


def test_a_changed_word_changes_the_hash(tmp_path: Path) -> None:
    before = find_model(write_model(tmp_path / "one")).sha256
    assert find_model(write_model(tmp_path / "same")).sha256 == before
    folder = write_model(tmp_path / "other")
    text = (folder / "word_counts.txt").read_text().replace("cat", "cow")
    (folder / "word_counts.txt").write_text(text)
    assert find_model(folder).sha256 != before


@pytest.mark.parametrize(
    ("name", "message"),
    [("mimi", "did you mean mini"), ("minni", "did you mean mini"), ("xyz", "known models are")],
)
def test_an_unknown_name_gets_suggestions(name: str, message: str) -> None:
    with pytest.raises(ModelError, match=message):
        find_model(name)


@pytest.mark.parametrize("missing", ["show-and-tell.pb", "word_counts.txt"])
def test_half_a_model_says_which_half_is_missing(tmp_path: Path, missing: str) -> None:
    folder = write_model(tmp_path)
    (folder / missing).unlink()
    with pytest.raises(ModelError, match=f"{missing} is missing"):
        find_model(folder)


def test_a_model_may_have_its_own_search_settings_and_any_other_has_the_published_ones(
    tmp_path: Path,
) -> None:
    mini, own = find_model("mini"), find_model(write_model(tmp_path))
    assert BeamSettings.of(mini) == BeamSettings(beam_width=5, length_penalty=1.0)
    assert BeamSettings.of(mini, 2, 0.0, 7) == BeamSettings(2, 0.0, 7)
    assert BeamSettings.of(own) == BeamSettings()
