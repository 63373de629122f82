"""How long each notebook takes from top to bottom in a new kernel, and its peak memory.

    python benchmarks/notebooks.py
    python benchmarks/notebooks.py --check     measure, compare with what is stated, write nothing

The memory is that of all its processes together; what they share is counted once (PSS).
Writes `benchmarks/results/notebooks.json` and the table in the README and in the workshop guide.
A stated time is wrong if a notebook takes more than twice as long; on a busy machine it may.
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psutil

ROOT = Path(__file__).resolve().parents[1]
RESULTS = ROOT / "benchmarks" / "results" / "notebooks.json"
STATED = (ROOT / "README.md", ROOT / "notebooks" / "workshop" / "INSTRUCTOR.md")
SECONDS = re.compile(r"^\| (\w+) \| (\d+) s \|", re.M)
TOLERANCE = 2.0
# Between two looks at the memory.
SECONDS_BETWEEN = 0.2
TABLE = re.compile(r"(<!-- measured notebooks -->\n).*?(<!-- end -->)", re.S)


def measure(path: Path) -> dict[str, float]:
    """Seconds, and gigabytes of all processes together, for a copy of this notebook.

    Raises:
        CalledProcessError: a cell of it failed.
    """
    started = time.perf_counter()
    with tempfile.TemporaryDirectory() as out:
        command = ["-m", "nbconvert", "--to", "notebook", "--execute", "--output-dir", out]
        process = subprocess.Popen([sys.executable, *command, str(path)], stderr=subprocess.DEVNULL)
        gigabytes = peak_gigabytes(process)
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, process.args)
    return {"seconds": time.perf_counter() - started, "gigabytes": gigabytes}


def peak_gigabytes(process: subprocess.Popen[bytes]) -> float:
    """The most memory that a process and all below it hold together, until the process ends.

    Notebook 11 starts workers, each with a TensorFlow of its own: the largest process alone would
    say too little, and a sum of resident memory too much, since it counts what they share in each.
    """
    peak = 0.0
    while process.poll() is None:
        peak = max(peak, sum(map(_bytes_of, _family(process.pid))) / 1e9)
        time.sleep(SECONDS_BETWEEN)
    return peak


def _family(pid: int) -> list[psutil.Process]:
    try:
        first = psutil.Process(pid)
        return [first, *first.children(recursive=True)]
    except psutil.NoSuchProcess:
        return []


def _bytes_of(process: psutil.Process) -> int:
    """A process's memory, with its part of what it shares (PSS); on Linux alone that is known."""
    try:
        memory = process.memory_full_info()
    except psutil.Error:  # It has just ended, or is somebody else's.
        return 0
    return int(getattr(memory, "pss", memory.uss))


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
    args = parser.parse_args()
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
