"""TensorFlow, imported late and without its log lines."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

# mypy cannot look into TensorFlow and Keras: these names say what a value is, and check nothing.
TensorFlow = Any
Tensor = Any
DType = Any
ConcreteFunction = Any
GraphDef = Any
NodeDef = Any
Layer = Any


def import_tensorflow() -> TensorFlow:
    """Imports TensorFlow with its start-up messages silenced.

    Importing TensorFlow takes seconds, which `--help` should not: only modules that nobody imports
    before a model is needed may call this at their top. A `TF_CPP_MIN_LOG_LEVEL` that you set
    yourself is respected.

    Returns:
        The `tensorflow` module.
    """
    if "tensorflow" in sys.modules:
        return sys.modules["tensorflow"]
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    # Some start-up lines come before TensorFlow reads that level, so only closing stderr helps.
    with stderr_kept_back():
        import tensorflow as tf
    return tf


@contextmanager
def stderr_kept_back() -> Iterator[None]:
    """Holds back what C++ code writes to stderr, and shows it only if the block fails."""
    sys.stderr.flush()
    shown = os.dup(2)
    with tempfile.TemporaryFile() as kept:
        os.dup2(kept.fileno(), 2)
        try:
            yield
        except BaseException:
            kept.seek(0)
            os.write(shown, kept.read())
            raise
        finally:
            os.dup2(shown, 2)
            os.close(shown)
