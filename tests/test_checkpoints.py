"""Converting im2txt checkpoints: the full-size graph, written as one, comes back the same."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from showtell_lib.cli import main
from showtell_lib.errors import ModelError
from showtell_lib.pretrained import checkpoints
from showtell_lib.pretrained.checkpoints import convert_checkpoint
from showtell_lib.quiet import import_tensorflow
from tests.checkpoint_writer import variables_of, write_checkpoint
from tests.tiny_checkpoint import convert_tiny_ones, tiny_checkpoint
from tests.tiny_graph import write_model

CELL = "lstm/basic_lstm_cell"
Variables = dict[str, np.ndarray]


@pytest.fixture(scope="module")
def full_size_variables(full_size_model: Path) -> Variables:
    """The full-size graph's weights by the names of a checkpoint."""
    return variables_of(full_size_model / "show-and-tell.pb")


def test_it_has_the_variables_that_the_published_one_lists(
    full_size_checkpoint: Path, shared: Path, tmp_path: Path
) -> None:
    name = "model.ckpt-1000000"
    shutil.copy(shared / "full_size" / f"{name}.index", tmp_path)
    tf = import_tensorflow()
    published = dict(tf.train.list_variables(str(tmp_path / name)))
    written = dict(tf.train.list_variables(str(full_size_checkpoint)))
    assert len(published) == 383
    assert written == published


def test_every_convolution_is_named_once() -> None:
    assert len(checkpoints.CONVOLUTIONS) == len(set(checkpoints.CONVOLUTIONS)) == 94


@pytest.mark.parametrize(
    "older",
    [
        {f"{CELL}/kernel": f"{CELL}/weights", f"{CELL}/bias": f"{CELL}/biases"},
        {
            f"{CELL}/kernel": "lstm/BasicLSTMCell/Linear/Matrix",
            f"{CELL}/bias": "lstm/BasicLSTMCell/Linear/Bias",
        },
    ],
)
def test_older_names_convert_to_the_same(
    older: dict[str, str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Only the LSTM has had other names, so a tiny encoder will do."""
    convert_tiny_ones(monkeypatch)
    words = write_model(tmp_path / "tiny") / "word_counts.txt"
    converted = []
    for names in ({}, older):
        prefix = tiny_checkpoint(tmp_path / "checkpoint" / "model.ckpt-7", names)
        assert main(["convert", f"{prefix}.index", str(words), str(tmp_path / "out")]) == 0
        assert "showtell caption PHOTO --model" in capsys.readouterr().out
        converted.append({path.name: path.read_bytes() for path in (tmp_path / "out").iterdir()})
    assert converted[0] == converted[1]
    assert converted[0].keys() == {"show-and-tell.pb", "word_counts.txt"}


def _without(name: str) -> Callable[[Variables], None]:
    def remove(values: Variables) -> None:
        del values[name]

    return remove


def _resize(name: str) -> Callable[[Variables], None]:
    def resize(values: Variables) -> None:
        values[name] = values[name][:1]

    return resize


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (_without(f"{CELL}/kernel"), "no variable lstm/basic_lstm_cell/kernel or .*Linear/Matrix"),
        (_without("InceptionV3/Mixed_6c/Branch_1/Conv2d_0b_1x7/weights"), "Mixed_6c/Branch_1"),
        (_resize("InceptionV3/Conv2d_2b_3x3/weights"), r"shape \(1, 3, 32, 64\), but .*\(3, 3"),
    ],
)
def test_another_network_is_told_apart(
    damage: Callable[[Variables], None],
    message: str,
    full_size_variables: Variables,
    converted_model: Path,
    tmp_path: Path,
) -> None:
    values = dict(full_size_variables)
    damage(values)
    prefix = write_checkpoint(values, tmp_path / "model.ckpt-7")
    with pytest.raises(ModelError, match=message):
        convert_checkpoint(prefix, converted_model / "word_counts.txt", tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_flipped_byte_is_noticed(
    full_size_checkpoint: Path, converted_model: Path, tmp_path: Path
) -> None:
    for path in full_size_checkpoint.parent.glob(f"{full_size_checkpoint.name}.*"):
        shutil.copy(path, tmp_path)
    data = next(tmp_path.glob("*.data-*"))
    with data.open("r+b") as file:
        file.seek(-1000, os.SEEK_END)  # In the word embedding, which is read first of all.
        byte = file.read(1)
        file.seek(-1, 1)
        file.write(bytes([byte[0] ^ 1]))
    prefix = tmp_path / full_size_checkpoint.name
    with pytest.raises(ModelError, match=r"is damaged \(.*get the checkpoint again"):
        convert_checkpoint(prefix, converted_model / "word_counts.txt", tmp_path / "out")


def test_no_checkpoint_at_all(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "word_counts.txt").write_text("<S> 1\n</S> 1\n")
    arguments = [str(tmp_path / "model.ckpt"), str(tmp_path / "word_counts.txt"), str(tmp_path)]
    assert main(["convert", *arguments]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert "cannot read this checkpoint" in line
