"""TensorFlow, imported late and without its log lines."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, TypeAlias

# A `tf.Tensor`; TensorFlow has no types, and is not imported for the sake of a name.
Tensor: TypeAlias = Any


def import_tensorflow() -> Any:
    """Imports TensorFlow with its start-up messages silenced.

    It is imported only when a model is needed: importing it takes seconds, and `--help` should
    not. A `TF_CPP_MIN_LOG_LEVEL` that you set yourself is respected.

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
    """Holds back what C++ code writes to stderr; it is shown only if the block fails."""
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
