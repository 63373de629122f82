"""Reads the code and the solutions out of the notebooks, for tests that run them."""

from __future__ import annotations

import importlib.util
import re
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import nbformat

NOTEBOOKS = Path(__file__).parents[1] / "notebooks"
sys.path.append(str(NOTEBOOKS))  # Its scripts import each other, as where they are run.
FENCED = re.compile(r"```python\n(.*?)```", re.DOTALL)


def load(script: str) -> ModuleType:
    """A script of the notebooks' folder as a module."""
    spec = importlib.util.spec_from_file_location(script, NOTEBOOKS / f"{script}.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules[script] = module  # A dataclass looks for its own there.
    spec.loader.exec_module(module)
    return module


def cell(notebook: str, cell_id: str) -> str:
    """The source of a cell, by the start of the notebook's name and the cell's id."""
    (path,) = NOTEBOOKS.glob(f"{notebook}_*.ipynb")
    found = {c["id"]: str(c["source"]) for c in nbformat.read(path, as_version=4)["cells"]}
    return found[cell_id]


def run(notebook: str, *cell_ids: str, **names: Any) -> dict[str, Any]:
    """The names that these cells define when run one after another, with `names` to start from."""
    for cell_id in cell_ids:
        exec(cell(notebook, cell_id), names)
    return names


def solution(notebook: str, exercise: str, **names: Any) -> Any:
    """The function that an exercise's collapsed solution defines."""
    source = cell(notebook, f"{exercise.replace('_', '-')}-solution")
    exec(FENCED.findall(source)[0], names)
    return names[exercise]


def solutions(notebook: str) -> dict[str, Any]:
    """What all collapsed solutions of a notebook define together, by name."""
    (path,) = NOTEBOOKS.glob(f"{notebook}_*.ipynb")
    names: dict[str, Any] = {}
    for found in nbformat.read(path, as_version=4)["cells"]:
        if "<summary>Solution</summary>" in found["source"]:
            for block in FENCED.findall(found["source"]):
                exec(block, names)
    return names


def stub(notebook: str, exercise: str) -> Any:
    """The function that the learner starts from."""
    return run(notebook, f"{exercise.replace('_', '-')}-stub")[exercise]


def minutes() -> dict[str, int]:
    """How long each notebook says it takes, by its number: what all other papers quote."""
    found = {}
    for path in sorted(NOTEBOOKS.glob("[0-9][0-9]_*.ipynb")):
        title = nbformat.read(path, as_version=4)["cells"][0]["source"]
        (said,) = re.findall(r"\bAbout (\d+) minutes\b", title)
        found[path.name[:2]] = int(said)
    return found
