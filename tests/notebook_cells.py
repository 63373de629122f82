"""What the notebooks hold: the source of their cells and the solutions of their exercises."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

NOTEBOOKS = Path(__file__).parents[1] / "notebooks"


def cells(notebook: str) -> dict[str, str]:
    """The source of every cell by its id."""
    document = json.loads((NOTEBOOKS / f"{notebook}.ipynb").read_text(encoding="utf-8"))
    return {cell["id"]: "".join(cell["source"]) for cell in document["cells"]}


def run_cells(notebook: str, *ids: str, **names: Any) -> dict[str, Any]:
    """What is defined after running some cells, with `names` defined before."""
    source = cells(notebook)
    space: dict[str, Any] = dict(names)
    for cell_id in ids:
        exec(compile(source[cell_id], f"{notebook}:{cell_id}", "exec"), space)
    return space


def solutions(notebook: str) -> dict[str, Any]:
    """What the Python in the collapsed solutions of a notebook defines, by name."""
    space: dict[str, Any] = {}
    for source in cells(notebook).values():
        if "<summary>Solution</summary>" in source:
            for block in re.findall(r"```python\n(.*?)```", source, re.DOTALL):
                exec(compile(block, f"{notebook}: solution", "exec"), space)
    return space
