"""How fast captions come, as ratios against the published way of searching, in one run.

    python benchmarks/speed.py                         the bundled model
    python benchmarks/speed.py --model path/to/model   a full-size one

Every contestant gets the same photos in turn, round after round, and so do two probes of what the
machine can do at all; the figures are medians over the rounds. Writes
`benchmarks/results/speed_NAME.json`, `.md` and `.png`.
"""

from __future__ import annotations

import argparse
import json
import statistics
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from published import published_beam

import showtell_lib as st
from showtell_lib.plots import Picture, style

RESULTS = Path(__file__).parent / "results"
COUNTS, WIDTHS = (1, 8, 32), (1, 3, 5, 20)
# What the encoder of the full-size models computes for one photo.
FULL_SIZE_GFLOP, FULL_SIZE_PIXELS = 11.4, 299
ROUNDS = 5
PRODUCT, COPY = "matrix product", "copy in memory"
# Sides of the matrices; how many products a round; numbers copied; how often.
SIDE, PRODUCTS, NUMBERS, COPIES = 2048, 20, 64_000_000, 5
# What is held against the floor, and the decoder's large matrices.
BEAM_WIDTH = 3
AGAINST_FLOOR = f"compiled, beam {BEAM_WIDTH}, 32 photos"
DECODER = ("lstm/basic_lstm_cell/kernel", "logits/weights")

Contestants = dict[str, Callable[[], Any]]


