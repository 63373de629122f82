"""How long until the first caption, in a process just started, and how much memory it takes.

Two baselines: `import tensorflow` alone, with the Keras that it brings (this library leaves Keras
out), and a first caption the published way (`published_start`). Each command runs several times, in
turn, so that a slow moment of the machine hits all alike; the fastest run of each counts.

    python benchmarks/cold_start.py                         the bundled model
    python benchmarks/cold_start.py --model path/to/folder  a full-size one

Writes `benchmarks/results/cold_start_NAME.json`.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import showtell_lib as st

HERE = Path(__file__).parent
FIRST = "import sys, showtell_lib as st; st.load(sys.argv[1]).caption(sys.argv[2])"
TENSORFLOW, PUBLISHED = "import tensorflow", "the published way"


def commands(model: str, photo: Path) -> dict[str, list[str]]:
    """What is measured."""
    python = sys.executable
    folder = str(st.store.find_model(model).graph.parent)
    return {
        "python": [python, "-c", "pass"],
        TENSORFLOW: [python, "-c", "import tensorflow"],
        "import showtell_lib": [python, "-c", "import showtell_lib"],
        "showtell --help": [python, "-m", "showtell_lib", "--help"],
        "first caption, in Python": [python, "-c", FIRST, model, str(photo)],
        "showtell caption": [python, "-m", "showtell_lib", "caption", str(photo), "--model", model],
        PUBLISHED: [python, str(HERE / "published_start.py"), folder, str(photo)],
    }


def measured(command: list[str]) -> dict[str, float]:
    """Wall-clock seconds of a command and its peak memory."""
    start = time.perf_counter()
    quiet = {"env": os.environ | {"TF_CPP_MIN_LOG_LEVEL": "3"}, "stderr": subprocess.DEVNULL}
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, **quiet)  # type: ignore[call-overload]
    _, status, usage = os.wait4(process.pid, 0)
    if status:
        raise SystemExit(f"failed: {' '.join(command)}")
    return {"seconds": time.perf_counter() - start, "gigabytes": usage.ru_maxrss / 1e6}


def main() -> None:
    """Prints the best of several runs of each command, and its ratios to the baselines."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", default="mini")
    parser.add_argument("--name", default="mini", help="for the file of results")
    parser.add_argument("--runs", type=int, default=5)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        photo = Path(folder) / "photo.jpg"
        st.sample_photo("chelsea").as_image().save(photo, quality=95)
        wanted = commands(args.model, photo)
        rounds = [
            {name: measured(command) for name, command in wanted.items()} for _ in range(args.runs)
        ]
    best = {
        name: {unit: min(found[name][unit] for found in rounds) for unit in rounds[0][name]}
        for name in wanted
    }
    document = {"model": args.name, "runs": args.runs, "best": best}
    path = HERE / "results" / f"cold_start_{args.name}.json"
    path.write_text(json.dumps(document, indent=2) + "\n", encoding="utf-8")
    print(as_table(best))


def as_table(best: dict[str, dict[str, float]]) -> str:
    """A Markdown table: seconds and memory, and how they compare with the baselines."""
    rows = [
        "| | seconds | times `import tensorflow` | GB | of the published way's |",
        "|---|---|---|---|---|",
    ]
    for name, found in best.items():
        times = found["seconds"] / best[TENSORFLOW]["seconds"]
        memory = found["gigabytes"] / best[PUBLISHED]["gigabytes"]
        rows.append(
            f"| {name} | {found['seconds']:.2f} | {times:.2f} | {found['gigabytes']:.2f} | "
            f"{memory:.2f} |"
        )
    return "\n".join(rows)


if __name__ == "__main__":
    main()
