"""The encoder in bfloat16: near float32's, and nothing else is changed by it."""

from __future__ import annotations

import numpy as np
import pytest

import showtell_lib as st
from showtell_lib.cli import main
from showtell_lib.errors import SettingsError
from showtell_lib.graph.precision import bfloat16_limit, check_precision

needs_bfloat16 = pytest.mark.skipif(
    bool(bfloat16_limit()), reason=f"needs bfloat16: {bfloat16_limit()} keeps oneDNN from it"
)
TRAIN = ["--photos", "photos", "--captions", "captions.csv", "--out", "nowhere"]
SAMPLES = ("chelsea", "coffee", "flower")


@pytest.fixture(scope="module")
def photos() -> list[st.Photo]:
    return [st.sample_photo(name) for name in SAMPLES]


@pytest.fixture(scope="module")
def fast() -> st.Captioner:
    return st.load(precision="bfloat16")


@needs_bfloat16
def test_states_are_near_and_float32_stays_what_it_was(
    captioner: st.Captioner, fast: st.Captioner, photos: list[st.Photo]
) -> None:
    """On a processor without bfloat16 TensorFlow may compute in float32 all the same."""
    before = captioner.encode_many(photos)
    near = fast.encode_many(photos)
    for one, other in zip(before, near, strict=True):
        cosine = one @ other / np.linalg.norm(one) / np.linalg.norm(other)
        assert cosine > 0.9
    np.testing.assert_array_equal(captioner.encode_many(photos), before)


@needs_bfloat16
def test_every_way_of_captioning_encodes_alike(fast: st.Captioner, photos: list[st.Photo]) -> None:
    single = [captions[0].text for captions in fast.caption_batch(photos)]
    stream = fast.caption_many(photos, progress=False)
    assert [result.captions[0].text for result in stream] == single
    settings = {"beam_width": fast.files.beam_width, "length_penalty": fast.files.length_penalty}
    assert st.search.beam(fast, fast.encode(photos[0]), **settings).best.text == single[0]


def test_an_unknown_precision_is_refused_before_anything_is_loaded(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with pytest.raises(SettingsError, match="precision must be float32 or bfloat16, not 'float8'"):
        st.load(precision="float8")
    arguments = ["evaluate", "--on", "scenes", "--limit", "1", "--precision", "float8"]
    assert main(arguments) == 2
    assert capsys.readouterr().err.count("\n") == 1


@pytest.mark.parametrize("limit", ["ONEDNN_MAX_CPU_ISA", "DNNL_MAX_CPU_ISA"])
def test_where_onednn_is_kept_from_it_it_is_refused(
    limit: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """TensorFlow itself would end with a segmentation fault."""
    for name in ("TF_ENABLE_ONEDNN_OPTS", "ONEDNN_MAX_CPU_ISA", "DNNL_MAX_CPU_ISA"):
        monkeypatch.delenv(name, raising=False)
    for told in ("AVX2", "avx2_vnni", "SSE41"):
        monkeypatch.setenv(limit, told)
        with pytest.raises(SettingsError, match=f"no precision bfloat16 with {limit}="):
            check_precision("bfloat16")
    assert main(["train", *TRAIN, "--precision", "bfloat16"]) == 2
    assert f"{limit}=SSE41" in capsys.readouterr().err
    monkeypatch.setenv(limit, "AVX512_CORE")
    check_precision("bfloat16")