def main() -> None:
    """Measures, prints the table and writes the results."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", default="mini")
    parser.add_argument("--name", help="for the files of results")
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    args = parser.parse_args()
    captioner = st.load(args.model)
    photos = [st.open_photo(st.Scene.random(seed).draw()) for seed in range(max(COUNTS))]
    states = captioner.encode_many(photos)
    functions = contestants(captioner, photos, states) | in_bfloat16(args.model, photos)
    seconds = measure(functions | probes(), args.rounds)
    times = {name: seconds[name] / photos_in(name) for name in functions}
    document = {
        "model": captioner.files.name if args.model == "mini" else (args.name or "own"),
        "rounds": args.rounds,
        "milliseconds_per_photo": {name: 1000 * value for name, value in times.items()},
        "ratios": ratios(times),
        "floor": floor(captioner, states, seconds),
    }
    write(document, args.name or Path(args.model).stem)


def contestants(captioner: Any, photos: list[Any], states: np.ndarray) -> Contestants:
    """What is measured: a name that says how many photos it captions, and a function."""
    found: Contestants = {}
    for width in WIDTHS:
        found |= of_one_photo(captioner, photos[0], states[:1], width)
        for count in COUNTS:
            settings = {"beam_width": width, "length_penalty": 0.0}
            some, encoded = photos[:count], states[:count]
            found[f"compiled, beam {width}, {count} photos"] = lambda p=some, s=settings: (
                captioner.caption_batch(p, **s)
            )
            found[f"compiled search alone, beam {width}, {count} photos"] = (
                lambda e=encoded, s=settings: captioner.caption_states(
                    e, st.search.BeamSettings(**s)
                )
            )
    found["encoder alone, 1 photos"] = lambda: captioner.encode_many(photos[:1])
    found["encoder alone, 32 photos"] = lambda: captioner.encode_many(photos)
    return found


def in_bfloat16(model: str, photos: list[Any]) -> Contestants:
    """The encoder in half the precision."""
    captioner = st.load(model, precision="bfloat16")
    settings = {"beam_width": BEAM_WIDTH, "length_penalty": 0.0}
    return {
        "bfloat16, beam 3, 32 photos": lambda: captioner.caption_batch(photos, **settings),
        "bfloat16, encoder alone, 32 photos": lambda: captioner.encode_many(photos),
    }


def probes() -> Contestants:
    """What the machine can do at best: multiply, and move numbers."""
    import tensorflow as tf

    matrix = tf.random.normal([SIDE, SIDE])
    block = np.ones(NUMBERS, np.float32)
    copied = block.copy()

    def multiply() -> None:
        for _ in range(PRODUCTS):
            product = tf.matmul(matrix, matrix)
        product[0, 0].numpy()

    return {PRODUCT: multiply, COPY: lambda: [np.copyto(copied, block) for _ in range(COPIES)]}


def of_one_photo(captioner: Any, photo: Any, state: np.ndarray, width: int) -> Contestants:
    """The published way and the readable search."""
    return {
        f"published, beam {width}, 1 photos": lambda: published_beam(
            captioner, captioner.encode(photo), width
        ),
        f"published search alone, beam {width}, 1 photos": lambda: published_beam(
            captioner, state, width
        ),
        f"readable, beam {width}, 1 photos": lambda: st.search.beam(
            captioner, captioner.encode(photo), beam_width=width
        ),
    }


def measure(functions: Contestants, rounds: int) -> dict[str, float]:
    """Median seconds of a call, each function once a round, after one round that is not counted."""
    times: dict[str, list[float]] = {name: [] for name in functions}
    for number in range(rounds + 1):
        for name, function in functions.items():
            started = time.perf_counter()
            function()
            if number:
                times[name].append(time.perf_counter() - started)
    return {name: statistics.median(values) for name, values in times.items()}


def photos_in(name: str) -> int:
    """How many photos a contestant captions."""
    return int(name.split()[-2])


def ratios(seconds: dict[str, float]) -> dict[str, float]:
    """How many times faster than the published way each is, with the same beam width."""
    found = {}
    for name, value in seconds.items():
        what, _, rest = name.partition(", ")
        if what.startswith(("compiled", "readable")):
            baseline = what.replace("compiled", "published").replace("readable", "published")
            width = rest.partition(",")[0]
            found[name] = seconds[f"{baseline}, {width}, 1 photos"] / value
    return found


def floor(captioner: Any, states: np.ndarray, seconds: dict[str, float]) -> dict[str, float]:
    """What this machine's arithmetic and memory allow at best, and how near to it we are.

    `times_floor` is against the encoder's arithmetic at the rate of large matrix products, and the
    decoder's weights read from memory once a step for the whole batch. Many hypotheses at once
    keep the decoder busy with arithmetic rather than with reading: `times_arithmetic_floor` is
    against the arithmetic of both.
    """
    rate = 2 * SIDE**3 * PRODUCTS / seconds[PRODUCT]
    bandwidth = 2 * 4 * NUMBERS * COPIES / seconds[COPY]
    count = photos_in(AGAINST_FLOOR)
    measured = seconds[AGAINST_FLOOR] / count
    found = {
        "gflop_per_second": rate / 1e9,
        "gigabytes_per_second": bandwidth / 1e9,
        "times_encoder_alone": measured * count / seconds[f"encoder alone, {count} photos"],
    }
    if captioner.pixels(st.sample_photo("chelsea")).shape[1] == FULL_SIZE_PIXELS:
        weights = captioner.numpy_decoder.weights
        numbers = sum(weights[name].size for name in DECODER)
        steps = longest(captioner, states[:count]) - 1
        encoder = FULL_SIZE_GFLOP * 1e9 / rate
        reading = 4 * numbers * steps / bandwidth / count
        arithmetic = 2 * numbers * (1 + BEAM_WIDTH * (steps - 1)) / rate
        found |= {
            "encoder_milliseconds": 1000 * encoder,
            "decoder_reading_milliseconds": 1000 * reading,
            "decoder_arithmetic_milliseconds": 1000 * arithmetic,
            "times_floor": measured / (encoder + reading),
            "times_arithmetic_floor": measured / (encoder + arithmetic),
        }
    return found


def longest(captioner: Any, states: np.ndarray) -> int:
    """Tokens of the longest caption that is found for some photos."""
    found = captioner.caption_states(states, st.search.BeamSettings(BEAM_WIDTH))
    return max(len(caption.token_ids) for captions in found for caption in captions)


def write(document: dict[str, Any], name: str) -> None:
    """The results as JSON, as a table and as a picture."""
    RESULTS.mkdir(exist_ok=True)
    path = RESULTS / f"speed_{name}"
    path.with_suffix(".json").write_text(json.dumps(document, indent=2) + "\n", encoding="utf-8")
    table = as_table(document)
    path.with_suffix(".md").write_text(table, encoding="utf-8")
    picture(document).save(path.with_suffix(".png"))
    print(table)


def as_table(document: dict[str, Any]) -> str:
    """A Markdown table of all contestants."""
    rows = ["| | ms per photo | times faster than the published way |", "|---|---|---|"]
    for name, value in document["milliseconds_per_photo"].items():
        ratio = document["ratios"].get(name)
        rows.append(f"| {name} | {value:.1f} | {f'{ratio:.1f}' if ratio else ''} |")
    return "\n".join(rows) + "\n"


def picture(document: dict[str, Any]) -> Picture:
    """How many times faster, by beam width, for one photo and for many."""
    import matplotlib

    with matplotlib.rc_context(style.SETTINGS):
        figure = style.new_figure(3.6)
        axes = figure.add_subplot()
        for count, mark, colour in zip(COUNTS, "osD", style.CYCLE, strict=False):
            names = [f"compiled, beam {width}, {count} photos" for width in WIDTHS]
            values = [document["ratios"][name] for name in names]
            label = "1 photo" if count == 1 else f"{count} photos at once"
            axes.plot(range(len(WIDTHS)), values, marker=mark, color=colour, label=label)
        axes.set_xticks(range(len(WIDTHS)), [str(width) for width in WIDTHS])
        axes.set_xlabel("beam width")
        axes.set_ylabel("times faster")
        axes.set_title(f"Compiled against the published way: {document['model']}")
        axes.legend(frameon=False)
    best = max(document["ratios"], key=lambda name: document["ratios"][name])
    return Picture(
        figure,
        "Lines of how many times faster the compiled search is than the published way, by beam "
        f"width. The largest ratio is {document['ratios'][best]:.1f}: {best}.",
    )


if __name__ == "__main__":
    main()
