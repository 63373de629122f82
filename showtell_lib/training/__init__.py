"""Training a Show and Tell captioner: photos and captions in, weights out."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
