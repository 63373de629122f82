"""How long each notebook takes from top to bottom in a new kernel, and its peak memory.

    python benchmarks/notebooks.py

Writes `benchmarks/results/notebooks.json` and the table in the README.
"""

from __future__ import annotations

import json
import re
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
RESULTS = ROOT / "benchmarks" / "results" / "notebooks.json"
TABLE = re.compile(r"(<!-- measured notebooks -->\n).*?(<!-- end -->)", re.S)


def measure(path: Path) -> dict[str, float]:
    """Seconds, and gigabytes of the largest process, in a child that runs this notebook alone."""
    command = [sys.executable, __file__, "--one", str(path)]
    run = subprocess.run(command, check=True, capture_output=True, text=True)
    found: dict[str, float] = json.loads(run.stdout.splitlines()[-1])
    return found


def run_one(path: Path) -> None:
    """Executes a copy of a notebook and prints what it took."""
    started = time.perf_counter()
    with tempfile.TemporaryDirectory() as out:
        command = ["nbconvert", "--to", "notebook", "--execute", "--output-dir", out, str(path)]
        subprocess.run([sys.executable, "-m", "jupyter", *command], check=True, capture_output=True)
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1e6
    print(json.dumps({"seconds": time.perf_counter() - started, "gigabytes": peak}))


def as_table(found: dict[str, dict[str, float]]) -> str:
    """The README's table, with the sum."""
    rows = ["| notebook | runs in | memory |", "|---|---|---|"]
    rows += [
        f"| {name} | {one['seconds']:.0f} s | {one['gigabytes']:.1f} GB |"
        for name, one in found.items()
    ]
    seconds = sum(one["seconds"] for one in found.values())
    most = max(one["gigabytes"] for one in found.values())
    return "\n".join([*rows, f"| all | {seconds:.0f} s | {most:.1f} GB |"]) + "\n"


def main() -> None:
    """Measures all and writes the results."""
    paths = sorted((ROOT / "notebooks").glob("[0-9][0-9]_*.ipynb"))
    found = {path.stem: measure(path) for path in paths}
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")
    table = as_table(found)
    readme = ROOT / "README.md"
    text = TABLE.sub(lambda match: match[1] + table + match[2], readme.read_text(encoding="utf-8"))
    readme.write_text(text, encoding="utf-8")
    print(table)


if __name__ == "__main__":
    if len(sys.argv) == 3 and sys.argv[1] == "--one":
        run_one(Path(sys.argv[2]))
    else:
        main()
