"""TensorFlow and Keras, imported late, without log lines and as this library needs them."""

from __future__ import annotations

import atexit
import gc
import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext, suppress
from importlib.util import find_spec
from pathlib import Path
from typing import IO, Any, TypeAlias

from showtell_lib.errors import SettingsError, first_line

# What this library's networks are made for, by the names of `keras.config`.
KERAS = {"backend": "tensorflow", "floatx": "float32", "image_data_format": "channels_last"}

# mypy cannot look into TensorFlow and Keras: these names say what a value is, and check nothing.
TensorFlow: TypeAlias = Any
Tensor: TypeAlias = Any
DType: TypeAlias = Any
ConcreteFunction: TypeAlias = Any
GraphDef: TypeAlias = Any
NodeDef: TypeAlias = Any
Layer: TypeAlias = Any


def import_tensorflow() -> TensorFlow:
    """Imports TensorFlow with its start-up messages silenced, and without Keras.

    Importing TensorFlow takes seconds, which `--help` should not: only modules that nobody imports
    before a model is needed may call this at their top. A `TF_CPP_MIN_LOG_LEVEL` that you set
    yourself is respected.

    Keras, and with it Matplotlib, pandas and scikit-learn, would double the seconds; a captioner
    needs none of them. `tf.keras` and `tensorflow.keras` import Keras when they are first used.

    Returns:
        The `tensorflow` module.

    Raises:
        SettingsError: TensorFlow is not installed.
    """
    if "tensorflow" in sys.modules:
        return sys.modules["tensorflow"]
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    if os.path.expanduser("~") == "~":  # noqa: PTH111 - Path.expanduser raises where this does not.
        # Without a home, Keras would leave a folder of that name where the program runs.
        os.environ.setdefault("KERAS_HOME", "/tmp/.keras")
    # Some start-up lines come before TensorFlow reads that level, so only closing stderr helps.
    with _without_keras(), stderr_kept_back(), _long_lived():
        try:
            import tensorflow as tf
        except ImportError as error:
            raise SettingsError(
                f"TensorFlow cannot be imported ({first_line(error)}); install the project again"
            ) from None
    # When Python ends, what is left need not be looked through.
    atexit.register(gc.freeze)
    return tf


@contextmanager
def _long_lived() -> Iterator[None]:
    """What is imported in this block stays for good, and is not looked through for garbage.

    Looking through TensorFlow frees nothing; here, and when Python ends, it would take a fifth of
    the time of `showtell caption`.
    """
    collects = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if not gc.get_freeze_count():
            # Together: all that there is by now counts as old, and is still freed when it can be.
            gc.freeze()
            gc.unfreeze()
        if collects:
            gc.enable()


@contextmanager
def _without_keras() -> Iterator[None]:
    """TensorFlow, imported in this block, finds no Keras; after it `tensorflow.keras` is there."""
    if "keras" in sys.modules:
        yield
        return
    sys.modules["keras"] = None  # type: ignore[assignment]
    try:
        yield
    finally:
        del sys.modules["keras"]
    keras = find_spec("keras")
    if keras and keras.origin:
        path = sys.modules["tensorflow"].__path__
        # The places where TensorFlow looked for Keras in vain are None.
        path[:] = [str(Path(keras.origin).parent / "_tf_keras"), *filter(None, path)]


def import_keras() -> Any:
    """Imports Keras over TensorFlow, with the number type and image format of our networks.

    Keras takes its settings from `KERAS_BACKEND` and `~/.keras/keras.json` when it is imported.
    Those in `KERAS` are then set as our networks need them.

    Returns:
        The `keras` module.

    Raises:
        SettingsError: Keras is not installed, or refuses the settings that it finds; or the program
            that uses this library has imported Keras with other settings.
    """
    import_tensorflow()
    ours = "keras" not in sys.modules
    with _keras_on_tensorflow(), _long_lived() if ours else nullcontext():
        import keras
    if ours:
        keras.config.set_floatx(KERAS["floatx"])
        keras.config.set_image_data_format(KERAS["image_data_format"])
    found = {name: getattr(keras.config, name)() for name in KERAS}
    wrong = [name for name, needed in KERAS.items() if found[name] != needed]
    if wrong:
        raise SettingsError(
            f"Keras was imported with {' and '.join(f'{n} {found[n]}' for n in wrong)}, but needs "
            f"{' and '.join(KERAS[n] for n in wrong)} here; start Python anew, and import "
            "showtell_lib.training.network before Keras and TensorFlow"
        )
    return keras


@contextmanager
def _keras_on_tensorflow() -> Iterator[None]:
    """In this block Keras chooses TensorFlow, whatever it was told to choose."""
    before = os.environ.get("KERAS_BACKEND")
    os.environ["KERAS_BACKEND"] = KERAS["backend"]
    try:
        yield
    except (ImportError, ValueError, AssertionError) as error:
        reason = first_line(error) or type(error).__name__
        raise SettingsError(
            f"Keras cannot be imported ({reason}); correct KERAS_BACKEND and "
            "keras.json in the folder .keras of your home if you have set them, or install the "
            "project again"
        ) from None
    finally:
        if before is None:
            del os.environ["KERAS_BACKEND"]
        else:
            os.environ["KERAS_BACKEND"] = before


@contextmanager
def stderr_kept_back() -> Iterator[None]:
    """Holds back what C++ code writes to stderr, and shows it only if the block fails."""
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
