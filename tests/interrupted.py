"""Kills a run of `showtell batch` half-way."""

from __future__ import annotations

import signal
import subprocess
import time
from collections.abc import Callable, Mapping
from typing import Any


def kill_half_way(
    run: subprocess.Popen[Any], finished: Callable[[], Mapping[str, int]], least: int, shards: float
) -> Mapping[str, int]:
    """The shards that were finished when the run was killed: at least this many, but not all."""
    while run.poll() is None and len(done := finished()) < least:
        # It takes long to start, and asking takes processor time; then the shards come quickly.
        time.sleep(0.02 if done else 0.2)
    run.kill()
    assert run.wait() == -signal.SIGKILL, "it was not killed half-way"
    left = finished()
    assert least <= len(left) < shards
    return left
