"""The precision of the encoder's convolutions: float32, or bfloat16 where speed counts for more.

bfloat16 keeps float32's range, but 8 of its 24 bits of precision. Some processors compute with it
about twice as fast; captions may change. TensorFlow's graph optimiser knows which operations
tolerate bfloat16, and rewrites the encoder; weights, states and searches stay float32.
"""

from __future__ import annotations

import threading
from collections.abc import Callable

from showtell_lib.errors import SettingsError
from showtell_lib.quiet import Tensor, import_tensorflow

PRECISIONS = ("float32", "bfloat16")
TensorFunction = Callable[[Tensor], Tensor]
# TensorFlow has one switch for the whole process.
_SWITCH = threading.Lock()
_OPTION = "auto_mixed_precision_onednn_bfloat16"


def check_precision(precision: str) -> None:
    """Checks a precision by name.

    Raises:
        SettingsError: it is not one of `PRECISIONS`.
    """
    if precision not in PRECISIONS:
        raise SettingsError(f"precision must be {' or '.join(PRECISIONS)}, not {precision!r}")


def computed_in(precision: str, function: TensorFunction) -> TensorFunction:
    """Makes a TensorFlow function compute in a precision; for float32 it stays the function it is.

    Raises:
        SettingsError: the precision is not one of `PRECISIONS`.
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
