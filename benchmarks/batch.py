"""Many photos with Ray Data: killed twice, resumed, counted; and its speed against one process.

    python benchmarks/batch.py                    2,000 photos
    python benchmarks/batch.py --photos 200 --shard-size 16

The streaming path and the batch caption the same photos in turn, in one run. Ray and the models
start before the clock does: it runs from the first finished shard to the last. The machine may be
busy with other things, so only ratios count. Writes `benchmarks/results/batch.json`.
"""

from __future__ import annotations

import argparse
import json
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

import psutil
from pyarrow import parquet

import showtell_lib as st

RESULTS = Path(__file__).parent / "results" / "batch.json"
WORKERS, BROKEN_EACH = 2, 100


def main() -> None:
    """Measures and writes the results."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--photos", type=int, default=2000)
    parser.add_argument("--shard-size", type=int, default=50)
    parser.add_argument("--rounds", type=int, default=1)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as work:
        folder = Path(work) / "photos"
        broken = make_photos(folder, args.photos)
        document = {
            "photos": args.photos,
            "killed": killed(folder, Path(work) / "killed", args.shard_size, broken),
            "rounds": [
                side_by_side(folder, Path(work) / f"round_{number}", args.shard_size)
                for number in range(args.rounds)
            ],
        }
    ratios = [one["batch"]["rate"] / one["streaming"]["rate"] for one in document["rounds"]]
    document["throughput against streaming"] = statistics.median(ratios)
    RESULTS.write_text(json.dumps(document, indent=2) + "\n", encoding="utf-8")
    print(json.dumps(document, indent=2))


def make_photos(folder: Path, count: int) -> set[str]:
    """Drawn scenes and sample photos, one in a hundred broken; the names of the broken ones."""
    folder.mkdir()
    samples = [st.sample_photo(name).as_image() for name in st.sample_photos()]
    broken = set()
    for number in range(count):
        path = folder / f"{number:05}.jpg"
        sample = number % 10 == 0
        picture = samples[number % len(samples)] if sample else st.Scene.random(number).draw()
        picture.convert("RGB").save(path)
        if number % BROKEN_EACH == BROKEN_EACH // 2:
            path.write_bytes(path.read_bytes()[:700])
            broken.add(path.name)
    return broken


def start(folder: Path, out: Path, shard_size: int) -> subprocess.Popen[bytes]:
    """The command, as at a terminal."""
    command = ["-m", "showtell_lib", "batch", folder, out, "--shard-size", shard_size]
    arguments = [str(part) for part in [*command, "--workers", WORKERS]]
    return subprocess.Popen([sys.executable, *arguments], stdout=subprocess.DEVNULL)


def shards(out: Path) -> dict[str, float]:
    """The files of finished shards, and when they were written."""
    return {path.name: path.stat().st_mtime for path in out.glob("shard-*.parquet")}


def killed(folder: Path, out: Path, shard_size: int, broken: set[str]) -> dict[str, Any]:
    """Kills the command at a third and at two thirds, lets it end, and counts the rows."""
    names = sorted(path.name for path in folder.iterdir())
    total = -(-len(names) // shard_size)
    left: dict[str, float] = {}
    redone = 0
    for stop in (total // 3, 2 * total // 3, None):
        run = start(folder, out, shard_size)
        while run.poll() is None and (stop is None or len(shards(out)) < stop):
            time.sleep(0.02)
        if stop is not None:
            run.send_signal(signal.SIGKILL)
        run.wait()
        redone += sum(shards(out)[name] != when for name, when in left.items())
        left = shards(out)
    rows = parquet.read_table(out).to_pylist()
    return {
        "every photo once": Counter(row["path"] for row in rows) == Counter(names),
        "bad": sum(bool(row["error"]) for row in rows),
        "bad as they should be": {row["path"] for row in rows if row["error"]} == broken,
        "finished shards done again": redone,
    }


def side_by_side(folder: Path, out: Path, shard_size: int) -> dict[str, Any]:
    """Photos per second, processor seconds for each photo, and memory of both, in turn."""
    return {"streaming": stream(folder), "batch": batch(folder, out, shard_size)}


def stream(folder: Path) -> dict[str, float]:
    """The streaming path in this process, after a warm-up."""
    captioner = st.load()
    paths = sorted(folder.iterdir())
    for _ in captioner.caption_many(paths[:32], progress=False):
        pass
    process = psutil.Process()
    wall, used = time.perf_counter(), sum(process.cpu_times()[:2])
    for _ in captioner.caption_many(paths, progress=False):
        pass
    seconds = time.perf_counter() - wall
    busy = sum(process.cpu_times()[:2]) - used
    return {"rate": len(paths) / seconds, "cpu_seconds": busy / len(paths)}


def batch(folder: Path, out: Path, shard_size: int) -> dict[str, float]:
    """The command, from each worker's first shard on: before it, all is start."""
    run = start(folder, out, shard_size)
    samples = []
    used: dict[int, float] = {}
    while run.poll() is None:
        done = len(shards(out))
        if done >= WORKERS:
            megabytes = usage(run.pid, used)
            samples.append((time.time(), done, sum(used.values()), megabytes))
        time.sleep(0.5)
    first, last = samples[0], samples[-1]
    photos = (last[1] - first[1]) * shard_size
    middle = len(samples) // 2
    return {
        "rate": photos / (last[0] - first[0]),
        "cpu_seconds": (last[2] - first[2]) / photos,
        "megabytes, first half": max(sample[3] for sample in samples[:middle]),
        "megabytes, second half": max(sample[3] for sample in samples[middle:]),
    }


def usage(pid: int, used: dict[int, float]) -> float:
    """Megabytes of the workers below a process; notes each one's processor seconds in `used`.

    They are kept by worker, since one that has ended is not among the others any more.
    """
    megabytes = 0.0
    for child in psutil.Process(pid).children(recursive=True):
        try:
            if "ShardWorker" in " ".join(child.cmdline()):
                used[child.pid] = sum(child.cpu_times()[:2])
                megabytes += child.memory_info().rss / 1e6
        except psutil.Error:
            continue
    return megabytes


if __name__ == "__main__":
    main()
