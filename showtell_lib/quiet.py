"""TensorFlow and Keras, imported late, without log lines and as this library needs them."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any

from showtell_lib.errors import SettingsError

# What this library's networks are made for, by the names of `keras.config`.
KERAS = {"backend": "tensorflow", "floatx": "float32", "image_data_format": "channels_last"}


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


def import_keras() -> Any:
    """Imports Keras over TensorFlow, with the number type and image format of our networks.

    Keras takes its settings from `KERAS_BACKEND` and `~/.keras/keras.json` when it is first
    imported. If that happens here, settings that our networks cannot do with are passed over.

    Returns:
        The `keras` module.

    Raises:
        SettingsError: the program that uses this library has set Keras otherwise, or Keras refuses
            its settings.
    """
    import_tensorflow()
    if "keras" not in sys.modules:
        _import_keras_as_needed()
    keras = sys.modules["keras"]
    found = {name: getattr(keras.config, name)() for name in KERAS}
    if found != KERAS:
        wrong = [f"{name} {value!r}" for name, value in found.items() if value != KERAS[name]]
        needed = [f"{KERAS[name]!r}" for name, value in found.items() if value != KERAS[name]]
        raise SettingsError(
            f"Keras was imported with {' and '.join(wrong)}; training and conversion need "
            f"{' and '.join(needed)}: import showtell_lib.training.network before keras"
        )
    return keras


def _import_keras_as_needed() -> None:
    before = os.environ.get("KERAS_BACKEND")
    os.environ["KERAS_BACKEND"] = KERAS["backend"]
    try:
        import keras
    except (ValueError, AttributeError) as error:
        reason = str(error).partition("\n")[0]
        raise SettingsError(
            f"Keras refuses its settings ({reason}); correct or delete keras.json in the folder "
            ".keras of your home"
        ) from None
    finally:
        if before is None:
            del os.environ["KERAS_BACKEND"]
        else:
            os.environ["KERAS_BACKEND"] = before
    keras.config.set_floatx(KERAS["floatx"])
    keras.config.set_image_data_format(KERAS["image_data_format"])


@contextmanager
def stderr_kept_back() -> Iterator[None]:
    """Holds back what C++ code writes to stderr; it is shown only if the block fails."""
    with suppress(OSError, AttributeError):  # It may be full, or None.
        sys.stderr.flush()
    try:
        shown = os.dup(2)
    except OSError:  # It is closed: there is nothing to hold back.
        yield
        return
    with _place_to_keep() as kept:
        os.dup2(kept.fileno(), 2)
        try:
            yield
        except BaseException:
            kept.seek(0)
            with suppress(OSError):
                os.write(shown, kept.read())
            raise
        finally:
            os.dup2(shown, 2)
            os.close(shown)


def _place_to_keep() -> IO[bytes]:
    """A temporary file; where there is no place for one, what is held back is not kept."""
    try:
        return tempfile.TemporaryFile()
    except OSError:
        return Path(os.devnull).open("w+b")
