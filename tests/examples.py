"""How many examples a property is tried on: the number it states, or in a thorough run tenfold.

The profiles are in tests/conftest.py: `pytest --hypothesis-profile thorough` chooses one.
"""

from __future__ import annotations

from hypothesis import settings

# Of a property that states no number.
QUICK, THOROUGH = 100, 1000


def examples(number: int) -> settings:
    """The settings of a property that a quick run tries on this many examples."""
    share = settings().max_examples / QUICK
    return settings(max_examples=round(number * share), deadline=None)
