"""Checks for the exercises: one module per notebook, `checks.notebook_04.greedy(my_greedy)`."""

import importlib
from types import ModuleType

from showtell_lib.checks.result import Result

__all__ = ["Result"]


def __getattr__(name: str) -> ModuleType:
    """Imports the checks of a notebook when they are first used."""
    if name.startswith("notebook_"):
        return importlib.import_module(f"{__name__}.{name}")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
