"""A short fuzz run of every reader, and whether the long one (`make fuzz`) would see a fault."""

from __future__ import annotations

import os
import zlib
from pathlib import Path
from random import Random

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from showtell_lib.errors import DataError

pytest.importorskip("psutil", reason="needs psutil, which comes with JupyterLab")

from tests.examples import examples
from tests.fuzzing import __main__ as fuzzing
from tests.fuzzing import seeds, targets
from tests.fuzzing.edits import edited, png_with_checksums, tar_with_checksums
from tests.fuzzing.trials import CRASH, FINE, FOREIGN, HANG, READ, REFUSED, Reader, Trials

NEEDS = {"list of photos": "pyarrow", "request": "fastapi_offline"}
RANDOMS = st.randoms(use_true_random=False)


@pytest.mark.parametrize("name", targets.TARGETS)
def test_edited_files_are_read_or_refused(name: str) -> None:
    pytest.importorskip(NEEDS.get(name, "numpy"))
    target = targets.TARGETS[name]
    with Trials(target.make) as trials:
        # A reader that refuses our own files as well would be tried in vain.
        whole = [trials.outcome(seed.packed(seed.data)) for seed in target.seeds()]
        assert READ in {found.kind for found in whole}
        assert all(found.kind in FINE for found in whole), whole

        @settings(examples(40), suppress_health_check=list(HealthCheck))
        @given(RANDOMS)
        def are_read_or_refused(random: Random) -> None:
            found = trials.outcome(edited(random, target.seeds()))
            assert found.kind in FINE, found

        are_read_or_refused()


def faulty(_: Path) -> Reader:
    """A reader with every fault that there is."""

    def read(data: bytes) -> None:
        if data == b"refused":
            raise DataError("no")
        if data == b"foreign":
            raise KeyError("x")
        if data == b"crash":
            os._exit(3)
        while data == b"hang":
            pass

    return read


def test_every_fault_is_seen_and_the_next_input_is_tried() -> None:
    with Trials(faulty, seconds=0.5) as trials:
        for data, kind in (
            *((b"crash", CRASH), (b"refused", REFUSED), (b"hang", HANG), (b"fine", READ)),
            *((b"foreign", FOREIGN), (b"fine", READ)),
        ):
            assert trials.outcome(data).kind == kind


def test_a_run_counts_keeps_what_is_at_fault_and_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    target = targets.Target(lambda: (seeds.Seed(b"foreign"),), faulty, 1)
    monkeypatch.setattr(fuzzing, "TARGETS", {"faulty": target})
    monkeypatch.setattr(fuzzing, "edited", lambda random, seeds: seeds[0].data)
    monkeypatch.setattr("sys.argv", ["fuzzing", "--inputs", "3"])
    assert fuzzing.main() == 1
    out = capsys.readouterr().out.splitlines()
    assert out[-1].split() == ["together", "3", "0", "0", "3", "0", "0"]
    assert [path.read_bytes() for path in Path("fuzzing").iterdir()] == [b"foreign"] * 3


def test_every_format_that_is_opened_here_has_a_seed() -> None:
    from showtell_lib.photos.formats import known_formats

    assert set(seeds.SAVED) >= set(known_formats())
    written = {name for name in seeds.SAVED if seeds.saved_in(name)}
    assert written >= {"JPEG", "MPO", "PNG", "GIF", "BMP", "DIB", "WEBP", "TIFF", "PPM"}


def test_checksums_are_mended() -> None:
    """By the readers' own measure: what is not edited stays as it is."""
    for seed in seeds.photos():
        if seed.data.startswith(b"\x89PNG"):
            assert png_with_checksums(seed.data) == seed.data
            broken = bytearray(seed.data)
            broken[20] ^= 1
            mended = png_with_checksums(bytes(broken))
            assert zlib.crc32(mended[12:29]) == int.from_bytes(mended[29:33], "big")
    for seed in seeds.tars()[:3]:
        assert tar_with_checksums(seed.data) == seed.data


def test_an_input_comes_again_by_its_number() -> None:
    files = seeds.photos()
    one, other = (edited(Random("photo 0 7"), files) for _ in range(2))
    assert one == other
    assert len({edited(Random(n), files) for n in np.arange(100).tolist()}) > 90
