"""The versions that the project was tested with, and what to do about any other."""

from __future__ import annotations

import re
import sys

from showtell_lib.doctor.findings import OK, PROBLEM, WARN, Finding

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


def _numbers(version: str) -> tuple[int, ...]:
    """The first two numbers of a version, to compare by."""
    return tuple(int(number) for number in re.findall(r"\d+", version)[:2])


def _dotted(version: tuple[int, int]) -> str:
    return ".".join(map(str, version))
