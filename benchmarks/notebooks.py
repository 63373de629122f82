"""How long each notebook takes from top to bottom in a new kernel, and its peak memory.

    python benchmarks/notebooks.py
    python benchmarks/notebooks.py --check     measure, compare with what is stated, write nothing

Writes `benchmarks/results/notebooks.json` and the table in the README and in the workshop guide.
A stated time is wrong if a notebook takes more than twice as long; on a busy machine it may.
"""

from __future__ import annotations

import argparse
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
STATED = (ROOT / "README.md", ROOT / "notebooks" / "workshop" / "INSTRUCTOR.md")
SECONDS = re.compile(r"^\| (\w+) \| (\d+) s \|", re.M)
TOLERANCE = 2.0
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


def exceeded(text: str, found: dict[str, dict[str, float]]) -> list[str]:
    """What takes more than twice the time that a page states, a line each.

    Args:
        text: the page, with the table.
        found: seconds and gigabytes by notebook.
    """
    table = TABLE.search(text)
    stated = {name: float(seconds) for name, seconds in SECONDS.findall(table[0] if table else "")}
    wrong = [f"{name}: no time is stated" for name in found.keys() - stated.keys()]
    wrong += [
        f"{name}: {found[name]['seconds']:.0f} s, but {seconds:.0f} s are stated"
        for name, seconds in stated.items()
        if name in found and found[name]["seconds"] > TOLERANCE * seconds
    ]
    return sorted(wrong)


def write_tables(found: dict[str, dict[str, float]]) -> None:
    """Puts the table into every page that states times."""
    table = as_table(found)
    for page in STATED:
        text = page.read_text(encoding="utf-8")
        page.write_text(TABLE.sub(lambda m: m[1] + table + m[2], text), encoding="utf-8")


def main() -> int:
    """Measures all and writes the results, or only compares; 1 if a stated time is exceeded."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--check", action="store_true", help="write nothing")
    parser.add_argument("--one", type=Path, help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.one:
        run_one(args.one)
        return 0
    paths = sorted((ROOT / "notebooks").glob("[0-9][0-9]_*.ipynb"))
    found = {path.stem: measure(path) for path in paths}
    print(as_table(found))
    if args.check:
        wrong = exceeded((ROOT / "README.md").read_text(encoding="utf-8"), found)
        print(*wrong, sep="\n")
        return 1 if wrong else 0
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")
    write_tables(found)
    return 0


if __name__ == "__main__":
    sys.exit(main())
