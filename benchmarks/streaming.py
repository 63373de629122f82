"""Captioning 10 to 2,000 photos as a stream: time per photo and peak memory against their number.

Each number runs in a process of its own, on JPEG files of drawn scenes, twice over where there are
more photos than drawings.

    python benchmarks/streaming.py

Writes `benchmarks/results/streaming.json` and `.png`.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from itertools import cycle, islice
from pathlib import Path
from typing import Any

import showtell_lib as st
from showtell_lib.plots import Picture, style

RESULTS = Path(__file__).parent / "results"
COUNTS = (10, 30, 100, 300, 1000, 2000)
DRAWINGS = 200
# The first photos pay for tracing the functions; they are not counted.
STREAM = """
import sys, time
import showtell_lib as st
photos = sys.argv[1:]
captioner = st.load()
list(captioner.caption_many(photos[:32], beam_width=3, progress=False))
start = time.perf_counter()
found = sum(bool(r.captions) for r in captioner.caption_many(photos, beam_width=3, progress=False))
assert found == len(photos)
print((time.perf_counter() - start) / found)
"""


def measured(photos: list[str]) -> dict[str, float]:
    """Seconds per photo and peak memory of one process that captions these photos."""
    process = subprocess.Popen(
        [sys.executable, "-c", STREAM, *photos], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )
    assert process.stdout
    said = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    if status:
        raise SystemExit("the stream failed")
    return {
        "milliseconds_per_photo": 1000 * float(said),
        "peak_gigabytes": usage.ru_maxrss / 1e6,
    }


def main() -> None:
    """Measures, prints and writes the results."""
    with tempfile.TemporaryDirectory() as folder:
        paths = [str(Path(folder) / f"{seed}.jpg") for seed in range(DRAWINGS)]
        for seed, path in enumerate(paths):
            st.Scene.random(seed).draw().save(path, quality=90)
        found = {count: measured(list(islice(cycle(paths), count))) for count in COUNTS}
    text = json.dumps({"beam_width": 3, "by_number_of_photos": found}, indent=2)
    (RESULTS / "streaming.json").write_text(text + "\n", encoding="utf-8")
    picture(found).save(RESULTS / "streaming.png")
    for count, row in found.items():
        print(count, *(f"{name} {value:.2f}" for name, value in row.items()))


def picture(found: dict[int, dict[str, Any]]) -> Picture:
    """Time per photo and peak memory, over the number of photos."""
    import matplotlib

    units = {"milliseconds_per_photo": "ms per photo", "peak_gigabytes": "peak memory, GB"}
    with matplotlib.rc_context(style.SETTINGS):
        figure = style.new_figure(2.8)
        for number, (name, label) in enumerate(units.items(), start=1):
            axes = figure.add_subplot(1, 2, number)
            axes.plot(list(found), [row[name] for row in found.values()], marker="o")
            axes.set_xscale("log")
            axes.set_ylim(bottom=0)
            axes.set_xlabel("photos")
            axes.set_ylabel(label)
    last = max(found)
    alt = "Two lines over the number of photos. " + " ".join(
        f"{label}: {found[min(found)][name]:.2g} with {min(found)} photos, "
        f"{found[last][name]:.2g} with {last:,}."
        for name, label in units.items()
    )
    return Picture(figure, alt)


if __name__ == "__main__":
    main()
