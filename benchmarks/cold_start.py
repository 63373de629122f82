"""How long until the first caption, in a process just started.

The baseline is `import tensorflow` alone, which nobody who uses TensorFlow can undercut. Each
command runs several times, in turn, so that a slow moment of the machine hits all alike; the
fastest run of each counts.

    python benchmarks/cold_start.py [RUNS]
"""

from __future__ import annotations

import subprocess
import sys
import time

CAPTION = "import showtell_lib as st; st.load().caption(st.sample_photo('chelsea'))"
COMMANDS = {
    "python": [sys.executable, "-c", "pass"],
    "import tensorflow": [sys.executable, "-c", "import tensorflow"],
    "import showtell_lib": [sys.executable, "-c", "import showtell_lib"],
    "showtell --help": [sys.executable, "-m", "showtell_lib", "--help"],
    "first caption, in Python": [sys.executable, "-c", CAPTION],
    "showtell caption": [sys.executable, "-m", "showtell_lib", "caption", "--sample", "chelsea"],
}
BASELINE = "import tensorflow"


def seconds(command: list[str]) -> float:
    """Wall-clock time of a command."""
    start = time.perf_counter()
    subprocess.run(command, check=True, capture_output=True)
    return time.perf_counter() - start


def main() -> None:
    """Prints the fastest of several runs of each command, and its ratio to the baseline."""
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    rounds = [{name: seconds(command) for name, command in COMMANDS.items()} for _ in range(runs)]
    best = {name: min(times[name] for times in rounds) for name in COMMANDS}
    print(f"best of {runs}                seconds   times `{BASELINE}`")
    for name, time_taken in best.items():
        print(f"{name:26} {time_taken:7.2f} {time_taken / best[BASELINE]:10.2f}")


if __name__ == "__main__":
    main()
