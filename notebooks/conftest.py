"""How nbval compares the notebooks: text as a reader does (same_text.py), and no stderr.

TensorFlow's C++ writes its log lines there at import, different ones on every machine. That no
notebook has any is tested in tests/test_notebooks.py.
"""

from __future__ import annotations

from typing import Any

from same_text import ReadText, is_exact


def pytest_collectstart(collector: Any) -> None:
    """Adds stderr to what nbval does not compare."""
    if hasattr(collector, "skip_compare"):
        collector.skip_compare = (*collector.skip_compare, "stderr")


def pytest_itemcollected(item: Any) -> None:
    """Has nbval compare a cell's texts as a reader does, unless the cell asks for more."""
    if hasattr(item, "sanitize") and not is_exact(item.cell.source):
        sanitize = item.sanitize

        def readable(output: Any) -> Any:
            text = sanitize(output)
            return ReadText(text) if isinstance(text, str) else text

        item.sanitize = readable
