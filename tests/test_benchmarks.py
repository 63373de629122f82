"""The benchmarks' baseline gives the answers it is compared by; their tables say what they hold."""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import numpy as np
import pytest

from showtell_lib import search
from showtell_lib.captioner import Captioner
from showtell_lib.photos import sample_photo
from showtell_lib.scenes import Scene
from tests import notebook_source

quotes = notebook_source.load("same_text").quotes

FOLDER = Path(__file__).parents[1] / "benchmarks"


def module(name: str, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(str(FOLDER))
    spec = importlib.util.spec_from_file_location(name, FOLDER / f"{name}.py")
    assert spec
    assert spec.loader
    loaded = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, name, loaded)
    spec.loader.exec_module(loaded)
    return loaded


@pytest.mark.parametrize("beam_width", [1, 3, 5])
def test_the_published_way_gives_the_same_captions(
    beam_width: int, captioner: Captioner, monkeypatch: pytest.MonkeyPatch
) -> None:
    published = module("published", monkeypatch)
    for photo in (sample_photo("chelsea"), Scene.random(3).draw(), Scene.random(4).draw()):
        state = captioner.encode(photo)
        found = published.published_beam(captioner, state, beam_width)
        expected = search.beam(captioner, state, beam_width=beam_width).captions
        assert [tuple(tokens) for tokens, _ in found] == [c.token_ids for c in expected]
        np.testing.assert_allclose(
            [total for _, total in found], [c.log_prob for c in expected], atol=1e-4
        )


def test_ratios_are_against_the_same_beam_width(monkeypatch: pytest.MonkeyPatch) -> None:
    speed = module("speed", monkeypatch)
    seconds = {
        "published, beam 3, 1 photos": 0.3,
        "published search alone, beam 3, 1 photos": 0.2,
        "readable, beam 3, 1 photos": 0.15,
        "compiled, beam 3, 32 photos": 0.05,
        "compiled search alone, beam 3, 32 photos": 0.01,
    }
    found = speed.ratios(seconds)
    assert found == pytest.approx(
        {
            "readable, beam 3, 1 photos": 2,
            "compiled, beam 3, 32 photos": 6,
            "compiled search alone, beam 3, 32 photos": 20,
        }
    )
    assert speed.photos_in("compiled, beam 3, 32 photos") == 32
    calls = {"a, 1 photos": list, "b, 2 photos": dict}
    assert speed.measure(calls, 2).keys() == calls.keys()


def test_the_table_names_every_contestant(monkeypatch: pytest.MonkeyPatch) -> None:
    speed = module("speed", monkeypatch)
    times = {
        f"compiled, beam {width}, {count} photos": 1.0
        for width in speed.WIDTHS
        for count in speed.COUNTS
    }
    ratios = {name: 2.0 + number for number, name in enumerate(times)}
    document = {"model": "mini", "milliseconds_per_photo": times, "ratios": ratios}
    table = speed.as_table(document)
    assert all(f"| {name} | 1.0 | {ratios[name]:.1f} |" in table for name in times)
    assert "13.0" in speed.picture(document).alt


def test_stated_times_are_not_exceeded(monkeypatch: pytest.MonkeyPatch) -> None:
    """By the last measurement; `notebooks.py --check` measures anew, every week."""
    notebooks = module("notebooks", monkeypatch)
    found = json.loads(notebooks.RESULTS.read_text(encoding="utf-8"))
    for page in notebooks.STATED:
        text = page.read_text(encoding="utf-8")
        assert notebooks.exceeded(text, found) == [], page.name
        assert quotes(text, notebooks.as_table(found)), "run `make bench`"


def test_an_exceeded_or_missing_time_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    notebooks = module("notebooks", monkeypatch)
    found = {name: {"seconds": 30.0, "gigabytes": 1.0} for name in ("05_beam", "06_greedy")}
    text = f"<!-- measured notebooks -->\n{notebooks.as_table(found)}<!-- end -->"
    assert notebooks.exceeded(text, found) == []
    found["05_beam"]["seconds"] = 59.0
    found["07_own"] = {"seconds": 1.0, "gigabytes": 1.0}
    assert notebooks.exceeded(text, found) == ["07_own: no time is stated"]
    found["05_beam"]["seconds"] = 61.0
    assert notebooks.exceeded(text, found)[0] == "05_beam: 61 s, but 30 s are stated"


