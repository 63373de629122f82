"""Is this machine ready for the notebooks? Facts are gathered first, then judged, one by one.

The check needs no network and does not import TensorFlow: a package that is broken, or that this
processor cannot run, must not take the check down with it. So the captioner is tried in a process
of its own.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import webbrowser
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from showtell_lib import store
from showtell_lib.errors import ModelError

OK, WARN, PROBLEM = "ok", "warn", "problem"
TESTED_PYTHON = ((3, 10), (3, 13))
# The oldest and newest version of each package that the tests were run with.
TESTED = {
    "tensorflow": ("2.16", "2.21"),
    "numpy": ("1.26", "2.4"),
    "pillow": ("10.1", "13.0"),
    "scikit-image": ("0.22", "0.26"),
    "scikit-learn": ("1.4", "1.9"),
    "matplotlib": ("3.8", "3.11"),
    "ipywidgets": ("8.1", "8.1"),
    "jupyterlab": ("4.1", "4.6"),
}
# What one notebook alone needs: its package, the notebook, and the extra that installs it.
FOR_ONE_NOTEBOOK = {"fastapi": ("10", "serve"), "ray": ("11", "scale")}
# The packages that matter most, which `environment_line` lists. Colab shows widgets without
# JupyterLab, and so with an older ipywidgets.
LISTED = {name: TESTED[name] for name in ("tensorflow", "numpy")} | {"ipywidgets": ("7.7", "8.1")}
# Gigabytes: what one notebook's kernel takes at most, and what makes a machine comfortable.
MEMORY_NEEDED, MEMORY_WANTED = 1.0, 2.0
# Gigabytes: for notebooks and figures, and for a full-size model with its download beside it.
DISK_NEEDED, DISK_WANTED = 0.1, 0.5
TEXT_BROWSERS = ("lynx", "links", "elinks", "w3m", "www-browser")
SAMPLE = "chelsea"
SECONDS_TO_CAPTION = 120
CGROUP_LIMIT = Path("/sys/fs/cgroup/memory.max")


@dataclass(frozen=True)
class Finding:
    """One line of the check.

    Attributes:
        what: what was looked at.
        state: `ok`, `warn` (it works, with a limit) or `problem`.
        found: the state in which it is.
        remedy: what to do about it; empty if nothing needs to be done.
    """

    what: str
    state: str
    found: str
    remedy: str = ""


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


def examine(
    machine: Machine | None = None, attempt: Callable[[], Attempt] | None = None
) -> list[Finding]:
    """Checks everything that a workshop needs.

    Args:
        machine: the facts; of this machine if None.
        attempt: captions a sample photo; the real captioner does if None.
    """
    machine = machine or look()
    findings = [
        judge_python(machine.python),
        judge_memory(machine.memory),
        judge_disk(machine.disk),
        *(judge_package(name, machine.packages.get(name), *TESTED[name]) for name in TESTED),
        *(judge_extra(name, machine.packages.get(name)) for name in FOR_ONE_NOTEBOOK),
    ]
    findings.append(judge_captioner((attempt or caption_sample)()))
    findings += [judge_model(row) for row in store.models()]
    findings.append(judge_browser(machine.browser, machine.display))
    return findings


def is_ready(findings: list[Finding]) -> bool:
    """Whether the workshop can begin: no problem among the findings."""
    return all(finding.state != PROBLEM for finding in findings)


def environment_line(machine: Machine | None = None) -> str:
    """The versions that matter, in a line that also tells which of them were not tested.

    Args:
        machine: the facts; of this machine if None.
    """
    machine = machine or look()
    judged = [judge_python(machine.python)]
    judged += [judge_package(name, machine.packages.get(name), *LISTED[name]) for name in LISTED]
    versions = ", ".join(f"{finding.what} {finding.found}" for finding in judged)
    if all(finding.state == OK for finding in judged):
        return f"{versions}: all within what was tested."
    untested = [finding.what for finding in judged if finding.state != OK]
    return (
        f"{versions}. Not tested with such a version of {' and '.join(untested)}: most likely all "
        "works; if something does not, this may be why."
    )


def judge_python(version: tuple[int, ...]) -> Finding:
    """Python within the tested versions."""
    found = ".".join(map(str, version))
    oldest, newest = TESTED_PYTHON
    if version[:2] < oldest:
        remedy = f"install Python {_dotted(newest)} and set the project up again with it"
        return Finding("Python", PROBLEM, f"{found}, too old", remedy)
    if version[:2] > newest:
        remedy = f"should something fail, install Python {_dotted(newest)} and set up again with it"
        return Finding("Python", WARN, f"{found}, newer than what was tested", remedy)
    return Finding("Python", OK, found)


def judge_memory(memory: tuple[float, float] | None) -> Finding:
    """Memory for a notebook's kernel, in gigabytes."""
    if memory is None:
        remedy = f"see to it yourself that {MEMORY_WANTED:.0f} GB are free"
        return Finding("memory", WARN, "cannot be read here", remedy)
    free, total = memory
    found = f"{free:.1f} GB free of {total:.1f} GB"
    close = "close other programs and browser tabs, and shut down kernels that you do not use"
    if free < MEMORY_NEEDED:
        elsewhere = "if that is not enough, use Colab: the badge on top of each notebook"
        return Finding("memory", PROBLEM, found, f"{close}; {elsewhere}")
    if free < MEMORY_WANTED:
        return Finding("memory", WARN, found, f"{close}; run one notebook at a time")
    return Finding("memory", OK, found)


