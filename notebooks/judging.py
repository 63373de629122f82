"""Works out a claim (claims.py) inside a notebook's kernel, which runs the text of this file."""

from __future__ import annotations

import ast
import json
from typing import Any

LONGEST = 300
# What is named inside one of these is known only there.
CLOSED = (ast.Lambda, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)


def judged(true: str, prepare: str, names: dict[str, Any]) -> str:
    """Whether an expression is true, as JSON: `true`; if it is not, `why`, and what was compared.

    Args:
        true: the expression.
        prepare: statements before it.
        names: what both may use; a copy, so that nothing they assign is left behind.
    """
    try:
        exec(prepare, names)
        value = eval(true, names)
    except Exception as error:
        why = f"It ends with {type(error).__name__}: {error}"
    else:
        if is_truth(value) and value:
            return json.dumps({"true": True})
        fits = is_truth(value)
        why = "It is not true:" if fits else f"It must be True or False, and is {short(value)}:"
    return json.dumps({"true": False, "why": why, "compared": compared(true, names)})


def is_truth(value: Any) -> bool:
    """Whether it is True or False, Python's or NumPy's."""
    dtype, shape = getattr(value, "dtype", ""), getattr(value, "shape", None)
    return isinstance(value, bool) or (shape == () and str(dtype) == "bool")


def compared(true: str, names: dict[str, Any]) -> list[str]:
    """Both sides of each comparison in an expression, with their values."""
    shown = []
    for side in sides(ast.parse(true, mode="eval")):
        try:
            value = eval(side, names)
        except Exception:  # The claim's own error is told already.
            continue
        shown.append(f"{side} = {short(value)}")
    return list(dict.fromkeys(shown))


def sides(node: ast.AST) -> list[str]:
    """The sources of what an expression compares, but for numbers and texts."""
    if isinstance(node, CLOSED):
        return []
    own = [node.left, *node.comparators] if isinstance(node, ast.Compare) else []
    below = [side for child in ast.iter_child_nodes(node) for side in sides(child)]
    return [ast.unparse(side) for side in own if not isinstance(side, ast.Constant)] + below


def short(value: object) -> str:
    """A value on one line, cut where it is long."""
    text = " ".join(repr(value).split())
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}..."