def test_memory_is_that_of_all_processes_together(monkeypatch: pytest.MonkeyPatch) -> None:
    notebooks = module("notebooks", monkeypatch)
    hold = "held = b'x' * 60_000_000; import time; time.sleep(3)"
    parent = (
        f"import subprocess, sys; run = lambda: subprocess.Popen([sys.executable, '-c', {hold!r}])"
    )
    with subprocess.Popen(
        [sys.executable, "-c", f"{parent}; [p.wait() for p in (run(), run())]"]
    ) as p:
        peak = notebooks.peak_gigabytes(p)
    assert p.returncode == 0
    assert 0.12 < peak < 0.3  # Two hold 0.06 GB each, and the three Pythons some more.


def test_the_floor_is_arithmetic_and_reading(monkeypatch: pytest.MonkeyPatch) -> None:
    speed = module("speed", monkeypatch)
    seconds = {
        speed.PRODUCT: 2 * speed.SIDE**3 * speed.PRODUCTS / 1e9,  # A GFLOP a second.
        speed.COPY: 8 * speed.NUMBERS * speed.COPIES / 1e9,  # A GB a second.
        speed.AGAINST_FLOOR: 32 * 24.0,
        "encoder alone, 32 photos": 32 * 20.0,
    }
    weights = {speed.DECODER[0]: np.zeros((1000, 200)), speed.DECODER[1]: np.zeros((1000, 300))}
    captioner = SimpleNamespace(
        pixels=lambda photo: np.zeros((1, speed.FULL_SIZE_PIXELS, 1, 3)),
        numpy_decoder=SimpleNamespace(weights=weights),
        caption_states=lambda states, settings: [
            [SimpleNamespace(token_ids=range(12)), SimpleNamespace(token_ids=range(5))]
        ],
    )
    found = speed.floor(captioner, np.zeros((32, 2)), seconds)
    assert found["encoder_milliseconds"] == pytest.approx(1000 * speed.FULL_SIZE_GFLOP)
    # Eleven steps read half a million numbers; of each photo 31 hypotheses are multiplied by them.
    assert found["decoder_reading_milliseconds"] == pytest.approx(11 * 2 / 32)
    assert found["decoder_arithmetic_milliseconds"] == pytest.approx(31 * 1.0)
    assert found["times_floor"] == pytest.approx(24 / (11.4 + 0.022 / 32))
    assert found["times_arithmetic_floor"] == pytest.approx(24 / (11.4 + 0.031))
    assert found["times_encoder_alone"] == pytest.approx(1.2)


def results(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((FOLDER / "results" / f"{name}.json").read_text())
    return found


def test_the_readme_quotes_the_search() -> None:
    readme = (FOLDER.parent / "README.md").read_text(encoding="utf-8")
    large, mini = results("speed_full_size"), results("speed_mini")
    rows = {
        "beam width 3, one photo": "compiled, beam 3, 1 photos",
        "beam width 3, 32 photos": "compiled, beam 3, 32 photos",
        "beam width 20, one photo": "compiled, beam 20, 1 photos",
        "beam width 20, 32 photos": "compiled, beam 20, 32 photos",
        "the search alone, beam width 3, 32 photos": "compiled search alone, beam 3, 32 photos",
    }
    for row, name in rows.items():
        assert quotes(
            readme, f"| {row} | {large['ratios'][name]:.1f} | {mini['ratios'][name]:.1f} |"
        )
    times = [found["milliseconds_per_photo"] for found in (large, mini)]
    whole, small = (found["compiled, beam 3, 32 photos"] for found in times)
    assert quotes(readme, f"{whole:.0f} ms a photo with the full-size graph")
    assert quotes(
        readme, f"{large['floor']['times_arithmetic_floor']:.2f} times what its arithmetic"
    )
    assert quotes(readme, f"{small:.1f} ms with `mini`")
    half = [found["bfloat16, beam 3, 32 photos"] for found in times]
    assert quotes(readme, f"{half[0]:.0f} and {half[1]:.1f} ms; it changes captions")


def test_the_readme_quotes_start_stream_and_service() -> None:
    readme = (FOLDER.parent / "README.md").read_text(encoding="utf-8")
    best = results("cold_start_full_size")["best"]
    ours, theirs = best["first caption, in Python"], best["the published way"]
    assert quotes(readme, f"{ours['seconds']:.1f} s and {ours['gigabytes']:.1f} GB of memory")
    assert quotes(
        readme, f"the published way {theirs['seconds']:.1f} s and {theirs['gigabytes']:.1f} GB"
    )
    streams = results("streaming")["by_number_of_photos"]
    peaks = {f"{streams[count]['peak_gigabytes']:.1f} GB" for count in ("300", "2000")}
    (peak,) = peaks
    assert quotes(readme, f"A stream of 2,000 photos takes {peak}, as one of 300 does")
    service = results("serving")
    assert service["failed_or_wrong"] == 0
    assert quotes(readme, f"with {service['times_one_at_a_time']:.1f} times as many captions")