def judge_disk(free: float | None) -> Finding:
    """Room for notebooks and models, in gigabytes."""
    if free is None:
        remedy = "only for a full-size model: set SHOWTELL_HOME to a folder that can be written to"
        return Finding("disk", WARN, "no home folder to keep models in", remedy)
    found = f"{free:.1f} GB free"
    if free < DISK_NEEDED:
        return Finding("disk", PROBLEM, found, "delete what you do not need, or empty the bin")
    if free < DISK_WANTED:
        remedy = "enough for the bundled model; a full-size one needs 0.5 GB (or set SHOWTELL_HOME)"
        return Finding("disk", WARN, found, remedy)
    return Finding("disk", OK, found)


def judge_package(name: str, version: str | None, oldest: str, newest: str) -> Finding:
    """A package, installed and within the tested versions."""
    pip = f"{sys.executable} -m pip install"
    install = f'{pip} "{name}>={oldest}"'
    if version is None:
        return Finding(name, PROBLEM, "not installed", f"run `{install}`")
    if _numbers(version) < _numbers(oldest):
        return Finding(name, PROBLEM, f"{version}, older than {oldest}", f"run `{install}`")
    if _numbers(version) > _numbers(newest):
        major, minor = _numbers(newest)
        remedy = f'should something fail, run `{pip} "{name}<{major}.{minor + 1}"`'
        return Finding(name, WARN, f"{version}, newer than what was tested", remedy)
    return Finding(name, OK, version)


def judge_extra(name: str, version: str | None) -> Finding:
    """A package without which one notebook does not run."""
    notebook, extra = FOR_ONE_NOTEBOOK[name]
    if version is None:
        remedy = (
            f'for notebook {notebook} run `{sys.executable} -m pip install "showtell_lib[{extra}]"`'
        )
        return Finding(name, WARN, f"not installed: notebook {notebook} will not run", remedy)
    return Finding(name, OK, version)


def judge_captioner(attempt: Attempt) -> Finding:
    """The bundled model gives a finished caption of a sample photo."""
    what = "captioner"
    if attempt.code is None:
        remedy = "close other programs and try again, or use Colab: this machine is very slow"
        return Finding(what, PROBLEM, f"no caption in {SECONDS_TO_CAPTION} seconds", remedy)
    if attempt.code < 0:
        remedy = (
            "TensorFlow was killed: too little memory (close other programs), or a processor "
            "without AVX instructions (use Colab)"
        )
        return Finding(what, PROBLEM, f"ended by signal {-attempt.code}", remedy)
    if attempt.code > 0:
        lines = attempt.error.strip().splitlines() or ["it did not say why"]
        return Finding(what, PROBLEM, lines[-1], "set the project up again: `make clean lab`")
    return _judge_captions(attempt.out)


def _judge_captions(printed: str) -> Finding:
    photo = json.loads(printed)["photos"][0]
    best = photo["captions"][0] if photo.get("captions") else {}
    if best.get("text") and best["finished"] and 0 < best["probability"] <= 1:
        return Finding("captioner", OK, f"says {best['text']!r} of a sample photo")
    remedy = "set the project up again: `make clean lab`"
    return Finding("captioner", PROBLEM, "gave no finished caption of a sample photo", remedy)


def judge_model(row: store.ModelRow) -> Finding:
    """A model is unchanged if it is here; the full-size models need not be here."""
    what = f"model {row.name}"
    if row.files is None:
        return Finding(what, OK, f"not here; only if you want it: `showtell download {row.name}`")
    known = row.files.provenance
    if known.changed:
        return Finding(what, PROBLEM, "its files have changed", row.files.remedy)
    if known.verification == store.NOT_VERIFIED:
        return Finding(what, WARN, known.verification, f"run `showtell verify {row.name}`")
    return Finding(what, OK, known.verification)


def judge_browser(browser: str | None, display: bool = True) -> Finding:
    """A browser that shows JupyterLab, and a display to show it on."""
    elsewhere = "or open the address that JupyterLab prints in a browser of your choice"
    if not display and (browser is None or Path(browser).name in TEXT_BROWSERS):
        remedy = (
            "open the address that JupyterLab prints on the machine that you sit at; from afar "
            "after `ssh -L 8888:localhost:8888` to here"
        )
        return Finding("browser", WARN, "no display here to show one on", remedy)
    if browser is None:
        return Finding("browser", WARN, "none found", f"install Firefox or Chromium, {elsewhere}")
    if Path(browser).name in TEXT_BROWSERS:
        remedy = f"it shows text only: install Firefox or Chromium, {elsewhere}"
        return Finding("browser", WARN, browser, remedy)
    return Finding("browser", OK, browser)


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
    """Gigabytes free and in all; in a container, of what the container may use."""
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


def _numbers(version: str) -> tuple[int, ...]:
    """The first two numbers of a version, to compare by."""
    return tuple(int(number) for number in re.findall(r"\d+", version)[:2])


def _dotted(version: tuple[int, int]) -> str:
    return ".".join(map(str, version))
