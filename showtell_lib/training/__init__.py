"""Training a Show and Tell captioner: photos and captions in, weights out."""

from showtell_lib.training import datasets

__all__ = ["datasets"]
