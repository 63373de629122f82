"""How nbval compares the notebooks: all text strictly, but for what a kernel says on stderr.

TensorFlow's C++ writes its log lines there at import, different ones on every machine. That no
notebook has any is tested in tests/test_notebooks.py.
"""

from __future__ import annotations

from typing import Any


def pytest_collectstart(collector: Any) -> None:
    """Adds stderr to what nbval does not compare."""
    if hasattr(collector, "skip_compare"):
        collector.skip_compare = (*collector.skip_compare, "stderr")
