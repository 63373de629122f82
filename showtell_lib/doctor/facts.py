"""The facts of this machine, gathered before anything is judged.

TensorFlow is not imported here: a package that is broken, or that this processor cannot run, must
not take the check down with it. So the captioner is tried in a process of its own.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import webbrowser
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from showtell_lib import store
from showtell_lib.doctor.versions import FOR_ONE_NOTEBOOK, TESTED
from showtell_lib.errors import ModelError

SAMPLE = "chelsea"
SECONDS_TO_CAPTION = 120
CGROUP_LIMIT = Path("/sys/fs/cgroup/memory.max")


@dataclass(frozen=True)
class Machine:
    """The facts that the judgements rest on.

    Attributes:
        python: its version, such as (3, 11, 7).
        memory: gigabytes free and in all; None if that cannot be known.
        disk: gigabytes free where models are kept; None if there is no home folder for them.
        packages: installed version by name; a missing one is absent.
        browser: the command that opens a page; None if there is none.
        display: whether a window could be shown.
    """

    python: tuple[int, ...]
    memory: tuple[float, float] | None
    disk: float | None
    packages: Mapping[str, str]
    browser: str | None
    display: bool = True


@dataclass(frozen=True)
class Attempt:
    """How captioning a sample photo in a process of its own ended.

    Attributes:
        code: its exit code; negative for the signal that ended it, None if it took too long.
        out: what the process printed, JSON if it succeeded.
        error: what the process wrote to stderr.
    """

    code: int | None
    out: str
    error: str


def look() -> Machine:
    """The facts of this machine."""
    return Machine(
        python=sys.version_info[:3],
        memory=_memory(),
        disk=_free_disk(),
        packages={
            name: version for name in (*TESTED, *FOR_ONE_NOTEBOOK) if (version := _version(name))
        },
        browser=_browser(),
        display=_has_display(),
    )


def caption_sample() -> Attempt:
    """Captions a sample photo in a new process, whose crash would not end this one."""
    command = [sys.executable, "-m", "showtell_lib", "caption", "--sample", SAMPLE, "--json"]
    try:
        run = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS_TO_CAPTION)
    except subprocess.TimeoutExpired:
        return Attempt(None, "", "")
    return Attempt(run.returncode, run.stdout, run.stderr)


def _memory() -> tuple[float, float] | None:
    """Gigabytes free and in all; in a container, of the memory that the container may use."""
    try:
        import psutil  # It comes with JupyterLab.
    except ImportError:
        return None
    memory = psutil.virtual_memory()
    free, total = memory.available / 1e9, memory.total / 1e9
    try:
        limit = int(CGROUP_LIMIT.read_text(encoding="ascii")) / 1e9
    except (OSError, ValueError):
        return free, total
    return min(free, limit), min(total, limit)


def _free_disk() -> float | None:
    """Gigabytes free where models are, or will be."""
    try:
        folder = store.cache_folder()
    except ModelError:
        return None
    existing = next(path for path in (folder, *folder.parents) if path.exists())
    return shutil.disk_usage(existing).free / 1e9


def _version(package: str) -> str | None:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return None


def _browser() -> str | None:
    try:
        browser = webbrowser.get()
    except webbrowser.Error:
        return None
    return str(getattr(browser, "name", "") or os.environ.get("BROWSER") or "the system's own")


def _has_display() -> bool:
    """Whether windows can be shown; only systems with X11 or Wayland may lack that."""
    if sys.platform in ("win32", "darwin"):
        return True
    return any(os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY"))
