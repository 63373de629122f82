"""Figures in one style, each a `Picture` with alt text computed from its data."""

from showtell_lib.plots.picture import Picture

__all__ = ["Picture"]
