"""TensorFlow, imported late and without its log lines."""

from __future__ import annotations

import os
from typing import Any


def import_tensorflow() -> Any:
    """Imports TensorFlow with its C++ start-up messages silenced.

    It is imported only when a model is needed: importing it takes seconds, and `--help` should
    not. A `TF_CPP_MIN_LOG_LEVEL` that you set yourself is respected.

    Returns:
        The `tensorflow` module.
    """
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    import tensorflow as tf

    return tf
