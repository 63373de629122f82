"""Starts `showtell serve` as a user does, in a process of its own."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

REPOSITORY = Path(__file__).parents[1]
# Until the model is loaded, on a busy machine.
PATIENCE = 180


@dataclass(frozen=True)
class Service:
    """A running service.

    Attributes:
        address: such as `http://127.0.0.1:40123`.
        log: the file with all it has written.
        process: in which it runs.
    """

    address: str
    log: Path
    process: subprocess.Popen[bytes]


@contextmanager
def started(log: Path) -> Iterator[Service]:
    """Starts the service on a free port; ends it, if it still runs, when the block does."""
    command = [sys.executable, "-m", "showtell_lib", "serve", "--port", "0"]
    paths = os.pathsep.join(filter(None, (str(REPOSITORY), os.environ.get("PYTHONPATH"))))
    with log.open("w") as out:
        process = subprocess.Popen(
            command, env={**os.environ, "PYTHONPATH": paths}, stdout=out, stderr=subprocess.STDOUT
        )
        try:
            yield Service(_address(log, process), log, process)
        finally:
            process.terminate()
            process.wait(timeout=60)


def _address(log: Path, process: subprocess.Popen[bytes]) -> str:
    ends = time.monotonic() + PATIENCE
    while time.monotonic() < ends and process.poll() is None:
        found = re.match(r"Serving mini at (\S+) ", log.read_text())
        if found:
            return found[1]
        time.sleep(0.1)
    raise AssertionError(f"the service did not start: {log.read_text()}")
