"""Tries every reader on many edited files, and says what came of them.

    python -m tests.fuzzing --inputs 100000 --seconds 3600
    python -m tests.fuzzing photo --inputs 1000 --seed 7
    python -m tests.fuzzing photo --again fuzzing/photo-crash-0

What was neither read nor refused is kept in the folder `fuzzing`, and the run fails.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter
from pathlib import Path
from random import Random

from tests.fuzzing.edits import edited
from tests.fuzzing.targets import TARGETS, Target
from tests.fuzzing.trials import FINE, OUTCOMES, Trials

FOLDER = Path("fuzzing")
# Kept of one reader and kind; more of them would show the same faults again.
MOST_KEPT = 50


def main() -> int:
    """Tries, prints and keeps."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzzing", description=__doc__)
    parser.add_argument("targets", nargs="*", metavar="READER", help=", ".join(TARGETS))
    parser.add_argument("--inputs", type=int, default=100_000, help="in all")
    parser.add_argument("--seconds", type=float, default=float("inf"), help="at most, in all")
    parser.add_argument("--seed", type=int, default=0, help="another one edits otherwise")
    parser.add_argument("--again", type=Path, help="tries this file, and shows the exception")
    args = parser.parse_args()
    names = args.targets or list(TARGETS)
    if unknown := set(names) - set(TARGETS):
        parser.error(f"no reader {', '.join(sorted(unknown))}; there are: {', '.join(TARGETS)}")
    if args.again:
        with Trials(TARGETS[names[0]].make) as trials:
            print(trials.outcome(args.again.read_bytes()))
        return 0
    shares = sum(TARGETS[name].share for name in names)
    total: Counter[str] = Counter()
    print(f"{'':20}{'inputs':>9}" + "".join(f"{kind:>17}" for kind in OUTCOMES))
    for name in names:
        share = TARGETS[name].share / shares
        inputs, seconds = round(args.inputs * share), args.seconds * share
        counts = tried(name, TARGETS[name], inputs, seconds, args.seed)
        total += counts
        print(row(name, counts), flush=True)
    print(row("together", total))
    return 0 if set(total) <= {*FINE} else 1


def row(name: str, counts: Counter[str]) -> str:
    """A line of the table."""
    return f"{name:20}{counts.total():9,}" + "".join(f"{counts[kind]:17,}" for kind in OUTCOMES)


def tried(name: str, target: Target, inputs: int, seconds: float, seed: int) -> Counter[str]:
    """The outcome of this many inputs, or of fewer if the time runs out."""
    counts: Counter[str] = Counter()
    seeds = target.seeds()
    with Trials(target.make) as trials:
        ends = time.monotonic() + seconds  # The process takes its time to start.
        for number in range(inputs):
            if time.monotonic() > ends:
                break
            data = edited(Random(f"{name} {seed} {number}"), seeds)
            kind, detail = trials.outcome(data)
            keep(name, kind, counts[kind], data, detail)
            counts[kind] += 1
    return counts


def keep(name: str, kind: str, number: int, data: bytes, detail: str) -> None:
    """Keeps an input that was neither read nor refused, and what came of it."""
    if kind in FINE or number >= MOST_KEPT:
        return
    FOLDER.mkdir(exist_ok=True)
    path = FOLDER / f"{name}-{kind}-{number}".replace(" ", "-")
    path.write_bytes(data)
    print(f"{path}: {detail}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
