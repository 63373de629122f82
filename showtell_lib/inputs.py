"""What callers hand in, checked and brought into the form that the library works with."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import PurePath
from typing import Any

import numpy as np

from showtell_lib.errors import SettingsError


def plain(value: Any) -> Any:
    """The same value with Python's numbers for NumPy's, for JSON; also inside lists and dicts."""
    if isinstance(value, Mapping):
        return {plain(key): plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    return value.tolist() if isinstance(value, (np.generic, np.ndarray)) else value


def is_several(photos: Any) -> bool:
    """Whether these are photos, not one photo in any form that `open_photo` takes."""
    kinds = (str, bytes, bytearray, memoryview, PurePath, Mapping)
    picture = isinstance(photos, np.ndarray) and photos.ndim < 4
    single = isinstance(photos, kinds) or not isinstance(photos, Iterable)
    return not (single or picture or hasattr(photos, "read"))


def several(photos: Any) -> Any:
    """Photos as an iterable of photos; a single one becomes a list of one."""
    return photos if is_several(photos) else [photos]


def checked_ids(token_ids: Any, words: int) -> np.ndarray:
    """Token ids as int64 [N], each below `words`; a single one counts as a list of one.

    Raises:
        SettingsError: one is no whole number or outside the vocabulary, or they are no list.
    """
    try:
        ids = np.asarray(token_ids)
    except ValueError:  # Lists of different lengths.
        ids = np.asarray(token_ids, object)
    if ids.size and ids.dtype.kind not in "iu":
        raise SettingsError(f"token ids must be whole numbers, not {token_ids!r:.80}")
    if ids.ndim > 1:
        raise SettingsError(f"token ids must be one list, [N], not of shape {list(ids.shape)}")
    outside = [int(token_id) for token_id in ids.flat if not 0 <= token_id < words]
    if outside:
        raise SettingsError(
            f"token id {outside[0]} is outside the vocabulary, 0 to {words - 1}; "
            "`vocabulary.token_id(word)` gives the id of a word"
        )
    return np.atleast_1d(ids).astype(np.int64)


def checked_states(states: Any, width: int, count: int | None = None) -> np.ndarray:
    """LSTM states as float32 [N, width]; a single one, [width], counts as a list of one.

    Args:
        states: numbers.
        width: twice the LSTM's units.
        count: N, where it is known.

    Raises:
        SettingsError: they are no numbers, or of another shape.
    """
    try:
        array = np.asarray(states)
    except ValueError:
        array = np.asarray(states, object)
    if array.size and array.dtype.kind not in "fiu":
        raise SettingsError(
            f"states must be numbers, as `captioner.encode` gives them, not {states!r:.80}"
        )
    rows = array[np.newaxis] if array.ndim == 1 and array.size else array
    if rows.ndim != 2 or rows.shape[1] != width:
        raise SettingsError(
            f"states must have the shape [N, {width}], as `captioner.encode` gives them, "
            f"not {list(array.shape)}"
        )
    if count is not None and len(rows) != count:
        raise SettingsError(f"{count} token ids need as many states, not {len(rows)}")
    return rows.astype(np.float32, copy=False)
