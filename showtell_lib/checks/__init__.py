"""Checks for the exercises: one module per notebook, `checks.notebook_04.greedy(my_greedy)`."""

from showtell_lib.checks.result import Result

__all__ = ["Result"]
