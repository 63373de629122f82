"""The precision of the encoder's convolutions: float32, or bfloat16 where speed counts for more.

bfloat16 keeps float32's range, but 8 of its 24 bits of precision. Some processors compute with it
about twice as fast; captions may change. TensorFlow's graph optimiser knows which operations
tolerate bfloat16, and rewrites the encoder; weights, states and searches stay float32.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable

from showtell_lib.errors import SettingsError
from showtell_lib.quiet import Tensor, import_tensorflow

PRECISIONS = ("float32", "bfloat16")
TensorFunction = Callable[[Tensor], Tensor]
# TensorFlow has one switch for the whole process.
_SWITCH = threading.Lock()
_OPTION = "auto_mixed_precision_onednn_bfloat16"
# What oneDNN, TensorFlow's library for products, may be kept to; with these it has no bfloat16.
_LIMITS = ("ONEDNN_MAX_CPU_ISA", "DNNL_MAX_CPU_ISA")
_WITHOUT_BFLOAT16 = ("SSE41", "AVX", "AVX2", "AVX2_VNNI")


def check_precision(precision: str) -> None:
    """Checks a precision by name.

    Raises:
        SettingsError: it is not one of `PRECISIONS`, or oneDNN is kept from it: TensorFlow asks the
            processor only, and would end in the middle of its work.
    """
    if precision not in PRECISIONS:
        raise SettingsError(f"precision must be {' or '.join(PRECISIONS)}, not {precision!r}")
    if precision == "bfloat16" and (limit := bfloat16_limit()):
        raise SettingsError(
            f"there is no precision bfloat16 with {limit} in the environment; unset it, or take "
            "float32"
        )


def bfloat16_limit() -> str:
    """The setting in the environment that keeps oneDNN from bfloat16; "" where none does."""
    if os.environ.get("TF_ENABLE_ONEDNN_OPTS") == "0":
        return ""
    settings = ((name, os.environ.get(name, "").upper()) for name in _LIMITS)
    return next((f"{name}={told}" for name, told in settings if told in _WITHOUT_BFLOAT16), "")


def computed_in(precision: str, function: TensorFunction) -> TensorFunction:
    """Makes a TensorFlow function compute in a precision; for float32 it stays the function it is.

    Raises:
        SettingsError: as `check_precision`.
    """
    check_precision(precision)
    if precision == "float32":
        return function

    def in_bfloat16(values: Tensor) -> Tensor:
        tf = import_tensorflow()
        with _SWITCH:
            tf.config.optimizer.set_experimental_options({_OPTION: True})
            try:
                return function(values)
            finally:
                tf.config.optimizer.set_experimental_options({_OPTION: False})

    return in_bfloat16
